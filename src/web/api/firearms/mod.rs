//! `/api/v1/firearms`: the ledger of firearms and ammunition.

pub mod draw_views;
pub mod draws;
pub mod guns;
pub mod officers;
pub mod shifts;
pub mod stores;
pub mod views;

use utoipa_axum::router::OpenApiRouter;

use crate::firearms::ArmsError;
use crate::web::{ApiError, App};

impl From<ArmsError> for ApiError {
    fn from(error: ArmsError) -> Self {
        let said = error.to_string();
        match error {
            ArmsError::NotFound(_) => Self::NotFound(said),
            ArmsError::Field { field, reason } => Self::invalid(field, reason),
            ArmsError::Conflict(said) => Self::Conflict(said),
            ArmsError::NoPerson => Self::Forbidden(said),
            ArmsError::Item(error) => error.into(),
            ArmsError::Approval(error) => error.into(),
            ArmsError::Org(error) => error.into(),
            ArmsError::Forbidden(error) => error.into(),
            ArmsError::Db(error) => error.into(),
        }
    }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(stores::router())
        .merge(guns::router())
        .merge(officers::router())
        .merge(draws::router())
        .merge(shifts::router())
}
