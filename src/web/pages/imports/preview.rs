//! Step three: what would become of every row; and bringing it in, or leaving it.

use askama::Template;
use axum::extract::State;
use axum::http::{HeaderName, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::columns::opened;
use super::list::kind_word;
use super::waiting::{About, Line, LineState, Preview};
use super::work::{Work, begin, blocking, under_way};
use crate::web::extract::{Path, Query};
use crate::web::pages::duties::names::count;
use crate::web::pages::parts::{Mark, attachment};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// How many rows a page shows.
const ROWS: usize = 100;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    show: String,
    after: String,
}

/// A row as it is shown.
#[derive(Debug)]
struct Row {
    place: String,
    mark: Mark,
    text: String,
    column: String,
    value: String,
    reason: String,
}

#[derive(Template)]
#[template(path = "imports/preview.html")]
struct Seen {
    frame: Frame,
    title: String,
    id: String,
    failed: String,
    stamp: String,
    /// What leads to the rows of one sort: the way, the number, the word, whether it is shown.
    sorts: Vec<(String, String, String, bool)>,
    rows: Vec<Row>,
    next: String,
    refused: bool,
    taken: String,
    why_not: String,
    notes: Vec<String>,
    created: Vec<String>,
    created_more: String,
    ready: bool,
}

/// How far it is; a part of a page, and a page of its own for a browser without a script.
#[derive(Template)]
#[template(path = "imports/progress.html")]
struct Going {
    frame: Frame,
    title: String,
    id: String,
    said: String,
}

#[derive(Template)]
#[template(path = "imports/progress_part.html")]
struct GoingPart {
    id: String,
    said: String,
}

fn how_far(frame: &Frame, work: &Work) -> String {
    let w = &frame.words.imports.preview;
    let words = match (work.is_writing(), work.commit) {
        (false, _) => &w.reading,
        (true, false) => &w.trying,
        (true, true) => &w.writing,
    };
    words.replace("{rows}", &count(i64::try_from(work.read.rows()).unwrap_or(i64::MAX)))
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    // Asked for first: work that ends in between leaves what it found.
    let work = under_way(&app, id);
    let (_, about) = match opened(&app, &ctx, id).await? {
        Err(leads) => return Ok(leads),
        Ok(found) => found,
    };
    if let Some(work) = work {
        let title = frame.words.imports.preview.working.replace("{file}", &about.name);
        let said = how_far(&frame, &work);
        return Ok(page(StatusCode::OK, None, &Going { title, id: id.to_string(), said, frame }));
    }
    if about.preview.is_none() && about.failed.is_empty() {
        return Ok(Redirect::to(&format!("/imports/new/{id}")).into_response());
    }
    seen_page(frame, id, &about, &asked)
}

fn seen_page(frame: Frame, id: Uuid, about: &About, asked: &Asked) -> Result<Response, ApiError> {
    let w = &frame.words.imports.preview;
    let none = Preview::default();
    let preview = about.preview.as_ref().unwrap_or(&none);
    let (good, twice, bad) = (preview.taken, preview.duplicates, preview.refused);
    let number = |number: usize| count(i64::try_from(number).unwrap_or(i64::MAX));
    let wanted = match asked.show.as_str() {
        "good" => Some(LineState::Good),
        "duplicate" => Some(LineState::Duplicate),
        "refused" => Some(LineState::Refused),
        _ => None,
    };
    let sorts = [
        ("", good + twice + bad, &w.all, None),
        ("good", good, &w.good, Some(LineState::Good)),
        ("refused", bad, &w.refused, Some(LineState::Refused)),
        ("duplicate", twice, &w.duplicate, Some(LineState::Duplicate)),
    ];
    let sorts = sorts.map(|(name, many, text, state)| {
        (frame.address.with("show", name), number(many), text.clone(), state == wanted)
    });
    let start: usize = asked.after.parse().unwrap_or(0);
    let of = |line: &&Line| wanted.is_none_or(|state| state == line.state);
    let lines: Vec<&Line> = preview.lines.iter().filter(of).skip(start).take(ROWS + 1).collect();
    let next = if lines.len() > ROWS { (start + ROWS).to_string() } else { String::new() };
    let title = w.heading.replace("{file}", &about.name).replace("{kind}", &kind_word(&frame, about.kind()?));
    let title = title.replace("{good}", &number(good)).replace("{bad}", &number(bad + twice));
    let more = preview.created_count.saturating_sub(preview.created.len());
    let status = if about.failed.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = Seen {
        title,
        id: id.to_string(),
        failed: about.failed.clone(),
        stamp: preview.at.to_string(),
        sorts: sorts.to_vec(),
        rows: lines.into_iter().take(ROWS).map(|line| row(&frame, line)).collect(),
        next,
        refused: bad + twice > 0,
        taken: w.commit.replace("{rows}", &number(good)),
        why_not: if good == 0 { w.nothing.clone() } else { String::new() },
        notes: preview.notes.clone(),
        created: preview.created.clone(),
        created_more: if more == 0 { String::new() } else { w.created_more.replace("{count}", &number(more)) },
        ready: about.preview.is_some(),
        frame,
    };
    Ok(page(status, None, &shown))
}

fn row(frame: &Frame, line: &Line) -> Row {
    let w = &frame.words.imports.preview;
    let mark = match line.state {
        LineState::Good => Mark::new("good", w.good.clone()),
        LineState::Duplicate => Mark::new("calm same", w.duplicate.clone()),
        LineState::Refused => Mark::new("bad", w.refused.clone()),
    };
    let row = if line.row == 0 { String::new() } else { line.row.to_string() };
    Row {
        place: if line.sheet.is_empty() { row } else { format!("{} {row}", line.sheet) },
        mark,
        text: line.text.clone(),
        column: line.column.clone(),
        value: line.value.clone(),
        reason: line.reason.clone(),
    }
}

/// How far it is, for a page that asks again and again; when it is done the page is told to come back.
pub(super) async fn progress(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let work = under_way(&app, id);
    // Another's file is not there, be it worked on or not.
    let found = opened(&app, &ctx, id).await?;
    match work {
        Some(work) if found.is_ok() => {
            let part = GoingPart { id: id.to_string(), said: how_far(&frame, &work) };
            Ok(page(StatusCode::OK, None, &part))
        }
        _ => {
            let back = format!("/imports/new/{id}/preview");
            Ok(([(HeaderName::from_static("hx-redirect"), back)], StatusCode::OK).into_response())
        }
    }
}

/// Every row that was refused.
pub(super) async fn rejects(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    match opened(&app, &ctx, id).await? {
        Err(leads) => Ok(leads),
        Ok((waiting, about)) => csv(waiting.rejects(), &about.name).await,
    }
}

/// A file of refused rows, to save beside the one that they stand in.
pub(super) async fn csv(path: std::path::PathBuf, name: &str) -> Result<Response, ApiError> {
    let bytes = tokio::fs::read(path).await.map_err(|_| ApiError::NotFound("没有退回的行".to_owned()))?;
    let stem = name.rsplit_once('.').map_or(name, |(stem, _)| stem);
    Ok(attachment(&format!("{stem}-退回.csv"), "text/csv; charset=utf-8", bytes))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Stamp {
    stamp: String,
}

pub(super) async fn commit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    axum::Form(seen): axum::Form<Stamp>,
) -> Result<Response, ApiError> {
    let again = || Redirect::to(&format!("/imports/new/{id}/preview")).into_response();
    if under_way(&app, id).is_some() {
        // Pressed twice.
        return Ok(again());
    }
    let (waiting, about) = match opened(&app, &ctx, id).await? {
        Err(leads) => return Ok(leads),
        Ok(found) => found,
    };
    let stands = about.preview.as_ref().is_some_and(|preview| preview.at.to_string() == seen.stamp);
    if !stands {
        // Another window chose other columns since.
        let failed = frame.words.imports.preview.changed.clone();
        return seen_page(frame, id, &About { failed, ..about }, &Asked::default());
    }
    begin(&app, &ctx, waiting, about, true).await?;
    Ok(match opened(&app, &ctx, id).await? {
        Err(leads) => leads,
        Ok(_) => again(),
    })
}

pub(super) async fn discard(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    match opened(&app, &ctx, id).await? {
        Err(leads) => Ok(leads),
        Ok(_) if under_way(&app, id).is_some() => Err(ApiError::Conflict("文件正在处理，请等它办完".to_owned())),
        Ok((waiting, _)) => {
            blocking(move || {
                waiting.discard();
                Ok(())
            })
            .await?;
            Ok(Redirect::to("/imports?said=discarded").into_response())
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Seen {
            frame, title, id, failed, stamp, sorts, rows, next, refused, taken, why_not, notes, created, created_more,
            ready,
        }
        Row { place, mark, text, column, value, reason }
        Going { frame, title, id, said }
        GoingPart { id, said }
    }
    renders! {
        imports_preview: Seen,
        imports_progress: Going,
        imports_progress_part: GoingPart,
    }
}
