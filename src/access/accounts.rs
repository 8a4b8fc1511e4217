//! Accounts: made by the system administrator, opened by whom they belong to, closed and never deleted.

use super::AccessError;
use super::identity::Identity;
use crate::db::Db;
use crate::kernel::Ctx;

/// Opens an account, or gives it a new password, by a one-time secret. Every session of it ends.
///
/// # Errors
/// [`AccessError::LinkVoid`]; [`AccessError::Weak`].
pub async fn activate(_db: &Db, _base: &Ctx, _secret: &str, _password: &str) -> Result<(), AccessError> {
    Err(AccessError::LinkVoid)
}

/// Changes one's own password. Every other session of theirs ends; the one that asks goes on.
///
/// # Errors
/// [`AccessError::WrongCredentials`] when the old one is not right; [`AccessError::Weak`].
pub async fn change_password(_db: &Db, _me: &Identity, _old: &str, _new: &str) -> Result<(), AccessError> {
    Err(AccessError::WrongCredentials)
}

/// Whether the office has any account.
///
/// # Errors
/// When the database cannot be read.
pub async fn any(_db: &Db, _base: &Ctx) -> Result<bool, AccessError> {
    Ok(false)
}
