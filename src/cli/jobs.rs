//! `hufu jobs`: work that waits its time, and what became of it.

use sea_orm::Iterable as _;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::jobs::entity::JobState;
use crate::jobs::queue::{self, Wanted};
use crate::kernel::ids::JobId;

/// 后台任务，新的在前；有失败的，退出码为 1
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 状态：waiting、running、done、failed
    #[arg(long)]
    state: Option<String>,
    /// 任务，如 findings.overdue
    #[arg(long)]
    kind: Option<String>,
    /// 早于此任务（翻页）
    #[arg(long, value_name = "ID")]
    before: Option<Uuid>,
    /// 最多行数
    #[arg(long, default_value_t = 50)]
    limit: u64,
}

/// Shows what waits, runs, was done or given up.
///
/// # Errors
/// When the database cannot be read.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let state = args.state.as_deref().map(state_named).transpose()?;
    let db = global.open().await?;
    let wanted = Wanted { state, kind: args.kind.clone(), before: args.before.map(JobId) };
    let rows = queue::list(db.read(), &wanted, args.limit).await?;
    let failed = queue::counts(db.read()).await?.into_iter().any(|(state, _)| state == JobState::Failed);
    if global.json() {
        show::json(&rows);
        return Ok(Done::attention_if(failed));
    }
    let columns = ["任务", "状态", "到期", "次数", "结束", "上次错误"].map(|name| (name, Align::Left));
    let mut table = Table::new(&columns);
    for row in &rows {
        let ended = row.finished_at.map(|at| at.to_string()).unwrap_or_default();
        let tries = format!("{}/{}", row.attempts, row.max_attempts);
        let error = row.last_error.as_deref().unwrap_or_default();
        table.row([&row.kind, row.state.zh(), &row.run_at.to_string(), &tries, &ended, error]);
    }
    if table.is_empty() {
        show::line("没有这样的任务")
    } else {
        table.print()
    }
    Ok(Done::attention_if(failed))
}

fn state_named(name: &str) -> Result<JobState, CliError> {
    let named = |state: &JobState| json!(state).as_str() == Some(name) || state.zh() == name;
    JobState::iter().find(named).ok_or_else(|| CliError::Usage(format!("没有“{name}”这种状态")))
}
