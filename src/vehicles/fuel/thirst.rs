//! One car's consumption: single intervals, several running, a lasting rise; and slips that only look like it.

use super::car::Desk;
use super::consumption::{Interval, lasting_rise, median, members};
use super::model::{DAY, FillNo};
use super::outcome::{Remark, Why};
use super::rules::Rule;
use super::thresholds::Knob;
use super::track::Seen;
use super::typo::best_repair;
use crate::kernel::Timestamp;

/// The part of a small tank that counts as litres too many.
const SMALL_TANK: f64 = 0.08;

impl Desk<'_> {
    /// Too much for the way.
    pub(super) fn consumption(&mut self) {
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
        let off = self.habit.off(&self.intervals);
        let mut calm: Vec<bool> = vec![true; off.len()];
        self.slips(&off, &mut calm);
        let (limit, least) = (self.thresholds.get(Knob::ConsumptionZ), self.least_litres());
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

    /// Litres too many, below which nothing is said: of a motorcycle's tank fewer than of a car's.
    fn least_litres(&self) -> f64 {
        let least = self.thresholds.get(Knob::ConsumptionLitres);
        self.view.car().tank.map_or(least, |tank| least.min(tank * SMALL_TANK))
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
                if z < limit || litres < 2.0 * self.least_litres() {
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
        let typical = median(&mut kept.iter().map(|i| self.intervals[*i].litres).collect::<Vec<_>>());
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
}
