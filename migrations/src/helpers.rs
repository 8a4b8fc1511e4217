//! Columns and constraints as every table writes them.

use sea_orm_migration::prelude::{
    Check, ColumnDef, DbErr, Expr, ForeignKey, ForeignKeyCreateStatement, Index, IndexCreateStatement, SchemaManager,
    Table, TableCreateStatement,
};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

pub(crate) fn table(name: &'static str) -> TableCreateStatement {
    Table::create().table(name).to_owned()
}

pub(crate) fn id() -> ColumnDef {
    ColumnDef::new("id").uuid().not_null().primary_key().to_owned()
}

pub(crate) fn uuid(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().not_null().to_owned()
}

pub(crate) fn uuid_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).uuid().null().to_owned()
}

pub(crate) fn text(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().not_null().to_owned()
}

pub(crate) fn text_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).text().null().to_owned()
}

pub(crate) fn int(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().not_null().to_owned()
}

pub(crate) fn int_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).big_integer().null().to_owned()
}

pub(crate) fn flag(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().not_null().to_owned()
}

pub(crate) fn date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().to_owned()
}

pub(crate) fn date_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().null().to_owned()
}

/// A named CHECK in SQL that both engines read alike.
pub(crate) fn check(name: &'static str, sql: &'static str) -> Check {
    Check::named(name, Expr::cust(sql))
}

/// A foreign key named `fk_{table}_{column}`; rows that are pointed at are never deleted.
pub(crate) fn fk(table: &'static str, column: &'static str, to: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_{column}")).from(table, column).to(to, "id").to_owned()
}

pub(crate) fn unique(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    index(name, table, columns).unique().to_owned()
}

pub(crate) fn index(name: &'static str, table: &'static str, columns: &[&'static str]) -> IndexCreateStatement {
    let mut statement = Index::create();
    statement.name(name).table(table);
    for column in columns {
        statement.col(*column);
    }
    statement.to_owned()
}

/// Creates the tables, then their indexes.
pub(crate) async fn create(
    manager: &SchemaManager<'_>,
    tables: Vec<TableCreateStatement>,
    indexes: Vec<IndexCreateStatement>,
) -> Result<(), DbErr> {
    for table in tables {
        manager.create_table(table).await?;
    }
    for index in indexes {
        manager.create_index(index).await?;
    }
    Ok(())
}

/// Drops the tables, last made first.
pub(crate) async fn drop(manager: &SchemaManager<'_>, tables: &[&'static str]) -> Result<(), DbErr> {
    for name in tables.iter().rev() {
        manager.drop_table(Table::drop().table(*name).to_owned()).await?;
    }
    Ok(())
}

/// Makes a table append-only in the database itself: UPDATE and DELETE are refused whoever tries; on PostgreSQL
/// TRUNCATE too, which SQLite does not have.
pub(crate) async fn append_only(manager: &SchemaManager<'_>, table: &'static str) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Sqlite {
        for verb in ["UPDATE", "DELETE"] {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER append_only_{table}_{verb} BEFORE {verb} ON {table} \
                 BEGIN SELECT RAISE(ABORT, 'append_only_{table}'); END"
            ))
            .await?;
        }
        return Ok(());
    }
    db.execute_unprepared(&format!(
        "CREATE OR REPLACE FUNCTION append_only_{table}() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN RAISE EXCEPTION 'append_only_{table}' USING ERRCODE = 'check_violation'; END $$"
    ))
    .await?;
    for (name, when) in [("", "UPDATE OR DELETE ON {table} FOR EACH ROW"), ("_all", "TRUNCATE ON {table}")] {
        let when = when.replace("{table}", table);
        db.execute_unprepared(&format!(
            "CREATE TRIGGER append_only_{table}{name} BEFORE {when} EXECUTE FUNCTION append_only_{table}()"
        ))
        .await?;
    }
    Ok(())
}

/// Refuses a row of `table` whose `person` keeps the armoury that it is of: an armourer of its unit, or of everything.
/// `opened_at` says when. Told as the rule `ck_{table}_{person}`.
pub(crate) async fn not_a_keeper(
    manager: &SchemaManager<'_>,
    table: &'static str,
    person: &'static str,
) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let keeps = format!(
        "EXISTS (SELECT 1 FROM grants g JOIN accounts a ON a.id = g.account_id \
         WHERE a.person_id = NEW.{person} AND g.role = 'armourer' AND g.ended_at IS NULL \
         AND g.valid_from <= NEW.opened_at AND (g.valid_until IS NULL OR g.valid_until > NEW.opened_at) \
         AND (g.unit_id IS NULL OR g.unit_id = NEW.unit_id))"
    );
    let name = format!("not_a_keeper_{table}");
    if manager.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared(&format!(
            "CREATE TRIGGER {name} BEFORE INSERT ON {table} WHEN {keeps} \
             BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ck_{table}_{person}'); END"
        ))
        .await?;
        return Ok(());
    }
    db.execute_unprepared(&format!(
        "CREATE OR REPLACE FUNCTION {name}() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF {keeps} THEN RAISE EXCEPTION '{name}' \
         USING ERRCODE = 'check_violation', CONSTRAINT = 'ck_{table}_{person}', TABLE = '{table}'; END IF; \
         RETURN NEW; END $$"
    ))
    .await?;
    db.execute_unprepared(&format!(
        "CREATE TRIGGER {name} BEFORE INSERT ON {table} FOR EACH ROW EXECUTE FUNCTION {name}()"
    ))
    .await?;
    Ok(())
}
