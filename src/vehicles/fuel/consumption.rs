//! What a car burns from one full tank to the next, and what is too much for it.
//!
//! An interval runs from a fill-up with a good reading to the next such; partial fills and fills without a reading are
//! added to it. The car's habit is the median of the logarithm of L/100 km over the neighbouring intervals (so that a
//! new driver or another task becomes the habit after a few), the season that all cars share taken off, and, where the
//! logbook tells the hours on the road and the ways out of town, what standing with the engine running costs and even
//! speed saves. Its spread is the median absolute deviation, pulled towards that of all cars while there are few
//! intervals; what a tank filled fuller than usual lends from the next interval is taken off.

use super::model::{FillNo, hours};
use super::track::{Seen, Track, View};
use crate::kernel::Timestamp;

/// By which part of the tank "full" differs from one time to the next, both ends of an interval together.
const CLICK: f64 = 0.018;
/// The same in litres, where the tank is not known.
const CLICK_LITRES: f64 = 1.1;
/// Neighbours on each side that make the habit.
const SIDE: usize = 8;
/// The spread of a car of which nothing is known yet.
const USUAL_SPREAD: f64 = 0.06;

/// The middle value; 0 of nothing. Sorts what it is given.
pub(super) fn median(values: &mut [f64]) -> f64 {
    if values.is_empty() {
        return 0.0;
    }
    let middle = values.len() / 2;
    values.sort_unstable_by(f64::total_cmp);
    if values.len() % 2 == 1 { values[middle] } else { f64::midpoint(values[middle - 1], values[middle]) }
}

/// The median absolute deviation, as a standard deviation.
pub(super) fn spread(values: &[f64]) -> f64 {
    let middle = median(&mut values.to_vec());
    1.4826 * median(&mut values.iter().map(|value| (value - middle).abs()).collect::<Vec<_>>())
}

/// From full to full.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Interval {
    /// Positions of the fill that begins it and of the one that ends it.
    pub(super) from: usize,
    pub(super) to: usize,
    pub(super) at: Timestamp,
    pub(super) km: f64,
    pub(super) litres: f64,
    /// Hours on trips and the part of the way out of town, where the logbook covers it.
    pub(super) road: Option<(f64, f64)>,
    /// Logarithm of L/100 km, what the road explains taken off.
    pub(super) y: f64,
}

/// What of a fill went into the car's own tank.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Went {
    /// All of it, as far as is known.
    #[default]
    In,
    /// Nothing: it was another's.
    Nowhere,
    /// Nobody knows how much: more than fits, or a drum as well.
    Somewhere,
}

/// All intervals of a car, as far as what its fills say `went` in.
pub(super) fn intervals(view: &View<'_>, track: &Track, went: &[Went]) -> Vec<Interval> {
    let mut found = Vec::new();
    let mut anchor: Option<(usize, f64, u32)> = None;
    let mut litres = 0.0;
    for position in 0..view.fills.len() {
        match went.get(position).copied().unwrap_or_default() {
            Went::In => {}
            Went::Nowhere => continue,
            Went::Somewhere => {
                anchor = None;
                continue;
            }
        }
        litres += view.litres(position);
        let Seen::Good { km, segment } = track.seen[position] else { continue };
        if view.fill(position).full == Some(false) {
            continue;
        }
        if let Some((from, began, of)) = anchor
            && of == segment
        {
            let run = km - began;
            if run < 30.0 {
                continue;
            }
            if litres > 0.0 {
                let at = Timestamp(view.fill(from).at.0.midpoint(view.fill(position).at.0));
                let road = on_the_road(view, view.fill(from).at, view.fill(position).at, run);
                let y = (litres / run * 100.0).ln();
                found.push(Interval { from, to: position, at, km: run, litres, road, y });
            }
        }
        anchor = Some((position, km, segment));
        litres = 0.0;
    }
    found
}

/// An average speed above which a trip was mostly out of town, km/h.
const OUT_OF_TOWN: f64 = 48.0;

/// Hours on trips between two instants and the part of the kilometres out of town, if the trips account for most of them.
fn on_the_road(view: &View<'_>, from: Timestamp, to: Timestamp, run: f64) -> Option<(f64, f64)> {
    let first = view.trips.partition_point(|trip| trip.departed_at < Timestamp(from.0 - super::model::DAY));
    let (mut sum, mut km, mut far) = (0.0, 0.0, 0.0);
    for trip in view.trips[first..].iter().take_while(|trip| trip.departed_at < to).filter(|trip| trip.timed) {
        let returned = trip.returned_at?;
        let (start, end) = (trip.departed_at.max(from), returned.min(to));
        let (inside, whole) = (hours(start, end), hours(trip.departed_at, returned));
        if inside <= 0.0 || !(0.0..72.0).contains(&whole) {
            continue;
        }
        let way = (trip.returned_km? - trip.departed_km?).max(0.0);
        let part = way * inside / whole.max(0.01);
        sum += inside;
        km += part;
        if way > OUT_OF_TOWN * whole {
            far += part;
        }
    }
    (km > run * 0.75 && km < run * 1.25).then(|| (sum, far / km))
}

/// Takes off what hours on the road and ways out of town explain, where they explain something.
pub(super) fn explain_by_road(intervals: &mut [Interval]) {
    let known: Vec<([f64; 3], f64)> = intervals
        .iter()
        .filter_map(|one| {
            one.road.map(|(hours, far)| ([1.0, hours / one.km * 100.0, far], one.litres / one.km * 100.0))
        })
        .collect();
    if known.len() < 10 || known.len() * 10 < intervals.len() * 7 {
        return;
    }
    let Some(weights) = robust_fit(&known) else { return };
    let middle = |of: usize| median(&mut known.iter().map(|(x, _)| x[of]).collect::<Vec<_>>());
    let usual = [1.0, middle(1), middle(2)];
    let says = |x: &[f64; 3]| x.iter().zip(&weights).map(|(x, weight)| x * weight).sum::<f64>();
    let base = says(&usual);
    let explained = |one: &Interval| {
        let x = one.road.map_or(usual, |(hours, far)| [1.0, hours / one.km * 100.0, far]);
        // Never more than by a third: what lies far beyond the usual is not explained by a straight line.
        one.y - (says(&x) / base).clamp(0.7, 1.4).ln()
    };
    let plain: Vec<f64> = intervals.iter().map(|one| one.y).collect();
    let better: Vec<f64> = intervals.iter().map(explained).collect();
    if base <= 0.5 || better.iter().any(|y| !y.is_finite()) || spread(&better) > 0.95 * spread(&plain) {
        return;
    }
    intervals.iter_mut().zip(better).for_each(|(one, y)| one.y = y);
}

/// The straight line through most of the points: least squares again and again, what lies far off left out (Tukey's
/// biweight), and each slope held a little towards none.
fn robust_fit(points: &[([f64; 3], f64)]) -> Option<[f64; 3]> {
    let mut fit = [median(&mut points.iter().map(|(_, y)| *y).collect::<Vec<_>>()), 0.0, 0.0];
    for _ in 0..12 {
        let off: Vec<f64> =
            points.iter().map(|(x, y)| y - x.iter().zip(&fit).map(|(x, weight)| x * weight).sum::<f64>()).collect();
        let far = 4.7 * spread(&off).max(fit[0].abs() * 0.01);
        let mut sums = [[0.0; 4]; 3];
        for ((x, y), off) in points.iter().zip(&off) {
            let weight = (1.0 - (off / far).powi(2)).max(0.0).powi(2);
            for (sum, own) in sums.iter_mut().zip(x) {
                sum.iter_mut().zip(x.iter().chain([y])).for_each(|(cell, other)| *cell += weight * own * other);
            }
        }
        sums[1][1] += 0.5;
        sums[2][2] += 0.05;
        fit = solve(sums)?;
    }
    // An hour on the road burns something, and not more than three litres.
    ((0.0..3.0).contains(&fit[1]) && fit.iter().all(|one| one.is_finite())).then_some(fit)
}

/// Three equations.
fn solve(mut rows: [[f64; 4]; 3]) -> Option<[f64; 3]> {
    for step in 0..3 {
        let best = (step..3).max_by(|a, b| rows[*a][step].abs().total_cmp(&rows[*b][step].abs()))?;
        rows.swap(step, best);
        if rows[step][step].abs() < 1e-9 {
            return None;
        }
        let pivot = rows[step];
        for row in &mut rows[step + 1..] {
            let part = row[step] / pivot[step];
            row.iter_mut().zip(&pivot).for_each(|(cell, above)| *cell -= part * above);
        }
    }
    let mut found = [0.0; 3];
    for step in (0..3).rev() {
        let known: f64 = (step + 1..3).map(|column| rows[step][column] * found[column]).sum();
        found[step] = (rows[step][3] - known) / rows[step][step];
    }
    Some(found)
}

/// What a car usually burns.
#[derive(Debug, Clone, Default)]
pub(super) struct Habit {
    /// Logarithm of L/100 km over all.
    pub(super) middle: f64,
    /// Standard deviation of the logarithm, apart from how full "full" is.
    pub(super) spread: f64,
    /// By interval: what was expected of it.
    pub(super) expected: Vec<f64>,
    /// Whether the intervals are enough to say so.
    pub(super) known: bool,
    /// Litres by which "full" differs from one time to the next.
    pub(super) click: f64,
}

impl Habit {
    pub(super) fn of(intervals: &[Interval], car: &super::model::Car, usual_spread: f64) -> Self {
        let (rated, electric) = (car.rated, car.is_electric());
        let click = car.tank.map_or(CLICK_LITRES, |tank| tank * CLICK);
        let all: Vec<f64> = intervals.iter().map(|one| one.y).collect();
        if electric || (all.len() < 4 && rated.is_none()) {
            return Self { middle: median(&mut all.clone()), spread: 0.25, expected: Vec::new(), known: false, click };
        }
        if all.len() < 4 {
            // By its papers; police cars stand with the engine running, which adds a fifth to two fifths.
            let middle = (rated.unwrap_or(10.0) * 1.15).ln();
            return Self { middle, spread: 0.22, expected: vec![middle; all.len()], known: true, click };
        }
        let middle = median(&mut all.clone());
        let expected: Vec<f64> = (0..all.len()).map(|index| local(&all, index, middle)).collect();
        let off: Vec<f64> = all.iter().zip(&expected).map(|(y, expected)| y - expected).collect();
        let of_click = median(&mut intervals.iter().map(|one| (click / one.litres).powi(2)).collect::<Vec<_>>());
        let own = (spread(&off).powi(2) - of_click).max(0.0);
        #[expect(clippy::cast_precision_loss, reason = "a count of intervals")]
        let count = all.len() as f64;
        let pulled = (count * own + 8.0 * usual_spread.powi(2)) / (count + 8.0);
        Self { middle, spread: pulled.sqrt().max(0.025), expected, known: true, click }
    }

    /// The spread of an interval: the habit's, and how full "full" was at both ends.
    pub(super) fn spread_of(&self, litres: f64) -> f64 {
        (self.spread.powi(2) + (self.click / litres.max(1.0)).powi(2)).sqrt()
    }

    /// By interval: how many standard deviations it is off what was expected, and how many litres.
    ///
    /// A tank filled fuller than usual makes its interval high and the next one low by as much: what the neighbours say of
    /// how full it was at both ends is taken off, and the spread is what then remains.
    pub(super) fn off(&self, intervals: &[Interval]) -> Vec<(f64, f64)> {
        let raw = |index: usize| intervals[index].y - self.expected.get(index).copied().unwrap_or(self.middle);
        let own = |index: usize| self.spread_of(intervals[index].litres).powi(2);
        let of = |index: usize| {
            let one = &intervals[index];
            let (mut said, mut variance) = (0.0, own(index));
            for other in [index.checked_sub(1), Some(index + 1)].into_iter().flatten() {
                let Some(near) = intervals.get(other) else { continue };
                let shared = if other < index { near.to == one.from } else { one.to == near.from };
                if !shared {
                    continue;
                }
                let both = -0.5 * self.click.powi(2) / (one.litres.max(1.0) * near.litres.max(1.0));
                let most = 2.0 * own(other).sqrt();
                said += both / own(other) * raw(other).clamp(-most, most);
                variance -= both.powi(2) / own(other);
            }
            let off = raw(index) - said;
            (off / variance.sqrt(), one.litres * (1.0 - (-off).exp()))
        };
        (0..intervals.len()).map(of).collect()
    }

    /// Between what consumption always lies, in L/100 km: for what is impossible, not for what is odd.
    pub(super) fn range(&self) -> (f64, f64) {
        let wide = (4.0 * self.spread).clamp(0.3, 0.6);
        ((self.middle - wide).exp(), (self.middle + wide).exp())
    }

    /// The usual spread of a car of which nothing is known.
    pub(super) const fn usual_spread() -> f64 {
        USUAL_SPREAD
    }
}

/// The median of the neighbours, the interval itself left out, pulled to the whole while there are few.
fn local(all: &[f64], index: usize, middle: f64) -> f64 {
    let from = index.saturating_sub(SIDE);
    let to = (index + SIDE + 1).min(all.len());
    let mut near: Vec<f64> = (from..to).filter(|other| *other != index).map(|other| all[other]).collect();
    #[expect(clippy::cast_precision_loss, reason = "a count of neighbours")]
    let count = near.len() as f64;
    (median(&mut near) * count + middle * 3.0) / (count + 3.0)
}

/// What lasts: the place where the intervals rise for good, how much by, and how many standard deviations that is.
pub(super) fn lasting_rise(ys: &[f64], spread: f64) -> Option<(usize, f64, f64)> {
    const LEAST: usize = 6;
    if ys.len() < 2 * LEAST + 2 || spread <= 0.0 {
        return None;
    }
    // A single wild interval must not look like a lasting one.
    let middle = median(&mut ys.to_vec());
    let calm: Vec<f64> = ys.iter().map(|y| y.clamp(middle - 2.5 * spread, middle + 2.5 * spread)).collect();
    let total: f64 = calm.iter().sum();
    let mut before = 0.0;
    let mut best: Option<(usize, f64, f64)> = None;
    for (index, y) in calm.iter().enumerate() {
        before += y;
        let (n, m) = (index + 1, calm.len() - index - 1);
        if n < LEAST || m < LEAST {
            continue;
        }
        #[expect(clippy::cast_precision_loss, reason = "counts of intervals")]
        let (n, m) = (n as f64, m as f64);
        let rise = (total - before) / m - before / n;
        let z = rise / (spread * (1.0 / n + 1.0 / m).sqrt());
        if best.is_none_or(|(.., most)| z > most) {
            best = Some((index + 1, rise, z));
        }
    }
    // Where it rises is told by the calm values; by how much, by the middles of both sides as they are.
    let (from, _, z) = best?;
    let rise = median(&mut ys[from..].to_vec()) - median(&mut ys[..from].to_vec());
    Some((from, rise, z))
}

/// The fills of an interval: every one after the first.
pub(super) fn members(view: &View<'_>, one: &Interval) -> Vec<FillNo> {
    (one.from + 1..=one.to).map(|position| view.fills[position]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_middle_and_the_spread_do_not_mind_one_wild_value() {
        assert!((median(&mut [3.0, 1.0, 2.0]) - 2.0).abs() < 1e-12);
        assert!((median(&mut [4.0, 1.0, 2.0, 3.0]) - 2.5).abs() < 1e-12);
        assert!(median(&mut []).abs() < 1e-12);
        let calm = [1.0, 1.1, 0.9, 1.05, 0.95];
        let wild = [1.0, 1.1, 0.9, 1.05, 90.0];
        assert!((spread(&calm) - spread(&wild)).abs() < 0.08);
    }

    #[test]
    fn a_lasting_rise_is_found_where_it_begins_and_a_single_one_is_not() {
        let noise = [0.01, -0.02, 0.015, -0.01, 0.02, -0.015, 0.0, 0.01, -0.01, 0.005];
        let mut ys: Vec<f64> = noise.iter().chain(&noise).copied().collect();
        assert!(lasting_rise(&ys, 0.015).is_some_and(|(.., z)| z < 2.5));
        ys[5] += 0.5;
        assert!(lasting_rise(&ys, 0.015).is_some_and(|(.., z)| z < 3.5));
        ys.iter_mut().skip(10).for_each(|y| *y += 0.08);
        let (from, rise, z) = lasting_rise(&ys, 0.015).unwrap();
        assert!(from == 10 && (0.07..0.085).contains(&rise) && z > 4.5, "{from} {rise} {z}");
        assert!(lasting_rise(&ys[..8], 0.015).is_none());
    }
}
