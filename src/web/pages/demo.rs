//! The way into a demonstration: whoever has its secret, and sits at its machine, is signed in as one of its people.

use askama::Template;
use axum::extract::{ConnectInfo, Path, State};
use axum::http::header::{SET_COOKIE, USER_AGENT};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;
use std::net::SocketAddr;
use subtle::ConstantTimeEq as _;

use super::view::{Frame, show as page};
use crate::access::{self, Identity, SignIn};
use crate::web::layers::{Visit, auth};
use crate::web::settings::{Demo, DemoPerson};
use crate::web::{ApiError, App};

#[derive(Template)]
#[template(path = "demo.html")]
struct Choose {
    frame: Frame,
    secret: String,
    people: Vec<DemoPerson>,
}

/// The demonstration, if there is one, this is its secret, and it is asked for from this machine.
fn admitted<'a>(app: &'a App, secret: &str, peer: Option<&ConnectInfo<SocketAddr>>) -> Result<&'a Demo, ApiError> {
    let demo = app.settings().demo.as_ref().filter(|demo| bool::from(demo.secret.as_bytes().ct_eq(secret.as_bytes())));
    let is_here = peer.is_none_or(|ConnectInfo(peer)| peer.ip().to_canonical().is_loopback());
    demo.filter(|_| is_here).ok_or_else(|| ApiError::NotFound("没有这个地址".to_owned()))
}

/// The first visit is signed in at once; a later one may choose.
pub(super) async fn show(
    State(app): State<App>,
    Path(secret): Path<String>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    who: Option<Extension<Identity>>,
    mut frame: Frame,
) -> Result<Response, ApiError> {
    let demo = admitted(&app, &secret, peer.as_deref())?;
    match demo.people.first() {
        Some(first) if who.is_none() => enter(&app, &visit, &headers, first.clone()).await,
        _ => {
            let (people, cookie) = (demo.people.clone(), frame.take_cookie());
            Ok(page(StatusCode::OK, cookie, &Choose { frame, secret, people }))
        }
    }
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    login: String,
}

pub(super) async fn become_somebody(
    State(app): State<App>,
    Path(secret): Path<String>,
    peer: Option<Extension<ConnectInfo<SocketAddr>>>,
    Extension(visit): Extension<Visit>,
    headers: HeaderMap,
    who: Option<Extension<Identity>>,
    Form(chosen): Form<Chosen>,
) -> Result<Response, ApiError> {
    let demo = admitted(&app, &secret, peer.as_deref())?;
    let person = demo.people.iter().find(|person| person.login == chosen.login).cloned();
    let person = person.ok_or_else(|| ApiError::NotFound("演示里没有这个人".to_owned()))?;
    if let Some(Extension(who)) = who {
        app.write(move |db| async move { access::sign_out(&db, &who).await }).await?;
    }
    enter(&app, &visit, &headers, person).await
}

async fn enter(app: &App, visit: &Visit, headers: &HeaderMap, person: DemoPerson) -> Result<Response, ApiError> {
    let agent = headers.get(USER_AGENT).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let attempt = SignIn {
        login: person.login,
        password: person.password,
        second_factor: None,
        address: visit.address.to_string(),
        user_agent: agent.chars().take(200).collect(),
    };
    let base = app.base().clone();
    let signed_in = app.write(move |db| async move { access::sign_in(&db, &base, attempt).await }).await?;
    let cookie = auth::session_cookie(visit.secure, signed_in.token).to_string();
    Ok(([(SET_COOKIE, cookie)], Redirect::to("/")).into_response())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Choose { frame, secret, people }
    }
    renders! {
        demo: Choose,
    }
}
