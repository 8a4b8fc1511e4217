//! Digital certificates (数字证书): kept centrally, taken out when needed, used, brought back; checked each day, told each
//! morning, their holders asked now and then (集中管理、随用随取随还、领取提醒、每日巡查、每天早报、抽考).
//!
//! ```text
//! kept ⇄ out        kept, out → lost → kept (found again)        kept, lost → closed
//! ```
//!
//! - A certificate is its holder's own: nobody else is given it (人证一致). Who takes it proves to be there; who hands it out is
//!   another person.
//! - It goes out for a task and for a day at most, and comes back the same day; what does not is told (领取提醒).
//! - The leader of the day looks into the cabinet one to three times a day, without being shown what should be there; what is
//!   neither there nor out is a finding, and so is a day without a check.
//! - Each morning it is told who had what over night, and which units did not check (早报).
//! - Whoever leaves has none: a holder's certificates are closed before their account is.
//! - What of it is the same for guns — presence, proof, the clock, what is told and settled — stands in `ledger::custody`.
//!
//! - [`model`] words and rules · [`keeping`] entered, lost, found, closed · [`lending`] out and back · [`checks`] the daily
//!   check · [`morning`] the morning report · [`quizzes`] 抽考 · [`reminders`] the job · [`store`] what is within reach

pub mod checks;
pub mod entity;
pub mod keeping;
pub mod lending;
pub mod model;
pub mod morning;
pub mod quizzes;
pub mod reminders;
pub mod store;

use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::fault;
pub use crate::ledger::LedgerError as CertificateError;
use crate::ledger::numbers::Counters;

/// The room that its findings come from.
pub const ROOM: &str = "certificates";

/// The table in which this ledger counts its documents.
const NUMBERS: Counters = Counters("certificate_counters");

/// A text that must be there.
fn words(field: &'static str, text: &str, what: &str, most: usize) -> Result<String, CertificateError> {
    let text = text.trim();
    if text.is_empty() {
        return Err(CertificateError::field(field, format!("请写明{what}")));
    }
    match fault(text, most) {
        Some(reason) => Err(CertificateError::field(field, reason)),
        None => Ok(text.to_owned()),
    }
}

async fn record(
    tx: &crate::db::Tx,
    ctx: &Ctx,
    action: &'static str,
    (subject, unit): (&str, UnitId),
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), CertificateError> {
    let entry = Entry { action, subject: subject.to_owned(), unit: Some(unit), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
