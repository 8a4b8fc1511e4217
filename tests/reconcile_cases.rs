//! Reconciliation by cases: one thing, a few scans, the verdict that must come out, in order of precedence.

use hufu::items::model::ItemState;
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::line::{Line, Subject};
use hufu::stocktake::reconcile::{
    Book, CounterNo, Input, Item, ItemNo, KeeperNo, Movement, Numbered as _, PlaceNo, ReconcileError, Scan, Standing,
    Target, ThingNo, UnitNo, reconcile,
};
use hufu::stocktake::verdict::{Flags, Verdict};

fn place(n: usize) -> Option<PlaceNo> {
    (n > 0).then(|| PlaceNo::from_index(n - 1))
}

fn keeper(n: usize) -> Option<KeeperNo> {
    (n > 0).then(|| KeeperNo::from_index(n - 1))
}

fn book(at: usize, by: usize, quantity: i64, state: ItemState) -> Book {
    Book { place: place(at), keeper: keeper(by), quantity: Quantity(quantity), state }
}

/// Three pieces in place 1 with keeper 1, in use.
fn usual() -> Item {
    Item::expected(Some(UnitNo::from_index(0)), book(1, 1, 3, ItemState::InUse))
}

fn the_item() -> ItemNo {
    ItemNo::from_index(0)
}

/// `by` counts `quantity` at place `at` at minute `minute`.
fn scan(minute: i64, by: usize, at: usize, quantity: i64) -> Scan {
    Scan {
        target: Target::Book(the_item()),
        place: place(at),
        keeper: None,
        quantity: Quantity(quantity),
        counter: (by > 0).then(|| CounterNo::from_index(by - 1)),
        at: Timestamp(minute),
        flags: Flags::NONE,
        undone: false,
    }
}

fn stating(scan: Scan, by: usize) -> Scan {
    Scan { keeper: keeper(by), ..scan }
}

fn undone(scan: Scan) -> Scan {
    Scan { undone: true, ..scan }
}

fn moved(minute: i64, book: Book) -> Movement {
    Movement { item: the_item(), at: Timestamp(minute), book, after_hand_in: false }
}

fn line(item: Item, movements: &[Movement], scans: &[Scan]) -> Option<Line> {
    let outcome = reconcile(&Input { items: &[item], scans, movements }).expect("the scans are of the item");
    assert!(outcome.lines.len() <= 1);
    outcome.lines.first().copied()
}

fn verdict(item: Item, movements: &[Movement], scans: &[Scan]) -> Option<Verdict> {
    line(item, movements, scans).map(|line| line.verdict)
}

#[test]
fn seen_in_order_of_precedence() {
    use Verdict::{Conflict, DisposedPresent, Matched, Misplaced, Over, Short, WrongKeeper};
    let gone = Item { book: book(1, 1, 3, ItemState::Disposed), ..usual() };
    let homeless = Item { book: book(0, 0, 3, ItemState::InUse), ..usual() };
    for (name, item, scans, expected) in [
        ("two places, whatever else", gone, vec![scan(1, 1, 1, 3), stating(scan(2, 1, 2, 5), 2)], Conflict),
        ("two counts of two counters", usual(), vec![scan(1, 1, 2, 3), scan(2, 2, 2, 2)], Conflict),
        ("a quantity split over two places", usual(), vec![scan(1, 1, 1, 2), scan(2, 1, 2, 1)], Conflict),
        ("two counts, neither with a place", usual(), vec![scan(1, 1, 0, 3), scan(2, 2, 0, 2)], Conflict),
        ("in vain where another counted", usual(), vec![scan(1, 1, 1, 3), scan(2, 2, 1, 0)], Conflict),
        ("in vain, where unknown", usual(), vec![scan(1, 1, 1, 3), scan(2, 2, 0, 0)], Conflict),
        ("a nameless counter is another", usual(), vec![scan(1, 0, 1, 3), scan(2, 1, 1, 2)], Conflict),
        ("two places without a book place", homeless, vec![scan(1, 1, 1, 3), scan(2, 1, 2, 3)], Conflict),
        ("gone, elsewhere, another keeper", gone, vec![stating(scan(1, 1, 2, 5), 2)], DisposedPresent),
        ("elsewhere, another keeper, fewer", usual(), vec![stating(scan(1, 1, 2, 2), 2)], Misplaced),
        ("in vain here, found there", usual(), vec![scan(1, 1, 1, 0), scan(2, 2, 2, 3)], Misplaced),
        ("place forgotten the second time", usual(), vec![scan(1, 1, 2, 3), scan(2, 1, 0, 3)], Misplaced),
        ("another keeper, more", usual(), vec![stating(scan(1, 1, 1, 5), 2)], WrongKeeper),
        ("keeper forgotten later", usual(), vec![stating(scan(1, 1, 1, 3), 2), scan(2, 1, 1, 3)], WrongKeeper),
        ("keeper corrected later", usual(), vec![stating(scan(1, 1, 1, 3), 2), stating(scan(2, 1, 1, 3), 1)], Matched),
        ("fewer", usual(), vec![scan(1, 1, 1, 2)], Short),
        ("more", usual(), vec![scan(1, 1, 1, 4)], Over),
        ("the last count of one counter stands", usual(), vec![scan(1, 1, 1, 2), scan(2, 1, 1, 3)], Matched),
        ("order is by time, not by arrival", usual(), vec![scan(2, 1, 1, 3), scan(1, 1, 1, 2)], Matched),
        ("twice is once", usual(), vec![scan(1, 1, 1, 3), scan(2, 1, 1, 3)], Matched),
        ("two counters agree", usual(), vec![scan(1, 1, 1, 3), scan(2, 2, 1, 3)], Matched),
        (
            "two counters agree after a recount",
            usual(),
            vec![scan(1, 1, 1, 2), scan(2, 2, 1, 3), scan(3, 1, 1, 3)],
            Matched,
        ),
        ("no place scanned: none can be wrong", usual(), vec![scan(1, 1, 0, 3)], Matched),
        ("a second scan without place", usual(), vec![scan(1, 1, 1, 3), scan(2, 2, 0, 3)], Matched),
        ("the wrong place taken back", usual(), vec![undone(scan(1, 1, 2, 3)), scan(2, 1, 1, 3)], Matched),
        (
            "the wrong place taken back by counting none",
            usual(),
            vec![scan(1, 1, 2, 3), scan(2, 1, 2, 0), scan(3, 1, 1, 3)],
            Matched,
        ),
        ("a book without place or keeper", homeless, vec![stating(scan(1, 1, 2, 3), 2)], Matched),
    ] {
        assert_eq!(verdict(item, &[], &scans), Some(expected), "{name}");
    }
}

#[test]
fn unseen_in_order_of_precedence() {
    use Verdict::{Excused, Matched, Missing, Pending};
    let open = Item { sheet_submitted: false, ..usual() };
    let with = |state| Item { book: book(1, 1, 3, state), ..usual() };
    let none = Item { book: book(1, 1, 0, ItemState::InUse), ..usual() };
    for (name, item, scans, expected) in [
        ("disposed of", with(ItemState::Disposed), vec![], None),
        ("written off", with(ItemState::WrittenOff), vec![], None),
        ("gone, and looked for in vain", with(ItemState::Disposed), vec![scan(1, 1, 1, 0)], None),
        ("foreign", Item { standing: Standing::Foreign, ..usual() }, vec![], None),
        ("the book has none", none, vec![], Some(Matched)),
        ("the book has none, not looked yet", Item { sheet_submitted: false, ..none }, vec![], Some(Pending)),
        (
            "the book has none, none counted",
            Item { sheet_submitted: false, ..none },
            vec![scan(1, 1, 1, 0)],
            Some(Matched),
        ),
        ("a document explains it", Item { excused: true, ..open }, vec![], Some(Excused)),
        ("on loan", with(ItemState::OnLoan), vec![], Some(Excused)),
        ("in repair, looked for in vain", with(ItemState::InRepair), vec![scan(1, 1, 1, 0)], Some(Excused)),
        ("nothing explains it", usual(), vec![], Some(Missing)),
        ("waiting for disposal explains nothing", with(ItemState::PendingDisposal), vec![], Some(Missing)),
        ("looked for in vain", usual(), vec![scan(1, 1, 1, 0)], Some(Missing)),
        ("counted, then corrected to none", usual(), vec![scan(1, 1, 1, 3), scan(2, 1, 1, 0)], Some(Missing)),
        ("every scan undone", usual(), vec![undone(scan(1, 1, 1, 3))], Some(Missing)),
        ("the sheet is open", open, vec![], Some(Pending)),
        ("the sheet is open, looked for in vain", open, vec![scan(1, 1, 1, 0)], Some(Pending)),
    ] {
        assert_eq!(verdict(item, &[], &scans), expected, "{name}");
    }
}

#[test]
fn the_book_moves_during_the_count() {
    use Verdict::{Conflict, DisposedPresent, Excused, Matched, Misplaced, Missing};
    let to_2 = moved(11, book(2, 1, 3, ItemState::InUse));
    let state = |state| moved(11, book(1, 1, 3, state));
    let fewer = moved(11, book(1, 1, 1, ItemState::InUse));
    let gone = Item { book: book(1, 1, 3, ItemState::Disposed), ..usual() };
    for (name, item, movement, scans, expected) in [
        ("seen before it moved", usual(), to_2, vec![scan(10, 1, 1, 3)], Some(Matched)),
        ("seen after it moved", usual(), to_2, vec![scan(12, 1, 2, 3)], Some(Matched)),
        ("seen at the instant it moved", usual(), to_2, vec![scan(11, 1, 2, 3)], Some(Matched)),
        ("seen before and after", usual(), to_2, vec![scan(10, 1, 1, 3), scan(12, 2, 2, 3)], Some(Matched)),
        ("still in the old place afterwards", usual(), to_2, vec![scan(12, 1, 1, 3)], Some(Misplaced)),
        ("in the new place beforehand", usual(), to_2, vec![scan(10, 1, 2, 3)], Some(Misplaced)),
        ("in both, the wrong way round", usual(), to_2, vec![scan(10, 1, 2, 3), scan(12, 1, 1, 3)], Some(Conflict)),
        ("counts differ as the book does", usual(), fewer, vec![scan(10, 1, 1, 3), scan(12, 2, 1, 1)], Some(Matched)),
        (
            "the same count, though the book changed",
            usual(),
            fewer,
            vec![scan(10, 1, 1, 3), scan(12, 2, 1, 3)],
            Some(Conflict),
        ),
        ("disposed of after it was seen", usual(), state(ItemState::Disposed), vec![scan(10, 1, 1, 3)], Some(Matched)),
        (
            "seen after it was disposed of",
            usual(),
            state(ItemState::Disposed),
            vec![scan(12, 1, 1, 3)],
            Some(DisposedPresent),
        ),
        ("disposed of unseen", usual(), state(ItemState::Disposed), vec![], Some(Excused)),
        ("lent unseen", usual(), state(ItemState::OnLoan), vec![], Some(Excused)),
        ("moved, never seen", usual(), to_2, vec![], Some(Missing)),
        ("back in the book, and seen", gone, to_2, vec![scan(12, 1, 2, 3)], Some(Matched)),
    ] {
        let line = line(item, &[movement], &scans);
        assert_eq!(line.map(|line| line.verdict), expected, "{name}");
        assert!(line.unwrap().flags.has(Flags::MOVED_DURING_COUNT), "{name}");
    }
    let same = moved(11, usual().book);
    assert_eq!(line(usual(), &[same], &[]).unwrap().flags, Flags::NONE, "a change that changes nothing");
}

#[test]
fn flags_come_from_scans_that_saw_it() {
    let flagged = |scan, flags| Scan { flags, ..scan };
    let listed = Item { on_earlier_missing_list: true, ..usual() };
    let seen = line(
        listed,
        &[],
        &[
            flagged(scan(1, 1, 1, 3), Flags::DAMAGED.with(Flags::RECOVERED)),
            flagged(scan(2, 1, 1, 3), Flags::OLD_LABEL),
            undone(flagged(scan(3, 1, 1, 3), Flags::NO_LABEL)),
        ],
    );
    assert_eq!(seen.unwrap().flags.to_string(), "damaged;old_label;recovered");
    let only_scans_can_say = line(usual(), &[], &[flagged(scan(1, 1, 1, 3), Flags::RECOVERED)]);
    assert_eq!(only_scans_can_say.unwrap().flags, Flags::NONE);
    let unseen = line(listed, &[], &[flagged(scan(1, 1, 1, 0), Flags::DAMAGED)]).unwrap();
    assert_eq!((unseen.verdict, unseen.flags), (Verdict::Missing, Flags::NONE));
}

#[test]
fn what_a_line_shows() {
    let misplaced = line(usual(), &[], &[stating(scan(1, 1, 2, 2), 1), scan(2, 1, 0, 3)]).unwrap();
    assert_eq!((misplaced.place, misplaced.keeper, misplaced.quantity), (place(2), keeper(1), Some(Quantity(3))));
    assert_eq!(misplaced.book.unwrap().place, place(1));
    assert!(misplaced.expected);
    let missing = line(usual(), &[], &[]).unwrap();
    assert_eq!(
        (missing.quantity, missing.shortage(), missing.surplus()),
        (Some(Quantity(0)), Quantity(3), Quantity(0))
    );
    let pending = line(Item { sheet_submitted: false, ..usual() }, &[], &[]).unwrap();
    assert_eq!((pending.quantity, pending.shortage()), (None, Quantity(0)));
    assert_eq!(line(usual(), &[], &[scan(1, 1, 1, 1)]).unwrap().shortage(), Quantity(2));
    assert_eq!(line(usual(), &[], &[scan(1, 1, 1, 5)]).unwrap().surplus(), Quantity(2));
}

#[test]
fn what_was_not_expected() {
    let foreign = Item { standing: Standing::Foreign, ..usual() };
    let seen = line(foreign, &[], &[scan(1, 1, 2, 3), scan(2, 2, 1, 2)]).unwrap();
    assert_eq!((seen.verdict, seen.expected), (Verdict::Foreign, false));
    let gone = Item { book: book(1, 1, 3, ItemState::WrittenOff), ..foreign };
    assert_eq!(verdict(gone, &[], &[scan(1, 1, 1, 3)]), Some(Verdict::DisposedPresent));

    let unknown = |thing, scan: Scan| Scan { target: Target::Unknown(ThingNo::from_index(thing)), ..scan };
    let scans = [
        unknown(7, scan(2, 1, 0, 2)),
        unknown(3, scan(1, 1, 1, 1)),
        unknown(7, scan(1, 1, 2, 1)),
        unknown(5, scan(1, 1, 1, 0)),
        unknown(9, undone(scan(1, 1, 1, 1))),
    ];
    let outcome = reconcile(&Input { items: &[], scans: &scans, movements: &[] }).unwrap();
    let things: Vec<_> = outcome.lines.iter().map(|line| (line.subject, line.place, line.quantity)).collect();
    let thing = |n| Subject::Thing(ThingNo::from_index(n));
    assert_eq!(things, [(thing(3), place(1), Some(Quantity(1))), (thing(7), place(2), Some(Quantity(2)))]);
    assert!(outcome.lines.iter().all(|line| line.verdict == Verdict::Unregistered));
    let order: Vec<_> = outcome.scans_of(thing(7)).iter().map(|scan| scan.get()).collect();
    assert_eq!(order, [2, 0]);
}

#[test]
fn a_scan_of_an_item_that_is_not_there_is_refused() {
    let stray = Scan { target: Target::Book(ItemNo::from_index(4)), ..scan(1, 1, 1, 1) };
    let refused = reconcile(&Input { items: &[usual()], scans: &[stray], movements: &[] });
    assert_eq!(refused.unwrap_err(), ReconcileError::NoSuchItem { scan: 0, item: ItemNo::from_index(4) });
}
