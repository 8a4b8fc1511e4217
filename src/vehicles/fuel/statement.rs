//! A statement against itself: records that stand twice, balances that do not follow.

use hashbrown::{HashMap, HashSet};

use super::model::{CardNo, Fill, FillNo, Input, Kind};
use super::outcome::{Anomaly, Why};
use super::rules::Rule;
use super::thresholds::{Knob, Thresholds};

/// Minutes within which two records of one amount are one.
const COPY_MS: i64 = 10 * 60_000;

/// The copies of earlier records: each with the record it repeats. `order` is by car (or card), then time.
pub(super) fn copies(input: &Input<'_>, order: &[Vec<FillNo>]) -> HashMap<FillNo, FillNo> {
    let mut found = HashMap::new();
    for fills in order {
        for (place, &no) in fills.iter().enumerate() {
            let one = &input.fills[no as usize];
            for &earlier in fills[..place].iter().rev() {
                let other = &input.fills[earlier as usize];
                if one.at.0.saturating_sub(other.at.0) > super::model::DAY {
                    break;
                }
                if is_copy(one, other) && !found.contains_key(&earlier) {
                    // Of two copies the one further down the file is the copy.
                    found.insert(no.max(earlier), no.min(earlier));
                    break;
                }
            }
        }
    }
    found
}

fn is_copy(one: &Fill, other: &Fill) -> bool {
    let same = |a: Option<f64>, b: Option<f64>| a.zip(b).is_none_or(|(a, b)| (a - b).abs() < 0.005);
    let said = one.litres.is_some() || one.amount.is_some();
    let alike = said && one.kind == other.kind && same(one.litres, other.litres) && same(one.amount, other.amount);
    if !alike || one.kind != Kind::Fill {
        return false;
    }
    let (near, same_id) =
        (one.at.0.saturating_sub(other.at.0) <= COPY_MS, one.id_hash != 0 && one.id_hash == other.id_hash);
    let same_km = one.odometer.is_some() && same(one.odometer, other.odometer);
    let moved_on = one.odometer.zip(other.odometer).is_some_and(|(a, b)| (a - b).abs() > 3.0);
    // Two fills for the same round sum on one day are no copies when the car ran in between.
    (same_id || near || same_km) && !moved_on
}

/// Tells the copies.
pub(super) fn tell_copies(input: &Input<'_>, copies: &HashMap<FillNo, FillNo>, found: &mut Vec<Anomaly>) {
    for (&copy, &first) in copies {
        let (one, other) = (&input.fills[copy as usize], &input.fills[first as usize]);
        let litres = one.litres.map_or_else(String::new, |litres| format!("{litres:.2} 升"));
        let why = format!("与 {} 的一笔同为 {litres}，车、卡、金额都相同，疑为同一次加油记了两遍", other.at);
        let observed = format!("{} {litres}", one.at);
        let one = Anomaly::new(copy, one.car(input.cards), Rule::Duplicate, observed, "一次加油一笔记录".to_owned());
        found.push(one.with([first]).because(why));
    }
}

/// Follows each card's balance from record to record.
pub(super) fn balances(
    input: &Input<'_>,
    thresholds: &Thresholds,
    copies: &HashMap<FillNo, FillNo>,
    found: &mut Vec<Anomaly>,
    unjudged: &mut impl FnMut(super::model::CarNo, Rule, Why),
) {
    let mut by_card: HashMap<CardNo, Vec<FillNo>> = HashMap::new();
    for (no, fill) in (0u32..).zip(input.fills) {
        if let Some(card) = fill.card.filter(|_| !copies.contains_key(&no)) {
            by_card.entry(card).or_default().push(no);
        }
    }
    let allowed = thresholds.get(Knob::BalanceFen) / 100.0 + 0.001;
    let mut cards: Vec<_> = by_card.into_iter().collect();
    cards.sort_unstable_by_key(|(card, _)| *card);
    for (card, mut fills) in cards {
        if fills.iter().all(|no| input.fills[*no as usize].balance.is_none()) {
            let car = input.cards.get(card as usize).and_then(|card| card.holdings.last()).map(|held| held.car);
            if let Some(car) = car {
                unjudged(car, Rule::BalanceBreak, Why::NoBalance);
            }
            continue;
        }
        // Records of one minute stand in the order of the file, which may begin with the latest.
        fills.sort_by_key(|no| (input.fills[*no as usize].at, *no));
        let down = breaks(input, &fills, allowed);
        fills.sort_by_key(|no| (input.fills[*no as usize].at, std::cmp::Reverse(*no)));
        let up = breaks(input, &fills, allowed);
        found.extend(if up.len() < down.len() { up } else { down });
    }
}

fn breaks(input: &Input<'_>, fills: &[FillNo], allowed: f64) -> Vec<Anomaly> {
    let mut found = Vec::new();
    let mut last: Option<(f64, FillNo)> = None;
    let mut told: HashSet<FillNo> = HashSet::new();
    for &no in fills {
        let fill = &input.fills[no as usize];
        let moved = match (fill.kind, fill.amount) {
            (Kind::Fill, Some(amount)) => Some(-amount),
            (Kind::Load, Some(amount)) => Some(amount),
            _ => None,
        };
        if let (Some((before, earlier)), Some(moved), Some(balance)) = (last, moved, fill.balance) {
            let expected = before + moved;
            let off = balance - expected;
            if off.abs() > allowed && told.insert(no) {
                let (how, what) = if off < 0.0 {
                    ("少", "可能漏列一笔支出，或金额被改小")
                } else {
                    ("多", "可能漏列一笔圈存，或金额被改大")
                };
                let sign = if moved < 0.0 { '－' } else { '＋' };
                let why = format!(
                    "上一笔余额 {before:.2} 元{sign}本笔 {:.2} 元应为 {expected:.2} 元，记录为 {balance:.2} 元，{how} {:.2} 元；{what}",
                    moved.abs(),
                    off.abs()
                );
                let score = Rule::BalanceBreak.weight() + (off.abs() / 50.0).min(20.0);
                let (observed, expected) = (format!("{balance:.2} 元"), format!("{expected:.2} 元"));
                let one = Anomaly::new(no, fill.car(input.cards), Rule::BalanceBreak, observed, expected);
                found.push(one.scored(score).with([earlier]).because(why));
            }
        }
        last = match (fill.balance, last, moved) {
            (Some(balance), ..) => Some((balance, no)),
            (None, Some((before, _)), Some(moved)) => Some((before + moved, no)),
            _ => None,
        };
    }
    found
}

/// Whether paying less than litres times price is the practice of this statement.
pub(super) fn discounts_are_usual(input: &Input<'_>) -> bool {
    let (mut told, mut less) = (0usize, 0usize);
    for fill in input.fills.iter().filter(|fill| fill.kind == Kind::Fill) {
        if let (Some(litres), Some(price), Some(amount)) = (fill.litres, fill.price, fill.amount) {
            told += 1;
            less += usize::from(amount < litres * price * 0.998 - 0.05 && amount > litres * price * 0.85);
        }
    }
    told > 0 && less * 20 >= told
}
