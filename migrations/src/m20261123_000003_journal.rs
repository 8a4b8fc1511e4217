//! The journal: who did what, written in the same transaction as the deed, never changed.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::helpers::{append_only, create, drop, id, index, int, table, text, text_null, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let journal_entries = table("journal_entries")
            .col(id())
            .col(int("at"))
            .col(text("actor"))
            .col(text_null("co_signer"))
            .col(uuid_null("unit_id"))
            .col(text("action"))
            .col(text("subject"))
            .col(text("payload"))
            .col(text("rows_sha256"))
            .to_owned();
        create(
            manager,
            vec![journal_entries],
            vec![
                index("ix_journal_entries_at", "journal_entries", &["at"]),
                index("ix_journal_entries_subject", "journal_entries", &["subject"]),
            ],
        )
        .await?;
        append_only(manager, "journal_entries").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["journal_entries"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
