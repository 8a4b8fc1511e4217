//! Inspections of armouries with their checklist and photos. Whoever keeps an armoury inspects none of its papers: the
//! database refuses it too.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, SchemaManager, TableCreateStatement};
use sea_orm_migration::sea_orm::ConnectionTrait as _;

use crate::helpers::{
    append_only, check, create, date, drop, fk, id, index, int, int_null, not_a_keeper, table, text, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn inspections() -> TableCreateStatement {
    table("armoury_inspections")
        .col(id())
        .col(text("number"))
        .col(text("kind"))
        .col(uuid("armoury_id"))
        .col(uuid("unit_id"))
        .col(date("day"))
        .col(text("occasion"))
        .col(int("checklist"))
        .col(uuid("inspector_id"))
        .col(uuid("inspecting_unit_id"))
        .col(uuid_null("in_charge_id"))
        .col(text("state"))
        .col(int("opened_at"))
        .col(text("problems"))
        .col(text("reported_to"))
        .col(int("failed"))
        .col(uuid_null("account_id"))
        .col(int_null("signed_at"))
        .col(text("cancelled_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_inspections", "armoury_id", "armouries"))
        .foreign_key(&mut fk("armoury_inspections", "unit_id", "units"))
        .foreign_key(&mut fk("armoury_inspections", "inspecting_unit_id", "units"))
        .foreign_key(&mut fk("armoury_inspections", "inspector_id", "people"))
        .foreign_key(&mut fk("armoury_inspections", "in_charge_id", "people"))
        .foreign_key(&mut fk("armoury_inspections", "account_id", "accounts"))
        .check(check("ck_armoury_inspections_kind", "kind IN ('daily','on_site','special')"))
        .check(check("ck_armoury_inspections_occasion", "kind <> 'special' OR occasion <> ''"))
        .check(check("ck_armoury_inspections_state", "state IN ('open','signed','cancelled')"))
        .check(check(
            "ck_armoury_inspections_signed_at",
            "(state = 'signed') = (signed_at IS NOT NULL) AND (signed_at IS NULL) = (account_id IS NULL)",
        ))
        .check(check("ck_armoury_inspections_cancelled_reason", "(state = 'cancelled') = (cancelled_reason <> '')"))
        .check(check("ck_armoury_inspections_failed", "failed >= 0"))
        .check(check("ck_armoury_inspections_in_charge_id", "in_charge_id IS NULL OR in_charge_id <> inspector_id"))
        .to_owned()
}

fn results() -> TableCreateStatement {
    table("armoury_inspection_results")
        .col(id())
        .col(uuid("inspection_id"))
        .col(text("code"))
        .col(text("outcome"))
        .col(text("remark"))
        .col(int("entered_at"))
        .col(int("version"))
        .foreign_key(&mut fk("armoury_inspection_results", "inspection_id", "armoury_inspections"))
        .check(check("ck_armoury_inspection_results_code", "length(code) BETWEEN 1 AND 40"))
        .check(check("ck_armoury_inspection_results_outcome", "outcome IN ('pass','fail','not_applicable')"))
        .check(check("ck_armoury_inspection_results_remark", "outcome = 'pass' OR remark <> ''"))
        .to_owned()
}

fn photos() -> TableCreateStatement {
    table("armoury_inspection_photos")
        .col(id())
        .col(uuid("inspection_id"))
        .col(text("code"))
        .col(text("name"))
        .col(text("media_type"))
        .col(int("bytes"))
        .col(text("sha256"))
        .col(text("uploaded_by"))
        .col(int("uploaded_at"))
        .foreign_key(&mut fk("armoury_inspection_photos", "inspection_id", "armoury_inspections"))
        .check(check("ck_armoury_inspection_photos_sha256", "length(sha256) = 64"))
        .check(check(
            "ck_armoury_inspection_photos_media_type",
            "media_type IN ('image/jpeg','image/png','image/webp')",
        ))
        .check(check("ck_armoury_inspection_photos_bytes", "bytes > 0"))
        .to_owned()
}

const TABLES: [&str; 3] = ["armoury_inspections", "armoury_inspection_results", "armoury_inspection_photos"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let indexes = vec![
            unique("uq_armoury_inspections_number", "armoury_inspections", &["number"]),
            index("ix_armoury_inspections_armoury_id", "armoury_inspections", &["armoury_id", "day"]),
            index("ix_armoury_inspections_day", "armoury_inspections", &["day"]),
            unique("uq_armoury_inspection_results_code", "armoury_inspection_results", &["inspection_id", "code"]),
            unique("uq_armoury_inspection_photos_sha256", "armoury_inspection_photos", &["inspection_id", "sha256"]),
        ];
        create(manager, vec![inspections(), results(), photos()], indexes).await?;
        let once = "CREATE UNIQUE INDEX uq_armoury_inspections_day ON armoury_inspections (armoury_id, day) \
                    WHERE kind = 'daily' AND state <> 'cancelled'";
        manager.get_connection().execute_unprepared(once).await?;
        append_only(manager, "armoury_inspection_photos").await?;
        not_a_keeper(manager, "armoury_inspections", "inspector_id").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
