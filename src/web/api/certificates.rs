//! Digital certificates: the cabinet, out and back, the daily check, the morning report, questions asked.

pub mod watching;

use axum::Extension;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::accounts::CoSignature;
use super::jobs::names;
use crate::access::{Action, permit_somewhere};
use crate::certificates::entity::{certificate, loan};
use crate::certificates::keeping::{self, NewCertificate};
use crate::certificates::lending::{self, Wish};
use crate::certificates::model::{Deed, LoanEnd, State as Stands, Verdict};
use crate::certificates::store;
use crate::kernel::Timestamp;
use crate::kernel::ids::PersonId;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Versioned};
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
        .merge(watching::router())
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
