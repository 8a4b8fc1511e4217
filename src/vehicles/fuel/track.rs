//! What a car's odometer can have shown at any instant: the readings that agree with each other, of all witnesses.
//!
//! Fills, departures, returns and month-end readings are points in time and kilometres. The track is the chain of
//! points of most weight on which the odometer never falls, never outruns the clock, and never outruns the fuel; points
//! that are not on it are likely wrong. Leaving the chain for another level costs [`RESET`]: three readings that agree
//! with each other after it are a replaced odometer (or a rolled-back one), one or two are slips.

use super::consumption::median;
use super::model::{CarNo, DAY, Fill, FillNo, Input, Reading, Trip, hours};
use super::thresholds::{Knob, Thresholds};
use super::typo::best_repair;
use crate::kernel::Timestamp;

/// What it costs to go on at another level, in readings.
const RESET: f64 = 2.6;
/// How many points back a point may follow.
const LOOK: usize = 40;

/// A car with its records in order of time.
#[derive(Debug)]
pub(super) struct View<'a> {
    pub(super) input: &'a Input<'a>,
    pub(super) no: CarNo,
    /// Fuel taken, copies and nonsense left out.
    pub(super) fills: Vec<FillNo>,
    pub(super) trips: Vec<Trip>,
    pub(super) readings: Vec<Reading>,
}

impl View<'_> {
    pub(super) fn fill(&self, position: usize) -> &Fill {
        &self.input.fills[self.fills[position] as usize]
    }

    pub(super) fn car(&self) -> &super::model::Car {
        &self.input.cars[self.no as usize]
    }

    pub(super) fn litres(&self, position: usize) -> f64 {
        self.fill(position).litres.unwrap_or(0.0)
    }
}

/// Who says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Witness {
    /// The fill at this position.
    Fill(usize),
    Trip,
    Month,
}

#[derive(Debug, Clone, Copy)]
struct Point {
    at: Timestamp,
    km: f64,
    witness: Witness,
    timed: bool,
    /// Litres filled before it.
    fuel: f64,
}

impl Point {
    fn weight(&self) -> f64 {
        match self.witness {
            Witness::Fill(_) => 1.0,
            Witness::Trip => 0.6,
            Witness::Month => 1.2,
        }
    }
}

/// A point of the track.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Step {
    pub(super) at: Timestamp,
    pub(super) km: f64,
    /// Which odometer: counts up each time the level changes.
    pub(super) segment: u32,
    month: bool,
}

/// What is thought of a fill's reading.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Seen {
    /// It agrees with the others.
    Good { km: f64, segment: u32 },
    /// None was written.
    Missing,
    /// It is that of the fill before.
    Repeated { km: f64 },
    /// It does not agree.
    Wrong { km: f64, low: f64, high: Option<f64>, repair: Option<(f64, bool)> },
}

/// The level changes.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Level {
    /// Another odometer, begun near nothing.
    Replaced { from: f64, to: f64, at: Timestamp },
    /// The same odometer, turned back.
    Back { from: f64, to: f64, fill: usize },
    /// Far ahead.
    Ahead { from: f64, to: f64, fill: usize },
}

/// The track of one car.
#[derive(Debug, Default)]
pub(super) struct Track {
    pub(super) steps: Vec<Step>,
    /// By the fill's position: what is thought of its reading.
    pub(super) seen: Vec<Seen>,
    pub(super) levels: Vec<Level>,
    /// Readings of logbooks and month ends that are likely wrong.
    pub(super) wrong_witnesses: Vec<(Timestamp, f64, bool)>,
}

/// What moving between two points may cost in time and fuel.
struct Bounds {
    tank: Option<f64>,
    least: f64,
    daily_km: f64,
    /// L/100 km that the car usually needs.
    usual: Option<f64>,
}

impl Track {
    pub(super) fn of(view: &View<'_>, thresholds: &Thresholds) -> Self {
        let points = points(view);
        let bounds = Bounds::of(view, thresholds);
        let chain = chain(view, &points, &bounds);
        let mut track = Self { seen: vec![Seen::Missing; view.fills.len()], ..Self::default() };
        track.lay(&points, &chain);
        track.judge_readings(view, &points, &chain, &bounds);
        track
    }

    /// Lays the steps along the chain and notes where the level changes.
    fn lay(&mut self, points: &[Point], chain: &[(usize, bool)]) {
        let mut segment = 0;
        let mut pending: Option<(f64, f64)> = None;
        for &(index, reset) in chain {
            let point = points[index];
            let last = self.steps.last().map(|step| step.km);
            if let (true, Some(from)) = (reset, last) {
                segment += 1;
                let to = point.km;
                if to < from && (to < 3_000.0 || to < from * 0.1) {
                    self.levels.push(Level::Replaced { from, to, at: point.at });
                } else {
                    pending = Some((from, to));
                }
            }
            let floor = self.steps.last().filter(|step| step.segment == segment).map_or(f64::MIN, |step| step.km);
            let km = point.km.max(floor);
            self.steps.push(Step { at: point.at, km, segment, month: point.witness == Witness::Month });
            if let Witness::Fill(fill) = point.witness {
                self.seen[fill] = Seen::Good { km, segment };
                if let Some((from, to)) = pending.take() {
                    let level =
                        if to < from { Level::Back { from, to, fill } } else { Level::Ahead { from, to, fill } };
                    self.levels.push(level);
                }
            }
        }
    }

    /// Says of each reading off the chain what it should have been.
    fn judge_readings(&mut self, view: &View<'_>, points: &[Point], chain: &[(usize, bool)], bounds: &Bounds) {
        let mut on = vec![false; points.len()];
        chain.iter().for_each(|&(index, _)| on[index] = true);
        for (_, point) in points.iter().enumerate().filter(|(index, _)| !on[*index]) {
            let Witness::Fill(fill) = point.witness else {
                self.wrong_witnesses.push((point.at, point.km, point.witness == Witness::Month));
                continue;
            };
            let (before, after) = self.around(point.at);
            let low = before.map_or(0.0, |step| step.km);
            let since = before.map_or(0.0, |step| fuel_since(view, step.at, fill));
            let reach = bounds.reach(view, before.map(|step| step.at), point.at, since);
            let after = after.filter(|next| before.is_none_or(|step| step.segment == next.segment));
            let high = after.map(|step| step.km);
            let most = high.unwrap_or(low + reach);
            let same = before.is_some_and(|_| fill > 0)
                && view.fill(fill - 1).odometer.is_some_and(|last| (last - point.km).abs() < 1.0);
            let usual = bounds.usual.unwrap_or(10.0);
            let likely = (low + since / usual * 100.0).clamp(low, most.max(low));
            self.seen[fill] = if same {
                Seen::Repeated { km: point.km }
            } else {
                let repair = before.or(after).and_then(|_| best_repair(point.km, low, most, likely));
                Seen::Wrong { km: point.km, low, high, repair }
            };
        }
    }

    /// The last step at or before an instant and the first after it.
    pub(super) fn around(&self, at: Timestamp) -> (Option<Step>, Option<Step>) {
        let next = self.steps.partition_point(|step| step.at <= at);
        (next.checked_sub(1).and_then(|last| self.steps.get(last)).copied(), self.steps.get(next).copied())
    }

    /// Between which kilometres the fill at a position was, and on which odometer.
    pub(super) fn bounds(&self, view: &View<'_>, position: usize) -> (f64, f64, Option<u32>) {
        if let Some(Seen::Good { km, segment }) = self.seen.get(position) {
            return (*km, *km, Some(*segment));
        }
        match self.around(view.fill(position).at) {
            (Some(a), Some(b)) if a.segment == b.segment => (a.km, b.km, Some(a.segment)),
            (Some(a), _) => (a.km, f64::INFINITY, Some(a.segment)),
            (None, Some(b)) => (f64::NEG_INFINITY, b.km, Some(b.segment)),
            (None, None) => (f64::NEG_INFINITY, f64::INFINITY, None),
        }
    }

    /// Kilometres run by month; between two steps of different months in proportion to the time.
    pub(super) fn by_month(&self) -> std::collections::BTreeMap<i32, f64> {
        use super::car::month;
        let mut months = std::collections::BTreeMap::new();
        for two in self.steps.windows(2).filter(|two| two[0].segment == two[1].segment) {
            let (run, from, to) = (two[1].km - two[0].km, two[0].at, two[1].at);
            let (first, last) = (month(from), month(to));
            let whole = hours(from, to);
            let mut begun = from;
            for one in first..=last {
                let ends = if one == last { to } else { first_instant(one + 1).unwrap_or(to) };
                let part = if whole > 0.0 { hours(begun, ends) / whole } else { f64::from(u8::from(one == last)) };
                *months.entry(one).or_insert(0.0) += run * part;
                begun = ends;
            }
        }
        months
    }

    /// Kilometres run, over all odometers, from the first step to the last.
    pub(super) fn distance(&self) -> f64 {
        self.steps
            .windows(2)
            .filter(|two| two[0].segment == two[1].segment)
            .fold(0.0, |sum, two| sum + two[1].km - two[0].km)
    }
}

impl Bounds {
    fn of(view: &View<'_>, thresholds: &Thresholds) -> Self {
        let car = view.car();
        let mut raw: Vec<f64> = Vec::new();
        for position in 1..view.fills.len() {
            let (last, this) = (view.fill(position - 1), view.fill(position));
            if let (Some(a), Some(b), Some(litres)) = (last.odometer, this.odometer, this.litres)
                && (50.0..1_500.0).contains(&(b - a))
            {
                raw.push(litres / (b - a) * 100.0);
            }
        }
        let usual = if raw.len() >= 4 { Some(median(&mut raw)) } else { car.rated.filter(|rated| *rated > 0.5) };
        let margin = 1.0 + thresholds.get(Knob::TankMargin) / 100.0;
        let tank = car.tank.filter(|_| !car.is_electric()).map(|tank| tank * margin);
        let least = usual.map_or(3.0, |usual| usual * 0.5).max(1.0);
        Self { tank, least, daily_km: thresholds.get(Knob::DailyKm), usual }
    }

    /// The farthest that the car can have come between two instants, `fuel` litres filled between.
    fn reach(&self, view: &View<'_>, from: Option<Timestamp>, to: Timestamp, fuel: f64) -> f64 {
        let hours = from.map_or(24.0 * 365.0, |from| hours(from, to).max(0.0));
        let by_time = 40.0 + (hours * 120.0).min(200.0 + hours / 24.0 * self.daily_km);
        let by_fuel = self.tank.map_or(f64::INFINITY, |tank| (tank + fuel) / self.least * 100.0 + 60.0);
        if view.car().is_electric() { by_time } else { by_time.min(by_fuel) }
    }
}

/// When a month begins, months counted from the year 0.
fn first_instant(month: i32) -> Option<Timestamp> {
    let of_year = u32::try_from(month.rem_euclid(12)).ok()? + 1;
    chrono::NaiveDate::from_ymd_opt(month.div_euclid(12), of_year, 1).map(Timestamp::start_of_day)
}

/// Litres filled after an instant, before the fill at a position.
fn fuel_since(view: &View<'_>, from: Timestamp, position: usize) -> f64 {
    (0..position).rev().take_while(|p| view.fill(*p).at > from).map(|p| view.litres(p)).sum()
}

/// All witnesses in order of time.
fn points(view: &View<'_>) -> Vec<Point> {
    let point = |at, km, witness, timed| Point { at, km, witness, timed, fuel: 0.0 };
    let good = |km: &f64| (0.0..3_000_000.0).contains(km);
    let mut points = Vec::with_capacity(view.fills.len() + 2 * view.trips.len() + view.readings.len());
    let mut untimed = false;
    for position in 0..view.fills.len() {
        let fill = view.fill(position);
        untimed |= !fill.timed;
        if let Some(km) = fill.odometer {
            points.push(point(fill.at, km, Witness::Fill(position), fill.timed));
        }
    }
    // Where fills have no time of day, a logbook of the same day cannot be put before or after them.
    for trip in view.trips.iter().filter(|trip| trip.timed && !untimed) {
        points.extend(trip.departed_km.filter(good).map(|km| point(trip.departed_at, km, Witness::Trip, true)));
        let returned = trip.returned_at.zip(trip.returned_km.filter(good));
        points.extend(returned.map(|(at, km)| point(at, km, Witness::Trip, true)));
    }
    points.extend(view.readings.iter().filter(|r| good(&r.km)).map(|r| point(r.at, r.km, Witness::Month, false)));
    points.sort_by(|a, b| a.at.cmp(&b.at).then(a.km.total_cmp(&b.km)));
    let (mut next, mut fuel) = (0, 0.0);
    for point in &mut points {
        while next < view.fills.len() && view.fill(next).at < point.at {
            fuel += view.litres(next);
            next += 1;
        }
        point.fuel = fuel;
    }
    points
}

/// The chain of most weight: the points on it, each with whether the level changes there.
fn chain(view: &View<'_>, points: &[Point], bounds: &Bounds) -> Vec<(usize, bool)> {
    let mut best: Vec<(f64, Option<(usize, bool)>)> = Vec::with_capacity(points.len());
    for (index, point) in points.iter().enumerate() {
        let mut found = (point.weight(), None);
        for last in (index.saturating_sub(LOOK)..index).rev() {
            let (cost, reset) = step_cost(view, &points[last], point, bounds);
            let score = best[last].0 + point.weight() - cost;
            if score > found.0 + 1e-9 {
                found = (score, Some((last, reset)));
            }
        }
        best.push(found);
    }
    let mut at = (0..best.len()).max_by(|a, b| best[*a].0.total_cmp(&best[*b].0).then(a.cmp(b)));
    let mut chain = Vec::new();
    while let Some(index) = at {
        let from = best[index].1;
        chain.push((index, from.is_some_and(|(_, reset)| reset)));
        at = from.map(|(last, _)| last);
    }
    chain.reverse();
    chain
}

/// What it costs to follow one point by another, and whether the level changes.
fn step_cost(view: &View<'_>, from: &Point, to: &Point, bounds: &Bounds) -> (f64, bool) {
    let run = to.km - from.km;
    let near = !(from.timed && to.timed) && (to.at.0 - from.at.0).abs() < 2 * DAY;
    let slack = if near { 400.0 } else { 2.5 };
    if run < -slack {
        return (RESET, true);
    }
    let own = if let Witness::Fill(position) = from.witness { view.litres(position) } else { 0.0 };
    let reach = bounds.reach(view, Some(from.at), to.at, (to.fuel - from.fuel - own).max(0.0));
    if run > reach + if near { 400.0 } else { 0.0 } {
        return (RESET, true);
    }
    let (Witness::Fill(first), Witness::Fill(second)) = (from.witness, to.witness) else {
        return (if run < 0.0 { 0.05 } else { 0.0 }, false);
    };
    let litres = (to.fuel - from.fuel - own).max(0.0) + view.litres(second);
    if run < 1.0 && litres > 5.0 && hours(from.at, to.at) > 2.0 {
        return (RESET, true);
    }
    // Of two chains of one weight, the one on which the car burns what it always burns.
    let partly = view.fill(first).full == Some(false) || view.fill(second).full == Some(false);
    match bounds.usual.filter(|_| !partly && litres > 0.0) {
        Some(usual) => {
            let off = (litres / run.max(1.0) * 100.0 / usual).ln().abs();
            (0.3 * (off / 0.6).min(1.0), false)
        }
        None => (0.0, false),
    }
}

impl Step {
    /// Whether it is a month-end reading.
    pub(super) const fn is_month_end(&self) -> bool {
        self.month
    }
}
