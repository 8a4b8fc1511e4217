//! Items, labels, imports, units, people and places over HTTP: who may, what is refused and with which field, versions,
//! pages, and keys that make a request safe to send twice.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "book_api/desk.rs"]
mod desk;
#[path = "book_api/idempotency.rs"]
mod idempotency;
#[path = "book_api/imports.rs"]
mod imports;
#[path = "book_api/items.rs"]
mod items;
#[path = "book_api/labels.rs"]
mod labels;
#[path = "book_api/org.rs"]
mod org;
#[path = "book_api/rights.rs"]
mod rights;
#[path = "book_api/search.rs"]
mod search;
mod support;
#[path = "support/web.rs"]
mod web;

use support::Office;
