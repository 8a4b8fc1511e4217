//! `/api/v1/assets/missing`: missing things, from the list that is sent down to the write-off.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::loss_bodies::{
    LossExplanationBody, LossFoundBody, LossJudgmentBody, LossSearchBody, LossTickBody, LossWriteOffBody,
};
use super::loss_views::{LossFigures, LossSearchView, LossStateName, LossView, LossWithAll};
use super::movement_views::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::assets::missing::paper::{self, Form};
use crate::assets::missing::procedure;
use crate::assets::missing::service::{self, Finding, NewLog};
use crate::assets::missing::steps::{self, Judgment, WriteOff};
use crate::assets::missing::store::{self, Case, Wanted};
use crate::items::store as items;
use crate::kernel::ids::{MissingCaseId, PersonId, PlaceId, UnitId};
use crate::kernel::{Fen, Timestamp};
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(figures))
        .routes(routes!(show))
        .routes(routes!(form))
        .routes(routes!(log))
        .routes(routes!(explain))
        .routes(routes!(find))
        .routes(routes!(confirm))
        .routes(routes!(resume))
        .routes(routes!(judge))
        .routes(routes!(ask))
        .routes(routes!(tick))
        .routes(routes!(write_off))
}

/// Which cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct LossFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<LossStateName>,
    /// Of this year's list only.
    #[param(minimum = 1990, maximum = 2999)]
    pub list_year: Option<i64>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// Of this thing only: its number.
    #[param(min_length = 1, max_length = 60)]
    pub item_number: Option<String>,
    /// Only what is on no list that was sent down.
    pub unsent: Option<bool>,
}

/// 盘亏, oldest first: of one's units.
#[utoipa::path(get, path = "/assets/missing", operation_id = "losses_list", tag = "assets",
    params(LossFilter, Paging), responses((status = 200, body = Page<LossView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<LossFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<LossView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let (limit, db) = (paging.rows()?, app.db().read());
    let item = match word("item_number", filter.item_number)? {
        None => None,
        Some(number) => match items::by_number(db, &number).await? {
            Some(thing) => Some(thing.id),
            None => return Ok(Json(Page { rows: Vec::new(), next: None })),
        },
    };
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        list_year: filter.list_year,
        unit: filter.unit_id.map(UnitId),
        item,
        list: None,
        unsent: filter.unsent.unwrap_or_default(),
        explained: false,
        after: after_id(&paging)?,
    };
    let rows = store::list(db, &ctx, &wanted, limit + 1).await?;
    Ok(Json(Page::cut(rows.into_iter().map(LossView::from).collect(), limit, |row| row.id.to_string())))
}

/// How many there are by year, unit and state, and how many were found again by list year.
#[utoipa::path(get, path = "/assets/missing/figures", operation_id = "losses_figures", tag = "assets",
    responses((status = 200, body = LossFigures), Problems), security(("session" = []), ("token" = [])))]
async fn figures(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<LossFigures>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let db = app.db().read();
    Ok(Json(LossFigures::of(store::tallies(db, &ctx).await?, store::recovered(db, &ctx).await?)))
}

/// One case, with its search log, its steps and where to look.
#[utoipa::path(get, path = "/assets/missing/{id}", operation_id = "losses_show", tag = "assets",
    params(("id" = Uuid, Path)), responses((status = 200, body = LossWithAll), Problems),
    security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<LossWithAll>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let db = app.db().read();
    let one = store::one(db, &ctx, MissingCaseId(id)).await?;
    let lead = store::leads(db, &[one.thing.id]).await?.remove(&one.thing.id).unwrap_or_default();
    let list = store::sent_by(db, one.case.id).await?;
    let searches = store::logs(db, one.case.id).await?.into_iter().map(LossSearchView::from).collect();
    let steps = procedure::of_case(db, &one.case).await?.into_iter().map(Into::into).collect();
    let list_number = list.map(|row| row.number);
    Ok(Versioned(one.loss.version, LossWithAll { loss: one.into(), lead, list_number, searches, steps }))
}

/// A form as it is shown or printed.
pub(in crate::web) async fn printed(form: Form, name: &str) -> Result<Response, ApiError> {
    let made = tokio::task::spawn_blocking(move || form.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    let kind = (header::CONTENT_TYPE, "application/pdf".to_owned());
    let named = (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}.pdf\""));
    Ok(([kind, named], bytes).into_response())
}

/// 盘亏资产确认表, to be signed.
#[utoipa::path(get, path = "/assets/missing/{id}/form.pdf", operation_id = "losses_form", tag = "assets",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The form", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn form(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let one = store::one(app.db().read(), &ctx, MissingCaseId(id)).await?;
    let form = paper::confirmation(app.db().read(), &ctx, one).await?;
    printed(form, &id.to_string()).await
}

/// The search log has one more entry; nothing in it is changed later.
#[utoipa::path(post, path = "/assets/missing/{id}/searches", operation_id = "losses_search", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossSearchBody,
    responses((status = 201, body = LossSearchView), Problems), security(("session" = []), ("token" = [])))]
async fn log(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<LossSearchBody>,
) -> Result<(StatusCode, Json<LossSearchView>), ApiError> {
    let new = NewLog {
        searcher: body.searcher_id.map(PersonId),
        place: body.place_id.map(PlaceId),
        whereabouts: body.place,
        at: body.searched_at.map(Timestamp),
        result: body.result.into(),
        note: body.note,
    };
    let done = app.write(move |db| async move { service::log(&db, &ctx, MissingCaseId(id), &new).await });
    Ok((StatusCode::CREATED, Json(done.await?.into())))
}

/// What a step on a case is answered with.
fn told(one: Case) -> Versioned<LossView> {
    Versioned(one.loss.version, one.into())
}

/// 说明盘亏原因
#[utoipa::path(post, path = "/assets/missing/{id}/explain", operation_id = "losses_explain", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossExplanationBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn explain(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<LossExplanationBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { service::explain(&db, &ctx, id, version, &body.explanation).await });
    Ok(told(done.await?))
}

/// 登记找回: the case is closed under its list year, the book has the thing again.
#[utoipa::path(post, path = "/assets/missing/{id}/find", operation_id = "losses_find", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossFoundBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn find(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<LossFoundBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let found = Finding {
        place: body.place_id.map(PlaceId),
        whereabouts: body.place,
        finder: body.finder_id.map(PersonId),
        note: body.note,
    };
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { service::find(&db, &ctx, id, version, &found).await });
    Ok(told(done.await?))
}

/// 确认盘亏: by another than the keeper and than whoever explained.
#[utoipa::path(post, path = "/assets/missing/{id}/confirm", operation_id = "losses_confirm", tag = "assets",
    params(("id" = Uuid, Path)), responses((status = 200, body = LossView), Problems),
    security(("session" = []), ("token" = [])))]
async fn confirm(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
) -> Result<Versioned<LossView>, ApiError> {
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { steps::confirm(&db, &ctx, id, version).await });
    Ok(told(done.await?))
}

/// 退回继续查找
#[utoipa::path(post, path = "/assets/missing/{id}/resume", operation_id = "losses_resume", tag = "assets",
    params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn resume(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { steps::resume(&db, &ctx, id, version, &body.reason).await });
    Ok(told(done.await?))
}

/// 责任认定: nobody judges themselves.
#[utoipa::path(post, path = "/assets/missing/{id}/judge", operation_id = "losses_judge", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossJudgmentBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn judge(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<LossJudgmentBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let judgment = Judgment {
        degree: body.degree.into(),
        responsible: body.responsible_id.map(PersonId),
        basis: body.basis,
        compensation: body.compensation_fen.map(Fen),
        receipt: body.receipt,
    };
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { steps::judge(&db, &ctx, id, version, &judgment).await });
    Ok(told(done.await?))
}

/// 报批核销: the chain decides by amount.
#[utoipa::path(post, path = "/assets/missing/{id}/ask", operation_id = "losses_ask", tag = "assets",
    params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn ask(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { steps::ask(&db, &ctx, id, version, &body.reason).await });
    Ok(told(done.await?))
}

/// A step of the procedure is done, or not after all; one that needs its paper not without it.
#[utoipa::path(post, path = "/assets/missing/{id}/tick", operation_id = "losses_tick", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossTickBody, responses((status = 204), Problems),
    security(("session" = []), ("token" = [])))]
async fn tick(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<LossTickBody>,
) -> Result<StatusCode, ApiError> {
    let done = app.write(move |db| async move {
        procedure::tick(&db, &ctx, MissingCaseId(id), &body.step, body.done, &body.note).await
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 核销: the thing leaves the book; its case stays.
#[utoipa::path(post, path = "/assets/missing/{id}/write-off", operation_id = "losses_write_off", tag = "assets",
    params(("id" = Uuid, Path)), request_body = LossWriteOffBody,
    responses((status = 200, body = LossView), Problems), security(("session" = []), ("token" = [])))]
async fn write_off(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<LossWriteOffBody>,
) -> Result<Versioned<LossView>, ApiError> {
    let with = WriteOff {
        decision: body.decision,
        approval_number: body.approval_number,
        voucher_number: body.voucher_number,
        voucher_on: Some(body.voucher_on),
    };
    let (id, version) = (MissingCaseId(id), seen.map(|seen| seen.0));
    let done = app.write(move |db| async move { steps::write_off(&db, &ctx, id, version, &with).await });
    Ok(told(done.await?))
}
