//! `hufu demo`: a made-up sub-bureau, counted.
//!
//! - [`dice`] — the same choices for the same seed
//! - [`sample`] — the sub-bureau: units, people, places, things
//! - [`count_plan`] — a simulated count of it, and the truth it must lead to

pub mod count_plan;
pub mod dice;
pub mod sample;
