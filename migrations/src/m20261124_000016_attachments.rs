//! Documents and photos that belong to things; the order in which labels were printed.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager};

use crate::helpers::{check, create, drop, fk, id, index, int, int_null, table, text, text_null, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let attachments = table("attachments")
            .col(id())
            .col(uuid("item_id"))
            .col(text("name"))
            .col(text("media_type"))
            .col(int("bytes"))
            .col(text("sha256"))
            .col(text("uploaded_by"))
            .col(int("uploaded_at"))
            .col(int_null("withdrawn_at"))
            .col(text_null("withdrawn_by"))
            .col(text_null("withdrawn_reason"))
            .col(int("version"))
            .foreign_key(&mut fk("attachments", "item_id", "items"))
            .check(check("ck_attachments_name", "length(name) BETWEEN 1 AND 200"))
            .check(check("ck_attachments_bytes", "bytes BETWEEN 1 AND 41943040"))
            .check(check("ck_attachments_sha256", "length(sha256) = 64"))
            .check(check("ck_attachments_withdrawn_by", "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"))
            .check(check("ck_attachments_withdrawn_reason", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"))
            .to_owned();
        let indexes = vec![
            index("ix_attachments_item_id", "attachments", &["item_id", "uploaded_at"]),
            index("ix_labels_printed_at", "labels", &["printed_at", "code"]),
        ];
        create(manager, vec![attachments], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.drop_index(Index::drop().name("ix_labels_printed_at").table("labels").to_owned()).await?;
        drop(manager, &["attachments"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
