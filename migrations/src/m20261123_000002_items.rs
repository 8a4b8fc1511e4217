//! The spine: items, their events, the labels issued for them, and which labels wait for a reprint.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::helpers::{
    append_only, check, create, date_null, drop, fk, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

const STATES: &str = "state IN ('in_use','idle','on_loan','in_repair','pending_disposal','disposed','written_off',\
                      'withdrawn')";

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let items = table("items")
            .col(id())
            .col(text("kind"))
            .col(text("item_number"))
            .col(text("number_key"))
            .col(text("name"))
            .col(text("specification"))
            .col(text("serial_number"))
            .col(text("class_code"))
            .col(text("class_name"))
            .col(text("brand"))
            .col(text("measure_unit"))
            .col(uuid("unit_id"))
            .col(uuid_null("place_id"))
            .col(uuid_null("keeper_id"))
            .col(int("quantity"))
            .col(text("state"))
            .col(text_null("excused_by"))
            .col(int("value_fen"))
            .col(date_null("acquired_on"))
            .col(uuid_null("batch_id"))
            .col(int("version"))
            .foreign_key(&mut fk("items", "unit_id", "units"))
            .foreign_key(&mut fk("items", "place_id", "places"))
            .foreign_key(&mut fk("items", "keeper_id", "people"))
            .foreign_key(&mut fk("items", "batch_id", "import_batches"))
            .check(check("ck_items_kind", "kind IN ('fixed_asset','vehicle','firearm','ammunition','case_property')"))
            .check(check("ck_items_state", STATES))
            .check(check("ck_items_item_number", "length(item_number) BETWEEN 1 AND 64"))
            .check(check("ck_items_name", "length(name) BETWEEN 1 AND 200"))
            .check(check("ck_items_quantity", "quantity BETWEEN 0 AND 1000000000"))
            .check(check("ck_items_value_fen", "value_fen >= 0"))
            .to_owned();
        let item_events = table("item_events")
            .col(id())
            .col(uuid("item_id"))
            .col(int("seq"))
            .col(text("kind"))
            .col(int("effective_at"))
            .col(int("recorded_at"))
            .col(text("actor"))
            .col(uuid("unit_id"))
            .col(uuid_null("place_id"))
            .col(uuid_null("keeper_id"))
            .col(int("quantity"))
            .col(text("state"))
            .col(text_null("excused_by"))
            .col(text_null("reason"))
            .col(uuid_null("batch_id"))
            .foreign_key(&mut fk("item_events", "item_id", "items"))
            .foreign_key(&mut fk("item_events", "unit_id", "units"))
            .foreign_key(&mut fk("item_events", "place_id", "places"))
            .foreign_key(&mut fk("item_events", "keeper_id", "people"))
            .foreign_key(&mut fk("item_events", "batch_id", "import_batches"))
            .check(check("ck_item_events_kind", "kind IN ('registered','changed','withdrawn')"))
            .check(check("ck_item_events_state", STATES))
            .check(check("ck_item_events_seq", "seq >= 1"))
            .to_owned();
        let labels = table("labels")
            .col(sea_orm_migration::prelude::ColumnDef::new("code").string_len(12).not_null().primary_key().to_owned())
            .col(text_null("subject_kind"))
            .col(uuid_null("item_id"))
            .col(uuid_null("place_id"))
            .col(uuid_null("current_of"))
            .col(int("generation"))
            .col(text("template"))
            .col(text("state"))
            .col(int("issued_at"))
            .col(text("issued_by"))
            .col(int_null("printed_at"))
            .col(int("print_count"))
            .foreign_key(&mut fk("labels", "item_id", "items"))
            .foreign_key(&mut fk("labels", "place_id", "places"))
            .check(check("ck_labels_state", "state IN ('blank','current','superseded','void')"))
            .check(check("ck_labels_code", "length(code) = 12"))
            .check(check(
                "ck_labels_subject",
                "(subject_kind IS NULL AND item_id IS NULL AND place_id IS NULL) \
                 OR (subject_kind = 'item' AND item_id IS NOT NULL AND place_id IS NULL) \
                 OR (subject_kind = 'place' AND place_id IS NOT NULL AND item_id IS NULL)",
            ))
            // One current label a subject: UNIQUE(current_of) with NULLs for all the others, on every engine.
            .check(check("ck_labels_current_of", "(state = 'current') = (current_of IS NOT NULL)"))
            .to_owned();
        let reprints = table("label_reprints")
            .col(id())
            .col(uuid("item_id"))
            .col(text("reason"))
            .col(int("queued_at"))
            .foreign_key(&mut fk("label_reprints", "item_id", "items"))
            .to_owned();
        create(
            manager,
            vec![items, item_events, labels, reprints],
            vec![
                unique("uq_items_item_number", "items", &["number_key"]),
                index("ix_items_unit_id", "items", &["unit_id", "number_key"]),
                index("ix_items_place_id", "items", &["place_id"]),
                index("ix_items_keeper_id", "items", &["keeper_id"]),
                index("ix_items_serial_number", "items", &["serial_number"]),
                unique("uq_item_events_seq", "item_events", &["item_id", "seq"]),
                index("ix_item_events_batch_id", "item_events", &["batch_id"]),
                index("ix_item_events_recorded_at", "item_events", &["recorded_at"]),
                unique("uq_labels_current_of", "labels", &["current_of"]),
                index("ix_labels_item_id", "labels", &["item_id"]),
                index("ix_labels_place_id", "labels", &["place_id"]),
                unique("uq_label_reprints_item_id", "label_reprints", &["item_id"]),
            ],
        )
        .await?;
        append_only(manager, "item_events").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["items", "item_events", "labels", "label_reprints"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
