//! Stocktake (盘点): book against count, and what follows from the difference.
//!
//! - [`model`] — the states of campaigns and sheets, and who may do what
//! - [`campaign`] — open, submit, confirm, recount, close
//! - [`opening`] — what a campaign would expect, before it is opened; how one is given up
//! - [`counting`] — scans: recorded once each, undone only by another
//! - [`outcome`] — what a campaign has found so far, or found when it closed
//! - [`standing`] — the same, kept in memory while nothing changed
//! - [`look`] — what each may see of it
//! - [`missing`] — a case for each missing thing, until it is found or written off
//! - [`hunt`] — where to look for what is missing, from all that a campaign knows
//! - [`publish`], [`report`] — the report to work with and the report to sign
//! - [`reconcile`], [`verdict`], [`line`] — the pure core that gives every thing its one verdict
//! - [`pairing`], [`leads`] — the pure rules of the hunt

mod asked;
pub mod campaign;
pub mod counting;
pub mod entity;
pub mod error;
pub(crate) mod findings;
mod frozen;
pub mod hunt;
pub mod leads;
pub mod line;
pub mod look;
pub mod missing;
pub mod model;
pub mod opening;
pub mod outcome;
pub mod pairing;
pub mod publish;
pub mod reconcile;
pub mod recounting;
pub mod report;
pub mod scope;
pub mod standing;
pub mod store;
pub mod verdict;

pub use error::StocktakeError;
