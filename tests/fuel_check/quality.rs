//! How well the check does on simulated fleets: floors below which it must not fall. The figures themselves are the
//! bench's (`cargo bench --bench fuel_quality`).

use super::fuel_simulator::score::{Figures, Share, checked, flagged, score};
use super::fuel_simulator::{Crime, Plan, World};

/// Fleets that no threshold was chosen on.
const SEEDS: [u64; 3] = [2_001, 2_002, 2_003];

#[test]
fn honest_fleets_are_left_alone() {
    for logbooks in [true, false] {
        let mut all = Share::default();
        for seed in SEEDS {
            let world = World::new(Plan { seed, cars: 60, days: 365, crime: 0.0 });
            all.add(flagged(&world, &checked(&world, logbooks)));
        }
        assert!(all.of > 5_000 && all.value() < 0.02, "{}", all.show());
    }
}

#[test]
fn what_is_done_is_found() {
    let mut all = Figures::default();
    for (seed, crime) in SEEDS.into_iter().flat_map(|seed| [(seed, 0.01), (seed, 0.05)]) {
        let world = World::new(Plan { seed, cars: 100, days: 365, crime });
        // What an office looks at: two suspicions a car and quarter, and every record that is to be put right.
        all.add(&score(&world, &checked(&world, true), 2));
    }
    for (name, crimes, floor) in [
        ("record errors", &[Crime::Duplicate, Crime::Typo, Crime::Rollback][..], 0.99),
        ("impossible fills", &[Crime::OverTank, Crime::NoRoom], 0.985),
        ("fills of other cars", &[Crime::Ghost, Crime::SwappedCard], 0.95),
        ("prices", &[Crime::PricePadding], 0.93),
        ("skims of a fifth and more", &[Crime::Skim20, Crime::Skim30], 0.8),
        ("jerrycans", &[Crime::Jerrycan], 0.85),
    ] {
        let found = all.recall_of(crimes);
        assert!(found.of > 30 && found.value() >= floor, "{name}: {}", found.show());
    }
    for (name, share, floor) in
        [("suspicions", all.precision, 0.85), ("the gate", all.notices, 0.95), ("together", all.overall(), 0.88)]
    {
        assert!(share.value() > floor, "{name}: {}", share.show());
    }
}

#[test]
fn the_same_seed_is_the_same_fleet() {
    let plan = Plan { seed: 5, cars: 10, days: 100, crime: 0.05 };
    let (a, b, other) = (World::new(plan), World::new(plan), World::new(Plan { seed: 6, ..plan }));
    assert_eq!(a.fills, b.fills);
    assert_ne!(a.fills, other.fills);
    // Physics, not the check: what was paid for went somewhere, and nobody fills more than a tank without a crime.
    let honest = World::new(Plan { crime: 0.0, ..plan });
    for fill in honest.fills.iter().filter(|fill| fill.litres.is_some()) {
        let tank = fill.car(&honest.cards).and_then(|car| honest.cars[car as usize].tank).unwrap();
        assert!(fill.litres.unwrap() <= tank * 1.05, "{fill:?}");
    }
}

#[test]
fn records_to_put_right_take_no_place_among_suspicions() {
    let world = World::new(Plan { seed: 2_004, cars: 40, days: 365, crime: 0.05 });
    let outcome = checked(&world, true);
    let (all, two) = (score(&world, &outcome, usize::MAX), score(&world, &outcome, 2));
    assert!(two.notices.of > 10 && two.notices == all.notices, "{:?} {:?}", two.notices, all.notices);
    assert!(two.precision.of < all.precision.of && two.alerts <= 2 * two.quarters, "{two:?}");
}
