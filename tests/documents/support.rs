//! Helpers of the document tests.

use std::io::Cursor;

use hufu::documents::{ColumnMap, DocumentError, Fields, Limits, Notes, Reject, Table};

/// What reading a table gave: a cell a field a row, the rejects, the notes.
#[derive(Debug)]
pub(crate) struct Read {
    /// By row: its number, and the text of every field.
    pub(crate) rows: Vec<(u64, Vec<String>)>,
    /// The sheet of each row.
    pub(crate) sheets: Vec<String>,
    /// What was not taken.
    pub(crate) rejects: Vec<Reject>,
    /// What was decided.
    pub(crate) notes: Notes,
}

impl Read {
    /// The texts of one field.
    pub(crate) fn column<F: Fields>(&self, field: F) -> Vec<&str> {
        self.rows.iter().map(|(_, cells)| cells[field.index()].as_str()).collect()
    }

    /// The rejects, a line each.
    pub(crate) fn reject_lines(&self) -> String {
        self.rejects.iter().map(|r| format!("{}|{}|{}", r, r.column, r.value)).collect::<Vec<_>>().join("\n")
    }
}

/// Reads bytes as a table; `all` are the schema's fields in order.
pub(crate) fn read_with<F: Fields>(
    all: &[F],
    name: &str,
    bytes: &[u8],
    map: &[&str],
    limits: &Limits,
) -> Result<Read, DocumentError> {
    let map = ColumnMap::parse(map)?;
    let mut records = Table::read(name, Cursor::new(bytes.to_vec()), limits)?.records::<F>(&map)?;
    let (mut rows, mut sheets, mut rejects) = (Vec::new(), Vec::new(), Vec::new());
    while let Some(row) = records.next_row(&mut rejects)? {
        rows.push((row.number(), all.iter().map(|f| row.text(*f).to_owned()).collect()));
        sheets.push(row.location().sheet.to_string());
    }
    Ok(Read { rows, sheets, rejects, notes: records.notes().clone() })
}

/// Reads bytes as a table with no `--map` and the usual limits.
pub(crate) fn read<F: Fields>(all: &[F], name: &str, bytes: &[u8]) -> Result<Read, DocumentError> {
    read_with(all, name, bytes, &[], &Limits::default())
}
