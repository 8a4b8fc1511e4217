//! Kilometres, litres and money of the made-up pumps.

use crate::kernel::{Fen, Timestamp};
use crate::vehicles::model::Energy;

const DAY: i64 = 86_400_000;

pub(super) fn kilometres(km: i64) -> f64 {
    #[expect(clippy::cast_precision_loss, reason = "an odometer has seven digits")]
    let km = km as f64;
    km
}

pub(super) fn litres_of(ml: i64) -> f64 {
    kilometres(ml) / 1_000.0
}

/// To ten millilitres, as a pump counts.
pub(super) fn ml(litres: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "some hundred litres")]
    let tens = (litres * 100.0).round() as i64;
    tens * 10
}

/// Millilitres by ten-thousandths of a yuan a litre, as fen.
pub(super) fn amount(ml: i64, price_e4: i64) -> Fen {
    Fen((ml * price_e4 + 50_000) / 100_000)
}

pub(super) fn product(energy: Energy, grade: &str) -> String {
    if energy == Energy::Diesel { "0号车用柴油(VI)".to_owned() } else { format!("{grade}号车用汽油(VIB)") }
}

/// The price of a litre, set every fourteen days.
pub(super) fn price(energy: Energy, grade: &str, at: Timestamp) -> i64 {
    let step = at.0.div_euclid(14 * DAY).rem_euclid(7) * 600;
    step + match (energy, grade) {
        (Energy::Diesel, _) => 70_500,
        (_, "95") => 80_400,
        _ => 74_200,
    }
}
