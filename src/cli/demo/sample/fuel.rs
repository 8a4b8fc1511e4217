//! A made-up fleet's year at the pump: sixty cars, their logbooks and month-end readings, the oil company's statement;
//! with one anomaly of each kind planted, and with what looks odd and is honest: partial fills, a winter, a new driver, a
//! replaced odometer, a patrol car that stands with its engine running.

use std::path::{Path, PathBuf};

use chrono::{Datelike as _, Days, NaiveDate};

use super::csv_forms::{WriteError, with_rows};
use crate::cli::demo::dice::Dice;
use crate::kernel::Timestamp;

/// Cars of the fleet.
const CARS: usize = 60;
/// Days of the year.
const YEAR: u64 = 365;

/// A fleet and its year.
#[derive(Debug, Clone, PartialEq)]
pub struct FuelYear {
    cars: Vec<Vec<String>>,
    fills: Vec<Fill>,
    trips: Vec<Vec<String>>,
    readings: Vec<Vec<String>>,
    /// What was planted: the record's number, and the rule that should speak of it.
    pub planted: Vec<(String, &'static str)>,
}

/// A record of the statement.
#[derive(Debug, Clone, PartialEq)]
struct Fill {
    serial: String,
    card: String,
    plate: String,
    at: Timestamp,
    kind: &'static str,
    grade: &'static str,
    litres: f64,
    price: f64,
    amount: f64,
    station: &'static str,
    km: Option<i64>,
    full: bool,
    note: &'static str,
}

/// A car as it runs.
struct Car {
    plate: String,
    card: String,
    tank: f64,
    thirst: f64,
    grade: &'static str,
    km: f64,
    /// What its odometer shows less than it ran.
    dial: f64,
    level: f64,
    driver: String,
}

const STATIONS: [&str; 5] =
    ["中国石化小榄北站", "中国石化小榄东站", "中国石化菊城站", "中国石油沙口站", "中国石化东升站"];

/// What is planted, car by car, at the car's tenth fill: the rule that should speak of it.
const PLANTED: [&str; 14] = [
    "odometer_typo",
    "odometer_rollback",
    "card_plate_mismatch",
    "over_tank",
    "consumption_high",
    "wrong_grade",
    "amount_mismatch",
    "price_off",
    "duplicate",
    "container",
    "unregistered_plate",
    "tank_balance",
    "no_trip",
    "odometer_repeated",
];

/// A file: its name, its header, its rows.
type Form<'a> = (&'a str, &'a [&'a str], &'a [Vec<String>]);

impl FuelYear {
    /// The year that begins on a day; the same seed gives the same.
    #[must_use]
    pub fn generate(seed: u64, first: NaiveDate, units: &[String]) -> Self {
        let dice = Dice::seeded(seed ^ 0x0f0e1);
        let mut year =
            Self { cars: Vec::new(), fills: Vec::new(), trips: Vec::new(), readings: Vec::new(), planted: Vec::new() };
        for no in 0..CARS {
            let mut car = year.car(no, units, &dice);
            year.drive(no, &mut car, first, &dice);
        }
        year.fills.sort_by(|a, b| a.at.cmp(&b.at).then(a.serial.cmp(&b.serial)));
        year
    }

    fn car(&mut self, no: usize, units: &[String], dice: &Dice) -> Car {
        let (tank, thirst) = [(55.0, 7.6), (60.0, 8.4), (70.0, 10.2), (80.0, 11.5)][no % 4];
        let grade = if no % 4 == 3 { "0#柴油" } else { "92号车用汽油" };
        let (plate, card) = (format!("粤T{:04}警", 1_000 + no * 37), format!("1000115500{:06}", 100 + no));
        let unit = units.get(no % units.len().max(1)).cloned().unwrap_or_default();
        let row = [plate.clone(), format!("{tank:.0}"), grade.to_owned(), format!("{thirst:.1}"), card.clone(), unit];
        self.cars.push(row.into_iter().chain(["在用".to_owned()]).collect());
        #[expect(clippy::cast_precision_loss, reason = "an odometer")]
        let km = dice.between(8_000, 120_000) as f64;
        Car {
            plate,
            card,
            tank,
            thirst,
            grade,
            km,
            dial: 0.0,
            level: tank * 0.7,
            driver: format!("驾驶员{:02}", no % 40),
        }
    }

    fn drive(&mut self, no: usize, car: &mut Car, first: NaiveDate, dice: &Dice) {
        let mut filled = 0;
        let idles = no.is_multiple_of(3);
        for offset in 0..YEAR {
            let day = first.checked_add_days(Days::new(offset)).unwrap_or(first);
            if no == 50 && offset == 180 {
                // A new driver, who drives a little harder.
                car.driver = "驾驶员98".to_owned();
                car.thirst *= 1.05;
            }
            if no == 51 && offset == 200 {
                car.dial = car.km;
            }
            let run = part(dice, 35, 85);
            let winter = if matches!(day.month(), 1 | 12) { 1.04 } else { 1.0 };
            let idle = if idles { part(dice, 10, 25) / 10.0 } else { 0.0 };
            let burnt = run * car.thirst / 100.0 * winter * (1.0 + part(dice, -40, 40) / 1_000.0) + idle * 0.8;
            let departed = Timestamp(Timestamp::start_of_day(day).0 + (480 + dice.between(0, 60)) * 60_000);
            #[expect(clippy::cast_possible_truncation, reason = "some hours of a day")]
            let minutes = (run / 30.0 * 60.0 + idle * 60.0) as i64 + 40;
            let shown = (car.km - car.dial).floor();
            car.level -= burnt;
            car.km += run;
            if car.level < car.tank * 0.28 {
                filled += 1;
                let at = Timestamp(departed.0 + minutes * 30_000);
                self.fill(no, car, filled, at, dice);
            }
            let returned = Timestamp(departed.0 + minutes * 60_000);
            let hides = filled == 10 && PLANTED.get(no) == Some(&"no_trip") && car.level > car.tank * 0.8;
            if !hides {
                let km = (car.km - car.dial).floor();
                self.trips.push(vec![
                    car.plate.clone(),
                    departed.to_string(),
                    returned.to_string(),
                    format!("{shown:.0}"),
                    format!("{km:.0}"),
                    "辖区巡逻".to_owned(),
                    car.driver.clone(),
                ]);
            }
            if day.checked_add_days(Days::new(1)).is_some_and(|next| next.month() != day.month()) {
                self.readings.push(vec![
                    car.plate.clone(),
                    day.to_string(),
                    format!("{:.0}", (car.km - car.dial).floor()),
                ]);
            }
        }
    }

    /// Fills up, now and then in part; at the tenth fill, what is planted with this car.
    fn fill(&mut self, no: usize, car: &mut Car, count: usize, at: Timestamp, dice: &Dice) {
        let room = car.tank * 0.98 - car.level;
        let partly = count != 10 && count != 11 && dice.chance(80);
        let litres = if partly { (room * 0.6).round() } else { (room * 100.0).round() / 100.0 };
        car.level += litres;
        let price = price(car.grade, at);
        #[expect(clippy::cast_possible_truncation, reason = "an odometer")]
        let km = (car.km - car.dial).floor() as i64;
        let record = Fill {
            serial: format!("{:06}", self.fills.len() + 1),
            card: car.card.clone(),
            plate: car.plate.clone(),
            at,
            kind: "加油",
            grade: car.grade,
            litres,
            price,
            amount: cents(litres * price),
            station: dice.pick(&STATIONS, STATIONS[0]),
            km: Some(km),
            full: !partly,
            note: "",
        };
        let planted = PLANTED.get(no).filter(|_| count == 10).copied();
        if let Some(rule) = planted {
            self.plant(rule, car, record, dice);
        } else {
            self.fills.push(record);
        }
    }

    /// One of each kind.
    fn plant(&mut self, rule: &'static str, car: &Car, mut record: Fill, dice: &Dice) {
        let mut serial = record.serial.clone();
        let more = |record: &mut Fill, litres: f64| {
            record.litres = cents(record.litres + litres);
            record.amount = cents(record.litres * record.price);
        };
        match rule {
            "odometer_typo" => record.km = record.km.map(|km| km + 300_000),
            "odometer_rollback" => record.km = record.km.map(|km| km - 1_234),
            "odometer_repeated" => {
                let last = self.fills.iter().rev().find(|fill| fill.plate == car.plate);
                record.km = last.and_then(|fill| fill.km);
            }
            "card_plate_mismatch" => record.card = "1000115500000159".to_owned(),
            "over_tank" => more(&mut record, car.tank * 0.5),
            "consumption_high" => more(&mut record, car.tank * 0.28),
            "wrong_grade" => record.grade = "车用尿素",
            "amount_mismatch" => record.amount = cents(record.amount + 50.0),
            "price_off" => {
                record.price = cents(record.price * 1.12);
                record.amount = cents(record.litres * record.price);
            }
            "container" => record.note = "散装汽油加入油桶",
            "unregistered_plate" => record.plate = "粤T9Z99警".to_owned(),
            "duplicate" => {
                let mut copy = record.clone();
                copy.serial = format!("{}B", record.serial);
                copy.at = Timestamp(copy.at.0 + 60_000);
                serial.clone_from(&copy.serial);
                self.fills.push(copy);
            }
            "tank_balance" => {
                let mut ghost = record.clone();
                ghost.serial = format!("{}G", record.serial);
                ghost.at = Timestamp(ghost.at.0 + 26 * 3_600_000);
                ghost.km = None;
                ghost.litres = cents(car.tank * 0.6);
                ghost.amount = cents(ghost.litres * ghost.price);
                ghost.station = dice.pick(&STATIONS, STATIONS[1]);
                serial.clone_from(&ghost.serial);
                self.fills.push(ghost);
            }
            _ => {}
        }
        self.planted.push((serial, rule));
        self.fills.push(record);
    }

    /// Writes `vehicles.csv`, `fills.csv`, `trips.csv` and `odometer.csv` into `dir`, which must exist.
    ///
    /// # Errors
    /// When a file cannot be written.
    pub fn write_csv(&self, dir: &Path) -> Result<Vec<PathBuf>, WriteError> {
        let fills: Vec<Vec<String>> = self.fills.iter().map(Fill::cells).collect();
        let forms: [Form<'_>; 4] = [
            (
                "vehicles.csv",
                &["车牌号", "油箱容量", "油品", "百公里油耗", "加油卡号", "使用部门", "使用状况"],
                &self.cars,
            ),
            (
                "fills.csv",
                &[
                    "流水号",
                    "卡号",
                    "车牌号",
                    "交易时间",
                    "交易类型",
                    "油品",
                    "加油量",
                    "单价",
                    "金额",
                    "网点",
                    "里程数",
                    "是否加满",
                    "备注",
                ],
                &fills,
            ),
            (
                "trips.csv",
                &["车牌号", "出车时间", "还车时间", "出车前里程", "还车里程", "目的地", "驾驶员"],
                &self.trips,
            ),
            ("odometer.csv", &["车牌号", "抄表日期", "里程"], &self.readings),
        ];
        let mut written = Vec::new();
        for (name, header, rows) in forms {
            let path = dir.join(name);
            let file = std::fs::File::create(&path).map_err(csv::Error::from);
            let done = file.and_then(|file| {
                let mut file = std::io::BufWriter::new(file);
                with_rows(&mut file, &|out| {
                    out.write_record(header)?;
                    rows.iter().try_for_each(|row| out.write_record(row))
                })?;
                Ok(std::io::Write::flush(&mut file)?)
            });
            done.map_err(|source| WriteError { path: path.clone(), source })?;
            written.push(path);
        }
        Ok(written)
    }
}

impl Fill {
    fn cells(&self) -> Vec<String> {
        vec![
            self.serial.clone(),
            self.card.clone(),
            self.plate.clone(),
            self.at.to_string(),
            self.kind.to_owned(),
            self.grade.to_owned(),
            format!("{:.2}", self.litres),
            format!("{:.2}", self.price),
            format!("{:.2}", self.amount),
            self.station.to_owned(),
            self.km.map(|km| km.to_string()).unwrap_or_default(),
            if self.full { "是" } else { "否" }.to_owned(),
            self.note.to_owned(),
        ]
    }
}

/// A whole number from `low` to `high`.
fn part(dice: &Dice, low: i64, high: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a small number")]
    let drawn = dice.between(low, high) as f64;
    drawn
}

fn cents(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// The price of a litre, set every fourteen days.
fn price(grade: &str, at: Timestamp) -> f64 {
    let window = at.0.div_euclid(14 * 86_400_000).rem_euclid(7);
    #[expect(clippy::cast_precision_loss, reason = "0 to 6")]
    let step = window as f64 * 0.06;
    cents(if grade.contains('柴') { 7.05 } else { 7.42 } + step)
}
