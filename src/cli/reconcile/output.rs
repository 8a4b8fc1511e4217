//! The files that reconciliation leaves: `verdicts.csv` and `summary.csv`.

use std::io::Write as _;
use std::path::Path;

use rayon::prelude::*;

use super::clues::{Clues, Desk};
use super::summary::{UnitSummary, VERDICT_COLUMNS};
use super::view::LineView;
use crate::documents::csv_out::CsvRows;
use crate::documents::{AtomicFile, DocumentError};

/// The columns of `verdicts.csv`.
pub const VERDICTS_HEADER: [&str; 12] = [
    "item_number",
    "verdict",
    "flags",
    "unit",
    "book_place",
    "counted_place",
    "book_keeper",
    "counted_keeper",
    "book_quantity",
    "counted_quantity",
    "value",
    "lead",
];

/// Lines that one thread words at a time.
const PIECE: usize = 16 * 1024;
/// Pieces in hand at once, so that a million lines are never all in memory as text.
const PIECES: usize = 8;

/// Writes `verdicts.csv`; in place when committed.
pub(super) fn verdicts(path: &Path, desk: &Desk<'_>, clues: &Clues) -> Result<AtomicFile, DocumentError> {
    let mut file = AtomicFile::create(path)?;
    let mut head = CsvRows::with_mark();
    head.header(&VERDICTS_HEADER);
    let fail = |error| DocumentError::write(path, error);
    file.write_all(head.bytes()).map_err(fail)?;
    let lines = &desk.outcome.lines;
    for (batch, some) in lines.chunks(PIECE * PIECES).enumerate() {
        let pieces: Vec<CsvRows> = some
            .par_chunks(PIECE)
            .enumerate()
            .map(|(piece, lines)| {
                let mut rows = CsvRows::default();
                let first = batch * PIECE * PIECES + piece * PIECE;
                for (offset, line) in lines.iter().enumerate() {
                    verdict_row(&mut rows, &desk.view(first + offset, line, clues));
                }
                rows
            })
            .collect();
        for piece in pieces {
            file.write_all(piece.bytes()).map_err(fail)?;
        }
    }
    Ok(file)
}

fn verdict_row(rows: &mut CsvRows, line: &LineView<'_>) {
    rows.text(line.item_number);
    rows.plain(line.verdict.as_str());
    if line.flags.is_empty() {
        rows.plain("")
    } else {
        rows.plain(&line.flags.to_string())
    }
    for name in [line.unit, line.book_place, line.counted_place, line.book_keeper, line.counted_keeper] {
        rows.text(name);
    }
    for quantity in [line.book_quantity, line.counted_quantity] {
        match quantity {
            Some(quantity) => rows.number(quantity.0),
            None => rows.plain(""),
        }
    }
    match line.value {
        Some(value) => rows.money(value),
        None => rows.plain(""),
    }
    rows.text(line.lead);
    rows.end_row();
}

/// Writes `summary.csv`; in place when committed.
pub(super) fn summary(path: &Path, units: &[UnitSummary]) -> Result<AtomicFile, DocumentError> {
    let mut rows = CsvRows::with_mark();
    let mut header = vec!["unit", "expected"];
    header.extend(VERDICT_COLUMNS.map(|verdict| verdict.as_str()));
    header.push("missing_value");
    rows.header(&header);
    for unit in units {
        rows.text(&unit.unit);
        for count in std::iter::once(unit.tally.expected).chain(VERDICT_COLUMNS.map(|v| unit.tally.of(v))) {
            rows.plain(&count.to_string());
        }
        rows.plain(&unit.tally.missing_value.plain());
        rows.end_row();
    }
    let mut file = AtomicFile::create(path)?;
    file.write_all(rows.bytes()).map_err(|error| DocumentError::write(path, error))?;
    Ok(file)
}
