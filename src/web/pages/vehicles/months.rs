//! The books of a month: who has handed in and who has not; a unit's month with its lines, to check, hand in, accept.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::{IntoResponse as _, Redirect, Response};
use chrono::Months;
use sea_orm::prelude::Uuid;

use super::number;
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::vehicles::reminders::{OTHERWISE_SUBMIT_BY, SUBMIT_BY_DAY};
use crate::vehicles::trips::model::{SubmissionState, due_on, month_before, month_begins, month_of};
use crate::vehicles::trips::months;
use crate::vehicles::trips::store::{self, MonthOf, Shown};
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// The month that is due: the one before this.
pub(super) async fn latest(Caller(ctx): Caller) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    Ok(Redirect::to(&format!("/vehicles/months/{}", month_before(ctx.now().day()))).into_response())
}

fn known(month: &str) -> Result<chrono::NaiveDate, ApiError> {
    month_begins(month).ok_or_else(|| ApiError::NotFound("没有这个月份".to_owned()))
}

fn mark(frame: &Frame, month: &MonthOf) -> Mark {
    let w = &frame.words.vehicles.month;
    match month.submission.as_ref().map(|row| row.state) {
        None => Mark::new("bad", w.not_yet.clone()),
        Some(state) => {
            let look = match state {
                SubmissionState::Accepted => "good",
                SubmissionState::Questioned => "bad",
                SubmissionState::Submitted | SubmissionState::Explained => "ask",
            };
            Mark::new(look, frame.either(state.zh(), state.as_str()))
        }
    }
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(month): Path<String>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (first, db) = (known(&month)?, app.db().read());
    let mut all = store::months(db, &ctx, &month).await?;
    // Who has not handed in comes first, then what waits for somebody.
    all.sort_by_key(|one| one.submission.as_ref().map(|row| row.state == SubmissionState::Accepted));
    let names = Names::of(db, [], []).await?;
    let w = &frame.words.vehicles.month;
    let [trips, km, unchecked, gaps, urgent] =
        [&w.trips, &w.km, &w.unchecked, &w.gaps, &w.urgent].map(|name| format!("#{name}"));
    let mut table = Table::new(&[&w.unit, &w.state, &trips, &km, &unchecked, &gaps, &urgent, &w.submitted]);
    let some = |many: i64| Td::num(if many == 0 { String::new() } else { many.to_string() }, "");
    for one in &all {
        let (mark, row) = (mark(&frame, one), one.submission.as_ref());
        let late = row.filter(|row| row.late).map(|_| w.late.clone()).unwrap_or_default();
        table.rows.push(vec![
            Td::link(names.unit(Some(one.unit)), format!("/vehicles/months/{month}/{}", one.unit)),
            Td::mark(mark.look, mark.text).because(late),
            Td::num(one.count.trips.to_string(), ""),
            Td::num(number(Some(one.count.km)), ""),
            some(one.count.unchecked),
            some(one.count.gaps),
            some(one.count.urgent),
            Td::time(row.map(|row| row.submitted_at)),
        ]);
    }
    table.empty = ("car", w.no_units.clone(), String::new(), String::new(), String::new());
    let done = all.iter().filter(|one| one.submission.is_some()).count();
    let title = w.title.replace("{month}", &month).replace("{done}", &done.to_string());
    let title = title.replace("{all}", &all.len().to_string());
    let notes = match all.len() - done {
        0 => Vec::new(),
        missing => vec![w.missing.replace("{count}", &missing.to_string())],
    };
    let other = |text: &String, day: Option<chrono::NaiveDate>| {
        let href = format!("/vehicles/months/{}", month_of(day.unwrap_or(first)));
        Step { text: text.clone(), href, ..Step::default() }
    };
    let steps = vec![
        other(&w.earlier, first.checked_sub_months(Months::new(1))),
        other(&w.later, first.checked_add_months(Months::new(1))),
    ];
    let by_day = Rules::load(db).await?.number(SUBMIT_BY_DAY, ctx.now(), OTHERWISE_SUBMIT_BY);
    let by = due_on(&month, by_day).map(|day| w.by.replace("{day}", &day.to_string())).unwrap_or_default();
    let lead = format!("{} {by}", w.lead);
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let block = Block { notes, table: Some(table), ..Block::default() };
    Ok(Board { back, lead, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn show_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((month, unit)): Path<(String, Uuid)>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.vehicles.month;
    let said = match asked.get("said") {
        "checked" => w.said_checked.clone(),
        "submitted" => w.said_submitted.clone(),
        "accepted" => w.said_accepted.clone(),
        _ => String::new(),
    };
    one(&app, &ctx, frame, &month, UnitId(unit), (said, Faults::default())).await
}

async fn one(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    month: &str,
    unit: UnitId,
    (said, faults): (String, Faults),
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::VehiclesRead)?;
    known(month)?;
    let db = app.db().read();
    let all = store::months(db, ctx, month).await?;
    let of =
        all.into_iter().find(|one| one.unit == unit).ok_or_else(|| ApiError::NotFound("没有这个单位".to_owned()))?;
    let rows = store::of_month(db, unit, month).await?;
    let rows: Vec<Shown> = rows.into_iter().map(|row| Shown { state: row.state, approval: None, row }).collect();
    let names = Names::of(db, rows.iter().filter_map(|one| one.row.driver_id), []).await?;
    let (w, mark) = (&frame.words.vehicles.month, mark(&frame, &of));
    let table = super::trips::table(app, &frame, &names, &rows).await?;
    let table = Table { empty: ("car", w.none.clone(), String::new(), String::new(), String::new()), ..table };
    let title = w.one_title.replace("{unit}", &names.unit(Some(unit))).replace("{month}", month);
    let title = format!("{title} · {}", mark.text);
    let mut blocks = deeds(&frame, ctx, month, &of, &faults);
    blocks.push(Block { table: Some(table), ..Block::default() });
    let back = (format!("/vehicles/months/{month}"), w.submitted.clone());
    let lead = format!("{} {} · {} {}", w.trips, of.count.trips, w.km, number(Some(of.count.km)));
    Ok(Board { back, lead, said, blocks, ..Board::new(frame, title) }.answer())
}

/// What may be done with a unit's month now.
fn deeds(frame: &Frame, ctx: &Ctx, month: &str, of: &MonthOf, faults: &Faults) -> Vec<Block> {
    let (w, t, unit) = (&frame.words.vehicles.month, &frame.words.vehicles.trip, Some(of.unit));
    let form = |deed: &str, label: &String, help: String, fields: Vec<Field>, why: String| {
        let sheet = Sheet {
            action: format!("/vehicles/months/{month}/{}/{deed}", of.unit),
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: faults.general().to_owned(),
            why,
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help], form: Some(sheet), ..Block::default() }
    };
    let why = |allowed: bool, words: &String| if allowed { String::new() } else { words.clone() };
    match &of.submission {
        None => {
            let (checks, submits) =
                (permit(ctx, Action::TripsCheck, unit).is_ok(), permit(ctx, Action::TripsSubmit, unit).is_ok());
            let mut blocks = Vec::new();
            if of.count.unchecked > 0 {
                let help = w.check_all_help.replace("{count}", &of.count.unchecked.to_string());
                blocks.push(form("check", &w.check_all, help, Vec::new(), why(checks, &t.not_manager)));
            }
            let note = Field::text("note", &frame.words.vehicles.field.note, "", &Faults::default());
            blocks.push(form("submit", &w.submit, w.submit_help.clone(), vec![note], why(submits, &t.not_manager)));
            blocks
        }
        Some(row) if row.state != SubmissionState::Accepted => {
            let reviews = permit(ctx, Action::TripsReview, unit).is_ok();
            let cannot = match row.state {
                SubmissionState::Questioned => w.questioned.clone(),
                _ => why(reviews, &t.not_centre),
            };
            let help = w.accept_help.replace("{count}", &row.trip_count.to_string());
            vec![form("accept", &w.accept, help, Vec::new(), cannot)]
        }
        Some(_) => Vec::new(),
    }
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((month, unit, deed)): Path<(String, Uuid, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (asker, of, note, whose) = (ctx.clone(), month.clone(), typed.get("note").to_owned(), UnitId(unit));
    let done: Result<&str, ApiError> = match deed.as_str() {
        "check" => {
            let done = app.write(move |db| async move { months::check_month(&db, &asker, whose, &of).await }).await;
            done.map(|_| "checked")
        }
        "submit" => {
            let done = app.write(move |db| async move { months::submit(&db, &asker, whose, &of, &note).await }).await;
            done.map(|_| "submitted")
        }
        "accept" => {
            let done = app.write(move |db| async move { months::accept(&db, &asker, whose, &of, None).await }).await;
            done.map(|_| "accepted")
        }
        _ => Err(ApiError::NotFound("没有这个地址".to_owned())),
    };
    match done {
        Ok(said) => Ok(to(&format!("/vehicles/months/{month}/{unit}"), said)),
        Err(error) => {
            let faults = picks::refused(error, &[])?;
            one(&app, &ctx, frame, &month, whose, (String::new(), faults)).await
        }
    }
}
