//! The paper system of the province, 四本、两账, as registers of a store and a time: on the screen, as a printed book, as rows.
//!
//! - 四本: ① 公务用枪（弹）领用审批登记本 ② 值班交接登记本 ③ 枪支擦拭保养登记本 ④ 人员进出库／检查登记本 ([`books`])
//! - 两账: ① 配备枪支弹药台账 (枪支变更情况, 弹药变更情况, 配备明细) ② 配枪人员台账 (配枪人员 with 不良记录, 禁枪人员) ([`accounts`])
//!
//! The columns are those of the province's forms. Serial numbers, licences and names stand in full for whoever keeps, leads or
//! confirms; others who may read (inspectors, the leaders of the sub-bureau) see the last four and the first character. Every
//! look is written in the journal, with whether it was in full.
//!
//! [`paper`] the printed book · [`books`] · [`accounts`]

pub mod accounts;
pub mod books;
pub mod paper;

use chrono::NaiveDate;
use sea_orm::DatabaseConnection;
use serde_json::json;

use super::entity::armoury;
use super::model::{masked, masked_name};
use super::{ArmsError, store};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::Db;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::naming::named;
use crate::kernel::{Ctx, Timestamp};
use crate::org::{Directory, service};

named! {
    /// Which of the six.
    Book {
        Draws "draws" "公务用枪（弹）领用审批登记本"
        Shifts "shifts" "值班交接登记本"
        Upkeep "upkeep" "枪支擦拭保养登记本"
        Visits "visits" "人员进出库／检查登记本"
        Equipment "equipment" "配备枪支弹药台账"
        Officers "officers" "配枪人员台账"
    }
}

/// Days that one register has at most: a leap year.
pub const MOST_DAYS: i64 = 366;
/// Rows that a part has at most.
pub(crate) const MOST_ROWS: u64 = 10_000;

/// A column: its name, and its part of the width on paper.
pub type Column = (&'static str, f32);

/// A table of a register.
#[derive(Debug, Clone, PartialEq)]
pub struct Part {
    /// 枪支变更情况; blank where the register has one part.
    pub title: &'static str,
    /// Its columns.
    pub columns: &'static [Column],
    /// Its rows.
    pub rows: Vec<Vec<String>>,
    /// Whether the last row adds up the others.
    pub has_total: bool,
}

/// A register of a store and a time.
#[derive(Debug, Clone, PartialEq)]
pub struct Register {
    /// Which.
    pub book: Book,
    /// The sub-bureau.
    pub organisation: String,
    /// The unit whose it is.
    pub unit: String,
    /// The store's number and name.
    pub store: String,
    /// The first day.
    pub from: NaiveDate,
    /// The last day.
    pub until: NaiveDate,
    /// Whether numbers and names stand in full.
    pub in_full: bool,
    /// Its tables.
    pub parts: Vec<Part>,
    /// When it was read.
    pub made_at: Timestamp,
}

/// What a register is read with.
pub(super) struct Reading<'a> {
    db: &'a DatabaseConnection,
    of: &'a armoury::Model,
    time: (Timestamp, Timestamp),
    names: Directory,
    in_full: bool,
    now: Timestamp,
}

impl Reading<'_> {
    /// Somebody's name, as whoever reads may see it.
    fn person(&self, id: Option<PersonId>) -> String {
        let name = self.names.person_name(id);
        if self.in_full || name.is_empty() { name.to_owned() } else { masked_name(name) }
    }

    /// Whoever wrote something, as the journal names them.
    fn actor(&self, actor: &str) -> String {
        let person = actor.strip_prefix("person:").and_then(|id| id.parse::<uuid::Uuid>().ok());
        person.map(|id| self.person(Some(PersonId(id)))).unwrap_or_default()
    }

    /// A serial number, certificate or licence, as whoever reads may see it.
    fn serial(&self, serial: &str) -> String {
        if self.in_full || serial.is_empty() { serial.to_owned() } else { masked(serial) }
    }
}

/// A time as a register has it: to the minute.
fn minute(at: Option<Timestamp>) -> String {
    at.map(|at| at.shanghai().format("%Y-%m-%d %H:%M").to_string()).unwrap_or_default()
}

/// Reads a register; whoever looks is written down.
///
/// # Errors
/// When it is not theirs, there is no such store, or the days are the wrong way round or too many.
pub async fn read(
    db: &Db,
    ctx: &Ctx,
    book: Book,
    armoury: &str,
    (from, until): (NaiveDate, NaiveDate),
) -> Result<Register, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsRead)?;
    if until < from || (until - from).num_days() >= MOST_DAYS {
        return Err(ArmsError::field("until", format!("截止日期不能早于开始日期，最多 {MOST_DAYS} 天")));
    }
    let read = db.read();
    let of = store::armoury(read, ctx, armoury).await?;
    let keeps = [Action::FirearmsWrite, Action::DrawsKeep, Action::DrawsConfirm];
    let in_full = keeps.into_iter().any(|action| permit(ctx, action, Some(of.unit_id)).is_ok());
    written_down(db, ctx, book, &of, (from, until), in_full).await?;
    let reading = Reading {
        db: read,
        of: &of,
        time: (Timestamp::start_of_day(from), Timestamp::end_of_day(until)),
        names: Directory::load(read).await?,
        in_full,
        now: ctx.now(),
    };
    let parts = match book {
        Book::Draws => vec![books::draws(&reading).await?],
        Book::Shifts => vec![books::shifts(&reading).await?],
        Book::Upkeep => vec![books::upkeep(&reading).await?],
        Book::Visits => vec![books::visits(&reading).await?],
        Book::Equipment => accounts::equipment(&reading).await?,
        Book::Officers => accounts::officers(&reading).await?,
    };
    Ok(Register {
        book,
        organisation: service::organisation(read).await?,
        unit: reading.names.unit_name(of.unit_id).to_owned(),
        store: format!("{} {}", of.number, of.name),
        from,
        until,
        in_full,
        parts,
        made_at: ctx.now(),
    })
}

/// Nothing is shown before it is written down who looks.
async fn written_down(
    db: &Db,
    ctx: &Ctx,
    book: Book,
    of: &armoury::Model,
    (from, until): (NaiveDate, NaiveDate),
    in_full: bool,
) -> Result<(), ArmsError> {
    let payload = json!({ "register": book, "from": from, "until": until, "in_full": in_full });
    db.write(async |tx| {
        let (subject, unit, payload) = (of.number.clone(), Some(of.unit_id), payload.clone());
        let entry = Entry { action: "firearms.read_register", subject, unit, payload, rows: RowsDigest::new(ctx) };
        Ok::<_, ArmsError>(journal::record(tx, ctx, entry).await?)
    })
    .await
}
