//! Entering a batch of like things.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};

use crate::access::{Action, permit_somewhere};
use crate::assets::classes;
use crate::assets::movements::intake::{self, Batch};
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::{Ctx, Fen, Quantity};
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet};
use crate::web::pages::admin::shared::Typed;
use crate::web::pages::form::Faults;
use crate::web::pages::items::picks;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 13] = [
    "name",
    "count",
    "unit",
    "place",
    "keeper",
    "specification",
    "class_code",
    "brand",
    "measure_unit",
    "value",
    "acquired_on",
    "supplier",
    "reason",
];

pub(super) async fn show(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, &Typed::of(&[("count", "1")]), &Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: &Typed, faults: &Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRegister)?;
    let (w, a) = (&frame.words.movements.intake, &frame.words.movements.ask);
    let units = picks::Picks::load(app, ctx, "—").await?.units;
    let text = |id: &str, label: &String| Field::text(id, label, typed.get(id), faults);
    let fields = vec![
        text("name", &w.name),
        text("count", &w.count).help(&w.count_help),
        Field::choice("unit", &w.unit, units, typed.get("unit"), faults),
        text("place", &w.place).help(&a.to_place_help),
        text("keeper", &w.keeper).help(&a.to_keeper_help),
        text("specification", &w.specification),
        text("class_code", &w.class_code),
        text("brand", &w.brand),
        text("measure_unit", &w.measure_unit),
        text("value", &w.value),
        Field::input("acquired_on", &w.acquired_on, "date", typed.get("acquired_on"), faults),
        text("supplier", &w.supplier),
        text("reason", &w.reason).help(&w.reason_help),
    ];
    let sheet = Sheet {
        action: "/assets/movements/intake".to_owned(),
        fields,
        submit: w.submit.clone(),
        general: faults.general().to_owned(),
        cancel: "/assets/movements".to_owned(),
        ..Sheet::default()
    };
    let (title, lead) = (w.title.clone(), w.lead.clone());
    let back = ("/assets/movements".to_owned(), frame.words.movements.list.heading.clone());
    let block = Block { form: Some(sheet), ..Block::default() };
    Ok(Board { back, lead, blocks: vec![block], ..Board::new(frame, title) }.answer())
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRegister)?;
    let batch = match read(&app, &ctx, &frame, &typed).await? {
        Ok(batch) => batch,
        Err(faults) => return form(&app, &ctx, frame, &typed, &faults).await,
    };
    let asker = ctx.clone();
    match app.write(move |db| async move { intake::enter(&db, &asker, &batch).await }).await {
        Ok(row) => Ok(Redirect::to(&format!("/assets/movements/{}?said=entered", row.number)).into_response()),
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            form(&app, &ctx, frame, &typed, &faults).await
        }
    }
}

async fn read(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<Batch, Faults>, ApiError> {
    let wrong = |field: &str, text: String| Ok(Err(Faults::at(field, text)));
    let Some(unit) = picks::unit(typed.get("unit"))? else { return wrong("unit", "请选择使用单位".to_owned()) };
    let Ok(count) = typed.get("count").parse() else { return wrong("count", "数量应为 1 至 2000 件".to_owned()) };
    let place = match picks::place(app, ctx, frame, typed.get("place")).await? {
        Ok(place) => place.map(|place| place.id),
        Err(text) => return wrong("place", text),
    };
    let keeper = match picks::person(app, ctx, frame, typed.get("keeper")).await? {
        Ok(person) => person.map(|person| person.id),
        Err(text) => return wrong("keeper", text),
    };
    let value = match typed.get("value") {
        "" => Fen::ZERO,
        text => match Fen::parse_yuan(text) {
            Ok(value) => value,
            Err(error) => return wrong("value", error.to_string()),
        },
    };
    let acquired_on = match typed.get("acquired_on") {
        "" => None,
        text => match text.parse() {
            Ok(day) => Some(day),
            Err(_) => return wrong("acquired_on", frame.words.admin.shared.bad_day.clone()),
        },
    };
    let (class_code, class_name) = match classes::service::settle(app.db(), ctx, typed.get("class_code"), "").await {
        Ok(settled) => settled,
        Err(error) => return Ok(Err(picks::refused(error.into(), &FIELDS)?)),
    };
    let each = NewItem {
        kind: ItemKind::FixedAsset,
        item_number: String::new(),
        name: typed.get("name").to_owned(),
        specification: typed.get("specification").to_owned(),
        serial_number: String::new(),
        class_name,
        class_code,
        brand: typed.get("brand").to_owned(),
        measure_unit: typed.get("measure_unit").to_owned(),
        unit_id: unit,
        place_id: place,
        keeper_id: keeper,
        quantity: Quantity::ONE,
        state: if keeper.is_some() { ItemState::InUse } else { ItemState::Idle },
        excused_by: None,
        value_fen: value,
        acquired_on,
    };
    let (supplier, reason) = (typed.get("supplier").to_owned(), typed.get("reason").to_owned());
    Ok(Ok(Batch { each, count, supplier, reason }))
}
