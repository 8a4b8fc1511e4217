//! Audits of armouries by sample, both ways. The seed stands apart until it is drawn with; what was made known of it is
//! never changed; whoever keeps an armoury does not count it: the database refuses it too.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, not_a_keeper, table, text, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn audits() -> TableCreateStatement {
    table("armoury_audits")
        .col(id())
        .col(text("number"))
        .col(uuid("armoury_id"))
        .col(uuid("unit_id"))
        .col(uuid_null("in_charge_id"))
        .col(uuid("counter_id"))
        .col(text("state"))
        .col(int("confidence"))
        .col(int("margin"))
        .col(text("hash"))
        .col(text("commitment"))
        .col(text("seed"))
        .col(int("opened_at"))
        .col(int_null("drawn_at"))
        .col(text("population"))
        .col(text("places"))
        .col(int("lines"))
        .col(int("differences"))
        .col(text("note"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_audits", "armoury_id", "armouries"))
        .foreign_key(&mut fk("armoury_audits", "unit_id", "units"))
        .foreign_key(&mut fk("armoury_audits", "in_charge_id", "people"))
        .foreign_key(&mut fk("armoury_audits", "counter_id", "people"))
        .check(check("ck_armoury_audits_state", "state IN ('committed','drawn','closed','cancelled')"))
        .check(check("ck_armoury_audits_confidence", "confidence IN (80,90,95,98,99)"))
        .check(check("ck_armoury_audits_margin", "margin BETWEEN 1 AND 30"))
        .check(check("ck_armoury_audits_commitment", "length(commitment) = 64"))
        .check(check("ck_armoury_audits_seed", "(seed = '') = (drawn_at IS NULL) AND (seed = '' OR length(seed) = 64)"))
        .check(check(
            "ck_armoury_audits_drawn_at",
            "(state <> 'committed' OR drawn_at IS NULL) AND (state NOT IN ('drawn','closed') OR drawn_at IS NOT NULL)",
        ))
        .check(check("ck_armoury_audits_ended_at", "(state IN ('closed','cancelled')) = (ended_at IS NOT NULL)"))
        .check(check("ck_armoury_audits_note", "state <> 'cancelled' OR note <> ''"))
        .check(check("ck_armoury_audits_differences", "differences >= 0 AND lines >= 0"))
        .check(check("ck_armoury_audits_in_charge_id", "in_charge_id IS NULL OR in_charge_id <> counter_id"))
        .to_owned()
}

fn seeds() -> TableCreateStatement {
    table("armoury_audit_seeds")
        .col(id())
        .col(text("seed"))
        .foreign_key(&mut fk("armoury_audit_seeds", "id", "armoury_audits"))
        .check(check("ck_armoury_audit_seeds_seed", "length(seed) = 64"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("armoury_audit_lines")
        .col(id())
        .col(uuid("audit_id"))
        .col(int("line"))
        .col(text("kind"))
        .col(uuid_null("item_id"))
        .col(uuid_null("stock_id"))
        .col(uuid_null("cabinet_id"))
        .col(int_null("slot"))
        .col(text("name"))
        .col(text("outcome"))
        .col(text("book"))
        .col(text("seen"))
        .col(flag("differs"))
        .col(text("answered_by"))
        .col(int_null("answered_at"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_audit_lines", "audit_id", "armoury_audits"))
        .foreign_key(&mut fk("armoury_audit_lines", "item_id", "items"))
        .foreign_key(&mut fk("armoury_audit_lines", "stock_id", "ammunition_stock"))
        .foreign_key(&mut fk("armoury_audit_lines", "cabinet_id", "gun_cabinets"))
        .check(check(
            "ck_armoury_audit_lines_kind",
            "(kind = 'gun' AND item_id IS NOT NULL) OR (kind = 'lot' AND stock_id IS NOT NULL) OR \
             (kind = 'place' AND cabinet_id IS NOT NULL AND slot IS NOT NULL) OR kind = 'extra'",
        ))
        .check(check(
            "ck_armoury_audit_lines_outcome",
            "outcome IN ('open','agrees','excused','not_found','wrong_slot','rounds_differ','extra')",
        ))
        .check(check("ck_armoury_audit_lines_answered_at", "(outcome = 'open') = (answered_at IS NULL)"))
        .check(check("ck_armoury_audit_lines_differs", "differs = (outcome NOT IN ('open','agrees','excused'))"))
        .to_owned()
}

const TABLES: [&str; 3] = ["armoury_audits", "armoury_audit_seeds", "armoury_audit_lines"];

/// What was made known of a seed stands.
async fn keep_the_word(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let rule = "ck_armoury_audits_commitment";
    let changed = "OLD.commitment <> NEW.commitment OR (OLD.seed <> '' AND OLD.seed <> NEW.seed)";
    if manager.get_database_backend() == DbBackend::Sqlite {
        let sql = format!(
            "CREATE TRIGGER word_armoury_audits BEFORE UPDATE ON armoury_audits WHEN {changed} \
             BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: {rule}'); END"
        );
        return db.execute_unprepared(&sql).await.map(|_| ());
    }
    let function = format!(
        "CREATE OR REPLACE FUNCTION word_armoury_audits() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN \
         IF {changed} THEN RAISE EXCEPTION 'word_armoury_audits' \
         USING ERRCODE = 'check_violation', CONSTRAINT = '{rule}', TABLE = 'armoury_audits'; END IF; RETURN NEW; END $$"
    );
    db.execute_unprepared(&function).await?;
    let sql = "CREATE TRIGGER word_armoury_audits BEFORE UPDATE ON armoury_audits \
               FOR EACH ROW EXECUTE FUNCTION word_armoury_audits()";
    db.execute_unprepared(sql).await.map(|_| ())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_armoury_audits_number", "armoury_audits", &["number"]),
            index("ix_armoury_audits_armoury_id", "armoury_audits", &["armoury_id", "id"]),
            unique("uq_armoury_audit_lines_line", "armoury_audit_lines", &["audit_id", "line"]),
        ];
        create(manager, vec![audits(), seeds(), lines()], indexes).await?;
        let once = "CREATE UNIQUE INDEX uq_armoury_audits_armoury_id ON armoury_audits (armoury_id) \
                    WHERE state IN ('committed','drawn')";
        manager.get_connection().execute_unprepared(once).await?;
        append_only(manager, "armoury_audit_seeds").await?;
        keep_the_word(manager).await?;
        not_a_keeper(manager, "armoury_audits", "counter_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
