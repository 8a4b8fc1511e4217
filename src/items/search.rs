//! Finding things among a million: one statement a page, each of whose branches walks an index in the order of numbers
//! and stops at the page's length.
//!
//! A text is looked for where people look: at the start of a number or serial number, at their end from
//! [`TAIL_CHARS`] characters on, and anywhere in a name or specification. Names repeat, so a fragment is matched against
//! the distinct names (`item_words`) and each that has it becomes a branch; no engine's own text search is needed. A
//! fragment in the middle of a number is not looked for: no plain index serves it.

use sea_orm::prelude::Date;
use sea_orm::sea_query::Value;
use sea_orm::{ConnectionTrait, EntityTrait as _, FromQueryResult, QueryResult, Statement};

use super::entity::{item, item_tail, item_word};
use super::error::ItemError;
use super::model::{ItemKind, ItemState};
use crate::db::bulk::CHUNK_ROWS;
use crate::db::{DbError, Tx};
use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Fen, Quantity};
use crate::org::service::escaped;

/// Characters from which on a text is also looked for at the end of numbers and serial numbers, and at the start of
/// serial numbers; shorter ones fit too many.
pub const TAIL_CHARS: usize = 4;
/// More branches than this are not walked one by one: then so much fits that walking all numbers soon fills a page.
const MOST_BRANCHES: usize = 64;
/// More units than this are not walked one by one.
const MOST_UNITS: usize = 200;
/// From so many things on that have a serial number's start or a tail, walking all numbers is quicker than sorting them.
const DENSE: i64 = 2_000;

/// More things than any book has.
const EVERYTHING: u64 = 10_000_000;

/// What to look for; every part that is given must hold.
#[derive(Debug, Clone, Default)]
pub struct Search {
    /// At the start or end of the number or serial number, or in the name or specification.
    pub text: Option<String>,
    /// With exactly this number, in whatever spelling.
    pub number: Option<String>,
    /// With exactly this serial number, in whatever spelling.
    pub serial_number: Option<String>,
    /// In this unit.
    pub unit: Option<UnitId>,
    /// In one of these units; `None` when every unit may be seen.
    pub among: Option<Vec<UnitId>>,
    /// In this place.
    pub place: Option<PlaceId>,
    /// With this keeper.
    pub keeper: Option<PersonId>,
    /// In this state; without one, things that left the book are left out.
    pub state: Option<ItemState>,
    /// Of this kind.
    pub kind: Option<ItemKind>,
    /// Only what comes after this number key: the last of the page before.
    pub after: Option<String>,
}

/// A thing as a list shows it, with the names of its unit, place and keeper.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of items, and the names of what they point at")]
pub struct Listed {
    pub id: ItemId,
    pub kind: ItemKind,
    pub item_number: String,
    pub number_key: String,
    pub name: String,
    pub specification: String,
    pub serial_number: String,
    pub unit_id: UnitId,
    pub unit: String,
    pub place_id: Option<PlaceId>,
    pub place: Option<String>,
    pub keeper_id: Option<PersonId>,
    pub keeper: Option<String>,
    pub quantity: Quantity,
    pub state: ItemState,
    pub value_fen: Fen,
    pub acquired_on: Option<Date>,
    pub version: i64,
    pub label: Option<String>,
}

const LISTED: &str = "i.id, i.kind, i.item_number, i.number_key, i.name, i.specification, i.serial_number, i.unit_id, \
                      u.name, i.place_id, p.name, i.keeper_id, k.name, i.quantity, i.state, i.value_fen, \
                      i.acquired_on, i.version, l.code";

impl Listed {
    /// By position: looking a column up by its name costs more than reading it.
    pub(super) fn read(row: &QueryResult) -> Result<Self, sea_orm::DbErr> {
        Ok(Self {
            id: row.try_get_by_index(0)?,
            kind: row.try_get_by_index(1)?,
            item_number: row.try_get_by_index(2)?,
            number_key: row.try_get_by_index(3)?,
            name: row.try_get_by_index(4)?,
            specification: row.try_get_by_index(5)?,
            serial_number: row.try_get_by_index(6)?,
            unit_id: row.try_get_by_index(7)?,
            unit: row.try_get_by_index(8)?,
            place_id: row.try_get_by_index(9)?,
            place: row.try_get_by_index(10)?,
            keeper_id: row.try_get_by_index(11)?,
            keeper: row.try_get_by_index(12)?,
            quantity: row.try_get_by_index(13)?,
            state: row.try_get_by_index(14)?,
            value_fen: row.try_get_by_index(15)?,
            acquired_on: row.try_get_by_index(16)?,
            version: row.try_get_by_index(17)?,
            label: row.try_get_by_index(18)?,
        })
    }
}

/// The statement that reads some things as a list shows them.
pub(super) fn listed(which: &str, by: &str) -> String {
    format!(
        "SELECT {LISTED} FROM items i LEFT JOIN units u ON u.id = i.unit_id LEFT JOIN places p ON p.id = i.place_id \
         LEFT JOIN people k ON k.id = i.keeper_id LEFT JOIN labels l ON l.current_of = i.id \
         WHERE {which} ORDER BY {by}"
    )
}

/// One page of things by number, at most `limit` of them, as a list shows them.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, wanted: &Search, limit: u64) -> Result<Vec<Listed>, DbError> {
    let Some(plan) = Plan::of(db, wanted, limit).await? else { return Ok(Vec::new()) };
    let sql = listed(&format!("i.number_key IN ({})", plan.keys), "i.number_key");
    let rows = db.query_all_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, plan.values)).await?;
    rows.iter().map(Listed::read).collect::<Result<_, _>>().map_err(DbError::from)
}

/// One page of things by number, at most `limit` of them.
///
/// # Errors
/// When the database cannot be read.
pub async fn search(db: &impl ConnectionTrait, wanted: &Search, limit: u64) -> Result<Vec<item::Model>, DbError> {
    let Some(plan) = Plan::of(db, wanted, limit).await? else { return Ok(Vec::new()) };
    let sql = format!("SELECT i.* FROM items i WHERE i.number_key IN ({}) ORDER BY i.number_key", plan.keys);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, plan.values);
    Ok(item::Entity::find().from_raw_sql(statement).all(db).await?)
}

/// How many things there are, counted no further than `most`.
///
/// # Errors
/// When the database cannot be read.
pub async fn count(db: &impl ConnectionTrait, wanted: &Search, most: u64) -> Result<u64, DbError> {
    let Some(plan) = Plan::of(db, wanted, most).await? else { return Ok(0) };
    let sql = format!("SELECT COUNT(*) FROM ({}) AS found", plan.keys);
    let row = db.query_one_raw(Statement::from_sql_and_values(db.get_database_backend(), sql, plan.values)).await?;
    let found: i64 = row.map_or(Ok(0), |row| row.try_get_by_index(0))?;
    Ok(u64::try_from(found).unwrap_or(0))
}

/// The statement that `list` runs for the keys of its page, so that a test can ask an engine how it would go about it.
///
/// # Errors
/// When the database cannot be read.
pub async fn explained(
    db: &impl ConnectionTrait,
    wanted: &Search,
    limit: u64,
) -> Result<Option<(String, Vec<Value>)>, DbError> {
    Ok(Plan::of(db, wanted, limit).await?.map(|plan| (plan.keys, plan.values)))
}

/// A sub-select of the page's number keys.
pub(super) struct Plan {
    keys: String,
    values: Vec<Value>,
}

#[derive(Default)]
pub(super) struct Sql {
    values: Vec<Value>,
    filters: String,
}

impl Sql {
    pub(super) fn into_values(self) -> Vec<Value> {
        self.values
    }

    pub(super) fn bind(&mut self, value: impl Into<Value>) -> String {
        self.values.push(value.into());
        format!("${}", self.values.len())
    }

    /// `column = value`, as one more filter.
    fn equal(&mut self, column: &str, value: impl Into<Value>) {
        let value = self.bind(value);
        self.filters.push_str(&format!(" AND i.{column} = {value}"));
    }

    /// The first keys of a branch; `condition` is what the branch's index is walked by.
    fn branch(&self, from: &str, condition: &str, limit: u64) -> String {
        format!("SELECT i.number_key FROM {from} WHERE {condition}{} ORDER BY i.number_key LIMIT {limit}", self.filters)
    }

    /// The range of the texts that begin with `start`, in the order of bytes.
    fn begins(&mut self, column: &str, start: &str) -> String {
        let (low, high) = (self.bind(start), self.bind(format!("{start}\u{10ffff}")));
        format!("{column} >= {low} AND {column} < {high}")
    }

    fn union(self, branches: &[String], limit: u64) -> Plan {
        let keys = match branches {
            [only] => only.clone(),
            several => {
                let each: Vec<String> = several
                    .iter()
                    .enumerate()
                    .map(|(n, branch)| format!("SELECT number_key FROM ({branch}) AS b{n}"))
                    .collect();
                let all = each.join(" UNION ");
                format!("SELECT number_key FROM ({all}) AS pages ORDER BY number_key LIMIT {limit}")
            }
        };
        Plan { keys, values: self.values }
    }
}

/// A condition that no index is to be chosen by: the page is found by walking the numbers.
fn while_walking(condition: &str) -> String {
    format!("CASE WHEN {condition} THEN 1 ELSE 0 END = 1")
}

const ITEMS: &str = "items i";
const BY_TAIL: &str = "item_tails t JOIN items i ON i.id = t.item_id";

impl Plan {
    /// The condition on everything that is wanted; `None` when there is nothing to find.
    pub(super) async fn condition(
        db: &impl ConnectionTrait,
        wanted: &Search,
    ) -> Result<Option<(Sql, String)>, DbError> {
        if wanted.text.as_deref().is_some_and(|text| !key(text).is_empty()) {
            let plan = Self::of(db, wanted, EVERYTHING).await?;
            return Ok(plan.map(|plan| {
                let condition = format!("i.number_key IN ({})", plan.keys);
                (Sql { values: plan.values, filters: String::new() }, condition)
            }));
        }
        let Some((mut sql, units)) = Self::filtered(wanted) else { return Ok(None) };
        let within = units.map_or_else(|| "1 = 1".to_owned(), |units| sql.within(&units));
        let filters = std::mem::take(&mut sql.filters);
        Ok(Some((sql, format!("{within}{filters}"))))
    }

    /// What the parts that are no text ask for, and among which units.
    fn filtered(wanted: &Search) -> Option<(Sql, Option<Vec<UnitId>>)> {
        let mut sql = Sql::default();
        if let Some(number) = &wanted.number {
            sql.equal("number_key", key(number).as_ref());
        }
        if let Some(serial) = &wanted.serial_number {
            sql.equal("serial_number", key(serial).as_ref());
        }
        if let Some(place) = wanted.place {
            sql.equal("place_id", place.0);
        }
        if let Some(keeper) = wanted.keeper {
            sql.equal("keeper_id", keeper.0);
        }
        if let Some(kind) = wanted.kind {
            sql.equal("kind", kind);
        }
        match wanted.state {
            Some(state) => sql.equal("state", state),
            None => sql.filters.push_str(" AND i.state NOT IN ('disposed','written_off','withdrawn')"),
        }
        if let Some(after) = &wanted.after {
            let after = sql.bind(after.as_str());
            sql.filters.push_str(&format!(" AND i.number_key > {after}"));
        }
        let units = match (wanted.unit, &wanted.among) {
            (Some(unit), Some(among)) if !among.contains(&unit) => return None,
            (Some(unit), _) => Some(vec![unit]),
            (None, among) => among.clone(),
        };
        if units.as_ref().is_some_and(Vec::is_empty) { None } else { Some((sql, units)) }
    }

    /// How to find a page; `None` when there is nothing to find.
    async fn of(db: &impl ConnectionTrait, wanted: &Search, limit: u64) -> Result<Option<Self>, DbError> {
        let Some((sql, units)) = Self::filtered(wanted) else { return Ok(None) };
        let text = wanted.text.as_deref().map(key).filter(|text| !text.is_empty());
        match text {
            Some(text) => Ok(Some(Self::by_text(db, sql, units, &text, limit).await?)),
            None => Ok(Some(Self::plain(sql, wanted, units, limit))),
        }
    }

    fn plain(mut sql: Sql, wanted: &Search, units: Option<Vec<UnitId>>, limit: u64) -> Self {
        // Something else than the unit narrows it down: the units are only looked at.
        let narrowed = wanted.number.is_some()
            || wanted.serial_number.is_some()
            || wanted.place.is_some()
            || wanted.keeper.is_some();
        let Some(units) = units else {
            let branch = sql.branch(ITEMS, "1 = 1", limit);
            return sql.union(&[branch], limit);
        };
        if narrowed || units.len() > MOST_UNITS {
            let within = sql.within(&units);
            let branch = sql.branch(ITEMS, &while_walking(&within), limit);
            return sql.union(&[branch], limit);
        }
        let each: Vec<String> = units.iter().map(|unit| format!("i.unit_id = {}", sql.bind(unit.0))).collect();
        let branches: Vec<String> = each.iter().map(|condition| sql.branch(ITEMS, condition, limit)).collect();
        sql.union(&branches, limit)
    }

    async fn by_text(
        db: &impl ConnectionTrait,
        mut sql: Sql,
        units: Option<Vec<UnitId>>,
        text: &str,
        limit: u64,
    ) -> Result<Self, DbError> {
        if let Some(units) = units {
            let within = sql.within(&units);
            sql.filters.push_str(" AND ");
            sql.filters.push_str(&while_walking(&within));
        }
        let words = words_with(db, text).await?;
        let many = words.len() > MOST_BRANCHES;
        let mut indexed: Vec<(&str, String)> = Vec::new();
        let mut walked: Vec<String> = Vec::new();
        if many {
            let like = sql.bind(format!("%{}%", escaped(text)));
            for field in ["name", "specification"] {
                walked.push(format!(
                    "i.{field} IN (SELECT word FROM item_words WHERE field = '{field}' \
                     AND word_key LIKE {like} ESCAPE '\\')"
                ));
            }
        } else {
            for word in words {
                let value = sql.bind(word.word);
                indexed.push((ITEMS, format!("i.{} = {value}", word.field)));
            }
        }
        indexed.push((ITEMS, sql.begins("i.number_key", text)));
        if text.chars().count() >= TAIL_CHARS {
            let tail: String = text.chars().rev().collect();
            let has = Hits::of(db, text, &tail).await?;
            for (hits, from, column, start) in [
                (has.serials, ITEMS, "i.serial_number", text),
                (has.number_tails, BY_TAIL, "t.number_tail", tail.as_str()),
                (has.serial_tails, BY_TAIL, "t.serial_tail", tail.as_str()),
            ] {
                if hits == 0 {
                    continue;
                }
                let range = sql.begins(column, start);
                if hits <= DENSE {
                    indexed.push((from, range));
                } else if from == ITEMS {
                    walked.push(range);
                } else {
                    walked.push(format!("EXISTS (SELECT 1 FROM item_tails t WHERE t.item_id = i.id AND {range})"));
                }
            }
        } else {
            let serial = sql.bind(text);
            indexed.push((ITEMS, format!("i.serial_number = {serial}")));
        }
        let mut branches: Vec<String> =
            indexed.iter().map(|(from, condition)| sql.branch(from, condition, limit)).collect();
        if !walked.is_empty() {
            branches.push(sql.branch(ITEMS, &while_walking(&walked.join(" OR ")), limit));
        }
        Ok(sql.union(&branches, limit))
    }
}

impl Sql {
    fn within(&mut self, units: &[UnitId]) -> String {
        let each: Vec<String> = units.iter().map(|unit| self.bind(unit.0)).collect();
        format!("i.unit_id IN ({})", each.join(","))
    }
}

#[derive(FromQueryResult)]
struct Word {
    field: String,
    word: String,
}

/// The distinct names and specifications that hold `text`, one more than are walked one by one at most.
async fn words_with(db: &impl ConnectionTrait, text: &str) -> Result<Vec<Word>, DbError> {
    let sql = "SELECT field, word FROM item_words WHERE word_key LIKE $1 ESCAPE '\\' LIMIT $2";
    let most = i64::try_from(MOST_BRANCHES).unwrap_or(i64::MAX).saturating_add(1);
    let values: [Value; 2] = [format!("%{}%", escaped(text)).into(), most.into()];
    Ok(Word::find_by_statement(Statement::from_sql_and_values(db.get_database_backend(), sql, values)).all(db).await?)
}

/// How many things a text fits by the start of the serial number, the end of the number, the end of the serial number;
/// counted no further than one more than are worth sorting.
#[derive(FromQueryResult)]
struct Hits {
    serials: i64,
    number_tails: i64,
    serial_tails: i64,
}

impl Hits {
    async fn of(db: &impl ConnectionTrait, text: &str, tail: &str) -> Result<Self, DbError> {
        let count = |table: &str, column: &str, low: usize| {
            format!(
                "(SELECT COUNT(*) FROM (SELECT 1 AS one FROM {table} WHERE {column} >= ${low} AND {column} < ${} \
                 LIMIT {}) AS some_of_{column})",
                low + 1,
                DENSE + 1
            )
        };
        let sql = format!(
            "SELECT {} AS serials, {} AS number_tails, {} AS serial_tails",
            count("items", "serial_number", 1),
            count("item_tails", "number_tail", 3),
            count("item_tails", "serial_tail", 3)
        );
        let above = |start: &str| format!("{start}\u{10ffff}");
        let values: [Value; 4] = [text.into(), above(text).into(), tail.into(), above(tail).into()];
        let statement = Statement::from_sql_and_values(db.get_database_backend(), sql, values);
        let none = Self { serials: 0, number_tails: 0, serial_tails: 0 };
        Ok(Self::find_by_statement(statement).one(db).await?.unwrap_or(none))
    }
}

/// Makes things findable, in the transaction that enters them.
///
/// # Errors
/// When the database refuses.
pub(super) async fn index(tx: &Tx, rows: &[item::Model]) -> Result<(), ItemError> {
    let mut seen: hashbrown::HashSet<(&str, &str)> = hashbrown::HashSet::new();
    let mut words = Vec::new();
    for row in rows {
        for (field, word) in [("name", row.name.as_str()), ("specification", row.specification.as_str())] {
            if !word.is_empty() && seen.insert((field, word)) {
                let (field, word_key) = (field.to_owned(), key(word).into_owned());
                words.push(item_word::Model { field, word: word.to_owned(), word_key });
            }
        }
    }
    // Everybody writes them in one order, so that two writers do not wait for one another.
    words.sort_by(|a, b| (&a.field, &a.word).cmp(&(&b.field, &b.word)));
    for chunk in words.chunks(CHUNK_ROWS) {
        let rows = chunk.iter().cloned().map(sea_orm::IntoActiveModel::into_active_model);
        let known = [item_word::Column::Field, item_word::Column::Word];
        item_word::Entity::insert_many::<item_word::ActiveModel, _>(rows)
            .on_conflict_do_nothing_on(known)
            .exec_without_returning(tx)
            .await?;
    }
    for chunk in rows.chunks(CHUNK_ROWS) {
        let tails = chunk.iter().map(|row| {
            sea_orm::IntoActiveModel::into_active_model(item_tail::Model {
                item_id: row.id,
                number_tail: row.number_key.chars().rev().collect(),
                serial_tail: row.serial_number.chars().rev().collect(),
            })
        });
        // A number that comes back to life may come with another serial number.
        let again = sea_orm::sea_query::OnConflict::column(item_tail::Column::ItemId)
            .update_columns([item_tail::Column::NumberTail, item_tail::Column::SerialTail])
            .to_owned();
        item_tail::Entity::insert_many::<item_tail::ActiveModel, _>(tails)
            .on_conflict(again)
            .exec_without_returning(tx)
            .await?;
    }
    Ok(())
}
