//! Serial numbers by what remains of them when one or two characters are left out: two numbers within two edits of one
//! another share such a remainder, so that the near ones are found without comparing all with all.

use rayon::prelude::*;

use super::serial::Serial;

/// More remainders than this (8 bytes each) are not kept; the search then tolerates fewer edits.
const MOST_REMAINDERS: usize = 16_000_000;
/// A remainder shared by more numbers than this tells none of them apart; only so many are looked at.
const MOST_ALIKE: usize = 64;
const BUCKETS: usize = 1 << 16;

/// Remainders of many serial numbers.
pub(super) struct Index {
    /// Hash above, position below; sorted.
    entries: Vec<u64>,
    /// Where each bucket of the upper 16 bits begins.
    starts: Vec<usize>,
    edits: usize,
}

impl Index {
    /// Indexes serial numbers by their position.
    pub(super) fn of(serials: &[(usize, Serial)]) -> Self {
        let remainders = |edits| serials.iter().map(|(_, serial)| count(serial, edits)).sum::<usize>();
        let edits = (0..=2).rev().find(|&edits| remainders(edits) <= MOST_REMAINDERS).unwrap_or(0);
        let mut entries: Vec<u64> = serials
            .par_iter()
            .enumerate()
            .flat_map_iter(|(position, (_, serial))| {
                let below = position as u64 & u64::from(u32::MAX);
                hashes(serial, edits).into_iter().map(move |hash| u64::from(hash) << 32 | below)
            })
            .collect();
        entries.par_sort_unstable();
        entries.dedup();
        let mut starts = vec![0; BUCKETS + 1];
        for entry in &entries {
            starts[bucket(*entry) + 1] += 1;
        }
        for index in 1..starts.len() {
            starts[index] += starts[index - 1];
        }
        Self { entries, starts, edits }
    }

    /// The positions of those that may be near, in order; every one within the tolerated edits is among them, unless a
    /// remainder is shared by very many.
    pub(super) fn near(&self, serial: &Serial) -> impl Iterator<Item = usize> + use<> {
        let mut found = Vec::new();
        for hash in hashes(serial, self.edits) {
            let wanted = u64::from(hash) << 32;
            let bucket = bucket(wanted);
            let entries = &self.entries[self.starts[bucket]..self.starts[bucket + 1]];
            let from = entries.partition_point(|entry| *entry < wanted);
            let alike = entries[from..].iter().take_while(|entry| *entry >> 32 == u64::from(hash));
            found.extend(alike.take(MOST_ALIKE).map(|entry| *entry & u64::from(u32::MAX)));
        }
        found.sort_unstable();
        found.dedup();
        found.into_iter().filter_map(|position| usize::try_from(position).ok())
    }
}

fn bucket(entry: u64) -> usize {
    usize::from(u16::try_from(entry >> 48).unwrap_or(0))
}

/// How many remainders a serial number has.
fn count(serial: &Serial, edits: usize) -> usize {
    let len = serial.folded().len();
    match edits.min(serial.tolerance()) {
        0 => 1,
        1 => 1 + len,
        _ => 1 + len + len * (len - 1) / 2,
    }
}

fn hashes(serial: &Serial, edits: usize) -> Vec<u32> {
    let folded = serial.folded();
    let edits = edits.min(serial.tolerance());
    let mut hashes = Vec::with_capacity(count(serial, edits));
    hashes.push(hash(&folded, usize::MAX, usize::MAX));
    for first in 0..if edits > 0 { folded.len() } else { 0 } {
        hashes.push(hash(&folded, first, usize::MAX));
        for second in first + 1..if edits > 1 { folded.len() } else { 0 } {
            hashes.push(hash(&folded, first, second));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// FNV-1a of the characters but two; the same on every run, so that the same files give the same pairs.
fn hash(chars: &[char], without: usize, nor: usize) -> u32 {
    let mut hash = 0xcbf2_9ce4_8422_2325_u64;
    for (index, c) in chars.iter().enumerate() {
        if index != without && index != nor {
            hash = (hash ^ u64::from(u32::from(*c))).wrapping_mul(0x0100_0000_01b3);
        }
    }
    u32::try_from((hash ^ hash >> 29).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32).unwrap_or(0)
}
