//! Fuel cards: the list, one with who held it when, and what may be done with it.

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;
use sea_orm::prelude::Uuid;

use super::date;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::db::order::By;
use crate::kernel::{Ctx, Fen};
use crate::vehicles::cards::entity::card::{self, Column};
use crate::vehicles::cards::model::{CardKind, CardState, Supplier};
use crate::vehicles::cards::service::{self, Give, NewCard, Turn};
use crate::vehicles::cards::store::{self, Wanted};
use crate::vehicles::store as cars;
use crate::web::extract::{Path, Query};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, said, to, unit_choices};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 12] = [
    "number",
    "master",
    "fill_limit",
    "day_limit",
    "note",
    "car",
    "from_on",
    "until_on",
    "last_on",
    "on",
    "replaced_by",
    "reason",
];

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 5] = [
    ("number", By::Full(Column::NumberKey)),
    ("kind", By::Full(Column::Kind)),
    ("supplier", By::Full(Column::Supplier)),
    ("unit", By::Of(Column::UnitId, "units", "name")),
    ("state", By::Full(Column::State)),
];

fn card_mark(frame: &Frame, state: CardState) -> Mark {
    let look = match state {
        CardState::InUse => "good",
        CardState::Lost => "bad",
        CardState::Stopped | CardState::Replaced => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, w) = (app.db().read(), &frame.words.vehicles.card);
    let after = Some(asked.get("after").to_owned()).filter(|text| !text.is_empty() && !text.contains('\0'));
    let sheet = asked.get("as") == "xlsx";
    let wanted = Wanted {
        kind: CardKind::by_name(asked.get("kind")),
        state: CardState::by_name(asked.get("state")),
        unit: asked.id("unit"),
        after: after.filter(|_| !sheet),
    };
    let limit = if sheet { SHEET_ROWS } else { PAGE + 1 };
    let order = order(&frame, &WAYS, asked.id::<Uuid>("after").filter(|_| !sheet).map(Into::into));
    let mut rows = match &order {
        Some(order) => store::sorted(db, &ctx, &wanted, order, limit).await?,
        None => store::list(db, &ctx, &wanted, limit).await?,
    };
    let held = store::all_on(db, ctx.now().day()).await?;
    let plates = super::list::plates(db, held.iter().map(|row| row.item_id)).await?;
    let names = Names::of(db, [], []).await?;
    let plate_of = |row: &card::Model| {
        held.iter().find(|one| one.card_id == row.id).and_then(|one| plates.get(&one.item_id)).cloned()
    };
    if sheet {
        return export(&ctx, &frame, &names, rows.into_iter().map(|row| (plate_of(&row), row)).collect()).await;
    }
    let key = |row: &card::Model| row.number_key.clone();
    let next = cut(&mut rows, PAGE, |row| if order.is_some() { row.id.to_string() } else { key(row) });
    let f = &frame.words.vehicles.field;
    let mut table = Table::new(&[&w.number, &w.kind, &w.supplier, &f.unit, &f.state, &w.held_by]);
    for row in &rows {
        let plate = plate_of(row);
        let mark = card_mark(&frame, row.state);
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), format!("/vehicles/cards/{}", row.number)) },
            frame.either(row.kind.zh(), row.kind.as_str()).into(),
            frame.either(row.supplier.zh(), row.supplier.as_str()).into(),
            names.unit(Some(row.unit_id)).into(),
            Td::mark(mark.look, mark.text).because(row.state_on.to_string()),
            plate.map_or_else(Td::default, |plate| Td { class: "mono", ..Td::link(plate.clone(), super::at(&plate)) }),
        ]);
    }
    (table.next, table.paged) = (next, true);
    table.sorts = &[(0, "number"), (1, "kind"), (2, "supplier"), (3, "unit"), (4, "state")];
    let begin = if frame.may(Action::VehiclesWrite) { "/vehicles/cards/new" } else { "" };
    table.empty = ("id", w.none.clone(), w.none_help.clone(), begin.to_owned(), w.new.clone());
    let states = CardState::ALL.iter();
    let states = states.map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let filters = vec![
        Field::filter_of(&frame, "state", &f.state, states.collect()),
        Field::filter_of(&frame, "unit", &f.unit, names.units_within(&ctx, Action::VehiclesRead)),
    ];
    let why = if frame.may(Action::VehiclesWrite) { String::new() } else { frame.words.vehicles.car.not_yours.clone() };
    let (export, file) = (frame.words.common.export.clone(), frame.address.with("as", "xlsx"));
    let steps = vec![
        Step { text: export, href: file, file: true, ..Step::default() },
        Step { text: w.new.clone(), href: "/vehicles/cards/new".to_owned(), why, primary: true, ..Step::default() },
    ];
    let title = w.title.replace("{count}", &rows.len().to_string());
    let back = ("/vehicles".to_owned(), frame.words.vehicles.list.heading.clone());
    let (said, block) = (said(&frame, &asked), Block { table: Some(table), ..Block::default() });
    Ok(Board { back, said, filters, steps, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

async fn export(
    ctx: &Ctx,
    frame: &Frame,
    names: &Names,
    rows: Vec<(Option<String>, card::Model)>,
) -> Result<Response, ApiError> {
    let (w, f) = (&frame.words.vehicles.card, &frame.words.vehicles.field);
    let head = [&w.number, &w.kind, &w.supplier, &f.unit, &f.state, &f.day, &w.held_by, &w.fill_limit, &w.day_limit];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let money = |money: Option<Fen>| money.map_or_else(|| Cell::from(""), Cell::Money);
    let cells = rows.into_iter().map(|(plate, row)| {
        vec![
            row.number.into(),
            frame.either(row.kind.zh(), row.kind.as_str()).into(),
            frame.either(row.supplier.zh(), row.supplier.as_str()).into(),
            names.unit(Some(row.unit_id)).into(),
            frame.either(row.state.zh(), row.state.as_str()).into(),
            row.state_on.to_string().into(),
            plate.unwrap_or_default().into(),
            money(row.fill_limit_fen),
            money(row.day_limit_fen),
        ]
    });
    parts::taken_away(&w.heading, ctx.now().day(), head, cells.collect()).await
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
    let (w, f) = (&frame.words.vehicles.card, &frame.words.vehicles.field);
    let units = unit_choices(app, &reach(ctx, Action::VehiclesWrite)).await?;
    let kinds = [CardKind::Sub, CardKind::Master]
        .map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let suppliers =
        Supplier::ALL.iter().map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned()));
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let fields = vec![
        text("number", &w.number),
        Field::choice("kind", &w.kind, kinds.to_vec(), typed.get("kind"), faults),
        Field::choice("supplier", &w.supplier, suppliers.collect(), typed.get("supplier"), faults),
        text("master", &w.master),
        Field::choice("unit", &f.unit, units, typed.get("unit"), faults),
        text("fill_limit", &w.fill_limit),
        text("day_limit", &w.day_limit),
        text("note", &f.note),
    ];
    let sheet = Sheet {
        action: "/vehicles/cards/new".to_owned(),
        fields,
        submit: frame.words.vehicles.car.save.clone(),
        general: faults.general().to_owned(),
        cancel: "/vehicles/cards".to_owned(),
        ..Sheet::default()
    };
    let (title, back) = (w.new.clone(), ("/vehicles/cards".to_owned(), w.heading.clone()));
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take_new(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let faults = match new_card(&frame, &typed) {
        Err(faults) => faults,
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { service::enter(&db, &asker, &new).await }).await {
                Ok(row) => return Ok(to(&format!("/vehicles/cards/{}", row.number), "created")),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    new_form(&app, &ctx, frame, &typed, &faults).await
}

fn new_card(frame: &Frame, typed: &Typed) -> Result<NewCard, Faults> {
    let limit = |field: &str| match typed.get(field) {
        "" => Ok(None),
        text => Fen::parse_yuan(text).map(Some).map_err(|error| Faults::at(field, error.to_string())),
    };
    Ok(NewCard {
        number: typed.get("number").to_owned(),
        kind: CardKind::by_name(typed.get("kind")).unwrap_or(CardKind::Sub),
        supplier: Supplier::by_name(typed.get("supplier")).unwrap_or(Supplier::Other),
        master: Some(typed.get("master").to_owned()).filter(|text| !text.is_empty()),
        unit: typed.id("unit").ok_or_else(|| Faults::at("", frame.words.vehicles.field.unit.clone()))?,
        fill_limit: limit("fill_limit")?,
        day_limit: limit("day_limit")?,
        note: typed.get("note").to_owned(),
    })
}

pub(super) async fn show_one(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let said = said(&frame, &asked);
    one(&app, &ctx, frame, &number, said, (String::new(), Typed::default(), Faults::default())).await
}

async fn one(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    number: &str,
    said: String,
    (deed, typed, faults): (String, Typed, Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let row = store::one(db, ctx, number).await?;
    let names = Names::of(db, [], []).await?;
    let (w, f, mark) = (&frame.words.vehicles.card, &frame.words.vehicles.field, card_mark(&frame, row.state));
    let mut history = Table::new(&[&frame.words.vehicles.trip.car, &w.since, &w.until, &f.note]);
    for held in store::holdings_of(db, row.id).await? {
        let plate = cars::by_id(db, held.item_id).await?.map(|car| car.vehicle.plate).unwrap_or_default();
        history.rows.push(vec![
            Td { class: "mono", ..Td::link(plate.clone(), super::at(&plate)) },
            held.from_on.to_string().into(),
            held.until_on.map(|day| day.to_string()).unwrap_or_default().into(),
            held.reason.into(),
        ]);
    }
    history.empty.1.clone_from(&w.nobody);
    let master = match row.master_id {
        Some(id) => store::by_id(db, id).await?.map(|card| card.number).unwrap_or_default(),
        None => String::new(),
    };
    let money = |money: Option<Fen>| money.map(|money| money.to_string()).unwrap_or_default();
    let mut facts = vec![
        (w.kind.clone(), frame.either(row.kind.zh(), row.kind.as_str()).into()),
        (w.supplier.clone(), frame.either(row.supplier.zh(), row.supplier.as_str()).into()),
        (w.master.clone(), Td::mono(master)),
        (f.unit.clone(), names.unit(Some(row.unit_id)).into()),
        (w.since.clone(), row.state_on.to_string().into()),
        (w.fill_limit.clone(), money(row.fill_limit_fen).into()),
        (w.day_limit.clone(), money(row.day_limit_fen).into()),
        (f.note.clone(), row.note.clone().into()),
    ];
    facts.retain(|(_, td): &(String, Td)| !td.text.is_empty());
    let title = format!("{} {} · {}", w.heading, row.number, mark.text);
    let mut blocks = vec![Block { title: w.facts.clone(), facts, ..Block::default() }];
    blocks.push(Block { title: w.history.clone(), table: Some(history), ..Block::default() });
    blocks.extend(deeds(&frame, ctx, &row, (&deed, &typed, &faults)));
    let back = ("/vehicles/cards".to_owned(), w.heading.clone());
    Ok(Board { back, said, blocks, ..Board::new(frame, title) }.answer())
}

fn deeds(frame: &Frame, ctx: &Ctx, row: &card::Model, (tried, typed, faults): (&str, &Typed, &Faults)) -> Vec<Block> {
    let (w, f) = (&frame.words.vehicles.card, &frame.words.vehicles.field);
    let writes = permit(ctx, Action::VehiclesWrite, Some(row.unit_id)).is_ok();
    let why = if writes { String::new() } else { frame.words.vehicles.car.not_yours.clone() };
    let (blank, no_faults) = (Typed::default(), Faults::default());
    let filled = |deed: &str| if tried == deed { (typed, faults) } else { (&blank, &no_faults) };
    let today = ctx.now().day().to_string();
    let form = |deed: &str, label: &String, help: &String, fields: Vec<Field>| {
        let sheet = Sheet {
            action: format!("/vehicles/cards/{}/{deed}", row.number),
            hidden: vec![("version".to_owned(), row.version.to_string())],
            fields: if why.is_empty() { fields } else { Vec::new() },
            submit: label.clone(),
            general: filled(deed).1.general().to_owned(),
            why: why.clone(),
            ..Sheet::default()
        };
        Block { title: label.clone(), notes: vec![help.clone()], form: Some(sheet), ..Block::default() }
    };
    let text = |deed: &str, id: &str, label: &String| Field::text(id, label, filled(deed).0.get(id), filled(deed).1);
    let day = |deed: &str, id: &str, label: &String, otherwise: &str| {
        let typed = filled(deed).0.get(id);
        Field::input(id, label, "date", if typed.is_empty() { otherwise } else { typed }, filled(deed).1)
    };
    let states = CardState::ALL.iter().filter(|to| row.state.becomes(**to).is_ok());
    let states = states.map(|one| (one.as_str().to_owned(), frame.either(one.zh(), one.as_str()).to_owned())).collect();
    let mut blocks = Vec::new();
    if row.kind == CardKind::Sub {
        let fields = vec![
            text("give", "car", &f.plate),
            day("give", "from_on", &w.since, &today),
            day("give", "until_on", &w.until, ""),
            text("give", "reason", &f.reason),
        ];
        blocks.push(form("give", &w.give, &w.give_help, fields));
        blocks.push(form(
            "take-back",
            &w.take_back,
            &String::new(),
            vec![day("take-back", "last_on", &w.last_on, &today)],
        ));
    }
    let fields = vec![
        Field::choice("to", &w.to, states, filled("turn").0.get("to"), filled("turn").1),
        day("turn", "on", &f.day, &today),
        text("turn", "replaced_by", &w.replaced_by),
        text("turn", "reason", &f.reason),
    ];
    blocks.push(form("turn", &w.turn, &w.turn_help, fields));
    blocks
}

pub(super) async fn take(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Path((number, deed)): Path<(String, String)>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesWrite)?;
    let days = |field: &str| date(&frame, &typed, field).map(|day| day.unwrap_or_else(|| ctx.now().day()));
    let read = || -> Result<_, Faults> {
        Ok((days("from_on")?, date(&frame, &typed, "until_on")?, days("last_on")?, days("on")?))
    };
    let (asker, of, text) = (ctx.clone(), number.clone(), |field: &str| typed.get(field).to_owned());
    let faults = match read() {
        Err(faults) => faults,
        Ok((from_on, until_on, last_on, on)) => {
            let done: Result<(), ApiError> = match deed.as_str() {
                "give" => {
                    let give = Give { car: text("car"), from_on, until_on, reason: text("reason") };
                    app.write(move |db| async move { service::give(&db, &asker, &of, &give).await }).await.map(|_| ())
                }
                "take-back" => {
                    let done = app.write(move |db| async move { service::take_back(&db, &asker, &of, last_on).await });
                    done.await.map(|_| ())
                }
                "turn" => {
                    let to = CardState::by_name(&text("to")).unwrap_or(CardState::Stopped);
                    let replaced_by = Some(text("replaced_by")).filter(|text| !text.is_empty());
                    let (turn, version) = (Turn { to, on, replaced_by, reason: text("reason") }, Some(typed.version()));
                    let done =
                        app.write(move |db| async move { service::turn(&db, &asker, &of, version, &turn).await });
                    done.await.map(|_| ())
                }
                _ => Err(ApiError::NotFound("没有这个地址".to_owned())),
            };
            match done {
                Ok(()) => return Ok(to(&format!("/vehicles/cards/{number}"), "saved")),
                Err(ApiError::NotFound(text)) if deed == "give" => Faults::at("car", text),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
    };
    one(&app, &ctx, frame, &number, String::new(), (deed, typed, faults)).await
}
