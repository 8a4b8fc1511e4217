//! Why a file was not brought in, or a batch not undone.

use crate::access::Forbidden;
use crate::db::{DbError, FromDb};
use crate::documents::{DocumentError, io_reason};
use crate::items::ItemError;
use crate::kernel::Timestamp;
use crate::kernel::ids::BatchId;
use crate::stocktake::StocktakeError;

/// Nothing of the file was taken.
#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    /// The file cannot be opened.
    #[error("无法读取 {path}：{}", io_reason(source))]
    Unreadable {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The same file was brought in before.
    #[error("{file} 已于 {at} 导入过（批次 {batch}）；如需重来，请先撤销该批次")]
    Twice {
        /// Which.
        file: String,
        /// As which batch.
        batch: BatchId,
        /// When.
        at: Timestamp,
    },
    /// No such batch.
    #[error("没有批次 {0}")]
    NoBatch(String),
    /// The batch was undone already.
    #[error("批次 {0} 已撤销")]
    UndoneAlready(BatchId),
    /// The transaction did its work to see what would come of it, and was taken back.
    #[error("未写入任何内容")]
    TakenBack(Box<super::Report>),
    /// The file is no table of ours.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The book refused.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// The ledger of vehicles or of firearms refused.
    #[error(transparent)]
    Vehicle(#[from] crate::vehicles::VehicleError),
    /// The stocktake refused.
    #[error(transparent)]
    Stocktake(#[from] StocktakeError),
    /// Not theirs to do.
    #[error(transparent)]
    Forbidden(#[from] Forbidden),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl From<sea_orm::DbErr> for ImportError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl FromDb for ImportError {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Db(error) => Some(error),
            Self::Item(error) => error.db(),
            Self::Stocktake(error) => error.db(),
            Self::Vehicle(error) => error.db(),
            _ => None,
        }
    }
}
