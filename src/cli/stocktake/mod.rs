//! `hufu stocktake`: a campaign from opening to report, on the command line.

mod count;
mod look;

pub use look::print_status;

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;

use super::{CliError, Done, Global, show};
use crate::items::ItemError;
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId};
use crate::org::Directory;
use crate::stocktake::campaign::{self, Opening};
use crate::stocktake::missing;
use crate::stocktake::recounting;
use crate::stocktake::scope::Scope;

/// 盘点
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 开一次盘点：按基准日的账固定应盘范围
    Open(OpenArgs),
    /// 看一个单位的盘点表（账面应盘）
    Sheet {
        /// 盘点编号
        campaign: String,
        /// 单位
        #[arg(long)]
        unit: String,
        /// 盲盘：不显示账面数量与地点
        #[arg(long)]
        blind: bool,
    },
    /// 记一次或多次扫描
    Scan(count::ScanArgs),
    /// 导入盘点数据文件
    ImportCount {
        /// 盘点编号
        campaign: String,
        #[command(flatten)]
        file: super::import::FileArgs,
        /// 文件中没有盘点人时的盘点人
        #[arg(long, default_value = "")]
        counter: String,
    },
    /// 撤销一次扫描
    Undo {
        /// 盘点编号
        campaign: String,
        /// 扫描号（见 scan 的输出）
        #[arg(required_unless_present = "last_of")]
        scan: Option<uuid::Uuid>,
        /// 撤销该盘点人的最后一次
        #[arg(long, value_name = "COUNTER", conflicts_with = "scan")]
        last_of: Option<String>,
    },
    /// 提交一个单位的盘点表：此后未见的即为盘亏
    Submit {
        /// 盘点编号
        campaign: String,
        /// 单位
        #[arg(long)]
        unit: String,
        /// 提交人（警号或姓名）
        #[arg(long)]
        by: Option<String>,
    },
    /// 单位主要负责人确认盘点表
    Confirm {
        /// 盘点编号
        campaign: String,
        /// 单位
        #[arg(long)]
        unit: String,
        /// 确认人（警号或姓名）
        #[arg(long)]
        by: String,
        /// 单位没有负责人等情形下，由指挥中心代为确认的理由
        #[arg(long)]
        reason: Option<String>,
    },
    /// 开复盘：这些物品此前的扫描留存但不再作数，盘点表重新打开
    Recount {
        /// 盘点编号
        campaign: String,
        /// 资产编号
        #[arg(required = true)]
        numbers: Vec<String>,
        /// 原因
        #[arg(long)]
        reason: String,
        /// 复盘人（不能是盘过它的人）
        #[arg(long)]
        assignee: Option<String>,
    },
    /// 结束盘点：结论定格，盘亏立案
    Close {
        /// 盘点编号
        campaign: String,
        /// 仍有单位未确认时的理由
        #[arg(long, value_name = "REASON")]
        leave_open: Option<String>,
    },
    /// 进度与差异
    Status {
        /// 盘点编号；不写则列出各次盘点
        campaign: Option<String>,
    },
    /// 差异清单
    Differences {
        /// 盘点编号
        campaign: String,
        /// 只看一种结论（missing、misplaced…）
        #[arg(long)]
        verdict: Option<String>,
        /// 只看一个单位
        #[arg(long)]
        unit: Option<String>,
    },
    /// 盘点情况报告：report.xlsx 与 report.pdf
    Report {
        /// 盘点编号
        campaign: String,
        /// 输出目录
        #[arg(long, value_name = "DIR")]
        out: PathBuf,
    },
    /// 盘亏的去向线索
    Leads {
        /// 盘点编号
        campaign: String,
        /// 只看这一件
        number: Option<String>,
    },
    /// 把以前年度的盘亏清单带入，供本次核对是否找回
    CarryOver {
        /// 清单年度
        #[arg(long)]
        year: i64,
        /// 资产编号
        #[arg(required = true)]
        numbers: Vec<String>,
    },
}

/// 开一次盘点
#[derive(Debug, clap::Args)]
pub struct OpenArgs {
    /// 盘点编号，如 2026-YE
    number: String,
    /// 名称，如 2026 年终盘点
    #[arg(long)]
    name: Option<String>,
    /// 盘点基准日
    #[arg(long, value_name = "YYYY-MM-DD")]
    baseline: NaiveDate,
    /// 盘点开始日 [默认：基准日]
    #[arg(long, value_name = "YYYY-MM-DD")]
    from: Option<NaiveDate>,
    /// 盘点结束日 [默认：开始后 30 日]
    #[arg(long, value_name = "YYYY-MM-DD")]
    to: Option<NaiveDate>,
    /// 只盘这些单位
    #[arg(long)]
    unit: Vec<String>,
    /// 只盘这些地点
    #[arg(long)]
    place: Vec<String>,
    /// 只盘这些分类（代码的开头）
    #[arg(long)]
    class: Vec<String>,
    /// 盲盘
    #[arg(long)]
    blind: bool,
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown or the stocktake refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let directory = Directory::load(db.read()).await?;
    let ctx = global.ctx()?;
    let person = |name: &str| directory.find_person(name, None);
    match &args.command {
        Command::Open(open) => open_campaign(&db, &ctx, &directory, open, global).await,
        Command::Sheet { campaign, unit, blind } => {
            look::sheet(&db, &directory, campaign, directory.find_unit(unit)?, *blind, global).await
        }
        Command::Scan(scan) => count::scan(&db, &ctx, &directory, scan, global).await,
        Command::ImportCount { campaign, file, counter } => {
            super::import::counts(&db, &ctx, (campaign, counter), file, global).await
        }
        Command::Undo { campaign, scan, last_of } => {
            count::undo(&db, &ctx, campaign, *scan, last_of.as_deref(), global).await
        }
        Command::Submit { campaign, unit, by } => {
            let by = by.as_deref().map(person).transpose()?;
            campaign::submit(&db, &ctx, campaign, directory.find_unit(unit)?, by).await?;
            say(global, &format!("{unit}的盘点表已提交；未见的物品现为盘亏"));
            look::status(&db, campaign, global).await
        }
        Command::Confirm { campaign, unit, by, reason } => {
            let by = directory.find_person(by, directory.find_unit(unit).ok())?;
            let of_unit = directory.find_unit(unit)?;
            let sheet = campaign::confirm(&db, &ctx, campaign, of_unit, by, reason.as_deref()).await?;
            tell(global, &sheet, &format!("{unit}的盘点表已由{}确认", directory.person_name(Some(by))));
            Ok(Done::Clean)
        }
        Command::Recount { campaign, numbers, reason, assignee } => {
            let assignee: Option<PersonId> = assignee.as_deref().map(person).transpose()?;
            let things = find_all(&db, numbers).await?;
            let count = recounting::open(&db, &ctx, campaign, &things, assignee, reason).await?;
            tell(global, &numbers, &format!("已开复盘 {count} 件"));
            Ok(Done::Clean)
        }
        Command::Close { campaign, leave_open } => {
            let outcome = campaign::close(&db, &ctx, campaign, leave_open.as_deref()).await?;
            look::print_status(&outcome, global);
            Ok(Done::attention_if(outcome.tallies().1.needing_attention() > 0))
        }
        Command::Status { campaign: Some(campaign) } => look::status(&db, campaign, global).await,
        Command::Status { campaign: None } => look::campaigns(&db, global).await,
        Command::Differences { campaign, verdict, unit } => {
            let unit = unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
            look::differences(&db, campaign, verdict.as_deref(), unit, global).await
        }
        Command::Report { campaign, out } => look::report(&db, &ctx, campaign, out, global).await,
        Command::Leads { campaign, number } => look::leads(&db, campaign, number.as_deref(), global).await,
        Command::CarryOver { year, numbers } => {
            let things = find_all(&db, numbers).await?;
            let count = missing::carry_over(&db, &ctx, *year, &things).await?;
            tell(global, &numbers, &format!("{year} 年盘亏清单已带入 {count} 件"));
            Ok(Done::Clean)
        }
    }
}

/// Says what was done, where the status that follows is the one JSON document.
fn say(global: &Global, words: &str) {
    if !global.json() {
        show::line(words);
    }
}

/// Says what was done, or shows it as JSON.
fn tell(global: &Global, facts: &impl serde::Serialize, words: &str) {
    if global.json() {
        show::json(facts);
    } else {
        show::line(words);
    }
}

async fn find_all(db: &crate::db::Db, numbers: &[String]) -> Result<Vec<ItemId>, CliError> {
    let mut things = Vec::with_capacity(numbers.len());
    for number in numbers {
        let thing = items::by_number(db.read(), number).await?;
        things.push(thing.ok_or_else(|| ItemError::NotFound(number.clone()))?.id);
    }
    Ok(things)
}

async fn open_campaign(
    db: &crate::db::Db,
    ctx: &Ctx,
    directory: &Directory,
    args: &OpenArgs,
    global: &Global,
) -> Result<Done, CliError> {
    let from = args.from.unwrap_or(args.baseline);
    let opening = Opening {
        number: args.number.clone(),
        name: args.name.clone().unwrap_or_else(|| args.number.clone()),
        baseline_on: args.baseline,
        from,
        to: args.to.unwrap_or_else(|| from + chrono::Days::new(30)),
        blind: args.blind,
        scope: Scope {
            units: args.unit.iter().map(|name| directory.find_unit(name)).collect::<Result<_, _>>()?,
            places: args.place.iter().map(|name| directory.find_place(name, None)).collect::<Result<_, _>>()?,
            kinds: Vec::new(),
            classes: args.class.clone(),
        },
    };
    let campaign = campaign::open(db, ctx, &opening).await?;
    say(global, &format!("已开盘点 {} {}，基准日 {}", campaign.number, campaign.name, args.baseline));
    look::status(db, &campaign.number, global).await?;
    Ok(Done::Clean)
}
