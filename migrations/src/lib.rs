//! The schema's history, for SQLite and PostgreSQL. A migration that has landed is never edited.
//!
//! Every rule that a row must obey stands here as a named CHECK, UNIQUE or FOREIGN KEY, besides standing in the
//! `model.rs` of its room; the room `db` turns the constraint's name into a sentence about the field.

use sea_orm_migration::{MigrationTrait, MigratorTrait, async_trait};

mod helpers;
mod m20261123_000001_org;
mod m20261123_000002_items;
mod m20261123_000003_journal;
mod m20261123_000004_stocktake;
mod m20261123_000005_access;
mod m20261123_000006_journal_seal;
mod m20261123_000007_jobs;
mod m20261123_000008_findings;
mod m20261123_000009_approvals;
mod m20261123_000010_idempotency;
mod m20261123_000011_webhooks;
mod m20261123_000012_counting;
mod m20261123_000013_search;

/// Applies every migration, in order.
#[derive(Debug)]
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20261123_000001_org::Migration),
            Box::new(m20261123_000002_items::Migration),
            Box::new(m20261123_000003_journal::Migration),
            Box::new(m20261123_000004_stocktake::Migration),
            Box::new(m20261123_000005_access::Migration),
            Box::new(m20261123_000006_journal_seal::Migration),
            Box::new(m20261123_000007_jobs::Migration),
            Box::new(m20261123_000008_findings::Migration),
            Box::new(m20261123_000009_approvals::Migration),
            Box::new(m20261123_000010_idempotency::Migration),
            Box::new(m20261123_000011_webhooks::Migration),
            Box::new(m20261123_000012_counting::Migration),
            Box::new(m20261123_000013_search::Migration),
        ]
    }
}
