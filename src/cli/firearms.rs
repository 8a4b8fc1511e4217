//! `hufu firearms`: the ledger of firearms on the command line.

mod cabinets;
mod watch;

use std::path::{Path, PathBuf};

use chrono::{Datelike as _, Months, NaiveDate};
use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::access::rules::Rules;
use crate::db::Db;
use crate::firearms::draws::store as draws;
use crate::firearms::model::{ArmState, StoreKind};
use crate::firearms::officers::{OTHERWISE_RESULT_DAYS, RESULT_DAYS};
use crate::firearms::registers::{self, Book};
use crate::firearms::store::{self, Arm, Wanted};
use crate::firearms::transfers::model::State;
use crate::firearms::{alarms, arms, model, transfers, upkeep};
use crate::kernel::Ctx;
use crate::org::Directory;

/// Rows that a list has at most.
const MOST: u64 = 10_000;

/// 公务用枪
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 枪弹库，各有多少枪、弹
    Stores,
    /// 列出枪支；枪号只显示后四位
    List {
        /// 枪弹库编号
        #[arg(long)]
        store: Option<String>,
        /// 管理状态（在库、不在库、故障 …）
        #[arg(long)]
        state: Option<String>,
        /// 编号、枪号、类型中含有的文字
        #[arg(long, default_value = "")]
        text: String,
    },
    /// 查看一支枪；查看会记入日志
    Show {
        /// 资产编号、标签码、枪证号码或枪号
        gun: String,
    },
    /// 配枪人员，今天谁不能领枪、为什么
    Officers,
    /// 领枪单，新的在前
    Draws {
        /// 只看枪在外的
        #[arg(long)]
        out: bool,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 擦拭保养单，新的在前
    Upkeeps {
        /// 状态（待审批、待保养、保养中 …）
        #[arg(long)]
        state: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 枪弹调拨单，新的在前；在途、到货不符的以退出码 1 提醒
    Transfers {
        /// 状态（待发运、在途、到货不符 …）
        #[arg(long)]
        state: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 四本、两账：draws 领用审批、shifts 值班交接、upkeep 擦拭保养、visits 进出库、equipment 配备枪支弹药、officers 配枪人员
    Register {
        /// 哪一本
        book: String,
        /// 枪弹库编号
        #[arg(long)]
        store: String,
        /// 月份 [默认：本月]
        #[arg(long, value_name = "YYYY-MM", conflicts_with_all = ["from", "until"])]
        month: Option<String>,
        /// 开始日期
        #[arg(long, value_name = "YYYY-MM-DD", requires = "until")]
        from: Option<NaiveDate>,
        /// 截止日期
        #[arg(long, value_name = "YYYY-MM-DD", requires = "from")]
        until: Option<NaiveDate>,
        /// 写到文件（.pdf 或 .csv）[默认：显示]
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// 提醒：逾期未还的枪、将到期的持枪证、枪柜记录与登记不符、未检查的枪弹库，列为问题
    Alarms,
    /// 枪柜终端：登记、换钥、吊销，看枪柜记录
    #[command(subcommand)]
    Cabinets(cabinets::Command),
    #[command(flatten)]
    Watch(watch::Command),
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let desk = Desk { directory: Directory::load(db.read()).await?, ctx: global.ctx()?, db, global };
    match &args.command {
        Command::Stores => desk.stores().await,
        Command::List { store, state, text } => desk.list(store.as_deref(), state.as_deref(), text).await,
        Command::Show { gun } => desk.show(gun).await,
        Command::Officers => desk.officers().await,
        Command::Draws { out, limit } => desk.draws(*out, *limit).await,
        Command::Upkeeps { state, limit } => desk.upkeeps(state.as_deref(), *limit).await,
        Command::Transfers { state, limit } => desk.transfers(state.as_deref(), *limit).await,
        Command::Register { book, store, month, from, until, out } => {
            let days = desk.days(month.as_deref(), from.zip(*until))?;
            desk.register(book, store, days, out.as_deref()).await
        }
        Command::Alarms => {
            let many = alarms::mark(&desk.db, &desk.ctx).await?;
            if global.json() {
                show::json(&json!({ "findings": many }));
            } else {
                show::line(format!("新列 {many} 个问题"));
            }
            Ok(Done::attention_if(many > 0))
        }
        Command::Cabinets(command) => cabinets::run(&desk, command).await,
        Command::Watch(command) => watch::run(&desk, command).await,
    }
}

struct Desk<'a> {
    db: Db,
    directory: Directory,
    ctx: Ctx,
    global: &'a Global,
}

impl Desk<'_> {
    async fn stores(&self) -> Result<Done, CliError> {
        let db = self.db.read();
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("名称", Align::Left),
            ("类别", Align::Left),
            ("单位", Align::Left),
            ("在库", Align::Right),
            ("不在库", Align::Right),
            ("弹药（发）", Align::Right),
        ]);
        let mut facts = Vec::new();
        for row in store::armouries(db, &self.ctx).await? {
            let (mut shelf, mut out, mut rounds) = (0, 0, 0);
            match row.kind {
                StoreKind::Gun => {
                    let wanted = Wanted { armoury: Some(row.id), ..Wanted::default() };
                    for one in store::list(db, &self.ctx, &wanted, MOST).await? {
                        shelf += usize::from(one.arm.state.is_on_shelf());
                        out += usize::from(one.arm.state == ArmState::Out);
                    }
                }
                StoreKind::Ammunition => {
                    rounds = store::stock(db, row.id).await?.iter().map(|(stock, _)| stock.rounds).sum();
                }
            }
            let unit = self.directory.unit_name(row.unit_id).to_owned();
            facts.push(json!({ "number": row.number, "name": row.name, "kind": row.kind, "unit": unit,
                "in_store": shelf, "out": out, "rounds": rounds }));
            let kind = row.kind.zh().to_owned();
            table.row([row.number, row.name, kind, unit, shelf.to_string(), out.to_string(), rounds.to_string()]);
        }
        self.tell(&facts, &table)
    }

    fn tell(&self, facts: &[serde_json::Value], table: &Table) -> Result<Done, CliError> {
        if self.global.json() {
            show::json(&facts);
        } else {
            table.print();
        }
        Ok(Done::Clean)
    }

    fn fact(&self, one: &Arm, serial: &str) -> serde_json::Value {
        json!({ "item_number": one.item.item_number, "model": one.arm.model, "serial": serial,
            "state": one.arm.state, "unit": self.directory.unit_name(one.item.unit_id), "note": one.arm.state_note })
    }

    async fn list(&self, of: Option<&str>, state: Option<&str>, text: &str) -> Result<Done, CliError> {
        let armoury = match of {
            Some(number) => Some(store::armoury(self.db.read(), &self.ctx, number).await?.id),
            None => None,
        };
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| ArmState::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
        let wanted = Wanted { armoury, state, text: text.to_owned(), ..Wanted::default() };
        let rows = store::list(self.db.read(), &self.ctx, &wanted, MOST).await?;
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("类型", Align::Left),
            ("枪号", Align::Left),
            ("单位", Align::Left),
            ("状态", Align::Left),
        ]);
        let mut facts = Vec::new();
        for one in &rows {
            let serial = model::masked(&one.arm.serial);
            facts.push(self.fact(one, &serial));
            let unit = self.directory.unit_name(one.item.unit_id).to_owned();
            let state = one.arm.state.zh().to_owned();
            table.row([one.item.item_number.clone(), one.arm.model.clone(), serial, unit, state]);
        }
        self.tell(&facts, &table)
    }

    async fn show(&self, gun: &str) -> Result<Done, CliError> {
        let one = arms::look(&self.db, &self.ctx, gun).await?;
        if self.global.json() {
            show::json(&self.fact(&one, &one.arm.serial));
            return Ok(Done::Clean);
        }
        let (arm, unit) = (&one.arm, self.directory.unit_name(one.item.unit_id));
        show::line(format!("{} {} 枪号 {} · {}", one.item.item_number, arm.model, arm.serial, arm.state.zh()));
        show::line(format!(
            "{unit} · {} · 枪证 {} · 痕迹建档 {}",
            arm.issue.zh(),
            arm.certificate,
            arm.ballistic_record
        ));
        Ok(Done::Clean)
    }

    async fn draws(&self, out: bool, limit: u64) -> Result<Done, CliError> {
        let wanted = draws::Wanted { out, ..draws::Wanted::default() };
        let rows = draws::list(self.db.read(), &self.ctx, &wanted, limit.min(MOST)).await?;
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("状态", Align::Left),
            ("领枪人", Align::Left),
            ("类型", Align::Left),
            ("子弹", Align::Right),
            ("领枪", Align::Left),
            ("应还", Align::Left),
        ]);
        let (mut facts, mut late) = (Vec::new(), false);
        for one in rows {
            let is_late = one.state.is_out() && self.ctx.now() > one.row.due_at;
            late |= is_late;
            let state = if is_late { "逾期未还" } else { one.state.zh() };
            let row = one.row;
            let name = self.directory.person_name(Some(row.drawer_id)).to_owned();
            facts.push(json!({ "number": row.number, "state": one.state, "overdue": is_late, "drawer": name,
                "model": row.model_key, "rounds_out": row.rounds_out, "out_at": row.out_at, "due_at": row.due_at,
                "returned": row.rounds_back, "fired": row.rounds_fired, "damaged": row.rounds_damaged,
                "lost": row.rounds_lost }));
            let out_at = row.out_at.map(|at| at.to_string()).unwrap_or_default();
            let rounds = row.rounds_out.to_string();
            let due_at = row.due_at.to_string();
            table.row([row.number, state.to_owned(), name, row.model_key, rounds, out_at, due_at]);
        }
        self.tell(&facts, &table)?;
        Ok(Done::attention_if(late))
    }

    async fn upkeeps(&self, state: Option<&str>, limit: u64) -> Result<Done, CliError> {
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| upkeep::model::State::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
        let db = self.db.read();
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("状态", Align::Left),
            ("单位", Align::Left),
            ("枪支数", Align::Right),
            ("原因", Align::Left),
            ("申请人", Align::Left),
            ("申请时间", Align::Left),
        ]);
        let mut facts = Vec::new();
        for row in upkeep::store::list(db, &self.ctx, state, limit.min(MOST)).await? {
            let guns = upkeep::store::lines(db, row.id).await?.len();
            let unit = self.directory.unit_name(row.unit_id).to_owned();
            let applicant = self.directory.person_name(Some(row.applicant_id)).to_owned();
            facts.push(json!({ "number": row.number, "state": row.state, "unit": unit, "guns": guns,
                "reason": row.reason, "applicant": applicant, "asked_at": row.asked_at, "ended_at": row.ended_at }));
            let (state, asked_at) = (row.state.zh().to_owned(), row.asked_at.to_string());
            table.row([row.number, state, unit, guns.to_string(), row.reason, applicant, asked_at]);
        }
        self.tell(&facts, &table)
    }

    async fn transfers(&self, state: Option<&str>, limit: u64) -> Result<Done, CliError> {
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| State::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
        let db = self.db.read();
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("状态", Align::Left),
            ("类别", Align::Left),
            ("调出单位", Align::Left),
            ("调入单位", Align::Left),
            ("应到", Align::Right),
            ("已到", Align::Right),
            ("情况", Align::Left),
        ]);
        let (mut facts, mut waits) = (Vec::new(), false);
        for row in transfers::store::list(db, &self.ctx, state, limit.min(MOST)).await? {
            waits |= matches!(row.state, State::OnTheWay | State::Differing);
            let lines = transfers::store::lines(db, row.id).await?;
            let sent: i64 = lines.iter().map(|line| line.quantity).sum();
            let arrived: i64 = lines.iter().map(|line| line.arrived).sum();
            let [from, to] = [row.from_unit_id, row.to_unit_id].map(|id| self.directory.unit_name(id).to_owned());
            facts.push(json!({ "number": row.number, "state": row.state, "kind": row.store_kind, "from": from,
                "to": to, "sent": sent, "arrived": arrived, "note": row.note }));
            let (state, kind) = (row.state.zh().to_owned(), row.store_kind.zh().to_owned());
            table.row([row.number, state, kind, from, to, sent.to_string(), arrived.to_string(), row.note]);
        }
        self.tell(&facts, &table)?;
        Ok(Done::attention_if(waits))
    }

    fn days(
        &self,
        month: Option<&str>,
        days: Option<(NaiveDate, NaiveDate)>,
    ) -> Result<(NaiveDate, NaiveDate), CliError> {
        if let Some(days) = days {
            return Ok(days);
        }
        let wrong = |text: &str| CliError::Usage(format!("“{text}”应写成 YYYY-MM"));
        let first = match month {
            None => self.ctx.now().day().with_day(1),
            Some(text) => Some(NaiveDate::parse_from_str(&format!("{text}-01"), "%Y-%m-%d").map_err(|_| wrong(text))?),
        };
        let first = first.ok_or_else(|| wrong(month.unwrap_or_default()))?;
        let last = first.checked_add_months(Months::new(1)).and_then(|next| next.pred_opt());
        Ok((first, last.unwrap_or(first)))
    }

    async fn register(
        &self,
        book: &str,
        of: &str,
        days: (NaiveDate, NaiveDate),
        out: Option<&Path>,
    ) -> Result<Done, CliError> {
        let book = Book::by_name(book).ok_or_else(|| CliError::Usage(format!("没有“{book}”这一登记本")))?;
        let read = registers::read(&self.db, &self.ctx, book, of, days).await?;
        if let Some(path) = out {
            let bytes = match path.extension().and_then(|ending| ending.to_str()) {
                Some("pdf") => read.bytes()?,
                Some("csv") => read.csv(),
                _ => return Err(CliError::Usage("文件名应以 .pdf 或 .csv 结尾".to_owned())),
            };
            super::assets::put(path, &bytes)?;
            show::line(format!("{}", path.display()));
            return Ok(Done::Clean);
        }
        if self.global.json() {
            let part = |part: &registers::Part| {
                let columns: Vec<&str> = part.columns.iter().map(|(name, _)| *name).collect();
                json!({ "title": part.title, "columns": columns, "rows": part.rows })
            };
            let parts: Vec<_> = read.parts.iter().map(part).collect();
            show::json(&json!({ "book": read.book, "unit": read.unit, "store": read.store, "parts": parts }));
            return Ok(Done::Clean);
        }
        for part in &read.parts {
            if !part.title.is_empty() {
                show::line(part.title);
            }
            let columns: Vec<_> = part.columns.iter().map(|(name, _)| (*name, Align::Left)).collect();
            let mut table = Table::new(&columns);
            part.rows.iter().for_each(|row| table.row(row.clone()));
            table.print();
        }
        Ok(Done::Clean)
    }

    async fn officers(&self) -> Result<Done, CliError> {
        let (db, now) = (self.db.read(), self.ctx.now());
        let days = Rules::load(db).await?.number(RESULT_DAYS, now, OTHERWISE_RESULT_DAYS);
        let mut table = Table::new(&[("姓名", Align::Left), ("持枪证有效期", Align::Left), ("今天", Align::Left)]);
        let (mut facts, mut unfit) = (Vec::new(), false);
        for row in store::officers(db).await? {
            let fitness = store::fitness(db, row.person_id, now.day()).await?;
            let why = fitness.check(now.day(), days).err().map(|why| why.to_string());
            unfit |= why.is_some();
            let name = self.directory.person_name(Some(row.person_id)).to_owned();
            facts.push(json!({ "name": name, "valid_until": row.valid_until, "why_not": why }));
            table.row([name, row.valid_until.to_string(), why.unwrap_or_else(|| "可领枪".to_owned())]);
        }
        self.tell(&facts, &table)?;
        Ok(Done::attention_if(unfit))
    }
}
