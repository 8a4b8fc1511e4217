//! A unit that has things and nobody who answers for them is a finding, once for each time it is without one.

use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::json;

use super::entity::responsible;
use super::service::{Current, current};
use super::{DUTIES, name, zh};
use crate::assets::AssetError;
use crate::db::{Db, DbError, Tx};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many, opening};
use crate::items::store as items;
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::directory::active_units;
use crate::org::entity::person::Duty;

/// The kind of job.
pub const JOB: &str = "assets.responsible";
/// How often it looks, milliseconds: once a day.
pub const EVERY_MS: i64 = 86_400_000;
const ROOM: &str = "responsible";

/// What a vacancy is called: by who was last, so that the next time is another.
fn origin(unit: UnitId, duty: Duty, last: Option<&responsible::Model>) -> String {
    format!("{unit}/{}/{}", name(duty), last.map_or_else(|| "first".to_owned(), |row| row.id.to_string()))
}

/// The units within the book that lack somebody, with whom they lack, and their things.
///
/// # Errors
/// When the database cannot be read.
pub async fn vacant(db: &impl ConnectionTrait) -> Result<Vec<(UnitId, String, Duty, i64)>, DbError> {
    let (things, named) = (items::counts_by_unit(db).await?, current(db).await?);
    let mut vacant = Vec::new();
    for unit in active_units(db).await? {
        let many = things.get(&unit.id).copied().unwrap_or(0);
        if many <= 0 {
            continue;
        }
        for duty in DUTIES {
            if !named.contains_key(&(unit.id, duty)) {
                vacant.push((unit.id, unit.name.clone(), duty, many));
            }
        }
    }
    Ok(vacant)
}

/// The last who was named.
async fn last(db: &impl ConnectionTrait, unit: UnitId, duty: Duty) -> Result<Option<responsible::Model>, DbError> {
    Ok(responsible::Entity::find()
        .filter(responsible::Column::UnitId.eq(unit))
        .filter(responsible::Column::Duty.eq(duty))
        .order_by_desc(responsible::Column::Id)
        .one(db)
        .await?)
}

/// Opens a finding for each that is not filled; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, AssetError> {
    db.write(async |tx| {
        let mut new = Vec::new();
        for (unit, unit_name, duty, things) in vacant(tx).await? {
            let last = last(tx, unit, duty).await?;
            new.push(NewFinding {
                room: ROOM,
                origin: origin(unit, duty, last.as_ref()),
                link: "/responsible".to_owned(),
                kind: Kind::NoResponsible,
                unit: Some(unit),
                item: None,
                title: format!("{unit_name}没有{}", zh(duty)),
                description: format!("{unit_name}在账 {things} 件，未明确{}，请指定并登记起始日期。", zh(duty)),
            });
        }
        let mut rows = RowsDigest::new(ctx);
        let opened = open_many(tx, ctx, new, &mut rows).await?;
        if opened.is_empty() {
            return Ok(0);
        }
        let payload = json!({ "findings": opened.len() });
        let entry = Entry { action: "assets.find_vacancies", subject: String::new(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(opened.len())
    })
    .await
}

/// Somebody was named: what was found is settled, and waits to be verified.
pub(super) async fn settle(
    tx: &Tx,
    ctx: &Ctx,
    unit: UnitId,
    duty: Duty,
    person: &str,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let before = responsible::Entity::find()
        .filter(responsible::Column::UnitId.eq(unit))
        .filter(responsible::Column::Duty.eq(duty))
        .all(tx)
        .await?;
    let mut origins: Vec<String> = before.iter().map(|row| origin(unit, duty, Some(row))).collect();
    origins.push(origin(unit, duty, None));
    let words = format!("已明确{}：{person}", zh(duty));
    for finding in opening::of_origins(tx, ROOM, Kind::NoResponsible, &origins).await?.into_values() {
        if finding.closed_at.is_none() {
            opening::settle(tx, ctx, finding, (EvidenceKind::BookChange, words.clone()), rows).await?;
        }
    }
    Ok(())
}

/// Who answers for a unit, in the order of [`DUTIES`].
///
/// # Errors
/// When the database cannot be read.
pub async fn of_unit(db: &impl ConnectionTrait, unit: UnitId) -> Result<[Option<Current>; 3], DbError> {
    let mut all = current(db).await?;
    Ok(DUTIES.map(|duty| all.remove(&(unit, duty))))
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    match mark(&db, &ctx).await {
        Ok(_) => Ok(Ending::Done),
        Err(AssetError::Db(error)) => Err(error.into()),
        Err(other) => Err(JobError::Later(other.to_string())),
    }
}
