//! What must not wait: guns that should be back, guns out for more than a day, licences that lapse, shifts without a
//! recount, armouries that nobody inspected today, what cabinets told and the book does not know. A job opens a finding for
//! each; what came back or was renewed settles it.

use std::collections::BTreeSet;

use chrono::{Days, NaiveDate};
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::cabinets::judging;
use super::draws::entity::draw;
use super::draws::handing::ROOM;
use super::draws::longer;
use super::draws::model::{DAY_MS, State};
use super::entity::{armoury, officer};
use super::inspections::model::State as Inspected;
use super::inspections::store as inspections;
use super::model::{masked, masked_name};
use super::shifts::store as shifts;
use super::store;
use crate::access::Role;
use crate::access::entity::{account, grant};
use crate::access::rules::Rules;
use crate::db::{Db, DbError, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::ledger::custody;
use crate::org::entity::unit;
use crate::org::people;

/// The kind of job.
pub const JOB: &str = "firearms.alarms";
/// How often it looks, milliseconds: every five minutes.
pub const EVERY_MS: i64 = 300_000;
/// The rule that says how many days before a licence lapses it is told.
pub const LICENCE_DAYS: &str = "firearms.licence_days";
/// Where no rule says it.
pub const OTHERWISE_LICENCE_DAYS: i64 = 30;

/// The rule that says within how many hours a shift is handed over.
pub const SHIFT_HOURS: &str = "firearms.shift_hours";
/// Where no rule says it.
pub const OTHERWISE_SHIFT_HOURS: i64 = 24;
/// The rule that says by which hour of the day each armoury is inspected over the network (REPORT 16).
pub const INSPECTION_HOUR: &str = "firearms.inspection_hour";
/// Where no rule says it.
pub const OTHERWISE_INSPECTION_HOUR: i64 = 18;
const HOUR_MS: i64 = 3_600_000;

fn late_origin(row: &draw::Model) -> String {
    format!("late/{}", row.id)
}

fn day_origin(row: &draw::Model) -> String {
    format!("day/{}", row.id)
}

fn recount_origin(unit: UnitId, day: NaiveDate) -> String {
    format!("recount/{unit}/{day}")
}

fn inspection_origin(armoury: Uuid, day: NaiveDate) -> String {
    format!("uninspected/{armoury}/{day}")
}

fn licence_origin(row: &officer::Model) -> String {
    format!("licence/{}/{}", row.person_id, row.valid_until)
}

/// Opens what is due and not told yet; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, ArmsError> {
    db.write(async |tx| {
        let mut new = guns_out(tx, ctx).await?;
        new.extend(licences(tx, ctx).await?);
        new.extend(recounts(tx, ctx).await?);
        new.extend(uninspected(tx, ctx).await?);
        let mut rows = RowsDigest::new(ctx);
        let mut opened = open_many(tx, ctx, new, &mut rows).await?.len();
        opened += judging::due(tx, ctx, &mut rows).await?;
        if opened > 0 {
            let payload = json!({ "findings": opened });
            let entry = Entry { action: "firearms.alarm", subject: String::new(), unit: None, payload, rows };
            journal::record(tx, ctx, entry).await?;
        }
        Ok(opened)
    })
    .await
}

async fn guns_out(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, ArmsError> {
    let out = draw::Entity::find().filter(draw::Column::State.is_in([State::Out, State::Returning])).all(tx).await?;
    let mut new = Vec::new();
    for row in out {
        // What the chain has granted since moves the hour before it is looked at.
        let row = longer::settle(tx, ctx, row).await?;
        let late = ctx.now() > row.due_at;
        let long = row.out_at.is_some_and(|at| ctx.now().0 - at.0 > DAY_MS) && late;
        if !late {
            continue;
        }
        let gun = match row.item_id {
            Some(id) => store::by_id(tx, id).await?,
            None => None,
        };
        let gun = gun.map(|gun| format!("{} {}", gun.arm.model, masked(&gun.arm.serial))).unwrap_or_default();
        let who = people::by_id(tx, row.drawer_id).await?.map(|person| masked_name(&person.name)).unwrap_or_default();
        let finding = |origin: String, title: String| NewFinding {
            room: ROOM,
            origin,
            link: format!("/firearms/draws/{}", row.number),
            kind: Kind::FirearmOverdue,
            unit: Some(row.unit_id),
            item: row.item_id,
            title,
            description: format!("领枪单 {}：{gun}，{who}，应于 {} 交还，至今未还。", row.number, row.due_at),
        };
        new.push(finding(late_origin(&row), format!("枪支逾期未还：{who} {gun} {}", row.number)));
        if long {
            let title = format!("枪支离库超过 24 小时且逾期：{who} {gun} {}", row.number);
            new.push(finding(day_origin(&row), title));
        }
    }
    Ok(new)
}

async fn licences(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let days = Rules::load(tx).await?.number(LICENCE_DAYS, ctx.now(), OTHERWISE_LICENCE_DAYS);
    let today = ctx.now().day();
    let by = today.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    let rows = officer::Entity::find()
        .filter(officer::Column::Active.eq(true))
        .filter(officer::Column::ValidUntil.lte(by))
        .all(tx)
        .await?;
    let mut new = Vec::new();
    for row in rows {
        let Some(person) = people::by_id(tx, row.person_id).await?.filter(|person| person.active) else { continue };
        new.push(NewFinding {
            room: ROOM,
            origin: licence_origin(&row),
            link: format!("/firearms/officers/{}", row.person_id),
            kind: Kind::CarryLicenceDue,
            unit: Some(person.unit_id),
            item: None,
            title: format!("{} 的持枪证 {} 到期", masked_name(&person.name), row.valid_until),
            description: format!("持枪证有效期至 {}，到期后不能领枪；请换证并登记，或停止其配枪。", row.valid_until),
        });
    }
    Ok(new)
}

/// Units with stores of which nobody has handed over a shift within its hours (cadence 1 of DOMAIN 7).
async fn recounts(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let hours = Rules::load(tx).await?.number(SHIFT_HOURS, ctx.now(), OTHERWISE_SHIFT_HOURS);
    let stores = armoury::Entity::find().filter(armoury::Column::Active.eq(true)).all(tx).await?;
    let units: BTreeSet<UnitId> = stores.into_iter().map(|row| row.unit_id).collect();
    let mut new = Vec::new();
    for unit_id in units {
        let last = shifts::last_closed(tx, unit_id).await?.and_then(|row| row.ended_at);
        if last.is_some_and(|at| ctx.now().0.saturating_sub(at.0) <= hours.saturating_mul(HOUR_MS)) {
            continue;
        }
        let name = unit::Entity::find_by_id(unit_id).one(tx).await?.map(|row| row.name).unwrap_or_default();
        let told = last.map_or_else(|| "从未交接".to_owned(), |at| format!("上次交接 {at}"));
        new.push(NewFinding {
            room: ROOM,
            origin: recount_origin(unit_id, ctx.now().day()),
            link: "/firearms/shifts".to_owned(),
            kind: Kind::RecountMissing,
            unit: Some(unit_id),
            item: None,
            title: format!("{name} 枪弹库未按班交接清点"),
            description: format!("{name} 的枪弹库超过 {hours} 小时没有交接清点；{told}。"),
        });
    }
    Ok(new)
}

/// From when on a day's remote inspection is missing.
pub(super) async fn inspection_hour(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    day: NaiveDate,
) -> Result<Timestamp, DbError> {
    let hour = Rules::load(db).await?.number(INSPECTION_HOUR, ctx.now(), OTHERWISE_INSPECTION_HOUR);
    Ok(Timestamp(Timestamp::start_of_day(day).0 + hour.clamp(0, 24) * HOUR_MS))
}

/// Armouries that nobody has inspected over the network today, after the hour by which it is done (cadence 3 of DOMAIN 7).
async fn uninspected(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let day = ctx.now().day();
    let by = inspection_hour(tx, ctx, day).await?;
    if ctx.now() < by {
        return Ok(Vec::new());
    }
    let papers = inspections::daily(tx, day).await?;
    let signed = |id: &Uuid| papers.get(id).is_some_and(|row| row.state == Inspected::Signed);
    let stores = armoury::Entity::find().filter(armoury::Column::Active.eq(true)).all(tx).await?;
    let unit = brigade(tx, ctx).await?;
    let missing = stores.into_iter().filter(|row| !signed(&row.id)).map(|row| NewFinding {
        room: ROOM,
        origin: inspection_origin(row.id, day),
        link: "/firearms/inspections".to_owned(),
        kind: Kind::InspectionMissing,
        unit,
        item: None,
        title: format!("{} {day} 未做网上检查", row.name),
        description: format!("{}（{}）在 {by} 前没有签字的每日网上检查。", row.name, row.number),
    });
    Ok(missing.collect())
}

/// The unit of whoever inspects: the public-order brigade's, when they are all of one.
async fn brigade(tx: &Tx, ctx: &Ctx) -> Result<Option<UnitId>, DbError> {
    let now = ctx.now();
    let grants = grant::Entity::find()
        .filter(grant::Column::Role.eq(Role::PublicOrder))
        .filter(grant::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    let held = grants.iter().filter(|row| row.valid_from <= now && row.valid_until.is_none_or(|end| now < end));
    let accounts = account::Entity::find().filter(account::Column::Id.is_in(held.map(|row| row.account_id)));
    let mut units = BTreeSet::new();
    for row in accounts.all(tx).await? {
        units.extend(people::by_id(tx, row.person_id).await?.map(|person| person.unit_id));
    }
    Ok(units.pop_first().filter(|_| units.is_empty()))
}

/// A remote inspection settles what was told of its armoury that day.
pub(super) async fn inspected(
    tx: &Tx,
    ctx: &Ctx,
    armoury: Uuid,
    day: NaiveDate,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    settle(tx, ctx, Kind::InspectionMissing, &[inspection_origin(armoury, day)], "已补做网上检查", rows).await
}

/// A handover settles what was told of its unit today and yesterday.
pub(super) async fn counted(tx: &Tx, ctx: &Ctx, unit: UnitId, rows: &mut RowsDigest) -> Result<(), DbError> {
    let today = ctx.now().day();
    let days = [Some(today), today.pred_opt()];
    let origins: Vec<String> = days.into_iter().flatten().map(|day| recount_origin(unit, day)).collect();
    settle(tx, ctx, Kind::RecountMissing, &origins, "已交接清点", rows).await
}

/// A gun that came back settles what was told of it.
pub(super) async fn came_back(tx: &Tx, ctx: &Ctx, row: &draw::Model, rows: &mut RowsDigest) -> Result<(), DbError> {
    let origins = [late_origin(row), day_origin(row)];
    settle(tx, ctx, Kind::FirearmOverdue, &origins, "已还枪", rows).await
}

/// A licence that was renewed settles what was told of the old one.
pub(super) async fn renewed(
    tx: &Tx,
    ctx: &Ctx,
    before: &officer::Model,
    after: &officer::Model,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    if after.active && after.valid_until <= before.valid_until {
        return Ok(());
    }
    let words = if after.active {
        format!("已换证，有效期至 {}", after.valid_until)
    } else {
        "已停止配枪".to_owned()
    };
    settle(tx, ctx, Kind::CarryLicenceDue, &[licence_origin(before)], &words, rows).await
}

/// The gun of somebody who was forbidden to carry came back: that settles what was told of it.
pub(super) async fn given_back(tx: &Tx, ctx: &Ctx, whose: PersonId, rows: &mut RowsDigest) -> Result<(), DbError> {
    let origins: Vec<String> =
        store::bans_of(tx, whose).await?.into_iter().map(|ban| format!("ban/{}", ban.id)).collect();
    settle(tx, ctx, Kind::CarrierUnfit, &origins, "枪已收回", rows).await
}

async fn settle(
    tx: &Tx,
    ctx: &Ctx,
    kind: Kind,
    origins: &[String],
    words: &str,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    custody::settle(tx, ctx, (ROOM, kind), origins, words, rows).await
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    match mark(&db, &ctx).await {
        Ok(_) => Ok(Ending::Done),
        Err(ArmsError::Db(error)) => Err(error.into()),
        Err(other) => Err(JobError::Later(other.to_string())),
    }
}
