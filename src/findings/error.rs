//! What can go wrong with findings, in sentences that say what to do.

use super::model::Refusal;
use crate::access::Forbidden;
use crate::db::{DbError, FromDb};

/// Why a command on a finding was refused.
#[derive(Debug, thiserror::Error)]
pub enum FindingError {
    /// None of this id, or out of scope.
    #[error("没有这个问题")]
    NotFound,
    /// Words are missing, too many, or not words.
    #[error("{reason}")]
    Text {
        /// The field.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The owner is not one of ours, or left.
    #[error("没有在岗人员 {0}")]
    NoSuchPerson(String),
    /// The deadline is not after now.
    #[error("期限须晚于现在，且不超过一年")]
    Deadline,
    /// Only a person of the sub-bureau may do this.
    #[error("须以本人身份登录后办理")]
    NoPerson,
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// They may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for FindingError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for FindingError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
