//! `hufu approvals`: what waits for somebody's yes, and the chains that say whose. Whoever decides does so in the pages,
//! signed in as themselves: nobody decides for another at the machine.

use clap::Subcommand;
use sea_orm::Iterable as _;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::approvals::model::State;
use crate::approvals::store::{self, Shown, Wanted, steps_of};
use crate::approvals::{Granted, chains};
use crate::kernel::ids::ApprovalId;
use crate::org::Directory;

/// 审批：谁在等谁批，按什么流程
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出申请，新的在前
    List {
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 状态：waiting、approved、refused、withdrawn、used、ratified、not_ratified，或中文
        #[arg(long)]
        state: Option<String>,
        /// 事项，如 asset_transfer
        #[arg(long)]
        kind: Option<String>,
        /// 早于此申请（翻页）
        #[arg(long, value_name = "ID")]
        before: Option<Uuid>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 查看一项申请：各步由谁批、批了什么
    Show {
        /// 编号
        id: Uuid,
    },
    /// 列出审批流程
    Chains,
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When there is no such request, or the database cannot be read.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let ctx = global.ctx()?;
    let directory = Directory::load(db.read()).await?;
    match &args.command {
        Command::List { unit, state, kind, before, limit } => {
            let wanted = Wanted {
                unit: unit.as_deref().map(|name| directory.find_unit(name)).transpose()?,
                state: state.as_deref().map(state_named).transpose()?,
                kind: kind.clone(),
                before: before.map(ApprovalId),
                ..Wanted::default()
            };
            list(&store::list(db.read(), &ctx, &Granted, &wanted, *limit).await?, &directory, global);
        }
        Command::Show { id } => {
            one(&store::one(db.read(), &ctx, &Granted, ApprovalId(*id)).await?, &directory, global);
        }
        Command::Chains => show_chains(&chains::all(db.read(), &ctx).await?, global),
    }
    Ok(Done::Clean)
}

fn state_named(name: &str) -> Result<State, CliError> {
    let named = |state: &State| json!(state).as_str() == Some(name) || state.zh() == name;
    State::iter().find(named).ok_or_else(|| CliError::Usage(format!("没有“{name}”这种状态")))
}

fn facts(shown: &Shown) -> serde_json::Value {
    json!({ "request": shown.row, "decisions": shown.decisions, "deciders": shown.deciders })
}

fn names(shown: &Shown, directory: &Directory) -> String {
    let names: Vec<&str> = shown.deciders.iter().map(|id| directory.person_name(Some(*id))).collect();
    names.join("、")
}

fn list(rows: &[Shown], directory: &Directory, global: &Global) {
    if global.json() {
        return show::json(&rows.iter().map(facts).collect::<Vec<_>>());
    }
    let columns = ["编号", "事项", "对象", "单位", "申请人", "状态", "等谁"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for shown in rows {
        let row = &shown.row;
        let (unit, who) = (directory.unit_name(row.unit_id), directory.person_name(Some(row.requested_by)));
        let id = row.id.to_string();
        table.row([&id, &row.kind, &row.subject_id, unit, who, row.state.zh(), &names(shown, directory)]);
    }
    if table.is_empty() { show::line("没有这样的申请") } else { table.print() }
}

fn one(shown: &Shown, directory: &Directory, global: &Global) {
    if global.json() {
        return show::json(&facts(shown));
    }
    let row = &shown.row;
    let who = directory.person_name(Some(row.requested_by));
    show::line(format!("{}　{}　{}　{}", row.kind, row.subject_id, directory.unit_name(row.unit_id), row.state.zh()));
    show::line(format!("{}　{who}　申请：{}", row.requested_at, row.reason));
    for (n, step) in (1i64..).zip(steps_of(row)) {
        let taken = shown.decisions.iter().find(|decision| decision.step == n);
        let said = match taken {
            Some(decision) => format!(
                "{}　{}{}{}",
                directory.person_name(Some(decision.decided_by)),
                if decision.approved { "同意" } else { "不同意" },
                if decision.substituted { "（代位）" } else { "" },
                if decision.reason.is_empty() { String::new() } else { format!("：{}", decision.reason) },
            ),
            None if row.finished_at.is_none() && n == row.step => format!("等待 {}", names(shown, directory)),
            None => "—".to_owned(),
        };
        show::line(format!("{n}　{}（{}）　{said}", step.role.zh(), step.level.zh()));
    }
}

fn show_chains(all: &[chains::Chain], global: &Global) {
    if global.json() {
        let facts = |chain: &chains::Chain| {
            let tiers: Vec<_> =
                chain.tiers.iter().map(|tier| json!({ "from_fen": tier.from, "steps": tier.steps })).collect();
            json!({ "chain": chain.head, "tiers": tiers })
        };
        return show::json(&all.iter().map(facts).collect::<Vec<_>>());
    }
    let columns = ["事项", "名称", "自", "金额起", "步骤", "依据"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for chain in all {
        for tier in &chain.tiers {
            let steps: Vec<_> =
                tier.steps.iter().map(|step| format!("{}（{}）", step.role.zh(), step.level.zh())).collect();
            let head = &chain.head;
            let from =
                if head.effective_from.0 == 0 { "—".to_owned() } else { head.effective_from.day().to_string() };
            table.row([&head.kind, &head.name, &from, &tier.from.to_string(), &steps.join(" → "), &head.source]);
        }
    }
    table.print();
}
