//! Approvals: who must say yes in what order, as dated data; requests, decisions, delegations.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid,
    uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A chain that an office begins with: kind, name, source, whether it may be used first and ratified within so many
/// hours, and by amount (fen) the steps, each a role at a level.
type Chain = (&'static str, &'static str, &'static str, Option<i64>, &'static [Tier]);
type Tier = (i64, &'static [(&'static str, &'static str)]);

const HEAD: (&str, &str) = ("unit_head", "own_unit");
const CENTRE: (&str, &str) = ("command_centre", "sub_bureau");
const LEADER: (&str, &str) = ("bureau_leader", "sub_bureau");
const LEGAL: (&str, &str) = ("legal", "sub_bureau");
const DUTY: (&str, &str) = ("duty_leader", "own_unit");

/// 50,000 yuan: where cities that publish a threshold put it. An office sets its own.
const LARGE_FEN: i64 = 5_000_000;

const HEAD_ONLY: &[Tier] = &[(0, &[HEAD])];
const DISPOSAL: &[Tier] = &[(0, &[HEAD, CENTRE, LEADER]), (LARGE_FEN, &[HEAD, CENTRE, LEADER, LEADER])];

const CHAINS: &[Chain] = &[
    ("asset_issue", "资产领用", "固定资产管理规定：领用、调出、报废均经单位负责人批准", None, HEAD_ONLY),
    ("asset_transfer", "资产调出", "固定资产管理规定：领用、调出、报废均经单位负责人批准", None, HEAD_ONLY),
    (
        "asset_disposal",
        "资产处置",
        "行政事业性国有资产管理条例 第19条：集体决策、按权限审批；金额分档由各地规定",
        None,
        DISPOSAL,
    ),
    ("shortage_write_off", "盘亏核销", "行政事业性国有资产管理条例 第38、39条：清查结果经批准后调账", None, DISPOSAL),
    (
        "vehicle_trip",
        "公务用车",
        "公务用车使用审批登记制度：用车前经单位领导同意；紧急出警事后补批",
        Some(24),
        HEAD_ONLY,
    ),
    ("vehicle_repair", "车辆维修", "公务用车维修审批登记：维修、保养须经单位领导审批同意", None, HEAD_ONLY),
    ("firearm_draw", "公务用枪领取", "公务用枪（弹）领用审批：按级审批，逐级上代", Some(24), &[(0, &[DUTY])]),
    (
        "firearm_overtime",
        "枪支离库超过24小时",
        "公务用枪（弹）领用审批：离库超过24小时报分局领导",
        None,
        &[(0, &[DUTY, LEADER])],
    ),
    ("firearm_cross_area", "跨区域携枪", "公务用枪（弹）领用审批：跨区域用枪报分局领导", None, &[(0, &[DUTY, LEADER])]),
    ("firearm_bulk", "批量领枪", "公务用枪（弹）领用审批：批量领用报分局领导", None, &[(0, &[DUTY, LEADER])]),
    (
        "property_checkout",
        "涉案财物调用",
        "公安机关办理行政案件程序规定 第190条：调用经办案单位负责人批准",
        None,
        HEAD_ONLY,
    ),
    (
        "property_disposition",
        "涉案财物处置",
        "公安机关办理刑事案件程序规定 第234、236条：县级以上公安机关负责人批准；法制大队、指挥中心共同监管处置",
        None,
        &[(0, &[HEAD, LEGAL, CENTRE, LEADER])],
    ),
    (
        "property_public_warehouse",
        "涉案物品存放公物仓",
        "涉案财物管理实施细则：单位主要领导、分管业务局领导、分管财务局领导、分局主要领导审批，报指挥中心备案",
        None,
        &[(0, &[HEAD, LEADER, LEADER, LEADER])],
    ),
];

fn chains() -> TableCreateStatement {
    table("approval_chains")
        .col(text("kind"))
        .col(int("effective_from"))
        .col(int_null("effective_until"))
        .col(text("name"))
        .col(text("source"))
        .col(int_null("ratify_within_h"))
        .primary_key(Index::create().name("pk_approval_chains").col("kind").col("effective_from"))
        .check(check("ck_approval_chains_kind", "length(kind) BETWEEN 1 AND 60"))
        .check(check("ck_approval_chains_name", "length(name) BETWEEN 1 AND 100"))
        .check(check("ck_approval_chains_source", "length(source) BETWEEN 1 AND 500"))
        .check(check(
            "ck_approval_chains_effective_until",
            "effective_until IS NULL OR effective_until > effective_from",
        ))
        .check(check(
            "ck_approval_chains_ratify_within_h",
            "ratify_within_h IS NULL OR ratify_within_h BETWEEN 1 AND 720",
        ))
        .to_owned()
}

fn steps() -> TableCreateStatement {
    table("approval_steps")
        .col(text("kind"))
        .col(int("effective_from"))
        .col(int("from_fen"))
        .col(int("step"))
        .col(text("role"))
        .col(text("level"))
        .primary_key(
            Index::create().name("pk_approval_steps").col("kind").col("effective_from").col("from_fen").col("step"),
        )
        .check(check("ck_approval_steps_from_fen", "from_fen >= 0"))
        .check(check("ck_approval_steps_step", "step BETWEEN 1 AND 10"))
        .check(check("ck_approval_steps_level", "level IN ('own_unit','parent','sub_bureau')"))
        .to_owned()
}

fn requests() -> TableCreateStatement {
    table("approval_requests")
        .col(id())
        .col(text("kind"))
        .col(int("chain_from"))
        .col(text("subject_room"))
        .col(text("subject_id"))
        .col(text_null("open_key"))
        .col(uuid("unit_id"))
        .col(int("amount_fen"))
        .col(uuid("requested_by"))
        .col(text("reason"))
        .col(text("payload"))
        .col(text("steps"))
        .col(text("state"))
        .col(int("step"))
        .col(int("requested_at"))
        .col(int_null("used_at"))
        .col(int_null("ratify_by"))
        .col(int_null("flagged_at"))
        .col(int_null("finished_at"))
        .col(int("version"))
        .foreign_key(&mut fk("approval_requests", "unit_id", "units"))
        .foreign_key(&mut fk("approval_requests", "requested_by", "people"))
        .check(check(
            "ck_approval_requests_state",
            "state IN ('waiting','approved','refused','withdrawn','used','ratified','not_ratified')",
        ))
        .check(check("ck_approval_requests_open_key", "(state IN ('waiting','used')) = (open_key IS NOT NULL)"))
        .check(check("ck_approval_requests_finished_at", "(state IN ('waiting','used')) = (finished_at IS NULL)"))
        .check(check(
            "ck_approval_requests_used_at",
            "(state IN ('used','ratified','not_ratified')) = (used_at IS NOT NULL)",
        ))
        .check(check("ck_approval_requests_ratify_by", "(used_at IS NULL) = (ratify_by IS NULL)"))
        .check(check("ck_approval_requests_amount_fen", "amount_fen >= 0"))
        .check(check("ck_approval_requests_step", "step >= 1"))
        .to_owned()
}

fn decisions() -> TableCreateStatement {
    table("approval_decisions")
        .col(id())
        .col(uuid("request_id"))
        .col(int("step"))
        .col(flag("approved"))
        .col(uuid("decided_by"))
        .col(uuid_null("on_behalf_of"))
        .col(text("role"))
        .col(uuid_null("post_unit_id"))
        .col(flag("substituted"))
        .col(text("reason"))
        .col(int("decided_at"))
        .foreign_key(&mut fk("approval_decisions", "request_id", "approval_requests"))
        .foreign_key(&mut fk("approval_decisions", "decided_by", "people"))
        .foreign_key(&mut fk("approval_decisions", "on_behalf_of", "people"))
        .foreign_key(&mut fk("approval_decisions", "post_unit_id", "units"))
        .check(check("ck_approval_decisions_on_behalf_of", "on_behalf_of IS NULL OR on_behalf_of <> decided_by"))
        .to_owned()
}

fn delegations() -> TableCreateStatement {
    table("approval_delegations")
        .col(id())
        .col(uuid("from_person"))
        .col(uuid("to_person"))
        .col(int("valid_from"))
        .col(int("valid_until"))
        .col(text("reason"))
        .col(int("created_at"))
        .col(int_null("revoked_at"))
        .col(int("version"))
        .foreign_key(&mut fk("approval_delegations", "from_person", "people"))
        .foreign_key(&mut fk("approval_delegations", "to_person", "people"))
        .check(check("ck_approval_delegations_to_person", "from_person <> to_person"))
        .check(check("ck_approval_delegations_valid_until", "valid_from < valid_until"))
        .to_owned()
}

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut heads = Query::insert();
    heads.into_table("approval_chains").columns(["kind", "effective_from", "name", "source", "ratify_within_h"]);
    let mut steps = Query::insert();
    steps.into_table("approval_steps").columns(["kind", "effective_from", "from_fen", "step", "role", "level"]);
    for (kind, name, source, ratify_within_h, tiers) in CHAINS {
        heads.values_panic([(*kind).into(), 0i64.into(), (*name).into(), (*source).into(), (*ratify_within_h).into()]);
        for (from_fen, roles) in *tiers {
            for (step, (role, level)) in (1i64..).zip(*roles) {
                steps.values_panic([
                    (*kind).into(),
                    0i64.into(),
                    (*from_fen).into(),
                    step.into(),
                    (*role).into(),
                    (*level).into(),
                ]);
            }
        }
    }
    manager.execute(heads).await?;
    manager.execute(steps).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        create(
            manager,
            vec![chains(), steps(), requests(), decisions(), delegations()],
            vec![
                unique("uq_approval_requests_open_key", "approval_requests", &["open_key"]),
                index("ix_approval_requests_state", "approval_requests", &["state", "unit_id"]),
                index("ix_approval_requests_requested_by", "approval_requests", &["requested_by"]),
                index("ix_approval_requests_subject", "approval_requests", &["subject_room", "subject_id"]),
                unique("uq_approval_decisions_step", "approval_decisions", &["request_id", "step"]),
                unique("uq_approval_decisions_decided_by", "approval_decisions", &["request_id", "decided_by"]),
                index("ix_approval_delegations_to_person", "approval_delegations", &["to_person"]),
                index("ix_approval_delegations_from_person", "approval_delegations", &["from_person"]),
            ],
        )
        .await?;
        seed(manager).await?;
        append_only(manager, "approval_chains").await?;
        append_only(manager, "approval_steps").await?;
        append_only(manager, "approval_decisions").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &["approval_chains", "approval_steps", "approval_requests", "approval_decisions", "approval_delegations"],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
