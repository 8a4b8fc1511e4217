//! Checks an export with nothing but the file and the checkpoints that the auditor kept: no database, no secret.
//!
//! One thread reads and hashes the file as a whole; all the others read lines, hash entries and rows; what depends on
//! order (the tree, who touched a row last) is put together in the order of the file. Nothing is trusted: a line that
//! is not written exactly as we write it is a fault, though it should mean the same.

mod blocks;
mod book;
mod ledger;
mod lines;

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::note;
use crate::kernel::Timestamp;
use crate::kernel::hash::{HashKind, hex};
use ledger::Ledger;

/// Faults that a report names; the rest are counted.
pub const MOST_FAULTS: usize = 50;

/// Why nothing could be said of a file.
#[derive(Debug, thiserror::Error)]
pub enum VerifyError {
    /// It cannot be read.
    #[error("{}：{source}", path.display())]
    Unreadable {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Not an export of a journal.
    #[error("{}：{reason}", path.display())]
    NotAnExport {
        /// Which.
        path: PathBuf,
        /// What is wrong with its first line.
        reason: &'static str,
    },
}

/// Something that does not fit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// The line of the file it was seen at; none for what is not there.
    pub line: Option<u64>,
    /// The entry, by its number in the tree.
    pub entry: Option<u64>,
    /// The row's table.
    pub table: Option<String>,
    /// The row's key.
    pub key: Option<String>,
    /// What is wrong, in words.
    pub what: String,
}

impl Fault {
    fn at(line: u64, what: impl Into<String>) -> Self {
        Self { line: Some(line), entry: None, table: None, key: None, what: what.into() }
    }

    fn of_row(line: Option<u64>, table: &str, key: &str, what: impl Into<String>) -> Self {
        let (table, key) = (Some(table.to_owned()), Some(key.to_owned()));
        Self { line, entry: None, table, key, what: what.into() }
    }

    const fn by_entry(mut self, entry: Option<u64>) -> Self {
        self.entry = entry;
        self
    }
}

impl std::fmt::Display for Fault {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if let Some(line) = self.line {
            write!(f, "第 {line} 行")?;
        }
        if let (Some(table), Some(key)) = (&self.table, &self.key) {
            write!(f, "（表 {table}，主键 {key}）")?;
        }
        if let Some(entry) = self.entry {
            write!(f, "（日志第 {entry} 条）")?;
        }
        if self.line.is_some() || self.table.is_some() || self.entry.is_some() {
            f.write_str("：")?;
        }
        f.write_str(&self.what)
    }
}

/// A checkpoint that the auditor brought.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Brought {
    /// Its file.
    pub file: String,
    /// Entries under it, when it could be read.
    pub size: Option<u64>,
    /// When it was signed.
    pub at: Option<Timestamp>,
    /// Whether its signature holds and the tree still has this head.
    pub fits: bool,
}

/// An entry that took rows in as they stood.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct TakenIn {
    /// Its number in the tree, or how many are sealed when it is not.
    pub entry: u64,
    /// What it calls itself.
    pub action: String,
    /// Who did it.
    pub actor: String,
    /// When.
    pub at: Timestamp,
    /// How many rows.
    pub rows: usize,
}

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Report {
    /// Whether everything fits.
    pub fits: bool,
    /// What it is hashed with.
    pub hash: String,
    /// The journal's name.
    pub origin: String,
    /// The key, as people compare it.
    pub fingerprint: String,
    /// When it was exported.
    pub exported_at: Timestamp,
    /// Sealed entries.
    pub entries: u64,
    /// The tree's head over them, in hexadecimal.
    pub root: String,
    /// Entries that no tree covers yet.
    pub unsealed: u64,
    /// Entries written before lists of touched rows were kept.
    pub not_itemised: u64,
    /// Business rows.
    pub rows: u64,
    /// Rows that no list names, where entries without lists may explain it.
    pub not_covered: u64,
    /// Things whose place, keeper, quantity and state were derived from their events.
    pub things: u64,
    /// Entries that took rows in as they stood, without having written them: nothing vouches for what those rows were
    /// before.
    pub taken_in: Vec<TakenIn>,
    /// Checkpoints that the file carries.
    pub checkpoints: u64,
    /// Checkpoints that the auditor brought.
    pub brought: Vec<Brought>,
    /// Entries up to which an anchor that the auditor brought vouches; none without one that fits.
    pub anchored: Option<u64>,
    /// The first faults.
    pub faults: Vec<Fault>,
    /// All of them.
    pub fault_count: u64,
}

impl Report {
    /// The first that does not fit.
    #[must_use]
    pub fn first_fault(&self) -> Option<&Fault> {
        self.faults.first()
    }

    fn fault(&mut self, fault: Fault) {
        self.fault_count += 1;
        if self.faults.len() < MOST_FAULTS {
            self.faults.push(fault);
        }
    }
}

/// Checks the export at `path`, and that the checkpoints in the files `brought` are heads of its tree.
///
/// # Errors
/// When a file cannot be read, or the first is no export at all. What does not fit is no error: the report names it.
pub fn verify(path: &Path, brought: &[PathBuf]) -> Result<Report, VerifyError> {
    let notes = brought.iter().map(|path| read_note(path)).collect::<Result<Vec<_>, _>>()?;
    let mut blocks = blocks::Blocks::open(path)?;
    let Some(first) = blocks.next_block().map_err(unreadable(path))? else {
        return Err(VerifyError::NotAnExport { path: path.to_owned(), reason: "文件是空的" });
    };
    let (header, rest) = first.split_first_line();
    let header = lines::header(header).map_err(|reason| VerifyError::NotAnExport { path: path.to_owned(), reason })?;
    let mut ledger = Ledger::new(&header, notes);
    let tables = &header.tables;
    let mut block = Some(rest);
    while let Some(lines) = block {
        for parsed in lines::parse(header.kind, tables, lines.bytes()) {
            ledger.take(parsed);
        }
        block = blocks.next_block().map_err(unreadable(path))?;
    }
    let whole = blocks.finish().map_err(unreadable(path))?;
    Ok(ledger.finish(&whole))
}

fn unreadable(path: &Path) -> impl Fn(std::io::Error) -> VerifyError {
    move |source| VerifyError::Unreadable { path: path.to_owned(), source }
}

/// A checkpoint's file and what it says; a file that is far too long for one says nothing.
fn read_note(path: &Path) -> Result<(String, String), VerifyError> {
    use std::io::Read as _;
    let mut note = Vec::new();
    let most = note::MOST_BYTES as u64 + 1;
    std::fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut note)).map_err(unreadable(path))?;
    Ok((path.display().to_string(), String::from_utf8_lossy(&note).into_owned()))
}

/// The first line of an export, read.
#[derive(Debug, Clone)]
struct Header {
    kind: HashKind,
    vkey: note::Vkey,
    at: Timestamp,
    size: u64,
    tables: Vec<String>,
}

impl Header {
    fn report(&self) -> Report {
        Report {
            hash: self.kind.name().to_owned(),
            origin: self.vkey.origin().to_owned(),
            fingerprint: self.vkey.fingerprint(),
            exported_at: self.at,
            root: hex(&self.kind.of(&[])),
            ..Report::default()
        }
    }
}
