//! The trips: a list to narrow and take away, and a month day by day.

use std::collections::BTreeMap;

use axum::extract::State as Extract;
use axum::response::Response;
use sea_orm::prelude::Uuid;

use super::{minute, number, state_mark};
use crate::access::{Action, permit_somewhere};
use crate::db::order::By;
use crate::kernel::Ctx;
use crate::vehicles::store as cars;
use crate::vehicles::trips::entity::trip::{self, Column};
use crate::vehicles::trips::model::{State, TripKind, month_begins, month_of};
use crate::vehicles::trips::store::{self, Shown, Wanted};
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Step, Table, Td};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::duties::names::Names;
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 7] = [
    ("number", By::Full(Column::Number)),
    ("car", By::OfItem(Column::ItemId, "vehicles", "plate_key")),
    ("state", By::Full(Column::State)),
    ("purpose", By::Full(Column::Purpose)),
    ("driver", By::Of(Column::DriverId, "people", "name")),
    ("departed", By::Number(Column::DepartedAt)),
    ("returned", By::Number(Column::ReturnedAt)),
];

/// What the address asks for; a car that is not there fits nothing.
async fn wanted(app: &App, ctx: &Ctx, asked: &Typed) -> Result<Option<Wanted>, ApiError> {
    let wrong = |name: &str| ApiError::invalid(name, format!("筛选条件“{}”无效", asked.get(name)));
    let state = match asked.get("state") {
        "" => None,
        name => Some(State::by_name(name).ok_or_else(|| wrong("state"))?),
    };
    let month = match asked.get("month") {
        "" => None,
        month => Some(month_begins(month).map(|_| month.to_owned()).ok_or_else(|| wrong("month"))?),
    };
    let car = match asked.sought("car")? {
        None => None,
        Some(text) => match cars::car(app.db().read(), ctx, &text).await {
            Ok(car) => Some(car.item.id),
            Err(_) => return Ok(None),
        },
    };
    let before = asked.id::<Uuid>("after");
    let (mine, gaps) = (asked.get("mine") == "yes", asked.get("gaps") == "yes");
    Ok(Some(Wanted { state, unit: asked.id("unit"), car, month, mine, gaps, before, ..Wanted::default() }))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, w) = (app.db().read(), &frame.words.vehicles.trip);
    let sheet = asked.get("as") == "xlsx";
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let order = order(&frame, &WAYS, asked.id::<Uuid>("after").filter(|_| !sheet).map(Into::into));
    let mut rows = match (wanted(&app, &ctx, &asked).await?, &order) {
        (Some(wanted), Some(order)) => store::sorted(db, &ctx, &wanted, order, limit).await?,
        (Some(wanted), None) if sheet => store::list(db, &ctx, &Wanted { before: None, ..wanted }, limit).await?,
        (Some(wanted), None) => store::list(db, &ctx, &wanted, limit).await?,
        (None, _) => Vec::new(),
    };
    if sheet {
        return export(&app, &ctx, &frame, rows).await;
    }
    let next = cut(&mut rows, PAGE, |one| one.row.id.to_string());
    let drivers: Vec<_> = rows.iter().filter_map(|one| one.row.driver_id).collect();
    let names = Names::of(db, drivers, []).await?;
    let table = table(&app, &frame, &names, &rows).await?;
    let sorts =
        &[(0, "number"), (1, "car"), (2, "state"), (3, "purpose"), (4, "driver"), (5, "departed"), (6, "returned")];
    let table = Table { next, paged: true, sorts, ..table };
    let f = &frame.words.vehicles.field;
    let states =
        State::ALL.iter().map(|state| (state.as_str().to_owned(), frame.either(state.zh(), state.as_str()).to_owned()));
    let filters = vec![
        Field::filter(&frame, "car", &w.car),
        Field::filter_of(&frame, "state", &f.state, states.collect()),
        Field::filter_of(&frame, "unit", &f.unit, names.units_within(&ctx, Action::VehiclesRead)),
        Field::filter(&frame, "month", &w.month),
        Field::filter_of(&frame, "gaps", &w.gaps, vec![("yes".to_owned(), w.gaps_only.clone())]),
        Field::filter_of(&frame, "mine", &f.driver, vec![("yes".to_owned(), w.mine.clone())]),
    ];
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![
        Step { text: export, href: file, file: true, ..Step::default() },
        Step { text: w.calendar.clone(), href: "/vehicles/calendar".to_owned(), ..Step::default() },
        Step { text: frame.words.vehicles.list.months.clone(), href: "/vehicles/months".to_owned(), ..Step::default() },
    ];
    let title = w.title.replace("{count}", &rows.len().to_string());
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let block = Block { table: Some(table), ..Block::default() };
    Ok(Board { back, filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

/// The lines of trips, with what sticks out.
pub(super) async fn table(app: &App, frame: &Frame, names: &Names, rows: &[Shown]) -> Result<Table, ApiError> {
    let (w, f) = (&frame.words.vehicles.trip, &frame.words.vehicles.field);
    let plates = super::list::plates(app.db().read(), rows.iter().map(|one| one.row.item_id)).await?;
    let km = format!("#{}", w.km);
    let heads = [&w.number, &w.car, &f.state, &w.purpose, &f.driver, &w.departed, &w.returned, &km, &w.flags];
    let mut table = Table::new(&heads.map(String::as_str));
    table.rows = rows
        .iter()
        .map(|one| {
            let (row, mark) = (&one.row, state_mark(frame, one.state));
            let plate = plates.get(&row.item_id).cloned().unwrap_or_default();
            vec![
                Td { class: "mono", ..Td::link(row.number.clone(), format!("/vehicles/trips/{}", row.number)) },
                Td { class: "mono", ..Td::link(plate.clone(), super::at(&plate)) },
                Td::mark(mark.look, mark.text),
                Td::from(row.purpose.clone()).because(row.destination.clone()),
                names.person(row.driver_id).into(),
                Td::from(minute(row.departed_at)).because(number(row.departed_km)),
                Td::from(minute(row.returned_at)).because(number(row.returned_km)),
                Td::num(number(row.km()), ""),
                flags(frame, row),
            ]
        })
        .collect();
    table.empty = ("steering-wheel", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    Ok(table)
}

/// What of a trip wants a second look.
fn flags(frame: &Frame, row: &trip::Model) -> Td {
    let w = &frame.words.vehicles.trip;
    let mut said = Vec::new();
    if row.urgent {
        said.push(if row.approved_by.is_some() { w.urgent.clone() } else { w.urgent_wait.clone() });
    }
    if let Some(gap) = row.gap_km {
        said.push(w.gap.replace("{km}", &format!("{gap:+}")));
    }
    if row.kind == TripKind::Repair {
        said.push(w.repair.clone());
    }
    if said.is_empty() { Td::default() } else { Td::mark("warn", said.join(" · ")) }
}

async fn export(app: &App, ctx: &Ctx, frame: &Frame, rows: Vec<Shown>) -> Result<Response, ApiError> {
    let (w, f, db) = (&frame.words.vehicles.trip, &frame.words.vehicles.field, app.db().read());
    // Gathered first: what is borrowed across a query makes the page's work one that no thread may take over.
    let named = |row: &trip::Model| [row.driver_id, row.approved_by, row.checked_by];
    let people: Vec<_> = rows.iter().flat_map(|one| named(&one.row)).flatten().collect();
    let cars: Vec<_> = rows.iter().map(|one| one.row.item_id).collect();
    let names = Names::of(db, people, []).await?;
    let plates = super::list::plates(db, cars).await?;
    let head = [
        &w.number,
        &w.car,
        &f.unit,
        &f.state,
        &w.purpose,
        &w.destination,
        &f.driver,
        &w.approved_by,
        &w.departed,
        &w.departed_km,
        &w.returned,
        &w.returned_km,
        &w.km,
        &w.gaps,
        &w.checked,
    ];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let whole = |km: Option<i64>| Cell::Text(km.map(|km| km.to_string()).unwrap_or_default());
    let cells: Vec<Vec<Cell>> = rows
        .into_iter()
        .map(|Shown { row, state, .. }| {
            vec![
                row.number.clone().into(),
                plates.get(&row.item_id).cloned().unwrap_or_default().into(),
                names.unit(Some(row.unit_id)).into(),
                frame.either(state.zh(), state.as_str()).into(),
                row.purpose.clone().into(),
                row.destination.clone().into(),
                names.person(row.driver_id).into(),
                names.person(row.approved_by).into(),
                minute(row.departed_at).into(),
                whole(row.departed_km),
                minute(row.returned_at).into(),
                whole(row.returned_km),
                whole(row.km()),
                whole(row.gap_km),
                names.person(row.checked_by).into(),
            ]
        })
        .collect();
    parts::taken_away(&w.heading, ctx.now().day(), head, cells).await
}

/// A month day by day: how many trips, how far, with how many cars.
pub(super) async fn calendar(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, w) = (app.db().read(), &frame.words.vehicles.trip);
    let month = match asked.get("month") {
        "" => month_of(ctx.now().day()),
        month => month_begins(month)
            .map(|_| month.to_owned())
            .ok_or_else(|| ApiError::NotFound("没有这个月份".to_owned()))?,
    };
    let wanted = Wanted { month: Some(month.clone()), unit: asked.id("unit"), ..Wanted::default() };
    let rows = store::list(db, &ctx, &wanted, SHEET_ROWS).await?;
    let mut days: BTreeMap<chrono::NaiveDate, Vec<&trip::Model>> = BTreeMap::new();
    for one in &rows {
        if let Some(at) = one.row.departed_at {
            days.entry(at.day()).or_default().push(&one.row);
        }
    }
    let plates = super::list::plates(db, rows.iter().map(|one| one.row.item_id)).await?;
    let [trips, km, gaps] = [&w.trips, &w.km, &w.gaps].map(|name| format!("#{name}"));
    let mut table = Table::new(&[&frame.words.vehicles.field.day, &trips, &km, &gaps, &w.cars]);
    for (day, of_day) in &days {
        let sum: i64 = of_day.iter().filter_map(|row| row.km()).sum();
        let gaps = of_day.iter().filter(|row| row.gap_km.is_some()).count();
        let mut cars: Vec<&str> =
            of_day.iter().filter_map(|row| plates.get(&row.item_id)).map(String::as_str).collect();
        cars.sort_unstable();
        cars.dedup();
        let weekday = day.format(if frame.language.is_chinese() { "%m-%d %u" } else { "%m-%d %a" }).to_string();
        table.rows.push(vec![
            weekday.into(),
            Td::num(of_day.len().to_string(), ""),
            Td::num(number(Some(sum)), ""),
            Td::num(if gaps == 0 { String::new() } else { gaps.to_string() }, ""),
            cars.join(" ").into(),
        ]);
    }
    table.empty.1.clone_from(&frame.words.vehicles.month.none);
    let km: i64 = rows.iter().filter_map(|one| one.row.km()).sum();
    let title = w.calendar_title.replace("{month}", &month).replace("{trips}", &rows.len().to_string());
    let title = title.replace("{km}", &number(Some(km)));
    let names = Names::of(db, [], []).await?;
    let filters = vec![
        Field { value: month.clone(), ..Field::filter(&frame, "month", &w.month) },
        Field::filter_of(
            &frame,
            "unit",
            &frame.words.vehicles.field.unit,
            names.units_within(&ctx, Action::VehiclesRead),
        ),
    ];
    let back = ("/vehicles/trips".to_owned(), w.heading.clone());
    let more = (format!("/vehicles/trips?month={month}"), w.heading.clone());
    let block = Block { table: Some(table), more, ..Block::default() };
    Ok(Board { back, filters, blocks: vec![block], ..Board::new(frame, title) }.answer())
}
