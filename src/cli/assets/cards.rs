//! `hufu assets card`, `net-values`, `classes`, `responsible`: cards and what they are worth, classes, who answers.

use std::path::PathBuf;

use chrono::NaiveDate;
use clap::Subcommand;
use serde_json::json;

use crate::assets::card::fields::{self, FIELDS};
use crate::assets::card::kinds::Structure;
use crate::assets::card::service::{self, Edit};
use crate::assets::card::sheet as cards;
use crate::assets::classes::catalogue::RuleKind;
use crate::assets::classes::service::{self as classes, NewClass};
use crate::assets::net_values::reckon::reckon;
use crate::assets::net_values::{self, Sum, sheet};
use crate::assets::responsible::service::{self as responsible, Naming};
use crate::assets::responsible::{DUTIES, vacancy, zh};
use crate::cli::show::{Align, Table};
use crate::cli::{CliError, Done, Global, show};
use crate::items::correcting::Facts;
use crate::kernel::Fen;
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::org::entity::person::Duty;

/// 资产卡片
#[derive(Debug, Subcommand)]
pub enum Card {
    /// 查看卡片、净值和尚缺的项目
    Show {
        /// 资产编号
        number: String,
        /// 净值截至哪天，不写为今天
        #[arg(long)]
        on: Option<NaiveDate>,
    },
    /// 填写或更正卡片：只改写明的项
    Set {
        /// 资产编号
        number: String,
        /// 项目=内容，如 取得方式=新购、fiscal_fen=5999（可多次；另有 价值、资产分类代码、规格型号、取得日期 …）
        #[arg(long = "field", required = true)]
        fields: Vec<String>,
        /// 自哪个月起按新的价值或年限计提；不写为原来登记有误
        #[arg(long)]
        from: Option<NaiveDate>,
        /// 事由
        #[arg(long)]
        reason: String,
    },
    /// 导出全部卡片（xlsx）
    Export {
        /// 写到哪里
        #[arg(long)]
        out: PathBuf,
    },
}

/// 一天的资产净值
#[derive(Debug, clap::Args)]
pub struct NetValues {
    /// 哪一天，不写为今天
    #[arg(long)]
    on: Option<NaiveDate>,
    /// 另写一份逐件明细（xlsx）
    #[arg(long)]
    out: Option<PathBuf>,
}

/// 资产分类与折旧年限
#[derive(Debug, Subcommand)]
pub enum Classes {
    /// 列出
    List,
    /// 设定一个分类
    Set {
        /// 分类代码（A 加 2 至 8 位数字）
        code: String,
        /// 名称
        #[arg(long)]
        name: String,
        /// 最低使用年限；不写为同上级分类
        #[arg(long, conflicts_with = "not_depreciated")]
        years: Option<i64>,
        /// 不计提折旧
        #[arg(long)]
        not_depreciated: bool,
        /// 房屋的建筑结构
        #[arg(long)]
        structure: Option<String>,
        /// 自哪天起，不写为今天
        #[arg(long)]
        from: Option<NaiveDate>,
        /// 依据
        #[arg(long)]
        source: String,
    },
    /// 2010 版代码对应 2022 版的哪些代码
    Map {
        /// 2010 版代码（7 位）
        old: String,
        /// 2022 版代码
        codes: Vec<String>,
        /// 依据
        #[arg(long)]
        source: String,
    },
}

/// 资产管理责任人
#[derive(Debug, Subcommand)]
pub enum Responsible {
    /// 各单位的责任人，和未明确的
    List,
    /// 明确责任人
    Name {
        /// 单位
        unit: String,
        /// 单位主要负责人、管理领导 或 专职管理员
        duty: String,
        /// 警号或姓名
        person: String,
        /// 起始日期，不写为今天
        #[arg(long)]
        from: Option<NaiveDate>,
        /// 依据
        #[arg(long)]
        reason: String,
    },
    /// 结束任职
    End {
        /// 单位
        unit: String,
        /// 单位主要负责人、管理领导 或 专职管理员
        duty: String,
        /// 结束日期，不写为今天
        #[arg(long)]
        until: Option<NaiveDate>,
        /// 依据
        #[arg(long)]
        reason: String,
    },
}

/// Runs a command on cards.
///
/// # Errors
/// When the thing is unknown, a field cannot be so, or the ledger refuses.
pub async fn card(command: &Card, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    match command {
        Card::Show { number, on } => {
            let (thing, card) = service::show(db.read(), &ctx, number).await?;
            let on = on.unwrap_or_else(|| ctx.now().day());
            let (all, bases) = (classes::load(db.read()).await?, service::bases_of(db.read(), thing.id).await?);
            let known = reckon(&all, &thing, &card, &bases, on);
            let gaps = card.gaps(&thing);
            if global.json() {
                show::json(&json!({ "item_number": thing.item_number, "card": card, "on": on,
                    "value_fen": known.worth.value, "accumulated_fen": known.worth.accumulated,
                    "net_fen": known.worth.net(), "standing": known.worth.standing.as_str(),
                    "gaps": gaps.iter().map(|(field, _)| field).collect::<Vec<_>>() }));
                return Ok(Done::Clean);
            }
            show::line(format!("{} {} {}", thing.item_number, thing.name, thing.specification));
            show::line(format!("资产分类  {} {}", thing.class_code, thing.class_name));
            for field in FIELDS.iter().filter(|field| field.is_of(card.form)) {
                let text = fields::shown(&card, field);
                if !text.is_empty() {
                    show::line(format!("{}  {text}", field.zh));
                }
            }
            let worth = known.worth;
            show::line(format!(
                "截至 {on}：原值 {} 累计折旧 {} 净值 {} 元（{}）",
                worth.value,
                worth.accumulated,
                worth.net(),
                worth.standing.zh()
            ));
            if !gaps.is_empty() {
                show::line(format!("尚缺：{}", gaps.iter().map(|(_, name)| *name).collect::<Vec<_>>().join("、")));
                return Ok(Done::NeedsAttention);
            }
            Ok(Done::Clean)
        }
        Card::Set { number, fields, from, reason } => {
            let (_, before) = service::show(db.read(), &ctx, number).await?;
            let version = before.version;
            let mut edit = Edit { card: before, facts: Facts::default(), from: *from, reason: reason.clone() };
            for assignment in fields {
                set_field(&mut edit, assignment)?;
            }
            let (thing, card) = service::set(&db, &ctx, number, Some(version), &edit).await?;
            if global.json() {
                show::json(&json!({ "item_number": thing.item_number, "version": card.version }));
            } else {
                show::line(format!("{} 卡片已保存（第 {} 版）", thing.item_number, card.version));
            }
            Ok(Done::Clean)
        }
        Card::Export { out } => {
            let many = cards::write(db.read(), &ctx, out).await?;
            show::line(format!("已写 {}：{many} 张卡片", out.display()));
            Ok(Done::Clean)
        }
    }
}

/// Sets `field=text`, of the card or of the thing.
fn set_field(edit: &mut Edit, assignment: &str) -> Result<(), CliError> {
    let usage = |text: String| CliError::Usage(text);
    let (name, text) = assignment.split_once('=').ok_or_else(|| usage(format!("“{assignment}”应写成 项目=内容")))?;
    let (name, text) = (name.trim(), text.trim());
    let words = || Some(text.to_owned());
    match name {
        "name" | "资产名称" => edit.facts.name = words(),
        "specification" | "规格型号" => edit.facts.specification = words(),
        "serial_number" | "序列号" => edit.facts.serial_number = words(),
        "brand" | "品牌" => edit.facts.brand = words(),
        "measure_unit" | "计量单位" => edit.facts.measure_unit = words(),
        "class_code" | "资产分类代码" => edit.facts.class_code = words(),
        "class_name" | "资产分类名称" => edit.facts.class_name = words(),
        "value" | "价值" => {
            edit.facts.value_fen = Some(Fen::parse_yuan(text).map_err(|error| usage(error.to_string()))?);
        }
        "acquired_on" | "取得日期" => {
            let day = text.parse().map_err(|_| usage(format!("“{text}”不是日期，应如 2024-03-05")))?;
            edit.facts.acquired_on = Some(Some(day));
        }
        _ => {
            let field = fields::by_name(name).ok_or_else(|| usage(format!("卡片没有“{name}”一项")))?;
            fields::set(&mut edit.card, field.name, text).map_err(|why| usage(format!("{}：{why}", field.zh)))?;
        }
    }
    Ok(())
}

/// Says what the book is worth on a day.
///
/// # Errors
/// When the file cannot be written, or the database cannot be read.
pub async fn net(args: &NetValues, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    let on = args.on.unwrap_or_else(|| ctx.now().day());
    let values = match &args.out {
        Some(path) => sheet::write(db.read(), &ctx, on, path).await?,
        None => net_values::totals(db.read(), &ctx, on).await?,
    };
    let directory = Directory::load(db.read()).await?;
    let attention = if values.whole.unknown > 0 { Done::NeedsAttention } else { Done::Clean };
    let fact = |sum: &Sum| {
        json!({ "things": sum.things, "value_fen": sum.value, "accumulated_fen": sum.accumulated, "net_fen": sum.net(),
            "finished": sum.finished, "not_depreciated": sum.not_depreciated, "unknown": sum.unknown })
    };
    if global.json() {
        let classes: Vec<_> = values
            .by_class
            .iter()
            .map(|of| json!({ "code": of.code, "name": of.name, "sum": fact(&of.sum) }))
            .collect();
        let units: Vec<_> = values
            .by_unit
            .iter()
            .map(|(unit, sum)| json!({ "unit": directory.unit_name(*unit), "sum": fact(sum) }))
            .collect();
        show::json(&json!({ "on": on, "whole": fact(&values.whole), "by_class": classes, "by_unit": units }));
        return Ok(attention);
    }
    let mut table = Table::new(&[
        ("", Align::Left),
        ("件数", Align::Right),
        ("原值（元）", Align::Right),
        ("累计折旧（元）", Align::Right),
        ("净值（元）", Align::Right),
        ("年限或日期不明", Align::Right),
    ]);
    let mut row = |name: String, sum: &Sum| {
        table.row([
            name,
            thousands(sum.things),
            sum.value.to_string(),
            sum.accumulated.to_string(),
            sum.net().to_string(),
            thousands(sum.unknown),
        ]);
    };
    for of in &values.by_class {
        let name = if of.code.is_empty() { "未分类".to_owned() } else { format!("{} {}", of.code, of.name) };
        row(name, &of.sum);
    }
    let mut units: Vec<_> = values.by_unit.iter().collect();
    units.sort_by_key(|(unit, _)| directory.unit(*unit).map(|unit| unit.code.clone()));
    for (unit, sum) in units {
        row(directory.unit_name(*unit).to_owned(), sum);
    }
    row(format!("合计（{on}）"), &values.whole);
    table.print();
    if let Some(path) = &args.out {
        show::line(format!("已写 {}", path.display()));
    }
    Ok(attention)
}

/// Runs a command on classes.
///
/// # Errors
/// When a field cannot be so, or the ledger refuses.
pub async fn classes(command: &Classes, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    match command {
        Classes::List => {
            let all = classes::load(db.read()).await?;
            if global.json() {
                show::json(&all.all().flat_map(|(.., rows)| rows).collect::<Vec<_>>());
                return Ok(Done::Clean);
            }
            let mut table = Table::new(&[
                ("代码", Align::Left),
                ("名称", Align::Left),
                ("年限", Align::Right),
                ("生效", Align::Left),
                ("依据", Align::Left),
            ]);
            for row in all.all().flat_map(|(.., rows)| rows) {
                let life = row.life_years.map_or_else(|| row.rule.zh().to_owned(), |years| years.to_string());
                let from = row.effective_from.to_string();
                table.row([row.code.clone(), row.name.clone(), life, from, row.source.clone()]);
            }
            table.print();
        }
        Classes::Set { code, name, years, not_depreciated, structure, from, source } => {
            let structure = match structure {
                None => None,
                Some(text) => Some(
                    Structure::from_office_text(text)
                        .ok_or_else(|| CliError::Usage(format!("没有“{text}”这种建筑结构")))?,
                ),
            };
            let rule = match (years, not_depreciated) {
                (Some(_), _) => RuleKind::Years,
                (None, true) => RuleKind::None,
                (None, false) => RuleKind::Inherit,
            };
            let new = NewClass {
                code: code.clone(),
                structure,
                name: name.clone(),
                rule,
                life_years: *years,
                effective_from: from.unwrap_or_else(|| ctx.now().day()),
                source: source.clone(),
            };
            let row = classes::set(&db, &ctx, &new).await?;
            show::line(format!("{} {} 自 {} 起 {}", row.code, row.name, row.effective_from, row.rule.zh()));
        }
        Classes::Map { old, codes, source } => {
            let row = classes::map(&db, &ctx, old, codes, source).await?;
            show::line(format!("{} → {}", row.old_code, if row.codes.is_empty() { "（不对应）" } else { &row.codes }));
        }
    }
    Ok(Done::Clean)
}

fn duty_named(text: &str) -> Result<Duty, CliError> {
    let known = Duty::from_office_text(text).filter(|duty| DUTIES.contains(duty));
    known.ok_or_else(|| CliError::Usage(format!("没有“{text}”这一责任，应为 单位主要负责人、管理领导 或 专职管理员")))
}

/// Runs a command on who answers.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn responsible(command: &Responsible, global: &Global) -> Result<Done, CliError> {
    let (db, ctx) = (global.open().await?, global.ctx()?);
    let directory = Directory::load(db.read()).await?;
    match command {
        Responsible::List => {
            let (now, lacking) = (responsible::current(db.read()).await?, vacancy::vacant(db.read()).await?);
            let lacks: Vec<_> = lacking
                .iter()
                .map(|(_, unit, duty, things)| json!({ "unit": unit, "duty": zh(*duty), "things": things }))
                .collect();
            let mut rows = Vec::new();
            for unit in directory.units() {
                for duty in DUTIES {
                    let Some(one) = now.get(&(unit.id, duty)) else { continue };
                    let since = one.row.as_ref().map(|row| row.from_on.to_string()).unwrap_or_default();
                    let person = directory.person_name(Some(one.person)).to_owned();
                    rows.push([unit.name.clone(), zh(duty).to_owned(), person, since]);
                }
            }
            if global.json() {
                show::json(&json!({ "now": rows, "lacking": lacks }));
            } else {
                let heads = ["单位", "责任", "人员", "起始日期"].map(|head| (head, Align::Left));
                let mut table = Table::new(&heads);
                rows.into_iter().for_each(|row| table.row(row));
                table.print();
                for (_, unit, duty, things) in &lacking {
                    show::line(format!("{unit} 在账 {things} 件，没有{}", zh(*duty)));
                }
            }
            Ok(if lacking.is_empty() { Done::Clean } else { Done::NeedsAttention })
        }
        Responsible::Name { unit, duty, person, from, reason } => {
            let unit = directory.find_unit(unit)?;
            let new = Naming {
                unit,
                duty: duty_named(duty)?,
                person: directory.find_person(person, Some(unit))?,
                from: from.unwrap_or_else(|| ctx.now().day()),
                reason: reason.clone(),
            };
            let row = responsible::name(&db, &ctx, &new).await?;
            let (unit, who) = (directory.unit_name(unit), directory.person_name(Some(row.person_id)));
            show::line(format!("{unit} {}：{who}，自 {} 起", zh(row.duty), row.from_on));
            Ok(Done::Clean)
        }
        Responsible::End { unit, duty, until, reason } => {
            let (unit, duty) = (directory.find_unit(unit)?, duty_named(duty)?);
            let mut now = responsible::current(db.read()).await?;
            let row = now.remove(&(unit, duty)).and_then(|one| one.row);
            let row = row.ok_or_else(|| CliError::Usage(format!("没有登记过的现任{}", zh(duty))))?;
            let until = until.unwrap_or_else(|| ctx.now().day());
            let ended = responsible::end(&db, &ctx, row.id, Some(row.version), until, reason).await?;
            show::line(format!("{} {} 至 {until} 止", directory.unit_name(unit), zh(ended.duty)));
            Ok(Done::Clean)
        }
    }
}
