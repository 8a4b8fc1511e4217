//! The weekly bulletin on the safety of firearms.

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

use super::inspections::as_pdf;
use crate::access::{Action, permit_somewhere};
use crate::firearms::bulletins::entity::{bulletin, line};
use crate::firearms::bulletins::paper::Paper;
use crate::firearms::bulletins::service::{self, State as Stands};
use crate::firearms::bulletins::store;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Versioned};
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;

names! {
    /// Where a bulletin stands.
    BulletinStateName of Stands { Draft, Issued, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, draft))
        .routes(routes!(show))
        .routes(routes!(refresh))
        .routes(routes!(remark))
        .routes(routes!(issue))
        .routes(routes!(form))
}

/// A bulletin.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulletinView {
    /// 通报编号
    pub number: String,
    /// Its Monday.
    pub from_day: String,
    /// Its Sunday.
    pub until_day: String,
    /// Where it stands.
    pub state: BulletinStateName,
    /// When its figures were counted.
    pub counted_at: i64,
    /// 工作要求
    pub remark: String,
    /// When it was issued.
    pub issued_at: Option<i64>,
}

impl From<bulletin::Model> for BulletinView {
    fn from(row: bulletin::Model) -> Self {
        Self {
            number: row.number,
            from_day: row.from_day.to_string(),
            until_day: row.until_day.to_string(),
            state: row.state.into(),
            counted_at: row.counted_at.0,
            remark: row.remark,
            issued_at: row.issued_at.map(|at| at.0),
        }
    }
}

/// A unit's week.
#[derive(Debug, Clone, Serialize, ToSchema)]
#[expect(missing_docs, reason = "as in the glossary")]
pub struct BulletinLineView {
    pub unit_id: Uuid,
    pub stores: i64,
    pub draws: i64,
    pub overdue: i64,
    pub handovers: i64,
    pub handovers_missed: i64,
    pub inspections: i64,
    pub inspections_missing: i64,
    pub checks_failed: i64,
    pub audits: i64,
    pub alarms: i64,
    pub findings_opened: i64,
    pub findings_closed: i64,
    pub findings_open: i64,
}

impl From<line::Model> for BulletinLineView {
    fn from(row: line::Model) -> Self {
        Self {
            unit_id: row.unit_id.0,
            stores: row.stores,
            draws: row.draws,
            overdue: row.overdue,
            handovers: row.handovers,
            handovers_missed: row.handovers_missed,
            inspections: row.inspections,
            inspections_missing: row.inspections_missing,
            checks_failed: row.checks_failed,
            audits: row.audits,
            alarms: row.alarms,
            findings_opened: row.findings_opened,
            findings_closed: row.findings_closed,
            findings_open: row.findings_open,
        }
    }
}

/// A bulletin with its lines.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct BulletinWithLines {
    /// The bulletin.
    pub bulletin: BulletinView,
    /// A unit each.
    pub lines: Vec<BulletinLineView>,
}

/// 周通报, the last week first. A draft is for whoever makes it.
#[utoipa::path(get, path = "/firearms/bulletins", operation_id = "bulletins_list", tag = "firearms",
    responses((status = 200, body = [BulletinView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<BulletinView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::list(app.db().read(), &ctx, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// Of which week.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DraftBulletinBody {
    /// A day of the week, which must be over.
    #[schema(value_type = String, format = Date)]
    pub day: NaiveDate,
}

/// 编制周通报, from what the ledger holds of the week.
#[utoipa::path(post, path = "/firearms/bulletins", operation_id = "bulletins_draft", tag = "firearms",
    request_body = DraftBulletinBody, responses((status = 201, body = BulletinView), Problems),
    security(("session" = [])))]
async fn draft(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<DraftBulletinBody>,
) -> Result<Response, ApiError> {
    let row = app.write(move |db| async move { service::draft(&db, &ctx, body.day).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, BulletinView::from(row))).into_response())
}

/// One bulletin with its lines.
#[utoipa::path(get, path = "/firearms/bulletins/{number}", operation_id = "bulletins_show", tag = "firearms",
    params(("number" = String, Path, description = "通报编号")),
    responses((status = 200, body = BulletinWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<BulletinWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?;
    let lines = store::lines(app.db().read(), row.id).await?.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, BulletinWithLines { bulletin: row.into(), lines }))
}

/// 重新统计
#[utoipa::path(post, path = "/firearms/bulletins/{number}/refresh", operation_id = "bulletins_refresh",
    tag = "firearms", params(("number" = String, Path, description = "通报编号")),
    responses((status = 200, body = BulletinView), Problems), security(("session" = [])))]
async fn refresh(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<BulletinView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::refresh(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// What is to be said of the week.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RemarkBulletinBody {
    /// 工作要求
    #[schema(max_length = 4000)]
    pub remark: String,
}

/// 填写工作要求
#[utoipa::path(post, path = "/firearms/bulletins/{number}/remark", operation_id = "bulletins_remark",
    tag = "firearms", params(("number" = String, Path, description = "通报编号")), request_body = RemarkBulletinBody,
    responses((status = 200, body = BulletinView), Problems), security(("session" = [])))]
async fn remark(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<RemarkBulletinBody>,
) -> Result<Versioned<BulletinView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row =
        app.write(move |db| async move { service::remark(&db, &ctx, &number, version, &body.remark).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 下发: from then on it stands.
#[utoipa::path(post, path = "/firearms/bulletins/{number}/issue", operation_id = "bulletins_issue", tag = "firearms",
    params(("number" = String, Path, description = "通报编号")),
    responses((status = 200, body = BulletinView), Problems), security(("session" = [])))]
async fn issue(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<BulletinView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::issue(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// The bulletin as it is printed.
#[utoipa::path(get, path = "/firearms/bulletins/{number}/form.pdf", operation_id = "bulletins_form",
    tag = "firearms", params(("number" = String, Path, description = "通报编号")),
    responses((status = 200, description = "The bulletin", body = Vec<u8>, content_type = "application/pdf"),
        Problems), security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn form(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?;
    let name = format!("{}.pdf", row.number);
    let paper = Paper::read(app.db().read(), row, ctx.now()).await?;
    let made = tokio::task::spawn_blocking(move || paper.bytes()).await;
    as_pdf(&name, made.map_err(|_| ApiError::Internal)??)
}
