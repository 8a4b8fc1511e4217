//! A simulated count of the made-up sub-bureau: scans in the order of time, a few moves of the book during it, and
//! the truth planted in them, so that a test can hold what the program finds against what was hidden.
//!
//! [`fates`] decides what happens to each thing; [`walk`] sends the counters through the rooms and makes the scans.

mod csv_form;
mod fates;
mod walk;

use crate::kernel::{Quantity, Timestamp};
use crate::stocktake::verdict::{Flags, Verdict};

use super::dice::Dice;
use super::sample::{AssetAt, PersonAt, PlaceAt, Sample, UnitAt};

/// The unit left out of the campaign: its things, seen elsewhere, are 范围外.
pub const OUT_OF_SCOPE: &str = "巡逻警察大队";
/// The unit that never hands in its sheet: its unseen things stay 未盘.
pub const NEVER_SUBMITS: &str = "法制大队";

/// Where a scan stands in [`CountPlan::scans`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ScanAt(pub usize);

/// A whole simulated count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountPlan {
    /// The campaign's name.
    pub campaign: String,
    /// The window: nothing is scanned before `opens` or after `closes`.
    pub opens: Timestamp,
    /// See `opens`.
    pub closes: Timestamp,
    /// The units counted.
    pub scope: Vec<UnitAt>,
    /// Things on an earlier year's missing list that is still open; their state is 待处置 in the book.
    pub earlier_missing: Vec<AssetAt>,
    /// Moves of the book after the baseline, in the order of time.
    pub movements: Vec<PlannedMove>,
    /// Scans, in the order of time.
    pub scans: Vec<PlannedScan>,
    /// When each unit hands in its sheet, in the order of time; one unit of the scope is not among them.
    pub submissions: Vec<(UnitAt, Timestamp)>,
    /// What the count must lead to: one for each thing expected, and one for each thing seen unexpectedly.
    pub planted: Vec<Planted>,
}

/// What a scan is of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Subject {
    /// A thing of the book.
    Asset(AssetAt),
    /// A thing that the book does not know.
    Unknown(UnknownThing),
}

/// A thing without a label of ours, as the counter described it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnknownThing {
    /// What its old label says, when it has one.
    pub code: Option<String>,
    /// What it is.
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// As read off the thing; empty when it has none.
    pub serial_number: String,
    /// The missing thing that it truly is, when it is one that lost its label.
    pub truly: Option<AssetAt>,
}

/// What was scanned on the thing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LabelSeen {
    /// The label in force.
    Current,
    /// A superseded label.
    Old,
    /// None: the thing was found by its number or serial.
    None,
}

/// 完好情况
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Condition {
    /// 完好
    Good,
    /// 损坏
    Damaged,
}

impl Condition {
    /// The word people read.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Good => "完好",
            Self::Damaged => "损坏",
        }
    }
}

/// One scan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedScan {
    /// What was scanned.
    pub subject: Subject,
    /// Where.
    pub place: PlaceAt,
    /// Who was said to use it; `None` when nobody was named.
    pub keeper: Option<PersonAt>,
    /// How many pieces.
    pub quantity: Quantity,
    /// In which condition.
    pub condition: Condition,
    /// Which label.
    pub label: LabelSeen,
    /// Who counted.
    pub counter: PersonAt,
    /// When, on the device's clock.
    pub at: Timestamp,
    /// Which device, as `PDA-07`.
    pub device: String,
    /// The scan that this one negates; its other facts repeat that scan's.
    pub undoes: Option<ScanAt>,
    /// 备注
    pub note: String,
}

/// One move of the book during the count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMove {
    /// Which thing.
    pub asset: AssetAt,
    /// When the book was changed.
    pub at: Timestamp,
    /// Its new place, in the same unit.
    pub place: PlaceAt,
    /// Its new keeper.
    pub keeper: PersonAt,
    /// The paper for it.
    pub document: String,
}

/// What a planted truth is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum PlantedSubject {
    /// A thing of the book.
    Asset(AssetAt),
    /// The unknown thing of this scan.
    Scan(ScanAt),
}

/// A planted truth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Planted {
    /// About what.
    pub subject: PlantedSubject,
    /// The verdict it must get.
    pub verdict: Verdict,
    /// The flags that must stand beside it.
    pub flags: Flags,
}

impl CountPlan {
    /// Plans the count of `sample`; the same plan for the same sample.
    #[must_use]
    pub fn of(sample: &Sample) -> Self {
        // Another stream than the sample's own, so that a change here leaves the sample as it is.
        let dice = Dice::seeded(sample.spec.seed ^ 0x0c0_0417);
        let fates = fates::Fates::draw(sample, &dice);
        walk::walk(sample, &dice, fates)
    }

    /// The scan at `at`.
    #[must_use]
    pub fn scan(&self, at: ScanAt) -> &PlannedScan {
        &self.scans[at.0]
    }

    /// How many were planted with `verdict`.
    #[must_use]
    pub fn planted_with(&self, verdict: Verdict) -> usize {
        self.planted.iter().filter(|planted| planted.verdict == verdict).count()
    }
}
