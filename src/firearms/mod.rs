//! The ledger of firearms and ammunition (公务用枪、弹药): every gun is in its store or with exactly one officer who may
//! carry it; every round is in store, drawn, spent with a report, or lost with an alarm.
//!
//! ```text
//! gun    in_store ⇄ out        in_store → cleaning_due → cleaning → in_store        lost → faulty (found again)
//!        in_store, cleaning … → faulty → in_store | scrapped        any but scrapped → lost
//! ```
//!
//! - Guns and ammunition are kept apart (枪支管理法 第23条): a store is of one kind, and the key by which a gun or a lot
//!   points at its store carries the kind.
//! - Whoever carries has a licence that holds, no ban, and training that counts (枪支管理法 第24—26条; rule 15 of DOMAIN 6).
//! - Rounds are whole numbers by lot and store; every change is an entry that is never changed (公通字〔1999〕74号 第24条).
//! - A gun is an item of the book; its serial number, store and holder stand in this ledger alone, and every look at a
//!   gun's page is journalled. Others see the last four of a serial number.
//!
//! - [`model`] words and rules · [`armouries`] stores and cabinets · [`arms`] guns and magazines · [`ammunition`] lots
//! - [`officers`] licences, results, bans · [`store`] what is within reach
//! - [`draws`] draw and return: the request, the act at the counter, who holds what, losses, more time
//! - [`shifts`] the handover of a shift with its blind count, who went into a store
//! - [`cabinets`] what gun cabinets report, held against the book
//! - [`upkeep`] cleaning (擦拭保养) as a paper · [`transfers`] between stores, up to the province, for training; every change
//! - [`registers`] 四本、两账 as the province has them
//! - [`inspections`] the brigade's daily, on-site and special inspections by checklist · `keepers` who may make none
//! - [`audits`] samples both ways, by a seed committed to beforehand · [`bulletins`] the week in figures
//! - [`alarms`] guns that should be back, licences that lapse

pub mod alarms;
pub mod ammunition;
pub mod armouries;
pub mod arms;
pub mod audits;
pub mod bulletins;
pub mod cabinets;
pub mod draws;
pub mod entity;
pub mod inspections;
mod keepers;
pub mod model;
pub mod officers;
pub mod registers;
pub mod shifts;
pub mod store;
pub mod transfers;
pub mod upkeep;

pub use crate::ledger::LedgerError as ArmsError;

/// The table in which this ledger counts its documents.
const NUMBERS: crate::ledger::numbers::Counters = crate::ledger::numbers::Counters("firearm_counters");

use crate::kernel::text::fault;

/// A text that must be there.
pub(crate) fn words(field: &'static str, text: &str, what: &str) -> Result<String, ArmsError> {
    if text.trim().is_empty() {
        return Err(ArmsError::field(field, format!("请写明{what}")));
    }
    line(field, text, 500)
}

/// A text that may be blank.
pub(crate) fn line(field: &'static str, text: &str, most: usize) -> Result<String, ArmsError> {
    match fault(text.trim(), most) {
        Some(reason) => Err(ArmsError::field(field, reason)),
        None => Ok(text.trim().to_owned()),
    }
}

/// A number as it is compared.
pub(crate) fn number(field: &'static str, text: &str, least: usize, most: usize) -> Result<String, ArmsError> {
    model::number(text, least, most).map_err(|reason| ArmsError::field(field, reason))
}
