//! The second factor: a time-based code (RFC 6238) from a phone, and recovery codes for when the phone is gone.

use super::AccessError;
use super::identity::Identity;
use crate::db::Db;

/// What a phone needs to begin.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Base-32, to type in.
    pub secret: String,
    /// `otpauth://…`, to show as a QR code.
    pub url: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

/// Begins to enrol a second factor; nothing changes until [`confirm_second_factor`]. A confirmed one is replaced only
/// by whoever has the password (a device's token has not).
///
/// # Errors
/// [`AccessError::NeedsSession`] for a device.
pub async fn enrol_second_factor(_db: &Db, _me: &Identity, _password: &str) -> Result<Enrolment, AccessError> {
    Err(AccessError::NeedsSession)
}

/// Confirms it with a code from the phone; gives the recovery codes, which are shown only now. Every other session of
/// theirs ends.
///
/// # Errors
/// [`AccessError::CodeWrong`]; [`AccessError::Conflict`] when nothing was begun.
pub async fn confirm_second_factor(_db: &Db, _me: &Identity, _code: &str) -> Result<Vec<String>, AccessError> {
    Err(AccessError::CodeWrong)
}
