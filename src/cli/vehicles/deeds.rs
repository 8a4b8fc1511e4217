//! `hufu vehicles`, what is done with cars: trips asked for, approved, driven; cards, drivers and workshops entered; repairs
//! from request to return. Whoever does it is named with `--by`.

use chrono::{NaiveDate, NaiveDateTime};
use clap::Subcommand;
use serde_json::json;

use super::Desk;
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::service::{self as approvals, Verdict};
use crate::cli::{CliError, Done};
use crate::db::DbError;
use crate::documents::cells;
use crate::kernel::ids::ApprovalId;
use crate::kernel::{Fen, Timestamp};
use crate::vehicles::cards::model::{CardKind, CardState, Supplier};
use crate::vehicles::cards::service::{self as cards, Give, NewCard, Turn};
use crate::vehicles::drivers::{self, Licence};
use crate::vehicles::fuel::ledger::drums::{self, NewDrum};
use crate::vehicles::model::LicenceClass;
use crate::vehicles::repairs::model::RepairKind;
use crate::vehicles::repairs::service::{self as repairs, NewPart, NewRepair, Return, Send};
use crate::vehicles::repairs::store as repair_list;
use crate::vehicles::shops::service::{self as shops, Shop};
use crate::vehicles::shops::store as shop_list;
use crate::vehicles::trips::service::{self as trips, Back, Departure, NewTrip};
use crate::vehicles::trips::store as trip_list;
use crate::vehicles::{VehicleError, store};
use sea_orm::EntityTrait as _;

#[derive(Debug, Subcommand)]
pub(super) enum Command {
    /// 用车申请
    Ask {
        /// 车牌号
        car: String,
        /// 用车事由
        #[arg(long)]
        purpose: String,
        /// 目的地
        #[arg(long)]
        to: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
        /// 紧急出车：立即以此里程出车，事后补批
        #[arg(long, value_name = "KM")]
        urgent: Option<i64>,
    },
    /// 审批用车申请、送修单、油桶加油（审批人须有账号和审批职权）
    Decide {
        /// 编号（YC-…、WX-… 或 YT-…）
        number: String,
        /// 驳回 [默认：同意]
        #[arg(long)]
        refuse: bool,
        /// 意见
        #[arg(long, default_value = "同意")]
        reason: String,
        /// 审批人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 出车
    Depart {
        /// 编号
        number: String,
        /// 里程表读数
        #[arg(long)]
        km: i64,
        /// 时间，如 2026-11-03 08:30 [默认：现在]
        #[arg(long, value_parser = moment)]
        at: Option<Timestamp>,
        /// 驾驶员（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 还车
    Return {
        /// 编号
        number: String,
        /// 里程表读数
        #[arg(long)]
        km: i64,
        /// 时间 [默认：现在]
        #[arg(long, value_parser = moment)]
        at: Option<Timestamp>,
        /// 办理人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 油桶、散装加油申请；批准后凭编号登记（hufu fuel slip --container）
    Drum {
        /// 取油的车：车牌号
        car: String,
        /// 最多多少升
        #[arg(long)]
        litres: String,
        /// 用途
        #[arg(long)]
        purpose: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 登记驾驶证
    License {
        /// 驾驶员（警号或姓名）
        person: String,
        /// 准驾车型（A1 … C1 …）
        #[arg(long)]
        class: String,
        /// 有效期止 [默认：长期]
        #[arg(long)]
        until: Option<NaiveDate>,
        /// 不再驾驶公务车
        #[arg(long)]
        stop: bool,
    },
    /// 登记定点维修厂
    Shop {
        /// 名称
        name: String,
        /// 合同到期
        #[arg(long)]
        until: Option<NaiveDate>,
        /// 停用
        #[arg(long)]
        stop: bool,
    },
    /// 加油卡
    #[command(subcommand)]
    Card(CardCommand),
    /// 维修、保养
    #[command(subcommand)]
    Repair(RepairCommand),
}

#[derive(Debug, Subcommand)]
pub(super) enum CardCommand {
    /// 登记一张卡
    Enter {
        /// 卡号
        number: String,
        /// 单位
        #[arg(long)]
        unit: String,
        /// 发卡单位：sinopec、petrochina、other
        #[arg(long)]
        supplier: String,
        /// 主卡卡号；本身是主卡的写 self
        #[arg(long)]
        master: Option<String>,
    },
    /// 配给车辆
    Give {
        /// 卡号
        number: String,
        /// 车牌号
        car: String,
        /// 自哪天起 [默认：今天]
        #[arg(long)]
        from: Option<NaiveDate>,
        /// 原因
        #[arg(long, default_value = "一车一卡")]
        reason: String,
    },
    /// 收回
    TakeBack {
        /// 卡号
        number: String,
        /// 最后一天 [默认：今天]
        #[arg(long)]
        last: Option<NaiveDate>,
    },
    /// 挂失、停用、恢复、换卡
    Turn {
        /// 卡号
        number: String,
        /// lost、stopped、in_use、replaced
        to: String,
        /// 日期 [默认：今天]
        #[arg(long)]
        on: Option<NaiveDate>,
        /// 换成哪张卡
        #[arg(long)]
        replaced_by: Option<String>,
        /// 原因
        #[arg(long)]
        reason: String,
    },
}

#[derive(Debug, Subcommand)]
pub(super) enum RepairCommand {
    /// 送修申请
    Ask {
        /// 车牌号
        car: String,
        /// repair、maintenance、accident、tyres、other
        #[arg(long, default_value = "repair")]
        kind: String,
        /// 故障或保养项目
        #[arg(long)]
        fault: String,
        /// 预算，元
        #[arg(long, value_parser = money)]
        budget: Fen,
        /// 定点维修厂
        #[arg(long)]
        shop: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    /// 批准后登记到出车台账
    Enter {
        /// 编号
        number: String,
        /// 办理人
        #[arg(long)]
        by: String,
    },
    /// 送去维修
    Send {
        /// 编号
        number: String,
        /// 里程表读数
        #[arg(long)]
        km: i64,
        /// 驾驶员
        #[arg(long)]
        by: String,
    },
    /// 修复取回
    Return {
        /// 编号
        number: String,
        /// 里程表读数
        #[arg(long)]
        km: i64,
        /// 更换配件：名称,数量,单位,单价（元）；可重复
        #[arg(long = "part", value_parser = part)]
        parts: Vec<NewPart>,
        /// 工时费，元
        #[arg(long, value_parser = money, default_value = "0")]
        labour: Fen,
        /// 发票号
        #[arg(long, default_value = "")]
        invoice: String,
        /// 旧件处理
        #[arg(long, default_value = "")]
        old_parts: String,
        /// 超过预算的原因
        #[arg(long, default_value = "")]
        over_reason: String,
        /// 验收人
        #[arg(long)]
        by: String,
    },
}

fn moment(text: &str) -> Result<Timestamp, String> {
    let formats = ["%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M:%S"];
    let read = formats.iter().find_map(|format| NaiveDateTime::parse_from_str(text, format).ok());
    read.map(Timestamp::from_shanghai).ok_or_else(|| "时间应如 2026-11-03 08:30".to_owned())
}

fn money(text: &str) -> Result<Fen, String> {
    Fen::parse_yuan(text).map_err(|error| error.to_string())
}

fn part(text: &str) -> Result<NewPart, String> {
    let cells: Vec<&str> = text.split([',', '，']).map(str::trim).collect();
    let [name, quantity, unit, price] = cells.as_slice() else {
        return Err("应为 名称,数量,单位,单价".to_owned());
    };
    Ok(NewPart {
        name: (*name).to_owned(),
        measure_unit: (*unit).to_owned(),
        quantity_milli: cells::decimal(quantity, 3).map_err(|error| error.to_string())?,
        unit_price: money(price)?,
    })
}

pub(super) async fn run(command: &Command, desk: &Desk<'_>) -> Result<Done, CliError> {
    match command {
        Command::Ask { .. } | Command::Decide { .. } | Command::Depart { .. } | Command::Return { .. } => {
            trip(command, desk).await
        }
        Command::Drum { car, litres, purpose, by } => {
            let quantity_ml = cells::decimal(litres, 3).map_err(|error| CliError::Usage(error.to_string()))?;
            let new = NewDrum { car: car.clone(), quantity_ml, purpose: purpose.clone() };
            let permit = drums::ask(&desk.db, &desk.acting(by)?, &new).await?;
            desk.say(&format!("{} 已提交审批", permit.number), &json!({ "number": permit.number }))
        }
        Command::License { person, class, until, stop } => {
            let person = desk.directory.find_person(person, None)?;
            let class = LicenceClass::by_name(&class.trim().to_lowercase())
                .ok_or_else(|| CliError::Usage("准驾车型应如 A1、B2、C1".to_owned()))?;
            let licence =
                Licence { person, class, valid_from: None, valid_until: *until, active: !stop, note: String::new() };
            let row = drivers::set(&desk.db, &desk.ctx, &licence, None).await?;
            desk.say(&format!("已登记 {}", row.licence_class.zh()), &row)
        }
        Command::Shop { name, until, stop } => {
            let before = shop_list::named(desk.db.read(), name).await.map_err(VehicleError::from)?;
            let kept = |of: fn(&crate::vehicles::shops::entity::shop::Model) -> &String| {
                before.as_ref().map(of).cloned().unwrap_or_default()
            };
            let shop = Shop {
                name: name.clone(),
                contact: kept(|row| &row.contact),
                phone: kept(|row| &row.phone),
                address: kept(|row| &row.address),
                contract_until: *until,
                active: !stop,
            };
            let row = shops::set(&desk.db, &desk.ctx, before.as_ref().map(|row| (row.id, row.version)), &shop).await?;
            desk.say(&format!("已登记 {}", row.name), &row)
        }
        Command::Card(command) => card(command, desk).await,
        Command::Repair(command) => repair(command, desk).await,
    }
}

async fn trip(command: &Command, desk: &Desk<'_>) -> Result<Done, CliError> {
    match command {
        Command::Ask { car, purpose, to, by, urgent } => {
            let new =
                NewTrip { car: car.clone(), purpose: purpose.clone(), destination: to.clone(), ..NewTrip::default() };
            let ctx = desk.acting(by)?;
            let row = match urgent {
                None => trips::ask(&desk.db, &ctx, &new).await?,
                Some(km) => {
                    let departure = Departure { km: *km, ..Departure::default() };
                    trips::depart_at_once(&desk.db, &ctx, &new, &departure).await?
                }
            };
            desk.say(&format!("{} {}", row.number, row.state.zh()), &row)
        }
        Command::Decide { number, refuse, reason, by } => {
            let id = approval_of(desk, number).await?;
            let row = request::Entity::find_by_id(id).one(desk.db.read()).await.map_err(DbError::from)?;
            let row = row.ok_or_else(|| CliError::Usage("没有待审批的申请".to_owned()))?;
            let verdict = Verdict { step: row.step, approved: !refuse, reason: reason.clone() };
            let done = approvals::decide(&desk.db, &desk.acting(by)?, &Granted, id, &verdict).await;
            let done = done.map_err(VehicleError::from)?;
            desk.say(&format!("{number} {}", done.state.zh()), &json!({ "number": number, "state": done.state }))
        }
        Command::Depart { number, km, at, by } => {
            let departure = Departure { km: *km, at: *at, driver: None };
            let row = trips::depart(&desk.db, &desk.acting(by)?, number, None, &departure, None).await?;
            let gap = row.gap_km.map(|gap| format!("，与上次还车相差 {gap:+} 公里，已列为问题")).unwrap_or_default();
            desk.say(&format!("{} {}{gap}", row.number, row.state.zh()), &row)
        }
        Command::Return { number, km, at, by } => {
            let back = Back { km: *km, at: *at };
            let row = trips::return_(&desk.db, &desk.acting(by)?, number, None, &back).await?;
            let km = row.km().unwrap_or_default();
            desk.say(&format!("{} {}，{km} 公里", row.number, row.state.zh()), &row)
        }
        _ => Ok(Done::Clean),
    }
}

/// The approval that a trip or a repair waits for.
async fn approval_of(desk: &Desk<'_>, number: &str) -> Result<ApprovalId, CliError> {
    let none = || CliError::Usage(format!("{number} 没有审批"));
    let db = desk.db.read();
    let id = match number.get(..2) {
        Some("YC") => trip_list::one(db, &desk.ctx, number).await?.row.approval_id,
        Some("YT") => Some(drums::one(db, &desk.ctx, number).await?.request.id),
        _ => repair_list::one(db, &desk.ctx, number).await?.row.approval_id,
    };
    id.ok_or_else(none)
}

async fn card(command: &CardCommand, desk: &Desk<'_>) -> Result<Done, CliError> {
    let today = desk.ctx.now().day();
    match command {
        CardCommand::Enter { number, unit, supplier, master } => {
            let supplier = Supplier::by_name(supplier)
                .ok_or_else(|| CliError::Usage("发卡单位应为 sinopec、petrochina 或 other".to_owned()))?;
            let is_master = master.as_deref() == Some("self");
            let new = NewCard {
                number: number.clone(),
                kind: if is_master { CardKind::Master } else { CardKind::Sub },
                supplier,
                master: master.clone().filter(|_| !is_master),
                unit: desk.directory.find_unit(unit)?,
                fill_limit: None,
                day_limit: None,
                note: String::new(),
            };
            let row = cards::enter(&desk.db, &desk.ctx, &new).await?;
            desk.say(&format!("已登记 {}", row.number), &row)
        }
        CardCommand::Give { number, car, from, reason } => {
            let car = store::car(desk.db.read(), &desk.ctx, car).await?.vehicle.plate;
            let give =
                Give { car: car.clone(), from_on: from.unwrap_or(today), until_on: None, reason: reason.clone() };
            let row = cards::give(&desk.db, &desk.ctx, number, &give).await?;
            desk.say(&format!("{number} 自 {} 起配给 {car}", row.from_on), &row)
        }
        CardCommand::TakeBack { number, last } => {
            let row = cards::take_back(&desk.db, &desk.ctx, number, last.unwrap_or(today)).await?;
            desk.say(&format!("{number} 已收回"), &row)
        }
        CardCommand::Turn { number, to, on, replaced_by, reason } => {
            let to = CardState::by_name(to)
                .ok_or_else(|| CliError::Usage("应为 lost、stopped、in_use 或 replaced".to_owned()))?;
            let turn = Turn { to, on: on.unwrap_or(today), replaced_by: replaced_by.clone(), reason: reason.clone() };
            let row = cards::turn(&desk.db, &desk.ctx, number, None, &turn).await?;
            desk.say(&format!("{} {}", row.number, row.state.zh()), &row)
        }
    }
}

async fn repair(command: &RepairCommand, desk: &Desk<'_>) -> Result<Done, CliError> {
    let row = match command {
        RepairCommand::Ask { car, kind, fault, budget, shop, by } => {
            let kind = RepairKind::by_name(kind)
                .ok_or_else(|| CliError::Usage("类别应为 repair、maintenance、accident、tyres 或 other".to_owned()))?;
            let new = NewRepair { car: car.clone(), kind, fault: fault.clone(), budget: *budget, shop: shop.clone() };
            repairs::ask(&desk.db, &desk.acting(by)?, &new).await?
        }
        RepairCommand::Enter { number, by } => repairs::enter(&desk.db, &desk.acting(by)?, number, None).await?,
        RepairCommand::Send { number, km, by } => {
            let send = Send { km: *km, ..Send::default() };
            repairs::send(&desk.db, &desk.acting(by)?, number, None, &send).await?
        }
        RepairCommand::Return { number, km, parts, labour, invoice, old_parts, over_reason, by } => {
            let new = Return {
                km: *km,
                at: None,
                parts: parts.clone(),
                labour: *labour,
                invoice: invoice.clone(),
                old_parts: old_parts.clone(),
                over_reason: over_reason.clone(),
                inspected_by: None,
            };
            repairs::return_(&desk.db, &desk.acting(by)?, number, None, &new).await?
        }
    };
    let total = row.total_fen.map(|total| format!("，{total} 元")).unwrap_or_default();
    desk.say(&format!("{} {}{total}", row.number, row.state.zh()), &row)
}
