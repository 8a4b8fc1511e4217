//! Fuel cards, and which car held which.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{
    FuelCardKindName, FuelCardStateName, FuelCardView, FuelCardWithHoldings, FuelSupplierName, HoldingView,
};
use crate::access::{Action, permit_somewhere};
use crate::kernel::Fen;
use crate::kernel::ids::UnitId;
use crate::vehicles::cards::service::{self, Give, NewCard, Turn};
use crate::vehicles::cards::store::{self, Wanted};
use crate::web::api::jobs::word;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, enter))
        .routes(routes!(show))
        .routes(routes!(give))
        .routes(routes!(take_back))
        .routes(routes!(turn))
}

/// Which cards.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct FuelCardFilter {
    /// Of this kind only.
    #[param(inline)]
    pub kind: Option<FuelCardKindName>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<FuelCardStateName>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
}

/// 加油卡, by number.
#[utoipa::path(get, path = "/vehicles/cards", operation_id = "fuel_cards_list", tag = "vehicles",
    params(FuelCardFilter, Paging), responses((status = 200, body = Page<FuelCardView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<FuelCardFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<FuelCardView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let limit = paging.rows()?;
    let wanted = Wanted {
        kind: filter.kind.map(Into::into),
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        after: word("after", paging.after)?,
    };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.number_key.clone());
    Ok(Json(Page { rows: page.rows.into_iter().map(FuelCardView::from).collect(), next: page.next }))
}

/// A card as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FuelCardBody {
    /// 卡号
    #[schema(min_length = 4, max_length = 32)]
    pub number: String,
    /// 主卡、副卡
    pub kind: FuelCardKindName,
    /// 发卡单位
    pub supplier: FuelSupplierName,
    /// Of a sub-card: the number of its master.
    #[schema(min_length = 4, max_length = 32)]
    pub master: Option<String>,
    /// The unit that has it.
    pub unit_id: Uuid,
    /// 单笔限额, fen
    #[schema(minimum = 1)]
    pub fill_limit_fen: Option<i64>,
    /// 日限额, fen
    #[schema(minimum = 1)]
    pub day_limit_fen: Option<i64>,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// Enters a card.
#[utoipa::path(post, path = "/vehicles/cards", operation_id = "fuel_cards_enter", tag = "vehicles",
    request_body = FuelCardBody, responses((status = 201, body = FuelCardView), Problems),
    security(("session" = []), ("token" = [])))]
async fn enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<FuelCardBody>,
) -> Result<Response, ApiError> {
    let new = NewCard {
        number: body.number,
        kind: body.kind.into(),
        supplier: body.supplier.into(),
        master: body.master,
        unit: UnitId(body.unit_id),
        fill_limit: body.fill_limit_fen.map(Fen),
        day_limit: body.day_limit_fen.map(Fen),
        note: body.note,
    };
    let row = app.write(move |db| async move { service::enter(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, FuelCardView::from(row))).into_response())
}

/// One card with who held it when.
#[utoipa::path(get, path = "/vehicles/cards/{number}", operation_id = "fuel_cards_show", tag = "vehicles",
    params(("number" = String, Path, description = "卡号")),
    responses((status = 200, body = FuelCardWithHoldings), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<FuelCardWithHoldings>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?;
    let holdings = store::holdings_of(app.db().read(), row.id).await?;
    let holdings = holdings.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, FuelCardWithHoldings { card: row.into(), holdings }))
}

/// The days on which a car is to hold a card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GiveBody {
    /// 车牌号、资产编号或标签码
    #[schema(min_length = 1, max_length = 64)]
    pub car: String,
    /// From this day.
    pub from_on: NaiveDate,
    /// Until this one, counted; nothing is until further notice.
    pub until_on: Option<NaiveDate>,
    /// Why.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub reason: String,
}

/// 配给车辆: one card a car and one car a card on any day.
#[utoipa::path(post, path = "/vehicles/cards/{number}/give", operation_id = "fuel_cards_give", tag = "vehicles",
    params(("number" = String, Path, description = "卡号")), request_body = GiveBody,
    responses((status = 201, body = HoldingView), Problems), security(("session" = []), ("token" = [])))]
async fn give(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<GiveBody>,
) -> Result<Response, ApiError> {
    let new = Give { car: body.car, from_on: body.from_on, until_on: body.until_on, reason: body.reason };
    let row = app.write(move |db| async move { service::give(&db, &ctx, &number, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(HoldingView::from(row))).into_response())
}

/// The last day on which the car holds it.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TakeBackBody {
    /// Counted.
    pub last_on: NaiveDate,
}

/// 收回
#[utoipa::path(post, path = "/vehicles/cards/{number}/take-back", operation_id = "fuel_cards_take_back", tag = "vehicles",
    params(("number" = String, Path, description = "卡号")), request_body = TakeBackBody,
    responses((status = 200, body = HoldingView), Problems), security(("session" = []), ("token" = [])))]
async fn take_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<TakeBackBody>,
) -> Result<Json<HoldingView>, ApiError> {
    let done = app.write(move |db| async move { service::take_back(&db, &ctx, &number, body.last_on).await });
    Ok(Json(done.await?.into()))
}

/// What becomes of a card.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TurnBody {
    /// 挂失、停用、换卡、恢复
    pub to: FuelCardStateName,
    /// Since when.
    pub on: NaiveDate,
    /// Of one that is replaced: the number of the new one.
    #[schema(min_length = 4, max_length = 32)]
    pub replaced_by: Option<String>,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 挂失、停用、换卡、恢复
#[utoipa::path(post, path = "/vehicles/cards/{number}/turn", operation_id = "fuel_cards_turn", tag = "vehicles",
    params(("number" = String, Path, description = "卡号")), request_body = TurnBody,
    responses((status = 200, body = FuelCardView), Problems), security(("session" = []), ("token" = [])))]
async fn turn(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TurnBody>,
) -> Result<Versioned<FuelCardView>, ApiError> {
    let new = Turn { to: body.to.into(), on: body.on, replaced_by: body.replaced_by, reason: body.reason };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::turn(&db, &ctx, &number, version, &new).await }).await?;
    Ok(Versioned(row.version, row.into()))
}
