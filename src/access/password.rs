//! What a password must be.

/// Why a password is not strong enough.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Weakness(pub String);
