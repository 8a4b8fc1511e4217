//! What can go wrong with webhooks, in sentences that say what to do.

use super::address::BadAddress;
use crate::access::Forbidden;
use crate::db::{DbError, FromDb};

/// Why a command on a webhook was refused.
#[derive(Debug, thiserror::Error)]
pub enum WebhookError {
    /// None of this id.
    #[error("没有这个推送")]
    NotFound,
    /// It was ended before.
    #[error("此推送已停用")]
    Ended,
    /// It subscribes to nothing.
    #[error("请至少选择一类事件")]
    NoEvents,
    /// A description that is too long, or no text.
    #[error("说明不超过 200 字")]
    Description,
    /// Messages may not go there.
    #[error(transparent)]
    Address(#[from] BadAddress),
    /// They may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for WebhookError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for WebhookError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
