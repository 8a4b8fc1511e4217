//! One's own account: the password, the second factor, the sessions.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::SET_COOKIE;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;
use uuid::Uuid;

use super::form::{Faults, explained, password_rule};
use super::qr::{Qr, qr};
use super::view::{Frame, show as page};
use crate::access::sessions::OpenSession;
use crate::access::{self, AccessError, Identity, Must};
use crate::kernel::Timestamp;
use crate::kernel::ids::SessionId;
use crate::web::api::accounts::Me;
use crate::web::layers::{Visit, auth, too_many};
use crate::web::{ApiError, App};

#[derive(Template)]
#[template(path = "password.html")]
struct PasswordPage {
    frame: Frame,
    faults: Faults,
    must: bool,
    rule: String,
}

pub(super) async fn show_password(State(app): State<App>, Me(me): Me, frame: Frame) -> Result<Response, ApiError> {
    password(&app, frame, &me, Faults::default()).await
}

async fn password(app: &App, frame: Frame, me: &Identity, faults: Faults) -> Result<Response, ApiError> {
    let (rule, must) = (password_rule(app, &frame).await?, me.must.contains(&Must::ChangePassword));
    Ok(page(status(&faults), None, &PasswordPage { frame, faults, must, rule }))
}

fn status(faults: &Faults) -> StatusCode {
    if *faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY }
}

#[derive(Deserialize)]
pub(super) struct Passwords {
    old: String,
    new: String,
    again: String,
}

pub(super) async fn take_password(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Me(me): Me,
    frame: Frame,
    Form(typed): Form<Passwords>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, &me.login) {
        return Ok(too_many(wait));
    }
    if typed.new != typed.again {
        let text = frame.words.password.differs.clone();
        return password(&app, frame, &me, Faults::at("again", text)).await;
    }
    let who = me.clone();
    let done = app.write_or(move |db| async move { access::change_password(&db, &who, &typed.old, &typed.new).await });
    match done.await? {
        Ok(()) => Ok(Redirect::to("/account?said=password").into_response()),
        Err(AccessError::WrongCredentials) => {
            let text = frame.words.password.wrong_old.clone();
            password(&app, frame, &me, Faults::at("old", text)).await
        }
        Err(AccessError::Weak(error)) => password(&app, frame, &me, Faults::at("new", error.to_string())).await,
        Err(error) => {
            let (_, text) = explained(error.into())?;
            password(&app, frame, &me, Faults::at("", text)).await
        }
    }
}

/// An enrolment that waits for its first code.
struct Begun {
    qr: Qr,
    url: String,
    secret: String,
}

#[derive(Template)]
#[template(path = "factor.html")]
struct FactorPage {
    frame: Frame,
    faults: Faults,
    must: bool,
    begun: Option<Begun>,
}

#[derive(Template)]
#[template(path = "codes.html")]
struct CodesPage {
    frame: Frame,
    codes: Vec<String>,
}

pub(super) async fn show_factor(Me(me): Me, frame: Frame) -> Response {
    factor(frame, &me, Faults::default(), None)
}

/// What was begun is not shown again: whoever comes back begins anew.
pub(super) async fn back_to_factor() -> Redirect {
    Redirect::to("/account/second-factor")
}

fn factor(frame: Frame, me: &Identity, faults: Faults, begun: Option<Begun>) -> Response {
    let frame = if begun.is_some() { frame.once() } else { frame };
    let must = me.must.contains(&Must::EnrolSecondFactor);
    page(status(&faults), None, &FactorPage { frame, faults, must, begun })
}

#[derive(Deserialize)]
pub(super) struct Password {
    password: String,
}

pub(super) async fn begin_factor(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Me(me): Me,
    frame: Frame,
    Form(typed): Form<Password>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, &me.login) {
        return Ok(too_many(wait));
    }
    let who = me.clone();
    let done = app.write_or(move |db| async move { access::enrol_second_factor(&db, &who, &typed.password).await });
    match done.await? {
        Ok(enrolment) => {
            let begun = Begun { qr: qr(&enrolment.url), url: enrolment.url, secret: enrolment.secret };
            Ok(factor(frame, &me, Faults::default(), Some(begun)))
        }
        Err(AccessError::WrongCredentials) => {
            let text = frame.words.password.wrong_old.clone();
            Ok(factor(frame, &me, Faults::at("password", text), None))
        }
        Err(error) => {
            let (_, text) = explained(error.into())?;
            Ok(factor(frame, &me, Faults::at("", text), None))
        }
    }
}

/// The first code, and what was shown with the form, to show it again when the code is wrong: the secret that counts
/// is the one the server kept.
#[derive(Deserialize)]
pub(super) struct FirstCode {
    code: String,
    #[serde(default)]
    url: String,
    #[serde(default)]
    secret: String,
}

pub(super) async fn confirm_factor(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Me(me): Me,
    frame: Frame,
    Form(typed): Form<FirstCode>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, &me.login) {
        return Ok(too_many(wait));
    }
    let (who, code) = (me.clone(), typed.code.chars().filter(|c| !c.is_whitespace()).collect::<String>());
    let done = app.write_or(move |db| async move { access::confirm_second_factor(&db, &who, &code).await }).await?;
    match done {
        Ok(codes) => Ok(page(StatusCode::OK, None, &CodesPage { frame: frame.once(), codes })),
        Err(error @ AccessError::CodeWrong) if !typed.url.is_empty() => {
            let begun = Begun { qr: qr(&typed.url), url: typed.url, secret: typed.secret };
            Ok(factor(frame, &me, Faults::at("code", error.to_string()), Some(begun)))
        }
        Err(error) => {
            let (_, text) = explained(error.into())?;
            Ok(factor(frame, &me, Faults::at("", text), None))
        }
    }
}

#[derive(Template)]
#[template(path = "sessions.html")]
struct SessionsPage {
    frame: Frame,
    said: String,
    sessions: Vec<OpenSession>,
    certificate: Option<Timestamp>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

pub(super) async fn show_sessions(
    State(app): State<App>,
    Me(me): Me,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let sessions = access::sessions_of(app.db(), &me).await?;
    let certificate = access::certificates::linked_since(app.db(), &me).await?;
    let said = if asked.said == "ended" { frame.words.sessions.ended.clone() } else { String::new() };
    Ok(page(StatusCode::OK, None, &SessionsPage { frame, said, sessions, certificate }))
}

pub(super) async fn end_session(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Me(me): Me,
    Path(session): Path<Uuid>,
) -> Result<Response, ApiError> {
    let (session, own) = (SessionId(session), me.session);
    app.write(move |db| async move { access::revoke_session(&db, &me, session).await }).await?;
    if own == Some(session) {
        let ended = [(SET_COOKIE, auth::ended_cookie(visit.secure).to_string())];
        return Ok((ended, Redirect::to("/sign-in?said=out")).into_response());
    }
    Ok(Redirect::to("/account/sessions?said=ended").into_response())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        PasswordPage { frame, faults, must, rule }
        FactorPage { frame, faults, must, begun }
        Begun { qr, url, secret }
        CodesPage { frame, codes }
        SessionsPage { frame, said, sessions, certificate }
    }
    renders! {
        password: PasswordPage,
        factor: FactorPage,
        codes: CodesPage,
        sessions: SessionsPage,
    }
}
