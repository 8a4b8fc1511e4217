//! Pages of things in another order than that of their numbers: by name, by value, by when they were entered. Of everything
//! an index is walked; what a filter leaves is sorted.

use sea_orm::{ConnectionTrait, Statement};

use super::search::{Listed, Plan, Search, Sql, listed};
use crate::db::DbError;

/// In which order things are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// By number.
    #[default]
    Number,
    /// By name.
    Name,
    /// The most valuable first.
    Value,
    /// What was entered last first.
    Newest,
}

impl Order {
    /// Every order, with its name in an address.
    pub const ALL: [(&'static str, Self); 4] =
        [("number", Self::Number), ("name", Self::Name), ("value", Self::Value), ("newest", Self::Newest)];

    /// The order of this name; by number when it is none.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self::ALL.iter().find(|(own, _)| *own == name).map_or(Self::Number, |(_, order)| *order)
    }

    /// Its name in an address.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL.iter().find(|(_, order)| *order == self).map_or("", |(name, _)| name)
    }

    /// The column, whether it goes down, and the condition on what comes after two values.
    const fn column(self) -> (&'static str, bool) {
        match self {
            Self::Number => ("i.number_key", false),
            Self::Name => ("i.name", false),
            Self::Value => ("i.value_fen", true),
            Self::Newest => ("i.id", true),
        }
    }

    /// Where a page goes on after this row.
    #[must_use]
    pub fn cursor(self, row: &Listed) -> String {
        match self {
            Self::Number => row.number_key.clone(),
            Self::Name => format!("{}:{}{}", row.name.chars().count(), row.name, row.number_key),
            Self::Value => format!("{}:{}", row.value_fen.0, row.number_key),
            Self::Newest => row.id.0.to_string(),
        }
    }
}

/// What a cursor says, bound as values; `None` when it is none of this order's.
fn after(sql: &mut Sql, order: Order, cursor: &str) -> Option<String> {
    let (column, down) = order.column();
    let than = if down { "<" } else { ">" };
    if order == Order::Newest {
        let id = sql.bind(cursor.parse::<uuid::Uuid>().ok()?);
        return Some(format!("{column} {than} {id}"));
    }
    if order == Order::Number {
        let key = sql.bind(cursor);
        return Some(format!("{column} {than} {key}"));
    }
    let (first, rest) = cursor.split_once(':')?;
    let (value, key) = if order == Order::Value {
        (sql.bind(first.parse::<i64>().ok()?), rest)
    } else {
        let at = rest.char_indices().nth(first.parse().ok()?).map_or(rest.len(), |(at, _)| at);
        (sql.bind(&rest[..at]), &rest[at..])
    };
    let key = sql.bind(key);
    Some(format!("({column}, i.number_key) {than} ({value}, {key})"))
}

/// One page in this order, at most `limit`, from the cursor on; of everything that `wanted` finds, whatever its `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    wanted: &Search,
    order: Order,
    cursor: &str,
    limit: u64,
) -> Result<Vec<Listed>, DbError> {
    let wanted = Search { after: None, ..wanted.clone() };
    let Some((mut sql, condition)) = Plan::condition(db, &wanted).await? else { return Ok(Vec::new()) };
    let from = if cursor.is_empty() { Some(String::new()) } else { after(&mut sql, order, cursor) };
    let from = match from {
        // A cursor of another order: the list begins anew.
        None => String::new(),
        Some(from) if from.is_empty() => from,
        Some(from) => format!(" AND {from}"),
    };
    let (column, down) = order.column();
    let way = if down { " DESC" } else { "" };
    let by = match order {
        Order::Number | Order::Newest => format!("{column}{way}"),
        Order::Name | Order::Value => format!("{column}{way}, i.number_key{way}"),
    };
    // The names of units, places and people are looked up for the page alone.
    let page = format!("SELECT i.id FROM items i WHERE {condition}{from} ORDER BY {by} LIMIT {limit}");
    let statement = listed(&format!("i.id IN ({page})"), &by);
    let statement = Statement::from_sql_and_values(db.get_database_backend(), statement, sql.into_values());
    let rows = db.query_all_raw(statement).await?;
    rows.iter().map(Listed::read).collect::<Result<_, _>>().map_err(DbError::from)
}
