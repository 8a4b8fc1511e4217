//! What can go wrong with approvals, in sentences that say what to do.

use super::model::Refusal;
use crate::access::Forbidden;
use crate::db::{DbError, FromDb};

/// Why a command on approvals was refused.
#[derive(Debug, thiserror::Error)]
pub enum ApprovalError {
    /// None of this id, or out of scope.
    #[error("没有这个审批单")]
    NotFound,
    /// No delegation of theirs of this id.
    #[error("没有这个委托")]
    NoDelegation,
    /// No chain holds for this kind today.
    #[error("没有“{0}”的审批流程")]
    NoChain(String),
    /// A field says what cannot be.
    #[error("{reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// The same thing is asked for already.
    #[error("此事项已有未办结的申请")]
    OpenAlready,
    /// A chain of this kind and day is there.
    #[error("该日起生效的流程已存在，流程只增不改，请另定生效日期")]
    ChainExists,
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

impl ApprovalError {
    pub(super) fn field(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Field { field, reason: reason.into() }
    }
}

impl From<sea_orm::DbErr> for ApprovalError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for ApprovalError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}

/// The longest reason, characters.
pub const MOST_REASON_CHARS: usize = 2000;

/// A text as it may be kept: trimmed, not empty, not too long.
pub(super) fn words(field: &'static str, text: &str, most: usize) -> Result<String, ApprovalError> {
    let text = text.trim();
    if text.contains('\0') {
        Err(ApprovalError::field(field, "含有不能保存的字符"))
    } else if text.is_empty() {
        Err(ApprovalError::field(field, "不能为空"))
    } else if text.chars().count() > most {
        Err(ApprovalError::field(field, format!("不超过 {most} 字")))
    } else {
        Ok(text.to_owned())
    }
}
