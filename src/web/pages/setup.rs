//! The first start: three administrators by one link; and the links by which everybody else opens their account.

use askama::Template;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use axum::{Extension, Form};
use serde::Deserialize;

use super::form::{Faults, explained, password_rule};
use super::view::{Frame, Message, show as page};
use crate::access::setup::{self, FirstAdministrator, Setup};
use crate::access::{self, AccessError, links};
use crate::web::layers::{Visit, too_many};
use crate::web::{ApiError, App};

/// What the form of the first setup is sent with.
#[derive(Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    organisation: String,
    unit: String,
    system_login: String,
    system_name: String,
    system_badge: String,
    password: String,
    again: String,
    security_login: String,
    security_name: String,
    security_badge: String,
    audit_login: String,
    audit_name: String,
    audit_badge: String,
}

/// The fields of the form, as faults name them.
const FIELDS: [&str; 13] = [
    "organisation",
    "unit",
    "system_login",
    "system_name",
    "system_badge",
    "password",
    "again",
    "security_login",
    "security_name",
    "security_badge",
    "audit_login",
    "audit_name",
    "audit_badge",
];

/// One administrator's part of the form.
struct Person {
    title: &'static str,
    help: &'static str,
    badge_label: String,
    login_id: &'static str,
    login: String,
    name_id: &'static str,
    name: String,
    badge_id: &'static str,
    badge: String,
}

#[derive(Template)]
#[template(path = "setup.html")]
struct Form1 {
    frame: Frame,
    secret: String,
    faults: Faults,
    typed: Typed,
    people: Vec<Person>,
    rule: String,
}

#[derive(Template)]
#[template(path = "setup_done.html")]
struct Done {
    frame: Frame,
    security: String,
    audit: String,
}

#[derive(Template)]
#[template(path = "activate.html")]
struct Activation {
    frame: Frame,
    secret: String,
    login: String,
    faults: Faults,
    rule: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Path(secret): Path<String>,
    frame: Frame,
) -> Result<Response, ApiError> {
    if !setup::is_open(app.db(), app.base(), &secret).await? {
        let text = frame.words.setup.void_text.clone();
        return Ok(void(frame, text));
    }
    form(&app, frame, secret, Typed::default(), Faults::default()).await
}

/// The page of a link that opens nothing.
fn void(frame: Frame, text: String) -> Response {
    let words = &frame.words.setup;
    let shown = Message {
        title: words.void_title.clone(),
        text,
        detail: String::new(),
        request: String::new(),
        link: "/sign-in",
        link_text: words.done_sign_in.clone(),
        frame,
    };
    page(StatusCode::NOT_FOUND, None, &shown)
}

async fn form(app: &App, mut frame: Frame, secret: String, typed: Typed, faults: Faults) -> Result<Response, ApiError> {
    let rule = password_rule(app, &frame).await?;
    let cookie = frame.take_cookie();
    let words = &frame.words.setup;
    let badge_label = format!("{}（{}）", words.badge, frame.words.common.optional);
    let person = |title, help, ids: [&'static str; 3], values: [&String; 3]| Person {
        title,
        help,
        badge_label: badge_label.clone(),
        login_id: ids[0],
        login: values[0].clone(),
        name_id: ids[1],
        name: values[1].clone(),
        badge_id: ids[2],
        badge: values[2].clone(),
    };
    let people = vec![
        person(
            words.system.as_str(),
            words.system_help.as_str(),
            ["system_login", "system_name", "system_badge"],
            [&typed.system_login, &typed.system_name, &typed.system_badge],
        ),
        person(
            &words.security,
            &words.security_help,
            ["security_login", "security_name", "security_badge"],
            [&typed.security_login, &typed.security_name, &typed.security_badge],
        ),
        person(
            &words.audit,
            &words.audit_help,
            ["audit_login", "audit_name", "audit_badge"],
            [&typed.audit_login, &typed.audit_name, &typed.audit_badge],
        ),
    ];
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, cookie, &Form1 { frame, secret, faults, typed, people, rule }))
}

pub(super) async fn take(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Path(secret): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, "setup") {
        return Ok(too_many(wait));
    }
    if typed.password != typed.again {
        let text = frame.words.setup.differs.clone();
        return form(&app, frame, secret, typed, Faults::at("again", text)).await;
    }
    let administrator = |login: &str, name: &str, badge_number: &str| FirstAdministrator {
        login: login.to_owned(),
        name: name.to_owned(),
        badge_number: badge_number.to_owned(),
    };
    let said = Setup {
        organisation: typed.organisation.clone(),
        unit: typed.unit.clone(),
        system: administrator(&typed.system_login, &typed.system_name, &typed.system_badge),
        password: typed.password.clone(),
        security: administrator(&typed.security_login, &typed.security_name, &typed.security_badge),
        audit: administrator(&typed.audit_login, &typed.audit_name, &typed.audit_badge),
    };
    let (base, key) = (app.base().clone(), secret.clone());
    let done = app.write_or(move |db| async move { setup::complete(&db, &base, &key, said).await }).await?;
    let links = match done {
        Ok(links) => links,
        Err(AccessError::LinkVoid | AccessError::AlreadySetUp) => {
            let text = frame.words.setup.void_text.clone();
            return Ok(void(frame, text));
        }
        Err(error) => {
            let (field, text) = explained(error.into())?;
            return form(&app, frame, secret, typed, Faults::refused(field.as_deref(), text, &FIELDS)).await;
        }
    };
    let address = |secret: &str| format!("{}/activate/{secret}", visit.origin().unwrap_or_default());
    let shown = Done { frame: frame.once(), security: address(&links.security), audit: address(&links.audit) };
    Ok(page(StatusCode::OK, None, &shown))
}

pub(super) async fn show_activation(
    State(app): State<App>,
    Path(secret): Path<String>,
    frame: Frame,
) -> Result<Response, ApiError> {
    activation(&app, frame, secret, Faults::default()).await
}

async fn activation(app: &App, mut frame: Frame, secret: String, faults: Faults) -> Result<Response, ApiError> {
    let login = match links::link_is_for(app.db(), app.base(), &secret).await {
        Ok(login) => login,
        Err(AccessError::LinkVoid) => return Ok(void(frame, AccessError::LinkVoid.to_string())),
        Err(other) => return Err(other.into()),
    };
    let (cookie, rule) = (frame.take_cookie(), password_rule(app, &frame).await?);
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, cookie, &Activation { frame, secret, login, faults, rule }))
}

#[derive(Deserialize)]
pub(super) struct Chosen {
    password: String,
    again: String,
}

pub(super) async fn take_activation(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Path(secret): Path<String>,
    frame: Frame,
    Form(chosen): Form<Chosen>,
) -> Result<Response, ApiError> {
    if let Err(wait) = app.limiter().sign_in(visit.address, &links::link_key(&secret)) {
        return Ok(too_many(wait));
    }
    if chosen.password != chosen.again {
        let text = frame.words.activate.differs.clone();
        return activation(&app, frame, secret, Faults::at("again", text)).await;
    }
    let (base, key) = (app.base().clone(), secret.clone());
    let done =
        app.write_or(move |db| async move { access::activate(&db, &base, &key, &chosen.password).await }).await?;
    match done {
        Ok(()) => Ok(Redirect::to("/sign-in?said=set").into_response()),
        Err(error @ AccessError::LinkVoid) => Ok(void(frame, error.to_string())),
        Err(error) => {
            let (field, text) = explained(error.into())?;
            activation(&app, frame, secret, Faults::refused(field.as_deref(), text, &["password"])).await
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Form1 { frame, secret, faults, typed, people, rule }
        Typed {
            organisation, unit, system_login, system_name, system_badge, password, again, security_login,
            security_name, security_badge, audit_login, audit_name, audit_badge,
        }
        Person { title, help, badge_label, login_id, login, name_id, name, badge_id, badge }
        Done { frame, security, audit }
        Activation { frame, secret, login, faults, rule }
    }
    renders! {
        setup: Form1,
        setup_done: Done,
        activate: Activation,
    }
}
