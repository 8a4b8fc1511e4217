//! The organisation's name, units, people, places, and the files that brought rows in.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::helpers::{
    check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let import_batches = table("import_batches")
            .col(id())
            .col(text("kind"))
            .col(text("file_name"))
            .col(text("file_sha256"))
            .col(int("row_count"))
            .col(int("reject_count"))
            .col(text("state"))
            .col(text("actor"))
            .col(int("imported_at"))
            .col(int_null("undone_at"))
            .check(check("ck_import_batches_kind", "kind IN ('units','people','places','assets','counts')"))
            .check(check("ck_import_batches_state", "state IN ('committed','partly_undone','undone')"))
            .to_owned();
        let settings = table("settings")
            .col(sea_orm_migration::prelude::ColumnDef::new("name").text().not_null().primary_key().to_owned())
            .col(text("value"))
            .to_owned();
        let units = table("units")
            .col(id())
            .col(text("code"))
            .col(text("name"))
            .col(uuid_null("parent_id"))
            .col(text("kind"))
            .col(flag("active"))
            .col(uuid_null("batch_id"))
            .col(int("version"))
            .foreign_key(&mut fk("units", "parent_id", "units"))
            .foreign_key(&mut fk("units", "batch_id", "import_batches"))
            .check(check("ck_units_name", "length(name) BETWEEN 1 AND 100"))
            .check(check("ck_units_code", "length(code) BETWEEN 1 AND 40"))
            .to_owned();
        let people = table("people")
            .col(id())
            .col(text_null("badge_number"))
            .col(text("name"))
            .col(uuid("unit_id"))
            .col(text("duty"))
            .col(text("kind"))
            .col(flag("active"))
            .col(uuid_null("batch_id"))
            .col(int("version"))
            .foreign_key(&mut fk("people", "unit_id", "units"))
            .foreign_key(&mut fk("people", "batch_id", "import_batches"))
            .check(check("ck_people_name", "length(name) BETWEEN 1 AND 100"))
            .check(check("ck_people_duty", "duty IN ('head','supervising_leader','asset_manager','member')"))
            .check(check("ck_people_kind", "kind IN ('officer','auxiliary','civilian')"))
            .to_owned();
        let places = table("places")
            .col(id())
            .col(text("code"))
            .col(text("name"))
            .col(uuid("unit_id"))
            .col(uuid_null("keeper_id"))
            .col(flag("active"))
            .col(uuid_null("batch_id"))
            .col(int("version"))
            .foreign_key(&mut fk("places", "unit_id", "units"))
            .foreign_key(&mut fk("places", "keeper_id", "people"))
            .foreign_key(&mut fk("places", "batch_id", "import_batches"))
            .check(check("ck_places_name", "length(name) BETWEEN 1 AND 100"))
            .check(check("ck_places_code", "length(code) BETWEEN 1 AND 40"))
            .to_owned();
        create(
            manager,
            vec![settings, import_batches, units, people, places],
            vec![
                unique("uq_units_code", "units", &["code"]),
                unique("uq_units_name", "units", &["name"]),
                unique("uq_people_badge_number", "people", &["badge_number"]),
                index("ix_people_unit_id", "people", &["unit_id", "name"]),
                unique("uq_places_code", "places", &["code"]),
                index("ix_places_unit_id", "places", &["unit_id", "name"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["settings", "import_batches", "units", "people", "places"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
