//! `/api/v1`: accounts.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use utoipa_axum::router::OpenApiRouter;

use crate::access::{AccessError, Forbidden, Identity};
use crate::web::{ApiError, App};

/// Whoever signed in, with their account and session: for what concerns oneself.
#[derive(Debug, Clone)]
pub struct Me(pub Identity);

impl FromRequestParts<App> for Me {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Identity>().cloned().map(Self).ok_or(ApiError::NotSignedIn)
    }
}

impl From<AccessError> for ApiError {
    fn from(error: AccessError) -> Self {
        match error {
            AccessError::Forbidden(Forbidden::OutOfScope) => Self::NotFound(Forbidden::OutOfScope.to_string()),
            AccessError::Forbidden(error) => error.into(),
            AccessError::WrongCredentials => Self::invalid("password", error.to_string()),
            AccessError::SecondFactorNeeded => Self::invalid("second_factor", error.to_string()),
            AccessError::CodeWrong => Self::invalid("code", error.to_string()),
            AccessError::Weak(error) => Self::invalid("password", error.to_string()),
            AccessError::Invalid { field, reason } => Self::invalid(field, reason),
            AccessError::Lookup(error) => Self::Invalid { field: None, reason: error.to_string() },
            AccessError::LinkVoid | AccessError::NotFound(_) => Self::NotFound(error.to_string()),
            AccessError::NeedsSession => Self::Forbidden(error.to_string()),
            AccessError::LockedUntil(_)
            | AccessError::AlreadySetUp
            | AccessError::Conflict(_)
            | AccessError::HandoverFirst(_) => Self::Conflict(error.to_string()),
            AccessError::Hash => Self::Internal,
            AccessError::Db(error) => error.into(),
        }
    }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
