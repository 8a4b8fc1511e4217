//! What others paid for the same product on the same day.

use hashbrown::HashMap;

use super::consumption::median;
use super::model::{Fill, Grade, Input, Kind};

/// Prices by product and day.
#[derive(Debug, Default)]
pub(super) struct Prices(HashMap<(u8, i64), Day>);

/// The prices of one product on one day.
#[derive(Debug, Clone, Default)]
struct Day {
    prices: Vec<f64>,
}

/// The fewest fills that make a price.
const PEERS: usize = 5;

/// What a price should have been.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Fair {
    pub(super) price: f64,
    pub(super) spread: f64,
    pub(super) peers: usize,
    /// How many days on each side were looked at.
    pub(super) days: i64,
}

fn product(grade: Grade) -> Option<u8> {
    match grade {
        Grade::Petrol(0) | Grade::Unknown | Grade::Goods => None,
        Grade::Petrol(number) => Some(number),
        Grade::Diesel => Some(1),
        Grade::Gas => Some(2),
        Grade::Electric => None,
    }
}

impl Prices {
    pub(super) fn of(input: &Input<'_>) -> Self {
        let mut all = Self::default();
        for fill in input.fills.iter().filter(|fill| fill.kind == Kind::Fill) {
            if let (Some(product), Some(price)) = (product(fill.grade), fill.price)
                && price > 0.0
            {
                all.0.entry((product, day(fill))).or_default().prices.push(price);
            }
        }
        all.0.values_mut().for_each(|day| day.prices.sort_unstable_by(f64::total_cmp));
        all
    }

    /// The price of the day; where too few bought that day, of the days around it.
    pub(super) fn fair(&self, fill: &Fill) -> Option<Fair> {
        let product = product(fill.grade)?;
        let today = day(fill);
        for days in [0i64, 1, 3] {
            let near: Vec<&Day> = (today - days..=today + days).filter_map(|d| self.0.get(&(product, d))).collect();
            let peers: usize = near.iter().map(|day| day.prices.len()).sum();
            // The fill itself is among them.
            if peers <= PEERS {
                continue;
            }
            if let [only] = near.as_slice() {
                return Some(only.fair(days));
            }
            let mut prices: Vec<f64> = near.iter().flat_map(|day| day.prices.iter().copied()).collect();
            prices.sort_unstable_by(f64::total_cmp);
            return Some(Day { prices }.fair(days));
        }
        None
    }
}

impl Day {
    fn fair(&self, days: i64) -> Fair {
        let count = self.prices.len();
        let at = |part: usize| self.prices.get((count * part / 4).min(count - 1)).copied().unwrap_or(0.0);
        // Sorted already: the quartiles are at hand.
        let price =
            if count % 2 == 1 { at(2) } else { median(&mut [self.prices[count / 2 - 1], self.prices[count / 2]]) };
        Fair { price, spread: (at(3) - at(1)) / 1.349, peers: count - 1, days }
    }
}

fn day(fill: &Fill) -> i64 {
    fill.at.0.saturating_add(8 * super::model::HOUR).div_euclid(super::model::DAY)
}
