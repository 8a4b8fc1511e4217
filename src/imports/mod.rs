//! Files into the book: units, people, places, assets, counts; a dry run; undo by batch.
//!
//! A file is one batch and one transaction: its good rows go in together or not at all, its bad rows are told with
//! file, sheet, row, column, value and reason. The rules of a row are the services'; what is decided here is only
//! which unit, place or person a text in a file means. A batch can be undone; rows that something has come to
//! depend on since are kept, and named. Guns, rounds and licences ([`arms`]) have no batch: what is entered of them stays.

pub mod arms;
mod assets;
mod batches;
mod cards;
mod counts;
pub mod entity;
pub mod error;
pub mod fuel;
mod org_rows;
mod progress;
mod undo;
mod vehicles;

use std::fs::File;
use std::path::Path;

use hashbrown::HashMap;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use crate::access::{Action, Forbidden, permit, permit_somewhere, reach};
use crate::db::{Db, Tx};
use crate::documents::{ColumnMap, Fields, Limits, Location, Reject, RejectSink as _, Row, Table};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{BatchId, UnitId};
use crate::kernel::{Ctx, Timestamp};
pub use assets::CAN_CREATE;
pub use batches::{BatchLine, batch, batches, batches_page, batches_sorted};
pub use entity::{BatchKind, BatchState};
pub use error::ImportError;
pub use progress::{First, Progress};
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
    /// Vehicles: their items where the book lacks them, and what their ledger knows.
    Vehicles,
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
            // The things of a batch of vehicles are things of the book like any other, and are undone like them.
            Self::Assets { .. } | Self::Vehicles => BatchKind::Assets,
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
    /// Of the rows refused those that are there already, or twice in the file.
    pub duplicates: Vec<Location>,
    /// The first rows that could be read, to look at.
    pub first: Vec<First>,
    /// What the file calls its fields, so that a row refused by the book is told as one refused by the reader is.
    headers: HashMap<&'static str, String>,
}

/// Where a row stood, kept until it is known whether the book takes it.
type Drafts<T> = Vec<(Location, T)>;

/// A file read, its rows not yet written: reading takes a core, and no database.
#[derive(Debug)]
pub struct Parsed {
    rows: Rows,
    report: Report,
    name: String,
    sha256: String,
    dry_run: bool,
    what: What,
}

#[derive(Debug)]
enum Rows {
    Units(Drafts<org_rows::UnitDraft>),
    People(Drafts<org_rows::PersonDraft>),
    Places(Drafts<org_rows::PlaceDraft>),
    Assets(Drafts<assets::AssetDraft>),
    Vehicles(Drafts<vehicles::VehicleDraft>),
    Counts(Drafts<counts::CountDraft>),
}

/// A file, what it is called in front of people, and how much of it is taken in.
struct Source<'a> {
    request: &'a Request<'a>,
    name: &'a str,
    limits: Limits,
    progress: &'a Progress,
}

/// Brings a file in.
///
/// # Errors
/// When it is not theirs to do, the file cannot be read or was brought in before, or the database refuses: then nothing
/// was taken.
pub async fn run(db: &Db, ctx: &Ctx, request: &Request<'_>) -> Result<Report, ImportError> {
    write(db, ctx, &parse(request, &file_name(request.path), Limits::default())?).await
}

/// Reads a file. `name` is only told and kept: nothing is opened by it.
///
/// # Errors
/// When the file cannot be read, or is no table of this kind, or is over a limit.
pub fn parse(request: &Request<'_>, name: &str, limits: Limits) -> Result<Parsed, ImportError> {
    parse_watched(request, name, limits, &Progress::default())
}

/// As [`parse`], telling `progress` how far it is.
///
/// # Errors
/// As [`parse`].
pub fn parse_watched(
    request: &Request<'_>,
    name: &str,
    limits: Limits,
    progress: &Progress,
) -> Result<Parsed, ImportError> {
    let source = Source { request, name, limits, progress };
    let sha256 = sha256_of(request.path, name)?;
    let (rows, report) = match &request.what {
        What::Units => kept(org_rows::read_units(&source)?, Rows::Units),
        What::People => kept(org_rows::read_people(&source)?, Rows::People),
        What::Places => kept(org_rows::read_places(&source)?, Rows::Places),
        What::Assets { .. } => kept(assets::read(&source)?, Rows::Assets),
        What::Vehicles => kept(vehicles::read(&source)?, Rows::Vehicles),
        What::Counts { counter, .. } => kept(counts::read(&source, counter)?, Rows::Counts),
    };
    Ok(Parsed { rows, report, name: name.to_owned(), sha256, dry_run: request.dry_run, what: request.what.clone() })
}

fn kept<T>((drafts, report): (Drafts<T>, Report), rows: impl FnOnce(Drafts<T>) -> Rows) -> (Rows, Report) {
    (rows(drafts), report)
}

/// Writes a file that was read; a row that is not theirs to write is a reject.
///
/// # Errors
/// When it is not theirs to do, the file was brought in before, or the database refuses: then nothing was taken.
pub async fn write(db: &Db, ctx: &Ctx, parsed: &Parsed) -> Result<Report, ImportError> {
    may_bring(ctx, parsed.what.kind())?;
    carry(db, ctx, parsed).await
}

/// Whether files of this kind are theirs to bring in.
///
/// # Errors
/// When they are not.
pub fn may_bring(ctx: &Ctx, kind: BatchKind) -> Result<(), Forbidden> {
    permit_somewhere(ctx, Action::ImportsRun)?;
    match kind {
        // A unit stands in no unit yet: only who may write them all may bring them in by the file.
        BatchKind::Units => permit(ctx, Action::OrgWrite, None),
        BatchKind::People | BatchKind::Places => permit_somewhere(ctx, Action::OrgWrite),
        BatchKind::Assets => permit_somewhere(ctx, Action::ItemsRegister),
        BatchKind::Counts => permit_somewhere(ctx, Action::CampaignsCount),
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
    /// Why a row of `unit` is not theirs to bring in, where it is not: they need the right to import and the right that
    /// writing such a row by hand needs.
    fn refusal(&self, action: Action, unit: UnitId) -> Option<String> {
        let allowed =
            permit(self.ctx, Action::ImportsRun, Some(unit)).and_then(|()| permit(self.ctx, action, Some(unit)));
        allowed.err().map(|error| error.to_string())
    }

    /// Whether something of this unit may be named in a row.
    fn sees(&self, unit: UnitId) -> bool {
        reach(self.ctx, Action::OrgRead).covers(Some(unit))
    }

    /// A row that is there already, or twice in the file.
    fn duplicate(&mut self, at: &Location, column: &str, value: &str, reason: impl Into<String>) {
        self.report.duplicates.push(at.clone());
        self.reject(at, column, value, reason);
    }

    fn reject(&mut self, at: &Location, column: &str, value: &str, reason: impl Into<String>) {
        self.report.rejects.push(Reject {
            at: at.clone(),
            column: self.report.headers.get(column).map_or(column, String::as_str).to_owned(),
            value: value.to_owned(),
            reason: reason.into(),
        });
    }
}

/// Writes a batch in one transaction; a dry run does all of it and takes it back.
async fn carry(db: &Db, ctx: &Ctx, parsed: &Parsed) -> Result<Report, ImportError> {
    let outcome = db
        .write(async |tx| {
            refuse_twice(tx, parsed).await?;
            let batch = ctx.new_id();
            let mut desk = Desk {
                tx,
                ctx,
                batch,
                report: Report { batch: Some(batch), ..parsed.report.clone() },
                digest: RowsDigest::new(ctx),
            };
            // The batch comes first: its rows point at it.
            new_batch(&desk, parsed).into_active_model().insert(tx).await?;
            match (&parsed.rows, &parsed.what) {
                (Rows::Units(drafts), _) => org_rows::write_units(&mut desk, drafts).await?,
                (Rows::People(drafts), _) => org_rows::write_people(&mut desk, drafts).await?,
                (Rows::Places(drafts), _) => org_rows::write_places(&mut desk, drafts).await?,
                (Rows::Vehicles(drafts), _) => vehicles::write(&mut desk, drafts).await?,
                (Rows::Assets(drafts), What::Assets { effective_at, create_missing }) => {
                    assets::write(&mut desk, drafts, *effective_at, *create_missing).await?;
                }
                (Rows::Counts(drafts), What::Counts { campaign, .. }) => {
                    counts::write(&mut desk, drafts, campaign).await?;
                }
                // Rows are read as what they are brought in as.
                (Rows::Assets(_) | Rows::Counts(_), _) => {}
            }
            desk.report.rejects.sort();
            if parsed.dry_run || desk.report.taken == 0 {
                return Err(ImportError::TakenBack(Box::new(Report { batch: None, ..desk.report })));
            }
            finish_batch(tx, ctx, parsed, desk).await
        })
        .await;
    match outcome {
        Err(ImportError::TakenBack(report)) => Ok(*report),
        other => other,
    }
}

fn new_batch(desk: &Desk<'_>, parsed: &Parsed) -> entity::Model {
    entity::Model {
        id: desk.batch,
        kind: parsed.what.kind(),
        file_name: parsed.name.clone(),
        file_sha256: parsed.sha256.clone(),
        row_count: 0,
        reject_count: 0,
        state: BatchState::Committed,
        actor: desk.ctx.actor.to_string(),
        imported_at: desk.ctx.now(),
        undone_at: None,
    }
}

async fn finish_batch(tx: &Tx, ctx: &Ctx, parsed: &Parsed, mut desk: Desk<'_>) -> Result<Report, ImportError> {
    let count = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let row = entity::Model {
        row_count: count(desk.report.taken),
        reject_count: count(desk.report.rejects.len()),
        ..new_batch(&desk, parsed)
    };
    desk.digest.add(&row);
    row.into_active_model().reset_all().update(tx).await?;
    let entry = Entry {
        action: "imports.run",
        subject: desk.batch.to_string(),
        unit: None,
        payload: json!({
            "kind": parsed.what.kind(), "file": parsed.name, "sha256": parsed.sha256,
            "rows": desk.report.taken, "rejects": desk.report.rejects.len(), "created": desk.report.created,
        }),
        rows: desk.digest,
    };
    journal::record(tx, ctx, entry).await?;
    Ok(desk.report)
}

/// The same bytes, brought in as the same thing, are a mistake of the hand; unless rows of them were refused or undone,
/// which may come again.
async fn refuse_twice(tx: &Tx, parsed: &Parsed) -> Result<(), ImportError> {
    let before = entity::Entity::find()
        .filter(entity::Column::FileSha256.eq(parsed.sha256.as_str()))
        .filter(entity::Column::Kind.eq(parsed.what.kind()))
        .filter(entity::Column::State.eq(BatchState::Committed))
        .one(tx)
        .await?;
    match before {
        Some(batch) if batch.reject_count == 0 => {
            Err(ImportError::Twice { file: parsed.name.clone(), batch: batch.id, at: batch.imported_at })
        }
        _ => Ok(()),
    }
}

fn file_name(path: &Path) -> String {
    path.file_name().map_or_else(|| path.display().to_string(), |name| name.to_string_lossy().into_owned())
}

fn sha256_of(path: &Path, name: &str) -> Result<String, ImportError> {
    let unreadable = |source| ImportError::Unreadable { path: name.to_owned(), source };
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
    source: &Source<'_>,
    draft: impl Fn(&Row<'_, F>) -> Result<T, Reject>,
) -> Result<(Drafts<T>, Report), ImportError> {
    let mut rejects: Vec<Reject> = Vec::new();
    let file = File::open(source.request.path)
        .map_err(|error| ImportError::Unreadable { path: source.name.to_owned(), source: error })?;
    let mut records = Table::read(source.name, file, &source.limits)?.records::<F>(&source.request.map)?;
    let mut drafts = Vec::new();
    let (mut headers, mut first) = (HashMap::new(), Vec::new());
    while let Some(row) = records.next_row(&mut rejects)? {
        if headers.is_empty() {
            headers.extend(F::SCHEMA.names().enumerate().map(|(index, name)| (name, row.header(index).to_owned())));
        }
        source.progress.row();
        if first.len() < progress::FIRST {
            first.push(First { at: row.location(), cells: row.texts() });
        }
        match draft(&row) {
            Ok(draft) => drafts.push((row.location(), draft)),
            Err(reject) => rejects.reject(reject),
        }
    }
    let notes = records.notes().lines();
    Ok((drafts, Report { rejects, notes, headers, first, ..Report::default() }))
}

/// A number longer than its column, told at the field.
fn within<F: Fields>(row: &Row<'_, F>, field: F, text: &str, most: usize) -> Result<String, Reject> {
    let length = text.chars().count();
    if length > most {
        return Err(row.reject(field, format!("有 {length} 个字，最多 {most} 个")));
    }
    Ok(text.to_owned())
}
