//! The ledger of fixed assets: what moves and by whom, and that the book follows from it.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "assets/cards.rs"]
mod cards;
#[path = "assets/desk.rs"]
mod desk;
#[path = "assets/hunts.rs"]
mod hunts;
#[path = "assets/losses.rs"]
mod losses;
#[path = "assets/movements.rs"]
mod movements;
#[path = "assets/net_values.rs"]
mod net_values;
#[path = "assets/sequences.rs"]
mod sequences;
#[path = "assets/submissions.rs"]
mod submissions;
mod support;
#[path = "assets/surpluses.rs"]
mod surpluses;
#[path = "assets/table.rs"]
mod table;
#[path = "assets/three_way.rs"]
mod three_way;
#[path = "support/web.rs"]
mod web;
#[path = "assets/yard.rs"]
mod yard;

use support::Office;
