//! Pairing an unregistered thing (盘盈) with a missing one (盘亏): a lost label makes one thing look like both.
//!
//! A pair is a lead for a person, never a verdict: nothing is merged. The strongest evidence pairs first, and each
//! thing is paired at most once:
//! 1. the same or nearly the same serial number ([`serial`]), better when name, place and unit agree as well;
//! 2. the same name, at the place where the book has the missing one;
//! 3. the same name, in the same unit.
//!
//! Two things whose serial numbers are both known and not near are never paired by name. A place that agrees is one
//! of two known; blanks agree with nothing. The result depends on the order given and on nothing else.

mod index;
pub mod serial;

use std::cmp::Reverse;
use std::collections::VecDeque;

use hashbrown::HashMap;
use rayon::prelude::*;

use super::reconcile::{PlaceNo, UnitNo};
use crate::kernel::text;
use index::Index;
use serial::{Distance, Serial};

/// What is known of a thing that may be one with another.
#[derive(Debug, Clone, Copy, Default)]
pub struct Described<'a> {
    /// The serial number as written; blank when unknown.
    pub serial: &'a str,
    /// The name, with the model where it is written; blank when unknown.
    pub name: &'a str,
    /// Where it was seen, or where the book has it.
    pub place: Option<PlaceNo>,
    /// The unit that holds that place, or answers for the thing.
    pub unit: Option<UnitNo>,
}

/// Why two are taken for one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// Their serial numbers are this near, and so many other missing things are as near.
    Serial {
        /// How near.
        distance: Distance,
        /// How many others.
        rivals: usize,
    },
    /// The same name, where the book has it.
    NameAndPlace,
    /// The same name, in the same unit.
    NameAndUnit,
}

/// An unregistered thing that may be a missing one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Pair {
    /// The index of the unregistered thing.
    pub surplus: usize,
    /// The index of the missing one.
    pub missing: usize,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Why.
    pub reason: Reason,
}

impl Pair {
    /// Why, in words: `序列号 XL00I234O 与账上 XL0012340 只差易混字符`.
    #[must_use]
    pub fn zh(&self, surplus: &Described<'_>, missing: &Described<'_>) -> String {
        match self.reason {
            Reason::Serial { distance: Distance::NONE, .. } => format!("序列号同为 {}", missing.serial.trim()),
            Reason::Serial { distance, rivals } => {
                let near =
                    format!("序列号 {} 与账上 {} {}", surplus.serial.trim(), missing.serial.trim(), distance.zh());
                if rivals == 0 { near } else { format!("{near}，另有 {rivals} 件同样接近") }
            }
            Reason::NameAndPlace => format!("同为“{}”，且在其账面地点", missing.name.trim()),
            Reason::NameAndUnit => format!("同为“{}”，且在同一单位", missing.name.trim()),
        }
    }
}

const SAME_SERIAL: u8 = 95;
const NEAR_SERIAL: u8 = 90;
const RIVALS: u8 = 10;
const NAME_AND_PLACE: u8 = 45;
const NAME_AND_UNIT: u8 = 35;
/// So many candidates of one thing are remembered, the nearest; fewer when there are very many things.
const MOST_CANDIDATES: usize = 16;
/// So many candidates of all things together.
const MOST_CANDIDATES_OF_ALL: usize = 4_000_000;

/// Pairs unregistered things with missing ones, each at most once; in order of the unregistered.
#[must_use]
pub fn pair(surplus: &[Described<'_>], missing: &[Described<'_>]) -> Vec<Pair> {
    if surplus.is_empty() || missing.is_empty() {
        return Vec::new();
    }
    let mut board = Board {
        surplus,
        missing,
        surplus_taken: vec![false; surplus.len()],
        missing_taken: vec![false; missing.len()],
        pairs: Vec::new(),
    };
    board.pair_by_serial();
    board.pair_by_name(NAME_AND_PLACE, Reason::NameAndPlace, |thing| thing.place.map(|place| (Some(place), None)));
    board.pair_by_name(NAME_AND_UNIT, Reason::NameAndUnit, |thing| thing.unit.map(|unit| (None, Some(unit))));
    board.pairs.sort_unstable_by_key(|pair| pair.surplus);
    board.pairs
}

type Whereabouts = (Option<PlaceNo>, Option<UnitNo>);

struct Board<'a> {
    surplus: &'a [Described<'a>],
    missing: &'a [Described<'a>],
    surplus_taken: Vec<bool>,
    missing_taken: Vec<bool>,
    pairs: Vec<Pair>,
}

impl Board<'_> {
    fn pair_by_serial(&mut self) {
        let serials = |things: &[Described<'_>]| -> Vec<(usize, Serial)> {
            let read = |(index, thing): (usize, &Described<'_>)| Some((index, Serial::read(thing.serial)?));
            things.iter().enumerate().filter_map(read).collect()
        };
        let known = serials(self.missing);
        let index = Index::of(&known);
        let mut candidates: Vec<Pair> = serials(self.surplus)
            .par_iter()
            .flat_map_iter(|(surplus, serial)| {
                let near = index.near(serial).filter_map(|slot| {
                    let (missing, theirs) = known.get(slot)?;
                    Some((*missing, serial.distance(theirs)?))
                });
                self.rank(*surplus, near.collect())
            })
            .collect();
        candidates.sort_by_key(|pair| (Reverse(pair.score), pair.surplus, pair.missing));
        for pair in candidates {
            self.take(pair);
        }
    }

    /// The nearest missing things of one unregistered, scored.
    fn rank(&self, surplus: usize, near: Vec<(usize, Distance)>) -> Vec<Pair> {
        let mut ranked: Vec<(Distance, Reverse<u8>, usize)> = near
            .into_iter()
            .map(|(missing, distance)| (distance, Reverse(self.agreement(surplus, missing)), missing))
            .collect();
        ranked.sort_unstable();
        let pairs = ranked.chunk_by(|a, b| (a.0, a.1) == (b.0, b.1)).flat_map(|alike| {
            alike.iter().map(|&(distance, Reverse(agreement), missing)| {
                let rivals = alike.len() - 1;
                let base = match distance {
                    Distance::NONE => SAME_SERIAL,
                    Distance(quarters) => NEAR_SERIAL - 4 * quarters,
                };
                let score = base + agreement - if rivals > 0 { RIVALS } else { 0 };
                Pair { surplus, missing, score, reason: Reason::Serial { distance, rivals } }
            })
        });
        pairs.take((MOST_CANDIDATES_OF_ALL / self.surplus.len()).clamp(1, MOST_CANDIDATES)).collect()
    }

    /// What else speaks for a pair, 0 to 5.
    fn agreement(&self, surplus: usize, missing: usize) -> u8 {
        let (a, b) = (&self.surplus[surplus], &self.missing[missing]);
        let name = text::key(a.name);
        let same_name = !name.is_empty() && name == text::key(b.name);
        let same_place = a.place.is_some() && a.place == b.place;
        let same_unit = a.unit.is_some() && a.unit == b.unit;
        3 * u8::from(same_name) + u8::from(same_place) + u8::from(same_unit)
    }

    fn pair_by_name(&mut self, score: u8, reason: Reason, whereabouts: fn(&Described<'_>) -> Option<Whereabouts>) {
        let group = |thing: &Described<'_>| {
            let name = text::key(thing.name);
            (!name.is_empty()).then_some(())?;
            Some((name.into_owned(), whereabouts(thing)?))
        };
        let mut waiting: HashMap<(String, Whereabouts), Waiting> = HashMap::new();
        for (index, thing) in self.missing.iter().enumerate().filter(|(index, _)| !self.missing_taken[*index]) {
            if let Some(group) = group(thing) {
                waiting.entry(group).or_default().add(index, Serial::read(thing.serial).is_some());
            }
        }
        for (surplus, thing) in self.surplus.iter().enumerate() {
            if self.surplus_taken[surplus] {
                continue;
            }
            let Some(waiting) = group(thing).and_then(|group| waiting.get_mut(&group)) else { continue };
            if let Some(missing) = waiting.next(Serial::read(thing.serial).is_some()) {
                let pair = Pair { surplus, missing, score, reason };
                self.surplus_taken[surplus] = true;
                self.missing_taken[missing] = true;
                self.pairs.push(pair);
            }
        }
    }

    fn take(&mut self, pair: Pair) {
        if !self.surplus_taken[pair.surplus] && !self.missing_taken[pair.missing] {
            self.surplus_taken[pair.surplus] = true;
            self.missing_taken[pair.missing] = true;
            self.pairs.push(pair);
        }
    }
}

/// Missing things of one name in one place, those with a serial number apart: a thing with another serial number is
/// another thing.
#[derive(Default)]
struct Waiting {
    with_serial: VecDeque<usize>,
    without: VecDeque<usize>,
}

impl Waiting {
    fn add(&mut self, missing: usize, has_serial: bool) {
        if has_serial { &mut self.with_serial } else { &mut self.without }.push_back(missing);
    }

    fn next(&mut self, has_serial: bool) -> Option<usize> {
        match self.without.pop_front() {
            None if !has_serial => self.with_serial.pop_front(),
            found => found,
        }
    }
}
