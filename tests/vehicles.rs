//! The ledger of vehicles: who may take a car, what its book says, what it costs, and what is refused.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "vehicles/cards.rs"]
mod cards;
#[path = "vehicles/cars.rs"]
mod cars;
#[path = "vehicles/park.rs"]
mod park;
#[path = "vehicles/repairs.rs"]
mod repairs;
#[path = "vehicles/sequences.rs"]
mod sequences;
mod support;
#[path = "vehicles/trips.rs"]
mod trips;
#[path = "support/web.rs"]
#[expect(dead_code, reason = "these tests ask the services alone")]
mod web;

use support::Office;
