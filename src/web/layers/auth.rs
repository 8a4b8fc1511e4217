//! Who asks: the bearer token they show, the session their cookie names, or the certificate they came with. A token
//! is shown on purpose and goes first; one that is not good is refused, whatever else came along.

use std::sync::Arc;

use axum::extract::Request;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::{Cookie, CookieJar};
use axum_server::tls::TlsInfo;

use super::{Visit, csrf};
use crate::access::{self, Identity, Must};
use crate::web::{ApiError, App, certificate};

/// The cookie that names a session. `__Host-`: browsers take it only by HTTPS, from this very host.
#[must_use]
pub const fn cookie_name(secure: bool) -> &'static str {
    if secure { "__Host-hufu" } else { "hufu" }
}

/// The cookie of a session that begins.
#[must_use]
pub fn session_cookie(secure: bool, token: String) -> Cookie<'static> {
    csrf::cookie(cookie_name(secure), token, secure)
}

/// The cookie that takes the place of a session's when it ends.
#[must_use]
pub fn ended_cookie(secure: bool) -> Cookie<'static> {
    let mut cookie = csrf::cookie(cookie_name(secure), String::new(), secure);
    cookie.make_removal();
    cookie
}

/// Finds out who asks, and puts them into the request: as [`Identity`] and as the context their commands run in.
pub(super) async fn recognise(
    app: &App,
    visit: &Visit,
    mut request: Request,
) -> Result<(Request, Option<Identity>), Response> {
    let who = match bearer(request.headers()).map(str::to_owned) {
        Some(token) => Some(by_token(app, visit, &token).await?),
        None => {
            let jar = CookieJar::from_headers(request.headers());
            let session = jar.get(cookie_name(visit.secure)).map(|cookie| cookie.value().to_owned());
            by_browser(app, session, shown_certificate(app, &request)).await.map_err(ApiError::into_response)?
        }
    };
    let Some(mut who) = who else { return Ok((request, None)) };
    who.ctx.request_id = Some(visit.request_id.clone());
    if let Some(first) = who.must.first().filter(|_| !visit.is_api)
        && !is_allowed_meanwhile(request.uri().path())
    {
        return Err(Redirect::to(page_of(*first)).into_response());
    }
    if who.note_seen {
        note(app, visit, &who);
    }
    request.extensions_mut().insert(who.ctx.clone());
    request.extensions_mut().insert(who.clone());
    Ok((request, Some(who)))
}

/// The token of an `Authorization: Bearer …`; another scheme is none of ours and shows nothing.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = value.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| token.trim())
}

async fn by_token(app: &App, visit: &Visit, token: &str) -> Result<Identity, Response> {
    // Whoever guesses tokens is slowed down as a stranger, not as the account they hope for.
    let refused = || {
        let challenge = HeaderValue::from_static("Bearer error=\"invalid_token\"");
        ([(header::WWW_AUTHENTICATE, challenge)], ApiError::NotSignedIn).into_response()
    };
    let found = access::by_token(app.db(), app.base(), token, &visit.address.to_string()).await;
    match found.map_err(|error| ApiError::from(error).into_response())? {
        Some(who) => Ok(who),
        None => {
            app.limiter().request(visit.address, None).map_err(super::too_many)?;
            Err(refused())
        }
    }
}

/// What a browser sends along of its own accord: a session's cookie, else a certificate.
async fn by_browser(
    app: &App,
    session: Option<String>,
    id_number: Option<String>,
) -> Result<Option<Identity>, ApiError> {
    if let Some(token) = session.filter(|token| !token.is_empty())
        && let Some(who) = access::by_session(app.db(), app.base(), &token).await?
    {
        return Ok(Some(who));
    }
    let Some(id_number) = id_number else { return Ok(None) };
    Ok(access::by_certificate(app.db(), app.base(), &id_number).await?)
}

/// The ID number in the certificate that the client proved to hold, when it has one.
fn shown_certificate(app: &App, request: &Request) -> Option<String> {
    let tls = request.extensions().get::<Arc<TlsInfo>>()?;
    let own = tls.peer_certificates.first()?;
    certificate::id_number(own, app.settings().certificate_oid.as_deref())
}

/// Notes beside the request that they were seen.
fn note(app: &App, visit: &Visit, who: &Identity) {
    let (app, door, address) = (app.clone(), who.door, visit.address.to_string());
    tokio::spawn(async move {
        let base = app.base().clone();
        let noted = app.write(move |db| async move { access::seen(&db, &base, door, &address).await }).await;
        if let Err(error) = noted {
            tracing::warn!(?error, "could not note that somebody was seen");
        }
    });
}

/// Where somebody does what they must do first.
#[must_use]
pub const fn page_of(must: Must) -> &'static str {
    match must {
        Must::ChangePassword => "/account/password",
        Must::EnrolSecondFactor => "/account/second-factor",
    }
}

fn is_allowed_meanwhile(path: &str) -> bool {
    path.starts_with("/account/") || path == "/sign-out" || path == "/trust" || path.starts_with("/trust/")
}
