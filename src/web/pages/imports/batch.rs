//! A batch: what came of its file, and taking it back.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::list::{kind_word, state_mark};
use super::preview::csv;
use super::waiting::done;
use super::work::blocking;
use crate::access::{Action, permit_somewhere, reach};
use crate::imports::entity::Model;
use crate::imports::{self, BatchKind, BatchState, ImportError};
use crate::kernel::Ctx;
use crate::kernel::ids::BatchId;
use crate::kernel::rights::Reach;
use crate::web::extract::{Path, Query};
use crate::web::pages::duties::names::{Names, count};
use crate::web::pages::parts::Mark;
use crate::web::pages::refusals::said;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// What undoing left, by number or name: a line each.
const KEPT: &str = "kept.txt";

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

#[derive(Template)]
#[template(path = "imports/batch.html")]
struct Batch {
    frame: Frame,
    title: String,
    said: String,
    id: String,
    kind: String,
    name: String,
    state: Mark,
    rows: String,
    rejects: String,
    rejects_file: bool,
    who: String,
    at: String,
    undone_at: String,
    sha256: String,
    lines: &'static str,
    kept: Vec<String>,
    undo_why: String,
    undo_help: String,
}

async fn found(app: &App, ctx: &Ctx, id: Uuid) -> Result<Model, ApiError> {
    permit_somewhere(ctx, Action::ImportsRead)?;
    let row = imports::batch(app.db().read(), ctx, BatchId(id)).await?;
    row.ok_or_else(|| ImportError::NoBatch(id.to_string()).into())
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, id).await?;
    let names = Names::of(app.db().read(), [], [row.actor.as_str()]).await?;
    let folder = done(&app, id);
    let (rejects_file, kept) = blocking(move || {
        let kept = std::fs::read_to_string(folder.join(KEPT)).unwrap_or_default();
        Ok((folder.join("rejects.csv").exists(), kept.lines().map(str::to_owned).collect::<Vec<_>>()))
    })
    .await?;
    let w = &frame.words.imports.batch;
    let kind = kind_word(&frame, row.kind);
    let title = w.heading.replace("{file}", &row.file_name).replace("{kind}", &kind);
    let undo_help = match row.kind {
        BatchKind::Units => &w.undo_units,
        BatchKind::People => &w.undo_people,
        BatchKind::Places => &w.undo_places,
        BatchKind::Assets => &w.undo_assets,
        BatchKind::Counts => &w.undo_counts,
    };
    let shown = Batch {
        title: title.replace("{rows}", &count(row.row_count)),
        said: if asked.said == "undone" { w.undone.clone() } else { String::new() },
        id: id.to_string(),
        kind,
        name: row.file_name.clone(),
        state: state_mark(&frame, row.state),
        rows: count(row.row_count),
        rejects: count(row.reject_count),
        rejects_file: rejects_file && row.reject_count > 0,
        who: names.actor(&frame, &row.actor),
        at: row.imported_at.to_string(),
        undone_at: row.undone_at.map(|at| at.to_string()).unwrap_or_default(),
        sha256: row.file_sha256.clone(),
        lines: lines(row.kind),
        kept,
        undo_why: undo_why(&frame, &ctx, &row),
        undo_help: undo_help.clone(),
        frame,
    };
    Ok(page(StatusCode::OK, None, &shown))
}

/// Where the lines are that it brought.
const fn lines(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::Units => "/units",
        BatchKind::People => "/people",
        BatchKind::Places => "/places",
        BatchKind::Assets => "/items",
        BatchKind::Counts => "/stocktake",
    }
}

/// Why it cannot be taken back; blank when it can.
fn undo_why(frame: &Frame, ctx: &Ctx, row: &Model) -> String {
    let w = &frame.words.imports.batch;
    if let Err(error) = permit_somewhere(ctx, Action::ImportsUndo) {
        return said(error.to_string());
    }
    if row.state == BatchState::Undone {
        return w.undone_already.clone();
    }
    let theirs = reach(ctx, Action::ImportsUndo) == Reach::Everywhere || row.actor == ctx.actor.to_string();
    if theirs { String::new() } else { w.not_theirs.clone() }
}

pub(super) async fn rejects(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let row = found(&app, &ctx, id).await?;
    csv(done(&app, id).join("rejects.csv"), &row.file_name).await
}

pub(super) async fn undo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    let undone = app.write(move |db| async move { imports::undo(&db, &ctx, BatchId(id)).await }).await?;
    let folder = done(&app, id);
    // What stayed is told once more on the batch's page; the journal has how many.
    blocking(move || {
        let kept =
            std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(folder.join(KEPT), undone.kept.join("\n")));
        if let Err(error) = kept {
            tracing::warn!(?error, "what undoing left could not be kept");
        }
        Ok(())
    })
    .await?;
    Ok(Redirect::to(&format!("/imports/{id}?said=undone")).into_response())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Batch {
            frame, title, said, id, kind, name, state, rows, rejects, rejects_file, who, at, undone_at, sha256, lines,
            kept, undo_why, undo_help,
        }
    }
    renders! {
        imports_batch: Batch,
    }
}
