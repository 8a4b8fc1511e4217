//! Entering one thing by hand.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{at, picks};
use crate::access::{Action, permit_somewhere};
use crate::assets::classes;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::{self, NewItem};
use crate::kernel::{Ctx, Fen, Quantity};
use crate::web::pages::form::Faults;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 13] = [
    "item_number",
    "name",
    "specification",
    "serial_number",
    "class_code",
    "brand",
    "measure_unit",
    "unit",
    "place",
    "keeper",
    "quantity",
    "value",
    "acquired_on",
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    item_number: String,
    name: String,
    specification: String,
    serial_number: String,
    class_code: String,
    brand: String,
    measure_unit: String,
    unit: String,
    place: String,
    keeper: String,
    quantity: String,
    state: String,
    value: String,
    acquired_on: String,
}

#[derive(Template)]
#[template(path = "items/register.html")]
struct Page {
    frame: Frame,
    typed: Typed,
    faults: Faults,
    picks: picks::Picks,
    states: Vec<(String, String)>,
}

pub(super) async fn show(State(app): State<App>, Caller(ctx): Caller, frame: Frame) -> Result<Response, ApiError> {
    let typed = Typed { quantity: "1".to_owned(), state: "in_use".to_owned(), ..Typed::default() };
    form(&app, &ctx, frame, typed, Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, mut typed: Typed, faults: Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRegister)?;
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let picks = picks::Picks::load(app, ctx, &frame.words.items.register.choose_unit).await?;
    // Whoever has one unit only need not choose it.
    if let ([_, (only, _)], true) = (picks.units.as_slice(), typed.unit.is_empty()) {
        typed.unit.clone_from(only);
    }
    let in_book = |(name, _): &(String, String)| name.parse::<ItemState>().is_ok_and(|state| !state.is_gone());
    let states = picks::states(&frame, "").into_iter().filter(in_book).collect();
    Ok(page(status, None, &Page { typed, faults, picks, states, frame }))
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRegister)?;
    let faults = match thing(&app, &ctx, &frame, &typed).await? {
        Ok(new) => {
            let asker = ctx.clone();
            match app.write(move |db| async move { service::register(&db, &asker, new).await }).await {
                Ok(row) => {
                    return Ok(Redirect::to(&format!("{}?said=registered", at(&row.item_number))).into_response());
                }
                // The only conflict is a number that is taken.
                Err(ApiError::Conflict(text)) => Faults::at("item_number", text),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
        Err(faults) => faults,
    };
    form(&app, &ctx, frame, typed, faults).await
}

async fn thing(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<NewItem, Faults>, ApiError> {
    let w = &frame.words.items.register;
    let text = |text: &str| text.trim().to_owned();
    let fault = |field: &str, text: String| Ok(Err(Faults::at(field, text)));
    let Some(unit_id) = picks::unit(&typed.unit)? else { return fault("unit", w.choose_unit.clone()) };
    let place = match picks::place(app, ctx, frame, &typed.place).await? {
        Ok(place) => place,
        Err(text) => return fault("place", text),
    };
    let keeper = match picks::person(app, ctx, frame, &typed.keeper).await? {
        Ok(person) => person,
        Err(text) => return fault("keeper", text),
    };
    let quantity = match Quantity::parse(&typed.quantity) {
        Ok(quantity) => quantity,
        Err(error) => return fault("quantity", error.to_string()),
    };
    let value_fen = match typed.value.trim() {
        "" => Fen::ZERO,
        yuan => match Fen::parse_yuan(yuan) {
            Ok(fen) => fen,
            Err(error) => return fault("value", error.to_string()),
        },
    };
    let acquired_on = match typed.acquired_on.trim() {
        "" => None,
        day => match day.parse() {
            Ok(day) => Some(day),
            Err(_) => return fault("acquired_on", w.bad_day.clone()),
        },
    };
    let (class_code, class_name) = match classes::service::settle(app.db(), ctx, &typed.class_code, "").await {
        Ok(settled) => settled,
        Err(error) => return Ok(Err(picks::refused(error.into(), &FIELDS)?)),
    };
    Ok(Ok(NewItem {
        kind: ItemKind::FixedAsset,
        item_number: text(&typed.item_number),
        name: text(&typed.name),
        specification: text(&typed.specification),
        serial_number: text(&typed.serial_number),
        class_name,
        class_code,
        brand: text(&typed.brand),
        measure_unit: text(&typed.measure_unit),
        unit_id,
        place_id: place.map(|place| place.id),
        keeper_id: keeper.map(|person| person.id),
        quantity,
        state: typed.state.parse().unwrap_or(ItemState::InUse),
        excused_by: None,
        value_fen,
        acquired_on,
    }))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page { frame, typed, faults, picks, states }
        Typed {
            item_number, name, specification, serial_number, class_code, brand, measure_unit, unit, place, keeper,
            quantity, state, value, acquired_on,
        }
    }
    renders! {
        items_register: Page,
    }
}
