//! Fuel cards (加油卡): a master card and its sub-cards, and which car held which on any day (一车一卡).
//!
//! ```text
//! in use ⇄ stopped        lost: reported at once, its holding ends the day before
//!   └────→ lost ──→ replaced (by another card, which the car holds from that day) · in use (found again)
//! ```
//!
//! - One card a car and one car a card on any day: intervals of days that never overlap, kept so by the schema.
//! - A card that is lost, stopped or replaced is held by nobody from that day on; a fill by it is an anomaly (REPORT 50;
//!   rule 11 of DOMAIN 6).
//! - Only sub-cards fuel cars; a master card manages and loads.
//!
//! [`model`] states · [`service`] enter, give, take back, lose · [`store`] lists, and who held what on a day

pub mod entity;
pub mod model;
pub mod service;
pub mod store;
