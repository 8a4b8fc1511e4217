//! The counters walk: unit by unit, room by room, two counters a unit, a scan every few seconds.

use crate::kernel::Timestamp;
use crate::stocktake::verdict::{Flags, Verdict};

use super::super::dice::Dice;
use super::super::sample::{PersonAt, Sample, UnitAt};
use super::fates::{Fates, Sight};
use super::{CountPlan, PlannedMove, PlannedScan, Planted, PlantedSubject, ScanAt, Subject};

const MINUTE_MS: i64 = 60_000;
const HOUR_MS: i64 = 60 * MINUTE_MS;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The window opens on the fifth day after the baseline, at nine.
const OPENS_AFTER_MS: i64 = 4 * DAY_MS + 9 * HOUR_MS;
/// And closes eleven days and eight hours later, at five in the afternoon.
const WINDOW_MS: i64 = 11 * DAY_MS + 8 * HOUR_MS;
/// The longest that a unit takes; a large one hurries.
const UNIT_MS: i64 = 4 * DAY_MS;
/// An unhurried scan.
const PACE_MS: i64 = 14_000;

/// A scan with the number under which it was made; the numbers are not yet in the order of time.
struct Made {
    serial: usize,
    undoes: Option<usize>,
    scan: PlannedScan,
}

/// Turns fates into a plan in the order of time.
pub(super) fn walk(sample: &Sample, dice: &Dice, mut fates: Fates) -> CountPlan {
    let opens = Timestamp(Timestamp::end_of_day(sample.spec.baseline).0 + 1 + OPENS_AFTER_MS);
    let closes = Timestamp(opens.0 + WINDOW_MS);
    let movements = movements(&fates, opens);
    fates.sights.sort_by_key(|sight| (sample.place(sight.place).unit, sight.place));
    let mut made: Vec<Made> = Vec::with_capacity(fates.sights.len());
    let mut submissions = Vec::new();
    for (order, &unit) in fates.scope.iter().enumerate() {
        let of_unit = |sight: &Sight| sample.place(sight.place).unit;
        let first = fates.sights.partition_point(|sight| of_unit(sight) < unit);
        let end = fates.sights.partition_point(|sight| of_unit(sight) <= unit);
        let day = i64::try_from(order % 5).unwrap_or(0);
        let begins = Timestamp(opens.0 + HOUR_MS + day * DAY_MS);
        let ends = Walk { sample, dice, unit, begins, made: &mut made }.unit(&fates.sights[first..end]);
        if Some(unit) != fates.never_submits {
            submissions.push((unit, Timestamp(ends.0 + 2 * HOUR_MS)));
        }
    }
    submissions.sort_by_key(|(unit, at)| (*at, *unit));
    let scans = in_order_of_time(made);
    let planted = planted(&fates, &scans);
    let campaign = format!("{} 年终盘点", sample.spec.baseline.format("%Y"));
    let (scope, earlier_missing) = (fates.scope, fates.earlier_missing);
    CountPlan { campaign, opens, closes, scope, earlier_missing, movements, scans, submissions, planted }
}

/// All moves of the book happen in the first half hour, before anyone counts.
fn movements(fates: &Fates, opens: Timestamp) -> Vec<PlannedMove> {
    let gap = (HOUR_MS / 2) / i64::try_from(fates.moves.len().max(1)).unwrap_or(1);
    let mut at = opens.0;
    let mut movements = Vec::with_capacity(fates.moves.len());
    for (number, movement) in (1..).zip(&fates.moves) {
        movements.push(PlannedMove {
            asset: movement.asset,
            at: Timestamp(at),
            place: movement.place,
            keeper: movement.keeper,
            document: format!("内部调拨单 澄调〔2026〕{number}号"),
        });
        at += gap;
    }
    movements
}

struct Walk<'a> {
    sample: &'a Sample,
    dice: &'a Dice,
    unit: UnitAt,
    begins: Timestamp,
    made: &'a mut Vec<Made>,
}

impl Walk<'_> {
    /// Makes the scans of one unit's rooms; returns when its last one is done.
    fn unit(mut self, sights: &[Sight]) -> Timestamp {
        let count = i64::try_from(sights.len().max(1)).unwrap_or(1);
        let pace = (UNIT_MS / count).clamp(1, PACE_MS);
        let counters = self.counters();
        let mut at = self.begins.0;
        for sight in sights {
            // The two counters take room about.
            let turn = (sight.place.0 + usize::from(sight.second_counter)) % 2;
            self.scan(sight, counters[turn], turn, Timestamp(at));
            at += pace / 2 + self.dice.between(0, pace);
        }
        Timestamp(at + MINUTE_MS)
    }

    /// The unit's asset manager and one more.
    fn counters(&self) -> [PersonAt; 2] {
        let manager = self.sample.unit(self.unit).asset_manager;
        [manager, PersonAt(manager.0 + 1)]
    }

    fn scan(&mut self, sight: &Sight, counter: PersonAt, turn: usize, at: Timestamp) {
        let scan = PlannedScan {
            subject: sight.subject.clone(),
            place: sight.place,
            keeper: sight.keeper,
            quantity: sight.quantity,
            condition: sight.condition,
            label: sight.label,
            counter,
            at,
            device: format!("PDA-{:02}", self.unit.0 * 2 + turn + 1),
            undoes: None,
            note: sight.note.to_owned(),
        };
        let serial = self.made.len();
        if sight.undone {
            // Undone within the pace of the next scan, by the same hand.
            let undo = PlannedScan { at: Timestamp(at.0 + 1), ..scan.clone() };
            self.made.push(Made { serial, undoes: None, scan });
            self.made.push(Made { serial: serial + 1, undoes: Some(serial), scan: undo });
        } else {
            self.made.push(Made { serial, undoes: None, scan });
        }
    }
}

fn in_order_of_time(mut made: Vec<Made>) -> Vec<PlannedScan> {
    made.sort_by_key(|made| (made.scan.at, made.serial));
    let mut stands_at = vec![0; made.len()];
    for (index, made) in made.iter().enumerate() {
        stands_at[made.serial] = index;
    }
    made.into_iter()
        .map(|made| PlannedScan { undoes: made.undoes.map(|serial| ScanAt(stands_at[serial])), ..made.scan })
        .collect()
}

fn planted(fates: &Fates, scans: &[PlannedScan]) -> Vec<Planted> {
    let of_book = fates.planted.iter().map(|&(asset, verdict, flags)| Planted {
        subject: PlantedSubject::Asset(asset),
        verdict,
        flags,
    });
    let of_nobody = scans.iter().enumerate().filter_map(|(index, scan)| {
        let Subject::Unknown(thing) = &scan.subject else { return None };
        let flags = Flags::NONE.with_if(thing.code.is_none(), Flags::NO_LABEL);
        Some(Planted { subject: PlantedSubject::Scan(ScanAt(index)), verdict: Verdict::Unregistered, flags })
    });
    let mut planted: Vec<_> = of_book.chain(of_nobody).collect();
    planted.sort_by_key(|planted| planted.subject);
    planted
}
