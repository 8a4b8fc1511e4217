//! Digital certificates kept centrally: who has which, what was checked each day, what holders were asked.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, TableCreateStatement,
};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, date, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn certificates() -> TableCreateStatement {
    table("digital_certificates")
        .col(id())
        .col(text("number"))
        .col(text("number_key"))
        .col(uuid("holder_id"))
        .col(uuid("unit_id"))
        .col(text("kept_at"))
        .col(date("valid_until"))
        .col(text("state"))
        .col(text("state_note"))
        .col(text("entered_by"))
        .col(int("entered_at"))
        .col(int("version"))
        .foreign_key(&mut fk("digital_certificates", "holder_id", "people"))
        .foreign_key(&mut fk("digital_certificates", "unit_id", "units"))
        .check(check("ck_digital_certificates_number", "length(number_key) BETWEEN 4 AND 40"))
        .check(check("ck_digital_certificates_kept_at", "length(kept_at) BETWEEN 1 AND 100"))
        .check(check("ck_digital_certificates_state", "state IN ('kept','out','lost','closed')"))
        .to_owned()
}

fn loans() -> TableCreateStatement {
    table("certificate_loans")
        .col(id())
        .col(text("number"))
        .col(uuid("certificate_id"))
        .col(uuid("unit_id"))
        .col(uuid("taker_id"))
        .col(uuid("account_id"))
        .col(uuid_null("keeper_id"))
        .col(text("task"))
        .col(text("handed_by"))
        .col(int("out_at"))
        .col(int("due_at"))
        .col(int_null("ended_at"))
        .col(text_null("ended_as"))
        .col(text("ended_by"))
        .col(text("note"))
        .col(int("version"))
        .foreign_key(&mut fk("certificate_loans", "certificate_id", "digital_certificates"))
        .foreign_key(&mut fk("certificate_loans", "unit_id", "units"))
        .foreign_key(&mut fk("certificate_loans", "taker_id", "people"))
        .foreign_key(&mut fk("certificate_loans", "keeper_id", "people"))
        .foreign_key(&mut fk("certificate_loans", "account_id", "accounts"))
        .check(check("ck_certificate_loans_task", "length(task) BETWEEN 1 AND 500"))
        .check(check("ck_certificate_loans_keeper_id", "keeper_id IS NULL OR keeper_id <> taker_id"))
        .check(check("ck_certificate_loans_due_at", "due_at > out_at AND due_at - out_at <= 86400000"))
        .check(check(
            "ck_certificate_loans_ended_at",
            "(ended_at IS NULL) = (ended_as IS NULL) AND (ended_at IS NULL OR ended_at >= out_at)",
        ))
        .check(check("ck_certificate_loans_ended_as", "ended_as IS NULL OR ended_as IN ('returned','lost')"))
        .to_owned()
}

fn checks() -> TableCreateStatement {
    table("certificate_checks")
        .col(id())
        .col(uuid("unit_id"))
        .col(date("checked_on"))
        .col(int("nth"))
        .col(text("checked_by"))
        .col(int("checked_at"))
        .col(int("kept"))
        .col(int("out"))
        .col(int("amiss"))
        .col(text("note"))
        .foreign_key(&mut fk("certificate_checks", "unit_id", "units"))
        .check(check("ck_certificate_checks_nth", "nth >= 1"))
        .check(check("ck_certificate_checks_amiss", "kept >= 0 AND out >= 0 AND amiss >= 0"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("certificate_check_lines")
        .col(id())
        .col(uuid("check_id"))
        .col(uuid("certificate_id"))
        .col(text("verdict"))
        .col(uuid_null("with_id"))
        .foreign_key(&mut fk("certificate_check_lines", "check_id", "certificate_checks"))
        .foreign_key(&mut fk("certificate_check_lines", "certificate_id", "digital_certificates"))
        .foreign_key(&mut fk("certificate_check_lines", "with_id", "people"))
        .check(check("ck_certificate_check_lines_verdict", "verdict IN ('kept','out','missing','unbooked')"))
        .to_owned()
}

fn quizzes() -> TableCreateStatement {
    table("certificate_quizzes")
        .col(id())
        .col(uuid("unit_id"))
        .col(uuid("person_id"))
        .col(text("question"))
        .col(text("answer"))
        .col(flag("correct"))
        .col(text("asked_by"))
        .col(int("asked_at"))
        .foreign_key(&mut fk("certificate_quizzes", "unit_id", "units"))
        .foreign_key(&mut fk("certificate_quizzes", "person_id", "people"))
        .check(check("ck_certificate_quizzes_question", "length(question) BETWEEN 1 AND 500"))
        .check(check("ck_certificate_quizzes_answer", "length(answer) BETWEEN 1 AND 500"))
        .to_owned()
}

/// The last number given, by kind and year.
fn counters() -> TableCreateStatement {
    table("certificate_counters")
        .col(text("counted"))
        .col(int("last"))
        .primary_key(Index::create().name("pk_certificate_counters").col("counted"))
        .check(check("ck_certificate_counters_last", "last >= 0"))
        .to_owned()
}

const TABLES: [&str; 6] = [
    "digital_certificates",
    "certificate_loans",
    "certificate_checks",
    "certificate_check_lines",
    "certificate_quizzes",
    "certificate_counters",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![certificates(), loans(), checks(), lines(), quizzes(), counters()];
        let indexes = vec![
            unique("uq_digital_certificates_number", "digital_certificates", &["number_key"]),
            index("ix_digital_certificates_unit_id", "digital_certificates", &["unit_id", "number_key"]),
            unique("uq_certificate_loans_number", "certificate_loans", &["number"]),
            index("ix_certificate_loans_certificate", "certificate_loans", &["certificate_id", "id"]),
            index("ix_certificate_loans_unit_id", "certificate_loans", &["unit_id", "out_at"]),
            unique("uq_certificate_checks_nth", "certificate_checks", &["unit_id", "checked_on", "nth"]),
            unique(
                "uq_certificate_check_lines_certificate_id",
                "certificate_check_lines",
                &["check_id", "certificate_id"],
            ),
            index("ix_certificate_quizzes_unit_id", "certificate_quizzes", &["unit_id", "id"]),
        ];
        create(manager, tables, indexes).await?;
        let one = "CREATE UNIQUE INDEX uq_certificate_loans_certificate_id ON certificate_loans (certificate_id) WHERE ended_at IS NULL";
        manager.get_connection().execute_unprepared(one).await?;
        append_only(manager, "certificate_checks").await?;
        append_only(manager, "certificate_check_lines").await?;
        append_only(manager, "certificate_quizzes").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
