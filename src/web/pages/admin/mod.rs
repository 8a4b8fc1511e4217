//! Pages of this room.

use axum::Router;

use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
}
