//! `hufu tokens`: what devices sign in with. Issuing and taking are two acts here as everywhere; both are on record.

use chrono::NaiveDate;
use clap::Subcommand;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::access::tokens::{self, NewToken};
use crate::access::{Action, accounts};
use crate::kernel::Timestamp;
use crate::kernel::ids::TokenId;

/// 接口令牌：扫描枪、打印机、其他程序
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出令牌
    List {
        /// 只看此用户名的
        #[arg(long)]
        account: Option<String>,
    },
    /// 签发；密文由 claim 领取
    Issue {
        /// 用户名
        login: String,
        /// 用在什么设备上
        #[arg(long)]
        name: String,
        /// 可做什么，如 campaigns.count；可写多次
        #[arg(long = "may", value_name = "ACTION", required = true)]
        actions: Vec<String>,
        /// 最后一天
        #[arg(long, value_name = "DATE")]
        until: NaiveDate,
    },
    /// 领取密文：只显示这一次
    Claim {
        /// 编号
        id: Uuid,
    },
    /// 吊销
    Revoke {
        /// 编号
        id: Uuid,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When there is no such account or token, or it may not be given that.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let ctx = global.ctx()?;
    match &args.command {
        Command::List { account } => {
            let of = match account {
                Some(login) => Some(accounts::by_login(db.read(), login).await?.id),
                None => None,
            };
            let rows = tokens::list(&db, &ctx, of).await?;
            if global.json() {
                show::json(&rows);
                return Ok(Done::Clean);
            }
            let columns = ["编号", "设备", "可做", "开头", "截止", "状态"].map(|name| (name, Align::Left));
            let mut table = Table::new(&columns);
            for row in &rows {
                let state = match (row.revoked_at, row.expires_at <= ctx.now(), row.prefix.is_empty()) {
                    (Some(_), _, _) => "已吊销",
                    (None, true, _) => "已过期",
                    (None, false, true) => "待领取",
                    (None, false, false) => "有效",
                };
                let (id, until) = (row.id.to_string(), row.expires_at.to_string());
                table.row([&id, &row.name, &row.actions, &row.prefix, &until, state]);
            }
            if table.is_empty() { show::line("没有令牌") } else { table.print() }
        }
        Command::Issue { login, name, actions, until } => {
            let unknown = |name: &String| CliError::Usage(format!("没有“{name}”这种操作"));
            let find = |name: &String| Action::by_name(name).ok_or_else(|| unknown(name));
            let actions = actions.iter().map(find).collect::<Result<Vec<_>, _>>()?;
            let account = accounts::by_login(db.read(), login).await?.id;
            let expires_at = Timestamp::end_of_day(*until);
            let row = tokens::issue(&db, &ctx, NewToken { name: name.clone(), account, actions, expires_at }).await?;
            if global.json() {
                show::json(&row);
            } else {
                show::line(format!("已签发 {}；领取：hufu tokens claim {}", row.name, row.id));
            }
        }
        Command::Claim { id } => {
            let (row, secret) = tokens::claim_here(&db, &ctx, TokenId(*id)).await?;
            if global.json() {
                show::json(&json!({ "token": row, "secret": secret }));
            } else {
                show::line(format!("{secret}\n只显示这一次，请抄到设备上"));
            }
        }
        Command::Revoke { id } => {
            let row = tokens::revoke(&db, &ctx, TokenId(*id)).await?;
            if global.json() {
                show::json(&row);
            } else {
                show::line(format!("已吊销 {}", row.name));
            }
        }
    }
    Ok(Done::Clean)
}
