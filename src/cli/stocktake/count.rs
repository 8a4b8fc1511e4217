//! Scanning and undoing.

use std::io::Read as _;
use std::path::PathBuf;

use serde_json::json;

use super::super::show::{Align, Table};
use super::super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::items::labels::{self, Resolved, Subject};
use crate::items::store as items;
use crate::kernel::ids::{ItemId, PersonId, PlaceId, ScanId};
use crate::kernel::{Ctx, Quantity};
use crate::org::Directory;
use crate::stocktake::counting::{self, Answer, NewScan, Which};
use crate::stocktake::model::{Condition, IdentifiedBy};
use crate::stocktake::outcome::Outcome;
use crate::stocktake::store;

/// 记一次或多次扫描
#[derive(Debug, clap::Args)]
pub(super) struct ScanArgs {
    /// 盘点编号
    campaign: String,
    /// 标签码或资产编号
    codes: Vec<String>,
    /// 一行一码的文件（离线扫描枪导出），- 为标准输入
    #[arg(long, value_name = "FILE")]
    from: Option<PathBuf>,
    /// 所在地点：编号、名称或地点标签码
    #[arg(long)]
    place: Option<String>,
    /// 现场使用人
    #[arg(long)]
    keeper: Option<String>,
    /// 数量
    #[arg(long, default_value = "1")]
    quantity: String,
    /// 损坏
    #[arg(long)]
    damaged: bool,
    /// 物品上没有标签（按编号识别）
    #[arg(long)]
    no_label: bool,
    /// 备注
    #[arg(long, default_value = "")]
    note: String,
    /// 无标签物品的名称
    #[arg(long, default_value = "")]
    name: String,
    /// 无标签物品的序列号
    #[arg(long, default_value = "")]
    serial: String,
    /// 盘点人
    #[arg(long)]
    counter: String,
}

/// Records the scans and shows what each is.
///
/// # Errors
/// When a name is unknown or the campaign is not under way.
pub(super) async fn scan(
    db: &Db,
    ctx: &Ctx,
    directory: &Directory,
    args: &ScanArgs,
    global: &Global,
) -> Result<Done, CliError> {
    let place = match &args.place {
        Some(written) => Some(find_place(db, directory, written).await?),
        None => None,
    };
    let keeper: Option<PersonId> = args.keeper.as_deref().map(|name| directory.find_person(name, None)).transpose()?;
    let quantity = Quantity::parse(&args.quantity).map_err(|error| CliError::Usage(error.to_string()))?;
    let mut codes = args.codes.clone();
    codes.extend(read_codes(args)?);
    if codes.is_empty() && (!args.serial.is_empty() || !args.name.is_empty()) {
        codes.push(String::new());
    }
    if codes.is_empty() {
        return Err(CliError::Usage(
            "请写标签码或资产编号，或用 --from 给出文件；无标签的写 --name 或 --serial".to_owned(),
        ));
    }
    let scans: Vec<NewScan> = codes
        .into_iter()
        .map(|code_read| NewScan {
            id: ctx.new_id(),
            code_read,
            place,
            keeper,
            quantity,
            condition: if args.damaged { Condition::Damaged } else { Condition::Good },
            no_label: args.no_label,
            name: args.name.clone(),
            serial_number: args.serial.clone(),
            note: args.note.clone(),
            counter: args.counter.clone(),
            device: "cli".to_owned(),
            device_at: ctx.now(),
        })
        .collect();
    let answers = counting::scan(db, ctx, &args.campaign, &scans).await?;
    show_answers(db, args, &scans, &answers, global).await
}

async fn find_place(db: &Db, directory: &Directory, written: &str) -> Result<PlaceId, CliError> {
    if let Resolved::Current(Subject::Place(id)) | Resolved::Superseded(Subject::Place(id)) =
        labels::resolve(db.read(), written).await?
    {
        return Ok(id);
    }
    Ok(directory.find_place(written, None)?)
}

fn read_codes(args: &ScanArgs) -> Result<Vec<String>, CliError> {
    let Some(path) = &args.from else { return Ok(Vec::new()) };
    let bytes = if path.as_os_str() == "-" {
        let mut bytes = Vec::new();
        std::io::stdin().read_to_end(&mut bytes).map(|_| bytes)
    } else {
        std::fs::read(path)
    };
    let bytes = bytes.map_err(|source| CliError::file(path, source))?;
    // Scanners save with or without a byte order mark; older ones in the Chinese code page.
    let text = match encoding_rs::UTF_8.decode(&bytes) {
        (text, _, false) => text,
        _ => encoding_rs::GB18030.decode(&bytes).0,
    };
    Ok(text.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect())
}

async fn show_answers(
    db: &Db,
    args: &ScanArgs,
    scans: &[NewScan],
    answers: &[Answer],
    global: &Global,
) -> Result<Done, CliError> {
    let attention = answers.iter().any(
        |answer| !matches!(answer, Answer::Recorded { identified_by, .. } if *identified_by != IdentifiedBy::Unknown),
    );
    if global.json() {
        let facts: Vec<_> = scans
            .iter()
            .zip(answers)
            .map(|(scan, answer)| json!({ "scan": scan.id, "code": scan.code_read, "result": answer }))
            .collect();
        show::json(&facts);
        return Ok(Done::attention_if(attention));
    }
    let campaign = store::campaign(db.read(), &args.campaign).await?;
    let outcome = Outcome::compute(db.read(), &campaign).await?;
    let ids: Vec<ItemId> = answers.iter().filter_map(item_of).collect();
    let things = items::by_ids(db.read(), &ids).await?;
    let mut table = Table::new(&[
        ("码", Align::Left),
        ("结论", Align::Left),
        ("编号", Align::Left),
        ("名称", Align::Left),
        ("账面地点", Align::Left),
        ("扫描号", Align::Left),
    ]);
    for (scan, answer) in scans.iter().zip(answers) {
        let thing = item_of(answer).and_then(|id| things.get(&id));
        let line = thing.and_then(|thing| {
            outcome.lines.iter().find(|line| line.item.as_ref().is_some_and(|item| item.id == thing.id))
        });
        let verdict = match answer {
            Answer::Recorded { item: None, .. } => "? 盘盈".to_owned(),
            Answer::Recorded { .. } => {
                line.map(|line| format!("{} {}", line.verdict.shape(), line.verdict.zh())).unwrap_or_default()
            }
            Answer::Repeated => "= 已扫过".to_owned(),
            Answer::Refused { reason, .. } => reason.clone(),
        };
        // A blind count does not show where the book has it.
        let book_place = line.filter(|_| !campaign.blind).and_then(|line| line.book_place);
        table.row([
            scan.code_read.clone(),
            verdict,
            thing.map(|thing| thing.item_number.clone()).unwrap_or_default(),
            thing.map(|thing| thing.name.clone()).unwrap_or_default(),
            outcome.directory.place_name(book_place).to_owned(),
            scan.id.to_string(),
        ]);
    }
    table.print();
    Ok(Done::attention_if(attention))
}

const fn item_of(answer: &Answer) -> Option<ItemId> {
    match answer {
        Answer::Recorded { item, .. } => *item,
        _ => None,
    }
}

/// Undoes one scan.
///
/// # Errors
/// When there is none to undo.
pub(super) async fn undo(
    db: &Db,
    ctx: &Ctx,
    campaign: &str,
    scan: Option<uuid::Uuid>,
    last_of: Option<&str>,
    global: &Global,
) -> Result<Done, CliError> {
    let which = match (scan, last_of) {
        (Some(id), _) => Which::Id(ScanId(id)),
        (None, counter) => Which::LastOf(counter.unwrap_or_default().to_owned()),
    };
    let undone = counting::undo(db, ctx, campaign, &which).await?;
    if global.json() {
        show::json(&undone);
    } else {
        show::line(format!("已撤销 {} 对“{}”的扫描（{}）", undone.counter, undone.code_read, undone.id));
    }
    Ok(Done::Clean)
}
