//! Pages of the book: the list of things, the card of one, entering one, changing one or many.

mod card;
mod change;
mod files;
mod list;
mod many;
pub(super) mod picks;
mod register;
mod timeline;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use super::form::in_query;
use crate::access::{Action, permit_somewhere, reach};
use crate::items::entity::item;
use crate::items::{ItemError, store};
use crate::kernel::Ctx;
use crate::web::settings::UPLOAD_BYTES;
use crate::web::{ApiError, App};
pub(super) use timeline::{actor as said_of, person_of};

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/items", get(list::show))
        .route("/items/many", get(many::show).post(many::take))
        .route("/items/new", get(register::show).post(register::take))
        .route("/items/{number}", get(card::show))
        .route("/items/{number}/change", post(change::take))
        .route("/items/{number}/attachments", post(files::take).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/items/{number}/files/{id}", get(files::give))
        .route("/items/{number}/files/{id}/withdraw", post(files::take_withdraw))
}

/// Where the card of a thing is.
pub(super) fn at(number: &str) -> String {
    format!("/items/{}", in_query(number).replace('/', "%2F"))
}

/// The thing with this number, where the caller may see it.
pub(super) async fn seen(app: &App, ctx: &Ctx, number: &str) -> Result<item::Model, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let found = store::by_number(app.db().read(), number).await?;
    let seen = found.filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    seen.ok_or_else(|| ItemError::NotFound(number.to_owned()).into())
}
