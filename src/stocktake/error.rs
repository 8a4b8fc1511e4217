//! What can go wrong in a stocktake, in sentences that say what to do.

use super::model::Refusal;
use super::reconcile::ReconcileError;
use crate::access::Forbidden;
use crate::db::{DbError, FromDb};
use crate::items::ItemError;

/// Why a command on a stocktake was refused.
#[derive(Debug, thiserror::Error)]
pub enum StocktakeError {
    /// No campaign of this number.
    #[error("没有编号为“{0}”的盘点")]
    NoCampaign(String),
    /// The number is taken.
    #[error("盘点编号“{0}”已存在")]
    DuplicateCampaign(String),
    /// The unit is not in the campaign's scope.
    #[error("{0}不在本次盘点范围内")]
    UnitOutOfScope(String),
    /// The scope holds nothing.
    #[error(
        "盘点范围内没有在账物品（基准日 {0}），请检查范围与基准日；账若是之后才导入的，导入时用 --as-of 写明账的日期"
    )]
    EmptyScope(String),
    /// What was written or chosen does not do.
    #[error("{reason}")]
    Field {
        /// Which field.
        field: &'static str,
        /// Why.
        reason: String,
    },
    /// The window ends before it begins.
    #[error("盘点时段的结束早于开始")]
    WindowBackwards,
    /// No such scan, or it is itself an undoing.
    #[error("没有可撤销的扫描 {0}")]
    NoSuchScan(String),
    /// No such scan within reach.
    #[error("没有这次扫描 {0}")]
    NoScan(String),
    /// The id of a photo stands for another photo.
    #[error("此照片编号已用于另一张照片；请以新的编号重报")]
    PhotoIdTaken,
    /// Undone already.
    #[error("扫描 {0} 已撤销")]
    UndoneAlready(String),
    /// No such thing in the book, or out of reach.
    #[error("账上没有“{0}”")]
    NoSuchThing(String),
    /// A thing of a recount is not expected in this campaign.
    #[error("“{0}”不在本次盘点的应盘范围内")]
    NotExpected(String),
    /// Whoever acts may not do it.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The rules do not allow it.
    #[error(transparent)]
    Refused(#[from] Refusal),
    /// The numbers do not belong together.
    #[error(transparent)]
    Reconcile(#[from] ReconcileError),
    /// An item could not be read.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// A report could not be made.
    #[error("{0}")]
    Report(String),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for StocktakeError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for StocktakeError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Item(error) => error.db(),
            _ => None,
        }
    }
}
