//! Closing units and places: only what holds nothing any more, and is anybody's no more.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};

use super::entity::item;
use super::error::ItemError;
use super::model::ItemState;
use crate::access::{Action, permit};
use crate::db::{Db, Tx};
use crate::kernel::Ctx;
use crate::kernel::ids::{PlaceId, UnitId};
use crate::org::entity::{person, place, unit};
use crate::org::{OrgError, places, units};

/// So many of what stands in the way are named.
const NAMED: u64 = 10;
const GONE: [ItemState; 3] = [ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn];

fn empty(what: &'static str, names: Vec<String>) -> Result<(), ItemError> {
    if names.is_empty() { Ok(()) } else { Err(ItemError::StillHolds { what, names }) }
}

/// The numbers of some things in the book that `held` is true of.
async fn things(tx: &Tx, held: sea_orm::sea_query::SimpleExpr) -> Result<Vec<String>, ItemError> {
    let numbers = item::Entity::find().select_only().column(item::Column::ItemNumber).filter(held);
    let in_book = numbers.filter(item::Column::State.is_not_in(GONE));
    Ok(in_book.order_by_asc(item::Column::NumberKey).limit(NAMED).into_tuple().all(tx).await?)
}

/// Closes a unit that still is at `version`.
///
/// # Errors
/// When it is not theirs to do, it is unknown, closed or changed, or things, people, places or units are in it.
pub async fn close_unit(db: &Db, ctx: &Ctx, id: UnitId, version: i64) -> Result<unit::Model, ItemError> {
    permit(ctx, Action::OrgWrite, Some(id))?;
    db.write(async |tx| {
        let row = units::by_id(tx, id).await?.ok_or(OrgError::NotFound("单位"))?;
        empty("在账资产", things(tx, item::Column::UnitId.eq(id)).await?)?;
        let people = person::Entity::find().select_only().column(person::Column::Name);
        let people = people.filter(person::Column::UnitId.eq(id)).filter(person::Column::Active.eq(true));
        empty("人员", people.order_by_asc(person::Column::Name).limit(NAMED).into_tuple().all(tx).await?)?;
        let rooms = place::Entity::find().select_only().column(place::Column::Name);
        let rooms = rooms.filter(place::Column::UnitId.eq(id)).filter(place::Column::Active.eq(true));
        empty("地点", rooms.order_by_asc(place::Column::Name).limit(NAMED).into_tuple().all(tx).await?)?;
        let below = unit::Entity::find().select_only().column(unit::Column::Name);
        let below = below.filter(unit::Column::ParentId.eq(id)).filter(unit::Column::Active.eq(true));
        empty("下级单位", below.order_by_asc(unit::Column::Name).limit(NAMED).into_tuple().all(tx).await?)?;
        Ok(units::close_in(tx, ctx, row, version).await?)
    })
    .await
}

/// Closes a place that still is at `version`.
///
/// # Errors
/// When it is not theirs to do, it is unknown, closed or changed, or things are in it.
pub async fn close_place(db: &Db, ctx: &Ctx, id: PlaceId, version: i64) -> Result<place::Model, ItemError> {
    db.write(async |tx| {
        let row = places::by_id(tx, id).await?.ok_or(OrgError::NotFound("地点"))?;
        permit(ctx, Action::OrgWrite, Some(row.unit_id))?;
        empty("在账资产", things(tx, item::Column::PlaceId.eq(id)).await?)?;
        Ok(places::close_in(tx, ctx, row, version).await?)
    })
    .await
}
