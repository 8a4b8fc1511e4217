//! What finding one thing among a million takes: the distinct names and specifications (fragments are looked for among
//! these thousands, not among the million), numbers and serial numbers from the back ("the last four digits"), and an
//! index in the order of numbers for each thing that pages are filtered by.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ConnectionTrait as _, DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager,
};
use sea_orm_migration::sea_orm::{DbBackend, Statement, prelude::Uuid};

use crate::helpers::{check, create, drop, fk, index, table, text};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Rows carried over at a time.
const CHUNK_ROWS: usize = 500;

/// Spellings that compare equal, as the program makes them on the day of this migration.
fn key(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace() && !matches!(c, '\u{feff}' | '\u{200b}'))
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            other => other,
        })
        .flat_map(char::to_uppercase)
        .collect()
}

async fn carry_words(manager: &SchemaManager<'_>, field: &'static str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let sql = format!("SELECT DISTINCT {field} AS word FROM items WHERE {field} <> ''");
    let rows = db.query_all_raw(Statement::from_string(manager.get_database_backend(), sql)).await?;
    for chunk in rows.chunks(CHUNK_ROWS) {
        let mut insert = Query::insert();
        insert.into_table("item_words").columns(["field", "word", "word_key"]);
        for row in chunk {
            let word: String = row.try_get("", "word")?;
            insert.values_panic([field.into(), word.as_str().into(), key(&word).into()]);
        }
        db.execute(&insert).await?;
    }
    Ok(())
}

async fn carry_tails(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let mut after = Uuid::nil();
    loop {
        let sql = "SELECT id, number_key, serial_number FROM items WHERE id > $1 ORDER BY id LIMIT 500";
        let page = Statement::from_sql_and_values(manager.get_database_backend(), sql, [after.into()]);
        let rows = db.query_all_raw(page).await?;
        let mut insert = Query::insert();
        insert.into_table("item_tails").columns(["item_id", "number_tail", "serial_tail"]);
        for row in &rows {
            after = row.try_get("", "id")?;
            let back = |text: String| text.chars().rev().collect::<String>();
            let number: String = row.try_get("", "number_key")?;
            let serial: String = row.try_get("", "serial_number")?;
            insert.values_panic([after.into(), back(number).into(), back(serial).into()]);
        }
        if rows.is_empty() {
            return Ok(());
        }
        db.execute(&insert).await?;
    }
}

/// Numbers are ordered by their bytes whatever the cluster's language: a range of prefixes is then a range of the index.
async fn order_by_bytes(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    if manager.get_database_backend() == DbBackend::Sqlite {
        return Ok(());
    }
    for (table, column) in [
        ("items", "number_key"),
        ("items", "serial_number"),
        ("item_tails", "number_tail"),
        ("item_tails", "serial_tail"),
    ] {
        let sql = format!("ALTER TABLE {table} ALTER COLUMN {column} TYPE text COLLATE \"C\"");
        manager.get_connection().execute_unprepared(&sql).await?;
    }
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let words = table("item_words")
            .col(text("field"))
            .col(text("word"))
            .col(text("word_key"))
            .primary_key(Index::create().name("pk_item_words").col("field").col("word"))
            .check(check("ck_item_words_field", "field IN ('name','specification')"))
            .to_owned();
        let tails = table("item_tails")
            .col(crate::helpers::uuid("item_id").primary_key().to_owned())
            .col(text("number_tail"))
            .col(text("serial_tail"))
            .foreign_key(&mut fk("item_tails", "item_id", "items"))
            .to_owned();
        for name in ["ix_items_place_id", "ix_items_keeper_id"] {
            manager.drop_index(Index::drop().name(name).table("items").to_owned()).await?;
        }
        create(
            manager,
            vec![words, tails],
            vec![
                index("ix_items_place_id", "items", &["place_id", "number_key"]),
                index("ix_items_keeper_id", "items", &["keeper_id", "number_key"]),
                index("ix_items_state", "items", &["state", "number_key"]),
                index("ix_items_kind", "items", &["kind", "number_key"]),
                // The unit stands in these so that a fragment within one's own units is settled in the index.
                index("ix_items_name", "items", &["name", "number_key", "unit_id"]),
                index("ix_items_specification", "items", &["specification", "number_key", "unit_id"]),
                index("ix_item_tails_number_tail", "item_tails", &["number_tail"]),
                index("ix_item_tails_serial_tail", "item_tails", &["serial_tail"]),
            ],
        )
        .await?;
        order_by_bytes(manager).await?;
        carry_words(manager, "name").await?;
        carry_words(manager, "specification").await?;
        carry_tails(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for name in [
            "ix_items_place_id",
            "ix_items_keeper_id",
            "ix_items_state",
            "ix_items_kind",
            "ix_items_name",
            "ix_items_specification",
        ] {
            manager.drop_index(Index::drop().name(name).table("items").to_owned()).await?;
        }
        manager.create_index(index("ix_items_place_id", "items", &["place_id"])).await?;
        manager.create_index(index("ix_items_keeper_id", "items", &["keeper_id"])).await?;
        drop(manager, &["item_words", "item_tails"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
