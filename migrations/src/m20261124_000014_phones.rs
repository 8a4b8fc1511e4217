//! Phones at work: which of them counts which sheet, and where; and scans of a sheet in the order received.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager};

use crate::helpers::{check, create, drop, fk, index, int, table, text, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let phones = table("phones_at_work")
            .col(uuid("sheet_id"))
            .col(text("device"))
            .col(uuid_null("person_id"))
            .col(uuid_null("place_id"))
            .col(int("seen_at"))
            .primary_key(Index::create().name("pk_phones_at_work").col("sheet_id").col("device"))
            .foreign_key(&mut fk("phones_at_work", "sheet_id", "sheets"))
            .foreign_key(&mut fk("phones_at_work", "person_id", "people"))
            .foreign_key(&mut fk("phones_at_work", "place_id", "places"))
            .check(check("ck_phones_at_work_device", "length(device) BETWEEN 1 AND 64"))
            .to_owned();
        create(manager, vec![phones], vec![index("ix_scans_sheet_id", "scans", &["sheet_id", "seq"])]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        manager.drop_index(index.name("ix_scans_sheet_id").table("scans").to_owned()).await?;
        drop(manager, &["phones_at_work"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
