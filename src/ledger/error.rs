//! What can go wrong in a ledger, in sentences that say what to do. Each ledger gives it a name of its own.

use crate::access::Forbidden;
use crate::approvals::ApprovalError;
use crate::db::{DbError, FromDb};
use crate::items::ItemError;
use crate::org::OrgError;

/// Why a command on a ledger was refused.
#[derive(Debug, thiserror::Error)]
pub enum LedgerError {
    /// None of this id, number or plate, or out of scope.
    #[error("没有{0}")]
    NotFound(&'static str),
    /// A field says what cannot be.
    #[error("{reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why, in a sentence.
        reason: String,
    },
    /// What stands does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// Only a person of the sub-bureau may do this.
    #[error("须以本人身份办理")]
    NoPerson,
    /// The things do not allow it.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The approval does not allow it.
    #[error(transparent)]
    Approval(#[from] ApprovalError),
    /// The units, people and places do not allow it.
    #[error(transparent)]
    Org(#[from] OrgError),
    /// Not theirs to do.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl LedgerError {
    /// A field that is wrong.
    pub fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Field { field, reason: reason.into() }
    }
}

impl From<sea_orm::DbErr> for LedgerError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for LedgerError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Item(error) => error.db(),
            Self::Approval(error) => error.db(),
            Self::Org(error) => error.db(),
            _ => None,
        }
    }
}
