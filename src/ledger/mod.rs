//! What every ledger stands on: the assets, the vehicles, the firearms. None of them knows another; what would be written a
//! third time is here.
//!
//! - [`LedgerError`] — why a command was refused
//! - `custody` — what passing a controlled thing from hand to hand asks
//! - `numbers` — numbers of documents without gaps

pub(crate) mod custody;
mod error;
pub(crate) mod numbers;

pub use error::LedgerError;
