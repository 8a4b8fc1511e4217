//! `hufu reconcile`: a book file against a count file, no database needed.
//!
//! Writes into the folder given `verdicts.csv` (a line a thing), `summary.csv` (a line a unit and the sum) and
//! `rejects.csv` (the rows not taken, and why), and `report.xlsx` to work with. The rules are [`crate::stocktake::reconcile`]'s; what files add:
//!
//! - The count is complete: every sheet counts as submitted, so nothing is `pending`.
//! - The book is all there is: nothing is booked elsewhere, so nothing is `foreign`; what the book does not have is
//!   `unregistered`. No earlier missing list is known, so nothing is `recovered`, and the book does not move.
//! - Numbers, places, units and people compare by [`crate::kernel::text::key`].
//! - A number twice in the book: the first row stands, the second is rejected and names the first. A number twice in
//!   the count: two scans of one thing. A count row that gives no time was counted after the row above it.
//! - `excused_by` not blank, or a state of on loan or in repair: `excused` when not seen.
//! - A quantity left out means one; but a row that lists a number and leaves every column of the count blank was not
//!   counted: it is rejected, and what nobody else saw is missing.
//! - A counted quantity of 0 says that the thing was looked for and not found.
//! - A count row without a number is an unregistered thing, known by its serial number and name; rows without a number
//!   that show one serial number are one thing. When that is a missing thing's serial number, both lines say so in
//!   `lead`; they are never merged.
//! - An unregistered thing counts to the unit that has most things in its place, else to 未知.
//! - A rejected row is not taken. Where its number is then missing or unregistered, `lead` says so.
//! - The value in `summary.csv` is that of missing lines only; pieces short are not valued.
//!
//! `report.xlsx` has every line up to a hundred thousand; beyond, its 明细 has those that need attention.
//!
//! Files appear whole or not at all, each in place of its predecessor only when all are ready. The same input at the same
//! instant gives the same bytes.

mod book;
mod clues;
mod columns;
mod count;
mod intake;
mod output;
mod report;
mod show;
mod summary;
mod view;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

pub use output::VERDICTS_HEADER;
pub use summary::UnitSummary;
pub use view::LineView;

use crate::documents::tables::{BOOK, COUNT};
use crate::documents::{ColumnMap, DocumentError, Notes, Reject, RejectSink as _, RejectsFile};
use crate::kernel::Timestamp;
use crate::stocktake::reconcile::{Input, ReconcileError, reconcile};
use crate::stocktake::report::ReportError;
use clues::Desk;
use columns::NumberHasher;
use summary::UnitsOfPlaces;

/// What to hold against what.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// 账面文件（资产账）：CSV、XLSX、XLS、ODS
    #[arg(long, value_name = "BOOK")]
    pub book: PathBuf,
    /// 盘点文件（盘点表）：CSV、XLSX、XLS、ODS
    #[arg(long, value_name = "COUNT")]
    pub count: PathBuf,
    /// 输出目录；没有则新建
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 列对应：字段=列名、book.字段=列名、count.字段=#C
    #[arg(long = "map", value_name = "FIELD=HEADER")]
    pub map: Vec<String>,
    /// 不写 report.xlsx（差异极多时它最费时间）
    #[arg(long)]
    pub csv_only: bool,
    /// Print facts as JSON
    #[arg(skip)]
    pub json: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum ReconcileFilesError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The rows cannot be reconciled.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// The report cannot be written.
    #[error(transparent)]
    Report(#[from] ReportError),
    /// The outcome cannot be shown.
    #[error("结果已写好，但无法显示：{}", crate::documents::io_reason(.0))]
    Show(#[from] io::Error),
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Finished {
    /// One row a unit, and the sum at the end.
    pub units: Vec<UnitSummary>,
    /// Rows taken from the book.
    pub book_rows: usize,
    /// Rows taken from the count.
    pub count_rows: usize,
    /// Rows not taken.
    pub rejects: u64,
    /// What the readers decided and left out, a sentence each.
    pub remarks: Vec<String>,
    /// The files written.
    pub files: Vec<PathBuf>,
}

impl Finished {
    /// Whether someone has to do something: a difference, or a row that was not taken.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.rejects > 0 || self.units.last().is_some_and(|total| total.tally.needing_attention() > 0)
    }

    /// The exit code: 1 when something needs attention, otherwise 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.needs_attention())
    }
}

/// Reconciles the files and tells the outcome to `screen`. `now` is when the report says it was made.
///
/// # Errors
/// When a file cannot be read as what it should be, or the folder cannot be written; nothing is then left behind.
pub fn run(args: &Args, now: Timestamp, screen: &mut dyn Write) -> Result<Finished, ReconcileFilesError> {
    let map = ColumnMap::parse(&args.map)?;
    map.check(&[BOOK, COUNT])?;
    let (book_map, count_map) = (map.for_table(BOOK), map.for_table(COUNT));
    let hasher = NumberHasher::default();
    let (mut book, mut count) = intake::read_both((&args.book, &book_map), (&args.count, &count_map), &hasher)?;
    count.table.join(&mut book.table);
    let outcome = reconcile(&Input { items: &book.table.items, scans: &count.table.scans, movements: &[] })?;
    let units = UnitsOfPlaces::of_surplus(&outcome.lines, &book.table.items);
    let desk = Desk {
        book: &book.table,
        count: &count.table,
        outcome: &outcome,
        units: &units,
        hasher: &hasher,
        refused_book: &book.refused,
        refused_count: &count.refused,
    };
    let rejects = || book.rejects.iter().chain(&count.rejects).cloned();
    let summary = summary::summarise(&outcome.lines, &book.table, &units);
    let files = write(args, now, &desk, &summary, rejects())?;
    let remarks = |name, notes: &Notes| notes.lines().into_iter().map(move |l| format!("{name}：{l}"));
    let finished = Finished {
        units: summary,
        book_rows: book.table.items.len(),
        count_rows: count.table.scans.len(),
        rejects: rejects().count() as u64,
        remarks: remarks("账册", &book.notes).chain(remarks("盘点表", &count.notes)).collect(),
        files,
    };
    match show::show(&finished, args.json, screen) {
        // A reader that went away (`| head`) is not an error: the files are written.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        shown => shown?,
    }
    Ok(finished)
}

/// Writes all files, then puts them in place.
fn write(
    args: &Args,
    now: Timestamp,
    desk: &Desk<'_>,
    units: &[UnitSummary],
    rejected: impl Iterator<Item = Reject>,
) -> Result<Vec<PathBuf>, ReconcileFilesError> {
    let out = args.out.as_path();
    fs::create_dir_all(out).map_err(|error| DocumentError::write(out, error))?;
    let names = ["verdicts.csv", "summary.csv", "report.xlsx", "rejects.csv"];
    let [verdicts, summary, report, rejects] = names.map(|name| out.join(name));
    let mut rejects_file = RejectsFile::create(&rejects)?;
    rejected.for_each(|reject| rejects_file.reject(reject));
    let summary_file = output::summary(&summary, units)?;
    let clues = desk.clues();
    let (verdicts_file, report_file) = rayon::join(
        || output::verdicts(&verdicts, desk, &clues),
        || if args.csv_only { Ok(None) } else { report::report(&report, now, desk, &clues).map(Some) },
    );
    let (verdicts_file, report_file) = (verdicts_file?, report_file?);
    verdicts_file.commit()?;
    summary_file.commit()?;
    rejects_file.finish()?;
    let mut files = vec![verdicts, summary, rejects];
    if let Some(file) = report_file {
        file.commit()?;
        files.push(report);
    }
    Ok(files)
}
