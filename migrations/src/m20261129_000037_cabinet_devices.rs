//! Gun cabinets report: their devices with a key each, what they reported, and what is still to be held against the book.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, Index, MigrationTrait, SchemaManager,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, drop, fk, id, index, int, int_null, table, text, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn devices() -> TableCreateStatement {
    table("cabinet_devices")
        .col(id())
        .col(text("number"))
        .col(text("number_key"))
        .col(text("name"))
        .col(uuid("unit_id"))
        .col(uuid("armoury_id"))
        .col(uuid("cabinet_id"))
        .col(text("state"))
        .col(text("registered_by"))
        .col(int("registered_at"))
        .col(int("keyed_at"))
        .col(int_null("revoked_at"))
        .col(text("revoke_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("cabinet_devices", "unit_id", "units"))
        .foreign_key(&mut fk("cabinet_devices", "armoury_id", "armouries"))
        .foreign_key(&mut fk("cabinet_devices", "cabinet_id", "gun_cabinets"))
        .check(check("ck_cabinet_devices_number", "length(number_key) BETWEEN 1 AND 40"))
        .check(check("ck_cabinet_devices_name", "length(name) <= 100"))
        .check(check("ck_cabinet_devices_state", "state IN ('active','revoked')"))
        .check(check(
            "ck_cabinet_devices_revoked_at",
            "(state = 'revoked') = (revoked_at IS NOT NULL) AND (state = 'revoked') = (revoke_reason <> '')",
        ))
        .to_owned()
}

/// What a device signs with, and how far it has come. Never exported; gone once the device is revoked.
fn keys() -> TableCreateStatement {
    table("cabinet_device_keys")
        .col(uuid("device_id"))
        .col(text("secret"))
        .col(int("last_seq"))
        .col(int("judged_seq"))
        .col(int("seen_at"))
        .primary_key(Index::create().name("pk_cabinet_device_keys").col("device_id"))
        .foreign_key(&mut fk("cabinet_device_keys", "device_id", "cabinet_devices"))
        .check(check("ck_cabinet_device_keys_last_seq", "last_seq >= 0 AND judged_seq BETWEEN 0 AND last_seq"))
        .to_owned()
}

fn of_gun(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create().name(format!("fk_{table}_item_id")).from(table, "item_id").to("firearms", "item_id").to_owned()
}

fn events() -> TableCreateStatement {
    table("cabinet_events")
        .col(id())
        .col(uuid("device_id"))
        .col(int("seq"))
        .col(uuid("unit_id"))
        .col(uuid("armoury_id"))
        .col(uuid("cabinet_id"))
        .col(text("kind"))
        .col(int_null("slot"))
        .col(uuid_null("item_id"))
        .col(text("badge"))
        .col(uuid_null("person_id"))
        .col(text("note"))
        .col(int("happened_at"))
        .col(int("sent_at"))
        .col(int("received_at"))
        .foreign_key(&mut of_gun("cabinet_events"))
        .foreign_key(&mut fk("cabinet_events", "device_id", "cabinet_devices"))
        .foreign_key(&mut fk("cabinet_events", "unit_id", "units"))
        .foreign_key(&mut fk("cabinet_events", "armoury_id", "armouries"))
        .foreign_key(&mut fk("cabinet_events", "cabinet_id", "gun_cabinets"))
        .foreign_key(&mut fk("cabinet_events", "person_id", "people"))
        .check(check("ck_cabinet_events_seq", "seq >= 1"))
        .check(check(
            "ck_cabinet_events_kind",
            "kind IN ('door_opened','door_closed','door_held_open','lock_changed','gun_taken','gun_put_back',\
             'temperature','power_lost','power_back')",
        ))
        .check(check(
            "ck_cabinet_events_slot",
            "(kind IN ('gun_taken','gun_put_back')) = (slot IS NOT NULL) AND (slot IS NULL OR slot >= 1)",
        ))
        .check(check("ck_cabinet_events_badge", "length(badge) <= 40"))
        .check(check("ck_cabinet_events_note", "length(note) <= 200"))
        .to_owned()
}

/// What was reported and is not held against the book yet. Each goes once it was.
fn waiting() -> TableCreateStatement {
    table("cabinet_events_waiting")
        .col(uuid("event_id"))
        .col(int("judge_at"))
        .primary_key(Index::create().name("pk_cabinet_events_waiting").col("event_id"))
        .foreign_key(&mut fk("cabinet_events_waiting", "event_id", "cabinet_events"))
        .to_owned()
}

const TABLES: [&str; 4] = ["cabinet_devices", "cabinet_device_keys", "cabinet_events", "cabinet_events_waiting"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_cabinet_devices_number", "cabinet_devices", &["number_key"]),
            index("ix_cabinet_devices_armoury_id", "cabinet_devices", &["armoury_id"]),
            unique("uq_cabinet_events_seq", "cabinet_events", &["device_id", "seq"]),
            index("ix_cabinet_events_armoury_id", "cabinet_events", &["armoury_id", "id"]),
            index("ix_cabinet_events_item_id", "cabinet_events", &["item_id", "happened_at"]),
            index("ix_cabinet_events_waiting_judge_at", "cabinet_events_waiting", &["judge_at"]),
        ];
        create(manager, vec![devices(), keys(), events(), waiting()], indexes).await?;
        // A cabinet has one device that counts: two that tell of the same slots would tell each other's lies.
        let one =
            "CREATE UNIQUE INDEX uq_cabinet_devices_cabinet_id ON cabinet_devices (cabinet_id) WHERE state = 'active'";
        manager.get_connection().execute_unprepared(one).await?;
        append_only(manager, "cabinet_events").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
