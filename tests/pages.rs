//! The pages as people use them: who sees what, what a form keeps that was refused, lists that go on, files to take
//! away.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "pages/browser.rs"]
mod browser;
#[path = "pages/duties.rs"]
mod duties;
#[path = "pages/imports.rs"]
mod imports;
#[expect(dead_code, reason = "the office has more to offer than its pages need")]
mod support;
#[path = "support/visitor.rs"]
#[expect(dead_code, reason = "pages are asked by a browser")]
mod visitor;
#[path = "support/web.rs"]
#[expect(dead_code, reason = "pages are asked by a browser")]
mod web;

use support::Office;
