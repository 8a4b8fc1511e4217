//! What every request goes through, outermost first: it gets a name; it is timed; a panic or a wait without end
//! becomes an answer; the answer gets its head; a body that is too large is refused; whoever asks is recognised, may
//! ask only so often, and must have sent a form themselves.

pub mod auth;
pub mod csrf;
mod headers;
pub mod limits;
mod problems;
pub mod rate;
pub mod visit;

use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::Body;
use axum::extract::{DefaultBodyLimit, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse as _, Response};
use futures_util::{FutureExt as _, StreamExt as _};
use tower_http::timeout::TimeoutBody;

use super::pages::refusals::speaking;
use super::pages::{Language, language_cookie};
use super::settings::{BODY_BYTES, UPLOAD_FORM_BYTES};
use super::{ApiError, App, metrics};
pub use visit::Visit;

/// A body that is refused is still taken in up to here, so that whoever sends it hears why; then the line is cut.
const DRAINED_BYTES: usize = 128 * 1024 * 1024;
/// And for so long.
const DRAINED_FOR: Duration = Duration::from_secs(10);
/// Where files are sent to; everything else is small.
const UPLOADS: [&str; 4] = ["/api/v1/photos", "/api/v1/imports", "/api/v1/attachments", "/imports"];

/// What machines ask, which want no page.
const MACHINES: [&str; 3] = ["/healthz", "/readyz", "/metrics"];

/// Puts every layer around what is public and what asks who is there.
pub fn around(app: &App, open: Router<App>, rooms: Router<App>) -> Router<App> {
    open.merge(rooms.layer(from_fn_with_state(app.clone(), inside))).layer(from_fn_with_state(app.clone(), outside))
}

/// Around everything.
async fn outside(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let visit = Visit::of(&app, &request);
    let (chosen, language) = (Language::chosen(&request), Language::of(&request));
    let route = request.extensions().get::<MatchedPath>().map(|path| path.as_str().to_owned());
    let method = request.method().clone();
    request.extensions_mut().insert(visit.clone());
    request.extensions_mut().insert(language);
    let patience = app.settings().patience;
    let request = request.map(|body| Body::new(TimeoutBody::new(patience.body, body)));

    let started = Instant::now();
    let answer = AssertUnwindSafe(tokio::time::timeout(patience.request, speaking(language, next.run(request))))
        .catch_unwind()
        .await;
    let answer = match answer {
        Ok(Ok(answer)) => answer,
        Ok(Err(_)) => StatusCode::REQUEST_TIMEOUT.into_response(),
        Err(_) => {
            // The panic itself, and where, is in the log already.
            tracing::error!(request_id = %visit.request_id, %method, route, "a handler panicked");
            ApiError::Internal.into_response()
        }
    };
    // Machines are answered in a word.
    let by_machine = route.as_deref().is_some_and(|route| MACHINES.contains(&route));
    let mut answer = if by_machine { answer } else { problems::dress(&visit, language, answer) };
    headers::put(&visit, answer.headers_mut());
    if let Some(value) = chosen.and_then(|chosen| language_cookie(chosen, visit.secure).to_string().parse().ok()) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
    metrics::request(&method, route.as_deref(), answer.status(), started.elapsed());
    tracing::debug!(
        request_id = %visit.request_id, %method, route, status = answer.status().as_u16(),
        ms = started.elapsed().as_millis(), "answered"
    );
    answer
}

/// Around everything that somebody signs in for, and the doors to it.
async fn inside(State(app): State<App>, request: Request, next: Next) -> Response {
    match admit(&app, request).await {
        Ok(request) => next.run(request).await,
        Err(refusal) => refusal,
    }
}

async fn admit(app: &App, request: Request) -> Result<Request, Response> {
    let visit = request.extensions().get::<Visit>().cloned().unwrap_or_else(|| Visit::of(app, &request));
    let request = limit_body(request).await?;
    let (request, who) = auth::recognise(app, &visit, request).await?;
    let account = who.as_ref().map(|who| who.account.0);
    app.limiter().request(visit.address, account).map_err(too_many)?;
    csrf::check(&visit, who.as_ref(), request).await.map_err(ApiError::into_response)
}

/// The answer to whoever knocks too often.
#[must_use]
pub fn too_many(wait: Duration) -> Response {
    ApiError::TooMany(wait).into_response()
}

/// Refuses a body that says it is too large; one that says nothing is cut off where it gets too large.
async fn limit_body(mut request: Request) -> Result<Request, Response> {
    let path = request.uri().path();
    let most = if is_upload(path) { UPLOAD_FORM_BYTES } else { BODY_BYTES };
    let said = content_length(request.headers());
    if said.is_none_or(|bytes| bytes <= most as u64) {
        DefaultBodyLimit::max(most).apply(&mut request);
        return Ok(request);
    }
    // Who waits to be told to go on has sent nothing yet.
    if !request.headers().contains_key(header::EXPECT) {
        let _too_long = tokio::time::timeout(DRAINED_FOR, drain(request.into_body())).await;
    }
    Err(([(header::CONNECTION, HeaderValue::from_static("close"))], ApiError::TooLarge).into_response())
}

/// Whether a file may be sent there.
fn is_upload(path: &str) -> bool {
    let of_item = ["/api/v1/items/", "/items/"].iter().any(|room| path.starts_with(room));
    let of_scan = path.starts_with("/api/v1/campaigns/") && path.contains("/photos/");
    UPLOADS.iter().any(|prefix| path.starts_with(prefix)) || (of_item && path.ends_with("/attachments")) || of_scan
}

async fn drain(body: Body) {
    let mut taken = 0;
    let mut pieces = body.into_data_stream();
    while let Some(Ok(piece)) = pieces.next().await {
        taken += piece.len();
        if taken > DRAINED_BYTES {
            return;
        }
    }
}

fn content_length(headers: &HeaderMap) -> Option<u64> {
    headers.get(header::CONTENT_LENGTH)?.to_str().ok()?.parse().ok()
}
