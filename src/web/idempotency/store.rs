//! Claims and answers, each in a write of its own.

use std::sync::OnceLock;

use axum::http::{HeaderMap, StatusCode, header};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};

use super::super::{ApiError, App};
use super::{KEPT_MS, LEASE_MS, MOST_KEPT_BYTES, entity};
use crate::access::keys;
use crate::db::{DbError, Tx};
use crate::kernel::{Ctx, Timestamp};

/// Who claims which key for what.
#[derive(Debug, Clone)]
pub(super) struct Claim {
    pub(super) caller: String,
    pub(super) key: String,
    pub(super) fingerprint: String,
}

/// How a key stands.
#[derive(Debug)]
pub(super) enum Standing {
    /// Claimed by us just now.
    Ours,
    /// The same request was answered.
    Answered(Answer),
    /// The same request is under way.
    UnderWay,
    /// It was another request's.
    Other,
}

/// What was answered, as far as it is kept.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: Vec<(String, String)>,
    /// Nothing when it was too long to keep.
    pub(super) body: Option<Vec<u8>>,
}

/// The headers that an answer is not whole without.
const HEADERS: [header::HeaderName; 4] =
    [header::CONTENT_TYPE, header::CONTENT_DISPOSITION, header::ETAG, header::LOCATION];

impl Answer {
    pub(super) fn of(status: StatusCode, headers: &HeaderMap, body: &[u8]) -> Self {
        let kept = |name: &header::HeaderName| Some((name.to_string(), headers.get(name)?.to_str().ok()?.to_owned()));
        let body = (body.len() <= MOST_KEPT_BYTES).then(|| body.to_vec());
        Self { status, headers: HEADERS.iter().filter_map(kept).collect(), body }
    }
}

/// What fingerprints are made with, once it was read.
#[derive(Debug, Default)]
struct Secret(OnceLock<String>);

/// What fingerprints are made with in this database.
pub(super) async fn secret(app: &App, ctx: &Ctx) -> Result<String, ApiError> {
    let kept = app.db().memory().of::<Secret>();
    if let Some(secret) = kept.0.get() {
        return Ok(secret.clone());
    }
    let ctx = ctx.clone();
    let made =
        app.write(move |db| async move { db.write(async |tx| keys::key(tx, &ctx, keys::IDEMPOTENCY).await).await });
    let made = made.await?;
    Ok(kept.0.get_or_init(|| made).clone())
}

/// One in so many claims throws away what is past its time.
const SWEEP: u64 = 64;

/// Claims a key, or says how it stands.
pub(super) async fn claim(app: &App, ctx: &Ctx, claim: &Claim) -> Result<Standing, ApiError> {
    let (now, sweeps, claim) = (ctx.now(), ctx.random().is_multiple_of(SWEEP), claim.clone());
    let claimed = app.write(move |db| async move {
        match db.write(async |tx| claim_in(tx, now, sweeps, &claim).await).await {
            // Two came at the same instant, and the other was quicker.
            Err(DbError::Constraint { duplicate: true, .. }) => Ok(Standing::UnderWay),
            other => other,
        }
    });
    claimed.await
}

async fn claim_in(tx: &Tx, now: Timestamp, sweeps: bool, claim: &Claim) -> Result<Standing, DbError> {
    if sweeps {
        let past = entity::Column::ExpiresAt.lte(now);
        entity::Entity::delete_many().filter(past).exec(tx).await?;
    }
    let id = (claim.caller.clone(), claim.key.clone());
    if let Some(row) = entity::Entity::find_by_id(id.clone()).one(tx).await? {
        if row.expires_at > now {
            if row.fingerprint != claim.fingerprint {
                return Ok(Standing::Other);
            }
            if let Some(answer) = answer_of(&row) {
                return Ok(Standing::Answered(answer));
            }
            // A lease longer than we give was claimed under a clock that has been put back since.
            let held = row.lease_until > now && row.lease_until.0.saturating_sub(now.0) <= LEASE_MS;
            if held {
                return Ok(Standing::UnderWay);
            }
        }
        entity::Entity::delete_by_id(id).exec(tx).await?;
    }
    let row = entity::Model {
        caller: claim.caller.clone(),
        key: claim.key.clone(),
        fingerprint: claim.fingerprint.clone(),
        answered: false,
        claimed_at: now,
        lease_until: Timestamp(now.0.saturating_add(LEASE_MS)),
        expires_at: Timestamp(now.0.saturating_add(KEPT_MS)),
        status: None,
        headers: None,
        body: None,
    };
    row.into_active_model().insert(tx).await?;
    Ok(Standing::Ours)
}

fn answer_of(row: &entity::Model) -> Option<Answer> {
    let status = StatusCode::from_u16(u16::try_from(row.status?).ok()?).ok()?;
    let headers = row.headers.as_deref().and_then(|json| serde_json::from_str(json).ok()).unwrap_or_default();
    Some(Answer { status, headers, body: row.body.clone() })
}

/// Gives a key back: nothing was done.
pub(super) async fn release(app: &App, claim: &Claim) -> Result<(), ApiError> {
    let claim = claim.clone();
    let released = app.write(move |db| async move {
        db.write(async |tx| -> Result<(), DbError> {
            entity::Entity::delete_many()
                .filter(entity::Column::Caller.eq(claim.caller.as_str()))
                .filter(entity::Column::Key.eq(claim.key.as_str()))
                .filter(entity::Column::Fingerprint.eq(claim.fingerprint.as_str()))
                .filter(entity::Column::Answered.eq(false))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
    });
    released.await
}

/// Keeps an answer with its key.
pub(super) async fn keep(app: &App, ctx: &Ctx, claim: &Claim, answer: Answer) -> Result<(), ApiError> {
    let (claim, now) = (claim.clone(), ctx.now());
    let headers = serde_json::to_string(&answer.headers).unwrap_or_default();
    let kept = app.write(move |db| async move {
        db.write(async |tx| -> Result<(), DbError> {
            entity::Entity::update_many()
                .col_expr(entity::Column::Answered, Expr::value(true))
                .col_expr(entity::Column::Status, Expr::value(i64::from(answer.status.as_u16())))
                .col_expr(entity::Column::Headers, Expr::value(headers.as_str()))
                .col_expr(entity::Column::Body, Expr::value(answer.body.clone()))
                .col_expr(entity::Column::ExpiresAt, Expr::value(Timestamp(now.0.saturating_add(KEPT_MS))))
                .filter(entity::Column::Caller.eq(claim.caller.as_str()))
                .filter(entity::Column::Key.eq(claim.key.as_str()))
                .filter(entity::Column::Fingerprint.eq(claim.fingerprint.as_str()))
                .exec(tx)
                .await?;
            Ok(())
        })
        .await
    });
    kept.await
}
