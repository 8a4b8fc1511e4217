//! What the database says, in words that name the field and never leak SQL.

use sea_orm::{DbErr, RuntimeErr, SqlxError, SqlxPostgresError as PgError};

use super::names;

/// Why the database refused.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A named rule of the schema was broken.
    #[error("“{field}”不符合规则（{constraint}）")]
    Constraint {
        /// The constraint's name, `uq_items_item_number`; `pk_items` for a primary key, `table.column` for a NOT NULL,
        /// `fk` for any foreign key on SQLite, which does not say which.
        constraint: String,
        /// The field it speaks of.
        field: String,
        /// Whether the rule is that a value may stand only once.
        duplicate: bool,
    },
    /// The row was changed by someone else since it was read.
    #[error("此记录刚被他人修改，请刷新后重试")]
    Stale,
    /// Two writers met; the transaction did nothing and may be tried again.
    #[error("数据库正忙，请稍后重试")]
    Busy(#[source] DbErr),
    /// The disk is full; nothing of the transaction was kept.
    #[error("磁盘空间不足，未写入任何内容")]
    DiskFull(#[source] DbErr),
    /// A value that no column of this kind can hold: too long, out of range, or not text.
    #[error("{0}")]
    Unfit(&'static str),
    /// The server went away, or all connections were taken for too long. Nothing was written.
    #[error("与数据库的连接中断，未写入任何内容，请稍后重试")]
    Unreachable(#[source] DbErr),
    /// The server went away while the transaction was being committed: it may have been, or not.
    #[error("提交时与数据库的连接中断，请先查看是否已写入，再决定是否重试")]
    InDoubt(#[source] DbErr),
    /// The file cannot be opened, or the server not reached.
    #[error("无法打开数据库：{0}")]
    CannotOpen(String),
    /// Anything else; the cause is for the log, not for people.
    #[error("数据库出错，未写入任何内容")]
    Other(#[source] DbErr),
}

/// An error that may have come from the database, so that the write door can tell whether to try again.
pub trait FromDb: From<DbError> {
    /// The database's error inside, if it is one.
    fn db(&self) -> Option<&DbError>;
}

impl FromDb for DbError {
    fn db(&self) -> Option<&DbError> {
        Some(self)
    }
}

impl DbError {
    /// Whether the same transaction, run again, may succeed.
    #[must_use]
    pub fn is_worth_retrying(&self) -> bool {
        matches!(self, Self::Busy(_))
    }

    /// Whether a value stands already that may stand only once.
    #[must_use]
    pub fn is_duplicate(&self) -> bool {
        matches!(self, Self::Constraint { duplicate: true, .. })
    }
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        let cause = match &error {
            DbErr::ConnectionAcquire(_) => return Self::Unreachable(error),
            DbErr::Conn(RuntimeErr::Internal(_)) => return Self::CannotOpen("不支持这样的数据库地址".to_owned()),
            DbErr::Conn(RuntimeErr::SqlxError(cause)) => match &**cause {
                SqlxError::Database(database) if database.try_downcast_ref::<PgError>().is_none() => {
                    return Self::CannotOpen(why_not_opened(database.code().as_deref(), database.message()));
                }
                cause => return Self::CannotOpen(why_not_reached(cause)),
            },
            DbErr::Exec(RuntimeErr::SqlxError(cause)) | DbErr::Query(RuntimeErr::SqlxError(cause)) => cause,
            _ => return Self::Other(error),
        };
        let told = match &**cause {
            SqlxError::Database(database) => match database.try_downcast_ref::<PgError>() {
                Some(postgres) => from_postgres(postgres),
                None => from_sqlite(database.code().as_deref(), database.message()),
            },
            SqlxError::Io(_) | SqlxError::Tls(_) | SqlxError::PoolTimedOut | SqlxError::PoolClosed => {
                Told::As(Self::Unreachable)
            }
            _ => Told::As(Self::Other),
        };
        match told {
            Told::As(kind) => kind(error),
            Told::Is(told) => told,
        }
    }
}

/// What an engine's error means: one of ours that keeps it as its cause, or one that says all there is to say.
enum Told {
    As(fn(DbErr) -> DbError),
    Is(DbError),
}

/// 5 BUSY, 261 BUSY_RECOVERY, 517 BUSY_SNAPSHOT
fn is_busy(sqlite: Option<&str>) -> bool {
    matches!(sqlite, Some("5" | "261" | "517"))
}

/// Whether a connection to SQLite was refused because another had the file at that moment.
pub(super) fn turned_away(error: &DbErr) -> bool {
    matches!(error, DbErr::Conn(RuntimeErr::SqlxError(cause)) if matches!(&**cause, SqlxError::Database(said) if is_busy(said.code().as_deref())))
}

fn from_sqlite(code: Option<&str>, message: &str) -> Told {
    match code {
        code if is_busy(code) => return Told::As(DbError::Busy),
        Some("13") => return Told::As(DbError::DiskFull),
        Some("18") => return Told::Is(DbError::Unfit(TOO_LONG)),
        Some("8" | "11" | "14" | "26") => return Told::Is(DbError::CannotOpen(why_not_opened(code, message))),
        _ => {}
    }
    if let Some(table) = message.strip_prefix(APPEND_ONLY) {
        return append_only(table);
    }
    if message == "FOREIGN KEY constraint failed" {
        return constraint("fk".to_owned(), None, false);
    }
    match message.split_once(" constraint failed: ") {
        Some(("UNIQUE", said)) => constraint(names::unique_rule(said), None, true),
        Some(("CHECK" | "NOT NULL", rule)) => constraint(rule.to_owned(), None, false),
        _ => Told::As(DbError::Other),
    }
}

fn from_postgres(error: &PgError) -> Told {
    match error.code() {
        // Serialization failure, deadlock, a lock waited for too long, too many connections.
        "40001" | "40P01" | "55P03" | "53300" => Told::As(DbError::Busy),
        "53100" => Told::As(DbError::DiskFull),
        // The server goes down, is not up yet, or lost us; a transaction that lay idle was ended.
        "57P01" | "57P02" | "57P03" | "57P05" | "25P03" => Told::As(DbError::Unreachable),
        code if code.starts_with("08") => Told::As(DbError::Unreachable),
        "25006" => Told::Is(DbError::CannotOpen("数据库是只读的".to_owned())),
        "42501" => Told::Is(DbError::CannotOpen("没有权限：数据库的用户须是它的所有者".to_owned())),
        "22021" | "22P05" => Told::Is(DbError::Unfit("文本中有不能保存的字符")),
        // Too long for its column, or for the index it is found by.
        "22001" | "54000" => Told::Is(DbError::Unfit(TOO_LONG)),
        "22003" => Told::Is(DbError::Unfit("数字超出范围")),
        "22007" | "22008" => Told::Is(DbError::Unfit("日期超出范围")),
        "23502" => {
            let column = error.column().unwrap_or_default();
            constraint(format!("{}.{column}", error.table().unwrap_or_default()), None, false)
        }
        code @ ("23503" | "23505" | "23514") => {
            if let Some(table) = error.message().strip_prefix(APPEND_ONLY) {
                return append_only(table);
            }
            let table = error.table().unwrap_or_default();
            let rule = names::postgres_rule(error.constraint().unwrap_or_default(), table);
            constraint(rule, Some(table), code == "23505")
        }
        _ => Told::As(DbError::Other),
    }
}

const TOO_LONG: &str = "内容过长";
/// What the triggers of an append-only table say, before its name.
const APPEND_ONLY: &str = "append_only_";

fn append_only(table: &str) -> Told {
    let (constraint, field) = (format!("{APPEND_ONLY}{table}"), table.to_owned());
    Told::Is(DbError::Constraint { constraint, field, duplicate: false })
}

fn constraint(rule: String, table: Option<&str>, duplicate: bool) -> Told {
    let field = names::field_of(&rule, table);
    Told::Is(DbError::Constraint { constraint: rule, field, duplicate })
}

/// SQLite: 8 READONLY, 11 CORRUPT, 14 CANTOPEN, 26 NOTADB.
fn why_not_opened(code: Option<&str>, message: &str) -> String {
    match code {
        Some("8") => "数据库文件或所在的磁盘是只读的".to_owned(),
        Some("11") => "数据库文件已损坏，请用备份恢复".to_owned(),
        Some("14") => "文件或所在的文件夹不存在，或没有权限".to_owned(),
        Some("26") => "这个文件不是数据库".to_owned(),
        _ => message.to_owned(),
    }
}

/// Why a PostgreSQL server would not have us.
pub(super) fn why_not_reached(error: &SqlxError) -> String {
    match error {
        SqlxError::Database(database) => match database.code().as_deref() {
            Some("28P01" | "28000") => "用户名或密码不对，或服务器不允许从这里连接".to_owned(),
            Some("3D000") => "服务器上没有这个数据库，请先由数据库管理员建立（CREATE DATABASE）".to_owned(),
            Some("42501") => "没有权限连接这个数据库".to_owned(),
            Some("53300") => "数据库服务器的连接已满".to_owned(),
            Some("57P03") => "数据库服务器正在启动或停止，请稍后重试".to_owned(),
            _ => format!("数据库服务器拒绝：{}", database.message()),
        },
        SqlxError::Io(_) | SqlxError::PoolTimedOut => "连不上数据库服务器，请检查地址、端口与网络".to_owned(),
        SqlxError::Tls(_) => "不能与数据库服务器建立加密连接，请检查证书与 sslmode".to_owned(),
        SqlxError::Configuration(_) => "数据库地址写得不对".to_owned(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rule(code: Option<&str>, message: &str) -> Option<String> {
        match from_sqlite(code, message) {
            Told::Is(DbError::Constraint { constraint, .. }) => Some(constraint),
            _ => None,
        }
    }

    #[test]
    fn a_broken_rule_is_told_from_another_failure() {
        assert_eq!(rule(Some("275"), "CHECK constraint failed: ck_items_name").as_deref(), Some("ck_items_name"));
        assert_eq!(rule(Some("1811"), "append_only_scans").as_deref(), Some("append_only_scans"));
        assert_eq!(rule(Some("1"), "near \"x\": syntax error"), None);
        assert!(matches!(from_sqlite(Some("13"), "database or disk is full"), Told::As(_)));
    }
}
