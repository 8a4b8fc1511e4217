//! Handovers of a shift with their blind counts and signatures; who went into a store.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn shifts() -> TableCreateStatement {
    table("armoury_shifts")
        .col(id())
        .col(text("number"))
        .col(uuid("unit_id"))
        .col(text("state"))
        .col(text("opened_by"))
        .col(int("opened_at"))
        .col(int("round"))
        .col(text("counted_by"))
        .col(int_null("counted_at"))
        .col(int("differences"))
        .col(text("note"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_shifts", "unit_id", "units"))
        .check(check("ck_armoury_shifts_state", "state IN ('counting','agreed','differing','closed','cancelled')"))
        .check(check("ck_armoury_shifts_round", "round >= 0 AND (round = 0) = (counted_at IS NULL)"))
        .check(check("ck_armoury_shifts_counted_at", "state NOT IN ('agreed','differing','closed') OR round > 0"))
        .check(check("ck_armoury_shifts_differences", "differences >= 0"))
        .check(check("ck_armoury_shifts_note", "state <> 'closed' OR differences = 0 OR note <> ''"))
        .check(check("ck_armoury_shifts_ended_at", "(state IN ('closed','cancelled')) = (ended_at IS NOT NULL)"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("armoury_shift_lines")
        .col(id())
        .col(uuid("shift_id"))
        .col(int("round"))
        .col(int("line"))
        .col(text("kind"))
        .col(uuid_null("item_id"))
        .col(uuid_null("stock_id"))
        .col(text("name"))
        .col(int("opening"))
        .col(int("came"))
        .col(int("went"))
        .col(int("book"))
        .col(int("counted"))
        .col(int("upto_seq"))
        .col(flag("differs"))
        .foreign_key(&mut fk("armoury_shift_lines", "shift_id", "armoury_shifts"))
        .foreign_key(&mut fk("armoury_shift_lines", "item_id", "items"))
        .foreign_key(&mut fk("armoury_shift_lines", "stock_id", "ammunition_stock"))
        .check(check(
            "ck_armoury_shift_lines_kind",
            "(kind = 'gun' AND item_id IS NOT NULL) OR (kind = 'lot' AND stock_id IS NOT NULL) OR \
             (kind = 'unknown' AND item_id IS NULL AND stock_id IS NULL)",
        ))
        .check(check("ck_armoury_shift_lines_counted", "counted BETWEEN 0 AND 10000000 AND book >= 0"))
        .to_owned()
}

fn signatures() -> TableCreateStatement {
    table("armoury_shift_signatures")
        .col(id())
        .col(uuid("shift_id"))
        .col(text("side"))
        .col(uuid("person_id"))
        .col(uuid("account_id"))
        .col(int("signed_at"))
        .col(int_null("voided_at"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_shift_signatures", "shift_id", "armoury_shifts"))
        .foreign_key(&mut fk("armoury_shift_signatures", "person_id", "people"))
        .foreign_key(&mut fk("armoury_shift_signatures", "account_id", "accounts"))
        .check(check("ck_armoury_shift_signatures_side", "side IN ('out1','out2','in1','in2')"))
        .to_owned()
}

fn visits() -> TableCreateStatement {
    table("armoury_visits")
        .col(id())
        .col(uuid("armoury_id"))
        .col(uuid("unit_id"))
        .col(text("visitor"))
        .col(text("post"))
        .col(int("companions"))
        .col(text("reason"))
        .col(int("entered_at"))
        .col(int_null("left_at"))
        .col(text("findings"))
        .col(text("entered_by"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_visits", "armoury_id", "armouries"))
        .foreign_key(&mut fk("armoury_visits", "unit_id", "units"))
        .check(check("ck_armoury_visits_visitor", "length(visitor) BETWEEN 1 AND 100"))
        .check(check("ck_armoury_visits_companions", "companions BETWEEN 0 AND 100"))
        .check(check("ck_armoury_visits_left_at", "left_at IS NULL OR left_at >= entered_at"))
        .to_owned()
}

/// What is unique only while it counts: name, table, columns, when.
const WHILE_OPEN: [(&str, &str, &str, &str); 3] = [
    ("uq_armoury_shifts_unit_id", "armoury_shifts", "unit_id", "state IN ('counting','agreed','differing')"),
    ("uq_armoury_shift_signatures_side", "armoury_shift_signatures", "shift_id, side", "voided_at IS NULL"),
    ("uq_armoury_shift_signatures_person_id", "armoury_shift_signatures", "shift_id, person_id", "voided_at IS NULL"),
];

const TABLES: [&str; 4] = ["armoury_shifts", "armoury_shift_lines", "armoury_shift_signatures", "armoury_visits"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![shifts(), lines(), signatures(), visits()];
        let indexes = vec![
            unique("uq_armoury_shifts_number", "armoury_shifts", &["number"]),
            index("ix_armoury_shifts_unit_id", "armoury_shifts", &["unit_id", "id"]),
            unique("uq_armoury_shift_lines_line", "armoury_shift_lines", &["shift_id", "round", "line"]),
            index("ix_armoury_shift_lines_stock_id", "armoury_shift_lines", &["stock_id"]),
            index("ix_armoury_visits_armoury_id", "armoury_visits", &["armoury_id", "id"]),
        ];
        create(manager, tables, indexes).await?;
        for (name, table, columns, when) in WHILE_OPEN {
            let sql = format!("CREATE UNIQUE INDEX {name} ON {table} ({columns}) WHERE {when}");
            manager.get_connection().execute_unprepared(&sql).await?;
        }
        append_only(manager, "armoury_shift_lines").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
