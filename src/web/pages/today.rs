//! The first page: what whoever looks must do, most urgent first, then what they watch.

mod reports;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hashbrown::HashMap;

use super::me::named;
use super::parts::Mark;
use super::view::{Frame, show as page};
use crate::access::{self, Action, Identity};
use crate::approvals::{self, Granted};
use crate::assets::missing::store as missing;
use crate::assets::movements::model::{Deed, State as Standing};
use crate::assets::movements::store as moves;
use crate::assets::surplus::model::State as Entering;
use crate::assets::surplus::store as surpluses;
use crate::db::DbError;
use crate::findings::entity::finding;
use crate::findings::model::State as FindingState;
use crate::findings::store as findings;
use crate::items::store as items;
use crate::kernel::rights::Reach;
use crate::kernel::text::thousands;
use crate::kernel::{Ctx, Timestamp};
use crate::stocktake::model::{CampaignState, MissingState, SheetState};
use crate::stocktake::{entity::sheet, look};
use crate::web::api::accounts::Me;
use crate::web::{ApiError, App};

/// So many lines of one sort are shown; the rest is behind the link.
const LINES: u64 = 8;
/// So many campaigns under way are watched.
const CAMPAIGNS: u64 = 5;
const DAY_MS: i64 = 24 * 3600 * 1000;

/// Something to do.
#[derive(Debug)]
pub(super) struct Duty {
    pub(super) text: String,
    pub(super) more: String,
    pub(super) mark: Mark,
    pub(super) href: String,
    pub(super) button: String,
    /// What sorts it: the deadline, or the end of time.
    pub(super) due: i64,
}

/// A campaign under way.
#[derive(Debug)]
struct Watched {
    number: String,
    name: String,
    /// Of a hundred, how many are seen; nothing where that is not to be known.
    percent: Option<i64>,
    counted: String,
    not_begun: String,
}

#[derive(Template)]
#[template(path = "today.html")]
struct Today {
    frame: Frame,
    title: String,
    duties: Vec<Duty>,
    campaigns: Vec<Watched>,
    numbers: Vec<(String, String, String)>,
}

pub(super) async fn show(State(app): State<App>, Me(me): Me, frame: Frame) -> Result<Response, ApiError> {
    let (name, unit) = named(&app, &me).await.map_err(DbError::from)?;
    let who = if unit.is_empty() { name } else { format!("{unit} · {name}") };
    let title = frame.words.today.list.title.replace("{name}", &who);
    let mut duties = Vec::new();
    explanations(&app, &me, &frame, &mut duties).await?;
    decisions(&app, &me.ctx, &frame, &mut duties).await?;
    let campaigns = counts(&app, &me.ctx, &frame, &mut duties).await?;
    movements(&app, &me.ctx, &frame, &mut duties).await?;
    reports::duties(&app, &me.ctx, &frame, &mut duties).await?;
    losses(&app, &me.ctx, &frame, &mut duties).await?;
    labels(&app, &me.ctx, &frame, &mut duties).await?;
    duties.extend(super::vehicles::today(&app, &me.ctx, &frame).await?);
    duties.sort_by_key(|duty| duty.due);
    let numbers = numbers(&app, &me.ctx, &frame).await?;
    Ok(page(StatusCode::OK, None, &Today { title, duties, campaigns, numbers, frame }))
}

/// What is said of a deadline.
pub(super) fn deadline(frame: &Frame, due: Timestamp, now: Timestamp) -> Mark {
    let w = &frame.words.today.list;
    if due < now {
        let days = ((now.0 - due.0) / DAY_MS + 1).to_string();
        Mark::new("bad", w.overdue.replace("{days}", &days))
    } else {
        let soon = due.0 - now.0 < 3 * DAY_MS;
        Mark::new(if soon { "warn" } else { "plain" }, w.due.replace("{day}", &due.day().to_string()))
    }
}

/// Findings that wait for them: to explain as their owner; to hand out, verify or close as their office.
async fn explanations(app: &App, me: &Identity, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if !frame.may(Action::FindingsRead) {
        return Ok(());
    }
    let w = &frame.words.today.list;
    let sorts = [
        (FindingState::Assigned, Action::FindingsExplain, me.person, &w.finding_explain, &w.explain),
        (FindingState::Explained, Action::FindingsVerify, None, &w.finding_verify, &w.verify),
        (FindingState::Verified, Action::FindingsClose, None, &w.finding_close, &w.close_it),
        (FindingState::Open, Action::FindingsAssign, None, &w.finding_assign, &w.assign),
    ];
    for (state, action, owner, text, button) in sorts {
        // Whoever has no person behind their account owns nothing.
        if !frame.may(action) || (state == FindingState::Assigned && owner.is_none()) {
            continue;
        }
        let wanted = findings::Wanted { state: Some(state), owner, ..findings::Wanted::default() };
        let all = findings::counts(app.db().read(), &me.ctx, &wanted).await?;
        let many: i64 = all.iter().map(|count| count.findings).sum();
        // One line a finding while they can be told apart; else one line for all.
        if many > i64::try_from(LINES).unwrap_or(i64::MAX) {
            let late: i64 = all.iter().map(|count| count.overdue).sum();
            duties.push(many_findings(frame, state, (many, late), text, button, owner.is_some()));
            continue;
        }
        for row in findings::list(app.db().read(), &me.ctx, &wanted, LINES).await? {
            duties.push(one_finding(frame, &row, text, button, me.ctx.now()));
        }
    }
    Ok(())
}

fn one_finding(frame: &Frame, row: &finding::Model, text: &str, button: &str, now: Timestamp) -> Duty {
    Duty {
        text: text.replace("{what}", &row.title),
        more: row.description.clone(),
        mark: deadline(frame, row.deadline_at, now),
        href: format!("/findings/{}", row.id.0),
        button: button.to_owned(),
        due: row.deadline_at.0,
    }
}

fn many_findings(
    frame: &Frame,
    state: FindingState,
    (many, late): (i64, i64),
    text: &str,
    button: &str,
    own: bool,
) -> Duty {
    let w = &frame.words.today.list;
    let things = |count: i64| w.things.replace("{count}", &thousands(count.unsigned_abs()));
    let late_mark = Mark::new("bad", format!("{} {}", frame.words.duties.list.late, things(late)));
    let mine = if own { "&mine=yes" } else { "" };
    Duty {
        text: text.replace("{what}", &things(many)),
        more: String::new(),
        mark: if late > 0 { late_mark } else { Mark::new("plain", things(many)) },
        href: format!("/findings?state={}{mine}", super::duties::state_name(state)),
        button: button.to_owned(),
        due: if late > 0 { 0 } else { i64::MAX - 1 },
    }
}

/// Requests that wait for their decision.
async fn decisions(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if !frame.may(Action::ApprovalsDecide) {
        return Ok(());
    }
    let w = &frame.words.today.list;
    let wanted = approvals::store::Wanted { for_me: true, ..approvals::store::Wanted::default() };
    for one in approvals::store::list(app.db().read(), ctx, &Granted, &wanted, LINES).await? {
        duties.push(Duty {
            text: w.approval.replace("{what}", &one.row.reason),
            more: String::new(),
            mark: Mark::new("plain", one.row.requested_at.day().to_string()),
            href: format!("/approvals/{}", one.row.id.0),
            button: w.decide.clone(),
            due: one.row.requested_at.0,
        });
    }
    Ok(())
}

/// Movements that wait for them: to accept as the unit that is to have the things, to carry out as whoever asked.
async fn movements(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if !frame.may(Action::AssetsMove) {
        return Ok(());
    }
    let w = &frame.words.movements.list;
    let right = access::reach(ctx, Action::AssetsMove);
    for state in [Standing::Approved, Standing::Accepted] {
        let wanted = moves::Wanted { state: Some(state), ..moves::Wanted::default() };
        for one in moves::list(app.db().read(), ctx, &wanted, LINES).await? {
            let row = &one.row;
            let mine = ctx.person().is_some() && row.asker_id == ctx.person();
            let to_accept = one.state.after(row.kind, Deed::Accept).is_ok();
            // Whoever runs the whole sub-bureau is not asked to accept for each unit.
            let theirs = right != Reach::Everywhere && row.to_unit_id.is_some_and(|unit| right.covers(Some(unit)));
            let finishes = access::permit(ctx, Action::ItemsWriteOff, Some(row.unit_id)).is_ok();
            let (text, button) = match (to_accept, row.kind.disposes()) {
                (true, _) if theirs && !mine => (&w.today_accept, &w.go_accept),
                (false, true) if finishes => (&w.today_carry_out, &w.go_carry_out),
                (false, false) if mine => (&w.today_carry_out, &w.go_carry_out),
                _ => continue,
            };
            let kind = frame.either(row.kind.zh(), row.kind.as_str());
            duties.push(Duty {
                text: text.replace("{what}", &format!("{kind} {}", row.number)),
                more: row.reason.clone(),
                mark: Mark::new("plain", row.asked_at.day().to_string()),
                href: format!("/assets/movements/{}", row.number),
                button: button.clone(),
                due: row.asked_at.0,
            });
        }
    }
    Ok(())
}

/// Missing and surplus things that wait for them: lists to acknowledge as their unit, what is explained to confirm as its
/// head, what is approved to write off or to enter.
async fn losses(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    let (db, w) = (app.db().read(), &frame.words.losses.list);
    // Whoever runs the whole sub-bureau does not do each unit's part.
    let within = |action, unit| {
        access::reach(ctx, action) != Reach::Everywhere && access::permit(ctx, action, Some(unit)).is_ok()
    };
    let duty = |text: String, more: String, mark: Mark, href: String, button: &String, due: i64| Duty {
        text,
        more,
        mark,
        href,
        button: button.clone(),
        due,
    };
    if frame.may(Action::AssetsMove) || frame.may(Action::LossesConfirm) {
        for row in missing::lists(db, ctx, None, true, LINES).await? {
            if within(Action::AssetsMove, row.unit_id) || within(Action::LossesConfirm, row.unit_id) {
                let until = Timestamp::end_of_day(row.due_on);
                let what = format!("{} {}", w.year_of.replace("{year}", &row.list_year.to_string()), row.number);
                let (text, href) =
                    (w.today_list.replace("{what}", &what), format!("/assets/missing/lists/{}", row.number));
                duties.push(duty(text, row.note, deadline(frame, until, ctx.now()), href, &w.go_list, until.0));
            }
        }
    }
    for (state, action, text, button) in [
        (MissingState::Searching, Action::LossesConfirm, &w.today_confirm, &w.go_confirm),
        (MissingState::Approved, Action::ItemsWriteOff, &w.today_write_off, &w.go_write_off),
    ] {
        if !frame.may(action) {
            continue;
        }
        let explained = state == MissingState::Searching;
        let wanted = missing::Wanted { state: Some(state), explained, ..missing::Wanted::default() };
        for one in missing::list(db, ctx, &wanted, LINES).await? {
            if explained && !within(action, one.loss.unit_id) {
                continue;
            }
            let what = format!("{} {}", one.thing.item_number, one.thing.name);
            let since = one.loss.explained_at.unwrap_or(one.case.opened_at);
            let mark = Mark::new("plain", since.day().to_string());
            let href = format!("/assets/missing/{}", one.case.id);
            duties.push(duty(text.replace("{what}", &what), one.loss.explanation, mark, href, button, since.0));
        }
    }
    if frame.may(Action::ItemsRegister) {
        let w = &frame.words.losses.surplus;
        let wanted = surpluses::Wanted { state: Some(Entering::Approved), ..surpluses::Wanted::default() };
        for one in surpluses::list(db, ctx, &wanted, LINES).await? {
            let row = one.row;
            let (text, mark) =
                (format!("{} {}", row.number, row.name), Mark::new("plain", row.opened_at.day().to_string()));
            let href = format!("/assets/surpluses/{}", row.number);
            duties.push(duty(w.today.replace("{what}", &text), row.value_source, mark, href, &w.go, row.opened_at.0));
        }
    }
    Ok(())
}

/// The counts under way: one's own sheets to fill or to sign, and how far all are.
async fn counts(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<Vec<Watched>, ApiError> {
    if !frame.may(Action::CampaignsRead) {
        return Ok(Vec::new());
    }
    let (db, w) = (app.db().read(), &frame.words.today.list);
    let mut watched = Vec::new();
    for campaign in look::campaigns(db, ctx, None, CAMPAIGNS).await? {
        if !matches!(campaign.state, CampaignState::Counting | CampaignState::Reviewing) {
            continue;
        }
        let (campaign, sheets) = look::campaign(db, ctx, &campaign.number, Action::CampaignsRead).await?;
        let progress = look::progress(db, campaign.id).await?;
        let of = |sheet: &sheet::Model| progress.get(&sheet.id).copied().unwrap_or_default();
        let whole = sheets.iter().map(of).fold((0, 0), |sum, one| (sum.0 + one.seen, sum.1 + one.expected));
        // Whoever counts blind is not told how much there is to find, here no more than elsewhere.
        let told = sheets.iter().all(|sheet| look::sees_book(ctx, &campaign, sheet.state, sheet.unit_id));
        let not_begun = sheets.iter().filter(|sheet| of(sheet).seen == 0 && sheet.state == SheetState::Open).count();
        let names = look::unit_names(db).await?;
        for sheet in &sheets {
            if let Some(duty) = of_sheet(frame, ctx, &campaign, sheet, &names) {
                duties.push(duty);
            }
        }
        watched.push(Watched {
            number: campaign.number.clone(),
            name: campaign.name.clone(),
            percent: told.then(|| if whole.1 == 0 { 0 } else { whole.0 * 100 / whole.1 }),
            counted: if told {
                let (seen, expected) = (thousands(whole.0.unsigned_abs()), thousands(whole.1.unsigned_abs()));
                w.counted.replace("{seen}", &seen).replace("{expected}", &expected)
            } else {
                w.blind.clone()
            },
            not_begun: if not_begun == 0 {
                String::new()
            } else {
                w.not_begun.replace("{count}", &not_begun.to_string())
            },
        });
    }
    Ok(watched)
}

/// What a sheet asks of whoever looks; whoever runs the whole sub-bureau's count is not asked to fill each sheet.
fn of_sheet(
    frame: &Frame,
    ctx: &Ctx,
    campaign: &crate::stocktake::entity::campaign::Model,
    sheet: &sheet::Model,
    names: &HashMap<crate::kernel::ids::UnitId, String>,
) -> Option<Duty> {
    let w = &frame.words.today.list;
    let unit = names.get(&sheet.unit_id).map_or("", String::as_str);
    let what = format!("{} · {unit}", campaign.name);
    let within = |action| {
        access::reach(ctx, action) != Reach::Everywhere && access::permit(ctx, action, Some(sheet.unit_id)).is_ok()
    };
    let (text, button, href) = match sheet.state {
        SheetState::Open if within(Action::CampaignsSubmit) => (&w.sheet_count, &w.count, "/scan".to_owned()),
        SheetState::Submitted if within(Action::CampaignsConfirm) => {
            (&w.sheet_confirm, &w.confirm, format!("/stocktake/{}/sheets/{}", campaign.number, sheet.id.0))
        }
        _ => return None,
    };
    Some(Duty {
        text: text.replace("{what}", &what),
        more: String::new(),
        mark: deadline(frame, campaign.window_to, ctx.now()),
        href,
        button: button.clone(),
        due: campaign.window_to.0,
    })
}

/// Labels that no longer say what is true.
async fn labels(app: &App, ctx: &Ctx, frame: &Frame, duties: &mut Vec<Duty>) -> Result<(), ApiError> {
    if !frame.may(Action::LabelsPrint) {
        return Ok(());
    }
    let many = items::reprints_waiting(app.db().read(), &access::reach(ctx, Action::LabelsPrint)).await?;
    let w = &frame.words.today.list;
    if many > 0 {
        duties.push(Duty {
            text: w.reprint.replace("{count}", &thousands(many)),
            more: String::new(),
            mark: Mark::new("plain", w.no_deadline.clone()),
            href: "/labels/queue".to_owned(),
            button: w.print.clone(),
            due: i64::MAX,
        });
    }
    Ok(())
}

/// The figures worth a look each day, each with the way to the lines behind it.
async fn numbers(app: &App, ctx: &Ctx, frame: &Frame) -> Result<Vec<(String, String, String)>, ApiError> {
    let mut numbers = Vec::new();
    if frame.may(Action::FindingsRead) {
        let all = findings::counts(app.db().read(), ctx, &findings::Wanted::default()).await?;
        let open: i64 =
            all.iter().filter(|count| count.state != FindingState::Closed).map(|count| count.findings).sum();
        let late: i64 = all.iter().map(|count| count.overdue).sum();
        let w = &frame.words.duties.list;
        numbers.push((thousands(open.unsigned_abs()), w.open_now.clone(), "/findings".to_owned()));
        numbers.push((thousands(late.unsigned_abs()), w.late_now.clone(), "/findings?overdue=yes".to_owned()));
    }
    Ok(numbers)
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Today { frame, title, duties, campaigns, numbers }
        Duty { text, more, mark, href, button, due }
        Watched { number, name, percent, counted, not_begun }
    }
    renders! {
        today: Today,
    }
}
