//! A car is entered, and what the ledger knows of it changed.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{at, date, decimal, thousandths, whole};
use crate::access::{Action, permit_somewhere};
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::{Ctx, Fen, Quantity};
use crate::vehicles::entity::vehicle;
use crate::vehicles::model::{Energy, Quota, UseKind};
use crate::vehicles::service::{self, Facts, NewVehicle};
use crate::vehicles::store;
use crate::web::extract::Path;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet};
use crate::web::pages::admin::shared::{Typed, to, unit_choices};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 25] = [
    "plate",
    "vin",
    "engine_number",
    "quota",
    "use_kind",
    "energy",
    "seats",
    "displacement",
    "tank",
    "battery",
    "fuel_grade",
    "rated",
    "rated_wh",
    "has_licence",
    "registered_on",
    "compulsory_until",
    "commercial_until",
    "inspected_until",
    "reason",
    "item_number",
    "name",
    "specification",
    "unit",
    "odometer",
    "value",
];

macro_rules! words_of {
    ($frame:expr, $kind:ty) => {
        <$kind>::ALL
            .iter()
            .map(|one| (one.as_str().to_owned(), $frame.either(one.zh(), one.as_str()).to_owned()))
            .collect()
    };
}

/// The fields of what the ledger knows, filled in with what was typed.
fn fields(frame: &Frame, typed: &Typed, faults: &Faults) -> Vec<Field> {
    let f = &frame.words.vehicles.field;
    let text = |id: &str, label: &str| Field::text(id, label, typed.get(id), faults);
    let input = |id: &str, label: &str, kind| Field::input(id, label, kind, typed.get(id), faults);
    let licence = vec![("yes".to_owned(), f.yes.clone()), ("no".to_owned(), f.no.clone())];
    vec![
        text("plate", &f.plate),
        text("vin", &f.vin),
        text("engine_number", &f.engine_number),
        Field::choice("quota", &f.quota, words_of!(frame, Quota), typed.get("quota"), faults),
        Field::choice("use_kind", &f.use_kind, words_of!(frame, UseKind), typed.get("use_kind"), faults),
        Field::choice("energy", &f.energy, words_of!(frame, Energy), typed.get("energy"), faults),
        input("seats", &f.seats, "number"),
        input("displacement", &f.displacement, "number"),
        text("tank", &f.tank),
        text("battery", &f.battery),
        text("fuel_grade", &f.fuel_grade),
        text("rated", &f.rated),
        text("rated_wh", &f.rated_wh),
        Field::choice("has_licence", &f.has_licence, licence, typed.get("has_licence"), faults),
        input("registered_on", &f.registered_on, "date"),
        input("compulsory_until", &f.compulsory_until, "date"),
        input("commercial_until", &f.commercial_until, "date"),
        input("inspected_until", &f.inspected_until, "date"),
    ]
}

fn read(frame: &Frame, typed: &Typed) -> Result<Facts, Faults> {
    Ok(Facts {
        plate: typed.get("plate").to_owned(),
        vin: typed.get("vin").to_owned(),
        engine_number: typed.get("engine_number").to_owned(),
        quota: Quota::by_name(typed.get("quota")).unwrap_or(Quota::Unset),
        use_kind: UseKind::by_name(typed.get("use_kind")).unwrap_or(UseKind::Other),
        energy: Energy::by_name(typed.get("energy")).unwrap_or(Energy::Petrol),
        seats: whole(frame, typed, "seats")?,
        displacement_ml: whole(frame, typed, "displacement")?,
        tank_ml: thousandths(frame, typed, "tank")?,
        battery_wh: thousandths(frame, typed, "battery")?,
        fuel_grade: typed.get("fuel_grade").to_owned(),
        rated_ml_100km: thousandths(frame, typed, "rated")?,
        rated_wh_100km: thousandths(frame, typed, "rated_wh")?,
        has_licence: typed.get("has_licence") != "no",
        registered_on: date(frame, typed, "registered_on")?,
        compulsory_until: date(frame, typed, "compulsory_until")?,
        commercial_until: date(frame, typed, "commercial_until")?,
        inspected_until: date(frame, typed, "inspected_until")?,
    })
}

fn written(row: &vehicle::Model) -> Typed {
    let whole = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
    let milli = |number: Option<i64>| number.map(decimal).unwrap_or_default();
    let day = |day: Option<chrono::NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
    Typed::of(&[
        ("plate", &row.plate),
        ("vin", &row.vin),
        ("engine_number", &row.engine_number),
        ("quota", row.quota.as_str()),
        ("use_kind", row.use_kind.as_str()),
        ("energy", row.energy.as_str()),
        ("seats", &whole(row.seats)),
        ("displacement", &whole(row.displacement_ml)),
        ("tank", &milli(row.tank_ml)),
        ("battery", &milli(row.battery_wh)),
        ("fuel_grade", &row.fuel_grade),
        ("rated", &milli(row.rated_ml_100km)),
        ("rated_wh", &milli(row.rated_wh_100km)),
        ("has_licence", if row.has_licence { "yes" } else { "no" }),
        ("registered_on", &day(row.registered_on)),
        ("compulsory_until", &day(row.compulsory_until)),
        ("commercial_until", &day(row.commercial_until)),
        ("inspected_until", &day(row.inspected_until)),
        ("version", &row.version.to_string()),
    ])
}

/// The field of the form that a service's field is.
fn placed(error: ApiError) -> ApiError {
    let ApiError::Invalid { field: Some(field), reason } = error else { return error };
    let here = match field.as_str() {
        "displacement_ml" => "displacement",
        "tank_ml" => "tank",
        "battery_wh" => "battery",
        "rated_ml_100km" => "rated",
        "rated_wh_100km" => "rated_wh",
        "odometer_km" => "odometer",
        other => other,
    };
    ApiError::Invalid { field: Some(here.to_owned()), reason }
}

pub(super) async fn show_change(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let car = store::car(app.db().read(), &ctx, &plate).await?;
    Ok(change_form(frame, &plate, &written(&car.vehicle), &Faults::default()))
}

fn change_form(frame: Frame, plate: &str, typed: &Typed, faults: &Faults) -> Response {
    let (w, f) = (&frame.words.vehicles.car, &frame.words.vehicles.field);
    let mut fields = fields(&frame, typed, faults);
    fields.push(Field::text("reason", &f.reason, typed.get("reason"), faults));
    let form = Sheet {
        action: format!("{}/change", at(plate)),
        hidden: vec![("version".to_owned(), typed.get("version").to_owned())],
        fields,
        submit: w.save.clone(),
        general: faults.general().to_owned(),
        cancel: at(plate),
        ..Sheet::default()
    };
    let title = format!("{} · {plate}", w.change);
    let block = Block { notes: vec![w.change_help.clone()], form: Some(form), ..Block::default() };
    Board { back: (at(plate), plate.to_owned()), blocks: vec![block], ..Board::new(frame, title) }.answer()
}

pub(super) async fn take_change(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let faults = match read(&frame, &typed) {
        Err(faults) => faults,
        Ok(facts) => {
            let (asker, of, reason) = (ctx.clone(), plate.clone(), typed.get("reason").to_owned());
            let version = Some(typed.version());
            let done =
                app.write(move |db| async move { service::change(&db, &asker, &of, version, &facts, &reason).await });
            match done.await {
                Ok(car) => return Ok(to(&at(&car.vehicle.plate), "saved")),
                Err(error) => picks::refused(placed(error), &FIELDS)?,
            }
        }
    };
    Ok(change_form(frame, &plate, &typed, &faults))
}

pub(super) async fn show_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    new_form(&app, &ctx, frame, &Typed::default(), &Faults::default()).await
}

async fn new_form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.vehicles.car, &frame.words.vehicles.field);
    let reach = crate::access::reach(ctx, Action::VehiclesWrite);
    let units = unit_choices(app, &reach).await?;
    let text = |id: &str, label: &str| Field::text(id, label, typed.get(id), faults);
    let mut all = vec![
        text("item_number", &f.item_number).help(&w.new_help),
        text("name", &f.name),
        text("specification", &f.specification),
        Field::choice("unit", &f.unit, units, typed.get("unit"), faults),
        text("value", &f.value),
        Field::input("odometer", &f.odometer, "number", typed.get("odometer"), faults),
    ];
    all.extend(fields(&frame, typed, faults));
    let form = Sheet {
        action: "/vehicles/new".to_owned(),
        fields: all,
        submit: w.save.clone(),
        general: faults.general().to_owned(),
        cancel: "/vehicles".to_owned(),
        ..Sheet::default()
    };
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let block = Block { form: Some(form), ..Block::default() };
    let title = w.new_title.clone();
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let faults = match new_vehicle(&frame, &typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { service::register(&db, &asker, &new).await }).await {
                Ok(car) => return Ok(to(&at(&car.vehicle.plate), "saved")),
                Err(error) => picks::refused(placed(error), &FIELDS)?,
            }
        }
    };
    new_form(&app, &ctx, frame, &typed, &faults).await
}

fn new_vehicle(frame: &Frame, typed: &Typed) -> Result<NewVehicle, Faults> {
    let unit = typed.id("unit").ok_or_else(|| Faults::at("unit", frame.words.vehicles.field.unit.clone()))?;
    let value = match typed.get("value") {
        "" => Fen::ZERO,
        text => Fen::parse_yuan(text).map_err(|error| Faults::at("value", error.to_string()))?,
    };
    let item = NewItem {
        kind: ItemKind::Vehicle,
        item_number: typed.get("item_number").to_owned(),
        name: typed.get("name").to_owned(),
        specification: typed.get("specification").to_owned(),
        serial_number: typed.get("vin").to_owned(),
        class_code: String::new(),
        class_name: "车辆".to_owned(),
        brand: String::new(),
        measure_unit: "辆".to_owned(),
        unit_id: unit,
        place_id: None,
        keeper_id: None,
        quantity: Quantity::ONE,
        state: ItemState::InUse,
        excused_by: None,
        value_fen: value,
        acquired_on: None,
    };
    Ok(NewVehicle { item, facts: read(frame, typed)?, odometer_km: whole(frame, typed, "odometer")?.unwrap_or(0) })
}
