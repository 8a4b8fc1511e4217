//! Who answers for a unit's fixed assets, since when and until when.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};

use crate::helpers::{check, create, date, date_null, drop, fk, id, index, int, table, text, unique, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn responsible() -> TableCreateStatement {
    table("asset_responsible")
        .col(id())
        .col(uuid("unit_id"))
        .col(text("duty"))
        .col(uuid("person_id"))
        .col(date("from_on"))
        .col(date_null("until_on"))
        .col(uuid_null("current_of"))
        .col(text("reason"))
        .col(text("set_by"))
        .col(int("set_at"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_responsible", "unit_id", "units"))
        .foreign_key(&mut fk("asset_responsible", "person_id", "people"))
        .check(check("ck_asset_responsible_duty", "duty IN ('head','supervising_leader','asset_manager')"))
        .check(check("ck_asset_responsible_until_on", "until_on IS NULL OR until_on >= from_on"))
        .check(check("ck_asset_responsible_current_of", "(until_on IS NULL) = (current_of IS NOT NULL)"))
        .check(check("ck_asset_responsible_current_unit", "current_of IS NULL OR current_of = unit_id"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_asset_responsible_duty", "asset_responsible", &["current_of", "duty"]),
            index("ix_asset_responsible_unit_id", "asset_responsible", &["unit_id", "duty", "from_on"]),
            index("ix_asset_responsible_person_id", "asset_responsible", &["person_id"]),
        ];
        create(manager, vec![responsible()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["asset_responsible"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
