//! `hufu assets missing`: missing things, from the list that is sent down to the write-off.
//!
//! What is confirmed, judged and asked for is a person's, who is named with `--by`.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use crate::assets::missing::model::{Degree, Outcome};
use crate::assets::missing::paper;
use crate::assets::missing::procedure;
use crate::assets::missing::sending::{self, SendDown};
use crate::assets::missing::service::{self, Finding, NewLog};
use crate::assets::missing::steps::{self, Judgment, WriteOff};
use crate::assets::missing::store::{self, Case, Wanted};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::db::Db;
use crate::kernel::ids::MissingCaseId;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen};
use crate::org::Directory;
use crate::stocktake::model::MissingState;

/// 盘亏资产
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出盘亏
    List {
        /// 清单年度
        #[arg(long)]
        year: Option<i64>,
        /// 状态（searching 或 查找中 …）
        #[arg(long)]
        state: Option<String>,
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 100)]
        limit: u64,
    },
    /// 各年度、各单位的件数，与复盘找回的件数
    Figures,
    /// 查看一件资产的盘亏：线索、查找记录、流程事项
    Show {
        /// 资产编号
        number: String,
    },
    /// 下发一个年度的盘亏清单
    Send {
        /// 清单年度
        #[arg(long)]
        year: i64,
        /// 单位；不写则全部单位
        #[arg(long)]
        unit: Vec<String>,
        /// 办理期限
        #[arg(long)]
        due: NaiveDate,
        /// 要求
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 签收下发的清单
    Ack {
        /// 清单编号
        number: String,
        /// 签收人（警号或姓名）
        #[arg(long)]
        by: String,
        /// 回执
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 登记查找
    Search {
        /// 资产编号
        number: String,
        /// 查找地点（编号或名称）
        #[arg(long)]
        place: Option<String>,
        /// 具体位置
        #[arg(long, default_value = "")]
        at: String,
        /// 查找人（警号或姓名）
        #[arg(long)]
        who: String,
        /// 结果（not_found 或 未找到、trace 或 有线索）
        #[arg(long, default_value = "not_found")]
        result: String,
        /// 情况
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 说明盘亏原因
    Explain {
        /// 资产编号
        number: String,
        /// 盘亏原因
        #[arg(long)]
        reason: String,
    },
    /// 登记找回
    Found {
        /// 资产编号
        number: String,
        /// 找回地点
        #[arg(long)]
        place: Option<String>,
        /// 找回经过
        #[arg(long)]
        note: String,
    },
    /// 确认盘亏
    Confirm {
        /// 资产编号
        number: String,
        /// 确认人（警号或姓名），不能是保管人
        #[arg(long)]
        by: String,
    },
    /// 退回继续查找
    Resume {
        /// 资产编号
        number: String,
        /// 原因
        #[arg(long)]
        reason: String,
    },
    /// 认定责任
    Judge {
        /// 资产编号
        number: String,
        /// 责任程度（none 或 无责任、minor 或 次要责任 …）
        #[arg(long)]
        degree: String,
        /// 责任人（警号或姓名）
        #[arg(long)]
        who: Option<String>,
        /// 认定依据
        #[arg(long)]
        basis: String,
        /// 赔偿，元
        #[arg(long)]
        paid: Option<String>,
        /// 收款票据号
        #[arg(long, default_value = "")]
        receipt: String,
        /// 认定人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 报批核销
    Ask {
        /// 资产编号
        number: String,
        /// 核销事由
        #[arg(long)]
        reason: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 流程事项打勾
    Tick {
        /// 资产编号
        number: String,
        /// 事项序号，如 1.1
        step: String,
        /// 撤销打勾，写明原因
        #[arg(long)]
        undo: Option<String>,
    },
    /// 核销：资产从此不在账上
    WriteOff {
        /// 资产编号
        number: String,
        /// 集体决策会议纪要编号
        #[arg(long)]
        decision: String,
        /// 批复文号
        #[arg(long)]
        approval_number: String,
        /// 会计凭证号
        #[arg(long)]
        voucher: String,
        /// 会计凭证日期
        #[arg(long)]
        voucher_on: NaiveDate,
    },
    /// 写出盘亏资产确认表（PDF）
    Form {
        /// 资产编号
        number: String,
        /// 文件
        #[arg(long)]
        out: PathBuf,
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
        Command::List { year, state, unit, limit } => desk.list(*year, state.as_deref(), unit.as_deref(), *limit).await,
        Command::Figures => desk.figures().await,
        Command::Show { number } => desk.show(number).await,
        Command::Send { year, unit, due, note } => desk.send(*year, unit, *due, note).await,
        Command::Ack { number, by, note } => {
            let row = sending::acknowledge(&db, &desk.acting(by)?, number, None, note).await?;
            show::line(format!("{} 已签收", row.number));
            Ok(Done::Clean)
        }
        Command::Form { number, out } => desk.form(number, out).await,
        other => desk.step(other).await,
    }
}

struct Desk<'a> {
    db: &'a Db,
    directory: &'a Directory,
    ctx: &'a Ctx,
    global: &'a Global,
}

impl Desk<'_> {
    /// Whom they name.
    fn acting(&self, by: &str) -> Result<Ctx, CliError> {
        let person = self.directory.find_person(by, None)?;
        Ok(self.ctx.acting_as(Actor::Person(person), Scope::Everything))
    }

    async fn id(&self, number: &str) -> Result<MissingCaseId, CliError> {
        Ok(store::of_number(self.db.read(), self.ctx, number).await?.case.id)
    }

    /// What somebody does about one thing.
    async fn step(&self, command: &Command) -> Result<Done, CliError> {
        let (db, ctx) = (self.db, self.ctx);
        let place =
            |name: &Option<String>| name.as_deref().map(|name| self.directory.find_place(name, None)).transpose();
        let one = match command {
            Command::Search { number, place: at_place, at, who, result, note } => {
                let id = self.id(number).await?;
                let unknown = || CliError::Usage(format!("没有“{result}”这一结果"));
                let new = NewLog {
                    searcher: Some(self.directory.find_person(who, None)?),
                    place: place(at_place)?,
                    whereabouts: at.clone(),
                    at: None,
                    result: Outcome::by_name(result).ok_or_else(unknown)?,
                    note: note.clone(),
                };
                service::log(db, ctx, id, &new).await?;
                store::one(db.read(), ctx, id).await?
            }
            Command::Explain { number, reason } => {
                service::explain(db, ctx, self.id(number).await?, None, reason).await?
            }
            Command::Found { number, place: at_place, note } => {
                let found = Finding { place: place(at_place)?, note: note.clone(), ..Finding::default() };
                service::find(db, ctx, self.id(number).await?, None, &found).await?
            }
            Command::Confirm { number, by } => {
                steps::confirm(db, &self.acting(by)?, self.id(number).await?, None).await?
            }
            Command::Resume { number, reason } => steps::resume(db, ctx, self.id(number).await?, None, reason).await?,
            Command::Judge { number, degree, who, basis, paid, receipt, by } => {
                let unknown = || CliError::Usage(format!("没有“{degree}”这一责任程度"));
                let money = |text: &str| Fen::parse_yuan(text).map_err(|error| CliError::Usage(error.to_string()));
                let judgment = Judgment {
                    degree: Degree::by_name(degree).ok_or_else(unknown)?,
                    responsible: who.as_deref().map(|who| self.directory.find_person(who, None)).transpose()?,
                    basis: basis.clone(),
                    compensation: paid.as_deref().map(money).transpose()?,
                    receipt: receipt.clone(),
                };
                steps::judge(db, &self.acting(by)?, self.id(number).await?, None, &judgment).await?
            }
            Command::Ask { number, reason, by } => {
                let reason = format!("{reason}（{} 代录）", ctx.actor);
                steps::ask(db, &self.acting(by)?, self.id(number).await?, None, &reason).await?
            }
            Command::Tick { number, step, undo } => {
                let id = self.id(number).await?;
                let note = undo.as_deref().unwrap_or_default();
                procedure::tick(db, ctx, id, step, undo.is_none(), note).await?;
                store::one(db.read(), ctx, id).await?
            }
            Command::WriteOff { number, decision, approval_number, voucher, voucher_on } => {
                let with = WriteOff {
                    decision: decision.clone(),
                    approval_number: approval_number.clone(),
                    voucher_number: voucher.clone(),
                    voucher_on: Some(*voucher_on),
                };
                steps::write_off(db, ctx, self.id(number).await?, None, &with).await?
            }
            _ => return Err(CliError::Usage("没有这个命令".to_owned())),
        };
        self.tell(&one)
    }

    fn fact(&self, one: &Case) -> serde_json::Value {
        json!({ "item_number": one.thing.item_number, "name": one.thing.name, "list_year": one.case.list_year,
            "unit": self.directory.unit_name(one.loss.unit_id), "state": one.standing.state,
            "asked": one.standing.asked, "value_fen": one.thing.value_fen, "explanation": one.loss.explanation })
    }

    fn tell(&self, one: &Case) -> Result<Done, CliError> {
        if self.global.json() {
            show::json(&self.fact(one));
        } else {
            let asked = if one.standing.asked { "，正在审批" } else { "" };
            let (thing, year) = (&one.thing, one.case.list_year);
            show::line(format!(
                "{} {} · {year} 年盘亏 · {}{asked}",
                thing.item_number,
                thing.name,
                one.standing.state.zh()
            ));
        }
        Ok(Done::Clean)
    }

    async fn list(
        &self,
        list_year: Option<i64>,
        state: Option<&str>,
        unit: Option<&str>,
        limit: u64,
    ) -> Result<Done, CliError> {
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| MissingState::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
        let unit = unit.map(|name| self.directory.find_unit(name)).transpose()?;
        let wanted = Wanted { state, list_year, unit, ..Wanted::default() };
        let rows = store::list(self.db.read(), self.ctx, &wanted, limit.min(10_000)).await?;
        if self.global.json() {
            show::json(&rows.iter().map(|one| self.fact(one)).collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        let left = |name| (name, Align::Left);
        let mut table = Table::new(&[
            left("资产编号"),
            left("名称"),
            left("年度"),
            left("单位"),
            left("状态"),
            ("原值（元）", Align::Right),
        ]);
        for one in &rows {
            table.row([
                one.thing.item_number.clone(),
                one.thing.name.clone(),
                one.case.list_year.to_string(),
                self.directory.unit_name(one.loss.unit_id).to_owned(),
                one.standing.state.zh().to_owned(),
                one.thing.value_fen.to_string(),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    async fn figures(&self) -> Result<Done, CliError> {
        let tallies = store::tallies(self.db.read(), self.ctx).await?;
        let recovered = store::recovered(self.db.read(), self.ctx).await?;
        if self.global.json() {
            let tally = |one: &store::Tally| {
                json!({ "list_year": one.list_year, "unit": self.directory.unit_name(one.unit_id),
                "state": one.state, "cases": one.cases, "value_fen": one.value_fen })
            };
            let again = |one: &store::Recovered| {
                json!({ "list_year": one.list_year, "found_year": one.found_year,
                "things": one.things, "by_count": one.by_count })
            };
            show::json(&json!({ "tallies": tallies.iter().map(tally).collect::<Vec<_>>(),
                "recovered": recovered.iter().map(again).collect::<Vec<_>>() }));
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("年度", Align::Left),
            ("单位", Align::Left),
            ("状态", Align::Left),
            ("件数", Align::Right),
            ("原值（元）", Align::Right),
        ]);
        for one in &tallies {
            table.row([
                one.list_year.to_string(),
                self.directory.unit_name(one.unit_id).to_owned(),
                one.state.zh().to_owned(),
                one.cases.to_string(),
                one.value_fen.to_string(),
            ]);
        }
        table.print();
        for one in &recovered {
            show::line(format!(
                "{} 年找回 {} 年盘亏 {} 件（其中盘点找回 {} 件）",
                one.found_year, one.list_year, one.things, one.by_count
            ));
        }
        Ok(Done::Clean)
    }

    async fn show(&self, number: &str) -> Result<Done, CliError> {
        let db = self.db.read();
        let one = store::of_number(db, self.ctx, number).await?;
        let steps = procedure::of_case(db, &one.case).await?;
        let logs = store::logs(db, one.case.id).await?;
        let lead = store::leads(db, &[one.thing.id]).await?.remove(&one.thing.id).unwrap_or_default();
        if self.global.json() {
            let mut fact = self.fact(&one);
            fact["lead"] = lead.into();
            fact["searches"] = logs.len().into();
            fact["steps"] = json!(
                steps
                    .iter()
                    .map(|one| json!({ "step": one.step.code, "done": one.done,
                "required": one.step.required }))
                    .collect::<Vec<_>>()
            );
            show::json(&fact);
            return Ok(Done::Clean);
        }
        self.tell(&one)?;
        if !lead.is_empty() && one.case.state.is_open() {
            show::line(format!("线索：{lead}"));
        }
        for log in &logs {
            let place = format!("{} {}", self.directory.place_name(log.place_id), log.place);
            let who = self.directory.person_name(log.searcher_id);
            show::line(format!("{} {who} {} {} {}", log.searched_at, place.trim(), log.result.zh(), log.note));
        }
        for one in &steps {
            let done = if one.done { "✓" } else { " " };
            let required = if one.step.required { "" } else { "（需要时）" };
            show::line(format!("[{done}] {} {}{required}", one.step.code, one.step.title));
        }
        Ok(Done::Clean)
    }

    async fn send(&self, list_year: i64, units: &[String], due_on: NaiveDate, note: &str) -> Result<Done, CliError> {
        let units = units.iter().map(|name| self.directory.find_unit(name)).collect::<Result<Vec<_>, _>>()?;
        let new = SendDown { list_year, units, due_on, note: note.to_owned() };
        let sent = sending::send_down(self.db, self.ctx, &new).await?;
        if self.global.json() {
            let fact = |row: &crate::assets::missing::entity::loss_list::Model| {
                json!({ "number": row.number,
                "unit": self.directory.unit_name(row.unit_id), "things": row.line_count })
            };
            show::json(&sent.iter().map(fact).collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        for row in &sent {
            let unit = self.directory.unit_name(row.unit_id);
            show::line(format!("{} 下发{unit} · {} 件 · 期限 {}", row.number, row.line_count, row.due_on));
        }
        Ok(Done::Clean)
    }

    async fn form(&self, number: &str, out: &std::path::Path) -> Result<Done, CliError> {
        let one = store::of_number(self.db.read(), self.ctx, number).await?;
        let form = paper::confirmation(self.db.read(), self.ctx, one).await?;
        let bytes = form.bytes()?;
        std::fs::write(out, bytes).map_err(|source| CliError::file(out, source))?;
        show::line(format!("已写出 {}", out.display()));
        Ok(Done::Clean)
    }
}
