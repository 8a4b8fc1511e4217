//! What the `lead` column says: where to look for a missing thing, which missing thing an unregistered one may be, and
//! what contradicts what in a conflict.

use hashbrown::HashMap;
use rayon::prelude::*;

use super::book::BookTable;
use super::columns::NumberHasher;
use super::count::CountTable;
use super::summary::UnitsOfPlaces;
use crate::kernel::text;
use crate::stocktake::leads::{self, Facts, FoundAt, Paired, Wanderings};
use crate::stocktake::line::{Line, Subject};
use crate::stocktake::pairing::{Described, Pair, pair};
use crate::stocktake::reconcile::{ItemNo, Numbered as _, PlaceNo, Reconciliation, ThingNo};
use crate::stocktake::verdict::Verdict;

/// How far along the item numbers things count as issued together.
const REACH: u64 = 5;

/// Sentences by line.
pub(super) type Clues = std::collections::HashMap<usize, String>;

/// All that clues are drawn from.
pub(super) struct Desk<'a> {
    pub(super) book: &'a BookTable,
    pub(super) count: &'a CountTable,
    pub(super) outcome: &'a Reconciliation,
    pub(super) units: &'a UnitsOfPlaces,
    pub(super) hasher: &'a NumberHasher,
    /// Where rows that were refused stand, by their number's key.
    pub(super) refused_book: &'a HashMap<String, String>,
    /// The same of the count.
    pub(super) refused_count: &'a HashMap<String, String>,
}

impl Desk<'_> {
    /// Draws all clues.
    pub(super) fn clues(&self) -> Clues {
        let lines = &self.outcome.lines;
        let (mut missing, mut surplus, mut conflicts) = (Vec::new(), Vec::new(), Vec::new());
        for (index, line) in lines.iter().enumerate() {
            match line.verdict {
                Verdict::Missing => missing.push(index),
                Verdict::Unregistered => surplus.push(index),
                Verdict::Conflict => conflicts.push(index),
                _ => {}
            }
        }
        let missing_things: Vec<_> = missing.iter().map(|&line| self.describe(&lines[line])).collect();
        let surplus_things: Vec<_> = surplus.iter().map(|&line| self.describe(&lines[line])).collect();
        let pairs = pair(&surplus_things, &missing_things);
        let (mut by_surplus, mut by_missing) = (HashMap::new(), HashMap::new());
        for pair in &pairs {
            by_surplus.insert(pair.surplus, pair);
            by_missing.insert(pair.missing, pair);
        }
        let why = |pair: &Pair| pair.zh(&surplus_things[pair.surplus], &missing_things[pair.missing]);
        let mut clues = Clues::new();
        for (index, &line) in surplus.iter().enumerate() {
            let paired = by_surplus.get(&index).map(|pair| {
                let number = self.number(&lines[missing[pair.missing]]);
                format!("可能是盘亏的 {number}：{}", why(pair))
            });
            let clue = self.of_surplus(&lines[line], &surplus_things[index], paired);
            if !clue.is_empty() {
                clues.insert(line, clue);
            }
        }
        let surroundings = Surroundings::of(lines, self.book.items.len());
        clues.par_extend(missing.par_iter().enumerate().filter_map(|(index, &line)| {
            let paired = by_missing.get(&index).map(|pair| Paired {
                place: surplus_things[pair.surplus].place.map(|place| self.book.places.name(place)),
                score: pair.score,
                why: why(pair),
            });
            Some((line, self.of_missing(&lines[line], &surroundings, paired)?))
        }));
        for line in conflicts {
            clues.insert(line, self.of_conflict(&lines[line]));
        }
        clues
    }

    /// What is known of a line's thing besides its verdict.
    pub(super) fn describe(&self, line: &Line) -> Described<'_> {
        match line.subject {
            Subject::Item(item) => {
                let row = item.index();
                let unit = self.book.items.get(row).and_then(|item| item.unit);
                let place = line.book.and_then(|book| book.place);
                Described { serial: self.book.serials.get(row), name: self.book.names.get(row), place, unit }
            }
            Subject::Thing(thing) => Described {
                serial: self.of_any_row(thing, |row| self.count.serials.get(row)),
                name: self.of_any_row(thing, |row| self.count.names.get(row)),
                place: line.place,
                unit: line.place.and_then(|place| self.units.of(place)),
            },
        }
    }

    /// The first text that is not blank among the rows that show a thing.
    fn of_any_row<'a>(&self, thing: ThingNo, cell: impl Fn(usize) -> &'a str) -> &'a str {
        let rows = self.outcome.scans_of(Subject::Thing(thing)).iter();
        rows.map(|scan| cell(scan.get())).find(|cell| !cell.trim().is_empty()).unwrap_or_default()
    }

    /// The number a line is known by; for what no book knows, as it was read.
    pub(super) fn number(&self, line: &Line) -> &str {
        match line.subject {
            Subject::Item(item) => self.book.numbers.get(item.index()),
            Subject::Thing(thing) => {
                self.count.things.get(thing.index()).map_or("", |&row| self.count.numbers.get(row))
            }
        }
    }

    fn of_surplus(&self, line: &Line, thing: &Described<'_>, paired: Option<String>) -> String {
        let number = self.number(line);
        let mut parts = Vec::new();
        if text::key(number).is_empty() {
            let serial = if thing.serial.is_empty() { String::new() } else { format!("序列号 {}", thing.serial) };
            let known: Vec<_> = [thing.name.to_owned(), serial].into_iter().filter(|part| !part.is_empty()).collect();
            parts.push(format!("无编号：{}", known.join("，")));
        } else if let Some(row) = self.refused_book.get(text::key(number).as_ref()) {
            parts.push(format!("账册{row}有此编号，但该行有误未读入，见 rejects.csv"));
        }
        parts.extend(paired);
        parts.join("；")
    }

    fn of_missing<'a>(&'a self, line: &Line, around: &Surroundings, paired: Option<Paired<'a>>) -> Option<String> {
        if let Some(row) = self.refused_count.get(text::key(self.number(line)).as_ref()) {
            return Some(format!("盘点表{row}有此编号，但该行有误未读入，见 rejects.csv"));
        }
        leads::rank(&self.facts(line, around, paired)).first().map(leads::Lead::zh)
    }

    fn facts<'a>(&'a self, line: &Line, around: &Surroundings, paired: Option<Paired<'a>>) -> Facts<'a> {
        let Subject::Item(item) = line.subject else { return Facts { paired, ..Facts::default() } };
        let place = line.book.and_then(|book| book.place);
        let found = |(place, count)| FoundAt { place: self.book.places.name(place), count };
        Facts {
            book_place: place.map(|place| self.book.places.name(place)),
            paired,
            issued_together: self.issued_together(item, around).into_iter().map(found).collect(),
            neighbours: around.wanderings.most_from(place).map(found).into_iter().collect(),
            ..Facts::default()
        }
    }

    /// Where things with the next numbers and the same name were seen.
    fn issued_together(&self, item: ItemNo, around: &Surroundings) -> Vec<(PlaceNo, usize)> {
        let name = self.book.names.get(item.index());
        let mut places: Vec<(PlaceNo, usize)> = Vec::new();
        for number in leads::neighbouring_numbers(self.book.numbers.get(item.index()), REACH) {
            let neighbour = self.book.find(&self.hasher.key(&number), &number);
            let alike = neighbour.filter(|&row| {
                let other = self.book.names.get(row);
                other == name || text::key(other) == text::key(name)
            });
            let Some(place) = alike.and_then(|row| around.seen_at.get(row).copied().flatten()) else { continue };
            match places.iter_mut().find(|entry| entry.0 == place) {
                Some(entry) => entry.1 += 1,
                None => places.push((place, 1)),
            }
        }
        places
    }

    /// What the scans of a conflict say: `甲 在 201 数 3；乙 在 302 数 3`.
    fn of_conflict(&self, line: &Line) -> String {
        const MOST: usize = 6;
        let scans = self.outcome.scans_of(line.subject);
        let mut said: Vec<String> = Vec::new();
        for scan in scans.iter().filter_map(|scan| self.count.scans.get(scan.get())) {
            let counter = self.count.counters.name_or_blank(scan.counter);
            let place = self.book.places.name_or_blank(scan.place);
            let at = if place.is_empty() { String::new() } else { format!("在{}", leads::spaced(place)) };
            let words = format!("{counter}{at}数 {}", scan.quantity);
            if !said.contains(&words) {
                said.push(words);
            }
            if said.len() > MOST {
                said.truncate(MOST);
                said.push("……".to_owned());
                break;
            }
        }
        said.join("；")
    }
}

/// What was found around the missing things.
struct Surroundings {
    wanderings: Wanderings,
    /// By item: where it was seen.
    seen_at: Vec<Option<PlaceNo>>,
}

impl Surroundings {
    fn of(lines: &[Line], items: usize) -> Self {
        let mut seen_at = vec![None; items];
        let mut wanderings = Wanderings::default();
        for line in lines {
            if let (Subject::Item(item), Some(place)) = (line.subject, line.place) {
                if let Some(slot) = seen_at.get_mut(item.index()) {
                    *slot = Some(place);
                }
                if line.verdict == Verdict::Misplaced {
                    wanderings.note(line.book.and_then(|book| book.place), Some(place));
                }
            }
        }
        Self { wanderings, seen_at }
    }
}
