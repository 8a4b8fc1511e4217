//! `/api/v1/vehicles`: the ledger of official vehicles.

pub mod cards;
pub mod cars;
pub mod months;
pub mod repair_views;
pub mod repairs;
pub mod trip_views;
pub mod trips;
pub mod views;

use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(cars::router())
        .merge(cards::router())
        .merge(trips::router())
        .merge(months::router())
        .merge(repairs::router())
}
