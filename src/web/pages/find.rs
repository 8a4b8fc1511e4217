//! One field finds everything: what was scanned or typed leads to the thing, the place, or the list of what is like it.

use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::form::in_query;
use super::vehicles::phone_of;
use crate::access::{Action, permit_somewhere, reach};
use crate::items::labels::{self, Resolved, Subject};
use crate::items::store;
use crate::org::places;
use crate::vehicles::store as vehicles;
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    q: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let (db, text) = (app.db().read(), asked.q.trim());
    let to_item = |number: &str| Redirect::to(&format!("/items/{}", in_query(number).replace('/', "%2F")));
    // A plate that is typed, and the label of a car: what comes next with it is one button.
    if let Some(car) = vehicles::named(db, text).await?
        && reach(&ctx, Action::VehiclesRead).covers(Some(car.item.unit_id))
        && !car.item.state.is_gone()
    {
        return Ok(Redirect::to(&phone_of(&car.vehicle.plate)).into_response());
    }
    let subject = match labels::resolve(db, text).await? {
        Resolved::Current(subject) | Resolved::Superseded(subject) => Some(subject),
        Resolved::Number(id) => Some(Subject::Item(id)),
        Resolved::Void => labels::by_code(db, text).await?.as_ref().and_then(labels::subject_of),
        // A label without a thing waits to be claimed.
        Resolved::Blank if reach(&ctx, Action::LabelsClaim) != crate::kernel::rights::Reach::Nowhere => {
            return Ok(Redirect::to(&format!("/labels/claim?code={}", in_query(text))).into_response());
        }
        Resolved::Blank | Resolved::Unknown => None,
    };
    match subject {
        Some(Subject::Item(id)) => {
            if let Some(thing) = store::by_id(db, id).await?
                && reach(&ctx, Action::ItemsRead).covers(Some(thing.unit_id))
            {
                return Ok(to_item(&thing.item_number).into_response());
            }
        }
        Some(Subject::Place(id)) => {
            if let Some(place) = places::by_id(db, id).await?
                && reach(&ctx, Action::OrgRead).covers(Some(place.unit_id))
            {
                return Ok(Redirect::to(&format!("/items?place={}", place.id.0)).into_response());
            }
        }
        None => {}
    }
    Ok(Redirect::to(&format!("/items?q={}", in_query(text))).into_response())
}
