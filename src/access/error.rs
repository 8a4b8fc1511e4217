//! Why somebody was not let in, or an account not changed: sentences that say what to do, and never which part of
//! what was typed was wrong.

use super::Forbidden;
use super::password::Weakness;
use crate::db::{DbError, FromDb};
use crate::kernel::Timestamp;
use crate::org::directory::LookupError;

/// Why access refused.
#[derive(Debug, thiserror::Error)]
pub enum AccessError {
    /// The login, the password or the second factor; it is never said which.
    #[error("用户名、密码或验证码不正确")]
    WrongCredentials,
    /// The password was right; the code of the second factor is still to come.
    #[error("请输入动态验证码或恢复码")]
    SecondFactorNeeded,
    /// Too many tries; nobody gets in with this login until then.
    #[error("尝试次数过多，此用户名已锁定至 {0}；如需提前解锁，请联系系统管理员")]
    LockedUntil(Timestamp),
    /// A one-time link that was never given out, was used, or ran out.
    #[error("链接无效、已使用或已过期，请向系统管理员索取新的链接")]
    LinkVoid,
    /// Accounts are there: the first-start setup is over.
    #[error("系统已完成初始设置")]
    AlreadySetUp,
    /// The new password is too weak.
    #[error(transparent)]
    Weak(#[from] Weakness),
    /// A field is wrong.
    #[error("{reason}")]
    Invalid {
        /// Which.
        field: &'static str,
        /// What is wrong with it.
        reason: String,
    },
    /// No such account, grant, token or session, or none of theirs.
    #[error("没有找到{0}")]
    NotFound(&'static str),
    /// Its state does not allow it.
    #[error("{0}")]
    Conflict(String),
    /// Things somebody still answers for.
    #[error("须先移交：{}", .0.join("；"))]
    HandoverFirst(Vec<String>),
    /// A code that confirms a second factor does not fit.
    #[error("验证码不正确，请核对手机时间后重试")]
    CodeWrong,
    /// What only somebody who signed in themselves may do, not a device's token.
    #[error("此操作须本人登录办理")]
    NeedsSession,
    /// They may not.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// A name is not one of ours.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The hash could not be computed.
    #[error("系统出错，未写入任何内容")]
    Hash,
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl AccessError {
    /// A field that is wrong.
    pub(crate) fn invalid(field: &'static str, reason: impl Into<String>) -> Self {
        Self::Invalid { field, reason: reason.into() }
    }
}

impl From<sea_orm::DbErr> for AccessError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for AccessError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            _ => None,
        }
    }
}
