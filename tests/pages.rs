//! The pages as people use them, area by area: who sees what, what a form keeps, what is taken away as a file.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "pages/admin.rs"]
mod admin;
#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/stocktake.rs"]
mod stocktake;
#[expect(dead_code, reason = "the office has more to offer than its pages need")]
mod support;
#[expect(dead_code, reason = "the visitors have more to offer than these pages need")]
#[path = "support/visitor.rs"]
mod visitor;
#[expect(dead_code, reason = "the server has more to offer than these pages need")]
#[path = "support/web.rs"]
mod web;

use support::Office;
