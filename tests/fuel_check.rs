//! The fuel check: the engine on small worlds, the file tool, hostile files, and how well it does on simulated fleets.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a simulated year is small")]

#[path = "fuel_check/desk.rs"]
mod desk;
#[path = "fuel_check/files.rs"]
mod files;
#[path = "fuel_simulator/mod.rs"]
#[expect(dead_code, reason = "the bench uses its part of the simulator, these tests theirs")]
mod fuel_simulator;
#[path = "fuel_check/hostile.rs"]
mod hostile;
#[path = "fuel_check/quality.rs"]
mod quality;
#[path = "fuel_check/rules.rs"]
mod rules;
