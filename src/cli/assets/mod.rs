//! `hufu assets`: the ledger of fixed assets on the command line.

pub mod cards;
pub mod moves;

use clap::Subcommand;

use super::{CliError, Done, Global};

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
        Command::Card(command) => cards::card(command, global).await,
        Command::NetValues(args) => cards::net(args, global).await,
        Command::Classes(command) => cards::classes(command, global).await,
        Command::Responsible(command) => cards::responsible(command, global).await,
    }
}
