//! Step two: which column of the file is which field.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use uuid::Uuid;

use super::list::kind_word;
use super::schema;
use super::waiting::{About, SHEET, Waiting};
use super::work::{begin, blocking, under_way};
use crate::access::{Action, permit_somewhere};
use crate::documents::letters;
use crate::documents::schema::Kind;
use crate::imports::ImportError;
use crate::kernel::Ctx;
use crate::web::extract::Path;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// A field of ours, the column it is taken from, and what stands there.
#[derive(Debug)]
struct Line {
    id: String,
    text: String,
    hint: String,
    required: bool,
    chosen: String,
    samples: Vec<String>,
    fault: String,
}

#[derive(Template)]
#[template(path = "imports/columns.html")]
struct Columns {
    frame: Frame,
    title: String,
    id: String,
    options: Vec<(String, String)>,
    lines: Vec<Line>,
    heads: Vec<String>,
    letters: Vec<String>,
    rows: Vec<Vec<String>>,
    unused: String,
    notice: String,
    faults: Faults,
}

/// A waiting file; one that is in already leads to its batch.
pub(super) async fn opened(app: &App, ctx: &Ctx, id: Uuid) -> Result<Result<(Waiting, About), Response>, ApiError> {
    permit_somewhere(ctx, Action::ImportsRun)?;
    let (looking, asking) = (app.clone(), ctx.clone());
    let (waiting, about) = blocking(move || Waiting::open(&looking, &asking, id)).await?;
    Ok(match about.batch {
        Some(batch) => Err(Redirect::to(&format!("/imports/{batch}")).into_response()),
        None => Ok((waiting, about)),
    })
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
) -> Result<Response, ApiError> {
    match opened(&app, &ctx, id).await? {
        Err(leads) => Ok(leads),
        Ok((_, about)) => form(frame, id, &about, Faults::default()),
    }
}

fn form(frame: Frame, id: Uuid, about: &About, faults: Faults) -> Result<Response, ApiError> {
    let (w, glimpse, kind) = (&frame.words.imports.columns, &about.glimpse, about.kind()?);
    let column = |letter: &str| (0..glimpse.headers.len()).find(|column| letters(*column) == letter);
    let lines = schema(kind).fields.iter().enumerate().map(|(index, field)| {
        let chosen = about.chosen.get(index).cloned().unwrap_or_default();
        let samples = column(&chosen).map(|at| samples(about, at)).unwrap_or_default();
        Line {
            id: format!("field-{}", field.name),
            text: frame.either(field.zh, &spaced(field.name)).to_owned(),
            hint: hint(&frame, field.kind).to_owned(),
            required: field.required,
            samples: if chosen == SHEET { vec![glimpse.sheet.clone()] } else { samples },
            chosen,
            fault: faults.of(field.name).to_owned(),
        }
    });
    let lines: Vec<Line> = lines.collect();
    let named = |at: usize| {
        let header = glimpse.headers.get(at).map_or("", String::as_str);
        if header.is_empty() { letters(at) } else { format!("{} · {header}", letters(at)) }
    };
    let mut options = vec![(String::new(), w.leave_out.clone())];
    options.extend((0..glimpse.headers.len()).map(|at| (letters(at), named(at))));
    if !glimpse.sheet.is_empty() {
        options.push((SHEET.to_owned(), w.sheet_name.replace("{sheet}", &glimpse.sheet)));
    }
    let unused: Vec<String> = (0..glimpse.headers.len())
        .filter(|at| !glimpse.headers[*at].is_empty() && !about.chosen.contains(&letters(*at)))
        .map(named)
        .collect();
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = Columns {
        title: w.heading.replace("{file}", &about.name).replace("{kind}", &kind_word(&frame, kind)),
        id: id.to_string(),
        options,
        lines,
        letters: (0..glimpse.headers.len()).map(letters).collect(),
        heads: glimpse.headers.clone(),
        rows: glimpse.rows.clone(),
        unused: unused.join("、"),
        notice: if faults == Faults::default() { glimpse.fault.clone() } else { String::new() },
        faults,
        frame,
    };
    Ok(page(status, None, &shown))
}

/// What is written in the cells of such a column.
fn hint(frame: &Frame, kind: Kind) -> &'static str {
    let w = &frame.words.imports.hints;
    match kind {
        Kind::Text => &w.text,
        Kind::Identifier => &w.identifier,
        Kind::Quantity => &w.quantity,
        Kind::Money => &w.money,
        Kind::Decimal => &w.decimal,
        Kind::Date => &w.date,
        Kind::DateTime => &w.date_time,
        Kind::State => &w.state,
        Kind::YesNo => &w.yes_no,
    }
}

/// What stands in a column, the first few that say something.
fn samples(about: &About, column: usize) -> Vec<String> {
    let cells = about.glimpse.rows.iter().filter_map(|row| row.get(column));
    cells.filter(|cell| !cell.is_empty()).take(3).cloned().collect()
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    frame: Frame,
    axum::Form(typed): axum::Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    let (waiting, about) = match opened(&app, &ctx, id).await? {
        Err(leads) => return Ok(leads),
        Ok(found) => found,
    };
    if under_way(&app, id).is_some() {
        return Ok(Redirect::to(&format!("/imports/new/{id}/preview")).into_response());
    }
    let of = |name: &str| typed.iter().find(|(at, _)| at == name).map_or("", |(_, value)| value).to_owned();
    let fields = schema(about.kind()?).fields;
    let chosen = fields.iter().map(|field| of(&format!("field-{}", field.name))).collect();
    let about = About { chosen, preview: None, failed: String::new(), ..about };
    let (keeping, kept) = (waiting.clone(), about.clone());
    blocking(move || keeping.keep(&kept)).await?;
    if of("go") == "look" {
        return form(frame, id, &about, Faults::default());
    }
    match checked(&about).map_err(explained) {
        Ok(()) => {
            begin(&app, &ctx, waiting, about, false).await?;
            Ok(Redirect::to(&format!("/imports/new/{id}/preview")).into_response())
        }
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let names: Vec<&str> = fields.iter().map(|field| field.name).collect();
            form(frame, id, &about, Faults::refused(field.as_deref(), reason, &names))
        }
    }
}

/// Every field that must be there has a column, and no column serves two fields.
fn checked(about: &About) -> Result<(), ApiError> {
    let fields = schema(about.kind()?).fields;
    for (field, chosen) in fields.iter().zip(&about.chosen) {
        if field.required && chosen.is_empty() {
            return Err(ApiError::invalid(field.name, format!("请选择哪一列是{}", field.zh)));
        }
        let twice = about.chosen.iter().filter(|other| *other == chosen).count() > 1;
        if !chosen.is_empty() && chosen != SHEET && twice {
            return Err(ApiError::invalid(field.name, format!("{chosen} 列不能同时作两项")));
        }
    }
    about.map().map(|_| ()).map_err(|error| ImportError::from(error).into())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Columns { frame, title, id, options, lines, heads, letters, rows, unused, notice, faults }
        Line { id, text, hint, required, chosen, samples, fault }
    }
    renders! {
        imports_columns: Columns,
    }
}
