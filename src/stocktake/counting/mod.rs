//! Scans: recorded once each, never changed, undone only by another scan.
//!
//! - [`recorder`] — the way in for phones: what comes at once is recorded together
//! - [`desk`] — what decides of each scan
//! - [`codes`] — what the texts read stand for
//! - [`undo`] — scans that negate scans
//! - [`phone`] — what a phone is given to count with
//! - [`photos`] — photos taken along with scans
//! - [`presence`] — who counts a sheet at this moment

mod codes;
mod desk;
pub mod phone;
pub mod photos;
pub mod presence;
pub mod recorder;
mod undo;

use serde::Serialize;

use super::error::StocktakeError;
use super::model::{Condition, IdentifiedBy, Refusal};
use crate::db::{Db, Tx};
use crate::kernel::ids::{BatchId, ItemId, PersonId, PlaceId, ScanId};
use crate::kernel::{Ctx, Quantity, Timestamp};

use desk::{Memory, Sending};
pub use undo::{Which, undo, undo_batch_in};

/// A scan as a device or a file tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewScan {
    /// Made by the device; the same id twice is one scan.
    pub id: ScanId,
    /// What was read: a label's code, a thing's number, or anything else. Blank when the thing has none.
    pub code_read: String,
    /// The place whose label was scanned first.
    pub place: Option<PlaceId>,
    /// The keeper stated on the spot.
    pub keeper: Option<PersonId>,
    /// How many; zero says "looked for, not here".
    pub quantity: Quantity,
    /// In what condition.
    pub condition: Condition,
    /// Whether the counter says that it bears no label.
    pub no_label: bool,
    /// What an unknown thing is.
    pub name: String,
    /// Its serial number.
    pub serial_number: String,
    /// A remark.
    pub note: String,
    /// Who counted. Of a scan that somebody signed in sends, it is that person, whatever stands here.
    pub counter: String,
    /// On which device.
    pub device: String,
    /// When, by the device's clock, however wrong that goes.
    pub device_at: Timestamp,
}

/// The answer to one scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "answer", rename_all = "snake_case")]
pub enum Answer {
    /// Recorded, and this is what it is.
    Recorded {
        /// How it was matched.
        identified_by: IdentifiedBy,
        /// The thing, when the book knows it.
        item: Option<ItemId>,
    },
    /// The same scan came before: one scan.
    Repeated,
    /// Not recorded, for this reason.
    Refused {
        /// Why, for programs.
        code: Why,
        /// Why, in words.
        reason: String,
    },
}

/// Why a scan is refused, for a phone to decide what to do with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// It says what cannot be: correct it and send it under a new id.
    Invalid,
    /// Its id stands for another scan.
    Conflict,
    /// The sheet is handed in.
    Closed,
    /// The sheet is of a unit that the counter does not count for.
    OutOfReach,
    /// The counter counted the thing before the recount: somebody else must.
    CountedBefore,
}

impl Answer {
    fn refused(refusal: &Refusal) -> Self {
        let code = match refusal {
            Refusal::IdTaken => Why::Conflict,
            Refusal::Sheet { .. } | Refusal::Campaign { .. } => Why::Closed,
            Refusal::NotYours(_) => Why::OutOfReach,
            Refusal::CountedBefore => Why::CountedBefore,
            _ => Why::Invalid,
        };
        Self::Refused { code, reason: refusal.to_string() }
    }
}

/// Records scans in the caller's transaction, each by the counter it names; one answer each, in order. A scan that
/// cannot be recorded says why and does not stop the others.
///
/// # Errors
/// When the campaign is unknown or not under way, or the database refuses.
pub async fn record_in(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    scans: &[NewScan],
    batch: Option<BatchId>,
) -> Result<Vec<Answer>, StocktakeError> {
    record_one(tx, number, Sending { ctx, scans, batch, signed: false }).await
}

async fn record_one(tx: &Tx, number: &str, sending: Sending<'_>) -> Result<Vec<Answer>, StocktakeError> {
    let mut answers = desk::record(tx, &Memory::default(), number, "stocktake.scan", &[sending]).await?;
    answers.pop().unwrap_or_else(|| Err(StocktakeError::NoCampaign(number.to_owned())))
}

/// Records scans: one transaction for all of them. Whoever is signed in is the counter.
///
/// # Errors
/// When the campaign is unknown, out of reach or not under way, counting is not allowed, or the database refuses.
pub async fn scan(db: &Db, ctx: &Ctx, number: &str, scans: &[NewScan]) -> Result<Vec<Answer>, StocktakeError> {
    db.write(async |tx| record_one(tx, number, Sending { ctx, scans, batch: None, signed: true }).await).await
}
