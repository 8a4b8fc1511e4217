//! Who asks: the context that the authentication layer put into the request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{ApiError, App};
use crate::kernel::Ctx;

/// Whoever signed in, as the context their commands run in.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        parts.extensions.get::<Ctx>().cloned().map(Self).ok_or(ApiError::NotSignedIn)
    }
}
