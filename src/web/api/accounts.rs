//! `/api/v1`: accounts, grants, tokens, rules, and what concerns oneself.

mod me;
mod office;
mod rights;
mod views;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;

use crate::access::{AccessError, CoSigner, Door, Forbidden, Identity, co_sign};
use crate::kernel::Ctx;
use crate::web::layers::Visit;
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

/// Whoever is there themselves, by a session or a certificate: for what a device's token is refused.
#[derive(Debug, Clone)]
pub struct Present(pub Identity);

impl FromRequestParts<App> for Present {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, app: &App) -> Result<Self, ApiError> {
        let Me(me) = Me::from_request_parts(parts, app).await?;
        match me.door {
            Door::Token(_) => Err(AccessError::NeedsSession.into()),
            Door::Session(_) | Door::Certificate => Ok(Self(me)),
        }
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

/// A second person who is present and signs with whoever asks, for this one request.
#[derive(Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CoSignature {
    /// Their login.
    #[schema(max_length = 64)]
    login: String,
    /// Their own password.
    #[schema(max_length = 256)]
    password: String,
    /// A code from their own phone.
    #[schema(max_length = 64)]
    second_factor: String,
}

impl CoSignature {
    /// What a second person typed into a form.
    pub(in crate::web) fn new(login: &str, password: &str, second_factor: &str) -> Self {
        let [login, password, second_factor] = [login, password, second_factor].map(str::to_owned);
        Self { login, password, second_factor }
    }

    /// Whoever signs, who proved to be there. Ask first whether `ctx` may have somebody sign at all.
    ///
    /// # Errors
    /// As [`co_sign`]; [`ApiError::TooMany`] as at the door.
    pub async fn prove(self, app: &App, visit: &Visit, ctx: &Ctx) -> Result<CoSigner, ApiError> {
        app.limiter().sign_in(visit.address, &self.login).map_err(ApiError::TooMany)?;
        let (base, address) = (ctx.clone(), visit.address.to_string());
        app.write(move |db| async move {
            let Self { login, password, second_factor } = &self;
            co_sign(&db, &base, login, password, Some(second_factor), &address).await
        })
        .await
    }

    /// The context with the second person in it, who proved to be there; without one as it is. Ask
    /// [`crate::access::co_signing`] first whether `ctx` may do at all what the second signs.
    ///
    /// # Errors
    /// As [`co_sign`]; [`ApiError::TooMany`] as at the door.
    pub async fn sign(signature: Option<Self>, app: &App, visit: &Visit, mut ctx: Ctx) -> Result<Ctx, ApiError> {
        let Some(second) = signature else { return Ok(ctx) };
        let signed = second.prove(app, visit, &ctx).await?;
        ctx.co_signer = Some(signed.person);
        Ok(ctx)
    }
}

impl std::fmt::Debug for CoSignature {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CoSignature").field("login", &self.login).finish_non_exhaustive()
    }
}

/// A body that carries a second person's signature and nothing else.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Signed {
    /// Who signs with whoever asks: the security or audit administrator. Needed where an administrator's account is
    /// touched, and for a new password of an account that may do more than read and count.
    co_signer: Option<CoSignature>,
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    me::router().merge(office::router()).merge(rights::router())
}
