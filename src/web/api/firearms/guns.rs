//! Guns: the list, one (whoever looks is written down), enter, upkeep.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{ArmDeedName, ArmStateName, CategoryName, GunView};
use crate::access::{Action, permit_somewhere};
use crate::firearms::arms::{self, NewArm};
use crate::firearms::store::{self, Wanted};
use crate::kernel::Fen;
use crate::kernel::ids::{PersonId, UnitId};
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, enter)).routes(routes!(show)).routes(routes!(keep))
}

/// Which guns.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct GunFilter {
    /// Of the store of this number only.
    #[param(min_length = 1, max_length = 40)]
    pub store: Option<String>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// In this state only; without it, all that were not scrapped.
    #[param(inline)]
    pub state: Option<ArmStateName>,
    /// Whose number, serial number or model has this.
    #[param(min_length = 1, max_length = 60)]
    pub text: Option<String>,
}

/// 枪支, as they were entered.
#[utoipa::path(get, path = "/firearms/guns", operation_id = "firearms_list", tag = "firearms",
    params(GunFilter, Paging), responses((status = 200, body = Page<GunView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<GunFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<GunView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let (limit, db) = (paging.rows()?, app.db().read());
    let armoury = match word("store", filter.store)? {
        Some(number) => Some(store::armoury(db, &ctx, &number).await?.id),
        None => None,
    };
    let wanted = Wanted {
        armoury,
        unit: filter.unit_id.map(UnitId),
        state: filter.state.map(Into::into),
        text: word("text", filter.text)?.unwrap_or_default(),
        after: after_id(&paging)?,
    };
    let rows = store::list(db, &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.item.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(GunView::from).collect(), next: page.next }))
}

/// A gun as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct GunBody {
    /// 资产编号; the next of the ledger's own when blank.
    #[serde(default)]
    #[schema(max_length = 64)]
    pub item_number: String,
    /// 枪支类型
    #[schema(min_length = 1, max_length = 60)]
    pub model: String,
    /// 枪种
    pub category: CategoryName,
    /// 枪号
    #[schema(min_length = 4, max_length = 40, example = "A0001234")]
    pub serial: String,
    /// 枪证号码
    #[serde(default)]
    #[schema(max_length = 40)]
    pub certificate: String,
    /// 痕迹建档编号
    #[serde(default)]
    #[schema(max_length = 60)]
    pub ballistic_record: String,
    /// Whose it is when it is somebody's own.
    pub dedicated_to: Option<Uuid>,
    /// The store's number.
    #[schema(min_length = 1, max_length = 40)]
    pub store: String,
    /// The cabinet's number.
    #[schema(max_length = 40)]
    pub cabinet: Option<String>,
    /// 枪位
    #[schema(minimum = 1, maximum = 200)]
    pub slot: Option<i64>,
    /// 配发时间
    pub issued_on: Option<NaiveDate>,
    /// 原值, fen
    #[serde(default)]
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub value_fen: i64,
    /// 凭证（调拨单、配发文号）
    #[serde(default)]
    #[schema(max_length = 200)]
    pub document: String,
}

/// 登记枪支
#[utoipa::path(post, path = "/firearms/guns", operation_id = "firearms_enter", tag = "firearms",
    request_body = GunBody, responses((status = 201, body = GunView), Problems),
    security(("session" = []), ("token" = [])))]
async fn enter(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<GunBody>) -> Result<Response, ApiError> {
    let slot = match (body.cabinet, body.slot) {
        (Some(cabinet), Some(slot)) => Some((cabinet, slot)),
        (None, None) => None,
        _ => return Err(ApiError::invalid("slot", "枪柜与枪位须同时填写")),
    };
    let new = NewArm {
        number: body.item_number,
        model: body.model,
        category: body.category.into(),
        serial: body.serial,
        certificate: body.certificate,
        ballistic_record: body.ballistic_record,
        dedicated_to: body.dedicated_to.map(PersonId),
        armoury: body.store,
        slot,
        issued_on: body.issued_on,
        value: Fen(body.value_fen),
        document: body.document,
    };
    let row = app.write(move |db| async move { arms::enter(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/firearms/guns/{}", row.item.item_number);
    let version = row.arm.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, GunView::from(row))).into_response())
}

/// One gun. Whoever looks is written in the journal.
#[utoipa::path(get, path = "/firearms/guns/{number}", operation_id = "firearms_show", tag = "firearms",
    params(("number" = String, Path, description = "资产编号、标签码、枪证号码或枪号")),
    responses((status = 200, body = GunView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<GunView>, ApiError> {
    let row = app.write(move |db| async move { arms::look(&db, &ctx, &number).await }).await?;
    Ok(Versioned(row.arm.version, row.into()))
}

/// Upkeep as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct KeepBody {
    /// 提出保养、报故障、修复; the cleaning itself goes by its paper
    pub deed: ArmDeedName,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 保养、故障
#[utoipa::path(post, path = "/firearms/guns/{number}/keep", operation_id = "firearms_keep", tag = "firearms",
    params(("number" = String, Path, description = "资产编号、标签码、枪证号码或枪号")), request_body = KeepBody,
    responses((status = 200, body = GunView), Problems), security(("session" = []), ("token" = [])))]
async fn keep(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<KeepBody>,
) -> Result<Versioned<GunView>, ApiError> {
    let (version, deed) = (seen.map(|seen| seen.0), body.deed.into());
    let done = app.write(move |db| async move { arms::keep(&db, &ctx, &number, version, deed, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.arm.version, row.into()))
}
