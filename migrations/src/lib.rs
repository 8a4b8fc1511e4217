//! The schema's history, for SQLite and PostgreSQL. A migration that has landed is never edited.
//!
//! Every rule that a row must obey stands here as a named CHECK, UNIQUE or FOREIGN KEY, besides standing in the
//! `model.rs` of its room; the room `db` turns the constraint's name into a sentence about the field.

use sea_orm_migration::sea_orm::{ConnectionTrait, DbBackend, DbErr, Statement};
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
mod m20261123_000013_search;
mod m20261124_000014_phones;
mod m20261124_000015_mending;
mod m20261124_000016_attachments;
mod m20261124_000018_asset_movements;
mod m20261129_000020_scan_photos;
mod m20261129_000021_asset_cards;
mod m20261129_000022_responsible;
mod m20261129_000023_missing_and_surplus;
mod m20261129_000024_asset_reporting;
mod m20261129_000025_vehicles;
mod m20261129_000026_trips;
mod m20261129_000026b_trip_limits;
mod m20261129_000027_fuel;
mod m20261129_000030_firearms;
mod m20261129_000031_firearm_draws;
mod m20261129_000032_armoury_shifts;
mod m20261129_000033_firearm_upkeep;
mod m20261129_000034_arms_transfers;
mod m20261129_000035_armoury_inspections;
mod m20261129_000036_armoury_audits;
mod m20261129_000036b_armoury_bulletins;
mod m20261129_000037_cabinet_devices;
mod m20261129_000038_certificates;
mod m20261130_000039_drum_chain;
mod m20261130_000040_unit_pages;

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
            Box::new(m20261123_000013_search::Migration),
            Box::new(m20261124_000014_phones::Migration),
            Box::new(m20261124_000015_mending::Migration),
            Box::new(m20261124_000016_attachments::Migration),
            Box::new(m20261124_000018_asset_movements::Migration),
            Box::new(m20261129_000020_scan_photos::Migration),
            Box::new(m20261129_000021_asset_cards::Migration),
            Box::new(m20261129_000022_responsible::Migration),
            Box::new(m20261129_000023_missing_and_surplus::Migration),
            Box::new(m20261129_000024_asset_reporting::Migration),
            Box::new(m20261129_000025_vehicles::Migration),
            Box::new(m20261129_000026_trips::Migration),
            Box::new(m20261129_000026b_trip_limits::Migration),
            Box::new(m20261129_000027_fuel::Migration),
            Box::new(m20261129_000030_firearms::Migration),
            Box::new(m20261129_000031_firearm_draws::Migration),
            Box::new(m20261129_000032_armoury_shifts::Migration),
            Box::new(m20261129_000033_firearm_upkeep::Migration),
            Box::new(m20261129_000034_arms_transfers::Migration),
            Box::new(m20261129_000035_armoury_inspections::Migration),
            Box::new(m20261129_000036_armoury_audits::Migration),
            Box::new(m20261129_000036b_armoury_bulletins::Migration),
            Box::new(m20261129_000037_cabinet_devices::Migration),
            Box::new(m20261129_000038_certificates::Migration),
            Box::new(m20261130_000039_drum_chain::Migration),
            Box::new(m20261130_000040_unit_pages::Migration),
        ]
    }
}

/// Makes every text column of a PostgreSQL database compare and sort by bytes, as SQLite does, whatever the order of
/// the database. A page must go on where the last one ended on every engine, two spellings must never be equal on one
/// and different on the other, and an index made under one version of a locale must not be wrong under the next.
///
/// Runs after the migrations, for all their tables: nobody has to think of it who writes one.
///
/// # Errors
/// When the catalogue cannot be read or a column not be changed.
pub async fn compare_text_by_bytes(db: &impl ConnectionTrait) -> Result<(), DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(());
    }
    let sql = "SELECT format('ALTER TABLE %I ALTER COLUMN %I TYPE %s COLLATE \"C\"', c.relname, a.attname, \
                             format_type(a.atttypid, a.atttypmod)) AS change \
               FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid JOIN pg_collation o ON o.oid = a.attcollation \
               WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind = 'r' AND a.attnum > 0 \
                 AND c.relname <> 'seaql_migrations' AND NOT a.attisdropped AND a.attgenerated = '' AND o.collname <> 'C' \
               ORDER BY c.relname, a.attnum";
    for row in db.query_all_raw(Statement::from_string(DbBackend::Postgres, sql)).await? {
        db.execute_unprepared(&row.try_get::<String>("", "change")?).await?;
    }
    Ok(())
}
