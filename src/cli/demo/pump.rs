//! A year at the pump, in the book: the oil companies' statements month by month, the drivers' slips of the last weeks, the
//! check of them; with something of each kind planted in the last weeks, and with what looks odd and is honest: partial
//! fills, a winter, an engine that stands running, another driver, a replaced odometer.

use chrono::{Datelike as _, Days, NaiveDate};

use super::cars::{DAYS, Driven, Way};
use super::dice::Dice;
use super::litres::{amount, kilometres, litres_of, ml, price, product};
use crate::cli::CliError;
use crate::db::Db;
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::cards::model::{CardState, Supplier};
use crate::vehicles::cards::service::{self as cards, Turn};
use crate::vehicles::fuel::Knob;
use crate::vehicles::fuel::ledger::limits::{self, NewLimit};
use crate::vehicles::fuel::ledger::model::{LimitScope, NewRecord, month_of};
use crate::vehicles::fuel::ledger::slips::{self, NewSlip};
use crate::vehicles::fuel::ledger::statements::{self, NewStatement};
use crate::vehicles::fuel::ledger::watch;

/// Days of the year that the statements cover.
const YEAR: u64 = 365;
/// The car whose odometer was replaced, the one whose driver changed, the one whose fuel is stolen a little every time.
pub(super) const NEW_DIAL: usize = 50;
const NEW_DRIVER: usize = 51;
const SLOWLY: usize = 52;
/// What is planted, car by car among those that burn, in the last weeks.
const PLANTED: [&str; 20] = [
    "odometer_typo",
    "consumption_high",
    "duplicate",
    "card_plate_mismatch",
    "over_tank",
    "tank_balance",
    "odometer_rollback",
    "wrong_grade",
    "amount_mismatch",
    "price_off",
    "container",
    "unregistered_plate",
    "no_trip",
    "odometer_repeated",
    "odometer_missing",
    "repeat_fill",
    "too_far",
    "balance_break",
    "dead_card",
    "unknown_card",
];
const STATIONS: [&str; 4] =
    ["中国石化中山小榄北站", "中国石化中山小榄东站", "中国石化中山菊城站", "中国石化中山东升站"];
/// Where the cards of the other company are taken.
const OTHERS: [&str; 2] = ["中国石油中山沙口站", "中国石油中山工业大道站"];
const MINUTE: i64 = 60_000;
const DAY: i64 = 86_400_000;

/// A record, and whose statement it stands on.
struct Sold {
    supplier: Supplier,
    car: usize,
    record: NewRecord,
}

/// A car's tank as the year goes on.
struct Tank {
    level: f64,
    thirst: f64,
    fills: Vec<usize>,
}

/// Sells a year of fuel to the cars, brings the statements in, writes slips down, and checks.
///
/// # Errors
/// When the database refuses.
pub(super) async fn play(db: &Db, ctx: &Ctx, cars: &[Driven], drivers: &[PersonId], seed: u64) -> Result<(), CliError> {
    let mut pump = Pump { dice: Dice::seeded(seed ^ 0x0F0E_1D2C), today: ctx.now().day(), sold: Vec::new() };
    let mut planted = PLANTED.iter();
    for at in 0..cars.len() {
        let burns = cars[at].energy.burns();
        let honest = [NEW_DIAL, NEW_DRIVER, SLOWLY].contains(&at);
        let rule = if burns && !honest { planted.next().copied() } else { None };
        if burns { pump.year(cars, at, rule) } else { pump.charge(cars, at) }
    }
    if let Some(lost) = cars.get(pump.of_rule(cars, "dead_card")) {
        let on = pump.today - Days::new(40);
        let turn =
            Turn { to: CardState::Lost, on, replaced_by: None, reason: "遗失，已向发卡单位挂失".to_owned() };
        cards::turn(db, ctx, &lost.card, None, &turn).await?;
    }
    pump.slips(db, ctx, cars, drivers).await?;
    pump.statements(db, ctx).await?;
    let special = NewLimit {
        knob: Knob::ConsumptionZ,
        scope: LimitScope::Use,
        scope_value: "special_purpose".to_owned(),
        value: 3.6,
        effective_from: pump.today,
        source: "分局装财会议纪要：特种专业技术用车停车用电时间长，试行放宽".to_owned(),
    };
    limits::set(db, ctx, &special).await?;
    watch::run(db, ctx, pump.today - Days::new(60), pump.today).await?;
    Ok(())
}

struct Pump {
    dice: Dice,
    today: NaiveDate,
    sold: Vec<Sold>,
}

impl Pump {
    /// The car with which a rule's record was planted.
    fn of_rule(&self, cars: &[Driven], rule: &str) -> usize {
        let place = PLANTED.iter().position(|one| *one == rule).unwrap_or(usize::MAX);
        let usable = |at: &usize| cars[*at].energy.burns() && ![NEW_DIAL, NEW_DRIVER, SLOWLY].contains(at);
        (0..cars.len()).filter(usable).nth(place).unwrap_or(usize::MAX)
    }

    /// All ways of a car: the older ones that only its odometer tells of, then those of the book.
    fn ways(&self, car: &Driven, at: usize) -> Vec<Way> {
        let first = car.ways.first().map_or(car.km, |way| way.from_km);
        let mut ways = Vec::new();
        let mut km = first;
        for back in DAYS + 1..=YEAR {
            let day = self.today - Days::new(back);
            if !self.dice.chance(if day.weekday().number_from_monday() > 5 { 450 } else { 850 }) {
                continue;
            }
            let left = Timestamp(Timestamp::start_of_day(day).0 + self.dice.between(450, 900) * MINUTE);
            let run = self.dice.between(22, 74);
            km -= run;
            ways.push(Way { left, back: Timestamp(left.0 + (run * 2 + 40) * MINUTE), from_km: km, to_km: km + run });
        }
        ways.reverse();
        if at == NEW_DIAL {
            // The old odometer had run far; the new one begins at nothing.
            for way in ways.iter_mut().filter(|way: &&mut Way| way.from_km < 0) {
                (way.from_km, way.to_km) = (way.from_km + 96_000, way.to_km + 96_000);
            }
        }
        ways.extend(car.ways.iter().copied());
        ways
    }

    fn year(&mut self, cars: &[Driven], at: usize, rule: Option<&'static str>) {
        let car = &cars[at];
        let ways = self.ways(car, at);
        let capacity = litres_of(car.tank_ml);
        let mut tank = Tank { level: capacity * 0.6, thirst: litres_of(car.rated_ml) * 1.12, fills: Vec::new() };
        let idles = at.is_multiple_of(5);
        for way in &ways {
            let back = (self.today - way.left.day()).num_days();
            let harder = if at == NEW_DRIVER && back < 60 { 1.06 } else { 1.0 };
            let winter = if matches!(way.left.day().month(), 1 | 12) { 1.04 } else { 1.0 };
            let noise = 1.0 + part(&self.dice, -35, 35) / 1_000.0;
            let idle = if idles { part(&self.dice, 2, 12) / 10.0 } else { 0.0 };
            let run = kilometres(way.to_km - way.from_km);
            tank.level -= run * tank.thirst / 100.0 * winter * harder * noise + idle * 0.9;
            if tank.level < capacity * 0.27 {
                let moment = Timestamp(way.left.0.midpoint(way.back.0));
                self.fill(cars, at, &mut tank, moment, way.from_km.midpoint(way.to_km), back);
            }
        }
        if at == SLOWLY {
            let since = Timestamp::start_of_day(self.today).0 - 150 * DAY;
            for &no in &tank.fills {
                let record = &mut self.sold[no].record;
                if record.at.0 > since {
                    more(record, 1.09);
                }
            }
        }
        if let Some(rule) = rule {
            self.plant(cars, at, rule, &tank, &ways);
        }
    }

    /// Fills up, now and then in part.
    fn fill(&mut self, cars: &[Driven], at: usize, tank: &mut Tank, moment: Timestamp, km: i64, back: i64) {
        let car = &cars[at];
        let room = litres_of(car.tank_ml) * 0.985 - tank.level;
        let partly = back > 70 && self.dice.chance(70);
        let litres = if partly { (room * 0.6).round() } else { room + part(&self.dice, -6, 6) / 10.0 };
        tank.level += litres;
        let price = price(car.energy, &car.grade, moment);
        let record = NewRecord {
            card_number: car.card.clone(),
            plate: car.plate.clone(),
            at: moment,
            timed: true,
            kind_text: "加油".to_owned(),
            grade: product(car.energy, &car.grade),
            quantity_ml: Some(ml(litres)),
            price_e4: Some(price),
            amount_fen: Some(amount(ml(litres), price)),
            station: match car.supplier {
                Supplier::Petrochina => self.dice.pick(&OTHERS, OTHERS[0]),
                _ => self.dice.pick(&STATIONS, STATIONS[0]),
            }
            .to_owned(),
            odometer_km: Some(km),
            full_tank: Some(!partly),
            ..NewRecord::default()
        };
        tank.fills.push(self.sold.len());
        self.sold.push(Sold { supplier: car.supplier, car: at, record });
    }

    /// Charges an electric car every few days; the amount is kWh.
    fn charge(&mut self, cars: &[Driven], at: usize) {
        let car = &cars[at];
        let ways = self.ways(car, at);
        let mut used = 0.0;
        for way in &ways {
            used += kilometres(way.to_km - way.from_km) * 0.155;
            if used < 30.0 {
                continue;
            }
            let kwh = used * (1.0 + part(&self.dice, -20, 60) / 1_000.0);
            used = 0.0;
            let record = NewRecord {
                plate: car.plate.clone(),
                at: Timestamp(way.back.0 + 30 * MINUTE),
                timed: true,
                kind_text: "充电".to_owned(),
                grade: "充电".to_owned(),
                quantity_ml: Some(ml(kwh)),
                price_e4: Some(9_800),
                amount_fen: Some(amount(ml(kwh), 9_800)),
                station: "分局院内充电站".to_owned(),
                odometer_km: Some(way.to_km),
                ..NewRecord::default()
            };
            self.sold.push(Sold { supplier: Supplier::Other, car: at, record });
        }
    }

    /// Something of each kind, at a fill of the last weeks.
    fn plant(&mut self, cars: &[Driven], at: usize, rule: &'static str, tank: &Tank, ways: &[Way]) {
        let car = &cars[at];
        let recent = Timestamp::start_of_day(self.today).0 - 6 * DAY;
        let late = |no: &&usize| self.sold[**no].record.at.0 < recent;
        let Some(&no) = tank.fills.iter().rev().find(late) else { return };
        let before = tank.fills.iter().rev().find(|one| **one < no).copied();
        let capacity = litres_of(car.tank_ml);
        let again = |sold: &Sold, minutes: i64, litres: f64, station: &str| {
            let mut record = sold.record.clone();
            record.at.0 += minutes * MINUTE;
            record.quantity_ml = Some(ml(litres));
            record.amount_fen = Some(amount(ml(litres), record.price_e4.unwrap_or_default()));
            station.clone_into(&mut record.station);
            Sold { record, ..*sold }
        };
        let last_km = before.and_then(|before| self.sold[before].record.odometer_km);
        let record = &mut self.sold[no].record;
        match rule {
            "odometer_typo" => record.odometer_km = record.odometer_km.map(|km| km + 300_000),
            "odometer_rollback" => record.odometer_km = record.odometer_km.map(|km| km - 1_234),
            "odometer_repeated" => record.odometer_km = last_km,
            "odometer_missing" => record.odometer_km = None,
            "consumption_high" => more(record, 1.38),
            "over_tank" => record.quantity_ml = Some(ml(capacity * 1.55)),
            "wrong_grade" => record.grade = "车用尿素".to_owned(),
            "amount_mismatch" => record.amount_fen = record.amount_fen.map(|fen| Fen(fen.0 + 5_000)),
            "price_off" => record.price_e4 = record.price_e4.map(|price| price * 112 / 100),
            "container" => record.note = "散装汽油加入油桶".to_owned(),
            "unregistered_plate" => record.plate = "粤T9Z99警".to_owned(),
            "unknown_card" => record.card_number = "1000119999887766".to_owned(),
            "balance_break" => record.note = "漏列".to_owned(),
            "card_plate_mismatch" => {
                let other = cars.iter().find(|other| other.card != car.card && other.supplier == car.supplier);
                if let Some(other) = other {
                    record.card_number.clone_from(&other.card);
                }
            }
            "no_trip" => {
                let quiet = |two: &&[Way]| two[1].left.0 - two[0].back.0 > 40 * 60 * MINUTE && two[1].left.0 < recent;
                if let Some(two) = ways.windows(2).rev().find(quiet) {
                    record.at = Timestamp(two[0].back.0 + 20 * 60 * MINUTE);
                    record.odometer_km = Some(two[0].to_km);
                }
            }
            "duplicate" => {
                let copy =
                    again(&self.sold[no], 1, litres_of(self.sold[no].record.quantity_ml.unwrap_or(0)), STATIONS[0]);
                self.sold.push(copy);
            }
            "tank_balance" => {
                let mut ghost = again(&self.sold[no], 26 * 60, capacity * 0.6, STATIONS[1]);
                ghost.record.odometer_km = None;
                self.sold.push(ghost);
            }
            "repeat_fill" => {
                let second = again(&self.sold[no], 70, capacity * 0.2, STATIONS[2]);
                self.sold.push(second);
            }
            "too_far" => {
                let far = again(&self.sold[no], 25, capacity * 0.15, "中国石化广州番禺站");
                self.sold.push(far);
            }
            _ => {}
        }
        if matches!(rule, "over_tank" | "price_off") {
            let record = &mut self.sold[no].record;
            let (ml, price) = (record.quantity_ml.unwrap_or(0), record.price_e4.unwrap_or(0));
            record.amount_fen = Some(amount(ml, price));
        }
    }

    /// What the drivers of the last weeks wrote down: most of it as the list has it, some not.
    async fn slips(&self, db: &Db, ctx: &Ctx, cars: &[Driven], drivers: &[PersonId]) -> Result<(), CliError> {
        let since = Timestamp::start_of_day(self.today).0 - 45 * DAY;
        for (n, sold) in self.sold.iter().filter(|sold| sold.record.at.0 > since).enumerate() {
            if sold.supplier == Supplier::Other || n % 19 == 7 {
                continue;
            }
            let record = &sold.record;
            let off = match n % 23 {
                5 => 1_500,
                _ => 0,
            };
            let new = NewSlip {
                item: cars[sold.car].id,
                at: Timestamp(record.at.0 + self.dice.between(-8, 8) * MINUTE),
                driver: drivers.get(cars[sold.car].unit).copied(),
                quantity_ml: (record.quantity_ml.unwrap_or(30_000) - off).max(1_000),
                amount: record.amount_fen.map(|fen| if n % 23 == 11 { Fen(fen.0 - 2_000) } else { fen }),
                station: record.station.clone(),
                odometer_km: record.odometer_km,
                full_tank: record.full_tank.unwrap_or(true),
                container: false,
                approval_number: String::new(),
                note: String::new(),
            };
            slips::write_down(db, ctx, &new).await?;
        }
        Ok(())
    }

    /// The statements of every supplier and month come in; the older months are closed.
    async fn statements(&mut self, db: &Db, ctx: &Ctx) -> Result<(), CliError> {
        self.settle();
        self.sold.sort_by_key(|sold| sold.record.at);
        let now = ctx.now();
        let first = self.today - Days::new(YEAR);
        let mut month = NaiveDate::from_ymd_opt(first.year(), first.month(), 1).unwrap_or(first);
        let open_from = self.today - Days::new(45);
        while month <= self.today {
            let (name, next) =
                (month_of(month), month.checked_add_months(chrono::Months::new(1)).unwrap_or(self.today));
            for supplier in [Supplier::Sinopec, Supplier::Petrochina, Supplier::Other] {
                let of = |sold: &&Sold| {
                    sold.supplier == supplier && month_of(sold.record.at.day()) == name && sold.record.at < now
                };
                let mut records: Vec<NewRecord> = self.sold.iter().filter(of).map(|sold| sold.record.clone()).collect();
                for (line, record) in (2i64..).zip(&mut records) {
                    record.line = line;
                    record.serial = format!("{}{line:05}", month.format("%Y%m"));
                }
                if records.is_empty() {
                    continue;
                }
                let what = match supplier {
                    Supplier::Sinopec => "中国石化加油卡对账单",
                    Supplier::Petrochina => "昆仑加油卡明细",
                    Supplier::Other => "充电站账单",
                };
                let sum = records.iter().filter(|r| r.kind_text != "圈存").filter_map(|r| r.amount_fen).sum();
                let new = NewStatement {
                    supplier,
                    file_name: format!("{what}-{name}.xls"),
                    sha256: crate::kernel::hash::hex(
                        &crate::kernel::hash::HashKind::Sha256.of(&[what.as_bytes(), name.as_bytes()]),
                    ),
                    records,
                    rejected: 0,
                    stated_ml: None,
                    stated_fen: Some(sum),
                    keep_map: (supplier == Supplier::Petrochina).then(|| "station=网点名称".to_owned()),
                };
                let row = statements::bring(db, ctx, &new).await?;
                if next <= open_from {
                    let note = "此前月份登记在纸质台账，已逐笔核对";
                    statements::close(db, ctx, row.id, row.version, note).await?;
                }
            }
            month = next;
        }
        Ok(())
    }

    /// What each card pays, in order of time; topped up when it runs low.
    fn settle(&mut self) {
        let mut order: Vec<usize> =
            (0..self.sold.len()).filter(|no| self.sold[*no].supplier != Supplier::Other).collect();
        order.sort_by(|a, b| {
            let key = |no: &usize| (self.sold[*no].record.card_number.clone(), self.sold[*no].record.at);
            key(a).cmp(&key(b))
        });
        let (mut card, mut balance) = (String::new(), Fen(0));
        let mut loads = Vec::new();
        for no in order {
            let sold = &mut self.sold[no];
            if sold.record.card_number != card {
                card.clone_from(&sold.record.card_number);
                balance = Fen(200_000);
            }
            let paid = sold.record.amount_fen.unwrap_or(Fen::ZERO);
            if balance < paid + Fen(20_000) {
                balance += Fen(200_000);
                let load = NewRecord {
                    at: Timestamp(sold.record.at.0 - 5 * MINUTE),
                    kind_text: "圈存".to_owned(),
                    grade: String::new(),
                    quantity_ml: None,
                    price_e4: None,
                    amount_fen: Some(Fen(200_000)),
                    balance_fen: Some(balance),
                    odometer_km: None,
                    full_tank: None,
                    note: String::new(),
                    ..sold.record.clone()
                };
                loads.push(Sold { supplier: sold.supplier, car: sold.car, record: load });
            }
            if sold.record.note == "漏列" {
                // Something was paid between the last record and this one that the list does not have.
                sold.record.note.clear();
                balance = balance - Fen(18_000);
            }
            balance = balance - paid;
            sold.record.balance_fen = Some(balance);
        }
        self.sold.extend(loads);
    }
}

/// As many times the litres, and their price.
fn more(record: &mut NewRecord, times: f64) {
    let litres = litres_of(record.quantity_ml.unwrap_or(0)) * times;
    record.quantity_ml = Some(ml(litres));
    record.amount_fen = Some(amount(ml(litres), record.price_e4.unwrap_or(0)));
}

fn part(dice: &Dice, low: i64, high: i64) -> f64 {
    kilometres(dice.between(low, high))
}
