//! Reconciliation against an oracle: a hash map and plain loops, written from the tables of cases and not from the
//! core, over random books, movements and scans.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use hufu::items::model::ItemState;
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::line::{Line, Subject};
use hufu::stocktake::reconcile::{
    Book, CounterNo, Input, Item, ItemNo, KeeperNo, Movement, Numbered, PlaceNo, Scan, Standing, Target, ThingNo,
    reconcile,
};
use hufu::stocktake::verdict::{Flags, Verdict};
use proptest::prelude::*;

const ITEMS: usize = 4;

fn some<N: Numbered + std::fmt::Debug + 'static>(names: usize) -> impl Strategy<Value = Option<N>> {
    (0..=names).prop_map(|n| (n > 0).then(|| N::from_index(n - 1)))
}

fn books() -> impl Strategy<Value = Book> {
    let states = prop_oneof![
        6 => Just(ItemState::InUse),
        1 => Just(ItemState::OnLoan),
        1 => Just(ItemState::Disposed),
    ];
    (some(2), some(2), 0..3i64, states).prop_map(|(place, keeper, quantity, state)| Book {
        place,
        keeper,
        quantity: Quantity(quantity),
        state,
    })
}

fn items() -> impl Strategy<Value = Item> {
    (books(), prop::bool::weighted(0.2), any::<[bool; 3]>()).prop_map(
        |(book, foreign, [excused, submitted, listed])| Item {
            unit: None,
            book,
            standing: if foreign { Standing::Foreign } else { Standing::Expected },
            excused,
            sheet_submitted: submitted,
            on_earlier_missing_list: listed,
        },
    )
}

fn movements() -> impl Strategy<Value = Movement> {
    (0..ITEMS, 0..8i64, books(), prop::bool::weighted(0.3)).prop_map(|(item, at, book, after_hand_in)| Movement {
        item: ItemNo::from_index(item),
        at: Timestamp(at),
        book,
        after_hand_in,
    })
}

fn scans() -> impl Strategy<Value = Scan> {
    let targets = prop_oneof![
        6 => (0..ITEMS).prop_map(|i| Target::Book(ItemNo::from_index(i))),
        1 => (0..3usize).prop_map(|i| Target::Unknown(ThingNo::from_index(i))),
    ];
    let flags = prop_oneof![
        4 => Just(Flags::NONE),
        1 => Just(Flags::DAMAGED),
        1 => Just(Flags::NO_LABEL.with(Flags::RECOVERED)),
    ];
    (targets, some(2), some(2), 0..3i64, some(2), 0..8i64, flags, prop::bool::weighted(0.15)).prop_map(
        |(target, place, keeper, quantity, counter, at, flags, undone)| Scan {
            target,
            place,
            keeper,
            quantity: Quantity(quantity),
            counter,
            at: Timestamp(at),
            flags,
            undone,
        },
    )
}

/// The last book written at or before `at`.
fn book_at(index: usize, item: &Item, movements: &[Movement], at: i64) -> Book {
    let mut book = item.book;
    for instant in 0..=at {
        for movement in movements {
            if movement.item.index() == index && movement.at.0 == instant {
                book = movement.book;
            }
        }
    }
    book
}

#[derive(Debug, Clone)]
struct Answer {
    verdict: Verdict,
    flags: BTreeSet<&'static str>,
    place: Option<PlaceNo>,
    keeper: Option<KeeperNo>,
    quantity: Option<i64>,
    expected: bool,
}

/// Live scans of a target, oldest first, without those a nil return of the same counter at the same place took back;
/// and the nil returns that stand.
fn split(scans: &[Scan], target: Target) -> (Vec<Scan>, Vec<Scan>) {
    let mut live = Vec::new();
    for instant in 0..8 {
        live.extend(scans.iter().copied().filter(|s| s.target == target && !s.undone && s.at.0 == instant));
    }
    let mut last_word: HashMap<(Option<CounterNo>, Option<PlaceNo>), Scan> = HashMap::new();
    for scan in &live {
        last_word.insert((scan.counter, scan.place), *scan);
    }
    let nil = |scan: &Scan| last_word[&(scan.counter, scan.place)].quantity == Quantity(0);
    let sightings = live.iter().copied().filter(|s| s.quantity.0 > 0 && !nil(s)).collect();
    let nils = last_word.values().copied().filter(|s| s.quantity.0 == 0).collect();
    (sightings, nils)
}

fn conflict(index: usize, item: &Item, movements: &[Movement], sightings: &[Scan], nils: &[Scan]) -> bool {
    let book = |scan: &Scan| book_at(index, item, movements, scan.at.0);
    let off_by = |scan: &Scan| scan.quantity.0 - book(scan).quantity.0;
    // What stands of each counter at each place.
    let mut standing: BTreeMap<(Option<CounterNo>, Option<PlaceNo>), Scan> = BTreeMap::new();
    // What each counter said last.
    let mut last_count: BTreeMap<Option<CounterNo>, Scan> = BTreeMap::new();
    for scan in sightings {
        standing.insert((scan.counter, scan.place), *scan);
        last_count.insert(scan.counter, *scan);
    }
    for a in standing.values() {
        for b in standing.values() {
            let both_known = a.place.is_some() && b.place.is_some();
            if both_known && a.place != b.place {
                let all_agreed = standing.values().filter(|s| s.place.is_some()).all(|s| book(s).place == s.place);
                if !all_agreed {
                    return true;
                }
            }
        }
    }
    for a in last_count.values() {
        for b in last_count.values() {
            if off_by(a) != off_by(b) {
                return true;
            }
        }
        for nil in nils {
            let about_the_same_place = nil.place == a.place || nil.place.is_none() || a.place.is_none();
            if nil.counter != a.counter && about_the_same_place && off_by(nil) != off_by(a) {
                return true;
            }
        }
    }
    false
}

fn oracle_item(index: usize, item: &Item, movements: &[Movement], scans: &[Scan]) -> Option<Answer> {
    let (sightings, nils) = split(scans, Target::Book(ItemNo::from_index(index)));
    let gone = item.book.state.is_gone();
    let foreign = item.standing == Standing::Foreign;
    let on_time: Vec<Movement> = movements.iter().copied().filter(|movement| !movement.after_hand_in).collect();
    let now = book_at(index, item, &on_time, 100);
    let mut flags = BTreeSet::new();
    if movements.iter().any(|m| m.item.index() == index && m.book != item.book) {
        flags.insert("moved_during_count");
    }
    let expected = !gone && !foreign;

    let Some(last) = sightings.last() else {
        if foreign || gone {
            return None;
        }
        if movements.iter().any(|m| m.item.index() == index && m.after_hand_in) {
            flags.insert("moved_during_count");
        }
        let looked =
            scans.iter().any(|s| !s.undone && s.target == Target::Book(ItemNo::from_index(index)) && s.quantity.0 == 0);
        let verdict = if now.quantity.0 == 0 && (item.sheet_submitted || looked) {
            Verdict::Matched
        } else if item.excused || now.state.is_gone() || now.state.explains_absence() {
            Verdict::Excused
        } else if item.sheet_submitted {
            Verdict::Missing
        } else {
            Verdict::Pending
        };
        let quantity = (looked || verdict == Verdict::Missing).then_some(0);
        return Some(Answer { verdict, flags, place: None, keeper: None, quantity, expected });
    };

    let at = |scan: &Scan| book_at(index, item, movements, scan.at.0);
    let placed = sightings.iter().rfind(|s| s.place.is_some());
    let stating = sightings.iter().rfind(|s| s.keeper.is_some());
    let verdict = if !foreign && conflict(index, item, movements, &sightings, &nils) {
        Verdict::Conflict
    } else if at(last).state.is_gone() {
        Verdict::DisposedPresent
    } else if foreign {
        Verdict::Foreign
    } else if placed.is_some_and(|s| at(s).place.is_some() && at(s).place != s.place) {
        Verdict::Misplaced
    } else if stating.is_some_and(|s| at(s).keeper.is_some() && at(s).keeper != s.keeper) {
        Verdict::WrongKeeper
    } else if last.quantity < at(last).quantity {
        Verdict::Short
    } else if last.quantity > at(last).quantity {
        Verdict::Over
    } else {
        Verdict::Matched
    };
    for scan in &sightings {
        if scan.flags.has(Flags::DAMAGED) {
            flags.insert("damaged");
        }
        if scan.flags.has(Flags::NO_LABEL) {
            flags.insert("no_label");
        }
    }
    if item.on_earlier_missing_list {
        flags.insert("recovered");
    }
    Some(Answer {
        verdict,
        flags,
        place: placed.and_then(|s| s.place),
        keeper: stating.and_then(|s| s.keeper),
        quantity: Some(last.quantity.0),
        expected,
    })
}

fn same(line: &Line, answer: &Answer) -> Result<(), TestCaseError> {
    prop_assert_eq!(line.verdict, answer.verdict);
    let flags: BTreeSet<_> = Flags::NAMED.iter().filter(|f| line.flags.has(f.0)).map(|f| f.1).collect();
    prop_assert_eq!(&flags, &answer.flags);
    prop_assert_eq!(line.place, answer.place);
    prop_assert_eq!(line.keeper, answer.keeper);
    prop_assert_eq!(line.quantity.map(|q| q.0), answer.quantity);
    prop_assert_eq!(line.expected, answer.expected);
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_core_says_what_the_oracle_says(
        items in prop::collection::vec(items(), ITEMS),
        movements in prop::collection::vec(movements(), 0..6),
        scans in prop::collection::vec(scans(), 0..24),
    ) {
        let outcome = reconcile(&Input { items: &items, scans: &scans, movements: &movements }).unwrap();
        let mut lines = outcome.lines.iter();
        for (index, item) in items.iter().enumerate() {
            if let Some(answer) = oracle_item(index, item, &movements, &scans) {
                let line = lines.next().unwrap();
                prop_assert_eq!(line.subject, Subject::Item(ItemNo::from_index(index)));
                same(line, &answer)?;
            }
        }
        for thing in (0..3).map(ThingNo::from_index) {
            let mut seen: Vec<_> =
                scans.iter().filter(|s| s.target == Target::Unknown(thing) && !s.undone && s.quantity.0 > 0).collect();
            seen.sort_by_key(|s| s.at);
            if let Some(last) = seen.last() {
                let line = lines.next().unwrap();
                prop_assert_eq!((line.subject, line.verdict), (Subject::Thing(thing), Verdict::Unregistered));
                prop_assert_eq!(line.quantity, Some(last.quantity));
                prop_assert_eq!(line.place, seen.iter().rev().find_map(|s| s.place));
            }
        }
        prop_assert!(lines.next().is_none());
    }

    /// Taking back is as if it had never been, and the order in which distinct instants arrive does not matter.
    #[test]
    fn undone_scans_and_arrival_order_change_nothing(
        items in prop::collection::vec(items(), ITEMS),
        scans in prop::collection::vec(scans(), 0..16),
    ) {
        let timed: Vec<Scan> =
            (0i64..).zip(&scans).map(|(at, scan)| Scan { at: Timestamp(at), ..*scan }).collect();
        let lines = |scans: &[Scan]| reconcile(&Input { items: &items, scans, movements: &[] }).unwrap().lines;
        let live: Vec<Scan> = timed.iter().copied().filter(|scan| !scan.undone).collect();
        let backwards: Vec<Scan> = timed.iter().copied().rev().collect();
        prop_assert_eq!(lines(&timed), lines(&live));
        prop_assert_eq!(lines(&timed), lines(&backwards));
    }
}
