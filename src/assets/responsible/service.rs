//! Somebody is named, and somebody ends.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::entity::responsible;
use super::{DUTIES, name as called, vacancy, zh};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::fault;
use crate::org::entity::person::{self, Duty};
use crate::org::{people, units};

/// Somebody to be named.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Naming {
    /// For which unit.
    pub unit: UnitId,
    /// What for.
    pub duty: Duty,
    /// Whom.
    pub person: PersonId,
    /// Since when; not after today.
    pub from: NaiveDate,
    /// By what: the order, the minutes.
    pub reason: String,
}

fn check_reason(reason: &str) -> Result<(), AssetError> {
    if reason.trim().is_empty() {
        return Err(AssetError::field("reason", "请写明依据，如任免文号、会议纪要"));
    }
    fault(reason.trim(), 200).map_or(Ok(()), |reason| Err(AssetError::field("reason", reason)))
}

/// Names somebody; who was before, ends that day.
///
/// # Errors
/// When it is not theirs to do, unit or person is not there or closed, the day is not possible, or they are it already.
pub async fn name(db: &Db, ctx: &Ctx, new: &Naming) -> Result<responsible::Model, AssetError> {
    permit(ctx, Action::AssetsResponsible, Some(new.unit))?;
    check_reason(&new.reason)?;
    if !DUTIES.contains(&new.duty) {
        return Err(AssetError::field("duty", "应为单位主要负责人、管理领导或专职管理员"));
    }
    if new.from > ctx.now().day() {
        return Err(AssetError::field("from_on", "起始日期不能晚于今天"));
    }
    db.write(async |tx| {
        units::open(tx, new.unit, "unit_id").await?;
        let person = people::open(tx, new.person, "person_id").await?;
        if !reach(ctx, Action::OrgRead).covers(Some(person.unit_id)) {
            return Err(AssetError::field("person_id", "没有这个人员，或已离岗"));
        }
        let mut rows = RowsDigest::new(ctx);
        let before = open_row(tx, new.unit, new.duty).await?;
        if let Some(before) = &before {
            if before.person_id == new.person {
                return Err(AssetError::Conflict(format!("{}已经是{}", person.name, zh(new.duty))));
            }
            if new.from < before.from_on {
                let reason = format!("不能早于现任的起始日期 {}", before.from_on);
                return Err(AssetError::field("from_on", reason));
            }
            close(tx, before, new.from, &mut rows).await?;
        }
        let row = responsible::Model {
            id: ctx.new_id::<Uuid>(),
            unit_id: new.unit,
            duty: new.duty,
            person_id: new.person,
            from_on: new.from,
            until_on: None,
            current_of: Some(new.unit),
            reason: new.reason.trim().to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
            version: 1,
        };
        rows.add(&row);
        row.clone().into_active_model().insert(tx).await?;
        put_duties(tx, new.unit, new.duty, Some(new.person), &mut rows).await?;
        vacancy::settle(tx, ctx, new.unit, new.duty, &person.name, &mut rows).await?;
        let payload = json!({ "duty": called(new.duty), "person": new.person, "from": new.from,
            "before": before.map(|before| before.person_id), "reason": row.reason });
        record(tx, ctx, "assets.name_responsible", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Ends it, with nobody after them yet.
///
/// # Errors
/// When it is not theirs to do, it has ended, somebody changed it first, or the day is not possible.
pub async fn end(
    db: &Db,
    ctx: &Ctx,
    id: Uuid,
    version: Option<i64>,
    until: NaiveDate,
    reason: &str,
) -> Result<responsible::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsResponsible)?;
    check_reason(reason)?;
    db.write(async |tx| {
        let found = responsible::Entity::find_by_id(id).one(tx).await?;
        let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.unit_id)));
        let row = seen.ok_or(AssetError::NotFound("这条任职记录"))?;
        permit(ctx, Action::AssetsResponsible, Some(row.unit_id))?;
        if version.is_some_and(|version| version != row.version) {
            return Err(DbError::Stale.into());
        }
        if row.until_on.is_some() {
            return Err(AssetError::Conflict("这条任职记录已经结束".to_owned()));
        }
        if until < row.from_on || until > ctx.now().day() {
            let reason = format!("结束日期应在 {} 至今天之间", row.from_on);
            return Err(AssetError::field("until_on", reason));
        }
        let mut rows = RowsDigest::new(ctx);
        let after = close(tx, &row, until, &mut rows).await?;
        put_duties(tx, row.unit_id, row.duty, None, &mut rows).await?;
        let payload = json!({ "duty": called(row.duty), "person": row.person_id, "until": until,
            "reason": reason.trim() });
        record(tx, ctx, "assets.end_responsible", &after, payload, rows).await?;
        Ok(after)
    })
    .await
}

async fn open_row(tx: &Tx, unit: UnitId, duty: Duty) -> Result<Option<responsible::Model>, DbError> {
    Ok(responsible::Entity::find()
        .filter(responsible::Column::CurrentOf.eq(unit))
        .filter(responsible::Column::Duty.eq(duty))
        .one(tx)
        .await?)
}

async fn close(
    tx: &Tx,
    before: &responsible::Model,
    until: NaiveDate,
    rows: &mut RowsDigest,
) -> Result<responsible::Model, AssetError> {
    let after =
        responsible::Model { until_on: Some(until), current_of: None, version: before.version + 1, ..before.clone() };
    let mut active = after.clone().into_active_model().reset_all();
    active.id = sea_orm::ActiveValue::Unchanged(after.id);
    let updated = responsible::Entity::update_many()
        .set(active)
        .filter(responsible::Column::Id.eq(after.id))
        .filter(responsible::Column::Version.eq(before.version))
        .exec(tx)
        .await?;
    if updated.rows_affected != 1 {
        return Err(DbError::Stale.into());
    }
    rows.add(&after);
    Ok(after)
}

/// Says on the people of the unit who it is: nobody else of the unit is any more.
async fn put_duties(
    tx: &Tx,
    unit: UnitId,
    duty: Duty,
    whom: Option<PersonId>,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let of_unit =
        || person::Entity::find().filter(person::Column::UnitId.eq(unit)).filter(person::Column::Active.eq(true));
    let were = of_unit().filter(person::Column::Duty.eq(duty)).order_by_asc(person::Column::Id).all(tx).await?;
    for before in were.iter().filter(|before| Some(before.id) != whom) {
        people::put_duty(tx, before, Duty::Member, rows).await?;
    }
    let Some(whom) = whom else { return Ok(()) };
    if let Some(before) = of_unit().filter(person::Column::Id.eq(whom)).one(tx).await?
        && before.duty != duty
    {
        people::put_duty(tx, &before, duty, rows).await?;
    }
    Ok(())
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &responsible::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), AssetError> {
    let entry = Entry { action, subject: row.id.to_string(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Who it is now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Current {
    /// Whom.
    pub person: PersonId,
    /// As it was named here; nothing for who came with the list of people.
    pub row: Option<responsible::Model>,
}

/// Who answers for what now, of those who have not left.
///
/// # Errors
/// When the database cannot be read.
pub async fn current(db: &impl ConnectionTrait) -> Result<HashMap<(UnitId, Duty), Current>, DbError> {
    let mut found: HashMap<(UnitId, Duty), Current> = HashMap::new();
    let listed = person::Entity::find()
        .filter(person::Column::Active.eq(true))
        .filter(person::Column::Duty.ne(Duty::Member))
        .order_by_asc(person::Column::Id)
        .all(db)
        .await?;
    for person in listed {
        let by_list = Current { person: person.id, row: None };
        found.entry((person.unit_id, person.duty)).or_insert(by_list);
    }
    let named = responsible::Entity::find().filter(responsible::Column::CurrentOf.is_not_null()).all(db).await?;
    let ids: Vec<PersonId> = named.iter().map(|row| row.person_id).collect();
    let mut here = hashbrown::HashSet::new();
    for chunk in ids.chunks(500) {
        let active = person::Entity::find()
            .filter(person::Column::Id.is_in(chunk.iter().copied()))
            .filter(person::Column::Active.eq(true));
        here.extend(active.all(db).await?.into_iter().map(|person| person.id));
    }
    for row in named.into_iter().filter(|row| here.contains(&row.person_id)) {
        found.insert((row.unit_id, row.duty), Current { person: row.person_id, row: Some(row) });
    }
    Ok(found)
}

/// Everybody who was named for units within sight, the last first.
///
/// # Errors
/// When it is not theirs to see, or the database cannot be read.
pub async fn history(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    unit: Option<UnitId>,
) -> Result<Vec<responsible::Model>, AssetError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let mut query = responsible::Entity::find();
    if let Some(units) = reach(ctx, Action::OrgRead).units() {
        query = query.filter(responsible::Column::UnitId.is_in(units));
    }
    if let Some(unit) = unit {
        query = query.filter(responsible::Column::UnitId.eq(unit));
    }
    Ok(query.order_by_desc(responsible::Column::FromOn).order_by_desc(responsible::Column::Id).all(db).await?)
}
