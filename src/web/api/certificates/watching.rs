//! The daily check of a cabinet, the morning report, questions asked.

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

use super::{CertificateLoanView, CertificateVerdictName, LATEST};
use crate::access::{Action, permit_somewhere};
use crate::certificates::entity::{certificate, check, check_line, loan, quiz};
use crate::certificates::quizzes::{self, NewQuiz};
use crate::certificates::{checks, morning, store};
use crate::kernel::ids::{PersonId, UnitId};
use crate::web::error::Problems;
use crate::web::extract::{Body, Path, Query};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub(super) fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(checks_list, check_enter))
        .routes(routes!(check_show))
        .routes(routes!(morning_of))
        .routes(routes!(quizzes_list, quiz_enter))
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
