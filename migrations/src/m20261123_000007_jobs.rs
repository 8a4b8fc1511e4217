//! Jobs: work that waits its time, claimed by lease, done once.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager};

use crate::helpers::{check, create, drop, flag, id, index, int, int_null, table, text, text_null, unique, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let jobs = table("jobs")
            .col(id())
            .col(text("kind"))
            .col(text_null("open_key"))
            .col(text("payload"))
            .col(text("state"))
            .col(int("queued_at"))
            .col(int("run_at"))
            .col(int_null("every_ms"))
            .col(flag("again"))
            .col(int("attempts"))
            .col(int("max_attempts"))
            .col(int("fence"))
            .col(int_null("lease_until"))
            .col(uuid_null("leased_by"))
            .col(text_null("last_error"))
            .col(int_null("finished_at"))
            .check(check("ck_jobs_kind", "length(kind) BETWEEN 1 AND 60"))
            .check(check("ck_jobs_state", "state IN ('waiting','running','done','failed')"))
            .check(check("ck_jobs_open_key", "state NOT IN ('done','failed') OR open_key IS NULL"))
            .check(check("ck_jobs_lease_until", "(state = 'running') = (lease_until IS NOT NULL)"))
            .check(check("ck_jobs_leased_by", "(state = 'running') = (leased_by IS NOT NULL)"))
            .check(check("ck_jobs_finished_at", "state NOT IN ('done','failed') OR finished_at IS NOT NULL"))
            .check(check("ck_jobs_attempts", "attempts BETWEEN 0 AND max_attempts AND max_attempts >= 1"))
            .check(check("ck_jobs_every_ms", "every_ms IS NULL OR every_ms > 0"))
            .to_owned();
        create(
            manager,
            vec![jobs],
            vec![
                unique("uq_jobs_open_key", "jobs", &["open_key"]),
                index("ix_jobs_state", "jobs", &["state", "run_at"]),
                index("ix_jobs_finished_at", "jobs", &["finished_at"]),
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["jobs"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
