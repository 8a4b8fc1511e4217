//! What may be done to units, people and places.

use hashbrown::HashSet;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::{person, place, setting, unit};
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::BatchId;

const ORGANISATION: &str = "organisation";

/// What the office calls itself on labels and reports; blank when it has not said.
///
/// # Errors
/// When the database cannot be read.
pub async fn organisation(db: &impl ConnectionTrait) -> Result<String, DbError> {
    let row = setting::Entity::find_by_id(ORGANISATION).one(db).await?;
    Ok(row.map(|row| row.value).unwrap_or_default())
}

/// Says what the office calls itself.
///
/// # Errors
/// When the database refuses.
pub async fn name_organisation(db: &Db, ctx: &Ctx, name: &str) -> Result<(), DbError> {
    db.write(async |tx| {
        setting::Entity::delete_by_id(ORGANISATION).exec(tx).await?;
        let row = setting::ActiveModel { name: Set(ORGANISATION.to_owned()), value: Set(name.trim().to_owned()) };
        row.insert(tx).await?;
        let entry = Entry {
            action: "org.name_organisation",
            subject: name.trim().to_owned(),
            unit: None,
            payload: json!({}),
            rows: RowsDigest::new(),
        };
        journal::record(tx, ctx, entry).await
    })
    .await
}

/// Writes units, each new or brought back to life, in the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn write_units(tx: &Tx, rows: Vec<unit::Model>, digest: &mut RowsDigest) -> Result<(), DbError> {
    rows.iter().for_each(|row| digest.add("units", row));
    let (revived, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.version > 1);
    for row in revived {
        row.into_active_model().reset_all().update(tx).await?;
    }
    bulk::insert(tx, new).await?;
    Ok(())
}

/// Writes people, each new or brought back to life, in the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn write_people(tx: &Tx, rows: Vec<person::Model>, digest: &mut RowsDigest) -> Result<(), DbError> {
    rows.iter().for_each(|row| digest.add("people", row));
    let (revived, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.version > 1);
    for row in revived {
        row.into_active_model().reset_all().update(tx).await?;
    }
    bulk::insert(tx, new).await?;
    Ok(())
}

/// Writes places, each new or brought back to life, in the caller's transaction.
///
/// # Errors
/// When the database refuses.
pub async fn write_places(tx: &Tx, rows: Vec<place::Model>, digest: &mut RowsDigest) -> Result<(), DbError> {
    rows.iter().for_each(|row| digest.add("places", row));
    let (revived, new): (Vec<_>, Vec<_>) = rows.into_iter().partition(|row| row.version > 1);
    for row in revived {
        row.into_active_model().reset_all().update(tx).await?;
    }
    bulk::insert(tx, new).await?;
    Ok(())
}

/// What closing the rows of a batch did.
#[derive(Debug, Default, Clone, PartialEq, Eq)]
pub struct Closed {
    /// How many are active no more.
    pub closed: usize,
    /// Names kept because something points at them.
    pub kept: Vec<String>,
}

/// Closes the units of a batch, but for those that have people, places, things or units below them.
///
/// # Errors
/// When the database refuses.
pub async fn close_units(
    tx: &Tx,
    batch: BatchId,
    in_use: &HashSet<sea_orm::prelude::Uuid>,
    digest: &mut RowsDigest,
) -> Result<Closed, DbError> {
    let rows = unit::Entity::find()
        .filter(unit::Column::BatchId.eq(batch))
        .filter(unit::Column::Active.eq(true))
        .all(tx)
        .await?;
    let mut outcome = Closed::default();
    for row in rows {
        if in_use.contains(&row.id.0) {
            outcome.kept.push(row.name);
            continue;
        }
        let after = unit::Model { active: false, version: row.version + 1, ..row };
        digest.add("units", &after);
        after.into_active_model().reset_all().update(tx).await?;
        outcome.closed += 1;
    }
    Ok(outcome)
}

/// Closes the people of a batch, but for those who keep or counted something.
///
/// # Errors
/// When the database refuses.
pub async fn close_people(
    tx: &Tx,
    batch: BatchId,
    in_use: &HashSet<sea_orm::prelude::Uuid>,
    digest: &mut RowsDigest,
) -> Result<Closed, DbError> {
    let rows = person::Entity::find()
        .filter(person::Column::BatchId.eq(batch))
        .filter(person::Column::Active.eq(true))
        .all(tx)
        .await?;
    let mut outcome = Closed::default();
    for row in rows {
        if in_use.contains(&row.id.0) {
            outcome.kept.push(row.name);
            continue;
        }
        let after = person::Model { active: false, version: row.version + 1, ..row };
        digest.add("people", &after);
        after.into_active_model().reset_all().update(tx).await?;
        outcome.closed += 1;
    }
    Ok(outcome)
}

/// Closes the places of a batch, but for those that hold something.
///
/// # Errors
/// When the database refuses.
pub async fn close_places(
    tx: &Tx,
    batch: BatchId,
    in_use: &HashSet<sea_orm::prelude::Uuid>,
    digest: &mut RowsDigest,
) -> Result<Closed, DbError> {
    let rows = place::Entity::find()
        .filter(place::Column::BatchId.eq(batch))
        .filter(place::Column::Active.eq(true))
        .all(tx)
        .await?;
    let mut outcome = Closed::default();
    for row in rows {
        if in_use.contains(&row.id.0) {
            outcome.kept.push(row.name);
            continue;
        }
        let after = place::Model { active: false, version: row.version + 1, ..row };
        digest.add("places", &after);
        after.into_active_model().reset_all().update(tx).await?;
        outcome.closed += 1;
    }
    Ok(outcome)
}
