//! Transfers between stores, guns handed up to be destroyed, rounds for trainings, and the register of changes.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use super::shifts::LotCount;
use super::transfer_views::{
    ChangeView, ScrappingView, TrainingView, TransferLineView, TransferStateName, TransferView, TransferWithLines,
};
use super::upkeep::SecondBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::store as registry;
use crate::firearms::transfers::scrapping::{self, HandUp};
use crate::firearms::transfers::service::{self, Arrived, NewTransfer};
use crate::firearms::transfers::training::{self, Back, NewTraining};
use crate::firearms::transfers::{changes, store};
use crate::kernel::Timestamp;
use crate::kernel::ids::PersonId;
use crate::web::api::accounts::CoSignature;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;
/// Changes that one answer has.
const MOST_CHANGES: u64 = 5_000;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, plan))
        .routes(routes!(show))
        .routes(routes!(send))
        .routes(routes!(receive))
        .routes(routes!(cancel))
        .routes(routes!(list_changes))
        .routes(routes!(scrappings, hand_up))
        .routes(routes!(trainings, take_out))
        .routes(routes!(take_back))
}

/// Which transfers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct TransferFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<TransferStateName>,
}

/// 枪弹调拨, newest first.
#[utoipa::path(get, path = "/firearms/transfers", operation_id = "transfers_list", tag = "firearms",
    params(TransferFilter), responses((status = 200, body = [TransferView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<TransferFilter>,
) -> Result<Json<Vec<TransferView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::list(app.db().read(), &ctx, filter.state.map(Into::into), MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A transfer as it is planned: guns, or rounds, never both.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TransferBody {
    /// The number of the store that it goes from.
    #[schema(min_length = 1, max_length = 40)]
    pub from: String,
    /// The number of the store that it goes to.
    #[schema(min_length = 1, max_length = 40)]
    pub to: String,
    /// Numbers, labels or serial numbers of guns.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub guns: Vec<String>,
    /// Lots with their rounds.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub lots: Vec<LotCount>,
    /// 调拨依据、运输许可
    #[schema(min_length = 1, max_length = 500)]
    pub document: String,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

fn pairs(lots: Vec<LotCount>) -> Vec<(String, i64)> {
    lots.into_iter().map(|one| (one.lot, one.rounds)).collect()
}

/// 开调拨单
#[utoipa::path(post, path = "/firearms/transfers", operation_id = "transfers_plan", tag = "firearms",
    request_body = TransferBody, responses((status = 201, body = TransferView), Problems),
    security(("session" = []), ("token" = [])))]
async fn plan(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<TransferBody>,
) -> Result<Response, ApiError> {
    let TransferBody { from, to, guns, lots, document, reason } = body;
    let new = NewTransfer { from, to, guns, lots: pairs(lots), document, reason };
    let row = app.write(move |db| async move { service::plan(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, TransferView::from(row))).into_response())
}

/// One transfer with what is in it.
#[utoipa::path(get, path = "/firearms/transfers/{number}", operation_id = "transfers_show", tag = "firearms",
    params(("number" = String, Path, description = "调拨单编号")),
    responses((status = 200, body = TransferWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<TransferWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let mut lines = Vec::new();
    for line in store::lines(db, row.id).await? {
        let name = match (line.item_id, line.stock_id) {
            (Some(id), _) => registry::by_id(db, id).await?.map(|gun| (gun.item.item_number, gun.arm.model)),
            (None, Some(id)) => store::stock_by_id(db, id).await?.map(|(_, lot)| (lot.lot, lot.type_name)),
            (None, None) => None,
        };
        let (name, model) = name.unwrap_or_default();
        lines.push(TransferLineView { name, model, quantity: line.quantity, arrived: line.arrived });
    }
    Ok(Versioned(row.version, TransferWithLines { transfer: row.into(), lines }))
}

/// 发运: two of the store send it; from now on it is in neither.
#[utoipa::path(post, path = "/firearms/transfers/{number}/send", operation_id = "transfers_send", tag = "firearms",
    params(("number" = String, Path, description = "调拨单编号")), request_body = SecondBody,
    responses((status = 200, body = TransferView), Problems), security(("session" = [])))]
async fn send(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SecondBody>,
) -> Result<Versioned<TransferView>, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::send(&db, &ctx, &second, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// What was found when it arrived.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReceiveBody {
    /// Numbers, labels or serial numbers of the guns that are there.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub guns: Vec<String>,
    /// Lots with the rounds that are there.
    #[serde(default)]
    #[schema(max_items = 500)]
    pub lots: Vec<LotCount>,
    /// The second's own login, password and code.
    pub second: CoSignature,
}

/// 收货: two of the other store; what is short or wrong is a finding, and the transfer stays open.
#[utoipa::path(post, path = "/firearms/transfers/{number}/receive", operation_id = "transfers_receive",
    tag = "firearms", params(("number" = String, Path, description = "调拨单编号")), request_body = ReceiveBody,
    responses((status = 200, body = TransferView), Problems), security(("session" = [])))]
async fn receive(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReceiveBody>,
) -> Result<Versioned<TransferView>, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let arrived = Arrived { guns: body.guns, lots: pairs(body.lots) };
    let version = seen.map(|seen| seen.0);
    let done =
        app.write(move |db| async move { service::receive(&db, &ctx, &second, &number, version, &arrived).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 取消, before it is sent.
#[utoipa::path(post, path = "/firearms/transfers/{number}/cancel", operation_id = "transfers_cancel",
    tag = "firearms", params(("number" = String, Path, description = "调拨单编号")), request_body = ReasonBody,
    responses((status = 200, body = TransferView), Problems), security(("session" = []), ("token" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<TransferView>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    let version = seen.map(|seen| seen.0);
    let row =
        app.write(move |db| async move { service::cancel(&db, &ctx, &number, version, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// From when until when.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DaysFilter {
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
}

/// 枪支、弹药变更情况 of a store, as they were written.
#[utoipa::path(get, path = "/firearms/stores/{number}/changes", operation_id = "changes_list", tag = "firearms",
    params(("number" = String, Path, description = "枪弹库编号"), DaysFilter),
    responses((status = 200, body = [ChangeView]), Problems), security(("session" = []), ("token" = [])))]
async fn list_changes(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(days): Query<DaysFilter>,
) -> Result<Json<Vec<ChangeView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let of = registry::armoury(db, &ctx, &number).await?;
    let time = (Timestamp::start_of_day(days.from), Timestamp::end_of_day(days.until));
    let mut rows = Vec::new();
    for row in changes::list(db, of.id, time, MOST_CHANGES).await? {
        let name = match (row.item_id, row.stock_id) {
            (Some(id), _) => registry::by_id(db, id).await?.map(|gun| gun.item.item_number),
            (None, Some(id)) => {
                store::stock_by_id(db, id).await?.map(|(_, lot)| format!("{} {}", lot.type_name, lot.lot))
            }
            (None, None) => None,
        };
        rows.push(ChangeView::of(row, name.unwrap_or_default()));
    }
    Ok(Json(rows))
}

/// 报废枪支上交, newest first.
#[utoipa::path(get, path = "/firearms/scrappings", operation_id = "scrappings_list", tag = "firearms",
    responses((status = 200, body = [ScrappingView]), Problems), security(("session" = []), ("token" = [])))]
async fn scrappings(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ScrappingView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let mut rows = Vec::new();
    for row in store::scrappings(db, &ctx, MOST).await? {
        let number = registry::by_id(db, row.item_id).await?.map(|gun| gun.item.item_number);
        rows.push(ScrappingView::of(row, number.unwrap_or_default()));
    }
    Ok(Json(rows))
}

/// A gun that goes up to the province with its certificate.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct HandUpBody {
    /// The gun's number, label or serial number.
    #[schema(min_length = 1, max_length = 64)]
    pub gun: String,
    /// 枪证号码, read off the paper that goes with it.
    #[schema(min_length = 1, max_length = 40)]
    pub certificate: String,
    /// 接收单位
    #[schema(min_length = 1, max_length = 100)]
    pub receiver: String,
    /// 接收人
    #[serde(default)]
    #[schema(max_length = 100)]
    pub receiver_person: String,
    /// 报废批准文号
    #[schema(min_length = 1, max_length = 500)]
    pub document: String,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// The second's own login, password and code.
    pub second: CoSignature,
}

/// 报废上交: a gun with a fault, and its certificate; two hand it up.
#[utoipa::path(post, path = "/firearms/scrappings", operation_id = "scrappings_hand_up", tag = "firearms",
    request_body = HandUpBody, responses((status = 201, body = ScrappingView), Problems),
    security(("session" = [])))]
async fn hand_up(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(body): Body<HandUpBody>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsWrite)?;
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let HandUpBody { gun, certificate, receiver, receiver_person, document, reason, .. } = body;
    let new = HandUp { gun, certificate, receiver, receiver_person, document, reason };
    let row = app.write(move |db| async move { scrapping::hand_up(&db, &ctx, &second, None, &new).await }).await?;
    let number = registry::by_id(app.db().read(), row.item_id).await?.map(|gun| gun.item.item_number);
    Ok((StatusCode::CREATED, Json(ScrappingView::of(row, number.unwrap_or_default()))).into_response())
}

/// 训练用弹, newest first.
#[utoipa::path(get, path = "/firearms/trainings", operation_id = "trainings_list", tag = "firearms",
    responses((status = 200, body = [TrainingView]), Problems), security(("session" = []), ("token" = [])))]
async fn trainings(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<TrainingView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::trainings(app.db().read(), &ctx, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Rounds as they go to a training.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingBody {
    /// The number of the store of ammunition.
    #[schema(min_length = 1, max_length = 40)]
    pub store: String,
    /// 批次
    #[schema(min_length = 1, max_length = 40)]
    pub lot: String,
    /// 发数
    #[schema(minimum = 1, maximum = 100_000)]
    pub rounds: i64,
    /// 带队人
    pub leader_id: Uuid,
    /// 参训人员
    #[schema(min_length = 1, max_length = 500)]
    pub participants: String,
    /// 训练地点
    #[schema(min_length = 1, max_length = 500)]
    pub place: String,
    /// 训练批准文号
    #[schema(min_length = 1, max_length = 500)]
    pub document: String,
    /// The second's own login, password and code.
    pub second: CoSignature,
}

/// 训练领弹: two keepers hand out rounds of a lot.
#[utoipa::path(post, path = "/firearms/trainings", operation_id = "trainings_take_out", tag = "firearms",
    request_body = TrainingBody, responses((status = 201, body = TrainingView), Problems),
    security(("session" = [])))]
async fn take_out(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(body): Body<TrainingBody>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let TrainingBody { store: armoury, lot, rounds, participants, place, document, leader_id, .. } = body;
    let new = NewTraining { armoury, lot, rounds, leader: PersonId(leader_id), participants, place, document };
    let row = app.write(move |db| async move { training::take_out(&db, &ctx, &second, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, TrainingView::from(row))).into_response())
}

/// What came back from a training.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TrainingBackBody {
    /// 交还
    #[schema(minimum = 0, maximum = 100_000)]
    pub back: i64,
    /// 射击
    #[schema(minimum = 0, maximum = 100_000)]
    pub fired: i64,
    /// 弹壳
    #[schema(minimum = 0, maximum = 100_000)]
    pub cases: i64,
    /// 备注; needed when cases are missing.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
    /// The second's own login, password and code.
    pub second: CoSignature,
}

/// 训练交还: back + fired = out, with the cases.
#[utoipa::path(post, path = "/firearms/trainings/{number}/back", operation_id = "trainings_take_back",
    tag = "firearms", params(("number" = String, Path, description = "训练用弹单编号")),
    request_body = TrainingBackBody, responses((status = 200, body = TrainingView), Problems),
    security(("session" = [])))]
async fn take_back(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TrainingBackBody>,
) -> Result<Versioned<TrainingView>, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let came = Back { back: body.back, fired: body.fired, cases: body.cases, note: body.note };
    let version = seen.map(|seen| seen.0);
    let done =
        app.write(move |db| async move { training::take_back(&db, &ctx, &second, &number, version, &came).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}
