//! `/api/v1/firearms`: the ledger of firearms and ammunition.

pub mod audits;
pub mod bulletins;
pub mod cabinets;
pub mod draw_views;
pub mod draws;
pub mod guns;
pub mod inspections;
pub mod officers;
pub mod registers;
pub mod shifts;
pub mod stores;
pub mod transfer_views;
pub mod transfers;
pub mod upkeep;
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
        .merge(cabinets::router())
        .merge(upkeep::router())
        .merge(transfers::router())
        .merge(registers::router())
        .merge(inspections::router())
        .merge(audits::router())
        .merge(bulletins::router())
}
