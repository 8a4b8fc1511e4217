//! What the schema calls its tables and rules, learnt from the schema itself, so that a refusal names its field.
//!
//! A rule's name is `kind_table_field`, and tables have underscores too. PostgreSQL says which table it means and names
//! every rule; SQLite says neither, and of a UNIQUE only the columns. So an SQLite database is asked once, when it is
//! opened or migrated, which tables it has and which columns each unique index has.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{PoisonError, RwLock};

use sea_orm::{ConnectionTrait as _, DatabaseConnection, DbBackend, DbErr, Statement};

/// Of every database that this process opened: they have one schema, and names only grow.
static KNOWN: RwLock<Names> = RwLock::new(Names { tables: BTreeSet::new(), unique: BTreeMap::new() });

#[derive(Debug)]
struct Names {
    tables: BTreeSet<String>,
    /// `items.number_key`, as SQLite says it → `uq_items_item_number`.
    unique: BTreeMap<String, String>,
}

/// Learns the names of an SQLite database; PostgreSQL says them itself.
pub(super) async fn learn(connection: &DatabaseConnection) -> Result<(), DbErr> {
    if connection.get_database_backend() != DbBackend::Sqlite {
        return Ok(());
    }
    let sql = "SELECT m.name AS in_table, l.name AS rule, i.name AS in_column \
               FROM sqlite_master m LEFT JOIN pragma_index_list(m.name) l ON l.\"unique\" \
               LEFT JOIN pragma_index_info(l.name) i WHERE m.type = 'table' ORDER BY m.name, l.name, i.seqno";
    let rows = connection.query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await?;
    let (mut tables, mut columns) = (BTreeSet::new(), BTreeMap::<(String, String), Vec<String>>::new());
    for row in rows {
        let table: String = row.try_get("", "in_table")?;
        let rule: Option<String> = row.try_get("", "rule")?;
        let column: Option<String> = row.try_get("", "in_column")?;
        if let (Some(rule), Some(column)) = (rule, column) {
            columns.entry((table.clone(), rule)).or_default().push(format!("{table}.{column}"));
        }
        tables.insert(table);
    }
    let unique = columns.into_iter().map(|((table, rule), columns)| {
        // The index behind a primary key has no name of ours.
        let rule = if rule.starts_with("sqlite_autoindex_") { primary_key(&table) } else { rule };
        (columns.join(", "), rule)
    });
    let mut known = KNOWN.write().unwrap_or_else(PoisonError::into_inner);
    known.tables.extend(tables);
    known.unique.extend(unique);
    Ok(())
}

fn primary_key(table: &str) -> String {
    format!("pk_{table}")
}

/// The rule behind what SQLite says of a UNIQUE: `items.number_key` → `uq_items_item_number`.
pub(super) fn unique_rule(said: &str) -> String {
    if let Some(index) = said.strip_prefix("index '").and_then(|rest| rest.strip_suffix('\'')) {
        return index.to_owned();
    }
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    known.unique.get(said).cloned().unwrap_or_else(|| said.to_owned())
}

/// The rule as PostgreSQL names it; the names it gives by itself are told as ours.
pub(super) fn postgres_rule(constraint: &str, table: &str) -> String {
    if constraint.strip_suffix("_pkey") == Some(table) { primary_key(table) } else { constraint.to_owned() }
}

/// `ck_items_value_fen` → `value_fen`, `items.number_key` → `number_key`, `pk_items` → `id`.
pub(super) fn field_of(rule: &str, table: Option<&str>) -> String {
    if let Some((_, column)) = rule.split_once('.') {
        return column.split(',').next().unwrap_or(column).to_owned();
    }
    let rest = rule.split_once('_').map_or(rule, |(_, rest)| rest);
    let known = KNOWN.read().unwrap_or_else(PoisonError::into_inner);
    // The longest: `item_tags` may be a table beside `item`.
    let table = table.or_else(|| {
        let tables = known.tables.iter().map(String::as_str);
        tables.filter(|table| below(rest, table).is_some()).max_by_key(|table| table.len())
    });
    match table.and_then(|table| below(rest, table)) {
        Some("") => "id".to_owned(),
        Some(field) => field.to_owned(),
        None => rest.to_owned(),
    }
}

/// What stands behind the table's name, when it is that table's.
fn below<'a>(rest: &'a str, table: &str) -> Option<&'a str> {
    let after = rest.strip_prefix(table)?;
    if after.is_empty() { Some("") } else { after.strip_prefix('_') }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rules_name_their_field() {
        let tables = ["items", "item_events", "people", "labels", "label_reprints"].map(str::to_owned);
        KNOWN.write().unwrap().tables.extend(tables);
        for (rule, table, field) in [
            ("items.number_key", None, "number_key"),
            ("item_events.item_id, item_events.seq", None, "item_id"),
            ("ck_items_value_fen", None, "value_fen"),
            ("uq_people_badge_number", None, "badge_number"),
            ("uq_item_events_seq", None, "seq"),
            ("fk_items_unit_id", Some("items"), "unit_id"),
            ("ck_item_events_seq", Some("item_events"), "seq"),
            ("pk_items", None, "id"),
            ("pk_label_reprints", Some("label_reprints"), "id"),
            ("fk", None, "fk"),
            ("ck_unheard_of_rule", None, "unheard_of_rule"),
        ] {
            assert_eq!(field_of(rule, table), field, "{rule}");
        }
        assert_eq!(postgres_rule("items_pkey", "items"), "pk_items");
        assert_eq!(postgres_rule("uq_items_item_number", "items"), "uq_items_item_number");
        assert_eq!(unique_rule("index 'uq_items_open'"), "uq_items_open");
        assert_eq!(unique_rule("nothing.known"), "nothing.known");
    }
}
