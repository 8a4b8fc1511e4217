//! Places, one at a time: entered, changed, closed.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use serde::Serialize;
use serde_json::json;

use super::entity::place;
use super::error::OrgError;
use super::{people, units};
use crate::access::{Action, permit};
use crate::db::order::{self, Order};
use crate::db::{Db, DbError, Tx, text};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};

/// What a place is when it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPlace {
    /// 地点代码, at most 40 characters; no two alike.
    pub code: String,
    /// 地点名称, at most 100 characters.
    pub name: String,
    /// The unit it belongs to.
    pub unit: UnitId,
    /// Who answers for it.
    pub keeper: Option<PersonId>,
}

/// What is to become different; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the facts of NewPlace")]
pub struct PlaceChange {
    pub code: Option<String>,
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub keeper: Option<Option<PersonId>>,
}

fn check(row: &place::Model) -> Result<(), OrgError> {
    OrgError::check("code", &row.code, 40)?;
    OrgError::check("name", &row.name, 100)
}

/// Places of these units (`None`: of all) by code, after the code `after`; `fragment` is in the code or the name.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    fragment: Option<&str>,
    active: Option<bool>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<place::Model>, DbError> {
    let mut query = narrowed(among, fragment, active);
    if let Some(after) = after {
        query = query.filter(place::Column::Code.gt(after));
    }
    Ok(query.order_by_asc(place::Column::Code).limit(limit).all(db).await?)
}

/// The same places in another order.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    fragment: Option<&str>,
    active: Option<bool>,
    order: &Order<place::Column>,
    limit: u64,
) -> Result<Vec<place::Model>, DbError> {
    Ok(order::sorted(narrowed(among, fragment, active), order).limit(limit).all(db).await?)
}

fn narrowed(among: Option<Vec<UnitId>>, fragment: Option<&str>, active: Option<bool>) -> Select<place::Entity> {
    let mut query = place::Entity::find();
    if let Some(units) = among {
        query = query.filter(place::Column::UnitId.is_in(units));
    }
    if let Some(fragment) = fragment {
        let found = |column| text::contains(column, fragment);
        query = query.filter(Condition::any().add(found(place::Column::Name)).add(found(place::Column::Code)));
    }
    if let Some(active) = active {
        query = query.filter(place::Column::Active.eq(active));
    }
    query
}

/// The place with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: PlaceId) -> Result<Option<place::Model>, DbError> {
    Ok(place::Entity::find_by_id(id).one(db).await?)
}

/// The place as one that something may be put in.
///
/// # Errors
/// [`OrgError::Field`] when there is none, or it is closed.
pub async fn open(db: &impl ConnectionTrait, id: PlaceId, field: &'static str) -> Result<place::Model, OrgError> {
    by_id(db, id).await?.filter(|row| row.active).ok_or_else(|| OrgError::field(field, "没有这个地点，或已停用"))
}

/// Enters a place.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, the code is taken, or the database refuses.
pub async fn create(db: &Db, ctx: &Ctx, new: NewPlace) -> Result<place::Model, OrgError> {
    permit(ctx, Action::OrgWrite, Some(new.unit))?;
    let row = place::Model {
        id: ctx.new_id(),
        code: new.code,
        name: new.name,
        unit_id: new.unit,
        keeper_id: new.keeper,
        active: true,
        batch_id: None,
        version: 1,
    };
    check(&row)?;
    db.write(async |tx| {
        units::open(tx, row.unit_id, "unit_id").await?;
        if let Some(keeper) = row.keeper_id {
            people::open(tx, keeper, "keeper_id").await?;
        }
        row.clone().into_active_model().insert(tx).await?;
        record(tx, ctx, "org.create_place", &row, json!({})).await?;
        Ok(row.clone())
    })
    .await
}

/// Changes a place that still is at `version`.
///
/// # Errors
/// As [`create`]; [`DbError::Stale`] when somebody changed it first.
pub async fn change(
    db: &Db,
    ctx: &Ctx,
    id: PlaceId,
    version: i64,
    change: &PlaceChange,
) -> Result<place::Model, OrgError> {
    db.write(async |tx| {
        let before = by_id(tx, id).await?.ok_or(OrgError::NotFound("地点"))?;
        permit(ctx, Action::OrgWrite, Some(before.unit_id))?;
        if !before.active {
            return Err(OrgError::Closed(before.name));
        }
        let mut after = before.clone();
        if let Some(code) = &change.code {
            after.code.clone_from(code);
        }
        if let Some(name) = &change.name {
            after.name.clone_from(name);
        }
        after.unit_id = change.unit.unwrap_or(before.unit_id);
        after.keeper_id = change.keeper.unwrap_or(before.keeper_id);
        if after == before {
            return Err(OrgError::NothingToChange);
        }
        check(&after)?;
        if after.unit_id != before.unit_id {
            permit(ctx, Action::OrgWrite, Some(after.unit_id))?;
            units::open(tx, after.unit_id, "unit_id").await?;
        }
        if let (true, Some(keeper)) = (after.keeper_id != before.keeper_id, after.keeper_id) {
            people::open(tx, keeper, "keeper_id").await?;
        }
        after.version += 1;
        save(tx, &after, version).await?;
        record(tx, ctx, "org.change_place", &after, json!({ "change": change })).await?;
        Ok(after)
    })
    .await
}

/// Closes a place, in the caller's transaction: who may, and that it holds nothing, is decided there.
///
/// # Errors
/// When it is closed already, somebody changed it first, or the database refuses.
pub async fn close_in(tx: &Tx, ctx: &Ctx, row: place::Model, version: i64) -> Result<place::Model, OrgError> {
    if !row.active {
        return Err(OrgError::Closed(row.name));
    }
    let after = place::Model { active: false, version: row.version + 1, ..row };
    save(tx, &after, version).await?;
    record(tx, ctx, "org.close_place", &after, json!({})).await?;
    Ok(after)
}

async fn save(tx: &Tx, after: &place::Model, version: i64) -> Result<(), OrgError> {
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = place::Entity::update_many()
        .set(active)
        .filter(place::Column::Id.eq(after.id))
        .filter(place::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(DbError::Stale.into()) }
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &place::Model,
    payload: serde_json::Value,
) -> Result<(), OrgError> {
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.code.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
