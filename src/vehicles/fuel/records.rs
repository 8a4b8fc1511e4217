//! What one record says by itself, against the register and against what others paid that day.

use super::model::{Away, CarNo, Fill, FillNo, Grade, Input, Kind, Shown};
use super::outcome::{Anomaly, Why};
use super::prices::Prices;
use super::rules::Rule;
use super::thresholds::{Knob, Thresholds};
use crate::kernel::Timestamp;

/// What is needed to judge single records.
pub(super) struct Desk<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) thresholds: &'a Thresholds,
    pub(super) prices: &'a Prices,
    /// Whether many fills of the statement cost less than litres times price: discounts are the practice.
    pub(super) discounts: bool,
}

/// Before this no fuel card existed.
const FIRST_DAY: Timestamp = Timestamp(852_076_800_000);

/// Whether a record is fuel that can be weighed with the others: litres that can be, a day that can be.
pub(super) fn is_sound(fill: &Fill, as_of: Timestamp) -> bool {
    let litres = fill.litres.is_none_or(|litres| litres > 0.0 && litres < 2_000.0);
    fill.kind == Kind::Fill && litres && fill.at >= FIRST_DAY && fill.at <= as_of
}

impl Desk<'_> {
    /// Everything that one record says.
    pub(super) fn judge(&self, no: FillNo, found: &mut Vec<Anomaly>, unjudged: &mut impl FnMut(CarNo, Rule, Why)) {
        let fill = &self.input.fills[no as usize];
        if fill.kind != Kind::Fill {
            return;
        }
        let car = fill.car(self.input.cards);
        self.sound(no, fill, car, found);
        self.whose(no, fill, car, found, unjudged);
        self.amount(no, fill, car, found, unjudged);
        self.price(no, fill, car, found, unjudged);
        self.container(no, fill, car, found);
        if let Some(car) = car {
            self.away(no, fill, car, found);
            self.grade(no, fill, car, found, unjudged);
            self.tank(no, fill, car, found, unjudged);
        }
    }

    fn sound(&self, no: FillNo, fill: &Fill, car: Option<CarNo>, found: &mut Vec<Anomaly>) {
        let bad = |observed: String, expected: &str, why: &str| {
            Anomaly::new(no, car, Rule::BadRecord, observed, expected.to_owned()).because(why)
        };
        if fill.at > self.input.as_of {
            let expected = format!("不晚于 {}", self.input.as_of);
            found.push(bad(fill.at.to_string(), &expected, "记录的时间晚于检查的时间，不可能已经发生"));
        } else if fill.at < FIRST_DAY {
            found.push(bad(fill.at.to_string(), "1997 年以后", "记录的时间早于加油卡出现的年代"));
        }
        for (value, name) in [(fill.litres, "升"), (fill.amount, "元"), (fill.price, "元/升")] {
            if let Some(value) = value.filter(|value| *value <= 0.0) {
                let why = format!("加油记录的数值为 {value:.2} {name}，应大于零；如是退款或冲正，交易类型应注明");
                found.push(bad(format!("{value:.2} {name}"), "大于零", &why));
            }
        }
    }

    fn whose(
        &self,
        no: FillNo,
        fill: &Fill,
        car: Option<CarNo>,
        found: &mut Vec<Anomaly>,
        unjudged: &mut impl FnMut(CarNo, Rule, Why),
    ) {
        let plate = |car: CarNo| self.input.cars.get(car as usize).map_or("", |car| car.plate.as_str());
        if let Shown::Stranger(stranger) = fill.shown {
            let shown = self.input.names.plates.get(stranger as usize).map_or("", String::as_str);
            let why = format!("记录的车牌 {shown} 不在车辆台账中，油加进了别的车");
            let held =
                fill.card.and_then(|card| self.input.cards.get(card as usize)).and_then(|card| card.car_at(fill.at));
            let expected = held.map_or_else(|| "台账中的车牌".to_owned(), |car| plate(car).to_owned());
            found.push(Anomaly::new(no, held, Rule::UnregisteredPlate, shown.to_owned(), expected).because(why));
        }
        if fill.strange_card {
            let why = "记录的油卡号不在台账中，不知道是谁的卡";
            let observed = "卡号不在台账".to_owned();
            found.push(Anomaly::new(no, car, Rule::UnknownCard, observed, "台账登记的油卡".to_owned()).because(why));
        }
        let Some(card) = fill.card.and_then(|card| self.input.cards.get(card as usize)) else {
            if let Some(car) = car.filter(|_| !fill.strange_card) {
                unjudged(car, Rule::CardPlateMismatch, Why::NoCard);
            }
            return;
        };
        if let Some(dead) = card.dead_from.filter(|dead| *dead <= fill.at) {
            let why = format!("油卡 {} 已于 {dead} 挂失或停用，此后仍被使用", card.number);
            let expected = format!("{dead} 起不再使用");
            found.push(Anomaly::new(no, car, Rule::DeadCard, fill.at.to_string(), expected).because(why));
        }
        let holder = card.car_at(fill.at);
        if let (Shown::Car(shown), Some(holder)) = (fill.shown, holder)
            && shown != holder
        {
            let (shown, holder) = (plate(shown), plate(holder));
            let why =
                format!("油卡 {} 当日属于 {holder}，记录的车牌却是 {shown}；一车一卡，车卡不符不得加油", card.number);
            let mismatch = Anomaly::new(no, car, Rule::CardPlateMismatch, shown.to_owned(), holder.to_owned());
            found.push(mismatch.because(why));
        }
    }

    fn amount(
        &self,
        no: FillNo,
        fill: &Fill,
        car: Option<CarNo>,
        found: &mut Vec<Anomaly>,
        unjudged: &mut impl FnMut(CarNo, Rule, Why),
    ) {
        let (Some(litres), Some(price), Some(amount)) = (fill.litres, fill.price, fill.amount) else {
            if let Some(car) = car {
                unjudged(car, Rule::AmountMismatch, Why::NoPrice);
            }
            return;
        };
        let product = litres * price;
        // Litres are written to a hundredth, the price to a hundredth: their product is known no better.
        let rounding =
            0.006 * price.abs() + 0.005 * litres.abs().min(200.0) * f64::from(u8::from(price.fract() == 0.0));
        let off = amount - product;
        let allowed = self.thresholds.get(Knob::AmountFen) / 100.0 + rounding;
        let discounted = self.discounts && off < 0.0 && off > -0.12 * product.abs();
        if off.abs() <= allowed || discounted || litres <= 0.0 || price <= 0.0 {
            return;
        }
        let score = if off > 0.0 { Rule::AmountMismatch.weight() + (off / 10.0).min(15.0) } else { 50.0 };
        let why = format!(
            "金额 {amount:.2} 元，而 {litres:.2} 升 × {price:.2} 元 = {product:.2} 元，{}{:.2} 元",
            if off > 0.0 { "多" } else { "少" },
            off.abs()
        );
        let one = Anomaly::new(no, car, Rule::AmountMismatch, format!("{amount:.2} 元"), format!("{product:.2} 元"));
        found.push(one.scored(score).because(why));
    }

    fn price(
        &self,
        no: FillNo,
        fill: &Fill,
        car: Option<CarNo>,
        found: &mut Vec<Anomaly>,
        unjudged: &mut impl FnMut(CarNo, Rule, Why),
    ) {
        let Some(price) = fill.price.filter(|price| *price > 0.0) else { return };
        let Some(fair) = self.prices.fair(fill) else {
            if let Some(car) = car.filter(|_| fill.grade != Grade::Electric) {
                unjudged(car, Rule::PriceOff, Why::NoPeers);
            }
            return;
        };
        let off = (price / fair.price - 1.0) * 100.0;
        // Around a change of price the days differ honestly: then the spread is wide.
        let spread = fair.spread / fair.price * 100.0;
        let limit = self.thresholds.get(Knob::PricePercent).max(3.5 * spread);
        if off < limit && off > -3.0 * limit.max(5.0) {
            return;
        }
        let when = if fair.days == 0 { "当日".to_owned() } else { format!("前后 {} 日", fair.days) };
        let why = format!(
            "单价 {price:.2} 元/升，{when}同油品其他 {} 笔的中位数为 {:.2} 元/升，{} {:.1}%",
            fair.peers,
            fair.price,
            if off > 0.0 { "高出" } else { "低" },
            off.abs()
        );
        let score = if off > 0.0 { Rule::PriceOff.weight() + (off - limit).clamp(0.0, 25.0) } else { 40.0 };
        let one =
            Anomaly::new(no, car, Rule::PriceOff, format!("{price:.2} 元/升"), format!("{:.2} 元/升", fair.price));
        found.push(one.scored(score).because(why));
    }

    fn container(&self, no: FillNo, fill: &Fill, car: Option<CarNo>, found: &mut Vec<Anomaly>) {
        if fill.container && !fill.approved {
            let litres = fill.litres.map_or_else(String::new, |litres| format!("{litres:.2} 升"));
            let why = format!("记录注明加入油桶{litres}；油桶加油须单独审批，另立台账");
            let one = Anomaly::new(no, car, Rule::Container, format!("油桶 {litres}"), "有油桶加油审批".to_owned());
            found.push(one.because(why));
        }
    }

    fn away(&self, no: FillNo, fill: &Fill, car: CarNo, found: &mut Vec<Anomaly>) {
        let absent = |from: Option<Timestamp>, to: Option<Timestamp>| {
            from.is_none_or(|from| from <= fill.at) && to.is_none_or(|to| fill.at < to)
        };
        for absence in self.input.cars[car as usize].absences.iter().filter(|a| absent(a.from, a.to)) {
            let (rule, state) = match absence.why {
                Away::InRepair => (Rule::InRepair, "在修"),
                Away::Stopped => (Rule::Stopped, "停用"),
                Away::Scrapped => (Rule::Scrapped, "已处置"),
            };
            let (dated, weight) = match absence.from {
                Some(from) => (format!("自 {from} 起{state}"), rule.weight()),
                None => (format!("台账状态为{state}，未注明起止"), rule.weight() - 15.0),
            };
            let why = format!("该车{dated}，却在 {} 加油", fill.at);
            let one = Anomaly::new(no, Some(car), rule, fill.at.to_string(), format!("{state}期间不加油"));
            found.push(one.scored(weight).because(why));
        }
    }

    fn grade(
        &self,
        no: FillNo,
        fill: &Fill,
        car: CarNo,
        found: &mut Vec<Anomaly>,
        unjudged: &mut impl FnMut(CarNo, Rule, Why),
    ) {
        let (own, sold) = (self.input.cars[car as usize].grade, fill.grade);
        let score = match (own, sold) {
            (_, Grade::Unknown) | (Grade::Unknown, Grade::Petrol(_) | Grade::Diesel | Grade::Gas | Grade::Electric) => {
                return unjudged(car, Rule::WrongGrade, Why::NoGrade);
            }
            (own, sold) if own == sold => return,
            (_, Grade::Goods) => 72.0,
            (Grade::Petrol(0), Grade::Petrol(_)) | (Grade::Petrol(_), Grade::Petrol(0)) => return,
            // 93 and 97 are the names that 92 and 95 had.
            (Grade::Petrol(a), Grade::Petrol(b)) if a.abs_diff(b) <= 1 => return,
            (Grade::Petrol(a), Grade::Petrol(b)) if b > a => 50.0,
            (Grade::Petrol(_), Grade::Petrol(_)) => 46.0,
            _ => 88.0,
        };
        let why = format!("该车应加{}，记录为{}", own.zh(), sold.zh());
        found.push(Anomaly::new(no, Some(car), Rule::WrongGrade, sold.zh(), own.zh()).scored(score).because(why));
    }

    fn tank(
        &self,
        no: FillNo,
        fill: &Fill,
        car: CarNo,
        found: &mut Vec<Anomaly>,
        unjudged: &mut impl FnMut(CarNo, Rule, Why),
    ) {
        let owner = &self.input.cars[car as usize];
        let Some(litres) = fill.litres else { return };
        let unit = if owner.is_electric() { "千瓦时" } else { "升" };
        let (most, holds) = match owner.tank {
            Some(tank) => (tank * (1.0 + self.thresholds.get(Knob::TankMargin) / 100.0), tank),
            None => {
                unjudged(car, Rule::TankBalance, Why::NoTank);
                let most = self.thresholds.get(Knob::TankUnknown);
                (most, most)
            }
        };
        if litres <= most + 0.005 || fill.container {
            return;
        }
        let what = if owner.tank.is_some() { "油箱容量" } else { "各型车油箱的上限" };
        let why = format!(
            "一次加 {litres:.2} {unit}，而{what}为 {holds:.0} {unit}（加到油箱口最多 {most:.1}），多出 {:.1} {unit}装不下",
            litres - most
        );
        let one = Anomaly::new(
            no,
            Some(car),
            Rule::OverTank,
            format!("{litres:.2} {unit}"),
            format!("不超过 {most:.1} {unit}"),
        );
        found.push(one.litres(litres - most).because(why));
    }
}
