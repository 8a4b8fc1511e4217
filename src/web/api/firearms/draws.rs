//! Draws: ask, the act at the counter step by step, hand over, take back, losses, more time.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draw_views::{
    ActView, ClearanceName, DrawPurposeName, DrawStateName, DrawView, DrawWithActs, LockView, LongerView, PartName,
    SignatureView,
};
use crate::access::{Action, permit_somewhere};
use crate::firearms::draws::acting::{self, Count};
use crate::firearms::draws::asking::{self, NewDraw};
use crate::firearms::draws::entity::act;
use crate::firearms::draws::model::Rounds;
use crate::firearms::draws::store::{self, Wanted};
use crate::firearms::draws::{handing, longer, losing};
use crate::kernel::Timestamp;
use crate::kernel::ids::UnitId;
use crate::web::api::accounts::CoSignature;
use crate::web::api::jobs::after_id;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(show))
        .routes(routes!(withdraw))
        .routes(routes!(open_issue))
        .routes(routes!(open_return))
        .routes(routes!(clear))
        .routes(routes!(scan))
        .routes(routes!(count))
        .routes(routes!(sign))
        .routes(routes!(hand_over))
        .routes(routes!(take_back))
        .routes(routes!(cancel))
        .routes(routes!(report_loss))
        .routes(routes!(ask_longer))
        .routes(routes!(unlock))
}

/// Which draws.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DrawFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<DrawStateName>,
    /// Of this unit's stores only.
    pub unit_id: Option<Uuid>,
    /// Only those that have a gun out.
    pub out: Option<bool>,
}

/// 领枪单, newest first: of stores within reach, and one's own.
#[utoipa::path(get, path = "/firearms/draws", operation_id = "draws_list", tag = "firearms",
    params(DrawFilter, Paging), responses((status = 200, body = Page<DrawView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<DrawFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<DrawView>>, ApiError> {
    let limit = paging.rows()?;
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        out: filter.out.unwrap_or_default(),
        before: after_id(&paging)?,
        drawer: None,
    };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(DrawView::from).collect(), next: page.next }))
}

/// A draw as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrawBody {
    /// The number of the store of guns.
    #[schema(min_length = 1, max_length = 40)]
    pub store: String,
    /// 枪支类型
    #[schema(min_length = 1, max_length = 60)]
    pub model: String,
    /// 事由
    pub purpose: DrawPurposeName,
    /// 任务
    #[schema(min_length = 1, max_length = 500)]
    pub task: String,
    /// 子弹数
    #[schema(minimum = 0, maximum = 200)]
    pub rounds: i64,
    /// 弹匣数
    #[schema(minimum = 0, maximum = 6)]
    pub magazines: i64,
    /// 预计领用时间
    pub from: i64,
    /// 预计归还时间
    pub due: i64,
    /// 跨区域
    #[serde(default)]
    pub cross_area: bool,
    /// 批量领用
    #[serde(default)]
    pub bulk: bool,
    /// 紧急领枪: two people at the counter, ratified after.
    #[serde(default)]
    pub urgent: bool,
}

/// 申请领枪
#[utoipa::path(post, path = "/firearms/draws", operation_id = "draws_ask", tag = "firearms",
    request_body = DrawBody, responses((status = 201, body = DrawView), Problems),
    security(("session" = []), ("token" = [])))]
async fn ask(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<DrawBody>) -> Result<Response, ApiError> {
    let new = NewDraw {
        armoury: body.store,
        model: body.model,
        purpose: body.purpose.into(),
        task: body.task,
        rounds: body.rounds,
        magazines: body.magazines,
        from: Timestamp(body.from),
        due: Timestamp(body.due),
        cross_area: body.cross_area,
        bulk: body.bulk,
        urgent: body.urgent,
    };
    let row = app.write(move |db| async move { asking::ask(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/firearms/draws/{}", row.number);
    let version = row.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, DrawView::from(row))).into_response())
}

/// One draw with its acts.
#[utoipa::path(get, path = "/firearms/draws/{number}", operation_id = "draws_show", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")),
    responses((status = 200, body = DrawWithActs), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<DrawWithActs>, ApiError> {
    let db = app.db().read();
    let shown = store::one(db, &ctx, &number).await?;
    let mut acts = Vec::new();
    for act in store::acts(db, shown.row.id).await? {
        let signed = store::signatures(db, act.id).await?;
        acts.push(ActView::of(act, signed));
    }
    Ok(Versioned(shown.row.version, DrawWithActs { draw: shown.into(), acts }))
}

/// Why.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 撤回
#[utoipa::path(post, path = "/firearms/draws/{number}/withdraw", operation_id = "draws_withdraw", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = ReasonBody,
    responses((status = 200, body = DrawView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<DrawView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { asking::withdraw(&db, &ctx, &number, version, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Which gun.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhichGunBody {
    /// 资产编号、标签码、枪证号码或枪号
    #[schema(min_length = 1, max_length = 64)]
    pub gun: String,
}

fn fresh(act: act::Model) -> Json<ActView> {
    Json(ActView::of(act, Vec::new()))
}

/// 办理领枪: the act is opened and the gun reserved.
#[utoipa::path(post, path = "/firearms/draws/{number}/issue", operation_id = "draws_open_issue", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = WhichGunBody,
    responses((status = 200, body = ActView), Problems), security(("session" = []), ("token" = [])))]
async fn open_issue(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<WhichGunBody>,
) -> Result<Json<ActView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { acting::open_issue(&db, &ctx, &number, version, &body.gun).await });
    Ok(fresh(done.await?))
}

/// 办理还枪: the act is opened.
#[utoipa::path(post, path = "/firearms/draws/{number}/return", operation_id = "draws_open_return", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")),
    responses((status = 200, body = ActView), Problems), security(("session" = []), ("token" = [])))]
async fn open_return(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Json<ActView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { acting::open_return(&db, &ctx, &number, version).await });
    Ok(fresh(done.await?))
}

/// A step of the clearance check.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearBody {
    /// Which; they have an order.
    pub step: ClearanceName,
}

/// 验枪: one step.
#[utoipa::path(post, path = "/firearms/draws/{number}/clear", operation_id = "draws_clear", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = ClearBody,
    responses((status = 200, body = ActView), Problems), security(("session" = []), ("token" = [])))]
async fn clear(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ClearBody>,
) -> Result<Json<ActView>, ApiError> {
    let done = app.write(move |db| async move { acting::clear(&db, &ctx, &number, body.step.into()).await });
    Ok(fresh(done.await?))
}

/// 扫枪
#[utoipa::path(post, path = "/firearms/draws/{number}/scan", operation_id = "draws_scan", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = WhichGunBody,
    responses((status = 200, body = ActView), Problems), security(("session" = []), ("token" = [])))]
async fn scan(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<WhichGunBody>,
) -> Result<Json<ActView>, ApiError> {
    let done = app.write(move |db| async move { acting::scan(&db, &ctx, &number, &body.gun).await });
    Ok(fresh(done.await?))
}

/// What was counted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountBody {
    /// Handing out: the number of the store of ammunition.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub store: String,
    /// Handing out: 批次
    #[serde(default)]
    #[schema(max_length = 40)]
    pub lot: String,
    /// 发出, or 交还
    #[schema(minimum = 0, maximum = 200)]
    pub rounds: i64,
    /// 耗用
    #[serde(default)]
    #[schema(minimum = 0, maximum = 200)]
    pub fired: i64,
    /// 损坏
    #[serde(default)]
    #[schema(minimum = 0, maximum = 200)]
    pub damaged: i64,
    /// 遗失
    #[serde(default)]
    #[schema(minimum = 0, maximum = 200)]
    pub lost: i64,
    /// 弹匣编号
    #[serde(default)]
    #[schema(max_items = 6)]
    pub magazines: Vec<String>,
}

/// 清点弹药
#[utoipa::path(post, path = "/firearms/draws/{number}/count", operation_id = "draws_count", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = CountBody,
    responses((status = 200, body = ActView), Problems), security(("session" = []), ("token" = [])))]
async fn count(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CountBody>,
) -> Result<Json<ActView>, ApiError> {
    let rounds = Rounds { back: body.rounds, fired: body.fired, damaged: body.damaged, lost: body.lost };
    let counted = Count { armoury: body.store, lot: body.lot, rounds, magazines: body.magazines };
    let done = app.write(move |db| async move { acting::count(&db, &ctx, &number, &counted).await });
    Ok(fresh(done.await?))
}

/// Somebody who signs at the counter, with the proof that they are there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignBody {
    /// In what capacity.
    pub part: PartName,
    /// Their own login, password and code.
    pub signer: CoSignature,
}

/// 签字: whoever signs proves to be there by their own password and second factor, also who holds the counter.
#[utoipa::path(post, path = "/firearms/draws/{number}/sign", operation_id = "draws_sign", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = SignBody,
    responses((status = 200, body = SignatureView), Problems), security(("session" = [])))]
async fn sign(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<SignBody>,
) -> Result<Json<SignatureView>, ApiError> {
    // Whoever does not hold the counter does not try another's password.
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let signer = body.signer.prove(&app, &visit, &ctx).await?;
    let part = body.part.into();
    let row = app.write(move |db| async move { acting::sign(&db, &signer, &number, part).await }).await?;
    Ok(Json(row.into()))
}

/// 交枪: from now on the officer has it.
#[utoipa::path(post, path = "/firearms/draws/{number}/hand-over", operation_id = "draws_hand_over", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")),
    responses((status = 200, body = DrawView), Problems), security(("session" = [])))]
async fn hand_over(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<DrawView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { handing::hand_over(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 收枪: from now on the store has it.
#[utoipa::path(post, path = "/firearms/draws/{number}/take-back", operation_id = "draws_take_back", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")),
    responses((status = 200, body = DrawView), Problems), security(("session" = [])))]
async fn take_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<DrawView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { handing::take_back(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 取消办理: nothing has changed hands.
#[utoipa::path(post, path = "/firearms/draws/{number}/cancel", operation_id = "draws_cancel", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = ReasonBody,
    responses((status = 200, body = DrawView), Problems), security(("session" = []), ("token" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<DrawView>, ApiError> {
    let done = app.write(move |db| async move { acting::cancel(&db, &ctx, &number, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// What is lost.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LossBody {
    /// The gun.
    pub gun: bool,
    /// So many rounds.
    #[schema(minimum = 0, maximum = 200)]
    pub rounds: i64,
    /// 经过
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 报失: the officer does, or whoever holds the counter. The unit's draws are locked at once.
#[utoipa::path(post, path = "/firearms/draws/{number}/loss", operation_id = "draws_report_loss", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = LossBody,
    responses((status = 200, body = DrawView), Problems), security(("session" = []), ("token" = [])))]
async fn report_loss(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<LossBody>,
) -> Result<Versioned<DrawView>, ApiError> {
    let LossBody { gun, rounds, reason } = body;
    let done = app.write(move |db| async move { losing::report(&db, &ctx, &number, gun, rounds, &reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// More time.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LongerBody {
    /// 延期至
    pub until: i64,
    /// 原因
    #[schema(min_length = 1, max_length = 400)]
    pub reason: String,
}

/// 申请延期: before the time is over.
#[utoipa::path(post, path = "/firearms/draws/{number}/longer", operation_id = "draws_ask_longer", tag = "firearms",
    params(("number" = String, Path, description = "领枪单编号")), request_body = LongerBody,
    responses((status = 201, body = LongerView), Problems), security(("session" = []), ("token" = [])))]
async fn ask_longer(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<LongerBody>,
) -> Result<Response, ApiError> {
    let until = Timestamp(body.until);
    let done = app.write(move |db| async move { longer::ask(&db, &ctx, &number, until, &body.reason).await });
    Ok((StatusCode::CREATED, Json(LongerView::from(done.await?))).into_response())
}

/// 解除领枪锁定
#[utoipa::path(post, path = "/firearms/locks/{id}/lift", operation_id = "draws_unlock", tag = "firearms",
    params(("id" = Uuid, Path, description = "锁定")), request_body = ReasonBody,
    responses((status = 200, body = LockView), Problems), security(("session" = [])))]
async fn unlock(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<LockView>, ApiError> {
    let row = app.write(move |db| async move { losing::unlock(&db, &ctx, id, &body.reason).await }).await?;
    Ok(Json(row.into()))
}
