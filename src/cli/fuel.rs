//! `hufu fuel`: statements into the book, slips, the monthly check and its findings, accounts, thresholds.

use std::fs;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use clap::Subcommand;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;
use uuid::Uuid;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::{Db, DbError};
use crate::documents::tables::FILLS;
use crate::documents::{ColumnMap, RejectSink as _, RejectsFile, cells};
use crate::imports::fuel::read_statement;
use crate::kernel::ids::ItemId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::cards::model::Supplier;
use crate::vehicles::entity::vehicle;
use crate::vehicles::fuel::ledger::limits::{self, NewLimit};
use crate::vehicles::fuel::ledger::model::{LimitScope, Verdict, month_bounds};
use crate::vehicles::fuel::ledger::slips::{self, NewSlip};
use crate::vehicles::fuel::ledger::statements::{self, NewStatement, litres};
use crate::vehicles::fuel::ledger::store::{self, Wanted};
use crate::vehicles::fuel::ledger::{account, letter, watch};
use crate::vehicles::fuel::{Knob, Rule};
use crate::vehicles::model::plate_key;

/// 加油：对账单、登记、核查、月结、单车核算
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 导入加油卡对账单（CSV、XLSX、XLS、ODS、网页表格）
    Import {
        /// 对账单文件
        file: PathBuf,
        /// 供应商（sinopec 中国石化、petrochina 中国石油、other 其他）
        #[arg(long)]
        supplier: String,
        /// 列对应：字段=列名；随供应商保存，下次沿用
        #[arg(long, value_name = "FIELD=HEADER")]
        map: Vec<String>,
        /// 对账单合计行的金额（元），用于核对
        #[arg(long)]
        total: Option<String>,
        /// 对账单合计行的升数，用于核对
        #[arg(long)]
        total_litres: Option<String>,
        /// 退回的行写到此文件 [默认：文件名.rejects.csv]
        #[arg(long, value_name = "FILE")]
        rejects: Option<PathBuf>,
    },
    /// 各月对账单
    Statements,
    /// 一份对账单各笔的核对结果与各卡余额
    Records {
        /// 对账单编号
        statement: Uuid,
        /// 只列这一种（not_on_ours、matched、amount_differs、quantity_differs、twice）
        #[arg(long)]
        verdict: Option<String>,
    },
    /// 登记一次加油（驾驶员小票）
    Slip {
        /// 车牌号
        plate: String,
        /// 加油时间
        #[arg(long)]
        at: String,
        /// 升数
        #[arg(long)]
        litres: String,
        /// 金额，元
        #[arg(long)]
        amount: Option<String>,
        /// 里程
        #[arg(long)]
        km: Option<i64>,
        /// 加油站
        #[arg(long, default_value = "")]
        station: String,
        /// 没有加满
        #[arg(long)]
        partial: bool,
        /// 油桶加油的审批编号
        #[arg(long, default_value = "")]
        container: String,
    },
    /// 月结一份对账单；有不符的须写明原因
    Close {
        /// 对账单编号
        statement: Uuid,
        /// 不符的原因
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 核查一个月的加油，新的异常立为问题
    Check {
        /// 月份，如 2026-11
        month: String,
    },
    /// 一个月的异常
    Anomalies {
        /// 月份，如 2026-11
        month: String,
    },
    /// 请加油站保存监控视频的函（PDF）
    Letter {
        /// 加油记录编号
        record: Uuid,
        /// 写到
        #[arg(long, value_name = "FILE.pdf")]
        out: PathBuf,
    },
    /// 单车核算：一个月，或几个月
    Account {
        /// 月份，如 2026-11
        month: String,
        /// 到哪个月
        #[arg(long)]
        to: Option<String>,
        /// 写到 .xlsx 或 .pdf
        #[arg(long, value_name = "FILE")]
        out: Option<PathBuf>,
    },
    /// 核查所用的各项阈值，及去年各规则会报多少笔
    Limits,
    /// 从某日起改一项阈值
    SetLimit {
        /// 哪一项（见 limits）
        knob: String,
        /// 数值
        value: f64,
        /// 生效日期
        #[arg(long)]
        from: NaiveDate,
        /// 依据
        #[arg(long)]
        source: String,
        /// 只对这一用途（如 执法执勤）
        #[arg(long, conflicts_with = "model")]
        use_kind: Option<String>,
        /// 只对这一型号
        #[arg(long)]
        model: Option<String>,
        /// 只看会报多少笔，不改
        #[arg(long)]
        dry_run: bool,
    },
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let ctx = global.ctx()?;
    let desk = Desk { db: &db, ctx: &ctx, global };
    match &args.command {
        Command::Import { file, supplier, map, total, total_litres, rejects } => {
            let totals = (total.as_deref(), total_litres.as_deref());
            desk.import(file, supplier, map, totals, rejects.as_deref()).await
        }
        Command::Statements => desk.statements().await,
        Command::Records { statement, verdict } => desk.records(*statement, verdict.as_deref()).await,
        Command::Slip { plate, at, litres, amount, km, station, partial, container } => {
            let new = NewSlip {
                item: desk.car(plate).await?,
                at: Timestamp::from_shanghai(cells::datetime(at).map_err(|error| CliError::Usage(error.to_string()))?),
                driver: None,
                quantity_ml: thousandths(litres)?,
                amount: amount.as_deref().map(money).transpose()?,
                station: station.clone(),
                odometer_km: *km,
                full_tank: !partial,
                container: !container.is_empty(),
                approval_number: container.clone(),
                note: String::new(),
            };
            let row = slips::write_down(&db, &ctx, &new).await?;
            desk.tell(json!({ "slip": row.id }), format!("已登记 {plate} 加油 {} 升", self::litres(row.quantity_ml)))
        }
        Command::Close { statement, note } => desk.close(*statement, note).await,
        Command::Check { month } => desk.check(month).await,
        Command::Anomalies { month } => desk.anomalies(month).await,
        Command::Letter { record, out } => {
            let letter = letter::Letter::read(db.read(), &ctx, *record).await?;
            fs::write(out, letter.bytes()?).map_err(|source| CliError::file(out, source))?;
            let facts = json!({ "file": out.display().to_string(), "keep_by": letter.keep_by });
            desk.tell(facts, format!("已写出 {}，视频请在 {} 前调取", out.display(), letter.keep_by))
        }
        Command::Account { month, to, out } => {
            desk.account(month, to.as_deref().unwrap_or(month), out.as_deref()).await
        }
        Command::Limits => desk.limits().await,
        Command::SetLimit { knob, value, from, source, use_kind, model, dry_run } => {
            let knob = Knob::ALL.iter().copied().find(|one| one.as_str() == knob);
            let knob = knob.ok_or_else(|| CliError::Usage("没有这一项阈值；可用 hufu fuel limits 查看".to_owned()))?;
            if *dry_run {
                return desk.would_flag(knob, *value).await;
            }
            let (scope, scope_value) = match (use_kind, model) {
                (Some(kind), _) => (LimitScope::Use, kind.clone()),
                (None, Some(model)) => (LimitScope::Model, model.clone()),
                (None, None) => (LimitScope::All, String::new()),
            };
            let source = source.clone();
            let new = NewLimit { knob, scope, scope_value, value: *value, effective_from: *from, source };
            let row = limits::set(&db, &ctx, &new).await?;
            desk.tell(json!({ "limit": row.id }), format!("{} 自 {from} 起为 {value} {}", knob.zh(), knob.unit()))
        }
    }
}

fn thousandths(text: &str) -> Result<i64, CliError> {
    cells::decimal(text, 3).map_err(|error| CliError::Usage(error.to_string()))
}

fn money(text: &str) -> Result<Fen, CliError> {
    Fen::parse_yuan(text).map_err(|error| CliError::Usage(error.to_string()))
}

fn days_of(month: &str) -> Result<(NaiveDate, NaiveDate), CliError> {
    let bounds = month_bounds(month).ok_or_else(|| CliError::Usage("月份应如 2026-11".to_owned()))?;
    Ok((bounds.0, bounds.1.pred_opt().unwrap_or(bounds.1)))
}

struct Desk<'a> {
    db: &'a Db,
    ctx: &'a Ctx,
    global: &'a Global,
}

impl Desk<'_> {
    fn tell(&self, facts: serde_json::Value, line: String) -> Result<Done, CliError> {
        if self.global.json() {
            show::json(&facts);
        } else {
            show::line(line);
        }
        Ok(Done::Clean)
    }

    async fn car(&self, plate: &str) -> Result<ItemId, CliError> {
        let found = vehicle::Entity::find().filter(vehicle::Column::PlateKey.eq(plate_key(plate)));
        let found = found.one(self.db.read()).await.map_err(DbError::from)?;
        found.map(|car| car.item_id).ok_or_else(|| CliError::Usage(format!("没有车牌号为 {plate} 的车")))
    }

    async fn import(
        &self,
        file: &Path,
        supplier: &str,
        map: &[String],
        (total, total_litres): (Option<&str>, Option<&str>),
        rejects: Option<&Path>,
    ) -> Result<Done, CliError> {
        let supplier = Supplier::by_name(supplier)
            .ok_or_else(|| CliError::Usage("供应商应为 sinopec、petrochina 或 other".to_owned()))?;
        let kept = store::column_map(self.db.read(), supplier).await?.map(|row| row.entries).unwrap_or_default();
        let entries: Vec<String> =
            if map.is_empty() { kept.lines().map(str::to_owned).collect() } else { map.to_vec() };
        let map_of = ColumnMap::parse(&entries)?;
        map_of.check(&[FILLS])?;
        let name = file.file_name().map_or_else(|| file.display().to_string(), |n| n.to_string_lossy().into_owned());
        let found = read_statement(file, &name, &map_of)?;
        let new = NewStatement {
            supplier,
            file_name: found.name,
            sha256: found.sha256,
            records: found.records,
            rejected: found.rejects.len(),
            stated_ml: total_litres.map(thousandths).transpose()?,
            stated_fen: total.map(money).transpose()?,
            keep_map: (!map.is_empty()).then(|| entries.join("\n")),
        };
        let row = statements::bring(self.db, self.ctx, &new).await?;
        let refused = found.rejects.len();
        if refused > 0 {
            let path = rejects.map_or_else(|| file.with_extension("rejects.csv"), Path::to_owned);
            let mut out = RejectsFile::create(&path)?;
            found.rejects.into_iter().for_each(|reject| out.reject(reject));
            out.finish()?;
        }
        if self.global.json() {
            show::json(&json!({
                "statement": row.id, "month": row.month, "records": row.records, "fills": row.fills,
                "amount_fen": row.amount_fen, "quantity_ml": row.quantity_ml, "rejects": refused,
            }));
        } else {
            found.notes.lines().iter().for_each(show::line);
            show::line(format!(
                "{} {}：{} 条记录，加油 {} 次 {} 升 {} 元，未读入 {refused} 行；对账单编号 {}",
                row.supplier.zh(),
                row.month,
                row.records,
                row.fills,
                litres(row.quantity_ml),
                row.amount_fen,
                row.id
            ));
        }
        Ok(Done::attention_if(refused > 0))
    }

    async fn statements(&self) -> Result<Done, CliError> {
        let rows = store::statements(self.db.read(), self.ctx, 200).await?;
        if self.global.json() {
            show::json(&rows);
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("月份", Align::Left),
            ("供应商", Align::Left),
            ("状态", Align::Left),
            ("加油", Align::Right),
            ("升", Align::Right),
            ("元", Align::Right),
            ("编号", Align::Left),
        ]);
        for row in rows {
            table.row([
                row.month,
                row.supplier.zh().to_owned(),
                row.state.zh().to_owned(),
                row.fills.to_string(),
                litres(row.quantity_ml),
                row.amount_fen.to_string(),
                row.id.to_string(),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    async fn records(&self, statement: Uuid, verdict: Option<&str>) -> Result<Done, CliError> {
        let wrong = || {
            CliError::Usage("核对结果应为 not_on_ours、matched、amount_differs、quantity_differs 或 twice".to_owned())
        };
        let verdict = verdict.map(|name| Verdict::by_name(name).ok_or_else(wrong)).transpose()?;
        let all = Wanted { statement: Some(statement), ..Wanted::default() };
        let rows = store::records(self.db.read(), self.ctx, &all, u64::MAX >> 1).await?;
        let balances = statements::balances(&rows);
        let shown: Vec<_> = rows.iter().filter(|row| verdict.is_none_or(|verdict| row.verdict == verdict)).collect();
        if self.global.json() {
            show::json(&json!({ "records": shown, "cards": balances }));
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("时间", Align::Left),
            ("车牌", Align::Left),
            ("卡号", Align::Left),
            ("升", Align::Right),
            ("元", Align::Right),
            ("核对", Align::Left),
            ("编号", Align::Left),
        ]);
        for row in shown {
            table.row([
                row.at.to_string(),
                row.plate.clone(),
                row.card_number.clone(),
                row.quantity_ml.map(litres).unwrap_or_default(),
                row.amount_fen.map(|fen| fen.to_string()).unwrap_or_default(),
                row.verdict.zh().to_owned(),
                row.id.to_string(),
            ]);
        }
        table.print();
        let off: Vec<_> = balances.iter().filter(|card| card.off != Fen::ZERO).collect();
        for card in &off {
            show::line(format!("油卡 {} 期末余额与各笔不符，差 {} 元", card.card_number, card.off));
        }
        Ok(Done::attention_if(!off.is_empty()))
    }

    async fn close(&self, id: Uuid, note: &str) -> Result<Done, CliError> {
        let row = store::statement(self.db.read(), id).await?;
        let row = row.ok_or_else(|| CliError::Usage("没有这份对账单".to_owned()))?;
        let (row, differences) = statements::close(self.db, self.ctx, id, row.version, note).await?;
        let line = if differences.is_empty() { "全部相符".to_owned() } else { differences.join("；") };
        self.tell(json!({ "statement": row.id, "differences": differences }), format!("{} 已月结：{line}", row.month))
    }

    async fn check(&self, month: &str) -> Result<Done, CliError> {
        let (from, to) = days_of(month)?;
        let opened = watch::run(self.db, self.ctx, from, to).await?;
        self.tell(
            json!({ "fills": opened.fills, "anomalies": opened.anomalies, "findings": opened.findings }),
            format!(
                "{month} 核查 {} 条记录：新异常 {} 条，新立问题 {} 件",
                opened.fills, opened.anomalies, opened.findings
            ),
        )?;
        Ok(Done::attention_if(opened.anomalies > 0))
    }

    async fn anomalies(&self, month: &str) -> Result<Done, CliError> {
        days_of(month)?;
        let rows = store::anomalies(self.db.read(), self.ctx, Some(month), 10_000).await?;
        if self.global.json() {
            show::json(
                &rows.iter().map(|(one, record)| json!({ "anomaly": one, "record": record })).collect::<Vec<_>>(),
            );
            return Ok(Done::Clean);
        }
        for (one, record) in rows {
            let rule = Rule::ALL.iter().find(|rule| rule.as_str() == one.rule).map_or("", |rule| rule.zh());
            show::line(format!("{} {} {rule}：{}", record.at, record.plate, one.explanation));
        }
        Ok(Done::Clean)
    }

    async fn account(&self, from: &str, to: &str, out: Option<&Path>) -> Result<Done, CliError> {
        let accounts = account::accounts(self.db, self.ctx, from, to).await?;
        if let Some(out) = out {
            let bytes = match out.extension().and_then(|ext| ext.to_str()) {
                Some("pdf") => accounts.pdf(self.ctx.now())?,
                Some("xlsx") => accounts.xlsx().map_err(|error| CliError::Usage(error.to_string()))?,
                _ => return Err(CliError::Usage("--out 应以 .xlsx 或 .pdf 结尾".to_owned())),
            };
            fs::write(out, bytes).map_err(|source| CliError::file(out, source))?;
        }
        if self.global.json() {
            show::json(&accounts);
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("车牌", Align::Left),
            ("单位", Align::Left),
            ("公里", Align::Right),
            ("升", Align::Right),
            ("升/百公里", Align::Right),
            ("燃料费", Align::Right),
            ("维修费", Align::Right),
            ("异常", Align::Right),
        ]);
        for line in &accounts.lines {
            table.row([
                line.plate.clone(),
                line.unit.clone(),
                format!("{:.0}", line.km),
                if line.electric { String::new() } else { format!("{:.1}", line.litres) },
                line.per_100km.map(|per| format!("{per:.2}")).unwrap_or_default(),
                format!("{:.2}", line.fuel_cost),
                format!("{:.2}", line.repair_cost),
                line.anomalies.to_string(),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    async fn limits(&self) -> Result<Done, CliError> {
        let rows = limits::all(self.db.read()).await?;
        let now = limits::on(&rows, self.ctx.now().day(), &[]);
        let flagged = watch::last_year(self.db, self.ctx).await?;
        if self.global.json() {
            let knobs: Vec<_> =
                Knob::ALL.iter().map(|k| json!({ "knob": k.as_str(), "value": now.all.get(*k) })).collect();
            let rules: Vec<_> = flagged.iter().map(|(r, n)| json!({ "rule": r.as_str(), "last_year": n })).collect();
            show::json(&json!({ "limits": knobs, "set": rows, "rules": rules }));
            return Ok(Done::Clean);
        }
        for knob in Knob::ALL {
            show::line(format!("{:<20} {} {}　{}", knob.as_str(), now.all.get(*knob), knob.unit(), knob.zh()));
        }
        self.show_flagged(&flagged);
        Ok(Done::Clean)
    }

    async fn would_flag(&self, knob: Knob, value: f64) -> Result<Done, CliError> {
        let (low, high) = knob.range();
        if !(low..=high).contains(&value) {
            return Err(CliError::Usage(format!("{}应在 {low} 至 {high} 之间", knob.zh())));
        }
        let flagged = watch::last_year_with(self.db, self.ctx, knob, value).await?;
        if self.global.json() {
            show::json(&flagged.iter().map(|(r, n)| json!({ "rule": r.as_str(), "last_year": n })).collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        self.show_flagged(&flagged);
        Ok(Done::Clean)
    }

    fn show_flagged(&self, flagged: &[(Rule, usize)]) {
        show::line("\n去年会报的笔数：");
        for (rule, count) in flagged.iter().filter(|(_, count)| *count > 0) {
            show::line(format!("  {} {count}", rule.zh()));
        }
    }
}
