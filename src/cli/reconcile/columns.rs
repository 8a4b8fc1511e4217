//! An index of item numbers over a column of them.

use std::hash::{BuildHasher as _, Hasher as _};

use hashbrown::hash_table::Entry;
use hashbrown::{DefaultHashBuilder, HashTable};

pub(super) use crate::stocktake::reconcile::TextColumn;

use crate::kernel::text;

/// An item number as it is compared: its [`text::key`] itself when it is short, as nearly all are, so that no text has
/// to be fetched to compare two; else a mark that it is long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct NumberKey {
    hash: u32,
    /// The bytes of a short key, zeros after them; the last byte is its length.
    packed: [u8; SHORT + 1],
}

/// Bytes of a key that are kept beside its row.
const SHORT: usize = 15;
const LONG: u8 = u8::MAX;

/// Makes item numbers' keys; both files must use the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberHasher(DefaultHashBuilder);

impl NumberHasher {
    pub(super) fn key(&self, number: &str) -> NumberKey {
        let key = text::key(number);
        let mut hasher = self.0.build_hasher();
        hasher.write(key.as_bytes());
        let hash = u32::try_from(hasher.finish() >> 32).unwrap_or(0);
        let mut packed = [0; SHORT + 1];
        match packed.get_mut(..key.len()).filter(|_| key.len() <= SHORT) {
            Some(bytes) => {
                bytes.copy_from_slice(key.as_bytes());
                packed[SHORT] = u8::try_from(key.len()).unwrap_or(LONG);
            }
            None => packed[SHORT] = LONG,
        }
        NumberKey { hash, packed }
    }
}

impl NumberKey {
    /// Whether the number is blank.
    pub(super) const fn is_blank(&self) -> bool {
        self.packed[SHORT] == 0
    }

    /// 32 bits spread over 64: the table takes its buckets from one end and its tags from the other.
    fn spread(&self) -> u64 {
        u64::from(self.hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
    }
}

/// Finds the row of an item number.
#[derive(Debug, Default)]
pub(super) struct NumberIndex(HashTable<(NumberKey, u32)>);

impl NumberIndex {
    /// The row of a number in the column that was indexed.
    pub(super) fn find(&self, key: &NumberKey, number: &str, numbers: &TextColumn) -> Option<usize> {
        self.0.find(key.spread(), |entry| same(entry, key, number, numbers)).map(|entry| entry.1 as usize)
    }

    /// Adds a row; gives the row that already has its number, if one has.
    pub(super) fn insert(
        &mut self,
        key: NumberKey,
        number: &str,
        row: usize,
        numbers: &TextColumn,
    ) -> Result<(), usize> {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        match self.0.entry(key.spread(), |entry| same(entry, &key, number, numbers), |entry| entry.0.spread()) {
            Entry::Occupied(known) => Err(known.get().1 as usize),
            Entry::Vacant(place) => {
                place.insert((key, row));
                Ok(())
            }
        }
    }
}

fn same(entry: &(NumberKey, u32), key: &NumberKey, number: &str, numbers: &TextColumn) -> bool {
    entry.0 == *key && (key.packed[SHORT] != LONG || text::key(numbers.get(entry.1 as usize)) == text::key(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_any_spelling() {
        let hasher = NumberHasher::default();
        let (mut numbers, mut index) = (TextColumn::default(), NumberIndex::default());
        let long = "GDZC-2026-0000000001-甲";
        for number in ["ZC-001", "zc-002", long] {
            assert_eq!(index.insert(hasher.key(number), number, numbers.len(), &numbers), Ok(()));
            numbers.push(number);
        }
        let find = |number: &str| index.find(&hasher.key(number), number, &numbers);
        assert_eq!(find("ＺＣ－００１"), Some(0));
        assert_eq!(find(" ZC-002 "), Some(1));
        assert_eq!(find(" gdzc-2026-0000000001-甲"), Some(2));
        assert_eq!((find("ZC-003"), find("GDZC-2026-0000000001-乙"), find("")), (None, None, None));
        assert_eq!(index.insert(hasher.key("zc-001"), "zc-001", 3, &numbers), Err(0));
        assert_eq!((numbers.get(1), numbers.get(9), numbers.len()), ("zc-002", "", 3));
        assert!(hasher.key(" \u{3000}").is_blank() && !hasher.key("0").is_blank());
    }
}
