//! Layered review and reporting: submissions with the lines, messages and steps they are made of; the three-way check of
//! book, count and finance ledger; the filling standard as dated rules.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, date_null, drop, fk, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn date(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().to_owned()
}

fn submissions() -> TableCreateStatement {
    table("asset_submissions")
        .col(id())
        .col(text("number"))
        .col(text("kind"))
        .col(text("title"))
        .col(uuid_null("unit_id"))
        .col(date("as_of"))
        .col(uuid_null("campaign_id"))
        .col(text("state"))
        .col(text_null("open_of"))
        .col(int("edition"))
        .col(int("line_count"))
        .col(int("error_count"))
        .col(int("warning_count"))
        .col(int("value_fen"))
        .col(text("figures"))
        .col(text("lines_hash"))
        .col(text("begun_by"))
        .col(int("begun_at"))
        .col(int("computed_at"))
        .col(uuid_null("prepared_by"))
        .col(int_null("prepared_at"))
        .col(uuid_null("reviewed_by"))
        .col(int_null("reviewed_at"))
        .col(uuid_null("approved_by"))
        .col(int_null("approved_at"))
        .col(uuid_null("submitted_by"))
        .col(int_null("submitted_at"))
        .col(text("sent_to"))
        .col(text("receipt"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_submissions", "unit_id", "units"))
        .foreign_key(&mut fk("asset_submissions", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("asset_submissions", "prepared_by", "people"))
        .foreign_key(&mut fk("asset_submissions", "reviewed_by", "people"))
        .foreign_key(&mut fk("asset_submissions", "approved_by", "people"))
        .foreign_key(&mut fk("asset_submissions", "submitted_by", "people"))
        .check(check("ck_asset_submissions_kind", "kind IN ('annual','stocktake')"))
        .check(check(
            "ck_asset_submissions_state",
            "state IN ('draft','prepared','reviewed','approved','submitted','void')",
        ))
        .check(check("ck_asset_submissions_campaign_id", "(kind = 'stocktake') = (campaign_id IS NOT NULL)"))
        .check(check(
            "ck_asset_submissions_prepared_by",
            "state NOT IN ('prepared','reviewed','approved','submitted') OR prepared_by IS NOT NULL",
        ))
        .check(check(
            "ck_asset_submissions_reviewed_by",
            "state NOT IN ('reviewed','approved','submitted') OR reviewed_by IS NOT NULL",
        ))
        .check(check(
            "ck_asset_submissions_approved_by",
            "state NOT IN ('approved','submitted') OR approved_by IS NOT NULL",
        ))
        .check(check("ck_asset_submissions_reviewer", "reviewed_by IS NULL OR reviewed_by <> prepared_by"))
        .check(check(
            "ck_asset_submissions_approver",
            "approved_by IS NULL OR (approved_by <> prepared_by AND approved_by <> reviewed_by)",
        ))
        .check(check("ck_asset_submissions_submitted_at", "(state = 'submitted') = (submitted_at IS NOT NULL)"))
        .check(check("ck_asset_submissions_submitted_by", "(submitted_at IS NULL) = (submitted_by IS NULL)"))
        .check(check(
            "ck_asset_submissions_error_count",
            "error_count >= 0 AND (error_count = 0 OR state IN ('draft','void'))",
        ))
        .check(check("ck_asset_submissions_open_of", "(state IN ('submitted','void')) = (open_of IS NULL)"))
        .check(check("ck_asset_submissions_edition", "edition >= 1"))
        .check(check("ck_asset_submissions_line_count", "line_count >= 0"))
        .to_owned()
}

fn submission_lines() -> TableCreateStatement {
    table("asset_submission_lines")
        .col(uuid("submission_id"))
        .col(int("edition"))
        .col(int("line"))
        .col(uuid_null("item_id"))
        .col(text("item_number"))
        .col(text("name"))
        .col(text("specification"))
        .col(text("serial_number"))
        .col(text("class_code"))
        .col(uuid_null("unit_id"))
        .col(text("unit_name"))
        .col(text("place"))
        .col(text("keeper"))
        .col(int("quantity"))
        .col(text("state"))
        .col(int("value_fen"))
        .col(int_null("accumulated_fen"))
        .col(int_null("net_fen"))
        .col(date_null("acquired_on"))
        .col(date_null("booked_on"))
        .col(text("verdict"))
        .col(int_null("counted_quantity"))
        .primary_key(Index::create().name("pk_asset_submission_lines").col("submission_id").col("edition").col("line"))
        .foreign_key(&mut fk("asset_submission_lines", "submission_id", "asset_submissions"))
        .foreign_key(&mut fk("asset_submission_lines", "item_id", "items"))
        .check(check("ck_asset_submission_lines_line", "line >= 1 AND edition >= 1"))
        .to_owned()
}

fn submission_messages() -> TableCreateStatement {
    table("asset_submission_messages")
        .col(uuid("submission_id"))
        .col(int("edition"))
        .col(int("message"))
        .col(int("line"))
        .col(text("item_number"))
        .col(text("field"))
        .col(text("rule"))
        .col(text("severity"))
        .col(text("words"))
        .col(uuid_null("acknowledged_by"))
        .col(int_null("acknowledged_at"))
        .col(text("acknowledged_reason"))
        .col(int("version"))
        .primary_key(
            Index::create().name("pk_asset_submission_messages").col("submission_id").col("edition").col("message"),
        )
        .foreign_key(&mut fk("asset_submission_messages", "submission_id", "asset_submissions"))
        .foreign_key(&mut fk("asset_submission_messages", "acknowledged_by", "people"))
        .check(check("ck_asset_submission_messages_severity", "severity IN ('error','warning')"))
        .check(check(
            "ck_asset_submission_messages_acknowledged_by",
            "acknowledged_by IS NULL OR (severity = 'warning' AND acknowledged_reason <> '')",
        ))
        .check(check(
            "ck_asset_submission_messages_acknowledged_at",
            "(acknowledged_by IS NULL) = (acknowledged_at IS NULL)",
        ))
        .to_owned()
}

fn submission_steps() -> TableCreateStatement {
    table("asset_submission_steps")
        .col(uuid("submission_id"))
        .col(int("step"))
        .col(text("deed"))
        .col(text("state"))
        .col(int("edition"))
        .col(text("actor"))
        .col(uuid_null("person_id"))
        .col(int("at"))
        .col(text("note"))
        .primary_key(Index::create().name("pk_asset_submission_steps").col("submission_id").col("step"))
        .foreign_key(&mut fk("asset_submission_steps", "submission_id", "asset_submissions"))
        .foreign_key(&mut fk("asset_submission_steps", "person_id", "people"))
        .check(check("ck_asset_submission_steps_note", "deed NOT IN ('send_back','void') OR note <> ''"))
        .to_owned()
}

fn finance_batches() -> TableCreateStatement {
    table("asset_finance_batches")
        .col(id())
        .col(text("number"))
        .col(date("as_of"))
        .col(text("file_name"))
        .col(text("file_sha256"))
        .col(text_null("standing_sha256"))
        .col(int("row_count"))
        .col(int("reject_count"))
        .col(int("value_fen"))
        .col(text("imported_by"))
        .col(int("imported_at"))
        .col(text_null("undone_by"))
        .col(int_null("undone_at"))
        .col(text("undone_reason"))
        .col(int("version"))
        .check(check("ck_asset_finance_batches_row_count", "row_count >= 1 AND reject_count >= 0"))
        .check(check("ck_asset_finance_batches_undone_by", "(undone_at IS NULL) = (undone_by IS NULL)"))
        .check(check("ck_asset_finance_batches_undone_reason", "undone_at IS NULL OR undone_reason <> ''"))
        .check(check("ck_asset_finance_batches_standing", "(undone_at IS NULL) = (standing_sha256 IS NOT NULL)"))
        .to_owned()
}

fn finance_lines() -> TableCreateStatement {
    table("asset_finance_lines")
        .col(uuid("batch_id"))
        .col(int("line"))
        .col(text("place_in_file"))
        .col(text("item_number"))
        .col(text("number_key"))
        .col(text("name"))
        .col(text("unit_name"))
        .col(text("account"))
        .col(int("value_fen"))
        .col(int_null("accumulated_fen"))
        .col(int_null("net_fen"))
        .col(date_null("booked_on"))
        .primary_key(Index::create().name("pk_asset_finance_lines").col("batch_id").col("line"))
        .foreign_key(&mut fk("asset_finance_lines", "batch_id", "asset_finance_batches"))
        .check(check("ck_asset_finance_lines_value_fen", "value_fen >= 0"))
        .check(check("ck_asset_finance_lines_number_key", "number_key <> ''"))
        .to_owned()
}

fn checks() -> TableCreateStatement {
    table("asset_three_way_checks")
        .col(id())
        .col(text("number"))
        .col(date("as_of"))
        .col(uuid("batch_id"))
        .col(uuid_null("campaign_id"))
        .col(text("state"))
        .col(int("line_count"))
        .col(int("difference_count"))
        .col(int("open_count"))
        .col(text("made_by"))
        .col(int("made_at"))
        .col(text_null("finished_by"))
        .col(int_null("finished_at"))
        .col(text("finished_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_three_way_checks", "batch_id", "asset_finance_batches"))
        .foreign_key(&mut fk("asset_three_way_checks", "campaign_id", "campaigns"))
        .check(check("ck_asset_three_way_checks_state", "state IN ('open','closed','void')"))
        .check(check("ck_asset_three_way_checks_open_count", "open_count >= 0 AND open_count <= difference_count"))
        .check(check("ck_asset_three_way_checks_closed", "state <> 'closed' OR open_count = 0"))
        .check(check("ck_asset_three_way_checks_finished_at", "(state = 'open') = (finished_at IS NULL)"))
        .check(check("ck_asset_three_way_checks_finished_by", "(finished_at IS NULL) = (finished_by IS NULL)"))
        .to_owned()
}

fn check_lines() -> TableCreateStatement {
    table("asset_three_way_lines")
        .col(uuid("check_id"))
        .col(int("line"))
        .col(uuid_null("item_id"))
        .col(text("item_number"))
        .col(text("name"))
        .col(uuid_null("unit_id"))
        .col(text("account"))
        .col(text("verdict"))
        .col(text("also"))
        .col(text("count_verdict"))
        .col(int_null("book_fen"))
        .col(int_null("finance_fen"))
        .col(int_null("book_accumulated_fen"))
        .col(int_null("finance_accumulated_fen"))
        .col(int("finance_rows"))
        .col(text_null("category"))
        .col(text("explanation"))
        .col(uuid_null("explained_by"))
        .col(int_null("explained_at"))
        .col(int("version"))
        .primary_key(Index::create().name("pk_asset_three_way_lines").col("check_id").col("line"))
        .foreign_key(&mut fk("asset_three_way_lines", "check_id", "asset_three_way_checks"))
        .foreign_key(&mut fk("asset_three_way_lines", "item_id", "items"))
        .foreign_key(&mut fk("asset_three_way_lines", "unit_id", "units"))
        .foreign_key(&mut fk("asset_three_way_lines", "explained_by", "people"))
        .check(check(
            "ck_asset_three_way_lines_explanation",
            "explained_by IS NULL OR (category IS NOT NULL AND explanation <> '' AND verdict <> 'agreed')",
        ))
        .check(check("ck_asset_three_way_lines_explained_at", "(explained_by IS NULL) = (explained_at IS NULL)"))
        .to_owned()
}

/// The filling standard (填报标准): of each rule whether it stops a submission (`error`), asks for a reason (`warning`) or
/// is not looked at (`off`); and the figures the rules go by. The security administrator sets them anew, dated.
const RULES: &[(&str, &str, &str)] = &[
    (
        "filling.class_missing",
        "error",
        "行政事业性国有资产管理条例 第30条；固定资产等资产基础分类与代码 GB/T 14885-2022",
    ),
    ("filling.class_old", "error", "GB/T 14885-2022 代替 GB/T 14885-2010，2022-12-30 起实施"),
    ("filling.class_form", "error", "GB/T 14885-2022：A 加 2 至 8 位数字"),
    ("filling.value_missing", "error", "行政事业性国有资产管理条例 第30条：资产登记应有价值"),
    ("filling.quantity", "error", "资产卡片填报：数量应为正整数"),
    ("filling.quantity_price", "warning", "资产卡片填报：价值应为数量与单价之积"),
    ("filling.unit_closed", "error", "资产卡片填报：使用部门应为现有单位"),
    ("filling.nowhere", "error", "行政事业性国有资产管理条例 第15条；资产卡片填报：使用人、存放地点不得都为空"),
    ("filling.keeper_missing", "warning", "固定资产管理规定：在用资产精确定位到使用人"),
    ("filling.place_missing", "warning", "资产卡片填报：存放地点必填"),
    ("filling.specification_missing", "warning", "资产卡片填报：规格型号必填"),
    ("filling.acquired_missing", "error", "资产卡片填报：取得日期必填"),
    ("filling.acquired_late", "error", "资产卡片填报：取得日期不得晚于填报基准日"),
    ("filling.acquired_after_booked", "error", "资产卡片填报：取得日期不得晚于财务入账日期"),
    ("filling.serial_twice", "warning", "资产卡片填报：机身序列号不得重复"),
    ("filling.below_threshold", "warning", "行政单位财务规则 第30条：固定资产单位价值标准；批量同类物资除外"),
    ("filling.away_unexplained", "warning", "固定资产管理规定：借出、送修应有单据"),
    ("filling.missing_open", "warning", "行政事业性国有资产管理条例 第38、39条：盘亏未经批准仍在账"),
    ("filling.uncounted", "error", "行政单位财务规则 第35条：年终全面盘点"),
    ("filling.capital_min_fen", "100000", "行政单位财务规则 第30条：单位价值 1,000 元以上"),
    ("filling.capital_min_special_fen", "150000", "行政单位财务规则 第30条：专用设备单位价值 1,500 元以上"),
    ("filling.special_equipment", "A0213-A0299", "GB/T 14885-2022：专用设备各中类"),
];

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    let columns = ["name", "version", "value", "effective_from", "source", "set_by", "set_at"];
    insert.into_table("dated_rules").columns(columns);
    for (name, value, source) in RULES {
        insert.values_panic([
            (*name).into(),
            1i64.into(),
            (*value).into(),
            0i64.into(),
            (*source).into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await
}

const TABLES: [&str; 8] = [
    "asset_submissions",
    "asset_submission_lines",
    "asset_submission_messages",
    "asset_submission_steps",
    "asset_finance_batches",
    "asset_finance_lines",
    "asset_three_way_checks",
    "asset_three_way_lines",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![
            submissions(),
            submission_lines(),
            submission_messages(),
            submission_steps(),
            finance_batches(),
            finance_lines(),
            checks(),
            check_lines(),
        ];
        let indexes = vec![
            unique("uq_asset_submissions_number", "asset_submissions", &["number"]),
            unique("uq_asset_submissions_open_of", "asset_submissions", &["open_of"]),
            index("ix_asset_submissions_unit_id", "asset_submissions", &["unit_id", "id"]),
            index("ix_asset_submissions_state", "asset_submissions", &["state", "id"]),
            index("ix_asset_submission_lines_item_id", "asset_submission_lines", &["item_id"]),
            unique("uq_asset_finance_batches_number", "asset_finance_batches", &["number"]),
            unique("uq_asset_finance_batches_standing_sha256", "asset_finance_batches", &["standing_sha256"]),
            unique("uq_asset_three_way_checks_number", "asset_three_way_checks", &["number"]),
            index("ix_asset_three_way_checks_batch_id", "asset_three_way_checks", &["batch_id"]),
            index("ix_asset_three_way_lines_unit_id", "asset_three_way_lines", &["check_id", "unit_id", "line"]),
        ];
        create(manager, tables, indexes).await?;
        for frozen in ["asset_submission_lines", "asset_submission_steps", "asset_finance_lines"] {
            append_only(manager, frozen).await?;
        }
        seed(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
