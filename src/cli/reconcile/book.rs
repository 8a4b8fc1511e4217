//! The book file, column by column: only what verdicts, leads and tallies need.

use super::columns::{NumberIndex, NumberKey, TextColumn};
use crate::items::model::ItemState;
use crate::kernel::{Fen, Quantity};
use crate::stocktake::reconcile::{Book, Interner, Item, KeeperNo, PlaceNo, UnitNo};

/// One row of the book, its cells read.
#[derive(Debug, Clone, Copy)]
pub(super) struct BookRow<'a> {
    pub(super) number: &'a str,
    pub(super) name: &'a str,
    pub(super) serial: &'a str,
    pub(super) unit: &'a str,
    pub(super) place: &'a str,
    pub(super) keeper: &'a str,
    pub(super) quantity: Quantity,
    pub(super) state: ItemState,
    pub(super) value: Option<Fen>,
    pub(super) excused: bool,
}

/// The book.
#[derive(Debug, Default)]
pub(super) struct BookTable {
    pub(super) numbers: TextColumn,
    pub(super) names: TextColumn,
    pub(super) serials: TextColumn,
    pub(super) items: Vec<Item>,
    pub(super) values: Vec<Option<Fen>>,
    pub(super) places: Interner<PlaceNo>,
    pub(super) keepers: Interner<KeeperNo>,
    pub(super) units: Interner<UnitNo>,
    pub(super) index: NumberIndex,
    /// Where each row stands in its sheet, and from which row on each sheet's rows come.
    rows: Vec<u32>,
    sheets: Vec<(usize, String)>,
}

impl BookTable {
    /// The row of a number.
    pub(super) fn find(&self, key: &NumberKey, number: &str) -> Option<usize> {
        self.index.find(key, number, &self.numbers)
    }

    /// Adds a row that stands at `row` of `sheet`.
    ///
    /// # Errors
    /// When its number is already there: the index of the row that has it.
    pub(super) fn push(&mut self, key: NumberKey, row: &BookRow<'_>, sheet: &str, row_no: u64) -> Result<(), usize> {
        self.index.insert(key, row.number, self.numbers.len(), &self.numbers)?;
        if self.sheets.last().is_none_or(|(_, last)| last != sheet) {
            self.sheets.push((self.rows.len(), sheet.to_owned()));
        }
        self.rows.push(u32::try_from(row_no).unwrap_or(u32::MAX));
        self.numbers.push(row.number);
        self.names.push(row.name);
        self.serials.push(row.serial);
        self.values.push(row.value);
        let book = Book {
            place: self.places.intern(row.place),
            keeper: self.keepers.intern(row.keeper),
            quantity: row.quantity,
            state: row.state,
        };
        let item = Item::expected(self.units.intern(row.unit), book);
        self.items.push(Item { excused: row.excused, ..item });
        Ok(())
    }

    /// Where a row stands, for a person: `第 7 行`, with the sheet where there are several.
    pub(super) fn whereabouts(&self, index: usize) -> String {
        let row = self.rows.get(index).copied().unwrap_or_default();
        let sheet = self.sheets.partition_point(|(from, _)| *from <= index).checked_sub(1);
        match sheet.and_then(|at| self.sheets.get(at)) {
            Some((_, sheet)) if !sheet.is_empty() => format!("工作表“{sheet}”第 {row} 行"),
            _ => format!("第 {row} 行"),
        }
    }
}
