//! The pages as people use them, area by area: who sees what, what a form keeps that was refused, lists that go on,
//! files to take away.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "pages/admin.rs"]
mod admin;
#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/cards.rs"]
mod cards;
#[path = "pages/duties.rs"]
mod duties;
#[path = "pages/files.rs"]
mod files;
#[path = "pages/fuel.rs"]
mod fuel;
#[path = "pages/imports.rs"]
mod imports;
#[path = "pages/items.rs"]
mod items;
#[path = "pages/labels.rs"]
mod labels;
#[path = "pages/losses.rs"]
mod losses;
#[path = "pages/movements.rs"]
mod movements;
#[path = "pages/reports.rs"]
mod reports;
#[path = "pages/sorting.rs"]
mod sorting;
#[path = "pages/stocktake.rs"]
mod stocktake;
mod support;
#[path = "pages/vehicles.rs"]
mod vehicles;
#[path = "support/visitor.rs"]
mod visitor;
#[path = "support/web.rs"]
#[expect(dead_code, reason = "the server has more to offer than these pages need")]
mod web;

use support::Office;
