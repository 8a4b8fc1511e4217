//! `hufu journal`: look at the journal, seal it, sign it, export it, and check an export.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::journal::entity::checkpoint::Model as Checkpoint;
use crate::journal::entity::entry::Model as Entry;
use crate::journal::page::{self, PageFacts};
use crate::journal::read::{self, Search, Shown};
use crate::journal::verify::{self, Report};
use crate::journal::{JournalError, checkpoint, export, founding, sequencer, watched};
use crate::kernel::Timestamp;
use crate::kernel::hash::hex;
use crate::kernel::ids::JournalEntryId;
use crate::org::{Directory, service as org};
use crate::watched::tables;

/// 日志：谁做了什么，不可悄悄改动
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出日志条目，新的在前
    List {
        /// 操作人，如 local:zhang 或 person:编号
        #[arg(long)]
        actor: Option<String>,
        /// 动作，如 items.change；items. 表示该类全部
        #[arg(long)]
        action: Option<String>,
        /// 对象，如资产编号
        #[arg(long)]
        subject: Option<String>,
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 从此日起
        #[arg(long, value_name = "DATE")]
        from: Option<chrono::NaiveDate>,
        /// 到此日止
        #[arg(long, value_name = "DATE")]
        to: Option<chrono::NaiveDate>,
        /// 早于此条目（翻页）
        #[arg(long, value_name = "ID")]
        after: Option<Uuid>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 查看一条，及它在哈希树中的证明
    Show {
        /// 条目编号
        id: Uuid,
        /// 最多列出多少触及的行
        #[arg(long, default_value_t = 20)]
        rows: usize,
    },
    /// 立即封存尚未封存的条目
    Seal,
    /// 把没有日志条目记载过的业务行按现状记入日志：用于升级前已有数据的库
    Baseline {
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 签发检查点
    Checkpoint {
        /// 检查点文件，请存放到别处
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
        /// 打印页（PDF）：签字盖章后留存
        #[arg(long, value_name = "FILE.pdf")]
        print: Option<PathBuf>,
    },
    /// 导出日志与全部业务行，供核查
    Export {
        /// 导出文件
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
    },
    /// 核查导出文件，不需要数据库
    Verify {
        /// 导出文件
        #[arg(long, value_name = "FILE")]
        export: PathBuf,
        /// 自己留存的检查点，可写多次
        #[arg(long, value_name = "FILE")]
        checkpoint: Vec<PathBuf>,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When the database or a file cannot be read or written.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    if let Command::Verify { export, checkpoint } = &args.command {
        let report = verify::verify(export, checkpoint)?;
        show_report(&report, global);
        return Ok(Done::attention_if(!report.fits));
    }
    let db = global.open().await?;
    match &args.command {
        Command::List { actor, action, subject, unit, from, to, after, limit } => {
            let directory = Directory::load(db.read()).await?;
            let unit = unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
            let wanted = Search {
                actor: actor.clone(),
                action: action.clone(),
                subject: subject.clone(),
                units: unit.map(|unit| vec![unit]),
                from: from.map(Timestamp::start_of_day),
                to: to.map(|day| Timestamp(Timestamp::end_of_day(day).0 + 1)),
                after: after.map(JournalEntryId),
            };
            list(&read::list(db.read(), &wanted, *limit).await?, &directory, global);
        }
        Command::Show { id, rows } => {
            let kind = founding::hash_kind(db.read()).await?;
            let shown = read::show(db.read(), JournalEntryId(*id), *rows).await?;
            let fits = shown.fits(kind);
            show_entry(&shown, fits, global);
            return Ok(Done::attention_if(!fits));
        }
        Command::Seal => {
            let sealed = sequencer::seal_now(&db, &global.ctx()?).await?;
            let size = sequencer::size(db.read()).await?;
            if global.json() {
                show::json(&json!({ "sealed": sealed, "entries": size }));
            } else {
                show::line(format!("封存了 {sealed} 条，共 {size} 条"));
            }
        }
        Command::Baseline { reason } => {
            let watched::Baseline { taken, refused } =
                watched::baseline(&db, &global.ctx()?, &tables(), reason).await?;
            if global.json() {
                let refused: Vec<_> =
                    refused.iter().map(|(table, key)| json!({ "table": table, "key": key })).collect();
                show::json(&json!({ "rows": taken, "refused": refused }));
            } else {
                show::line(format!("已把 {taken} 行按现状记入日志"));
                for (table, key) in &refused {
                    show::line(format!(
                        "未记入　表 {table}，主键 {key}：与最后写入它的日志条目不符，它被绕过程序改动过"
                    ));
                }
            }
            return Ok(Done::attention_if(!refused.is_empty()));
        }
        Command::Checkpoint { out, print } => {
            let row = checkpoint::make(&db, &global.ctx()?).await?;
            give_out(&db, &row, out.as_deref(), print.as_deref(), global).await?;
        }
        Command::Export { out } => write_out(&db, out, global).await?,
        Command::Verify { .. } => {}
    }
    Ok(Done::Clean)
}

fn list(entries: &[Entry], directory: &Directory, global: &Global) {
    if global.json() {
        return show::json(&entries);
    }
    let columns = [("时间", Align::Left), ("操作人", Align::Left), ("动作", Align::Left), ("对象", Align::Left)];
    let mut table = Table::new(&[&columns[..], &[("单位", Align::Left), ("条目编号", Align::Left)]].concat());
    for entry in entries {
        let unit = entry.unit_id.map_or("", |unit| directory.unit_name(unit));
        let person =
            entry.actor.strip_prefix("person:").and_then(|id| id.parse().ok()).map(crate::kernel::ids::PersonId);
        let actor = match directory.person_name(person) {
            "" => &entry.actor,
            name => name,
        };
        table.row([&entry.at.to_string(), actor, &entry.action, &entry.subject, unit, &entry.id.to_string()]);
    }
    if table.is_empty() { show::line("没有这样的条目") } else { table.print() }
}

fn show_entry(shown: &Shown, fits: bool, global: &Global) {
    let entry = &shown.entry;
    let inclusion = shown.inclusion.as_ref().map(|at| {
        let proof: Vec<String> = at.proof.iter().map(|hash| hex(hash)).collect();
        json!({ "index": at.index, "size": at.size, "root": hex(&at.root), "leaf": hex(&at.leaf), "proof": proof })
    });
    if global.json() {
        return show::json(&json!({
            "entry": entry, "inclusion": inclusion, "fits": fits,
            "touched_count": shown.touched_count, "touched": shown.touched,
        }));
    }
    for (name, value) in [
        ("条目编号", entry.id.to_string()),
        ("时　　间", entry.at.to_string()),
        ("操 作 人", entry.actor.clone()),
        ("共同签署", entry.co_signer.clone().unwrap_or_default()),
        ("动　　作", entry.action.clone()),
        ("对　　象", entry.subject.clone()),
        ("内　　容", entry.payload.clone()),
    ] {
        show::line(format!("{name}  {value}"));
    }
    match &shown.inclusion {
        None => show::line("封　　存  尚未封存"),
        Some(at) => {
            let state = if fits { "证明成立" } else { "证明不成立：条目的内容与封存时不符" };
            show::line(format!("封　　存  第 {} 条，{state}（树 {} 条，根 {}）", at.index, at.size, hex(&at.root)));
        }
    }
    match shown.touched_count {
        None => show::line("触及的行  未列明（升级前的条目）"),
        Some(count) => show::line(format!("触及的行  {count} 行")),
    }
    for row in &shown.touched {
        show::line(format!("          {} {} {}", row.table, row.key, row.hash));
    }
}

/// Hands a checkpoint out: as a file, as a page, or on the screen.
async fn give_out(
    db: &Db,
    row: &Checkpoint,
    out: Option<&Path>,
    print: Option<&Path>,
    global: &Global,
) -> Result<(), CliError> {
    let journal = founding::journal(db.read()).await?.ok_or(JournalError::NoCheckpoint)?;
    if let Some(path) = out {
        std::fs::write(path, &row.note).map_err(|source| CliError::file(path, source))?;
    }
    if let Some(path) = print {
        let organisation = org::organisation(db.read()).await?;
        let facts = PageFacts { organisation: &organisation, vkey: &journal.vkey, kind: journal.kind };
        let bytes = page::pdf(row, &facts, hufu_labels::write::BUILTIN_FONT)?;
        std::fs::write(path, bytes).map_err(|source| CliError::file(path, source))?;
    }
    if global.json() {
        show::json(&json!({
            "size": row.size, "at": row.at, "root": hex(&row.root), "previous_size": row.previous_size,
            "note": row.note, "key": journal.vkey.to_string(), "fingerprint": journal.vkey.fingerprint(),
        }));
        return Ok(());
    }
    show::line(format!("检查点：{} 条，{}，根 {}", row.size, row.at, hex(&row.root)));
    show::line(format!("密钥指纹：{}", journal.vkey.fingerprint()));
    for path in [out, print].into_iter().flatten() {
        show::line(format!("已写入 {}", path.display()));
    }
    if out.is_none() && print.is_none() {
        show::line("");
        show::line(row.note.trim_end());
    }
    Ok(())
}

/// Writes an export, and says how to check it.
async fn write_out(db: &Db, out: &Path, global: &Global) -> Result<(), CliError> {
    let exported = export::write(db, &global.ctx()?, &tables(), out).await?;
    if global.json() {
        show::json(&json!({ "file": out, "exported": exported }));
        return Ok(());
    }
    show::line(format!(
        "已导出 {} 条日志、{} 行业务数据、{} 个检查点：{}",
        exported.entries + exported.unsealed,
        exported.rows,
        exported.checkpoints,
        out.display()
    ));
    show::line(format!("核查：hufu journal verify --export {} --checkpoint 检查点文件", out.display()));
    Ok(())
}

fn show_report(report: &Report, global: &Global) {
    if global.json() {
        return show::json(report);
    }
    show::line(format!("日志 {}（{}），导出于 {}", report.origin, report.hash, report.exported_at));
    show::line(format!("密钥指纹 {}", report.fingerprint));
    show::line(format!(
        "封存 {} 条，未封存 {} 条；业务数据 {} 行；由变动记录推算 {} 件；文件自带检查点 {} 个",
        report.entries, report.unsealed, report.rows, report.things, report.checkpoints
    ));
    show::line(format!("树根 {}", report.root));
    for brought in &report.brought {
        let size = brought.size.map_or_else(|| "无法识别".to_owned(), |size| format!("{size} 条"));
        let fits = if brought.fits { "相符" } else { "不符" };
        show::line(format!("带来的检查点 {}：{size}，{fits}", brought.file));
    }
    if report.not_itemised > 0 {
        show::line(format!(
            "有 {} 条日志写于列明触及的行之前；有 {} 行因此无从核对（可运行 hufu journal baseline 补记）",
            report.not_itemised, report.not_covered
        ));
    }
    for taken in &report.taken_in {
        show::line(format!(
            "日志第 {} 条（{}，{}，{}）把 {} 行按当时的样子记入，此前的经过无从核对",
            taken.entry, taken.action, taken.actor, taken.at, taken.rows
        ));
    }
    for fault in &report.faults {
        show::line(format!("不符　{fault}"));
    }
    if report.fault_count > report.faults.len() as u64 {
        show::line(format!("……共 {} 处不符", report.fault_count));
    }
    show::line(match (report.fits, report.anchored) {
        (true, Some(size)) => {
            format!("结论：全部相符。前 {size} 条有您带来的检查点为证；此后的条目只证明文件自身一致")
        }
        (true, None) => "结论：文件自身一致。没有带来检查点，不能证明日志未被整本重写".to_owned(),
        (false, _) => format!("结论：有 {} 处不符，最先一处见上", report.fault_count),
    });
}
