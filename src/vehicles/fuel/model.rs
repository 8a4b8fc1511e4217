//! What the check is given: cars, cards, fills, trips, readings; plain values, litres and kilometres as numbers.

use crate::kernel::Timestamp;

/// A car's position in [`Input::cars`].
pub type CarNo = u32;
/// A card's position in [`Input::cards`].
pub type CardNo = u32;
/// A fill's position in [`Input::fills`].
pub type FillNo = u32;

/// What a car burns, or what was sold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Grade {
    /// Nothing is said, or it is not understood.
    #[default]
    Unknown,
    /// Petrol by its octane number; 0 when only "petrol" is said.
    Petrol(u8),
    /// Diesel; its pour point does not matter to the check.
    Diesel,
    /// Compressed or liquefied gas.
    Gas,
    /// Electricity: the amount is kWh.
    Electric,
    /// No fuel at all: shop goods, washing, lubricants, urea.
    Goods,
}

impl Grade {
    /// Reads the name of a product as statements and registers write it: `92号车用汽油(VIB)`, `0#柴油`, `纯电动`.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let plain = crate::kernel::text::half_width(text).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        let octane = [89u8, 90, 92, 93, 95, 97, 98].into_iter().find(|n| plain.contains(&n.to_string()));
        if has(&["尿素", "润滑", "机油", "洗车", "便利", "食品", "饮料", "香烟", "非油", "商品", "玻璃水"])
        {
            return Self::Goods;
        }
        if has(&["柴油", "diesel", "0#", "0号", "-10"]) && octane.is_none() {
            return Self::Diesel;
        }
        if has(&["天然气", "cng", "lng", "液化气"]) {
            return Self::Gas;
        }
        match octane {
            Some(number) => Self::Petrol(number),
            None if has(&["汽油", "petrol", "gasoline", "混动", "混合动力"]) => Self::Petrol(0),
            None if has(&["纯电", "电动", "充电", "电力", "electric", "kwh", "新能源"]) || plain.trim() == "电" => {
                Self::Electric
            }
            None => Self::Unknown,
        }
    }

    /// As people say it.
    #[must_use]
    pub fn zh(self) -> String {
        match self {
            Self::Unknown => "未注明".to_owned(),
            Self::Petrol(0) => "汽油".to_owned(),
            Self::Petrol(number) => format!("{number}号汽油"),
            Self::Diesel => "柴油".to_owned(),
            Self::Gas => "燃气".to_owned(),
            Self::Electric => "电".to_owned(),
            Self::Goods => "非燃油商品".to_owned(),
        }
    }
}

/// Why a car should not be filled.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Away {
    /// 在修
    InRepair,
    /// 停用: idle, lent out, waiting for its disposal.
    Stopped,
    /// 报废: gone from the book.
    Scrapped,
}

/// A stretch of time in which a car should not be filled.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Absence {
    /// Why.
    pub why: Away,
    /// From when; `None` where the register says only how it is now.
    pub from: Option<Timestamp>,
    /// Until when; `None` when it still lasts.
    pub to: Option<Timestamp>,
}

/// A car.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Car {
    /// Its plate.
    pub plate: String,
    /// Its unit.
    pub unit: String,
    /// Litres its tank holds; for an electric car, kWh its battery holds.
    pub tank: Option<f64>,
    /// What it burns.
    pub grade: Grade,
    /// L/100 km by its papers.
    pub rated: Option<f64>,
    /// When it should not be filled.
    pub absences: Vec<Absence>,
}

impl Car {
    /// Whether it runs on electricity alone.
    #[must_use]
    pub fn is_electric(&self) -> bool {
        self.grade == Grade::Electric
    }
}

/// Which car held a card, from when to when.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Holding {
    /// The car.
    pub car: CarNo,
    /// Since when; `None` for ever.
    pub from: Option<Timestamp>,
    /// Until when; `None` still.
    pub to: Option<Timestamp>,
}

/// A fuel card.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Card {
    /// Its number.
    pub number: String,
    /// Which cars held it.
    pub holdings: Vec<Holding>,
    /// When it was reported lost or stopped.
    pub dead_from: Option<Timestamp>,
}

impl Card {
    /// The car that held it at an instant.
    #[must_use]
    pub fn car_at(&self, at: Timestamp) -> Option<CarNo> {
        let held = |h: &&Holding| h.from.is_none_or(|from| from <= at) && h.to.is_none_or(|to| at < to);
        self.holdings.iter().find(held).map(|holding| holding.car)
    }
}

/// What a record says was done.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kind {
    /// Fuel, or electricity, was taken.
    #[default]
    Fill,
    /// Money was put on the card (圈存, 充值).
    Load,
    /// Something else: a refund, a correction, points.
    Other,
}

impl Kind {
    /// Reads the words of a statement; blank is a fill.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let plain = crate::kernel::text::half_width(text).to_lowercase();
        let has = |words: &[&str]| words.iter().any(|word| plain.contains(word));
        if has(&["圈存", "充值", "分配", "转入", "存款", "返利", "load", "top-up", "topup", "recharge"]) {
            Self::Load
        } else if has(&[
            "退", "冲正", "撤销", "调整", "圈提", "汇总", "积分", "挂失", "补卡", "refund", "reversal", "other",
        ]) {
            Self::Other
        } else {
            Self::Fill
        }
    }
}

/// Whose plate a record shows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shown {
    /// None.
    #[default]
    Nothing,
    /// A car of the register.
    Car(CarNo),
    /// A plate that is not in the register: its position in [`Names::plates`].
    Stranger(u32),
}

/// One record of a statement.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Fill {
    /// The plate on it.
    pub shown: Shown,
    /// The card on it; `None` when there is none or the register does not have it.
    pub card: Option<CardNo>,
    /// Whether it shows a card that the register does not have.
    pub strange_card: bool,
    /// When.
    pub at: Timestamp,
    /// Whether the time of day is known.
    pub timed: bool,
    /// What was done.
    pub kind: Kind,
    /// What was sold.
    pub grade: Grade,
    /// Litres, or kWh.
    pub litres: Option<f64>,
    /// Yuan a litre.
    pub price: Option<f64>,
    /// Yuan.
    pub amount: Option<f64>,
    /// What was left on the card, yuan.
    pub balance: Option<f64>,
    /// Where: its position in [`Names::stations`].
    pub station: Option<u32>,
    /// What the odometer showed.
    pub odometer: Option<f64>,
    /// Whether the tank was filled up; `None` when nobody said.
    pub full: Option<bool>,
    /// A drum or a jerrycan was filled, as the record says.
    pub container: bool,
    /// A drum or jerrycan fill that was approved.
    pub approved: bool,
    /// The record's own number, for telling two copies of one; 0 when it has none.
    pub id_hash: u64,
}

impl Fill {
    /// The car that was filled: the one shown, else the one that held the card.
    #[must_use]
    pub fn car(&self, cards: &[Card]) -> Option<CarNo> {
        match self.shown {
            Shown::Car(car) => Some(car),
            Shown::Stranger(_) => None,
            Shown::Nothing => cards.get(self.card? as usize)?.car_at(self.at),
        }
    }
}

/// A trip from a car's logbook.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Trip {
    /// The car.
    pub car: CarNo,
    /// Departure.
    pub departed_at: Timestamp,
    /// Return.
    pub returned_at: Option<Timestamp>,
    /// Odometer at departure.
    pub departed_km: Option<f64>,
    /// Odometer at return.
    pub returned_km: Option<f64>,
    /// Who drove: a position in [`Names::drivers`].
    pub driver: Option<u32>,
    /// Whether the times of day are known.
    pub timed: bool,
}

/// A reading of an odometer, apart from fills and trips.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Reading {
    /// The car.
    pub car: CarNo,
    /// The noon of the day it was read on.
    pub at: Timestamp,
    /// What it showed.
    pub km: f64,
}

/// Texts that explanations mention.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// Stations.
    pub stations: Vec<String>,
    /// Plates that the register does not have.
    pub plates: Vec<String>,
    /// Drivers.
    pub drivers: Vec<String>,
}

/// Everything that is checked together.
#[derive(Debug, Clone, Copy)]
pub struct Input<'a> {
    /// The register of cars.
    pub cars: &'a [Car],
    /// The cards.
    pub cards: &'a [Card],
    /// The statement.
    pub fills: &'a [Fill],
    /// The logbooks.
    pub trips: &'a [Trip],
    /// Month-end readings.
    pub readings: &'a [Reading],
    /// Texts.
    pub names: &'a Names,
    /// Until when records can be: a later one is wrong.
    pub as_of: Timestamp,
}

/// Milliseconds of an hour.
pub(super) const HOUR: i64 = 3_600_000;
/// Milliseconds of a day.
pub(super) const DAY: i64 = 24 * HOUR;

/// The difference of two instants in hours.
pub(super) fn hours(from: Timestamp, to: Timestamp) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "a thousand years in milliseconds fit an f64")]
    let milliseconds = to.0.saturating_sub(from.0) as f64;
    milliseconds / 3_600_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn products_as_statements_write_them() {
        for (text, grade) in [
            ("92号车用汽油(VIB)", Grade::Petrol(92)),
            ("95#汽油", Grade::Petrol(95)),
            ("９２＃", Grade::Petrol(92)),
            ("汽油", Grade::Petrol(0)),
            ("0#柴油", Grade::Diesel),
            ("0号车用柴油(VI)", Grade::Diesel),
            ("柴油", Grade::Diesel),
            ("纯电动", Grade::Electric),
            ("充电", Grade::Electric),
            ("电", Grade::Electric),
            ("车用尿素", Grade::Goods),
            ("便利店商品", Grade::Goods),
            ("CNG", Grade::Gas),
            ("", Grade::Unknown),
        ] {
            assert_eq!(Grade::parse(text), grade, "{text}");
        }
    }

    #[test]
    fn loads_and_refunds_are_no_fuel() {
        for (text, kind) in [
            ("", Kind::Fill),
            ("加油", Kind::Fill),
            ("消费", Kind::Fill),
            ("IC卡加油", Kind::Fill),
            ("圈存", Kind::Load),
            ("load", Kind::Load),
            ("网上充值", Kind::Load),
            ("退货", Kind::Other),
            ("加油冲正", Kind::Other),
        ] {
            assert_eq!(Kind::parse(text), kind, "{text}");
        }
    }

    #[test]
    fn a_card_is_held_by_one_car_on_a_day() {
        let hold = |car, from, to| Holding { car, from, to };
        let (one, two) = (Timestamp(1_000), Timestamp(2_000));
        let card = Card { holdings: vec![hold(3, None, Some(one)), hold(4, Some(one), Some(two))], ..Card::default() };
        for (at, car) in [(0, Some(3)), (999, Some(3)), (1_000, Some(4)), (1_999, Some(4)), (2_000, None)] {
            assert_eq!(card.car_at(Timestamp(at)), car, "{at}");
        }
    }
}
