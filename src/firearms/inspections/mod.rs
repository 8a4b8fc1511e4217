//! Inspections of armouries (每日网上检查、实地检查、专项检查) by the public-order brigade, on 安全检查对照检查表.
//!
//! ```text
//! open ─(every check answered) sign→ signed, every failed check a finding        open ─ cancel → cancelled
//! ```
//!
//! - Each armoury each day one remote inspection (cadence 3 of DOMAIN 7; the brigade inspects daily over the network); what
//!   is missing by the hour of the rule `firearms.inspection_hour` is a finding of its own.
//! - Whoever keeps an armoury does not inspect it: not who is in charge of it, not an armourer of its unit.
//! - The checks are a dated list; a paper keeps the number of the list it was filled in by. A check that fails says why, and
//!   its finding goes to the head of the armoury's unit.
//! - A remote inspection is signed on its own day, by the inspector's own password and code. Photos lie on the shelf under
//!   their hash and are never taken back.
//!
//! [`checklist`] the checks · [`model`] states · [`service`] open, answer, sign · [`photos`] · [`paper`] the printed form ·
//! [`store`] lists

pub mod checklist;
pub mod entity;
pub mod model;
pub mod paper;
pub mod photos;
pub mod service;
pub mod store;
