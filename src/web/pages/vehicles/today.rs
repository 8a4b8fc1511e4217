//! What the first page says of cars: mine is out, mine may leave, lines to check and explain, the book that is due, the
//! books to review, repairs that go on.

use super::phone_of;
use crate::access::rules::Rules;
use crate::access::{Action, reach};
use crate::kernel::rights::Reach;
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::reminders::{OTHERWISE_SUBMIT_BY, SUBMIT_BY_DAY};
use crate::vehicles::repairs::model::State as RepairState;
use crate::vehicles::repairs::store::{self as repairs, Wanted as Repairs};
use crate::vehicles::trips::model::{State, SubmissionState, due_on, month_before};
use crate::vehicles::trips::store::{self, Wanted};
use crate::web::pages::parts::Mark;
use crate::web::pages::today::{Duty, deadline};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App};

/// So many lines of one sort are shown.
const LINES: u64 = 8;

/// What whoever looks must do with cars.
pub(in crate::web::pages) async fn duties(app: &App, ctx: &Ctx, frame: &Frame) -> Result<Vec<Duty>, ApiError> {
    let mut duties = Vec::new();
    if frame.may(Action::TripsDrive) && ctx.person().is_some() {
        mine(app, ctx, frame, &mut duties).await?;
    }
    if frame.may(Action::TripsCheck) {
        to_check(app, ctx, frame, &mut duties).await?;
    }
    if frame.may(Action::TripsSubmit) || frame.may(Action::TripsReview) {
        months(app, ctx, frame, &mut duties).await?;
    }
    if frame.may(Action::RepairsRun) {
        mending(app, ctx, frame, &mut duties).await?;
    }
    Ok(duties)
}

/// The car with which they are out, and what they may leave with.
async fn mine(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    let (db, w) = (app.db().read(), &frame.words.vehicles.today);
    for (state, text, button) in [(State::Out, &w.out, &w.go_out), (State::Approved, &w.depart, &w.go_depart)] {
        let wanted = Wanted { state: Some(state), mine: true, ..Wanted::default() };
        for one in store::list(db, ctx, &wanted, LINES).await? {
            let row = &one.row;
            if row.repair_id.is_some() || (state == State::Out && row.driver_id != ctx.person()) {
                continue;
            }
            let plates = super::list::plates(db, [row.item_id]).await?;
            let plate = plates.get(&row.item_id).cloned().unwrap_or_default();
            let since = row.departed_at.unwrap_or(row.asked_at);
            duties.push(Duty {
                text: text.replace("{what}", &format!("{plate} {}", row.destination)),
                more: row.purpose.clone(),
                mark: Mark::new("warn", super::minute(Some(since))),
                href: phone_of(&plate),
                button: button.clone(),
                due: since.0,
            });
        }
    }
    Ok(())
}

/// Lines of their units to check or to explain. Whoever runs the whole sub-bureau is not asked to do it for each.
async fn to_check(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if reach(ctx, Action::TripsCheck) == Reach::Everywhere {
        return Ok(());
    }
    let w = &frame.words.vehicles.today;
    let states = [State::Returned, State::Questioned];
    let counts = store::count_in(app.db().read(), ctx, Action::TripsCheck, &states).await?;
    for (state, text, button) in
        [(State::Returned, &w.check, &w.go_check), (State::Questioned, &w.explain, &w.go_explain)]
    {
        let Some(many) = counts.get(&state) else { continue };
        duties.push(Duty {
            text: text.replace("{count}", &many.to_string()),
            more: String::new(),
            mark: Mark::new(if state == State::Questioned { "warn" } else { "plain" }, many.to_string()),
            href: format!("/vehicles/trips?state={}", state.as_str()),
            button: button.clone(),
            due: if state == State::Questioned { 0 } else { i64::MAX - 2 },
        });
    }
    Ok(())
}

/// The book of the last month: to hand in for one's unit; to review for the command centre.
async fn months(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    let (db, w) = (app.db().read(), &frame.words.vehicles.today);
    let month = month_before(ctx.now().day());
    let by_day = Rules::load(db).await?.number(SUBMIT_BY_DAY, ctx.now(), OTHERWISE_SUBMIT_BY);
    let Some(due) = due_on(&month, by_day).map(Timestamp::end_of_day) else { return Ok(()) };
    let all = store::months(db, ctx, &month).await?;
    let (submits, reviews) = (reach(ctx, Action::TripsSubmit), reach(ctx, Action::TripsReview));
    for one in all.iter().filter(|one| one.submission.is_none()) {
        if submits != Reach::Everywhere && submits.covers(Some(one.unit)) {
            duties.push(Duty {
                text: w.submit.replace("{month}", &month),
                more: String::new(),
                mark: deadline(frame, due, ctx.now()),
                href: format!("/vehicles/months/{month}/{}", one.unit),
                button: w.go_submit.clone(),
                due: due.0,
            });
        }
    }
    let open = |state| matches!(state, SubmissionState::Submitted | SubmissionState::Explained);
    let waits = |one: &&store::MonthOf| {
        one.submission.as_ref().is_none_or(|row| open(row.state)) && reviews.covers(Some(one.unit))
    };
    if all.iter().filter(waits).count() > 0 {
        let done = all.iter().filter(|one| one.submission.is_some()).count();
        let text = w.review.replace("{month}", &month).replace("{done}", &done.to_string());
        duties.push(Duty {
            text: text.replace("{all}", &all.len().to_string()),
            more: String::new(),
            mark: deadline(frame, due, ctx.now()),
            href: format!("/vehicles/months/{month}"),
            button: w.go_review.clone(),
            due: due.0,
        });
    }
    Ok(())
}

/// Repairs of their units that wait for the next step.
async fn mending(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    let (db, w) = (app.db().read(), &frame.words.vehicles.today);
    for state in [RepairState::Approved, RepairState::Entered, RepairState::Sent] {
        let wanted = Repairs { state: Some(state), ..Repairs::default() };
        for one in repairs::list(db, ctx, &wanted, LINES).await? {
            let plates = super::list::plates(db, [one.row.item_id]).await?;
            let plate = plates.get(&one.row.item_id).cloned().unwrap_or_default();
            let mark = super::repairs::repair_mark(frame, one.state);
            duties.push(Duty {
                text: w.repair.replace("{what}", &format!("{plate} {}", one.row.number)),
                more: one.row.fault.clone(),
                mark,
                href: format!("/vehicles/repairs/{}", one.row.number),
                button: w.go_repair.clone(),
                due: one.row.asked_at.0,
            });
        }
    }
    Ok(())
}
