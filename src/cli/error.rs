//! Why a command did not do what it was asked: one sentence, exit code 2.

use std::net::SocketAddr;

use super::reconcile::ReconcileFilesError;
use crate::access::AccessError;
use crate::db::DbError;
use crate::documents::{DocumentError, io_reason};
use crate::imports::ImportError;
use crate::items::ItemError;
use crate::journal::JournalError;
use crate::journal::verify::VerifyError;
use crate::kernel::config::ConfigError;
use crate::org::directory::LookupError;
use crate::stocktake::StocktakeError;
use crate::web::serve::TlsError;

/// What ends a command.
#[derive(Debug, thiserror::Error)]
pub enum CliError {
    /// The database is not there or not ours.
    #[error("数据库 {0} 尚未建立，请先运行：hufu init")]
    NotInitialised(String),
    /// The database has something in it.
    #[error("数据库 {0} 已存在，且不是空的；要重新开始请先移走它")]
    AlreadyInitialised(String),
    /// A word on the command line does not mean anything.
    #[error("{0}")]
    Usage(String),
    /// A file cannot be read or written.
    #[error("{path}：{}", io_reason(source))]
    File {
        /// Which.
        path: String,
        /// Why.
        source: std::io::Error,
    },
    /// The system has no randomness to give.
    #[error("系统不能提供随机数：{0}")]
    Random(#[from] getrandom::Error),
    /// The settings are wrong.
    #[error(transparent)]
    Config(#[from] ConfigError),
    /// A name is not one of ours.
    #[error(transparent)]
    Lookup(#[from] LookupError),
    /// The book refused.
    #[error(transparent)]
    Item(#[from] ItemError),
    /// Access refused.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// The stocktake refused.
    #[error(transparent)]
    Stocktake(#[from] StocktakeError),
    /// A ledger refused.
    #[error(transparent)]
    Ledger(#[from] crate::ledger::LedgerError),
    /// A finding's step was refused.
    #[error(transparent)]
    Finding(#[from] crate::findings::FindingError),
    /// Requests could not be shown.
    #[error(transparent)]
    Approval(#[from] crate::approvals::ApprovalError),
    /// Labels could not be written.
    #[error(transparent)]
    Label(#[from] hufu_labels::write::WriteError),
    /// A table could not be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// Files could not be reconciled.
    #[error(transparent)]
    Reconcile(Box<ReconcileFilesError>),
    /// Fills could not be checked.
    #[error(transparent)]
    FuelCheck(Box<super::fuel_check::FuelCheckError>),
    /// A file was not brought in.
    #[error("{0}{hint}", hint = import_hint(.0))]
    Import(#[from] ImportError),
    /// The journal refused.
    #[error("{0}{hint}", hint = journal_hint(.0))]
    Journal(#[from] JournalError),
    /// An export could not be checked.
    #[error(transparent)]
    Verify(#[from] VerifyError),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
    /// There is no certificate to serve with.
    #[error(transparent)]
    Tls(#[from] TlsError),
    /// The address cannot be listened on.
    #[error("无法监听 {address}：{}", io_reason(source))]
    Listen {
        /// Which.
        address: SocketAddr,
        /// Why.
        source: std::io::Error,
    },
}

/// Which command helps.
fn import_hint(error: &ImportError) -> String {
    match error {
        ImportError::Twice { batch, .. } => format!("：hufu import undo {batch}"),
        ImportError::NoBatch(_) => "；可用 hufu import list 查看".to_owned(),
        _ => String::new(),
    }
}

/// Which command helps.
const fn journal_hint(error: &JournalError) -> &'static str {
    match error {
        JournalError::NoCheckpoint => "，请先运行：hufu journal checkpoint",
        _ => "",
    }
}

impl From<ReconcileFilesError> for CliError {
    fn from(error: ReconcileFilesError) -> Self {
        Self::Reconcile(Box::new(error))
    }
}

impl From<super::fuel_check::FuelCheckError> for CliError {
    fn from(error: super::fuel_check::FuelCheckError) -> Self {
        Self::FuelCheck(Box::new(error))
    }
}

impl CliError {
    /// A file that could not be used.
    #[must_use]
    pub fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.display().to_string(), source }
    }
}
