//! The spine. Fixed assets, vehicles, firearms, ammunition and case property are all items: a number, a label,
//! a place, a keeper, a quantity, a state.
//!
//! ```text
//! registered ─ changed* ─ (withdrawn: the import that brought it was undone)
//! label: blank → current → superseded        any → void
//! ```
//!
//! [`service`] is the only door to the book: each use case is one transaction that writes the item, its event and
//! the journal entry. The event carries the whole state after it, so the book of any past day is the last event of
//! each thing up to that day ([`store::book_as_of`]).

pub mod attachments;
pub mod closing;
pub mod correcting;
pub mod entity;
pub mod error;
pub mod labels;
pub mod model;
pub mod ordered;
pub mod printing;
pub mod queueing;
pub mod search;
pub mod service;
pub mod store;
pub mod withdrawing;

pub use error::ItemError;
