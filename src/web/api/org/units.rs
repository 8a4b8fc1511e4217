//! Units.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hashbrown::HashMap;
use serde::Deserialize;
use utoipa::IntoParams;
use uuid::Uuid;

use super::super::parts::asked;
use super::views::{ChangeUnit, CreateUnit, Tree, TreeRow, UnitView};
use crate::access::{Action, permit_somewhere, reach};
use crate::items::closing;
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::entity::unit;
use crate::org::{OrgError, units};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// Which units.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedUnits {
    /// Only open ones, or only closed ones.
    active: Option<bool>,
    /// `next` of the page before; nothing for the first.
    #[param(max_length = 200)]
    after: Option<String>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<unit::Model, ApiError> {
    permit_somewhere(ctx, Action::OrgRead)?;
    let found = units::by_id(app.db().read(), UnitId(id)).await?;
    let seen = found.filter(|row| reach(ctx, Action::OrgRead).covers(Some(row.id)));
    seen.ok_or_else(|| OrgError::NotFound("单位").into())
}

/// Units by code.
#[utoipa::path(get, path = "/units", operation_id = "units_list", tag = "org", params(WantedUnits),
    responses((status = 200, body = Page<UnitView>), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(wanted): Query<WantedUnits>,
) -> Result<Json<Page<UnitView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let limit = Paging { after: None, limit: wanted.limit }.rows()?;
    let after = asked("after", wanted.after, 200)?;
    let among = reach(&ctx, Action::OrgRead).units();
    let rows = units::page(app.db().read(), among, wanted.active, after.as_deref(), limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.code.clone());
    Ok(Json(Page { rows: page.rows.into_iter().map(UnitView::from).collect(), next: page.next }))
}

/// A tree has at most so many units.
const MOST_UNITS: u64 = 10_000;

/// The open units that the caller may see as a tree, each after the one above it.
#[utoipa::path(get, path = "/units/tree", operation_id = "units_tree", tag = "org",
    responses((status = 200, body = Tree), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn tree(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Tree>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let among = reach(&ctx, Action::OrgRead).units();
    let all = units::page(app.db().read(), among, Some(true), None, MOST_UNITS).await?;
    let ids: hashbrown::HashSet<UnitId> = all.iter().map(|row| row.id).collect();
    let mut below: HashMap<Option<UnitId>, Vec<unit::Model>> = HashMap::new();
    for row in all {
        // A unit whose parent is out of sight or closed stands at the top.
        below.entry(row.parent_id.filter(|parent| ids.contains(parent))).or_default().push(row);
    }
    let mut rows = Vec::with_capacity(ids.len());
    let mut waiting: Vec<(usize, unit::Model)> =
        below.remove(&None).unwrap_or_default().into_iter().rev().map(|row| (0, row)).collect();
    while let Some((depth, row)) = waiting.pop() {
        let children = below.remove(&Some(row.id)).unwrap_or_default();
        waiting.extend(children.into_iter().rev().map(|child| (depth + 1, child)));
        rows.push(TreeRow { depth, unit: row.into() });
    }
    Ok(Json(Tree { rows }))
}

/// A unit.
#[utoipa::path(get, path = "/units/{id}", operation_id = "units_show", tag = "org", params(("id" = Uuid, Path)),
    responses((status = 200, body = UnitView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<UnitView>, ApiError> {
    let row = seen(&app, &ctx, id).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Enters a unit.
#[utoipa::path(post, path = "/units", operation_id = "units_create", tag = "org", request_body = CreateUnit,
    responses((status = 201, body = UnitView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CreateUnit>,
) -> Result<Response, ApiError> {
    let row = app.write(move |db| async move { units::create(&db, &ctx, body.into()).await }).await?;
    let at = format!("/api/v1/units/{}", row.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(row.version, UnitView::from(row))).into_response())
}

/// Changes a unit.
#[utoipa::path(patch, path = "/units/{id}", operation_id = "units_change", tag = "org",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "所改的版本，如 \"7\"")),
    request_body = ChangeUnit,
    responses((status = 200, body = UnitView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
    Body(body): Body<ChangeUnit>,
) -> Result<Versioned<UnitView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    if_match.check(seen(&app, &ctx, id).await?.version)?;
    let change = body.into();
    let row = app.write(move |db| async move { units::change(&db, &ctx, UnitId(id), if_match.0, &change).await });
    let row = row.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Closes a unit that holds nothing any more; 409 names what it still holds.
#[utoipa::path(post, path = "/units/{id}/close", operation_id = "units_close", tag = "org",
    params(("id" = Uuid, Path), ("If-Match" = String, Header, description = "所停用的版本，如 \"7\"")),
    responses((status = 200, body = UnitView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    if_match: IfMatch,
) -> Result<Versioned<UnitView>, ApiError> {
    permit_somewhere(&ctx, Action::OrgWrite)?;
    if_match.check(seen(&app, &ctx, id).await?.version)?;
    let row = app.write(move |db| async move { closing::close_unit(&db, &ctx, UnitId(id), if_match.0).await }).await?;
    Ok(Versioned(row.version, row.into()))
}
