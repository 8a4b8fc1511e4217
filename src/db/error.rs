//! What the database says, in words that name the field and never leak SQL.

use sea_orm::{DbErr, RuntimeErr};

/// Why the database refused.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// A named rule of the schema was broken.
    #[error("“{field}”不符合规则（{constraint}）")]
    Constraint {
        /// The constraint's name, `uq_items_item_number`; for an SQLite UNIQUE, `table.column`.
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
    /// The file cannot be opened.
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
}

impl From<DbErr> for DbError {
    fn from(error: DbErr) -> Self {
        let database = match &error {
            DbErr::Exec(RuntimeErr::SqlxError(e)) | DbErr::Query(RuntimeErr::SqlxError(e)) => e.as_database_error(),
            DbErr::Conn(RuntimeErr::SqlxError(e)) => match e.as_database_error() {
                Some(database) => {
                    return Self::CannotOpen(why_not_opened(database.code().as_deref(), database.message()));
                }
                None => return Self::CannotOpen(e.to_string()),
            },
            DbErr::Conn(RuntimeErr::Internal(_)) => return Self::CannotOpen("不支持这样的数据库地址".to_owned()),
            _ => None,
        };
        let Some(database) = database else { return Self::Other(error) };
        // SQLite: 5 BUSY, 517 BUSY_SNAPSHOT; PostgreSQL: serialization failure, deadlock.
        match database.code().as_deref() {
            Some("5" | "517" | "261" | "40001" | "40P01") => return Self::Busy(error),
            Some("13" | "53100") => return Self::DiskFull(error),
            code @ Some("8" | "11" | "14" | "26") => return Self::CannotOpen(why_not_opened(code, database.message())),
            _ => {}
        }
        match constraint_name(database.constraint(), database.message()) {
            Some(constraint) => {
                let field = field_of(&constraint);
                let duplicate = database.is_unique_violation();
                Self::Constraint { constraint, field, duplicate }
            }
            None => Self::Other(error),
        }
    }
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

/// PostgreSQL names the constraint; SQLite puts it (or `table.column`) behind the colon of its message.
fn constraint_name(named: Option<&str>, message: &str) -> Option<String> {
    if let Some(name) = named {
        return Some(name.to_owned());
    }
    if message.starts_with("append_only_") {
        return Some(message.to_owned());
    }
    if message == "FOREIGN KEY constraint failed" {
        return Some("fk".to_owned());
    }
    let (kind, what) = message.split_once(" constraint failed: ")?;
    matches!(kind, "UNIQUE" | "CHECK" | "NOT NULL").then(|| what.to_owned())
}

/// `ck_items_value_fen` → `value_fen`, `items.number_key` → `number_key`.
fn field_of(constraint: &str) -> String {
    if let Some((_, column)) = constraint.split_once('.') {
        return column.split(',').next().unwrap_or(column).to_owned();
    }
    const TABLES: [&str; 12] = [
        "import_batches",
        "units",
        "people",
        "places",
        "item_events",
        "items",
        "labels",
        "campaigns",
        "sheets",
        "expected_items",
        "missing_cases",
        "scans",
    ];
    let rest = constraint.split_once('_').map_or(constraint, |(_, rest)| rest);
    TABLES.iter().find_map(|table| rest.strip_prefix(table)?.strip_prefix('_')).unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn constraints_name_their_field() {
        for (constraint, field) in [
            ("items.number_key", "number_key"),
            ("item_events.item_id, item_events.seq", "item_id"),
            ("ck_items_value_fen", "value_fen"),
            ("uq_people_badge_number", "badge_number"),
            ("fk_items_unit_id", "unit_id"),
        ] {
            assert_eq!(field_of(constraint), field, "{constraint}");
        }
        assert_eq!(constraint_name(None, "CHECK constraint failed: ck_items_name").as_deref(), Some("ck_items_name"));
        assert_eq!(constraint_name(None, "append_only_scans").as_deref(), Some("append_only_scans"));
        assert_eq!(constraint_name(None, "near \"x\": syntax error"), None);
    }
}
