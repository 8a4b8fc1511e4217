//! `/api/v1/assets`: the ledger of fixed assets.

pub mod card_views;
pub mod cards;
pub mod classes;
pub mod keeping;
pub mod movement_views;
pub mod movements;
pub mod papers;
pub mod responsible;

use utoipa_axum::router::OpenApiRouter;

use crate::assets::AssetError;
use crate::web::{ApiError, App};

impl From<AssetError> for ApiError {
    fn from(error: AssetError) -> Self {
        let said = error.to_string();
        match error {
            AssetError::NotFound(_) => Self::NotFound(said),
            AssetError::Field { field, reason } => Self::invalid(field, reason),
            AssetError::Conflict(said) => Self::Conflict(said),
            AssetError::NoPerson => Self::Forbidden(said),
            AssetError::Item(error) => error.into(),
            AssetError::Approval(error) => error.into(),
            AssetError::Org(error) => error.into(),
            AssetError::Forbidden(error) => error.into(),
            AssetError::Db(error) => error.into(),
        }
    }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(movements::router())
        .merge(keeping::router())
        .merge(papers::router())
        .merge(cards::router())
        .merge(classes::router())
        .merge(responsible::router())
}
