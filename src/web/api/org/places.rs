//! Places.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::super::parts::asked;
use super::Wanted;
use super::views::{ChangePlace, CreatePlace, PlaceView};
use crate::access::{Action, permit_somewhere, reach};
use crate::items::closing;
use crate::kernel::Ctx;
use crate::kernel::ids::PlaceId;
use crate::org::entity::place;
use crate::org::{OrgError, places};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<place::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = places::by_id(app.db().read(), PlaceId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.unit_id)));
    seen.ok_or_else(|| OrgError::NotFound("地点").into())
}

/// Places, by code.
#[utoipa::path(get, path = "/places", operation_id = "places_list", tag = "org", params(Wanted),
    responses((status = 200, body = Page<PlaceView>), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<PlaceView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let (limit, among) = (wanted.rows()?, wanted.among(&ctx));
    let after = asked("after", wanted.after, 200)?;
    let text = asked("text", wanted.text, 100)?;
    let rows =
        places::page(app.db().read(), among, text.as_deref(), wanted.active, after.as_deref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.code.clone());
    Ok(Json(Page { rows: page.rows.into_iter().map(PlaceView::from).collect(), next: page.next }))
}

/// A place.
#[utoipa::path(get, path = "/places/{id}", operation_id = "places_show", tag = "org", params(("id" = Uuid, Path)),
    responses((status = 200, body = PlaceView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<PlaceView>, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Enters a place.
#[utoipa::path(post, path = "/places", operation_id = "places_create", tag = "org", request_body = CreatePlace,
    responses((status = 201, body = PlaceView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CreatePlace>,
) -> Result<Response, ApiError> {
    let row = app.write(move |db| async move { places::create(&db, &ctx, body.into()).await }).await?;
    let at = format!("/api/v1/places/{}", row.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(row.version, PlaceView::from(row))).into_response())
}

/// Changes a place.
#[utoipa::path(patch, path = "/places/{id}", operation_id = "places_change", tag = "org",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "所改的版本，如 \"7\"")),
    request_body = ChangePlace,
    responses((status = 200, body = PlaceView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Body(body): Body<ChangePlace>,
) -> Result<Versioned<PlaceView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    if_match.check(seen(&app, &ctx, id).await?.version)?;
    let change = body.into();
    let row = app.write(move |db| async move { places::change(&db, &ctx, PlaceId(id), if_match.0, &change).await });
    let row = row.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Closes a place that holds nothing any more; 409 names what it still holds.
#[utoipa::path(post, path = "/places/{id}/close", operation_id = "places_close", tag = "org",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "所停用的版本，如 \"7\"")),
    responses((status = 200, body = PlaceView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<Versioned<PlaceView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    if_match.check(seen(&app, &ctx, id).await?.version)?;
    let row =
        app.write(move |db| async move { closing::close_place(&db, &ctx, PlaceId(id), if_match.0).await }).await?;
    Ok(Versioned(row.version, row.into()))
}
