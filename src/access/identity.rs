//! Who asks: a session, a device's token or a client certificate, turned into a context with its rights.

use super::AccessError;
use crate::db::Db;
use crate::kernel::Ctx;
use crate::kernel::ids::{AccountId, PersonId, SessionId, TokenId};

/// What somebody must do before they may do anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// Choose a new password: it is too old, or was ordered.
    ChangePassword,
    /// Enrol a second factor, which one of their roles asks for.
    EnrolSecondFactor,
}

/// By which door somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Signed in, with a cookie.
    Session(SessionId),
    /// A device, with a token.
    Token(TokenId),
    /// A client certificate.
    Certificate,
}

/// Whoever asks.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What their commands run in: their person as actor, their grants as scope. The scope is empty while anything
    /// is in `must`.
    pub ctx: Ctx,
    /// The account.
    pub account: AccountId,
    /// What they sign in with.
    pub login: String,
    /// The person whose account it is.
    pub person: Option<PersonId>,
    /// The session, when they came by one.
    pub session: Option<SessionId>,
    /// By which door they came in.
    pub door: Door,
    /// What a form must carry back; follows from the session, is kept nowhere.
    pub csrf: String,
    /// What they must do first.
    pub must: Vec<Must>,
    /// It is time to note that they were seen: call [`seen`] (a write) beside the request. Without it a session
    /// idles out although it is in use.
    pub note_seen: bool,
}

/// Who a session's cookie belongs to; `None` when it is unknown, ended, idle for too long or too old.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_session(_db: &Db, _base: &Ctx, _token: &str) -> Result<Option<Identity>, AccessError> {
    Ok(None)
}

/// Who a device's token acts for, within the token's scope and never beyond what its owner may do now.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_token(_db: &Db, _base: &Ctx, _token: &str, _address: &str) -> Result<Option<Identity>, AccessError> {
    Ok(None)
}

/// Whose client certificate it is, by the ID number in it.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_certificate(_db: &Db, _base: &Ctx, _id_number: &str) -> Result<Option<Identity>, AccessError> {
    Ok(None)
}

/// Notes that they were seen now, from this address. A write: at most once a minute a session or token, as
/// [`Identity::note_seen`] says.
///
/// # Errors
/// When the database refuses.
pub async fn seen(_db: &Db, _base: &Ctx, _door: Door, _address: &str) -> Result<(), AccessError> {
    Ok(())
}
