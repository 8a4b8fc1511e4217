//! The database: the one place that opens it, migrates it, begins a transaction, and reads its errors.
//!
//! SQLite runs in WAL with `synchronous=FULL`: an acknowledged write is on disk. Every write is one transaction
//! begun IMMEDIATE (SQLite) or SERIALIZABLE (PostgreSQL) and retried when the engine says that two writers met;
//! with a plain BEGIN about half of 800 concurrent read-modify-writes fail with code 517.

pub mod bulk;
pub mod error;
pub mod memory;

use std::time::Duration;

use hufu_migrations::Migrator;
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::{
    ConnectOptions, ConnectionTrait as _, Database, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait as _;

pub use error::{DbError, FromDb};

/// Connections to one SQLite file: many readers beside the one writer. Unset, the pool would be one.
const SQLITE_CONNECTIONS: u32 = 8;
/// How long a writer of another process is waited for.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// How often a write that met another is tried before giving up.
const ATTEMPTS: u32 = 12;

/// A transaction that may write. Inside one, use only it: a second connection would wait for the first for ever.
pub type Tx = DatabaseTransaction;

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    connection: DatabaseConnection,
    /// One writer at a time in this process: SQLite would let the others poll, this lets them queue.
    writer: std::sync::Arc<tokio::sync::Mutex<()>>,
    memory: std::sync::Arc<memory::Memory>,
}

impl Db {
    /// Opens the database at `url` (`sqlite://hufu.db?mode=rwc`); does not migrate.
    ///
    /// # Errors
    /// When the file cannot be opened or the server not reached.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        let mut options = ConnectOptions::new(url);
        options.sqlx_logging(false).max_connections(SQLITE_CONNECTIONS).map_sqlx_sqlite_opts(|sqlite| {
            sqlite
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(BUSY_TIMEOUT)
                .pragma("cache_size", "-65536")
                .pragma("temp_store", "memory")
                .statement_cache_capacity(256)
        });
        let connection = Database::connect(options).await.map_err(DbError::from)?;
        Ok(Self { connection, writer: std::sync::Arc::default(), memory: std::sync::Arc::default() })
    }

    /// Closes every connection. The last to go folds SQLite's write-ahead log into the one file: who copies the file
    /// after that copies everything.
    pub async fn close(&self) {
        // What was acknowledged is on disk whatever becomes of this; the next to open folds the log in.
        let _closed = self.connection.close_by_ref().await;
    }

    /// Brings the schema up to date.
    ///
    /// # Errors
    /// When a migration fails; it leaves nothing half done.
    pub async fn migrate(&self) -> Result<(), DbError> {
        Migrator::up(&self.connection, None).await.map_err(DbError::from)
    }

    /// Whether the schema is there and up to date.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_migrated(&self) -> Result<bool, DbError> {
        Ok(Migrator::get_pending_migrations(&self.connection).await.map_err(DbError::from)?.is_empty())
    }

    /// Whether there is nothing in it but, at most, the empty list of migrations.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn is_blank(&self) -> Result<bool, DbError> {
        let sql = match self.connection.get_database_backend() {
            DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type = 'table' AND name <> 'seaql_migrations'",
            _ => {
                "SELECT table_name FROM information_schema.tables \
                 WHERE table_schema = current_schema() AND table_name <> 'seaql_migrations'"
            }
        };
        let statement = Statement::from_string(self.connection.get_database_backend(), sql);
        Ok(self.connection.query_one_raw(statement).await.map_err(DbError::from)?.is_none())
    }

    /// A connection to read from.
    #[must_use]
    pub fn read(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// What a room keeps in memory about this database; whoever keeps something there says how it stays true.
    #[must_use]
    pub fn memory(&self) -> &memory::Memory {
        &self.memory
    }

    /// Runs `work` in one write transaction, committed when it returns `Ok`. It may run more than once: whatever
    /// it does outside the transaction must bear that.
    ///
    /// # Errors
    /// What `work` returns, or [`DbError`] when the transaction cannot begin or commit.
    pub async fn write<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: FromDb,
        F: AsyncFn(&Tx) -> Result<T, E>,
    {
        let mut attempt = 1;
        loop {
            let queued = match self.connection.get_database_backend() {
                DbBackend::Sqlite => Some(self.writer.lock().await),
                _ => None,
            };
            let outcome = self.attempt(&work).await;
            drop(queued);
            match outcome {
                Err(error) if attempt < ATTEMPTS && error.db().is_some_and(DbError::is_worth_retrying) => {
                    tokio::time::sleep(Duration::from_millis(1 << attempt.min(7))).await;
                    attempt += 1;
                }
                other => return other,
            }
        }
    }

    async fn attempt<T, E, F>(&self, work: &F) -> Result<T, E>
    where
        E: FromDb,
        F: AsyncFn(&Tx) -> Result<T, E>,
    {
        let tx = self.begin().await.map_err(|error| E::from(DbError::from(error)))?;
        match work(&tx).await {
            Ok(value) => {
                tx.commit().await.map_err(|error| E::from(DbError::from(error)))?;
                Ok(value)
            }
            Err(error) => {
                // The error that matters is the one of the work; a failed rollback ends with the connection.
                let _rolled_back = tx.rollback().await;
                Err(error)
            }
        }
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
    async fn begin(&self) -> Result<Tx, sea_orm::DbErr> {
        let options = match self.connection.get_database_backend() {
            DbBackend::Sqlite => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            _ => TransactionOptions {
                isolation_level: Some(IsolationLevel::Serializable),
                ..TransactionOptions::default()
            },
        };
        self.connection.begin_with_options(options).await
    }
}
