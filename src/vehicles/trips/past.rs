//! Trips that were kept on paper enter the book afterwards, in the order in which they were driven; each is to be
//! checked like any other.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::entity::trip;
use super::model::{State, TripKind, gap, month_of};
use super::service::{MOST_KM, OTHERWISE_MOST_KM, gap_finding, within};
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::{Db, DbError, Tx, bulk};
use crate::findings::open_many;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ItemId, PersonId};
use crate::kernel::{Ctx, Timestamp};
use crate::vehicles::NUMBERS;
use crate::vehicles::VehicleError;
use crate::vehicles::service::{drove, odometer, words};
use crate::vehicles::store::{self as cars, Car};

/// Lines that are entered in one go at most.
pub const MOST: usize = 20_000;

/// A line of a paper book.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PastTrip {
    /// The car.
    pub car: ItemId,
    /// 驾驶员
    pub driver: PersonId,
    /// 审批人, as the paper has it.
    pub approver: PersonId,
    /// 用车事由
    pub purpose: String,
    /// 目的地
    pub destination: String,
    /// 出车时间
    pub departed_at: Timestamp,
    /// 出车里程
    pub departed_km: i64,
    /// 还车时间
    pub returned_at: Timestamp,
    /// 还车里程
    pub returned_km: i64,
}

/// When somebody last brought a car back.
///
/// # Errors
/// When the database cannot be read.
pub async fn last_back(db: &impl ConnectionTrait, driver: PersonId) -> Result<Option<Timestamp>, DbError> {
    let last: Option<Option<Timestamp>> = trip::Entity::find()
        .select_only()
        .column(trip::Column::ReturnedAt)
        .filter(trip::Column::DriverId.eq(driver))
        .filter(trip::Column::Kind.eq(TripKind::Duty))
        .filter(trip::Column::ReturnedAt.is_not_null())
        .order_by_desc(trip::Column::ReturnedAt)
        .limit(1)
        .into_tuple()
        .one(db)
        .await?;
    Ok(last.flatten())
}

/// What is known of cars and drivers while lines are entered one after another.
struct Desk {
    cars: HashMap<ItemId, Car>,
    known: HashMap<ItemId, (Option<Timestamp>, i64)>,
    drivers: HashMap<PersonId, Option<Timestamp>>,
    most_km: i64,
}

/// Enters lines of paper books, in the order of departure. All of them or none; returns their numbers.
///
/// # Errors
/// When they are not theirs to enter, or a line cannot be: the sentence says which and why.
pub async fn enter(db: &Db, ctx: &Ctx, lines: &[PastTrip]) -> Result<Vec<String>, VehicleError> {
    permit_somewhere(ctx, Action::TripsCheck)?;
    if lines.len() > MOST {
        return Err(VehicleError::field("lines", format!("一次最多录入 {MOST} 行，请分开录入")));
    }
    db.write(async |tx| {
        let mut sorted: Vec<&PastTrip> = lines.iter().collect();
        sorted.sort_by_key(|line| line.departed_at);
        let ids: Vec<ItemId> = sorted.iter().map(|line| line.car).collect();
        let most_km = Rules::load(tx).await?.number(MOST_KM, ctx.now(), OTHERWISE_MOST_KM);
        let mut desk =
            Desk { cars: cars::by_ids(tx, &ids).await?, known: HashMap::new(), drivers: HashMap::new(), most_km };
        let mut rows = Vec::with_capacity(sorted.len());
        for line in sorted {
            rows.push(desk.row(tx, ctx, line).await?);
        }
        number(tx, &mut rows).await?;
        let mut digest = RowsDigest::new(ctx);
        rows.iter().for_each(|row| digest.add(row));
        let gaps = rows.iter().filter_map(|row| Some(gap_finding(desk.cars.get(&row.item_id)?, row, row.gap_km?)));
        let gaps: Vec<_> = gaps.collect();
        bulk::insert(tx, rows.iter().cloned()).await?;
        open_many(tx, ctx, gaps, &mut digest).await?;
        for (id, (at, km)) in &desk.known {
            if let (Some(car), Some(at)) = (desk.cars.get(id), at) {
                drove(tx, car.vehicle.clone(), *km, *at, &mut digest).await?;
            }
        }
        let numbers: Vec<String> = rows.iter().map(|row| row.number.clone()).collect();
        let payload = json!({ "trips": rows.len(), "first": numbers.first(), "last": numbers.last() });
        let unit = rows.first().map(|row| row.unit_id).filter(|unit| rows.iter().all(|row| row.unit_id == *unit));
        let subject = numbers.first().cloned().unwrap_or_default();
        journal::record(tx, ctx, Entry { action: "trips.enter_past", subject, unit, payload, rows: digest }).await?;
        Ok(numbers)
    })
    .await
}

/// Numbers by the year of departure, in order.
async fn number(tx: &Tx, rows: &mut [trip::Model]) -> Result<(), VehicleError> {
    let year = |row: &trip::Model| row.month.as_deref().and_then(|month| month.get(..4)).unwrap_or_default().to_owned();
    let mut start = 0;
    while start < rows.len() {
        let of = year(&rows[start]);
        let many = rows[start..].iter().take_while(|row| year(row) == of).count();
        let first = NUMBERS.take(tx, &format!("YC-{of}"), i64::try_from(many).unwrap_or(i64::MAX)).await?;
        for (running, row) in (first..).zip(&mut rows[start..start + many]) {
            row.number = format!("YC-{of}-{running:04}");
        }
        start += many;
    }
    Ok(())
}

impl Desk {
    async fn row(&mut self, tx: &Tx, ctx: &Ctx, line: &PastTrip) -> Result<trip::Model, VehicleError> {
        let car = self.cars.get(&line.car).ok_or(VehicleError::NotFound("这辆车"))?;
        permit(ctx, Action::TripsCheck, Some(car.item.unit_id))?;
        let named = |error: VehicleError| match error {
            VehicleError::Field { field, reason } => {
                let at = line.departed_at;
                VehicleError::Field { field, reason: format!("{} {at}：{reason}", car.vehicle.plate) }
            }
            other => other,
        };
        let wrong = |field, reason: String| Err(named(VehicleError::field(field, reason)));
        odometer("departed_km", line.departed_km).map_err(named)?;
        let left = (line.departed_at, line.departed_km);
        within(left, (line.returned_at, line.returned_km), ctx.now(), self.most_km).map_err(named)?;
        let known = *self.known.entry(line.car).or_insert((car.vehicle.odometer_at, car.vehicle.odometer_km));
        if store::out_with(tx, line.car).await?.is_some() {
            return wrong("departed_at", "此车正在外，还车后再补录".to_owned());
        }
        if let Some(back) = known.0.filter(|back| line.departed_at < *back) {
            return wrong("departed_at", format!("早于上次还车 {back}"));
        }
        if !self.drivers.contains_key(&line.driver) {
            self.drivers.insert(line.driver, last_back(tx, line.driver).await?);
        }
        if let Some(back) = self.drivers[&line.driver].filter(|back| line.departed_at < *back) {
            return wrong("driver_id", format!("该驾驶员 {back} 才还另一辆车"));
        }
        let month = month_of(line.departed_at.day());
        if store::submission(tx, car.item.unit_id, &month).await?.is_some() {
            return wrong("departed_at", format!("{month} 的出车记录已报送"));
        }
        let gap_km = gap(line.departed_km, known.0.map(|_| known.1));
        self.known.insert(line.car, (Some(line.returned_at), line.returned_km));
        self.drivers.insert(line.driver, Some(line.returned_at));
        Ok(trip::Model {
            id: ctx.new_id(),
            number: String::new(),
            kind: TripKind::Duty,
            state: State::Returned,
            item_id: line.car,
            unit_id: car.item.unit_id,
            urgent: false,
            purpose: words("purpose", &line.purpose, "用车事由").map_err(named)?,
            destination: words("destination", &line.destination, "目的地").map_err(named)?,
            passengers: String::new(),
            planned_from: None,
            planned_until: None,
            asked_by: ctx.actor.to_string(),
            asker_id: Some(line.driver),
            asked_at: line.departed_at,
            approval_id: None,
            approved_by: Some(line.approver),
            repair_id: None,
            driver_id: Some(line.driver),
            open_car: None,
            open_driver: None,
            month: Some(month),
            departed_at: Some(line.departed_at),
            departed_km: Some(line.departed_km),
            gap_km,
            returned_at: Some(line.returned_at),
            returned_km: Some(line.returned_km),
            checked_by: None,
            checked_at: None,
            check_note: String::new(),
            submission_id: None,
            question: String::new(),
            questioned_by: None,
            questioned_at: None,
            explanation: String::new(),
            explained_by: None,
            explained_at: None,
            ended_at: None,
            ended_reason: String::new(),
            version: 1,
        })
    }
}
