//! What reconciliation is given: the book, its changes during the count, and the scans.

use super::names::{CounterNo, ItemNo, KeeperNo, PlaceNo, ThingNo, UnitNo};
use crate::items::model::ItemState;
use crate::kernel::{Quantity, Timestamp};
use crate::stocktake::verdict::Flags;

/// What the book says of one thing at one instant, as far as a count can contradict it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Book {
    /// Where it is kept; a book without a place cannot be contradicted about it.
    pub place: Option<PlaceNo>,
    /// Who answers for it; a book without a keeper cannot be contradicted about it.
    pub keeper: Option<KeeperNo>,
    /// How many.
    pub quantity: Quantity,
    /// Its state.
    pub state: ItemState,
}

/// Whether a booked thing belongs to this count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Standing {
    /// In the scope of the count: it gets a verdict, seen or not.
    #[default]
    Expected,
    /// Booked, but out of the scope of this count: it gets a line only when seen.
    Foreign,
}

/// A booked thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Item {
    /// The unit that answers for it; only for tallies.
    pub unit: Option<UnitNo>,
    /// What the book says as of the baseline.
    pub book: Book,
    /// Whether it belongs to this count.
    pub standing: Standing,
    /// An open document (a loan, a trip, a court's receipt) explains that it is not there. A state that explains it
    /// need not be repeated here.
    pub excused: bool,
    /// The sheet of its unit was submitted: what was not seen by now is missing.
    pub sheet_submitted: bool,
    /// On the list of an earlier count's missing things, not closed since.
    pub on_earlier_missing_list: bool,
}

impl Item {
    /// A thing in scope, its sheet submitted, with nothing that excuses it.
    #[must_use]
    pub const fn expected(unit: Option<UnitNo>, book: Book) -> Self {
        Self {
            unit,
            book,
            standing: Standing::Expected,
            excused: false,
            sheet_submitted: true,
            on_earlier_missing_list: false,
        }
    }
}

/// What a scan is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Target {
    /// A thing of [`Input::items`].
    Book(ItemNo),
    /// A thing the book does not know: the caller gives one number to all scans of one unknown code, and a number of
    /// its own to each scan of a thing without any code.
    Unknown(ThingNo),
}

/// One scan. A scan whose quantity is zero is a nil return: someone looked and it was not there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scan {
    /// What was seen.
    pub target: Target,
    /// Where; `None` when no place was scanned before it.
    pub place: Option<PlaceNo>,
    /// The keeper stated on the spot; `None` when none was.
    pub keeper: Option<KeeperNo>,
    /// How many were counted.
    pub quantity: Quantity,
    /// Who counted; scans without a counter are taken to be one person's, other than any named.
    pub counter: Option<CounterNo>,
    /// When; scans of one instant follow one another as they stand in [`Input::scans`].
    pub at: Timestamp,
    /// Of [`Flags::DAMAGED`], [`Flags::OLD_LABEL`], [`Flags::NO_LABEL`]; others are not a scan's to set.
    pub flags: Flags,
    /// Another scan took it back: it is as if it had never been.
    pub undone: bool,
}

/// A change of the book after the baseline.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Movement {
    /// Of what.
    pub item: ItemNo,
    /// When; a scan at the same instant sees the book as changed.
    pub at: Timestamp,
    /// What the book says from then on.
    pub book: Book,
    /// Recorded after the sheet that expects the thing was handed in: it explains no absence any more.
    pub after_hand_in: bool,
}

/// All that reconciliation needs.
#[derive(Debug, Clone, Copy, Default)]
pub struct Input<'a> {
    /// The book: what is expected, and what is booked elsewhere and was seen.
    pub items: &'a [Item],
    /// The count, in the order recorded.
    pub scans: &'a [Scan],
    /// The book's changes between the baseline and now, in the order recorded.
    pub movements: &'a [Movement],
}
