//! Sessions: from sign-in to sign-out, listed and revoked by whose they are.

use sea_orm::prelude::Expr;
use sea_orm::{ColumnTrait as _, Condition, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::json;

use super::entity::session;
use super::identity::Identity;
use super::{AccessError, rules};
use crate::db::{Db, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{AccountId, SessionId};
use crate::kernel::{Ctx, Timestamp};

/// Days for which a session that is over stays, when no rule says.
const KEEP_DAYS: i64 = 190;
const DAY_MS: i64 = 86_400_000;

/// A session that is open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OpenSession {
    /// Names it in the list.
    pub id: SessionId,
    /// When it began.
    pub created_at: Timestamp,
    /// When it was last used, to the minute.
    pub last_seen_at: Timestamp,
    /// When it ends whatever happens.
    pub expires_at: Timestamp,
    /// Where it began.
    pub address: String,
    /// What the browser called itself.
    pub user_agent: String,
    /// Whether it is the one that asks.
    pub current: bool,
}

/// Ends the session that asks.
///
/// # Errors
/// [`AccessError::NeedsSession`] when there is none; when the database refuses.
pub async fn sign_out(db: &Db, me: &Identity) -> Result<(), AccessError> {
    let session = me.session.ok_or(AccessError::NeedsSession)?;
    db.write(async |tx| {
        end(tx, &me.ctx, session, "signed_out").await?;
        record(tx, me, "access.sign_out", session).await
    })
    .await
}

/// One's own open sessions, the last used first.
///
/// # Errors
/// When the database cannot be read.
pub async fn sessions_of(db: &Db, me: &Identity) -> Result<Vec<OpenSession>, AccessError> {
    let now = me.ctx.now();
    let rows = session::Entity::find()
        .filter(session::Column::AccountId.eq(me.account))
        .filter(session::Column::EndedAt.is_null())
        .filter(session::Column::ExpiresAt.gt(now))
        .order_by_desc(session::Column::LastSeenAt)
        .all(db.read())
        .await?;
    let open = rows.into_iter().filter(|row| now.0 - row.last_seen_at.0 <= row.idle_ms);
    let show = |row: session::Model| OpenSession {
        current: me.session == Some(row.id),
        id: row.id,
        created_at: row.created_at,
        last_seen_at: row.last_seen_at,
        expires_at: row.expires_at,
        address: row.address,
        user_agent: row.user_agent,
    };
    Ok(open.map(show).collect())
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`AccessError::NotFound`] when it is not one of theirs, or over.
pub async fn revoke_session(db: &Db, me: &Identity, session: SessionId) -> Result<(), AccessError> {
    db.write(async |tx| {
        let row = session::Entity::find_by_id(session).one(tx).await?;
        if !row.is_some_and(|row| row.account_id == me.account && row.ended_at.is_none()) {
            return Err(AccessError::NotFound("这个会话"));
        }
        end(tx, &me.ctx, session, "revoked").await?;
        record(tx, me, "access.revoke_session", session).await
    })
    .await
}

async fn end(tx: &Tx, ctx: &Ctx, session: SessionId, why: &str) -> Result<(), AccessError> {
    session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(ctx.now().0))
        .col_expr(session::Column::EndedBy, Expr::value(why))
        .filter(session::Column::Id.eq(session))
        .filter(session::Column::EndedAt.is_null())
        .exec(tx)
        .await?;
    Ok(())
}

/// Ends every session of an account, but for one that goes on.
pub(crate) async fn end_all(
    tx: &Tx,
    ctx: &Ctx,
    account: AccountId,
    but: Option<SessionId>,
    why: &str,
) -> Result<u64, AccessError> {
    let mut update = session::Entity::update_many()
        .col_expr(session::Column::EndedAt, Expr::value(ctx.now().0))
        .col_expr(session::Column::EndedBy, Expr::value(why))
        .filter(session::Column::AccountId.eq(account))
        .filter(session::Column::EndedAt.is_null());
    if let Some(but) = but {
        update = update.filter(session::Column::Id.ne(but));
    }
    Ok(update.exec(tx).await?.rows_affected)
}

/// Forgets sessions that were over longer ago than the rule [`rules::SESSION_KEEP_DAYS`] keeps them; that they were,
/// stands in the journal. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn prune(db: &Db, ctx: &Ctx) -> Result<u64, AccessError> {
    let days = rules::current(db).await?.number(rules::SESSION_KEEP_DAYS, ctx.now(), KEEP_DAYS);
    let old = Timestamp(ctx.now().0.saturating_sub(days * DAY_MS));
    db.write(async |tx| {
        // One that nobody ended was over when its time was.
        let over = Condition::any().add(session::Column::EndedAt.lt(old)).add(session::Column::ExpiresAt.lt(old));
        Ok(session::Entity::delete_many().filter(over).exec(tx).await?.rows_affected)
    })
    .await
}

async fn record(tx: &Tx, me: &Identity, action: &'static str, session: SessionId) -> Result<(), AccessError> {
    let payload = json!({ "session": session });
    let rows = RowsDigest::new(&me.ctx);
    let entry = Entry { action, subject: me.account.to_string(), unit: None, payload, rows };
    Ok(journal::record(tx, &me.ctx, entry).await?)
}
