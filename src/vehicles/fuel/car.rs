//! One car: what its records say together.

use super::consumption::{Habit, Interval, Went, explain_by_road, intervals};
use super::model::{DAY, FillNo, HOUR, hours};
use super::odometer;
use super::outcome::{Account, Anomaly, NotJudged, Remark, Why};
use super::places;
use super::rules::Rule;
use super::tank::{self, Impossible, Tank};
use super::thresholds::{Knob, Thresholds};
use super::track::{Seen, Track, View};
use crate::kernel::Timestamp;

/// A car after the first look: its track and its intervals, before the season of all cars is known.
pub(super) struct Studied<'a> {
    pub(super) view: View<'a>,
    pub(super) track: Track,
    pub(super) intervals: Vec<Interval>,
}

impl<'a> Studied<'a> {
    pub(super) fn new(view: View<'a>, thresholds: &Thresholds) -> Self {
        let track = Track::of(&view, thresholds);
        let mut found = intervals(&view, &track, &[]);
        explain_by_road(&mut found);
        Self { view, track, intervals: found }
    }
}

/// What all cars share.
pub(super) struct Fleet<'a> {
    /// By month: what the season adds to the logarithm of consumption.
    pub(super) season: &'a hashbrown::HashMap<i32, f64>,
    /// The usual spread of one car's consumption.
    pub(super) spread: f64,
    /// By station: its city.
    pub(super) cities: &'a [Option<u8>],
    /// Whether fills usually have a reading.
    pub(super) readings: bool,
}

/// Months since the year 0.
pub(super) fn month(at: Timestamp) -> i32 {
    use chrono::Datelike as _;
    let day = at.day();
    day.year() * 12 + i32::try_from(day.month0()).unwrap_or(0)
}

/// What one car gives.
#[derive(Default)]
pub(super) struct Judged {
    pub(super) anomalies: Vec<Anomaly>,
    pub(super) not_judged: Vec<NotJudged>,
    pub(super) remarks: Vec<Remark>,
    pub(super) account: Account,
}

/// Judges a car. `doubtful` are fills that other rules already speak against.
pub(super) fn judge(
    studied: &Studied<'_>,
    fleet: &Fleet<'_>,
    thresholds: &Thresholds,
    doubtful: &dyn Fn(FillNo) -> bool,
) -> Judged {
    let mut desk = Desk {
        view: &studied.view,
        track: &studied.track,
        fleet,
        thresholds,
        out: Judged::default(),
        odd: vec![false; studied.view.fills.len()],
        went: vec![Went::In; studied.view.fills.len()],
        intervals: Vec::new(),
        habit: Habit::default(),
    };
    for position in 0..desk.view.fills.len() {
        desk.odd[position] = doubtful(desk.view.fills[position])
            || matches!(desk.track.seen[position], Seen::Wrong { .. } | Seen::Missing | Seen::Repeated { .. });
    }
    let with_reading = desk.track.seen.iter().filter(|seen| **seen != Seen::Missing).count();
    let usual = fleet.readings && with_reading * 10 >= desk.view.fills.len() * 7 && desk.view.fills.len() >= 3;
    odometer::tell(desk.view, desk.track, usual, &mut desk.out.anomalies, &mut desk.out.remarks);
    desk.trips();
    desk.repeats();
    desk.distances();
    desk.learn(studied.intervals.clone());
    desk.tank();
    desk.consumption();
    desk.account();
    desk.out
}

pub(super) struct Desk<'a> {
    pub(super) view: &'a View<'a>,
    pub(super) track: &'a Track,
    fleet: &'a Fleet<'a>,
    pub(super) thresholds: &'a Thresholds,
    pub(super) out: Judged,
    /// By position: whether something else speaks against the fill.
    odd: Vec<bool>,
    /// By position: what of it went into this tank.
    went: Vec<Went>,
    pub(super) intervals: Vec<Interval>,
    pub(super) habit: Habit,
}

impl Desk<'_> {
    pub(super) fn anomaly(&self, position: usize, rule: Rule, observed: String, expected: String) -> Anomaly {
        Anomaly::new(self.view.fills[position], Some(self.view.no), rule, observed, expected)
    }

    pub(super) fn not_judged(&mut self, rule: Rule, why: Why, fills: usize) {
        if fills > 0 {
            let fills = u32::try_from(fills).unwrap_or(u32::MAX);
            self.out.not_judged.push(NotJudged { car: self.view.no, rule, why, fills });
        }
    }

    /// Fills while the car stood in its yard, as its logbook says.
    fn trips(&mut self) {
        let trips = &self.view.trips;
        let margin = minutes(self.thresholds.get(Knob::TripMinutes));
        let mut unjudged = 0;
        for position in 0..self.view.fills.len() {
            let fill = self.view.fill(position);
            let next = trips.partition_point(|trip| trip.departed_at.0 <= fill.at.0 + margin);
            let near = |trip: Option<&super::model::Trip>| {
                trip.is_some_and(|trip| (trip.departed_at.0 - fill.at.0).abs() < 10 * DAY)
            };
            if !near(next.checked_sub(1).and_then(|last| trips.get(last))) || !near(trips.get(next)) {
                unjudged += 1;
                continue;
            }
            let covers = |trip: &super::model::Trip| {
                let until = trip.returned_at.unwrap_or(Timestamp(trip.departed_at.0 + DAY));
                if fill.timed && trip.timed {
                    trip.departed_at.0 - margin <= fill.at.0 && fill.at.0 <= until.0 + margin
                } else {
                    trip.departed_at.day() <= fill.at.day() && fill.at.day() <= until.day()
                }
            };
            let day_end = trips
                .partition_point(|trip| trip.departed_at.0 <= fill.at.0 + margin + if fill.timed { 0 } else { DAY });
            if trips[day_end.saturating_sub(40)..day_end].iter().any(covers) {
                continue;
            }
            let last = trips[..next].last().and_then(|trip| trip.returned_at);
            let last = last.map_or_else(String::new, |at| format!("，此前最近一次还车在 {at}"));
            let why = format!("{} 加油时该车没有出车登记{last}；前后日子的出车都有登记", fill.at);
            let one = self.anomaly(position, Rule::NoTrip, fill.at.to_string(), "加油在出车期间".to_owned());
            self.out.anomalies.push(one.because(why));
            self.odd[position] = true;
        }
        self.not_judged(Rule::NoTrip, Why::NoTrips, unjudged);
    }

    /// Two fills within a short time, and too many on one day.
    fn repeats(&mut self) {
        let within = minutes(self.thresholds.get(Knob::RepeatMinutes));
        let most = self.tank_most();
        let daily = self.thresholds.get(Knob::DailyFills);
        let mut untimed = 0;
        let mut today = 1.0;
        for position in 1..self.view.fills.len() {
            let (last, this) = (self.view.fill(position - 1), self.view.fill(position));
            today = if last.at.day() == this.at.day() { today + 1.0 } else { 1.0 };
            let apart = this.at.0 - last.at.0;
            let both = self.view.litres(position - 1) + self.view.litres(position);
            let repeated = last.timed && this.timed && apart <= within;
            untimed += usize::from(!(last.timed && this.timed) && apart <= within);
            if !repeated && today < daily {
                continue;
            }
            let fits = most.is_none_or(|most| both <= most);
            let score = if fits { Rule::RepeatFill.weight() } else { 78.0 };
            let room = if fits { "" } else { "，合计超过油箱容量" };
            let why = if repeated {
                format!("距上一次加油（{}）只有 {} 分钟，两次合计 {both:.2} 升{room}", last.at, apart / 60_000)
            } else {
                format!("{} 当日第 {today:.0} 次加油", this.at.day())
            };
            let expected = format!("间隔 {:.0} 分钟以上", self.thresholds.get(Knob::RepeatMinutes));
            let one = self.anomaly(position, Rule::RepeatFill, format!("{} 分钟", apart / 60_000), expected);
            self.out.anomalies.push(one.scored(score).with([self.view.fills[position - 1]]).because(why));
        }
        self.not_judged(Rule::RepeatFill, Why::NoTime, untimed);
    }

    /// Two cities between which nobody drives so quickly.
    fn distances(&mut self) {
        let city = |position: usize| {
            let station = self.view.fill(position).station?;
            self.fleet.cities.get(station as usize).copied().flatten()
        };
        let fastest = self.thresholds.get(Knob::TravelKmh);
        let unknown = (0..self.view.fills.len()).filter(|position| city(*position).is_none()).count();
        let mut found = Vec::new();
        for position in 1..self.view.fills.len() {
            let (last, this) = (self.view.fill(position - 1), self.view.fill(position));
            let (Some(from), Some(to)) = (city(position - 1), city(position)) else { continue };
            let (km, took) = (places::apart(from, to), hours(last.at, this.at));
            if !(last.timed && this.timed) || km < 30.0 || took * fastest >= km {
                continue;
            }
            let why = format!(
                "{} 在{}加油，{} 又在{}加油，两地至少相距 {km:.0} 公里，{:.0} 分钟赶不到",
                last.at,
                places::name(from),
                this.at,
                places::name(to),
                took * 60.0
            );
            let expected = format!("至少 {:.0} 分钟", km / fastest * 60.0);
            let one = self.anomaly(position, Rule::TooFar, format!("{:.0} 分钟", took * 60.0), expected);
            found.push(one.with([self.view.fills[position - 1]]).because(why));
        }
        self.out.anomalies.extend(found);
        self.not_judged(Rule::TooFar, Why::NoPlace, unknown);
    }

    fn tank_most(&self) -> Option<f64> {
        self.view.car().tank.map(|tank| tank * (1.0 + self.thresholds.get(Knob::TankMargin) / 100.0))
    }

    /// The car's habit, from these intervals.
    fn learn(&mut self, mut found: Vec<Interval>) {
        for one in &mut found {
            one.y -= self.fleet.season.get(&month(one.at)).copied().unwrap_or(0.0);
        }
        let car = self.view.car();
        self.habit = Habit::of(&found, car, self.fleet.spread);
        self.intervals = found;
    }

    /// What cannot be, by the tank; then the intervals again without it.
    fn tank(&mut self) {
        let car = self.view.car();
        let count = self.view.fills.len();
        if car.is_electric() {
            return self.not_judged(Rule::ConsumptionHigh, Why::Electric, count);
        }
        let Some((capacity, most)) = car.tank.zip(self.tank_most()) else { return };
        if self.track.steps.is_empty() {
            return self.not_judged(Rule::TankBalance, Why::NoOdometer, count);
        }
        if !self.habit.known {
            return self.not_judged(Rule::TankBalance, Why::TooFewIntervals, count);
        }
        for position in 0..count {
            if self.view.litres(position) > most || self.view.fill(position).container {
                self.went[position] = Went::Somewhere;
            }
        }
        let excess = self.thresholds.get(Knob::TankExcess);
        let tank = Tank { capacity, most, thirst: self.habit.range(), excess };
        // Each impossible fill taken out may clear the next; a few rounds are enough.
        for _ in 0..=count {
            let found = tank::walk(self.view, self.track, tank, &self.went);
            let Some(first) = found.iter().find_map(|one| match one {
                Impossible::NoRoom { position, .. } => Some((*position, *one)),
                Impossible::TooFar { .. } => None,
            }) else {
                found.into_iter().for_each(|one| self.too_far(one));
                break;
            };
            let guilty = self.guilty(first.0);
            self.no_room(guilty, first.1);
            // With a good reading the car was there, and took some; else nothing says that it was.
            self.went[guilty] = if self.odd[guilty] { Went::Nowhere } else { Went::Somewhere };
        }
        if self.went.iter().any(|went| *went != Went::In) {
            let mut found = intervals(self.view, self.track, &self.went);
            explain_by_road(&mut found);
            self.learn(found);
        }
    }

    /// Which of two fills is the one too many: the one that something else speaks against, else the one without which
    /// the other is what the car always burns.
    fn guilty(&self, position: usize) -> usize {
        let Some(last) = (0..position).rev().find(|p| self.went[*p] == Went::In) else { return position };
        if self.odd[position] || !self.odd[last] {
            let before = (0..last).rev().find(|p| self.went[*p] == Went::In);
            let km = |p: usize| match self.track.seen[p] {
                Seen::Good { km, .. } => Some(km),
                _ => None,
            };
            let off = |p: usize| {
                let run = km(p)? - km(before?)?;
                (run > 5.0).then(|| ((self.view.litres(p) / run * 100.0).ln() - self.habit.middle).abs())
            };
            let both_odd = self.odd[position] == self.odd[last];
            return match (off(position), off(last)) {
                (Some(this), Some(other)) if both_odd && other > this + 0.1 => last,
                _ => position,
            };
        }
        last
    }

    fn no_room(&mut self, guilty: usize, one: Impossible) {
        let Impossible::NoRoom { position, left, litres, most, excess } = one else { return };
        let fill = self.view.fill(position);
        let why = format!(
            "{} 加油前油箱里至少还有 {left:.1} 升（按上次加油后的油量和本车最费油时的油耗推算），再加 {litres:.2} 升共 {:.1} 升，\
             油箱最多 {most:.1} 升，装不下 {excess:.1} 升",
            fill.at,
            left + litres
        );
        let observed = format!("{litres:.2} 升");
        let expected = format!("不超过 {:.1} 升", most - left);
        let mut found = self.anomaly(guilty, Rule::TankBalance, observed, expected);
        let score = Rule::TankBalance.weight() - 8.0 + excess.min(18.0);
        if guilty == position {
            found = found.with((0..position).rev().find(|p| self.went[*p] == Went::In).map(|p| self.view.fills[p]));
            found = found.because(why);
        } else {
            found = found.with([self.view.fills[position]]);
            found = found.because(format!("{why}；两次之中本次更可疑"));
        }
        self.out.anomalies.push(found.scored(score).litres(excess));
    }

    fn too_far(&mut self, one: Impossible) {
        let Impossible::TooFar { position, km, had, needed, missing } = one else { return };
        let why = format!(
            "上次加油后油箱至多 {had:.1} 升，其后行驶 {km:.0} 公里按本车最省油时也要 {needed:.1} 升，少 {missing:.1} 升；\
             很可能用别的卡或现金加过油而没有记录，或里程有误"
        );
        let observed = format!("{km:.0} 公里");
        let expected = format!("不超过 {:.0} 公里", had / needed.max(0.1) * km);
        let found = self.anomaly(position, Rule::NoFuelForDistance, observed, expected);
        self.out.anomalies.push(found.litres(missing).because(why));
    }

    fn account(&mut self) {
        let view = self.view;
        let mut account = Account { km: self.track.distance(), ..Account::default() };
        let first = self.track.steps.first().map(|step| step.at);
        let mut since = 0.0;
        for position in 0..view.fills.len() {
            let fill = view.fill(position);
            account.fills += 1;
            account.litres += view.litres(position);
            account.cost += fill.amount.unwrap_or(0.0);
            let of_month = account.months.entry(month(fill.at)).or_default();
            of_month.fills += 1;
            of_month.litres += view.litres(position);
            of_month.cost += fill.amount.unwrap_or(0.0);
            if first.is_some_and(|first| fill.at > first) {
                since += view.litres(position);
            }
        }
        for (month, km) in self.track.by_month() {
            account.months.entry(month).or_default().km += km;
        }
        if !view.car().is_electric() && account.km > 1.0 {
            account.per_100km = Some(since / account.km * 100.0);
        }
        if self.habit.known && !view.car().is_electric() && !self.intervals.is_empty() {
            let typical = super::consumption::median(&mut self.intervals.iter().map(|i| i.litres).collect::<Vec<_>>());
            let band = self.habit.spread_of(typical) * self.thresholds.get(Knob::ConsumptionZ);
            let middle = self.habit.middle;
            account.habit = Some((middle.exp(), (middle - band).exp(), (middle + band).exp()));
        }
        account.intervals = self
            .intervals
            .iter()
            .map(|one| (view.fills[one.to], one.km, one.litres, one.litres / one.km * 100.0))
            .collect();
        self.out.account = account;
    }
}

/// Minutes as milliseconds.
fn minutes(count: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "a setting within its range, at most a day")]
    let whole = (count * 60_000.0).clamp(0.0, 30.0 * 24.0 * 3_600_000.0) as i64;
    debug_assert!(whole <= 720 * HOUR);
    whole
}
