//! Who stands for an account being its owner's; certificates that were linked before linking took two; how long what is
//! only of use for a while is kept.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ConnectionTrait as _, DbErr, DeriveMigrationName, MigrationTrait, Query, SchemaManager,
};
use sea_orm_migration::sea_orm::DbBackend;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KEEPING: &str = "网络安全法第二十一条第三项：网络日志留存不少于六个月";
const RULES: &[(&str, &str)] = &[("session.keep_days", "190"), ("webhook.keep_days", "190")];

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let columns = ["name", "version", "value", "effective_from", "source", "set_by", "set_at"];
    let mut insert = Query::insert();
    insert.into_table("dated_rules").columns(columns);
    for (name, value) in RULES {
        insert.values_panic([
            (*name).into(),
            1i64.into(),
            (*value).into(),
            0i64.into(),
            KEEPING.into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await
}

/// Tries of webhooks are a log of deliveries, no evidence: they may be forgotten, though never altered.
async fn let_tries_be_forgotten(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    if manager.get_database_backend() == DbBackend::Sqlite {
        db.execute_unprepared("DROP TRIGGER append_only_webhook_attempts_DELETE").await?;
        return Ok(());
    }
    db.execute_unprepared("DROP TRIGGER append_only_webhook_attempts ON webhook_attempts").await?;
    db.execute_unprepared(
        "CREATE TRIGGER append_only_webhook_attempts BEFORE UPDATE ON webhook_attempts FOR EACH ROW \
         EXECUTE FUNCTION append_only_webhook_attempts()",
    )
    .await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let db = manager.get_connection();
        // Of accounts that are older nobody knows who opened them.
        db.execute_unprepared("ALTER TABLE account_secrets ADD COLUMN vouched boolean NOT NULL DEFAULT FALSE").await?;
        // Some were linked by one administrator alone; which ones, the table does not say.
        db.execute_unprepared("DELETE FROM id_links").await?;
        let_tries_be_forgotten(manager).await?;
        seed(manager).await
    }

    /// The rules stay: what is dated is never deleted.
    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager.get_connection().execute_unprepared("ALTER TABLE account_secrets DROP COLUMN vouched").await?;
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
