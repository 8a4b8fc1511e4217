//! Signing in, with the second factor when the account has one, and out.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use axum_extra::extract::cookie::CookieJar;
use serde::Deserialize;

use super::form::own_page;
use super::refusals::said;
use super::view::{Frame, show as page};
use crate::access::{self, AccessError, Identity, SignIn};
use crate::web::layers::{Visit, auth, csrf, too_many};
use crate::web::metrics::{self, SignInOutcome};
use crate::web::{ApiError, App};

/// What a browser may call itself, kept to this many characters.
const AGENT_CHARS: usize = 200;

#[derive(Debug, Template)]
#[template(path = "sign_in.html")]
struct Page {
    frame: Frame,
    said: String,
    fault: String,
    login: String,
    /// Sent along with the second step: between the two, nothing is kept on the server.
    password: String,
    next: String,
    second: bool,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    next: String,
    said: String,
}

#[derive(Deserialize)]
pub(super) struct Typed {
    login: String,
    password: String,
    #[serde(default)]
    second_factor: String,
    #[serde(default)]
    next: String,
}

pub(super) async fn show(
    who: Option<Extension<Identity>>,
    Extension(visit): Extension<Visit>,
    Query(asked): Query<Asked>,
    jar: CookieJar,
    mut frame: Frame,
) -> Response {
    if who.is_some() {
        return Redirect::to(own_page(&asked.next)).into_response();
    }
    let said = match asked.said.as_str() {
        "out" => frame.words.sign_in.signed_out.clone(),
        "set" => frame.words.activate.done.clone(),
        // Whoever still has a cookie did not leave by the door.
        _ if jar.get(auth::cookie_name(visit.secure)).is_some_and(|cookie| !cookie.value().is_empty()) => {
            frame.words.sign_in.ended.clone()
        }
        _ => String::new(),
    };
    let cookie = frame.take_cookie();
    let (login, password) = (String::new(), String::new());
    let shown = Page { said, fault: String::new(), login, password, next: asked.next, second: false, frame };
    page(StatusCode::OK, cookie, &shown)
}

pub(super) async fn take(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, &typed.login) {
        metrics::sign_in(SignInOutcome::Locked);
        return Ok(too_many(wait));
    }
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let second = Some(typed.second_factor.trim().to_owned()).filter(|code| !code.is_empty());
    let attempt = SignIn {
        login: typed.login.clone(),
        password: typed.password.clone(),
        second_factor: second.clone(),
        address: visit.address.to_string(),
        user_agent: agent.chars().take(AGENT_CHARS).collect(),
    };
    let mut base = app.base().clone();
    base.request_id = Some(visit.request_id.clone());
    let done = app.write_or(move |db| async move { access::sign_in(&db, &base, attempt).await }).await?;
    count(&done);
    match done {
        Ok(signed_in) => {
            let next = match signed_in.must.first() {
                Some(first) => auth::page_of(*first),
                None => own_page(&typed.next),
            };
            let mut form = csrf::cookie(csrf::cookie_name(visit.secure), String::new(), visit.secure);
            form.make_removal();
            let cookies = [auth::session_cookie(visit.secure, signed_in.token), form];
            let cookies = AppendHeaders(cookies.map(|cookie| (SET_COOKIE, cookie.to_string())));
            Ok((cookies, Redirect::to(next)).into_response())
        }
        Err(AccessError::SecondFactorNeeded) => Ok(again(frame, typed, true, String::new())),
        Err(error @ (AccessError::WrongCredentials | AccessError::LockedUntil(_))) => {
            let in_second = second.is_some() && matches!(error, AccessError::WrongCredentials);
            Ok(again(frame, typed, in_second, said(error.to_string())))
        }
        Err(other) => Err(other.into()),
    }
}

/// The form again, with what was typed.
fn again(mut frame: Frame, typed: Typed, second: bool, fault: String) -> Response {
    let cookie = frame.take_cookie();
    let status = if fault.is_empty() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let password = if second { typed.password } else { String::new() };
    let shown = Page { frame, said: String::new(), fault, login: typed.login, password, next: typed.next, second };
    page(status, cookie, &shown)
}

fn count<T>(done: &Result<T, AccessError>) {
    metrics::sign_in(match done {
        Ok(_) => SignInOutcome::Done,
        Err(AccessError::SecondFactorNeeded) => SignInOutcome::HalfWay,
        Err(AccessError::LockedUntil(_)) => SignInOutcome::Locked,
        Err(AccessError::WrongCredentials) => SignInOutcome::Wrong,
        // Not a try that ended, but one that was not carried out.
        Err(_) => return,
    });
}

pub(super) async fn out(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    who: Option<Extension<Identity>>,
) -> Result<Response, ApiError> {
    if let Some(Extension(who)) = who {
        app.write(move |db| async move { access::sign_out(&db, &who).await }).await?;
    }
    let ended = [(SET_COOKIE, auth::ended_cookie(visit.secure).to_string())];
    Ok((ended, Redirect::to("/sign-in?said=out")).into_response())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page { frame, said, fault, login, password, next, second }
    }
    renders! {
        sign_in: Page,
    }
}
