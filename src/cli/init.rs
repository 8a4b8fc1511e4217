//! `hufu init`: makes the database of an office.

use super::{CliError, Done, Global, show, sqlite_path};
use crate::db::{Db, shown};
use crate::kernel::hash::HashKind;
use crate::{org, watched};

/// 建立数据库
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 单位名称，印在标签与报告上
    #[arg(long, default_value = "")]
    organisation: String,
    /// 日志的哈希算法，建立之后不能更改
    #[arg(long, value_enum, default_value_t = Hash::Sha256)]
    hash: Hash,
}

/// What a journal may hash with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Hash {
    Sha256,
    Sm3,
}

impl From<Hash> for HashKind {
    fn from(hash: Hash) -> Self {
        match hash {
            Hash::Sha256 => Self::Sha256,
            Hash::Sm3 => Self::Sm3,
        }
    }
}

/// Makes the database; one that is there is left alone.
///
/// # Errors
/// When it is there already, or cannot be made.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let url = global.database_url()?;
    // A database that holds nothing is what an init that was cut short leaves behind: it may begin again.
    let db = global.open_at(&url).await?;
    if !db.is_blank().await? {
        if !db.is_migrated().await? {
            return upgrade(&db, &url, global).await;
        }
        return Err(CliError::AlreadyInitialised(sqlite_path(&url).map_or_else(|| shown(&url), str::to_owned)));
    }
    let hash = HashKind::from(args.hash);
    global.hash_with(hash);
    let journal = watched::prepare(&db, &global.ctx()?, Some(hash)).await?;
    if !args.organisation.trim().is_empty() {
        org::service::name_organisation(&db, &global.ctx()?, &args.organisation).await?;
    }
    if global.json() {
        show::json(
            &serde_json::json!({ "database_url": shown(&url), "organisation": args.organisation, "hash": hash.name() }),
        );
    } else {
        show::line(format!("已建立数据库 {}", shown(&url)));
        show::line(format!("日志密钥指纹 {}（请抄录留存）", journal.vkey.fingerprint()));
        show::line("下一步：hufu import units 单位.xlsx，然后 people、places、assets");
    }
    Ok(Done::Clean)
}

/// Brings the database of an earlier version up to date; what is in it stays as it is.
async fn upgrade(db: &Db, url: &str, global: &Global) -> Result<Done, CliError> {
    let kind = watched::prepare(db, &global.ctx()?, None).await?.kind;
    if global.json() {
        show::json(&serde_json::json!({ "database_url": shown(url), "upgraded": true, "hash": kind.name() }));
    } else {
        show::line(format!("数据库 {} 已升级到本版本", shown(url)));
    }
    Ok(Done::Clean)
}
