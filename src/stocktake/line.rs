//! The lines of a count: one a thing, and their tally.

use serde::Serialize;

use super::reconcile::{Book, ItemNo, KeeperNo, PlaceNo, ThingNo};
use super::verdict::{Flags, Verdict};
use crate::kernel::{Fen, Quantity};

/// What a line is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Subject {
    /// A thing of the book.
    Item(ItemNo),
    /// A thing that no book knows.
    Thing(ThingNo),
}

/// What the count says of one thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Line {
    /// Of what.
    pub subject: Subject,
    /// The one verdict.
    pub verdict: Verdict,
    /// What stands beside it.
    pub flags: Flags,
    /// The book as of the scan that decided; unseen, the book as it stands now. `None` for what no book knows.
    pub book: Option<Book>,
    /// Where it was last seen in a known place.
    pub place: Option<PlaceNo>,
    /// The keeper last stated.
    pub keeper: Option<KeeperNo>,
    /// How many were last counted; zero when missing or looked for in vain; `None` when nobody has said yet.
    pub quantity: Option<Quantity>,
    /// Whether the thing was expected: in scope, and not disposed of at the baseline.
    pub expected: bool,
}

impl Line {
    /// Pieces the book has and the count lacks (盘亏数): all of a missing thing, the difference of a short one.
    #[must_use]
    pub fn shortage(&self) -> Quantity {
        self.difference(Verdict::Missing, Verdict::Short, |book, counted| book.saturating_sub(counted))
    }

    /// Pieces counted that the book lacks (盘盈数): all of an unregistered thing, the difference of one counted over.
    #[must_use]
    pub fn surplus(&self) -> Quantity {
        self.difference(Verdict::Unregistered, Verdict::Over, |book, counted| counted.saturating_sub(book))
    }

    fn difference(&self, whole: Verdict, part: Verdict, by: impl Fn(i64, i64) -> i64) -> Quantity {
        if self.verdict != whole && self.verdict != part {
            return Quantity(0);
        }
        let book = self.book.map_or(0, |book| book.quantity.0);
        Quantity(by(book, self.quantity.map_or(0, |counted| counted.0)).max(0))
    }
}

/// How many lines of each verdict, and what the missing ones are worth.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// Things expected.
    pub expected: u64,
    /// 账实相符
    pub matched: u64,
    /// 地点不符
    pub misplaced: u64,
    /// 使用人不符
    pub wrong_keeper: u64,
    /// 数量短缺
    pub short: u64,
    /// 数量溢余
    pub over: u64,
    /// 重复冲突
    pub conflict: u64,
    /// 账销物存
    pub disposed_present: u64,
    /// 有据不在
    pub excused: u64,
    /// 盘亏
    pub missing: u64,
    /// 未盘
    pub pending: u64,
    /// 范围外
    pub foreign: u64,
    /// 盘盈
    pub unregistered: u64,
    /// The booked value of what is missing.
    #[serde(rename = "missing_value_fen")]
    pub missing_value: Fen,
}

impl Tally {
    /// Counts a line; `value` is what the book says the thing is worth.
    pub fn add(&mut self, line: &Line, value: Fen) {
        self.add_verdict(line.verdict, line.expected, value);
    }

    /// Counts a line by its parts.
    pub fn add_verdict(&mut self, verdict: Verdict, expected: bool, value: Fen) {
        self.expected += u64::from(expected);
        *self.of_mut(verdict) += 1;
        if verdict == Verdict::Missing {
            self.missing_value += value;
        }
    }

    /// Counts all that another tally counted.
    pub fn add_all(&mut self, other: &Self) {
        self.expected += other.expected;
        for verdict in Verdict::ALL {
            *self.of_mut(verdict) += other.of(verdict);
        }
        self.missing_value += other.missing_value;
    }

    /// How many lines of one verdict.
    #[must_use]
    pub fn of(&self, verdict: Verdict) -> u64 {
        let mut copy = *self;
        *copy.of_mut(verdict)
    }

    /// How many lines ask something of someone.
    #[must_use]
    pub fn needing_attention(&self) -> u64 {
        Verdict::ALL.into_iter().filter(|verdict| verdict.needs_attention()).map(|verdict| self.of(verdict)).sum()
    }

    fn of_mut(&mut self, verdict: Verdict) -> &mut u64 {
        match verdict {
            Verdict::Conflict => &mut self.conflict,
            Verdict::DisposedPresent => &mut self.disposed_present,
            Verdict::Misplaced => &mut self.misplaced,
            Verdict::WrongKeeper => &mut self.wrong_keeper,
            Verdict::Short => &mut self.short,
            Verdict::Over => &mut self.over,
            Verdict::Matched => &mut self.matched,
            Verdict::Excused => &mut self.excused,
            Verdict::Missing => &mut self.missing,
            Verdict::Pending => &mut self.pending,
            Verdict::Foreign => &mut self.foreign,
            Verdict::Unregistered => &mut self.unregistered,
        }
    }
}
