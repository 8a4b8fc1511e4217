//! Months that are handed in: who has and who has not, and what the command centre says.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::trip_views::{MonthView, TripSubmissionView};
use super::trips::NoteBody;
use crate::access::{Action, permit_somewhere};
use crate::kernel::ids::UnitId;
use crate::vehicles::trips::model::month_begins;
use crate::vehicles::trips::months;
use crate::vehicles::trips::store;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show))
        .routes(routes!(check_all))
        .routes(routes!(submit))
        .routes(routes!(accept))
}

/// A month of every unit that keeps books: who has handed in and who has not.
#[utoipa::path(get, path = "/vehicles/months/{month}", operation_id = "months_show", tag = "vehicles",
    params(("month" = String, Path, description = "月份，如 2026-10")),
    responses((status = 200, body = [MonthView]), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(month): Path<String>,
) -> Result<Json<Vec<MonthView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    if month_begins(&month).is_none() {
        return Err(ApiError::NotFound("没有这个月份".to_owned()));
    }
    let rows = store::months(app.db().read(), &ctx, &month).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// How many lines were checked.
#[derive(Debug, Clone, Copy, Serialize, Deserialize, ToSchema)]
pub struct CheckedView {
    /// Checked now.
    pub checked: usize,
    /// Out, or driven by whoever checks.
    pub left: usize,
}

/// 全部核对: every line of the month that is back and that whoever checks did not drive.
#[utoipa::path(post, path = "/vehicles/months/{month}/{unit_id}/check", operation_id = "months_check", tag = "vehicles",
    params(("month" = String, Path, description = "月份"), ("unit_id" = Uuid, Path, description = "单位")),
    responses((status = 200, body = CheckedView), Problems), security(("session" = []), ("token" = [])))]
async fn check_all(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((month, unit)): Path<(String, Uuid)>,
) -> Result<Json<CheckedView>, ApiError> {
    let done = app.write(move |db| async move { months::check_month(&db, &ctx, UnitId(unit), &month).await });
    let (checked, left) = done.await?;
    Ok(Json(CheckedView { checked, left }))
}

/// 报送
#[utoipa::path(post, path = "/vehicles/months/{month}/{unit_id}/submit", operation_id = "months_submit",
    tag = "vehicles",
    params(("month" = String, Path, description = "月份"), ("unit_id" = Uuid, Path, description = "单位")),
    request_body = NoteBody, responses((status = 201, body = TripSubmissionView), Problems),
    security(("session" = []), ("token" = [])))]
async fn submit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((month, unit)): Path<(String, Uuid)>,
    Body(body): Body<NoteBody>,
) -> Result<Response, ApiError> {
    let done = app.write(move |db| async move { months::submit(&db, &ctx, UnitId(unit), &month, &body.note).await });
    let row = done.await?;
    Ok((StatusCode::CREATED, Versioned(row.version, TripSubmissionView::from(row))).into_response())
}

/// 归档, by the command centre.
#[utoipa::path(post, path = "/vehicles/months/{month}/{unit_id}/accept", operation_id = "months_accept",
    tag = "vehicles",
    params(("month" = String, Path, description = "月份"), ("unit_id" = Uuid, Path, description = "单位")),
    responses((status = 200, body = TripSubmissionView), Problems), security(("session" = []), ("token" = [])))]
async fn accept(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((month, unit)): Path<(String, Uuid)>,
    seen: Option<IfMatch>,
) -> Result<Versioned<TripSubmissionView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { months::accept(&db, &ctx, UnitId(unit), &month, version).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}
