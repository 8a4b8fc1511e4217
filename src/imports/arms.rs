//! Guns, rounds and carry licences: a row is a gun, a receipt of rounds, or an officer. They go in by the rules of their
//! ledger, each with its own entry in the journal, all of a file together. There is no batch and no undo: what the ledger of
//! firearms has is put right by another entry. A row that is there already is a reject, so that a file may come again.

use chrono::NaiveDate;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::{Drafts, ImportError, Progress, Report, Request, Source, file_name, read_drafts};
use crate::access::{Action, permit_somewhere};
use crate::db::{Db, DbError, FromDb, Tx};
use crate::documents::tables::{Carriers, Guns, Lots};
use crate::documents::{ColumnMap, Fields, Limits, Location, Reject, Row};
use crate::firearms::ArmsError;
use crate::firearms::ammunition::{Receipt, receive_in};
use crate::firearms::arms::{NewArm, enter_in};
use crate::firearms::entity::{entry, officer};
use crate::firearms::model::{Category, EntryKind, MOST_ROUNDS};
use crate::firearms::officers::{Licence, set_in};
use crate::firearms::store;
use crate::items::ItemError;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;

/// What a file of the ledger of firearms holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Arms {
    /// Guns.
    Guns,
    /// Rounds by lot.
    Lots,
    /// Armed officers.
    Officers,
}

/// A file as it is brought in.
#[derive(Debug, Clone)]
pub struct ArmsFile<'a> {
    /// The file.
    pub path: &'a std::path::Path,
    /// Which of its columns are which fields.
    pub map: ColumnMap,
    /// Only say what would happen.
    pub dry_run: bool,
    /// What it holds.
    pub what: Arms,
}

enum Rows {
    Guns(Drafts<Gun>),
    Lots(Drafts<Receipt>),
    Officers(Drafts<Carrier>),
}

struct Gun {
    new: NewArm,
    dedicated_to: String,
}

struct Carrier {
    badge: String,
    name: String,
    licence: String,
    issuer: String,
    issued_on: NaiveDate,
    valid_until: NaiveDate,
    note: String,
}

/// The file was read and written to see what would come of it, and is taken back; or the ledger refused.
#[derive(Debug, thiserror::Error)]
enum Outcome {
    #[error("未写入任何内容")]
    TakenBack(Box<Report>),
    #[error(transparent)]
    Arms(#[from] ArmsError),
}

impl FromDb for Outcome {
    fn db(&self) -> Option<&DbError> {
        match self {
            Self::Arms(error) => error.db(),
            Self::TakenBack(_) => None,
        }
    }
}

impl From<DbError> for Outcome {
    fn from(error: DbError) -> Self {
        Self::Arms(error.into())
    }
}

/// Brings a file in: its good rows together, its bad ones told.
///
/// # Errors
/// When it is not theirs to do, the file cannot be read, or the database refuses: then nothing was taken.
pub async fn run(db: &Db, ctx: &Ctx, file: &ArmsFile<'_>) -> Result<Report, ImportError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let (rows, report) = read(file)?;
    let written = db
        .write(async |tx| {
            let mut report = report.clone();
            match &rows {
                Rows::Guns(drafts) => guns(tx, ctx, drafts, &mut report).await?,
                Rows::Lots(drafts) => lots(tx, ctx, drafts, &mut report).await?,
                Rows::Officers(drafts) => officers(tx, ctx, drafts, &mut report).await?,
            }
            report.rejects.sort();
            if file.dry_run { Err(Outcome::TakenBack(Box::new(report))) } else { Ok(report) }
        })
        .await;
    match written {
        Ok(report) => Ok(report),
        Err(Outcome::TakenBack(report)) => Ok(*report),
        Err(Outcome::Arms(error)) => Err(error.into()),
    }
}

fn read(file: &ArmsFile<'_>) -> Result<(Rows, Report), ImportError> {
    let name = file_name(file.path);
    // How a file is read does not ask what becomes of it.
    let request =
        Request { path: file.path, map: file.map.clone(), dry_run: file.dry_run, what: super::What::Vehicles };
    let progress = Progress::default();
    let source = Source { request: &request, name: &name, limits: Limits::default(), progress: &progress };
    Ok(match file.what {
        Arms::Guns => {
            let (drafts, report) = read_drafts::<Guns, _>(&source, gun)?;
            (Rows::Guns(drafts), report)
        }
        Arms::Lots => {
            let (drafts, report) = read_drafts::<Lots, _>(&source, receipt)?;
            (Rows::Lots(drafts), report)
        }
        Arms::Officers => {
            let (drafts, report) = read_drafts::<Carriers, _>(&source, carrier)?;
            (Rows::Officers(drafts), report)
        }
    })
}

/// What sort of gun, by its own column or by its model.
fn category(row: &Row<'_, Guns>, model: &str) -> Result<Category, Reject> {
    let text = row.text(Guns::Category);
    if !text.is_empty() {
        return Category::by_name(text).ok_or_else(|| {
            let all: Vec<&str> = Category::ALL.iter().map(|one| one.zh()).collect();
            row.reject(Guns::Category, format!("枪种应为 {}", all.join("、")))
        });
    }
    // 转轮手枪 is looked for before 手枪.
    let order = [Category::Revolver, Category::Pistol, Category::SubmachineGun, Category::Shotgun, Category::Rifle];
    Ok(order.into_iter().find(|one| model.contains(one.zh())).unwrap_or(Category::Other))
}

fn gun(row: &Row<'_, Guns>) -> Result<Gun, Reject> {
    let model = row.required(Guns::Model)?.to_owned();
    let (cabinet, slot) = (row.identifier(Guns::Cabinet)?, whole(row, Guns::Slot)?);
    let slot = match (cabinet, slot) {
        ("", None) => None,
        (cabinet, Some(slot)) if !cabinet.is_empty() => Some((cabinet.to_owned(), slot)),
        _ => return Err(row.reject(Guns::Slot, "枪柜与枪位须同时填写")),
    };
    Ok(Gun {
        dedicated_to: row.text(Guns::DedicatedTo).to_owned(),
        new: NewArm {
            number: String::new(),
            category: category(row, &model)?,
            model,
            serial: row.required_identifier(Guns::Serial)?.to_owned(),
            certificate: row.identifier(Guns::Certificate)?.to_owned(),
            ballistic_record: row.identifier(Guns::BallisticRecord)?.to_owned(),
            dedicated_to: None,
            armoury: row.required_identifier(Guns::Store)?.to_owned(),
            slot,
            issued_on: row.date(Guns::IssuedOn)?,
            value: row.money(Guns::Value)?.unwrap_or(Fen::ZERO),
            document: row.text(Guns::Document).to_owned(),
        },
    })
}

/// A whole number; a blank cell is none.
fn whole<F: Fields>(row: &Row<'_, F>, field: F) -> Result<Option<i64>, Reject> {
    if row.text(field).is_empty() { Ok(None) } else { Ok(Some(row.quantity(field)?.0)) }
}

fn receipt(row: &Row<'_, Lots>) -> Result<Receipt, Reject> {
    Ok(Receipt {
        armoury: row.required_identifier(Lots::Store)?.to_owned(),
        type_name: row.required(Lots::TypeName)?.to_owned(),
        lot: row.required_identifier(Lots::Lot)?.to_owned(),
        made_on: row.date(Lots::MadeOn)?,
        rounds: whole(row, Lots::Rounds)?.unwrap_or_default(),
        document: row.required(Lots::Document)?.to_owned(),
        note: row.text(Lots::Note).to_owned(),
    })
}

fn carrier(row: &Row<'_, Carriers>) -> Result<Carrier, Reject> {
    let (badge, name) = (row.identifier(Carriers::BadgeNumber)?, row.text(Carriers::Name));
    if badge.is_empty() && name.is_empty() {
        return Err(row.reject(Carriers::BadgeNumber, "警号、姓名至少填一项"));
    }
    let day = |field| row.date(field)?.ok_or_else(|| row.reject(field, "缺少日期"));
    Ok(Carrier {
        badge: badge.to_owned(),
        name: name.to_owned(),
        licence: row.required_identifier(Carriers::Licence)?.to_owned(),
        issuer: row.text(Carriers::Issuer).to_owned(),
        issued_on: day(Carriers::IssuedOn)?,
        valid_until: day(Carriers::ValidUntil)?,
        note: row.text(Carriers::Note).to_owned(),
    })
}

impl Report {
    fn refuse(&mut self, at: &Location, column: &str, value: &str, reason: impl Into<String>) {
        self.rejects.push(Reject {
            at: at.clone(),
            column: self.headers.get(column).map_or(column, String::as_str).to_owned(),
            value: value.to_owned(),
            reason: reason.into(),
        });
    }
}

/// What a row was refused for, at its column; what is no fault of the row stops the file. A row is refused before anything of
/// it is written.
fn fault(error: ArmsError) -> Result<(&'static str, String), ArmsError> {
    match error {
        ArmsError::Field { field, reason } | ArmsError::Item(ItemError::Field { field, reason }) => {
            Ok((if field == "armoury" { "store" } else { field }, reason))
        }
        ArmsError::NotFound(_) | ArmsError::Forbidden(_) => Ok(("store", error.to_string())),
        other => Err(other),
    }
}

async fn guns(tx: &Tx, ctx: &Ctx, drafts: &Drafts<Gun>, report: &mut Report) -> Result<(), ArmsError> {
    let directory = Directory::load(tx).await?;
    for (at, draft) in drafts {
        let mut new = draft.new.clone();
        if !draft.dedicated_to.is_empty() {
            match directory.find_person(&draft.dedicated_to, None) {
                Ok(person) => new.dedicated_to = Some(person),
                Err(error) => {
                    report.refuse(at, "dedicated_to", &draft.dedicated_to, error.to_string());
                    continue;
                }
            }
        }
        match enter_in(tx, ctx, &new).await {
            Ok(_) => report.taken += 1,
            Err(error) => {
                let (column, reason) = fault(error)?;
                // A serial number is not told again in a file of rejects that lies beside its source anyhow: the row is.
                let value = if column == "store" { new.armoury.as_str() } else { "" };
                report.refuse(at, column, value, reason);
            }
        }
    }
    Ok(())
}

async fn lots(tx: &Tx, ctx: &Ctx, drafts: &Drafts<Receipt>, report: &mut Report) -> Result<(), ArmsError> {
    for (at, new) in drafts {
        match known(tx, ctx, new).await {
            Ok(None) => {}
            Ok(Some((column, reason))) => {
                report.refuse(at, column, &new.lot, reason);
                continue;
            }
            Err(error) => {
                let (column, reason) = fault(error)?;
                report.refuse(at, column, &new.armoury, reason);
                continue;
            }
        }
        match receive_in(tx, ctx, new).await {
            Ok(_) => report.taken += 1,
            Err(error) => {
                let (column, reason) = fault(error)?;
                report.refuse(at, column, &new.rounds.to_string(), reason);
            }
        }
    }
    Ok(())
}

/// The rounds of a paper come into a store once; and a lot has no more than the ledger counts.
async fn known(tx: &Tx, ctx: &Ctx, new: &Receipt) -> Result<Option<(&'static str, String)>, ArmsError> {
    let of = store::armoury(tx, ctx, &new.armoury).await?;
    let (type_key, lot_key) = (key(&new.type_name).into_owned(), key(&new.lot).into_owned());
    let there = store::stock(tx, of.id).await?;
    let there = there.into_iter().find(|(_, lot)| lot.type_key == type_key && lot.lot_key == lot_key);
    let Some((stock, _)) = there else { return Ok(None) };
    let twice = entry::Entity::find()
        .filter(entry::Column::StockId.eq(stock.id))
        .filter(entry::Column::Kind.eq(EntryKind::Received))
        .filter(entry::Column::Document.eq(new.document.trim()));
    if twice.one(tx).await?.is_some() {
        return Ok(Some(("document", format!("凭证“{}”的这批弹药已入库", new.document.trim()))));
    }
    let most = MOST_ROUNDS - stock.rounds;
    Ok((new.rounds > most).then(|| ("rounds", format!("库存 {} 发，最多再入 {most} 发", stock.rounds))))
}

async fn officers(tx: &Tx, ctx: &Ctx, drafts: &Drafts<Carrier>, report: &mut Report) -> Result<(), ArmsError> {
    let directory = Directory::load(tx).await?;
    for (at, draft) in drafts {
        let (column, written) =
            if draft.badge.is_empty() { ("name", &draft.name) } else { ("badge_number", &draft.badge) };
        let person = match directory.find_person(written, None) {
            Ok(person) => person,
            Err(error) => {
                report.refuse(at, column, written, error.to_string());
                continue;
            }
        };
        let named = directory.person_name(Some(person));
        if !draft.name.is_empty() && named != draft.name {
            report.refuse(at, "name", &draft.name, format!("警号 {written} 是另一人"));
            continue;
        }
        let theirs = officer::Entity::find().filter(officer::Column::LicenceKey.eq(key(&draft.licence).as_ref()));
        if theirs.one(tx).await?.is_some_and(|row| row.person_id != person) {
            report.refuse(at, "licence", &draft.licence, "此持枪证号已登记在他人名下");
            continue;
        }
        let new = Licence {
            person,
            number: draft.licence.clone(),
            issuer: draft.issuer.clone(),
            issued_on: draft.issued_on,
            valid_until: draft.valid_until,
            active: true,
            note: draft.note.clone(),
        };
        match set_in(tx, ctx, &new, None).await {
            Ok(_) => report.taken += 1,
            Err(error) => {
                let (at_field, reason) = fault(error)?;
                let at_field = if at_field == "store" || at_field == "person_id" { column } else { at_field };
                report.refuse(at, at_field, written, reason);
            }
        }
    }
    Ok(())
}
