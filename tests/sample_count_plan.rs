//! The simulated count: every verdict planted, and the planted truth follows from the scans by a naive reading.

use std::collections::HashMap;

use hufu::cli::demo::count_plan::{
    Condition, CountPlan, LabelSeen, NEVER_SUBMITS, OUT_OF_SCOPE, PlannedScan, PlantedSubject, ScanAt, Subject,
};
use hufu::cli::demo::sample::{AssetAt, Sample, SampleSpec};
use hufu::stocktake::verdict::{Flags, Verdict};

fn at_scale(scale: usize) -> (Sample, CountPlan) {
    let sample = Sample::generate(SampleSpec { scale, ..SampleSpec::default() });
    let plan = CountPlan::of(&sample);
    (sample, plan)
}

#[test]
fn the_same_sample_gives_the_same_plan() {
    let (sample, plan) = at_scale(1);
    assert_eq!(plan, CountPlan::of(&sample));
    let counts: Vec<_> = Verdict::ALL.iter().map(|&verdict| (verdict.as_str(), plan.planted_with(verdict))).collect();
    let (scans, moves, listed) = (plan.scans.len(), plan.movements.len(), plan.earlier_missing.len());
    insta::assert_debug_snapshot!("count_plan", (&plan.campaign, scans, moves, listed, counts));
    let csv = String::from_utf8(plan.counts_csv(&sample).unwrap()).unwrap();
    let rows: Vec<_> = csv.lines().enumerate().filter(|(row, _)| row % 400 == 0).map(|(_, line)| line).collect();
    insta::assert_snapshot!("count_rows", rows.join("\n"));
}

#[test]
fn every_verdict_and_flag_is_planted_and_nearly_all_match() {
    for scale in [1, 10] {
        let (_, plan) = at_scale(scale);
        for verdict in Verdict::ALL {
            assert!(plan.planted_with(verdict) > 0, "{verdict}");
        }
        for (flag, name, _) in Flags::NAMED {
            assert!(plan.planted.iter().any(|planted| planted.flags.has(flag)), "{name}");
        }
        assert!(plan.scans.iter().any(|scan| scan.undoes.is_some()));
        let matched = plan.planted_with(Verdict::Matched) * 1_000 / plan.planted.len();
        assert!((900..960).contains(&matched), "{matched}");
    }
}

#[test]
fn the_plan_holds_together() {
    let (sample, plan) = at_scale(1);
    let outside = sample.unit_named(OUT_OF_SCOPE).unwrap();
    let late = sample.unit_named(NEVER_SUBMITS).unwrap();
    assert!(!plan.scope.contains(&outside) && plan.scope.contains(&late));
    assert!(plan.submissions.iter().all(|(unit, at)| *unit != late && *at <= plan.closes));
    assert_eq!(plan.submissions.len() + 1, plan.scope.len());
    assert!(plan.scans.windows(2).all(|pair| pair[0].at <= pair[1].at));
    let handed_in: HashMap<_, _> = plan.submissions.iter().copied().collect();
    for (index, scan) in plan.scans.iter().enumerate() {
        assert!(plan.opens <= scan.at && scan.at <= plan.closes);
        let unit = sample.place(scan.place).unit;
        assert!(handed_in.get(&unit).is_none_or(|at| scan.at < *at), "scanned after the sheet was handed in");
        if let Some(undone) = scan.undoes {
            assert!(undone.0 < index && plan.scan(undone).undoes.is_none());
            assert_eq!(plan.scan(undone).subject, scan.subject);
        }
    }
    for movement in &plan.movements {
        let seen = plan.scans.iter().filter(|scan| scan.subject == Subject::Asset(movement.asset));
        assert!(seen.into_iter().all(|scan| scan.at > movement.at));
        assert_eq!(sample.place(movement.place).unit, sample.asset(movement.asset).unit);
    }
    let pairs = plan.scans.iter().filter_map(|scan| match &scan.subject {
        Subject::Unknown(thing) => thing.truly.map(|asset| (thing, sample.asset(asset))),
        Subject::Asset(_) => None,
    });
    let pairs: Vec<_> = pairs.into_iter().collect();
    assert!(pairs.len() >= 3);
    for (thing, asset) in pairs {
        let pairs = thing.serial_number.chars().zip(asset.serial_number.chars());
        let different = pairs.filter(|(read, is)| read != is).count();
        assert!((1..=2).contains(&different), "{} {}", thing.serial_number, asset.serial_number);
    }
}

/// Reads the plan in the simplest way there is and says what each thing's verdict must be.
fn naive(sample: &Sample, plan: &CountPlan) -> Vec<(PlantedSubject, Verdict, Flags)> {
    let undone: Vec<_> = plan.scans.iter().filter_map(|scan| scan.undoes).collect();
    let mut seen: HashMap<AssetAt, Vec<&PlannedScan>> = HashMap::new();
    let mut outcome = vec![];
    for (index, scan) in plan.scans.iter().enumerate() {
        if scan.undoes.is_some() || undone.contains(&ScanAt(index)) {
            continue;
        }
        match &scan.subject {
            Subject::Asset(asset) => seen.entry(*asset).or_default().push(scan),
            Subject::Unknown(thing) => {
                let flags = Flags::NONE.with_if(thing.code.is_none(), Flags::NO_LABEL);
                outcome.push((PlantedSubject::Scan(ScanAt(index)), Verdict::Unregistered, flags));
            }
        }
    }
    for index in 0..sample.assets.len() {
        let asset = AssetAt(index);
        let scans = seen.get(&asset).map_or(&[][..], Vec::as_slice);
        if let Some((verdict, flags)) = naive_of(sample, plan, asset, scans) {
            outcome.push((PlantedSubject::Asset(asset), verdict, flags));
        }
    }
    outcome.sort_by_key(|(subject, ..)| *subject);
    outcome
}

fn naive_of(sample: &Sample, plan: &CountPlan, at: AssetAt, scans: &[&PlannedScan]) -> Option<(Verdict, Flags)> {
    let asset = sample.asset(at);
    let movement = plan.movements.iter().find(|movement| movement.asset == at);
    let (place, keeper) = movement.map_or((asset.place, asset.keeper), |movement| (movement.place, movement.keeper));
    let flags = Flags::NONE
        .with_if(scans.iter().any(|scan| scan.condition == Condition::Damaged), Flags::DAMAGED)
        .with_if(scans.iter().any(|scan| scan.label == LabelSeen::Old), Flags::OLD_LABEL)
        .with_if(scans.iter().any(|scan| scan.label == LabelSeen::None), Flags::NO_LABEL)
        .with_if(!scans.is_empty() && plan.earlier_missing.contains(&at), Flags::RECOVERED)
        .with_if(movement.is_some(), Flags::MOVED_DURING_COUNT);
    let in_scope = plan.scope.contains(&asset.unit);
    let first = scans.first();
    let verdict = match first {
        None if !in_scope || asset.state.is_gone() => return None,
        None if asset.state.explains_absence() || !asset.excused_by.is_empty() => Verdict::Excused,
        None if plan.submissions.iter().any(|(unit, _)| *unit == asset.unit) => Verdict::Missing,
        None => Verdict::Pending,
        Some(_) if !in_scope => Verdict::Foreign,
        Some(one) if scans.iter().any(|scan| scan.place != one.place || scan.quantity != one.quantity) => {
            Verdict::Conflict
        }
        Some(_) if asset.state.is_gone() => Verdict::DisposedPresent,
        Some(one) if one.place != place => Verdict::Misplaced,
        Some(one) if one.keeper.is_some_and(|stated| stated != keeper) => Verdict::WrongKeeper,
        Some(one) if one.quantity < asset.quantity => Verdict::Short,
        Some(one) if one.quantity > asset.quantity => Verdict::Over,
        Some(_) => Verdict::Matched,
    };
    Some((verdict, flags))
}

#[test]
fn the_planted_truth_follows_from_the_scans() {
    for scale in [1, 3] {
        let (sample, plan) = at_scale(scale);
        let planted: Vec<_> = plan.planted.iter().map(|p| (p.subject, p.verdict, p.flags)).collect();
        let naive = naive(&sample, &plan);
        assert_eq!(planted.len(), naive.len());
        for (planted, naive) in planted.iter().zip(&naive) {
            assert_eq!(planted, naive);
        }
    }
}
