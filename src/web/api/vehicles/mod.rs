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

use crate::vehicles::VehicleError;
use crate::web::{ApiError, App};

impl From<VehicleError> for ApiError {
    fn from(error: VehicleError) -> Self {
        let said = error.to_string();
        match error {
            VehicleError::NotFound(_) => Self::NotFound(said),
            VehicleError::Field { field, reason } => Self::invalid(field, reason),
            VehicleError::Conflict(said) => Self::Conflict(said),
            VehicleError::NoPerson => Self::Forbidden(said),
            VehicleError::Item(error) => error.into(),
            VehicleError::Approval(error) => error.into(),
            VehicleError::Org(error) => error.into(),
            VehicleError::Forbidden(error) => error.into(),
            VehicleError::Db(error) => error.into(),
        }
    }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(cars::router())
        .merge(cards::router())
        .merge(trips::router())
        .merge(months::router())
        .merge(repairs::router())
}
