//! Then and now: what a frozen submission says, against what the same computation says today.

use hashbrown::HashMap;

use super::entity::submission_line::Model as Line;
use super::figures::Sum;
use crate::kernel::ids::ItemId;
use crate::kernel::text::key;

/// A field of a line that reads differently now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// The thing.
    pub item_number: String,
    /// The field, as the card names it.
    pub field: &'static str,
    /// What was reported.
    pub before: String,
    /// What it is now.
    pub now: String,
}

/// All that differs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Difference {
    /// Not reported then.
    pub added: Vec<Line>,
    /// Reported, and not there now.
    pub removed: Vec<Line>,
    /// Reads otherwise, field by field.
    pub changed: Vec<Changed>,
    /// What was reported.
    pub before: Sum,
    /// What it adds up to now.
    pub now: Sum,
}

impl Difference {
    /// Whether nothing differs.
    #[must_use]
    pub fn is_none(&self) -> bool {
        self.added.is_empty() && self.removed.is_empty() && self.changed.is_empty()
    }
}

/// What tells a line from its like: its thing, or, of what is in no book, its number and what stands for it.
fn identity(line: &Line, n: usize) -> (Option<ItemId>, String) {
    match line.item_id {
        Some(id) => (Some(id), String::new()),
        None => (None, format!("{}/{}/{n}", key(&line.item_number), key(&line.name))),
    }
}

fn by_identity(lines: &[Line]) -> HashMap<(Option<ItemId>, String), &Line> {
    let mut unbooked: HashMap<String, usize> = HashMap::new();
    let mut known = HashMap::with_capacity(lines.len());
    for line in lines {
        let n = if line.item_id.is_none() {
            let seen = unbooked.entry(format!("{}/{}", key(&line.item_number), key(&line.name))).or_default();
            *seen += 1;
            *seen
        } else {
            0
        };
        known.insert(identity(line, n), line);
    }
    known
}

/// What `now` says otherwise than `before`, in the order of numbers.
#[must_use]
pub fn between(before: &[Line], now: &[Line]) -> Difference {
    let (then, today) = (by_identity(before), by_identity(now));
    let mut difference = Difference { before: Sum::of(before), now: Sum::of(now), ..Difference::default() };
    for (identity, line) in &today {
        match then.get(identity) {
            None => difference.added.push((*line).clone()),
            Some(old) => difference.changed.extend(changes(old, line)),
        }
    }
    difference
        .removed
        .extend(then.iter().filter(|(one, _)| !today.contains_key(*one)).map(|(_, line)| (*line).clone()));
    let by_number = |a: &Line, b: &Line| (&a.item_number, a.line).cmp(&(&b.item_number, b.line));
    difference.added.sort_by(by_number);
    difference.removed.sort_by(by_number);
    difference.changed.sort_by(|a, b| (&a.item_number, a.field).cmp(&(&b.item_number, b.field)));
    difference
}

/// The fields that are told apart, with their values as people read them.
fn fields(line: &Line) -> [(&'static str, String); 18] {
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    let money = |fen: Option<crate::kernel::Fen>| fen.map(|fen| fen.to_string()).unwrap_or_default();
    [
        ("资产编号", line.item_number.clone()),
        ("资产名称", line.name.clone()),
        ("规格型号", line.specification.clone()),
        ("机身序列号", line.serial_number.clone()),
        ("资产分类代码", line.class_code.clone()),
        ("使用部门", line.unit_name.clone()),
        ("存放地点", line.place.clone()),
        ("使用人", line.keeper.clone()),
        ("数量", line.quantity.0.to_string()),
        ("使用状况", line.state.zh().to_owned()),
        ("价值", line.value_fen.to_string()),
        ("累计折旧", money(line.accumulated_fen)),
        ("净值", money(line.net_fen)),
        ("取得日期", day(line.acquired_on)),
        ("入账日期", day(line.booked_on)),
        ("盘点结果", line.verdict.clone()),
        ("实盘数量", line.counted_quantity.map(|many| many.0.to_string()).unwrap_or_default()),
        ("单位", line.unit_id.map(|unit| unit.to_string()).unwrap_or_default()),
    ]
}

fn changes(before: &Line, now: &Line) -> Vec<Changed> {
    let pairs = fields(before).into_iter().zip(fields(now));
    let differs = pairs.filter(|((_, before), (_, now))| before != now);
    let mut changed: Vec<Changed> =
        differs.map(|((field, before), (_, now))| Changed { item_number: String::new(), field, before, now }).collect();
    // A unit that is another by id is told by its name; the id alone only where the names are one.
    if changed.iter().any(|one| one.field == "使用部门") {
        changed.retain(|one| one.field != "单位");
    }
    changed.iter_mut().for_each(|one| one.item_number.clone_from(&before.item_number));
    changed
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::assets::submissions::figures::tests::line;
    use crate::kernel::Fen;
    use proptest::prelude::*;

    #[test]
    fn each_field_that_changed_is_told_old_and_new() {
        let before = [line("A", 100), line("B", 200), line("C", 300)];
        let mut now = vec![line("A", 150), line("C", 300), line("D", 400)];
        now[0].keeper = "王五".into();
        let told = between(&before, &now);
        assert_eq!(told.added.iter().map(|line| &*line.item_number).collect::<Vec<_>>(), ["D"]);
        assert_eq!(told.removed.iter().map(|line| &*line.item_number).collect::<Vec<_>>(), ["B"]);
        let changed: Vec<_> = told.changed.iter().map(|one| (one.field, &*one.before, &*one.now)).collect();
        assert_eq!(changed, [("价值", "1.00", "1.50"), ("使用人", "李四", "王五")]);
        assert_eq!((told.before.value, told.now.value), (Fen(600), Fen(850)));
        assert!(between(&before, &before).is_none());
    }

    proptest! {
        /// What was added and removed and changed is exactly what leads from one total to the other.
        #[test]
        fn the_difference_explains_the_totals(then in prop::collection::btree_map(0u8..20, 1i64..1000, 0..12),
                                              today in prop::collection::btree_map(0u8..20, 1i64..1000, 0..12)) {
            let lines = |of: &std::collections::BTreeMap<u8, i64>| {
                of.iter().map(|(n, fen)| line(&format!("T-{n:02}"), *fen)).collect::<Vec<_>>()
            };
            let (before, now) = (lines(&then), lines(&today));
            let told = between(&before, &now);
            let sum = |lines: &[Line]| lines.iter().map(|line| line.value_fen.0).sum::<i64>();
            let moved: i64 = then.iter().filter_map(|(n, fen)| today.get(n).map(|now| now - fen)).sum();
            prop_assert_eq!(told.before.value.0 + sum(&told.added) - sum(&told.removed) + moved, told.now.value.0);
            let changed = then.iter().filter(|(n, fen)| today.get(*n).is_some_and(|now| now != *fen)).count();
            prop_assert_eq!(told.changed.len(), changed);
            prop_assert_eq!(told.is_none(), then == today);
        }
    }
}
