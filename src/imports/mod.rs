//! Files into the book: units, people, places, assets, counts; a dry run; undo by batch.
//!
//! A file is one batch and one transaction: its good rows go in together or not at all, its bad rows are told with
//! file, sheet, row, column, value and reason. The rules of a row are the services'; what is decided here is only
//! which unit, place or person a text in a file means. A batch can be undone; rows that something has come to
//! depend on since are kept, and named.

mod assets;
mod counts;
pub mod entity;
pub mod error;
mod org_rows;
mod undo;

use std::path::Path;

use hashbrown::HashMap;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde::Serialize;
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::db::{Db, DbError, Tx};
use crate::documents::{ColumnMap, DocumentError, Fields, Limits, Reject, RejectSink as _, Row, Table};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::BatchId;
use crate::kernel::{Ctx, Timestamp};
pub use entity::{BatchKind, BatchState};
pub use error::ImportError;
pub use undo::{Undone, undo};

/// What a file is brought in as.
#[derive(Debug, Clone)]
pub struct Request<'a> {
    /// The file.
    pub path: &'a Path,
    /// Which of its columns are which fields.
    pub map: ColumnMap,
    /// Only say what would happen.
    pub dry_run: bool,
    /// What is brought in.
    pub what: What,
}

/// What a file holds, with what it takes to read it.
#[derive(Debug, Clone)]
pub enum What {
    /// Units.
    Units,
    /// People.
    People,
    /// Places.
    Places,
    /// Fixed assets.
    Assets {
        /// From when on the book has them: an opening inventory may be dated back.
        effective_at: Timestamp,
        /// Whether units, places and people that a row names are made where they are missing.
        create_missing: bool,
    },
    /// A count into a campaign.
    Counts {
        /// The campaign's number.
        campaign: String,
        /// Who counted, where a row does not say.
        counter: String,
    },
}

impl What {
    const fn kind(&self) -> BatchKind {
        match self {
            Self::Units => BatchKind::Units,
            Self::People => BatchKind::People,
            Self::Places => BatchKind::Places,
            Self::Assets { .. } => BatchKind::Assets,
            Self::Counts { .. } => BatchKind::Counts,
        }
    }
}

/// What came of a file.
#[derive(Debug, Clone, Default)]
pub struct Report {
    /// The batch; none when nothing was taken or it was a dry run.
    pub batch: Option<BatchId>,
    /// Rows taken.
    pub taken: usize,
    /// Rows refused.
    pub rejects: Vec<Reject>,
    /// What was skipped or decided while reading.
    pub notes: Vec<String>,
    /// Units, places and people made because a row named them.
    pub created: Vec<String>,
    /// What the file calls its fields, so that a row refused by the book is told as one refused by the reader is.
    headers: HashMap<&'static str, String>,
}

/// Where a row stood, kept until it is known whether the book takes it.
type Drafts<T> = Vec<(crate::documents::Location, T)>;

/// Brings a file in.
///
/// # Errors
/// When the file cannot be read or was brought in before, or the database refuses: then nothing was taken.
pub async fn run(db: &Db, ctx: &Ctx, request: &Request<'_>) -> Result<Report, ImportError> {
    let sha256 = sha256_of(request.path)?;
    match &request.what {
        What::Units => {
            let (drafts, report) = org_rows::read_units(request)?;
            carry(db, ctx, request, &sha256, report, async |desk| org_rows::write_units(desk, &drafts).await).await
        }
        What::People => {
            let (drafts, report) = org_rows::read_people(request)?;
            carry(db, ctx, request, &sha256, report, async |desk| org_rows::write_people(desk, &drafts).await).await
        }
        What::Places => {
            let (drafts, report) = org_rows::read_places(request)?;
            carry(db, ctx, request, &sha256, report, async |desk| org_rows::write_places(desk, &drafts).await).await
        }
        What::Assets { effective_at, create_missing } => {
            let (drafts, report) = assets::read(request)?;
            carry(db, ctx, request, &sha256, report, async |desk| {
                assets::write(desk, &drafts, *effective_at, *create_missing).await
            })
            .await
        }
        What::Counts { campaign, counter } => {
            let (drafts, report) = counts::read(request, counter)?;
            carry(db, ctx, request, &sha256, report, async |desk| counts::write(desk, &drafts, campaign).await).await
        }
    }
}

/// What writing a batch works with.
pub(crate) struct Desk<'a> {
    tx: &'a Tx,
    ctx: &'a Ctx,
    batch: BatchId,
    report: Report,
    digest: RowsDigest,
}

impl Desk<'_> {
    fn reject(&mut self, at: &crate::documents::Location, column: &str, value: &str, reason: impl Into<String>) {
        self.report.rejects.push(Reject {
            at: at.clone(),
            column: self.report.headers.get(column).map_or(column, String::as_str).to_owned(),
            value: value.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Writes a batch in one transaction; a dry run does all of it and takes it back.
async fn carry<F>(
    db: &Db,
    ctx: &Ctx,
    request: &Request<'_>,
    sha256: &str,
    read: Report,
    write: F,
) -> Result<Report, ImportError>
where
    F: AsyncFn(&mut Desk<'_>) -> Result<(), ImportError>,
{
    let outcome = db
        .write(async |tx| {
            refuse_twice(tx, request, sha256).await?;
            let batch = ctx.new_id();
            let mut desk = Desk {
                tx,
                ctx,
                batch,
                report: Report { batch: Some(batch), ..read.clone() },
                digest: RowsDigest::new(ctx),
            };
            // The batch comes first: its rows point at it.
            new_batch(&desk, request, sha256).into_active_model().insert(tx).await?;
            write(&mut desk).await?;
            desk.report.rejects.sort();
            if request.dry_run || desk.report.taken == 0 {
                return Err(ImportError::TakenBack(Box::new(Report { batch: None, ..desk.report })));
            }
            finish_batch(tx, ctx, request, sha256, desk).await
        })
        .await;
    match outcome {
        Err(ImportError::TakenBack(report)) => Ok(*report),
        other => other,
    }
}

fn new_batch(desk: &Desk<'_>, request: &Request<'_>, sha256: &str) -> entity::Model {
    entity::Model {
        id: desk.batch,
        kind: request.what.kind(),
        file_name: file_name(request.path),
        file_sha256: sha256.to_owned(),
        row_count: 0,
        reject_count: 0,
        state: BatchState::Committed,
        actor: desk.ctx.actor.to_string(),
        imported_at: desk.ctx.now(),
        undone_at: None,
    }
}

async fn finish_batch(
    tx: &Tx,
    ctx: &Ctx,
    request: &Request<'_>,
    sha256: &str,
    mut desk: Desk<'_>,
) -> Result<Report, ImportError> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let row = entity::Model {
        row_count: count(desk.report.taken),
        reject_count: count(desk.report.rejects.len()),
        ..new_batch(&desk, request, sha256)
    };
    desk.digest.add(&row);
    row.into_active_model().reset_all().update(tx).await?;
    let entry = Entry {
        action: "imports.run",
        subject: desk.batch.to_string(),
        unit: None,
        payload: json!({
            "kind": request.what.kind(), "file": file_name(request.path), "sha256": sha256,
            "rows": desk.report.taken, "rejects": desk.report.rejects.len(), "created": desk.report.created,
        }),
        rows: desk.digest,
    };
    journal::record(tx, ctx, entry).await?;
    Ok(desk.report)
}

/// The same bytes, brought in as the same thing, are a mistake of the hand; unless rows of them were refused or undone,
/// which may come again.
async fn refuse_twice(tx: &Tx, request: &Request<'_>, sha256: &str) -> Result<(), ImportError> {
    let before = entity::Entity::find()
        .filter(entity::Column::FileSha256.eq(sha256))
        .filter(entity::Column::Kind.eq(request.what.kind()))
        .filter(entity::Column::State.eq(BatchState::Committed))
        .one(tx)
        .await?;
    match before {
        Some(batch) if batch.reject_count == 0 => {
            Err(ImportError::Twice { file: file_name(request.path), batch: batch.id, at: batch.imported_at })
        }
        _ => Ok(()),
    }
}

/// The batches, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn batches(db: &Db) -> Result<Vec<entity::Model>, DbError> {
    Ok(entity::Entity::find().order_by_desc(entity::Column::ImportedAt).all(db.read()).await?)
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn sha256_of(path: &Path) -> Result<String, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: path.display().to_string(), source };
    let mut file = std::fs::File::open(path).map_err(unreadable)?;
    let mut hash = Sha256::new();
    std::io::copy(&mut file, &mut HashWriter(&mut hash)).map_err(unreadable)?;
    Ok(hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect())
}

struct HashWriter<'a>(&'a mut Sha256);

impl std::io::Write for HashWriter<'_> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// Reads every row of a file into drafts; a row that cannot be one is a reject.
fn read_drafts<F: Fields, T>(
    request: &Request<'_>,
    draft: impl Fn(&Row<'_, F>) -> Result<T, Reject>,
) -> Result<(Drafts<T>, Report), DocumentError> {
    let mut rejects: Vec<Reject> = Vec::new();
    let mut records = Table::open(request.path, &Limits::default())?.records::<F>(&request.map)?;
    let mut drafts = Vec::new();
    let mut headers = HashMap::new();
    while let Some(row) = records.next_row(&mut rejects)? {
        if headers.is_empty() {
            headers.extend(F::SCHEMA.names().enumerate().map(|(index, name)| (name, row.header(index).to_owned())));
        }
        match draft(&row) {
            Ok(draft) => drafts.push((row.location(), draft)),
            Err(reject) => rejects.reject(reject),
        }
    }
    let notes = records.notes().lines();
    Ok((drafts, Report { rejects, notes, headers, ..Report::default() }))
}

/// A number longer than its column, told at the field.
fn within<F: Fields>(row: &Row<'_, F>, field: F, text: &str, most: usize) -> Result<String, Reject> {
    let length = text.chars().count();
    if length > most {
        return Err(row.reject(field, format!("有 {length} 个字，最多 {most} 个")));
    }
    Ok(text.to_owned())
}

/// What the batch is, for people.
#[derive(Debug, Clone, Serialize)]
pub struct BatchLine {
    /// The id to undo it by.
    pub id: BatchId,
    /// What it brought.
    pub kind: BatchKind,
    /// From which file.
    pub file_name: String,
    /// How many rows.
    pub row_count: i64,
    /// How many were refused.
    pub reject_count: i64,
    /// Whether it stands.
    pub state: BatchState,
    /// When.
    pub imported_at: Timestamp,
}

impl From<entity::Model> for BatchLine {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id,
            kind: row.kind,
            file_name: row.file_name,
            row_count: row.row_count,
            reject_count: row.reject_count,
            state: row.state,
            imported_at: row.imported_at,
        }
    }
}
