//! A surplus thing enters the book: under a new number, with a card that says how it came.

use sea_orm::prelude::Date;
use serde_json::json;

use super::entity::surplus;
use super::model::{Basis, Deed};
use super::service::{ended, load, record, save, tell_finding};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::AssetError;
use crate::assets::card::entity::card as asset_card;
use crate::assets::card::intake::fill;
use crate::assets::card::kinds::{Acquisition, Depreciation, Valuation as Valuing};
use crate::assets::movements::numbers;
use crate::db::{Db, Tx};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::queueing::queue_labels;
use crate::items::service::{NewItem, register_many};
use crate::items::store as items;
use crate::journal::RowsDigest;
use crate::kernel::ids::{PersonId, PlaceId};
use crate::kernel::{Ctx, Fen};
use crate::org::{people, places, units};

/// The longest remark that is written on a card, characters.
const REMARK_CHARS: usize = 200;

/// Where it is from now on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Entering {
    /// The place; where it was found when `None`.
    pub place: Option<PlaceId>,
    /// Who answers for it.
    pub keeper: Option<PersonId>,
    /// The day it counts as acquired; today when `None`.
    pub acquired_on: Option<Date>,
}

/// It enters the book, under a number of the office's pattern; its label waits to be printed.
///
/// # Errors
/// When it is not theirs to do, the chain has not said yes, or place or keeper are not of its unit.
pub async fn enter(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    to: Entering,
) -> Result<surplus::Model, AssetError> {
    permit_somewhere(ctx, Action::ItemsRegister)?;
    db.write(async |tx| {
        let (row, after) = load(tx, ctx, number, version, Deed::Enter).await?;
        permit(ctx, Action::ItemsRegister, Some(row.unit_id))?;
        let home = units::open(tx, row.unit_id, "unit_id").await?;
        let new = card(tx, ctx, &row, to).await?;
        let pattern = numbers::pattern(tx, ctx, &home.code, &row.class_code).await?;
        let given = numbers::of_assets(tx, &pattern, 1).await?;
        let new: Vec<NewItem> = given.into_iter().map(|item_number| NewItem { item_number, ..new.clone() }).collect();
        new.iter().try_for_each(NewItem::check)?;
        let asset = new.first().map(|thing| thing.item_number.clone()).unwrap_or_default();
        let mut rows = RowsDigest::new(ctx);
        let ids = register_many(tx, ctx, new, None, ctx.now(), &mut rows).await?;
        queue_labels(tx, ctx, &ids).await?;
        let known = items::by_ids(tx, &ids).await?;
        fill(tx, known.values().map(|thing| acquired(thing, &row)).collect(), &mut rows).await?;
        let note = format!("盘盈入账，资产编号 {asset}");
        let entered = surplus::Model { state: after.state, item_id: ids.first().copied(), ..row };
        let row = save(tx, ended(ctx, entered, &note), &mut rows).await?;
        tell_finding(tx, ctx, &row, note, &mut rows).await?;
        record(tx, ctx, "surplus.enter", &row, json!({ "item_number": asset, "acquired": "盘盈" }), rows).await?;
        Ok(row)
    })
    .await
}

/// What its card says of how it came: 盘盈, and what its value is.
fn acquired(thing: &item::Model, row: &surplus::Model) -> asset_card::Model {
    let valuation = match row.basis {
        Some(Basis::Nominal) => Valuing::Nominal,
        Some(Basis::Replacement) => Valuing::Replacement,
        _ => Valuing::Appraised,
    };
    let remark = format!("盘盈入账 {}：{}", row.number, row.value_source).chars().take(REMARK_CHARS).collect();
    let blank = asset_card::Model::blank(thing);
    // A nominal amount is no cost to be spread over years (政府会计准则第3号).
    let depreciation = if valuation == Valuing::Nominal { Depreciation::NotDepreciated } else { blank.depreciation };
    asset_card::Model { acquisition: Some(Acquisition::Surplus), valuation, depreciation, remark, ..blank }
}

async fn card(tx: &Tx, ctx: &Ctx, row: &surplus::Model, to: Entering) -> Result<NewItem, AssetError> {
    let acquired_on = to.acquired_on.unwrap_or_else(|| ctx.now().day());
    if acquired_on > ctx.now().day() {
        return Err(AssetError::field("acquired_on", "取得日期不能晚于今天"));
    }
    if let Some(place) = to.place
        && places::open(tx, place, "place_id").await?.unit_id != row.unit_id
    {
        return Err(AssetError::field("place_id", "存放地点须是本单位的"));
    }
    if let Some(keeper) = to.keeper
        && people::open(tx, keeper, "keeper_id").await?.unit_id != row.unit_id
    {
        return Err(AssetError::field("keeper_id", "使用人不在这个单位"));
    }
    Ok(NewItem {
        kind: ItemKind::FixedAsset,
        item_number: String::new(),
        name: row.name.clone(),
        specification: row.specification.clone(),
        serial_number: row.serial_number.clone(),
        class_code: row.class_code.clone(),
        class_name: String::new(),
        brand: String::new(),
        measure_unit: row.measure_unit.clone(),
        unit_id: row.unit_id,
        place_id: to.place.or(row.place_id),
        keeper_id: to.keeper,
        quantity: row.quantity,
        state: if to.keeper.is_some() { ItemState::InUse } else { ItemState::Idle },
        excused_by: None,
        value_fen: row.value_fen.unwrap_or(Fen::ZERO),
        acquired_on: Some(acquired_on),
    })
}
