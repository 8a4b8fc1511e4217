//! `hufu import`: units, people, places, assets, counts; list; undo.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::documents::{ColumnMap, RejectSink as _, RejectsFile};
use crate::imports::arms::{Arms, ArmsFile};
use crate::imports::{self, BatchLine, CAN_CREATE, ImportError, Report, Request, What};
use crate::kernel::ids::BatchId;
use crate::kernel::{Ctx, Timestamp};

/// 导入
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 单位：单位代码、单位名称、上级单位、单位类型
    Units {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 人员：警号、姓名、所属单位、职责、人员类别
    People {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 地点：地点代码、地点名称、所属单位、保管人
    Places {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 固定资产：资产编号、资产名称、使用部门 等
    Assets {
        #[command(flatten)]
        file: FileArgs,
        /// 文件中出现而未登记的单位、地点、人员自动登记
        #[arg(long)]
        create_missing: bool,
        /// 账从哪一天起有这些资产 [默认：现在]
        #[arg(long, value_name = "YYYY-MM-DD")]
        as_of: Option<NaiveDate>,
    },
    /// 公务用车：资产编号、车牌号、使用部门、车辆识别号、油箱容量、到期日 等
    Vehicles {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 枪支：枪支类型、枪号、枪证号码、枪弹库、枪柜、枪位 等
    Guns {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 弹药：弹药种类、批次、发数、弹药库、凭证
    Lots {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 配枪人员：警号、姓名、持枪证号、发证日期、有效期限
    Officers {
        #[command(flatten)]
        file: FileArgs,
    },
    /// 盘点数据
    Counts {
        #[command(flatten)]
        file: FileArgs,
        /// 盘点编号
        #[arg(long)]
        campaign: String,
        /// 文件中没有盘点人时的盘点人
        #[arg(long, default_value = "")]
        counter: String,
    },
    /// 各批次
    List,
    /// 撤销一个批次；之后有变动的行保留并列出
    Undo {
        /// 批次号
        batch: uuid::Uuid,
    },
}

/// The file and how to read it.
#[derive(Debug, Clone, clap::Args)]
pub struct FileArgs {
    /// 文件（CSV、XLSX、XLS、ODS）
    file: PathBuf,
    /// 列对应：字段=列名（或 字段=#C）
    #[arg(long, value_name = "FIELD=HEADER")]
    map: Vec<String>,
    /// 只试不写
    #[arg(long)]
    dry_run: bool,
    /// 退回的行写到此文件 [默认：文件名.rejects.csv]
    #[arg(long, value_name = "FILE")]
    rejects: Option<PathBuf>,
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When nothing was brought in or undone.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let ctx = global.ctx()?;
    match &args.command {
        Command::Units { file } => bring(&db, &ctx, file, What::Units, global).await,
        Command::People { file } => bring(&db, &ctx, file, What::People, global).await,
        Command::Places { file } => bring(&db, &ctx, file, What::Places, global).await,
        Command::Assets { file, create_missing, as_of } => {
            let effective_at = as_of.map_or_else(|| ctx.now(), Timestamp::start_of_day);
            let what = What::Assets { effective_at, create_missing: *create_missing };
            bring(&db, &ctx, file, what, global).await
        }
        Command::Vehicles { file } => bring(&db, &ctx, file, What::Vehicles, global).await,
        Command::Guns { file } => bring_arms(&db, &ctx, file, Arms::Guns, global).await,
        Command::Lots { file } => bring_arms(&db, &ctx, file, Arms::Lots, global).await,
        Command::Officers { file } => bring_arms(&db, &ctx, file, Arms::Officers, global).await,
        Command::Counts { file, campaign, counter } => counts(&db, &ctx, (campaign, counter), file, global).await,
        Command::List => list(&db, global).await,
        Command::Undo { batch } => undo(&db, &ctx, BatchId(*batch), global).await,
    }
}

/// Brings a count into a campaign; `counter` counted where a row does not say who did.
///
/// # Errors
/// When nothing was brought in.
pub async fn counts(
    db: &Db,
    ctx: &Ctx,
    (campaign, counter): (&str, &str),
    file: &FileArgs,
    global: &Global,
) -> Result<Done, CliError> {
    let what = What::Counts { campaign: campaign.to_owned(), counter: counter.to_owned() };
    bring(db, ctx, file, what, global).await
}

async fn bring(db: &Db, ctx: &Ctx, file: &FileArgs, what: What, global: &Global) -> Result<Done, CliError> {
    let map = ColumnMap::parse(&file.map)?;
    let request = Request { path: &file.file, map, dry_run: file.dry_run, what };
    told(file, global, async || imports::run(db, ctx, &request).await).await
}

async fn bring_arms(db: &Db, ctx: &Ctx, file: &FileArgs, what: Arms, global: &Global) -> Result<Done, CliError> {
    let map = ColumnMap::parse(&file.map)?;
    let arms = ArmsFile { path: &file.file, map, dry_run: file.dry_run, what };
    told(file, global, async || imports::arms::run(db, ctx, &arms).await).await
}

async fn told(
    file: &FileArgs,
    global: &Global,
    run: impl AsyncFnOnce() -> Result<Report, ImportError>,
) -> Result<Done, CliError> {
    // The rejects are written first: a path that cannot be written stops the import before it has done anything.
    let path = file.rejects.clone().unwrap_or_else(|| beside(&file.file));
    let mut rejects = RejectsFile::create(&path)?;
    let report = run().await?;
    let refused = !report.rejects.is_empty();
    // Rejects of an earlier try are no longer true.
    if refused || path.exists() {
        report.rejects.iter().for_each(|reject| rejects.reject(reject.clone()));
        rejects.finish()?;
    }
    tell(&report, file, refused.then_some(path.as_path()), global);
    Ok(Done::attention_if(refused))
}

fn beside(file: &Path) -> PathBuf {
    let mut name = file.file_name().unwrap_or_default().to_owned();
    name.push(".rejects.csv");
    file.with_file_name(name)
}

/// So many rejects are shown; the file has them all.
const SHOWN: usize = 8;

fn tell(report: &Report, file: &FileArgs, rejects: Option<&Path>, global: &Global) {
    if global.json() {
        let refused: Vec<_> = report
            .rejects
            .iter()
            .map(|reject| {
                json!({ "file": &*reject.at.file, "sheet": &*reject.at.sheet, "row": reject.at.row,
                    "column": reject.column, "value": reject.value, "reason": reject.reason })
            })
            .collect();
        show::json(&json!({
            "batch": report.batch, "dry_run": file.dry_run, "taken": report.taken, "rejects": refused,
            "rejects_file": rejects, "notes": report.notes, "created": report.created,
        }));
        return;
    }
    report.notes.iter().for_each(show::line);
    if !report.created.is_empty() {
        show::line(format!("自动登记 {} 项：{}", report.created.len(), report.created.join("、")));
    }
    for reject in report.rejects.iter().take(SHOWN) {
        show::line(format!("退回 {reject}（值：{}）", reject.value));
    }
    if report.rejects.len() > SHOWN {
        show::line(format!("…… 另有 {} 行退回", report.rejects.len() - SHOWN));
    }
    let (did, rows) = (if file.dry_run { "试导入（未写入）" } else { "已导入" }, report.taken);
    show::line(format!("{did} {rows} 行，退回 {} 行", report.rejects.len()));
    if report.rejects.iter().any(|reject| reject.reason.ends_with(CAN_CREATE)) {
        show::line("加 --create-missing 可自动登记缺少的单位、地点、人员");
    }
    if let Some(path) = rejects {
        show::line(format!("退回的行与原因：{}", path.display()));
    }
    match report.batch {
        Some(batch) => show::line(format!("批次 {batch}（撤销：hufu import undo {batch}）")),
        None if rows == 0 => show::line("没有可导入的行，未写入任何内容"),
        None => {}
    }
}

async fn list(db: &Db, global: &Global) -> Result<Done, CliError> {
    let batches: Vec<BatchLine> = imports::batches(db).await?.into_iter().map(BatchLine::from).collect();
    if global.json() {
        show::json(&batches);
        return Ok(Done::Clean);
    }
    let mut table = Table::new(&[
        ("批次", Align::Left),
        ("内容", Align::Left),
        ("文件", Align::Left),
        ("行", Align::Right),
        ("退回", Align::Right),
        ("状态", Align::Left),
        ("时间", Align::Left),
    ]);
    for batch in &batches {
        table.row([
            batch.id.to_string(),
            batch.kind.zh().to_owned(),
            batch.file_name.clone(),
            batch.row_count.to_string(),
            batch.reject_count.to_string(),
            batch.state.zh().to_owned(),
            batch.imported_at.to_string(),
        ]);
    }
    if table.is_empty() {
        show::line("还没有导入过文件");
    } else {
        table.print();
    }
    Ok(Done::Clean)
}

async fn undo(db: &Db, ctx: &Ctx, batch: BatchId, global: &Global) -> Result<Done, CliError> {
    let undone = imports::undo(db, ctx, batch).await?;
    if global.json() {
        show::json(&undone);
    } else {
        show::line(format!("已撤销{} {} 行", undone.kind.zh(), undone.undone));
        if !undone.kept.is_empty() {
            show::line(format!("保留 {} 行（导入后有变动或已被使用）：{}", undone.kept.len(), undone.kept.join("、")));
        }
    }
    Ok(Done::attention_if(!undone.kept.is_empty()))
}
