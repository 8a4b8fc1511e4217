//! Pairing unregistered things with missing ones, by cases, and against comparing all with all.

use hufu::stocktake::pairing::serial::{Distance, Serial};
use hufu::stocktake::pairing::{Described, Pair, Reason, pair};
use hufu::stocktake::reconcile::{Numbered as _, PlaceNo, UnitNo};
use proptest::prelude::*;

fn thing<'a>(serial: &'a str, name: &'a str, place: usize, unit: usize) -> Described<'a> {
    let place = (place > 0).then(|| PlaceNo::from_index(place));
    Described { serial, name, place, unit: (unit > 0).then(|| UnitNo::from_index(unit)) }
}

fn pairs(surplus: &[Described<'_>], missing: &[Described<'_>]) -> Vec<(usize, usize)> {
    pair(surplus, missing).iter().map(|pair| (pair.surplus, pair.missing)).collect()
}

#[test]
fn a_number_misread_off_the_plate_finds_its_thing() {
    let missing = [thing("XL9999999", "", 0, 0), thing("XL0012340", "", 0, 0)];
    let surplus = [thing("XL00I234O", "", 0, 0)];
    let found = pair(&surplus, &missing);
    let reason = Reason::Serial { distance: Distance(2), rivals: 0 };
    assert_eq!(found, [Pair { surplus: 0, missing: 1, score: 82, reason }]);
    assert_eq!(found[0].zh(&surplus[0], &missing[1]), "序列号 XL00I234O 与账上 XL0012340 只差易混字符");
}

#[test]
fn the_nearest_wins_and_each_is_taken_once() {
    let missing = [thing("XL0012341", "", 0, 0), thing("XL0012340", "", 0, 0)];
    // The first is near to both, the second the same as one.
    let surplus = [thing("XL001234O", "", 0, 0), thing("XL0012340", "", 0, 0), thing("XL0012340", "", 0, 0)];
    assert_eq!(pairs(&surplus, &missing), [(0, 0), (1, 1)]);
}

#[test]
fn what_else_agrees_decides_between_equals() {
    let missing =
        [thing("SN100001", "打印机", 1, 1), thing("SN100002", "碎纸机", 2, 2), thing("SN100003", "碎纸机", 3, 2)];
    let surplus = [thing("SN100009", "碎 纸 机", 3, 0)];
    let found = pair(&surplus, &missing);
    assert_eq!((found[0].missing, found[0].reason), (2, Reason::Serial { distance: Distance::EDIT, rivals: 0 }));
    let nameless = [thing("SN100009", "", 0, 0)];
    let found = pair(&nameless, &missing);
    assert_eq!((found[0].missing, found[0].reason), (0, Reason::Serial { distance: Distance::EDIT, rivals: 2 }));
    assert!(found[0].zh(&nameless[0], &missing[0]).ends_with("差一个字符，另有 2 件同样接近"));
}

#[test]
fn names_pair_at_the_place_then_in_the_unit() {
    let missing = [thing("", "办公椅", 1, 1), thing("", "办公椅", 2, 1), thing("", "文件柜", 2, 1)];
    let surplus =
        [thing("", "办公椅", 9, 1), thing("", "办公椅", 2, 1), thing("", "保险柜", 2, 1), thing("", "", 2, 1)];
    let found = pair(&surplus, &missing);
    let reasons: Vec<_> = found.iter().map(|pair| (pair.surplus, pair.missing, pair.reason)).collect();
    assert_eq!(reasons, [(0, 0, Reason::NameAndUnit), (1, 1, Reason::NameAndPlace)]);
    assert_eq!(found[1].zh(&surplus[1], &missing[1]), "同为“办公椅”，且在其账面地点");
    assert!(pairs(&[thing("", "办公椅", 0, 0)], &[thing("", "办公椅", 0, 0)]).is_empty(), "blanks agree with nothing");
}

#[test]
fn another_serial_number_is_another_thing() {
    let missing = [thing("PF2ABC10", "笔记本", 1, 1), thing("无", "笔记本", 1, 1)];
    assert_eq!(pairs(&[thing("QQ777777", "笔记本", 1, 1)], &missing), [(0, 1)]);
    assert_eq!(pairs(&[thing("QQ777777", "笔记本", 1, 1)], &missing[..1]), []);
    assert_eq!(pairs(&[thing("", "笔记本", 1, 1)], &missing[..1]), [(0, 0)]);
}

#[test]
fn many_of_one_serial_number_end() {
    let many = vec![thing("SN00000001", "", 0, 0); 3000];
    assert_eq!(pair(&many, &many).len(), 16, "what thousands share tells none apart: a few pairs, quickly");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 500, failure_persistence: None, ..ProptestConfig::default() })]

    /// The index finds whatever comparing all with all finds.
    #[test]
    fn nothing_near_is_overlooked(
        missing in prop::collection::vec("[01OIB8]{4,11}", 1..20),
        surplus in "[01OIB8]{4,11}",
    ) {
        let things: Vec<_> = missing.iter().map(|serial| thing(serial, "", 0, 0)).collect();
        let near = Serial::read(&surplus).and_then(|ours| {
            missing.iter().filter_map(|theirs| ours.distance(&Serial::read(theirs)?)).min()
        });
        let found = pair(&[thing(&surplus, "", 0, 0)], &things);
        let distance = found.first().map(|pair| match pair.reason {
            Reason::Serial { distance, .. } => distance,
            other => panic!("{other:?}"),
        });
        prop_assert_eq!(distance, near);
    }

    /// A number with up to two mistakes is found among others, whatever the mistakes.
    #[test]
    fn two_mistakes_are_forgiven(
        serial in "[A-Z]{2}[0-9]{8}",
        mistakes in prop::collection::vec((0..10usize, 0..3u8, prop::char::range('0', '9')), 0..3),
    ) {
        let mut typed: Vec<char> = serial.chars().collect();
        for (at, kind, c) in mistakes {
            let at = at.min(typed.len() - 1);
            match kind {
                0 => typed[at] = c,
                1 => typed.insert(at, c),
                _ => { typed.remove(at); }
            }
        }
        let typed: String = typed.into_iter().collect();
        prop_assume!(Serial::read(&typed).is_some() && Serial::read(&serial).is_some());
        let missing = [thing(&serial, "", 0, 0)];
        prop_assert_eq!(pairs(&[thing(&typed, "", 0, 0)], &missing), [(0, 0)]);
    }
}
