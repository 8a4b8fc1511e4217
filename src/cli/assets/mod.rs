//! `hufu assets`: the ledger of fixed assets on the command line.

pub mod cards;
pub mod losses;
pub mod moves;
pub mod submissions;
pub mod surpluses;
pub mod three_way;

use std::path::Path;

use clap::Subcommand;

use super::{CliError, Done, Global};
use crate::documents::io_reason;

/// 固定资产台账
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 资产变动单：查看、借出、归还、退库、调拨、报废、办结、撤回
    Move(moves::Args),
    /// 资产报送：编制、复核、审批、报送，与现账的差异
    Submission(submissions::Args),
    /// 三方核对：实物账、盘点、财务账
    ThreeWay(three_way::Args),
    /// 盘亏资产：下发清单、查找、找回、确认、责任、报批、流程事项、核销
    Missing(losses::Args),
    /// 盘盈物品：登记、认定、估值、报批、入账、移交
    Surplus(surpluses::Args),
    /// 资产卡片：查看、填写、导出
    #[command(subcommand)]
    Card(cards::Card),
    /// 一天的资产净值：按分类、按单位，逐件明细
    NetValues(cards::NetValues),
    /// 资产分类与折旧年限
    #[command(subcommand)]
    Classes(cards::Classes),
    /// 资产管理责任人
    #[command(subcommand)]
    Responsible(cards::Responsible),
}

/// Runs one of the sub-commands.
///
/// # Errors
/// What the sub-command refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    match &args.command {
        Command::Move(args) => moves::run(args, global).await,
        Command::Submission(args) => submissions::run(args, global).await,
        Command::ThreeWay(args) => three_way::run(args, global).await,
        Command::Missing(args) => losses::run(args, global).await,
        Command::Surplus(args) => surpluses::run(args, global).await,
        Command::Card(command) => cards::card(command, global).await,
        Command::NetValues(args) => cards::net(args, global).await,
        Command::Classes(command) => cards::classes(command, global).await,
        Command::Responsible(command) => cards::responsible(command, global).await,
    }
}

/// Writes a file, which is replaced only when the whole of it stands.
pub(super) fn put(path: &Path, bytes: &[u8]) -> Result<(), CliError> {
    let mut part = path.as_os_str().to_owned();
    part.push(".part");
    let part = Path::new(&part);
    std::fs::write(part, bytes).and_then(|()| std::fs::rename(part, path)).map_err(|error| {
        // Whatever stands half-written is of no use; that it cannot be removed changes nothing.
        let _ = std::fs::remove_file(part);
        CliError::Usage(format!("{}：{}", path.display(), io_reason(&error)))
    })
}
