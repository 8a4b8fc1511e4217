//! What drivers write down of a fill: the office's own list, against which the statement is held.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::drums;
use super::entity::slip;
use super::model::SlipVerdict;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::{Db, DbError};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ItemId, PersonId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::entity::vehicle;

/// A fill as it is written down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewSlip {
    /// The car.
    pub item: ItemId,
    /// When.
    pub at: Timestamp,
    /// Who filled it.
    pub driver: Option<PersonId>,
    /// How much.
    pub quantity_ml: i64,
    /// For how much.
    pub amount: Option<Fen>,
    /// Where.
    pub station: String,
    /// What the odometer showed.
    pub odometer_km: Option<i64>,
    /// Whether the tank was filled up.
    pub full_tank: bool,
    /// Whether a drum or a jerrycan was filled.
    pub container: bool,
    /// Of the approval of that.
    pub approval_number: String,
    /// A remark.
    pub note: String,
}

impl NewSlip {
    fn check(&self, ctx: &Ctx) -> Result<(), VehicleError> {
        let wrong = |field, reason: &str| Err(VehicleError::field(field, reason));
        if !(1..=2_000_000).contains(&self.quantity_ml) {
            return wrong("quantity", "加油量应大于 0、不超过 2,000 升");
        }
        if self.amount.is_some_and(|amount| !(1..=10_000_000).contains(&amount.0)) {
            return wrong("amount", "金额应大于 0、不超过 10 万元");
        }
        if self.at > ctx.now() {
            return wrong("at", "加油时间不能晚于现在");
        }
        if self.odometer_km.is_some_and(|km| !(0..=9_999_999).contains(&km)) {
            return wrong("odometer_km", "里程应在 0 至 9,999,999 之间");
        }
        if self.container && self.approval_number.trim().is_empty() {
            return wrong("approval_number", "油桶加油须先经审批，请填写审批编号");
        }
        for (field, text) in
            [("station", &self.station), ("approval_number", &self.approval_number), ("note", &self.note)]
        {
            if let Some(reason) = fault(text.trim(), 200) {
                return Err(VehicleError::field(field, reason));
            }
        }
        Ok(())
    }
}

/// Writes a fill down.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, or the car is out of scope.
pub async fn write_down(db: &Db, ctx: &Ctx, new: &NewSlip) -> Result<slip::Model, VehicleError> {
    permit_somewhere(ctx, Action::FuelLog)?;
    new.check(ctx)?;
    db.write(async |tx| {
        let thing = items::by_id(tx, new.item).await?.ok_or(VehicleError::NotFound("这辆车"))?;
        let car = vehicle::Entity::find_by_id(new.item).one(tx).await.map_err(DbError::from)?;
        let car = car.ok_or(VehicleError::NotFound("这辆车"))?;
        permit(ctx, Action::FuelLog, Some(thing.unit_id))?;
        if new.container {
            drums::allow(tx, new.approval_number.trim(), &car.plate, (new.at, new.quantity_ml)).await?;
        }
        let row = slip::Model {
            id: ctx.new_id(),
            item_id: new.item,
            unit_id: thing.unit_id,
            at: new.at,
            driver_id: new.driver,
            quantity_ml: new.quantity_ml,
            amount_fen: new.amount,
            station: new.station.trim().to_owned(),
            odometer_km: new.odometer_km,
            full_tank: new.full_tank,
            container: new.container,
            approval_number: new.approval_number.trim().to_owned(),
            note: new.note.trim().to_owned(),
            verdict: SlipVerdict::Unpaired,
            entered_by: ctx.actor.to_string(),
            entered_at: ctx.now(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await.map_err(DbError::from)?;
        let payload = json!({ "item_id": row.item_id, "quantity_ml": row.quantity_ml, "at": row.at });
        let rows = RowsDigest::new(ctx).with(&row);
        let entry =
            Entry { action: "fuel.write_down", subject: row.id.to_string(), unit: Some(row.unit_id), payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}
