//! Chance, weather, prices, streets.

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

/// Milliseconds of a day and of a minute.
pub(crate) const DAY: i64 = 86_400_000;
pub(crate) const MINUTE: i64 = 60_000;

/// A seeded source of chance.
pub(crate) struct Chance(ChaCha8Rng);

impl Chance {
    pub(crate) fn seeded(seed: u64) -> Self {
        Self(ChaCha8Rng::seed_from_u64(seed))
    }

    pub(crate) fn between(&mut self, low: f64, high: f64) -> f64 {
        low + (high - low) * self.0.random::<f64>()
    }

    pub(crate) fn whole(&mut self, low: i64, high: i64) -> i64 {
        self.0.random_range(low..=high)
    }

    pub(crate) fn happens(&mut self, part: f64) -> bool {
        self.0.random::<f64>() < part
    }

    /// About nothing, with a spread.
    pub(crate) fn normal(&mut self, spread: f64) -> f64 {
        let (a, b): (f64, f64) = (self.0.random::<f64>().max(1e-12), self.0.random());
        spread * (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
    }

    /// A factor about one.
    pub(crate) fn factor(&mut self, spread: f64) -> f64 {
        self.normal(spread).exp()
    }

    pub(crate) fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        let index = self.0.random_range(0..of.len());
        &of[index]
    }
}

/// What the weather of a day of the year adds to consumption: cooling in the long summer, cold engines in January.
pub(crate) fn weather(day: i64) -> f64 {
    let of_year = (day % 365) as f64;
    let summer = (-((of_year - 205.0) / 62.0).powi(2)).exp();
    let winter = (-((of_year - 15.0) / 22.0).powi(2)).exp() + (-((of_year - 380.0) / 22.0).powi(2)).exp();
    1.0 + 0.085 * summer + 0.03 * winter
}

/// The price of a litre on a day: set every fourteen days for the whole province.
pub(crate) fn price(seed: u64, day: i64, base: f64) -> f64 {
    let window = day.div_euclid(14);
    let mut chance = Chance::seeded(seed ^ 0x5eed ^ (window as u64).wrapping_mul(0x9e37_79b9));
    let wave = (window as f64 / 4.0).sin() * 0.035;
    let step = chance.between(-0.012, 0.012);
    ((base * (1.0 + wave + step)) * 100.0).round() / 100.0
}

/// Stations of the town, then of other cities.
pub(crate) const STATIONS: [&str; 14] = [
    "中国石化中山小榄北站",
    "中国石化中山小榄东站",
    "中国石化中山东升站",
    "中国石油中山沙口站",
    "中国石油中山工业大道站",
    "中国石化中山菊城站",
    "中国石化中山绩东站",
    "中国石化中山横海站",
    "中国石化广州番禺站",
    "中国石化深圳宝安站",
    "中国石化珠海香洲站",
    "中国石化佛山顺德站",
    "中国石化江门蓬江站",
    "中国石化清远清城站",
];
/// How many of them are in town.
pub(crate) const IN_TOWN: i64 = 8;
