//! `/api/v1`: imports. A file comes in by a form; its name is told and kept, and never opens anything.

use std::path::Path as FilePath;

use axum::Json;
use axum::extract::multipart::Field;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request as HttpRequest, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use tempfile::TempDir;
use tokio::io::AsyncWriteExt as _;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::parts::{BatchKindName, BatchStateName, after_id};
use crate::access::{Action, permit_somewhere};
use crate::documents::{ColumnMap, DocumentError, Limits, Reject, RejectSink as _, RejectsFile};
use crate::imports::{self, ImportError, Report, Request, What, entity};
use crate::kernel::ids::BatchId;
use crate::kernel::{Ctx, Timestamp, text};
use crate::web::error::Problems;
use crate::web::extract::{Page, Paging, Path, Query};
use crate::web::settings::{UPLOAD_BYTES, UPLOAD_FORM_BYTES};
use crate::web::{ApiError, App, Caller};

/// Rejects that a JSON answer lists; the CSV has them all.
const MOST_REJECTS: usize = 1_000;

/// What one upload may ask of us.
pub(in crate::web) const LIMITS: Limits = Limits {
    text_bytes: UPLOAD_BYTES as u64,
    workbook_bytes: 32 << 20,
    unpacked_bytes: 256 << 20,
    ratio: 200,
    ratio_from_bytes: 16 << 20,
    cells: 5_000_000,
    rows: 500_000,
    sheets: 200,
    cell_bytes: 100_000,
    row_bytes: 1 << 20,
};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let uploads = OpenApiRouter::new().routes(routes!(run)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES));
    uploads.merge(OpenApiRouter::new().routes(routes!(list)).routes(routes!(show)).routes(routes!(undo)))
}

impl From<ImportError> for ApiError {
    fn from(error: ImportError) -> Self {
        let said = error.to_string();
        match error {
            ImportError::Twice { .. } | ImportError::UndoneAlready(_) => Self::Conflict(said),
            ImportError::NoBatch(_) => Self::NotFound(said),
            ImportError::Document(DocumentError::BadMap { .. }) => Self::invalid("map", said),
            ImportError::Document(_) => Self::invalid("file", said),
            ImportError::Item(error) => error.into(),
            ImportError::Vehicle(error) => error.into(),
            ImportError::Stocktake(error) => match crate::db::FromDb::db(&error) {
                Some(_) => {
                    tracing::error!(?error, "the database failed");
                    Self::Internal
                }
                None => Self::Conflict(said),
            },
            ImportError::Forbidden(error) => error.into(),
            ImportError::Db(error) => error.into(),
            ImportError::Unreadable { .. } | ImportError::TakenBack(_) => {
                tracing::error!(?error, "an upload could not be read back");
                Self::Internal
            }
        }
    }
}

/// A batch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct BatchView {
    /// Its id.
    id: Uuid,
    /// What it brought.
    kind: BatchKindName,
    /// What the file was called.
    file_name: String,
    /// Rows taken.
    row_count: i64,
    /// Rows refused.
    reject_count: i64,
    /// Whether it stands.
    state: BatchStateName,
    /// Who.
    actor: String,
    /// When, in milliseconds since 1970 UTC.
    imported_at: i64,
    /// When it was undone, in milliseconds since 1970 UTC.
    undone_at: Option<i64>,
}

impl From<entity::Model> for BatchView {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind.into(),
            file_name: row.file_name,
            row_count: row.row_count,
            reject_count: row.reject_count,
            state: row.state.into(),
            actor: row.actor,
            imported_at: row.imported_at.0,
            undone_at: row.undone_at.map(|at| at.0),
        }
    }
}

/// A row that was not taken, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct RejectView {
    /// The file's name.
    file: String,
    /// The sheet; empty for a text file.
    sheet: String,
    /// The row from 1, as Excel shows it; 0 for the sheet as a whole.
    #[schema(minimum = 0)]
    row: u64,
    /// The column's header as the file has it.
    column: String,
    /// The cell as the file has it.
    value: String,
    /// Why, in a sentence.
    reason: String,
}

impl From<&Reject> for RejectView {
    fn from(reject: &Reject) -> Self {
        Self {
            file: reject.at.file.to_string(),
            sheet: reject.at.sheet.to_string(),
            row: reject.at.row,
            column: reject.column.clone(),
            value: reject.value.clone(),
            reason: reject.reason.clone(),
        }
    }
}

/// What came of a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct ReportView {
    /// The batch; none when nothing was taken or it was a dry run.
    batch_id: Option<Uuid>,
    /// Whether it was only tried.
    dry_run: bool,
    /// Rows taken.
    #[schema(minimum = 0)]
    taken: usize,
    /// Rows refused.
    #[schema(minimum = 0)]
    refused: usize,
    /// The first thousand of them; a CSV answer has all.
    rejects: Vec<RejectView>,
    /// What was skipped or decided while reading.
    notes: Vec<String>,
    /// Units, places and people made because a row named them.
    created: Vec<String>,
}

/// The form that brings a file.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to the document; the parts are read one by one")]
struct ImportForm {
    /// The file: CSV, XLSX, XLS, ODS.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// What it is brought in as.
    kind: BatchKindName,
    /// Only say what would happen.
    dry_run: Option<bool>,
    /// `field=Header` or `field=#C`; as often as needed.
    map: Option<Vec<String>>,
    /// Assets: whether units, places and people that a row names are made where they are missing.
    create_missing: Option<bool>,
    /// Assets: the day from which the book has them.
    as_of: Option<NaiveDate>,
    /// Counts: the campaign's number.
    campaign: Option<String>,
    /// Counts: who counted, where a row does not say.
    counter: Option<String>,
}

/// How an import is answered.
#[derive(Debug, Clone, Copy, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Answer {
    /// `csv` answers `rejects.csv` with every row that was refused, instead of the report.
    #[param(inline)]
    rejects: Option<RejectsAs>,
}

#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
enum RejectsAs {
    Csv,
    Json,
}

/// The parts of the form as they came.
#[derive(Default)]
struct Form {
    folder: Option<TempDir>,
    name: String,
    kind: Option<String>,
    dry_run: bool,
    map: Vec<String>,
    create_missing: bool,
    as_of: Option<NaiveDate>,
    campaign: String,
    counter: String,
}

/// The longest text of a form, in characters, and the most columns that it maps.
const MOST_CHARS: usize = 200;
const MOST_MAPPED: usize = 100;

impl Form {
    async fn read(mut parts: Multipart) -> Result<Self, ApiError> {
        let mut form = Self::default();
        while let Some(part) = parts.next_field().await? {
            let name = part.name().unwrap_or_default().to_owned();
            match name.as_str() {
                "file" if form.folder.is_some() => return Err(ApiError::invalid("file", "一次只能导入一个文件")),
                "file" => form.keep(part).await?,
                "kind" => form.kind = Some(line("kind", part).await?),
                "dry_run" => form.dry_run = flag("dry_run", part).await?,
                "create_missing" => form.create_missing = flag("create_missing", part).await?,
                "map" if form.map.len() >= MOST_MAPPED => return Err(ApiError::invalid("map", "列对应太多")),
                "map" => form.map.push(line("map", part).await?),
                "campaign" => form.campaign = line("campaign", part).await?,
                "counter" => form.counter = line("counter", part).await?,
                "as_of" => {
                    let day = line("as_of", part).await?;
                    let day = day.parse().map_err(|_| ApiError::invalid("as_of", "日期应写成 2026-11-01"))?;
                    form.as_of = Some(day);
                }
                other => return Err(ApiError::invalid(&shown(other), "没有这一项")),
            }
        }
        Ok(form)
    }

    /// Puts the file's bytes where we choose; its own name is only kept to be told.
    async fn keep(&mut self, mut part: Field<'_>) -> Result<(), ApiError> {
        self.name = shown(part.file_name().unwrap_or_default());
        let folder = TempDir::new().map_err(|error| refused_by_disk(&error))?;
        let mut file =
            tokio::fs::File::create(folder.path().join(UPLOAD)).await.map_err(|error| refused_by_disk(&error))?;
        while let Some(chunk) = part.chunk().await? {
            file.write_all(&chunk).await.map_err(|error| refused_by_disk(&error))?;
        }
        file.flush().await.map_err(|error| refused_by_disk(&error))?;
        self.folder = Some(folder);
        Ok(())
    }

    fn what(&self, ctx: &Ctx) -> Result<What, ApiError> {
        Ok(match self.kind.as_deref() {
            Some("units") => What::Units,
            Some("people") => What::People,
            Some("places") => What::Places,
            Some("assets") => What::Assets {
                effective_at: self.as_of.map_or_else(|| ctx.now(), Timestamp::start_of_day),
                create_missing: self.create_missing,
            },
            Some("counts") if self.campaign.is_empty() => {
                return Err(ApiError::invalid("campaign", "请写盘点编号"));
            }
            Some("counts") => What::Counts { campaign: self.campaign.clone(), counter: self.counter.clone() },
            _ => return Err(ApiError::invalid("kind", "应为 units、people、places、assets 或 counts")),
        })
    }
}

/// The name under which every upload lies in a folder of its own.
const UPLOAD: &str = "upload";

fn refused_by_disk(error: &std::io::Error) -> ApiError {
    tracing::error!(?error, "an upload could not be kept");
    ApiError::Internal
}

/// A file's name as it may be told: the last part of whatever path came, without characters that no keyboard writes.
pub(in crate::web) fn shown(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(|c| !c.is_control()).take(100).collect();
    if plain.trim().is_empty() || plain.chars().all(|c| c == '.') { "未命名".to_owned() } else { plain }
}

async fn line(field: &str, part: Field<'_>) -> Result<String, ApiError> {
    let text = part.text().await?;
    match text::fault(&text, MOST_CHARS) {
        Some(reason) => Err(ApiError::invalid(field, reason)),
        None => Ok(text),
    }
}

async fn flag(field: &str, part: Field<'_>) -> Result<bool, ApiError> {
    match line(field, part).await?.as_str() {
        "true" => Ok(true),
        "false" | "" => Ok(false),
        _ => Err(ApiError::invalid(field, "应为 true 或 false")),
    }
}

/// Brings a file in: its good rows together or not at all, its bad rows told.
#[utoipa::path(post, path = "/imports", operation_id = "imports_run", tag = "imports", params(Answer),
    request_body(content = ImportForm, content_type = "multipart/form-data"),
    responses(
        (status = 201, description = "Rows were taken", content((ReportView = "application/json"), (String = "text/csv"))),
        (status = 200, description = "Nothing was written: a dry run, or no row could be taken",
            content((ReportView = "application/json"), (String = "text/csv"))),
        Problems), security(("session" = []), ("token" = [])))]
async fn run(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(answer): Query<Answer>,
    request: HttpRequest,
) -> Result<Response, ApiError> {
    // Before a byte of the file is taken in.
    permit_somewhere(&ctx, Action::ImportsRun)?;
    let parts = Multipart::from_request(request, &app).await;
    let parts = parts.map_err(|_| ApiError::WrongType("请以 multipart/form-data 提交".to_owned()))?;
    let form = Form::read(parts).await?;
    let what = form.what(&ctx)?;
    let map = ColumnMap::parse(&form.map).map_err(ImportError::from)?;
    let Some(folder) = form.folder else { return Err(ApiError::invalid("file", "请选择文件")) };
    let (dry_run, name) = (form.dry_run, form.name);
    // Reading takes a core for a while, and holds up nobody's request and nobody's write.
    let parsed = tokio::task::spawn_blocking(move || {
        let path = folder.path().join(UPLOAD);
        imports::parse(&Request { path: &path, map, dry_run, what }, &name, LIMITS)
    });
    let parsed = parsed.await.map_err(|_| ApiError::invalid("file", "文件无法读取"))??;
    let report = app.write(move |db| async move { imports::write(&db, &ctx, &parsed).await }).await?;
    answered(report, dry_run, matches!(answer.rejects, Some(RejectsAs::Csv))).await
}

async fn answered(report: Report, dry_run: bool, csv: bool) -> Result<Response, ApiError> {
    let batch = report.batch;
    let body = if csv {
        let made = tokio::task::spawn_blocking(move || rejects_csv(&report)).await;
        let bytes = made.map_err(|_| ApiError::Internal)?.map_err(ImportError::from)?;
        let named = "attachment; filename=\"rejects.csv\"";
        ([(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, named)], bytes)
            .into_response()
    } else {
        Json(ReportView {
            batch_id: batch.map(Into::into),
            dry_run,
            taken: report.taken,
            refused: report.rejects.len(),
            rejects: report.rejects.iter().take(MOST_REJECTS).map(RejectView::from).collect(),
            notes: report.notes,
            created: report.created,
        })
        .into_response()
    };
    Ok(match batch {
        Some(batch) => {
            (StatusCode::CREATED, [(header::LOCATION, format!("/api/v1/imports/{batch}"))], body).into_response()
        }
        None => body,
    })
}

pub(in crate::web) fn rejects_csv(report: &Report) -> Result<Vec<u8>, DocumentError> {
    let failed = |error| DocumentError::read("rejects.csv", error);
    let folder = TempDir::new().map_err(failed)?;
    let path = folder.path().join("rejects.csv");
    let mut file = RejectsFile::create(FilePath::new(&path))?;
    report.rejects.iter().for_each(|reject| file.reject(reject.clone()));
    file.finish()?;
    std::fs::read(&path).map_err(failed)
}

/// The batches, newest first: all of them for who may read imports everywhere, else one's own.
#[utoipa::path(get, path = "/imports", operation_id = "imports_list", tag = "imports", params(Paging),
    responses((status = 200, body = Page<BatchView>), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<BatchView>>, ApiError> {
    permit_somewhere(&ctx, Action::ImportsRead)?;
    let limit = paging.rows()?;
    let after = after_id(paging.after.as_deref())?;
    let rows = imports::batches_page(app.db().read(), &ctx, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(BatchView::from).collect(), next: page.next }))
}

/// A batch.
#[utoipa::path(get, path = "/imports/{id}", operation_id = "imports_show", tag = "imports", params(("id" = Uuid, Path)),
    responses((status = 200, body = BatchView), Problems), security(("session" = []), ("token" = [])))]
async fn show(State(app): State<App>, Caller(ctx): Caller, Path(id): Path<Uuid>) -> Result<Json<BatchView>, ApiError> {
    permit_somewhere(&ctx, Action::ImportsRead)?;
    let row = imports::batch(app.db().read(), &ctx, BatchId(id)).await?;
    Ok(Json(row.ok_or_else(|| ImportError::NoBatch(id.to_string()))?.into()))
}

/// What undoing did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
struct UndoneView {
    /// Which batch.
    batch_id: Uuid,
    /// What it had brought.
    kind: BatchKindName,
    /// Rows taken out again.
    #[schema(minimum = 0)]
    undone: usize,
    /// Rows kept because they changed or are needed, by number or name.
    kept: Vec<String>,
}

/// Undoes a batch; what something has come to depend on since is kept, and named.
#[utoipa::path(post, path = "/imports/{id}/undo", operation_id = "imports_undo", tag = "imports",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = UndoneView), Problems), security(("session" = []), ("token" = [])))]
async fn undo(State(app): State<App>, Caller(ctx): Caller, Path(id): Path<Uuid>) -> Result<Json<UndoneView>, ApiError> {
    let undone = app.write(move |db| async move { imports::undo(&db, &ctx, BatchId(id)).await }).await?;
    Ok(Json(UndoneView {
        batch_id: undone.batch.into(),
        kind: undone.kind.into(),
        undone: undone.undone,
        kept: undone.kept,
    }))
}
