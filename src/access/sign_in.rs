//! Signing in and out.

use super::AccessError;
use super::identity::Must;
use crate::db::Db;
use crate::kernel::Ctx;
use crate::kernel::ids::{AccountId, SessionId};

/// What somebody typed, and from where.
#[derive(Clone)]
pub struct SignIn {
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub second_factor: Option<String>,
    /// Where the request came from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("login", &self.login).field("address", &self.address).finish_non_exhaustive()
    }
}

/// A session that just began.
#[derive(Clone)]
pub struct SignedIn {
    /// The cookie's value; it is known only now.
    pub token: String,
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// What they must do before anything else.
    pub must: Vec<Must>,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("session", &self.session).field("must", &self.must).finish_non_exhaustive()
    }
}

/// Begins a session.
///
/// # Errors
/// [`AccessError::WrongCredentials`], [`AccessError::SecondFactorNeeded`] when the password was right and the account
/// has a second factor, [`AccessError::LockedUntil`] after too many tries.
pub async fn sign_in(_db: &Db, _base: &Ctx, _attempt: SignIn) -> Result<SignedIn, AccessError> {
    Err(AccessError::WrongCredentials)
}
