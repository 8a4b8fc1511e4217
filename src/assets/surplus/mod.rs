//! Surplus things (盘盈): found, and in no book.
//!
//! ```text
//! open ─┬─(a known thing that lost its label)→ matched: labelled anew; its missing case is found
//!       ├─(somebody else's)→ foreign → handed_over
//!       ├─(nobody's, or written off before)→ unbooked → valued ─(chain: yes)→ approved → entered
//!       └─ any that has not ended → dropped, with the reason
//! ```
//!
//! - Opened from the `unregistered` lines of a closed campaign, each once, or by hand. No asset is off the book
//!   (行政事业性国有资产管理条例 第30条).
//! - Valued by assessment (with the report), at replacement cost, or nominally at one yuan; what the value rests on is
//!   written down.
//! - Entered by the chain `surplus_entry` (第38、39条), under a new number, with its label queued; the way it was acquired
//!   is 盘盈. What was written off before links back to that case and its list year.
//!
//! [`model`] states and steps · [`opening`] from a count or by hand · [`service`] identify, value, ask · [`entering`]
//! into the book ·
//! [`store`] lists within reach

pub mod entering;
pub mod entity;
pub mod model;
pub mod opening;
pub mod service;
pub mod store;
