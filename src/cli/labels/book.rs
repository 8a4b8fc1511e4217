//! Labels of the things and places in the book.

use std::path::PathBuf;

use hufu_labels::write::LabelRecord;
use serde_json::json;

use super::super::show::{Align, Table};
use super::super::{CliError, Done, Global, show};
use super::{Paper, read_code};
use crate::db::Db;
use crate::documents::AtomicFile;
use crate::items::entity::item;
use crate::items::labels::{self, Printing, Resolved, Subject};
use crate::items::printing::{record_of, record_of_place};
use crate::items::{ItemError, store};
use crate::org::{self, Directory};

/// 为库中的资产或地点打印标签
#[derive(Debug, clap::Args)]
pub(super) struct PrintArgs {
    /// 资产编号
    numbers: Vec<String>,
    /// 单位的全部资产
    #[arg(long)]
    unit: Option<String>,
    /// 地点的全部资产
    #[arg(long)]
    place: Option<String>,
    /// 全部在账资产
    #[arg(long)]
    all: bool,
    /// 待重印队列中的资产（换新码）
    #[arg(long, conflicts_with = "all")]
    queue: bool,
    /// 打印地点的标签而不是资产的
    #[arg(long)]
    places: bool,
    /// 预印 N 张空白标签，以后扫码认领
    #[arg(long, value_name = "N", conflicts_with_all = ["all", "queue", "places"])]
    blanks: Option<usize>,
    /// 换新码，旧标签作废为“已换新”；不写则原码再印
    #[arg(long)]
    renew: bool,
    #[command(flatten)]
    paper: Paper,
    /// 输出文件（.pdf .png .svg .zpl .tspl）
    #[arg(long, value_name = "FILE")]
    out: PathBuf,
}

/// The most labels of one run.
const MOST: u64 = 1_000_000;

/// Prints labels for what is asked.
///
/// # Errors
/// When nothing is asked for, a name is unknown, or the file cannot be written.
pub(super) async fn print(args: &PrintArgs, global: &Global) -> Result<Done, CliError> {
    // Whatever is wrong with the paper is said before a label is recorded as printed.
    args.paper.check(&args.out)?;
    // A file that cannot be begun must not supersede the labels that are stuck on.
    drop(AtomicFile::create(&args.out)?);
    let db = global.open().await?;
    let ctx = global.ctx()?;
    let organisation = org::service::organisation(db.read()).await?;
    let directory = Directory::load(db.read()).await?;
    let printing = if args.renew || args.queue { Printing::Renew } else { Printing::Again };
    let template = args.paper.template.as_str();
    let records = if let Some(count) = args.blanks {
        let codes = labels::print_blanks(&db, &ctx, count, template).await?;
        codes.into_iter().map(LabelRecord::blank).collect()
    } else if args.places {
        let places: Vec<_> =
            directory.places().into_iter().filter(|place| in_unit(args, &directory, place.unit_id)).collect();
        let subjects: Vec<Subject> = places.iter().map(|place| Subject::Place(place.id)).collect();
        let codes = labels::print(&db, &ctx, &subjects, template, printing).await?;
        places.iter().zip(codes).map(|(place, code)| record_of_place(&directory, place, code)).collect()
    } else {
        let things = things(args, &db, &directory).await?;
        let subjects: Vec<Subject> = things.iter().map(|thing| Subject::Item(thing.id)).collect();
        let codes = labels::print(&db, &ctx, &subjects, template, printing).await?;
        things.iter().zip(codes).map(|(thing, code)| record_of(&directory, thing, code)).collect::<Vec<_>>()
    };
    args.paper.write(&records, &organisation, &args.out)?.tell(global);
    Ok(Done::Clean)
}

fn in_unit(args: &PrintArgs, directory: &Directory, unit: crate::kernel::ids::UnitId) -> bool {
    args.unit.as_deref().is_none_or(|name| directory.find_unit(name) == Ok(unit))
}

async fn things(args: &PrintArgs, db: &Db, directory: &Directory) -> Result<Vec<item::Model>, CliError> {
    let mut things = Vec::new();
    for number in &args.numbers {
        let thing = store::by_number(db.read(), number).await?;
        things.push(thing.ok_or_else(|| ItemError::NotFound(number.clone()))?);
    }
    if args.queue {
        let waiting: Vec<_> = store::reprint_queue(db.read()).await?.into_iter().map(|row| row.item_id).collect();
        let mut found: Vec<_> = store::by_ids(db.read(), &waiting).await?.into_values().collect();
        found.sort_by(|a, b| a.number_key.cmp(&b.number_key));
        things.extend(found);
    }
    if args.all || args.unit.is_some() || args.place.is_some() {
        let unit = args.unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
        let place = args.place.as_deref().map(|name| directory.find_place(name, unit)).transpose()?;
        let wanted = store::Search { unit, place, ..store::Search::default() };
        things.extend(store::search(db.read(), &wanted, MOST).await?);
    }
    if things.is_empty() {
        let why = if args.queue {
            "没有待重印的标签"
        } else {
            "请写资产编号，或 --unit、--place、--all、--queue、--places、--blanks"
        };
        return Err(CliError::Usage(why.to_owned()));
    }
    Ok(things)
}

/// Sticks a blank on a thing.
///
/// # Errors
/// When the code or the number is unknown, or the label is not blank.
pub(super) async fn claim(code: &str, number: &str, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let thing = labels::claim(&db, &global.ctx()?, read_code(code)?, number).await?;
    if global.json() {
        show::json(&json!({ "code": code, "item_number": thing.item_number, "name": thing.name }));
    } else {
        show::line(format!("标签 {code} 已认领为 {} {}", thing.item_number, thing.name));
    }
    Ok(Done::Clean)
}

/// Tells what a code stands for; exit code 1 when it stands for nothing, or for something by an old label.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn resolve(code: &str, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let directory = Directory::load(db.read()).await?;
    let resolved = labels::resolve(db.read(), code).await?;
    let name = match resolved {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) | Resolved::Number(id) => {
            store::by_id(db.read(), id).await?.map(|thing| format!("{} {}", thing.item_number, thing.name))
        }
        Resolved::Current(Subject::Place(id)) | Resolved::Superseded(Subject::Place(id)) => {
            directory.place(id).map(|place| format!("{} {}", place.code, place.name))
        }
        _ => None,
    };
    let (state, zh) = match resolved {
        Resolved::Current(_) => ("current", "现用标签"),
        Resolved::Superseded(_) => ("superseded", "已换新的旧标签，请换贴新标签"),
        Resolved::Number(_) => ("number", "资产编号"),
        Resolved::Blank => ("blank", "空白标签，尚未认领"),
        Resolved::Void => ("void", "作废标签"),
        Resolved::Unknown => ("unknown", "不是本单位的标签码，也不是资产编号"),
    };
    if global.json() {
        show::json(&json!({ "code": code, "state": state, "subject": name }));
    } else {
        show::line(format!("{code}：{zh} {}", name.unwrap_or_default()).trim_end());
    }
    Ok(Done::attention_if(!matches!(resolved, Resolved::Current(_) | Resolved::Number(_))))
}

/// Voids a label.
///
/// # Errors
/// When the code is unknown.
pub(super) async fn void(code: &str, reason: &str, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    labels::void(&db, &global.ctx()?, read_code(code)?, reason).await?;
    if global.json() {
        show::json(&json!({ "code": code, "state": "void" }));
    } else {
        show::line(format!("标签 {code} 已作废"));
    }
    Ok(Done::Clean)
}

/// Lists the labels that no longer tell the truth.
///
/// # Errors
/// When the database cannot be read.
pub(super) async fn queue(global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let waiting = store::reprint_queue(db.read()).await?;
    if global.json() {
        show::json(&waiting);
        return Ok(Done::Clean);
    }
    let ids: Vec<_> = waiting.iter().map(|row| row.item_id).collect();
    let things = store::by_ids(db.read(), &ids).await?;
    let mut table =
        Table::new(&[("编号", Align::Left), ("名称", Align::Left), ("原因", Align::Left), ("自", Align::Left)]);
    for row in &waiting {
        let Some(thing) = things.get(&row.item_id) else { continue };
        table.row([thing.item_number.clone(), thing.name.clone(), row.reason.clone(), row.queued_at.to_string()]);
    }
    if table.is_empty() {
        show::line("没有待重印的标签");
    } else {
        table.print();
        show::line("重印：hufu labels print --queue --out 重印.pdf");
    }
    Ok(Done::Clean)
}
