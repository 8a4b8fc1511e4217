//! A line with its words: what `verdicts.csv` and the report show.

use super::clues::{Clues, Desk};
use super::summary::{UNKNOWN_UNIT, unit_of};
use crate::kernel::{Fen, Quantity, Timestamp};
use crate::stocktake::line::{Line, Subject};
use crate::stocktake::reconcile::Numbered as _;
use crate::stocktake::report::ReportLine;
use crate::stocktake::verdict::{Flags, Verdict};

/// One line of the outcome, as people read it. Blank where nothing is known.
#[derive(Debug, Clone, Copy)]
pub struct LineView<'a> {
    /// The number in the book; for what no book knows, as it was read, perhaps blank.
    pub item_number: &'a str,
    /// The one verdict.
    pub verdict: Verdict,
    /// What stands beside it.
    pub flags: Flags,
    /// The unit that answers for it, or 未知.
    pub unit: &'a str,
    /// Where the book has it.
    pub book_place: &'a str,
    /// Where it was seen.
    pub counted_place: &'a str,
    /// Whom the book names.
    pub book_keeper: &'a str,
    /// Who was stated on the spot.
    pub counted_keeper: &'a str,
    /// How many the book has.
    pub book_quantity: Option<Quantity>,
    /// How many were counted.
    pub counted_quantity: Option<Quantity>,
    /// What the book says it is worth.
    pub value: Option<Fen>,
    /// Where to look, what it may be, or what contradicts what.
    pub lead: &'a str,
}

impl Desk<'_> {
    /// A line with its words.
    pub(super) fn view<'a>(&'a self, index: usize, line: &Line, clues: &'a Clues) -> LineView<'a> {
        let book = line.book;
        let unit = unit_of(line, &self.book.items, self.units);
        LineView {
            item_number: self.number(line),
            verdict: line.verdict,
            flags: line.flags,
            unit: unit.map_or(UNKNOWN_UNIT, |unit| self.book.units.name(unit)),
            book_place: self.book.places.name_or_blank(book.and_then(|book| book.place)),
            counted_place: self.book.places.name_or_blank(line.place),
            book_keeper: self.book.keepers.name_or_blank(book.and_then(|book| book.keeper)),
            counted_keeper: self.book.keepers.name_or_blank(line.keeper),
            book_quantity: book.map(|book| book.quantity),
            counted_quantity: line.quantity,
            value: match line.subject {
                Subject::Item(item) => self.book.values.get(item.index()).copied().flatten(),
                Subject::Thing(_) => None,
            },
            lead: clues.get(&index).map_or("", String::as_str),
        }
    }

    /// A line as the report wants it: with who counted last, and when.
    pub(super) fn report_line<'a>(&'a self, index: usize, line: &Line, clues: &'a Clues) -> ReportLine<'a> {
        let view = self.view(index, line, clues);
        let described = self.describe(line);
        let last = self.outcome.scans_of(line.subject).last().and_then(|scan| self.count.scans.get(scan.get()));
        ReportLine {
            item_number: view.item_number,
            name: described.name,
            specification: "",
            serial_number: described.serial,
            class_code: "",
            class_name: "",
            measure: "",
            unit: view.unit,
            book_place: view.book_place,
            counted_place: view.counted_place,
            book_keeper: view.book_keeper,
            counted_keeper: view.counted_keeper,
            book_quantity: view.book_quantity,
            counted_quantity: view.counted_quantity,
            value: view.value.unwrap_or(Fen::ZERO),
            worth: None,
            acquired_on: None,
            state: line.book.map(|book| book.state),
            verdict: view.verdict,
            flags: view.flags,
            expected: line.expected,
            lead: view.lead,
            note: "",
            counter: self.count.counters.name_or_blank(last.and_then(|scan| scan.counter)),
            counted_at: last.map(|scan| scan.at).filter(|at| *at != UNTIMED),
        }
    }
}

/// The instant of a scan before which no time was given.
pub(super) const UNTIMED: Timestamp = Timestamp(i64::MIN);
