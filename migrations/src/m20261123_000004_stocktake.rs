//! Stocktake: campaigns, sheets, what was expected, scans, recounts, the lines frozen at closing, missing cases.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn campaigns() -> TableCreateStatement {
    table("campaigns")
        .col(id())
        .col(text("number"))
        .col(text("name"))
        .col(text("state"))
        .col(int("baseline_at"))
        .col(int("window_from"))
        .col(int("window_to"))
        .col(flag("blind"))
        .col(text("scope"))
        .col(int("opened_at"))
        .col(int_null("closed_at"))
        .col(int("version"))
        .check(check("ck_campaigns_state", "state IN ('planned','counting','reviewing','closed','cancelled')"))
        .check(check("ck_campaigns_window", "window_from <= window_to"))
        .check(check("ck_campaigns_number", "length(number) BETWEEN 1 AND 40"))
        .check(check("ck_campaigns_closed_at", "(state = 'closed') = (closed_at IS NOT NULL)"))
        .to_owned()
}

fn sheets() -> TableCreateStatement {
    table("sheets")
        .col(id())
        .col(uuid("campaign_id"))
        .col(uuid("unit_id"))
        .col(text("state"))
        .col(int_null("submitted_at"))
        .col(uuid_null("submitted_by"))
        .col(int_null("confirmed_at"))
        .col(uuid_null("confirmed_by"))
        .col(int("version"))
        .foreign_key(&mut fk("sheets", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("sheets", "unit_id", "units"))
        .foreign_key(&mut fk("sheets", "submitted_by", "people"))
        .foreign_key(&mut fk("sheets", "confirmed_by", "people"))
        .check(check("ck_sheets_state", "state IN ('open','submitted','confirmed')"))
        .check(check("ck_sheets_submitted_at", "(state = 'open') = (submitted_at IS NULL)"))
        .check(check("ck_sheets_confirmed_at", "(state = 'confirmed') = (confirmed_at IS NOT NULL)"))
        .to_owned()
}

fn expected_items() -> TableCreateStatement {
    table("expected_items")
        .col(uuid("campaign_id"))
        .col(uuid("item_id"))
        .col(uuid("sheet_id"))
        .col(uuid_null("place_id"))
        .col(uuid_null("keeper_id"))
        .col(int("quantity"))
        .col(text("state"))
        .col(text_null("excused_by"))
        .primary_key(Index::create().name("pk_expected_items").col("campaign_id").col("item_id"))
        .foreign_key(&mut fk("expected_items", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("expected_items", "item_id", "items"))
        .foreign_key(&mut fk("expected_items", "sheet_id", "sheets"))
        .to_owned()
}

fn scans() -> TableCreateStatement {
    table("scans")
        .col(id())
        .col(uuid("campaign_id"))
        .col(uuid_null("sheet_id"))
        .col(int("seq"))
        .col(text("code_read"))
        .col(uuid_null("item_id"))
        .col(text("identified_by"))
        .col(uuid_null("place_id"))
        .col(uuid_null("keeper_id"))
        .col(int("quantity"))
        .col(text("condition"))
        .col(flag("no_label"))
        .col(text("name"))
        .col(text("serial_number"))
        .col(text("note"))
        .col(text("counter"))
        .col(text("device"))
        .col(int("device_at"))
        .col(int("server_at"))
        .col(uuid_null("negates"))
        .col(uuid_null("batch_id"))
        .foreign_key(&mut fk("scans", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("scans", "sheet_id", "sheets"))
        .foreign_key(&mut fk("scans", "item_id", "items"))
        .foreign_key(&mut fk("scans", "place_id", "places"))
        .foreign_key(&mut fk("scans", "keeper_id", "people"))
        .foreign_key(&mut fk("scans", "negates", "scans"))
        .foreign_key(&mut fk("scans", "batch_id", "import_batches"))
        .check(check("ck_scans_condition", "condition IN ('good','damaged')"))
        .check(check(
            "ck_scans_identified_by",
            "identified_by IN ('current_label','superseded_label','item_number','unknown')",
        ))
        .check(check("ck_scans_item_id", "(identified_by = 'unknown') = (item_id IS NULL)"))
        .check(check("ck_scans_quantity", "quantity BETWEEN 0 AND 1000000000"))
        .to_owned()
}

fn recounts() -> TableCreateStatement {
    table("recounts")
        .col(id())
        .col(uuid("campaign_id"))
        .col(uuid("item_id"))
        .col(int("after_seq"))
        .col(text("reason"))
        .col(uuid_null("assignee_id"))
        .col(int("opened_at"))
        .foreign_key(&mut fk("recounts", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("recounts", "item_id", "items"))
        .foreign_key(&mut fk("recounts", "assignee_id", "people"))
        .to_owned()
}

fn verdict_lines() -> TableCreateStatement {
    table("verdict_lines")
        .col(uuid("campaign_id"))
        .col(int("line"))
        .col(uuid_null("item_id"))
        .col(uuid_null("scan_id"))
        .col(uuid_null("unit_id"))
        .col(flag("expected"))
        .col(text("verdict"))
        .col(text("flags"))
        .col(uuid_null("book_place_id"))
        .col(uuid_null("counted_place_id"))
        .col(uuid_null("book_keeper_id"))
        .col(uuid_null("counted_keeper_id"))
        .col(int_null("book_quantity"))
        .col(int_null("counted_quantity"))
        .col(int("value_fen"))
        .col(text("lead"))
        .primary_key(Index::create().name("pk_verdict_lines").col("campaign_id").col("line"))
        .foreign_key(&mut fk("verdict_lines", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("verdict_lines", "item_id", "items"))
        .foreign_key(&mut fk("verdict_lines", "scan_id", "scans"))
        .foreign_key(&mut fk("verdict_lines", "unit_id", "units"))
        .to_owned()
}

fn missing_cases() -> TableCreateStatement {
    table("missing_cases")
        .col(id())
        .col(uuid("item_id"))
        .col(uuid_null("open_of"))
        .col(uuid_null("campaign_id"))
        .col(int("list_year"))
        .col(text("state"))
        .col(int("opened_at"))
        .col(int_null("found_at"))
        .col(uuid_null("found_in"))
        .col(int("version"))
        .foreign_key(&mut fk("missing_cases", "item_id", "items"))
        .foreign_key(&mut fk("missing_cases", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("missing_cases", "found_in", "campaigns"))
        .check(check("ck_missing_cases_state", "state IN ('searching','found','confirmed','approved','written_off')"))
        .check(check("ck_missing_cases_found_at", "(state = 'found') = (found_at IS NOT NULL)"))
        // One open case a thing: UNIQUE(open_of) with NULL once found or written off.
        .check(check("ck_missing_cases_open_of", "(state IN ('found','written_off')) = (open_of IS NULL)"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let scan_counters = table("scan_counters")
            .col(ColumnDef::new("campaign_id").uuid().not_null().primary_key().to_owned())
            .col(int("last_seq"))
            .foreign_key(&mut fk("scan_counters", "campaign_id", "campaigns"))
            .to_owned();
        create(
            manager,
            vec![
                campaigns(),
                sheets(),
                expected_items(),
                scans(),
                scan_counters,
                recounts(),
                verdict_lines(),
                missing_cases(),
            ],
            vec![
                unique("uq_campaigns_number", "campaigns", &["number"]),
                unique("uq_sheets_unit", "sheets", &["campaign_id", "unit_id"]),
                index("ix_expected_items_item_id", "expected_items", &["item_id"]),
                index("ix_expected_items_sheet_id", "expected_items", &["sheet_id"]),
                unique("uq_scans_seq", "scans", &["campaign_id", "seq"]),
                unique("uq_scans_negates", "scans", &["negates"]),
                index("ix_scans_item_id", "scans", &["item_id"]),
                index("ix_scans_batch_id", "scans", &["batch_id"]),
                index("ix_recounts_item_id", "recounts", &["campaign_id", "item_id"]),
                unique("uq_missing_cases_open_of", "missing_cases", &["open_of"]),
                index("ix_missing_cases_item_id", "missing_cases", &["item_id"]),
            ],
        )
        .await?;
        append_only(manager, "scans").await?;
        append_only(manager, "recounts").await?;
        append_only(manager, "verdict_lines").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "campaigns",
                "sheets",
                "expected_items",
                "scans",
                "scan_counters",
                "recounts",
                "verdict_lines",
                "missing_cases",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
