//! Hufu 虎符 — a police sub-bureau knows where every thing in its care is, and can prove it.
//!
//! The rooms, ground floor first; a room imports only from below:
//!
//! - [`kernel`] — clock, ids, money, quantities, text
//! - [`items`] — the spine: things, their events, the labels issued for them
//! - [`stocktake`] — campaign, sheet, scan, reconciliation, missing cases, report
//! - [`documents`] — reading and writing CSV, XLSX, XLS, ODS, PDF
//! - [`cli`] — one file a command

pub mod cli;
pub mod db;
pub mod documents;
pub mod items;
pub mod journal;
pub mod kernel;
pub mod org;
pub mod stocktake;
