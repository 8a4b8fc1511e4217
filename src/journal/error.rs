//! Why the journal could not do what it was asked.

use std::path::PathBuf;

use crate::db::{DbError, FromDb};

/// What ends a command of the journal.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// The journal was founded with one hash function and is asked to begin with another.
    #[error("日志已按 {0} 建立，不能改用其他哈希算法")]
    FoundedOtherwise(&'static str),
    /// No such entry.
    #[error("没有日志条目 {0}")]
    NoEntry(String),
    /// No checkpoint yet.
    #[error("还没有签发过检查点")]
    NoCheckpoint,
    /// A size that the tree does not have.
    #[error("日志只封存了 {has} 条，没有 {asked} 条的状态")]
    NoSuchSize {
        /// What was asked for.
        asked: u64,
        /// What there is.
        has: u64,
    },
    /// Two sizes of the tree that no proof leads between.
    #[error("从 {from} 条到 {to} 条不能证明：起点须至少 1 条，且不多于终点")]
    NotOnwards {
        /// The older size asked for.
        from: u64,
        /// The newer.
        to: u64,
    },
    /// The stored journal contradicts itself.
    #[error("日志本身已损坏：{0}；请立即停止使用并核查")]
    Broken(String),
    /// A file cannot be read or written.
    #[error("{}：{source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A page cannot be printed.
    #[error("检查点打印页未能生成：{0}")]
    Page(String),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

impl FromDb for JournalError {
    fn db(&self) -> Option<&DbError> {
        if let Self::Db(error) = self { Some(error) } else { None }
    }
}

impl From<sea_orm::DbErr> for JournalError {
    fn from(error: sea_orm::DbErr) -> Self {
        Self::Db(error.into())
    }
}

impl JournalError {
    /// A file that could not be used.
    pub fn file(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        |source| Self::File { path, source }
    }
}
