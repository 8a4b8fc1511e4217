//! A million texts in two allocations, and an index of item numbers over them.

use std::hash::{BuildHasher as _, Hasher as _};

use hashbrown::{DefaultHashBuilder, HashTable};

use crate::kernel::text;

/// A column of texts, end to end.
#[derive(Debug, Default)]
pub(super) struct TextColumn {
    text: String,
    ends: Vec<usize>,
}

impl TextColumn {
    pub(super) fn push(&mut self, cell: &str) {
        self.text.push_str(cell);
        self.ends.push(self.text.len());
    }

    pub(super) fn get(&self, row: usize) -> &str {
        let start = if row == 0 { 0 } else { self.ends.get(row - 1).copied().unwrap_or(0) };
        let end = self.ends.get(row).copied().unwrap_or(start);
        self.text.get(start..end).unwrap_or_default()
    }

    pub(super) fn len(&self) -> usize {
        self.ends.len()
    }
}

/// Hashes item numbers by their [`text::key`]; both files must use the same one.
#[derive(Debug, Clone, Default)]
pub(super) struct NumberHasher(DefaultHashBuilder);

impl NumberHasher {
    pub(super) fn hash(&self, number: &str) -> u32 {
        let mut hasher = self.0.build_hasher();
        hasher.write(text::key(number).as_bytes());
        u32::try_from(hasher.finish() >> 32).unwrap_or(0)
    }
}

/// Finds the row of an item number. Keeps 32 bits of hash beside the row, so that it grows without hashing again.
#[derive(Debug, Default)]
pub(super) struct NumberIndex(HashTable<(u32, u32)>);

/// 32 bits spread over 64: the table takes its buckets from one end and its tags from the other.
fn spread(hash: u32) -> u64 {
    u64::from(hash).wrapping_mul(0x9e37_79b9_7f4a_7c15)
}

impl NumberIndex {
    /// The row of a number in the column that was indexed.
    pub(super) fn find(&self, hash: u32, number: &str, numbers: &TextColumn) -> Option<usize> {
        let same = |entry: &(u32, u32)| {
            let known = numbers.get(entry.1 as usize);
            entry.0 == hash && (known == number || text::key(known) == text::key(number))
        };
        self.0.find(spread(hash), same).map(|entry| entry.1 as usize)
    }

    /// Adds the row that holds a number not yet known.
    pub(super) fn insert(&mut self, hash: u32, row: usize) {
        let row = u32::try_from(row).unwrap_or(u32::MAX);
        self.0.insert_unique(spread(hash), (hash, row), |entry| spread(entry.0));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_found_in_any_spelling() {
        let hasher = NumberHasher::default();
        let (mut numbers, mut index) = (TextColumn::default(), NumberIndex::default());
        for number in ["ZC-001", "", "zc-002"] {
            index.insert(hasher.hash(number), numbers.len());
            numbers.push(number);
        }
        let find = |number: &str| index.find(hasher.hash(number), number, &numbers);
        assert_eq!(find("ＺＣ－００１"), Some(0));
        assert_eq!(find(" ZC-002 "), Some(2));
        assert_eq!(find("ZC-003"), None);
        assert_eq!((numbers.get(1), numbers.get(2), numbers.get(9), numbers.len()), ("", "zc-002", "", 3));
    }
}
