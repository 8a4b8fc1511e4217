//! Vehicles: a row is a car. A car that the book has already as an asset is taken over, and its card stays as it is.

use sea_orm::prelude::Date;

use super::{Desk, Drafts, ImportError, Report, Source, read_drafts, within};
use crate::access::Action;
use crate::documents::tables::Cars;
use crate::documents::{Fields, Reject, Row};
use crate::items::ItemError;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::text::key;
use crate::kernel::{Fen, Quantity};
use crate::org::Directory;
use crate::vehicles::VehicleError;
use crate::vehicles::model::{Energy, Quota, UseKind};
use crate::vehicles::service::{Facts, NewVehicle, register_in};

#[derive(Debug)]
pub(super) struct VehicleDraft {
    item_number: String,
    name: String,
    specification: String,
    brand: String,
    unit: String,
    value: Fen,
    acquired_on: Option<Date>,
    odometer_km: i64,
    facts: Facts,
}

pub(super) fn read(source: &Source<'_>) -> Result<(Drafts<VehicleDraft>, Report), ImportError> {
    read_drafts::<Cars, _>(source, |row| {
        let energy = energy(row)?;
        let facts = Facts {
            vin: row.identifier(Cars::Vin)?.to_owned(),
            engine_number: row.identifier(Cars::EngineNumber)?.to_owned(),
            quota: quota(row)?,
            use_kind: use_kind(row)?,
            energy,
            seats: whole(row, Cars::Seats)?,
            displacement_ml: displacement(row)?.filter(|_| energy.burns()),
            tank_ml: row.decimal(Cars::TankL, 3)?.filter(|_| energy.burns()),
            fuel_grade: if energy.burns() { row.text(Cars::FuelGrade).to_owned() } else { String::new() },
            rated_ml_100km: row.decimal(Cars::RatedLPer100km, 3)?.filter(|_| energy.burns()),
            registered_on: row.date(Cars::RegisteredOn)?,
            compulsory_until: row.date(Cars::CompulsoryUntil)?,
            commercial_until: row.date(Cars::CommercialUntil)?,
            inspected_until: row.date(Cars::InspectedUntil)?,
            ..Facts::of(row.required_identifier(Cars::Plate)?)
        };
        let value = row.money(Cars::Value)?.unwrap_or(Fen::ZERO);
        let name = row.text(Cars::Name);
        Ok(VehicleDraft {
            item_number: within(row, Cars::ItemNumber, row.required_identifier(Cars::ItemNumber)?, 64)?,
            name: if name.is_empty() { "公务用车".to_owned() } else { within(row, Cars::Name, name, 200)? },
            specification: row.text(Cars::Specification).to_owned(),
            brand: row.text(Cars::Brand).to_owned(),
            unit: row.required(Cars::Unit)?.to_owned(),
            value,
            acquired_on: row.date(Cars::AcquiredOn)?,
            odometer_km: whole(row, Cars::OdometerKm)?.unwrap_or(0),
            facts,
        })
    })
}

/// A whole number; a blank cell is none.
fn whole<F: Fields>(row: &Row<'_, F>, field: F) -> Result<Option<i64>, Reject> {
    if row.text(field).is_empty() { Ok(None) } else { Ok(Some(row.quantity(field)?.0)) }
}

/// `1598`, `1598ml`, `1.6L`: what is under 50 are litres.
fn displacement(row: &Row<'_, Cars>) -> Result<Option<i64>, Reject> {
    let text = key(row.text(Cars::DisplacementMl)).into_owned();
    let digits = text.trim_end_matches(['毫', '升', 'M', 'L', 'T']);
    if digits.is_empty() {
        return Ok(None);
    }
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let milli = format!("{part:0<3}").get(..3).and_then(|part| part.parse::<i64>().ok());
    match (whole.parse::<i64>(), milli) {
        (Ok(whole @ 0..50), Some(milli)) => Ok(Some(whole * 1_000 + milli)),
        (Ok(whole), Some(_)) => Ok(Some(whole)),
        _ => Err(row.reject(Cars::DisplacementMl, "排气量应如 1598 或 1.6L")),
    }
}

fn quota(row: &Row<'_, Cars>) -> Result<Quota, Reject> {
    match row.text(Cars::Quota) {
        "" => Ok(Quota::Unset),
        text => Quota::by_name(text).ok_or_else(|| row.reject(Cars::Quota, "编制情况应为 在编、不在编 或 未核定车编")),
    }
}

fn use_kind(row: &Row<'_, Cars>) -> Result<UseKind, Reject> {
    let text = row.text(Cars::UseKind);
    match text.trim_end_matches("用车") {
        "" => Ok(UseKind::Other),
        "一般执法执勤" => Ok(UseKind::Enforcement),
        short => UseKind::by_name(short)
            .ok_or_else(|| row.reject(Cars::UseKind, "用途应为 机要通信、应急保障、执法执勤、特种专业技术 或 其他")),
    }
}

/// What it runs on, by what the row says or by its grade.
fn energy(row: &Row<'_, Cars>) -> Result<Energy, Reject> {
    let text = key(row.text(Cars::Energy)).into_owned();
    if text.is_empty() {
        let grade = key(row.text(Cars::FuelGrade)).into_owned();
        let diesel = grade.contains('柴') || grade.starts_with('0') || grade.starts_with('-');
        return Ok(if diesel { Energy::Diesel } else { Energy::Petrol });
    }
    let named = Energy::ALL.iter().copied().find(|one| text.contains(one.zh()) || text == one.as_str().to_uppercase());
    let loosely = if text.contains("混") {
        Some(Energy::Hybrid)
    } else if text.contains('电') {
        Some(Energy::Electric)
    } else {
        named
    };
    loosely.ok_or_else(|| row.reject(Cars::Energy, "能源应为 汽油、柴油、纯电动 或 油电混合"))
}

pub(super) async fn write(desk: &mut Desk<'_>, drafts: &Drafts<VehicleDraft>) -> Result<(), ImportError> {
    let directory = Directory::load(desk.tx).await?;
    for (at, draft) in drafts {
        let unit = match directory.find_unit(&draft.unit) {
            Ok(unit) => unit,
            Err(error) => {
                desk.reject(at, "unit", &draft.unit, error.to_string());
                continue;
            }
        };
        if let Some(reason) = desk.refusal(Action::VehiclesWrite, unit) {
            desk.reject(at, "unit", &draft.unit, reason);
            continue;
        }
        let item = NewItem {
            kind: ItemKind::Vehicle,
            item_number: draft.item_number.clone(),
            name: draft.name.clone(),
            specification: draft.specification.clone(),
            serial_number: draft.facts.vin.clone(),
            class_code: String::new(),
            class_name: "车辆".to_owned(),
            brand: draft.brand.clone(),
            measure_unit: "辆".to_owned(),
            unit_id: unit,
            place_id: None,
            keeper_id: None,
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            excused_by: None,
            value_fen: draft.value,
            acquired_on: draft.acquired_on,
        };
        let new = NewVehicle { item, facts: draft.facts.clone(), odometer_km: draft.odometer_km };
        match register_in(desk.tx, desk.ctx, &new, Some(desk.batch), &mut desk.digest).await {
            Ok(_) => desk.report.taken += 1,
            // What is refused is refused before anything of the row is written.
            Err(VehicleError::Field { field, reason } | VehicleError::Item(ItemError::Field { field, reason })) => {
                let column = match field {
                    "tank_ml" => "tank_l",
                    "rated_ml_100km" => "rated_l_per_100km",
                    other => other,
                };
                desk.reject(at, column, &value_of(draft, field), reason);
            }
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// What the row has in a field that was refused.
fn value_of(draft: &VehicleDraft, field: &str) -> String {
    match field {
        "plate" => draft.facts.plate.clone(),
        "vin" => draft.facts.vin.clone(),
        "fuel_grade" => draft.facts.fuel_grade.clone(),
        "item_number" => draft.item_number.clone(),
        "odometer_km" => draft.odometer_km.to_string(),
        "energy" => draft.facts.energy.zh().to_owned(),
        _ => String::new(),
    }
}
