//! A list of cars comes in by a file: looked at first, or written at once; rows that cannot be are told with their reason.

use axum::extract::{FromRequest as _, Multipart, Request, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::access::{Action, permit_somewhere};
use crate::documents::{ColumnMap, Limits};
use crate::imports::{self, ImportError, Report, What};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind, Table, Td};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Refused rows that the page shows.
const SHOWN: usize = 200;

/// The form as it came.
#[derive(Debug, Default)]
struct Parts {
    name: String,
    bytes: Vec<u8>,
    map: String,
    only_look: bool,
}

impl Parts {
    async fn read(app: &App, request: Request) -> Result<Self, ApiError> {
        let mut parts = Multipart::from_request(request, app).await?;
        let mut found = Self::default();
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" => {
                    found.name = part.file_name().unwrap_or_default().chars().take(120).collect();
                    found.bytes = part.bytes().await?.to_vec();
                }
                "map" => found.map = part.text().await?,
                "only_look" => found.only_look = part.text().await? == "yes",
                _ => {}
            }
        }
        Ok(found)
    }
}

pub(super) async fn show(Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ImportsRun)?;
    Ok(page(frame, None, "", &Faults::default()))
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    request: Request,
) -> Result<Response, ApiError> {
    // Before a byte of the file is taken in.
    permit_somewhere(&ctx, Action::ImportsRun)?;
    let parts = Parts::read(&app, request).await?;
    let (map, only_look) = (parts.map.clone(), parts.only_look);
    match bring(&app, ctx, parts).await.map_err(explained) {
        Ok(report) => match report.batch.filter(|_| report.rejects.is_empty()) {
            Some(batch) => Ok(Redirect::to(&format!("/imports/{batch}")).into_response()),
            None => Ok(page(frame, Some((report, only_look)), &map, &Faults::default())),
        },
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["file", "map"]);
            Ok(page(frame, None, &map, &faults))
        }
    }
}

async fn bring(app: &App, ctx: crate::kernel::Ctx, parts: Parts) -> Result<Report, ApiError> {
    if parts.bytes.is_empty() {
        return Err(ApiError::invalid("file", "请选择文件"));
    }
    let map = ColumnMap::parse(parts.map.lines().filter(|line| !line.trim().is_empty())).map_err(ImportError::from)?;
    let read = tokio::task::spawn_blocking(move || -> Result<_, ImportError> {
        let unreadable = |source| ImportError::Unreadable { path: parts.name.clone(), source };
        let folder = tempfile::tempdir().map_err(unreadable)?;
        let path = folder.path().join("vehicles");
        std::fs::write(&path, &parts.bytes).map_err(unreadable)?;
        let request = imports::Request { path: &path, map, dry_run: parts.only_look, what: What::Vehicles };
        imports::parse(&request, &parts.name, Limits::default())
    });
    let parsed = read.await.map_err(|_| ApiError::Internal)??;
    app.write_or(move |db| async move { imports::write(&db, &ctx, &parsed).await }).await?.map_err(ApiError::from)
}

fn page(frame: Frame, done: Option<(Report, bool)>, map: &str, faults: &Faults) -> Response {
    let w = &frame.words.vehicles.import;
    let mut blocks = Vec::new();
    if let Some((report, only_look)) = &done {
        blocks.push(outcome(&frame, report, *only_look));
    }
    let fields = vec![
        Field { kind: Kind::File, ..Field::text("file", &w.file, "", faults) }.help(&w.file_help),
        Field::area("map", &w.map, map, faults).help(&w.map_help),
        Field {
            id: "only_look".to_owned(),
            label: w.look.clone(),
            kind: Kind::Ticks(vec![("yes".to_owned(), w.only_look.clone(), done.is_none())]),
            ..Field::default()
        },
    ];
    let form = Sheet {
        action: "/vehicles/import".to_owned(),
        fields,
        submit: w.bring.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    blocks.push(Block { title: w.bring.clone(), form: Some(form), ..Block::default() });
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let (title, lead) = (w.title.clone(), w.lead.clone());
    Board { back, lead, blocks, ..Board::new(frame, title) }.answer()
}

fn outcome(frame: &Frame, report: &Report, only_look: bool) -> Block {
    let w = &frame.words.vehicles.import;
    let mut table = Table::new(&[&w.row, &w.column, &w.value, &w.reason].map(String::as_str));
    for reject in report.rejects.iter().take(SHOWN) {
        table.rows.push(vec![
            Td::from(reject.at.row.to_string()),
            reject.column.clone().into(),
            reject.value.clone().into(),
            crate::web::pages::refusals::said(reject.reason.clone()).into(),
        ]);
    }
    table.empty.1.clone_from(&w.all_good);
    let said = if only_look { &w.said_look } else { &w.said_brought };
    let said =
        said.replace("{taken}", &report.taken.to_string()).replace("{refused}", &report.rejects.len().to_string());
    let look = if report.rejects.is_empty() { "success" } else { "warning" };
    Block {
        title: w.outcome.clone(),
        alert: Some((look, said)),
        notes: report.notes.clone(),
        table: Some(table),
        ..Block::default()
    }
}
