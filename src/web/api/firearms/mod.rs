//! `/api/v1/firearms`: the ledger of firearms and ammunition.

pub mod audits;
pub mod bulletins;
pub mod draw_views;
pub mod draws;
pub mod guns;
pub mod inspections;
pub mod officers;
pub mod shifts;
pub mod stores;
pub mod views;

use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(stores::router())
        .merge(guns::router())
        .merge(officers::router())
        .merge(draws::router())
        .merge(shifts::router())
        .merge(inspections::router())
        .merge(audits::router())
        .merge(bulletins::router())
}
