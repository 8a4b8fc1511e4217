//! Audits of armouries by sample: committed to, drawn, answered line by line, closed.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::audits::answers::{self, Found};
use crate::firearms::audits::entity::{audit, line};
use crate::firearms::audits::model::{LineKind, Outcome, State as Stands};
use crate::firearms::audits::{service, store};
use crate::kernel::sampling::Precision;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Versioned};
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;

names! {
    /// Where an audit stands.
    AuditStateName of Stands { Committed, Drawn, Closed, Cancelled, }
    /// What a line is of.
    AuditLineKindName of LineKind { Gun, Lot, Place, Extra, }
    /// What a line came to.
    AuditOutcomeName of Outcome { Open, Agrees, Excused, NotFound, WrongSlot, RoundsDiffer, Extra, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, commit))
        .routes(routes!(show))
        .routes(routes!(draw))
        .routes(routes!(answer))
        .routes(routes!(extra))
        .routes(routes!(close))
        .routes(routes!(cancel))
}

/// An audit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditView {
    /// 抽查编号
    pub number: String,
    /// Where it stands.
    pub state: AuditStateName,
    /// 枪弹库
    pub armoury_id: Uuid,
    /// 单位
    pub unit_id: Uuid,
    /// 抽查人
    pub counter_id: Uuid,
    /// Percent.
    pub confidence: i64,
    /// Percent.
    pub margin: i64,
    /// By which function the seed is hashed.
    pub hash: String,
    /// The hash of the seed, made known before it is drawn.
    pub commitment: String,
    /// The seed; not before it is drawn with.
    pub seed: Option<String>,
    /// When it was committed to.
    pub opened_at: i64,
    /// When it was drawn.
    pub drawn_at: Option<i64>,
    /// How many lines.
    pub lines: i64,
    /// How many differ.
    pub differences: i64,
    /// Why it was cancelled.
    pub note: String,
    /// When it ended.
    pub ended_at: Option<i64>,
}

impl From<audit::Model> for AuditView {
    fn from(row: audit::Model) -> Self {
        Self {
            number: row.number,
            state: row.state.into(),
            armoury_id: row.armoury_id,
            unit_id: row.unit_id.0,
            counter_id: row.counter_id.0,
            confidence: row.confidence,
            margin: row.margin,
            hash: row.hash,
            commitment: row.commitment,
            seed: (!row.seed.is_empty()).then_some(row.seed),
            opened_at: row.opened_at.0,
            drawn_at: row.drawn_at.map(|at| at.0),
            lines: row.lines,
            differences: row.differences,
            note: row.note,
            ended_at: row.ended_at.map(|at| at.0),
        }
    }
}

/// A line of an audit. What the book says is shown once it is answered.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditLineView {
    /// Its number.
    pub line: i64,
    /// What it is of.
    pub kind: AuditLineKindName,
    /// The key it was drawn by.
    pub name: String,
    /// What it came to.
    pub outcome: AuditOutcomeName,
    /// What the book said at the moment of the answer.
    pub book: String,
    /// What was seen.
    pub seen: String,
}

impl From<line::Model> for AuditLineView {
    fn from(row: line::Model) -> Self {
        Self {
            line: row.line,
            kind: row.kind.into(),
            name: row.name,
            outcome: row.outcome.into(),
            book: row.book,
            seen: row.seen,
        }
    }
}

/// An audit with its lines, and what anybody needs to draw it again.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AuditWithLines {
    /// The audit.
    pub audit: AuditView,
    /// The lines in the order in which they were drawn.
    pub lines: Vec<AuditLineView>,
    /// What was drawn from the book.
    pub population: Vec<String>,
    /// What was drawn from the shelves.
    pub places: Vec<String>,
    /// Whether the seed is the one committed to, and the lines those it draws; nothing while it is not drawn.
    pub verified: Option<bool>,
}

/// 抽查, newest first.
#[utoipa::path(get, path = "/firearms/audits", operation_id = "audits_list", tag = "firearms",
    responses((status = 200, body = [AuditView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<AuditView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::list(app.db().read(), &ctx, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

const fn usual_confidence() -> i64 {
    Precision::USUAL.confidence()
}

const fn usual_margin() -> i64 {
    Precision::USUAL.margin()
}

/// What to audit, and how nearly.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CommitAuditBody {
    /// 枪弹库编号
    #[schema(min_length = 1, max_length = 40)]
    pub armoury: String,
    /// 置信度, percent: 80, 90, 95, 98 or 99.
    #[serde(default = "usual_confidence")]
    #[schema(minimum = 80, maximum = 99)]
    pub confidence: i64,
    /// 误差, percent.
    #[serde(default = "usual_margin")]
    #[schema(minimum = 1, maximum = 30)]
    pub margin: i64,
}

/// 发起抽查: the hash of the seed is in the journal, nothing is drawn yet.
#[utoipa::path(post, path = "/firearms/audits", operation_id = "audits_commit", tag = "firearms",
    request_body = CommitAuditBody, responses((status = 201, body = AuditView), Problems),
    security(("session" = [])))]
async fn commit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CommitAuditBody>,
) -> Result<Response, ApiError> {
    let CommitAuditBody { armoury, confidence, margin } = body;
    let row =
        app.write(move |db| async move { service::commit(&db, &ctx, &armoury, confidence, margin).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, AuditView::from(row))).into_response())
}

/// One audit with its lines.
#[utoipa::path(get, path = "/firearms/audits/{number}", operation_id = "audits_show", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")),
    responses((status = 200, body = AuditWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<AuditWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?;
    let lines = store::lines(app.db().read(), row.id).await?;
    let verified = service::verify(&row, &lines).map(|(seed, sample)| seed && sample);
    let keys = |text: &str| text.lines().map(str::to_owned).collect();
    let (population, places) = (keys(&row.population), keys(&row.places));
    let lines = lines.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, AuditWithLines { audit: row.into(), lines, population, places, verified }))
}

/// 抽样: by the seed committed to, which is made known.
#[utoipa::path(post, path = "/firearms/audits/{number}/draw", operation_id = "audits_draw", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")),
    responses((status = 200, body = AuditView), Problems), security(("session" = [])))]
async fn draw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<AuditView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::draw(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// What was found.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditAnswerBody {
    /// Which line.
    #[schema(minimum = 1)]
    pub line: i64,
    /// Of a gun: whether it was there. Of a place: whether something lay there.
    #[serde(default)]
    pub there: bool,
    /// Of a gun: at which place, when it is not its own. Of a place: what was read off the gun.
    #[serde(default)]
    #[schema(max_length = 100)]
    pub read: String,
    /// Of a lot: how many rounds.
    #[serde(default)]
    #[schema(minimum = 0, maximum = 10_000_000)]
    pub rounds: Option<i64>,
}

/// 登记结果
#[utoipa::path(post, path = "/firearms/audits/{number}/answers", operation_id = "audits_answer", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")), request_body = AuditAnswerBody,
    responses((status = 200, body = AuditLineView), Problems), security(("session" = [])))]
async fn answer(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<AuditAnswerBody>,
) -> Result<Json<AuditLineView>, ApiError> {
    let found = Found { line: body.line, there: body.there, read: body.read, rounds: body.rounds };
    let row = app.write(move |db| async move { answers::answer(&db, &ctx, &number, &found).await }).await?;
    Ok(Json(row.into()))
}

/// What lies there besides.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AuditExtraBody {
    /// What was read off it.
    #[schema(min_length = 1, max_length = 100)]
    pub read: String,
}

/// 登记账外
#[utoipa::path(post, path = "/firearms/audits/{number}/extra", operation_id = "audits_extra", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")), request_body = AuditExtraBody,
    responses((status = 200, body = AuditLineView), Problems), security(("session" = [])))]
async fn extra(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<AuditExtraBody>,
) -> Result<Json<AuditLineView>, ApiError> {
    let row = app.write(move |db| async move { answers::extra(&db, &ctx, &number, &body.read).await }).await?;
    Ok(Json(row.into()))
}

/// 办结: every difference becomes a finding.
#[utoipa::path(post, path = "/firearms/audits/{number}/close", operation_id = "audits_close", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")),
    responses((status = 200, body = AuditView), Problems), security(("session" = [])))]
async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<AuditView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::close(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 取消抽查
#[utoipa::path(post, path = "/firearms/audits/{number}/cancel", operation_id = "audits_cancel", tag = "firearms",
    params(("number" = String, Path, description = "抽查编号")), request_body = ReasonBody,
    responses((status = 200, body = AuditView), Problems), security(("session" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<AuditView>, ApiError> {
    let row = app.write(move |db| async move { service::cancel(&db, &ctx, &number, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}
