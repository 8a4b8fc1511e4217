//! People.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::super::parts::{after_id, asked};
use super::Wanted;
use super::views::{ChangePerson, CreatePerson, PersonView};
use crate::access::{Action, permit_somewhere, reach};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::entity::person;
use crate::org::{OrgError, people};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<person::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = people::by_id(app.db().read(), PersonId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.unit_id)));
    seen.ok_or_else(|| OrgError::NotFound("人员").into())
}

/// People, in the order in which they were entered.
#[utoipa::path(get, path = "/people", operation_id = "people_list", tag = "org", params(Wanted),
    responses((status = 200, body = Page<PersonView>), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<PersonView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let (limit, among) = (wanted.rows()?, wanted.among(&ctx));
    let after = after_id(wanted.after.as_deref())?;
    let text = asked("text", wanted.text, 100)?;
    let rows = people::page(app.db().read(), among, text.as_deref(), wanted.active, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(PersonView::from).collect(), next: page.next }))
}

/// A person.
#[utoipa::path(get, path = "/people/{id}", operation_id = "people_show", tag = "org", params(("id" = Uuid, Path)),
    responses((status = 200, body = PersonView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<PersonView>, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Enters a person.
#[utoipa::path(post, path = "/people", operation_id = "people_create", tag = "org", request_body = CreatePerson,
    responses((status = 201, body = PersonView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CreatePerson>,
) -> Result<Response, ApiError> {
    let row = app.write(move |db| async move { people::create(&db, &ctx, body.into()).await }).await?;
    let at = format!("/api/v1/people/{}", row.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(row.version, PersonView::from(row))).into_response())
}

/// Changes a person.
#[utoipa::path(patch, path = "/people/{id}", operation_id = "people_change", tag = "org",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "所改的版本，如 \"7\"")),
    request_body = ChangePerson,
    responses((status = 200, body = PersonView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Body(body): Body<ChangePerson>,
) -> Result<Versioned<PersonView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    if_match.check(seen(&app, &ctx, id).await?.version)?;
    let change = body.into();
    let row = app.write(move |db| async move { people::change(&db, &ctx, PersonId(id), if_match.0, &change).await });
    let row = row.await?;
    Ok(Versioned(row.version, row.into()))
}
