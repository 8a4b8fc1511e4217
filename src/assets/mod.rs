//! The ledger of fixed assets (固定资产): from purchase to write-off.
//!
//! A fixed asset is an item of the book; what the ledger alone knows stands in tables of its own, with the item's id.
//! Every change of the book goes through [`crate::items`], so that its event, its entry and the reprint of its label are
//! never forgotten.
//!
//! - [`movements`] — documents by which things are issued, transferred, lent, repaired, scrapped; the keeper's "it is
//!   with me"
//! - [`missing`] — what a count did not find (盘亏): searched for, explained, confirmed, approved, written off
//! - [`surplus`] — what a count found and no book knows (盘盈): identified, valued, approved, entered
//! - [`submissions`] — figures reported upward, computed from lines, reviewed by three, frozen
//! - [`three_way`] — book, count and finance ledger held against each other
//! - [`papers`] — what a document or case must show: contract, minutes, approval, appraisal, receipt, photo
//! - [`classes`] — GB/T 14885 with its lives, and the codes of the old edition: dated data
//! - [`card`] — the asset card: how it was paid for, booked, used; vehicles, buildings, furniture
//! - [`depreciation`] — straight-line by month, right to the fen at the end
//! - [`net_values`] — what the book is worth on a day, by class and unit
//! - [`responsible`] — who answers for a unit's assets, since when

pub mod card;
pub mod classes;
pub mod depreciation;
pub mod missing;
pub mod movements;
pub mod net_values;
pub mod papers;
pub mod responsible;
pub mod submissions;
pub mod surplus;
pub mod three_way;

pub use crate::ledger::LedgerError as AssetError;
