//! The job that tells one subscriber what waits for it, in order, and writes down every try.

use std::time::{Duration, Instant};

use reqwest::redirect;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};

use super::address::{Checked, Guard};
use super::entity::webhook_delivery::DeliveryState;
use super::entity::{webhook, webhook_attempt, webhook_delivery, webhook_key};
use super::signature;
use crate::db::{Db, DbError};
use crate::jobs::queue::{Held, backoff_ms};
use crate::jobs::{Claimed, Ending, JobError};
use crate::kernel::Ctx;
use crate::kernel::ids::WebhookId;

/// How often a message is tried: with the waits between, for three and a half hours.
pub const MAX_ATTEMPTS: i64 = 12;
/// How long a receiver may take.
const TIMEOUT: Duration = Duration::from_secs(10);
/// How long a connection may take.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// How many messages one run sends: even if each takes its whole time, within the lease.
const MOST_AT_ONCE: usize = 20;
/// How much of an answer is read, bytes.
const MOST_ANSWER_BYTES: usize = 2048;
/// How much of an answer is kept, characters.
const MOST_ANSWER_CHARS: usize = 300;

/// What a receiver said.
#[derive(Debug)]
struct Answer {
    status: Option<u16>,
    text: String,
    took: Duration,
}

impl Answer {
    fn is_good(&self) -> bool {
        self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// Sends what waits for one subscriber.
///
/// # Errors
/// When the database refuses, or the job names no subscriber.
pub async fn run(db: Db, ctx: Ctx, job: Claimed) -> Result<Ending, JobError> {
    let id = serde_json::from_value::<WebhookId>(job.payload()["webhook_id"].clone());
    let id = id.map_err(|_| JobError::Never("任务没有写明推送".to_owned()))?;
    for _ in 0..MOST_AT_ONCE {
        let subscriber = webhook::Entity::find_by_id(id).one(db.read()).await.map_err(DbError::from)?;
        let key = webhook_key::Entity::find_by_id(id).one(db.read()).await.map_err(DbError::from)?;
        let (Some(subscriber), Some(key)) = (subscriber.filter(|row| row.active), key) else {
            return Ok(Ending::Done);
        };
        let Some(next) = next_waiting(db.read(), id).await? else { return Ok(Ending::Done) };
        let guard = Guard::of(&db);
        let answer = send(&ctx, guard, &subscriber.url, &key.secret.0, &next).await;
        match write_down(&db, &ctx, &job, next, &answer).await? {
            None => return Err(JobError::Later("租约已失效".to_owned())),
            Some(after) if after.state == DeliveryState::Waiting => {
                return Ok(Ending::Again { after_ms: backoff_ms(after.attempts, ctx.random()) });
            }
            Some(_) => {}
        }
    }
    Ok(Ending::Again { after_ms: 0 })
}

async fn next_waiting(db: &impl ConnectionTrait, id: WebhookId) -> Result<Option<webhook_delivery::Model>, DbError> {
    Ok(webhook_delivery::Entity::find()
        .filter(webhook_delivery::Column::WebhookId.eq(id))
        .filter(webhook_delivery::Column::State.eq(DeliveryState::Waiting))
        .order_by_asc(webhook_delivery::Column::Seq)
        .one(db)
        .await?)
}

/// Writes a try down, if the job is still ours; `None` when it is not, or the delivery was ended meanwhile.
async fn write_down(
    db: &Db,
    ctx: &Ctx,
    job: &Claimed,
    sent: webhook_delivery::Model,
    answer: &Answer,
) -> Result<Option<webhook_delivery::Model>, DbError> {
    db.write(async |tx| {
        if job.hold(tx).await? == Held::Lost {
            return Ok(None);
        }
        let attempts = sent.attempts + 1;
        let state = match answer.is_good() {
            true => DeliveryState::Delivered,
            false if attempts >= MAX_ATTEMPTS => DeliveryState::GivenUp,
            false => DeliveryState::Waiting,
        };
        let finished_at = (state != DeliveryState::Waiting).then(|| ctx.now());
        let after = webhook_delivery::Model { state, attempts, finished_at, ..sent.clone() };
        let mut active = after.clone().into_active_model().reset_all();
        active.id = Unchanged(after.id);
        let updated = webhook_delivery::Entity::update_many()
            .set(active)
            .filter(webhook_delivery::Column::Id.eq(after.id))
            .filter(webhook_delivery::Column::State.eq(DeliveryState::Waiting))
            .exec(tx)
            .await?;
        if updated.rows_affected == 0 {
            return Ok(None);
        }
        let attempt = webhook_attempt::Model {
            id: ctx.new_id(),
            delivery_id: after.id,
            attempt: attempts,
            at: ctx.now(),
            status: answer.status.map(i64::from),
            duration_ms: i64::try_from(answer.took.as_millis()).unwrap_or(i64::MAX),
            answer: answer.text.clone(),
        };
        attempt.into_active_model().insert(tx).await?;
        Ok(Some(after))
    })
    .await
}

async fn send(ctx: &Ctx, guard: Guard, url: &str, secret: &str, message: &webhook_delivery::Model) -> Answer {
    let began = Instant::now();
    let sent = match guard.resolve(url).await {
        Ok(address) => post(ctx, &address, secret, message).await.map_err(|error| why(&error)),
        Err(refused) => Err(refused.to_string()),
    };
    let took = began.elapsed();
    match sent {
        Ok((status, text)) => Answer { status: Some(status), text, took },
        Err(text) => Answer { status: None, text, took },
    }
}

async fn post(
    ctx: &Ctx,
    address: &Checked,
    secret: &str,
    message: &webhook_delivery::Model,
) -> Result<(u16, String), reqwest::Error> {
    // Whoever installed one first is right; the second is told so, and that is no failure.
    let _already = rustls::crypto::ring::default_provider().install_default();
    let client = reqwest::Client::builder()
        .redirect(redirect::Policy::none())
        .no_proxy()
        .timeout(TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .user_agent(concat!("hufu/", env!("CARGO_PKG_VERSION")))
        .resolve_to_addrs(&address.host, &address.at)
        .build()?;
    let mut answer = client
        .post(address.url.clone())
        .header("Content-Type", "application/json")
        .header("Hufu-Event", &message.event)
        .header("Hufu-Delivery", message.id.to_string())
        .header(signature::HEADER, signature::sign(secret, ctx.now(), &message.body))
        .body(message.body.clone())
        .send()
        .await?;
    let status = answer.status().as_u16();
    let mut beginning = Vec::new();
    // A receiver that answers well has answered, even if its text breaks off or never ends.
    while beginning.len() < MOST_ANSWER_BYTES {
        match answer.chunk().await {
            Ok(Some(piece)) => beginning.extend_from_slice(&piece[..piece.len().min(MOST_ANSWER_BYTES)]),
            Ok(None) | Err(_) => break,
        }
    }
    Ok((status, shown(&String::from_utf8_lossy(&beginning))))
}

fn shown(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(MOST_ANSWER_CHARS).collect()
}

fn why(error: &reqwest::Error) -> String {
    let kind = if error.is_timeout() {
        "对方未在时限内答复"
    } else if error.is_connect() {
        "无法连接"
    } else {
        "发送失败"
    };
    let mut cause: &dyn std::error::Error = error;
    while let Some(deeper) = cause.source() {
        cause = deeper;
    }
    shown(&format!("{kind}：{cause}"))
}
