//! A batch of like things enters the book: one document, a number for each by the office's pattern, and their labels
//! wait to be printed.

use hashbrown::HashMap;

use super::entity::movement;
use super::model::Kind;
use super::numbers;
use super::service::{blank, file, words};
use crate::access::{Action, permit, reach};
use crate::assets::AssetError;
use crate::db::Db;
use crate::items::model::{ItemKind, ItemState};
use crate::items::queueing::queue_labels;
use crate::items::service::{NewItem, register_many};
use crate::items::store as items;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::text::fault;
use crate::org::{people, places, units};

use super::ground::MOST;

/// A batch as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Batch {
    /// What each of them is; its number is left to the pattern.
    pub each: NewItem,
    /// How many.
    pub count: usize,
    /// The supplier.
    pub supplier: String,
    /// Contract, invoice, occasion.
    pub reason: String,
}

impl Batch {
    fn check(&self, ctx: &Ctx) -> Result<(), AssetError> {
        let wrong = |field, reason: String| Err(AssetError::field(field, reason));
        words("reason", &self.reason, "事由，如合同、发票编号")?;
        if let Some(reason) = fault(self.supplier.trim(), 200) {
            return wrong("supplier", reason);
        }
        if !(1..=MOST).contains(&self.count) {
            return wrong("count", format!("数量应为 1 至 {MOST} 件"));
        }
        if !matches!(self.each.kind, ItemKind::FixedAsset | ItemKind::Vehicle) {
            return wrong("kind", "只有固定资产由此入库".to_owned());
        }
        if !matches!(self.each.state, ItemState::InUse | ItemState::Idle) {
            return wrong("state", "新入库的资产应为在用或闲置".to_owned());
        }
        if self.count > 1 && !self.each.serial_number.trim().is_empty() {
            return wrong("serial_number", "多件入库时，序列号请在入库后逐件登记".to_owned());
        }
        if self.each.acquired_on.is_some_and(|day| day > ctx.now().day()) {
            return wrong("acquired_on", "取得日期不能晚于今天".to_owned());
        }
        // The number is the pattern's; any other stands in for it here.
        NewItem { item_number: "0".to_owned(), ..self.each.clone() }.check()?;
        Ok(())
    }
}

/// Enters a batch.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, the pattern cannot be used, or the database refuses: then none enters.
pub async fn enter(db: &Db, ctx: &Ctx, batch: &Batch) -> Result<movement::Model, AssetError> {
    let unit = batch.each.unit_id;
    permit(ctx, Action::ItemsRegister, Some(unit))?;
    permit(ctx, Action::AssetsMove, Some(unit))?;
    batch.check(ctx)?;
    db.write(async |tx| {
        let home = units::open(tx, unit, "unit_id").await?;
        let seen = reach(ctx, Action::OrgRead);
        if let Some(place) = batch.each.place_id
            && !seen.covers(Some(places::open(tx, place, "place_id").await?.unit_id))
        {
            return Err(AssetError::field("place_id", "没有这个地点，或已停用"));
        }
        if let Some(keeper) = batch.each.keeper_id
            && people::open(tx, keeper, "keeper_id").await?.unit_id != unit
        {
            return Err(AssetError::field("keeper_id", "使用人不在这个单位"));
        }
        let pattern = numbers::pattern(tx, ctx, &home.code, &batch.each.class_code).await?;
        let given = numbers::of_assets(tx, &pattern, batch.count).await?;
        let things = given.into_iter().map(|item_number| NewItem { item_number, ..batch.each.clone() }).collect();
        let mut rows = RowsDigest::new(ctx);
        let ids = register_many(tx, ctx, things, None, ctx.now(), &mut rows).await?;
        queue_labels(tx, ctx, &ids).await?;
        let known = items::by_ids(tx, &ids).await?;
        let things: Vec<_> = ids.iter().filter_map(|id| known.get(id).cloned()).collect();
        let row = blank(tx, ctx, Kind::Intake, unit, &things, &batch.reason).await?;
        let row = movement::Model {
            to_place_id: batch.each.place_id,
            to_keeper_id: batch.each.keeper_id,
            counterparty: batch.supplier.trim().to_owned(),
            ..row
        };
        file(tx, ctx, row, &things, &HashMap::new(), rows).await
    })
    .await
}
