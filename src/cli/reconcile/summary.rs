//! `summary.csv`: one row a unit, and the sum.

use hashbrown::HashMap;
use serde::Serialize;

use super::book::BookTable;
use crate::kernel::Fen;
use crate::stocktake::line::{Line, Subject, Tally};
use crate::stocktake::reconcile::{Item, Numbered as _, PlaceNo, UnitNo};
use crate::stocktake::verdict::Verdict;

/// What answers for things of no known unit.
pub(super) const UNKNOWN_UNIT: &str = "未知";
/// The name of the sum.
pub(super) const TOTAL: &str = "合计";

/// Which unit holds a place: the one with most things there in the book; of several with as many, the first.
#[derive(Debug, Default)]
pub(super) struct UnitsOfPlaces(HashMap<PlaceNo, UnitNo>);

impl UnitsOfPlaces {
    /// Finds the units of the places where unregistered things were seen; of others it knows nothing.
    pub(super) fn of_surplus(lines: &[Line], items: &[Item]) -> Self {
        let surplus = lines.iter().rev().take_while(|line| matches!(line.subject, Subject::Thing(_)));
        let mut counts: HashMap<PlaceNo, HashMap<UnitNo, u32>> =
            surplus.filter_map(|line| line.place).map(|place| (place, HashMap::new())).collect();
        if counts.is_empty() {
            return Self::default();
        }
        for item in items {
            if let (Some(place), Some(unit)) = (item.book.place, item.unit)
                && let Some(units) = counts.get_mut(&place)
            {
                *units.entry(unit).or_default() += 1;
            }
        }
        let most = |units: &HashMap<UnitNo, u32>| {
            units.iter().max_by_key(|(unit, count)| (**count, std::cmp::Reverse(**unit))).map(|(unit, _)| *unit)
        };
        Self(counts.iter().filter_map(|(place, units)| Some((*place, most(units)?))).collect())
    }

    /// The unit that holds a place.
    pub(super) fn of(&self, place: PlaceNo) -> Option<UnitNo> {
        self.0.get(&place).copied()
    }
}

/// The unit a line counts to.
pub(super) fn unit_of(line: &Line, items: &[Item], units: &UnitsOfPlaces) -> Option<UnitNo> {
    match line.subject {
        Subject::Item(item) => items.get(item.index()).and_then(|item| item.unit),
        Subject::Thing(_) => line.place.and_then(|place| units.of(place)),
    }
}

/// One row of the summary.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct UnitSummary {
    /// The unit's name, 未知, or 合计.
    pub unit: String,
    /// Its lines, counted.
    #[serde(flatten)]
    pub tally: Tally,
}

/// One row a unit in the order of the book, those of no unit, and the sum.
pub(super) fn summarise(lines: &[Line], book: &BookTable, units: &UnitsOfPlaces) -> Vec<UnitSummary> {
    let named_unknown = book.units.get(UNKNOWN_UNIT);
    let mut tallies = vec![Tally::default(); book.units.len()];
    let mut unknown = Tally::default();
    for line in lines {
        let value = match line.subject {
            Subject::Item(item) => book.values.get(item.index()).copied().flatten(),
            Subject::Thing(_) => None,
        };
        let unit = unit_of(line, &book.items, units).or(named_unknown);
        unit.and_then(|unit| tallies.get_mut(unit.index()))
            .unwrap_or(&mut unknown)
            .add(line, value.unwrap_or(Fen::ZERO));
    }
    let mut total = unknown;
    tallies.iter().for_each(|tally| total.add_all(tally));
    let mut rows: Vec<UnitSummary> = tallies
        .into_iter()
        .enumerate()
        .map(|(index, tally)| UnitSummary { unit: book.units.name(UnitNo::from_index(index)).to_owned(), tally })
        .collect();
    if unknown != Tally::default() {
        rows.push(UnitSummary { unit: UNKNOWN_UNIT.to_owned(), tally: unknown });
    }
    rows.push(UnitSummary { unit: TOTAL.to_owned(), tally: total });
    rows
}

/// The numbers of a tally in the order of the columns of `summary.csv`, after the unit.
pub(super) const VERDICT_COLUMNS: [Verdict; 11] = [
    Verdict::Matched,
    Verdict::Misplaced,
    Verdict::WrongKeeper,
    Verdict::Short,
    Verdict::Over,
    Verdict::Conflict,
    Verdict::DisposedPresent,
    Verdict::Excused,
    Verdict::Missing,
    Verdict::Foreign,
    Verdict::Unregistered,
];
