//! The weekly bulletin on the safety of firearms: a week, its figures by unit, the remark, when it was issued.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};

use crate::helpers::{check, create, date, drop, fk, id, int, int_null, table, text, unique, uuid};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn bulletins() -> TableCreateStatement {
    table("armoury_bulletins")
        .col(id())
        .col(text("number"))
        .col(date("from_day"))
        .col(date("until_day"))
        .col(text("state"))
        .col(int("counted_at"))
        .col(text("remark"))
        .col(text("issued_by"))
        .col(int_null("issued_at"))
        .col(int("version"))
        .check(check("ck_armoury_bulletins_state", "state IN ('draft','issued')"))
        .check(check("ck_armoury_bulletins_until_day", "until_day > from_day"))
        .check(check(
            "ck_armoury_bulletins_issued_at",
            "(state = 'issued') = (issued_at IS NOT NULL) AND (issued_at IS NULL) = (issued_by = '')",
        ))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("armoury_bulletin_lines")
        .col(id())
        .col(uuid("bulletin_id"))
        .col(uuid("unit_id"))
        .col(int("stores"))
        .col(int("draws"))
        .col(int("overdue"))
        .col(int("handovers"))
        .col(int("handovers_missed"))
        .col(int("inspections"))
        .col(int("inspections_missing"))
        .col(int("checks_failed"))
        .col(int("audits"))
        .col(int("alarms"))
        .col(int("findings_opened"))
        .col(int("findings_closed"))
        .col(int("findings_open"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_bulletin_lines", "bulletin_id", "armoury_bulletins"))
        .foreign_key(&mut fk("armoury_bulletin_lines", "unit_id", "units"))
        .check(check(
            "ck_armoury_bulletin_lines_draws",
            "stores >= 0 AND draws >= 0 AND overdue >= 0 AND handovers >= 0 AND handovers_missed >= 0 \
             AND inspections >= 0 AND inspections_missing >= 0 AND checks_failed >= 0 AND audits >= 0 AND alarms >= 0 \
             AND findings_opened >= 0 AND findings_closed >= 0 AND findings_open >= 0",
        ))
        .to_owned()
}

const TABLES: [&str; 2] = ["armoury_bulletins", "armoury_bulletin_lines"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_armoury_bulletins_number", "armoury_bulletins", &["number"]),
            unique("uq_armoury_bulletins_from_day", "armoury_bulletins", &["from_day"]),
            unique("uq_armoury_bulletin_lines_unit_id", "armoury_bulletin_lines", &["bulletin_id", "unit_id"]),
        ];
        create(manager, vec![bulletins(), lines()], indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
