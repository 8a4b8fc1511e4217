//! `/api/v1`: webhooks.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::jobs::names;
use crate::kernel::ids::WebhookId;
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};
use crate::webhooks::entity::webhook_delivery::DeliveryState;
use crate::webhooks::entity::{webhook, webhook_attempt};
use crate::webhooks::service::{self, Delivery, NewWebhook};
use crate::webhooks::{Event, WebhookError};

impl From<WebhookError> for ApiError {
    fn from(error: WebhookError) -> Self {
        match error {
            WebhookError::NotFound => Self::NotFound(error.to_string()),
            WebhookError::Ended => Self::Conflict(error.to_string()),
            WebhookError::NoEvents => Self::invalid("events", error.to_string()),
            WebhookError::Description => Self::invalid("description", error.to_string()),
            WebhookError::Address(error) => Self::invalid("url", error.to_string()),
            WebhookError::Forbidden(error) => error.into(),
            WebhookError::Db(error) => error.into(),
        }
    }
}

names! {
    /// What became of a delivery.
    DeliveryStateName of DeliveryState { Waiting, Delivered, GivenUp, }
}

/// What can be subscribed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = webhooks::EventName)]
pub enum EventName {
    /// 盘点结束
    #[serde(rename = "campaign.closed")]
    CampaignClosed,
    /// 新问题
    #[serde(rename = "finding.opened")]
    FindingOpened,
}

impl From<EventName> for Event {
    fn from(name: EventName) -> Self {
        match name {
            EventName::CampaignClosed => Self::CampaignClosed,
            EventName::FindingOpened => Self::FindingOpened,
        }
    }
}

/// A subscription as it is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewWebhookBody {
    /// Where messages go: https, or http to this machine where the office allows it.
    #[schema(min_length = 1, max_length = 500)]
    pub url: String,
    /// Which.
    #[schema(min_items = 1)]
    pub events: Vec<EventName>,
    /// Whose it is.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub description: String,
}

/// A subscription.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookView {
    /// Its id.
    pub id: Uuid,
    /// Where messages go.
    pub url: String,
    /// Which.
    pub events: Vec<String>,
    /// Whose it is.
    pub description: String,
    /// Whether it goes on.
    pub active: bool,
    /// Since when: milliseconds since 1970 in UTC, as all times here.
    pub created_at: i64,
    /// Its version.
    pub version: i64,
}

/// A subscription and its secret.
#[derive(Debug, Serialize, ToSchema)]
pub struct WebhookCreated {
    /// The subscription.
    pub webhook: WebhookView,
    /// What its signatures are made with. Shown this once.
    pub secret: String,
}

/// One try at a delivery.
#[derive(Debug, Serialize, ToSchema)]
pub struct AttemptView {
    /// Which, from 1.
    pub attempt: i64,
    /// When.
    pub at: i64,
    /// The HTTP status, when there was an answer.
    pub status: Option<i64>,
    /// How long it took.
    pub duration_ms: i64,
    /// The beginning of the answer, or why there was none.
    pub answer: String,
}

/// One message and every try at it.
#[derive(Debug, Serialize, ToSchema)]
pub struct DeliveryView {
    /// Its id, as the receiver sees it.
    pub id: Uuid,
    /// Its number among the subscriber's.
    pub sequence: i64,
    /// Of what it tells.
    pub event: String,
    /// What was sent.
    pub body: String,
    /// What became of it.
    pub state: DeliveryStateName,
    /// When it was written.
    pub queued_at: i64,
    /// When it was delivered or given up.
    pub finished_at: Option<i64>,
    /// Every try, first to last.
    pub attempts: Vec<AttemptView>,
}

impl From<webhook::Model> for WebhookView {
    fn from(row: webhook::Model) -> Self {
        Self {
            id: row.id.0,
            url: row.url,
            events: row.events.split(',').map(str::to_owned).collect(),
            description: row.description,
            active: row.active,
            created_at: row.created_at.0,
            version: row.version,
        }
    }
}

impl From<webhook_attempt::Model> for AttemptView {
    fn from(row: webhook_attempt::Model) -> Self {
        Self {
            attempt: row.attempt,
            at: row.at.0,
            status: row.status,
            duration_ms: row.duration_ms,
            answer: row.answer,
        }
    }
}

impl From<Delivery> for DeliveryView {
    fn from((row, attempts): Delivery) -> Self {
        Self {
            id: row.id,
            sequence: row.seq,
            event: row.event,
            body: row.body,
            state: row.state.into(),
            queued_at: row.queued_at.0,
            finished_at: row.finished_at.map(|at| at.0),
            attempts: attempts.into_iter().map(AttemptView::from).collect(),
        }
    }
}

/// 推送, newest first; those that ended too.
#[utoipa::path(get, path = "/webhooks", operation_id = "webhooks_list", tag = "webhooks",
    responses((status = 200, body = [WebhookView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<WebhookView>>, ApiError> {
    let rows = service::list(app.db().read(), &ctx).await?;
    Ok(Json(rows.into_iter().map(WebhookView::from).collect()))
}

/// Subscribes; the secret is shown this once.
#[utoipa::path(post, path = "/webhooks", operation_id = "webhooks_create", tag = "webhooks",
    request_body = NewWebhookBody, responses((status = 201, body = WebhookCreated), Problems),
    security(("session" = []), ("token" = [])))]
async fn create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(new): Body<NewWebhookBody>,
) -> Result<(StatusCode, [(header::HeaderName, String); 1], Json<WebhookCreated>), ApiError> {
    let new = NewWebhook {
        url: new.url,
        events: new.events.into_iter().map(Event::from).collect(),
        description: new.description,
    };
    let (row, secret) = app.write(move |db| async move { service::create(&db, &ctx, &new).await }).await?;
    let address = format!("/api/v1/webhooks/{}", row.id);
    let made = WebhookCreated { webhook: row.into(), secret };
    Ok((StatusCode::CREATED, [(header::LOCATION, address)], Json(made)))
}

/// One subscription.
#[utoipa::path(get, path = "/webhooks/{id}", operation_id = "webhooks_show", tag = "webhooks",
    params(("id" = Uuid, Path)), responses((status = 200, body = WebhookView), Problems),
    security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<WebhookView>, ApiError> {
    let row = service::one(app.db().read(), &ctx, WebhookId(id)).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Ends a subscription: what waits is given up, what was sent stays on record.
#[utoipa::path(delete, path = "/webhooks/{id}", operation_id = "webhooks_delete", tag = "webhooks",
    params(("id" = Uuid, Path)), responses((status = 200, body = WebhookView), Problems),
    security(("session" = []), ("token" = [])))]
async fn end(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Versioned<WebhookView>, ApiError> {
    let row = app.write(move |db| async move { service::end(&db, &ctx, WebhookId(id)).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Sends a message that means nothing.
#[utoipa::path(post, path = "/webhooks/{id}/test", operation_id = "webhooks_test", tag = "webhooks",
    params(("id" = Uuid, Path)), responses((status = 202, body = DeliveryView), Problems),
    security(("session" = []), ("token" = [])))]
async fn test(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<(StatusCode, Json<DeliveryView>), ApiError> {
    let row = app.write(move |db| async move { service::ping(&db, &ctx, WebhookId(id)).await }).await?;
    Ok((StatusCode::ACCEPTED, Json((row, Vec::new()).into())))
}

/// What a subscriber was sent, newest first.
#[utoipa::path(get, path = "/webhooks/{id}/deliveries", operation_id = "webhooks_deliveries", tag = "webhooks",
    params(("id" = Uuid, Path), Paging), responses((status = 200, body = Page<DeliveryView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn deliveries(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<DeliveryView>>, ApiError> {
    let limit = paging.rows()?;
    let before = match &paging.after {
        Some(after) => Some(after.parse().map_err(|_| ApiError::invalid("after", "应为上一页的 next"))?),
        None => None,
    };
    let rows = service::deliveries(app.db().read(), &ctx, WebhookId(id), before, limit + 1).await?;
    let rows = rows.into_iter().map(DeliveryView::from).collect();
    Ok(Json(Page::cut(rows, limit, |row: &DeliveryView| row.sequence.to_string())))
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(show, end))
        .routes(routes!(test))
        .routes(routes!(deliveries))
}
