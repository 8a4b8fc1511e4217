//! One thing, its book and its scans: the verdict. The tables of cases are in the module above.

use std::collections::BTreeSet;

use super::input::{Book, Item, Movement, Scan, Standing};
use super::names::{CounterNo, PlaceNo};
use crate::kernel::{Quantity, Timestamp};
use crate::stocktake::line::{Line, Subject};
use crate::stocktake::verdict::{Flags, Verdict};

/// What a scan alone can set.
const OF_A_SCAN: Flags = Flags::DAMAGED.with(Flags::OLD_LABEL).with(Flags::NO_LABEL);

/// A scan, and what the book said at its instant.
#[derive(Debug, Clone, Copy)]
struct Seen<'a> {
    scan: &'a Scan,
    book: Book,
    /// Its place in the order of time.
    order: usize,
}

impl Seen<'_> {
    const fn is_nil(&self) -> bool {
        self.scan.quantity.0 <= 0
    }

    const fn by_and_where(&self) -> (Option<CounterNo>, Option<PlaceNo>) {
        (self.scan.counter, self.scan.place)
    }

    /// Counted less booked: two counts agree when these do, whatever the book did between them.
    const fn difference(&self) -> i64 {
        self.scan.quantity.0.saturating_sub(self.book.quantity.0)
    }

    /// Seen exactly where the book had it at that instant; a book without a place agrees with nothing.
    fn agrees_on_place(&self) -> bool {
        self.scan.place.is_some() && self.book.place == self.scan.place
    }
}

/// The line of a booked thing from its live scans in order of time; `None` when it asks for no line.
pub(super) fn judge_item<'a>(
    subject: Subject,
    item: &Item,
    history: &[Movement],
    scans: impl ExactSizeIterator<Item = &'a Scan> + Clone,
) -> Option<Line> {
    let nil_return = scans.clone().any(|scan| scan.quantity.0 <= 0);
    let (last, conflict) = if scans.len() > 1 {
        let standing = standing(item, history, scans.clone());
        let nils: BTreeSet<_> = standing.iter().filter(|seen| seen.is_nil()).map(Seen::by_and_where).collect();
        let last = Last::of(scans.filter(|scan| !nils.contains(&(scan.counter, scan.place))));
        (last, item.standing == Standing::Expected && in_conflict(&standing))
    } else {
        (Last::of(scans), false)
    };
    let mut line = match last {
        Some(last) => seen(subject, item, history, &last, conflict),
        None => unseen(subject, item, history, nil_return)?,
    };
    line.expected = item.standing == Standing::Expected && !item.book.state.is_gone();
    let moved = history.iter().any(|movement| movement.book != item.book);
    line.flags = line.flags.with_if(moved, Flags::MOVED_DURING_COUNT);
    Some(line)
}

/// The line of a thing no book knows; `None` when every scan of it was a nil return.
pub(super) fn judge_thing<'a>(subject: Subject, scans: impl Iterator<Item = &'a Scan>) -> Option<Line> {
    let last = Last::of(scans)?;
    Some(Line {
        subject,
        verdict: Verdict::Unregistered,
        flags: last.flags,
        book: None,
        place: last.placed.and_then(|scan| scan.place),
        keeper: last.keeper.and_then(|scan| scan.keeper),
        quantity: Some(last.seen.quantity),
        expected: false,
    })
}

/// The scans that speak for all: of those that saw something, the last, the last with a place, the last with a keeper.
struct Last<'a> {
    seen: &'a Scan,
    placed: Option<&'a Scan>,
    keeper: Option<&'a Scan>,
    flags: Flags,
}

impl<'a> Last<'a> {
    fn of(scans: impl Iterator<Item = &'a Scan>) -> Option<Self> {
        scans.filter(|scan| scan.quantity.0 > 0).fold(None, |last: Option<Self>, scan| {
            let (placed, keeper, flags) =
                last.map_or((None, None, Flags::NONE), |last| (last.placed, last.keeper, last.flags));
            Some(Self {
                seen: scan,
                placed: scan.place.map(|_| scan).or(placed),
                keeper: scan.keeper.map(|_| scan).or(keeper),
                flags: flags.with(scan.flags.only(OF_A_SCAN)),
            })
        })
    }
}

/// The book as it stood at an instant.
fn as_of(item: &Item, history: &[Movement], at: Timestamp) -> Book {
    match history.partition_point(|movement| movement.at <= at) {
        0 => item.book,
        after => history[after - 1].book,
    }
}

/// What each counter last said about each place, in order of time.
fn standing<'a>(item: &Item, history: &[Movement], scans: impl Iterator<Item = &'a Scan>) -> Vec<Seen<'a>> {
    let mut all: Vec<_> =
        scans.enumerate().map(|(order, scan)| Seen { scan, book: as_of(item, history, scan.at), order }).collect();
    keep_last_by(&mut all, |seen| seen.by_and_where());
    all
}

/// Keeps the last of those with one key, in order of time.
fn keep_last_by<K: Ord>(all: &mut Vec<Seen<'_>>, key: impl Fn(&Seen<'_>) -> K) {
    all.sort_by_key(|seen| (key(seen), std::cmp::Reverse(seen.order)));
    all.dedup_by(|later, kept| key(later) == key(kept));
    all.sort_unstable_by_key(|seen| seen.order);
}

fn in_conflict(standing: &[Seen<'_>]) -> bool {
    let sightings: Vec<_> = standing.iter().filter(|seen| !seen.is_nil()).copied().collect();
    let mut placed = sightings.iter().filter(|seen| seen.scan.place.is_some());
    let place = placed.clone().next().and_then(|seen| seen.scan.place);
    let two_places = placed.clone().any(|seen| seen.scan.place != place);
    if two_places && !placed.all(Seen::agrees_on_place) {
        return true;
    }
    let mut counts = sightings;
    keep_last_by(&mut counts, |seen| seen.scan.counter);
    let Some(difference) = counts.first().map(Seen::difference) else { return false };
    counts.iter().any(|count| count.difference() != difference)
        || sought_in_vain(&counts, standing.iter().filter(|nil| nil.is_nil() && nil.difference() != difference))
}

/// Whether somebody looked in vain where somebody else counted. A nil return speaks of its place only: not to find
/// in one room what is in another contradicts nobody.
fn sought_in_vain<'a, 'b: 'a>(counts: &[Seen<'_>], mut nils: impl Iterator<Item = &'a Seen<'b>>) -> bool {
    let mut where_by: Vec<(Option<PlaceNo>, Option<CounterNo>)> =
        counts.iter().map(|count| (count.scan.place, count.scan.counter)).collect();
    where_by.sort_unstable();
    // Two counters at a place are as good as all: a nil return is by one of them at most.
    let telling: Vec<_> = where_by.chunk_by(|a, b| a.0 == b.0).flat_map(|same| same.iter().take(2)).collect();
    nils.any(|nil| {
        telling.iter().any(|(place, counter)| {
            *counter != nil.scan.counter && (*place == nil.scan.place || place.is_none() || nil.scan.place.is_none())
        })
    })
}

fn seen(subject: Subject, item: &Item, history: &[Movement], last: &Last<'_>, conflict: bool) -> Line {
    let book = as_of(item, history, last.seen.at);
    let (verdict, book) = if conflict {
        (Verdict::Conflict, book)
    } else if book.state.is_gone() {
        (Verdict::DisposedPresent, book)
    } else if item.standing == Standing::Foreign {
        (Verdict::Foreign, book)
    } else {
        compare(item, history, last, book)
    };
    Line {
        subject,
        verdict,
        flags: last.flags.with_if(item.on_earlier_missing_list, Flags::RECOVERED),
        book: Some(book),
        place: last.placed.and_then(|scan| scan.place),
        keeper: last.keeper.and_then(|scan| scan.keeper),
        quantity: Some(last.seen.quantity),
        expected: true,
    }
}

/// Place, then keeper, then quantity; each against the book as of the scan that speaks for it.
fn compare(item: &Item, history: &[Movement], last: &Last<'_>, book: Book) -> (Verdict, Book) {
    if let Some(placed) = last.placed {
        let book = as_of(item, history, placed.at);
        if book.place.is_some() && book.place != placed.place {
            return (Verdict::Misplaced, book);
        }
    }
    if let Some(stating) = last.keeper {
        let book = as_of(item, history, stating.at);
        if book.keeper.is_some() && book.keeper != stating.keeper {
            return (Verdict::WrongKeeper, book);
        }
    }
    let verdict = match last.seen.quantity.cmp(&book.quantity) {
        std::cmp::Ordering::Less => Verdict::Short,
        std::cmp::Ordering::Greater => Verdict::Over,
        std::cmp::Ordering::Equal => Verdict::Matched,
    };
    (verdict, book)
}

fn unseen(subject: Subject, item: &Item, history: &[Movement], nil_return: bool) -> Option<Line> {
    if item.standing == Standing::Foreign || item.book.state.is_gone() {
        return None;
    }
    // What is written once the sheet is in could be written by whoever must answer for what it misses.
    let on_time = history.iter().rfind(|movement| !movement.after_hand_in);
    let book = on_time.map_or(item.book, |movement| movement.book);
    let judged = item.sheet_submitted || nil_return;
    let verdict = if book.quantity.0 == 0 && judged {
        Verdict::Matched
    } else if item.excused || book.state.explains_absence() || book.state.is_gone() {
        Verdict::Excused
    } else if item.sheet_submitted {
        Verdict::Missing
    } else {
        Verdict::Pending
    };
    let counted_none = nil_return || verdict == Verdict::Missing;
    Some(Line {
        subject,
        verdict,
        flags: Flags::NONE.with_if(history.iter().any(|movement| movement.after_hand_in), Flags::MOVED_DURING_COUNT),
        book: Some(book),
        place: None,
        keeper: None,
        quantity: counted_none.then_some(Quantity(0)),
        expected: true,
    })
}
