//! Puts scans and movements with their thing: a counting sort, because a hash map of lists is slow at a million.

use std::ops::Range;

use hashbrown::HashMap;

use super::input::{Input, Movement, Scan, Target};
use super::names::{ItemNo, Numbered as _, ThingNo};
use super::{ReconcileError, ScanIndex};

/// The live scans of every thing, in order of time.
#[derive(Debug, Default)]
pub(super) struct Gathered {
    /// `order[starts[i]..starts[i + 1]]` are the scans of item `i`.
    starts: Vec<u32>,
    order: Vec<ScanIndex>,
    /// Scans of unknown things, sorted by thing.
    unknown: Vec<(ThingNo, Range<usize>)>,
    unknown_order: Vec<ScanIndex>,
}

impl Gathered {
    pub(super) fn from(input: &Input<'_>) -> Result<Self, ReconcileError> {
        if u32::try_from(input.scans.len()).is_err() || u32::try_from(input.items.len()).is_err() {
            return Err(ReconcileError::TooMany);
        }
        let mut starts = vec![0u32; input.items.len() + 1];
        let mut unknown = Vec::new();
        for (index, scan) in (0u32..).zip(input.scans) {
            match scan.target {
                _ if scan.undone => {}
                Target::Book(item) => match starts.get_mut(item.index() + 1) {
                    Some(count) => *count += 1,
                    None => return Err(ReconcileError::NoSuchItem { scan: index as usize, item }),
                },
                Target::Unknown(thing) => unknown.push((thing, scan.at, ScanIndex(index))),
            }
        }
        let mut total = 0u32;
        for start in &mut starts {
            total += *start;
            *start = total;
        }
        let mut gathered = Self { order: place(input.scans, &starts, total), starts, ..Self::default() };
        gathered.sort_repeated(input.scans);
        unknown.sort_unstable();
        gathered.take_unknown(&unknown);
        Ok(gathered)
    }

    fn sort_repeated(&mut self, scans: &[Scan]) {
        for pair in self.starts.windows(2) {
            if pair[1] - pair[0] > 1 {
                self.order[pair[0] as usize..pair[1] as usize].sort_by_key(|index| (scans[index.get()].at, index.0));
            }
        }
    }

    fn take_unknown(&mut self, sorted: &[(ThingNo, crate::kernel::Timestamp, ScanIndex)]) {
        self.unknown_order = sorted.iter().map(|entry| entry.2).collect();
        let mut start = 0;
        for group in sorted.chunk_by(|a, b| a.0 == b.0) {
            self.unknown.push((group[0].0, start..start + group.len()));
            start += group.len();
        }
    }

    /// The live scans of an item, in order of time.
    pub(super) fn of_item(&self, item: ItemNo) -> &[ScanIndex] {
        match self.starts.get(item.index()..item.index() + 2) {
            Some(&[start, end]) => &self.order[start as usize..end as usize],
            _ => &[],
        }
    }

    /// Every unknown thing, by number.
    pub(super) fn unknown_things(&self) -> impl Iterator<Item = ThingNo> {
        self.unknown.iter().map(|group| group.0)
    }

    /// The live scans of an unknown thing, in order of time.
    pub(super) fn of_thing(&self, thing: ThingNo) -> &[ScanIndex] {
        match self.unknown.binary_search_by_key(&thing, |group| group.0) {
            Ok(found) => &self.unknown_order[self.unknown[found].1.clone()],
            Err(_) => &[],
        }
    }
}

fn place(scans: &[Scan], starts: &[u32], total: u32) -> Vec<ScanIndex> {
    let mut next = starts.to_vec();
    let mut order = vec![ScanIndex(0); total as usize];
    for (index, scan) in (0u32..).zip(scans) {
        if let (false, Target::Book(item)) = (scan.undone, scan.target) {
            let slot = &mut next[item.index()];
            order[*slot as usize] = ScanIndex(index);
            *slot += 1;
        }
    }
    order
}

/// The movements of every thing that moved, in order of time.
#[derive(Debug, Default)]
pub(super) struct Histories {
    sorted: Vec<Movement>,
    of: HashMap<ItemNo, Range<usize>>,
}

impl Histories {
    pub(super) fn from(movements: &[Movement]) -> Self {
        let mut sorted = movements.to_vec();
        sorted.sort_by_key(|movement| (movement.item, movement.at));
        let mut of = HashMap::new();
        let mut start = 0;
        for group in sorted.chunk_by(|a, b| a.item == b.item) {
            of.insert(group[0].item, start..start + group.len());
            start += group.len();
        }
        Self { sorted, of }
    }

    pub(super) fn of(&self, item: ItemNo) -> &[Movement] {
        if self.of.is_empty() {
            return &[];
        }
        self.of.get(&item).map_or(&[], |range| &self.sorted[range.clone()])
    }
}
