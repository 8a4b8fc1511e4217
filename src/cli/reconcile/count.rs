//! The count file, column by column, and its join with the book.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::book::BookTable;
use super::columns::{NumberHasher, NumberKey, TextColumn};
use super::view::UNTIMED;
use crate::kernel::{Quantity, Timestamp, text};
use crate::stocktake::reconcile::{
    CounterNo, Interner, ItemNo, KeeperNo, Numbered as _, PlaceNo, Scan, Target, ThingNo,
};
use crate::stocktake::verdict::Flags;

/// One row of the count, its cells read.
#[derive(Debug, Clone, Copy)]
pub(super) struct CountRow<'a> {
    pub(super) number: &'a str,
    pub(super) name: &'a str,
    pub(super) serial: &'a str,
    pub(super) place: &'a str,
    pub(super) keeper: &'a str,
    pub(super) quantity: Quantity,
    pub(super) condition: &'a str,
    pub(super) counted_at: Option<Timestamp>,
    pub(super) counter: &'a str,
}

/// The count.
#[derive(Debug, Default)]
pub(super) struct CountTable {
    pub(super) numbers: TextColumn,
    pub(super) names: TextColumn,
    pub(super) serials: TextColumn,
    pub(super) scans: Vec<Scan>,
    keys: Vec<NumberKey>,
    places: Interner<PlaceNo>,
    keepers: Interner<KeeperNo>,
    pub(super) counters: Interner<CounterNo>,
    last_at: Option<Timestamp>,
    last_condition: (String, Flags),
    /// By thing that no book knows: the row that first shows it.
    pub(super) things: Vec<usize>,
}

impl CountTable {
    /// Adds a row. A row that gives no time was counted after the row above it.
    pub(super) fn push(&mut self, row: &CountRow<'_>, hasher: &NumberHasher) {
        let key = hasher.key(row.number);
        self.keys.push(key);
        self.numbers.push(row.number);
        self.names.push(row.name);
        self.serials.push(row.serial);
        self.last_at = row.counted_at.or(self.last_at);
        let flags = self.condition_flags(row.condition).with_if(key.is_blank(), Flags::NO_LABEL);
        self.scans.push(Scan {
            target: Target::Unknown(ThingNo::from_index(0)),
            place: self.places.intern(row.place),
            keeper: self.keepers.intern(row.keeper),
            quantity: row.quantity,
            counter: self.counters.intern(row.counter),
            at: self.last_at.unwrap_or(UNTIMED),
            flags,
            undone: false,
        });
    }

    /// What the condition column says; most rows say what the row above says.
    fn condition_flags(&mut self, condition: &str) -> Flags {
        if self.last_condition.0 != condition {
            self.last_condition = (condition.to_owned(), condition_flags(condition));
        }
        self.last_condition.1
    }

    /// Finds for every row its thing in the book, and moves places and keepers into the book's numbers.
    pub(super) fn join(&mut self, book: &mut BookTable) {
        let places = book.places.absorb(&self.places);
        let keepers = book.keepers.absorb(&self.keepers);
        let (numbers, keys, book) = (&self.numbers, &self.keys, &*book);
        self.scans.par_iter_mut().enumerate().with_min_len(4096).for_each(|(row, scan)| {
            scan.place = scan.place.and_then(|place| places.get(place.index()).copied());
            scan.keeper = scan.keeper.and_then(|keeper| keepers.get(keeper.index()).copied());
            // A blank number is never found: the book has none.
            let found = keys.get(row).and_then(|key| book.find(key, numbers.get(row)));
            if let Some(item) = found {
                scan.target = Target::Book(ItemNo::from_index(item));
            }
        });
        self.number_the_unknown();
    }

    /// Rows of one unknown number are one thing; so are rows without a number that show one serial number. A row with
    /// neither is a thing of its own.
    fn number_the_unknown(&mut self) {
        let mut by_code: HashMap<(bool, String), ThingNo> = HashMap::new();
        for row in 0..self.scans.len() {
            let Some(scan) = self.scans.get_mut(row).filter(|scan| matches!(scan.target, Target::Unknown(_))) else {
                continue;
            };
            let number = text::key(self.numbers.get(row));
            let code = if number.is_empty() { text::key(self.serials.get(row)) } else { number.clone() };
            let new = ThingNo::from_index(self.things.len());
            let thing = if code.is_empty() {
                new
            } else {
                *by_code.entry((number.is_empty(), code.into_owned())).or_insert(new)
            };
            if thing == new {
                self.things.push(row);
            }
            scan.target = Target::Unknown(thing);
        }
    }
}

/// What the words in the condition column say, as far as a flag can say it.
fn condition_flags(condition: &str) -> Flags {
    if condition.is_empty() {
        return Flags::NONE;
    }
    let plain = text::half_width(condition).trim().to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| plain.contains(word));
    if says(&["标签", "label"]) {
        let gone = says(&["无标签", "没有标签", "缺", "丢", "脱", "掉", "no label", "no_label", "missing"]);
        let old = says(&["旧标签", "原标签", "old label", "old_label"]);
        return Flags::NONE.with_if(gone, Flags::NO_LABEL).with_if(old, Flags::OLD_LABEL);
    }
    let fine = says(&["未损", "无损", "没损", "未坏", "没坏", "不坏", "无破", "无故障", "undamaged", "not damaged"]);
    let bad = says(&["坏", "损", "破", "故障", "报废", "不能用", "无法使用", "damage", "broken", "faulty"]);
    Flags::NONE.with_if(bad && !fine, Flags::DAMAGED)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_as_offices_write_them() {
        for (condition, flags) in [
            ("", ""),
            ("完好", ""),
            ("良好，无损坏", ""),
            ("未损坏", ""),
            ("损坏", "damaged"),
            ("屏幕破裂", "damaged"),
            ("Damaged", "damaged"),
            ("待报废", "damaged"),
            ("标签脱落", "no_label"),
            ("无标签", "no_label"),
            ("旧标签", "old_label"),
            ("标签完好", ""),
        ] {
            assert_eq!(condition_flags(condition).to_string(), flags, "{condition}");
        }
    }
}
