//! How guns and rounds come to a store and go from it: the register of changes (变更情况), transfers between stores, guns
//! handed up to be destroyed, rounds fired in training.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, MigrationTrait, SchemaManager,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, drop, fk, id, index, int, int_null, table, text, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Points at a store of the kind that the row itself says.
fn at_store(table: &'static str, column: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_{column}"))
        .from(table, (column, "store_kind"))
        .to("armouries", ("id", "kind"))
        .to_owned()
}

fn of_gun(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_item_id")).from(table, "item_id").to("firearms", "item_id").to_owned()
}

/// 枪支变更情况、弹药变更情况: a line is of one gun or of rounds of one lot, as its store is.
fn changes() -> TableCreateStatement {
    table("armoury_changes")
        .col(id())
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(text("reason"))
        .col(uuid_null("item_id"))
        .col(uuid_null("stock_id"))
        .col(int("quantity"))
        .col(text("document"))
        .col(text("note"))
        .col(text("entered_by"))
        .col(int("entered_at"))
        .foreign_key(&mut at_store("armoury_changes", "armoury_id"))
        .foreign_key(&mut of_gun("armoury_changes"))
        .foreign_key(&mut fk("armoury_changes", "stock_id", "ammunition_stock"))
        .check(check(
            "ck_armoury_changes_store_kind",
            "(store_kind = 'gun' AND item_id IS NOT NULL AND stock_id IS NULL) OR \
             (store_kind = 'ammunition' AND stock_id IS NOT NULL AND item_id IS NULL)",
        ))
        .check(check(
            "ck_armoury_changes_reason",
            "(reason IN ('received','arrived') AND quantity > 0) OR (reason = 'sent' AND quantity < 0) OR \
             (reason = 'scrapped' AND quantity < 0 AND store_kind = 'gun') OR \
             (reason = 'training' AND quantity < 0 AND store_kind = 'ammunition')",
        ))
        .check(check(
            "ck_armoury_changes_quantity",
            "quantity BETWEEN -10000000 AND 10000000 AND (store_kind <> 'gun' OR quantity IN (-1,1))",
        ))
        .to_owned()
}

/// Guns and rounds are never in one transfer (枪支管理法 第31条): both stores and every line are of the kind it says.
fn transfers() -> TableCreateStatement {
    let mut all = table("armoury_transfers");
    for column in [id(), text("number"), text("state"), text("store_kind"), uuid("from_id"), uuid("to_id")] {
        all.col(column);
    }
    for column in [uuid("from_unit_id"), uuid("to_unit_id"), text("document"), text("reason"), text("asked_by")] {
        all.col(column);
    }
    for column in [int("asked_at"), uuid_null("sent1_id"), uuid_null("sent2_id"), int_null("sent_at")] {
        all.col(column);
    }
    for column in [uuid_null("received1_id"), uuid_null("received2_id"), int_null("received_at"), text("note")] {
        all.col(column);
    }
    all.col(int_null("ended_at")).col(int("version"));
    for (column, to) in [
        ("from_unit_id", "units"),
        ("to_unit_id", "units"),
        ("sent1_id", "people"),
        ("sent2_id", "people"),
        ("received1_id", "people"),
        ("received2_id", "people"),
    ] {
        all.foreign_key(&mut fk("armoury_transfers", column, to));
    }
    all.foreign_key(&mut at_store("armoury_transfers", "from_id"))
        .foreign_key(&mut at_store("armoury_transfers", "to_id"))
        .check(check(
            "ck_armoury_transfers_state",
            "state IN ('planned','on_the_way','differing','arrived','cancelled')",
        ))
        .check(check("ck_armoury_transfers_to_id", "from_id <> to_id"))
        .check(check("ck_armoury_transfers_document", "length(document) BETWEEN 1 AND 500"))
        .check(check("ck_armoury_transfers_reason", "length(reason) BETWEEN 1 AND 500"))
        .check(check(
            "ck_armoury_transfers_sent2_id",
            "(sent1_id IS NULL) = (sent2_id IS NULL) AND (sent1_id IS NULL) = (sent_at IS NULL) AND \
             (sent1_id IS NULL OR sent1_id <> sent2_id)",
        ))
        .check(check(
            "ck_armoury_transfers_sent_at",
            "(state IN ('on_the_way','differing','arrived')) = (sent_at IS NOT NULL)",
        ))
        .check(check(
            "ck_armoury_transfers_received2_id",
            "(received1_id IS NULL) = (received2_id IS NULL) AND (received1_id IS NULL) = (received_at IS NULL) AND \
             (received1_id IS NULL OR (received1_id <> received2_id AND received1_id <> sent1_id AND \
              received1_id <> sent2_id AND received2_id <> sent1_id AND received2_id <> sent2_id))",
        ))
        .check(check(
            "ck_armoury_transfers_received_at",
            "(state IN ('differing','arrived')) = (received_at IS NOT NULL)",
        ))
        .check(check("ck_armoury_transfers_ended_at", "(state IN ('arrived','cancelled')) = (ended_at IS NOT NULL)"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("armoury_transfer_lines")
        .col(id())
        .col(uuid("transfer_id"))
        .col(text("store_kind"))
        .col(int("line"))
        .col(uuid_null("item_id"))
        .col(uuid_null("stock_id"))
        .col(int("quantity"))
        .col(int("arrived"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(
            &mut ForeignKey::create()
                .name("fk_armoury_transfer_lines_transfer_id")
                .from("armoury_transfer_lines", ("transfer_id", "store_kind"))
                .to("armoury_transfers", ("id", "store_kind"))
                .to_owned(),
        )
        .foreign_key(&mut of_gun("armoury_transfer_lines"))
        .foreign_key(&mut fk("armoury_transfer_lines", "stock_id", "ammunition_stock"))
        .check(check(
            "ck_armoury_transfer_lines_store_kind",
            "(store_kind = 'gun' AND item_id IS NOT NULL AND stock_id IS NULL AND quantity = 1) OR \
             (store_kind = 'ammunition' AND stock_id IS NOT NULL AND item_id IS NULL)",
        ))
        .check(check("ck_armoury_transfer_lines_quantity", "quantity BETWEEN 1 AND 10000000"))
        .check(check("ck_armoury_transfer_lines_arrived", "arrived BETWEEN 0 AND quantity"))
        .check(check("ck_armoury_transfer_lines_ended_at", "arrived < quantity OR ended_at IS NOT NULL"))
        .to_owned()
}

/// A gun and its certificate handed up to be destroyed (枪支管理法 第27条).
fn scrappings() -> TableCreateStatement {
    table("firearm_scrappings")
        .col(id())
        .col(text("number"))
        .col(uuid("unit_id"))
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(uuid("item_id"))
        .col(text("certificate"))
        .col(text("receiver"))
        .col(text("receiver_person"))
        .col(text("document"))
        .col(text("reason"))
        .col(uuid("handed1_id"))
        .col(uuid("handed2_id"))
        .col(int("handed_at"))
        .foreign_key(&mut at_store("firearm_scrappings", "armoury_id"))
        .foreign_key(&mut fk("firearm_scrappings", "unit_id", "units"))
        .foreign_key(&mut of_gun("firearm_scrappings"))
        .foreign_key(&mut fk("firearm_scrappings", "handed1_id", "people"))
        .foreign_key(&mut fk("firearm_scrappings", "handed2_id", "people"))
        .check(check("ck_firearm_scrappings_store_kind", "store_kind = 'gun'"))
        .check(check("ck_firearm_scrappings_certificate", "length(certificate) BETWEEN 1 AND 40"))
        .check(check("ck_firearm_scrappings_receiver", "length(receiver) BETWEEN 1 AND 100"))
        .check(check("ck_firearm_scrappings_document", "length(document) BETWEEN 1 AND 500"))
        .check(check("ck_firearm_scrappings_handed2_id", "handed1_id <> handed2_id"))
        .to_owned()
}

/// Rounds that are taken to a firing range and come back as what was not fired, with the cases of what was.
fn trainings() -> TableCreateStatement {
    let mut all = table("training_firings");
    for column in [id(), text("number"), text("state"), uuid("unit_id"), uuid("armoury_id"), text("store_kind")] {
        all.col(column);
    }
    for column in [uuid("stock_id"), int("rounds_out"), int("rounds_back"), int("fired"), int("cases_kept")] {
        all.col(column);
    }
    for column in [uuid("leader_id"), text("participants"), text("place"), text("document"), int("out_at")] {
        all.col(column);
    }
    for column in [uuid("out1_id"), uuid("out2_id"), uuid_null("back1_id"), uuid_null("back2_id")] {
        all.col(column);
    }
    all.col(int_null("ended_at")).col(text("note")).col(int("version"));
    for (column, to) in [
        ("unit_id", "units"),
        ("stock_id", "ammunition_stock"),
        ("leader_id", "people"),
        ("out1_id", "people"),
        ("out2_id", "people"),
        ("back1_id", "people"),
        ("back2_id", "people"),
    ] {
        all.foreign_key(&mut fk("training_firings", column, to));
    }
    all.foreign_key(&mut at_store("training_firings", "armoury_id"))
        .check(check("ck_training_firings_state", "state IN ('out','closed')"))
        .check(check("ck_training_firings_store_kind", "store_kind = 'ammunition'"))
        .check(check("ck_training_firings_rounds_out", "rounds_out BETWEEN 1 AND 100000"))
        .check(check(
            "ck_training_firings_rounds_back",
            "rounds_back >= 0 AND fired >= 0 AND \
             ((state = 'out' AND rounds_back = 0 AND fired = 0) OR \
              (state = 'closed' AND rounds_back + fired = rounds_out))",
        ))
        .check(check("ck_training_firings_cases_kept", "cases_kept BETWEEN 0 AND fired"))
        .check(check("ck_training_firings_participants", "length(participants) BETWEEN 1 AND 500"))
        .check(check("ck_training_firings_place", "length(place) BETWEEN 1 AND 500"))
        .check(check("ck_training_firings_out2_id", "out1_id <> out2_id"))
        .check(check(
            "ck_training_firings_back2_id",
            "(back1_id IS NULL) = (back2_id IS NULL) AND (back1_id IS NULL OR back1_id <> back2_id)",
        ))
        .check(check(
            "ck_training_firings_ended_at",
            "(state = 'closed') = (ended_at IS NOT NULL) AND (ended_at IS NULL) = (back1_id IS NULL)",
        ))
        .to_owned()
}

const TABLES: [&str; 5] =
    ["armoury_changes", "armoury_transfers", "armoury_transfer_lines", "firearm_scrappings", "training_firings"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What points at a transfer needs its kind to be unique with its id, before it points.
        let of_transfers = vec![
            unique("uq_armoury_transfers_number", "armoury_transfers", &["number"]),
            unique("uq_armoury_transfers_store_kind", "armoury_transfers", &["id", "store_kind"]),
            index("ix_armoury_transfers_from_unit_id", "armoury_transfers", &["from_unit_id", "id"]),
            index("ix_armoury_transfers_to_unit_id", "armoury_transfers", &["to_unit_id", "id"]),
        ];
        create(manager, vec![transfers()], of_transfers).await?;
        let indexes = vec![
            index("ix_armoury_changes_armoury_id", "armoury_changes", &["armoury_id", "entered_at"]),
            unique("uq_armoury_transfer_lines_line", "armoury_transfer_lines", &["transfer_id", "line"]),
            unique("uq_armoury_transfer_lines_stock_id", "armoury_transfer_lines", &["transfer_id", "stock_id"]),
            unique("uq_firearm_scrappings_number", "firearm_scrappings", &["number"]),
            unique("uq_firearm_scrappings_item_id", "firearm_scrappings", &["item_id"]),
            unique("uq_training_firings_number", "training_firings", &["number"]),
            index("ix_training_firings_unit_id", "training_firings", &["unit_id", "id"]),
        ];
        create(manager, vec![changes(), lines(), scrappings(), trainings()], indexes).await?;
        // A gun is in one open transfer.
        let sql = "CREATE UNIQUE INDEX uq_armoury_transfer_lines_item_id ON armoury_transfer_lines (item_id) \
                   WHERE ended_at IS NULL";
        manager.get_connection().execute_unprepared(sql).await?;
        append_only(manager, "armoury_changes").await?;
        append_only(manager, "firearm_scrappings").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
