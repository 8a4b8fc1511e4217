//! Submissions (报送): the annual state-asset return and the stocktake report, computed from lines and from nothing else,
//! looked at by three people before they leave the house (REPORT 26: 经单位领导层级审核后上报; DOMAIN 6 rule 8).
//!
//! ```text
//! draft ─prepare→ prepared ─review→ reviewed ─approve→ approved ─submit→ submitted
//!   ↑  ╰─compute─╯   │                 │                  │
//!   ╰── send back, with the reason ────┴──────────────────╯         any of them before submitted ─void→ void
//! ```
//!
//! - Nobody types a figure. A draft is computed: a row per thing in the scope on its day, the sums of these rows, and
//!   what the filling standard (填报标准, rule data of [`standard`]) says of each row. To compute again makes a new
//!   edition; earlier editions stay.
//! - Errors stop it; a warning wants a reason from whoever prepares it.
//! - Preparer, reviewer and approver are three people: this room refuses anything else, and so does the table.
//! - What is prepared is frozen: its lines are append-only, their hash stands in the journal, and the one that is
//!   prepared is computed once more, so that nobody signs what has changed since they looked.
//! - What the book says later is shown as a difference against it, line by line: [`difference`].
//!
//! Facts that have no history of their own (name, class, value) are read as they are when the draft is computed; unit,
//! place, keeper, quantity and state as they were at the end of its day.
//!
//! [`model`] kinds, states, steps · [`standard`] the filling standard · [`figures`] sums · [`difference`] then and now ·
//! [`gather`] lines from the book or a count · [`service`] begin, compute, acknowledge, prepare · [`steps`] review,
//! approve, submit, send back · [`store`] lists within reach · [`sheet`] XLSX · [`paper`] PDF

pub mod difference;
pub mod entity;
pub mod figures;
pub(crate) mod gather;
pub mod model;
pub mod paper;
pub mod service;
pub mod sheet;
pub mod standard;
pub mod steps;
pub mod store;
