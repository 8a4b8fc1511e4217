//! People, one at a time: entered and changed. Who leaves hands over first: that is `access`'s to see to.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _, Select,
};
use serde::Serialize;
use serde_json::json;

use super::entity::person::{self, Duty, PersonKind};
use super::error::OrgError;
use super::units;
use crate::access::{Action, permit};
use crate::db::order::{self, Order};
use crate::db::{Db, DbError, Tx, text};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};

/// What is known of a person when they are entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPerson {
    /// 警号, at most 20 characters; no two alike.
    pub badge_number: Option<String>,
    /// 姓名, at most 100 characters.
    pub name: String,
    /// Their unit.
    pub unit: UnitId,
    /// What they answer for.
    pub duty: Duty,
    /// In which service they stand.
    pub kind: PersonKind,
}

/// What is to become different; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
#[expect(missing_docs, reason = "the facts of NewPerson")]
pub struct PersonChange {
    pub badge_number: Option<Option<String>>,
    pub name: Option<String>,
    pub unit: Option<UnitId>,
    pub duty: Option<Duty>,
    pub kind: Option<PersonKind>,
}

fn check(row: &person::Model) -> Result<(), OrgError> {
    if let Some(badge) = &row.badge_number {
        OrgError::check("badge_number", badge, 20)?;
    }
    OrgError::check("name", &row.name, 100)
}

/// People of these units (`None`: of all) in the order entered, after the id `after`; `fragment` is in the name or
/// the badge number.
///
/// # Errors
/// When the database cannot be read.
pub async fn page(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    fragment: Option<&str>,
    active: Option<bool>,
    after: Option<PersonId>,
    limit: u64,
) -> Result<Vec<person::Model>, DbError> {
    let mut query = narrowed(among, fragment, active);
    if let Some(after) = after {
        query = query.filter(person::Column::Id.gt(after));
    }
    Ok(query.order_by_asc(person::Column::Id).limit(limit).all(db).await?)
}

/// The same people in another order.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    among: Option<Vec<UnitId>>,
    fragment: Option<&str>,
    active: Option<bool>,
    order: &Order<person::Column>,
    limit: u64,
) -> Result<Vec<person::Model>, DbError> {
    Ok(order::sorted(narrowed(among, fragment, active), order).limit(limit).all(db).await?)
}

fn narrowed(among: Option<Vec<UnitId>>, fragment: Option<&str>, active: Option<bool>) -> Select<person::Entity> {
    let mut query = person::Entity::find();
    if let Some(units) = among {
        query = query.filter(person::Column::UnitId.is_in(units));
    }
    if let Some(fragment) = fragment {
        let found = |column| text::contains(column, fragment);
        query = query.filter(Condition::any().add(found(person::Column::Name)).add(found(person::Column::BadgeNumber)));
    }
    if let Some(active) = active {
        query = query.filter(person::Column::Active.eq(active));
    }
    query
}

/// The person with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: PersonId) -> Result<Option<person::Model>, DbError> {
    Ok(person::Entity::find_by_id(id).one(db).await?)
}

/// The person as one who may keep something.
///
/// # Errors
/// [`OrgError::Field`] when there is none, or they left.
pub async fn open(db: &impl ConnectionTrait, id: PersonId, field: &'static str) -> Result<person::Model, OrgError> {
    by_id(db, id).await?.filter(|row| row.active).ok_or_else(|| OrgError::field(field, "没有这个人员，或已离岗"))
}

/// Enters a person.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, the badge number is taken, or the database refuses.
pub async fn create(db: &Db, ctx: &Ctx, new: NewPerson) -> Result<person::Model, OrgError> {
    permit(ctx, Action::OrgWrite, Some(new.unit))?;
    let row = person::Model {
        id: ctx.new_id(),
        badge_number: new.badge_number,
        name: new.name,
        unit_id: new.unit,
        duty: new.duty,
        kind: new.kind,
        active: true,
        batch_id: None,
        version: 1,
    };
    check(&row)?;
    db.write(async |tx| {
        units::open(tx, row.unit_id, "unit_id").await?;
        row.clone().into_active_model().insert(tx).await?;
        record(tx, ctx, "org.create_person", &row, json!({})).await?;
        Ok(row.clone())
    })
    .await
}

/// Changes a person who still is at `version`.
///
/// # Errors
/// As [`create`]; [`DbError::Stale`] when somebody changed them first.
pub async fn change(
    db: &Db,
    ctx: &Ctx,
    id: PersonId,
    version: i64,
    change: &PersonChange,
) -> Result<person::Model, OrgError> {
    db.write(async |tx| {
        let before = by_id(tx, id).await?.ok_or(OrgError::NotFound("人员"))?;
        permit(ctx, Action::OrgWrite, Some(before.unit_id))?;
        if !before.active {
            return Err(OrgError::Closed(before.name));
        }
        let mut after = before.clone();
        if let Some(badge) = &change.badge_number {
            after.badge_number.clone_from(badge);
        }
        if let Some(name) = &change.name {
            after.name.clone_from(name);
        }
        after.unit_id = change.unit.unwrap_or(before.unit_id);
        after.duty = change.duty.unwrap_or(before.duty);
        after.kind = change.kind.unwrap_or(before.kind);
        if after == before {
            return Err(OrgError::NothingToChange);
        }
        check(&after)?;
        if after.unit_id != before.unit_id {
            permit(ctx, Action::OrgWrite, Some(after.unit_id))?;
            units::open(tx, after.unit_id, "unit_id").await?;
        }
        after.version += 1;
        save(tx, &after, version).await?;
        record(tx, ctx, "org.change_person", &after, json!({ "change": change })).await?;
        Ok(after)
    })
    .await
}

/// Says what a person answers for, in the caller's transaction. Asks nobody's right and writes no entry: the caller has
/// asked, and records one entry with `rows`.
///
/// # Errors
/// When somebody changed them first, or the database refuses.
pub async fn put_duty(
    tx: &Tx,
    before: &person::Model,
    duty: person::Duty,
    rows: &mut RowsDigest,
) -> Result<(), OrgError> {
    let after = person::Model { duty, version: before.version + 1, ..before.clone() };
    save(tx, &after, before.version).await?;
    rows.add(&after);
    Ok(())
}

async fn save(tx: &Tx, after: &person::Model, version: i64) -> Result<(), OrgError> {
    let mut active = after.clone().into_active_model().reset_all();
    active.id = Unchanged(after.id);
    let updated = person::Entity::update_many()
        .set(active)
        .filter(person::Column::Id.eq(after.id))
        .filter(person::Column::Version.eq(version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(DbError::Stale.into()) }
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &person::Model,
    payload: serde_json::Value,
) -> Result<(), OrgError> {
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.id.to_string(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
