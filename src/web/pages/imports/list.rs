//! What came in, newest first, and what waits to be finished.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::waiting::mine;
use super::work::blocking;
use super::{kind_name, kind_of};
use crate::access::{Action, permit_somewhere};
use crate::db::order::By;
use crate::imports::entity::{Column, Model};
use crate::imports::{self, BatchKind, BatchState};
use crate::kernel::ids::BatchId;
use crate::kernel::{Ctx, Timestamp};
use crate::web::extract::Query;
use crate::web::pages::duties::names::{Names, count};
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS, cut, order, sort_choices};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    r#as: String,
    said: String,
}

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 6] = [
    ("file", By::Full(Column::FileName)),
    ("kind", By::Full(Column::Kind)),
    ("rows", By::Full(Column::RowCount)),
    ("rejects", By::Full(Column::RejectCount)),
    ("state", By::Full(Column::State)),
    ("at", By::Full(Column::ImportedAt)),
];

/// A batch.
#[derive(Debug)]
struct Line {
    id: String,
    name: String,
    kind: String,
    rows: String,
    rejects: String,
    state: Mark,
    who: String,
    at: String,
}

/// A file that waits.
#[derive(Debug)]
struct Unfinished {
    id: String,
    name: String,
    kind: String,
    at: String,
}

#[derive(Template)]
#[template(path = "imports/list.html")]
struct List {
    frame: Frame,
    said: String,
    may: bool,
    unfinished: Vec<Unfinished>,
    sorts: Vec<(String, String)>,
    lines: Vec<Line>,
    next: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ImportsRead)?;
    let db = app.db().read();
    let after = match asked.after.as_str() {
        "" => None,
        text => Some(BatchId(Uuid::parse_str(text).map_err(|_| ApiError::invalid("after", "应为上一页的 next"))?)),
    };
    if asked.r#as == "xlsx" {
        let rows = match order(&frame, &WAYS, None) {
            Some(order) => imports::batches_sorted(db, &ctx, &order, SHEET_ROWS).await?,
            None => imports::batches_page(db, &ctx, None, SHEET_ROWS).await?,
        };
        return export(&app, &ctx, &rows, &frame).await;
    }
    let mut rows = match order(&frame, &WAYS, after.map(Into::into)) {
        Some(order) => imports::batches_sorted(db, &ctx, &order, PAGE + 1).await?,
        None => imports::batches_page(db, &ctx, after, PAGE + 1).await?,
    };
    let next = cut(&mut rows, PAGE, |row| row.id.to_string());
    let names = Names::of(db, [], rows.iter().map(|row| row.actor.as_str())).await?;
    let may = frame.may(Action::ImportsRun);
    let (looking, asking) = (app.clone(), ctx.clone());
    let unfinished = if may { blocking(move || Ok(mine(&looking, &asking))).await? } else { Vec::new() };
    let w = &frame.words.imports.list;
    let shown = List {
        said: if asked.said == "discarded" { w.discarded.clone() } else { String::new() },
        may,
        sorts: sort_choices(
            &frame,
            &[("file", &w.file), ("kind", &w.kind), ("rows", &w.rows), ("rejects", &w.rejects), ("state", &w.state)],
        ),
        unfinished: unfinished
            .into_iter()
            .map(|(waiting, about)| Unfinished {
                id: waiting.id.to_string(),
                kind: kind_of(&about.kind).map(|kind| kind_word(&frame, kind)).unwrap_or_default(),
                at: Timestamp(about.created_at).to_string(),
                name: about.name,
            })
            .collect(),
        lines: rows.iter().map(|row| line(&frame, &names, row)).collect(),
        next,
        frame,
    };
    Ok(page(StatusCode::OK, None, &shown))
}

fn line(frame: &Frame, names: &Names, row: &Model) -> Line {
    Line {
        id: row.id.to_string(),
        name: row.file_name.clone(),
        kind: kind_word(frame, row.kind),
        rows: count(row.row_count),
        rejects: count(row.reject_count),
        state: state_mark(frame, row.state),
        who: names.actor(frame, &row.actor),
        at: row.imported_at.to_string(),
    }
}

pub(super) fn kind_word(frame: &Frame, kind: BatchKind) -> String {
    frame.either(kind.zh(), kind_name(kind)).to_owned()
}

pub(super) fn state_mark(frame: &Frame, state: BatchState) -> Mark {
    let (look, english) = match state {
        BatchState::Committed => ("good", "imported"),
        BatchState::PartlyUndone => ("warn", "partly undone"),
        BatchState::Undone => ("calm", "undone"),
    };
    Mark::new(look, frame.either(state.zh(), english))
}

async fn export(app: &App, ctx: &Ctx, rows: &[Model], frame: &Frame) -> Result<Response, ApiError> {
    let names = Names::of(app.db().read(), [], rows.iter().map(|row| row.actor.as_str())).await?;
    let w = &frame.words.imports.list;
    let head = [&w.file, &w.kind, &w.rows, &w.rejects, &w.state, &w.who, &w.at].map(Clone::clone);
    #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let line = line(frame, &names, row);
            vec![
                line.name.into(),
                line.kind.into(),
                Cell::Number(row.row_count as f64),
                Cell::Number(row.reject_count as f64),
                line.state.text.into(),
                line.who.into(),
                line.at.into(),
            ]
        })
        .collect();
    parts::taken_away(&w.title, ctx.now().day(), head.to_vec(), cells).await
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        List { frame, said, may, unfinished, sorts, lines, next }
        Unfinished { id, name, kind, at }
        Line { id, name, kind, rows, rejects, state, who, at }
    }
    renders! {
        imports_list: List,
    }
}
