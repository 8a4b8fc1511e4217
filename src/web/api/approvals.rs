//! `/api/v1`: approvals.

mod views;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::jobs::{after_id, word};
use crate::approvals::chains::{self, Chain, Tier};
use crate::approvals::delegation::{self, NewDelegation};
use crate::approvals::entity::{chain, delegation as delegated};
use crate::approvals::model::Step;
use crate::approvals::service::{self, NewRequest, Verdict};
use crate::approvals::store::{self, Wanted};
use crate::approvals::{ApprovalError, Granted};
use crate::kernel::ids::{ApprovalId, PersonId, UnitId};
use crate::kernel::{Fen, Timestamp};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

pub use views::{
    ChainView, DecidingRole, DecisionView, LevelName, NewChainBody, NewRequestBody, NewStep, NewTier, RequestStateName,
    RequestView, StepView, TierView,
};

impl From<ApprovalError> for ApiError {
    fn from(error: ApprovalError) -> Self {
        match error {
            ApprovalError::NotFound | ApprovalError::NoDelegation => Self::NotFound(error.to_string()),
            ApprovalError::NoChain(_) => Self::invalid("kind", error.to_string()),
            ApprovalError::Field { field, reason } => Self::invalid(field, reason),
            ApprovalError::OpenAlready | ApprovalError::ChainExists => Self::Conflict(error.to_string()),
            ApprovalError::NoPerson => Self::Forbidden(error.to_string()),
            ApprovalError::Refused(refusal) => Self::Conflict(refusal.to_string()),
            ApprovalError::Forbidden(error) => error.into(),
            ApprovalError::Db(error) => error.into(),
        }
    }
}

/// Every chain, past and to come.
#[utoipa::path(get, path = "/approval-chains", operation_id = "approvals_chains", tag = "approvals",
    responses((status = 200, body = [ChainView]), Problems), security(("session" = []), ("token" = [])))]
async fn chains_list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ChainView>>, ApiError> {
    let all = chains::all(app.db().read(), &ctx).await?;
    Ok(Json(all.into_iter().map(ChainView::from).collect()))
}

/// Lays down what is asked for a kind from a day on.
#[utoipa::path(post, path = "/approval-chains", operation_id = "approvals_define", tag = "approvals",
    request_body = NewChainBody, responses((status = 201, body = ChainView), Problems),
    security(("session" = []), ("token" = [])))]
async fn define(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(new): Body<NewChainBody>,
) -> Result<(StatusCode, Json<ChainView>), ApiError> {
    let step = |step: NewStep| Step { role: step.role.into(), level: step.level.into() };
    let tier = |tier: NewTier| Tier { from: Fen(tier.from_fen), steps: tier.steps.into_iter().map(step).collect() };
    let new = Chain {
        tiers: new.tiers.into_iter().map(tier).collect(),
        head: chain::Model {
            kind: new.kind,
            effective_from: Timestamp(new.effective_from),
            effective_until: new.effective_until.map(Timestamp),
            name: new.name,
            source: new.source,
            ratify_within_h: new.ratify_within_h,
        },
    };
    let made = app.write(move |db| async move { chains::define(&db, &ctx, new).await }).await?;
    Ok((StatusCode::CREATED, Json(made.into())))
}

/// Which requests.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct RequestFilter {
    /// Only those that whoever asks made.
    pub mine: Option<bool>,
    /// Only those that whoever asks may decide now.
    pub for_me: Option<bool>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<RequestStateName>,
    /// Of this kind only.
    #[param(min_length = 1, max_length = 60)]
    pub kind: Option<String>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
}

/// 审批单, newest first: of one's units, one's own, or for one to decide.
#[utoipa::path(get, path = "/approvals", operation_id = "approvals_list", tag = "approvals",
    params(RequestFilter, Paging), responses((status = 200, body = Page<RequestView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<RequestFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<RequestView>>, ApiError> {
    let limit = paging.rows()?;
    let wanted = Wanted {
        mine: filter.mine.unwrap_or_default(),
        for_me: filter.for_me.unwrap_or_default(),
        state: filter.state.map(Into::into),
        kind: word("kind", filter.kind)?,
        unit: filter.unit_id.map(UnitId),
        before: after_id(&paging)?,
    };
    let rows = store::list(app.db().read(), &ctx, &Granted, &wanted, limit + 1).await?;
    let rows = rows.into_iter().map(RequestView::from).collect();
    Ok(Json(Page::cut(rows, limit, |row: &RequestView| row.id.to_string())))
}

async fn view(app: &App, ctx: &crate::kernel::Ctx, id: ApprovalId) -> Result<Versioned<RequestView>, ApiError> {
    let shown = store::one(app.db().read(), ctx, &Granted, id).await?;
    Ok(Versioned(shown.row.version, shown.into()))
}

/// Asks for something.
#[utoipa::path(post, path = "/approvals", operation_id = "approvals_create", tag = "approvals",
    request_body = NewRequestBody, responses((status = 201, body = RequestView), Problems),
    security(("session" = []), ("token" = [])))]
async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(new): Body<NewRequestBody>,
) -> Result<(StatusCode, [(header::HeaderName, String); 1], Versioned<RequestView>), ApiError> {
    let new = NewRequest {
        kind: word("kind", Some(new.kind))?.unwrap_or_default(),
        subject_room: new.subject_room,
        subject_id: new.subject_id,
        unit: UnitId(new.unit_id),
        amount: Fen(new.amount_fen),
        reason: new.reason,
        payload: serde_json::Value::Object(new.payload),
        urgent: new.urgent,
    };
    let asking = ctx.clone();
    let row = app.write(move |db| async move { service::create(&db, &asking, &new).await }).await?;
    let address = [(header::LOCATION, format!("/api/v1/approvals/{}", row.id))];
    Ok((StatusCode::CREATED, address, view(&app, &ctx, row.id).await?))
}

/// One request.
#[utoipa::path(get, path = "/approvals/{id}", operation_id = "approvals_show", tag = "approvals",
    params(("id" = Uuid, Path)), responses((status = 200, body = RequestView), Problems),
    security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<RequestView>, ApiError> {
    view(&app, &ctx, ApprovalId(id)).await
}

/// What somebody says to a step.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DecisionBody {
    /// The step that is meant: one decided meanwhile is not decided in its place.
    #[schema(minimum = 1, maximum = 10)]
    pub step: i64,
    /// Yes or no.
    pub approved: bool,
    /// Why; a no needs it.
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reason: String,
}

/// A reason.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WhyBody {
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// 审批, or 补批 of what was used first: decides the step it waits for.
#[utoipa::path(post, path = "/approvals/{id}/decide", operation_id = "approvals_decide", tag = "approvals",
    params(("id" = Uuid, Path)), request_body = DecisionBody,
    responses((status = 200, body = RequestView), Problems), security(("session" = []), ("token" = [])))]
async fn decide(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(said): Body<DecisionBody>,
) -> Result<Versioned<RequestView>, ApiError> {
    if !(1..=10).contains(&said.step) {
        return Err(ApiError::invalid("step", "步骤为 1 至 10"));
    }
    let (asking, id) = (ctx.clone(), ApprovalId(id));
    let verdict = Verdict { step: said.step, approved: said.approved, reason: said.reason };
    app.write(move |db| async move { service::decide(&db, &asking, &Granted, id, &verdict).await }).await?;
    view(&app, &ctx, id).await
}

/// 撤回: the requester takes it back.
#[utoipa::path(post, path = "/approvals/{id}/withdraw", operation_id = "approvals_withdraw", tag = "approvals",
    params(("id" = Uuid, Path)), request_body = WhyBody,
    responses((status = 200, body = RequestView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(said): Body<WhyBody>,
) -> Result<Versioned<RequestView>, ApiError> {
    let (asking, id) = (ctx.clone(), ApprovalId(id));
    app.write(move |db| async move { service::withdraw(&db, &asking, &Granted, id, &said.reason).await }).await?;
    view(&app, &ctx, id).await
}

/// 先用后批: it cannot wait; to be ratified within the hours its chain gives.
#[utoipa::path(post, path = "/approvals/{id}/use", operation_id = "approvals_use_first", tag = "approvals",
    params(("id" = Uuid, Path)), request_body = WhyBody,
    responses((status = 200, body = RequestView), Problems), security(("session" = []), ("token" = [])))]
async fn use_first(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(said): Body<WhyBody>,
) -> Result<Versioned<RequestView>, ApiError> {
    let (asking, id) = (ctx.clone(), ApprovalId(id));
    app.write(move |db| async move { service::use_first(&db, &asking, &Granted, id, &said.reason).await }).await?;
    view(&app, &ctx, id).await
}

/// A delegation as it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDelegationBody {
    /// Who is to decide: somebody who holds a deciding role themselves.
    pub to_person: Uuid,
    /// From when, not before now: milliseconds since 1970 in UTC.
    pub from_at: i64,
    /// Until when, that instant not included.
    pub until_at: i64,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
}

/// A delegation.
#[derive(Debug, Serialize, ToSchema)]
pub struct DelegationView {
    /// Its id.
    pub id: Uuid,
    /// In whose name.
    pub from_person: Uuid,
    /// Who decides.
    pub to_person: Uuid,
    /// From when.
    pub from_at: i64,
    /// Until when.
    pub until_at: i64,
    /// Why.
    pub reason: String,
    /// When it was ended early.
    pub revoked_at: Option<i64>,
}

impl From<delegated::Model> for DelegationView {
    fn from(row: delegated::Model) -> Self {
        Self {
            id: row.id,
            from_person: row.from_person.0,
            to_person: row.to_person.0,
            from_at: row.valid_from.0,
            until_at: row.valid_until.0,
            reason: row.reason,
            revoked_at: row.revoked_at.map(|at| at.0),
        }
    }
}

/// Delegations by and to oneself, newest first.
#[utoipa::path(get, path = "/approval-delegations", operation_id = "approvals_delegations", tag = "approvals",
    responses((status = 200, body = [DelegationView]), Problems), security(("session" = []), ("token" = [])))]
async fn delegations(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<DelegationView>>, ApiError> {
    let rows = delegation::mine(app.db().read(), &ctx).await?;
    Ok(Json(rows.into_iter().map(DelegationView::from).collect()))
}

/// 委托: has somebody decide in one's own name for a time.
#[utoipa::path(post, path = "/approval-delegations", operation_id = "approvals_delegate", tag = "approvals",
    request_body = NewDelegationBody, responses((status = 201, body = DelegationView), Problems),
    security(("session" = []), ("token" = [])))]
async fn delegate(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(new): Body<NewDelegationBody>,
) -> Result<(StatusCode, Json<DelegationView>), ApiError> {
    let new = NewDelegation {
        to: PersonId(new.to_person),
        from_at: Timestamp(new.from_at),
        until_at: Timestamp(new.until_at),
        reason: new.reason,
    };
    let row = app.write(move |db| async move { delegation::create(&db, &ctx, &Granted, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// Ends one's own delegation at once.
#[utoipa::path(delete, path = "/approval-delegations/{id}", operation_id = "approvals_revoke", tag = "approvals",
    params(("id" = Uuid, Path)), responses((status = 200, body = DelegationView), Problems),
    security(("session" = []), ("token" = [])))]
async fn revoke(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<DelegationView>, ApiError> {
    let row = app.write(move |db| async move { delegation::revoke(&db, &ctx, id).await }).await?;
    Ok(Json(row.into()))
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(chains_list, define))
        .routes(routes!(list, create))
        .routes(routes!(show))
        .routes(routes!(decide))
        .routes(routes!(withdraw))
        .routes(routes!(use_first))
        .routes(routes!(delegations, delegate))
        .routes(routes!(revoke))
}
