//! What is to be told: written in the transaction of the deed, one numbered delivery a subscriber.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::webhook_delivery::DeliveryState;
use super::entity::{webhook, webhook_delivery, webhook_key};
use crate::db::{DbError, Tx};
use crate::jobs::{self, NewJob};
use crate::kernel::Ctx;

/// The kind of job that delivers.
pub const JOB: &str = "webhooks.deliver";

/// What others may be told of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Event {
    /// 盘点结束
    CampaignClosed,
    /// 新问题; up to a hundred in one message.
    FindingOpened,
    /// 测试
    Ping,
}

impl Event {
    /// Those that can be subscribed to.
    pub const SUBSCRIBABLE: [Self; 2] = [Self::CampaignClosed, Self::FindingOpened];

    /// The name in messages and in the API.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CampaignClosed => "campaign.closed",
            Self::FindingOpened => "finding.opened",
            Self::Ping => "ping",
        }
    }
}

/// Tells every subscriber of an event, in the caller's transaction: told if, and only if, the deed is committed.
///
/// # Errors
/// When the database refuses.
pub async fn publish(tx: &Tx, ctx: &Ctx, event: Event, data: &serde_json::Value) -> Result<(), DbError> {
    for subscriber in webhook::Entity::find().filter(webhook::Column::Active.eq(true)).all(tx).await? {
        if subscriber.events.split(',').any(|name| name == event.name()) {
            put(tx, ctx, &subscriber, event, data).await?;
        }
    }
    Ok(())
}

/// Tells one subscriber.
pub(super) async fn put(
    tx: &Tx,
    ctx: &Ctx,
    subscriber: &webhook::Model,
    event: Event,
    data: &serde_json::Value,
) -> Result<webhook_delivery::Model, DbError> {
    let key = webhook_key::Entity::find_by_id(subscriber.id).one(tx).await?.ok_or(DbError::Stale)?;
    let seq = key.last_seq + 1;
    let mut counted = webhook_key::Model { last_seq: seq, ..key }.into_active_model().reset_all();
    counted.webhook_id = Unchanged(subscriber.id);
    counted.update(tx).await?;
    let (id, now) = (ctx.new_id::<sea_orm::prelude::Uuid>(), ctx.now());
    let body = json!({ "id": id, "event": event.name(), "sequence": seq, "at": now, "data": data });
    let row = webhook_delivery::Model {
        id,
        webhook_id: subscriber.id,
        seq,
        event: event.name().to_owned(),
        body: body.to_string(),
        state: DeliveryState::Waiting,
        attempts: 0,
        queued_at: now,
        finished_at: None,
    };
    row.clone().into_active_model().insert(tx).await?;
    let job = NewJob::now(JOB, subscriber.id.to_string(), json!({ "webhook_id": subscriber.id }));
    jobs::enqueue(tx, ctx, job).await?;
    Ok(row)
}
