//! Counting over HTTP: who may do what, what becomes of each scan, what a photo says, what a killed process leaves.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "counting_api/group.rs"]
mod group;
#[path = "counting_api/killed.rs"]
mod killed;
#[path = "counting_api/life.rs"]
mod life;
#[path = "counting_api/phone.rs"]
mod phone;
#[path = "counting_api/photos.rs"]
mod photos;
#[path = "counting_api/rights.rs"]
mod rights;
#[path = "counting_api/scan_photos.rs"]
mod scan_photos;
#[path = "counting_api/scans.rs"]
mod scans;
#[path = "counting_api/stage.rs"]
mod stage;
mod support;
#[path = "support/web.rs"]
mod web;

use support::Office;
