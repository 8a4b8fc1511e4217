//! Delegations: by whoever looks and to them; giving one, taking it back.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::names::{Names, whom};
use crate::access::Action;
use crate::approvals::Granted;
use crate::approvals::delegation::{self, NewDelegation};
use crate::approvals::entity::delegation as entity;
use crate::kernel::{Ctx, Timestamp};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

/// What was typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    to_person: String,
    from_at: String,
    until_at: String,
    reason: String,
}

/// A line.
#[derive(Debug)]
struct Line {
    id: String,
    who: String,
    from: String,
    until: String,
    reason: String,
    mark: Mark,
    revocable: bool,
}

#[derive(Template)]
#[template(path = "duties/delegations.html")]
struct List {
    frame: Frame,
    title: String,
    said: String,
    given: Vec<Line>,
    taken: Vec<Line>,
    may: bool,
    typed: Typed,
    faults: Faults,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let w = &frame.words.duties.delegations;
    let said = match asked.said.as_str() {
        "given" => w.done_given.clone(),
        "revoked" => w.done_revoked.clone(),
        _ => String::new(),
    };
    list(&app, &ctx, frame, said, Typed::default(), Faults::default()).await
}

async fn list(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    said: String,
    typed: Typed,
    faults: Faults,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let rows = delegation::mine(db, ctx).await?;
    let names = Names::of(db, rows.iter().flat_map(|row| [row.from_person, row.to_person]), []).await?;
    let (now, me) = (ctx.now(), ctx.person());
    let active = rows.iter().filter(|row| stands(row, now)).count();
    let of = |given: bool| {
        let mine = rows.iter().filter(move |row| (Some(row.from_person) == me) == given);
        mine.map(|row| line(&frame, &names, row, now, given)).collect()
    };
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = List {
        title: frame.words.duties.delegations.heading.replace("{count}", &active.to_string()),
        said,
        given: of(true),
        taken: of(false),
        may: frame.may(Action::ApprovalsDelegate),
        typed,
        faults,
        frame,
    };
    Ok(page(status, None, &shown))
}

fn stands(row: &entity::Model, now: Timestamp) -> bool {
    row.revoked_at.is_none() && row.valid_from <= now && now < row.valid_until
}

fn line(frame: &Frame, names: &Names, row: &entity::Model, now: Timestamp, given: bool) -> Line {
    let w = &frame.words.duties.delegations;
    let mark = match row {
        row if row.revoked_at.is_some() => Mark::new("calm", w.revoked.clone()),
        row if stands(row, now) => Mark::new("good", w.active.clone()),
        row if row.valid_from > now => Mark::new("ask", w.planned.clone()),
        _ => Mark::new("plain", w.ended.clone()),
    };
    Line {
        id: row.id.to_string(),
        who: names.person_and_unit(if given { row.to_person } else { row.from_person }),
        from: row.valid_from.to_string(),
        until: Timestamp(row.valid_until.0 - 1).to_string(),
        reason: row.reason.clone(),
        mark,
        revocable: given && row.revoked_at.is_none() && now < row.valid_until,
    }
}

pub(super) async fn create(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    axum::Form(typed): axum::Form<Typed>,
) -> Result<Response, ApiError> {
    match give(&app, &ctx, &typed).await.map_err(explained) {
        Ok(()) => Ok(Redirect::to("/approvals/delegations?said=given").into_response()),
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let fields = ["to_person", "from_at", "until_at", "reason"];
            let faults = Faults::refused(field.as_deref(), reason, &fields);
            list(&app, &ctx, frame, String::new(), typed, faults).await
        }
    }
}

async fn give(app: &App, ctx: &Ctx, typed: &Typed) -> Result<(), ApiError> {
    crate::access::permit_somewhere(ctx, Action::ApprovalsDelegate)?;
    let to = whom(app.db().read(), "to_person", &typed.to_person, None).await?;
    let day = |field: &str, text: &str| -> Result<chrono::NaiveDate, ApiError> {
        text.trim().parse().map_err(|_| ApiError::invalid(field, "日期应写成 2026-11-01"))
    };
    let from = day("from_at", &typed.from_at)?;
    // The whole of the last day; today begins now.
    let from_at = if from == ctx.now().day() { ctx.now() } else { Timestamp::start_of_day(from) };
    let until_at = Timestamp(Timestamp::end_of_day(day("until_at", &typed.until_at)?).0 + 1);
    let new = NewDelegation { to, from_at, until_at, reason: typed.reason.clone() };
    let ctx = ctx.clone();
    app.write(move |db| async move { delegation::create(&db, &ctx, &Granted, &new).await }).await?;
    Ok(())
}

pub(super) async fn revoke(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    app.write(move |db| async move { delegation::revoke(&db, &ctx, id).await }).await?;
    Ok(Redirect::to("/approvals/delegations?said=revoked").into_response())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        List { frame, title, said, given, taken, may, typed, faults }
        Line { id, who, from, until, reason, mark, revocable }
        Typed { to_person, from_at, until_at, reason }
    }
    renders! {
        duties_delegations: List,
    }
}
