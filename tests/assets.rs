//! The ledger of fixed assets: what moves and by whom, and that the book follows from it.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "assets/cards.rs"]
mod cards;
#[path = "assets/desk.rs"]
mod desk;
#[path = "assets/movements.rs"]
mod movements;
#[path = "assets/net_values.rs"]
mod net_values;
#[path = "assets/sequences.rs"]
mod sequences;
mod support;
#[path = "support/web.rs"]
mod web;
#[path = "assets/yard.rs"]
mod yard;

use support::Office;
