//! One car: what its records say together.

use super::consumption::{Habit, Interval, Went, explain_by_hours, intervals, lasting_rise, members};
use super::model::{DAY, FillNo, HOUR, hours};
use super::odometer;
use super::outcome::{Account, Anomaly, NotJudged, Remark, Why};
use super::places;
use super::rules::Rule;
use super::tank::{self, Impossible, Tank};
use super::thresholds::{Knob, Thresholds};
use super::track::{Seen, Track, View};
use super::typo::best_repair;
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
        explain_by_hours(&mut found);
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

struct Desk<'a> {
    view: &'a View<'a>,
    track: &'a Track,
    fleet: &'a Fleet<'a>,
    thresholds: &'a Thresholds,
    out: Judged,
    /// By position: whether something else speaks against the fill.
    odd: Vec<bool>,
    /// By position: what of it went into this tank.
    went: Vec<Went>,
    intervals: Vec<Interval>,
    habit: Habit,
}

impl Desk<'_> {
    fn anomaly(&self, position: usize, rule: Rule, observed: String, expected: String) -> Anomaly {
        Anomaly::new(self.view.fills[position], Some(self.view.no), rule, observed, expected)
    }

    fn not_judged(&mut self, rule: Rule, why: Why, fills: usize) {
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
        self.habit = Habit::of(&found, car.rated, car.is_electric(), self.fleet.spread);
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
            explain_by_hours(&mut found);
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

    /// Too much for the way.
    fn consumption(&mut self) {
        if self.view.car().is_electric() {
            return;
        }
        let count = self.view.fills.len();
        let unread = self.track.seen.iter().filter(|seen| !matches!(seen, Seen::Good { .. })).count();
        if !self.habit.known || self.intervals.is_empty() {
            let why = if unread == count { Why::NoOdometer } else { Why::TooFewIntervals };
            return self.not_judged(Rule::ConsumptionHigh, why, count);
        }
        self.not_judged(Rule::ConsumptionHigh, Why::NoOdometer, unread);
        let off: Vec<(f64, f64)> =
            self.intervals.iter().enumerate().map(|(index, one)| self.habit.off(index, one)).collect();
        let mut calm: Vec<bool> = vec![true; off.len()];
        self.slips(&off, &mut calm);
        let (limit, least) = (self.thresholds.get(Knob::ConsumptionZ), self.thresholds.get(Knob::ConsumptionLitres));
        for (index, &(z, litres)) in off.iter().enumerate() {
            if calm[index] && z >= limit && litres >= least {
                calm[index] = false;
                self.high(index, z, litres);
            }
        }
        self.windows(&off, &mut calm);
        self.lasting(&calm);
    }

    /// Neighbouring intervals of which one has too much and the other as much too little: the reading between them, or
    /// the word "full", is wrong, and no fuel is missing.
    fn slips(&mut self, off: &[(f64, f64)], calm: &mut [bool]) {
        for index in 0..off.len().saturating_sub(1) {
            let (a, b) = (self.intervals[index], self.intervals[index + 1]);
            let (za, zb) = (off[index].0, off[index + 1].0);
            if a.to != b.from || za * zb >= 0.0 || za.abs().min(zb.abs()) < 1.2 || za.abs().max(zb.abs()) < 2.4 {
                continue;
            }
            let expected = |i: usize| self.habit.expected.get(i).copied().unwrap_or(self.habit.middle);
            // What each would have burnt had both gone by habit.
            let usual = |i: usize, one: &Interval| one.litres / (one.y - expected(i)).exp();
            let both = ((a.litres + b.litres) / (usual(index, &a) + usual(index + 1, &b))).ln();
            if both.abs() > 1.2 * self.habit.spread_of(a.litres + b.litres) {
                continue;
            }
            calm[index] = false;
            calm[index + 1] = false;
            let Seen::Good { km, .. } = self.track.seen[a.to] else { continue };
            let begun = km - a.km;
            let likely = begun + a.km * a.litres / usual(index, &a).max(0.1);
            let tight = 0.05 * (a.km + b.km);
            let Some((right, _)) = best_repair(km, likely - tight, likely + tight, likely) else { continue };
            if (right - km).abs() < 40.0 || za.abs().min(zb.abs()) < 3.0 {
                continue;
            }
            let why = format!(
                "上一段油耗偏{}、下一段同样偏{}，合起来正常，说明不是少了油，而是中间这次的里程 {km:.0}（或“加满”）有误；\
                 如是录错一位，可能应为 {right:.0}（仅供核对，未代为更正）",
                if za > 0.0 { "高" } else { "低" },
                if zb > 0.0 { "高" } else { "低" }
            );
            let one = self.anomaly(a.to, Rule::OdometerTypo, format!("{km:.0}"), format!("{right:.0} 左右"));
            self.out.anomalies.push(one.scored(Rule::OdometerTypo.weight() - 14.0).because(why));
        }
    }

    fn high(&mut self, index: usize, z: f64, litres: f64) {
        let one = self.intervals[index];
        let per = one.litres / one.km * 100.0;
        let expected = self.habit.expected.get(index).copied().unwrap_or(self.habit.middle);
        let usual = per / (one.y - expected).exp();
        let band = self.habit.spread_of(one.litres) * self.thresholds.get(Knob::ConsumptionZ);
        let fills = members(self.view, &one);
        let several =
            if fills.len() > 1 { format!("（其间 {} 次加油合计）", fills.len()) } else { String::new() };
        let why = format!(
            "上次加满后行驶 {:.0} 公里，加油 {:.2} 升{several}，合 {per:.1} 升/百公里；本车平常 {usual:.1}，上限 {:.1}，\
             偏离 {z:.1} 个标准差，多出约 {litres:.0} 升",
            one.km,
            one.litres,
            usual * band.exp()
        );
        let limit = self.thresholds.get(Knob::ConsumptionZ);
        let score = (50.0 + 9.0 * (z - limit)).min(86.0) - if fills.len() > 2 { 4.0 } else { 0.0 };
        let (observed, expected) = (format!("{per:.1} 升/百公里"), format!("{usual:.1} 升/百公里"));
        let found = self.anomaly(one.to, Rule::ConsumptionHigh, observed, expected);
        self.out.anomalies.push(found.scored(score).with(fills).litres(litres).because(why));
    }

    /// A little too much, several times running.
    fn windows(&mut self, off: &[(f64, f64)], calm: &mut [bool]) {
        let limit = self.thresholds.get(Knob::WindowZ);
        for width in [2usize, 3, 4] {
            for start in 0..off.len().saturating_sub(width - 1) {
                let span = start..start + width;
                if !calm[span.clone()].iter().all(|calm| *calm) {
                    continue;
                }
                let sum: f64 = off[span.clone()].iter().map(|(z, _)| z.clamp(-1.5, 3.0)).sum();
                #[expect(clippy::cast_precision_loss, reason = "two, three or four")]
                let z = sum / (width as f64).sqrt();
                let litres: f64 = off[span.clone()].iter().map(|(_, litres)| litres).sum();
                if z < limit || litres < 2.0 * self.thresholds.get(Knob::ConsumptionLitres) {
                    continue;
                }
                calm[span.clone()].fill(false);
                let last = self.intervals[start + width - 1];
                let fills: Vec<FillNo> = span.flat_map(|i| members(self.view, &self.intervals[i])).collect();
                let why = format!(
                    "连续 {width} 段油耗都偏高，单看每段都不算异常，合起来偏离 {z:.1} 个标准差，共多出约 {litres:.0} 升"
                );
                let observed = format!("{width} 段共多 {litres:.0} 升");
                let one = self.anomaly(last.to, Rule::ConsumptionWindow, observed, "在本车平常范围内".to_owned());
                let score = Rule::ConsumptionWindow.weight() + 6.0 * (z - limit);
                self.out.anomalies.push(one.scored(score.min(80.0)).with(fills).litres(litres).because(why));
            }
        }
    }

    /// A little too much, ever since.
    fn lasting(&mut self, calm: &[bool]) {
        let kept: Vec<usize> = (0..self.intervals.len()).filter(|index| calm[*index]).collect();
        let ys: Vec<f64> = kept.iter().map(|index| self.intervals[*index].y).collect();
        let typical =
            super::consumption::median(&mut kept.iter().map(|i| self.intervals[*i].litres).collect::<Vec<_>>());
        let Some((from, rise, z)) = lasting_rise(&ys, self.habit.spread_of(typical)) else { return };
        let least = self.thresholds.get(Knob::CusumPercent) / 100.0;
        if z < self.thresholds.get(Knob::CusumH) || rise < least {
            return;
        }
        let (first, last) = (self.intervals[kept[from]], self.intervals[*kept.last().unwrap_or(&0)]);
        let since = self.view.fill(first.from).at;
        let percent = (rise.exp() - 1.0) * 100.0;
        if let Some((before, after)) = self.drivers(since) {
            let text = format!(
                "{} 起油耗升高 {percent:.0}%，同时主要驾驶员由{before}换为{after}，先按换人看待，未列为异常",
                since.day()
            );
            return self.out.remarks.push(Remark { car: self.view.no, text });
        }
        let fills: Vec<FillNo> = (first.from + 1..=last.to).map(|position| self.view.fills[position]).collect();
        let litres: f64 = kept[from..].iter().map(|i| self.intervals[*i].litres * (1.0 - (-rise).exp())).sum();
        let why = format!(
            "{} 起油耗比此前持续高 {percent:.1}%（累计和偏离 {z:.1} 个标准差），每次都不多，合计约 {litres:.0} 升",
            since.day()
        );
        let observed = format!("高 {percent:.1}%");
        let one = self.anomaly(last.to, Rule::SlowSkim, observed, "与此前持平".to_owned());
        let score = Rule::SlowSkim.weight() + 4.0 * (z - self.thresholds.get(Knob::CusumH));
        self.out.anomalies.push(one.scored(score.min(78.0)).with(fills).litres(litres).because(why));
    }

    /// Who mostly drove before and after an instant, when that changed.
    fn drivers(&self, at: Timestamp) -> Option<(String, String)> {
        let near = |from: i64, to: i64| {
            let mut count: hashbrown::HashMap<u32, usize> = hashbrown::HashMap::new();
            for trip in self.view.trips.iter().filter(|trip| (from..to).contains(&trip.departed_at.0)) {
                *count.entry(trip.driver?).or_default() += 1;
            }
            count
                .into_iter()
                .max_by_key(|(driver, count)| (*count, std::cmp::Reverse(*driver)))
                .map(|(driver, _)| driver)
        };
        let before = near(at.0 - 60 * DAY, at.0 - 20 * DAY)?;
        let after = near(at.0 + 20 * DAY, at.0 + 60 * DAY)?;
        let names = |driver: u32| self.view.input.names.drivers.get(driver as usize).cloned().unwrap_or_default();
        (before != after).then(|| (names(before), names(after)))
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
