//! A sheet of a workbook, held compactly: one text for all cells, and where each cell's is. Sparse, so that one stray
//! cell in the last row and column costs nothing.

use std::sync::Arc;

use super::error::DocumentError;
use super::header::{LOOK, Sample};
use super::limits::Limits;
use super::reject::Notes;
use super::scan::{MAX_BLOCK, Span};

/// Hands out the sheets of a workbook one after another, so that only one is held.
pub(super) trait Sheets: Send {
    /// The next sheet that should be read; those that should not (hidden ones) are noted.
    fn next_sheet(&mut self, notes: &mut Notes) -> Result<Option<Grid>, DocumentError>;
}

#[derive(Debug, Clone, Copy)]
struct GridCell {
    row: u32,
    column: u32,
    span: Span,
}

/// One sheet.
#[derive(Debug, Default)]
pub(super) struct Grid {
    /// The sheet's name.
    pub(super) name: Arc<str>,
    text: String,
    cells: Vec<GridCell>,
    /// The next cell to hand out.
    at: usize,
    row: u64,
    spans: Vec<Span>,
    /// Rows with a cell over the limit.
    long: Vec<u32>,
    /// Cells merged downwards.
    merges: Vec<Merge>,
    /// The columns in which a merged cell's text counts for every row it covers.
    spread: Vec<u32>,
}

/// A cell merged over the rows below it.
#[derive(Debug, Clone, Copy)]
struct Merge {
    column: u32,
    first: u32,
    last: u32,
    span: Span,
}

/// More merged cells than this are not looked at.
const MOST_MERGES: usize = 1_000_000;

impl Grid {
    /// An empty sheet.
    pub(super) fn new(name: &str) -> Self {
        Self { name: Arc::from(name), ..Self::default() }
    }

    /// Adds a cell; row and column from 0. Blank ones are left out.
    ///
    /// # Errors
    /// When the sheet goes over a limit.
    pub(super) fn push(
        &mut self,
        file: &str,
        limits: &Limits,
        (row, column): (u32, u32),
        text: &str,
    ) -> Result<(), DocumentError> {
        let mut text = text.trim();
        if text.is_empty() {
            return Ok(());
        }
        if text.len() > limits.cell_bytes {
            self.long.push(row);
            text = "…";
        }
        let over = |what: String| Err(DocumentError::TooLarge { file: file.to_owned(), what });
        if self.cells.len() as u64 >= limits.cells {
            return over(format!("工作表“{}”超过 {} 个单元格", self.name, limits.cells));
        }
        if self.text.len() + text.len() > MAX_BLOCK {
            return over(format!("工作表“{}”的文字超过 1 GB", self.name));
        }
        let start = self.text.len();
        self.text.push_str(text);
        self.cells.push(GridCell { row, column, span: Span::block(start, self.text.len()) });
        Ok(())
    }

    /// Notes that the cells from `start` to `end` (row and column from 0, both included) are one.
    pub(super) fn merge(&mut self, start: (u32, u32), end: (u32, u32)) {
        if end.0 > start.0 && self.merges.len() < MOST_MERGES {
            self.merges.push(Merge { column: start.1, first: start.0, last: end.0, span: Span::EMPTY });
        }
    }

    /// How many cells have text.
    pub(super) fn len(&self) -> usize {
        self.cells.len()
    }

    /// Makes the sheet ready to be read: cells in order.
    pub(super) fn finish(mut self) -> Self {
        let key = |c: &GridCell| (c.row, c.column);
        if !self.cells.is_sorted_by_key(key) {
            self.cells.sort_by_key(key);
        }
        self.long.sort_unstable();
        let cells = &self.cells;
        let text_at = |m: &Merge| cells.binary_search_by_key(&(m.first, m.column), key).ok().map(|i| cells[i].span);
        for merge in &mut self.merges {
            merge.span = text_at(merge).unwrap_or(Span::EMPTY);
        }
        self.merges.retain(|m| m.span != Span::EMPTY);
        self.merges.sort_by_key(|m| (m.column, m.first));
        self
    }

    /// Lets cells merged downwards in these columns count for every row they cover: a room's name merged over its rows
    /// means every one of them, while a sum merged over three rows does not mean three sums.
    pub(super) fn spread(&mut self, columns: Vec<u32>) {
        self.spread = if self.merges.is_empty() { Vec::new() } else { columns };
    }

    fn spread_row(&mut self, row: u32) {
        for &column in &self.spread {
            let at = self.merges.partition_point(|m| (m.column, m.first) <= (column, row));
            let Some(merge) = at.checked_sub(1).map(|i| self.merges[i]) else { continue };
            let column_at = column as usize;
            if merge.column == column
                && merge.last >= row
                && self.spans.get(column_at).is_none_or(|span| *span == Span::EMPTY)
            {
                self.spans.resize(self.spans.len().max(column_at + 1), Span::EMPTY);
                self.spans[column_at] = merge.span;
            }
        }
    }

    /// Whether it has no text at all.
    pub(super) fn is_empty(&self) -> bool {
        self.cells.is_empty()
    }

    /// The first rows that have text. Nothing is consumed.
    pub(super) fn sample(&self) -> Sample {
        let mut sample: Sample = Vec::new();
        for cell in &self.cells {
            let number = u64::from(cell.row) + 1;
            if sample.last().is_none_or(|(last, _)| *last != number) {
                if sample.len() == LOOK {
                    break;
                }
                sample.push((number, Vec::new()));
            }
            let column = cell.column as usize;
            if let Some((_, cells)) = sample.last_mut()
                && column < 2_000
            {
                cells.resize(cells.len().max(column + 1), String::new());
                cells[column] = cell.span.of(&self.text, "").to_owned();
            }
        }
        sample
    }

    /// Goes to the next row that has text; whether there is one. Only the first `width` columns are spread out.
    pub(super) fn step(&mut self, width: usize) -> bool {
        self.spans.clear();
        let Some(first) = self.cells.get(self.at) else { return false };
        let row = first.row;
        self.row = u64::from(row) + 1;
        while let Some(cell) = self.cells.get(self.at).filter(|cell| cell.row == row) {
            let column = cell.column as usize;
            if column < width {
                self.spans.resize(self.spans.len().max(column + 1), Span::EMPTY);
                self.spans[column] = cell.span;
            }
            self.at += 1;
        }
        if !self.spread.is_empty() {
            self.spread_row(row);
        }
        true
    }

    /// Whether the row at hand has a cell over the limit.
    pub(super) fn is_long(&self) -> bool {
        !self.long.is_empty() && u32::try_from(self.row - 1).is_ok_and(|row| self.long.binary_search(&row).is_ok())
    }

    /// The number of the row at hand, from 1.
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// The row's text and cells.
    pub(super) fn cells(&self) -> (&str, &[Span]) {
        (&self.text, &self.spans)
    }
}
