//! A car: what it is, what lapses, its latest trips, what it cost, its readings and cards, and the way to its book.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use chrono::{Datelike as _, NaiveDate};

use super::{at, date, escaped, minute, number, phone_of, state_mark, whole};
use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::Ctx;
use crate::kernel::{Fen, text::thousands};
use crate::vehicles::cards::store as cards;
use crate::vehicles::readings::{self, NewReading};
use crate::vehicles::repairs::store::{self as repairs, Wanted as Repairs};
use crate::vehicles::store::{self, Car};
use crate::vehicles::trips::store::{self as trips, Wanted as Trips};
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::fuel;
use crate::web::pages::items::picks;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// Lines of each list that are shown.
const LINES: u64 = 12;

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let w = &frame.words.vehicles.car;
    let said = match asked.get("said") {
        "read" => w.said_read.clone(),
        "saved" => w.said_saved.clone(),
        _ => String::new(),
    };
    page(&app, &ctx, frame, &plate, said, (Typed::default(), Faults::default())).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    plate: &str,
    said: String,
    (typed, faults): (Typed, Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let car = store::car(db, ctx, plate).await?;
    let names = Names::of(db, car.item.keeper_id, []).await?;
    let (w, vehicle, today) = (&frame.words.vehicles.car, &car.vehicle, ctx.now().day());
    let state = picks::state_word(&frame, car.item.state);
    let title = format!("{} · {} · {state}", vehicle.plate, car.item.name);
    let lead = w.total_km.replace("{km}", &number(Some(vehicle.odometer_km)));
    let writes = permit(ctx, Action::VehiclesWrite, Some(car.item.unit_id)).is_ok();
    let why = if writes { String::new() } else { w.not_yours.clone() };
    let here = at(&vehicle.plate);
    let book = |year: i32| Step {
        text: w.book.replace("{year}", &year.to_string()),
        href: format!("{here}/book.pdf?year={year}"),
        file: true,
        ..Step::default()
    };
    let steps = vec![
        Step { text: w.thing.clone(), href: format!("/items/{}", escaped(&car.item.item_number)), ..Step::default() },
        Step { text: w.change.clone(), href: format!("{here}/change"), why, ..Step::default() },
        book(today.year() - 1),
        book(today.year()),
        Step { text: w.account.clone(), href: fuel::account_of(&vehicle.plate), ..Step::default() },
        Step { text: w.use_it.clone(), href: phone_of(&vehicle.plate), primary: true, ..Step::default() },
    ];
    let blocks = vec![
        Block { title: w.facts.clone(), facts: facts(&frame, &car, &names), ..Block::default() },
        Block { title: w.papers.clone(), facts: papers(&frame, &car, today), ..Block::default() },
        trips_of(app, ctx, &frame, &car).await?,
        repairs_of(app, ctx, &frame, &car).await?,
        cards_of(app, &frame, &car).await?,
        readings_of(app, &frame, &car).await?,
        reading_form(&frame, ctx, &car, &typed, &faults),
    ];
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    Ok(Board { back, lead, said, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn facts(frame: &Frame, car: &Car, names: &Names) -> Vec<(String, Td)> {
    let (f, vehicle, item) = (&frame.words.vehicles.field, &car.vehicle, &car.item);
    let decimal = |milli: Option<i64>| milli.map(super::decimal).unwrap_or_default();
    let mut facts = vec![
        (f.unit.clone(), Td::from(names.unit(Some(item.unit_id)))),
        (f.item_number.clone(), Td::mono(item.item_number.clone())),
        (f.specification.clone(), item.specification.clone().into()),
        (f.vin.clone(), Td::mono(vehicle.vin.clone())),
        (f.engine_number.clone(), Td::mono(vehicle.engine_number.clone())),
        (f.quota.clone(), frame.either(vehicle.quota.zh(), vehicle.quota.as_str()).into()),
        (f.use_kind.clone(), frame.either(vehicle.use_kind.zh(), vehicle.use_kind.as_str()).into()),
        (f.energy.clone(), frame.either(vehicle.energy.zh(), vehicle.energy.as_str()).into()),
        (f.seats.clone(), number(vehicle.seats).into()),
        (f.displacement.clone(), number(vehicle.displacement_ml).into()),
        (f.tank.clone(), decimal(vehicle.tank_ml).into()),
        (f.battery.clone(), decimal(vehicle.battery_wh).into()),
        (f.fuel_grade.clone(), vehicle.fuel_grade.clone().into()),
        (f.rated.clone(), decimal(vehicle.rated_ml_100km).into()),
        (f.rated_wh.clone(), decimal(vehicle.rated_wh_100km).into()),
        (f.value.clone(), item.value_fen.to_string().into()),
    ];
    facts.retain(|(_, td)| !td.text.is_empty());
    facts
}

fn papers(frame: &Frame, car: &Car, today: NaiveDate) -> Vec<(String, Td)> {
    let (f, w, vehicle) = (&frame.words.vehicles.field, &frame.words.vehicles.car, &car.vehicle);
    let until = |day: Option<NaiveDate>| match day {
        None => Td::from("—"),
        Some(day) if day < today => Td::mark("bad", w.lapsed.replace("{day}", &day.to_string())),
        Some(day) if (day - today).num_days() <= 30 => Td::mark("warn", w.until.replace("{day}", &day.to_string())),
        Some(day) => Td::mark("good", w.until.replace("{day}", &day.to_string())),
    };
    vec![
        (f.has_licence.clone(), if vehicle.has_licence { f.yes.as_str() } else { f.no.as_str() }.into()),
        (f.registered_on.clone(), vehicle.registered_on.map(|day| day.to_string()).unwrap_or_default().into()),
        (f.inspected_until.clone(), until(vehicle.inspected_until)),
        (f.compulsory_until.clone(), until(vehicle.compulsory_until)),
        (f.commercial_until.clone(), until(vehicle.commercial_until)),
    ]
}

async fn trips_of(app: &App, ctx: &Ctx, frame: &Frame, car: &Car) -> Result<Block, ApiError> {
    let (w, t) = (&frame.words.vehicles.car, &frame.words.vehicles.trip);
    let wanted = Trips { car: Some(car.item.id), ..Trips::default() };
    let rows = trips::list(app.db().read(), ctx, &wanted, LINES).await?;
    let names = Names::of(app.db().read(), rows.iter().filter_map(|one| one.row.driver_id), []).await?;
    let km = format!("#{}", t.km);
    let heads = [
        &t.number,
        &frame.words.vehicles.field.state,
        &t.purpose,
        &frame.words.vehicles.field.driver,
        &t.departed,
        &t.returned,
        &km,
    ];
    let mut table = Table::new(&heads.map(String::as_str));
    table.rows = rows
        .iter()
        .map(|one| {
            let (row, mark) = (&one.row, state_mark(frame, one.state));
            vec![
                Td { class: "mono", ..Td::link(row.number.clone(), format!("/vehicles/trips/{}", row.number)) },
                Td::mark(mark.look, mark.text),
                Td::from(row.purpose.clone()).because(row.destination.clone()),
                names.person(row.driver_id).into(),
                minute(row.departed_at).into(),
                minute(row.returned_at).into(),
                Td::num(number(row.km()), ""),
            ]
        })
        .collect();
    table.empty.1.clone_from(&w.no_trips);
    let more = (format!("/vehicles/trips?car={}", in_query(&car.vehicle.plate)), w.all_trips.clone());
    Ok(Block { title: w.trips.clone(), table: Some(table), more, ..Block::default() })
}

async fn repairs_of(app: &App, ctx: &Ctx, frame: &Frame, car: &Car) -> Result<Block, ApiError> {
    let (w, r) = (&frame.words.vehicles.car, &frame.words.vehicles.repair);
    let wanted = Repairs { car: Some(car.item.id), ..Repairs::default() };
    let rows = repairs::list(app.db().read(), ctx, &wanted, 500).await?;
    let cost: Fen = rows.iter().filter_map(|one| one.row.total_fen).sum();
    let total = format!("#{}", r.total);
    let heads = [&r.number, &frame.words.vehicles.field.state, &r.kind, &r.fault, &r.returned, &total];
    let mut table = Table::new(&heads.map(String::as_str));
    table.rows = rows.iter().take(12).map(|one| super::repairs::line(frame, one)).collect();
    table.empty.1.clone_from(&w.no_repairs);
    let notes = if rows.is_empty() { Vec::new() } else { vec![w.cost.replace("{money}", &cost.to_string())] };
    let more = (format!("/vehicles/repairs/new?car={}", in_query(&car.vehicle.plate)), w.ask_repair.clone());
    Ok(Block { title: w.repairs.clone(), notes, table: Some(table), more, ..Block::default() })
}

async fn cards_of(app: &App, frame: &Frame, car: &Car) -> Result<Block, ApiError> {
    let (w, c) = (&frame.words.vehicles.car, &frame.words.vehicles.card);
    let mut table = Table::new(&[&c.number, &c.since, &c.until]);
    for held in cards::held_by(app.db().read(), car.item.id).await? {
        let Some(card) = cards::by_id(app.db().read(), held.card_id).await? else { continue };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(card.number.clone(), format!("/vehicles/cards/{}", card.number)) },
            held.from_on.to_string().into(),
            held.until_on.map(|day| day.to_string()).unwrap_or_default().into(),
        ]);
    }
    table.empty.1.clone_from(&c.nobody);
    Ok(Block { title: w.card.clone(), table: Some(table), ..Block::default() })
}

async fn readings_of(app: &App, frame: &Frame, car: &Car) -> Result<Block, ApiError> {
    let (w, f) = (&frame.words.vehicles.car, &frame.words.vehicles.field);
    let km = format!("#{}", f.odometer);
    let mut table = Table::new(&[&f.day, &km, &f.note]);
    for row in store::readings(app.db().read(), car.item.id, LINES).await? {
        let old = row.old_km.map(|km| w.replaced.replace("{km}", &thousands(km.unsigned_abs()))).unwrap_or_default();
        table.rows.push(vec![
            row.read_on.to_string().into(),
            Td::num(number(Some(row.odometer_km)), ""),
            Td::from(row.note).because(old),
        ]);
    }
    table.empty.1.clone_from(&w.no_readings);
    Ok(Block { title: w.readings.clone(), table: Some(table), ..Block::default() })
}

fn reading_form(frame: &Frame, ctx: &Ctx, car: &Car, typed: &Typed, faults: &Faults) -> Block {
    let (w, f) = (&frame.words.vehicles.car, &frame.words.vehicles.field);
    let unit = Some(car.item.unit_id);
    let may = permit(ctx, Action::TripsDrive, unit).is_ok() || permit(ctx, Action::VehiclesWrite, unit).is_ok();
    let day = match typed.get("read_on") {
        "" => ctx.now().day().to_string(),
        day => day.to_owned(),
    };
    let form = Sheet {
        action: format!("{}/readings", at(&car.vehicle.plate)),
        fields: vec![
            Field::input("read_on", &f.day, "date", &day, faults),
            Field::input("odometer_km", &f.odometer, "number", typed.get("odometer_km"), faults),
            Field::input("old_km", &w.old_km, "number", typed.get("old_km"), faults),
            Field::text("note", &f.note, typed.get("note"), faults),
        ],
        submit: w.read.clone(),
        general: faults.general().to_owned(),
        why: if may { String::new() } else { frame.words.vehicles.phone.not_yours.clone() },
        ..Sheet::default()
    };
    Block { title: w.read.clone(), notes: vec![w.read_help.clone()], form: Some(form), ..Block::default() }
}

pub(super) async fn read_odometer(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let faults = match new_reading(&frame, &ctx, &plate, &typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { readings::enter(&db, &asker, &new).await }).await {
                Ok(_) => return Ok(to(&at(&plate), "read")),
                Err(error) => picks::refused(error, &["read_on", "odometer_km", "old_km", "note"])?,
            }
        }
    };
    page(&app, &ctx, frame, &plate, String::new(), (typed, faults)).await
}

fn new_reading(frame: &Frame, ctx: &Ctx, plate: &str, typed: &Typed) -> Result<NewReading, Faults> {
    let km = whole(frame, typed, "odometer_km")?;
    Ok(NewReading {
        car: plate.to_owned(),
        read_on: date(frame, typed, "read_on")?.unwrap_or_else(|| ctx.now().day()),
        odometer_km: km.ok_or_else(|| Faults::at("odometer_km", frame.words.vehicles.field.number_bad.clone()))?,
        old_km: whole(frame, typed, "old_km")?,
        note: typed.get("note").to_owned(),
    })
}

/// The state of a car and whether it is out, in one mark.
pub(super) fn now_mark(frame: &Frame, out: bool, car: &Car) -> Mark {
    let w = &frame.words.vehicles.list;
    if out {
        return Mark::new("warn", w.out.clone());
    }
    match car.item.state {
        crate::items::model::ItemState::InUse => Mark::new("good", w.here.clone()),
        state => Mark::new("calm", picks::state_word(frame, state)),
    }
}
