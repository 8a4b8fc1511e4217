//! Changing one thing: its unit, place, keeper, quantity, state, with the reason.

use axum::Form;
use axum::extract::State;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{at, card, picks, seen};
use crate::access::{Action, permit_somewhere};
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::items::service::{self, Change};
use crate::kernel::{Ctx, Quantity};
use crate::org::Directory;
use crate::web::extract::Path;
use crate::web::pages::form::Faults;
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 7] = ["unit", "place", "keeper", "quantity", "state", "excused_by", "reason"];

/// What the form says.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    pub(super) version: i64,
    pub(super) unit: String,
    pub(super) place: String,
    pub(super) keeper: String,
    pub(super) quantity: String,
    pub(super) state: String,
    pub(super) excused_by: String,
    pub(super) reason: String,
}

impl Typed {
    /// The thing as it stands, as one would type it.
    pub(super) async fn of(app: &App, thing: &item::Model) -> Result<Self, ApiError> {
        let (places, people) = (Vec::from_iter(thing.place_id), Vec::from_iter(thing.keeper_id));
        let directory = Directory::load_some(app.db().read(), &places, &people).await?;
        let place = thing.place_id.and_then(|id| directory.place(id)).map(|place| place.code.clone());
        Ok(Self {
            version: thing.version,
            unit: thing.unit_id.to_string(),
            place: place.unwrap_or_default(),
            keeper: thing.keeper_id.and_then(|id| directory.person(id)).map(picks::typed_person).unwrap_or_default(),
            quantity: thing.quantity.to_string(),
            state: thing.state.as_str().to_owned(),
            excused_by: thing.excused_by.clone().unwrap_or_default(),
            reason: String::new(),
        })
    }
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsChange)?;
    let thing = seen(&app, &ctx, &number).await?;
    let faults = match change(&app, &ctx, &frame, &thing, &typed).await? {
        Ok(change) => {
            let (asker, number, reason) = (ctx.clone(), thing.item_number.clone(), typed.reason.trim().to_owned());
            let (version, gone) = (Some(typed.version), change.state.is_some_and(ItemState::is_gone));
            let done = app.write(move |db| async move {
                service::change_version(&db, &asker, &number, version, &change, &reason).await
            });
            match done.await {
                Ok(_) => return Ok(Redirect::to(&format!("{}?said=changed", at(&thing.item_number))).into_response()),
                // To let a thing leave the book is another right than to change it.
                Err(ApiError::Forbidden(text)) if gone => Faults::at("state", text),
                Err(error) => picks::refused(error, &FIELDS)?,
            }
        }
        Err(faults) => faults,
    };
    card::card(&app, &ctx, frame, thing, card::Asked::default(), (typed, faults)).await
}

/// What is to become different: what was typed otherwise than it stands.
async fn change(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    thing: &item::Model,
    typed: &Typed,
) -> Result<Result<Change, Faults>, ApiError> {
    let stands = Typed::of(app, thing).await?;
    let mut change = Change::default();
    if typed.unit != stands.unit {
        change.unit = picks::unit(&typed.unit)?;
    }
    if typed.place.trim() != stands.place {
        match picks::place(app, ctx, frame, &typed.place).await? {
            Ok(place) => change.place = Some(place.map(|place| place.id)),
            Err(text) => return Ok(Err(Faults::at("place", text))),
        }
    }
    if typed.keeper.trim() != stands.keeper {
        match picks::person(app, ctx, frame, &typed.keeper).await? {
            Ok(person) => change.keeper = Some(person.map(|person| person.id)),
            Err(text) => return Ok(Err(Faults::at("keeper", text))),
        }
    }
    if typed.quantity.trim() != stands.quantity {
        match Quantity::parse(&typed.quantity) {
            Ok(quantity) => change.quantity = Some(quantity),
            Err(error) => return Ok(Err(Faults::at("quantity", error.to_string()))),
        }
    }
    if typed.state != stands.state {
        match typed.state.parse::<ItemState>() {
            Ok(state) => change.state = Some(state),
            Err(error) => return Ok(Err(Faults::at("state", error.to_string()))),
        }
    }
    if typed.excused_by.trim() != stands.excused_by {
        change.excused_by = Some(Some(typed.excused_by.trim().to_owned()).filter(|text| !text.is_empty()));
    }
    if typed.reason.trim().is_empty() {
        return Ok(Err(Faults::at("reason", frame.words.items.many.reason_missing.clone())));
    }
    Ok(Ok(change))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Typed { version, unit, place, keeper, quantity, state, excused_by, reason }
    }
}
