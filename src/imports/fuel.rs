//! A statement of an oil company, read into records; what it is in the book is decided by the ledger.

use std::path::Path;

use super::ImportError;
use crate::documents::tables::Fills;
use crate::documents::{ColumnMap, Limits, Notes, Reject, RejectSink as _, Row, Table};
use crate::kernel::Timestamp;
use crate::vehicles::fuel::ledger::model::NewRecord;

/// A statement read.
#[derive(Debug, Default)]
pub struct Statement {
    /// Its name.
    pub name: String,
    /// Its digest.
    pub sha256: String,
    /// Its records.
    pub records: Vec<NewRecord>,
    /// Rows that could not be read.
    pub rejects: Vec<Reject>,
    /// What was skipped or decided while reading.
    pub notes: Notes,
}

/// Reads a statement: CSV, XLSX, XLS, ODS, or a web page saved under the name of one.
///
/// # Errors
/// When the file cannot be read, or is no statement.
pub fn read_statement(path: &Path, name: &str, map: &ColumnMap) -> Result<Statement, ImportError> {
    let mut found = Statement { name: name.to_owned(), sha256: super::sha256_of(path, name)?, ..Statement::default() };
    let mut records = Table::open(path, &Limits::default())?.records::<Fills>(map)?;
    while let Some(row) = records.next_row(&mut found.rejects)? {
        match record(&row) {
            Ok(record) => found.records.push(record),
            Err(reject) => found.rejects.reject(reject),
        }
    }
    found.notes = records.notes().clone();
    Ok(found)
}

fn record(row: &Row<'_, Fills>) -> Result<NewRecord, Reject> {
    let card_number = row.identifier(Fills::CardNumber)?.to_owned();
    let plate = plate(row.identifier(Fills::Plate)?);
    if card_number.is_empty() && plate.is_empty() {
        return Err(row.reject(Fills::Plate, "没有卡号也没有车牌，不知道是哪辆车"));
    }
    let at = row.datetime(Fills::FilledAt)?.ok_or_else(|| row.reject(Fills::FilledAt, "缺少交易时间"))?;
    let whole = |field, places, most: i64| match row.decimal(field, places)? {
        Some(n) if n.abs() > most => Err(row.reject(field, "数值过大，不可信")),
        n => Ok(n),
    };
    Ok(NewRecord {
        line: i64::try_from(row.number()).unwrap_or(i64::MAX),
        serial: row.identifier(Fills::FillId)?.to_owned(),
        card_number,
        plate,
        at,
        timed: at != Timestamp::start_of_day(at.day()),
        kind_text: row.text(Fills::Kind).to_owned(),
        grade: row.text(Fills::Grade).to_owned(),
        quantity_ml: whole(Fills::Litres, 3, 1_000_000_000)?,
        price_e4: whole(Fills::UnitPrice, 4, 10_000_000_000)?,
        amount_fen: row.money(Fills::Amount)?,
        balance_fen: row.money(Fills::Balance)?,
        station: row.text(Fills::Station).to_owned(),
        odometer_km: whole(Fills::OdometerKm, 1, 99_999_999)?.map(|tenths| tenths.div_euclid(10)),
        full_tank: row.yes_no(Fills::FullTank)?,
        note: row.text(Fills::Note).to_owned(),
    })
}

/// The plate in a cell that may hold the card holder's name as well; a name alone is no plate.
fn plate(cell: &str) -> String {
    let is_plate = |part: &&str| part.bytes().any(|byte| byte.is_ascii_digit()) || part.contains('警');
    cell.split(['/', ' ', '、']).map(str::trim).find(is_plate).unwrap_or("").to_owned()
}
