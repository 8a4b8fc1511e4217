//! `/api/v1`: items. Lists, cards, histories, registering, changing, and what a scanned text stands for.

pub mod views;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::parts::{KindName, StateName, asked};
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::classes;
use crate::items::entity::item;
use crate::items::labels::{self, Resolved, Subject};
use crate::items::search::{self, Search};
use crate::items::{ItemError, service, store};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
use crate::org::{Directory, places};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};
use views::{ChangeItem, EventView, ItemRow, ItemView, RegisterItem, ResolvedView};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(show, change))
        .routes(routes!(show_by_id))
        .routes(routes!(events))
        .routes(routes!(resolve))
}

impl From<ItemError> for ApiError {
    fn from(error: ItemError) -> Self {
        let said = error.to_string();
        match error {
            ItemError::NotFound(_) | ItemError::UnknownLabel(_) | ItemError::NoAttachment => Self::NotFound(said),
            ItemError::DuplicateNumber(_)
            | ItemError::Gone(_)
            | ItemError::NeedsDocument(_)
            | ItemError::NotBlank { .. }
            | ItemError::VoidAlready(_)
            | ItemError::WithdrawnAlready
            | ItemError::StillHolds { .. } => Self::Conflict(said),
            ItemError::NothingToChange => Self::Invalid { field: None, reason: said },
            ItemError::ReasonMissing => Self::invalid("reason", said),
            ItemError::Field { field, .. } => Self::invalid(field, said),
            ItemError::Org(error) => error.into(),
            ItemError::Forbidden(error) => error.into(),
            ItemError::Db(error) => error.into(),
        }
    }
}

/// What to look for; every part that is given must hold.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// The start of a number, serial number; from four characters on also their end; any part of a name or
    /// specification.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Exactly this number, in whatever spelling.
    #[param(max_length = 64)]
    number: Option<String>,
    /// Exactly this serial number, in whatever spelling.
    #[param(max_length = 200)]
    serial_number: Option<String>,
    /// In this unit.
    unit_id: Option<Uuid>,
    /// In this place.
    place_id: Option<Uuid>,
    /// With this keeper.
    keeper_id: Option<Uuid>,
    /// In this state; without one, what left the book is left out.
    #[param(inline)]
    state: Option<StateName>,
    /// Of this kind.
    #[param(inline)]
    kind: Option<KindName>,
    /// `next` of the page before; nothing for the first.
    #[param(max_length = 200)]
    after: Option<String>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

/// Things in the order of their numbers, the only order there is: it is the one that an index serves.
#[utoipa::path(get, path = "/items", operation_id = "items_list", tag = "items", params(Wanted),
    responses((status = 200, body = Page<ItemRow>), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(wanted): Query<Wanted>,
) -> Result<axum::Json<Page<ItemRow>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let limit = Paging { after: None, limit: wanted.limit }.rows()?;
    let search = Search {
        text: asked("text", wanted.text, 100)?,
        number: asked("number", wanted.number, 64)?,
        serial_number: asked("serial_number", wanted.serial_number, 200)?,
        unit: wanted.unit_id.map(UnitId),
        among: reach(&ctx, Action::ItemsRead).units(),
        place: wanted.place_id.map(PlaceId),
        keeper: wanted.keeper_id.map(PersonId),
        state: wanted.state.map(Into::into),
        kind: wanted.kind.map(Into::into),
        after: asked("after", wanted.after, 200)?,
    };
    let rows = search::list(app.db().read(), &search, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.number_key.clone());
    Ok(axum::Json(Page { rows: page.rows.into_iter().map(ItemRow::from).collect(), next: page.next }))
}

/// The thing with this number, where the caller may see it.
async fn seen(app: &App, ctx: &Ctx, number: &str) -> Result<item::Model, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let found = store::by_number(app.db().read(), number).await?;
    let seen = found.filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    seen.ok_or_else(|| ItemError::NotFound(number.to_owned()).into())
}

/// A thing with the names of what it points at and its current label.
async fn view(app: &App, thing: item::Model) -> Result<Versioned<ItemView>, ApiError> {
    let db = app.db().read();
    let directory = Directory::load_some(db, &Vec::from_iter(thing.place_id), &Vec::from_iter(thing.keeper_id)).await?;
    let label = store::current_labels(db, &[thing.id.0]).await?.remove(&thing.id.0);
    Ok(Versioned(thing.version, ItemView::new(thing, &directory, label)))
}

/// A thing by its number.
#[utoipa::path(get, path = "/items/{number}", operation_id = "items_show", tag = "items",
    params(("number" = String, Path, description = "资产编号")),
    responses((status = 200, body = ItemView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<ItemView>, ApiError> {
    let thing = seen(&app, &ctx, &number).await?;
    view(&app, thing).await
}

/// A thing by its id.
#[utoipa::path(get, path = "/items/by-id/{id}", operation_id = "items_show_by_id", tag = "items",
    params(("id" = Uuid, Path)),
    responses((status = 200, body = ItemView), Problems), security(("session" = []), ("token" = [])))]
async fn show_by_id(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<ItemView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let found = store::by_id(app.db().read(), ItemId(id)).await?;
    let number = found.map_or_else(|| id.to_string(), |thing| thing.item_number);
    let thing = seen(&app, &ctx, &number).await.map_err(|error| match error {
        // Neither the number of a thing out of sight nor that there is one is told.
        ApiError::NotFound(_) => ItemError::NotFound(id.to_string()).into(),
        other => other,
    })?;
    view(&app, thing).await
}

/// Enters a fixed asset. Vehicles, firearms, ammunition and case property enter through their own ledgers.
#[utoipa::path(post, path = "/items", operation_id = "items_register", tag = "items", request_body = RegisterItem,
    responses((status = 201, body = ItemView), Problems), security(("session" = []), ("token" = [])))]
async fn register(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<RegisterItem>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRegister)?;
    let mut new: service::NewItem = body.into();
    let settled = classes::service::settle(app.db(), &ctx, &new.class_code, &new.class_name).await?;
    (new.class_code, new.class_name) = settled;
    let thing = app.write(move |db| async move { service::register(&db, &ctx, new).await }).await?;
    let at = format!("/api/v1/items/by-id/{}", thing.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], view(&app, thing).await?).into_response())
}

/// Changes a thing's unit, place, keeper, quantity or state; its label is queued for a reprint when it no longer tells
/// the truth.
#[utoipa::path(patch, path = "/items/{number}", operation_id = "items_change", tag = "items",
    params(("number" = String, Path, description = "资产编号"),
        ("If-Match" = String, Header, description = "所改的版本，如 \"7\"")),
    request_body = ChangeItem,
    responses((status = 200, body = ItemView), Problems), security(("session" = []), ("token" = [])))]
async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    if_match: IfMatch,
    Body(body): Body<ChangeItem>,
) -> Result<Versioned<ItemView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsChange)?;
    let before = seen(&app, &ctx, &number).await?;
    if_match.check(before.version)?;
    let (change, reason) = body.into_change();
    let after = app.write(move |db| async move {
        service::change_version(&db, &ctx, &number, Some(if_match.0), &change, &reason).await
    });
    let after = after.await?;
    view(&app, after).await
}

/// A thing's history, oldest first.
#[utoipa::path(get, path = "/items/{number}/events", operation_id = "items_events", tag = "items",
    params(("number" = String, Path, description = "资产编号"), Paging),
    responses((status = 200, body = Page<EventView>), Problems), security(("session" = []), ("token" = [])))]
async fn events(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<EventView>>, ApiError> {
    let limit = paging.rows()?;
    let thing = seen(&app, &ctx, &number).await?;
    let after = paging.after.as_deref().map_or(Ok(0), str::parse::<i64>);
    let after = after.map_err(|_| ApiError::invalid("after", "不是上一页给出的位置"))?;
    let rows = store::events_page(app.db().read(), thing.id, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |event| event.seq.to_string());
    Ok(axum::Json(Page { rows: page.rows.into_iter().map(EventView::from).collect(), next: page.next }))
}

/// What a scanned or typed text stands for: a label's code, else a thing's number.
#[utoipa::path(get, path = "/resolve/{text}", operation_id = "items_resolve", tag = "items",
    params(("text" = String, Path, description = "标签码或资产编号")),
    responses((status = 200, body = ResolvedView), Problems), security(("session" = []), ("token" = [])))]
async fn resolve(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(text): Path<String>,
) -> Result<axum::Json<ResolvedView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let db = app.db().read();
    let unknown = || ApiError::NotFound(format!("“{text}”不是本单位的标签码，也不是资产编号"));
    let (state, subject) = match labels::resolve(db, &text).await? {
        Resolved::Current(subject) => (views::Meaning::Current, Some(subject)),
        Resolved::Superseded(subject) => (views::Meaning::Superseded, Some(subject)),
        Resolved::Number(id) => (views::Meaning::Number, Some(Subject::Item(id))),
        Resolved::Blank => (views::Meaning::Blank, None),
        Resolved::Void => {
            (views::Meaning::Void, labels::by_code(db, &text).await?.as_ref().and_then(labels::subject_of))
        }
        Resolved::Unknown => return Err(unknown()),
    };
    let mut resolved = ResolvedView::new(state);
    match subject {
        Some(Subject::Item(id)) => {
            let thing = store::by_id(db, id).await?.ok_or_else(unknown)?;
            if !reach(&ctx, Action::ItemsRead).covers(Some(thing.unit_id)) {
                return Err(unknown());
            }
            resolved.item = Some(view(&app, thing).await?.1);
        }
        Some(Subject::Place(id)) => {
            let place = places::by_id(db, id).await?.ok_or_else(unknown)?;
            if !reach(&ctx, Action::OrgRead).covers(Some(place.unit_id)) {
                return Err(unknown());
            }
            resolved.place = Some(place.into());
        }
        None => {}
    }
    Ok(axum::Json(resolved))
}
