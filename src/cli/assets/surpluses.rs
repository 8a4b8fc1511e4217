//! `hufu assets surplus`: things that were found and are in no book.

use clap::Subcommand;
use serde_json::json;

use crate::assets::surplus::entering::{self, Entering};
use crate::assets::surplus::entity::surplus;
use crate::assets::surplus::model::{Basis, State};
use crate::assets::surplus::opening::{self, NewSurplus};
use crate::assets::surplus::service::{self, Identity, Valuation};
use crate::assets::surplus::store::{self, Shown, Wanted};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Fen, Quantity};
use crate::org::Directory;

/// 盘盈物品
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出盘盈，新的在前
    List {
        /// 状态（open 或 待认定 …）
        #[arg(long)]
        state: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// 从已结束的盘点登记盘盈，每条只登记一次
    Gather {
        /// 盘点编号
        campaign: String,
    },
    /// 登记一件平时发现的账外物品
    Open {
        /// 名称
        name: String,
        /// 发现单位
        #[arg(long)]
        unit: String,
        /// 发现地点
        #[arg(long)]
        place: Option<String>,
        /// 序列号
        #[arg(long, default_value = "")]
        serial: String,
        /// 情况
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 认定是什么
    Identify {
        /// 盘盈编号
        number: String,
        /// 账上资产，标签丢失：其资产编号
        #[arg(long)]
        known: Option<String>,
        /// 核销后又找到：其原资产编号
        #[arg(long, conflicts_with = "known")]
        written_off: Option<String>,
        /// 他人财物
        #[arg(long, conflicts_with_all = ["known", "written_off"])]
        foreign: bool,
        /// 认定依据
        #[arg(long)]
        note: String,
    },
    /// 估值
    Value {
        /// 盘盈编号
        number: String,
        /// 价值类型（assessed 或 评估值、replacement 或 重置值、nominal 或 名义金额）
        #[arg(long)]
        basis: String,
        /// 价值，元
        #[arg(long)]
        value: String,
        /// 估值依据
        #[arg(long)]
        source: String,
        /// 资产名称
        #[arg(long)]
        name: String,
        /// 规格型号
        #[arg(long, default_value = "")]
        specification: String,
        /// 资产分类代码
        #[arg(long, default_value = "")]
        class_code: String,
        /// 计量单位
        #[arg(long, default_value = "")]
        measure_unit: String,
    },
    /// 报批入账
    Ask {
        /// 盘盈编号
        number: String,
        /// 入账事由
        #[arg(long)]
        reason: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 入账
    Enter {
        /// 盘盈编号
        number: String,
        /// 存放地点
        #[arg(long)]
        place: Option<String>,
        /// 使用人
        #[arg(long)]
        keeper: Option<String>,
    },
    /// 移交物主
    HandOver {
        /// 盘盈编号
        number: String,
        /// 移交给谁、凭据
        #[arg(long)]
        to: String,
    },
    /// 不予入账
    Drop {
        /// 盘盈编号
        number: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let directory = Directory::load(db.read()).await?;
    let ctx = global.ctx()?;
    let place = |name: &Option<String>| name.as_deref().map(|name| directory.find_place(name, None)).transpose();
    let row = match &args.command {
        Command::List { state, limit } => {
            let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
            let state = state.as_deref().map(|name| State::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
            let wanted = Wanted { state, ..Wanted::default() };
            let rows = store::list(db.read(), &ctx, &wanted, (*limit).min(10_000)).await?;
            return Ok(list(&rows, &directory, global));
        }
        Command::Gather { campaign } => {
            let rows = opening::gather(&db, &ctx, campaign).await?;
            if global.json() {
                show::json(&rows.iter().map(fact).collect::<Vec<_>>());
            } else {
                rows.iter().for_each(|row| show::line(said(row)));
                show::line(format!("已登记 {} 项", rows.len()));
            }
            return Ok(Done::Clean);
        }
        Command::Open { name, unit, place: at, serial, note } => {
            let new = NewSurplus {
                unit: directory.find_unit(unit)?,
                place: place(at)?,
                name: name.clone(),
                specification: String::new(),
                serial_number: serial.clone(),
                quantity: Quantity::ONE,
                note: note.clone(),
            };
            opening::open(&db, &ctx, &new).await?
        }
        Command::Identify { number, known, written_off, foreign, note } => {
            let identity = match (known, foreign) {
                (Some(of), _) => Identity::Known(of.clone()),
                (None, true) => Identity::Foreign,
                (None, false) => Identity::Unbooked(written_off.clone()),
            };
            service::identify(&db, &ctx, number, None, &identity, note).await?
        }
        Command::Value { number, basis, value, source, name, specification, class_code, measure_unit } => {
            let unknown = || CliError::Usage(format!("没有“{basis}”这一价值类型"));
            let valuation = Valuation {
                basis: Basis::by_name(basis).ok_or_else(unknown)?,
                value: Fen::parse_yuan(value).map_err(|error| CliError::Usage(error.to_string()))?,
                source: source.clone(),
                name: name.clone(),
                specification: specification.clone(),
                class_code: class_code.clone(),
                measure_unit: measure_unit.clone(),
            };
            service::value(&db, &ctx, number, None, &valuation).await?
        }
        Command::Ask { number, reason, by } => {
            let acting = ctx.acting_as(Actor::Person(directory.find_person(by, None)?), Scope::Everything);
            let reason = format!("{reason}（{} 代录）", ctx.actor);
            service::ask(&db, &acting, number, None, &reason).await?
        }
        Command::Enter { number, place: at, keeper } => {
            let keeper = keeper.as_deref().map(|name| directory.find_person(name, None)).transpose()?;
            let to = Entering { place: place(at)?, keeper, acquired_on: None };
            entering::enter(&db, &ctx, number, None, to).await?
        }
        Command::HandOver { number, to } => service::hand_over(&db, &ctx, number, None, to).await?,
        Command::Drop { number, reason } => service::refuse(&db, &ctx, number, None, reason).await?,
    };
    if global.json() {
        show::json(&fact(&row))
    } else {
        show::line(said(&row))
    }
    Ok(Done::Clean)
}

fn fact(row: &surplus::Model) -> serde_json::Value {
    json!({ "number": row.number, "name": row.name, "state": row.state, "value_fen": row.value_fen,
        "ended": row.ended_note })
}

fn said(row: &surplus::Model) -> String {
    let ended = if row.ended_note.is_empty() { String::new() } else { format!(" · {}", row.ended_note) };
    format!("{} {} · {}{ended}", row.number, row.name, row.state.zh())
}

fn list(rows: &[Shown], directory: &Directory, global: &Global) -> Done {
    if global.json() {
        let told = |one: &Shown| {
            let mut fact = fact(&one.row);
            fact["state"] = json!(one.standing.state);
            fact
        };
        show::json(&rows.iter().map(told).collect::<Vec<_>>());
        return Done::Clean;
    }
    let left = |name| (name, Align::Left);
    let mut table = Table::new(&[
        left("编号"),
        left("名称"),
        left("状态"),
        left("发现单位"),
        left("发现地点"),
        ("价值（元）", Align::Right),
    ]);
    for one in rows {
        table.row([
            one.row.number.clone(),
            one.row.name.clone(),
            one.standing.state.zh().to_owned(),
            directory.unit_name(one.row.unit_id).to_owned(),
            directory.place_name(one.row.place_id).to_owned(),
            one.row.value_fen.map(|value| value.to_string()).unwrap_or_default(),
        ]);
    }
    table.print();
    Done::Clean
}
