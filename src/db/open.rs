//! Opening: what each engine is told before the first query.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgConnection};
use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{ConnectOptions as _, Connection as _, Row as _, query};
use sea_orm::{ConnectOptions, Database, DatabaseConnection};

use super::DbError;
use super::error::{turned_away, why_not_reached};
use super::{SQLITE_ATTEMPTS, pause};

/// Connections to one SQLite file: many readers beside the one writer. Unset, the pool would be one.
const SQLITE_CONNECTIONS: u32 = 8;
/// Connections of one instance to PostgreSQL, whose own default is 100 for all of them.
const POSTGRES_CONNECTIONS: u32 = 20;
/// How long a writer of another process is waited for, and at most a connection of the pool.
const BUSY_TIMEOUT: Duration = Duration::from_secs(15);
/// How long PostgreSQL has to answer the first time.
const REACH_TIMEOUT: Duration = Duration::from_secs(10);
/// A pooled connection that lay idle for longer is asked whether it still lives.
const PING_AFTER: Duration = Duration::from_secs(5);
/// A transaction in which nothing happens for so long belongs to an instance that is gone; its locks are let go.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(300);
const STATEMENTS_KEPT: usize = 256;
/// Rows that SQLite's thread may read ahead of whoever takes them: a page is read in one go.
const ROWS_AHEAD: usize = 128;
/// The oldest PostgreSQL we speak to, as it numbers itself.
const OLDEST_POSTGRES: i32 = 150_000;

pub(super) async fn open(url: &str) -> Result<DatabaseConnection, DbError> {
    // The same address under its other name; the mapper knows only one.
    let other_name = url.strip_prefix("postgresql://").map(|rest| format!("postgres://{rest}"));
    let url = other_name.as_deref().unwrap_or(url);
    let mut options = ConnectOptions::new(url);
    options.sqlx_logging(false).acquire_timeout(BUSY_TIMEOUT);
    if url.starts_with("postgres://") {
        postgres(&mut options, url).await?;
    } else {
        only_ours(url);
        sqlite(&mut options);
        return first_connection(options).await;
    }
    Database::connect(options).await.map_err(DbError::from)
}

/// Connects to SQLite, again while another process stands in the way. Who first makes a file one with a write-ahead log
/// needs it alone, and who comes at that moment is turned away at once, however long it said that it would wait.
async fn first_connection(options: ConnectOptions) -> Result<DatabaseConnection, DbError> {
    let mut attempt = 1;
    loop {
        match Database::connect(options.clone()).await {
            Err(error) if attempt < SQLITE_ATTEMPTS && turned_away(&error) => {
                tokio::time::sleep(pause(attempt)).await;
                attempt += 1;
            }
            other => return other.map_err(DbError::from),
        }
    }
}

/// A database file that is made here can be read by its owner only: it holds the key that checkpoints are signed with
/// and the secrets of second factors. What SQLite keeps beside it takes after it.
fn only_ours(url: &str) {
    let (path, settings) = url.split_once('?').unwrap_or((url, ""));
    let path = path.strip_prefix("sqlite://").or_else(|| path.strip_prefix("sqlite:")).unwrap_or(path);
    if path.is_empty() || path == ":memory:" || !settings.split('&').any(|setting| setting == "mode=rwc") {
        return;
    }
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    // One that is there stays as it is; whatever else is wrong, SQLite says it better.
    drop(options.open(path));
}

fn sqlite(options: &mut ConnectOptions) {
    // A file does not hang up: asking it each time whether it is still there costs a way to its thread and back.
    options.max_connections(SQLITE_CONNECTIONS).test_before_acquire(false).map_sqlx_sqlite_opts(|sqlite| {
        sqlite
            .journal_mode(SqliteJournalMode::Wal)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .busy_timeout(BUSY_TIMEOUT)
            .pragma("cache_size", "-65536")
            .pragma("temp_store", "memory")
            .row_buffer_size(ROWS_AHEAD)
            .statement_cache_capacity(STATEMENTS_KEPT)
    });
}

async fn postgres(options: &mut ConnectOptions, url: &str) -> Result<(), DbError> {
    let server = tokio::time::timeout(REACH_TIMEOUT, Server::ask(url))
        .await
        .map_err(|_elapsed| DbError::CannotOpen("数据库服务器没有回答".to_owned()))?
        .map_err(|error| DbError::CannotOpen(why_not_reached(&error)))?;
    server.will_do()?;
    options
        .max_connections(POSTGRES_CONNECTIONS)
        .test_before_acquire_if_idle_for(PING_AFTER)
        .set_application_name("hufu")
        .map_sqlx_postgres_opts(move |postgres| {
            let mut settings = vec![
                ("lock_timeout", BUSY_TIMEOUT.as_millis().to_string()),
                ("idle_in_transaction_session_timeout", IDLE_IN_TRANSACTION.as_millis().to_string()),
                ("default_transaction_isolation", "read committed".to_owned()),
            ];
            // An acknowledged write is on disk; stricter than that (a standby that applied it) is left as it is.
            if server.forgets {
                settings.push(("synchronous_commit", "on".to_owned()));
            }
            postgres.statement_cache_capacity(STATEMENTS_KEPT).options(settings)
        });
    Ok(())
}

/// What a PostgreSQL server says of itself.
struct Server {
    version: i32,
    encoding: String,
    /// Whether it acknowledges writes that are not on disk.
    forgets: bool,
}

impl Server {
    /// Asks over a connection of its own: the pool would keep trying a wrong address until its time is up, and then
    /// say no more than that.
    async fn ask(url: &str) -> Result<Self, sea_orm::SqlxError> {
        let options: PgConnectOptions = url.parse()?;
        let mut connection = PgConnection::connect_with(&options.disable_statement_logging()).await?;
        let row = query(
            "SELECT current_setting('server_version_num')::int, current_setting('server_encoding'), \
             current_setting('synchronous_commit')",
        )
        .fetch_one(&mut connection)
        .await?;
        let server = Self {
            version: row.try_get(0)?,
            encoding: row.try_get(1)?,
            forgets: row.try_get::<String, _>(2)? == "off",
        };
        connection.close().await?;
        Ok(server)
    }

    fn will_do(&self) -> Result<(), DbError> {
        if self.version < OLDEST_POSTGRES {
            let version = self.version / 10_000;
            return Err(DbError::CannotOpen(format!("PostgreSQL {version} 太旧，需要 15 或更新的版本")));
        }
        if self.encoding != "UTF8" {
            return Err(DbError::CannotOpen(format!("数据库的编码是 {}，需要 UTF8", self.encoding)));
        }
        Ok(())
    }
}

/// The address without its password: for messages.
#[must_use]
pub fn shown(url: &str) -> String {
    let Some((scheme, rest)) = url.split_once("://") else { return url.to_owned() };
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let hidden = rest[..end].rfind('@').and_then(|at| {
        let (user, _) = rest[..at].split_once(':')?;
        Some(format!("{scheme}://{user}:***{}", &rest[at..]))
    });
    // A password may also be said behind the question mark.
    let url = hidden.unwrap_or_else(|| url.to_owned());
    match url.split_once('?') {
        Some((address, settings)) => {
            let settings: Vec<&str> = settings
                .split('&')
                .map(|setting| if setting.starts_with("password=") { "password=***" } else { setting })
                .collect();
            format!("{address}?{}", settings.join("&"))
        }
        None => url,
    }
}

#[cfg(test)]
mod tests {
    use super::shown;

    #[test]
    fn an_address_is_shown_without_its_password() {
        for (url, told) in [
            ("sqlite://hufu.db?mode=rwc", "sqlite://hufu.db?mode=rwc"),
            ("postgres://hufu@db/hufu", "postgres://hufu@db/hufu"),
            (
                "postgres://hufu:s3:c@ret@db:5432/hufu?sslmode=require",
                "postgres://hufu:***@db:5432/hufu?sslmode=require",
            ),
            ("postgres://db/hufu?password=x&sslmode=require", "postgres://db/hufu?password=***&sslmode=require"),
            ("postgresql://a:b@db", "postgresql://a:***@db"),
            ("hufu.db", "hufu.db"),
        ] {
            assert_eq!(shown(url), told);
        }
    }
}
