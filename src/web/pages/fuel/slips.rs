//! Fills as drivers write them down, from a phone beside the pump or at a desk; and drums and jerrycans apart, each with
//! the approval that it needs.

use axum::Form;
use axum::extract::State;
use axum::response::Response;

use super::drums;
use crate::access::{Action, permit_somewhere};
use crate::kernel::{Ctx, Fen};
use crate::vehicles::fuel::ledger::drums::{self as ledger, Permit};
use crate::vehicles::fuel::ledger::entity::{slip, transaction};
use crate::vehicles::fuel::ledger::model::{SlipVerdict, month_bounds, month_of};
use crate::vehicles::fuel::ledger::slips::{self, NewSlip};
use crate::vehicles::fuel::ledger::statements::litres;
use crate::vehicles::fuel::ledger::store::{self, Wanted};
use crate::vehicles::store as cars;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Kind, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::vehicles::{thousandths, time, whole};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 8] = ["car", "at", "quantity", "amount", "odometer_km", "station", "approval_number", "note"];
/// Slips that the page shows.
const SHOWN: u64 = 500;

/// Which of the two pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Room {
    Tanks,
    Drums,
}

impl Room {
    const fn address(self) -> &'static str {
        match self {
            Self::Tanks => "/vehicles/fuel/slips",
            Self::Drums => "/vehicles/fuel/drums",
        }
    }
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, Room::Tanks, &asked, Filled::slip(&asked, &Faults::default())).await
}

pub(super) async fn show_drums(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, Room::Drums, &asked, Filled::slip(&asked, &Faults::default())).await
}

/// The page of drums, with what was asked for and why it was refused.
pub(super) async fn drums_with(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    (typed, faults): (&Typed, &Faults),
) -> Result<Response, ApiError> {
    let none = (&Typed::default(), &Faults::default());
    page(app, ctx, frame, Room::Drums, &Typed::default(), Filled { slip: none, asked: (typed, faults) }).await
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    taken(&app, &ctx, frame, Room::Tanks, &typed).await
}

pub(super) async fn take_drum(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    taken(&app, &ctx, frame, Room::Drums, &typed).await
}

async fn taken(app: &App, ctx: &Ctx, frame: Frame, room: Room, typed: &Typed) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::FuelLog)?;
    let faults = match read(app, ctx, &frame, room, typed).await? {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { slips::write_down(&db, &asker, &new).await }).await {
                Ok(_) => return Ok(to(room.address(), "written")),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    page(app, ctx, frame, room, &Typed::default(), Filled::slip(typed, &faults)).await
}

/// What the page's two forms hold.
#[derive(Clone, Copy)]
struct Filled<'a> {
    slip: (&'a Typed, &'a Faults),
    asked: (&'a Typed, &'a Faults),
}

impl<'a> Filled<'a> {
    fn slip(typed: &'a Typed, faults: &'a Faults) -> Self {
        static NONE: std::sync::LazyLock<(Typed, Faults)> = std::sync::LazyLock::new(Default::default);
        Self { slip: (typed, faults), asked: (&NONE.0, &NONE.1) }
    }
}

async fn read(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    room: Room,
    typed: &Typed,
) -> Result<Result<NewSlip, Faults>, ApiError> {
    let w = &frame.words.fuel.slips;
    let car = match cars::car(app.db().read(), ctx, typed.get("car")).await {
        Ok(car) => car,
        Err(_) => return Ok(Err(Faults::at("car", w.no_car.clone()))),
    };
    let number = || -> Result<NewSlip, Faults> {
        let quantity = thousandths(frame, typed, "quantity")?;
        let amount = match typed.get("amount") {
            "" => None,
            text => Some(Fen::parse_yuan(text).map_err(|error| Faults::at("amount", error.to_string()))?),
        };
        Ok(NewSlip {
            item: car.item.id,
            at: time(frame, typed, "at")?.unwrap_or_else(|| ctx.now()),
            driver: ctx.person(),
            quantity_ml: quantity
                .ok_or_else(|| Faults::at("quantity", frame.words.vehicles.field.decimal_bad.clone()))?,
            amount,
            station: typed.get("station").to_owned(),
            odometer_km: whole(frame, typed, "odometer_km")?,
            full_tank: room == Room::Tanks && typed.all("full_tank").any(|value| value == "yes"),
            container: room == Room::Drums,
            approval_number: typed.get("approval_number").to_owned(),
            note: typed.get("note").to_owned(),
        })
    };
    Ok(number())
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    room: Room,
    asked: &Typed,
    filled: Filled<'_>,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::FuelRead).or_else(|_| permit_somewhere(ctx, Action::FuelLog))?;
    let month = match asked.get("month") {
        "" => month_of(ctx.now().day()),
        month if month_bounds(month).is_some() => month.to_owned(),
        _ => return Err(ApiError::invalid("month", "月份应如 2026-11")),
    };
    let db = app.db().read();
    // A drum is rare: all that there were; of tanks those of a month.
    let of = (room == Room::Tanks).then_some(month.as_str());
    let mut rows = store::slips(db, ctx, of, 20_000).await?;
    rows.retain(|row| row.container == (room == Room::Drums));
    rows.reverse();
    rows.truncate(usize::try_from(SHOWN).unwrap_or(usize::MAX));
    let ids: Vec<_> = rows.iter().map(|row| row.item_id).collect();
    let plates = cars::by_ids(db, &ids).await?;
    let plate = |row: &slip::Model| plates.get(&row.item_id).map(|car| car.vehicle.plate.clone()).unwrap_or_default();
    let w = &frame.words.fuel.slips;
    let mut blocks = Vec::new();
    let writes = permit_somewhere(ctx, Action::FuelLog).is_ok();
    let permits = if room == Room::Drums { ledger::list(db, ctx, SHOWN).await? } else { Vec::new() };
    if writes {
        blocks.push(form(&frame, ctx, (room, &permits), filled.slip));
    }
    if room == Room::Drums {
        if writes {
            blocks.push(drums::form(&frame, filled.asked.0, filled.asked.1));
        }
        blocks.push(drums::asked(&frame, &permits));
    }
    blocks.push(list(&frame, room, &rows, plate));
    if room == Room::Drums {
        let unapproved = store::drums_without_approval(db, ctx, 200).await?;
        blocks.push(without(&frame, &unapproved));
    }
    let said = match asked.get("said") {
        "written" => w.said.clone(),
        "asked" => w.said_asked.clone(),
        _ => String::new(),
    };
    let (title, lead) = match room {
        Room::Tanks => (w.title.clone(), w.lead.clone()),
        Room::Drums => (w.drums_title.clone(), w.drums_lead.clone()),
    };
    let (other, name) = match room {
        Room::Tanks => (Room::Drums, &w.drums_title),
        Room::Drums => (Room::Tanks, &w.title),
    };
    let steps = vec![Step { text: name.clone(), href: other.address().to_owned(), ..Step::default() }];
    let filters = match room {
        Room::Tanks => {
            let field = Field::filter(&frame, "month", &frame.words.fuel.desk.month);
            vec![Field { kind: Kind::Input("month"), value: month.clone(), ..field }]
        }
        Room::Drums => Vec::new(),
    };
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    Ok(Board { back, said, lead, steps, filters, blocks, ..Board::new(frame, title) }.answer())
}

fn form(frame: &Frame, ctx: &Ctx, (room, permits): (Room, &[Permit]), (typed, faults): (&Typed, &Faults)) -> Block {
    let (w, s) = (&frame.words.fuel.slips, &frame.words.fuel.statement);
    let now = ctx.now().shanghai().format("%Y-%m-%dT%H:%M").to_string();
    let at = if typed.get("at").is_empty() { now } else { typed.get("at").to_owned() };
    let mut fields = vec![
        Field::text("car", &s.plate, typed.get("car"), faults).help(&w.car_help),
        Field::input("at", &s.when, "datetime-local", &at, faults),
        Field::input("quantity", &w.quantity, "text", typed.get("quantity"), faults).help(&w.quantity_help),
        Field::input("amount", &s.amount, "text", typed.get("amount"), faults),
    ];
    match room {
        Room::Tanks => {
            let filled = typed.get("car").is_empty() || typed.all("full_tank").any(|value| value == "yes");
            fields.push(Field::input("odometer_km", &w.odometer, "number", typed.get("odometer_km"), faults));
            fields.push(Field {
                id: "full_tank".to_owned(),
                label: w.full.clone(),
                help: w.full_help.clone(),
                kind: Kind::Ticks(vec![("yes".to_owned(), w.full_yes.clone(), filled)]),
                ..Field::default()
            });
        }
        Room::Drums => {
            let (of, chosen) = (drums::choices(permits), typed.get("approval_number"));
            fields.push(Field::choice("approval_number", &w.approval, of, chosen, faults).help(&w.approval_help));
        }
    }
    fields.push(Field::text("station", &s.station, typed.get("station"), faults));
    fields.push(Field::text("note", &s.note, typed.get("note"), faults));
    let form = Sheet {
        action: room.address().to_owned(),
        fields,
        submit: w.write.clone(),
        general: faults.general().to_owned(),
        ..Sheet::default()
    };
    Block { title: w.write.clone(), form: Some(form), ..Block::default() }
}

fn list(frame: &Frame, room: Room, rows: &[slip::Model], plate: impl Fn(&slip::Model) -> String) -> Block {
    let (w, s) = (&frame.words.fuel.slips, &frame.words.fuel.statement);
    let last = if room == Room::Drums { &w.approval } else { &w.odometer };
    let heads = [
        s.when.clone(),
        s.plate.clone(),
        format!("#{}", w.quantity),
        format!("#{}", s.amount),
        last.clone(),
        s.verdict.clone(),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for row in rows {
        let of = match room {
            Room::Tanks => row.odometer_km.map(|km| km.to_string()).unwrap_or_default(),
            Room::Drums => row.approval_number.clone(),
        };
        let look = match row.verdict {
            SlipVerdict::Matched => "good",
            SlipVerdict::Unpaired => "ask",
            SlipVerdict::AmountDiffers | SlipVerdict::QuantityDiffers => "warn",
            SlipVerdict::NotOnTheirs => "bad",
        };
        table.rows.push(vec![
            Td { class: "tight", ..Td::from(row.at.to_string()) },
            Td::from(plate(row)).because(row.station.clone()),
            Td::num(litres(row.quantity_ml), ""),
            Td::num(row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default(), ""),
            Td::from(of).because(row.note.clone()),
            Td::mark(look, frame.either(row.verdict.zh(), row.verdict.as_str()).replace('_', " ")),
        ]);
    }
    table.empty.1.clone_from(&w.none);
    Block { title: w.written.clone(), table: Some(table), ..Block::default() }
}

/// Drums that the oil company lists and nobody wrote down with an approval.
fn without(frame: &Frame, rows: &[transaction::Model]) -> Block {
    let (w, s) = (&frame.words.fuel.slips, &frame.words.fuel.statement);
    let heads = [s.when.clone(), s.plate.clone(), format!("#{}", w.quantity), format!("#{}", s.amount), s.note.clone()];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for row in rows {
        table.rows.push(vec![
            Td { class: "tight", ..Td::link(row.at.to_string(), format!("/vehicles/fuel/records/{}", row.id)) },
            Td::from(row.plate.clone()).because(row.station.clone()),
            Td::num(row.quantity_ml.map(litres).unwrap_or_default(), ""),
            Td::num(row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default(), ""),
            row.note.clone().into(),
        ]);
    }
    table.empty.1.clone_from(&w.all_approved);
    Block { title: w.unapproved.clone(), table: Some(table), ..Block::default() }
}

/// Electric cars: what they were charged with.
pub(super) async fn charging(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let month = match asked.get("month") {
        "" => month_of(ctx.now().day()),
        month => month.to_owned(),
    };
    let found = crate::vehicles::fuel::ledger::account::accounts(app.db(), &ctx, &month, &month).await;
    let found = found.map_err(crate::web::api::fuel::told)?;
    let (w, a, s, k) =
        (&frame.words.fuel.slips, &frame.words.fuel.accounts, &frame.words.fuel.statement, &frame.words.fuel.car);
    let electric: Vec<_> = found.lines.iter().filter(|line| line.electric).collect();
    let heads = [
        a.plate.clone(),
        a.unit.clone(),
        format!("#{}", a.km),
        format!("#{}", k.kwh),
        format!("#{}", k.kwh_100km),
        format!("#{}", w.cost),
        format!("#{}", w.times),
    ];
    let mut table = Table::new(&heads.each_ref().map(String::as_str));
    for line in &electric {
        let per = if line.km > 50.0 { format!("{:.1}", line.litres / line.km * 100.0) } else { String::new() };
        table.rows.push(vec![
            Td::link(line.plate.clone(), super::account_of(&line.plate)).because(line.model.clone()),
            line.unit.clone().into(),
            Td::num(format!("{:.0}", line.km), ""),
            Td::num(format!("{:.1}", line.litres), ""),
            Td::num(per, ""),
            Td::num(format!("{:.2}", line.fuel_cost), ""),
            Td::num(line.fills.to_string(), ""),
        ]);
    }
    table.empty.1.clone_from(&w.no_electric);
    let heads = [s.when.clone(), s.plate.clone(), format!("#{}", k.kwh), format!("#{}", s.amount), s.station.clone()];
    let mut records = Table::new(&heads.each_ref().map(String::as_str));
    let wanted = Wanted { month: Some(month.clone()), ..Wanted::default() };
    let items: Vec<_> = electric.iter().filter_map(|line| line.item).collect();
    for row in store::records(app.db().read(), &ctx, &wanted, 20_000).await?.iter().rev() {
        if !row.item_id.is_some_and(|item| items.contains(&item)) {
            continue;
        }
        records.rows.push(vec![
            Td { class: "tight", ..Td::link(row.at.to_string(), format!("/vehicles/fuel/records/{}", row.id)) },
            row.plate.clone().into(),
            Td::num(row.quantity_ml.map(litres).unwrap_or_default(), ""),
            Td::num(row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default(), ""),
            row.station.clone().into(),
        ]);
    }
    records.empty.1.clone_from(&w.none);
    let field = Field::filter(&frame, "month", &frame.words.fuel.desk.month);
    let filters = vec![Field { kind: Kind::Input("month"), value: month.clone(), ..field }];
    let back = ("/vehicles/fuel".to_owned(), frame.words.fuel.desk.title.clone());
    let (title, lead) = (format!("{} {month}", w.charging_title), w.charging_lead.clone());
    let blocks = vec![
        Block { title: w.by_car.clone(), table: Some(table), ..Block::default() },
        Block { title: s.records.clone(), table: Some(records), ..Block::default() },
    ];
    Ok(Board { back, lead, filters, blocks, ..Board::new(frame, title) }.answer())
}
