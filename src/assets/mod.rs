//! The ledger of fixed assets (固定资产): from purchase to write-off.
//!
//! A fixed asset is an item of the book; what the ledger alone knows stands in tables of its own, with the item's id.
//! Every change of the book goes through [`crate::items::service`], so that its event, its entry and the reprint of its
//! label are never forgotten.
//!
//! - [`movements`] — documents by which things are issued, transferred, lent, repaired, scrapped; the keeper's "it is
//!   with me"
//! - [`submissions`] — figures reported upward, computed from lines, reviewed by three, frozen
//! - [`three_way`] — book, count and finance ledger held against each other
//! - [`papers`] — what a document or case must show: contract, minutes, approval, appraisal, receipt, photo

pub mod error;
pub mod movements;
pub mod papers;
pub mod submissions;
pub mod three_way;

pub use error::AssetError;
