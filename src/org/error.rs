//! Why a unit, a person or a place was not written.

use crate::access::Forbidden;
use crate::db::{DbError, FromDb};
use crate::kernel::text;

/// Nothing was written.
#[derive(Debug, thiserror::Error)]
pub enum OrgError {
    /// No such unit, person or place, or out of reach.
    #[error("没有这个{0}")]
    NotFound(&'static str),
    /// It is closed; nothing of it changes any more.
    #[error("“{0}”已停用")]
    Closed(String),
    /// A fact cannot be what was given.
    #[error("{reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why, in a sentence.
        reason: String,
    },
    /// Nothing would change.
    #[error("没有要变更的内容")]
    NothingToChange,
    /// Not theirs to do.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl OrgError {
    pub(super) fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Field { field, reason: reason.into() }
    }

    /// Refuses a text that is blank, too long, or has characters that cannot be kept.
    pub(super) fn check(field: &'static str, value: &str, most_chars: usize) -> Result<(), Self> {
        if value.trim().is_empty() {
            return Err(Self::field(field, "不能为空"));
        }
        Self::check_optional(field, value, most_chars)
    }

    /// As [`Self::check`], for a text that may be blank.
    pub(super) fn check_optional(field: &'static str, value: &str, most_chars: usize) -> Result<(), Self> {
        text::fault(value, most_chars).map_or(Ok(()), |reason| Err(Self::field(field, reason)))
    }
}

impl From<sea_orm::DbErr> for OrgError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for OrgError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
