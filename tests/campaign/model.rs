//! A stocktake kept in plain lists, written from the rules and not from the program: what each thing's verdict must
//! be, and which deeds must be refused. Things, rooms, units and people are numbers; instants are milliseconds.

use std::collections::{BTreeMap, BTreeSet};

use hufu::items::model::ItemState;
use hufu::stocktake::verdict::{Flags, Verdict};

/// What the book says of a thing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Book {
    pub(crate) place: Option<usize>,
    pub(crate) keeper: Option<usize>,
    pub(crate) quantity: i64,
    pub(crate) state: ItemState,
    pub(crate) excused: bool,
}

impl Book {
    /// What a count can contradict: a paper that excuses is not part of it.
    fn facts(&self) -> (Option<usize>, Option<usize>, i64, ItemState) {
        (self.place, self.keeper, self.quantity, self.state)
    }
}

#[derive(Debug)]
pub(crate) struct Thing {
    pub(crate) unit: usize,
    pub(crate) baseline: Book,
    /// Changes after the baseline with their instants, as recorded.
    pub(crate) changes: Vec<(i64, Book)>,
}

impl Thing {
    pub(crate) fn now(&self) -> &Book {
        self.changes.last().map_or(&self.baseline, |(_, book)| book)
    }

    /// The last word recorded about an instant: what was recorded later, for that instant or before it, wins.
    fn as_of(&self, at: i64) -> &Book {
        self.changes.iter().rev().find(|(from, _)| *from <= at).map_or(&self.baseline, |(_, book)| book)
    }
}

/// What was scanned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Subject {
    Thing(usize),
    Unknown(usize),
}

#[derive(Debug, Clone)]
pub(crate) struct Sight {
    pub(crate) subject: Subject,
    pub(crate) place: Option<usize>,
    pub(crate) keeper: Option<usize>,
    pub(crate) quantity: i64,
    pub(crate) damaged: bool,
    pub(crate) counter: usize,
    pub(crate) at: i64,
}

#[derive(Debug)]
struct Recorded {
    sight: Sight,
    sheet: Option<usize>,
    undone: bool,
    set_aside: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Sheet {
    Open,
    Submitted(usize),
    Confirmed,
}

/// The whole count. Units from `in_scope` on are not counted.
#[derive(Debug)]
pub(crate) struct Model {
    pub(crate) things: Vec<Thing>,
    pub(crate) sheets: Vec<Sheet>,
    pub(crate) unit_of_place: Vec<usize>,
    pub(crate) keeper_of_place: Vec<Option<usize>>,
    pub(crate) head_of_unit: Vec<usize>,
    /// When each sheet was last handed in.
    handed_in: Vec<i64>,
    scans: Vec<Recorded>,
}

impl Model {
    pub(crate) fn new(
        things: Vec<Thing>,
        in_scope: usize,
        unit_of_place: Vec<usize>,
        keeper_of_place: Vec<Option<usize>>,
        head_of_unit: Vec<usize>,
    ) -> Self {
        let (sheets, handed_in) = (vec![Sheet::Open; in_scope], vec![0; in_scope]);
        Self { things, sheets, unit_of_place, keeper_of_place, head_of_unit, handed_in, scans: Vec::new() }
    }

    pub(crate) fn is_expected(&self, thing: usize) -> bool {
        let thing = &self.things[thing];
        thing.unit < self.sheets.len() && !gone(thing.baseline.state)
    }

    fn sheet_of(&self, sight: &Sight) -> Option<usize> {
        let of_place = sight.place.map(|place| self.unit_of_place[place]).filter(|unit| *unit < self.sheets.len());
        of_place.or(match sight.subject {
            Subject::Thing(thing) if self.is_expected(thing) => Some(self.things[thing].unit),
            _ => None,
        })
    }

    fn is_open(&self, sheet: Option<usize>) -> bool {
        sheet.is_none_or(|unit| self.sheets[unit] == Sheet::Open)
    }

    /// Whether the scan is taken.
    pub(crate) fn scan(&mut self, sight: Sight) -> bool {
        let sheet = self.sheet_of(&sight);
        // Who counted a thing before its recount does not count it again.
        let again = |scan: &Recorded| {
            scan.set_aside && scan.sight.subject == sight.subject && scan.sight.counter == sight.counter
        };
        let taken = self.is_open(sheet) && !self.scans.iter().any(again);
        if taken {
            self.scans.push(Recorded { sight, sheet, undone: false, set_aside: false });
        }
        taken
    }

    /// Whether the undoing of the scan taken as number `which` is taken.
    pub(crate) fn undo(&mut self, which: usize) -> bool {
        let taken = !self.scans[which].undone && self.is_open(self.scans[which].sheet);
        self.scans[which].undone |= taken;
        taken
    }

    pub(crate) fn submit(&mut self, unit: usize, by: usize, at: i64) -> bool {
        match self.sheets.get_mut(unit) {
            Some(sheet @ Sheet::Open) => {
                *sheet = Sheet::Submitted(by);
                self.handed_in[unit] = at;
                true
            }
            _ => false,
        }
    }

    /// Only the head, who neither counted, nor submitted, nor keeps a room that was counted.
    pub(crate) fn confirm(&mut self, unit: usize, by: usize) -> bool {
        let Some(Sheet::Submitted(submitter)) = self.sheets.get(unit).copied() else { return false };
        let on_sheet = || self.scans.iter().filter(|scan| scan.sheet == Some(unit));
        let counted = on_sheet().any(|scan| scan.sight.counter == by);
        let keeps = on_sheet().any(|scan| scan.sight.place.is_some_and(|at| self.keeper_of_place[at] == Some(by)));
        let allowed = by == self.head_of_unit[unit] && submitter != by && !counted && !keeps;
        if allowed {
            self.sheets[unit] = Sheet::Confirmed;
        }
        allowed
    }

    /// Whether a recount of the thing by someone else is opened.
    pub(crate) fn recount(&mut self, thing: usize, assignee: usize) -> bool {
        let of_thing = |scan: &&mut Recorded| scan.sight.subject == Subject::Thing(thing);
        let again = self.scans.iter_mut().filter(of_thing).any(|scan| scan.sight.counter == assignee);
        if again || !self.is_expected(thing) {
            return false;
        }
        self.scans.iter_mut().filter(of_thing).for_each(|scan| scan.set_aside = true);
        self.sheets[self.things[thing].unit] = Sheet::Open;
        true
    }

    fn live(&self, subject: Subject) -> Vec<&Sight> {
        let speaks = |scan: &&Recorded| scan.sight.subject == subject && !scan.undone && !scan.set_aside;
        let mut sights: Vec<_> = self.scans.iter().filter(speaks).map(|scan| &scan.sight).collect();
        sights.sort_by_key(|sight| sight.at);
        sights
    }

    /// Unknown codes under which something was seen.
    pub(crate) fn unregistered(&self) -> BTreeSet<usize> {
        let code = |scan: &Recorded| if let Subject::Unknown(code) = scan.sight.subject { Some(code) } else { None };
        let codes: BTreeSet<usize> = self.scans.iter().filter_map(code).collect();
        codes.into_iter().filter(|code| self.live(Subject::Unknown(*code)).iter().any(|s| s.quantity > 0)).collect()
    }

    /// The verdict and flags of each thing that asks for a line.
    pub(crate) fn verdicts(&self) -> BTreeMap<usize, (Verdict, Flags)> {
        (0..self.things.len()).filter_map(|thing| Some((thing, self.verdict(thing)?))).collect()
    }

    fn verdict(&self, index: usize) -> Option<(Verdict, Flags)> {
        let thing = &self.things[index];
        let counted_here = thing.unit < self.sheets.len();
        let sights = self.live(Subject::Thing(index));
        let last_words = last_words(&sights);
        // Whoever looked again in the same room and found nothing takes back what they saw there.
        let stands = |sight: &&&Sight| sight.quantity > 0 && last_words[&(sight.counter, sight.place)].quantity > 0;
        let seen: Vec<&Sight> = sights.iter().filter(stands).copied().collect();
        let standing = |n: usize, from: i64| !thing.changes[n + 1..].iter().any(|(later, _)| *later <= from);
        let moved = thing
            .changes
            .iter()
            .enumerate()
            .any(|(n, (from, book))| standing(n, *from) && book.facts() != thing.baseline.facts());
        // Any word about what nobody saw, once its sheet was in, even if only of a paper.
        let too_late = counted_here
            && self.sheets[thing.unit] != Sheet::Open
            && thing
                .changes
                .iter()
                .enumerate()
                .any(|(n, (from, _))| standing(n, *from) && *from > self.handed_in[thing.unit]);
        let flags = Flags::NONE
            .with_if(seen.iter().any(|sight| sight.damaged), Flags::DAMAGED)
            .with_if(moved || (seen.is_empty() && too_late), Flags::MOVED_DURING_COUNT);
        if seen.is_empty() {
            let looked_for = sights.iter().any(|sight| sight.quantity == 0);
            return Some((self.unseen(thing, counted_here, looked_for)?, flags));
        }
        Some((judge_seen(thing, counted_here, &seen, &last_words), flags))
    }

    fn unseen(&self, thing: &Thing, counted_here: bool, looked_for: bool) -> Option<Verdict> {
        if !counted_here || gone(thing.baseline.state) {
            return None;
        }
        let submitted = self.sheets[thing.unit] != Sheet::Open;
        let book = thing.as_of(if submitted { self.handed_in[thing.unit] } else { i64::MAX });
        let away = book.excused || matches!(book.state, ItemState::OnLoan | ItemState::InRepair);
        Some(if book.quantity == 0 && (submitted || looked_for) {
            Verdict::Matched
        } else if away || gone(book.state) {
            Verdict::Excused
        } else if submitted {
            Verdict::Missing
        } else {
            Verdict::Pending
        })
    }
}

fn gone(state: ItemState) -> bool {
    matches!(state, ItemState::Disposed | ItemState::WrittenOff | ItemState::Withdrawn)
}

type LastWords<'a> = BTreeMap<(usize, Option<usize>), &'a Sight>;

/// What each counter last said about each room.
fn last_words<'a>(sights: &[&'a Sight]) -> LastWords<'a> {
    sights.iter().map(|sight| ((sight.counter, sight.place), *sight)).collect()
}

fn judge_seen(thing: &Thing, counted_here: bool, seen: &[&Sight], last_words: &LastWords<'_>) -> Verdict {
    let last = seen[seen.len() - 1];
    let book = thing.as_of(last.at);
    if counted_here && in_conflict(thing, seen, last_words) {
        return Verdict::Conflict;
    }
    if gone(book.state) {
        return Verdict::DisposedPresent;
    }
    if !counted_here {
        return Verdict::Foreign;
    }
    if let Some(placed) = seen.iter().rev().find(|sight| sight.place.is_some()) {
        let told = thing.as_of(placed.at).place;
        if told.is_some() && told != placed.place {
            return Verdict::Misplaced;
        }
    }
    if let Some(stating) = seen.iter().rev().find(|sight| sight.keeper.is_some()) {
        let told = thing.as_of(stating.at).keeper;
        if told.is_some() && told != stating.keeper {
            return Verdict::WrongKeeper;
        }
    }
    match last.quantity.cmp(&book.quantity) {
        std::cmp::Ordering::Less => Verdict::Short,
        std::cmp::Ordering::Greater => Verdict::Over,
        std::cmp::Ordering::Equal => Verdict::Matched,
    }
}

/// Seen in two rooms, unless the book moved it from one to the other; or counted differently by two; or counted by
/// one where another looked in vain.
fn in_conflict(thing: &Thing, seen: &[&Sight], last_words: &LastWords<'_>) -> bool {
    let standing: Vec<&Sight> = {
        let mut standing: Vec<&Sight> =
            seen.iter().copied().filter(|s| std::ptr::eq(last_words[&(s.counter, s.place)], *s)).collect();
        standing.sort_by_key(|sight| sight.at);
        standing
    };
    let rooms: BTreeSet<usize> = standing.iter().filter_map(|sight| sight.place).collect();
    let by_the_book = |sight: &&Sight| sight.place.is_none() || thing.as_of(sight.at).place == sight.place;
    if rooms.len() > 1 && !standing.iter().all(by_the_book) {
        return true;
    }
    let of_counter: BTreeMap<usize, &Sight> = standing.iter().map(|sight| (sight.counter, *sight)).collect();
    let off = |sight: &Sight| sight.quantity - thing.as_of(sight.at).quantity;
    let differences: BTreeSet<i64> = of_counter.values().map(|sight| off(sight)).collect();
    let in_vain = |nil: &&&Sight| nil.quantity == 0 && !differences.contains(&off(nil));
    differences.len() > 1
        || last_words.values().filter(in_vain).any(|nil| {
            let same_room = |sight: &Sight| sight.place == nil.place || sight.place.is_none() || nil.place.is_none();
            of_counter.values().any(|sight| sight.counter != nil.counter && same_room(sight))
        })
}
