//! Pages of the ledger of fixed assets.

pub(super) mod cards;
mod movements;

use axum::Router;

use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new().merge(movements::router()).merge(cards::router())
}
