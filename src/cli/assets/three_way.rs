//! `hufu assets three-way`: book, count and finance ledger held against each other, at the machine.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use super::moves::Desk;
use crate::assets::three_way::batches;
use crate::assets::three_way::entity::three_way_check;
use crate::assets::three_way::model::{Category, Verdict};
use crate::assets::three_way::service::{self, Count, Which};
use crate::assets::three_way::sheet::Sheets;
use crate::assets::three_way::store::{self, Wanted};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::documents::{ColumnMap, Limits, io_reason};
use crate::org::Directory;

/// 三方核对：实物账、盘点、财务账
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 导入财务系统的资产明细
    Import {
        /// 文件：CSV、XLSX、XLS、ODS
        file: PathBuf,
        /// 账面日期；不写为今天
        #[arg(long)]
        as_of: Option<NaiveDate>,
        /// 列对应，如 value=账面余额
        #[arg(long)]
        map: Vec<String>,
    },
    /// 列出财务账批次和核对
    List,
    /// 核对一批财务账
    Compare {
        /// 批次编号
        batch: String,
        /// 已结束的盘点编号；不写为最近一次
        #[arg(long, conflicts_with = "without_count")]
        campaign: Option<String>,
        /// 只核对两本账
        #[arg(long)]
        without_count: bool,
    },
    /// 查看一次核对
    Show {
        /// 核对编号
        number: String,
        /// 只列未说明的差异
        #[arg(long)]
        open: bool,
    },
    /// 说明差异
    Explain {
        /// 核对编号
        number: String,
        /// 行号；不写则说明 --verdict 的全部未说明项
        #[arg(long, value_delimiter = ',')]
        lines: Vec<i64>,
        /// 核对结果（value_differs 或 原值不符 …）
        #[arg(long)]
        verdict: Option<String>,
        /// 差异类别（timing 或 入账时间差 …）
        #[arg(long)]
        category: String,
        /// 原因
        #[arg(long)]
        reason: String,
        /// 说明人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 办结核对
    Close {
        /// 核对编号
        number: String,
    },
    /// 撤销一批财务账
    Undo {
        /// 批次编号
        batch: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 写出电子表
    Export {
        /// 核对编号
        number: String,
        /// 文件（.xlsx）
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
    match &args.command {
        Command::Import { file, as_of, map } => import(&desk, file, *as_of, map).await,
        Command::List => list(&desk).await,
        Command::Compare { batch, campaign, without_count } => {
            let count = match (campaign, without_count) {
                (Some(number), _) => Count::Number(number.clone()),
                (None, true) => Count::Without,
                (None, false) => Count::Last,
            };
            let row = service::compare(&db, &ctx, batch, &count).await?;
            tell(&desk, &row);
            Ok(Done::attention_if(row.open_count > 0))
        }
        Command::Show { number, open } => whole(&desk, number, *open).await,
        Command::Explain { number, lines, verdict, category, reason, by } => {
            let unknown = |what: &str, name: &str| CliError::Usage(format!("没有“{name}”这一{what}"));
            let category = Category::by_name(category).ok_or_else(|| unknown("差异类别", category))?;
            let which = match (lines.is_empty(), verdict) {
                (false, _) => Which::Lines(lines.clone()),
                (true, Some(name)) => Which::OpenOf(Verdict::by_name(name).ok_or_else(|| unknown("核对结果", name))?),
                (true, None) => return Err(CliError::Usage("请用 --lines 或 --verdict 写明说明哪些差异".to_owned())),
            };
            let many = service::explain(&db, &desk.acting(Some(by))?, number, &which, category, reason).await?;
            show::line(format!("{number} 已说明 {many} 项"));
            Ok(Done::Clean)
        }
        Command::Close { number } => {
            tell(&desk, &service::close(&db, &ctx, number, None).await?);
            Ok(Done::Clean)
        }
        Command::Undo { batch, reason } => {
            let row = batches::undo(&db, &ctx, batch, None, reason).await?;
            show::line(format!("{} 已撤销", row.number));
            Ok(Done::Clean)
        }
        Command::Export { number, out } => {
            let row = store::one(db.read(), &ctx, number).await?;
            let sheets = Sheets {
                sums: store::sums(db.read(), &ctx, &row).await?,
                lines: store::lines(db.read(), &ctx, &row, &Wanted::default(), u64::MAX >> 1).await?,
                names: Directory::load(db.read()).await?,
                row,
            };
            super::put(out, &sheets.bytes()?)?;
            show::line(format!("{}", out.display()));
            Ok(Done::Clean)
        }
    }
}

async fn import(
    desk: &Desk<'_>,
    file: &std::path::Path,
    as_of: Option<NaiveDate>,
    map: &[String],
) -> Result<Done, CliError> {
    let unreadable = |error: std::io::Error| CliError::Usage(format!("{}：{}", file.display(), io_reason(&error)));
    let bytes = std::fs::read(file).map_err(unreadable)?;
    let name = file.file_name().map_or_else(String::new, |name| name.to_string_lossy().into_owned());
    let map = ColumnMap::parse(map)?;
    let parsed = batches::parse(&name, bytes, &map, &Limits::default())?;
    let row = batches::write(desk.db, desk.ctx, &parsed, as_of.unwrap_or_else(|| desk.ctx.now().day())).await?;
    if desk.global.json() {
        show::json(&json!({ "number": row.number, "as_of": row.as_of, "rows": row.row_count,
            "rejects": row.reject_count, "value_fen": row.value_fen }));
    } else {
        show::line(format!(
            "{} · {} · {} 行 · 原值 {} 元 · 未收 {} 行",
            row.number, row.as_of, row.row_count, row.value_fen, row.reject_count
        ));
        parsed.notes.iter().for_each(|note| show::line(note.clone()));
        for one in &parsed.rejects {
            show::line(format!("第 {} 行 {} “{}”：{}", one.at.row, one.column, one.value, one.reason));
        }
    }
    Ok(Done::attention_if(!parsed.rejects.is_empty()))
}

fn fact(row: &three_way_check::Model) -> serde_json::Value {
    json!({ "number": row.number, "as_of": row.as_of, "state": row.state, "things": row.line_count,
        "differences": row.difference_count, "open": row.open_count, "with_count": row.campaign_id.is_some() })
}

fn tell(desk: &Desk<'_>, row: &three_way_check::Model) {
    if desk.global.json() {
        show::json(&fact(row));
        return;
    }
    let count = if row.campaign_id.is_some() { "" } else { " · 没有盘点，只核对两本账" };
    show::line(format!(
        "{} · {} · {} · {} 件 · 差异 {} · 未说明 {}{count}",
        row.number,
        row.as_of,
        row.state.zh(),
        row.line_count,
        row.difference_count,
        row.open_count
    ));
}

async fn list(desk: &Desk<'_>) -> Result<Done, CliError> {
    let batches = store::batches(desk.db.read(), desk.ctx, None, 200).await?;
    let checks = store::checks(desk.db.read(), desk.ctx, None, 200).await?;
    if desk.global.json() {
        show::json(&json!({ "batches": batches, "checks": checks.iter().map(fact).collect::<Vec<_>>() }));
        return Ok(Done::Clean);
    }
    for row in &batches {
        let state = if row.undone_at.is_some() { "已撤销" } else { "有效" };
        show::line(format!("{} · {} · {} · {} 行 · {state}", row.number, row.as_of, row.file_name, row.row_count));
    }
    checks.iter().for_each(|row| tell(desk, row));
    Ok(Done::Clean)
}

async fn whole(desk: &Desk<'_>, number: &str, open: bool) -> Result<Done, CliError> {
    let row = store::one(desk.db.read(), desk.ctx, number).await?;
    let wanted = Wanted { differences: true, open, ..Wanted::default() };
    let lines = store::lines(desk.db.read(), desk.ctx, &row, &wanted, 100_000).await?;
    if desk.global.json() {
        let mut fact = fact(&row);
        fact["lines"] = json!(lines);
        show::json(&fact);
        return Ok(Done::Clean);
    }
    tell(desk, &row);
    let mut table = Table::new(&[
        ("行号", Align::Right),
        ("资产编号", Align::Left),
        ("使用部门", Align::Left),
        ("核对结果", Align::Left),
        ("实物账", Align::Right),
        ("财务账", Align::Right),
        ("差异原因", Align::Left),
    ]);
    let money = |fen: Option<crate::kernel::Fen>| fen.map(|fen| fen.to_string()).unwrap_or_default();
    for line in &lines {
        table.row([
            line.line.to_string(),
            line.item_number.clone(),
            line.unit_id.map_or("", |unit| desk.directory.unit_name(unit)).to_owned(),
            line.verdict.zh().to_owned(),
            money(line.book_fen),
            money(line.finance_fen),
            line.explanation.clone(),
        ]);
    }
    table.print();
    Ok(Done::Clean)
}
