//! `report.xlsx`: the lines handed to the report's writer.

use std::fs;
use std::path::{Path, PathBuf};

use super::clues::{Clues, Desk};
use super::view::UNTIMED;
use crate::items::model::ItemState;
use crate::kernel::Timestamp;
use crate::stocktake::line::Line;
use crate::stocktake::report::xlsx::{self, DetailRows};
use crate::stocktake::report::{Figures, ReportError, ReportHead};

/// Beyond so many lines, nobody reads those where all agrees in a workbook; `verdicts.csv` has them.
const MOST_DETAILS: usize = 100_000;

/// A workbook written beside its place; dropped before it is committed, it leaves nothing.
pub(super) struct ReportFile {
    partial: Option<PathBuf>,
    path: PathBuf,
}

impl ReportFile {
    /// Puts the workbook in its place.
    pub(super) fn commit(mut self) -> Result<(), ReportError> {
        let Some(partial) = &self.partial else { return Ok(()) };
        fs::rename(partial, &self.path).map_err(|source| ReportError::Write { path: self.path.clone(), source })?;
        self.partial = None;
        Ok(())
    }
}

impl Drop for ReportFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // Nothing more can be done about a file that will not go.
            let _gone = fs::remove_file(partial);
        }
    }
}

/// Writes the workbook; in place when committed.
pub(super) fn report(path: &Path, now: Timestamp, desk: &Desk<'_>, clues: &Clues) -> Result<ReportFile, ReportError> {
    let partial = path.with_file_name(format!(".report-{}.xlsx", std::process::id()));
    let file = ReportFile { partial: Some(partial.clone()), path: path.to_owned() };
    let lines = &desk.outcome.lines;
    let worded = |wanted: fn(&Line) -> bool| {
        let some = lines.iter().enumerate().filter(move |(_, line)| wanted(line));
        some.map(|(index, line)| desk.report_line(index, line, clues))
    };
    let (details, wanted): (_, fn(&Line) -> bool) = if lines.len() > MOST_DETAILS {
        (DetailRows::Attention { rest_in: "verdicts.csv" }, has_a_row)
    } else {
        (DetailRows::All, |_| true)
    };
    let timed = || desk.count.scans.iter().map(|scan| scan.at).filter(|at| *at != UNTIMED);
    let head = ReportHead { window: timed().min().zip(timed().max()), prepared_at: now, ..ReportHead::default() };
    let figures = Figures::from_lines(worded(|_| true));
    xlsx::write(&partial, &head, &figures, details, || worded(wanted))?;
    Ok(file)
}

/// Whether a line has a row in any sheet when 明细 has only those that need attention.
fn has_a_row(line: &Line) -> bool {
    line.verdict.needs_attention() || line.book.is_some_and(|book| book.state == ItemState::PendingDisposal)
}
