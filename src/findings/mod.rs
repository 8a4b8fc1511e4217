//! Findings (问题): differences, anomalies and duties, each with an owner and a deadline, until it is closed with
//! evidence. "整改一个、销号一个" (REPORT, 整改的方法).
//!
//! ```text
//! open → assigned → explained → verified → closed
//!           ↑  ↖______↓___________↓          │
//!           │      sent back, with why       │
//!           └────────────────────────────────┘ reopened, with why
//! ```
//!
//! Nobody verifies or closes what they explained or own; a loss is verified by somebody of another unit, because the
//! unit and its head answer for it. What evidence a kind needs, and how many days it has, stands in [`rules`].
//!
//! - [`model`] — the states and who may take which step
//! - [`rules`] — kinds, evidence, days: dated, with their source
//! - [`entity`] — the tables; events and evidence only grow
//! - [`opening`] — how other rooms open findings, once each
//! - [`service`] — assign, explain, send back, verify, close
//! - [`store`] — lists and counts within reach
//! - [`possible`] — which steps could be taken now, and why not the others
//! - [`overdue`] — the job that notices deadlines

pub mod entity;
pub mod error;
pub mod model;
pub mod opening;
pub mod overdue;
pub mod possible;
pub mod rules;
pub mod service;
pub mod store;

pub use error::FindingError;
pub use opening::{NewFinding, open_many};
pub use rules::{EvidenceKind, Kind};
