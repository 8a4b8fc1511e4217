//! Where labels begin: what waits, what to print for, blanks to print ahead, a label to look up.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use hufu_labels::code::LabelCode;
use hufu_labels::write::LabelRecord;
use serde::Deserialize;

use super::choice::{self, Choice};
use crate::access::{Action, permit_somewhere, reach};
use crate::items::{labels, store};
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::org::service;
use crate::web::api::labels::{checked, file, on_a_core};
use crate::web::extract::Query;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::items::picks;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["count", "template", "sheet", "skip"];

/// What was typed for blanks.
#[derive(Debug, Clone)]
struct Blanks {
    count: String,
    choice: Choice,
}

#[derive(Template)]
#[template(path = "labels/start.html")]
struct Page {
    frame: Frame,
    title: String,
    waiting: u64,
    picks: picks::Picks,
    faults: Faults,
    blanks: Blanks,
    templates: Vec<(String, String)>,
    sheets: Vec<(String, String)>,
    formats: Vec<(String, String)>,
    may_claim: bool,
}

pub(super) async fn show(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    let choice = Choice::of(vec![("template".to_owned(), "blank-40x30".to_owned())]);
    form(&app, &ctx, frame, Blanks { count: "24".to_owned(), choice }, Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, blanks: Blanks, faults: Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::LabelsPrint)?;
    let waiting = store::reprints_waiting(app.db().read(), &reach(ctx, Action::LabelsPrint)).await?;
    let w = &frame.words.labels.start;
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = Page {
        title: if waiting == 0 { w.title.clone() } else { w.title_waiting.replace("{count}", &thousands(waiting)) },
        waiting,
        picks: picks::Picks::load(app, ctx, &frame.words.common.any).await?,
        faults,
        blanks,
        templates: choice::templates(&frame, &["blank"]),
        sheets: choice::sheets(&frame),
        formats: choice::formats(),
        may_claim: frame.may(Action::LabelsClaim),
        frame,
    };
    Ok(page(status, None, &view))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Sought {
    code: String,
}

/// A label's own page, or whatever else the text stands for.
pub(super) async fn find(Caller(_ctx): Caller, Query(sought): Query<Sought>) -> Response {
    match sought.code.trim().parse::<LabelCode>() {
        Ok(code) => Redirect::to(&format!("/labels/{code}")).into_response(),
        Err(_) => Redirect::to(&format!("/find?q={}", in_query(sought.code.trim()))).into_response(),
    }
}

pub(super) async fn take_blanks(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsPrint)?;
    let count = pairs.iter().find(|(name, _)| name == "count").map(|(_, value)| value.trim().to_owned());
    let blanks = Blanks { count: count.unwrap_or_default(), choice: Choice::of(pairs) };
    match print(&app, &ctx, &frame, &blanks).await {
        Ok(file) => Ok(file),
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            form(&app, &ctx, frame, blanks, faults).await
        }
    }
}

async fn print(app: &App, ctx: &Ctx, frame: &Frame, blanks: &Blanks) -> Result<Response, ApiError> {
    let wrong = || ApiError::invalid("count", frame.words.labels.start.count_number.clone());
    let count: usize = blanks.count.parse().ok().filter(|count| *count > 0).ok_or_else(wrong)?;
    let (paper, format, template) = checked(blanks.choice.paper(frame)?, count).await?;
    let organisation = service::organisation(app.db().read()).await?;
    let asker = ctx.clone();
    let codes = app.write(move |db| async move { labels::print_blanks(&db, &asker, count, &template).await }).await?;
    let records: Vec<LabelRecord> = codes.into_iter().map(LabelRecord::blank).collect();
    let bytes = on_a_core(move || paper.write(&records, &organisation)).await?;
    Ok(file(StatusCode::OK, format, bytes))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page { frame, title, waiting, picks, faults, blanks, templates, sheets, formats, may_claim }
        Blanks { count, choice }
    }
    renders! {
        labels_start: Page,
    }
}
