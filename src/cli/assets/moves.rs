//! `hufu assets move`: documents by which fixed assets move.
//!
//! What goes to a chain is asked for by a person, who is named with `--by`; that it was typed at the machine stands in
//! the document's reason.

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use crate::assets::movements::entity::movement;
use crate::assets::movements::model::{Kind, State};
use crate::assets::movements::service::{self, Ask};
use crate::assets::movements::steps::{self, Acceptance, Finish};
use crate::assets::movements::store::{self, Shown, Wanted};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::db::Db;
use crate::items::store as items;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen};
use crate::org::Directory;

/// 资产变动单
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

/// What every new document says.
#[derive(Debug, clap::Args)]
struct New {
    /// 资产编号
    #[arg(required = true)]
    numbers: Vec<String>,
    /// 事由
    #[arg(long)]
    reason: String,
    /// 申请人（警号或姓名）：须审批的变动以其名义提出
    #[arg(long)]
    by: Option<String>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出变动单，新的在前
    List {
        /// 变动种类（transfer 或 调拨 …）
        #[arg(long)]
        kind: Option<String>,
        /// 状态（asked 或 待审批 …）
        #[arg(long)]
        state: Option<String>,
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 查看一份变动单
    Show {
        /// 变动单编号
        number: String,
    },
    /// 借出（须审批）
    Loan {
        #[command(flatten)]
        new: New,
        /// 借用单位、借用人
        #[arg(long)]
        to: String,
        /// 应归还日期
        #[arg(long)]
        due: NaiveDate,
    },
    /// 归还借出的资产
    Back {
        #[command(flatten)]
        new: New,
    },
    /// 退库：使用人交回，转为闲置
    Return {
        #[command(flatten)]
        new: New,
        /// 存放地点
        #[arg(long)]
        place: Option<String>,
    },
    /// 调拨给另一单位（须审批、对方接收）
    Transfer {
        #[command(flatten)]
        new: New,
        /// 接收单位
        #[arg(long)]
        to: String,
    },
    /// 报废（须审批）
    Scrap {
        #[command(flatten)]
        new: New,
        /// 未满使用年限报废的原因
        #[arg(long, default_value = "")]
        early: String,
    },
    /// 接收调拨
    Accept {
        /// 变动单编号
        number: String,
        /// 接收人（警号或姓名）
        #[arg(long)]
        by: String,
        /// 存放地点
        #[arg(long)]
        place: Option<String>,
        /// 使用人
        #[arg(long)]
        keeper: Option<String>,
    },
    /// 办结：账面从此变更
    CarryOut {
        /// 变动单编号
        number: String,
        /// 集体决策会议纪要编号（处置）
        #[arg(long, default_value = "")]
        decision: String,
        /// 批复文号（处置）
        #[arg(long, default_value = "")]
        approval_number: String,
        /// 处置收入，元
        #[arg(long)]
        proceeds: Option<String>,
        /// 非税收入票据号
        #[arg(long, default_value = "")]
        receipt: String,
    },
    /// 撤回已批准未办结的
    Withdraw {
        /// 变动单编号
        number: String,
        /// 原因
        #[arg(long)]
        reason: String,
        /// 申请人（警号或姓名）：待审批的由其撤回
        #[arg(long)]
        by: Option<String>,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let directory = Directory::load(db.read()).await?;
    let ctx = global.ctx()?;
    let desk = Desk { db: &db, directory: &directory, ctx: &ctx, global };
    match &args.command {
        Command::List { kind, state, unit, limit } => {
            desk.list(kind.as_deref(), state.as_deref(), unit.as_deref(), *limit).await
        }
        Command::Show { number } => desk.show(number).await,
        Command::Loan { new, to, due } => {
            let ask = Ask { counterparty: to.clone(), due_on: Some(*due), ..ask(Kind::Loan, new) };
            desk.ask(new, ask).await
        }
        Command::Back { new } => desk.ask(new, ask(Kind::LoanReturn, new)).await,
        Command::Return { new, place } => {
            let place = place.as_deref().map(|name| directory.find_place(name, None)).transpose()?;
            desk.ask(new, Ask { to_place: place, ..ask(Kind::Return, new) }).await
        }
        Command::Transfer { new, to } => {
            let unit = directory.find_unit(to)?;
            desk.ask(new, Ask { to_unit: Some(unit), ..ask(Kind::Transfer, new) }).await
        }
        Command::Scrap { new, early } => {
            desk.ask(new, Ask { early_reason: early.clone(), ..ask(Kind::Scrap, new) }).await
        }
        Command::Accept { number, by, place, keeper } => {
            let to = Acceptance {
                place: place.as_deref().map(|name| directory.find_place(name, None)).transpose()?,
                keeper: keeper.as_deref().map(|name| directory.find_person(name, None)).transpose()?,
            };
            desk.tell(&steps::accept(&db, &desk.acting(Some(by))?, number, None, to).await?)
        }
        Command::CarryOut { number, decision, approval_number, proceeds, receipt } => {
            let money = |text: &str| Fen::parse_yuan(text).map_err(|error| CliError::Usage(error.to_string()));
            let finish = Finish {
                decision: decision.clone(),
                approval_number: approval_number.clone(),
                proceeds: proceeds.as_deref().map(money).transpose()?,
                receipt: receipt.clone(),
            };
            desk.tell(&steps::carry_out(&db, &ctx, number, None, &finish).await?)
        }
        Command::Withdraw { number, reason, by } => {
            desk.tell(&steps::withdraw(&db, &desk.acting(by.as_deref())?, number, None, reason).await?)
        }
    }
}

fn ask(kind: Kind, new: &New) -> Ask {
    Ask::of(kind, new.numbers.clone(), &new.reason)
}

pub(super) struct Desk<'a> {
    pub(super) db: &'a Db,
    pub(super) directory: &'a Directory,
    pub(super) ctx: &'a Ctx,
    pub(super) global: &'a Global,
}

impl Desk<'_> {
    /// Whoever sits at the machine, or whom they name.
    pub(super) fn acting(&self, by: Option<&str>) -> Result<Ctx, CliError> {
        let Some(by) = by else { return Ok(self.ctx.clone()) };
        let person = self.directory.find_person(by, None)?;
        Ok(self.ctx.acting_as(Actor::Person(person), Scope::Everything))
    }

    async fn ask(&self, new: &New, mut ask: Ask) -> Result<Done, CliError> {
        if ask.kind.chain().is_some() && new.by.is_none() {
            return Err(CliError::Usage(format!("{}须经审批，请用 --by 写明申请人", ask.kind.zh())));
        }
        if new.by.is_some() {
            ask.reason = format!("{}（{} 代录）", ask.reason, self.ctx.actor);
        }
        self.tell(&service::ask(self.db, &self.acting(new.by.as_deref())?, &ask).await?)
    }

    fn tell(&self, row: &movement::Model) -> Result<Done, CliError> {
        if self.global.json() {
            show::json(
                &json!({ "number": row.number, "kind": row.kind, "state": row.state, "things": row.line_count }),
            );
        } else {
            show::line(format!("{} {} · {} 件 · {}", row.kind.zh(), row.number, row.line_count, row.state.zh()));
        }
        Ok(Done::Clean)
    }

    async fn list(
        &self,
        kind: Option<&str>,
        state: Option<&str>,
        unit: Option<&str>,
        limit: u64,
    ) -> Result<Done, CliError> {
        let unknown = |what: &str, name: &str| CliError::Usage(format!("没有“{name}”这一{what}"));
        let kind = kind.map(|name| Kind::by_name(name).ok_or_else(|| unknown("类变动", name))).transpose()?;
        let state = state.map(|name| State::by_name(name).ok_or_else(|| unknown("状态", name))).transpose()?;
        let unit = unit.map(|name| self.directory.find_unit(name)).transpose()?;
        let wanted = Wanted { kind, state, unit, ..Wanted::default() };
        let rows = store::list(self.db.read(), self.ctx, &wanted, limit.min(1_000)).await?;
        if self.global.json() {
            show::json(&rows.iter().map(|one| self.fact(one)).collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("变动", Align::Left),
            ("状态", Align::Left),
            ("使用单位", Align::Left),
            ("接收单位", Align::Left),
            ("件数", Align::Right),
            ("事由", Align::Left),
        ]);
        for one in &rows {
            let row = &one.row;
            table.row([
                row.number.clone(),
                row.kind.zh().to_owned(),
                one.state.zh().to_owned(),
                self.directory.unit_name(row.unit_id).to_owned(),
                row.to_unit_id.map_or("", |unit| self.directory.unit_name(unit)).to_owned(),
                row.line_count.to_string(),
                row.reason.clone(),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    fn fact(&self, one: &Shown) -> serde_json::Value {
        let row = &one.row;
        json!({ "number": row.number, "kind": row.kind, "state": one.state,
            "unit": self.directory.unit_name(row.unit_id),
            "to_unit": row.to_unit_id.map(|unit| self.directory.unit_name(unit)),
            "things": row.line_count, "value_fen": row.value_fen, "reason": row.reason, "asked_at": row.asked_at })
    }

    async fn show(&self, number: &str) -> Result<Done, CliError> {
        let one = store::one(self.db.read(), self.ctx, number).await?;
        let lines = store::lines(self.db.read(), one.row.id).await?;
        let ids: Vec<_> = lines.iter().map(|line| line.item_id).collect();
        let things = items::by_ids(self.db.read(), &ids).await?;
        let numbers: Vec<&str> =
            ids.iter().filter_map(|id| things.get(id)).map(|thing| thing.item_number.as_str()).collect();
        if self.global.json() {
            let mut fact = self.fact(&one);
            fact["items"] = json!(numbers);
            show::json(&fact);
            return Ok(Done::Clean);
        }
        let row = &one.row;
        show::line(format!("{} {} · {}", row.kind.zh(), row.number, one.state.zh()));
        show::line(format!(
            "{} · {} 件 · {} 元 · {}",
            self.directory.unit_name(row.unit_id),
            row.line_count,
            row.value_fen,
            row.reason
        ));
        numbers.iter().for_each(|number| show::line(format!("  {number}")));
        Ok(Done::Clean)
    }
}
