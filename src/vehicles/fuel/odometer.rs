//! What is told about a car's odometer: which reading is likely wrong, and which single digit would put it right.

use super::model::FillNo;
use super::outcome::{Anomaly, Remark};
use super::rules::Rule;
use super::track::{Level, Seen, Track, View};

/// Tells the readings that do not agree with the others. `usual` is whether readings are the rule for this car.
pub(super) fn tell(view: &View<'_>, track: &Track, usual: bool, found: &mut Vec<Anomaly>, remarks: &mut Vec<Remark>) {
    for (position, seen) in track.seen.iter().enumerate() {
        let no = view.fills[position];
        match *seen {
            Seen::Good { .. } => {}
            Seen::Missing if usual => {
                let why = "该车历次加油都有里程，本次没有；本段油耗并入下一次加满后判断";
                let one = new(view, no, Rule::OdometerMissing, "未登记".to_owned(), "登记加油时的里程".to_owned());
                found.push(one.because(why));
            }
            Seen::Missing => {}
            Seen::Repeated { km } => {
                let litres = view.litres(position);
                let why = format!("里程与上一次加油同为 {km:.0}，其间却又加了 {litres:.2} 升；很可能照抄了上次的读数");
                let one = new(view, no, Rule::OdometerRepeated, format!("{km:.0}"), format!("大于 {km:.0}"));
                found.push(one.because(why));
            }
            Seen::Wrong { km, low, high, repair } => found.push(wrong(view, track, position, (km, low, high), repair)),
        }
    }
    for level in &track.levels {
        match *level {
            Level::Replaced { from, to, at } => {
                let text = format!(
                    "{} 前后里程由 {from:.0} 变为 {to:.0} 并持续走数，按换过里程表处理，请补登换表单据",
                    at.day()
                );
                remarks.push(Remark { car: view.no, text });
            }
            Level::Back { from, to, fill } => {
                let why = format!(
                    "里程由 {from:.0} 退到 {to:.0}，此后一直接着走，不像录入错误，也不像换新表（新表应从零走起）"
                );
                let one = new(
                    view,
                    view.fills[fill],
                    Rule::OdometerRollback,
                    format!("{to:.0}"),
                    format!("不小于 {from:.0}"),
                );
                found.push(one.scored(82.0).because(why));
            }
            Level::Ahead { from, to, fill } => {
                let why = format!(
                    "里程由 {from:.0} 跳到 {to:.0}，此后一直接着走；这段路没有足够的加油记录，也超出其间可能行驶的距离"
                );
                let one =
                    new(view, view.fills[fill], Rule::OdometerJump, format!("{to:.0}"), format!("接续 {from:.0}"));
                found.push(one.scored(70.0).because(why));
            }
        }
    }
    for (at, km, month) in &track.wrong_witnesses {
        let what = if *month { "月末里程读数" } else { "出车记录的里程" };
        let text = format!("{} 的{what} {km:.0} 与前后加油、出车的里程不合，很可能是它有误", at.day());
        remarks.push(Remark { car: view.no, text });
    }
}

fn new(view: &View<'_>, no: FillNo, rule: Rule, observed: String, expected: String) -> Anomaly {
    Anomaly::new(no, Some(view.no), rule, observed, expected)
}

/// A reading off the track.
fn wrong(
    view: &View<'_>,
    track: &Track,
    position: usize,
    (km, low, high): (f64, f64, Option<f64>),
    repair: Option<(f64, bool)>,
) -> Anomaly {
    let no = view.fills[position];
    let between = match high {
        Some(high) => format!("{low:.0} 至 {high:.0} 之间"),
        None => format!("{low:.0} 以上不远"),
    };
    let witnesses = witnesses(view, track, position);
    let hint = match repair {
        Some((right, _)) => format!("；如是录错一位，可能应为 {right:.0}（仅供核对，未代为更正，本次里程按未知处理）"),
        None => "；改动一位数字也解释不了，本次里程按未知处理".to_owned(),
    };
    let rule = match repair {
        Some((_, true)) => Rule::OdometerTypo,
        _ if km < low => Rule::OdometerRollback,
        _ => Rule::OdometerJump,
    };
    let how = if km < low { "倒退" } else { "跳增" };
    let why = format!("里程 {km:.0} {how}，与{witnesses}都不合，应在 {between}，因此多半是本笔里程有误{hint}");
    new(view, no, rule, format!("{km:.0}"), between).because(why)
}

/// Which other readings speak against a fill's.
fn witnesses(view: &View<'_>, track: &Track, position: usize) -> String {
    let at = view.fill(position).at;
    let (before, after) = track.around(at);
    let side = |step: Option<super::track::Step>, name: &str| {
        step.map(|step| {
            let what = if step.is_month_end() { "月末读数" } else { "读数" };
            format!("{name}（{}）的{what} {:.0}", step.at.day(), step.km)
        })
    };
    [side(before, "此前"), side(after, "此后")].into_iter().flatten().collect::<Vec<_>>().join("、")
}
