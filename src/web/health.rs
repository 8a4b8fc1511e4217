//! What machines ask the server: is it alive, may it be sent requests, what are its figures.

use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::routing::get;
use subtle::ConstantTimeEq as _;

use super::{App, metrics};
use crate::journal::sequencer;

/// `/healthz`, `/readyz`, `/metrics`.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .route("/metrics", get(figures))
}

async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    if app.is_stopping() {
        return (StatusCode::SERVICE_UNAVAILABLE, "stopping\n");
    }
    match app.db().is_migrated().await {
        Ok(true) => (StatusCode::OK, "ready\n"),
        Ok(false) => (StatusCode::SERVICE_UNAVAILABLE, "not migrated\n"),
        Err(error) => {
            tracing::warn!(?error, "the database cannot be read");
            (StatusCode::SERVICE_UNAVAILABLE, "no database\n")
        }
    }
}

/// Behind a token; without one configured it is as if it were not there.
async fn figures(State(app): State<App>, headers: HeaderMap) -> Response {
    let Some(expected) = &app.settings().metrics_token else { return StatusCode::NOT_FOUND.into_response() };
    let given = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let given = given.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
    if !bool::from(given.as_bytes().ct_eq(expected.as_bytes())) {
        return (StatusCode::UNAUTHORIZED, [(header::WWW_AUTHENTICATE, "Bearer")], "token\n").into_response();
    }
    let kind = [(header::CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")];
    let unsealed = sequencer::waiting(app.db().read()).await.ok();
    match metrics::shown(!app.is_stopping(), unsealed) {
        Some(text) => (kind, text).into_response(),
        None => StatusCode::SERVICE_UNAVAILABLE.into_response(),
    }
}
