//! Fixed assets: movements as documents with lines, their numbers, their papers; "it is with me" of keepers; the chain
//! that a loan goes through.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, date_null, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique,
    uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The last number given, by what is numbered: a document's kind and year, the pattern of an asset number.
fn counters() -> TableCreateStatement {
    table("asset_counters")
        .col(text("counted"))
        .col(int("last"))
        .primary_key(Index::create().name("pk_asset_counters").col("counted"))
        .check(check("ck_asset_counters_last", "last >= 0"))
        .to_owned()
}

fn movements() -> TableCreateStatement {
    table("asset_movements")
        .col(id())
        .col(text("number"))
        .col(text("kind"))
        .col(text("state"))
        .col(uuid("unit_id"))
        .col(uuid_null("to_unit_id"))
        .col(uuid_null("to_place_id"))
        .col(uuid_null("to_keeper_id"))
        .col(text("counterparty"))
        .col(date_null("due_on"))
        .col(text_null("disposal"))
        .col(text("reason"))
        .col(text("early_reason"))
        .col(text("notes"))
        .col(int("line_count"))
        .col(int("value_fen"))
        .col(text("asked_by"))
        .col(uuid_null("asker_id"))
        .col(int("asked_at"))
        .col(uuid_null("approval_id"))
        .col(uuid_null("accepted_by"))
        .col(int_null("accepted_at"))
        .col(text_null("finished_by"))
        .col(uuid_null("second_id"))
        .col(int_null("finished_at"))
        .col(text("finished_reason"))
        .col(text("decision"))
        .col(text("approval_number"))
        .col(int_null("proceeds_fen"))
        .col(text("receipt"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_movements", "unit_id", "units"))
        .foreign_key(&mut fk("asset_movements", "to_unit_id", "units"))
        .foreign_key(&mut fk("asset_movements", "to_place_id", "places"))
        .foreign_key(&mut fk("asset_movements", "to_keeper_id", "people"))
        .foreign_key(&mut fk("asset_movements", "asker_id", "people"))
        .foreign_key(&mut fk("asset_movements", "approval_id", "approval_requests"))
        .foreign_key(&mut fk("asset_movements", "accepted_by", "people"))
        .foreign_key(&mut fk("asset_movements", "second_id", "people"))
        .check(check(
            "ck_asset_movements_kind",
            "kind IN ('intake','issue','return','transfer','relocate','handover','loan','loan_return','repair',\
             'repair_return','correct','idle','use','scrap','dispose')",
        ))
        .check(check(
            "ck_asset_movements_state",
            "state IN ('asked','approved','accepted','done','refused','withdrawn','declined')",
        ))
        .check(check(
            "ck_asset_movements_finished_at",
            "(state IN ('done','refused','withdrawn','declined')) = (finished_at IS NOT NULL)",
        ))
        .check(check("ck_asset_movements_finished_by", "(finished_at IS NULL) = (finished_by IS NULL)"))
        .check(check("ck_asset_movements_accepted_at", "(accepted_at IS NULL) = (accepted_by IS NULL)"))
        .check(check("ck_asset_movements_to_unit_id", "kind <> 'transfer' OR to_unit_id IS NOT NULL"))
        .check(check("ck_asset_movements_disposal", "(kind IN ('scrap','dispose')) = (disposal IS NOT NULL)"))
        .check(check(
            "ck_asset_movements_decision",
            "kind NOT IN ('scrap','dispose') OR state <> 'done' OR (decision <> '' AND approval_number <> '')",
        ))
        .check(check("ck_asset_movements_receipt", "coalesce(proceeds_fen, 0) = 0 OR receipt <> ''"))
        .check(check("ck_asset_movements_proceeds_fen", "proceeds_fen IS NULL OR proceeds_fen >= 0"))
        .check(check("ck_asset_movements_line_count", "line_count BETWEEN 1 AND 2000"))
        .check(check("ck_asset_movements_value_fen", "value_fen >= 0"))
        .to_owned()
}

fn lines() -> TableCreateStatement {
    table("asset_movement_lines")
        .col(id())
        .col(uuid("movement_id"))
        .col(int("line"))
        .col(uuid("item_id"))
        .col(uuid_null("open_of"))
        .col(int("value_fen"))
        .col(uuid("from_unit_id"))
        .col(uuid_null("from_place_id"))
        .col(uuid_null("from_keeper_id"))
        .col(int("from_quantity"))
        .col(text("from_state"))
        .col(uuid_null("to_unit_id"))
        .col(uuid_null("to_place_id"))
        .col(uuid_null("to_keeper_id"))
        .col(int_null("to_quantity"))
        .col(text_null("to_state"))
        .col(text_null("facts"))
        .col(uuid_null("answers_id"))
        .col(int_null("answered_at"))
        .col(text("count_note"))
        .foreign_key(&mut fk("asset_movement_lines", "movement_id", "asset_movements"))
        .foreign_key(&mut fk("asset_movement_lines", "item_id", "items"))
        .foreign_key(&mut fk("asset_movement_lines", "answers_id", "asset_movement_lines"))
        .check(check("ck_asset_movement_lines_line", "line BETWEEN 1 AND 2000"))
        .check(check("ck_asset_movement_lines_open_of", "open_of IS NULL OR open_of = item_id"))
        .check(check("ck_asset_movement_lines_value_fen", "value_fen >= 0"))
        .to_owned()
}

fn confirmations() -> TableCreateStatement {
    table("asset_confirmations")
        .col(id())
        .col(uuid("item_id"))
        .col(uuid("person_id"))
        .col(uuid("unit_id"))
        .col(flag("with_me"))
        .col(text("note"))
        .col(int("said_at"))
        .foreign_key(&mut fk("asset_confirmations", "item_id", "items"))
        .foreign_key(&mut fk("asset_confirmations", "person_id", "people"))
        .foreign_key(&mut fk("asset_confirmations", "unit_id", "units"))
        .to_owned()
}

fn papers() -> TableCreateStatement {
    table("asset_papers")
        .col(id())
        .col(text("room"))
        .col(uuid("subject_id"))
        .col(text("step"))
        .col(uuid("unit_id"))
        .col(text("name"))
        .col(text("media_type"))
        .col(int("bytes"))
        .col(text("sha256"))
        .col(text("uploaded_by"))
        .col(int("uploaded_at"))
        .col(int_null("withdrawn_at"))
        .col(text_null("withdrawn_by"))
        .col(text_null("withdrawn_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_papers", "unit_id", "units"))
        .check(check("ck_asset_papers_room", "length(room) BETWEEN 1 AND 40"))
        .check(check("ck_asset_papers_step", "length(step) BETWEEN 1 AND 60"))
        .check(check("ck_asset_papers_name", "length(name) BETWEEN 1 AND 200"))
        .check(check("ck_asset_papers_bytes", "bytes BETWEEN 1 AND 41943040"))
        .check(check("ck_asset_papers_sha256", "length(sha256) = 64"))
        .check(check("ck_asset_papers_withdrawn_by", "(withdrawn_at IS NULL) = (withdrawn_by IS NULL)"))
        .check(check("ck_asset_papers_withdrawn_reason", "(withdrawn_at IS NULL) = (withdrawn_reason IS NULL)"))
        .to_owned()
}

/// What an office begins with and the security administrator sets anew: how a new asset is numbered, for how many days
/// a keeper's word holds.
const RULES: &[(&str, &str, &str)] = &[
    ("assets.number_pattern", "ZC{year}{seq:6}", "固定资产管理规定：资产一物一号"),
    ("assets.confirm_days", "365", "行政单位财务规则 第35条：年终全面盘点；谁使用、谁管理、谁负责"),
];

async fn seed_rules(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
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

/// A loan to outside has a chain of its own; issue, transfer and disposal came with the first chains.
async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut head = Query::insert();
    head.into_table("approval_chains").columns(["kind", "effective_from", "name", "source"]).values_panic([
        "asset_loan".into(),
        0i64.into(),
        "资产借出".into(),
        "固定资产管理规定：不得擅自外借，借出经单位负责人批准".into(),
    ]);
    manager.execute(head).await?;
    let mut step = Query::insert();
    step.into_table("approval_steps")
        .columns(["kind", "effective_from", "from_fen", "step", "role", "level"])
        .values_panic([
            "asset_loan".into(),
            0i64.into(),
            0i64.into(),
            1i64.into(),
            "unit_head".into(),
            "own_unit".into(),
        ]);
    manager.execute(step).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![counters(), movements(), lines(), confirmations(), papers()];
        let indexes = vec![
            unique("uq_asset_movements_number", "asset_movements", &["number"]),
            index("ix_asset_movements_unit_id", "asset_movements", &["unit_id", "id"]),
            index("ix_asset_movements_to_unit_id", "asset_movements", &["to_unit_id", "id"]),
            index("ix_asset_movements_state", "asset_movements", &["state", "id"]),
            index("ix_asset_movements_asker_id", "asset_movements", &["asker_id", "state"]),
            index("ix_asset_movements_to_keeper_id", "asset_movements", &["to_keeper_id", "state"]),
            unique("uq_asset_movement_lines_line", "asset_movement_lines", &["movement_id", "line"]),
            unique("uq_asset_movement_lines_open_of", "asset_movement_lines", &["open_of"]),
            index("ix_asset_movement_lines_item_id", "asset_movement_lines", &["item_id", "movement_id"]),
            index("ix_asset_confirmations_item_id", "asset_confirmations", &["item_id", "said_at"]),
            index("ix_asset_confirmations_person_id", "asset_confirmations", &["person_id", "said_at"]),
            index("ix_asset_papers_subject", "asset_papers", &["room", "subject_id", "uploaded_at"]),
        ];
        create(manager, tables, indexes).await?;
        append_only(manager, "asset_confirmations").await?;
        seed_rules(manager).await?;
        seed(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &["asset_counters", "asset_movements", "asset_movement_lines", "asset_confirmations", "asset_papers"],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
