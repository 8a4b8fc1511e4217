//! Statements, records, slips and anomalies as the API shows them.

use serde::Serialize;
use utoipa::ToSchema;
use uuid::Uuid;

use crate::vehicles::cards::model::Supplier;
use crate::vehicles::fuel::ledger::entity::{anomaly, slip, statement, transaction};
use crate::vehicles::fuel::ledger::model::{LimitScope, RecordKind, StatementState, Verdict};
use crate::web::api::jobs::names;

names! {
    /// Whose statement.
    FuelSupplierName of Supplier { Sinopec, Petrochina, Other, }
    /// Where a statement stands.
    FuelStatementStateName of StatementState { Open, Closed, }
    /// What a record is.
    FuelRecordKindName of RecordKind { Fill, Load, Other, }
    /// How a record stands to the slips.
    FuelVerdictName of Verdict { NoFuel, NotOnOurs, Matched, AmountDiffers, QuantityDiffers, Twice, }
    /// For which cars a number is.
    FuelLimitScopeName of LimitScope { All, Use, Model, }
}

/// A statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct StatementView {
    /// Its id.
    pub id: Uuid,
    /// Whose.
    pub supplier: FuelSupplierName,
    /// `2026-11`.
    pub month: String,
    /// The file's name.
    pub file_name: String,
    /// Where it stands.
    pub state: FuelStatementStateName,
    /// Its records.
    pub records: i64,
    /// Fills among them.
    pub fills: i64,
    /// Of its fills.
    pub quantity_ml: i64,
    /// Of its fills, in fen.
    pub amount_fen: i64,
    /// Put on cards, in fen.
    pub loads_fen: i64,
    /// Rows that could not be read.
    pub rejected: i64,
    /// Why it was closed with differences.
    pub close_note: String,
    /// Its version.
    pub version: i64,
}

impl From<statement::Model> for StatementView {
    fn from(row: statement::Model) -> Self {
        Self {
            id: row.id,
            supplier: row.supplier.into(),
            month: row.month,
            file_name: row.file_name,
            state: row.state.into(),
            records: row.records,
            fills: row.fills,
            quantity_ml: row.quantity_ml,
            amount_fen: row.amount_fen.0,
            loads_fen: row.loads_fen.0,
            rejected: row.rejected,
            close_note: row.close_note,
            version: row.version,
        }
    }
}

/// A record of a statement.
#[derive(Debug, Serialize, ToSchema)]
pub struct RecordView {
    /// Its id.
    pub id: Uuid,
    /// Its statement.
    pub statement_id: Uuid,
    /// Its number at the oil company.
    pub serial: String,
    /// The card.
    pub card_number: String,
    /// The plate, as the record has it.
    pub plate: String,
    /// The car it is laid to.
    pub item_id: Option<Uuid>,
    /// Milliseconds since 1970 in UTC.
    pub at: i64,
    /// What it is.
    pub kind: FuelRecordKindName,
    /// The product.
    pub grade: String,
    /// Millilitres, or watt-hours.
    pub quantity_ml: Option<i64>,
    /// In fen.
    pub amount_fen: Option<i64>,
    /// In fen.
    pub balance_fen: Option<i64>,
    /// Where.
    pub station: String,
    /// What the odometer showed.
    pub odometer_km: Option<i64>,
    /// How it stands to the slips.
    pub verdict: FuelVerdictName,
}

impl From<transaction::Model> for RecordView {
    fn from(row: transaction::Model) -> Self {
        Self {
            id: row.id,
            statement_id: row.statement_id,
            serial: row.serial,
            card_number: row.card_number,
            plate: row.plate,
            item_id: row.item_id.map(|item| item.0),
            at: row.at.0,
            kind: row.kind.into(),
            grade: row.grade,
            quantity_ml: row.quantity_ml,
            amount_fen: row.amount_fen.map(|fen| fen.0),
            balance_fen: row.balance_fen.map(|fen| fen.0),
            station: row.station,
            odometer_km: row.odometer_km,
            verdict: row.verdict.into(),
        }
    }
}

/// A slip.
#[derive(Debug, Serialize, ToSchema)]
pub struct SlipView {
    /// Its id.
    pub id: Uuid,
    /// The car.
    pub item_id: Uuid,
    /// Milliseconds since 1970 in UTC.
    pub at: i64,
    /// How much.
    pub quantity_ml: i64,
    /// In fen.
    pub amount_fen: Option<i64>,
    /// What the odometer showed.
    pub odometer_km: Option<i64>,
    /// Where.
    pub station: String,
    /// How it stands to the statement.
    pub verdict: String,
}

impl From<slip::Model> for SlipView {
    fn from(row: slip::Model) -> Self {
        Self {
            id: row.id,
            item_id: row.item_id.0,
            at: row.at.0,
            quantity_ml: row.quantity_ml,
            amount_fen: row.amount_fen.map(|fen| fen.0),
            odometer_km: row.odometer_km,
            station: row.station,
            verdict: row.verdict.as_str().to_owned(),
        }
    }
}

/// An anomaly.
#[derive(Debug, Serialize, ToSchema)]
pub struct AnomalyView {
    /// Its record.
    pub record_id: Uuid,
    /// The plate on it.
    pub plate: String,
    /// When it was filled: milliseconds since 1970 in UTC.
    pub at: i64,
    /// By which rule.
    pub rule: String,
    /// `high`, `medium`, `low`.
    pub severity: String,
    /// In tenths: 10 to 1000.
    pub score: i64,
    /// What was seen.
    pub observed: String,
    /// What was expected.
    pub expected: String,
    /// In sentences, and what would clear it.
    pub explanation: String,
    /// The finding that asks for it to be explained.
    pub finding_id: Option<Uuid>,
}

impl From<(anomaly::Model, transaction::Model)> for AnomalyView {
    fn from((one, record): (anomaly::Model, transaction::Model)) -> Self {
        Self {
            record_id: record.id,
            plate: record.plate,
            at: record.at.0,
            rule: one.rule,
            severity: one.severity,
            score: one.score,
            observed: one.observed,
            expected: one.expected,
            explanation: one.explanation,
            finding_id: one.finding_id.map(|finding| finding.0),
        }
    }
}
