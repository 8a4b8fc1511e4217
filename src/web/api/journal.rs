//! `/api/v1/journal`: entries with their proofs, checkpoints, consistency, and the export as a download.

use axum::body::Body as Stream;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use tokio_util::io::ReaderStream;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Action, permit, permit_somewhere, reach};
use crate::journal::entity::checkpoint::Model as Checkpoint;
use crate::journal::entity::entry::Model as Entry;
use crate::journal::read::{self, Search, Shown};
use crate::journal::{JournalError, checkpoint, export, founding, sequencer};
use crate::kernel::hash::{Hash, hex};
use crate::kernel::ids::{JournalEntryId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::watched::tables;
use crate::web::error::Problems;
use crate::web::extract::{Page, Paging, Path, Query};
use crate::web::{ApiError, App, Caller};

/// Touched rows that an entry shows at most.
const TOUCHED_ROWS: usize = 500;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(entries))
        .routes(routes!(entry))
        .routes(routes!(checkpoints, sign))
        .routes(routes!(newest))
        .routes(routes!(consistency))
        .routes(routes!(download))
}

impl From<JournalError> for ApiError {
    fn from(error: JournalError) -> Self {
        match error {
            JournalError::Db(error) => error.into(),
            JournalError::NoEntry(_) | JournalError::NoCheckpoint => Self::NotFound(error.to_string()),
            JournalError::NoSuchSize { .. } => Self::Invalid { field: None, reason: error.to_string() },
            JournalError::NotOnwards { .. } => Self::invalid("from", error.to_string()),
            JournalError::FoundedOtherwise(_) => Self::Conflict(error.to_string()),
            JournalError::Broken(_) | JournalError::File { .. } | JournalError::Page(_) => {
                tracing::error!(?error, "the journal failed");
                Self::Internal
            }
        }
    }
}

/// Which entries.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// Who acted, as entries write it.
    #[param(max_length = 200)]
    actor: Option<String>,
    /// What was done, `items.change`; `items.` for all of the room.
    #[param(max_length = 200)]
    action: Option<String>,
    /// What it was done to.
    #[param(max_length = 200)]
    subject: Option<String>,
    /// Of this unit.
    unit: Option<Uuid>,
    /// Not before, in milliseconds since 1970.
    from: Option<i64>,
    /// Before, in milliseconds since 1970.
    to: Option<i64>,
    /// `next` of the page before; nothing for the first.
    after: Option<Uuid>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

/// One command that was carried out.
#[derive(Debug, Serialize, ToSchema)]
struct EntryView {
    /// Its id.
    id: Uuid,
    /// When, in milliseconds since 1970.
    at: i64,
    /// Who: `person:…`, `local:…`, `system`.
    actor: String,
    /// Who signed with them.
    co_signer: Option<String>,
    /// Whose things were touched.
    unit: Option<Uuid>,
    /// `room.verb`.
    action: String,
    /// What it was done to.
    subject: String,
    /// What the command was given, as JSON text.
    payload: String,
    /// The hash of the list of touched rows.
    rows_hash: String,
    /// 1 when the list of touched rows is kept, 0 for older entries.
    format: i64,
}

impl From<Entry> for EntryView {
    fn from(row: Entry) -> Self {
        Self {
            id: row.id.0,
            at: row.at.0,
            actor: row.actor,
            co_signer: row.co_signer,
            unit: row.unit_id.map(|unit| unit.0),
            action: row.action,
            subject: row.subject,
            payload: row.payload,
            rows_hash: row.rows_hash,
            format: row.format,
        }
    }
}

/// Where an entry is in the tree.
#[derive(Debug, Serialize, ToSchema)]
struct InclusionView {
    /// Its number, from 0.
    index: u64,
    /// Entries of the tree.
    size: u64,
    /// The tree's head, in hexadecimal.
    root: String,
    /// The hash of the leaf, in hexadecimal.
    leaf: String,
    /// The hashes from the leaf to the head, in hexadecimal (RFC 6962).
    proof: Vec<String>,
}

/// A row that an entry touched.
#[derive(Debug, Serialize, ToSchema)]
struct TouchedView {
    /// Its table.
    table: String,
    /// Its primary key.
    key: String,
    /// Its hash as the command left it; zeros when it was taken away.
    hash: String,
}

/// An entry in full.
#[derive(Debug, Serialize, ToSchema)]
struct ShownView {
    /// The entry.
    entry: EntryView,
    /// Where it is in the tree; nothing while it waits to be sealed.
    inclusion: Option<InclusionView>,
    /// Whether it still is what was sealed.
    fits: bool,
    /// Rows it touched; nothing for older entries.
    touched_count: Option<usize>,
    /// The first 500 of them.
    touched: Vec<TouchedView>,
}

impl ShownView {
    fn of(shown: Shown, fits: bool) -> Self {
        let inclusion = shown.inclusion.map(|at| InclusionView {
            index: at.index,
            size: at.size,
            root: hex(&at.root),
            leaf: hex(&at.leaf),
            proof: hexes(&at.proof),
        });
        let touched = shown
            .touched
            .into_iter()
            .map(|row| TouchedView { table: row.table, key: row.key, hash: row.hash })
            .collect();
        Self { entry: shown.entry.into(), inclusion, fits, touched_count: shown.touched_count, touched }
    }
}

fn hexes(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(|hash| hex(hash)).collect()
}

/// A signed head of the tree.
#[derive(Debug, Serialize, ToSchema)]
struct CheckpointView {
    /// Entries under it.
    size: i64,
    /// When it was signed, in milliseconds since 1970.
    at: i64,
    /// Who had it signed.
    actor: String,
    /// The head, in hexadecimal.
    root: String,
    /// The signed note (C2SP signed-note): keep it elsewhere.
    note: String,
    /// Entries under the checkpoint before; 0 for the first.
    previous_size: i64,
    /// The hashes that prove it to continue the one before, in hexadecimal (RFC 6962).
    proof: Vec<String>,
    /// The key to check it with, `name+id+key`.
    key: String,
}

impl CheckpointView {
    fn of(row: Checkpoint, key: &str) -> Self {
        Self {
            size: row.size,
            at: row.at.0,
            actor: row.actor,
            root: hex(&row.root),
            note: row.note,
            previous_size: row.previous_size,
            proof: row.proof.chunks(32).map(hex).collect(),
            key: key.to_owned(),
        }
    }
}

async fn key(app: &App) -> Result<String, ApiError> {
    let journal = founding::journal(app.db().read()).await?.ok_or(JournalError::NoCheckpoint)?;
    Ok(journal.vkey.to_string())
}

/// A text that no row can hold is in no row; PostgreSQL would refuse to look for it.
fn plain(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.contains('\0') || text.chars().count() > 200 => {
            Err(ApiError::invalid(field, "最多 200 个字，且不能有控制字符"))
        }
        other => Ok(other),
    }
}

/// The units whose entries are seen; `None`: all, and those of no unit.
fn seen(ctx: &Ctx, asked: Option<UnitId>) -> Result<Option<Vec<UnitId>>, ApiError> {
    permit_somewhere(ctx, Action::JournalRead)?;
    Ok(match (reach(ctx, Action::JournalRead).units(), asked) {
        (reach, None) => reach,
        (None, Some(unit)) => Some(vec![unit]),
        (Some(units), Some(unit)) => Some(if units.contains(&unit) { vec![unit] } else { Vec::new() }),
    })
}

/// Entries, newest first.
#[utoipa::path(
    get, path = "/journal/entries", operation_id = "journal_list", tag = "journal", params(Filter),
    responses((status = 200, body = Page<EntryView>), Problems), security(("session" = []), ("token" = []))
)]
async fn entries(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<Filter>,
) -> Result<axum::Json<Page<EntryView>>, ApiError> {
    let limit = Paging { after: None, limit: filter.limit }.rows()?;
    let wanted = Search {
        actor: plain("actor", filter.actor)?,
        action: plain("action", filter.action)?,
        subject: plain("subject", filter.subject)?,
        units: seen(&ctx, filter.unit.map(UnitId))?,
        from: filter.from.map(Timestamp),
        to: filter.to.map(Timestamp),
        after: filter.after.map(JournalEntryId),
    };
    let rows = read::list(app.db().read(), &wanted, limit + 1).await?;
    let rows: Vec<EntryView> = rows.into_iter().map(EntryView::from).collect();
    Ok(axum::Json(Page::cut(rows, limit, |row| row.id.to_string())))
}

/// An entry, the rows it touched, and the proof that it is in the tree.
#[utoipa::path(
    get, path = "/journal/entries/{id}", operation_id = "journal_show", tag = "journal",
    params(("id" = Uuid, Path, description = "The entry")),
    responses((status = 200, body = ShownView), Problems), security(("session" = []), ("token" = []))
)]
async fn entry(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<axum::Json<ShownView>, ApiError> {
    permit_somewhere(&ctx, Action::JournalRead)?;
    let shown = read::show(app.db().read(), JournalEntryId(id), TOUCHED_ROWS).await?;
    permit(&ctx, Action::JournalRead, shown.entry.unit_id)?;
    let kind = founding::hash_kind(app.db().read()).await?;
    let fits = shown.fits(kind);
    Ok(axum::Json(ShownView::of(shown, fits)))
}

/// Which checkpoints.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct CheckpointPage {
    /// `next` of the page before; nothing for the first.
    #[param(minimum = 0)]
    after: Option<i64>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

/// Checkpoints, newest first.
#[utoipa::path(
    get, path = "/journal/checkpoints", operation_id = "journal_checkpoints", tag = "journal",
    params(CheckpointPage), responses((status = 200, body = Page<CheckpointView>), Problems),
    security(("session" = []), ("token" = []))
)]
async fn checkpoints(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Query(page): Query<CheckpointPage>,
) -> Result<axum::Json<Page<CheckpointView>>, ApiError> {
    permit(&ctx, Action::JournalRead, None)?;
    let limit = Paging { after: None, limit: page.limit }.rows()?;
    let rows = checkpoint::list(app.db().read(), page.after, limit + 1).await?;
    let key = if rows.is_empty() { String::new() } else { key(&app).await? };
    let rows = rows.into_iter().map(|row| CheckpointView::of(row, &key)).collect();
    Ok(axum::Json(Page::cut(rows, limit, |row: &CheckpointView| row.size.to_string())))
}

/// The newest checkpoint.
#[utoipa::path(
    get, path = "/journal/checkpoints/newest", operation_id = "journal_newest_checkpoint", tag = "journal",
    responses((status = 200, body = CheckpointView), Problems), security(("session" = []), ("token" = []))
)]
async fn newest(app: axum::extract::State<App>, Caller(ctx): Caller) -> Result<axum::Json<CheckpointView>, ApiError> {
    permit(&ctx, Action::JournalRead, None)?;
    let row = checkpoint::newest(app.db().read()).await?.ok_or(JournalError::NoCheckpoint)?;
    Ok(axum::Json(CheckpointView::of(row, &key(&app).await?)))
}

/// Seals what waits and signs the tree's head; a head that was signed before is not signed twice.
#[utoipa::path(
    post, path = "/journal/checkpoints", operation_id = "journal_checkpoint", tag = "journal",
    responses((status = 201, body = CheckpointView), Problems), security(("session" = []), ("token" = []))
)]
async fn sign(app: axum::extract::State<App>, Caller(ctx): Caller) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalCheckpoint, None)?;
    let row = app.write(move |db| async move { checkpoint::make(&db, &ctx).await }).await?;
    let view = CheckpointView::of(row, &key(&app).await?);
    let place = [(header::LOCATION, "/api/v1/journal/checkpoints/newest")];
    Ok((StatusCode::CREATED, place, axum::Json(view)).into_response())
}

/// From which size of the tree to which.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Sizes {
    /// Entries of the older tree.
    #[param(minimum = 1)]
    from: u64,
    /// Entries of the newer tree; all that are sealed when not said.
    #[param(minimum = 1)]
    to: Option<u64>,
}

/// A proof that one tree continues another.
#[derive(Debug, Serialize, ToSchema)]
struct ConsistencyView {
    /// Entries of the older tree.
    from: u64,
    /// Entries of the newer tree.
    to: u64,
    /// The hashes, in base64 (RFC 6962).
    proof: Vec<String>,
}

/// The proof that the tree of some size continues an older one.
#[utoipa::path(
    get, path = "/journal/consistency", operation_id = "journal_consistency", tag = "journal", params(Sizes),
    responses((status = 200, body = ConsistencyView), Problems), security(("session" = []), ("token" = []))
)]
async fn consistency(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Query(sizes): Query<Sizes>,
) -> Result<axum::Json<ConsistencyView>, ApiError> {
    permit(&ctx, Action::JournalRead, None)?;
    let to = match sizes.to {
        Some(to) => to,
        None => sequencer::size(app.db().read()).await?,
    };
    let proof = checkpoint::consistency(app.db().read(), sizes.from, to).await?;
    let proof = proof.iter().map(|hash| BASE64.encode(hash)).collect();
    Ok(axum::Json(ConsistencyView { from: sizes.from, to, proof }))
}

/// Exports at a time: each reads the whole database and fills a disk with it.
static EXPORTS: Semaphore = Semaphore::const_new(1);

/// The journal and every watched row, as `hufu journal verify` checks it.
#[utoipa::path(
    get, path = "/journal/export", operation_id = "journal_export", tag = "journal",
    responses((status = 200, content_type = "application/octet-stream", body = Vec<u8>), Problems),
    security(("session" = []), ("token" = []))
)]
async fn download(app: axum::extract::State<App>, Caller(ctx): Caller) -> Result<Response, ApiError> {
    permit(&ctx, Action::JournalExport, None)?;
    let busy = || ApiError::Conflict("正在导出日志，请等它完成后再试".to_owned());
    let alone = EXPORTS.try_acquire().map_err(|_| busy())?;
    let work = move |db| async move {
        let _alone = alone;
        let dir = tempfile::tempdir().map_err(JournalError::file(std::env::temp_dir()))?;
        let path = dir.path().join("journal.hufu");
        export::write(&db, &ctx, &tables(), &path).await?;
        // The open file lives on while it is read. Its folder goes here, where no client that leaves and no deadline
        // cuts it short.
        std::fs::File::open(&path).map_err(JournalError::file(path))
    };
    let file = tokio::fs::File::from_std(app.write(work).await?);
    let headers = [
        (header::CONTENT_TYPE, "application/octet-stream"),
        (header::CONTENT_DISPOSITION, "attachment; filename=\"journal.hufu\""),
    ];
    Ok((headers, Stream::from_stream(ReaderStream::new(file))).into_response())
}
