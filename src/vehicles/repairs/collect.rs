//! All repair data of a month for the command centre (指挥中心每月全量收集检查公务车的维修数据), and what the same part costs at
//! each workshop and on each car.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::entity::{part, repair};
use super::store::{self, Shown, Wanted};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::ids::ItemId;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::shops::store as shops;
use crate::vehicles::store as cars;
use crate::vehicles::trips::model::month_begins;

/// Repairs that a collection has at most.
const MOST: u64 = 20_000;
/// A price so many per cent over the median of its part is told.
const DEAR_PERCENT: i64 = 30;

/// A repair that came back in the month.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Collected {
    /// The repair.
    pub row: repair::Model,
    /// The car's plate.
    pub plate: String,
    /// The workshop's name.
    pub shop: String,
    /// Its parts.
    pub parts: Vec<part::Model>,
}

/// What came back within a month, of every unit that `ctx` may see, the earliest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn month(db: &impl ConnectionTrait, ctx: &Ctx, month: &str) -> Result<Vec<Collected>, DbError> {
    let Some(first) = month_begins(month) else { return Ok(Vec::new()) };
    let next = first.checked_add_months(chrono::Months::new(1)).unwrap_or(first);
    let returned = Some((Timestamp::start_of_day(first), Timestamp(Timestamp::start_of_day(next).0 - 1)));
    let rows = store::list(db, ctx, &Wanted { returned, ..Wanted::default() }, MOST).await?;
    let mut rows: Vec<repair::Model> = rows.into_iter().map(|Shown { row, .. }| row).collect();
    rows.sort_by_key(|row| (row.returned_at, row.number.clone()));
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut parts: HashMap<Uuid, Vec<part::Model>> = HashMap::new();
    for part in store::parts_of(db, &ids).await? {
        parts.entry(part.repair_id).or_default().push(part);
    }
    let of_cars: Vec<ItemId> = rows.iter().map(|row| row.item_id).collect();
    let cars = cars::by_ids(db, &of_cars).await?;
    let shops: HashMap<Uuid, String> = shops::list(db).await?.into_iter().map(|shop| (shop.id, shop.name)).collect();
    let of = |row: repair::Model| Collected {
        plate: cars.get(&row.item_id).map(|car| car.vehicle.plate.clone()).unwrap_or_default(),
        shop: shops.get(&row.shop_id).cloned().unwrap_or_default(),
        parts: parts.remove(&row.id).unwrap_or_default(),
        row,
    };
    Ok(rows.into_iter().map(of).collect())
}

/// What a part cost once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Price {
    /// The part, as the repair names it.
    pub name: String,
    /// What it is counted in.
    pub measure_unit: String,
    /// The workshop's name.
    pub shop: String,
    /// The car's plate.
    pub plate: String,
    /// The repair.
    pub number: String,
    /// When it came back.
    pub at: Option<Timestamp>,
    /// The price.
    pub unit_price: Fen,
    /// The median of all prices of the part, when there are at least two.
    pub median: Option<Fen>,
    /// Whether it is over the median by more than a third.
    pub dear: bool,
}

/// What a part of this name cost, or every part that was bought twice or more; dearest against its median first.
///
/// # Errors
/// When the database cannot be read.
pub async fn prices(db: &impl ConnectionTrait, ctx: &Ctx, name: &str) -> Result<Vec<Price>, DbError> {
    let seen = store::list(db, ctx, &Wanted::default(), MOST).await?;
    let repairs: HashMap<Uuid, repair::Model> = seen.into_iter().map(|one| (one.row.id, one.row)).collect();
    let ids: Vec<Uuid> = repairs.keys().copied().collect();
    let wanted = key(name).into_owned();
    let mut parts = Vec::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let mut rows = part::Entity::find().filter(part::Column::RepairId.is_in(chunk.iter().copied()));
        if !wanted.is_empty() && !wanted.contains('\0') {
            rows = rows.filter(part::Column::NameKey.contains(&wanted));
        }
        parts.extend(rows.all(db).await?);
    }
    let mut by_part: HashMap<(String, String), Vec<part::Model>> = HashMap::new();
    for part in parts {
        by_part.entry((part.name_key.clone(), part.measure_unit.clone())).or_default().push(part);
    }
    let of_cars: Vec<ItemId> = repairs.values().map(|row| row.item_id).collect();
    let cars = cars::by_ids(db, &of_cars).await?;
    let shops: HashMap<Uuid, String> = shops::list(db).await?.into_iter().map(|shop| (shop.id, shop.name)).collect();
    let mut prices = Vec::new();
    for of_part in by_part.into_values().filter(|of_part| !wanted.is_empty() || of_part.len() > 1) {
        let median = median(of_part.iter().map(|part| part.unit_price_fen).collect());
        for part in of_part {
            let Some(row) = repairs.get(&part.repair_id) else { continue };
            prices.push(Price {
                shop: shops.get(&row.shop_id).cloned().unwrap_or_default(),
                plate: cars.get(&row.item_id).map(|car| car.vehicle.plate.clone()).unwrap_or_default(),
                number: row.number.clone(),
                at: row.returned_at,
                unit_price: part.unit_price_fen,
                dear: median.is_some_and(|median| dear(part.unit_price_fen, median)),
                median,
                name: part.name,
                measure_unit: part.measure_unit,
            });
        }
    }
    prices.sort_by(|a, b| {
        (&a.name, &a.measure_unit, b.unit_price, &a.number).cmp(&(&b.name, &b.measure_unit, a.unit_price, &b.number))
    });
    Ok(prices)
}

fn dear(price: Fen, median: Fen) -> bool {
    i128::from(price.0) * 100 > i128::from(median.0) * i128::from(100 + DEAR_PERCENT)
}

/// The middle of at least two prices; of an even number the lower of the two.
fn median(mut prices: Vec<Fen>) -> Option<Fen> {
    prices.sort_unstable();
    if prices.len() < 2 { None } else { prices.get((prices.len() - 1) / 2).copied() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_dear_against_the_middle_of_its_like() {
        let of = |prices: &[i64]| median(prices.iter().map(|fen| Fen(*fen)).collect());
        for (prices, middle) in
            [(&[][..], None), (&[5][..], None), (&[5, 7], Some(5)), (&[9, 1, 5], Some(5)), (&[4, 1, 2, 3], Some(2))]
        {
            assert_eq!(of(prices), middle.map(Fen), "{prices:?}");
        }
        for (price, is_dear) in [(100, false), (130, false), (131, true), (1, false)] {
            assert_eq!(dear(Fen(price), Fen(100)), is_dear, "{price}");
        }
    }
}
