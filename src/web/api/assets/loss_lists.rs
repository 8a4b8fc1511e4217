//! `/api/v1/assets/missing-lists` and `/api/v1/assets/missing-procedure`: the lists that are sent down, and the checklist
//! that every case follows.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::loss_bodies::{LossAcknowledgeBody, LossSendBody, ProcedureBody};
use super::loss_views::{LossListView, LossListWithLines, LossView, ProcedureView};
use super::losses::printed;
use crate::access::{Action, permit_somewhere};
use crate::assets::missing::paper;
use crate::assets::missing::procedure::{self, NewStep};
use crate::assets::missing::sending::{self, SendDown};
use crate::assets::missing::store;
use crate::kernel::Timestamp;
use crate::kernel::ids::UnitId;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// Lists that are told at once.
const MOST: u64 = 500;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, send))
        .routes(routes!(show))
        .routes(routes!(print))
        .routes(routes!(acknowledge))
        .routes(routes!(procedure_now, lay_down))
}

/// Which lists.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ListFilter {
    /// Of this year only.
    #[param(minimum = 1990, maximum = 2999)]
    pub list_year: Option<i64>,
    /// Only those that their unit has not acknowledged.
    pub waiting: Option<bool>,
}

/// 下发的盘亏清单, newest first.
#[utoipa::path(get, path = "/assets/missing-lists", operation_id = "losses_lists", tag = "assets", params(ListFilter),
    responses((status = 200, body = [LossListView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<ListFilter>,
) -> Result<Json<Vec<LossListView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let waiting = filter.waiting.unwrap_or_default();
    let rows = store::lists(app.db().read(), &ctx, filter.list_year, waiting, MOST).await?;
    Ok(Json(rows.into_iter().map(LossListView::from).collect()))
}

/// 下发: what of a year's list was not sent down yet goes to its units, a list each.
#[utoipa::path(post, path = "/assets/missing-lists", operation_id = "losses_send", tag = "assets",
    request_body = LossSendBody, responses((status = 201, body = [LossListView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn send(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<LossSendBody>,
) -> Result<(StatusCode, Json<Vec<LossListView>>), ApiError> {
    let new = SendDown {
        list_year: body.list_year,
        units: body.unit_ids.into_iter().map(UnitId).collect(),
        due_on: body.due_on,
        note: body.note,
    };
    let rows = app.write(move |db| async move { sending::send_down(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(rows.into_iter().map(LossListView::from).collect())))
}

/// One list with its cases.
#[utoipa::path(get, path = "/assets/missing-lists/{number}", operation_id = "losses_show_list", tag = "assets",
    params(("number" = String, Path, description = "清单编号")),
    responses((status = 200, body = LossListWithLines), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<LossListWithLines>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let row = store::list_of(app.db().read(), &ctx, &number).await?;
    let cases = store::lines_of(app.db().read(), row.id).await?.into_iter().map(LossView::from).collect();
    Ok(Versioned(row.version, LossListWithLines { list: row.into(), cases }))
}

/// The list to be printed and signed for.
#[utoipa::path(get, path = "/assets/missing-lists/{number}/list.pdf", operation_id = "losses_print_list",
    tag = "assets", params(("number" = String, Path, description = "清单编号")),
    responses((status = 200, description = "The list", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn print(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let row = store::list_of(app.db().read(), &ctx, &number).await?;
    let form = paper::list(app.db().read(), &ctx, &row).await?;
    printed(form, &row.number).await
}

/// 签收: the unit has the list; whoever sent it does not say so.
#[utoipa::path(post, path = "/assets/missing-lists/{number}/acknowledge", operation_id = "losses_acknowledge",
    tag = "assets", params(("number" = String, Path, description = "清单编号")), request_body = LossAcknowledgeBody,
    responses((status = 200, body = LossListView), Problems), security(("session" = []), ("token" = [])))]
async fn acknowledge(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<LossAcknowledgeBody>,
) -> Result<Versioned<LossListView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app
        .write(move |db| async move { sending::acknowledge(&db, &ctx, &number, version, &body.acknowledgement).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 盘亏资产处置流程, past and to come, the latest first.
#[utoipa::path(get, path = "/assets/missing-procedure", operation_id = "losses_procedure", tag = "assets",
    responses((status = 200, body = [ProcedureView]), Problems), security(("session" = []), ("token" = [])))]
async fn procedure_now(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ProcedureView>>, ApiError> {
    procedure::permit_to_read(&ctx)?;
    let all = procedure::all(app.db().read()).await?;
    Ok(Json(all.into_iter().map(ProcedureView::from).collect()))
}

/// Lays the procedure down anew, for cases that are opened from then on.
#[utoipa::path(post, path = "/assets/missing-procedure", operation_id = "losses_lay_down", tag = "assets",
    request_body = ProcedureBody, responses((status = 201, body = ProcedureView), Problems),
    security(("session" = []), ("token" = [])))]
async fn lay_down(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<ProcedureBody>,
) -> Result<(StatusCode, Json<ProcedureView>), ApiError> {
    let steps: Vec<NewStep> = body.steps.into_iter().map(NewStep::from).collect();
    let from = body.effective_from.map(Timestamp);
    let done = app.write(move |db| async move { procedure::lay_down(&db, &ctx, from, &body.source, &steps).await });
    Ok((StatusCode::CREATED, Json(done.await?.into())))
}
