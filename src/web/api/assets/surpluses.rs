//! `/api/v1/assets/surpluses`: things that were found and are in no book.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::movement_views::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::assets::surplus::entering::{self, Entering};
use crate::assets::surplus::entity::surplus;
use crate::assets::surplus::model::{Basis, State as Standing};
use crate::assets::surplus::opening::{self, NewSurplus};
use crate::assets::surplus::service::{self, Identity, Valuation};
use crate::assets::surplus::store::{self, Shown, Wanted};
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::{Fen, Quantity};
use crate::web::api::jobs::{after_id, names};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

names! {
    /// Where a surplus thing stands.
    SurplusStateName of Standing {
        Open, Unbooked, Valued, Approved, Entered, Matched, Foreign, HandedOver, Dropped,
    }
    /// What a value rests on.
    SurplusBasisName of Basis { Assessed, Replacement, Nominal, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(gather))
        .routes(routes!(show))
        .routes(routes!(identify))
        .routes(routes!(value))
        .routes(routes!(ask))
        .routes(routes!(enter))
        .routes(routes!(hand_over))
        .routes(routes!(refuse))
}

/// 盘盈
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SurplusView {
    /// Its number.
    pub number: String,
    /// Where it stands, with what its chain has said since.
    pub state: SurplusStateName,
    /// Where it was found.
    pub unit_id: Uuid,
    /// In which place.
    pub place_id: Option<Uuid>,
    /// The count that found it.
    pub campaign_id: Option<Uuid>,
    /// What was read on it.
    pub code_read: String,
    /// 名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 序列号
    pub serial_number: String,
    /// 资产分类代码
    pub class_code: String,
    /// 数量
    pub quantity: i64,
    /// What was said when it was found.
    pub note: String,
    /// Which missing thing it may be, as the count saw it.
    pub lead: String,
    /// What was said of what it is.
    pub identified_note: String,
    /// The thing it turned out to be, or became.
    pub item_id: Option<Uuid>,
    /// The missing case that it ends, or of which it comes back.
    pub case_id: Option<Uuid>,
    /// 价值类型
    pub basis: Option<SurplusBasisName>,
    /// 价值, fen
    pub value_fen: Option<i64>,
    /// 估值依据
    pub value_source: String,
    /// What was asked of the chain.
    pub approval_id: Option<Uuid>,
    /// How it ended.
    pub ended_note: String,
    /// When it was opened, in milliseconds since 1970 UTC, as all times here.
    pub opened_at: i64,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<surplus::Model> for SurplusView {
    fn from(row: surplus::Model) -> Self {
        Self {
            number: row.number,
            state: row.state.into(),
            unit_id: row.unit_id.into(),
            place_id: row.place_id.map(Into::into),
            campaign_id: row.campaign_id.map(Into::into),
            code_read: row.code_read,
            name: row.name,
            specification: row.specification,
            serial_number: row.serial_number,
            class_code: row.class_code,
            quantity: row.quantity.0,
            note: row.note,
            lead: row.lead,
            identified_note: row.identified_note,
            item_id: row.item_id.map(Into::into),
            case_id: row.case_id.map(Into::into),
            basis: row.basis.map(Into::into),
            value_fen: row.value_fen.map(|value| value.0),
            value_source: row.value_source,
            approval_id: row.approval_id.map(Into::into),
            ended_note: row.ended_note,
            opened_at: row.opened_at.0,
            ended_at: row.ended_at.map(|at| at.0),
            version: row.version,
        }
    }
}

impl From<Shown> for SurplusView {
    fn from(shown: Shown) -> Self {
        Self { state: shown.standing.state.into(), ..shown.row.into() }
    }
}

/// Which surplus things.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SurplusFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<SurplusStateName>,
    /// Found in this unit only.
    pub unit_id: Option<Uuid>,
}

/// 盘盈, newest first: of one's units.
#[utoipa::path(get, path = "/assets/surpluses", operation_id = "surplus_list", tag = "assets",
    params(SurplusFilter, Paging), responses((status = 200, body = Page<SurplusView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<SurplusFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SurplusView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let limit = paging.rows()?;
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        before: after_id(&paging)?,
        ..Wanted::default()
    };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(SurplusView::from).collect(), next: page.next }))
}

/// A thing found by hand.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewSurplusBody {
    /// 发现单位
    pub unit_id: Uuid,
    /// 发现地点
    pub place_id: Option<Uuid>,
    /// 名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 规格型号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub specification: String,
    /// 序列号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub serial_number: String,
    /// 数量
    #[schema(minimum = 1)]
    pub quantity: i64,
    /// 情况
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// 登记盘盈
#[utoipa::path(post, path = "/assets/surpluses", operation_id = "surplus_open", tag = "assets",
    request_body = NewSurplusBody, responses((status = 201, body = SurplusView), Problems),
    security(("session" = []), ("token" = [])))]
async fn open(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<NewSurplusBody>,
) -> Result<Response, ApiError> {
    let new = NewSurplus {
        unit: UnitId(body.unit_id),
        place: body.place_id.map(PlaceId),
        name: body.name,
        specification: body.specification,
        serial_number: body.serial_number,
        quantity: Quantity(body.quantity),
        note: body.note,
    };
    let row = app.write(move |db| async move { opening::open(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/assets/surpluses/{}", row.number);
    let version = row.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, SurplusView::from(row))).into_response())
}

/// From which count.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurplusGatherBody {
    /// 盘点编号
    #[schema(min_length = 1, max_length = 40)]
    pub campaign: String,
}

/// Opens what a closed count saw and no book knows, each line once; answers with those that are new.
#[utoipa::path(post, path = "/assets/surpluses/gather", operation_id = "surplus_gather", tag = "assets",
    request_body = SurplusGatherBody, responses((status = 200, body = [SurplusView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn gather(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<SurplusGatherBody>,
) -> Result<Json<Vec<SurplusView>>, ApiError> {
    let rows = app.write(move |db| async move { opening::gather(&db, &ctx, &body.campaign).await }).await?;
    Ok(Json(rows.into_iter().map(SurplusView::from).collect()))
}

/// One surplus thing.
#[utoipa::path(get, path = "/assets/surpluses/{number}", operation_id = "surplus_show", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")),
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<SurplusView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let shown = store::one(app.db().read(), &ctx, &number).await?;
    Ok(Versioned(shown.row.version, shown.into()))
}

fn told(row: surplus::Model) -> Versioned<SurplusView> {
    Versioned(row.version, row.into())
}

/// What a surplus thing turns out to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SurplusIdentityName {
    /// 账上资产，标签丢失
    Known,
    /// 账外资产
    Unbooked,
    /// 他人财物
    Foreign,
}

/// What it is.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurplusIdentifyBody {
    /// What it turns out to be.
    pub identity: SurplusIdentityName,
    /// 资产编号: of a known thing, or of one that was written off and comes back.
    #[schema(max_length = 64)]
    pub item_number: Option<String>,
    /// 认定依据
    #[schema(min_length = 1, max_length = 1000)]
    pub note: String,
}

/// 认定
#[utoipa::path(post, path = "/assets/surpluses/{number}/identify", operation_id = "surplus_identify", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")), request_body = SurplusIdentifyBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn identify(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SurplusIdentifyBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let of = body.item_number.filter(|number| !number.trim().is_empty());
    let identity = match body.identity {
        SurplusIdentityName::Known => Identity::Known(of.unwrap_or_default()),
        SurplusIdentityName::Unbooked => Identity::Unbooked(of),
        SurplusIdentityName::Foreign => Identity::Foreign,
    };
    let version = seen.map(|seen| seen.0);
    let done =
        app.write(move |db| async move { service::identify(&db, &ctx, &number, version, &identity, &body.note).await });
    Ok(told(done.await?))
}

/// What it is worth, and what it is called in the book.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurplusValuationBody {
    /// 价值类型
    pub basis: SurplusBasisName,
    /// 价值, fen; 100 when nominal.
    #[schema(minimum = 1)]
    pub value_fen: i64,
    /// 估值依据
    #[schema(min_length = 1, max_length = 1000)]
    pub source: String,
    /// 资产名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 规格型号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub specification: String,
    /// 资产分类代码
    #[serde(default)]
    #[schema(max_length = 64)]
    pub class_code: String,
    /// 计量单位
    #[serde(default)]
    #[schema(max_length = 20)]
    pub measure_unit: String,
}

/// 估值
#[utoipa::path(post, path = "/assets/surpluses/{number}/value", operation_id = "surplus_value", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")), request_body = SurplusValuationBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn value(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SurplusValuationBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let valuation = Valuation {
        basis: body.basis.into(),
        value: Fen(body.value_fen),
        source: body.source,
        name: body.name,
        specification: body.specification,
        class_code: body.class_code,
        measure_unit: body.measure_unit,
    };
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::value(&db, &ctx, &number, version, &valuation).await });
    Ok(told(done.await?))
}

/// 报批入账: the chain decides by value.
#[utoipa::path(post, path = "/assets/surpluses/{number}/ask", operation_id = "surplus_ask", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")), request_body = ReasonBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn ask(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::ask(&db, &ctx, &number, version, &body.reason).await });
    Ok(told(done.await?))
}

/// Where it is from now on.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurplusEnterBody {
    /// 存放地点; where it was found when absent.
    pub place_id: Option<Uuid>,
    /// 使用人
    pub keeper_id: Option<Uuid>,
    /// 取得日期; today when absent.
    pub acquired_on: Option<NaiveDate>,
}

/// 入账: it gets a number of the office's pattern, and its label waits to be printed.
#[utoipa::path(post, path = "/assets/surpluses/{number}/enter", operation_id = "surplus_enter", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")), request_body = SurplusEnterBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SurplusEnterBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let to = Entering {
        place: body.place_id.map(PlaceId),
        keeper: body.keeper_id.map(PersonId),
        acquired_on: body.acquired_on,
    };
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { entering::enter(&db, &ctx, &number, version, to).await });
    Ok(told(done.await?))
}

/// To whom it went.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SurplusHandOverBody {
    /// 移交给谁、凭据
    #[schema(min_length = 1, max_length = 1000)]
    pub owner: String,
}

/// 移交物主
#[utoipa::path(post, path = "/assets/surpluses/{number}/hand-over", operation_id = "surplus_hand_over",
    tag = "assets", params(("number" = String, Path, description = "盘盈编号")), request_body = SurplusHandOverBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn hand_over(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SurplusHandOverBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::hand_over(&db, &ctx, &number, version, &body.owner).await });
    Ok(told(done.await?))
}

/// 不予入账
#[utoipa::path(post, path = "/assets/surpluses/{number}/drop", operation_id = "surplus_drop", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")), request_body = ReasonBody,
    responses((status = 200, body = SurplusView), Problems), security(("session" = []), ("token" = [])))]
async fn refuse(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<SurplusView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::refuse(&db, &ctx, &number, version, &body.reason).await });
    Ok(told(done.await?))
}
