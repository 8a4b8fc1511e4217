//! Rows that could not be taken, with the place and the reason; and notes about what was skipped on purpose.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use super::csv_out::CsvOut;
use super::error::DocumentError;

/// Where a row stands, as a person finds it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Location {
    /// The file's name.
    pub file: Arc<str>,
    /// The sheet; empty for a text file.
    pub sheet: Arc<str>,
    /// The row from 1, as Excel shows it; 0 for the sheet as a whole.
    pub row: u64,
}

impl fmt::Display for Location {
    /// `资产.xlsx 工作表“203室”第 7 行`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.file)?;
        if !self.sheet.is_empty() {
            write!(f, " 工作表“{}”", self.sheet)?;
        }
        if self.row > 0 {
            write!(f, "第 {} 行", self.row)?;
        }
        Ok(())
    }
}

/// A row that was not taken, and why: one line of `rejects.csv`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Reject {
    /// Where it stands.
    pub at: Location,
    /// The column's header as the file has it; empty when the row as a whole is bad.
    pub column: String,
    /// The cell as the file has it.
    pub value: String,
    /// Why, in a sentence.
    pub reason: String,
}

impl Reject {
    /// A row that is bad as a whole.
    #[must_use]
    pub fn row(at: Location, reason: impl Into<String>) -> Self {
        Self { at, column: String::new(), value: String::new(), reason: reason.into() }
    }
}

impl fmt::Display for Reject {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.at)?;
        if !self.column.is_empty() {
            write!(f, "“{}”列", self.column)?;
        }
        write!(f, "：{}", self.reason)
    }
}

/// Takes the rows that a reader could not.
pub trait RejectSink {
    /// Takes one.
    fn reject(&mut self, reject: Reject);
}

impl RejectSink for Vec<Reject> {
    fn reject(&mut self, reject: Reject) {
        self.push(reject);
    }
}

/// `rejects.csv`: written as the rejects come, in place only once finished.
pub struct RejectsFile {
    out: CsvOut,
    count: u64,
    broken: Option<DocumentError>,
}

/// The columns of `rejects.csv`.
pub const REJECT_COLUMNS: [&str; 6] = ["file", "sheet", "row", "column", "value", "reason"];

impl RejectsFile {
    /// Begins the file; it appears at `path` when [`RejectsFile::finish`] is called.
    ///
    /// # Errors
    /// When the file cannot be made.
    pub fn create(path: &std::path::Path) -> Result<Self, DocumentError> {
        let mut out = CsvOut::create(path)?;
        out.header(&REJECT_COLUMNS)?;
        Ok(Self { out, count: 0, broken: None })
    }

    /// How many so far.
    #[must_use]
    pub fn count(&self) -> u64 {
        self.count
    }

    /// Puts the file in place; returns how many rows it has.
    ///
    /// # Errors
    /// When any of it could not be written.
    pub fn finish(self) -> Result<u64, DocumentError> {
        if let Some(error) = self.broken {
            return Err(error);
        }
        self.out.finish()?;
        Ok(self.count)
    }

    fn write(&mut self, reject: &Reject) -> Result<(), DocumentError> {
        let row = if reject.at.row == 0 { String::new() } else { reject.at.row.to_string() };
        self.out.text(&reject.at.file);
        self.out.text(&reject.at.sheet);
        self.out.plain(&row);
        self.out.text(&reject.column);
        self.out.text(&reject.value);
        self.out.text(&reject.reason);
        self.out.end_row()
    }
}

impl RejectSink for RejectsFile {
    fn reject(&mut self, reject: Reject) {
        self.count += 1;
        // A full disk is told once, at the end: the reader cannot do anything about it.
        if self.broken.is_none()
            && let Err(error) = self.write(&reject)
        {
            self.broken = Some(error);
        }
    }
}

/// What a reader left out on purpose, or decided: for the person to see, not errors.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Notes {
    /// Rows handed to the caller.
    pub rows: u64,
    /// Rows rejected by the reader itself (those the caller rejects are not counted here).
    pub rejected: u64,
    /// Sentences about files, sheets and columns, in the order found.
    pub remarks: Vec<String>,
    skipped: BTreeMap<Skipped, (u64, Vec<String>)>,
}

/// Kinds of rows that are no data.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Skipped {
    /// 合计, 小计
    Total,
    /// The header again, as a printed page has it.
    Header,
    /// 制表人：…
    Footer,
}

impl Notes {
    /// How many rows of a kind were skipped.
    #[must_use]
    pub fn skipped(&self, kind: Skipped) -> u64 {
        self.skipped.get(&kind).map_or(0, |(count, _)| *count)
    }

    pub(super) fn skip(&mut self, kind: Skipped, sheet: &str, row: u64) {
        let (count, examples) = self.skipped.entry(kind).or_default();
        *count += 1;
        if examples.len() < 5 {
            examples.push(if sheet.is_empty() { row.to_string() } else { format!("{sheet}!{row}") });
        }
    }

    /// Everything a person should see, a sentence a line.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let mut lines = self.remarks.clone();
        for (kind, (count, examples)) in &self.skipped {
            let what = match kind {
                Skipped::Total => "合计、小计行",
                Skipped::Header => "重复的表头行",
                Skipped::Footer => "签名、说明行",
            };
            let more = if *count > 5 { " 等" } else { "" };
            lines.push(format!("跳过{what} {count} 行（第 {}{more} 行）", examples.join("、")));
        }
        lines
    }
}
