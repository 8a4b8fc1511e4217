//! The ledger of firearms: what is in a store, who may carry, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "firearms/audits.rs"]
mod audits;
#[path = "pages/browser.rs"]
mod browser;
#[path = "firearms/bulletins.rs"]
mod bulletins;
#[path = "firearms/cabinets.rs"]
mod cabinets;
#[path = "firearms/draws.rs"]
mod draws;
#[path = "firearms/imports.rs"]
mod imports;
#[path = "firearms/inspections.rs"]
mod inspections;
#[path = "firearms/pages.rs"]
mod pages;
#[path = "firearms/post.rs"]
mod post;
#[path = "firearms/registers.rs"]
mod registers;
#[path = "firearms/registry.rs"]
mod registry;
#[path = "firearms/sequences.rs"]
mod sequences;
#[path = "firearms/shifts.rs"]
mod shifts;
#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod support;
#[path = "firearms/transfers.rs"]
mod transfers;
#[path = "firearms/upkeep.rs"]
mod upkeep;
#[path = "support/web.rs"]
mod web;

use support::Office;
