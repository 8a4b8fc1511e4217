//! `hufu items`: find, show, change, history.

use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::items::entity::item;
use crate::items::labels::{self, Resolved, Subject, state_zh};
use crate::items::model::{EventKind, ItemState};
use crate::items::service::{self, Change};
use crate::items::{ItemError, store};
use crate::kernel::{Quantity, text};
use crate::org::Directory;

/// 查找、查看、变更资产
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 查找：编号或序列号的开头或结尾（4 位起）、名称或型号中的字
    Find {
        /// 要找的字
        text: Option<String>,
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 地点
        #[arg(long)]
        place: Option<String>,
        /// 使用人
        #[arg(long)]
        keeper: Option<String>,
        /// 使用状况（in_use、idle、on_loan、in_repair、disposed…）
        #[arg(long)]
        state: Option<String>,
        /// 从此编号之后（翻页）
        #[arg(long, value_name = "NUMBER")]
        after: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 查看一件（编号或标签码）
    Show {
        /// 资产编号或标签码
        number: String,
    },
    /// 一件的历史
    History {
        /// 资产编号或标签码
        number: String,
    },
    /// 变更单位、地点、使用人、数量、使用状况
    Change {
        /// 资产编号
        number: String,
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 地点（空串表示清空）
        #[arg(long)]
        place: Option<String>,
        /// 使用人（空串表示清空）
        #[arg(long)]
        keeper: Option<String>,
        /// 数量
        #[arg(long)]
        quantity: Option<String>,
        /// 使用状况
        #[arg(long)]
        state: Option<String>,
        /// 不在依据（空串表示清空）
        #[arg(long)]
        excused_by: Option<String>,
        /// 变更原因
        #[arg(long)]
        reason: String,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When the thing or a name is unknown, or the book refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let directory = Directory::load(db.read()).await?;
    match &args.command {
        Command::Find { text, unit, place, keeper, state, after, limit } => {
            let unit = unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
            let wanted = store::Search {
                text: text.clone(),
                unit,
                place: place.as_deref().map(|name| directory.find_place(name, unit)).transpose()?,
                keeper: keeper.as_deref().map(|name| directory.find_person(name, unit)).transpose()?,
                state: state.as_deref().map(read_state).transpose()?,
                after: after.as_deref().map(|number| text::key(number).into_owned()),
                ..store::Search::default()
            };
            find(&db, &directory, &wanted, *limit, global).await
        }
        Command::Show { number } => show_one(&db, &directory, number, global).await,
        Command::History { number } => history(&db, &directory, number, global).await,
        Command::Change { number, unit, place, keeper, quantity, state, excused_by, reason } => {
            let unit = unit.as_deref().map(|name| directory.find_unit(name)).transpose()?;
            let or_clear = |text: &str| (!text.trim().is_empty()).then(|| text.to_owned());
            let change = Change {
                unit,
                place: place
                    .as_deref()
                    .map(|name| or_clear(name).map(|name| directory.find_place(&name, unit)).transpose())
                    .transpose()?,
                keeper: keeper
                    .as_deref()
                    .map(|name| or_clear(name).map(|name| directory.find_person(&name, unit)).transpose())
                    .transpose()?,
                quantity: quantity
                    .as_deref()
                    .map(Quantity::parse)
                    .transpose()
                    .map_err(|error| CliError::Usage(error.to_string()))?,
                state: state.as_deref().map(read_state).transpose()?,
                excused_by: excused_by.as_deref().map(or_clear),
            };
            let after = service::change(&db, &global.ctx()?, number, &change, reason).await?;
            print_card(&directory, &after, global);
            Ok(Done::Clean)
        }
    }
}

fn read_state(text: &str) -> Result<ItemState, CliError> {
    ItemState::from_office_text(text).ok_or_else(|| CliError::Usage(format!("“{text}”不是已知的使用状况")))
}

async fn find(
    db: &Db,
    directory: &Directory,
    wanted: &store::Search,
    limit: u64,
    global: &Global,
) -> Result<Done, CliError> {
    let found = store::search(db.read(), wanted, limit.clamp(1, 10_000)).await?;
    if global.json() {
        show::json(&found.iter().map(|thing| facts(directory, thing)).collect::<Vec<_>>());
        return Ok(Done::Clean);
    }
    let mut table = Table::new(&[
        ("编号", Align::Left),
        ("名称", Align::Left),
        ("规格型号", Align::Left),
        ("单位", Align::Left),
        ("地点", Align::Left),
        ("使用人", Align::Left),
        ("数量", Align::Right),
        ("状况", Align::Left),
        ("价值(元)", Align::Right),
    ]);
    for thing in &found {
        table.row([
            thing.item_number.clone(),
            thing.name.clone(),
            thing.specification.clone(),
            directory.unit_name(thing.unit_id).to_owned(),
            directory.place_name(thing.place_id).to_owned(),
            directory.person_name(thing.keeper_id).to_owned(),
            thing.quantity.to_string(),
            thing.state.zh().to_owned(),
            thing.value_fen.to_string(),
        ]);
    }
    if table.is_empty() {
        show::line("没有符合的资产。可减少条件，或用 --state disposed 查已处置的。");
        return Ok(Done::Clean);
    }
    table.print();
    match found.last() {
        Some(last) if found.len() as u64 == limit => {
            show::line(format!("共显示 {} 行；续看：--after {}", found.len(), last.item_number));
        }
        _ => show::line(format!("共 {} 行", found.len())),
    }
    Ok(Done::Clean)
}

fn facts(directory: &Directory, thing: &item::Model) -> serde_json::Value {
    json!({
        "item_number": thing.item_number, "name": thing.name, "specification": thing.specification,
        "serial_number": thing.serial_number, "class_code": thing.class_code, "brand": thing.brand,
        "unit": directory.unit_name(thing.unit_id), "place": directory.place_name(thing.place_id),
        "keeper": directory.person_name(thing.keeper_id), "quantity": thing.quantity, "state": thing.state,
        "excused_by": thing.excused_by, "value": thing.value_fen.plain(), "acquired_on": thing.acquired_on,
        "version": thing.version,
    })
}

async fn by_number_or_code(db: &Db, written: &str) -> Result<(item::Model, Option<&'static str>), CliError> {
    let (id, warning) = match labels::resolve(db.read(), written).await? {
        Resolved::Current(Subject::Item(id)) | Resolved::Number(id) => (id, None),
        Resolved::Superseded(Subject::Item(id)) => (id, Some("注意：这是已换新的旧标签，请换贴新标签")),
        _ => return Err(ItemError::NotFound(written.to_owned()).into()),
    };
    let thing = store::by_id(db.read(), id).await?.ok_or_else(|| ItemError::NotFound(written.to_owned()))?;
    Ok((thing, warning))
}

async fn show_one(db: &Db, directory: &Directory, number: &str, global: &Global) -> Result<Done, CliError> {
    let (thing, warning) = by_number_or_code(db, number).await?;
    let issued = store::labels_of(db.read(), thing.id).await?;
    if global.json() {
        let mut whole = facts(directory, &thing);
        whole["labels"] = json!(issued);
        show::json(&whole);
        return Ok(Done::attention_if(warning.is_some()));
    }
    print_card(directory, &thing, global);
    for label in &issued {
        let printed = label.printed_at.map(|at| at.to_string()).unwrap_or_default();
        show::line(format!(
            "标签      {}  第 {} 版  {}  {printed}  印 {} 次",
            label.code,
            label.generation,
            state_zh(label.state),
            label.print_count
        ));
    }
    if let Some(warning) = warning {
        show::line(warning);
    }
    Ok(Done::attention_if(warning.is_some()))
}

fn print_card(directory: &Directory, thing: &item::Model, global: &Global) {
    if global.json() {
        show::json(&facts(directory, thing));
        return;
    }
    let acquired = thing.acquired_on.map(|day| day.to_string()).unwrap_or_default();
    for (caption, value) in [
        ("编号", thing.item_number.as_str()),
        ("名称", &thing.name),
        ("规格型号", &thing.specification),
        ("品牌", &thing.brand),
        ("序列号", &thing.serial_number),
        ("分类", &format!("{} {}", thing.class_code, thing.class_name)),
        ("使用部门", directory.unit_name(thing.unit_id)),
        ("存放地点", directory.place_name(thing.place_id)),
        ("使用人", directory.person_name(thing.keeper_id)),
        ("数量", &format!("{} {}", thing.quantity, thing.measure_unit)),
        ("使用状况", thing.state.zh()),
        ("不在依据", thing.excused_by.as_deref().unwrap_or_default()),
        ("价值", &format!("{} 元", thing.value_fen)),
        ("取得日期", &acquired),
    ] {
        if !value.trim().is_empty() {
            let blank = " ".repeat(10_usize.saturating_sub(unicode_width::UnicodeWidthStr::width(caption)));
            show::line(format!("{caption}{blank}{value}"));
        }
    }
}

async fn history(db: &Db, directory: &Directory, number: &str, global: &Global) -> Result<Done, CliError> {
    let (thing, _) = by_number_or_code(db, number).await?;
    let events = store::events(db.read(), thing.id).await?;
    if global.json() {
        show::json(&events);
        return Ok(Done::Clean);
    }
    show::line(format!("{}  {}", thing.item_number, thing.name));
    let mut table = Table::new(&[
        ("时间", Align::Left),
        ("事项", Align::Left),
        ("单位", Align::Left),
        ("地点", Align::Left),
        ("使用人", Align::Left),
        ("数量", Align::Right),
        ("状况", Align::Left),
        ("原因", Align::Left),
        ("经办", Align::Left),
    ]);
    for event in events {
        table.row([
            event.effective_at.to_string(),
            event_zh(event.kind).to_owned(),
            directory.unit_name(event.unit_id).to_owned(),
            directory.place_name(event.place_id).to_owned(),
            directory.person_name(event.keeper_id).to_owned(),
            event.quantity.to_string(),
            event.state.zh().to_owned(),
            event.reason.unwrap_or_default(),
            event.actor,
        ]);
    }
    table.print();
    Ok(Done::Clean)
}

const fn event_zh(kind: EventKind) -> &'static str {
    match kind {
        EventKind::Registered => "入账",
        EventKind::Changed => "变更",
        EventKind::Withdrawn => "撤销导入",
    }
}
