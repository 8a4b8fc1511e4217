//! The sums of a submission: computed from its lines, each by a way (unit, class, state, result of the count) that leads
//! back to them.

use hashbrown::HashMap;
use serde::{Deserialize, Serialize};

use super::entity::submission_line::Model as Line;
use crate::kernel::Fen;
use crate::kernel::naming::named;
use crate::stocktake::verdict::Verdict;

named! {
    /// By what lines are summed.
    By {
        Unit "unit" "使用部门"
        Class "class" "资产大类"
        State "state" "使用状况"
        Verdict "verdict" "盘点结果"
    }
}

/// What some lines add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sum {
    /// Lines.
    pub lines: i64,
    /// Pieces.
    pub quantity: i64,
    /// Original value.
    pub value: Fen,
    /// Accumulated depreciation, where lines have it.
    pub accumulated: Fen,
    /// Net value; of a line without depreciation its original value.
    pub net: Fen,
}

impl Sum {
    /// Adds a line.
    pub fn add(&mut self, line: &Line) {
        self.lines += 1;
        self.quantity += line.quantity.0;
        self.value += line.value_fen;
        self.accumulated += line.accumulated_fen.unwrap_or(Fen::ZERO);
        self.net += line.net_fen.unwrap_or(line.value_fen);
    }

    /// What these lines add up to.
    pub fn of<'a>(lines: impl IntoIterator<Item = &'a Line>) -> Self {
        let mut sum = Self::default();
        lines.into_iter().for_each(|line| sum.add(line));
        sum
    }
}

/// The lines of one unit, class, state or result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Group {
    /// By what.
    pub by: By,
    /// Which, as lines are found by it.
    pub key: String,
    /// Which, as people read it.
    pub name: String,
    /// What they add up to.
    pub sum: Sum,
}

/// All sums of a submission.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figures {
    /// Of all lines.
    pub total: Sum,
    /// Of the lines of each unit, class, state, result.
    pub groups: Vec<Group>,
}

impl Figures {
    /// The sums of these lines; `class_name` names the class of a code.
    #[must_use]
    pub fn of(lines: &[Line], class_name: impl Fn(&str) -> String) -> Self {
        let mut groups: HashMap<(By, String), Group> = HashMap::new();
        for line in lines {
            for by in By::ALL {
                let key = key_of(*by, line);
                if key.is_empty() && *by == By::Verdict {
                    continue;
                }
                let group = groups.entry((*by, key)).or_insert_with_key(|(by, key)| Group {
                    by: *by,
                    key: key.clone(),
                    name: name_of(*by, key, line, &class_name),
                    sum: Sum::default(),
                });
                group.sum.add(line);
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by(|a, b| (a.by, &a.name, &a.key).cmp(&(b.by, &b.name, &b.key)));
        Self { total: Sum::of(lines), groups }
    }

    /// The groups of one way to sum.
    pub fn by(&self, by: By) -> impl Iterator<Item = &Group> {
        self.groups.iter().filter(move |group| group.by == by)
    }
}

/// Which group a line belongs to.
#[must_use]
pub fn key_of(by: By, line: &Line) -> String {
    match by {
        By::Unit => line.unit_id.map(|unit| unit.to_string()).unwrap_or_default(),
        By::Class => class_key(&line.class_code).to_owned(),
        By::State => line.state.as_str().to_owned(),
        By::Verdict => line.verdict.clone(),
    }
}

/// What people call the group of a line.
fn name_of(by: By, key: &str, line: &Line, class_name: impl Fn(&str) -> String) -> String {
    match by {
        By::Unit => line.unit_name.clone(),
        By::Class if key == NOT_CLASSED => "未按 2022 版分类".to_owned(),
        By::Class => Some(class_name(key)).filter(|name| !name.is_empty()).unwrap_or_else(|| key.to_owned()),
        By::State => line.state.zh().to_owned(),
        By::Verdict => line.verdict.parse::<Verdict>().map_or("", Verdict::zh).to_owned(),
    }
}

/// The group of what has no class of the 2022 edition.
const NOT_CLASSED: &str = "other";

/// The class that a code is summed under: of equipment (A02) the first two levels, else the first.
fn class_key(code: &str) -> &str {
    let prefix = |length: usize| {
        let part = code.get(..length)?;
        let digits = part.strip_prefix('A')?;
        digits.bytes().all(|byte| byte.is_ascii_digit()).then_some(part)
    };
    let fine = prefix(5).filter(|part| part.starts_with("A02"));
    fine.or_else(|| prefix(3)).unwrap_or(NOT_CLASSED)
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::items::model::ItemState;
    use crate::kernel::Quantity;
    use crate::kernel::ids::ItemId;

    /// A line of a thing in the office of nobody in particular.
    pub(crate) fn line(number: &str, fen: i64) -> Line {
        let id = number.bytes().fold(7u128, |id, byte| id.wrapping_mul(257).wrapping_add(u128::from(byte)));
        Line {
            submission_id: uuid::Uuid::nil(),
            edition: 1,
            line: 1,
            item_id: Some(ItemId(uuid::Uuid::from_u128(id))),
            item_number: number.into(),
            name: "台式计算机".into(),
            specification: "QH-M650".into(),
            serial_number: String::new(),
            class_code: "A02010105".into(),
            unit_id: None,
            unit_name: "治安大队".into(),
            place: "201室".into(),
            keeper: "李四".into(),
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            value_fen: Fen(fen),
            accumulated_fen: None,
            net_fen: None,
            acquired_on: None,
            booked_on: None,
            verdict: String::new(),
            counted_quantity: None,
        }
    }

    #[test]
    fn every_way_to_sum_adds_up_to_the_whole() {
        let lines = [
            Line { class_code: "A05010502".into(), quantity: Quantity(3), ..line("A", 30_000) },
            Line { accumulated_fen: Some(Fen(400)), net_fen: Some(Fen(600)), ..line("B", 1_000) },
            Line { class_code: "2010104".into(), state: ItemState::Idle, verdict: "missing".into(), ..line("C", 7) },
        ];
        let names = |code: &str| if code == "A0201" { "信息化设备".to_owned() } else { String::new() };
        let figures = Figures::of(&lines, names);
        assert_eq!(figures.total.value, Fen(31_007));
        assert_eq!((figures.total.quantity, figures.total.accumulated, figures.total.net), (5, Fen(400), Fen(30_607)));
        for by in [By::Unit, By::Class, By::State] {
            assert_eq!(figures.by(by).map(|group| group.sum.value).sum::<Fen>(), figures.total.value, "{by:?}");
            for group in figures.by(by) {
                let theirs = lines.iter().filter(|line| key_of(by, line) == group.key);
                assert_eq!(Sum::of(theirs), group.sum, "the way back to the lines");
            }
        }
        let classes: Vec<_> = figures.by(By::Class).map(|group| (&*group.key, &*group.name)).collect();
        assert_eq!(classes, [("A05", "A05"), ("A0201", "信息化设备"), ("other", "未按 2022 版分类")]);
        assert_eq!(figures.by(By::Verdict).map(|group| &*group.name).collect::<Vec<_>>(), ["盘亏"]);
    }
}
