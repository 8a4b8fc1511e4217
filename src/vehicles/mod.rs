//! The ledger of official vehicles (公务用车): the car, who drives it, what it burns, what it costs.
//!
//! A car is an item of the book; what the ledger alone knows stands in `vehicles`, with the item's id. Its state is the
//! item's: in use may depart; idle is stopped (停用), in repair, pending disposal and gone may not.
//!
//! ```text
//! trip    asked ─yes→ approved ─→ out ─→ returned ─→ checked ─→ submitted ─→ accepted
//!           └ urgent: out at once, ratified after                └→ questioned ⇄ explained ┘
//! repair  asked ─yes→ approved ─→ entered in the trip book ─→ sent ─→ returned with its costs
//! ```
//!
//! - No departure before the unit head's yes; urgent use is flagged and ratified (REPORT 50; rule 9 of DOMAIN 6).
//! - One open trip a car and one a driver, by constraints; the odometer never falls within a trip (rule 10).
//! - A car has one fuel card and a card one car on any day, by a trigger of the schema (一车一卡, REPORT 50; rule 11).
//! - No repair before approval and its entry in the trip book; its cost is posted to the car (rule 14; 机关事务管理条例
//!   第26条: 单车核算).
//! - Who drives has a licence that is valid on the day and for the car (道路交通安全法 第19条); a car whose inspection or
//!   compulsory insurance lapsed stays (同法 第13、98条).
//!
//! - [`model`] words and rules of a car · [`service`] enter and change · [`drivers`] licences · [`readings`] odometers
//! - [`cards`] fuel cards and which car held which · [`shops`] workshops · [`trips`] the book of each car, its months
//! - [`repairs`] from fault to invoice · [`reminders`] dates that lapse, books that are due
//! - [`fuel`] the fuel check: fills held against tanks, odometers, trips, prices and each car's own habit

pub mod drivers;
pub mod entity;
pub mod model;
pub mod readings;
pub mod reminders;
pub mod service;
pub mod store;

pub mod cards;
pub mod fuel;
pub mod repairs;
pub mod shops;
pub mod trips;

pub use crate::ledger::LedgerError as VehicleError;

/// The table in which this ledger counts its documents.
const NUMBERS: crate::ledger::numbers::Counters = crate::ledger::numbers::Counters("vehicle_counters");
