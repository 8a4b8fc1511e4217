//! Upkeep of guns (擦拭保养) as a paper.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::store as registry;
use crate::firearms::upkeep::entity::{line, upkeep};
use crate::firearms::upkeep::model::{Outcome, State as Stands};
use crate::firearms::upkeep::{service, store};
use crate::web::api::accounts::CoSignature;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;

names! {
    /// Where an upkeep paper stands.
    UpkeepStateName of Stands { Asked, Due, Refused, Cleaning, Returning, Done, Cancelled, }
    /// What became of a gun in it.
    UpkeepOutcomeName of Outcome { Open, Cleaned, Faulty, Dropped, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(show))
        .routes(routes!(decide))
        .routes(routes!(start))
        .routes(routes!(cleaned))
        .routes(routes!(put_back))
        .routes(routes!(cancel))
}

/// An upkeep paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpkeepView {
    /// 保养单编号
    pub number: String,
    /// Where it stands.
    pub state: UpkeepStateName,
    /// 单位
    pub unit_id: Uuid,
    /// The store.
    pub store_id: Uuid,
    /// 原因
    pub reason: String,
    /// 申请人
    pub applicant_id: Uuid,
    /// When it was asked for.
    pub asked_at: i64,
    /// 审批人
    pub approver_id: Option<Uuid>,
    /// When it was decided.
    pub decided_at: Option<i64>,
    /// 审批意见
    pub opinion: String,
    /// 擦拭人
    pub cleaners: Vec<Uuid>,
    /// When the cleaning began.
    pub started_at: Option<i64>,
    /// When it was done.
    pub cleaned_at: Option<i64>,
    /// 完成人
    pub finishers: Vec<Uuid>,
    /// When it ended.
    pub ended_at: Option<i64>,
    /// Why it was cancelled.
    pub ended_reason: String,
}

impl From<upkeep::Model> for UpkeepView {
    fn from(row: upkeep::Model) -> Self {
        let two = |one: [Option<crate::kernel::ids::PersonId>; 2]| one.into_iter().flatten().map(|id| id.0).collect();
        Self {
            number: row.number,
            state: row.state.into(),
            unit_id: row.unit_id.0,
            store_id: row.armoury_id,
            reason: row.reason,
            applicant_id: row.applicant_id.0,
            asked_at: row.asked_at.0,
            approver_id: row.approver_id.map(|id| id.0),
            decided_at: row.decided_at.map(|at| at.0),
            opinion: row.opinion,
            cleaners: two([row.cleaner1_id, row.cleaner2_id]),
            started_at: row.started_at.map(|at| at.0),
            cleaned_at: row.cleaned_at.map(|at| at.0),
            finishers: two([row.finisher1_id, row.finisher2_id]),
            ended_at: row.ended_at.map(|at| at.0),
            ended_reason: row.ended_reason,
        }
    }
}

/// A gun in a paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpkeepLineView {
    /// 资产编号
    pub item_number: String,
    /// 枪支类型
    pub model: String,
    /// What became of it.
    pub outcome: UpkeepOutcomeName,
    /// The fault that was found.
    pub note: String,
}

/// A paper with its guns.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UpkeepWithLines {
    /// The paper.
    pub upkeep: UpkeepView,
    /// Its guns.
    pub lines: Vec<UpkeepLineView>,
}

/// Which papers.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct UpkeepFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<UpkeepStateName>,
}

/// 擦拭保养, newest first.
#[utoipa::path(get, path = "/firearms/upkeeps", operation_id = "upkeeps_list", tag = "firearms", params(UpkeepFilter),
    responses((status = 200, body = [UpkeepView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<UpkeepFilter>,
) -> Result<Json<Vec<UpkeepView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::list(app.db().read(), &ctx, filter.state.map(Into::into), MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// An upkeep as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpkeepBody {
    /// The store's number.
    #[schema(min_length = 1, max_length = 40)]
    pub store: String,
    /// Numbers, labels or serial numbers of the guns.
    #[schema(min_items = 1, max_items = 200)]
    pub guns: Vec<String>,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 申请保养
#[utoipa::path(post, path = "/firearms/upkeeps", operation_id = "upkeeps_ask", tag = "firearms",
    request_body = UpkeepBody, responses((status = 201, body = UpkeepView), Problems),
    security(("session" = []), ("token" = [])))]
async fn ask(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<UpkeepBody>) -> Result<Response, ApiError> {
    let done = app.write(move |db| async move { service::ask(&db, &ctx, &body.store, &body.guns, &body.reason).await });
    let row = done.await?;
    Ok((StatusCode::CREATED, Versioned(row.version, UpkeepView::from(row))).into_response())
}

/// One paper with its guns.
#[utoipa::path(get, path = "/firearms/upkeeps/{number}", operation_id = "upkeeps_show", tag = "firearms",
    params(("number" = String, Path, description = "保养单编号")),
    responses((status = 200, body = UpkeepWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<UpkeepWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let mut lines = Vec::new();
    for line::Model { item_id, outcome, note, .. } in store::lines(db, row.id).await? {
        let Some(gun) = registry::by_id(db, item_id).await? else { continue };
        let (item_number, model) = (gun.item.item_number, gun.arm.model);
        lines.push(UpkeepLineView { item_number, model, outcome: outcome.into(), note });
    }
    Ok(Versioned(row.version, UpkeepWithLines { upkeep: row.into(), lines }))
}

/// A yes or a no.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpkeepDecisionBody {
    /// Whether it may be done.
    pub approved: bool,
    /// 审批意见; a no needs one.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub opinion: String,
}

/// 审批保养: nobody decides their own.
#[utoipa::path(post, path = "/firearms/upkeeps/{number}/decide", operation_id = "upkeeps_decide", tag = "firearms",
    params(("number" = String, Path, description = "保养单编号")), request_body = UpkeepDecisionBody,
    responses((status = 200, body = UpkeepView), Problems), security(("session" = [])))]
async fn decide(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<UpkeepDecisionBody>,
) -> Result<Versioned<UpkeepView>, ApiError> {
    let (version, UpkeepDecisionBody { approved, opinion }) = (seen.map(|seen| seen.0), body);
    let done =
        app.write(move |db| async move { service::decide(&db, &ctx, &number, version, approved, &opinion).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Whoever is the second of two.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SecondBody {
    /// Their own login, password and code.
    pub second: CoSignature,
}

/// 开始保养: two take the guns out.
#[utoipa::path(post, path = "/firearms/upkeeps/{number}/start", operation_id = "upkeeps_start", tag = "firearms",
    params(("number" = String, Path, description = "保养单编号")), request_body = SecondBody,
    responses((status = 200, body = UpkeepView), Problems), security(("session" = [])))]
async fn start(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SecondBody>,
) -> Result<Versioned<UpkeepView>, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::start(&db, &ctx, &second, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 擦拭完毕
#[utoipa::path(post, path = "/firearms/upkeeps/{number}/cleaned", operation_id = "upkeeps_cleaned", tag = "firearms",
    params(("number" = String, Path, description = "保养单编号")),
    responses((status = 200, body = UpkeepView), Problems), security(("session" = []), ("token" = [])))]
async fn cleaned(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<UpkeepView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::cleaned(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// A fault that was found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FaultBody {
    /// The gun's number, label or serial number.
    #[schema(min_length = 1, max_length = 64)]
    pub gun: String,
    /// 故障情况
    #[schema(min_length = 1, max_length = 500)]
    pub fault: String,
}

/// The guns are put back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PutBackBody {
    /// Those that have a fault.
    #[serde(default)]
    #[schema(max_items = 200)]
    pub faults: Vec<FaultBody>,
    /// The second's own login, password and code.
    pub second: CoSignature,
}

/// 入柜: two put the guns back.
#[utoipa::path(post, path = "/firearms/upkeeps/{number}/put-back", operation_id = "upkeeps_put_back",
    tag = "firearms", params(("number" = String, Path, description = "保养单编号")), request_body = PutBackBody,
    responses((status = 200, body = UpkeepView), Problems), security(("session" = [])))]
async fn put_back(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<PutBackBody>,
) -> Result<Versioned<UpkeepView>, ApiError> {
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let second = body.second.prove(&app, &visit, &ctx).await?;
    let version = seen.map(|seen| seen.0);
    let faults: Vec<(String, String)> = body.faults.into_iter().map(|one| (one.gun, one.fault)).collect();
    let done =
        app.write(move |db| async move { service::put_back(&db, &ctx, &second, &number, version, &faults).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 取消, before the guns are taken out.
#[utoipa::path(post, path = "/firearms/upkeeps/{number}/cancel", operation_id = "upkeeps_cancel", tag = "firearms",
    params(("number" = String, Path, description = "保养单编号")), request_body = ReasonBody,
    responses((status = 200, body = UpkeepView), Problems), security(("session" = []), ("token" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<UpkeepView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row =
        app.write(move |db| async move { service::cancel(&db, &ctx, &number, version, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}
