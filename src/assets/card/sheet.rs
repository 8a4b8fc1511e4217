//! Cards as a workbook, in the order of the asset system's export, so that it can be read there and here again.

use std::path::Path;

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::card;
use super::fields::{self, FIELDS, What};
use super::kinds::Usage;
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::assets::classes::{self, Catalogue};
use crate::assets::net_values::sheet::{Look, excel_day, yuan};
use crate::db::bulk::CHUNK_ROWS;
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::org::Directory;

/// The head of the asset system's export, up to the specification.
const FIRST: [&str; 21] = [
    "资产编号",
    "资产大类",
    "资产分类",
    "资产名称",
    "财务入账日期",
    "会计凭证号",
    "取得日期",
    "价值类型",
    "数量",
    "单价",
    "价值",
    "财政性资金",
    "非财政性资金",
    "取得方式",
    "使用状况",
    "使用部门",
    "管理部门",
    "存放地点",
    "使用人",
    "面积",
    "规格型号",
];
/// What it has besides, of the thing; then of the card, and the last as the export has them.
const SECOND: [&str; 4] = ["资产分类代码", "计量单位", "品牌", "序列号"];
const LAST: [&str; 4] = ["depreciation", "life_years", "custom_number", "remark"];

/// Fields of the card that stand between, in the order of the form.
fn between() -> impl Iterator<Item = &'static fields::Field> {
    const PLACED: [&str; 8] =
        ["booked_on", "voucher", "valuation", "fiscal_fen", "non_fiscal_fen", "acquisition", "usage", "area_centi"];
    FIELDS.iter().filter(|field| !PLACED.contains(&field.name) && !LAST.contains(&field.name))
}

fn refused(error: &XlsxError) -> AssetError {
    AssetError::Conflict(format!("工作簿写不出来：{error}（请检查目录是否可写、磁盘是否已满）"))
}

/// A thing with its card, and the names it needs.
struct Row<'a> {
    thing: &'a item::Model,
    card: &'a card::Model,
    names: &'a Directory,
    all: &'a Catalogue,
    look: &'a Look,
}

/// Writes the cards of all things in the book that whoever asks may see, and says how many.
///
/// # Errors
/// When it is not theirs to see, the file cannot be written, or the database cannot be read.
pub async fn write(db: &impl ConnectionTrait, ctx: &Ctx, path: &Path) -> Result<u32, AssetError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let (names, all, look) = (Directory::load(db).await?, classes::load(db).await?, Look::new());
    let mut workbook = Workbook::new();
    let mut sheet = workbook.new_worksheet_with_constant_memory().map_err(|error| refused(&error))?;
    head(&mut sheet, &look).map_err(|error| refused(&error))?;
    let among = reach(ctx, Action::ItemsRead).units();
    let (mut after, mut row) = (String::new(), 0);
    let today = ctx.now().day();
    loop {
        let mut query = item::Entity::find()
            .filter(item::Column::NumberKey.gt(&after))
            .filter(item::Column::Kind.is_in([ItemKind::FixedAsset, ItemKind::Vehicle]))
            .filter(item::Column::State.is_not_in([ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn]));
        if let Some(units) = &among {
            query = query.filter(item::Column::UnitId.is_in(units.iter().copied()));
        }
        let limit = u64::try_from(CHUNK_ROWS).unwrap_or(u64::MAX);
        let things = query.order_by_asc(item::Column::NumberKey).limit(limit).all(db).await?;
        let Some(last) = things.last() else { break };
        after.clone_from(&last.number_key);
        let cards = cards_of(db, &things).await?;
        for thing in &things {
            row += 1;
            let known = cards.get(&thing.id).cloned();
            let card = known.unwrap_or_else(|| card::Model::blank(thing));
            let line = Row { thing, card: &card, names: &names, all: &all, look: &look };
            line.write(&mut sheet, row, today).map_err(|error| refused(&error))?;
        }
        if things.len() < CHUNK_ROWS || row >= 1_048_000 {
            break;
        }
    }
    workbook.push_worksheet(sheet);
    workbook.save(path).map_err(|error| refused(&error))?;
    Ok(row)
}

async fn cards_of(
    db: &impl ConnectionTrait,
    things: &[item::Model],
) -> Result<hashbrown::HashMap<ItemId, card::Model>, AssetError> {
    let ids = things.iter().map(|thing| thing.id);
    let rows = card::Entity::find().filter(card::Column::ItemId.is_in(ids)).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.item_id, row)).collect())
}

fn head(sheet: &mut Worksheet, look: &Look) -> Result<(), XlsxError> {
    sheet.set_name("资产卡片")?;
    sheet.set_freeze_panes(1, 1)?;
    let last = LAST.iter().filter_map(|name| fields::by_name(name));
    let heads = FIRST.into_iter().chain(SECOND).chain(between().chain(last).map(|field| field.zh));
    for (column, head) in (0..).zip(heads) {
        sheet.set_column_width(column, 14)?;
        sheet.write_string_with_format(0, column, head, &look.head)?;
    }
    Ok(())
}

/// What a cell holds.
enum Cell {
    Text(String),
    Money(crate::kernel::Fen),
    Number(f64),
    Day(Option<chrono::NaiveDate>),
}

impl Row<'_> {
    fn write(&self, sheet: &mut Worksheet, row: u32, today: chrono::NaiveDate) -> Result<(), XlsxError> {
        let last = LAST.iter().filter_map(|name| fields::by_name(name));
        let cells = self.first(today).into_iter().chain(self.second());
        let cells = cells.chain(between().chain(last).map(|field| self.of_card(field)));
        for (column, cell) in (0..).zip(cells) {
            match cell {
                Cell::Text(text) if text.is_empty() => {}
                Cell::Text(text) => {
                    sheet.write_string(row, column, text)?;
                }
                Cell::Money(money) => {
                    sheet.write_number_with_format(row, column, yuan(money), &self.look.money)?;
                }
                Cell::Number(number) => {
                    sheet.write_number(row, column, number)?;
                }
                Cell::Day(Some(day)) => {
                    sheet.write_number_with_format(row, column, excel_day(day), &self.look.day)?;
                }
                Cell::Day(None) => {}
            }
        }
        Ok(())
    }

    #[expect(clippy::cast_precision_loss, reason = "at most 1,000,000,000 pieces: exact in a float")]
    fn first(&self, today: chrono::NaiveDate) -> [Cell; 21] {
        let (thing, card) = (self.thing, self.card);
        let text = |text: &str| Cell::Text(text.to_owned());
        let class = match thing.class_name.as_str() {
            "" => self.all.name(&thing.class_code, today),
            own => own,
        };
        let top = thing.class_code.get(..3).map_or("", |top| self.all.name(top, today));
        let usage = match card.usage_of(thing.state) {
            // A word that the reader of states does not know.
            Usage::Other => thing.state.zh(),
            usage => usage.zh(),
        };
        let pieces = thing.quantity.0.max(1);
        let each = Cell::Number(yuan(thing.value_fen) / pieces as f64);
        let managing = card.managing_unit_id.map_or("", |unit| self.names.unit_name(unit));
        [
            text(&thing.item_number),
            text(top),
            text(class),
            text(&thing.name),
            Cell::Day(card.booked_on),
            text(&card.voucher),
            Cell::Day(thing.acquired_on),
            text(card.valuation.zh()),
            Cell::Number(thing.quantity.0 as f64),
            each,
            Cell::Money(thing.value_fen),
            Cell::Money(card.fiscal_fen),
            Cell::Money(card.non_fiscal_fen),
            text(card.acquisition.map_or("", |is| is.zh())),
            text(usage),
            text(self.names.unit_name(thing.unit_id)),
            text(managing),
            text(self.names.place_name(thing.place_id)),
            text(self.names.person_name(thing.keeper_id)),
            Cell::Text(fields::get(card, "area_centi")),
            text(&thing.specification),
        ]
    }

    fn second(&self) -> [Cell; 4] {
        let thing = self.thing;
        [&thing.class_code, &thing.measure_unit, &thing.brand, &thing.serial_number]
            .map(|text| Cell::Text(text.clone()))
    }

    fn of_card(&self, field: &fields::Field) -> Cell {
        let text = fields::get(self.card, field.name);
        match field.what {
            What::Money => crate::kernel::Fen::parse_yuan(&text).map_or(Cell::Text(text), Cell::Money),
            What::Day => Cell::Day(text.parse().ok()),
            _ => Cell::Text(fields::shown(self.card, field)),
        }
    }
}
