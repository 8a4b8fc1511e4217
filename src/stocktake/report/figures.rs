//! The figures of a report: lines added up, in whole, by unit and by class.

use std::collections::BTreeMap;

use hashbrown::HashMap;

use super::ReportLine;
use crate::items::model::ItemState;
use crate::kernel::Fen;
use crate::stocktake::verdict::{Flags, Verdict};

/// The unit of a line that names none.
const UNKNOWN_UNIT: &str = "未知";

/// Counts of lines and their booked values.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Lines expected (应盘).
    pub expected: u64,
    /// Their booked value.
    pub expected_value: Fen,
    /// 累计折旧 of those of them that a ledger reckons.
    pub accumulated: Fen,
    /// 账面净值 of the same.
    pub net: Fen,
    /// How many they are.
    pub reckoned: u64,
    /// The booked value of what is missing, the missing pieces of short lines included.
    pub shortage_value: Fen,
    counts: [u64; Verdict::ALL.len()],
    values: [Fen; Verdict::ALL.len()],
}

impl Totals {
    fn add(&mut self, line: &ReportLine<'_>) {
        if line.expected {
            self.expected += 1;
            self.expected_value += line.value;
            if let Some((accumulated, net)) = line.worth {
                self.reckoned += 1;
                self.accumulated += accumulated;
                self.net += net;
            }
        }
        self.shortage_value += line.shortage_value();
        let at = line.verdict as usize;
        self.counts[at] += 1;
        self.values[at] += line.value;
    }

    /// Lines of one verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u64 {
        self.counts[verdict as usize]
    }

    /// The booked value of the lines of one verdict.
    #[must_use]
    pub fn value_of(&self, verdict: Verdict) -> Fen {
        self.values[verdict as usize]
    }

    /// Lines, expected or not.
    #[must_use]
    pub fn lines(&self) -> u64 {
        self.counts.iter().sum()
    }

    /// Expected lines that someone saw.
    #[must_use]
    pub fn seen(&self) -> u64 {
        let unseen = self.of(Verdict::Excused) + self.of(Verdict::Missing) + self.of(Verdict::Pending);
        self.expected.saturating_sub(unseen)
    }
}

/// A share as people read it: `95.9%`, rounded down so that less than all never reads as all; `—` of nothing.
#[must_use]
pub fn percent(part: u64, of: u64) -> String {
    match (u128::from(part) * 1_000).checked_div(u128::from(of)) {
        Some(per_mille) => format!("{}.{}%", per_mille / 10, per_mille % 10),
        None => "—".to_owned(),
    }
}

/// One unit's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitFigures {
    /// Its name; `未知` for lines that name none.
    pub name: String,
    /// Its lines added up.
    pub totals: Totals,
}

/// One class's figures.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClassFigures {
    /// 资产分类代码; empty when lines name none.
    pub code: String,
    /// 资产分类名称
    pub name: String,
    /// Its lines added up.
    pub totals: Totals,
}

/// Everything a report counts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Figures {
    /// All lines.
    pub whole: Totals,
    /// By unit, in the order in which the lines first name them, `未知` last.
    pub by_unit: Vec<UnitFigures>,
    /// By class, in the order of codes; lines without a class last. Empty when no line has a class.
    pub by_class: Vec<ClassFigures>,
    flags: [u64; Flags::NAMED.len()],
    states: BTreeMap<ItemState, (u64, Fen)>,
    /// Lines of which something is known that helps: a lead, or a note.
    pub with_lead: u64,
}

impl Figures {
    /// Adds the lines up.
    #[must_use]
    pub fn from_lines<'a>(lines: impl IntoIterator<Item = ReportLine<'a>>) -> Self {
        let mut figures = Self::default();
        let mut units: HashMap<&'a str, usize> = HashMap::new();
        let mut classes: HashMap<(&'a str, &'a str), usize> = HashMap::new();
        for line in lines {
            figures.whole.add(&line);
            let unit = if line.unit.is_empty() { UNKNOWN_UNIT } else { line.unit };
            let at = *units.entry(unit).or_insert_with(|| {
                figures.by_unit.push(UnitFigures { name: unit.to_owned(), totals: Totals::default() });
                figures.by_unit.len() - 1
            });
            figures.by_unit[at].totals.add(&line);
            let at = *classes.entry((line.class_code, line.class_name)).or_insert_with(|| {
                let (code, name) = (line.class_code.to_owned(), line.class_name.to_owned());
                figures.by_class.push(ClassFigures { code, name, totals: Totals::default() });
                figures.by_class.len() - 1
            });
            figures.by_class[at].totals.add(&line);
            figures.add_marks(&line);
        }
        figures.by_unit.sort_by_key(|unit| unit.name == UNKNOWN_UNIT);
        figures.order_classes();
        figures
    }

    fn add_marks(&mut self, line: &ReportLine<'_>) {
        for (count, (flag, ..)) in self.flags.iter_mut().zip(Flags::NAMED) {
            *count += u64::from(line.flags.has(flag));
        }
        if let (Some(state), true) = (line.state, line.expected) {
            let (count, value) = self.states.entry(state).or_default();
            *count += 1;
            *value += line.value;
        }
        self.with_lead += u64::from(line.verdict == Verdict::Missing && !line.lead.is_empty());
    }

    fn order_classes(&mut self) {
        self.by_class.sort_by(|a, b| {
            let nameless = |class: &ClassFigures| class.code.is_empty() && class.name.is_empty();
            (nameless(a), &a.code, &a.name).cmp(&(nameless(b), &b.code, &b.name))
        });
        if self.by_class.iter().all(|class| class.code.is_empty() && class.name.is_empty()) {
            self.by_class.clear();
        }
    }

    /// Lines beside whose verdict `flag` stands.
    #[must_use]
    pub fn flagged(&self, flag: Flags) -> u64 {
        Flags::NAMED.iter().zip(self.flags).find(|((named, ..), _)| *named == flag).map_or(0, |(_, count)| count)
    }

    /// Expected lines in a state of the book, and their value.
    #[must_use]
    pub fn in_state(&self, state: ItemState) -> (u64, Fen) {
        self.states.get(&state).copied().unwrap_or_default()
    }
}
