//! Subscribe, end, test; what was sent.

use hashbrown::HashMap;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::address::Guard;
use super::entity::webhook_delivery::DeliveryState;
use super::entity::{webhook, webhook_attempt, webhook_delivery, webhook_key};
use super::error::WebhookError;
use super::outbox::{Event, put};
use crate::access::{self, AccessError, Action, rules};
use crate::db::{Db, DbError, Tx, bulk::CHUNK_ROWS};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::WebhookId;
use crate::kernel::{Ctx, Timestamp};
use sea_orm::prelude::{Expr, Uuid};

/// The longest description, characters.
pub const MOST_DESCRIPTION_CHARS: usize = 200;
/// Days for which what was sent stays on record, when no rule says.
const KEEP_DAYS: i64 = 190;
const DAY_MS: i64 = 86_400_000;

/// A subscription as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewWebhook {
    /// Where messages go.
    pub url: String,
    /// Which.
    pub events: Vec<Event>,
    /// Whose it is.
    pub description: String,
}

/// Subscribes; returns the subscription and its secret, which is shown this once.
///
/// # Errors
/// When messages may not go there, or nothing is subscribed to.
pub async fn create(db: &Db, ctx: &Ctx, new: &NewWebhook) -> Result<(webhook::Model, String), WebhookError> {
    access::permit(ctx, Action::WebhooksWrite, None)?;
    let description = new.description.trim();
    if description.chars().count() > MOST_DESCRIPTION_CHARS || description.contains('\0') {
        return Err(WebhookError::Description);
    }
    let mut events: Vec<Event> = new.events.iter().copied().filter(|event| *event != Event::Ping).collect();
    events.sort_unstable();
    events.dedup();
    if events.is_empty() {
        return Err(WebhookError::NoEvents);
    }
    Guard::of(db).check(&new.url)?;
    db.write(async |tx| {
        let row = webhook::Model {
            id: ctx.new_id(),
            url: new.url.clone(),
            events: events.iter().map(|event| event.name()).collect::<Vec<_>>().join(","),
            description: description.to_owned(),
            active: true,
            created_at: ctx.now(),
            version: 1,
        };
        let secret = new_secret(ctx);
        row.clone().into_active_model().insert(tx).await?;
        let key = webhook_key::Model { webhook_id: row.id, secret: webhook_key::Secret(secret.clone()), last_seq: 0 };
        key.into_active_model().insert(tx).await?;
        record(tx, ctx, "webhooks.create", &row, json!({ "url": row.url, "events": row.events })).await?;
        Ok((row, secret))
    })
    .await
}

/// 256 random bits, told from other secrets by their beginning.
fn new_secret(ctx: &Ctx) -> String {
    let words: Vec<String> = (0..4).map(|_| format!("{:016x}", ctx.random())).collect();
    format!("hfwh_{}", words.concat())
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &webhook::Model,
    payload: serde_json::Value,
) -> Result<(), DbError> {
    let rows = RowsDigest::new(ctx).with(row);
    journal::record(tx, ctx, Entry { action, subject: row.id.to_string(), unit: None, payload, rows }).await
}

/// Every subscription, those that ended too, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<webhook::Model>, WebhookError> {
    access::permit(ctx, Action::WebhooksWrite, None)?;
    Ok(webhook::Entity::find().order_by_desc(webhook::Column::Id).all(db).await?)
}

/// One subscription.
///
/// # Errors
/// [`WebhookError::NotFound`] when there is none.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, id: WebhookId) -> Result<webhook::Model, WebhookError> {
    access::permit(ctx, Action::WebhooksWrite, None)?;
    webhook::Entity::find_by_id(id).one(db).await?.ok_or(WebhookError::NotFound)
}

/// Ends a subscription: its secret is forgotten, what waits is given up, what was sent stays on record.
///
/// # Errors
/// When it was ended before.
pub async fn end(db: &Db, ctx: &Ctx, id: WebhookId) -> Result<webhook::Model, WebhookError> {
    db.write(async |tx| {
        let row = active(tx, ctx, id).await?;
        let read = row.version;
        let after = webhook::Model { active: false, version: read + 1, ..row };
        let mut values = after.clone().into_active_model().reset_all();
        values.id = Unchanged(id);
        let updated = webhook::Entity::update_many()
            .set(values)
            .filter(webhook::Column::Id.eq(id))
            .filter(webhook::Column::Version.eq(read))
            .exec(tx)
            .await?;
        if updated.rows_affected != 1 {
            return Err(DbError::Stale.into());
        }
        webhook_key::Entity::delete_by_id(id).exec(tx).await?;
        webhook_delivery::Entity::update_many()
            .col_expr(webhook_delivery::Column::State, Expr::value(DeliveryState::GivenUp))
            .col_expr(webhook_delivery::Column::FinishedAt, Expr::value(Some(ctx.now())))
            .filter(webhook_delivery::Column::WebhookId.eq(id))
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Waiting))
            .exec(tx)
            .await?;
        record(tx, ctx, "webhooks.end", &after, json!({})).await?;
        Ok(after)
    })
    .await
}

async fn active(tx: &Tx, ctx: &Ctx, id: WebhookId) -> Result<webhook::Model, WebhookError> {
    let row = one(tx, ctx, id).await?;
    if row.active { Ok(row) } else { Err(WebhookError::Ended) }
}

/// Sends a subscriber a message that means nothing, behind what waits for it already.
///
/// # Errors
/// When the subscription ended.
pub async fn ping(db: &Db, ctx: &Ctx, id: WebhookId) -> Result<webhook_delivery::Model, WebhookError> {
    db.write(async |tx| {
        let row = active(tx, ctx, id).await?;
        let message = put(tx, ctx, &row, Event::Ping, &json!({})).await?;
        record(tx, ctx, "webhooks.test", &row, json!({ "delivery": message.id })).await?;
        Ok(message)
    })
    .await
}

/// So many deliveries are forgotten in one write.
const FORGOTTEN_AT_ONCE: u64 = 500;

/// Forgets what was sent, or given up, longer ago than the rule [`rules::WEBHOOK_KEEP_DAYS`] keeps it, with every try.
/// Returns how many messages.
///
/// # Errors
/// When the database refuses.
pub async fn prune(db: &Db, ctx: &Ctx) -> Result<u64, AccessError> {
    let days = rules::current(db).await?.number(rules::WEBHOOK_KEEP_DAYS, ctx.now(), KEEP_DAYS);
    let old = Timestamp(ctx.now().0.saturating_sub(days * DAY_MS));
    let mut gone = 0;
    loop {
        let here: u64 = db.write(async |tx| prune_some(tx, old).await).await?;
        gone += here;
        if here < FORGOTTEN_AT_ONCE {
            return Ok(gone);
        }
    }
}

async fn prune_some(tx: &Tx, old: Timestamp) -> Result<u64, DbError> {
    let ids: Vec<Uuid> = webhook_delivery::Entity::find()
        .select_only()
        .column(webhook_delivery::Column::Id)
        .filter(webhook_delivery::Column::FinishedAt.lt(old))
        .order_by_asc(webhook_delivery::Column::FinishedAt)
        .limit(FORGOTTEN_AT_ONCE)
        .into_tuple()
        .all(tx)
        .await?;
    let of_these = webhook_attempt::Column::DeliveryId.is_in(ids.iter().copied());
    webhook_attempt::Entity::delete_many().filter(of_these).exec(tx).await?;
    let these = webhook_delivery::Column::Id.is_in(ids.iter().copied());
    Ok(webhook_delivery::Entity::delete_many().filter(these).exec(tx).await?.rows_affected)
}

/// A delivery and every try at it.
pub type Delivery = (webhook_delivery::Model, Vec<webhook_attempt::Model>);

/// What a subscriber was sent, newest first; before the one numbered `before` where it is given.
///
/// # Errors
/// When there is no such subscription.
pub async fn deliveries(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    id: WebhookId,
    before: Option<i64>,
    limit: u64,
) -> Result<Vec<Delivery>, WebhookError> {
    one(db, ctx, id).await?;
    let mut query = webhook_delivery::Entity::find().filter(webhook_delivery::Column::WebhookId.eq(id));
    if let Some(before) = before {
        query = query.filter(webhook_delivery::Column::Seq.lt(before));
    }
    let rows = query.order_by_desc(webhook_delivery::Column::Seq).limit(limit).all(db).await?;
    let ids: Vec<Uuid> = rows.iter().map(|row| row.id).collect();
    let mut tries: HashMap<Uuid, Vec<webhook_attempt::Model>> = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let of_these = webhook_attempt::Entity::find()
            .filter(webhook_attempt::Column::DeliveryId.is_in(chunk.iter().copied()))
            .order_by_asc(webhook_attempt::Column::Attempt);
        for row in of_these.all(db).await? {
            tries.entry(row.delivery_id).or_default().push(row);
        }
    }
    Ok(rows
        .into_iter()
        .map(|row| {
            let of_it = tries.remove(&row.id).unwrap_or_default();
            (row, of_it)
        })
        .collect())
}
