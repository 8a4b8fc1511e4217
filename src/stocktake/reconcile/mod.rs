//! Reconciliation (对账): from the book, its changes during the count, and the scans, to one verdict a thing.
//! Pure: no input, no output, no clock. The file tool and the campaign both call [`reconcile`].
//!
//! # Which scans speak
//! - An undone scan is as if it had never been.
//! - Of one counter's scans of a thing in one place, the last stands: a second scan of the same thing is not a second
//!   thing. Scans with no counter named are one person's, other than any named.
//! - A scan that counted at least one is a *sighting*. One that counted none is a *nil return*: looked for here, not
//!   found. It takes back what its counter had counted in that place; a thing with nothing left was not seen.
//! - A scan without a place says nothing of the place, and erases nothing another said; likewise of the keeper.
//! - Each scan is held against the book as of its own instant. `moved_during_count` is set when the book changed after
//!   the baseline in place, keeper, quantity or state.
//!
//! # A thing seen: the first that applies
//! | verdict | when |
//! | --- | --- |
//! | `conflict` | sightings in two different known places, unless each was where the book had it at that instant (the book moved between them) |
//! | `conflict` | the last counts of two counters differ from the book as of their scans by different amounts (with an unchanged book: different counts) |
//! | `conflict` | one counter's nil return against another's sighting in the same place, or where either gave no place |
//! | `disposed_present` | the book as of the last sighting says that it is gone |
//! | `foreign` | booked out of scope; how its scans contradict each other is not this count's business |
//! | `misplaced` | the last sighting with a place is not where the book of that instant has it; a book without a place cannot be contradicted |
//! | `wrong_keeper` | the last keeper stated is not the book's of that instant; a book without a keeper cannot be contradicted |
//! | `short`, `over` | the last sighting counted fewer, or more, than the book of that instant |
//! | `matched` | nothing above |
//!
//! Two sightings of a quantity in two places are a conflict too: what is kept in two places needs two numbers.
//! `recovered` is set when a thing of an earlier missing list is seen; `damaged`, `old_label` and `no_label` when any
//! sighting says so. The count shown is the last sighting's, the place the last known, the keeper the last stated.
//!
//! # A thing not seen: the first that applies
//! | verdict | when |
//! | --- | --- |
//! | no line | booked out of scope, or gone from the book at the baseline: it is expected nowhere |
//! | `matched` | the book has none of it (quantity 0), and someone looked or the sheet is submitted |
//! | `excused` | an open document explains it; or the book's present state does (on loan, in repair, or disposed of since the baseline) |
//! | `missing` | the sheet is submitted |
//! | `pending` | the sheet is open; a nil return does not close it |
//!
//! Of the book only what was recorded before the sheet was handed in counts here; what was recorded after it explains
//! nothing, and sets `moved_during_count`.
//!
//! # A thing no book knows
//! `unregistered`, one line a [`ThingNo`], however often and wherever it was seen; no line when only looked for in vain.

mod gather;
mod input;
mod judge;
mod names;
mod texts;

use std::ops::Range;

use rayon::prelude::*;

pub use input::{Book, Input, Item, Movement, Scan, Standing, Target};
pub use names::{CounterNo, Interner, ItemNo, KeeperNo, Numbered, PlaceNo, ThingNo, UnitNo};

pub(crate) use texts::TextColumn;

use super::line::{Line, Subject};
use gather::{Gathered, Histories};

/// The place of a scan in [`Input::scans`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct ScanIndex(u32);

impl ScanIndex {
    /// As an index.
    #[must_use]
    pub const fn get(self) -> usize {
        self.0 as usize
    }
}

/// Why nothing could be reconciled: the caller's numbers do not belong together.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReconcileError {
    /// A scan names an item that is not in the input.
    #[error("第 {scan} 条扫描指向不存在的账面物品 {item:?}")]
    NoSuchItem {
        /// The index of the scan.
        scan: usize,
        /// What it names.
        item: ItemNo,
    },
    /// More than four thousand million rows.
    #[error("一次盘点超过 42 亿行，无法对账")]
    TooMany,
}

/// What came out.
#[derive(Debug, Default)]
pub struct Reconciliation {
    /// Items in the order given, then unknown things by their numbers.
    pub lines: Vec<Line>,
    gathered: Gathered,
}

impl Reconciliation {
    /// The live scans of a line's thing in order of time, as indices into [`Input::scans`].
    #[must_use]
    pub fn scans_of(&self, subject: Subject) -> &[ScanIndex] {
        match subject {
            Subject::Item(item) => self.gathered.of_item(item),
            Subject::Thing(thing) => self.gathered.of_thing(thing),
        }
    }
}

/// Gives every expected thing its one verdict, and every other thing seen its line.
///
/// # Errors
/// When a scan names an item that is not among the items, or there are more rows than 32 bits can number.
pub fn reconcile(input: &Input<'_>) -> Result<Reconciliation, ReconcileError> {
    let gathered = Gathered::from(input)?;
    let histories = Histories::from(input.movements);
    let judged = |range: Range<usize>, lines: &mut Vec<Line>| {
        lines.extend(range.filter_map(|index| {
            let no = ItemNo::from_index(index);
            let scans = gathered.of_item(no).iter().map(|scan| &input.scans[scan.get()]);
            judge::judge_item(Subject::Item(no), &input.items[index], histories.of(no), scans)
        }));
    };
    // One long piece a thread: a million lines put together from many pieces are copied as often as they are judged.
    let count = input.items.len();
    let piece = count.div_ceil(rayon::current_num_threads()).max(8192);
    let (mut lines, mut others) = (Vec::with_capacity(count), Vec::new());
    rayon::join(
        || judged(0..piece.min(count), &mut lines),
        || {
            let rest = (piece.min(count)..count).into_par_iter().step_by(piece);
            others = rest
                .map(|from| {
                    let to = (from + piece).min(count);
                    let mut lines = Vec::with_capacity(to - from);
                    judged(from..to, &mut lines);
                    lines
                })
                .collect::<Vec<_>>();
        },
    );
    for mut other in others {
        lines.append(&mut other);
    }
    lines.extend(gathered.unknown_things().filter_map(|thing| {
        let scans = gathered.of_thing(thing).iter().map(|scan| &input.scans[scan.get()]);
        judge::judge_thing(Subject::Thing(thing), scans)
    }));
    Ok(Reconciliation { lines, gathered })
}
