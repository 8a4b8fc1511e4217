//! Stores, their cabinets, magazines and rounds.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{CabinetView, EntryView, MagazineView, StockView, StoreKindName, StoreView, StoreWithAll};
use crate::access::{Action, permit_somewhere};
use crate::firearms::ammunition::{self, Receipt};
use crate::firearms::armouries::{self, NewArmoury};
use crate::firearms::{arms, store};
use crate::kernel::ids::{PersonId, UnitId};
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::{ApiError, App, Caller};

/// Entries of a lot that are shown.
const MOST_ENTRIES: u64 = 500;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, enter))
        .routes(routes!(show))
        .routes(routes!(add_cabinet))
        .routes(routes!(enter_magazines))
        .routes(routes!(receive))
        .routes(routes!(entries))
}

/// 枪弹库, by number.
#[utoipa::path(get, path = "/firearms/stores", operation_id = "firearms_list_stores", tag = "firearms",
    responses((status = 200, body = [StoreView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<StoreView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::armouries(app.db().read(), &ctx).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A store as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct StoreBody {
    /// 编号
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
    /// 名称
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// Of guns or of ammunition.
    pub kind: StoreKindName,
    /// 单位
    pub unit_id: Uuid,
    /// 负责人
    pub in_charge_id: Option<Uuid>,
}

/// 登记枪弹库
#[utoipa::path(post, path = "/firearms/stores", operation_id = "firearms_enter_store", tag = "firearms",
    request_body = StoreBody, responses((status = 201, body = StoreView), Problems),
    security(("session" = []), ("token" = [])))]
async fn enter(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<StoreBody>) -> Result<Response, ApiError> {
    let new = NewArmoury {
        number: body.number,
        name: body.name,
        kind: body.kind.into(),
        unit: UnitId(body.unit_id),
        in_charge: body.in_charge_id.map(PersonId),
    };
    let row = app.write(move |db| async move { armouries::enter(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(StoreView::from(row))).into_response())
}

/// One store with what is in it; its guns are a list of their own.
#[utoipa::path(get, path = "/firearms/stores/{number}", operation_id = "firearms_show_store", tag = "firearms",
    params(("number" = String, Path, description = "枪弹库编号")),
    responses((status = 200, body = StoreWithAll), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<StoreWithAll>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let row = store::armoury(db, &ctx, &number).await?;
    let (cabinets, magazines) = (store::cabinets(db, row.id).await?, store::magazines(db, row.id).await?);
    let stock = store::stock(db, row.id).await?;
    Ok(Json(StoreWithAll {
        store: row.into(),
        cabinets: cabinets.into_iter().map(CabinetView::from).collect(),
        magazines: magazines.into_iter().map(MagazineView::from).collect(),
        stock: stock.into_iter().map(StockView::from).collect(),
    }))
}

/// A cabinet as it is put in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CabinetBody {
    /// 枪柜编号
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
    /// 枪位
    #[schema(minimum = 1, maximum = 200)]
    pub slots: i64,
}

/// 增加枪柜
#[utoipa::path(post, path = "/firearms/stores/{number}/cabinets", operation_id = "firearms_add_cabinet",
    tag = "firearms", params(("number" = String, Path, description = "枪弹库编号")), request_body = CabinetBody,
    responses((status = 201, body = CabinetView), Problems), security(("session" = []), ("token" = [])))]
async fn add_cabinet(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CabinetBody>,
) -> Result<Response, ApiError> {
    let done =
        app.write(move |db| async move { armouries::add_cabinet(&db, &ctx, &number, &body.number, body.slots).await });
    Ok((StatusCode::CREATED, Json(CabinetView::from(done.await?))).into_response())
}

/// Magazines as they are entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MagazinesBody {
    /// The model that they fit.
    #[schema(min_length = 1, max_length = 60)]
    pub model: String,
    /// 弹匣编号
    #[schema(min_items = 1, max_items = 200)]
    pub numbers: Vec<String>,
}

/// 登记弹匣
#[utoipa::path(post, path = "/firearms/stores/{number}/magazines", operation_id = "firearms_enter_magazines",
    tag = "firearms", params(("number" = String, Path, description = "枪弹库编号")), request_body = MagazinesBody,
    responses((status = 201, body = [MagazineView]), Problems), security(("session" = []), ("token" = [])))]
async fn enter_magazines(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<MagazinesBody>,
) -> Result<Response, ApiError> {
    let done =
        app.write(move |db| async move { arms::enter_magazines(&db, &ctx, &number, &body.model, &body.numbers).await });
    let rows: Vec<MagazineView> = done.await?.into_iter().map(Into::into).collect();
    Ok((StatusCode::CREATED, Json(rows)).into_response())
}

/// Rounds as they come in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiptBody {
    /// 弹药种类
    #[schema(min_length = 1, max_length = 60)]
    pub type_name: String,
    /// 批次
    #[schema(min_length = 1, max_length = 40)]
    pub lot: String,
    /// 生产日期
    pub made_on: Option<NaiveDate>,
    /// 发数
    #[schema(minimum = 1, maximum = 10_000_000)]
    pub rounds: i64,
    /// 凭证
    #[schema(min_length = 1, max_length = 500)]
    pub document: String,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// 弹药入库
#[utoipa::path(post, path = "/firearms/stores/{number}/rounds", operation_id = "firearms_receive_rounds",
    tag = "firearms", params(("number" = String, Path, description = "枪弹库编号")), request_body = ReceiptBody,
    responses((status = 201, description = "The rounds are in"), Problems),
    security(("session" = []), ("token" = [])))]
async fn receive(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(armoury): Path<String>,
    Body(body): Body<ReceiptBody>,
) -> Result<StatusCode, ApiError> {
    let new = Receipt {
        armoury,
        type_name: body.type_name,
        lot: body.lot,
        made_on: body.made_on,
        rounds: body.rounds,
        document: body.document,
        note: body.note,
    };
    app.write(move |db| async move { ammunition::receive(&db, &ctx, &new).await }).await?;
    Ok(StatusCode::CREATED)
}

/// What became of a lot in a store, newest first.
#[utoipa::path(get, path = "/firearms/stores/{number}/rounds/{stock}", operation_id = "firearms_list_rounds",
    tag = "firearms",
    params(("number" = String, Path, description = "枪弹库编号"), ("stock" = Uuid, Path, description = "库存")),
    responses((status = 200, body = [EntryView]), Problems), security(("session" = []), ("token" = [])))]
async fn entries(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, stock)): Path<(String, Uuid)>,
) -> Result<Json<Vec<EntryView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let of = store::armoury(db, &ctx, &number).await?;
    if !store::stock(db, of.id).await?.iter().any(|(row, _)| row.id == stock) {
        return Err(ApiError::NotFound("没有这批弹药".to_owned()));
    }
    let rows = store::entries(db, stock, MOST_ENTRIES).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}
