//! The ledger of firearms: what is in a store, who may carry, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "firearms/audits.rs"]
mod audits;
#[path = "pages/browser.rs"]
mod browser;
#[path = "firearms/bulletins.rs"]
mod bulletins;
#[path = "firearms/draws.rs"]
mod draws;
#[path = "firearms/inspections.rs"]
mod inspections;
#[path = "firearms/pages.rs"]
mod pages;
#[path = "firearms/post.rs"]
mod post;
#[path = "firearms/registry.rs"]
mod registry;
#[path = "firearms/sequences.rs"]
mod sequences;
#[path = "firearms/shifts.rs"]
mod shifts;
#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod support;
#[expect(dead_code, reason = "its servers speak to programs, these tests to browsers")]
#[path = "support/web.rs"]
mod web;

use support::Office;
