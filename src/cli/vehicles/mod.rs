//! `hufu vehicles`: the ledger of official vehicles on the command line. Cars enter with `hufu import vehicles`.

mod deeds;
mod past;

use std::path::PathBuf;

use chrono::{Datelike as _, NaiveDate};
use clap::Subcommand;
use serde_json::json;

use super::show::{Align, Table};
use super::{CliError, Done, Global, show};
use crate::db::Db;
use crate::items::model::ItemState;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx};
use crate::org::Directory;
use crate::vehicles::cards::store as cards;
use crate::vehicles::readings::{self, NewReading};
use crate::vehicles::repairs::{collect, sheet};
use crate::vehicles::store::{self, Car, Wanted};
use crate::vehicles::trips::model::{State, month_before};
use crate::vehicles::trips::paper::Book;
use crate::vehicles::trips::store::{self as trips, Wanted as Trips};
use crate::vehicles::trips::{months, service};
use crate::vehicles::{VehicleError, reminders};

/// 公务用车
#[derive(Debug, clap::Args)]
pub struct Args {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 列出车辆
    List {
        /// 单位
        #[arg(long)]
        unit: Option<String>,
        /// 状态（在用、闲置、在修 …）
        #[arg(long)]
        state: Option<String>,
        /// 车牌、编号、名称中含有的文字
        #[arg(long, default_value = "")]
        text: String,
    },
    /// 查看一辆车：信息、油卡、最近出车
    Show {
        /// 车牌号、资产编号或标签码
        car: String,
    },
    /// 出车记录，新的在前
    Trips {
        /// 车牌号
        #[arg(long)]
        car: Option<String>,
        /// 月份，如 2026-10
        #[arg(long)]
        month: Option<String>,
        /// 状态（在外、待核对 …）
        #[arg(long)]
        state: Option<String>,
        /// 只看里程不衔接的
        #[arg(long)]
        gaps: bool,
        /// 最多行数
        #[arg(long, default_value_t = 50)]
        limit: u64,
    },
    /// 补录纸质出车记录（表格：车牌号、出车时间、还车时间、里程、目的地、驾驶员）
    Enter(past::Args),
    /// 登记里程读数；更换里程表的加 --old
    Read {
        /// 车牌号
        car: String,
        /// 读数，公里
        km: i64,
        /// 日期 [默认：今天]
        #[arg(long)]
        on: Option<NaiveDate>,
        /// 旧表读数
        #[arg(long)]
        old: Option<i64>,
        /// 备注
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 各单位一个月的报送情况
    Months {
        /// 月份 [默认：上月]
        month: Option<String>,
    },
    /// 报送一个单位一个月的出车记录
    Submit {
        /// 单位
        unit: String,
        /// 月份 [默认：上月]
        #[arg(long)]
        month: Option<String>,
        /// 报送人（警号或姓名）
        #[arg(long)]
        by: String,
        /// 备注
        #[arg(long, default_value = "")]
        note: String,
    },
    /// 一辆车一年的《公务用车情况记录表》，PDF
    Book {
        /// 车牌号
        car: String,
        /// 年份 [默认：今年]
        #[arg(long)]
        year: Option<i32>,
        /// 写到此文件
        #[arg(long)]
        out: PathBuf,
    },
    /// 一个月的维修数据，XLSX
    Repairs {
        /// 月份 [默认：上月]
        #[arg(long)]
        month: Option<String>,
        /// 写到此文件
        #[arg(long)]
        out: PathBuf,
    },
    /// 同一配件在各厂、各车的价格
    Prices {
        /// 配件名称；不写则列出买过两次以上的
        #[arg(default_value = "")]
        name: String,
    },
    /// 提醒：到期的保险、年检，逾期未报的出车记录，列为问题
    Remind,
    /// 撤回没有出车的用车申请
    Withdraw {
        /// 出车记录编号
        number: String,
        /// 原因
        #[arg(long)]
        reason: String,
        /// 申请人（警号或姓名）
        #[arg(long)]
        by: String,
    },
    #[command(flatten)]
    Deed(deeds::Command),
}

/// Runs one of the sub-commands.
///
/// # Errors
/// When a name is unknown, or the ledger refuses.
pub async fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let db = global.open().await?;
    let desk = Desk { directory: Directory::load(db.read()).await?, ctx: global.ctx()?, db, global };
    let last = || month_before(desk.ctx.now().day());
    match &args.command {
        Command::List { unit, state, text } => desk.list(unit.as_deref(), state.as_deref(), text).await,
        Command::Show { car } => desk.show(car).await,
        Command::Trips { car, month, state, gaps, limit } => {
            desk.trips((car.as_deref(), month.clone(), state.as_deref()), *gaps, *limit).await
        }
        Command::Enter(args) => past::run(args, &desk).await,
        Command::Read { car, km, on, old, note } => {
            let read_on = on.unwrap_or_else(|| desk.ctx.now().day());
            let (odometer_km, old_km) = (*km, *old);
            let new = NewReading { car: car.clone(), read_on, odometer_km, old_km, note: note.clone() };
            let row = readings::enter(&desk.db, &desk.ctx, &new).await?;
            desk.say(&format!("{car} {} 读数 {} 公里", row.read_on, row.odometer_km), &row)
        }
        Command::Months { month } => desk.months(&month.clone().unwrap_or_else(last)).await,
        Command::Submit { unit, month, by, note } => {
            let (unit, month) = (desk.directory.find_unit(unit)?, month.clone().unwrap_or_else(last));
            let row = months::submit(&desk.db, &desk.acting(by)?, unit, &month, note).await?;
            desk.say(&format!("已报送 {month}：{} 次 {} 公里", row.trip_count, row.km), &row)
        }
        Command::Book { car, year, out } => {
            let car = store::car(desk.db.read(), &desk.ctx, car).await?;
            let year = year.unwrap_or_else(|| desk.ctx.now().day().year());
            let book = Book::read(desk.db.read(), car, year, desk.ctx.now()).await?;
            desk.write(out, &book.bytes()?)?;
            let fact = json!({ "file": out, "trips": book.trips, "km": book.km });
            desk.say(&format!("{}：{} 次 {} 公里", out.display(), book.trips, book.km), &fact)
        }
        Command::Repairs { month, out } => {
            let month = month.clone().unwrap_or_else(last);
            let rows = collect::month(desk.db.read(), &desk.ctx, &month).await?;
            let bytes = sheet::workbook(&rows, &desk.directory).map_err(|error| CliError::Usage(error.to_string()))?;
            desk.write(out, &bytes)?;
            desk.say(
                &format!("{}：{} 次维修", out.display(), rows.len()),
                &json!({ "file": out, "repairs": rows.len() }),
            )
        }
        Command::Prices { name } => desk.prices(name).await,
        Command::Remind => {
            let many = reminders::mark(&desk.db, &desk.ctx).await?;
            desk.say(&format!("新列 {many} 个问题"), &json!({ "findings": many }))
        }
        Command::Deed(command) => deeds::run(command, &desk).await,
        Command::Withdraw { number, reason, by } => {
            let row = service::withdraw(&desk.db, &desk.acting(by)?, number, None, reason).await?;
            desk.say(&format!("{} {}", row.number, row.state.zh()), &row)
        }
    }
}

struct Desk<'a> {
    db: Db,
    directory: Directory,
    ctx: Ctx,
    global: &'a Global,
}

impl Desk<'_> {
    /// Whom they name.
    fn acting(&self, by: &str) -> Result<Ctx, CliError> {
        let person = self.directory.find_person(by, None)?;
        Ok(self.ctx.acting_as(Actor::Person(person), Scope::Everything))
    }

    fn say(&self, words: &str, fact: &impl serde::Serialize) -> Result<Done, CliError> {
        if self.global.json() {
            show::json(fact);
        } else {
            show::line(words);
        }
        Ok(Done::Clean)
    }

    #[expect(clippy::unused_self, reason = "a step of the desk like the others")]
    fn write(&self, out: &std::path::Path, bytes: &[u8]) -> Result<(), CliError> {
        std::fs::write(out, bytes).map_err(|source| CliError::file(out, source))
    }

    fn fact(&self, car: &Car) -> serde_json::Value {
        json!({ "plate": car.vehicle.plate, "item_number": car.item.item_number, "name": car.item.name,
            "unit": self.directory.unit_name(car.item.unit_id), "state": car.item.state,
            "odometer_km": car.vehicle.odometer_km, "energy": car.vehicle.energy, "vin": car.vehicle.vin,
            "inspected_until": car.vehicle.inspected_until, "compulsory_until": car.vehicle.compulsory_until,
            "commercial_until": car.vehicle.commercial_until })
    }

    async fn list(&self, unit: Option<&str>, state: Option<&str>, text: &str) -> Result<Done, CliError> {
        let unit = unit.map(|name| self.directory.find_unit(name)).transpose()?;
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| ItemState::from_office_text(name).ok_or_else(|| unknown(name))).transpose()?;
        let wanted = Wanted { unit, state, text: text.to_owned(), ..Wanted::default() };
        let cars = store::list(self.db.read(), &self.ctx, &wanted, 10_000).await?;
        if self.global.json() {
            show::json(&cars.iter().map(|car| self.fact(car)).collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("车牌号", Align::Left),
            ("名称", Align::Left),
            ("使用单位", Align::Left),
            ("状态", Align::Left),
            ("里程", Align::Right),
            ("年检", Align::Left),
            ("交强险", Align::Left),
        ]);
        let day = |day: Option<NaiveDate>| day.map(|day| day.to_string()).unwrap_or_default();
        for car in &cars {
            table.row([
                car.vehicle.plate.clone(),
                car.item.name.clone(),
                self.directory.unit_name(car.item.unit_id).to_owned(),
                car.item.state.zh().to_owned(),
                car.vehicle.odometer_km.to_string(),
                day(car.vehicle.inspected_until),
                day(car.vehicle.compulsory_until),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    async fn show(&self, text: &str) -> Result<Done, CliError> {
        let car = store::car(self.db.read(), &self.ctx, text).await?;
        let card = match cards::card_on(self.db.read(), car.item.id, self.ctx.now().day()).await? {
            Some(held) => cards::by_id(self.db.read(), held.card_id).await?.map(|card| card.number),
            None => None,
        };
        let out = trips::out_with(self.db.read(), car.item.id).await?;
        if self.global.json() {
            let mut fact = self.fact(&car);
            fact["card"] = json!(card);
            fact["out"] = json!(out.map(|row| row.number));
            show::json(&fact);
            return Ok(Done::Clean);
        }
        let now = out.map_or_else(|| "在队".to_owned(), |row| format!("在外（{}）", row.number));
        show::line(format!("{} {} · {} · {now}", car.vehicle.plate, car.item.name, car.item.state.zh()));
        show::line(format!(
            "{} · {} 公里 · {} · 油卡 {}",
            self.directory.unit_name(car.item.unit_id),
            car.vehicle.odometer_km,
            car.vehicle.energy.zh(),
            card.as_deref().unwrap_or("无")
        ));
        for (_, zh, until) in car.vehicle.papers().dates() {
            show::line(format!("  {zh} {}", until.map_or_else(|| "未登记".to_owned(), |day| format!("至 {day}"))));
        }
        Ok(Done::Clean)
    }

    async fn trips(
        &self,
        (car, month, state): (Option<&str>, Option<String>, Option<&str>),
        gaps: bool,
        limit: u64,
    ) -> Result<Done, CliError> {
        let car = match car {
            Some(text) => Some(store::car(self.db.read(), &self.ctx, text).await?.item.id),
            None => None,
        };
        let unknown = |name: &str| CliError::Usage(format!("没有“{name}”这一状态"));
        let state = state.map(|name| State::by_name(name).ok_or_else(|| unknown(name))).transpose()?;
        let wanted = Trips { car, month, state, gaps, ..Trips::default() };
        let rows = trips::list(self.db.read(), &self.ctx, &wanted, limit.min(10_000)).await?;
        let ids: Vec<_> = rows.iter().map(|one| one.row.item_id).collect();
        let cars = store::by_ids(self.db.read(), &ids).await?;
        let plate = |id| cars.get(&id).map(|car: &Car| car.vehicle.plate.clone()).unwrap_or_default();
        if self.global.json() {
            let facts = rows.iter().map(|one| {
                json!({ "number": one.row.number, "plate": plate(one.row.item_id), "state": one.state,
                    "purpose": one.row.purpose, "destination": one.row.destination,
                    "driver": self.directory.person_name(one.row.driver_id), "departed_at": one.row.departed_at,
                    "departed_km": one.row.departed_km, "returned_at": one.row.returned_at,
                    "returned_km": one.row.returned_km, "gap_km": one.row.gap_km, "urgent": one.row.urgent })
            });
            show::json(&facts.collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("编号", Align::Left),
            ("车牌号", Align::Left),
            ("状态", Align::Left),
            ("驾驶员", Align::Left),
            ("目的地", Align::Left),
            ("出车", Align::Left),
            ("公里", Align::Right),
            ("里程差", Align::Right),
        ]);
        for one in &rows {
            table.row([
                one.row.number.clone(),
                plate(one.row.item_id),
                one.state.zh().to_owned(),
                self.directory.person_name(one.row.driver_id).to_owned(),
                one.row.destination.clone(),
                one.row.departed_at.map(|at| at.to_string()).unwrap_or_default(),
                one.row.km().map(|km| km.to_string()).unwrap_or_default(),
                one.row.gap_km.map(|gap| format!("{gap:+}")).unwrap_or_default(),
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }

    async fn months(&self, month: &str) -> Result<Done, CliError> {
        let rows = trips::months(self.db.read(), &self.ctx, month).await?;
        let missing = rows.iter().filter(|one| one.submission.is_none()).count();
        if self.global.json() {
            let facts = rows.iter().map(|one| {
                json!({ "unit": self.directory.unit_name(one.unit), "trips": one.count.trips, "km": one.count.km,
                    "unchecked": one.count.unchecked, "gaps": one.count.gaps,
                    "state": one.submission.as_ref().map(|row| row.state),
                    "late": one.submission.as_ref().map(|row| row.late) })
            });
            show::json(&facts.collect::<Vec<_>>());
            return Ok(Done::attention_if(missing > 0));
        }
        let mut table = Table::new(&[
            ("单位", Align::Left),
            ("报送", Align::Left),
            ("次数", Align::Right),
            ("公里", Align::Right),
            ("未核对", Align::Right),
            ("里程不衔接", Align::Right),
        ]);
        for one in &rows {
            let state = one.submission.as_ref().map_or("未报送", |row| row.state.zh());
            table.row([
                self.directory.unit_name(one.unit).to_owned(),
                state.to_owned(),
                one.count.trips.to_string(),
                one.count.km.to_string(),
                one.count.unchecked.to_string(),
                one.count.gaps.to_string(),
            ]);
        }
        table.print();
        show::line(format!("{month}：已报 {}，未报 {missing}", rows.len() - missing));
        Ok(Done::attention_if(missing > 0))
    }

    async fn prices(&self, name: &str) -> Result<Done, CliError> {
        let rows = collect::prices(self.db.read(), &self.ctx, name).await.map_err(VehicleError::from)?;
        if self.global.json() {
            let facts = rows.iter().map(|one| {
                json!({ "part": one.name, "unit": one.measure_unit, "price_fen": one.unit_price,
                    "median_fen": one.median, "dear": one.dear, "shop": one.shop, "plate": one.plate,
                    "repair": one.number })
            });
            show::json(&facts.collect::<Vec<_>>());
            return Ok(Done::Clean);
        }
        let mut table = Table::new(&[
            ("配件", Align::Left),
            ("单价", Align::Right),
            ("中位价", Align::Right),
            ("", Align::Left),
            ("维修厂", Align::Left),
            ("车牌号", Align::Left),
            ("送修单", Align::Left),
        ]);
        for one in rows {
            table.row([
                one.name,
                one.unit_price.to_string(),
                one.median.map(|money| money.to_string()).unwrap_or_default(),
                if one.dear { "偏高".to_owned() } else { String::new() },
                one.shop,
                one.plate,
                one.number,
            ]);
        }
        table.print();
        Ok(Done::Clean)
    }
}
