//! Findings: what must be explained, every step of it, and the evidence.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};

use crate::helpers::{
    append_only, check, create, drop, fk, id, index, int, int_null, table, text, text_null, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn findings() -> TableCreateStatement {
    table("findings")
        .col(id())
        .col(text("origin_room"))
        .col(text("origin_id"))
        .col(text("origin_link"))
        .col(text("kind"))
        .col(uuid_null("unit_id"))
        .col(uuid_null("item_id"))
        .col(text("title"))
        .col(text("description"))
        .col(text("state"))
        .col(int("opened_at"))
        .col(int("deadline_at"))
        .col(uuid_null("owner_id"))
        .col(uuid_null("explained_by"))
        .col(uuid_null("verified_by"))
        .col(int_null("closed_at"))
        .col(int_null("overdue_at"))
        .col(int("version"))
        .foreign_key(&mut fk("findings", "unit_id", "units"))
        .foreign_key(&mut fk("findings", "item_id", "items"))
        .foreign_key(&mut fk("findings", "owner_id", "people"))
        .foreign_key(&mut fk("findings", "explained_by", "people"))
        .foreign_key(&mut fk("findings", "verified_by", "people"))
        .check(check("ck_findings_state", "state IN ('open','assigned','explained','verified','closed')"))
        .check(check("ck_findings_kind", "length(kind) BETWEEN 1 AND 60"))
        .check(check("ck_findings_title", "length(title) BETWEEN 1 AND 200"))
        .check(check("ck_findings_closed_at", "(state = 'closed') = (closed_at IS NOT NULL)"))
        .check(check("ck_findings_owner_id", "state <> 'assigned' OR owner_id IS NOT NULL"))
        .check(check("ck_findings_verified_by", "state NOT IN ('verified','closed') OR verified_by IS NOT NULL"))
        .check(check(
            "ck_findings_own_word",
            "verified_by IS NULL OR explained_by IS NULL OR verified_by <> explained_by",
        ))
        .to_owned()
}

fn finding_events() -> TableCreateStatement {
    table("finding_events")
        .col(id())
        .col(uuid("finding_id"))
        .col(int("seq"))
        .col(int("at"))
        .col(text("actor"))
        .col(text("kind"))
        .col(text("note"))
        .col(uuid_null("owner_id"))
        .col(int_null("deadline_at"))
        .foreign_key(&mut fk("finding_events", "finding_id", "findings"))
        .foreign_key(&mut fk("finding_events", "owner_id", "people"))
        .check(check(
            "ck_finding_events_kind",
            "kind IN ('opened','assigned','explained','evidence','sent_back','verified','closed','reopened','overdue',\
             'noted')",
        ))
        .to_owned()
}

fn finding_evidence() -> TableCreateStatement {
    table("finding_evidence")
        .col(id())
        .col(uuid("finding_id"))
        .col(text("kind"))
        .col(text("note"))
        .col(text_null("reference"))
        .col(text("actor"))
        .col(int("at"))
        .foreign_key(&mut fk("finding_evidence", "finding_id", "findings"))
        .check(check("ck_finding_evidence_kind", "length(kind) BETWEEN 1 AND 60"))
        .check(check("ck_finding_evidence_note", "length(note) >= 1"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            vec![findings(), finding_events(), finding_evidence()],
            vec![
                unique("uq_findings_origin", "findings", &["origin_room", "origin_id", "kind"]),
                index("ix_findings_unit_id", "findings", &["unit_id", "state"]),
                index("ix_findings_owner_id", "findings", &["owner_id", "state"]),
                index("ix_findings_deadline_at", "findings", &["state", "deadline_at"]),
                index("ix_findings_item_id", "findings", &["item_id"]),
                unique("uq_finding_events_seq", "finding_events", &["finding_id", "seq"]),
                index("ix_finding_evidence_finding_id", "finding_evidence", &["finding_id"]),
            ],
        )
        .await?;
        append_only(manager, "finding_events").await?;
        append_only(manager, "finding_evidence").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["findings", "finding_events", "finding_evidence"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
