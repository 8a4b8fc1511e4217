//! What was answered to a request that carried a key: the same key gets the same answer, not a second deed.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager,
};

use crate::helpers::{check, create, drop, flag, index, int, int_null, table, text, text_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let keys = table("idempotency_keys")
            .col(text("caller"))
            .col(text("key"))
            .col(text("fingerprint"))
            .col(flag("answered"))
            .col(int("claimed_at"))
            .col(int("lease_until"))
            .col(int("expires_at"))
            .col(int_null("status"))
            .col(text_null("headers"))
            .col(ColumnDef::new("body").blob().null().to_owned())
            .primary_key(Index::create().name("pk_idempotency_keys").col("caller").col("key"))
            .check(check("ck_idempotency_keys_key", "length(key) BETWEEN 1 AND 128"))
            .check(check("ck_idempotency_keys_answered", "answered = (status IS NOT NULL)"))
            .to_owned();
        create(manager, vec![keys], vec![index("ix_idempotency_keys_expires_at", "idempotency_keys", &["expires_at"])])
            .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["idempotency_keys"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
