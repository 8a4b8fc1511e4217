//! Upkeep of guns (擦拭保养): the paper and the guns in it.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, MigrationTrait, SchemaManager,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{check, create, drop, fk, flag, id, index, int, int_null, table, text, unique, uuid, uuid_null};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// Points at somebody in a capacity.
fn person(column: &'static str) -> ForeignKeyCreateStatement {
    fk("firearm_upkeeps", column, "people")
}

fn upkeeps() -> TableCreateStatement {
    table("firearm_upkeeps")
        .col(id())
        .col(text("number"))
        .col(text("state"))
        .col(uuid("unit_id"))
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(text("reason"))
        .col(uuid("applicant_id"))
        .col(int("asked_at"))
        .col(uuid_null("approver_id"))
        .col(int_null("decided_at"))
        .col(text("opinion"))
        .col(uuid_null("cleaner1_id"))
        .col(uuid_null("cleaner2_id"))
        .col(int_null("started_at"))
        .col(int_null("cleaned_at"))
        .col(uuid_null("finisher1_id"))
        .col(uuid_null("finisher2_id"))
        .col(int_null("ended_at"))
        .col(text("ended_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_upkeeps", "unit_id", "units"))
        .foreign_key(
            &mut ForeignKey::create()
                .name("fk_firearm_upkeeps_armoury_id")
                .from("firearm_upkeeps", ("armoury_id", "store_kind"))
                .to("armouries", ("id", "kind"))
                .to_owned(),
        )
        .foreign_key(&mut person("applicant_id"))
        .foreign_key(&mut person("approver_id"))
        .foreign_key(&mut person("cleaner1_id"))
        .foreign_key(&mut person("cleaner2_id"))
        .foreign_key(&mut person("finisher1_id"))
        .foreign_key(&mut person("finisher2_id"))
        .check(check(
            "ck_firearm_upkeeps_state",
            "state IN ('asked','due','refused','cleaning','returning','done','cancelled')",
        ))
        .check(check("ck_firearm_upkeeps_store_kind", "store_kind = 'gun'"))
        .check(check("ck_firearm_upkeeps_reason", "length(reason) BETWEEN 1 AND 500"))
        .check(check("ck_firearm_upkeeps_approver_id", "approver_id IS NULL OR approver_id <> applicant_id"))
        .check(check("ck_firearm_upkeeps_decided_at", "(approver_id IS NULL) = (decided_at IS NULL)"))
        .check(check(
            "ck_firearm_upkeeps_approved",
            "state NOT IN ('due','refused','cleaning','returning','done') OR approver_id IS NOT NULL",
        ))
        .check(check(
            "ck_firearm_upkeeps_cleaner2_id",
            "(cleaner1_id IS NULL) = (cleaner2_id IS NULL) AND (cleaner1_id IS NULL OR cleaner1_id <> cleaner2_id)",
        ))
        .check(check("ck_firearm_upkeeps_started_at", "(cleaner1_id IS NULL) = (started_at IS NULL)"))
        .check(check(
            "ck_firearm_upkeeps_cleaners",
            "(state IN ('cleaning','returning','done')) = (cleaner1_id IS NOT NULL)",
        ))
        .check(check("ck_firearm_upkeeps_cleaned_at", "(state IN ('returning','done')) = (cleaned_at IS NOT NULL)"))
        .check(check(
            "ck_firearm_upkeeps_finisher2_id",
            "(finisher1_id IS NULL) = (finisher2_id IS NULL) AND \
             (finisher1_id IS NULL OR finisher1_id <> finisher2_id)",
        ))
        .check(check("ck_firearm_upkeeps_finishers", "(state = 'done') = (finisher1_id IS NOT NULL)"))
        .check(check(
            "ck_firearm_upkeeps_ended_at",
            "(state IN ('refused','done','cancelled')) = (ended_at IS NOT NULL)",
        ))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("firearm_upkeep_lines")
        .col(id())
        .col(uuid("upkeep_id"))
        .col(int("line"))
        .col(uuid("item_id"))
        .col(flag("was_due"))
        .col(text("outcome"))
        .col(text("note"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(&mut fk("firearm_upkeep_lines", "upkeep_id", "firearm_upkeeps"))
        .foreign_key(
            &mut ForeignKey::create()
                .name("fk_firearm_upkeep_lines_item_id")
                .from("firearm_upkeep_lines", "item_id")
                .to("firearms", "item_id")
                .to_owned(),
        )
        .check(check("ck_firearm_upkeep_lines_line", "line >= 1"))
        .check(check(
            "ck_firearm_upkeep_lines_outcome",
            "outcome IN ('open','cleaned','faulty','dropped') AND (outcome = 'open') = (ended_at IS NULL)",
        ))
        .to_owned()
}

const TABLES: [&str; 2] = ["firearm_upkeeps", "firearm_upkeep_lines"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_firearm_upkeeps_number", "firearm_upkeeps", &["number"]),
            index("ix_firearm_upkeeps_armoury_id", "firearm_upkeeps", &["armoury_id", "asked_at"]),
            index("ix_firearm_upkeeps_unit_id", "firearm_upkeeps", &["unit_id", "id"]),
            unique("uq_firearm_upkeep_lines_line", "firearm_upkeep_lines", &["upkeep_id", "line"]),
        ];
        create(manager, vec![upkeeps(), lines()], indexes).await?;
        // A gun is in one open paper.
        let sql = "CREATE UNIQUE INDEX uq_firearm_upkeep_lines_item_id ON firearm_upkeep_lines (item_id) \
                   WHERE ended_at IS NULL";
        manager.get_connection().execute_unprepared(sql).await?;
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
