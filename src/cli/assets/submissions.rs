//! `hufu assets submission`: figures that leave the house, at the machine. Whoever signs is named with `--by`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use super::moves::Desk;
use crate::assets::submissions::entity::submission;
use crate::assets::submissions::model::{Kind, State};
use crate::assets::submissions::paper::Paper;
use crate::assets::submissions::service::{self, New};
use crate::assets::submissions::sheet::Sheets;
use crate::assets::submissions::store::{self, Wanted};
use crate::assets::submissions::{standard, steps};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::org::Directory;

/// 资产报送件
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// Which submission, and who signs.
#[derive(Debug, clap::Args)]
struct Signed {
    /// 报送件编号
    number: String,
    /// 办理人（警号或姓名）
    #[arg(long)]
    by: String,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出报送件，新的在前
    List {
        /// 状态（prepared 或 待复核 …）
        #[arg(long)]
        state: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 编制：由明细计算
    Begin {
        /// 报表（annual 年度国有资产报告，stocktake 国有资产盘点情况报表）
        #[arg(long, default_value = "annual")]
        kind: String,
        /// 单位（含下级）；不写为全分局
        #[arg(long)]
        unit: Option<String>,
        /// 填报基准日；不写为今天
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// 已结束的盘点编号（盘点报表）
        #[arg(long, default_value = "")]
        campaign: String,
    },
    /// 查看汇总、填报检查、流程
    Show {
        /// 报送件编号
        number: String,
    },
    /// 与现账的差异
    Differences {
        /// 报送件编号
        number: String,
        /// 按哪一天；不写为其基准日
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// 重新计算
    Compute {
        /// 报送件编号
        number: String,
    },
    /// 说明提示
    Acknowledge {
        #[command(flatten)]
        signed: Signed,
        /// 规则（如 below_threshold）
        #[arg(long)]
        rule: String,
        /// 理由
        #[arg(long)]
        reason: String,
    },
    /// 提交复核
    Prepare {
        #[command(flatten)]
        signed: Signed,
    },
    /// 复核通过
    Review {
        #[command(flatten)]
        signed: Signed,
        /// 意见
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 审批通过
    Approve {
        #[command(flatten)]
        signed: Signed,
        /// 意见
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 登记报送
    Submit {
        #[command(flatten)]
        signed: Signed,
        /// 报送对象
        #[arg(long)]
        to: String,
        /// 收文编号
        #[arg(long, default_value = "")]
        receipt: String,
    },
    /// 退回
    SendBack {
        #[command(flatten)]
        signed: Signed,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 作废
    Void {
        /// 报送件编号
        number: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 写出电子表（.xlsx）或签字稿（.pdf）
    Export {
        /// 报送件编号
        number: String,
        /// 文件
        #[arg(long)]
        out: PathBuf,
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
    let desk = Desk { db: &db, directory: &directory, ctx: &ctx, global };
    let row = match &args.command {
        Command::List { state, limit } => return list(&desk, state.as_deref(), *limit).await,
        Command::Show { number } => return whole(&desk, number).await,
        Command::Differences { number, on } => return differences(&desk, number, *on).await,
        Command::Export { number, out } => return export(&desk, number, out).await,
        Command::Acknowledge { signed, rule, reason } => {
            let ctx = desk.acting(Some(&signed.by))?;
            let many = service::acknowledge(&db, &ctx, &signed.number, rule, None, reason).await?;
            show::line(format!("{} 已说明 {many} 条", signed.number));
            return Ok(Done::Clean);
        }
        Command::Begin { kind, unit, as_of, campaign } => {
            let kind = Kind::by_name(kind).ok_or_else(|| CliError::Usage(format!("没有“{kind}”这种报表")))?;
            let unit = unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
            let as_of = as_of.unwrap_or_else(|| ctx.now().day());
            service::begin(&db, &ctx, &New { kind, unit, as_of, campaign: campaign.clone() }).await?
        }
        Command::Compute { number } => service::compute(&db, &ctx, number, None).await?,
        Command::Prepare { signed } => {
            service::prepare(&db, &desk.acting(Some(&signed.by))?, &signed.number, None).await?
        }
        Command::Review { signed, note } => {
            steps::review(&db, &desk.acting(Some(&signed.by))?, &signed.number, None, note).await?
        }
        Command::Approve { signed, note } => {
            steps::approve(&db, &desk.acting(Some(&signed.by))?, &signed.number, None, note).await?
        }
        Command::Submit { signed, to, receipt } => {
            steps::submit(&db, &desk.acting(Some(&signed.by))?, &signed.number, None, to, receipt).await?
        }
        Command::SendBack { signed, reason } => {
            steps::send_back(&db, &desk.acting(Some(&signed.by))?, &signed.number, None, reason).await?
        }
        Command::Void { number, reason } => steps::void(&db, &ctx, number, None, reason).await?,
    };
    tell(&desk, &row);
    Ok(Done::attention_if(row.state == State::Draft && row.error_count > 0))
}

fn fact(desk: &Desk<'_>, row: &submission::Model) -> serde_json::Value {
    json!({ "number": row.number, "kind": row.kind, "title": row.title, "state": row.state,
        "unit": row.unit_id.map(|unit| desk.directory.unit_name(unit)), "as_of": row.as_of, "edition": row.edition,
        "lines": row.line_count, "errors": row.error_count, "warnings": row.warning_count,
        "value_fen": row.value_fen, "lines_sha256": row.lines_hash })
}

fn tell(desk: &Desk<'_>, row: &submission::Model) {
    if desk.global.json() {
        show::json(&fact(desk, row));
        return;
    }
    show::line(format!("{} {} · {}", row.number, row.title, row.state.zh()));
    show::line(format!(
        "{} 行 · 原值 {} 元 · 错误 {} · 提示 {}",
        row.line_count, row.value_fen, row.error_count, row.warning_count
    ));
}

async fn list(desk: &Desk<'_>, state: Option<&str>, limit: u64) -> Result<Done, CliError> {
    let known = |name: &str| State::by_name(name).ok_or_else(|| CliError::Usage(format!("没有“{name}”这一状态")));
    let wanted = Wanted { state: state.map(known).transpose()?, ..Wanted::default() };
    let rows = store::list(desk.db.read(), desk.ctx, &wanted, limit.min(1_000)).await?;
    if desk.global.json() {
        show::json(&rows.iter().map(|row| fact(desk, row)).collect::<Vec<_>>());
        return Ok(Done::Clean);
    }
    let mut table = Table::new(&[
        ("编号", Align::Left),
        ("名称", Align::Left),
        ("状态", Align::Left),
        ("行数", Align::Right),
        ("原值（元）", Align::Right),
        ("错误", Align::Right),
        ("提示", Align::Right),
    ]);
    for row in &rows {
        table.row([
            row.number.clone(),
            row.title.clone(),
            row.state.zh().to_owned(),
            row.line_count.to_string(),
            row.value_fen.to_string(),
            row.error_count.to_string(),
            row.warning_count.to_string(),
        ]);
    }
    table.print();
    Ok(Done::Clean)
}

async fn whole(desk: &Desk<'_>, number: &str) -> Result<Done, CliError> {
    let row = store::one(desk.db.read(), desk.ctx, number).await?;
    let figures = store::figures(&row)?;
    let messages = store::messages(desk.db.read(), &row, None, 0, u64::MAX >> 1).await?;
    let steps = store::steps(desk.db.read(), &row).await?;
    if desk.global.json() {
        let mut fact = fact(desk, &row);
        fact["figures"] = json!(figures);
        fact["messages"] = json!(messages);
        fact["steps"] = json!(steps);
        show::json(&fact);
        return Ok(Done::Clean);
    }
    tell(desk, &row);
    let mut table = Table::new(&[
        ("分组", Align::Left),
        ("名称", Align::Left),
        ("行数", Align::Right),
        ("数量", Align::Right),
        ("原值（元）", Align::Right),
        ("净值（元）", Align::Right),
    ]);
    for group in &figures.groups {
        let sum = &group.sum;
        table.row([
            group.by.zh().to_owned(),
            group.name.clone(),
            sum.lines.to_string(),
            sum.quantity.to_string(),
            sum.value.to_string(),
            sum.net.to_string(),
        ]);
    }
    table.print();
    for one in &messages {
        let rule = standard::named(&one.rule).map_or(one.rule.as_str(), |rule| rule.zh);
        let said = if one.acknowledged_reason.is_empty() {
            String::new()
        } else {
            format!(" → {}", one.acknowledged_reason)
        };
        show::line(format!(
            "第 {} 行 {} [{}] {}（{}）：{}{said}",
            one.line,
            one.item_number,
            one.severity.zh(),
            one.field,
            rule,
            one.words
        ));
    }
    for step in &steps {
        let who = desk.directory.person_name(step.person_id);
        let who = if who.is_empty() { &step.actor } else { who };
        show::line(format!("{} {} {} {}", step.at, step.deed.zh(), who, step.note));
    }
    Ok(Done::Clean)
}

async fn differences(desk: &Desk<'_>, number: &str, on: Option<NaiveDate>) -> Result<Done, CliError> {
    let row = store::one(desk.db.read(), desk.ctx, number).await?;
    let told = service::differences(desk.db.read(), desk.ctx, &row, on).await?;
    let done = Done::attention_if(!told.is_none());
    if desk.global.json() {
        let changed: Vec<_> = told
            .changed
            .iter()
            .map(|one| json!({ "item_number": one.item_number, "field": one.field, "before": one.before, "now": one.now }))
            .collect();
        show::json(&json!({ "before": told.before, "now": told.now, "added": told.added, "removed": told.removed,
            "changed": changed }));
        return Ok(done);
    }
    show::line(format!("报送时 {} 元，现在 {} 元", told.before.value, told.now.value));
    told.added
        .iter()
        .for_each(|line| show::line(format!("新增 {} {} {}", line.item_number, line.name, line.value_fen)));
    told.removed
        .iter()
        .for_each(|line| show::line(format!("减少 {} {} {}", line.item_number, line.name, line.value_fen)));
    for one in &told.changed {
        show::line(format!("变更 {} {}：{} → {}", one.item_number, one.field, one.before, one.now));
    }
    Ok(done)
}

async fn export(desk: &Desk<'_>, number: &str, out: &std::path::Path) -> Result<Done, CliError> {
    let db = desk.db.read();
    let row = store::one(db, desk.ctx, number).await?;
    let bytes = match out.extension().and_then(|end| end.to_str()) {
        Some("pdf") => Paper::read(db, row, desk.ctx.now()).await?.bytes()?,
        Some("xlsx") => {
            let sheets = Sheets {
                figures: store::figures(&row)?,
                lines: store::lines(db, &row).await?,
                messages: store::messages(db, &row, None, 0, u64::MAX >> 1).await?,
                steps: store::steps(db, &row).await?,
                difference: service::differences(db, desk.ctx, &row, None).await?,
                names: Directory::load(db).await?,
                row,
            };
            sheets.bytes()?
        }
        _ => return Err(CliError::Usage("文件名应以 .xlsx 或 .pdf 结尾".to_owned())),
    };
    super::put(out, &bytes)?;
    show::line(format!("{}", out.display()));
    Ok(Done::Clean)
}
