//! Pages of the ledger of fixed assets.

pub(super) mod cards;
mod missing;
mod movements;
mod submissions;
mod surplus;
mod three_way;

use axum::Router;

use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .merge(movements::router())
        .merge(submissions::router())
        .merge(three_way::router())
        .merge(missing::router())
        .merge(surplus::router())
        .merge(cards::router())
}
