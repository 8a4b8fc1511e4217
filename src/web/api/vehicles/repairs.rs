//! Repairs: ask, enter, send, return; the month's data for the command centre; prices of parts.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::repair_views::{PartView, RepairKindName, RepairStateName, RepairView, RepairWithParts};
use super::trips::TextBody;
use crate::access::{Action, permit_somewhere};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::{Fen, Timestamp};
use crate::vehicles::repairs::collect::{self, Price};
use crate::vehicles::repairs::service::{self, NewRepair, Return, Send};
use crate::vehicles::repairs::sheet;
use crate::vehicles::repairs::store::{self, Wanted};
use crate::vehicles::trips::model::{month_before, month_begins};
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(prices))
        .routes(routes!(collect_sheet))
        .routes(routes!(show))
        .routes(routes!(enter))
        .routes(routes!(send))
        .routes(routes!(take_back))
        .routes(routes!(withdraw))
}

/// Which repairs.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RepairFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<RepairStateName>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// At this workshop only.
    pub shop_id: Option<Uuid>,
}

/// 送修单, newest first.
#[utoipa::path(get, path = "/vehicles/repairs", operation_id = "repairs_list", tag = "vehicles",
    params(RepairFilter, Paging), responses((status = 200, body = Page<RepairView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<RepairFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RepairView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let limit = paging.rows()?;
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        shop: filter.shop_id,
        before: after_id(&paging)?,
        ..Wanted::default()
    };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(RepairView::from).collect(), next: page.next }))
}

/// A repair as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RepairBody {
    /// 车牌号、资产编号或标签码
    #[schema(min_length = 1, max_length = 64)]
    pub car: String,
    /// 类别
    pub kind: RepairKindName,
    /// 故障、保养项目
    #[schema(min_length = 1, max_length = 500)]
    pub fault: String,
    /// 预算, fen
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub budget_fen: i64,
    /// The name of the workshop.
    #[schema(min_length = 1, max_length = 100)]
    pub shop: String,
}

/// 申请维修
#[utoipa::path(post, path = "/vehicles/repairs", operation_id = "repairs_ask", tag = "vehicles",
    request_body = RepairBody, responses((status = 201, body = RepairView), Problems),
    security(("session" = []), ("token" = [])))]
async fn ask(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<RepairBody>) -> Result<Response, ApiError> {
    let budget = Fen(body.budget_fen);
    let new = NewRepair { car: body.car, kind: body.kind.into(), fault: body.fault, budget, shop: body.shop };
    let row = app.write(move |db| async move { service::ask(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/vehicles/repairs/{}", row.number);
    let version = row.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, RepairView::from(row))).into_response())
}

/// One repair with its parts.
#[utoipa::path(get, path = "/vehicles/repairs/{number}", operation_id = "repairs_show", tag = "vehicles",
    params(("number" = String, Path, description = "送修单编号")),
    responses((status = 200, body = RepairWithParts), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<RepairWithParts>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let shown = store::one(app.db().read(), &ctx, &number).await?;
    let parts = store::parts_of(app.db().read(), &[shown.row.id]).await?;
    let parts = parts.into_iter().map(PartView::from).collect();
    Ok(Versioned(shown.row.version, RepairWithParts { repair: shown.into(), parts }))
}

/// 登记出车台账
#[utoipa::path(post, path = "/vehicles/repairs/{number}/enter", operation_id = "repairs_enter", tag = "vehicles",
    params(("number" = String, Path, description = "送修单编号")),
    responses((status = 200, body = RepairView), Problems), security(("session" = []), ("token" = [])))]
async fn enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<RepairView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::enter(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// How a car goes to the workshop.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBody {
    /// 送修里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub km: i64,
    /// 驾驶员; whoever asks when absent.
    pub driver_id: Option<Uuid>,
    /// When, if not now.
    pub at: Option<i64>,
}

/// 送修
#[utoipa::path(post, path = "/vehicles/repairs/{number}/send", operation_id = "repairs_send", tag = "vehicles",
    params(("number" = String, Path, description = "送修单编号")), request_body = SendBody,
    responses((status = 200, body = RepairView), Problems), security(("session" = []), ("token" = [])))]
async fn send(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SendBody>,
) -> Result<Versioned<RepairView>, ApiError> {
    let new = Send { km: body.km, driver: body.driver_id.map(PersonId), at: body.at.map(Timestamp) };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::send(&db, &ctx, &number, version, &new).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// How a car comes back from the workshop.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MendedBody {
    /// 取回里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub km: i64,
    /// When, if not now.
    pub at: Option<i64>,
    /// 更换配件
    #[serde(default)]
    #[schema(max_items = 200)]
    pub parts: Vec<PartView>,
    /// 工时费, fen
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub labour_fen: i64,
    /// 发票号
    #[serde(default)]
    #[schema(max_length = 100)]
    pub invoice: String,
    /// 旧件处理
    #[serde(default)]
    #[schema(max_length = 200)]
    pub old_parts: String,
    /// 超预算原因
    #[serde(default)]
    #[schema(max_length = 500)]
    pub over_reason: String,
    /// 验收人; whoever asks when absent.
    pub inspected_by: Option<Uuid>,
}

/// 取回
#[utoipa::path(post, path = "/vehicles/repairs/{number}/return", operation_id = "repairs_return", tag = "vehicles",
    params(("number" = String, Path, description = "送修单编号")), request_body = MendedBody,
    responses((status = 200, body = RepairView), Problems), security(("session" = []), ("token" = [])))]
async fn take_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<MendedBody>,
) -> Result<Versioned<RepairView>, ApiError> {
    let new = Return {
        km: body.km,
        at: body.at.map(Timestamp),
        parts: body.parts.into_iter().map(Into::into).collect(),
        labour: Fen(body.labour_fen),
        invoice: body.invoice,
        old_parts: body.old_parts,
        over_reason: body.over_reason,
        inspected_by: body.inspected_by.map(PersonId),
    };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::return_(&db, &ctx, &number, version, &new).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 撤回
#[utoipa::path(post, path = "/vehicles/repairs/{number}/withdraw", operation_id = "repairs_withdraw", tag = "vehicles",
    params(("number" = String, Path, description = "送修单编号")), request_body = TextBody,
    responses((status = 200, body = RepairView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TextBody>,
) -> Result<Versioned<RepairView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::withdraw(&db, &ctx, &number, version, &body.text).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct CollectMonth {
    /// `2026-10`; the last month when not said.
    #[param(min_length = 7, max_length = 7)]
    pub month: Option<String>,
}

/// 维修数据汇总: everything that came back in a month, with its parts, as XLSX.
#[utoipa::path(get, path = "/vehicles/repairs/collect", operation_id = "repairs_collect", tag = "vehicles",
    params(CollectMonth),
    responses((status = 200, description = "The workbook", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn collect_sheet(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<CollectMonth>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let month = asked.month.unwrap_or_else(|| month_before(ctx.now().day()));
    if month_begins(&month).is_none() {
        return Err(ApiError::invalid("month", "月份应如 2026-10"));
    }
    let rows = collect::month(app.db().read(), &ctx, &month).await?;
    let units = crate::org::Directory::load_some(app.db().read(), &[], &[]).await?;
    let made = tokio::task::spawn_blocking(move || sheet::workbook(&rows, &units)).await;
    let bytes = made.map_err(|_| ApiError::Internal)?.map_err(|error| {
        tracing::error!(%error, "a workbook could not be written");
        ApiError::Internal
    })?;
    let named =
        format!("attachment; filename*=UTF-8''{}", crate::web::pages::encoded(&format!("车辆维修-{month}.xlsx")));
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

/// Which parts.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct PartName {
    /// Whose name has this; without it, every part bought twice or more.
    #[param(min_length = 1, max_length = 100)]
    pub name: Option<String>,
}

/// What a part cost once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PriceView {
    /// 配件
    pub name: String,
    /// 计量单位
    pub measure_unit: String,
    /// 维修厂
    pub shop: String,
    /// 车牌号
    pub plate: String,
    /// 送修单
    pub number: String,
    /// When it came back.
    pub at: Option<i64>,
    /// 单价, fen
    pub unit_price_fen: i64,
    /// 中位价, fen
    pub median_fen: Option<i64>,
    /// More than 30 % over the median.
    pub dear: bool,
}

impl From<Price> for PriceView {
    fn from(one: Price) -> Self {
        Self {
            name: one.name,
            measure_unit: one.measure_unit,
            shop: one.shop,
            plate: one.plate,
            number: one.number,
            at: one.at.map(|at| at.0),
            unit_price_fen: one.unit_price.0,
            median_fen: one.median.map(|money| money.0),
            dear: one.dear,
        }
    }
}

/// 配件比价: the same part across workshops and cars.
#[utoipa::path(get, path = "/vehicles/repairs/prices", operation_id = "repairs_prices", tag = "vehicles",
    params(PartName), responses((status = 200, body = [PriceView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn prices(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<PartName>,
) -> Result<Json<Vec<PriceView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let name = word("name", asked.name)?.unwrap_or_default();
    let rows = collect::prices(app.db().read(), &ctx, &name).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}
