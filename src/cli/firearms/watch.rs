//! `hufu firearms shifts | visits | inspections | audits | bulletins`: who watches over the armouries, on the command line.
//! What somebody signs for in person is done in the browser.

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;
use uuid::Uuid;

use super::Desk;
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, show};
use crate::firearms::audits::{service as audits, store as audit_store};
use crate::firearms::bulletins::{service as bulletins, store as bulletin_store};
use crate::firearms::inspections::model::State as Inspected;
use crate::firearms::inspections::{service as inspections, store as inspection_store};
use crate::firearms::shifts::store as shifts;
use crate::firearms::shifts::visits::{self, NewVisit};
use crate::firearms::store as registry;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 交接班，新的在前；给出编号时列出清点明细
    Shifts {
        /// 交接编号
        number: Option<String>,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 人员进出库登记
    Visits {
        /// 枪弹库编号
        store: String,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 登记进库；没有同行人员的列为问题
    Enter {
        /// 枪弹库编号
        store: String,
        /// 姓名
        #[arg(long)]
        visitor: String,
        /// 职务、单位
        #[arg(long, default_value = "")]
        post: String,
        /// 同行人数，不含本人
        #[arg(long)]
        companions: i64,
        /// 事由
        #[arg(long)]
        reason: String,
    },
    /// 登记出库
    Leave {
        /// 进出库登记的标识（visits --json 可见）
        visit: Uuid,
        /// 检查情况
        #[arg(long, default_value = "")]
        findings: String,
    },
    /// 今天的网上检查：已做、未做；给出 --all 时列出历次检查
    Inspections {
        /// 历次检查
        #[arg(long)]
        all: bool,
    },
    /// 抽查，新的在前；给出编号时复算样本
    Audits {
        /// 抽查编号
        number: Option<String>,
    },
    /// 周通报；给出编号时列出各单位数字
    Bulletins {
        /// 通报编号
        number: Option<String>,
        /// 为这一天所在的一周（须已结束）拟稿
        #[arg(long, conflicts_with = "number")]
        draft: Option<NaiveDate>,
    },
}

pub(super) async fn run(desk: &Desk<'_>, command: &Command) -> Result<Done, CliError> {
    match command {
        Command::Shifts { number: None, limit } => desk.shifts(*limit).await,
        Command::Shifts { number: Some(number), .. } => desk.shift(number).await,
        Command::Visits { store, limit } => desk.visits(store, *limit).await,
        Command::Enter { store, visitor, post, companions, reason } => {
            let new = NewVisit {
                armoury: store.clone(),
                visitor: visitor.clone(),
                post: post.clone(),
                companions: *companions,
                reason: reason.clone(),
            };
            let row = visits::enter(&desk.db, &desk.ctx, &new).await?;
            desk.told(&json!({ "id": row.id }), &format!("已登记进库：{}（{}）", row.visitor, row.id));
            Ok(Done::attention_if(row.companions == 0))
        }
        Command::Leave { visit, findings } => {
            let row = visits::leave(&desk.db, &desk.ctx, *visit, findings).await?;
            desk.told(&json!({ "id": row.id }), &format!("已登记出库：{}", row.visitor));
            Ok(Done::Clean)
        }
        Command::Inspections { all: false } => desk.today().await,
        Command::Inspections { all: true } => desk.inspections().await,
        Command::Audits { number: None } => desk.audits().await,
        Command::Audits { number: Some(number) } => desk.audit(number).await,
        Command::Bulletins { draft: Some(day), .. } => {
            let row = bulletins::draft(&desk.db, &desk.ctx, *day).await?;
            desk.told(
                &json!({ "number": row.number }),
                &format!("已拟稿 {}（{} 至 {}）", row.number, row.from_day, row.until_day),
            );
            Ok(Done::Clean)
        }
        Command::Bulletins { number: None, .. } => desk.bulletins().await,
        Command::Bulletins { number: Some(number), .. } => desk.bulletin(number).await,
    }
}

fn heads(names: &[&'static str]) -> Vec<(&'static str, Align)> {
    let align = |name: &&'static str| match name.strip_prefix('#') {
        Some(name) => (name, Align::Right),
        None => (*name, Align::Left),
    };
    names.iter().map(align).collect()
}

impl Desk<'_> {
    fn told(&self, fact: &serde_json::Value, line: &str) {
        if self.global.json() {
            show::json(fact);
        } else {
            show::line(line);
        }
    }

    async fn shifts(&self, limit: u64) -> Result<Done, CliError> {
        let mut table = Table::new(&heads(&["编号", "单位", "状态", "开始", "#差异", "办结"]));
        let mut facts = Vec::new();
        for row in shifts::list(self.db.read(), &self.ctx, limit).await? {
            let unit = self.directory.unit_name(row.unit_id).to_owned();
            facts.push(json!({ "number": row.number, "unit": unit, "state": row.state, "opened_at": row.opened_at,
                "round": row.round, "differences": row.differences, "note": row.note, "ended_at": row.ended_at }));
            let ended = row.ended_at.map(|at| at.to_string()).unwrap_or_default();
            let (state, opened) = (row.state.zh().to_owned(), row.opened_at.to_string());
            table.row([row.number, unit, state, opened, row.differences.to_string(), ended]);
        }
        self.tell(&facts, &table)
    }

    /// A handover's lines; while it is open, by how much they differ is for whoever counts to find out.
    async fn shift(&self, number: &str) -> Result<Done, CliError> {
        let row = shifts::one(self.db.read(), &self.ctx, number).await?;
        let open = !row.state.is_open() || !row.note.is_empty();
        let mut table = Table::new(&heads(&["类别", "名称", "结果", "#账面", "#实盘"]));
        let (mut facts, mut differ) = (Vec::new(), false);
        for line in shifts::lines(self.db.read(), &row).await? {
            differ |= line.differs;
            let [book, counted] = [line.book, line.counted].map(|many| open.then_some(many));
            facts.push(json!({ "kind": line.kind, "name": line.name, "differs": line.differs, "book": book,
                "counted": counted }));
            let shown = [book, counted].map(|many| many.map(|many| many.to_string()).unwrap_or_default());
            let [book, counted] = shown;
            let agrees = if line.differs { "不符" } else { "相符" };
            table.row([line.kind.zh().to_owned(), line.name, agrees.to_owned(), book, counted]);
        }
        self.tell(&facts, &table)?;
        Ok(Done::attention_if(differ))
    }

    async fn visits(&self, store: &str, limit: u64) -> Result<Done, CliError> {
        let of = registry::armoury(self.db.read(), &self.ctx, store).await?;
        let mut table = Table::new(&heads(&["姓名", "职务、单位", "#同行", "事由", "进库", "出库", "检查情况"]));
        let mut facts = Vec::new();
        for row in shifts::visits(self.db.read(), of.id, limit).await? {
            facts.push(json!({ "id": row.id, "visitor": row.visitor, "post": row.post, "companions": row.companions,
                "reason": row.reason, "entered_at": row.entered_at, "left_at": row.left_at, "findings": row.findings }));
            let left = row.left_at.map_or_else(|| "在库内".to_owned(), |at| at.to_string());
            let (many, entered) = (row.companions.to_string(), row.entered_at.to_string());
            table.row([row.visitor, row.post, many, row.reason, entered, left, row.findings]);
        }
        self.tell(&facts, &table)
    }

    async fn today(&self) -> Result<Done, CliError> {
        let day = inspections::today(self.db.read(), &self.ctx).await?;
        let mut table = Table::new(&heads(&["枪弹库", "名称", "单位", "检查表", "状态", "#不合格"]));
        let mut facts = Vec::new();
        let (done, all) = (day.done(), day.armouries.len());
        let late = self.ctx.now() >= day.by && done < all;
        for (of, paper) in day.armouries {
            let unit = self.directory.unit_name(of.unit_id).to_owned();
            let signed = paper.as_ref().is_some_and(|row| row.state == Inspected::Signed);
            let state = match &paper {
                Some(row) => row.state.zh(),
                None if late => "逾时未检查",
                None => "未检查",
            };
            facts.push(json!({ "store": of.number, "unit": unit, "inspection": paper.as_ref().map(|row| &row.number),
                "done": signed, "failed": paper.as_ref().map(|row| row.failed) }));
            let failed = paper.as_ref().map(|row| row.failed.to_string()).unwrap_or_default();
            let number = paper.map(|row| row.number).unwrap_or_default();
            table.row([of.number, of.name, unit, number, state.to_owned(), failed]);
        }
        self.tell(&facts, &table)?;
        Ok(Done::attention_if(late))
    }

    async fn inspections(&self) -> Result<Done, CliError> {
        let mut table = Table::new(&heads(&["编号", "日期", "方式", "被检单位", "检查人员", "#不合格", "状态"]));
        let mut facts = Vec::new();
        let wanted = inspection_store::Wanted::default();
        for row in inspection_store::list(self.db.read(), &self.ctx, &wanted, super::MOST).await? {
            let unit = self.directory.unit_name(row.unit_id).to_owned();
            let who = self.directory.person_name(Some(row.inspector_id)).to_owned();
            facts.push(json!({ "number": row.number, "day": row.day, "kind": row.kind, "unit": unit, "inspector": who,
                "failed": row.failed, "state": row.state, "problems": row.problems }));
            let (day, kind, failed) = (row.day.to_string(), row.kind.zh().to_owned(), row.failed.to_string());
            table.row([row.number, day, kind, unit, who, failed, row.state.zh().to_owned()]);
        }
        self.tell(&facts, &table)
    }

    async fn audits(&self) -> Result<Done, CliError> {
        let mut table = Table::new(&heads(&["编号", "单位", "抽查人", "状态", "#项数", "#差异"]));
        let mut facts = Vec::new();
        for row in audit_store::list(self.db.read(), &self.ctx, super::MOST).await? {
            let unit = self.directory.unit_name(row.unit_id).to_owned();
            let who = self.directory.person_name(Some(row.counter_id)).to_owned();
            facts.push(json!({ "number": row.number, "unit": unit, "counter": who, "state": row.state,
                "commitment": row.commitment, "lines": row.lines, "differences": row.differences }));
            let state = row.state.zh().to_owned();
            table.row([row.number, unit, who, state, row.lines.to_string(), row.differences.to_string()]);
        }
        self.tell(&facts, &table)
    }

    /// An audit drawn again from what was made known.
    async fn audit(&self, number: &str) -> Result<Done, CliError> {
        let row = audit_store::one(self.db.read(), &self.ctx, number).await?;
        let lines = audit_store::lines(self.db.read(), row.id).await?;
        let verified = audits::verify(&row, &lines);
        if self.global.json() {
            let lines: Vec<_> = lines
                .iter()
                .map(|line| json!({ "line": line.line, "kind": line.kind, "name": line.name, "outcome": line.outcome }))
                .collect();
            let seed = verified.map(|(seed, _)| seed);
            show::json(&json!({ "number": row.number, "state": row.state, "hash": row.hash,
                "commitment": row.commitment, "seed": row.seed, "seed_fits": seed,
                "sample_fits": verified.map(|(_, sample)| sample), "lines": lines }));
        } else {
            show::line(format!("{} {} · 种子摘要（{}）{}", row.number, row.state.zh(), row.hash, row.commitment));
            match verified {
                None => show::line("尚未抽样，种子未公布"),
                Some((seed, sample)) => {
                    let word = |fits: bool| if fits { "相符" } else { "不符" };
                    show::line(format!("种子 {}：与承诺{}，复算的样本{}", row.seed, word(seed), word(sample)));
                }
            }
            let mut table = Table::new(&heads(&["#项", "类别", "抽到", "结果"]));
            for line in lines {
                let [kind, outcome] = [line.kind.zh(), line.outcome.zh()].map(str::to_owned);
                table.row([line.line.to_string(), kind, line.name, outcome]);
            }
            table.print();
        }
        Ok(Done::attention_if(row.differences > 0 || matches!(verified, Some((seed, sample)) if !(seed && sample))))
    }

    async fn bulletins(&self) -> Result<Done, CliError> {
        let mut table = Table::new(&heads(&["编号", "自", "至", "状态", "下发"]));
        let mut facts = Vec::new();
        for row in bulletin_store::list(self.db.read(), &self.ctx, super::MOST).await? {
            facts.push(json!({ "number": row.number, "from": row.from_day, "until": row.until_day, "state": row.state,
                "issued_at": row.issued_at }));
            let issued = row.issued_at.map(|at| at.to_string()).unwrap_or_default();
            let (from, until) = (row.from_day.to_string(), row.until_day.to_string());
            table.row([row.number, from, until, row.state.zh().to_owned(), issued]);
        }
        self.tell(&facts, &table)
    }

    async fn bulletin(&self, number: &str) -> Result<Done, CliError> {
        let row = bulletin_store::one(self.db.read(), &self.ctx, number).await?;
        let mut table = None;
        let (mut facts, mut troubled) = (Vec::new(), false);
        for line in bulletin_store::lines(self.db.read(), row.id).await? {
            let unit = self.directory.unit_name(line.unit_id).to_owned();
            let figures = line.facts();
            troubled |= figures.is_troubled();
            let named = figures.named();
            let columns = std::iter::once(("单位", Align::Left));
            let columns: Vec<_> = columns.chain(named.iter().map(|(name, _)| (*name, Align::Right))).collect();
            let table = table.get_or_insert_with(|| Table::new(&columns));
            table.row(std::iter::once(unit.clone()).chain(named.iter().map(|(_, many)| many.to_string())));
            let numbers: serde_json::Map<String, serde_json::Value> =
                named.iter().map(|(name, many)| ((*name).to_owned(), json!(many))).collect();
            facts.push(json!({ "unit": unit, "figures": numbers }));
        }
        self.tell(&facts, &table.unwrap_or_else(|| Table::new(&heads(&["单位"]))))?;
        Ok(Done::attention_if(troubled))
    }
}
