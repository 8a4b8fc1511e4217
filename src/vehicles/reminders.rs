//! What must not be forgotten: insurance and inspection that lapse, books of a month that are due. A job opens a finding
//! for each; what was renewed or handed in settles it.

use chrono::Days;
use hashbrown::HashSet;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};
use serde_json::json;

use super::entity::vehicle;
use super::model::Papers;
use super::store::{self, Car};
use super::trips::entity::{submission, trip};
use super::trips::model::{due_on, month_before};
use crate::access::rules::Rules;
use crate::db::{Db, DbError, Tx};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many, opening};
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::entity::unit;

/// The kind of job.
pub const JOB: &str = "vehicles.reminders";
/// How often it looks, milliseconds: every hour.
pub const EVERY_MS: i64 = 3_600_000;
/// The room that findings of cars come from.
pub const ROOM: &str = "vehicles";
/// The rule that says how many days before a date lapses it is told.
pub const REMIND_DAYS: &str = "vehicles.remind_days";
/// The rule that says by which day a month is handed in.
pub const SUBMIT_BY_DAY: &str = "vehicles.submit_by_day";
/// Where no rule says it.
pub const OTHERWISE_REMIND_DAYS: i64 = 30;
/// Where no rule says it.
pub const OTHERWISE_SUBMIT_BY: i64 = 10;

fn paper_origin(car: &Car, which: &str, until: chrono::NaiveDate) -> String {
    format!("{}/{which}/{until}", car.item.id)
}

/// Opens what is due and not told yet; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, DbError> {
    db.write(async |tx| {
        let mut new = papers_due(tx, ctx).await?;
        new.extend(books_due(tx, ctx).await?);
        let mut rows = RowsDigest::new(ctx);
        let opened = open_many(tx, ctx, new, &mut rows).await?.len();
        if opened > 0 {
            let payload = json!({ "findings": opened });
            let entry = Entry { action: "vehicles.remind", subject: String::new(), unit: None, payload, rows };
            journal::record(tx, ctx, entry).await?;
        }
        Ok(opened)
    })
    .await
}

async fn papers_due(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let rules = Rules::load(tx).await?;
    let days = rules.number(REMIND_DAYS, ctx.now(), OTHERWISE_REMIND_DAYS);
    let today = ctx.now().day();
    let by = today.checked_add_days(Days::new(days.unsigned_abs())).unwrap_or(today);
    let everything = ctx.acting_as(ctx.actor.clone(), crate::kernel::rights::Scope::Everything);
    let wanted = store::Wanted { due_by: Some(by), ..store::Wanted::default() };
    let mut new = Vec::new();
    for car in store::list(tx, &everything, &wanted, u64::MAX >> 1).await? {
        for (which, zh, until) in car.vehicle.papers().dates() {
            let Some(until) = until.filter(|until| *until <= by) else { continue };
            let plate = &car.vehicle.plate;
            new.push(NewFinding {
                room: ROOM,
                origin: paper_origin(&car, which, until),
                link: format!("/vehicles/{plate}"),
                kind: Kind::VehiclePaperDue,
                unit: Some(car.item.unit_id),
                item: Some(car.item.id),
                title: format!("{plate} {zh} {until} 到期"),
                description: format!(
                    "{plate}（{}）{zh}有效期至 {until}，请及时办理并在车辆台账登记新的日期。",
                    car.item.name
                ),
            });
        }
    }
    Ok(new)
}

/// Units that have cars, or had trips in the month.
///
/// # Errors
/// When the database cannot be read.
pub async fn units_with_books(db: &impl sea_orm::ConnectionTrait, month: &str) -> Result<Vec<UnitId>, DbError> {
    let of_cars: Vec<UnitId> = vehicle::Entity::find()
        .select_only()
        .column(item::Column::UnitId)
        .join(sea_orm::JoinType::InnerJoin, store::of_item())
        .filter(item::Column::State.is_not_in([ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn]))
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let of_trips: Vec<UnitId> = trip::Entity::find()
        .select_only()
        .column(trip::Column::UnitId)
        .filter(trip::Column::Month.eq(month))
        .distinct()
        .into_tuple()
        .all(db)
        .await?;
    let mut units: Vec<UnitId> = of_cars.into_iter().chain(of_trips).collect();
    units.sort_unstable();
    units.dedup();
    Ok(units)
}

async fn books_due(tx: &Tx, ctx: &Ctx) -> Result<Vec<NewFinding>, DbError> {
    let rules = Rules::load(tx).await?;
    let by_day = rules.number(SUBMIT_BY_DAY, ctx.now(), OTHERWISE_SUBMIT_BY);
    let (today, month) = (ctx.now().day(), month_before(ctx.now().day()));
    if due_on(&month, by_day).is_none_or(|due| today <= due) {
        return Ok(Vec::new());
    }
    let handed_in: HashSet<UnitId> = submission::Entity::find()
        .select_only()
        .column(submission::Column::UnitId)
        .filter(submission::Column::Month.eq(&month))
        .into_tuple::<UnitId>()
        .all(tx)
        .await?
        .into_iter()
        .collect();
    let mut new = Vec::new();
    for unit_id in units_with_books(tx, &month).await? {
        if handed_in.contains(&unit_id) {
            continue;
        }
        let name = unit::Entity::find_by_id(unit_id).one(tx).await?.map(|unit| unit.name).unwrap_or_default();
        new.push(NewFinding {
            room: ROOM,
            origin: format!("book/{unit_id}/{month}"),
            link: format!("/vehicles/months/{month}"),
            kind: Kind::TripsNotSubmitted,
            unit: Some(unit_id),
            item: None,
            title: format!("{name} {month} 出车记录未报送"),
            description: format!("{name} {month} 的出车记录应于次月 {by_day} 日前报送指挥中心，至今未报。"),
        });
    }
    Ok(new)
}

/// A month that was handed in late settles what was opened for it.
pub(super) async fn handed_in(
    tx: &Tx,
    ctx: &Ctx,
    unit: UnitId,
    month: &str,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    settle(tx, ctx, Kind::TripsNotSubmitted, format!("book/{unit}/{month}"), "已报送", rows).await
}

/// Dates of a car that were renewed settle what was opened for the old ones.
pub(super) async fn renewed(
    tx: &Tx,
    ctx: &Ctx,
    car: &Car,
    before: Papers,
    after: Papers,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    for ((which, zh, old), (_, _, new)) in before.dates().into_iter().zip(after.dates()) {
        let (Some(old), Some(new)) = (old, new) else { continue };
        if new > old {
            let words = format!("{zh}已续至 {new}");
            settle(tx, ctx, Kind::VehiclePaperDue, paper_origin(car, which, old), &words, rows).await?;
        }
    }
    Ok(())
}

async fn settle(
    tx: &Tx,
    ctx: &Ctx,
    kind: Kind,
    origin: String,
    words: &str,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    for finding in opening::of_origins(tx, ROOM, kind, &[origin]).await?.into_values() {
        opening::settle(tx, ctx, finding, (EvidenceKind::BookChange, words.to_owned()), rows).await?;
    }
    Ok(())
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    mark(&db, &ctx).await?;
    Ok(Ending::Done)
}
