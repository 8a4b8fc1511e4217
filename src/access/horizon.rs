//! A clock that goes back must not revive what ran out, nor lock anybody out for good.
//!
//! The latest instant seen is kept. What ends by time is judged by the later of it and now. When the clock stands well
//! before it, no session is taken any more, and the next sign-in settles the matter for good: every session ends,
//! whatever had run out by the latest instant is marked as ended, locks begin anew from now, codes from a phone are
//! taken again after the next, and the clock's word is taken from there on.

use sea_orm::prelude::Expr;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{grant, secret, session, token, tries};
use super::{AccessError, keys, second_factor};
use crate::db::Tx;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};

/// Where the latest instant is kept.
pub(crate) const CLOCK: &str = "clock";
/// How far clocks of two instances, or one corrected over the network, may differ.
const TOLERANCE_MS: i64 = 5 * 60_000;
/// How often the latest instant is written at most.
const NOTE_EVERY_MS: i64 = 60_000;

/// Whether the clock went back behind what was seen.
pub(crate) fn went_back(now: Timestamp, latest: Timestamp) -> bool {
    now.0 + TOLERANCE_MS < latest.0
}

/// Notes what time it is, and settles the matter when the clock went back.
pub(crate) async fn note(tx: &Tx, base: &Ctx) -> Result<(), AccessError> {
    let (now, latest) = (base.now(), keys::read(tx, CLOCK).await?.map(|row| row.made_at));
    match latest {
        Some(latest) if went_back(now, latest) => settle(tx, base, latest).await?,
        Some(latest) if now.0 < latest.0 + NOTE_EVERY_MS => return Ok(()),
        _ => {}
    }
    keys::put(tx, CLOCK, String::new(), now).await
}

async fn settle(tx: &Tx, base: &Ctx, latest: Timestamp) -> Result<(), AccessError> {
    let now = base.now();
    let sessions = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(now.0))
        .col_expr(session::Column::EndedBy, Expr::value("clock"))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    secret::Entity::update_many()
        .col_expr(secret::Column::LinkHash, Expr::value(Option::<String>::None))
        .filter(secret::Column::LinkExpiresAt.lte(latest))
        .exec(tx)
        .await?;
    tries::Entity::update_many()
        .col_expr(tries::Column::LockedAt, Expr::value(now.0))
        .filter(tries::Column::LockedAt.gt(now))
        .exec(tx)
        .await?;
    // Steps taken while the clock ran ahead would refuse every code until it gets there.
    let newest = second_factor::newest_step(now);
    secret::Entity::update_many()
        .col_expr(secret::Column::TotpLastStep, Expr::value(newest))
        .filter(secret::Column::TotpLastStep.gt(newest))
        .exec(tx)
        .await?;
    let mut rows = RowsDigest::new(base);
    let tokens = token::Entity::find()
        .filter(token::Column::RevokedAt.is_null())
        .filter(token::Column::ExpiresAt.lte(latest))
        .all(tx)
        .await?;
    for row in &tokens {
        let after = token::Model { revoked_at: Some(now), version: row.version + 1, ..row.clone() };
        rows.add(&after);
        after.into_active_model().reset_all().update(tx).await?;
    }
    let grants = grant::Entity::find()
        .filter(grant::Column::EndedAt.is_null())
        .filter(grant::Column::ValidUntil.lte(latest))
        .all(tx)
        .await?;
    for row in &grants {
        let after = grant::Model { ended_at: Some(now), version: row.version + 1, ..row.clone() };
        rows.add(&after);
        after.into_active_model().reset_all().update(tx).await?;
    }
    let payload = json!({
        "latest": latest, "now": now, "sessions": sessions.rows_affected, "tokens": tokens.len(), "grants": grants.len(),
    });
    let entry = Entry { action: "access.clock_went_back", subject: "clock".to_owned(), unit: None, payload, rows };
    Ok(journal::record(tx, &base.acting_as(Actor::System, Scope::Everything), entry).await?)
}
