//! Who may drive: the licence of a person, its class and its days (道路交通安全法 第19条: 驾驶机动车应当依法取得驾驶证，按准驾车型驾驶).

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait, IntoActiveModel as _};
use serde_json::json;

use super::entity::driver;
use super::model::LicenceClass;
use super::service::line;
use super::store::{self, Car};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::people;
use crate::vehicles::VehicleError;

/// A licence as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Licence {
    /// Whose.
    pub person: PersonId,
    /// 准驾车型
    pub class: LicenceClass,
    /// 有效期起
    pub valid_from: Option<NaiveDate>,
    /// 有效期止; nothing is 长期.
    pub valid_until: Option<NaiveDate>,
    /// Whether they may drive the sub-bureau's cars.
    pub active: bool,
    /// 备注
    pub note: String,
}

/// Enters somebody's licence, or what has changed of it.
///
/// # Errors
/// When it is not theirs to do, the person is unknown, the days are the wrong way round, or somebody changed it first.
pub async fn set(db: &Db, ctx: &Ctx, new: &Licence, version: Option<i64>) -> Result<driver::Model, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    let note = line("note", &new.note, 200)?;
    if let (Some(from), Some(until)) = (new.valid_from, new.valid_until)
        && until < from
    {
        return Err(VehicleError::field("valid_until", "有效期止不能早于有效期起"));
    }
    db.write(async |tx| {
        let person = people::open(tx, new.person, "person_id").await?;
        permit(ctx, Action::VehiclesWrite, Some(person.unit_id))?;
        let before = store::driver_of(tx, new.person).await?;
        if version.is_some_and(|seen| before.as_ref().map(|row| row.version) != Some(seen)) {
            return Err(DbError::Stale.into());
        }
        let (valid_from, valid_until, active) = (new.valid_from, new.valid_until, new.active);
        let row = match before {
            Some(before) => {
                let licence_class = new.class;
                let note = note.clone();
                let row = driver::Model { licence_class, valid_from, valid_until, active, note, ..before };
                save!(tx, driver, id, Id, row)
            }
            None => {
                let row = driver::Model {
                    id: ctx.new_id(),
                    person_id: new.person,
                    licence_class: new.class,
                    valid_from,
                    valid_until,
                    active,
                    note: note.clone(),
                    version: 1,
                };
                row.clone().into_active_model().insert(tx).await?;
                row
            }
        };
        let payload = json!({ "class": row.licence_class, "valid_until": row.valid_until, "active": row.active });
        let rows = RowsDigest::new(ctx).with(&row);
        let entry =
            Entry { action: "vehicles.set_driver", subject: person.name, unit: Some(person.unit_id), payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

/// Lets somebody drive a car on a day, or says why not.
///
/// # Errors
/// When they have no licence, it is not valid that day, not for this car, or they have left.
pub async fn licensed(
    db: &impl ConnectionTrait,
    person: PersonId,
    car: &Car,
    day: NaiveDate,
) -> Result<(), VehicleError> {
    let who = people::open(db, person, "driver_id").await?.name;
    let wrong = |reason: String| Err(VehicleError::field("driver_id", reason));
    let Some(licence) = store::driver_of(db, person).await? else {
        return wrong(format!("{who}未登记驾驶证，不能驾驶；请车辆管理员登记"));
    };
    if !licence.active {
        return wrong(format!("{who}已停止驾驶公务用车"));
    }
    if let Some(until) = licence.valid_until.filter(|until| *until < day) {
        return wrong(format!("{who}的驾驶证已于 {until} 到期，换证并登记后再驾驶"));
    }
    if let Some(from) = licence.valid_from.filter(|from| *from > day) {
        return wrong(format!("{who}的驾驶证自 {from} 起有效"));
    }
    if licence.licence_class.drives(car.vehicle.seats) {
        return Ok(());
    }
    let seats = car.vehicle.seats.unwrap_or_default();
    wrong(format!("{who}的准驾车型为{}，不能驾驶 {} 座的 {}", licence.licence_class.zh(), seats, car.vehicle.plate))
}
