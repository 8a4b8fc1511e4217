//! `hufu certificates`: digital certificates on the command line.

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::certificates::{morning, reminders, store};
use crate::org::Directory;

/// Rows that a list has at most.
const MOST: u64 = 10_000;

/// 数字证书
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出数字证书，谁领用、何时应还
    List,
    /// 早报：昨夜在外的证书，前一日各单位巡查次数
    Morning {
        /// 哪一天，默认今天
        #[arg(long)]
        day: Option<NaiveDate>,
    },
    /// 提醒：逾期未还、今日未巡查，列为问题
    Remind,
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When the database refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    let directory = Directory::load(db.read()).await?;
    match &args.command {
        Command::List => {
            let loans = store::open_loans(db.read()).await?;
            let mut table = Table::new(&[
                ("证书编号", Align::Left),
                ("持有人", Align::Left),
                ("单位", Align::Left),
                ("状态", Align::Left),
                ("应还", Align::Left),
            ]);
            let (mut facts, mut late) = (Vec::new(), false);
            for row in store::list(db.read(), &ctx, None, MOST).await? {
                let due = loans.get(&row.id).map(|loan| loan.due_at);
                let is_late = due.is_some_and(|due| ctx.now() > due);
                late |= is_late;
                let holder = directory.person_name(Some(row.holder_id)).to_owned();
                let unit = directory.unit_name(row.unit_id).to_owned();
                facts.push(json!({ "number": row.number, "holder": holder, "unit": unit, "state": row.state,
                    "due_at": due, "overdue": is_late }));
                let state = if is_late { "逾期未还" } else { row.state.zh() };
                let due = due.map(|due| due.to_string()).unwrap_or_default();
                table.row([row.number, holder, unit, state.to_owned(), due]);
            }
            tell(global, &facts, &table);
            Ok(Done::attention_if(late))
        }
        Command::Morning { day } => {
            let told = morning::of(db.read(), &ctx, day.unwrap_or_else(|| ctx.now().day())).await?;
            let mut table = Table::new(&[
                ("单位", Align::Left),
                ("昨夜在外", Align::Right),
                ("巡查次数", Align::Right),
                ("不符", Align::Right),
            ]);
            let mut facts = Vec::new();
            for (unit, checked) in &told.units {
                let name = directory.unit_name(*unit).to_owned();
                facts
                    .push(json!({ "unit": name, "out": checked.out, "checks": checked.times, "amiss": checked.amiss }));
                table.row([name, checked.out.to_string(), checked.times.to_string(), checked.amiss.to_string()]);
            }
            tell(global, &facts, &table);
            Ok(Done::attention_if(told.units.values().any(|one| one.times == 0 || one.amiss > 0)))
        }
        Command::Remind => {
            let many = reminders::mark(&db, &ctx).await?;
            if global.json() {
                show::json(&json!({ "findings": many }));
            } else {
                show::line(format!("新列 {many} 个问题"));
            }
            Ok(Done::attention_if(many > 0))
        }
    }
}

fn tell(global: &Global, facts: &[serde_json::Value], table: &Table) {
    if global.json() {
        show::json(&facts);
    } else {
        table.print();
    }
}
