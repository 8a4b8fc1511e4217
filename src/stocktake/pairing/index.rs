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
    let edits = edits.min(serial.tolerance());
    let spelled = Spelled::of(&serial.folded());
    let mut hashes = Vec::with_capacity(count(serial, edits));
    hashes.push(mixed(spelled.part(0, spelled.len)));
    for first in 0..if edits > 0 { spelled.len } else { 0 } {
        hashes.push(mixed(spelled.without(0, first, spelled.len)));
        for second in first + 1..if edits > 1 { spelled.len } else { 0 } {
            let behind = spelled.part(second + 1, spelled.len);
            let before = spelled.without(0, first, second);
            hashes.push(mixed(before.wrapping_mul(spelled.powers[spelled.len - second - 1]).wrapping_add(behind)));
        }
    }
    hashes.sort_unstable();
    hashes.dedup();
    hashes
}

/// A number read as the digits of a large odd base, modulo 2⁶⁴, so that the hash of any remainder comes from those of
/// its parts. The same on every run, so that the same files give the same pairs.
struct Spelled {
    len: usize,
    /// The value of the first so many characters.
    values: Vec<u64>,
    powers: Vec<u64>,
}

impl Spelled {
    const BASE: u64 = 0x9e37_79b9_7f4a_7c15;

    fn of(chars: &[char]) -> Self {
        let (mut values, mut powers) = (vec![0u64], vec![1u64]);
        for (index, c) in chars.iter().enumerate() {
            values.push(values[index].wrapping_mul(Self::BASE).wrapping_add(u64::from(u32::from(*c))));
            powers.push(powers[index].wrapping_mul(Self::BASE));
        }
        Self { len: chars.len(), values, powers }
    }

    /// The value of the characters from `from` up to `to`.
    fn part(&self, from: usize, to: usize) -> u64 {
        self.values[to].wrapping_sub(self.values[from].wrapping_mul(self.powers[to - from]))
    }

    /// The same, leaving out the one at `at`.
    fn without(&self, from: usize, at: usize, to: usize) -> u64 {
        self.part(from, at).wrapping_mul(self.powers[to - at - 1]).wrapping_add(self.part(at + 1, to))
    }
}

fn mixed(value: u64) -> u32 {
    u32::try_from((value ^ value >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32).unwrap_or(0)
}
