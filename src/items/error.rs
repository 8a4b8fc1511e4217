//! What can go wrong with things and their labels, in sentences a storekeeper can act on.

use crate::access::Forbidden;
use crate::db::{DbError, FromDb};
use crate::org::OrgError;

/// Why a command on items or labels was refused.
#[derive(Debug, thiserror::Error)]
pub enum ItemError {
    /// No thing has this number or code.
    #[error("没有编号或标签码为“{0}”的物品")]
    NotFound(String),
    /// The number is in the book already.
    #[error("编号“{0}”已在账")]
    DuplicateNumber(String),
    /// Nothing would change.
    #[error("没有要变更的内容")]
    NothingToChange,
    /// The thing left the book; it cannot be moved any more.
    #[error("“{0}”已不在账，不能变更")]
    Gone(String),
    /// What is more than a change within the unit needs a document.
    #[error("“{0}”更换单位、借出、送修、处置或减少数量，须办理资产变动；登记有误的，请指挥中心更正")]
    NeedsDocument(String),
    /// The code is no label of ours.
    #[error("标签码“{0}”不存在")]
    UnknownLabel(String),
    /// Only a blank label can be claimed.
    #[error("标签“{code}”不是空白标签（{state}），不能认领")]
    NotBlank {
        /// The code.
        code: String,
        /// The state it is in, as people say it.
        state: &'static str,
    },
    /// A change needs its reason.
    #[error("请写明变更原因")]
    ReasonMissing,
    /// A label is voided once.
    #[error("标签“{0}”已作废")]
    VoidAlready(String),
    /// No file has this id.
    #[error("没有这个附件")]
    NoAttachment,
    /// A file is withdrawn once.
    #[error("这个附件已撤下")]
    WithdrawnAlready,
    /// A fact cannot be what was given.
    #[error("{reason}")]
    Field {
        /// Which.
        field: &'static str,
        /// Why, in a sentence.
        reason: String,
    },
    /// A unit or place that holds something cannot be closed.
    #[error("还有{what}，不能停用：{}", names.join("、"))]
    StillHolds {
        /// 在账资产, 人员, 地点 or 下级单位.
        what: &'static str,
        /// Some of them, by number or name.
        names: Vec<String>,
    },
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

impl From<sea_orm::DbErr> for ItemError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for ItemError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Org(error) => error.db(),
            _ => None,
        }
    }
}
