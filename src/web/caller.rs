//! Who asks: the context that the authentication layer put into the request.

use axum::extract::FromRequestParts;
use axum::http::request::Parts;

use super::{ApiError, App};
use crate::access::Identity;
use crate::kernel::Ctx;

/// Whoever signed in and has seen to their account, as the context their commands run in.
#[derive(Debug, Clone)]
pub struct Caller(pub Ctx);

impl FromRequestParts<App> for Caller {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _app: &App) -> Result<Self, ApiError> {
        // Their rights are blank meanwhile: it is said why, and not that a right is missing which they have.
        if let Some(first) = parts.extensions.get::<Identity>().and_then(|who| who.must.first()) {
            return Err(ApiError::Forbidden(first.zh().to_owned()));
        }
        parts.extensions.get::<Ctx>().cloned().map(Self).ok_or(ApiError::NotSignedIn)
    }
}
