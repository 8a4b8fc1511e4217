//! `/api/v1/assets/movements`: documents by which fixed assets move.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::movement_views::{
    AcceptBody, AskBody, CorrectBody, FinishBody, HandoverBody, IntakeBody, MovementKindName, MovementLineView,
    MovementStateName, MovementView, MovementWithLines, ReasonBody,
};
use crate::access::{Action, permit_somewhere};
use crate::assets::classes;
use crate::assets::movements::entity::movement;
use crate::assets::movements::handing::{self, HandOver};
use crate::assets::movements::intake::{self, Batch};
use crate::assets::movements::paper::Paper;
use crate::assets::movements::steps::{self, Acceptance, Finish};
use crate::assets::movements::store::{self, Wanted};
use crate::assets::movements::{correction, service};
use crate::items::correcting::Facts;
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::items::store as items;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::{Ctx, Fen, Quantity};
use crate::web::api::accounts::CoSignature;
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(enter))
        .routes(routes!(hand_over))
        .routes(routes!(correct))
        .routes(routes!(show))
        .routes(routes!(form))
        .routes(routes!(accept))
        .routes(routes!(decline))
        .routes(routes!(carry_out))
        .routes(routes!(withdraw))
}

/// Which documents.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MovementFilter {
    /// Of this kind only.
    #[param(inline)]
    pub kind: Option<MovementKindName>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<MovementStateName>,
    /// From or to this unit only.
    pub unit_id: Option<Uuid>,
    /// With this thing only: its number.
    #[param(min_length = 1, max_length = 60)]
    pub item_number: Option<String>,
    /// Only those that whoever asks asked for.
    pub mine: Option<bool>,
}

/// 资产变动单, newest first: from or to one's units.
#[utoipa::path(get, path = "/assets/movements", operation_id = "movements_list", tag = "assets",
    params(MovementFilter, Paging), responses((status = 200, body = Page<MovementView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<MovementFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<MovementView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let (limit, db) = (paging.rows()?, app.db().read());
    let item = match word("item_number", filter.item_number)? {
        None => None,
        Some(number) => match items::by_number(db, &number).await? {
            Some(thing) => Some(thing.id),
            None => return Ok(Json(Page { rows: Vec::new(), next: None })),
        },
    };
    let wanted = Wanted {
        kind: filter.kind.map(Into::into),
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        item,
        mine: filter.mine.unwrap_or_default(),
        before: after_id(&paging)?,
    };
    let mut rows = store::list(db, &ctx, &wanted, limit + 1).await?;
    let most = usize::try_from(limit).unwrap_or(usize::MAX);
    let more = rows.len() > most;
    rows.truncate(most);
    let next = rows.last().filter(|_| more).map(|last| last.row.id.to_string());
    Ok(Json(Page { rows: rows.into_iter().map(MovementView::from).collect(), next }))
}

async fn view(app: &App, ctx: &Ctx, number: &str) -> Result<Versioned<MovementWithLines>, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, ctx, number).await?;
    let lines = store::lines(db, shown.row.id).await?;
    let ids: Vec<_> = lines.iter().map(|line| line.item_id).collect();
    let things = items::by_ids(db, &ids).await?;
    let lines = lines.into_iter().map(|line| {
        let thing = things.get(&line.item_id);
        MovementLineView::of(line, thing)
    });
    let version = shown.row.version;
    Ok(Versioned(version, MovementWithLines { lines: lines.collect(), movement: shown.into() }))
}

fn created(row: movement::Model) -> Response {
    let at = format!("/api/v1/assets/movements/{}", row.number);
    let version = row.version;
    (StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, MovementView::from(row))).into_response()
}

/// Asks for a movement; one that needs nobody's yes is carried out with it.
#[utoipa::path(post, path = "/assets/movements", operation_id = "movements_ask", tag = "assets",
    request_body = AskBody, responses((status = 201, body = MovementView), Problems),
    security(("session" = []), ("token" = [])))]
async fn ask(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<AskBody>) -> Result<Response, ApiError> {
    let new = body.into();
    Ok(created(app.write(move |db| async move { service::ask(&db, &ctx, &new).await }).await?))
}

/// 入库: a batch of like things enters the book; each gets a number, and its label waits to be printed.
#[utoipa::path(post, path = "/assets/movements/intake", operation_id = "movements_intake", tag = "assets",
    request_body = IntakeBody, responses((status = 201, body = MovementView), Problems),
    security(("session" = []), ("token" = [])))]
async fn enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<IntakeBody>,
) -> Result<Response, ApiError> {
    // Whoever may enter nothing is not told which classes there are.
    permit_somewhere(&ctx, Action::ItemsRegister)?;
    let (class_code, class_name) = classes::service::settle(app.db(), &ctx, &body.class_code, &body.class_name).await?;
    let each = NewItem {
        kind: ItemKind::FixedAsset,
        item_number: String::new(),
        name: body.name,
        specification: body.specification,
        serial_number: String::new(),
        class_code,
        class_name,
        brand: body.brand,
        measure_unit: body.measure_unit,
        unit_id: UnitId(body.unit_id),
        place_id: body.place_id.map(PlaceId),
        keeper_id: body.keeper_id.map(PersonId),
        quantity: Quantity::ONE,
        state: if body.keeper_id.is_some() { ItemState::InUse } else { ItemState::Idle },
        excused_by: None,
        value_fen: Fen(body.value_fen),
        acquired_on: body.acquired_on,
    };
    let batch = Batch { each, count: body.count, supplier: body.supplier, reason: body.reason };
    Ok(created(app.write(move |db| async move { intake::enter(&db, &ctx, &batch).await }).await?))
}

/// 交接: all that somebody has, or some of it, to their successor, signed by both; a document for each unit whose things
/// they are.
#[utoipa::path(post, path = "/assets/movements/handover", operation_id = "movements_handover", tag = "assets",
    request_body = HandoverBody, responses((status = 201, body = [MovementView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn hand_over(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(body): Body<HandoverBody>,
) -> Result<Response, ApiError> {
    // Whoever may hand over nothing does not try another's password.
    permit_somewhere(&ctx, Action::AssetsHold)?;
    let ctx = CoSignature::sign(body.co_signer, &app, &visit, ctx).await?;
    let new = HandOver {
        from: PersonId(body.from_id),
        to: PersonId(body.to_id),
        numbers: body.numbers,
        place: body.to_place_id.map(PlaceId),
        reason: body.reason,
    };
    let rows = app.write(move |db| async move { handing::hand_over(&db, &ctx, &new).await }).await?;
    let rows: Vec<MovementView> = rows.into_iter().map(MovementView::from).collect();
    Ok((StatusCode::CREATED, Json(rows)).into_response())
}

/// 信息更正: what the card of a thing says is put right.
#[utoipa::path(post, path = "/assets/movements/correct", operation_id = "movements_correct", tag = "assets",
    request_body = CorrectBody, responses((status = 201, body = MovementView), Problems),
    security(("session" = []), ("token" = [])))]
async fn correct(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CorrectBody>,
) -> Result<Response, ApiError> {
    let facts = Facts {
        name: body.name,
        specification: body.specification,
        serial_number: body.serial_number,
        brand: body.brand,
        measure_unit: body.measure_unit,
        acquired_on: body.acquired_on.map(Some),
        ..Facts::default()
    };
    let done = app
        .write(move |db| async move { correction::correct(&db, &ctx, &body.item_number, &facts, &body.reason).await });
    Ok(created(done.await?))
}

/// One document with its lines.
#[utoipa::path(get, path = "/assets/movements/{number}", operation_id = "movements_show", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")),
    responses((status = 200, body = MovementWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<MovementWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    view(&app, &ctx, &number).await
}

/// The printed form of a document, to be signed: 调拨单, 报废申请表, 交接清单 and their like.
#[utoipa::path(get, path = "/assets/movements/{number}/form.pdf", operation_id = "movements_form", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")),
    responses((status = 200, description = "The form", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn form(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let shown = store::one(app.db().read(), &ctx, &number).await?;
    let name = format!("{}.pdf", shown.row.number);
    let paper = Paper::read(app.db().read(), shown, ctx.now()).await?;
    let made = tokio::task::spawn_blocking(move || paper.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    let kind = (header::CONTENT_TYPE, "application/pdf".to_owned());
    let named = (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""));
    Ok(([kind, named], bytes).into_response())
}

/// 接收: the unit that is to have the things takes them, and says where they will be.
#[utoipa::path(post, path = "/assets/movements/{number}/accept", operation_id = "movements_accept", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")), request_body = AcceptBody,
    responses((status = 200, body = MovementView), Problems), security(("session" = []), ("token" = [])))]
async fn accept(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<AcceptBody>,
) -> Result<Versioned<MovementView>, ApiError> {
    let to = Acceptance { place: body.to_place_id.map(PlaceId), keeper: body.to_keeper_id.map(PersonId) };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { steps::accept(&db, &ctx, &number, version, to).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 不接收: the document ends, nothing moved.
#[utoipa::path(post, path = "/assets/movements/{number}/decline", operation_id = "movements_decline", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")), request_body = ReasonBody,
    responses((status = 200, body = MovementView), Problems), security(("session" = []), ("token" = [])))]
async fn decline(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<MovementView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { steps::decline(&db, &ctx, &number, version, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 办结: from now on the book says so.
#[utoipa::path(post, path = "/assets/movements/{number}/carry-out", operation_id = "movements_carry_out", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")), request_body = FinishBody,
    responses((status = 200, body = MovementView), Problems), security(("session" = []), ("token" = [])))]
async fn carry_out(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<FinishBody>,
) -> Result<Versioned<MovementView>, ApiError> {
    let finish = Finish {
        decision: body.decision,
        approval_number: body.approval_number,
        proceeds: body.proceeds_fen.map(Fen),
        receipt: body.receipt,
    };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { steps::carry_out(&db, &ctx, &number, version, &finish).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 撤回: whoever asked takes the document back, and with it what it asked.
#[utoipa::path(post, path = "/assets/movements/{number}/withdraw", operation_id = "movements_withdraw", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")), request_body = ReasonBody,
    responses((status = 200, body = MovementView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<MovementView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { steps::withdraw(&db, &ctx, &number, version, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}
