//! Search leads: where to look first for a missing thing, and why, in one sentence each.
//! Pure: the caller gathers the facts it has, this module weighs them and words them.
//!
//! | fact | score |
//! | --- | --- |
//! | an unregistered thing that may be it ([`super::pairing`]) | the pair's, 35 to 100 |
//! | last scanned somewhere else than the book's place | 75; in the book's place 40 |
//! | things issued together were found together elsewhere | 55 and up to 70 with their number |
//! | its keeper now belongs to another unit | 50 |
//! | several of its neighbours in the book were found in one other place | 48 and up to 60 with their number |
//!
//! Two facts that point to one place support each other: 5 more each. A place that was searched because the book names
//! it is no lead.

use hashbrown::HashMap;

use super::reconcile::PlaceNo;
use crate::kernel::{Timestamp, text};

/// A place where things like the missing one were found, and how many.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FoundAt<'a> {
    /// The place.
    pub place: &'a str,
    /// How many were found there.
    pub count: usize,
}

/// An unregistered thing that may be the missing one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Paired<'a> {
    /// Where it was seen.
    pub place: Option<&'a str>,
    /// How sure, 0 to 100.
    pub score: u8,
    /// Why, in words: [`super::pairing::Pair::zh`].
    pub why: String,
}

/// What is known of a missing thing's surroundings; what is not known stays empty.
#[derive(Debug, Clone, Default)]
pub struct Facts<'a> {
    /// Where the book has it, and where it was therefore looked for.
    pub book_place: Option<&'a str>,
    /// An unregistered thing that may be it.
    pub paired: Option<Paired<'a>>,
    /// Where and when it was last scanned, in this count's undone scans or an earlier count.
    pub last_scan: Option<(&'a str, Timestamp)>,
    /// Its keeper, and the unit he belongs to now, when that is not the thing's.
    pub keeper_moved_to: Option<(&'a str, &'a str)>,
    /// Where things issued together with it were found: same day, class or neighbouring numbers.
    pub issued_together: Vec<FoundAt<'a>>,
    /// Where things the book has in the same place were found instead.
    pub neighbours: Vec<FoundAt<'a>>,
}

/// What a lead rests on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum LeadKind {
    /// An unregistered thing may be it.
    Paired,
    /// It was last scanned there.
    LastScan,
    /// Things issued together are there.
    IssuedTogether,
    /// Its keeper went there.
    KeeperMoved,
    /// Its neighbours in the book are there.
    Neighbours,
}

/// Where a lead points.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum Whither {
    /// To a place.
    Place(String),
    /// To a person in a unit.
    Person {
        /// The keeper.
        keeper: String,
        /// His unit now.
        unit: String,
    },
    /// To a thing seen at no known place.
    Nowhere,
}

/// Where to look, how likely, and why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lead {
    /// What it rests on.
    pub kind: LeadKind,
    /// Where to look or whom to ask.
    pub whither: Whither,
    /// How likely, 0 to 100; to rank by, not a probability.
    pub score: u8,
    /// Why, in words.
    pub why: String,
}

impl Lead {
    /// The whole sentence: `最可能在 302 室：同批 3 件在那里`.
    #[must_use]
    pub fn zh(&self) -> String {
        let likely = if self.score >= 60 { "最可能" } else { "可能" };
        match &self.whither {
            Whither::Place(place) => format!("{likely}在{}：{}", spaced(place), self.why),
            Whither::Person { keeper, unit } => format!("可问{}的{}：{}", spaced(unit), spaced(keeper), self.why),
            Whither::Nowhere => format!("{likely}是一件盘盈物品：{}", self.why),
        }
    }
}

/// With a blank before it when it begins with a letter or digit, as Chinese text is set.
#[must_use]
pub fn spaced(name: &str) -> String {
    if name.starts_with(|c: char| c.is_ascii_alphanumeric()) { format!(" {name}") } else { name.to_owned() }
}

const LAST_SCAN: u8 = 75;
const LAST_SCAN_IN_BOOK_PLACE: u8 = 40;
const KEEPER_MOVED: u8 = 50;
const SUPPORT: u8 = 5;

/// Where to look, the likeliest first; equal scores in the order of [`LeadKind`].
#[must_use]
pub fn rank(facts: &Facts<'_>) -> Vec<Lead> {
    let mut leads = Vec::new();
    if let Some(paired) = &facts.paired {
        let whither = paired.place.map_or(Whither::Nowhere, |place| Whither::Place(place.to_owned()));
        let why = format!("{}盘盈一件，{}", if paired.place.is_some() { "那里" } else { "" }, paired.why);
        leads.push(Lead { kind: LeadKind::Paired, whither, score: paired.score.min(100), why });
    }
    if let Some((place, at)) = facts.last_scan {
        let score = if is_book_place(facts, place) { LAST_SCAN_IN_BOOK_PLACE } else { LAST_SCAN };
        let why = format!("{} 在那里扫到过", at.day());
        leads.push(Lead { kind: LeadKind::LastScan, whither: Whither::Place(place.to_owned()), score, why });
    }
    if let Some(found) = most(facts, &facts.issued_together, 1) {
        let score = 50 + 5 * u8::try_from(found.count.min(4)).unwrap_or(4);
        let why = format!("同批 {} 件在那里", found.count);
        leads.push(Lead {
            kind: LeadKind::IssuedTogether,
            whither: Whither::Place(found.place.to_owned()),
            score,
            why,
        });
    }
    if let Some((keeper, unit)) = facts.keeper_moved_to {
        let whither = Whither::Person { keeper: keeper.to_owned(), unit: unit.to_owned() };
        let why = "使用人已调到该单位".to_owned();
        leads.push(Lead { kind: LeadKind::KeeperMoved, whither, score: KEEPER_MOVED, why });
    }
    if let Some(found) = most(facts, &facts.neighbours, 2) {
        let score = 40 + 4 * u8::try_from(found.count.min(5)).unwrap_or(5);
        let why = format!("账面同一地点的 {} 件在那里", found.count);
        leads.push(Lead { kind: LeadKind::Neighbours, whither: Whither::Place(found.place.to_owned()), score, why });
    }
    support(&mut leads);
    leads.sort_by_key(|lead| std::cmp::Reverse(lead.score));
    leads
}

fn is_book_place(facts: &Facts<'_>, place: &str) -> bool {
    facts.book_place.is_some_and(|book| text::key(book) == text::key(place))
}

/// The place with the most, when there are enough; the first named of several with as many.
fn most<'a>(facts: &Facts<'a>, found: &[FoundAt<'a>], enough: usize) -> Option<FoundAt<'a>> {
    let elsewhere = found.iter().filter(|at| at.count >= enough && !is_book_place(facts, at.place));
    elsewhere.rev().max_by_key(|at| at.count).copied()
}

fn support(leads: &mut [Lead]) {
    let places: Vec<Whither> = leads.iter().map(|lead| lead.whither.clone()).collect();
    for lead in leads.iter_mut().filter(|lead| matches!(lead.whither, Whither::Place(_))) {
        let others = places.iter().filter(|place| **place == lead.whither).count() - 1;
        lead.score = lead.score.saturating_add(SUPPORT * u8::try_from(others).unwrap_or(0)).min(100);
    }
}

/// Where the things that the book has in each place were found instead.
#[derive(Debug, Default)]
pub struct Wanderings(HashMap<PlaceNo, Found>);

#[derive(Debug, Default)]
struct Found {
    by_place: HashMap<PlaceNo, usize>,
    most: Option<(PlaceNo, usize)>,
}

impl Wanderings {
    /// Notes one thing; one found where the book has it, or at no known place, says nothing.
    pub fn note(&mut self, book: Option<PlaceNo>, found: Option<PlaceNo>) {
        let (Some(book), Some(place)) = (book, found) else { return };
        if book == place {
            return;
        }
        let found = self.0.entry(book).or_default();
        let count = found.by_place.entry(place).or_default();
        *count += 1;
        if found.most.is_none_or(|(_, most)| *count > most) {
            found.most = Some((place, *count));
        }
    }

    /// The other place where most things of this one were found, the first to reach the number, and the number.
    #[must_use]
    pub fn most_from(&self, book: Option<PlaceNo>) -> Option<(PlaceNo, usize)> {
        book.and_then(|book| self.0.get(&book)).and_then(|found| found.most)
    }
}

/// The item numbers next to this one, nearest first: those of things likely issued together. Empty for a number that
/// does not end in digits.
#[must_use]
pub fn neighbouring_numbers(number: &str, reach: u64) -> Vec<String> {
    let digits = number.len() - number.trim_end_matches(|c: char| c.is_ascii_digit()).len();
    // Eighteen digits fit a u64 with room to spare; what stands before them does not change between neighbours.
    let (stem, tail) = number.split_at(number.len() - digits.min(18));
    let Ok(value) = tail.parse::<u64>() else { return Vec::new() };
    (1..=reach)
        .flat_map(|step| [value.checked_sub(step), value.checked_add(step)])
        .flatten()
        .map(|neighbour| format!("{stem}{neighbour:0width$}", width = tail.len()))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::super::reconcile::Numbered as _;
    use super::*;

    fn found(place: &str, count: usize) -> FoundAt<'_> {
        FoundAt { place, count }
    }

    #[test]
    fn the_likeliest_first_in_words() {
        let facts = Facts {
            book_place: Some("201 室"),
            paired: Some(Paired { place: Some("仓库"), score: 45, why: "同为“电脑”".into() }),
            last_scan: Some(("201室", Timestamp(1_700_000_000_000))),
            keeper_moved_to: Some(("李四", "治安大队")),
            issued_together: vec![found("201室", 9), found("302 室", 3), found("303 室", 3)],
            neighbours: vec![found("302 室", 2), found("101 室", 1)],
        };
        let leads: Vec<_> = rank(&facts).iter().map(|lead| format!("{} {}", lead.score, lead.zh())).collect();
        assert_eq!(
            leads,
            [
                "70 最可能在 302 室：同批 3 件在那里",
                "53 可能在 302 室：账面同一地点的 2 件在那里",
                "50 可问治安大队的李四：使用人已调到该单位",
                "45 可能在仓库：那里盘盈一件，同为“电脑”",
                "40 可能在 201室：2023-11-15 在那里扫到过",
            ]
        );
    }

    #[test]
    fn no_facts_no_leads() {
        assert!(rank(&Facts::default()).is_empty());
        let one_stray = Facts { neighbours: vec![found("302 室", 1)], ..Facts::default() };
        assert!(rank(&one_stray).is_empty(), "one thing astray says nothing of its neighbours");
    }

    #[test]
    fn a_pair_without_a_place() {
        let facts = Facts {
            paired: Some(Paired { place: None, score: 95, why: "序列号同为 X1".into() }),
            ..Facts::default()
        };
        assert_eq!(rank(&facts)[0].zh(), "最可能是一件盘盈物品：盘盈一件，序列号同为 X1");
    }

    #[test]
    fn numbers_next_to_a_number() {
        assert_eq!(neighbouring_numbers("ZC-0010", 2), ["ZC-0009", "ZC-0011", "ZC-0008", "ZC-0012"]);
        assert_eq!(neighbouring_numbers("A0", 1), ["A1"]);
        assert_eq!(neighbouring_numbers("9", 1), ["8", "10"]);
        assert!(neighbouring_numbers("ZC-一", 3).is_empty());
        assert_eq!(neighbouring_numbers("99999999999999999999999", 1).len(), 2);
    }

    #[test]
    fn wanderings_count_only_what_is_elsewhere() {
        let place = |n| Some(PlaceNo::from_index(n));
        let mut wanderings = Wanderings::default();
        for (book, found) in
            [(place(0), place(1)), (place(0), place(1)), (place(0), place(0)), (None, place(1)), (place(0), None)]
        {
            wanderings.note(book, found);
        }
        wanderings.note(place(0), place(2));
        assert_eq!(wanderings.most_from(place(0)), Some((PlaceNo::from_index(1), 2)));
        assert_eq!((wanderings.most_from(place(1)), wanderings.most_from(None)), (None, None));
    }
}
