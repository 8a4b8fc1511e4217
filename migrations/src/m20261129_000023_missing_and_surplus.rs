//! Fixed assets: what a missing case needs until it is written off (lists sent down, the search, the checklist of the
//! procedure, responsibility, voucher), and surplus things until they are in the book.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, date_null, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique,
    uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn losses() -> TableCreateStatement {
    table("asset_losses")
        .col(id())
        .col(uuid("unit_id"))
        .col(text("explanation"))
        .col(text_null("explained_by"))
        .col(int_null("explained_at"))
        .col(uuid_null("confirmed_by"))
        .col(int_null("confirmed_at"))
        .col(text_null("degree"))
        .col(uuid_null("responsible_id"))
        .col(text("basis"))
        .col(uuid_null("judged_by"))
        .col(int_null("judged_at"))
        .col(int_null("compensation_fen"))
        .col(text("receipt"))
        .col(uuid_null("approval_id"))
        .col(text("decision"))
        .col(text("approval_number"))
        .col(text("voucher_number"))
        .col(date_null("voucher_on"))
        .col(text_null("written_off_by"))
        .col(int_null("written_off_at"))
        .col(text_null("found_how"))
        .col(text_null("found_by"))
        .col(uuid_null("found_place_id"))
        .col(text("found_note"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_losses", "id", "missing_cases"))
        .foreign_key(&mut fk("asset_losses", "unit_id", "units"))
        .foreign_key(&mut fk("asset_losses", "confirmed_by", "people"))
        .foreign_key(&mut fk("asset_losses", "responsible_id", "people"))
        .foreign_key(&mut fk("asset_losses", "judged_by", "people"))
        .foreign_key(&mut fk("asset_losses", "approval_id", "approval_requests"))
        .foreign_key(&mut fk("asset_losses", "found_place_id", "places"))
        .check(check("ck_asset_losses_explanation", "confirmed_at IS NULL OR explanation <> ''"))
        .check(check("ck_asset_losses_explained_at", "(explained_at IS NULL) = (explained_by IS NULL)"))
        .check(check("ck_asset_losses_confirmed_at", "(confirmed_at IS NULL) = (confirmed_by IS NULL)"))
        .check(check("ck_asset_losses_degree", "degree IS NULL OR degree IN ('none','minor','main','full')"))
        .check(check("ck_asset_losses_judged_at", "(judged_at IS NULL) = (degree IS NULL)"))
        .check(check("ck_asset_losses_basis", "degree IS NULL OR basis <> ''"))
        .check(check(
            "ck_asset_losses_responsible_id",
            "coalesce(degree, 'none') = 'none' OR responsible_id IS NOT NULL",
        ))
        .check(check("ck_asset_losses_compensation_fen", "compensation_fen IS NULL OR compensation_fen >= 0"))
        .check(check("ck_asset_losses_receipt", "coalesce(compensation_fen, 0) = 0 OR receipt <> ''"))
        .check(check(
            "ck_asset_losses_voucher_number",
            "written_off_at IS NULL OR (voucher_number <> '' AND voucher_on IS NOT NULL)",
        ))
        .check(check(
            "ck_asset_losses_decision",
            "written_off_at IS NULL OR (decision <> '' AND approval_number <> '' AND approval_id IS NOT NULL)",
        ))
        .check(check("ck_asset_losses_written_off_by", "(written_off_at IS NULL) = (written_off_by IS NULL)"))
        .check(check("ck_asset_losses_found_how", "found_how IS NULL OR found_how IN ('search','count','surplus')"))
        .to_owned()
}

fn lists() -> TableCreateStatement {
    table("asset_loss_lists")
        .col(id())
        .col(text("number"))
        .col(int("list_year"))
        .col(uuid("unit_id"))
        .col(ColumnDef::new("due_on").date().not_null().to_owned())
        .col(text("note"))
        .col(int("line_count"))
        .col(int("value_fen"))
        .col(text("sent_by"))
        .col(int("sent_at"))
        .col(uuid_null("acknowledged_by"))
        .col(int_null("acknowledged_at"))
        .col(text("acknowledgement"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_loss_lists", "unit_id", "units"))
        .foreign_key(&mut fk("asset_loss_lists", "acknowledged_by", "people"))
        .check(check("ck_asset_loss_lists_line_count", "line_count >= 1"))
        .check(check("ck_asset_loss_lists_acknowledged_at", "(acknowledged_at IS NULL) = (acknowledged_by IS NULL)"))
        .to_owned()
}

fn list_lines() -> TableCreateStatement {
    table("asset_loss_list_lines")
        .col(id())
        .col(uuid("list_id"))
        .col(int("line"))
        .col(uuid("case_id"))
        .col(int("value_fen"))
        .foreign_key(&mut fk("asset_loss_list_lines", "list_id", "asset_loss_lists"))
        .foreign_key(&mut fk("asset_loss_list_lines", "case_id", "missing_cases"))
        .to_owned()
}

fn logs() -> TableCreateStatement {
    table("asset_loss_logs")
        .col(id())
        .col(uuid("case_id"))
        .col(int("seq"))
        .col(uuid_null("searcher_id"))
        .col(uuid_null("place_id"))
        .col(text("place"))
        .col(int("searched_at"))
        .col(text("result"))
        .col(text("note"))
        .col(text("logged_by"))
        .col(int("logged_at"))
        .foreign_key(&mut fk("asset_loss_logs", "case_id", "missing_cases"))
        .foreign_key(&mut fk("asset_loss_logs", "searcher_id", "people"))
        .foreign_key(&mut fk("asset_loss_logs", "place_id", "places"))
        .check(check("ck_asset_loss_logs_result", "result IN ('not_found','trace','found')"))
        .check(check("ck_asset_loss_logs_place", "place <> '' OR place_id IS NOT NULL"))
        .to_owned()
}

fn ticks() -> TableCreateStatement {
    table("asset_loss_ticks")
        .col(id())
        .col(uuid("case_id"))
        .col(int("seq"))
        .col(text("step"))
        .col(flag("done"))
        .col(text("note"))
        .col(text("ticked_by"))
        .col(int("ticked_at"))
        .foreign_key(&mut fk("asset_loss_ticks", "case_id", "missing_cases"))
        .to_owned()
}

fn procedures() -> TableCreateStatement {
    table("asset_procedures")
        .col(ColumnDef::new("effective_from").big_integer().not_null().primary_key().to_owned())
        .col(text("source"))
        .col(text("set_by"))
        .col(int("set_at"))
        .check(check("ck_asset_procedures_source", "length(source) BETWEEN 1 AND 500"))
        .to_owned()
}

fn procedure_steps() -> TableCreateStatement {
    table("asset_procedure_steps")
        .col(int("effective_from"))
        .col(int("seq"))
        .col(text("part"))
        .col(text("code"))
        .col(text("title"))
        .col(flag("needs_paper"))
        .col(flag("required"))
        .primary_key(Index::create().name("pk_asset_procedure_steps").col("effective_from").col("seq"))
        .check(check("ck_asset_procedure_steps_part", "part IN ('confirming','disposing','minding')"))
        .check(check("ck_asset_procedure_steps_code", "length(code) BETWEEN 1 AND 20"))
        .check(check("ck_asset_procedure_steps_title", "length(title) BETWEEN 1 AND 200"))
        .to_owned()
}

fn surpluses() -> TableCreateStatement {
    table("asset_surpluses")
        .col(id())
        .col(text("number"))
        .col(text("state"))
        .col(uuid("unit_id"))
        .col(uuid_null("place_id"))
        .col(uuid_null("campaign_id"))
        .col(int_null("line"))
        .col(text("code_read"))
        .col(text("name"))
        .col(text("specification"))
        .col(text("serial_number"))
        .col(text("class_code"))
        .col(text("measure_unit"))
        .col(int("quantity"))
        .col(text("note"))
        .col(text("lead"))
        .col(text("opened_by"))
        .col(int("opened_at"))
        .col(text("identified_note"))
        .col(text_null("identified_by"))
        .col(int_null("identified_at"))
        .col(uuid_null("item_id"))
        .col(uuid_null("case_id"))
        .col(text_null("basis"))
        .col(int_null("value_fen"))
        .col(text("value_source"))
        .col(text_null("valued_by"))
        .col(int_null("valued_at"))
        .col(uuid_null("approval_id"))
        .col(text("ended_note"))
        .col(text_null("ended_by"))
        .col(int_null("ended_at"))
        .col(int("version"))
        .foreign_key(&mut fk("asset_surpluses", "unit_id", "units"))
        .foreign_key(&mut fk("asset_surpluses", "place_id", "places"))
        .foreign_key(&mut fk("asset_surpluses", "campaign_id", "campaigns"))
        .foreign_key(&mut fk("asset_surpluses", "item_id", "items"))
        .foreign_key(&mut fk("asset_surpluses", "case_id", "missing_cases"))
        .foreign_key(&mut fk("asset_surpluses", "approval_id", "approval_requests"))
        .check(check(
            "ck_asset_surpluses_state",
            "state IN ('open','unbooked','valued','approved','entered','matched','foreign','handed_over','dropped')",
        ))
        .check(check("ck_asset_surpluses_line", "(campaign_id IS NULL) = (line IS NULL)"))
        .check(check("ck_asset_surpluses_basis", "basis IS NULL OR basis IN ('assessed','replacement','nominal')"))
        .check(check("ck_asset_surpluses_value_fen", "value_fen IS NULL OR value_fen >= 0"))
        .check(check(
            "ck_asset_surpluses_valued_at",
            "state NOT IN ('valued','approved','entered') \
             OR (basis IS NOT NULL AND value_fen IS NOT NULL AND value_source <> '' AND valued_at IS NOT NULL)",
        ))
        .check(check(
            "ck_asset_surpluses_approval_id",
            "state NOT IN ('approved','entered') OR approval_id IS NOT NULL",
        ))
        .check(check("ck_asset_surpluses_item_id", "(state IN ('entered','matched')) = (item_id IS NOT NULL)"))
        .check(check(
            "ck_asset_surpluses_ended_at",
            "(state IN ('entered','matched','handed_over','dropped')) = (ended_at IS NOT NULL)",
        ))
        .check(check("ck_asset_surpluses_ended_by", "(ended_at IS NULL) = (ended_by IS NULL)"))
        .check(check("ck_asset_surpluses_quantity", "quantity >= 1"))
        .to_owned()
}

/// The checklist that an office begins with: three parts, nineteen steps (REPORT 25 names the parts and their number; an
/// office enters its own wording). Each: part, code, title, whether it needs its paper, whether a write-off needs it.
const STEPS: &[(&str, &str, &str, bool, bool)] = &[
    ("confirming", "1.1", "核对盘点表与账面：编号、名称、数量、原值、使用人、存放地点", true, true),
    ("confirming", "1.2", "按下发清单逐件查找，登记查找记录", false, true),
    ("confirming", "1.3", "核对领用、调拨、借出、送修、处置单据", false, true),
    ("confirming", "1.4", "使用人、管理人逐件书面说明盘亏原因", true, true),
    ("confirming", "1.5", "涉嫌被盗、被抢的，报案并取得回执", true, false),
    ("confirming", "1.6", "需要鉴证的，取得技术鉴定或中介机构报告", true, false),
    ("confirming", "1.7", "单位负责人审核，签署盘亏资产确认表", true, true),
    ("disposing", "2.1", "提出责任认定意见", true, true),
    ("disposing", "2.2", "应当赔偿的，赔偿款上缴并取得票据", true, false),
    ("disposing", "2.3", "单位领导集体研究，形成会议纪要", true, true),
    ("disposing", "2.4", "填报资产核销申请表", true, true),
    ("disposing", "2.5", "分局资产管理员复核", false, true),
    ("disposing", "2.6", "按金额权限逐级报批", false, true),
    ("disposing", "2.7", "取得主管部门、财政部门批复", true, true),
    ("disposing", "2.8", "依据批复进行账务处理，登记会计凭证", true, true),
    ("minding", "3.1", "批复前资产保留在账，按待处置管理，不得自行核销", false, true),
    ("minding", "3.2", "继续查找，找回的及时登记并关联原盘亏清单", false, true),
    ("minding", "3.3", "核销后找回的按盘盈登记入账", false, true),
    ("minding", "3.4", "全部资料整理归档", false, true),
];

const SOURCE: &str = "盘亏资产处置流程（三大项十九小项）；行政事业性国有资产管理条例 第19、34、35、38、39条";

async fn seed_procedure(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut head = Query::insert();
    head.into_table("asset_procedures").columns(["effective_from", "source", "set_by", "set_at"]).values_panic([
        0i64.into(),
        SOURCE.into(),
        "system".into(),
        0i64.into(),
    ]);
    manager.execute(head).await?;
    let mut steps = Query::insert();
    steps.into_table("asset_procedure_steps").columns([
        "effective_from",
        "seq",
        "part",
        "code",
        "title",
        "needs_paper",
        "required",
    ]);
    for (seq, (part, code, title, needs_paper, required)) in (1i64..).zip(STEPS) {
        steps.values_panic([
            0i64.into(),
            seq.into(),
            (*part).into(),
            (*code).into(),
            (*title).into(),
            (*needs_paper).into(),
            (*required).into(),
        ]);
    }
    manager.execute(steps).await
}

/// 50,000 yuan, as of write-offs: where cities that publish a threshold put it. An office sets its own.
const LARGE_FEN: i64 = 5_000_000;

/// A surplus thing enters the book by a chain of its own; write-offs have theirs since the first chains.
async fn seed_chain(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut head = Query::insert();
    head.into_table("approval_chains").columns(["kind", "effective_from", "name", "source"]).values_panic([
        "surplus_entry".into(),
        0i64.into(),
        "盘盈入账".into(),
        "行政事业性国有资产管理条例 第30、38、39条：不得有账外资产；清查结果经批准后调账".into(),
    ]);
    manager.execute(head).await?;
    let (head, centre, leader) =
        (("unit_head", "own_unit"), ("command_centre", "sub_bureau"), ("bureau_leader", "sub_bureau"));
    let mut steps = Query::insert();
    steps.into_table("approval_steps").columns(["kind", "effective_from", "from_fen", "step", "role", "level"]);
    for (from, chain) in [(0i64, vec![head, centre]), (LARGE_FEN, vec![head, centre, leader])] {
        for (step, (role, level)) in (1i64..).zip(chain) {
            steps.values_panic([
                "surplus_entry".into(),
                0i64.into(),
                from.into(),
                step.into(),
                role.into(),
                level.into(),
            ]);
        }
    }
    manager.execute(steps).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables =
            vec![losses(), lists(), list_lines(), logs(), ticks(), procedures(), procedure_steps(), surpluses()];
        let indexes = vec![
            index("ix_missing_cases_list_year", "missing_cases", &["list_year", "state"]),
            index("ix_verdict_lines_item_id", "verdict_lines", &["item_id"]),
            index("ix_asset_losses_unit_id", "asset_losses", &["unit_id"]),
            unique("uq_asset_loss_lists_number", "asset_loss_lists", &["number"]),
            index("ix_asset_loss_lists_unit_id", "asset_loss_lists", &["unit_id", "id"]),
            unique("uq_asset_loss_list_lines_line", "asset_loss_list_lines", &["list_id", "line"]),
            unique("uq_asset_loss_list_lines_case_id", "asset_loss_list_lines", &["case_id"]),
            unique("uq_asset_loss_logs_seq", "asset_loss_logs", &["case_id", "seq"]),
            unique("uq_asset_loss_ticks_seq", "asset_loss_ticks", &["case_id", "seq"]),
            unique("uq_asset_procedure_steps_code", "asset_procedure_steps", &["effective_from", "code"]),
            unique("uq_asset_surpluses_number", "asset_surpluses", &["number"]),
            unique("uq_asset_surpluses_line", "asset_surpluses", &["campaign_id", "line"]),
            index("ix_asset_surpluses_unit_id", "asset_surpluses", &["unit_id", "id"]),
            index("ix_asset_surpluses_state", "asset_surpluses", &["state", "id"]),
        ];
        create(manager, tables, indexes).await?;
        seed_procedure(manager).await?;
        seed_chain(manager).await?;
        for name in APPEND_ONLY {
            append_only(manager, name).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "asset_losses",
                "asset_loss_lists",
                "asset_loss_list_lines",
                "asset_loss_logs",
                "asset_loss_ticks",
                "asset_procedures",
                "asset_procedure_steps",
                "asset_surpluses",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

const APPEND_ONLY: &[&str] =
    &["asset_loss_list_lines", "asset_loss_logs", "asset_loss_ticks", "asset_procedures", "asset_procedure_steps"];
