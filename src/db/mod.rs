//! The database: the one place that opens it, migrates it, begins a transaction, and reads its errors.
//!
//! SQLite runs in WAL with `synchronous=FULL`: an acknowledged write is on disk. Every write is one transaction
//! begun IMMEDIATE (SQLite) or SERIALIZABLE (PostgreSQL) and retried when the engine says that two writers met;
//! with a plain BEGIN about half of 800 concurrent read-modify-writes fail with code 517.

pub mod bulk;
pub mod desks;
pub mod error;
pub mod group;
pub mod memory;
mod names;
mod open;
pub mod order;
pub(crate) mod saving;
pub mod text;

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hufu_migrations::Migrator;
use sea_orm::{
    AccessMode, ConnectionTrait as _, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, IsolationLevel,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait as _,
};
use sea_orm_migration::MigratorTrait as _;

pub use error::{DbError, FromDb};
pub use open::shown;

/// The name of the newest migration that this program brings.
#[must_use]
pub fn schema() -> String {
    Migrator::migrations().last().map(|last| last.name().to_owned()).unwrap_or_default()
}

/// How often a write that met another is tried before giving up. SQLite waits for the other before it says so.
const SQLITE_ATTEMPTS: u32 = 12;
/// PostgreSQL says so at once, and more often than there is need.
const POSTGRES_ATTEMPTS: u32 = 40;
/// Held in PostgreSQL by whoever migrates: two instances that start together migrate one after the other.
const MIGRATING: i64 = 0x6875_6675;

/// A transaction that may write. Inside one, use only it: a second connection would wait for the first for ever.
pub type Tx = DatabaseTransaction;

/// An open database.
#[derive(Debug, Clone)]
pub struct Db {
    connection: DatabaseConnection,
    /// SQLite: one writer at a time in this process; it would let the others poll, this lets them queue. PostgreSQL:
    /// those who met another try again one after the other, so that they do not meet each other for ever.
    writer: Arc<tokio::sync::Mutex<()>>,
    memory: Arc<memory::Memory>,
}

impl Db {
    /// Opens the database at `url` (`sqlite://hufu.db?mode=rwc`, `postgres://user@host/name`); does not migrate.
    ///
    /// # Errors
    /// When the file cannot be opened, or the server not reached, too old, or not of UTF-8.
    pub async fn open(url: &str) -> Result<Self, DbError> {
        let connection = open::open(url).await?;
        names::learn(&connection).await?;
        Ok(Self { connection, writer: Arc::default(), memory: Arc::default() })
    }

    fn is_sqlite(&self) -> bool {
        self.connection.get_database_backend() == DbBackend::Sqlite
    }

    /// Closes every connection. The last to go folds SQLite's write-ahead log into the one file: who copies the file
    /// after that copies everything.
    pub async fn close(&self) {
        // What was acknowledged is on disk whatever becomes of this; the next to open folds the log in.
        let _closed = self.connection.close_by_ref().await;
    }

    /// Brings the schema up to date, in one transaction. Whoever else migrates the same database is waited for.
    ///
    /// # Errors
    /// When a migration fails, which leaves nothing half done, or the schema is of a newer program.
    pub async fn migrate(&self) -> Result<(), DbError> {
        if self.is_migrated().await? {
            return Ok(());
        }
        let queued = self.writer.lock().await;
        let tx = self.begin(Purpose::Schema).await?;
        if !self.is_sqlite() {
            tx.execute_unprepared("SET LOCAL lock_timeout = 0").await?;
            tx.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATING})")).await?;
        }
        Migrator::up(&tx, None).await?;
        hufu_migrations::compare_text_by_bytes(&tx).await?;
        tx.commit().await?;
        drop(queued);
        names::learn(&self.connection).await?;
        Ok(())
    }

    /// Whether the schema is there and up to date. Writes nothing.
    ///
    /// # Errors
    /// When the database cannot be read, or its schema is of a newer program.
    pub async fn is_migrated(&self) -> Result<bool, DbError> {
        match Migrator::get_pending_migrations_read_only(&self.connection).await {
            Ok(pending) => Ok(pending.is_empty()),
            Err(DbErr::Custom(_)) => Err(DbError::CannotOpen("它由更新的 hufu 建立，请使用新版程序".to_owned())),
            Err(error) => Err(error.into()),
        }
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
        let attempts = if self.is_sqlite() { SQLITE_ATTEMPTS } else { POSTGRES_ATTEMPTS };
        let mut attempt = 1;
        let mut stood_already = false;
        loop {
            let queued = if self.is_sqlite() || attempt > 1 { Some(self.writer.lock().await) } else { None };
            let outcome = self.attempt(&work).await;
            drop(queued);
            match outcome {
                Err(error) if attempt < attempts && error.db().is_some_and(DbError::is_worth_retrying) => {
                    tokio::time::sleep(pause(attempt)).await;
                    attempt += 1;
                }
                // PostgreSQL may tell of two who did the same at once as of a value that stands already, though neither
                // saw the other's. A second look does: what is to be said is then said by the work, which knows why.
                Err(error) if !self.is_sqlite() && !stood_already && error.db().is_some_and(DbError::is_duplicate) => {
                    stood_already = true;
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
        let tx = self.begin(Purpose::Write).await.map_err(|error| E::from(DbError::from(error)))?;
        match work(&tx).await {
            Ok(value) => {
                self.commit(tx).await?;
                Ok(value)
            }
            Err(error) => {
                // The error that matters is the one of the work; a failed rollback ends with the connection.
                let _rolled_back = tx.rollback().await;
                Err(error)
            }
        }
    }

    async fn commit(&self, tx: Tx) -> Result<(), DbError> {
        if !self.is_sqlite() {
            // A transaction in which a statement failed, though the work took no notice, would be rolled back by its
            // COMMIT without a word. It says so when it is asked anything else.
            tx.execute_unprepared("SELECT 1").await?;
        }
        tx.commit().await.map_err(|error| match DbError::from(error) {
            DbError::Unreachable(cause) => DbError::InDoubt(cause),
            other => other,
        })
    }

    /// Runs `work` on the database as it stands at one instant, whatever others write meanwhile. Nothing that it may
    /// write is kept.
    ///
    /// # Errors
    /// What `work` returns, or [`DbError`] when the transaction cannot begin.
    pub async fn snapshot<T, E, F>(&self, work: F) -> Result<T, E>
    where
        E: From<DbError>,
        F: AsyncFnOnce(&Tx) -> Result<T, E>,
    {
        let tx = self.begin(Purpose::Snapshot).await.map_err(|error| E::from(DbError::from(error)))?;
        let read = work(&tx).await;
        // Nothing to keep; a failed rollback ends with the connection.
        let _rolled_back = tx.rollback().await;
        read
    }

    #[expect(clippy::disallowed_methods, reason = "the one place that begins a transaction")]
    async fn begin(&self, purpose: Purpose) -> Result<Tx, DbErr> {
        let options = match (self.is_sqlite(), purpose) {
            (true, Purpose::Snapshot) => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Deferred),
                ..TransactionOptions::default()
            },
            (true, Purpose::Write | Purpose::Schema) => TransactionOptions {
                sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
                ..TransactionOptions::default()
            },
            (false, Purpose::Write) => TransactionOptions {
                isolation_level: Some(IsolationLevel::Serializable),
                ..TransactionOptions::default()
            },
            (false, Purpose::Snapshot) => TransactionOptions {
                isolation_level: Some(IsolationLevel::RepeatableRead),
                access_mode: Some(AccessMode::ReadOnly),
                ..TransactionOptions::default()
            },
            // Whoever waited for another to migrate must see what the other did.
            (false, Purpose::Schema) => TransactionOptions {
                isolation_level: Some(IsolationLevel::ReadCommitted),
                ..TransactionOptions::default()
            },
        };
        self.connection.begin_with_options(options).await
    }
}

/// What a transaction is for.
#[derive(Debug, Clone, Copy)]
enum Purpose {
    Write,
    Snapshot,
    Schema,
}

/// Longer each time, and never the same for two who met: they would meet again.
fn pause(attempt: u32) -> Duration {
    static MET: AtomicU64 = AtomicU64::new(0);
    let met = MET.fetch_add(1, Ordering::Relaxed) + (u64::from(std::process::id()) << 32);
    // The high bits of a multiplication by 2⁶⁴ / φ are spread evenly.
    let spread = met.wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54;
    let longest = 1_000 << attempt.min(7);
    Duration::from_micros(longest / 2 + longest * spread / 1_024)
}
