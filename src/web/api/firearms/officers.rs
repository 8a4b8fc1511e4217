//! Armed officers: licences, results, bans.

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

use super::views::{BanView, OfficerView, ResultKindName, ResultView};
use crate::access::{Action, permit_somewhere, reach};
use crate::firearms::officers::{self, Licence, NewResult};
use crate::firearms::store;
use crate::kernel::ids::PersonId;
use crate::org::people;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, set))
        .routes(routes!(show))
        .routes(routes!(enter_result))
        .routes(routes!(forbid))
        .routes(routes!(lift))
}

/// 配枪民警
#[utoipa::path(get, path = "/firearms/officers", operation_id = "firearms_list_officers", tag = "firearms",
    responses((status = 200, body = [OfficerView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<OfficerView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let (db, seen) = (app.db().read(), reach(&ctx, Action::FirearmsRead));
    let mut rows = Vec::new();
    for row in store::officers(db).await? {
        if people::by_id(db, row.person_id).await?.is_some_and(|one| seen.covers(Some(one.unit_id))) {
            rows.push(row.into());
        }
    }
    Ok(Json(rows))
}

/// 登记持枪证
#[utoipa::path(post, path = "/firearms/officers", operation_id = "firearms_set_officer", tag = "firearms",
    request_body = OfficerView, responses((status = 200, body = OfficerView), Problems),
    security(("session" = []), ("token" = [])))]
async fn set(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<OfficerView>,
) -> Result<Json<OfficerView>, ApiError> {
    let new = Licence {
        person: PersonId(body.person_id),
        number: body.licence,
        issuer: body.issuer,
        issued_on: body.issued_on,
        valid_until: body.valid_until,
        active: body.active,
        note: body.note,
    };
    let row = app.write(move |db| async move { officers::set(&db, &ctx, &new, None).await }).await?;
    Ok(Json(row.into()))
}

/// An officer with their results and bans.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct OfficerWithAll {
    /// The licence, when there is one.
    pub officer: Option<OfficerView>,
    /// What they were tried in, newest first.
    pub results: Vec<ResultView>,
    /// Their bans, newest first.
    pub bans: Vec<BanView>,
}

/// One officer with results and bans.
#[utoipa::path(get, path = "/firearms/officers/{person}", operation_id = "firearms_show_officer", tag = "firearms",
    params(("person" = Uuid, Path, description = "人员")),
    responses((status = 200, body = OfficerWithAll), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(person): Path<Uuid>,
) -> Result<Json<OfficerWithAll>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let (db, seen, person) = (app.db().read(), reach(&ctx, Action::FirearmsRead), PersonId(person));
    if !people::by_id(db, person).await?.is_some_and(|one| seen.covers(Some(one.unit_id))) {
        return Err(ApiError::NotFound("没有这个人员".to_owned()));
    }
    let results = store::results_of(db, person).await?;
    Ok(Json(OfficerWithAll {
        officer: store::officer_of(db, person).await?.map(Into::into),
        results: results.into_iter().map(Into::into).collect(),
        bans: store::bans_of(db, person).await?.into_iter().map(Into::into).collect(),
    }))
}

/// A result as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResultBody {
    /// In what.
    pub kind: ResultKindName,
    /// When.
    pub held_on: NaiveDate,
    /// Of a hundred.
    #[schema(minimum = 0, maximum = 100)]
    pub score: Option<i64>,
    /// 合格
    pub passed: bool,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// 登记训练、考核成绩
#[utoipa::path(post, path = "/firearms/officers/{person}/results", operation_id = "firearms_enter_result",
    tag = "firearms", params(("person" = Uuid, Path, description = "人员")), request_body = ResultBody,
    responses((status = 201, body = ResultView), Problems), security(("session" = []), ("token" = [])))]
async fn enter_result(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(person): Path<Uuid>,
    Body(body): Body<ResultBody>,
) -> Result<Response, ApiError> {
    let new = NewResult {
        person: PersonId(person),
        kind: body.kind.into(),
        held_on: body.held_on,
        score: body.score,
        passed: body.passed,
        note: body.note,
    };
    let row = app.write(move |db| async move { officers::enter_result(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(ResultView::from(row))).into_response())
}

/// A ban as it is laid on.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BanBody {
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
    /// The last day; nothing: until it is lifted.
    pub until: Option<NaiveDate>,
}

/// 禁枪
#[utoipa::path(post, path = "/firearms/officers/{person}/bans", operation_id = "firearms_forbid", tag = "firearms",
    params(("person" = Uuid, Path, description = "人员")), request_body = BanBody,
    responses((status = 201, body = BanView), Problems), security(("session" = [])))]
async fn forbid(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(person): Path<Uuid>,
    Body(body): Body<BanBody>,
) -> Result<Response, ApiError> {
    let done = app
        .write(move |db| async move { officers::forbid(&db, &ctx, PersonId(person), &body.reason, body.until).await });
    Ok((StatusCode::CREATED, Json(BanView::from(done.await?))).into_response())
}

/// Why a ban is lifted.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LiftBody {
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 解除禁枪
#[utoipa::path(post, path = "/firearms/bans/{id}/lift", operation_id = "firearms_lift_ban", tag = "firearms",
    params(("id" = Uuid, Path, description = "禁枪记录")), request_body = LiftBody,
    responses((status = 200, body = BanView), Problems), security(("session" = [])))]
async fn lift(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<LiftBody>,
) -> Result<Json<BanView>, ApiError> {
    let row = app.write(move |db| async move { officers::lift(&db, &ctx, id, &body.reason).await }).await?;
    Ok(Json(row.into()))
}
