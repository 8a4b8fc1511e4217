//! One label: what it is stuck on and what became of it; a blank is claimed, a torn one voided.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use hashbrown::HashMap;
use hufu_labels::code::LabelCode;
use sea_orm::ConnectionTrait;
use serde::Deserialize;

use crate::access::{Action, permit_somewhere, reach};
use crate::items::entity::label;
use crate::items::labels::{self, state_zh};
use crate::items::model::LabelState;
use crate::items::{ItemError, store};
use crate::kernel::Ctx;
use crate::org::Directory;
use crate::web::api::labels::seen;
use crate::web::extract::{Path, Query};
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, person_of, picks, said_of};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// A label's state as a mark.
pub(super) fn label_mark(frame: &Frame, state: LabelState) -> Mark {
    let (look, english) = match state {
        LabelState::Blank => ("ask", "blank"),
        LabelState::Current => ("good", "current"),
        LabelState::Superseded => ("warn", "superseded"),
        LabelState::Void => ("bad", "void"),
    };
    Mark::new(look, frame.either(state_zh(state), english))
}

/// What each label is stuck on, and where to look at that, by code.
pub(super) async fn subjects(
    db: &impl ConnectionTrait,
    rows: &[label::Model],
) -> Result<HashMap<String, (String, String)>, ApiError> {
    let things = store::by_ids(db, &rows.iter().filter_map(|row| row.item_id).collect::<Vec<_>>()).await?;
    let rooms = rows.iter().filter_map(|row| row.place_id).collect::<Vec<_>>();
    let directory = Directory::load_some(db, &rooms, &[]).await?;
    let named = |row: &label::Model| {
        if let Some(thing) = row.item_id.and_then(|id| things.get(&id)) {
            return Some((format!("{} {}", thing.item_number, thing.name), at(&thing.item_number)));
        }
        let room = row.place_id.and_then(|id| directory.place(id))?;
        Some((format!("{} {}", room.code, room.name), format!("/items?place={}", room.id)))
    };
    Ok(rows.iter().filter_map(|row| Some((row.code.clone(), named(row)?))).collect())
}

#[derive(Template)]
#[template(path = "labels/one.html")]
struct Page {
    frame: Frame,
    title: String,
    said: String,
    code: String,
    grouped: String,
    state: Mark,
    what: String,
    href: String,
    generation: i64,
    template: String,
    issued: String,
    by: String,
    printed: String,
    times: i64,
    is_blank: bool,
    may_claim: bool,
    /// Why it cannot be voided; blank when it can.
    cannot_void: String,
    reason: String,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let said = if asked.said == "void" { frame.words.labels.one.said_void.clone() } else { String::new() };
    card(&app, &ctx, frame, &code, said, (String::new(), Faults::default())).await
}

async fn card(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    code: &str,
    said: String,
    (reason, faults): (String, Faults),
) -> Result<Response, ApiError> {
    let (code, row) = seen(app, ctx, code).await?;
    let db = app.db().read();
    let (what, href) = subjects(db, std::slice::from_ref(&row)).await?.remove(&row.code).unwrap_or_default();
    let directory = Directory::load_some(db, &[], &Vec::from_iter(person_of(&row.issued_by))).await?;
    let (w, state) = (&frame.words.labels.one, label_mark(&frame, row.state));
    let cannot_void = if row.state == LabelState::Void {
        w.void_already.clone()
    } else if !frame.may(Action::LabelsVoid) {
        w.no_void.clone()
    } else {
        String::new()
    };
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let subject = if what.is_empty() { w.nothing.clone() } else { what.clone() };
    let view = Page {
        title: format!("{} · {} · {subject}", w.title, state.text),
        said,
        grouped: code.grouped(),
        state,
        what,
        href,
        generation: row.generation,
        issued: row.issued_at.to_string(),
        by: said_of(&frame, &directory, &row.issued_by),
        printed: row.printed_at.map(|at| at.to_string()).unwrap_or_default(),
        times: row.print_count,
        is_blank: row.state == LabelState::Blank,
        may_claim: frame.may(Action::LabelsClaim),
        cannot_void,
        template: row.template,
        code: row.code,
        reason,
        faults,
        frame,
    };
    Ok(page(status, None, &view))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Voiding {
    reason: String,
}

pub(super) async fn take_void(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    frame: Frame,
    Form(typed): Form<Voiding>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsVoid)?;
    let (label_code, _) = seen(&app, &ctx, &code).await?;
    let (asker, reason) = (ctx.clone(), typed.reason.trim().to_owned());
    match app.write(move |db| async move { labels::void(&db, &asker, label_code, &reason).await }).await {
        Ok(()) => Ok(Redirect::to(&format!("/labels/{label_code}?said=void")).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &["reason"])?;
            card(&app, &ctx, frame, &code, String::new(), (typed.reason, faults)).await
        }
    }
}

/// What is to be claimed, and for what.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Claim {
    code: String,
    item_number: String,
}

#[derive(Template)]
#[template(path = "labels/claim.html")]
struct ClaimPage {
    frame: Frame,
    typed: Claim,
    faults: Faults,
}

pub(super) async fn show_claim(
    Caller(ctx): Caller,
    Query(typed): Query<Claim>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsClaim)?;
    Ok(claim_form(frame, typed, Faults::default()))
}

fn claim_form(frame: Frame, typed: Claim, faults: Faults) -> Response {
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    page(status, None, &ClaimPage { typed, faults, frame })
}

pub(super) async fn take_claim(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Claim>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsClaim)?;
    let number = typed.item_number.trim().to_owned();
    let Ok(code) = typed.code.trim().parse::<LabelCode>() else {
        let text = frame.words.labels.claim.no_code.replace("{code}", typed.code.trim());
        return Ok(claim_form(frame, typed, Faults::at("code", text)));
    };
    let thing = store::by_number(app.db().read(), &number).await?;
    if !thing.is_some_and(|thing| reach(&ctx, Action::ItemsRead).covers(Some(thing.unit_id))) {
        let text = ItemError::NotFound(number).to_string();
        return Ok(claim_form(frame, typed, Faults::at("item_number", text)));
    }
    let done = app.write_or(move |db| async move { labels::claim(&db, &ctx, code, &number).await }).await?;
    let field = match done {
        Ok(thing) => return Ok(Redirect::to(&format!("{}?said=claimed", at(&thing.item_number))).into_response()),
        Err(error @ (ItemError::UnknownLabel(_) | ItemError::NotBlank { .. })) => Faults::at("code", error.to_string()),
        Err(error @ (ItemError::NotFound(_) | ItemError::Gone(_))) => Faults::at("item_number", error.to_string()),
        Err(error) => picks::refused(error.into(), &["code", "item_number"])?,
    };
    Ok(claim_form(frame, typed, field))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page {
            frame, title, said, code, grouped, state, what, href, generation, template, issued, by, printed, times,
            is_blank, may_claim, cannot_void, reason, faults,
        }
        ClaimPage { frame, typed, faults }
        Claim { code, item_number }
    }
    renders! {
        labels_one: Page,
        labels_claim: ClaimPage,
    }
}
