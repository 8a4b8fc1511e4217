//! Handovers of a shift, and who went into a store.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::shifts::entity::{line, shift, signature, visit};
use crate::firearms::shifts::model::{LineKind, Side, State as Stands};
use crate::firearms::shifts::service::{self, Counted};
use crate::firearms::shifts::store;
use crate::firearms::shifts::visits::{self, NewVisit};
use crate::firearms::store as registry;
use crate::kernel::ids::UnitId;
use crate::web::api::accounts::CoSignature;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;

names! {
    /// Where a handover stands.
    ShiftStateName of Stands { Counting, Agreed, Differing, Closed, Cancelled, }
    /// 交班、接班
    SideName of Side { Out1, Out2, In1, In2, }
    /// What a line is of.
    ShiftLineKindName of LineKind { Gun, Lot, Unknown, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(show))
        .routes(routes!(count))
        .routes(routes!(explain))
        .routes(routes!(sign))
        .routes(routes!(close))
        .routes(routes!(cancel))
        .routes(routes!(visits_list, visits_enter))
        .routes(routes!(visits_leave))
}

/// A handover.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShiftView {
    /// 交接编号
    pub number: String,
    /// 单位
    pub unit_id: Uuid,
    /// Where it stands.
    pub state: ShiftStateName,
    /// When it was opened.
    pub opened_at: i64,
    /// How often it was counted.
    pub round: i64,
    /// When it was counted last.
    pub counted_at: Option<i64>,
    /// How many differ.
    pub differences: i64,
    /// What is known of them, or why it was cancelled.
    pub note: String,
    /// When it ended.
    pub ended_at: Option<i64>,
}

impl From<shift::Model> for ShiftView {
    fn from(row: shift::Model) -> Self {
        Self {
            number: row.number,
            unit_id: row.unit_id.0,
            state: row.state.into(),
            opened_at: row.opened_at.0,
            round: row.round,
            counted_at: row.counted_at.map(|at| at.0),
            differences: row.differences,
            note: row.note,
            ended_at: row.ended_at.map(|at| at.0),
        }
    }
}

/// A gun or a lot as it was counted. By how much it differs is shown once somebody has said what is known of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShiftLineView {
    /// What it is of.
    pub kind: ShiftLineKindName,
    /// The gun's number, the lot, or what was read.
    pub name: String,
    /// Whether it differs.
    pub differs: bool,
    /// 上班结存、本班入库、本班出库、账面结存、实盘
    pub numbers: Option<[i64; 5]>,
}

impl ShiftLineView {
    fn of(row: line::Model, open: bool) -> Self {
        let numbers = open.then_some([row.opening, row.came, row.went, row.book, row.counted]);
        Self { kind: row.kind.into(), name: row.name, differs: row.differs, numbers }
    }
}

/// A signature to a handover.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShiftSignatureView {
    /// For which side.
    pub side: SideName,
    /// Who.
    pub person_id: Uuid,
    /// When.
    pub signed_at: i64,
}

impl From<signature::Model> for ShiftSignatureView {
    fn from(row: signature::Model) -> Self {
        Self { side: row.side.into(), person_id: row.person_id.0, signed_at: row.signed_at.0 }
    }
}

/// A handover with its lines and signatures.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ShiftWithLines {
    /// The handover.
    pub shift: ShiftView,
    /// The lines of the count that holds.
    pub lines: Vec<ShiftLineView>,
    /// The signatures that count.
    pub signatures: Vec<ShiftSignatureView>,
}

/// 交接班, newest first.
#[utoipa::path(get, path = "/firearms/shifts", operation_id = "shifts_list", tag = "firearms",
    responses((status = 200, body = [ShiftView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ShiftView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::list(app.db().read(), &ctx, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Whose stores.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenShiftBody {
    /// 单位
    pub unit_id: Uuid,
}

/// 开始交接
#[utoipa::path(post, path = "/firearms/shifts", operation_id = "shifts_open", tag = "firearms",
    request_body = OpenShiftBody, responses((status = 201, body = ShiftView), Problems),
    security(("session" = []), ("token" = [])))]
async fn open(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<OpenShiftBody>,
) -> Result<Response, ApiError> {
    let row = app.write(move |db| async move { service::open(&db, &ctx, UnitId(body.unit_id)).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, ShiftView::from(row))).into_response())
}

/// One handover with the count that holds.
#[utoipa::path(get, path = "/firearms/shifts/{number}", operation_id = "shifts_show", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")),
    responses((status = 200, body = ShiftWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<ShiftWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let open = !row.state.is_open() || !row.note.is_empty();
    let lines = store::lines(db, &row).await?.into_iter().map(|line| ShiftLineView::of(line, open)).collect();
    let signatures = store::signatures(db, row.id).await?.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, ShiftWithLines { shift: row.into(), lines, signatures }))
}

/// A lot as it was counted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LotCount {
    /// 批次
    #[schema(min_length = 1, max_length = 40)]
    pub lot: String,
    /// 发数
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub rounds: i64,
}

/// What was read off the shelves.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CountShiftBody {
    /// Serial numbers, labels or numbers of the guns that are there.
    #[schema(max_items = 2000)]
    pub guns: Vec<String>,
    /// Lots with their rounds.
    #[schema(max_items = 2000)]
    pub lots: Vec<LotCount>,
}

/// 清点: blind; the book is held against it.
#[utoipa::path(post, path = "/firearms/shifts/{number}/count", operation_id = "shifts_count", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")), request_body = CountShiftBody,
    responses((status = 200, body = ShiftView), Problems), security(("session" = []), ("token" = [])))]
async fn count(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CountShiftBody>,
) -> Result<Versioned<ShiftView>, ApiError> {
    let lots = body.lots.into_iter().map(|one| (one.lot, one.rounds)).collect();
    let counted = Counted { guns: body.guns, lots };
    let row = app.write(move |db| async move { service::count(&db, &ctx, &number, &counted).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 说明差异
#[utoipa::path(post, path = "/firearms/shifts/{number}/explain", operation_id = "shifts_explain", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")), request_body = ReasonBody,
    responses((status = 200, body = ShiftView), Problems), security(("session" = []), ("token" = [])))]
async fn explain(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<ShiftView>, ApiError> {
    let row = app.write(move |db| async move { service::explain(&db, &ctx, &number, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Somebody who signs, with the proof that they are there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignShiftBody {
    /// For which side.
    pub side: SideName,
    /// Their own login, password and code.
    pub signer: CoSignature,
}

/// 签字
#[utoipa::path(post, path = "/firearms/shifts/{number}/sign", operation_id = "shifts_sign", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")), request_body = SignShiftBody,
    responses((status = 200, body = ShiftSignatureView), Problems), security(("session" = [])))]
async fn sign(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<SignShiftBody>,
) -> Result<Json<ShiftSignatureView>, ApiError> {
    // Whoever does not hold the counter does not try another's password.
    permit_somewhere(&ctx, Action::DrawsKeep)?;
    let signer = body.signer.prove(&app, &visit, &ctx).await?;
    let side = body.side.into();
    let row = app.write(move |db| async move { service::sign(&db, &signer, &number, side).await }).await?;
    Ok(Json(row.into()))
}

/// 交接: every difference becomes a finding.
#[utoipa::path(post, path = "/firearms/shifts/{number}/close", operation_id = "shifts_close", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")),
    responses((status = 200, body = ShiftView), Problems), security(("session" = [])))]
async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<ShiftView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::close(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 取消
#[utoipa::path(post, path = "/firearms/shifts/{number}/cancel", operation_id = "shifts_cancel", tag = "firearms",
    params(("number" = String, Path, description = "交接编号")), request_body = ReasonBody,
    responses((status = 200, body = ShiftView), Problems), security(("session" = []), ("token" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<ShiftView>, ApiError> {
    let row = app.write(move |db| async move { service::cancel(&db, &ctx, &number, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Somebody who went into a store.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VisitView {
    /// Its id.
    pub id: Uuid,
    /// 姓名
    pub visitor: String,
    /// 职务、单位
    pub post: String,
    /// 同行人数
    pub companions: i64,
    /// 事由
    pub reason: String,
    /// 进库时间
    pub entered_at: i64,
    /// 出库时间
    pub left_at: Option<i64>,
    /// 检查情况
    pub findings: String,
}

impl From<visit::Model> for VisitView {
    fn from(row: visit::Model) -> Self {
        Self {
            id: row.id,
            visitor: row.visitor,
            post: row.post,
            companions: row.companions,
            reason: row.reason,
            entered_at: row.entered_at.0,
            left_at: row.left_at.map(|at| at.0),
            findings: row.findings,
        }
    }
}

/// 人员进出库登记, the last first.
#[utoipa::path(get, path = "/firearms/stores/{number}/visits", operation_id = "visits_list", tag = "firearms",
    params(("number" = String, Path, description = "枪弹库编号")),
    responses((status = 200, body = [VisitView]), Problems), security(("session" = []), ("token" = [])))]
async fn visits_list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<Vec<VisitView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let of = registry::armoury(app.db().read(), &ctx, &number).await?;
    let rows = store::visits(app.db().read(), of.id, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Somebody who goes in.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VisitBody {
    /// 姓名
    #[schema(min_length = 1, max_length = 100)]
    pub visitor: String,
    /// 职务、单位
    #[serde(default)]
    #[schema(max_length = 100)]
    pub post: String,
    /// 同行人数
    #[schema(minimum = 0, maximum = 100)]
    pub companions: i64,
    /// 事由
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 登记进库: somebody alone is a finding at once.
#[utoipa::path(post, path = "/firearms/stores/{number}/visits", operation_id = "visits_enter", tag = "firearms",
    params(("number" = String, Path, description = "枪弹库编号")), request_body = VisitBody,
    responses((status = 201, body = VisitView), Problems), security(("session" = []), ("token" = [])))]
async fn visits_enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(armoury): Path<String>,
    Body(body): Body<VisitBody>,
) -> Result<Response, ApiError> {
    let VisitBody { visitor, post, companions, reason } = body;
    let new = NewVisit { armoury, visitor, post, companions, reason };
    let row = app.write(move |db| async move { visits::enter(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(VisitView::from(row))).into_response())
}

/// What they found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LeaveBody {
    /// 检查情况
    #[serde(default)]
    #[schema(max_length = 500)]
    pub findings: String,
}

/// 登记出库
#[utoipa::path(post, path = "/firearms/visits/{id}/leave", operation_id = "visits_leave", tag = "firearms",
    params(("id" = Uuid, Path, description = "进出库登记")), request_body = LeaveBody,
    responses((status = 200, body = VisitView), Problems), security(("session" = []), ("token" = [])))]
async fn visits_leave(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<LeaveBody>,
) -> Result<Json<VisitView>, ApiError> {
    let row = app.write(move |db| async move { visits::leave(&db, &ctx, id, &body.findings).await }).await?;
    Ok(Json(row.into()))
}
