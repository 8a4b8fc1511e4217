//! Webhooks: who is told, what they are to be told, and every attempt at telling them.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, ForeignKey, MigrationTrait, SchemaManager, TableCreateStatement,
};

use crate::helpers::{append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn webhooks() -> TableCreateStatement {
    table("webhooks")
        .col(id())
        .col(text("url"))
        .col(text("events"))
        .col(text("description"))
        .col(flag("active"))
        .col(int("created_at"))
        .col(int("version"))
        .check(check("ck_webhooks_url", "length(url) BETWEEN 1 AND 500"))
        .to_owned()
}

/// What changes with every delivery, and the secret: apart from the row that the journal watches.
fn webhook_keys() -> TableCreateStatement {
    table("webhook_keys")
        .col(ColumnDef::new("webhook_id").uuid().not_null().primary_key().to_owned())
        .col(text("secret"))
        .col(int("last_seq"))
        .foreign_key(
            ForeignKey::create()
                .name("fk_webhook_keys_webhook_id")
                .from("webhook_keys", "webhook_id")
                .to("webhooks", "id"),
        )
        .to_owned()
}

fn webhook_deliveries() -> TableCreateStatement {
    table("webhook_deliveries")
        .col(id())
        .col(uuid("webhook_id"))
        .col(int("seq"))
        .col(text("event"))
        .col(text("body"))
        .col(text("state"))
        .col(int("attempts"))
        .col(int("queued_at"))
        .col(int_null("finished_at"))
        .foreign_key(&mut fk("webhook_deliveries", "webhook_id", "webhooks"))
        .check(check("ck_webhook_deliveries_state", "state IN ('waiting','delivered','given_up')"))
        .check(check("ck_webhook_deliveries_finished_at", "(state = 'waiting') = (finished_at IS NULL)"))
        .to_owned()
}

fn webhook_attempts() -> TableCreateStatement {
    table("webhook_attempts")
        .col(id())
        .col(uuid("delivery_id"))
        .col(int("attempt"))
        .col(int("at"))
        .col(int_null("status"))
        .col(int("duration_ms"))
        .col(text("answer"))
        .foreign_key(&mut fk("webhook_attempts", "delivery_id", "webhook_deliveries"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            vec![webhooks(), webhook_keys(), webhook_deliveries(), webhook_attempts()],
            vec![
                unique("uq_webhook_deliveries_seq", "webhook_deliveries", &["webhook_id", "seq"]),
                index("ix_webhook_deliveries_state", "webhook_deliveries", &["webhook_id", "state", "seq"]),
                unique("uq_webhook_attempts_attempt", "webhook_attempts", &["delivery_id", "attempt"]),
            ],
        )
        .await?;
        append_only(manager, "webhook_attempts").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["webhooks", "webhook_keys", "webhook_deliveries", "webhook_attempts"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
