//! Who somebody is here, and what they may do; and the page of the API.

use askama::Template;
use axum::extract::{Query, State};
use axum::http::StatusCode;
use axum::response::Response;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde::Deserialize;

use super::view::{Frame, show as page};
use crate::access::entity::grant;
use crate::access::{Action, Identity};
use crate::db::DbError;
use crate::kernel::Timestamp;
use crate::kernel::rights::Reach;
use crate::org::entity::{person, unit};
use crate::web::api::accounts::Me;
use crate::web::{ApiError, App};

#[derive(Template)]
#[template(path = "account.html")]
struct Mine {
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
    let roles = roles(&app, &me, &frame).await?;
    let greeting = frame.words.home.greeting.replace("{name}", &name);
    Ok(page(StatusCode::OK, None, &Mine { said, greeting, login: me.login, unit, roles, rights, frame }))
}

/// The person's name and unit; the login stands in for a name that is not there.
pub(super) async fn named(app: &App, me: &Identity) -> Result<(String, String), sea_orm::DbErr> {
    let Some(person) = me.person else { return Ok((me.login.clone(), String::new())) };
    let read = app.db().read();
    let Some(person) = person::Entity::find_by_id(person).one(read).await? else {
        return Ok((me.login.clone(), String::new()));
    };
    let unit = unit::Entity::find_by_id(person.unit_id).one(read).await?;
    Ok((person.name, unit.map(|unit| unit.name).unwrap_or_default()))
}

/// The roles that somebody holds now: over which unit, and until when.
async fn roles(app: &App, me: &Identity, frame: &Frame) -> Result<Vec<String>, ApiError> {
    let (read, now, words) = (app.db().read(), app.base().now(), &frame.words.home);
    let open = grant::Entity::find().filter(grant::Column::AccountId.eq(me.account));
    let grants = open.filter(grant::Column::EndedAt.is_null()).order_by_asc(grant::Column::Id).all(read).await;
    let mut roles = Vec::new();
    for grant in grants.map_err(DbError::from)? {
        if grant.valid_from > now || grant.valid_until.is_some_and(|end| end <= now) {
            continue;
        }
        let over = match grant.unit_id {
            Some(id) => unit::Entity::find_by_id(id).one(read).await.map_err(DbError::from)?.map(|unit| unit.name),
            None => None,
        };
        let role = if frame.language.is_chinese() { grant.role.zh() } else { grant.role.name() };
        let until = grant.valid_until.map(|end| words.until.replace("{day}", &Timestamp(end.0 - 1).day().to_string()));
        let parts = [Some(role.to_owned()), Some(over.unwrap_or_else(|| words.everywhere.clone())), until];
        roles.push(parts.into_iter().flatten().collect::<Vec<_>>().join(" · "));
    }
    Ok(roles)
}

#[derive(Template)]
#[template(path = "docs.html")]
struct Docs {
    frame: Frame,
}

pub(super) async fn api(frame: Frame) -> Response {
    page(StatusCode::OK, None, &Docs { frame })
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Mine { frame, said, greeting, login, unit, roles, rights }
        Docs { frame }
    }
    renders! {
        account: Mine,
        docs: Docs,
    }
}
