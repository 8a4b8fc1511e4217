//! Devices and what they told, within reach. They take any connection and decide nothing.

use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{device, device_key, event, waiting};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::db::bulk::CHUNK_ROWS;
use crate::findings::entity::finding;
use crate::firearms::ArmsError;
use crate::firearms::draws::handing::ROOM;
use crate::kernel::Ctx;

/// The device of this number, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn device_named(db: &impl ConnectionTrait, number: &str) -> Result<Option<device::Model>, DbError> {
    if number.contains('\0') {
        return Ok(None);
    }
    let key = crate::kernel::text::key(number).into_owned();
    Ok(device::Entity::find().filter(device::Column::NumberKey.eq(key)).one(db).await?)
}

/// The device of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn device(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<device::Model, ArmsError> {
    let seen = reach(ctx, Action::FirearmsRead);
    let found = device_named(db, number).await?.filter(|row| seen.covers(Some(row.unit_id)));
    found.ok_or(ArmsError::NotFound("这个枪柜终端"))
}

/// Devices that `ctx` may see, by number; of one store only when it is said.
///
/// # Errors
/// When the database cannot be read.
pub async fn devices(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    armoury: Option<Uuid>,
) -> Result<Vec<device::Model>, DbError> {
    let mut all = device::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(device::Column::UnitId.is_in(units));
    }
    if let Some(armoury) = armoury {
        all = all.filter(device::Column::ArmouryId.eq(armoury));
    }
    Ok(all.order_by_asc(device::Column::NumberKey).all(db).await?)
}

/// What a device signs with and how far it has come; nothing once it was revoked.
///
/// # Errors
/// When the database cannot be read.
pub async fn key_of(db: &impl ConnectionTrait, device: Uuid) -> Result<Option<device_key::Model>, DbError> {
    Ok(device_key::Entity::find_by_id(device).one(db).await?)
}

/// What the cabinets of a store told, the last first.
///
/// # Errors
/// When the database cannot be read.
pub async fn events(
    db: &impl ConnectionTrait,
    armoury: Uuid,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<event::Model>, DbError> {
    let mut of = event::Entity::find().filter(event::Column::ArmouryId.eq(armoury));
    if let Some(before) = before {
        of = of.filter(event::Column::Id.lt(before));
    }
    Ok(of.order_by_desc(event::Column::Id).limit(limit).all(db).await?)
}

/// Which of these events wait to be held against the book.
///
/// # Errors
/// When the database cannot be read.
pub async fn still_waiting(db: &impl ConnectionTrait, events: &[event::Model]) -> Result<HashSet<Uuid>, DbError> {
    let mut found = HashSet::new();
    for chunk in events.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().map(|row| row.id);
        let rows = waiting::Entity::find().filter(waiting::Column::EventId.is_in(ids)).all(db).await?;
        found.extend(rows.into_iter().map(|row| row.event_id));
    }
    Ok(found)
}

/// The findings that these events opened.
///
/// # Errors
/// When the database cannot be read.
pub async fn told(
    db: &impl ConnectionTrait,
    events: &[event::Model],
) -> Result<HashMap<String, finding::Model>, DbError> {
    let mut found = HashMap::new();
    for chunk in events.chunks(CHUNK_ROWS) {
        let origins = chunk.iter().map(|row| origin(row.id));
        let rows = finding::Entity::find()
            .filter(finding::Column::OriginRoom.eq(ROOM))
            .filter(finding::Column::OriginId.is_in(origins))
            .all(db)
            .await?;
        found.extend(rows.into_iter().map(|row| (row.origin_id.clone(), row)));
    }
    Ok(found)
}

/// How a finding names the event that it came from.
#[must_use]
pub fn origin(event: Uuid) -> String {
    format!("cabinet/{event}")
}
