//! Photos taken along with scans; things by value.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager};

use crate::helpers::{append_only, check, create, drop, fk, id, index, int, table, text, unique, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let photos = table("scan_photos")
            .col(id())
            .col(uuid("scan_id"))
            .col(uuid("campaign_id"))
            .col(uuid_null("item_id"))
            .col(text("media_type"))
            .col(int("bytes"))
            .col(text("sha256"))
            .col(int("device_at"))
            .col(text("sent_by"))
            .col(int("server_at"))
            .foreign_key(&mut fk("scan_photos", "scan_id", "scans"))
            .foreign_key(&mut fk("scan_photos", "campaign_id", "campaigns"))
            .foreign_key(&mut fk("scan_photos", "item_id", "items"))
            .check(check("ck_scan_photos_media_type", "media_type IN ('image/jpeg', 'image/png', 'image/webp')"))
            .check(check("ck_scan_photos_bytes", "bytes BETWEEN 1 AND 41943040"))
            .check(check("ck_scan_photos_sha256", "length(sha256) = 64"))
            .to_owned();
        let indexes = vec![
            unique("uq_scan_photos_scan_id_sha256", "scan_photos", &["scan_id", "sha256"]),
            index("ix_scan_photos_campaign_id", "scan_photos", &["campaign_id", "item_id"]),
            index("ix_scan_photos_item_id", "scan_photos", &["item_id", "server_at"]),
            index("ix_items_value_fen_number_key", "items", &["value_fen", "number_key"]),
        ];
        create(manager, vec![photos], indexes).await?;
        append_only(manager, "scan_photos").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut index = Index::drop();
        manager.drop_index(index.name("ix_items_value_fen_number_key").table("items").to_owned()).await?;
        drop(manager, &["scan_photos"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
