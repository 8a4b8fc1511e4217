//! Home, as long as it has no work to show: who somebody is here and what they may do; and the page of the API.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sea_orm::EntityTrait as _;
use serde::Deserialize;

use super::view::{Frame, show as page};
use crate::access::{Action, Identity};
use crate::db::DbError;
use crate::kernel::rights::Reach;
use crate::org::entity::{person, unit};
use crate::web::api::accounts::Me;
use crate::web::{ApiError, App};

#[derive(Template)]
#[template(path = "home.html")]
struct Home {
    frame: Frame,
    said: String,
    greeting: String,
    login: String,
    unit: String,
    roles: Vec<String>,
    rights: Vec<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Me(me): Me,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let (name, unit) = named(&app, &me).await.map_err(DbError::from)?;
    let said = if asked.said == "password" { frame.words.password.done.clone() } else { String::new() };
    let may = |action: &&Action| me.ctx.scope.reach(action.name()) != Reach::Nowhere;
    let called = |action: &Action| if frame.language.is_chinese() { action.zh() } else { action.name() }.to_owned();
    let rights = Action::ALL.iter().filter(may).map(called).collect();
    let greeting = frame.words.home.greeting.replace("{name}", &name);
    Ok(page(StatusCode::OK, None, &Home { said, greeting, login: me.login, unit, roles: Vec::new(), rights, frame }))
}

/// The person's name and unit; the login stands in for a name that is not there.
async fn named(app: &App, me: &Identity) -> Result<(String, String), sea_orm::DbErr> {
    let Some(person) = me.person else { return Ok((me.login.clone(), String::new())) };
    let read = app.db().read();
    let Some(person) = person::Entity::find_by_id(person).one(read).await? else {
        return Ok((me.login.clone(), String::new()));
    };
    let unit = unit::Entity::find_by_id(person.unit_id).one(read).await?;
    Ok((person.name, unit.map(|unit| unit.name).unwrap_or_default()))
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    frame: Frame,
}

pub(super) async fn api(frame: Frame) -> Response {
    page(StatusCode::OK, None, &Docs { frame })
}
