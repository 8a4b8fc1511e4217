//! How the check did: recall by class, precision, and how often honest records are spoken of.

use std::collections::{BTreeMap, HashMap};

use hufu::vehicles::fuel::{Alert, Kind, Limits, Outcome, Rule, alerts, check};

use super::crimes::Crime;
use super::fleet::BEGIN;
use super::roads::DAY;
use super::{Deed, World};

/// Of so many, so many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Share {
    pub(crate) hits: u64,
    pub(crate) of: u64,
}

impl Share {
    pub(crate) fn add(&mut self, other: Self) {
        self.hits += other.hits;
        self.of += other.of;
    }

    pub(crate) fn value(self) -> f64 {
        if self.of == 0 { f64::NAN } else { self.hits as f64 / self.of as f64 }
    }

    /// Wilson's 95 % interval.
    pub(crate) fn wilson(self) -> (f64, f64) {
        if self.of == 0 {
            return (0.0, 1.0);
        }
        let (n, p, z) = (self.of as f64, self.value(), 1.959_964);
        let middle = p + z * z / (2.0 * n);
        let half = z * (p * (1.0 - p) / n + z * z / (4.0 * n * n)).sqrt();
        let scale = 1.0 + z * z / n;
        ((middle - half) / scale, (middle + half) / scale)
    }

    pub(crate) fn show(self) -> String {
        let (low, high) = self.wilson();
        let percent = |part: f64| part * 100.0;
        format!(
            "{:5.1} % [{:5.1}, {:5.1}]  {}/{}",
            percent(self.value()),
            percent(low),
            percent(high),
            self.hits,
            self.of
        )
    }
}

/// The figures of one world at one number of alerts.
#[derive(Debug, Default)]
pub(crate) struct Figures {
    pub(crate) recall: BTreeMap<Crime, Share>,
    /// Of the suspicions under the budget.
    pub(crate) precision: Share,
    /// Of the gate's notices, which no budget holds back.
    pub(crate) notices: Share,
    /// By rule: how many of its alerts are of something done.
    pub(crate) by_rule: BTreeMap<Rule, Share>,
    /// Alerts a car and quarter.
    pub(crate) alerts: u64,
    pub(crate) quarters: u64,
}

impl Figures {
    pub(crate) fn add(&mut self, other: &Self) {
        for (crime, share) in &other.recall {
            self.recall.entry(*crime).or_default().add(*share);
        }
        for (rule, share) in &other.by_rule {
            self.by_rule.entry(*rule).or_default().add(*share);
        }
        self.precision.add(other.precision);
        self.notices.add(other.notices);
        self.alerts += other.alerts;
        self.quarters += other.quarters;
    }

    /// Of suspicions and notices together.
    pub(crate) fn overall(&self) -> Share {
        let mut both = self.precision;
        both.add(self.notices);
        both
    }

    pub(crate) fn recall_of(&self, crimes: &[Crime]) -> Share {
        let mut sum = Share::default();
        crimes.iter().filter_map(|crime| self.recall.get(crime)).for_each(|share| sum.add(*share));
        sum
    }
}

/// Whether an alert speaks of a deed.
fn speaks_of(alert: &Alert, deed: &Deed, world: &World) -> bool {
    if deed.crime == Crime::WrongFull {
        // Only who says that the record is wrong is right about it; who says that fuel is gone is not.
        return deed.fills.contains(&alert.fill) && alert.rules.contains(&Rule::OdometerTypo);
    }
    if deed.fills.contains(&alert.fill) {
        return true;
    }
    let small = alert.with.len() <= 8;
    if small && deed.fills.iter().any(|fill| alert.with.contains(fill)) {
        return true;
    }
    // Fuel charged to another car is missed in the account of the one that burnt it, some fills later.
    let about = alert.car.is_some_and(|car| deed.cars.contains(&car));
    let later = world.fills[alert.fill as usize].at.0 - deed.at.0;
    deed.crime == Crime::SwappedCard
        && about
        && (0..25 * DAY).contains(&later)
        && alert.rules.contains(&Rule::NoFuelForDistance)
}

fn quarter(world: &World, fill: u32) -> i64 {
    (world.fills[fill as usize].at.0 - BEGIN).div_euclid(91 * DAY)
}

/// The top suspicions of every car and quarter, `most` of them; and every notice of the gate, which is to be put right
/// before anybody is suspected and takes no place among them.
pub(crate) fn top(world: &World, outcome: &Outcome, most: usize) -> Vec<Alert> {
    let mut taken: HashMap<(Option<u32>, i64), usize> = HashMap::new();
    alerts(&outcome.anomalies)
        .into_iter()
        .filter(|alert| {
            if alert.is_gate() {
                return true;
            }
            let count = taken.entry((alert.car, quarter(world, alert.fill))).or_default();
            *count += 1;
            *count <= most
        })
        .collect()
}

/// Scores an outcome against the truth.
pub(crate) fn score(world: &World, outcome: &Outcome, most: usize) -> Figures {
    let mut figures = Figures::default();
    let chosen = top(world, outcome, most);
    let mut found = vec![false; world.deeds.len()];
    let mut by_car: HashMap<u32, Vec<usize>> = HashMap::new();
    for (index, deed) in world.deeds.iter().enumerate() {
        deed.cars.iter().for_each(|car| by_car.entry(*car).or_default().push(index));
    }
    for alert in &chosen {
        let mut right = false;
        for &index in alert.car.and_then(|car| by_car.get(&car)).into_iter().flatten() {
            if speaks_of(alert, &world.deeds[index], world) {
                found[index] = true;
                right = true;
            }
        }
        let one = Share { hits: u64::from(right), of: 1 };
        if alert.is_gate() {
            figures.notices.add(one)
        } else {
            figures.precision.add(one)
        }
        alert.rules.iter().for_each(|rule| figures.by_rule.entry(*rule).or_default().add(one));
    }
    for (deed, found) in world.deeds.iter().zip(found) {
        figures.recall.entry(deed.crime).or_default().add(Share { hits: u64::from(found), of: 1 });
    }
    figures.alerts = chosen.iter().filter(|alert| !alert.is_gate()).count() as u64;
    figures.quarters = (world.cars.len() as i64 * (world.end.0 - BEGIN).div_euclid(91 * DAY)) as u64;
    figures
}

/// Of the fills of a world, how many are spoken of.
pub(crate) fn flagged(world: &World, outcome: &Outcome) -> Share {
    let of = world.fills.iter().filter(|fill| fill.kind == Kind::Fill).count() as u64;
    Share { hits: alerts(&outcome.anomalies).len() as u64, of }
}

/// The check at its defaults.
pub(crate) fn checked(world: &World, with_logbooks: bool) -> Outcome {
    let input = if with_logbooks { world.input() } else { world.statement_only() };
    check(&input, &Limits::default())
}
