//! `hufu findings`: what must be explained, and its steps. Who explains, verifies and closes is named with `--by`, and
//! held to the same rules as in the pages: nobody verifies their own words.

use chrono::NaiveDate;
use clap::Subcommand;
use sea_orm::Iterable as _;
use sea_orm::prelude::Uuid;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::findings::entity::finding;
use crate::findings::model::State;
use crate::findings::service::{self, NewEvidence, Target};
use crate::findings::store::{self, Wanted};
use crate::findings::{EvidenceKind, Kind};
use crate::kernel::ids::FindingId;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::Directory;

/// 问题：差异、异常、逾期，直到销号
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出问题，新的在前
    List {
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 状态：open、assigned、explained、verified、closed，或中文
        #[arg(long)]
        state: Option<String>,
        /// 类别，如 missing、盘亏
        #[arg(long)]
        kind: Option<String>,
        /// 只看逾期未销号的
        #[arg(long)]
        overdue: bool,
        /// 早于此问题（翻页）
        #[arg(long, value_name = "ID")]
        before: Option<Uuid>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 查看一个问题：经过、证据、还缺什么
    Show {
        /// 编号
        id: Uuid,
    },
    /// 交办给一名人员
    Assign {
        /// 编号
        id: Uuid,
        /// 由谁说明（警号或姓名）
        #[arg(long)]
        to: String,
        /// 期限；不写则按该类问题的期限
        #[arg(long, value_name = "DATE")]
        due: Option<NaiveDate>,
    },
    /// 说明情况
    Explain(Words),
    /// 提交证据
    Evidence {
        /// 编号
        id: Uuid,
        /// 类别，如 photo、照片
        #[arg(long)]
        kind: String,
        /// 内容
        #[arg(long)]
        note: String,
        /// 文号或附件
        #[arg(long)]
        reference: Option<String>,
        /// 提交人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 退回说明
    SendBack(Words),
    /// 核实
    Verify(Words),
    /// 销号
    Close(Words),
    /// 重新打开
    Reopen(Words),
}

#[derive(Debug, clap::Args)]
struct Words {
    /// 编号
    id: Uuid,
    /// 说明、意见或原因
    #[arg(long)]
    text: String,
    /// 由谁办理（警号或姓名）
    #[arg(long)]
    by: String,
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When there is no such finding, or the step is not theirs to take.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let desk = Desk { db: &db, ctx: global.ctx()?, directory: Directory::load(db.read()).await?, global };
    match &args.command {
        Command::List { unit, state, kind, overdue, before, limit } => {
            let unit = unit.as_deref().map(|name| desk.directory.find_unit(name)).transpose()?;
            let wanted = Wanted {
                unit,
                state: state.as_deref().map(state_named).transpose()?,
                kind: kind.as_deref().map(kind_named).transpose()?,
                overdue: overdue.then_some(true),
                before: before.map(FindingId),
                ..Wanted::default()
            };
            return desk.list(&store::list(db.read(), &desk.ctx, &wanted, *limit).await?);
        }
        Command::Show { id } => desk.show(FindingId(*id)).await?,
        Command::Assign { id, to, due } => {
            let owner = desk.directory.find_person(to, None)?;
            let due = due.map(Timestamp::end_of_day);
            desk.tell(&service::assign(&db, &desk.ctx, target(*id), owner, due).await?);
        }
        Command::Explain(new) => {
            desk.tell(&service::explain(&db, &desk.acting(&new.by)?, target(new.id), &desk.typed(&new.text)).await?);
        }
        Command::Evidence { id, kind, note, reference, by } => {
            let kind = evidence_named(kind)?;
            let new = NewEvidence { kind, note: desk.typed(note), reference: reference.clone() };
            desk.tell(&service::add_evidence(&db, &desk.acting(by)?, target(*id), new).await?);
        }
        Command::SendBack(new) => {
            desk.tell(&service::send_back(&db, &desk.acting(&new.by)?, target(new.id), &desk.typed(&new.text)).await?);
        }
        Command::Verify(new) => {
            desk.tell(&service::verify(&db, &desk.acting(&new.by)?, target(new.id), &desk.typed(&new.text)).await?);
        }
        Command::Close(new) => {
            desk.tell(&service::close(&db, &desk.acting(&new.by)?, target(new.id), &desk.typed(&new.text)).await?);
        }
        Command::Reopen(new) => {
            desk.tell(&service::reopen(&db, &desk.acting(&new.by)?, target(new.id), &desk.typed(&new.text)).await?);
        }
    }
    Ok(Done::Clean)
}

fn target(id: Uuid) -> Target {
    FindingId(id).into()
}

fn unknown(what: &str, name: &str) -> CliError {
    CliError::Usage(format!("没有“{name}”这{what}"))
}

fn state_named(name: &str) -> Result<State, CliError> {
    let named = |state: &State| json!(state).as_str() == Some(name) || state.zh() == name;
    State::iter().find(named).ok_or_else(|| unknown("种状态", name))
}

fn kind_named(name: &str) -> Result<Kind, CliError> {
    let named = |kind: &&Kind| kind.as_str() == name || kind.zh() == name;
    Kind::ALL.iter().find(named).copied().ok_or_else(|| unknown("类问题", name))
}

fn evidence_named(name: &str) -> Result<EvidenceKind, CliError> {
    let named = |kind: &&EvidenceKind| kind.as_str() == name || kind.zh() == name;
    EvidenceKind::ALL.iter().find(named).copied().ok_or_else(|| unknown("类证据", name))
}

struct Desk<'a> {
    db: &'a Db,
    ctx: Ctx,
    directory: Directory,
    global: &'a Global,
}

impl Desk<'_> {
    /// As the person whose act is typed in at the machine.
    fn acting(&self, by: &str) -> Result<Ctx, CliError> {
        let person = self.directory.find_person(by, None)?;
        Ok(self.ctx.acting_as(Actor::Person(person), Scope::Everything))
    }

    /// What was said, and that somebody else typed it.
    fn typed(&self, text: &str) -> String {
        if text.trim().is_empty() { String::new() } else { format!("{text}（{} 代录）", self.ctx.actor) }
    }

    fn tell(&self, row: &finding::Model) {
        if self.global.json() {
            return show::json(row);
        }
        show::line(format!("{}　{}　{}", row.id, row.title, row.state.zh()));
    }

    fn list(&self, rows: &[finding::Model]) -> Result<Done, CliError> {
        let late = |row: &&finding::Model| row.state != State::Closed && row.deadline_at < self.ctx.now();
        if self.global.json() {
            show::json(&rows);
        } else {
            let columns = ["编号", "类别", "单位", "问题", "状态", "负责人", "期限"].map(|name| (name, Align::Left));
            let mut table = Table::new(&columns);
            for row in rows {
                let unit = row.unit_id.map_or("", |unit| self.directory.unit_name(unit));
                let due = format!("{}{}", row.deadline_at.day(), if late(&row) { " 逾期" } else { "" });
                let owner = self.directory.person_name(row.owner_id);
                table.row([&row.id.to_string(), row.kind.zh(), unit, &row.title, row.state.zh(), owner, &due]);
            }
            if table.is_empty() { show::line("没有这样的问题") } else { table.print() }
        }
        Ok(Done::attention_if(rows.iter().any(|row| late(&row))))
    }

    async fn show(&self, id: FindingId) -> Result<(), CliError> {
        let row = store::one(self.db.read(), &self.ctx, id).await?;
        let events = store::events(self.db.read(), id).await?;
        let evidence = store::evidence(self.db.read(), id).await?;
        let rule = row.kind.rule(row.opened_at);
        let present: Vec<_> = evidence.iter().map(|piece| piece.kind).collect();
        let missing = rule.missing(&present);
        if self.global.json() {
            show::json(&json!({ "finding": row, "events": events, "evidence": evidence, "missing": missing }));
            return Ok(());
        }
        self.tell(&row);
        for line in [&row.description, rule.reason].map(str::trim).into_iter().filter(|line| !line.is_empty()) {
            show::line(line);
        }
        for event in &events {
            show::line(format!("{}　{}　{}　{}", event.at, self.who(&event.actor), event.kind.zh(), event.note));
        }
        for piece in &evidence {
            let reference = piece.reference.as_deref().map(|text| format!("　{text}")).unwrap_or_default();
            show::line(format!("证据　{}　{}{reference}", piece.kind.zh(), piece.note));
        }
        if !missing.is_empty() {
            show::line(format!("尚缺　{}", missing.join("、")));
        }
        Ok(())
    }

    fn who<'b>(&'b self, actor: &'b str) -> &'b str {
        let person = actor.strip_prefix("person:").and_then(|id| id.parse().ok()).map(crate::kernel::ids::PersonId);
        match self.directory.person_name(person) {
            "" => actor,
            name => name,
        }
    }
}
