//! The tank as a balance: between how many litres can have been in it, carried from fill to fill.
//!
//! After a fill-up it holds about its capacity. By the next fill the car has burnt at least what its thriftiest day
//! needs and at most what its worst needs; more cannot be poured in than there is room for when it burnt the most, and
//! it cannot have run farther than when it burnt the least.

use super::consumption::Went;
use super::model::hours;
use super::track::{Seen, Track, View};

/// How well the tank is known after "full": this part of its capacity at least.
const FULL: f64 = 0.93;

/// What cannot be.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Impossible {
    /// Even with the least that can have been in it, so many litres do not fit.
    NoRoom { position: usize, left: f64, litres: f64, most: f64, excess: f64 },
    /// Even with the most that can have been in it, the way was so many litres too long.
    TooFar { position: usize, km: f64, had: f64, needed: f64, missing: f64 },
}

/// The bounds of a car's tank and thirst.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tank {
    pub(super) capacity: f64,
    /// Capacity to the neck.
    pub(super) most: f64,
    /// L/100 km, the least and the most.
    pub(super) thirst: (f64, f64),
    /// Litres beyond which it is said.
    pub(super) excess: f64,
}

/// Walks the fills; of those that did not all go in, nothing is sure to be in the tank, and it may be full.
pub(super) fn walk(view: &View<'_>, track: &Track, tank: Tank, went: &[Went]) -> Vec<Impossible> {
    let mut found = Vec::new();
    let (mut low, mut high) = (0.0f64, tank.most);
    let mut last: Option<usize> = None;
    // The last fill whose reading is sure: the least that was in the tank after it, and litres filled since.
    let mut sure: Option<(usize, f64, f64)> = None;
    for position in 0..view.fills.len() {
        let litres = view.litres(position);
        if let Some(from) = last {
            let (least, most) = ran(view, track, from, position);
            let burnt_most = most * tank.thirst.1 / 100.0 + standing(view, from, position);
            let burnt_least = least * tank.thirst.0 / 100.0;
            low = (low - burnt_most).max(0.0);
            let missing = burnt_least - high;
            if missing > tank.excess.max(tank.capacity * 0.12) {
                found.push(Impossible::TooFar { position, km: least, had: high, needed: burnt_least, missing });
            }
            high = (high - burnt_least).max(0.0);
        }
        // What was filled without a reading burnt on the same way as the rest: not each on a way of its own.
        if let Some((from, least, since)) = sure.filter(|_| is_sure(track, position)) {
            let (_, most) = ran(view, track, from, position);
            let burnt = most * tank.thirst.1 / 100.0 + standing(view, from, position);
            low = low.max((least + since - burnt).min(tank.most));
            high = high.max(low);
        }
        last = Some(position);
        if went.get(position).copied().unwrap_or_default() != Went::In {
            high = tank.most;
            sure = None;
            continue;
        }
        let excess = low + litres - tank.most;
        if excess > tank.excess {
            found.push(Impossible::NoRoom { position, left: low, litres, most: tank.most, excess });
        }
        low = (low + litres).min(tank.most);
        high = (high + litres).min(tank.most).max(low);
        if view.fill(position).full == Some(true) && litres <= tank.most {
            low = (tank.capacity * FULL).max(low.min(tank.most));
            high = tank.most;
        }
        sure = match sure {
            _ if is_sure(track, position) => Some((position, low, 0.0)),
            other => other.map(|(from, least, since)| (from, least, since + litres)),
        };
    }
    found
}

fn is_sure(track: &Track, position: usize) -> bool {
    matches!(track.seen[position], Seen::Good { .. })
}

/// The least and the most kilometres between two fills.
fn ran(view: &View<'_>, track: &Track, from: usize, to: usize) -> (f64, f64) {
    let (a_low, a_high, a) = track.bounds(view, from);
    let (b_low, b_high, b) = track.bounds(view, to);
    if a.is_none() || a != b {
        return (0.0, f64::INFINITY);
    }
    let least = b_low - a_high;
    ((if least.is_finite() { least } else { 0.0 }).max(0.0), (b_high - a_low).max(0.0))
}

/// Litres that standing with the engine running can burn beside what the way burns.
fn standing(view: &View<'_>, from: usize, to: usize) -> f64 {
    let days = hours(view.fill(from).at, view.fill(to).at).max(0.0) / 24.0;
    (2.0 * days).min(12.0)
}
