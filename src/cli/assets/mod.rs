//! `hufu assets`: the ledger of fixed assets on the command line.

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
}

/// Runs one of the sub-commands.
///
/// # Errors
/// What the sub-command refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    match &args.command {
        Command::Move(args) => moves::run(args, global).await,
    }
}
