//! What was printed, and what waits to be printed again.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use hashbrown::HashSet;
use sea_orm::prelude::Uuid;
use serde::Deserialize;

use super::one::{label_mark, subjects};
use crate::access::{Action, permit_somewhere, reach};
use crate::db::order::By;
use crate::items::entity::label;
use crate::items::store;
use crate::kernel::Timestamp;
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::web::extract::Query;
use crate::web::pages::items::{at, person_of, said_of};
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    r#as: String,
}

/// What the list can be sorted by.
const WAYS: [(&str, By<label::Column>); 4] = [
    ("code", By::Full(label::Column::Code)),
    ("state", By::Full(label::Column::State)),
    ("template", By::Text(label::Column::Template)),
    ("times", By::Full(label::Column::PrintCount)),
];

/// A label that was printed.
#[derive(Debug)]
struct Printed {
    code: String,
    what: String,
    href: String,
    state: Mark,
    template: String,
    by: String,
    at: String,
    times: String,
}

#[derive(Template)]
#[template(path = "labels/log.html")]
struct Log {
    frame: Frame,
    rows: Vec<Printed>,
    sorts: Vec<(String, String)>,
    next: String,
}

pub(super) async fn printed(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsPrint)?;
    let db = app.db().read();
    let wrong = || ApiError::NotFound("没有这个地址".to_owned());
    let among = reach(&ctx, Action::LabelsPrint).units();
    // Sorted otherwise, a page goes on after a code alone.
    if asked.after.contains('\0') {
        return Err(wrong());
    }
    let code = Some(asked.after.as_str()).filter(|after| !after.is_empty()).map(Into::into);
    let whole = asked.r#as == "xlsx";
    let limit = if whole { SHEET_ROWS } else { PAGE };
    if let Some(order) = parts::order(&frame, &WAYS, code) {
        let mut rows = store::printed_sorted(db, among, &order, limit + 1).await?;
        let next = parts::cut(&mut rows, limit, |row| row.code.clone());
        return log(&app, frame, rows, next, whole).await;
    }
    let before = match asked.after.split_once('.') {
        None if asked.after.is_empty() => None,
        Some((at, code)) if !code.contains('\0') => Some((Timestamp(at.parse().map_err(|_| wrong())?), code)),
        _ => return Err(wrong()),
    };
    let mut rows = store::printed_page(db, among, before, limit + 1).await?;
    let next =
        parts::cut(&mut rows, limit, |row| format!("{}.{}", row.printed_at.map_or(0, |printed| printed.0), row.code));
    log(&app, frame, rows, next, whole).await
}

async fn log(
    app: &App,
    frame: Frame,
    rows: Vec<label::Model>,
    next: String,
    whole: bool,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let named = subjects(db, &rows).await?;
    let people: HashSet<_> = rows.iter().filter_map(|row| person_of(&row.issued_by)).collect();
    let directory = Directory::load_some(db, &[], &people.into_iter().collect::<Vec<_>>()).await?;
    let line = |row: label::Model| {
        let (what, href) = named.get(&row.code).cloned().unwrap_or_default();
        Printed {
            what,
            href,
            state: label_mark(&frame, row.state),
            template: row.template,
            by: said_of(&frame, &directory, &row.issued_by),
            at: row.printed_at.map(|at| at.to_string()).unwrap_or_default(),
            times: row.print_count.to_string(),
            code: row.code,
        }
    };
    let rows: Vec<Printed> = rows.into_iter().map(line).collect();
    let w = &frame.words.labels.log;
    if whole {
        let head = [&w.at, &w.code, &w.what, &w.state, &w.template, &w.times, &w.by].map(String::as_str);
        let made = tokio::task::spawn_blocking(move || {
            let cells = |row: Printed| {
                [row.at, row.code, row.what, row.state.text, row.template, row.times, row.by].map(Cell::Text).to_vec()
            };
            parts::sheet("labels", &head, rows.into_iter().map(cells))
        });
        return Ok(parts::workbook(&format!("{}.xlsx", w.title), made.await.map_err(|_| ApiError::Internal)??));
    }
    let sorts = parts::sort_choices(
        &frame,
        &[("code", &w.code), ("state", &w.state), ("template", &w.template), ("times", &w.times)],
    );
    Ok(page(StatusCode::OK, None, &Log { rows, sorts, next, frame }))
}

/// A label that waits.
#[derive(Debug)]
struct Waiting {
    number: String,
    href: String,
    name: String,
    reason: String,
    since: String,
}

#[derive(Template)]
#[template(path = "labels/queue.html")]
struct Queue {
    frame: Frame,
    title: String,
    rows: Vec<Waiting>,
    next: String,
}

pub(super) async fn queue(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsPrint)?;
    let (db, right) = (app.db().read(), reach(&ctx, Action::LabelsPrint));
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty()).map(Uuid::parse_str).transpose();
    let after = after.map_err(|_| ApiError::NotFound("没有这个地址".to_owned()))?;
    let waiting = store::reprints_waiting(db, &right).await?;
    let mut rows = store::reprint_page(db, right.units(), after, PAGE + 1).await?;
    let next = parts::cut(&mut rows, PAGE, |(row, _)| row.id.to_string());
    let line =
        |(row, thing): (crate::items::entity::label_reprint::Model, crate::items::entity::item::Model)| Waiting {
            href: at(&thing.item_number),
            number: thing.item_number,
            name: thing.name,
            reason: row.reason,
            since: row.queued_at.to_string(),
        };
    let title = frame.words.labels.queue.title.replace("{count}", &thousands(waiting));
    Ok(page(StatusCode::OK, None, &Queue { title, rows: rows.into_iter().map(line).collect(), next, frame }))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Log { frame, rows, sorts, next }
        Printed { code, what, href, state, template, by, at, times }
        Queue { frame, title, rows, next }
        Waiting { number, href, name, reason, since }
    }
    renders! {
        labels_log: Log,
        labels_queue: Queue,
    }
}
