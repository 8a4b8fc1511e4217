//! The book derived from its events: unit, place, keeper, quantity and state of each thing, against what the book says.
//!
//! The journal knows no room above it; it reads the rows' JSON.

use std::borrow::Cow;

use hashbrown::HashMap;
use serde::Deserialize;
use uuid::Uuid;

use super::Fault;

const ITEMS: &str = "items";
const EVENTS: &str = "item_events";

/// What an event says of a thing, or the book does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Facts {
    unit: Uuid,
    place: Option<Uuid>,
    keeper: Option<Uuid>,
    quantity: i64,
    state: Box<str>,
    excused_by: Option<Box<str>>,
}

/// A row of the book or of its events.
#[derive(Debug)]
pub(super) enum Book {
    Item { id: Uuid, version: i64, facts: Facts },
    Event { item: Uuid, seq: i64, facts: Facts },
}

#[derive(Deserialize)]
struct Json<'a> {
    id: Uuid,
    item_id: Option<Uuid>,
    version: Option<i64>,
    seq: Option<i64>,
    unit_id: Uuid,
    place_id: Option<Uuid>,
    keeper_id: Option<Uuid>,
    quantity: i64,
    #[serde(borrow)]
    state: Cow<'a, str>,
    #[serde(borrow)]
    excused_by: Option<Cow<'a, str>>,
}

impl Book {
    /// A row of these two tables, read; `None` for any other table.
    pub(super) fn read(table: &str, json: &str) -> Option<Result<Self, ()>> {
        if table != ITEMS && table != EVENTS {
            return None;
        }
        let Ok(row) = serde_json::from_str::<Json<'_>>(json) else { return Some(Err(())) };
        let facts = Facts {
            unit: row.unit_id,
            place: row.place_id,
            keeper: row.keeper_id,
            quantity: row.quantity,
            state: row.state.into(),
            excused_by: row.excused_by.map(Into::into),
        };
        let row = match (table, row.item_id, row.version, row.seq) {
            (ITEMS, None, Some(version), None) => Some(Self::Item { id: row.id, version, facts }),
            (EVENTS, Some(item), None, Some(seq)) => Some(Self::Event { item, seq, facts }),
            _ => None,
        };
        Some(row.ok_or(()))
    }
}

struct Life {
    last: i64,
    count: i64,
    facts: Facts,
}

/// All things, and what became of them by their events.
#[derive(Default)]
pub(super) struct Shelf {
    items: Vec<(u64, Uuid, i64, Facts)>,
    lives: HashMap<Uuid, Life>,
}

impl Shelf {
    pub(super) fn take(&mut self, line: u64, row: Book) {
        match row {
            Book::Item { id, version, facts } => self.items.push((line, id, version, facts)),
            Book::Event { item, seq, facts } => {
                let life = self.lives.entry(item).or_insert_with(|| Life { last: 0, count: 0, facts: facts.clone() });
                life.count += 1;
                if seq > life.last {
                    life.last = seq;
                    life.facts = facts;
                }
            }
        }
    }

    /// How many things were compared, and what does not fit, in the order of the file.
    pub(super) fn compare(mut self, mut fault: impl FnMut(Fault)) -> u64 {
        for (line, id, version, facts) in &self.items {
            let key = id.to_string();
            let mut say = |what: String| fault(Fault::of_row(Some(*line), ITEMS, &key, what));
            match self.lives.remove(id) {
                None => say("账上有这件资产，却没有任何变动记录".to_owned()),
                Some(life) if life.count != life.last => {
                    say(format!("变动记录不连续：有 {} 条，末条编号 {}", life.count, life.last));
                }
                Some(life) if life.last != *version => {
                    say(format!("账上是第 {version} 版，变动记录到第 {} 条", life.last));
                }
                Some(life) if life.facts != *facts => {
                    say(format!("{}与变动记录推算的不符", differing(&life.facts, facts)));
                }
                Some(_) => {}
            }
        }
        let mut strays: Vec<Uuid> = self.lives.into_keys().collect();
        strays.sort_unstable();
        for id in strays {
            fault(Fault::of_row(None, ITEMS, &id.to_string(), "有变动记录，账上却没有这件资产"));
        }
        self.items.len() as u64
    }
}

fn differing(derived: &Facts, booked: &Facts) -> String {
    let same = [
        ("单位", derived.unit == booked.unit),
        ("地点", derived.place == booked.place),
        ("使用人", derived.keeper == booked.keeper),
        ("数量", derived.quantity == booked.quantity),
        ("使用状况", derived.state == booked.state),
        ("不在依据", derived.excused_by == booked.excused_by),
    ];
    let names: Vec<&str> = same.iter().filter(|(_, same)| !same).map(|(name, _)| *name).collect();
    names.join("、")
}
