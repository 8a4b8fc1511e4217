//! The very first start: one link, used once, by which the first three administrators come to be. No default
//! password ever exists.

use super::AccessError;
use crate::db::Db;
use crate::kernel::Ctx;

/// One of the first three administrators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FirstAdministrator {
    /// What they will sign in with.
    pub login: String,
    /// Their name.
    pub name: String,
    /// Their badge number, blank when they have none; a person of this badge number who is in the book is the one.
    pub badge_number: String,
}

/// What whoever opens the setup link says.
#[derive(Clone)]
pub struct Setup {
    /// What the office calls itself on labels and reports; blank leaves what stands.
    pub organisation: String,
    /// The unit the administrators belong to, by code or name. Made when the book has no unit yet.
    pub unit: String,
    /// The system administrator: whoever fills in the form.
    pub system: FirstAdministrator,
    /// The password they choose.
    pub password: String,
    /// The security administrator.
    pub security: FirstAdministrator,
    /// The audit administrator.
    pub audit: FirstAdministrator,
}

impl std::fmt::Debug for Setup {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Setup").field("unit", &self.unit).field("system", &self.system).finish_non_exhaustive()
    }
}

/// The one-time secrets for the other two administrators, shown only now; each opens [`super::activate`].
#[derive(Clone, PartialEq, Eq)]
pub struct FirstLinks {
    /// For the security administrator.
    pub security: String,
    /// For the audit administrator.
    pub audit: String,
}

impl std::fmt::Debug for FirstLinks {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("FirstLinks(…)")
    }
}

/// While there is no account: a fresh one-time secret for the setup page; the one before is void. `None` once there
/// is an account. Call it at every start of the server.
///
/// # Errors
/// When the database refuses.
pub async fn link(_db: &Db, _base: &Ctx) -> Result<Option<String>, AccessError> {
    Ok(None)
}

/// Whether `secret` opens the setup page now: for showing the form.
///
/// # Errors
/// When the database cannot be read.
pub async fn is_open(_db: &Db, _base: &Ctx, _secret: &str) -> Result<bool, AccessError> {
    Ok(false)
}

/// Makes the three administrators and closes the door for good.
///
/// # Errors
/// [`AccessError::LinkVoid`], [`AccessError::AlreadySetUp`], or a field that is wrong.
pub async fn complete(_db: &Db, _base: &Ctx, _secret: &str, _setup: Setup) -> Result<FirstLinks, AccessError> {
    Err(AccessError::LinkVoid)
}
