//! The cars: who has them, which are out, what lapses soon.

use axum::extract::State as Extract;
use axum::response::Response;
use chrono::Days;
use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{at, number, phone_of};
use crate::access::{Action, permit_somewhere};
use crate::db::order::By;
use crate::items::model::ItemState;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::vehicles::entity::vehicle::Column;
use crate::vehicles::reminders::OTHERWISE_REMIND_DAYS;
use crate::vehicles::store::{self, Car, Wanted};
use crate::vehicles::trips::entity::trip;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// States that the list is narrowed by.
const STATES: [ItemState; 6] = [
    ItemState::InUse,
    ItemState::Idle,
    ItemState::OnLoan,
    ItemState::InRepair,
    ItemState::PendingDisposal,
    ItemState::Disposed,
];

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 6] = [
    ("plate", By::Full(Column::PlateKey)),
    ("name", By::Of(Column::ItemId, "items", "name")),
    ("state", By::Of(Column::ItemId, "items", "state")),
    ("inspected", By::Day(Column::InspectedUntil)),
    ("insured", By::Day(Column::CompulsoryUntil)),
    ("km", By::Full(Column::OdometerKm)),
];

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, w) = (app.db().read(), &frame.words.vehicles.list);
    let today = ctx.now().day();
    let soon = today.checked_add_days(Days::new(OTHERWISE_REMIND_DAYS.unsigned_abs())).unwrap_or(today);
    let after = Some(asked.get("after").to_owned()).filter(|text| !text.is_empty() && !text.contains('\0'));
    let sheet = asked.get("as") == "xlsx";
    let wanted = Wanted {
        unit: asked.id("unit"),
        state: STATES.into_iter().find(|state| state.as_str() == asked.get("state")),
        text: asked.sought("q")?.unwrap_or_default(),
        due_by: (asked.get("due") == "yes").then_some(soon),
        after: after.filter(|_| !sheet),
    };
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let order = order(&frame, &WAYS, asked.id::<Uuid>("after").filter(|_| !sheet).map(Into::into));
    let mut cars = match &order {
        Some(order) => store::sorted(db, &ctx, &wanted, order, limit).await?,
        None => store::list(db, &ctx, &wanted, limit).await?,
    };
    let names = Names::of(db, [], []).await?;
    if sheet {
        return export(&ctx, &frame, &names, cars).await;
    }
    let key = |car: &Car| car.vehicle.plate_key.clone();
    let next = cut(&mut cars, PAGE, |car| if order.is_some() { car.item.id.to_string() } else { key(car) });
    let out = out_of(db, &cars).await?;
    let drivers = Names::of(db, out.iter().filter_map(|row| row.driver_id), []).await?;
    let f = &frame.words.vehicles.field;
    let km = format!("#{}", f.odometer);
    let heads = [&f.plate, &f.name, &f.unit, &f.state, &w.now, &f.inspected_until, &f.compulsory_until, &km];
    let mut table = Table::new(&heads.map(String::as_str));
    table.rows = cars
        .iter()
        .map(|car| {
            let trip = out.iter().find(|row| row.item_id == car.item.id);
            line(&frame, &names, &drivers, car, trip, soon)
        })
        .collect();
    (table.next, table.paged) = (next, true);
    table.sorts = &[(0, "plate"), (1, "name"), (3, "state"), (5, "inspected"), (6, "insured"), (7, "km")];
    let begin = if frame.may(Action::VehiclesWrite) { "/vehicles/new" } else { "" };
    table.empty = ("car", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.new.clone());
    let title = w.title.replace("{count}", &cars.len().to_string()).replace("{out}", &out.len().to_string());
    let states = STATES.iter().map(|state| (state.as_str().to_owned(), picks::state_word(&frame, *state).to_owned()));
    let filters = vec![
        Field::filter(&frame, "q", &w.find),
        Field::filter_of(&frame, "unit", &f.unit, names.units_within(&ctx, Action::VehiclesRead)),
        Field::filter_of(&frame, "state", &f.state, states.collect()),
        Field::filter_of(&frame, "due", &w.due, vec![("yes".to_owned(), w.due_only.clone())]),
    ];
    let steps = steps(&frame);
    let block = Block { table: Some(table), ..Block::default() };
    Ok(Board { filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// The trips on which these cars are out.
async fn out_of(db: &sea_orm::DatabaseConnection, cars: &[Car]) -> Result<Vec<trip::Model>, ApiError> {
    let ids = cars.iter().map(|car| car.item.id.0);
    let out = trip::Entity::find().filter(trip::Column::OpenCar.is_in(ids)).all(db).await;
    Ok(out.map_err(crate::db::DbError::from)?)
}

fn steps(frame: &Frame) -> Vec<Step> {
    let w = &frame.words.vehicles.list;
    let to = |text: &String, href: &str| Step { text: text.clone(), href: href.to_owned(), ..Step::default() };
    let why = if frame.may(Action::VehiclesWrite) { String::new() } else { frame.words.vehicles.car.not_yours.clone() };
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    vec![
        Step { text: export, href: file, file: true, ..Step::default() },
        to(&w.drivers, "/vehicles/drivers"),
        to(&w.cards, "/vehicles/cards"),
        to(&w.shops, "/vehicles/shops"),
        to(&w.repairs, "/vehicles/repairs"),
        to(&w.months, "/vehicles/months"),
        to(&w.trips, "/vehicles/trips"),
        Step {
            text: w.import.clone(),
            href: "/vehicles/import".to_owned(),
            why: if frame.may(Action::ImportsRun) { String::new() } else { why.clone() },
            ..Step::default()
        },
        Step { text: w.new.clone(), href: "/vehicles/new".to_owned(), why, primary: true, ..Step::default() },
    ]
}

fn line(
    frame: &Frame,
    names: &Names,
    drivers: &Names,
    car: &Car,
    trip: Option<&trip::Model>,
    soon: chrono::NaiveDate,
) -> Vec<Td> {
    let (w, vehicle) = (&frame.words.vehicles.list, &car.vehicle);
    let due = |day: Option<chrono::NaiveDate>| {
        let text = day.map(|day| day.to_string()).unwrap_or_default();
        match day.filter(|day| *day <= soon) {
            Some(_) => Td::mark("warn", text),
            None => Td { text, class: "tight", ..Td::default() },
        }
    };
    let state = picks::state_word(frame, car.item.state);
    let look = if car.item.state == ItemState::InUse { "good" } else { "calm" };
    let now = match trip {
        Some(row) => Td { href: format!("/vehicles/trips/{}", row.number), ..Td::mark("warn", w.out.clone()) }
            .because(format!("{} · {}", drivers.person(row.driver_id), row.destination)),
        None => Td::link(w.here.clone(), phone_of(&vehicle.plate)),
    };
    vec![
        Td { class: "mono", ..Td::link(vehicle.plate.clone(), at(&vehicle.plate)) },
        Td::from(car.item.name.clone()).because(car.item.specification.clone()),
        names.unit(Some(car.item.unit_id)).into(),
        Td::mark(look, state),
        now,
        due(vehicle.inspected_until),
        due(vehicle.compulsory_until),
        Td::num(number(Some(vehicle.odometer_km)), ""),
    ]
}

async fn export(ctx: &Ctx, frame: &Frame, names: &Names, cars: Vec<Car>) -> Result<Response, ApiError> {
    let f = &frame.words.vehicles.field;
    let head = [
        &f.plate,
        &f.item_number,
        &f.name,
        &f.specification,
        &f.unit,
        &f.state,
        &f.quota,
        &f.use_kind,
        &f.energy,
        &f.vin,
        &f.engine_number,
        &f.seats,
        &f.fuel_grade,
        &f.registered_on,
        &f.compulsory_until,
        &f.commercial_until,
        &f.inspected_until,
        &f.odometer,
        &f.value,
    ];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let day = |day: Option<chrono::NaiveDate>| Cell::from(day.map(|day| day.to_string()).unwrap_or_default());
    let cells: Vec<Vec<Cell>> = cars
        .into_iter()
        .map(|Car { item, vehicle }| {
            vec![
                vehicle.plate.into(),
                item.item_number.into(),
                item.name.into(),
                item.specification.into(),
                names.unit(Some(item.unit_id)).into(),
                picks::state_word(frame, item.state).into(),
                frame.either(vehicle.quota.zh(), vehicle.quota.as_str()).into(),
                frame.either(vehicle.use_kind.zh(), vehicle.use_kind.as_str()).into(),
                frame.either(vehicle.energy.zh(), vehicle.energy.as_str()).into(),
                vehicle.vin.into(),
                vehicle.engine_number.into(),
                number(vehicle.seats).into(),
                vehicle.fuel_grade.into(),
                day(vehicle.registered_on),
                day(vehicle.compulsory_until),
                day(vehicle.commercial_until),
                day(vehicle.inspected_until),
                Cell::Text(vehicle.odometer_km.to_string()),
                Cell::Money(item.value_fen),
            ]
        })
        .collect();
    parts::taken_away(&frame.words.vehicles.list.heading, ctx.now().day(), head, cells).await
}

/// The plates of cars, by item.
pub(super) async fn plates(
    db: &sea_orm::DatabaseConnection,
    ids: impl IntoIterator<Item = ItemId>,
) -> Result<hashbrown::HashMap<ItemId, String>, ApiError> {
    let mut ids: Vec<ItemId> = ids.into_iter().collect();
    ids.sort_unstable();
    ids.dedup();
    Ok(store::by_ids(db, &ids).await?.into_iter().map(|(id, car)| (id, car.vehicle.plate)).collect())
}
