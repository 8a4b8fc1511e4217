//! `/api/v1/assets/responsible`: who answers for a unit's fixed assets.

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

use crate::access::{Action, permit_somewhere, reach};
use crate::assets::responsible::entity::responsible;
use crate::assets::responsible::service::{self, Naming};
use crate::assets::responsible::vacancy;
use crate::kernel::ids::{PersonId, UnitId};
use crate::org::entity::person::Duty;
use crate::web::api::parts::DutyName;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list, name)).routes(routes!(vacancies)).routes(routes!(end))
}

/// Who answers, from a day on.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ResponsibleView {
    /// Its id.
    pub id: Uuid,
    /// For which unit.
    pub unit_id: Uuid,
    /// What for: `head`, `supervising_leader`, `asset_manager`.
    pub duty: DutyName,
    /// Who.
    pub person_id: Uuid,
    /// Since when.
    pub from_on: NaiveDate,
    /// Until when; absent while it lasts.
    pub until_on: Option<NaiveDate>,
    /// By what.
    pub reason: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<responsible::Model> for ResponsibleView {
    fn from(row: responsible::Model) -> Self {
        Self {
            id: row.id,
            unit_id: row.unit_id.into(),
            duty: row.duty.into(),
            person_id: row.person_id.into(),
            from_on: row.from_on,
            until_on: row.until_on,
            reason: row.reason,
            version: row.version,
        }
    }
}

/// Whose.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OfUnit {
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
}

/// Everybody who was named for units within sight, the last first.
#[utoipa::path(get, path = "/assets/responsible", operation_id = "responsible_list", tag = "assets", params(OfUnit),
    responses((status = 200, body = [ResponsibleView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<OfUnit>,
) -> Result<Json<Vec<ResponsibleView>>, ApiError> {
    let rows = service::history(app.db().read(), &ctx, asked.unit_id.map(UnitId)).await?;
    Ok(Json(rows.into_iter().map(ResponsibleView::from).collect()))
}

/// A unit that has things and nobody who answers for them.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VacancyView {
    /// The unit.
    pub unit_id: Uuid,
    /// What it lacks.
    pub duty: DutyName,
    /// How many things it has.
    pub things: i64,
}

/// Units within sight that have things and lack somebody.
#[utoipa::path(get, path = "/assets/responsible/vacancies", operation_id = "responsible_vacancies", tag = "assets",
    responses((status = 200, body = [VacancyView]), Problems), security(("session" = []), ("token" = [])))]
async fn vacancies(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<VacancyView>>, ApiError> {
    permit_somewhere(&ctx, Action::OrgRead)?;
    let seen = reach(&ctx, Action::OrgRead);
    let all = vacancy::vacant(app.db().read()).await?.into_iter().filter(|(unit, ..)| seen.covers(Some(*unit)));
    let view = |(unit, _, duty, things): (UnitId, String, Duty, i64)| VacancyView {
        unit_id: unit.0,
        duty: duty.into(),
        things,
    };
    Ok(Json(all.map(view).collect()))
}

/// Somebody to be named.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ResponsibleBody {
    /// For which unit.
    pub unit_id: Uuid,
    /// What for: `head`, `supervising_leader`, `asset_manager`.
    pub duty: DutyName,
    /// Whom.
    pub person_id: Uuid,
    /// Since when; today when absent.
    pub from_on: Option<NaiveDate>,
    /// By what: the order, the minutes.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Names somebody; who was before, ends that day.
#[utoipa::path(post, path = "/assets/responsible", operation_id = "responsible_name", tag = "assets",
    request_body = ResponsibleBody, responses((status = 201, body = ResponsibleView), Problems),
    security(("session" = []), ("token" = [])))]
async fn name(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<ResponsibleBody>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::AssetsResponsible)?;
    let new = Naming {
        unit: UnitId(body.unit_id),
        duty: body.duty.into(),
        person: PersonId(body.person_id),
        from: body.from_on.unwrap_or_else(|| ctx.now().day()),
        reason: body.reason,
    };
    let row = app.write(move |db| async move { service::name(&db, &ctx, &new).await }).await?;
    let version = row.version;
    Ok((StatusCode::CREATED, Versioned(version, ResponsibleView::from(row))).into_response())
}

/// The end of it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EndBody {
    /// The day; today when absent.
    pub until_on: Option<NaiveDate>,
    /// By what.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

/// Ends it, with nobody after them yet.
#[utoipa::path(post, path = "/assets/responsible/{id}/end", operation_id = "responsible_end", tag = "assets",
    params(("id" = Uuid, Path, description = "任职记录的 id")), request_body = EndBody,
    responses((status = 200, body = ResponsibleView), Problems), security(("session" = []), ("token" = [])))]
async fn end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: Option<IfMatch>,
    Body(body): Body<EndBody>,
) -> Result<Versioned<ResponsibleView>, ApiError> {
    permit_somewhere(&ctx, Action::AssetsResponsible)?;
    let until = body.until_on.unwrap_or_else(|| ctx.now().day());
    let version = seen.map(|seen| seen.0);
    let ended = app.write(move |db| async move { service::end(&db, &ctx, id, version, until, &body.reason).await });
    let row = ended.await?;
    Ok(Versioned(row.version, row.into()))
}
