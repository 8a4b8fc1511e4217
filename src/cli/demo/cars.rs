//! The cars of the made-up sub-bureau: sixty of them with their cards and drivers, the books of the last months, some
//! repairs, and what does not fit: odometers that do not go on, an urgent use, a month that nobody handed in.

use chrono::{Datelike as _, Days, NaiveDate};
use hashbrown::HashMap;

use super::dice::Dice;
use super::drums;
use super::pump;
use super::sample::{PersonAt, Sample, UnitAt};
use crate::access::Role;
use crate::approvals::service::{self as approvals, Verdict};
use crate::approvals::{Granted, Holders, Posts};
use crate::cli::CliError;
use crate::db::{Db, DbError};
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Fen, Quantity, Timestamp};
use crate::org::Directory;
use crate::vehicles::VehicleError;
use crate::vehicles::cards::model::{CardKind, Supplier};
use crate::vehicles::cards::service::{self as cards, Give, NewCard};
use crate::vehicles::drivers::{self, Licence};
use crate::vehicles::model::{Energy, LicenceClass, UseKind, vin_check};
use crate::vehicles::reminders;
use crate::vehicles::repairs::model::RepairKind;
use crate::vehicles::repairs::service::{self as repairs, NewPart, NewRepair, Return, Send};
use crate::vehicles::service::{self as vehicles, Facts, NewVehicle};
use crate::vehicles::shops::service::{self as shops, Shop};
use crate::vehicles::trips::model::month_of;
use crate::vehicles::trips::months;
use crate::vehicles::trips::past::{self, PastTrip};
use crate::vehicles::trips::service::{self as trips, Departure, NewTrip};

/// How many cars there are.
const CARS: usize = 60;
/// How many days back the books begin.
pub(super) const DAYS: u64 = 75;
/// How many days back the cards were given out.
const CARDS_SINCE: u64 = 400;
/// The workshops.
const SHOPS: [&str; 3] = ["澄江顺达汽车维修厂（示例）", "诚远汽修服务部（示例）", "新安汽车技术服务中心（示例）"];
/// What cars there are: name, model, energy, grade, tank and rated consumption in litres × 1000, price in yuan.
const MODELS: [(&str, &str, Energy, &str, i64, i64, i64); 6] = [
    ("小型轿车", "QY-1.6L 手动", Energy::Petrol, "92", 55_000, 7_400, 98_000),
    ("小型越野客车", "SL-2.0T 四驱", Energy::Petrol, "95", 65_000, 9_800, 189_000),
    ("小型普通客车", "TS-MPV 7座", Energy::Petrol, "92", 70_000, 10_600, 168_000),
    ("中型普通客车", "HD-19座", Energy::Diesel, "0", 95_000, 14_200, 326_000),
    ("警用巡逻车", "XL-EV 纯电", Energy::Electric, "", 0, 0, 152_000),
    ("多用途乘用车", "QY-混动", Energy::Hybrid, "92", 50_000, 6_100, 176_000),
];
const PURPOSES: [(&str, &str); 8] = [
    ("街面巡逻", "辖区主干道"),
    ("社区走访", "东片社区"),
    ("押解嫌疑人", "市看守所"),
    ("案件取证", "城北物流园"),
    ("送达法律文书", "区人民法院"),
    ("大型活动安保", "体育中心"),
    ("会议", "市公安局"),
    ("接处警", "辖区"),
];

/// A car as the play goes on.
pub(super) struct Driven {
    pub(super) id: ItemId,
    pub(super) plate: String,
    pub(super) unit: usize,
    pub(super) km: i64,
    free_from: Timestamp,
    pub(super) energy: Energy,
    pub(super) grade: String,
    pub(super) tank_ml: i64,
    pub(super) rated_ml: i64,
    /// The number of its fuel card; blank of an electric car.
    pub(super) card: String,
    pub(super) supplier: Supplier,
    /// What it drove, as the book has it.
    pub(super) ways: Vec<Way>,
}

/// A way that was driven.
#[derive(Debug, Clone, Copy)]
pub(super) struct Way {
    pub(super) left: Timestamp,
    pub(super) back: Timestamp,
    pub(super) from_km: i64,
    pub(super) to_km: i64,
}

struct Yard<'a> {
    db: &'a Db,
    ctx: &'a Ctx,
    sample: &'a Sample,
    directory: &'a Directory,
    dice: Dice,
    cars: Vec<Driven>,
}

/// Plays it.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(
    db: &Db,
    ctx: &Ctx,
    sample: &Sample,
    directory: &Directory,
    station: UnitAt,
) -> Result<(), CliError> {
    let dice = Dice::seeded(sample.spec.seed ^ 0x00C0_FFEE);
    let mut yard = Yard { db, ctx, sample, directory, dice, cars: Vec::with_capacity(CARS) };
    yard.shops().await?;
    yard.drivers().await?;
    for n in 0..CARS {
        yard.car(n).await?;
    }
    yard.books().await?;
    let managers: Vec<PersonId> =
        (0..sample.units.len()).map(|unit| yard.person(yard.driver(unit, 1))).collect::<Result<_, _>>()?;
    pump::play(db, ctx, &yard.cars, &managers, sample.spec.seed).await?;
    yard.hand_in(station).await?;
    yard.now(station).await?;
    reminders::mark(db, ctx).await?;
    Ok(())
}

impl Yard<'_> {
    fn acting(&self, person: PersonId) -> Ctx {
        self.ctx.acting_as(Actor::Person(person), Scope::Everything)
    }

    fn person(&self, at: PersonAt) -> Result<PersonId, CliError> {
        Ok(self.directory.find_person(&self.sample.person(at).badge_number, None)?)
    }

    fn unit(&self, at: usize) -> Result<UnitId, CliError> {
        Ok(self.directory.find_unit(&self.sample.unit(UnitAt(at)).code)?)
    }

    /// The unit's drivers: its manager and the few after.
    fn driver(&self, unit: usize, n: usize) -> PersonAt {
        PersonAt(self.sample.unit(UnitAt(unit)).asset_manager.0 + n % 5)
    }

    async fn shops(&self) -> Result<(), CliError> {
        for (n, name) in SHOPS.iter().enumerate() {
            let contract_until = self.ctx.now().day().checked_add_days(Days::new(200 + 100 * n as u64));
            let shop = Shop {
                name: (*name).to_owned(),
                contact: "业务室".to_owned(),
                phone: String::new(),
                address: "澄江镇工业路".to_owned(),
                contract_until,
                active: true,
            };
            shops::set(self.db, self.ctx, None, &shop).await?;
        }
        Ok(())
    }

    async fn drivers(&self) -> Result<(), CliError> {
        let today = self.ctx.now().day();
        for unit in 0..self.sample.units.len() {
            for n in 0..5 {
                let days = 200 + self.dice.below(1_800) as u64;
                let class = if n == 0 { LicenceClass::A1 } else { LicenceClass::B1 };
                let licence = Licence {
                    person: self.person(self.driver(unit, n))?,
                    class,
                    valid_from: today.checked_sub_days(Days::new(900)),
                    valid_until: today.checked_add_days(Days::new(days)),
                    active: true,
                    note: String::new(),
                };
                drivers::set(self.db, self.ctx, &licence, None).await?;
            }
        }
        Ok(())
    }

    async fn car(&mut self, n: usize) -> Result<(), CliError> {
        let unit = n % self.sample.units.len();
        let (name, model, energy, grade, tank, rated, price) = MODELS[self.dice.below(MODELS.len())];
        let today = self.ctx.now().day();
        let ahead = |days: u64| today.checked_add_days(Days::new(days));
        let plate = match (energy, n % 2) {
            (Energy::Electric | Energy::Hybrid, _) => format!("粤TD{:05}", 20_100 + n * 7),
            (_, 0) => format!("粤T{:04}警", 1_100 + n * 3),
            _ => format!("粤T{:05}", 31_000 + n * 11),
        };
        let seats = if name.starts_with("中型") { 19 } else { 5 };
        let (inspected, compulsory) = (40 + self.dice.below(320) as u64, 45 + self.dice.below(310) as u64);
        let facts = Facts {
            vin: vin(n),
            engine_number: format!("EN{:06}", 100_451 + n * 37),
            use_kind: if n.is_multiple_of(6) { UseKind::SpecialPurpose } else { UseKind::Enforcement },
            energy,
            seats: Some(seats),
            displacement_ml: energy.burns().then_some(1_598),
            tank_ml: energy.burns().then_some(tank),
            battery_wh: (energy == Energy::Electric).then_some(62_000),
            fuel_grade: grade.to_owned(),
            rated_ml_100km: energy.burns().then_some(rated),
            rated_wh_100km: (energy == Energy::Electric).then_some(14_500),
            registered_on: today.checked_sub_days(Days::new(400 + self.dice.below(2_200) as u64)),
            // Two lapse soon.
            compulsory_until: ahead(if n == 7 { 12 } else { compulsory }),
            commercial_until: ahead(compulsory),
            inspected_until: ahead(if n == 13 { 21 } else { inspected }),
            ..Facts::of(&plate)
        };
        let item = NewItem {
            kind: ItemKind::Vehicle,
            item_number: format!("CJCL{:04}", n + 1),
            name: name.to_owned(),
            specification: model.to_owned(),
            serial_number: facts.vin.clone(),
            class_code: "A02030500".to_owned(),
            class_name: "乘用车（轿车）".to_owned(),
            brand: String::new(),
            measure_unit: "辆".to_owned(),
            unit_id: self.unit(unit)?,
            place_id: None,
            keeper_id: None,
            quantity: Quantity::ONE,
            state: ItemState::InUse,
            excused_by: None,
            value_fen: Fen(price * 100),
            acquired_on: facts.registered_on,
        };
        // One got a new odometer some months ago.
        let km = if n == pump::NEW_DIAL { 7_900 } else { self.dice.between(18_000, 160_000) };
        let car = vehicles::register(self.db, self.ctx, &NewVehicle { item, facts, odometer_km: km }).await?;
        let supplier = if n.is_multiple_of(3) { Supplier::Petrochina } else { Supplier::Sinopec };
        let card = if energy.burns() { self.card(n, unit, &car.vehicle.plate, supplier).await? } else { String::new() };
        let free_from = Timestamp::start_of_day(today - Days::new(DAYS));
        self.cars.push(Driven {
            id: car.item.id,
            plate: car.vehicle.plate,
            unit,
            km,
            free_from,
            energy,
            grade: grade.to_owned(),
            tank_ml: tank,
            rated_ml: rated,
            card,
            supplier,
            ways: Vec::new(),
        });
        Ok(())
    }

    async fn card(&self, n: usize, unit: usize, plate: &str, supplier: Supplier) -> Result<String, CliError> {
        let master = if n.is_multiple_of(3) { "9030000001" } else { "1000110000000001" };
        if n < 2 {
            self.master(master, supplier).await?;
        }
        let number = format!("{}{:08}", &master[..8], 10_000_000 + n * 1_017);
        let card = NewCard {
            number: number.clone(),
            kind: CardKind::Sub,
            supplier,
            master: None,
            unit: self.unit(unit)?,
            fill_limit: Some(Fen(50_000)),
            day_limit: Some(Fen(80_000)),
            note: String::new(),
        };
        cards::enter(self.db, self.ctx, &card).await?;
        let from_on = self.ctx.now().day() - Days::new(CARDS_SINCE);
        let give = Give { car: plate.to_owned(), from_on, until_on: None, reason: "一车一卡".to_owned() };
        cards::give(self.db, self.ctx, &number, &give).await?;
        Ok(number)
    }

    async fn master(&self, number: &str, supplier: Supplier) -> Result<(), CliError> {
        let master = NewCard {
            number: number.to_owned(),
            kind: CardKind::Master,
            supplier,
            master: None,
            unit: self.unit(0)?,
            fill_limit: None,
            day_limit: None,
            note: "主卡，只管理和充值".to_owned(),
        };
        cards::enter(self.db, self.ctx, &master).await?;
        Ok(())
    }

    /// The paper books of the last months, entered unit by unit.
    async fn books(&mut self) -> Result<(), CliError> {
        let today = self.ctx.now().day();
        let mut busy: HashMap<PersonId, Timestamp> = HashMap::new();
        let mut lines: Vec<PastTrip> = Vec::new();
        for back in (1..=DAYS).rev() {
            let day = today - Days::new(back);
            for at in 0..self.cars.len() {
                if !self.dice.chance(600) {
                    continue;
                }
                if let Some(line) = self.trip(at, day, &mut busy)? {
                    lines.push(line);
                }
            }
        }
        for chunk in lines.chunks(past::MOST) {
            past::enter(self.db, self.ctx, chunk).await?;
        }
        Ok(())
    }

    fn trip(
        &mut self,
        at: usize,
        day: NaiveDate,
        busy: &mut HashMap<PersonId, Timestamp>,
    ) -> Result<Option<PastTrip>, CliError> {
        let unit = self.cars[at].unit;
        let driver = self.person(self.driver(unit, 1 + self.dice.below(4)))?;
        let leaves = Timestamp(Timestamp::start_of_day(day).0 + self.dice.between(450, 1_050) * 60_000);
        let back = Timestamp(leaves.0 + self.dice.between(35, 260) * 60_000);
        if busy.get(&driver).is_some_and(|until| leaves <= *until) || leaves <= self.cars[at].free_from {
            return Ok(None);
        }
        // Once in two hundred nobody wrote down what was driven in between.
        let gap = if self.dice.chance(5) { self.dice.between(9, 70) } else { 0 };
        let from = self.cars[at].km + gap;
        let to = from + self.dice.between(6, 88);
        let (purpose, destination) = self.dice.pick(&PURPOSES, PURPOSES[0]);
        busy.insert(driver, back);
        (self.cars[at].km, self.cars[at].free_from) = (to, back);
        self.cars[at].ways.push(Way { left: leaves, back, from_km: from, to_km: to });
        Ok(Some(PastTrip {
            car: self.cars[at].id,
            driver,
            approver: self.person(self.sample.unit(UnitAt(unit)).head)?,
            purpose: purpose.to_owned(),
            destination: destination.to_owned(),
            departed_at: leaves,
            departed_km: from,
            returned_at: back,
            returned_km: to,
        }))
    }

    /// The months before this one are checked and handed in; the last of them not by everybody.
    async fn hand_in(&self, station: UnitAt) -> Result<(), CliError> {
        let today = self.ctx.now().day();
        let centre = self.acting(self.person(self.sample.unit(UnitAt(0)).asset_manager)?);
        let first = today - Days::new(DAYS);
        let mut month = NaiveDate::from_ymd_opt(first.year(), first.month(), 1).unwrap_or(first);
        let this = month_of(today);
        while month_of(month) < this {
            let name = month_of(month);
            let next = month.checked_add_months(chrono::Months::new(1)).unwrap_or(today);
            let last = month_of(next) == this;
            for at in 0..self.sample.units.len() {
                // The station one can be has its own to do; two others are behind.
                if last && (at == station.0 || at == 5 || at == 9) {
                    continue;
                }
                let head = self.acting(self.person(self.sample.unit(UnitAt(at)).head)?);
                let manager = self.acting(self.person(self.sample.unit(UnitAt(at)).asset_manager)?);
                let unit = self.unit(at)?;
                months::check_month(self.db, &head, unit, &name).await?;
                months::submit(self.db, &manager, unit, &name, "").await?;
                if !last && at != 0 {
                    months::accept(self.db, &centre, unit, &name, None).await?;
                }
            }
            month = next;
        }
        Ok(())
    }

    /// What goes on now at the station one can be: a request that waits, a car that is out, one that left before anybody
    /// said yes, and repairs at every step.
    async fn now(&self, station: UnitAt) -> Result<(), CliError> {
        let theirs: Vec<&Driven> = self.cars.iter().filter(|car| car.unit == station.0).collect();
        let head = self.acting(self.person(self.sample.unit(station).head)?);
        let driver = |n: usize| -> Result<Ctx, CliError> { Ok(self.acting(self.person(self.driver(station.0, n))?)) };
        let wish = |car: &Driven, purpose: &str, destination: &str| NewTrip {
            car: car.plate.clone(),
            purpose: purpose.to_owned(),
            destination: destination.to_owned(),
            ..NewTrip::default()
        };
        if let [waits, out, urgent, mended, sent, ..] = theirs.as_slice() {
            trips::ask(self.db, &driver(1)?, &wish(waits, "走访重点单位", "西片工业区")).await?;
            let row = trips::ask(self.db, &driver(2)?, &wish(out, "案件取证", "城北物流园")).await?;
            self.yes(&head, row.approval_id).await?;
            let at = |car: &Driven| Departure { km: car.km, ..Departure::default() };
            trips::depart(self.db, &driver(2)?, &row.number, None, &at(out), None).await?;
            trips::depart_at_once(self.db, &driver(3)?, &wish(urgent, "接 110 警情", "汽车站"), &at(urgent)).await?;
            let approved = drums::boat(self.db, &driver(1)?, out).await?;
            self.yes(&head, Some(approved)).await?;
            drums::filled(self.db, &driver(1)?, out).await?;
            self.mend(&head, mended, 0, true).await?;
            self.mend(&head, sent, 1, false).await?;
        }
        for (n, car) in self.cars.iter().filter(|car| car.unit != station.0).step_by(9).enumerate() {
            let head = self.acting(self.person(self.sample.unit(UnitAt(car.unit)).head)?);
            self.mend(&head, car, n, true).await?;
        }
        Ok(())
    }

    async fn yes(&self, head: &Ctx, id: Option<crate::kernel::ids::ApprovalId>) -> Result<(), CliError> {
        let Some(id) = id else { return Ok(()) };
        // The head's own yes: the demonstration's accounts may not hold the post in every unit.
        let verdict = Verdict { step: 1, approved: true, reason: "同意".to_owned() };
        approvals::decide(self.db, head, &Heads(self), id, &verdict).await.map_err(VehicleError::from)?;
        Ok(())
    }

    async fn mend(&self, head: &Ctx, car: &Driven, n: usize, done: bool) -> Result<(), CliError> {
        let manager = self.acting(self.person(self.sample.unit(UnitAt(car.unit)).asset_manager)?);
        let maintenance = n.is_multiple_of(2);
        let new = NewRepair {
            car: car.plate.clone(),
            kind: if maintenance { RepairKind::Maintenance } else { RepairKind::Repair },
            fault: if maintenance { "定期保养" } else { "制动异响，更换制动片" }.to_owned(),
            budget: Fen(120_000),
            shop: SHOPS[n % SHOPS.len()].to_owned(),
        };
        let row = repairs::ask(self.db, &manager, &new).await?;
        self.yes(head, row.approval_id).await?;
        repairs::enter(self.db, &manager, &row.number, None).await?;
        let send = Send { km: car.km, ..Send::default() };
        repairs::send(self.db, &manager, &row.number, None, &send).await?;
        if !done {
            return Ok(());
        }
        let part = |name: &str, unit: &str, milli: i64, yuan: i64| NewPart {
            name: name.to_owned(),
            measure_unit: unit.to_owned(),
            quantity_milli: milli,
            unit_price: Fen(yuan * 100),
        };
        // The same part is dear at one workshop.
        let dear = if n % SHOPS.len() == 2 { 80 } else { 0 };
        let parts = if maintenance {
            vec![part("机油", "升", 4_500, 58), part("机油滤清器", "个", 1_000, 45 + dear)]
        } else {
            vec![part("前制动片", "副", 1_000, 260 + dear)]
        };
        let mended = Return {
            km: car.km + self.dice.between(3, 14),
            at: None,
            parts,
            labour: Fen(16_000),
            invoice: format!("FP{:08}", 20_481_200 + n),
            old_parts: "厂方回收".to_owned(),
            over_reason: String::new(),
            inspected_by: None,
        };
        repairs::return_(self.db, &manager, &row.number, None, &mended).await?;
        Ok(())
    }
}

/// Heads of units as the sample has them, whether they have an account here or not.
struct Heads<'a>(&'a Yard<'a>);

impl Posts for Heads<'_> {
    async fn read<C: sea_orm::ConnectionTrait>(&self, db: &C, at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Granted.read(db, at).await?;
        for (n, unit) in self.0.sample.units.iter().enumerate() {
            if let (Ok(person), Ok(unit)) = (self.0.person(unit.head), self.0.unit(n)) {
                holders.add(person, Role::UnitHead, Some(unit));
            }
        }
        Ok(holders)
    }
}

/// A chassis number that checks itself.
fn vin(n: usize) -> String {
    let signs = format!("LCJAA4180E2{:06}", 200_310 + n * 13);
    let check = vin_check(&signs).unwrap_or('0');
    signs.char_indices().map(|(at, sign)| if at == 8 { check } else { sign }).collect()
}
