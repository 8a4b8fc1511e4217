//! Units, one at a time: entered, changed, closed.

use hashbrown::HashMap;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde::Serialize;
use serde_json::json;

use super::entity::{person, place, unit};
use super::error::OrgError;
use crate::access::{Action, permit};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;

/// What a unit is when it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewUnit {
    /// 单位代码, at most 40 characters; no two alike.
    pub code: String,
    /// 单位名称, at most 100 characters; no two alike.
    pub name: String,
    /// The unit above it.
    pub parent: Option<UnitId>,
    /// 派出所, 大队, 中心 …, as the office calls it.
    pub kind: String,
}

/// What is to become different; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the facts of NewUnit")]
pub struct UnitChange {
    pub code: Option<String>,
    pub name: Option<String>,
    pub parent: Option<Option<UnitId>>,
    pub kind: Option<String>,
}

fn check(row: &unit::Model) -> Result<(), OrgError> {
    OrgError::check("code", &row.code, 40)?;
    OrgError::check("name", &row.name, 100)?;
    OrgError::check_optional("kind", &row.kind, 40)
}

/// Units of these (`None`: of all) by code, after the code `after`.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    active: Option<bool>,
    after: Option<&str>,
    limit: u64,
) -> Result<Vec<unit::Model>, DbError> {
    let mut query = unit::Entity::find();
    if let Some(units) = among {
        query = query.filter(unit::Column::Id.is_in(units));
    }
    if let Some(active) = active {
        query = query.filter(unit::Column::Active.eq(active));
    }
    if let Some(after) = after {
        query = query.filter(unit::Column::Code.gt(after));
    }
    Ok(query.order_by_asc(unit::Column::Code).limit(limit).all(db).await?)
}

/// The unit with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: UnitId) -> Result<Option<unit::Model>, DbError> {
    Ok(unit::Entity::find_by_id(id).one(db).await?)
}

/// The unit as one that something may be put under.
///
/// # Errors
/// [`OrgError::Field`] when there is none, or it is closed.
pub async fn open(db: &impl ConnectionTrait, id: UnitId, field: &'static str) -> Result<unit::Model, OrgError> {
    by_id(db, id).await?.filter(|row| row.active).ok_or_else(|| OrgError::field(field, "没有这个单位，或已停用"))
}

/// Enters a unit.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, the code or name is taken, or the database refuses.
pub async fn create(db: &Db, ctx: &Ctx, new: NewUnit) -> Result<unit::Model, OrgError> {
    permit(ctx, Action::OrgWrite, new.parent)?;
    let row = unit::Model {
        id: ctx.new_id(),
        code: new.code,
        name: new.name,
        parent_id: new.parent,
        kind: new.kind,
        active: true,
        batch_id: None,
        version: 1,
    };
    check(&row)?;
    db.write(async |tx| {
        if let Some(parent) = row.parent_id {
            open(tx, parent, "parent_id").await?;
        }
        row.clone().into_active_model().insert(tx).await?;
        record(tx, ctx, "org.create_unit", &row, json!({})).await?;
        Ok(row.clone())
    })
    .await
}

/// Changes a unit that still is at `version`.
///
/// # Errors
/// As [`create`]; [`DbError::Stale`] when somebody changed it first; a unit below itself is refused.
pub async fn change(
    db: &Db,
    ctx: &Ctx,
    id: UnitId,
    version: i64,
    change: &UnitChange,
) -> Result<unit::Model, OrgError> {
    permit(ctx, Action::OrgWrite, Some(id))?;
    if let Some(parent) = change.parent {
        permit(ctx, Action::OrgWrite, parent)?;
    }
    db.write(async |tx| {
        let before = by_id(tx, id).await?.ok_or(OrgError::NotFound("单位"))?;
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
        if let Some(kind) = &change.kind {
            after.kind.clone_from(kind);
        }
        after.parent_id = change.parent.unwrap_or(before.parent_id);
        if after == before {
            return Err(OrgError::NothingToChange);
        }
        check(&after)?;
        if let (true, Some(parent)) = (after.parent_id != before.parent_id, after.parent_id) {
            not_below_itself(tx, id, parent).await?;
        }
        after.version += 1;
        save(tx, &after, version).await?;
        record(tx, ctx, "org.change_unit", &after, json!({ "change": change })).await?;
        Ok(after)
    })
    .await
}

async fn not_below_itself(tx: &Tx, id: UnitId, parent: UnitId) -> Result<(), OrgError> {
    let mut above = Some(open(tx, parent, "parent_id").await?);
    let mut steps = 0;
    while let Some(row) = above {
        steps += 1;
        if row.id == id || steps > 64 {
            return Err(OrgError::field("parent_id", "上级单位不能是自己或自己的下级"));
        }
        above = match row.parent_id {
            Some(next) => by_id(tx, next).await?,
            None => None,
        };
    }
    Ok(())
}

/// Closes a unit, in the caller's transaction: who may, and that it holds nothing, is decided there.
///
/// # Errors
/// When it is closed already, somebody changed it first, or the database refuses.
pub async fn close_in(tx: &Tx, ctx: &Ctx, row: unit::Model, version: i64) -> Result<unit::Model, OrgError> {
    if !row.active {
        return Err(OrgError::Closed(row.name));
    }
    let after = unit::Model { active: false, version: row.version + 1, ..row };
    save(tx, &after, version).await?;
    record(tx, ctx, "org.close_unit", &after, json!({})).await?;
    Ok(after)
}

async fn save(tx: &Tx, after: &unit::Model, version: i64) -> Result<(), OrgError> {
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = unit::Entity::update_many()
        .set(active)
        .filter(unit::Column::Id.eq(after.id))
        .filter(unit::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(DbError::Stale.into()) }
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &unit::Model,
    payload: serde_json::Value,
) -> Result<(), OrgError> {
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.code.clone(), unit: Some(row.id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// How many open people and places each unit has; a unit without any is not there.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(db: &impl ConnectionTrait) -> Result<[HashMap<UnitId, i64>; 2], DbError> {
    let people = person::Entity::find().select_only().column(person::Column::UnitId);
    let people = people.column_as(person::Column::Id.count(), "many").filter(person::Column::Active.eq(true));
    let places = place::Entity::find().select_only().column(place::Column::UnitId);
    let places = places.column_as(place::Column::Id.count(), "many").filter(place::Column::Active.eq(true));
    let people: Vec<(UnitId, i64)> = people.group_by(person::Column::UnitId).into_tuple().all(db).await?;
    let places: Vec<(UnitId, i64)> = places.group_by(place::Column::UnitId).into_tuple().all(db).await?;
    Ok([people.into_iter().collect(), places.into_iter().collect()])
}
