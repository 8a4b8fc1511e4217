//! `/api/v1/assets/submissions`: figures that leave the house.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::movement_views::ReasonBody;
use super::submission_views::{
    AnsweredView, BeginSubmissionBody, DifferenceView, OpinionBody, SubmissionKindName, SubmissionLineView,
    SubmissionMessageView, SubmissionStateName, SubmissionView, SubmissionWithFigures, SubmitBody, SumsByName,
    WarningsBody,
};
use crate::access::{Action, permit_somewhere};
use crate::assets::submissions::entity::submission;
use crate::assets::submissions::paper::Paper;
use crate::assets::submissions::service::{self, New};
use crate::assets::submissions::sheet::Sheets;
use crate::assets::submissions::steps;
use crate::assets::submissions::store::{self, Wanted};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::Directory;
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, begin))
        .routes(routes!(show))
        .routes(routes!(lines))
        .routes(routes!(messages))
        .routes(routes!(differences))
        .routes(routes!(pdf))
        .routes(routes!(xlsx))
        .routes(routes!(compute))
        .routes(routes!(acknowledge))
        .routes(routes!(prepare))
        .routes(routes!(review))
        .routes(routes!(approve))
        .routes(routes!(submit))
        .routes(routes!(send_back))
        .routes(routes!(void))
}

/// Which submissions.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmissionFilter {
    /// Of this kind only.
    #[param(inline)]
    pub kind: Option<SubmissionKindName>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<SubmissionStateName>,
}

/// 报送件, newest first: of one's units.
#[utoipa::path(get, path = "/assets/submissions", operation_id = "submissions_list", tag = "assets",
    params(SubmissionFilter, Paging), responses((status = 200, body = Page<SubmissionView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<SubmissionFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<SubmissionView>>, ApiError> {
    permit_somewhere(&ctx, Action::SubmissionsRead)?;
    let limit = paging.rows()?;
    let wanted =
        Wanted { kind: filter.kind.map(Into::into), state: filter.state.map(Into::into), before: after_id(&paging)? };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// Begins a submission, with its first computation.
#[utoipa::path(post, path = "/assets/submissions", operation_id = "submissions_begin", tag = "assets",
    request_body = BeginSubmissionBody, responses((status = 201, body = SubmissionView), Problems),
    security(("session" = []), ("token" = [])))]
async fn begin(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<BeginSubmissionBody>,
) -> Result<Response, ApiError> {
    let new = New {
        kind: body.kind.into(),
        unit: body.unit_id.map(UnitId),
        as_of: body.as_of.unwrap_or_else(|| ctx.now().day()),
        campaign: body.campaign,
    };
    let row = app.write(move |db| async move { service::begin(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/assets/submissions/{}", row.number);
    let version = row.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, SubmissionView::from(row))).into_response())
}

pub(in crate::web) async fn seen(app: &App, ctx: &Ctx, number: &str) -> Result<submission::Model, ApiError> {
    permit_somewhere(ctx, Action::SubmissionsRead)?;
    Ok(store::one(app.db().read(), ctx, number).await?)
}

/// One submission with its sums and steps.
#[utoipa::path(get, path = "/assets/submissions/{number}", operation_id = "submissions_show", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")),
    responses((status = 200, body = SubmissionWithFigures), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<SubmissionWithFigures>, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let (figures, steps) = (store::figures(&row)?, store::steps(app.db().read(), &row).await?);
    Ok(Versioned(row.version, SubmissionWithFigures::of(row, figures, steps)))
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmissionLinesFilter {
    /// Those behind a number: by what it is summed.
    #[param(inline)]
    pub by: Option<SumsByName>,
    /// And of which group.
    #[param(max_length = 60)]
    pub key: Option<String>,
    /// After this line.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// The lines of a submission, or those behind one number.
#[utoipa::path(get, path = "/assets/submissions/{number}/lines", operation_id = "submissions_lines", tag = "assets",
    params(("number" = String, Path, description = "报送件编号"), SubmissionLinesFilter),
    responses((status = 200, body = Page<SubmissionLineView>), Problems), security(("session" = []), ("token" = [])))]
async fn lines(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(filter): Query<SubmissionLinesFilter>,
) -> Result<Json<Page<SubmissionLineView>>, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let limit = Paging { after: None, limit: filter.limit }.rows()?;
    let key = filter.key.unwrap_or_default();
    let group = filter.by.map(|by| (by.into(), key.as_str()));
    let many = usize::try_from(limit + 1).unwrap_or(usize::MAX);
    let rows = store::lines_of(app.db().read(), &row, group, filter.after.unwrap_or(0), many).await?;
    let page = Page::cut(rows, limit, |line| line.line.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// Which messages.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SubmissionMessagesFilter {
    /// Of this rule only.
    #[param(min_length = 1, max_length = 60)]
    pub rule: Option<String>,
    /// After this message.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// What the filling standard says of a submission.
#[utoipa::path(get, path = "/assets/submissions/{number}/messages", operation_id = "submissions_messages",
    tag = "assets", params(("number" = String, Path, description = "报送件编号"), SubmissionMessagesFilter),
    responses((status = 200, body = Page<SubmissionMessageView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn messages(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(filter): Query<SubmissionMessagesFilter>,
) -> Result<Json<Page<SubmissionMessageView>>, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let limit = Paging { after: None, limit: filter.limit }.rows()?;
    let rule = word("rule", filter.rule)?;
    let rows = store::messages(app.db().read(), &row, rule.as_deref(), filter.after.unwrap_or(0), limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.message.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// For which day.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct DifferencesOn {
    /// Of an annual return another day than its own.
    pub on: Option<NaiveDate>,
}

/// What the book says now, against what was reported: line by line.
#[utoipa::path(get, path = "/assets/submissions/{number}/differences", operation_id = "submissions_differences",
    tag = "assets", params(("number" = String, Path, description = "报送件编号"), DifferencesOn),
    responses((status = 200, body = DifferenceView), Problems), security(("session" = []), ("token" = [])))]
async fn differences(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(filter): Query<DifferencesOn>,
) -> Result<Json<DifferenceView>, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    Ok(Json(service::differences(app.db().read(), &ctx, &row, filter.on).await?.into()))
}

/// The submission on paper, to be signed.
#[utoipa::path(get, path = "/assets/submissions/{number}/report.pdf", operation_id = "submissions_pdf", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")),
    responses((status = 200, description = "The paper", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn pdf(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let name = format!("{}.pdf", row.number);
    let paper = Paper::read(app.db().read(), row, ctx.now()).await?;
    let made = tokio::task::spawn_blocking(move || paper.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    let kind = (header::CONTENT_TYPE, "application/pdf".to_owned());
    let named = (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""));
    Ok(([kind, named], bytes).into_response())
}

/// The submission as a workbook: sums, lines, messages, steps, what differs now.
#[utoipa::path(get, path = "/assets/submissions/{number}/report.xlsx", operation_id = "submissions_xlsx", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")),
    responses((status = 200, description = "The workbook", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn xlsx(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let row = seen(&app, &ctx, &number).await?;
    let db = app.db().read();
    let name = format!("{}.xlsx", row.number);
    let sheets = Sheets {
        figures: store::figures(&row)?,
        lines: store::lines(db, &row).await?,
        messages: store::messages(db, &row, None, 0, u64::MAX >> 1).await?,
        steps: store::steps(db, &row).await?,
        difference: service::differences(db, &ctx, &row, None).await?,
        names: Directory::load(db).await.map_err(ApiError::from)?,
        row,
    };
    let made = tokio::task::spawn_blocking(move || sheets.bytes()).await;
    Ok(super::workbook(&name, made.map_err(|_| ApiError::Internal)??))
}

fn version_of(seen: Option<IfMatch>) -> Option<i64> {
    seen.map(|seen| seen.0)
}

fn answer(row: submission::Model) -> Versioned<SubmissionView> {
    Versioned(row.version, row.into())
}

/// 重新计算: a new edition of a draft.
#[utoipa::path(post, path = "/assets/submissions/{number}/compute", operation_id = "submissions_compute", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")),
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn compute(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { service::compute(&db, &ctx, &number, version).await });
    Ok(answer(done.await?))
}

/// 说明提示: why warnings of a rule are let pass.
#[utoipa::path(post, path = "/assets/submissions/{number}/acknowledge", operation_id = "submissions_acknowledge",
    tag = "assets", params(("number" = String, Path, description = "报送件编号")), request_body = WarningsBody,
    responses((status = 200, body = AnsweredView), Problems), security(("session" = []), ("token" = [])))]
async fn acknowledge(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<WarningsBody>,
) -> Result<Json<AnsweredView>, ApiError> {
    let done = app.write(move |db| async move {
        service::acknowledge(&db, &ctx, &number, &body.rule, body.messages.as_deref(), &body.reason).await
    });
    Ok(Json(AnsweredView { answered: done.await? }))
}

/// 提交复核: frozen as it is.
#[utoipa::path(post, path = "/assets/submissions/{number}/prepare", operation_id = "submissions_prepare", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")),
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn prepare(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { service::prepare(&db, &ctx, &number, version).await });
    Ok(answer(done.await?))
}

/// 复核通过
#[utoipa::path(post, path = "/assets/submissions/{number}/review", operation_id = "submissions_review", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")), request_body = OpinionBody,
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn review(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<OpinionBody>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { steps::review(&db, &ctx, &number, version, &body.note).await });
    Ok(answer(done.await?))
}

/// 审批通过
#[utoipa::path(post, path = "/assets/submissions/{number}/approve", operation_id = "submissions_approve", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")), request_body = OpinionBody,
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn approve(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<OpinionBody>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { steps::approve(&db, &ctx, &number, version, &body.note).await });
    Ok(answer(done.await?))
}

/// 报送: to whom it went.
#[utoipa::path(post, path = "/assets/submissions/{number}/submit", operation_id = "submissions_submit", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")), request_body = SubmitBody,
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn submit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<SubmitBody>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app
        .write(move |db| async move { steps::submit(&db, &ctx, &number, version, &body.sent_to, &body.receipt).await });
    Ok(answer(done.await?))
}

/// 退回: by whoever's turn it is, to be put right.
#[utoipa::path(post, path = "/assets/submissions/{number}/send-back", operation_id = "submissions_send_back",
    tag = "assets", params(("number" = String, Path, description = "报送件编号")), request_body = ReasonBody,
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn send_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { steps::send_back(&db, &ctx, &number, version, &body.reason).await });
    Ok(answer(done.await?))
}

/// 作废: given up before it was sent.
#[utoipa::path(post, path = "/assets/submissions/{number}/void", operation_id = "submissions_void", tag = "assets",
    params(("number" = String, Path, description = "报送件编号")), request_body = ReasonBody,
    responses((status = 200, body = SubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn void(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<SubmissionView>, ApiError> {
    let version = version_of(seen);
    let done = app.write(move |db| async move { steps::void(&db, &ctx, &number, version, &body.reason).await });
    Ok(answer(done.await?))
}
