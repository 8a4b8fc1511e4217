//! Digital certificates: the cabinet, out and back, the daily check, the morning report, questions asked.

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::accounts::CoSignature;
use super::jobs::names;
use crate::access::{Action, permit_somewhere};
use crate::certificates::entity::{certificate, check, check_line, loan, quiz};
use crate::certificates::keeping::{self, NewCertificate};
use crate::certificates::lending::{self, Wish};
use crate::certificates::model::{Deed, LoanEnd, State as Stands, Verdict};
use crate::certificates::quizzes::{self, NewQuiz};
use crate::certificates::{checks, morning, store};
use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, UnitId};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 5_000;
/// Rows of what grows.
const LATEST: u64 = 200;

names! {
    /// Where a certificate stands.
    CertificateStateName of Stands { Kept, Out, Lost, Closed, }
    /// What may become of it.
    CertificateDeedName of Deed { Draw, Return, Lose, Find, Close, }
    /// How a loan ended.
    CertificateLoanEndName of LoanEnd { Returned, Lost, }
    /// What a check says of one.
    CertificateVerdictName of Verdict { Kept, Out, Missing, Unbooked, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, enter))
        .routes(routes!(show))
        .routes(routes!(keep))
        .routes(routes!(draw))
        .routes(routes!(take_back))
        .routes(routes!(checks_list, check_enter))
        .routes(routes!(check_show))
        .routes(routes!(morning_of))
        .routes(routes!(quizzes_list, quiz_enter))
}

/// A digital certificate.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateView {
    /// 证书编号
    pub number: String,
    /// 持有人
    pub holder_id: Uuid,
    /// 单位
    pub unit_id: Uuid,
    /// 存放位置
    pub kept_at: String,
    /// 有效期至
    pub valid_until: NaiveDate,
    /// Where it stands.
    pub state: CertificateStateName,
    /// Why.
    pub state_note: String,
}

impl From<certificate::Model> for CertificateView {
    fn from(row: certificate::Model) -> Self {
        Self {
            number: row.number,
            holder_id: row.holder_id.0,
            unit_id: row.unit_id.0,
            kept_at: row.kept_at,
            valid_until: row.valid_until,
            state: row.state.into(),
            state_note: row.state_note,
        }
    }
}

/// Who took it out, from when until when.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateLoanView {
    /// 领用单号
    pub number: String,
    /// 领用人
    pub taker_id: Uuid,
    /// 用途
    pub task: String,
    /// When it went out.
    pub out_at: i64,
    /// 应还
    pub due_at: i64,
    /// When it came back, or was lost.
    pub ended_at: Option<i64>,
    /// Which of both.
    pub ended_as: Option<CertificateLoanEndName>,
    /// 备注
    pub note: String,
}

impl From<loan::Model> for CertificateLoanView {
    fn from(row: loan::Model) -> Self {
        Self {
            number: row.number,
            taker_id: row.taker_id.0,
            task: row.task,
            out_at: row.out_at.0,
            due_at: row.due_at.0,
            ended_at: row.ended_at.map(|at| at.0),
            ended_as: row.ended_as.map(Into::into),
            note: row.note,
        }
    }
}

/// 数字证书, by number: of units within reach, and one's own.
#[utoipa::path(get, path = "/certificates", operation_id = "certificates_list", tag = "certificates",
    responses((status = 200, body = [CertificateView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<CertificateView>>, ApiError> {
    let rows = store::list(app.db().read(), &ctx, None, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A certificate as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateBody {
    /// 证书编号
    #[schema(min_length = 4, max_length = 40)]
    pub number: String,
    /// 持有人
    pub holder_id: Uuid,
    /// 存放位置
    #[schema(min_length = 1, max_length = 100)]
    pub kept_at: String,
    /// 有效期至
    pub valid_until: NaiveDate,
}

/// 登记数字证书
#[utoipa::path(post, path = "/certificates", operation_id = "certificates_enter", tag = "certificates",
    request_body = CertificateBody, responses((status = 201, body = CertificateView), Problems),
    security(("session" = []), ("token" = [])))]
async fn enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CertificateBody>,
) -> Result<Response, ApiError> {
    let CertificateBody { number, holder_id, kept_at, valid_until } = body;
    let new = NewCertificate { number, holder: PersonId(holder_id), kept_at, valid_until };
    let row = app.write(move |db| async move { keeping::enter(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, CertificateView::from(row))).into_response())
}

/// A certificate with who took it out.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateWithLoans {
    /// The certificate.
    pub certificate: CertificateView,
    /// The last first.
    pub loans: Vec<CertificateLoanView>,
}

/// One certificate.
#[utoipa::path(get, path = "/certificates/{number}", operation_id = "certificates_show", tag = "certificates",
    params(("number" = String, Path, description = "证书编号")),
    responses((status = 200, body = CertificateWithLoans), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<CertificateWithLoans>, ApiError> {
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let loans = store::loans(db, row.id, LATEST).await?.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, CertificateWithLoans { certificate: row.into(), loans }))
}

/// What became of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateDeedBody {
    /// Lost, found, or closed.
    pub deed: CertificateDeedName,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 报失、找回、注销
#[utoipa::path(post, path = "/certificates/{number}/keep", operation_id = "certificates_keep", tag = "certificates",
    params(("number" = String, Path, description = "证书编号")), request_body = CertificateDeedBody,
    responses((status = 200, body = CertificateView), Problems), security(("session" = []), ("token" = [])))]
async fn keep(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<CertificateDeedBody>,
) -> Result<Versioned<CertificateView>, ApiError> {
    let (version, deed) = (seen.map(|seen| seen.0), body.deed.into());
    let done = app.write(move |db| async move { keeping::keep(&db, &ctx, &number, version, deed, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// What it goes out for, with the proof that its holder is there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateDrawBody {
    /// 用途
    #[schema(min_length = 1, max_length = 500)]
    pub task: String,
    /// 应还时间: milliseconds since 1970 in UTC, within 24 hours.
    pub due_at: i64,
    /// The holder's own login, password and code.
    pub taker: CoSignature,
}

/// 领取
#[utoipa::path(post, path = "/certificates/{number}/draw", operation_id = "certificates_draw", tag = "certificates",
    params(("number" = String, Path, description = "证书编号")), request_body = CertificateDrawBody,
    responses((status = 201, body = CertificateLoanView), Problems), security(("session" = [])))]
async fn draw(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CertificateDrawBody>,
) -> Result<Response, ApiError> {
    // Whoever keeps no cabinet does not try another's password.
    permit_somewhere(&ctx, Action::CertificatesKeep)?;
    let taker = body.taker.prove(&app, &visit, &ctx).await?;
    let wish = Wish { task: body.task, due: Timestamp(body.due_at) };
    let row = app.write(move |db| async move { lending::draw(&db, &ctx, &taker, &number, &wish).await }).await?;
    Ok((StatusCode::CREATED, Json(CertificateLoanView::from(row))).into_response())
}

/// How it came back.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateReturnBody {
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// 交还
#[utoipa::path(post, path = "/certificates/{number}/return", operation_id = "certificates_return",
    tag = "certificates", params(("number" = String, Path, description = "证书编号")),
    request_body = CertificateReturnBody, responses((status = 200, body = CertificateLoanView), Problems),
    security(("session" = []), ("token" = [])))]
async fn take_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CertificateReturnBody>,
) -> Result<Json<CertificateLoanView>, ApiError> {
    let row = app.write(move |db| async move { lending::take_back(&db, &ctx, &number, &body.note).await }).await?;
    Ok(Json(row.into()))
}

/// A look into a unit's cabinet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateCheckView {
    /// Its id.
    pub id: Uuid,
    /// 单位
    pub unit_id: Uuid,
    /// On which day.
    pub checked_on: NaiveDate,
    /// The how-manieth of that day.
    pub nth: i64,
    /// When.
    pub checked_at: i64,
    /// 在柜
    pub kept: i64,
    /// 领用中
    pub out: i64,
    /// How many must be explained.
    pub amiss: i64,
    /// 备注
    pub note: String,
}

impl From<check::Model> for CertificateCheckView {
    fn from(row: check::Model) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id.0,
            checked_on: row.checked_on,
            nth: row.nth,
            checked_at: row.checked_at.0,
            kept: row.kept,
            out: row.out,
            amiss: row.amiss,
            note: row.note,
        }
    }
}

/// What a check said of one.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateCheckLineView {
    /// The certificate.
    pub certificate_id: Uuid,
    /// What.
    pub verdict: CertificateVerdictName,
    /// Who had it.
    pub with_id: Option<Uuid>,
}

impl From<check_line::Model> for CertificateCheckLineView {
    fn from(row: check_line::Model) -> Self {
        let with_id = row.with_id.map(|id| id.0);
        Self { certificate_id: row.certificate_id, verdict: row.verdict.into(), with_id }
    }
}

/// 每日巡查, the last first.
#[utoipa::path(get, path = "/certificate-checks", operation_id = "certificates_checks", tag = "certificates",
    responses((status = 200, body = [CertificateCheckView]), Problems), security(("session" = []), ("token" = [])))]
async fn checks_list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<CertificateCheckView>>, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let rows = store::checks(app.db().read(), &ctx, LATEST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// What was seen.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CertificateCheckBody {
    /// Whose cabinet.
    pub unit_id: Uuid,
    /// Numbers of the certificates that are there.
    #[schema(max_items = 1000)]
    pub seen: Vec<String>,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// 巡查: blind; the book is held against it.
#[utoipa::path(post, path = "/certificate-checks", operation_id = "certificates_check", tag = "certificates",
    request_body = CertificateCheckBody, responses((status = 201, body = CertificateCheckView), Problems),
    security(("session" = []), ("token" = [])))]
async fn check_enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CertificateCheckBody>,
) -> Result<Response, ApiError> {
    let CertificateCheckBody { unit_id, seen, note } = body;
    let done = app.write(move |db| async move { checks::check(&db, &ctx, UnitId(unit_id), &seen, &note).await });
    Ok((StatusCode::CREATED, Json(CertificateCheckView::from(done.await?))).into_response())
}

/// A check with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CertificateCheckWithLines {
    /// The check.
    pub check: CertificateCheckView,
    /// Of each certificate.
    pub lines: Vec<CertificateCheckLineView>,
}

/// One check.
#[utoipa::path(get, path = "/certificate-checks/{id}", operation_id = "certificates_show_check",
    tag = "certificates", params(("id" = Uuid, Path, description = "巡查")),
    responses((status = 200, body = CertificateCheckWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn check_show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<CertificateCheckWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let (check, lines) = store::check(app.db().read(), &ctx, id).await?;
    Ok(Json(CertificateCheckWithLines { check: check.into(), lines: lines.into_iter().map(Into::into).collect() }))
}

/// Of which morning.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct MorningFilter {
    /// Today when it is not said.
    pub day: Option<NaiveDate>,
}

/// What was out over night.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MorningLine {
    /// 证书编号
    pub certificate: String,
    /// The loan.
    pub loan: CertificateLoanView,
    /// 单位
    pub unit_id: Uuid,
}

/// A unit's checks of the day before.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MorningUnit {
    /// 单位
    pub unit_id: Uuid,
    /// How often somebody looked.
    pub checks: usize,
    /// How many were amiss at the last look.
    pub amiss: i64,
    /// How many were out at midnight.
    pub out: usize,
}

/// The report of a morning.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MorningView {
    /// Its day.
    pub day: NaiveDate,
    /// What was out at midnight.
    pub out: Vec<MorningLine>,
    /// Units that keep certificates.
    pub units: Vec<MorningUnit>,
}

/// 每天早报
#[utoipa::path(get, path = "/certificate-morning", operation_id = "certificates_morning", tag = "certificates",
    params(MorningFilter), responses((status = 200, body = MorningView), Problems),
    security(("session" = []), ("token" = [])))]
async fn morning_of(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<MorningFilter>,
) -> Result<Json<MorningView>, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let day = filter.day.unwrap_or_else(|| ctx.now().day());
    let told = morning::of(app.db().read(), &ctx, day).await?;
    let line = |(loan, of): (loan::Model, certificate::Model)| MorningLine {
        unit_id: loan.unit_id.0,
        certificate: of.number,
        loan: loan.into(),
    };
    let unit = |(unit, checked): (UnitId, morning::Checked)| MorningUnit {
        unit_id: unit.0,
        checks: checked.times,
        amiss: checked.amiss,
        out: checked.out,
    };
    let (out, units) = (told.out.into_iter().map(line).collect(), told.units.into_iter().map(unit).collect());
    Ok(Json(MorningView { day, out, units }))
}

/// A question that was asked.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct QuizView {
    /// Its id.
    pub id: Uuid,
    /// Of whom.
    pub person_id: Uuid,
    /// 提问
    pub question: String,
    /// 回答
    pub answer: String,
    /// 是否正确
    pub correct: bool,
    /// When.
    pub asked_at: i64,
}

impl From<quiz::Model> for QuizView {
    fn from(row: quiz::Model) -> Self {
        Self {
            id: row.id,
            person_id: row.person_id.0,
            question: row.question,
            answer: row.answer,
            correct: row.correct,
            asked_at: row.asked_at.0,
        }
    }
}

/// 抽考, the last first.
#[utoipa::path(get, path = "/certificate-quizzes", operation_id = "certificates_quizzes", tag = "certificates",
    responses((status = 200, body = [QuizView]), Problems), security(("session" = []), ("token" = [])))]
async fn quizzes_list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<QuizView>>, ApiError> {
    permit_somewhere(&ctx, Action::CertificatesRead)?;
    let rows = store::quizzes(app.db().read(), &ctx, LATEST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A question as it was asked.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct QuizBody {
    /// Of whom.
    pub person_id: Uuid,
    /// 提问
    #[schema(min_length = 1, max_length = 500)]
    pub question: String,
    /// 回答
    #[schema(min_length = 1, max_length = 500)]
    pub answer: String,
    /// 是否正确
    pub correct: bool,
}

/// 登记抽考
#[utoipa::path(post, path = "/certificate-quizzes", operation_id = "certificates_quiz", tag = "certificates",
    request_body = QuizBody, responses((status = 201, body = QuizView), Problems),
    security(("session" = []), ("token" = [])))]
async fn quiz_enter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<QuizBody>,
) -> Result<Response, ApiError> {
    let QuizBody { person_id, question, answer, correct } = body;
    let new = NewQuiz { person: PersonId(person_id), question, answer, correct };
    let row = app.write(move |db| async move { quizzes::ask(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(QuizView::from(row))).into_response())
}
