//! `/api/v1`: jobs.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{self, Action};
use crate::jobs::entity::{self, JobState};
use crate::jobs::queue::{self, Wanted};
use crate::kernel::ids::JobId;
use crate::web::error::Problems;
use crate::web::extract::{Page, Paging, Query};
use crate::web::{ApiError, App, Caller};

/// Makes a name for the document of each value of an enum of the rooms below, which know no HTTP.
macro_rules! names {
    ($($(#[$doc:meta])* $name:ident of $of:ty { $($variant:ident,)* })*) => {$(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
        #[serde(rename_all = "snake_case")]
        #[expect(missing_docs, reason = "as in the glossary")]
        pub enum $name { $($variant,)* }

        impl From<$name> for $of {
            fn from(name: $name) -> Self {
                match name { $($name::$variant => Self::$variant,)* }
            }
        }

        impl From<$of> for $name {
            fn from(value: $of) -> Self {
                match value { $(<$of>::$variant => Self::$variant,)* }
            }
        }
    )*};
}
pub(super) use names;

names! {
    /// Where a job stands.
    JobStateName of JobState { Waiting, Running, Done, Failed, }
}

/// The id that a page begins after.
///
/// # Errors
/// When `after` is none of ours.
pub(super) fn after_id<T: From<Uuid>>(paging: &Paging) -> Result<Option<T>, ApiError> {
    let Some(after) = &paging.after else { return Ok(None) };
    let id = Uuid::parse_str(after).map_err(|_| ApiError::invalid("after", "应为上一页的 next"))?;
    Ok(Some(T::from(id)))
}

/// A text to filter by: not empty, not long, and one that every engine takes.
pub(super) fn word(field: &str, text: Option<String>) -> Result<Option<String>, ApiError> {
    match text {
        Some(text) if text.is_empty() || text.chars().count() > 60 || text.contains('\0') => {
            Err(ApiError::invalid(field, "应为 1 至 60 个字符"))
        }
        other => Ok(other),
    }
}

/// Which jobs.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct JobFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<JobStateName>,
    /// Of this kind only.
    #[param(min_length = 1, max_length = 60)]
    pub kind: Option<String>,
}

/// A job.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobView {
    /// Its id.
    pub id: Uuid,
    /// Who handles it.
    pub kind: String,
    /// Where it stands.
    pub state: JobStateName,
    /// When it runs next, or ran: milliseconds since 1970 in UTC.
    pub run_at: i64,
    /// For what recurs, milliseconds between.
    pub every_ms: Option<i64>,
    /// Tries used.
    pub attempts: i64,
    /// Tries it has.
    pub max_attempts: i64,
    /// Until when somebody holds it.
    pub lease_until: Option<i64>,
    /// Why its last try failed.
    pub last_error: Option<String>,
    /// When it last ended.
    pub finished_at: Option<i64>,
}

impl From<entity::Model> for JobView {
    fn from(row: entity::Model) -> Self {
        Self {
            id: row.id.0,
            kind: row.kind,
            state: row.state.into(),
            run_at: row.run_at.0,
            every_ms: row.every_ms,
            attempts: row.attempts,
            max_attempts: row.max_attempts,
            lease_until: row.lease_until.map(|at| at.0),
            last_error: row.last_error,
            finished_at: row.finished_at.map(|at| at.0),
        }
    }
}

/// How many jobs stand in a state.
#[derive(Debug, Serialize, ToSchema)]
pub struct JobCount {
    /// The state.
    pub state: JobStateName,
    /// How many.
    pub jobs: i64,
}

/// 后台任务, newest first. What was given up stays here.
#[utoipa::path(get, path = "/jobs", operation_id = "jobs_list", tag = "jobs", params(JobFilter, Paging),
    responses((status = 200, body = Page<JobView>), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<JobFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<JobView>>, ApiError> {
    access::permit(&ctx, Action::JobsRead, None)?;
    let limit = paging.rows()?;
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        kind: word("kind", filter.kind)?,
        before: after_id::<JobId>(&paging)?,
    };
    let rows = queue::list(app.db().read(), &wanted, limit + 1).await?;
    Ok(Json(Page::cut(rows.into_iter().map(JobView::from).collect(), limit, |row| row.id.to_string())))
}

/// How many jobs stand in each state.
#[utoipa::path(get, path = "/jobs/counts", operation_id = "jobs_counts", tag = "jobs",
    responses((status = 200, body = [JobCount]), Problems), security(("session" = []), ("token" = [])))]
async fn counts(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<JobCount>>, ApiError> {
    access::permit(&ctx, Action::JobsRead, None)?;
    let counts = queue::counts(app.db().read()).await?;
    Ok(Json(counts.into_iter().map(|(state, jobs)| JobCount { state: state.into(), jobs }).collect()))
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(counts))
}
