//! `/api/v1/fuel`: statements of the oil companies, slips, the monthly check, accounts, the numbers that decide.

pub mod accounts;
pub mod drums;
pub(in crate::web) mod form;
pub mod views;

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Action, permit, permit_somewhere};
use crate::kernel::ids::ItemId;
use crate::kernel::{Fen, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::fuel::ledger::letter::Letter;
use crate::vehicles::fuel::ledger::model::month_bounds;
use crate::vehicles::fuel::ledger::slips::{self, NewSlip};
use crate::vehicles::fuel::ledger::statements;
use crate::vehicles::fuel::ledger::store::{self, Wanted};
use crate::vehicles::fuel::ledger::watch;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};
use form::{StatementForm, StatementParts};
use views::{AnomalyView, FuelVerdictName, RecordView, SlipView, StatementView};

/// The most bytes that one statement may have.
const STATEMENT_BYTES: usize = 32 << 20;
/// The most rows that one answer has.
const ROWS: u64 = 20_000;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let uploads = OpenApiRouter::new().routes(routes!(import)).layer(DefaultBodyLimit::max(STATEMENT_BYTES));
    uploads
        .merge(OpenApiRouter::new().routes(routes!(list_statements)))
        .routes(routes!(close))
        .routes(routes!(list_records))
        .routes(routes!(letter))
        .routes(routes!(list_slips, write_down))
        .routes(routes!(drums::list, drums::ask))
        .routes(routes!(run_check))
        .routes(routes!(list_anomalies))
        .routes(routes!(accounts::accounts))
        .routes(routes!(accounts::car_account))
        .routes(routes!(accounts::list_limits, accounts::set_limit))
}

/// What the ledger refuses, as this room tells it.
pub(in crate::web) fn told(error: VehicleError) -> ApiError {
    let said = error.to_string();
    match error {
        VehicleError::NotFound(_) => ApiError::NotFound(said),
        VehicleError::Field { field, reason } => ApiError::invalid(field, reason),
        VehicleError::Conflict(said) => ApiError::Conflict(said),
        VehicleError::NoPerson => ApiError::Forbidden(said),
        VehicleError::Item(error) => error.into(),
        VehicleError::Approval(error) => error.into(),
        VehicleError::Org(error) => error.into(),
        VehicleError::Forbidden(error) => error.into(),
        VehicleError::Db(error) => error.into(),
    }
}

pub(super) fn file(bytes: Vec<u8>, kind: &'static str, name: &str) -> Response {
    let named = (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""));
    ([(header::CONTENT_TYPE, kind.to_owned()), named], bytes).into_response()
}

fn known_month(month: Option<String>) -> Result<Option<String>, ApiError> {
    match month {
        Some(month) if month_bounds(&month).is_none() => Err(ApiError::invalid("month", "月份应如 2026-11")),
        month => Ok(month),
    }
}

/// Statements, the latest first; of whoever may see the whole sub-bureau.
#[utoipa::path(get, path = "/fuel/statements", operation_id = "fuel_list_statements", tag = "fuel",
    responses((status = 200, body = Vec<StatementView>), Problems), security(("session" = []), ("token" = [])))]
async fn list_statements(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<StatementView>>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let rows = store::statements(app.db().read(), &ctx, 500).await?;
    Ok(Json(rows.into_iter().map(StatementView::from).collect()))
}

/// A statement comes in: all of its records or none; a file that is in already is refused.
#[utoipa::path(post, path = "/fuel/statements", operation_id = "fuel_import", tag = "fuel",
    request_body(content = StatementForm, content_type = "multipart/form-data"),
    responses((status = 201, body = StatementView), Problems), security(("session" = []), ("token" = [])))]
async fn import(State(app): State<App>, Caller(ctx): Caller, request: Request) -> Result<Response, ApiError> {
    // Before a byte of the file is taken in.
    permit(&ctx, Action::FuelCheck, None)?;
    let parts = StatementParts::read(&app, request).await?;
    let (row, _) = parts.bring(&app, ctx).await?;
    let version = row.version;
    Ok((StatusCode::CREATED, Versioned(version, StatementView::from(row))).into_response())
}

/// Why a statement is closed though not everything agrees.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CloseBody {
    /// Needed when something does not agree.
    pub note: Option<String>,
}

/// 月结: what does not agree must be explained.
#[utoipa::path(post, path = "/fuel/statements/{id}/close", operation_id = "fuel_close", tag = "fuel",
    params(("id" = Uuid, Path, description = "对账单")), request_body = CloseBody,
    responses((status = 200, body = StatementView), Problems), security(("session" = []), ("token" = [])))]
async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    IfMatch(version): IfMatch,
    Body(body): Body<CloseBody>,
) -> Result<Versioned<StatementView>, ApiError> {
    permit(&ctx, Action::FuelCheck, None)?;
    let note = body.note.unwrap_or_default();
    let done = app.write_or(move |db| async move { statements::close(&db, &ctx, id, version, &note).await }).await?;
    let (row, _) = done.map_err(told)?;
    Ok(Versioned(row.version, row.into()))
}

/// Which records.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct RecordFilter {
    /// Of this statement only.
    pub statement_id: Option<Uuid>,
    /// That stand so only.
    #[param(inline)]
    pub verdict: Option<FuelVerdictName>,
    /// Of this car only.
    pub item_id: Option<Uuid>,
    /// Of this month only, `2026-11`.
    pub month: Option<String>,
}

/// Records, in order of time, at most 20,000.
#[utoipa::path(get, path = "/fuel/records", operation_id = "fuel_list_records", tag = "fuel", params(RecordFilter),
    responses((status = 200, body = Vec<RecordView>), Problems), security(("session" = []), ("token" = [])))]
async fn list_records(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<RecordFilter>,
) -> Result<Json<Vec<RecordView>>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let wanted = Wanted {
        statement: filter.statement_id,
        verdict: filter.verdict.map(Into::into),
        item: filter.item_id.map(ItemId),
        unit: None,
        month: known_month(filter.month)?,
    };
    let rows = store::records(app.db().read(), &ctx, &wanted, ROWS).await?;
    Ok(Json(rows.into_iter().map(RecordView::from).collect()))
}

/// The letter that asks the station to keep its video of a fill, as PDF.
#[utoipa::path(get, path = "/fuel/records/{id}/letter", operation_id = "fuel_letter", tag = "fuel",
    params(("id" = Uuid, Path, description = "加油记录")),
    responses((status = 200, description = "The letter", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn letter(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let letter = Letter::read(app.db().read(), &ctx, id).await.map_err(told)?;
    let made = tokio::task::spawn_blocking(move || letter.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)?.map_err(told)?;
    Ok(file(bytes, "application/pdf", "fuel-video-letter.pdf"))
}

/// Which month.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OfMonth {
    /// `2026-11`.
    pub month: Option<String>,
}

/// Slips, in order of time, at most 20,000.
#[utoipa::path(get, path = "/fuel/slips", operation_id = "fuel_list_slips", tag = "fuel", params(OfMonth),
    responses((status = 200, body = Vec<SlipView>), Problems), security(("session" = []), ("token" = [])))]
async fn list_slips(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(of): Query<OfMonth>,
) -> Result<Json<Vec<SlipView>>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let month = known_month(of.month)?;
    let rows = store::slips(app.db().read(), &ctx, month.as_deref(), ROWS).await?;
    Ok(Json(rows.into_iter().map(SlipView::from).collect()))
}

/// A fill as it is written down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SlipBody {
    /// The car.
    pub item_id: Uuid,
    /// Milliseconds since 1970 in UTC.
    pub at: i64,
    /// How much.
    #[schema(minimum = 1)]
    pub quantity_ml: i64,
    /// In fen.
    pub amount_fen: Option<i64>,
    /// What the odometer showed.
    pub odometer_km: Option<i64>,
    /// Where.
    pub station: Option<String>,
    /// Whether the tank was filled up; it was when not said.
    pub full_tank: Option<bool>,
    /// Of the approval, where a drum or a jerrycan was filled.
    pub container_approval: Option<String>,
    /// A remark.
    pub note: Option<String>,
}

/// A fill is written down.
#[utoipa::path(post, path = "/fuel/slips", operation_id = "fuel_write_down", tag = "fuel", request_body = SlipBody,
    responses((status = 201, body = SlipView), Problems), security(("session" = []), ("token" = [])))]
async fn write_down(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<SlipBody>,
) -> Result<Response, ApiError> {
    let approval = body.container_approval.unwrap_or_default();
    let new = NewSlip {
        item: ItemId(body.item_id),
        at: Timestamp(body.at),
        driver: ctx.person(),
        quantity_ml: body.quantity_ml,
        amount: body.amount_fen.map(Fen),
        station: body.station.unwrap_or_default(),
        odometer_km: body.odometer_km,
        full_tank: body.full_tank.unwrap_or(true),
        container: !approval.trim().is_empty(),
        approval_number: approval,
        note: body.note.unwrap_or_default(),
    };
    let done = app.write_or(move |db| async move { slips::write_down(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(SlipView::from(done.map_err(told)?))).into_response())
}

/// Which month is checked.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckBody {
    /// `2026-11`.
    #[schema(example = "2026-11")]
    pub month: String,
}

/// What a check opened.
#[derive(Debug, Serialize, ToSchema)]
pub struct CheckView {
    /// Records looked at.
    pub records: usize,
    /// Anomalies that are new.
    pub anomalies: usize,
    /// Findings that are new.
    pub findings: usize,
}

/// The check of a month; what it finds is opened once, however often it runs.
#[utoipa::path(post, path = "/fuel/checks", operation_id = "fuel_check", tag = "fuel", request_body = CheckBody,
    responses((status = 200, body = CheckView), Problems), security(("session" = []), ("token" = [])))]
async fn run_check(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CheckBody>,
) -> Result<Json<CheckView>, ApiError> {
    permit(&ctx, Action::FuelCheck, None)?;
    let (from, next) = month_bounds(&body.month).ok_or_else(|| ApiError::invalid("month", "月份应如 2026-11"))?;
    let to = next.pred_opt().unwrap_or(next);
    let done = app.write_or(move |db| async move { watch::run(&db, &ctx, from, to).await }).await?.map_err(told)?;
    Ok(Json(CheckView { records: done.fills, anomalies: done.anomalies, findings: done.findings }))
}

/// Anomalies, weightiest first.
#[utoipa::path(get, path = "/fuel/anomalies", operation_id = "fuel_list_anomalies", tag = "fuel", params(OfMonth),
    responses((status = 200, body = Vec<AnomalyView>), Problems), security(("session" = []), ("token" = [])))]
async fn list_anomalies(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(of): Query<OfMonth>,
) -> Result<Json<Vec<AnomalyView>>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let month = known_month(of.month)?;
    let rows = store::anomalies(app.db().read(), &ctx, month.as_deref(), ROWS).await?;
    Ok(Json(rows.into_iter().map(AnomalyView::from).collect()))
}
