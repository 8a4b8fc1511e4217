//! The three-way check as programs read and write it.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::assets::three_way::entity::{finance_batch, three_way_check, three_way_line};
use crate::assets::three_way::model::{Category, State, Verdict};
use crate::assets::three_way::store::{Sum, Sums};
use crate::documents::Reject;
use crate::web::api::jobs::names;

/// Rejects that an answer lists.
const MOST_REJECTS: usize = 1_000;

names! {
    /// What the three say of one thing.
    ThreeWayVerdictName of Verdict {
        TwiceInFinance, GoneFromBook, NotOnBook, NotOnAnyBook, NotInFinance, CountMissing, CountDiffers, ValueDiffers,
        DepreciationDiffers, NotCounted, Agreed,
    }
    /// Why the three differ.
    DifferenceCategoryName of Category {
        Timing, ToBook, WrongEntry, Valuation, ShortagePending, DisposalPending, Found, Other,
    }
    /// Where a check stands.
    CheckStateName of State { Open, Closed, Void, }
}

/// 财务数据批次
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FinanceBatchView {
    /// Its number.
    pub number: String,
    /// The day whose ledger it is.
    pub as_of: NaiveDate,
    /// What the file was called.
    pub file_name: String,
    /// SHA-256 of the file.
    pub file_sha256: String,
    /// Rows taken.
    pub row_count: i64,
    /// Rows refused.
    pub reject_count: i64,
    /// Original value of all rows, fen.
    pub value_fen: i64,
    /// Who.
    pub imported_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub imported_at: i64,
    /// When it was undone.
    pub undone_at: Option<i64>,
    /// Why.
    pub undone_reason: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<finance_batch::Model> for FinanceBatchView {
    fn from(row: finance_batch::Model) -> Self {
        Self {
            number: row.number,
            as_of: row.as_of,
            file_name: row.file_name,
            file_sha256: row.file_sha256,
            row_count: row.row_count,
            reject_count: row.reject_count,
            value_fen: row.value_fen.0,
            imported_by: row.imported_by,
            imported_at: row.imported_at.0,
            undone_at: row.undone_at.map(|at| at.0),
            undone_reason: row.undone_reason,
            version: row.version,
        }
    }
}

/// A row that was not taken, and why.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FinanceReject {
    /// The sheet; empty for a text file.
    pub sheet: String,
    /// The row from 1, as Excel shows it.
    #[schema(minimum = 0)]
    pub row: u64,
    /// The column's header as the file has it.
    pub column: String,
    /// The cell as the file has it.
    pub value: String,
    /// Why, in a sentence.
    pub reason: String,
}

/// What came of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct FinanceReport {
    /// The batch.
    #[serde(flatten)]
    pub batch: FinanceBatchView,
    /// The first thousand rows that were refused.
    pub rejects: Vec<FinanceReject>,
    /// What was skipped or decided while reading.
    pub notes: Vec<String>,
}

impl FinanceReport {
    pub(super) fn of(row: finance_batch::Model, rejects: &[Reject], notes: Vec<String>) -> Self {
        let told = |one: &Reject| FinanceReject {
            sheet: one.at.sheet.to_string(),
            row: one.at.row,
            column: one.column.clone(),
            value: one.value.clone(),
            reason: one.reason.clone(),
        };
        Self { batch: row.into(), rejects: rejects.iter().take(MOST_REJECTS).map(told).collect(), notes }
    }
}

/// 三方核对
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThreeWayCheckView {
    /// Its number.
    pub number: String,
    /// The day of the book and the finance ledger.
    pub as_of: NaiveDate,
    /// The finance system's list.
    pub batch_id: Uuid,
    /// The count; absent when two were compared.
    pub campaign_id: Option<Uuid>,
    /// Where it stands.
    pub state: CheckStateName,
    /// Things.
    pub line_count: i64,
    /// That differ.
    pub difference_count: i64,
    /// That differ and nobody explained.
    pub open_count: i64,
    /// Who compared.
    pub made_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub made_at: i64,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// Why, when it did not close.
    pub finished_reason: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<three_way_check::Model> for ThreeWayCheckView {
    fn from(row: three_way_check::Model) -> Self {
        Self {
            number: row.number,
            as_of: row.as_of,
            batch_id: row.batch_id,
            campaign_id: row.campaign_id.map(Into::into),
            state: row.state.into(),
            line_count: row.line_count,
            difference_count: row.difference_count,
            open_count: row.open_count,
            made_by: row.made_by,
            made_at: row.made_at.0,
            finished_at: row.finished_at.map(|at| at.0),
            finished_reason: row.finished_reason,
            version: row.version,
        }
    }
}

/// What some lines of a check add up to.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckSumView {
    /// Things.
    pub lines: i64,
    /// That differ.
    pub differences: i64,
    /// That differ and nobody explained.
    pub open: i64,
    /// Original value in the book, fen.
    pub book_fen: i64,
    /// Original value in the finance ledger, fen.
    pub finance_fen: i64,
}

impl From<&Sum> for CheckSumView {
    fn from(sum: &Sum) -> Self {
        Self {
            lines: sum.lines,
            differences: sum.differences,
            open: sum.open,
            book_fen: sum.book.0,
            finance_fen: sum.finance.0,
        }
    }
}

/// The sum of a unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitSumView {
    /// The unit; absent: of none.
    pub unit_id: Option<Uuid>,
    /// What it adds up to.
    pub sum: CheckSumView,
}

/// The sum of an account.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct AccountSumView {
    /// The account; blank: of none.
    pub account: String,
    /// What it adds up to.
    pub sum: CheckSumView,
}

/// The sum of a verdict.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct VerdictSumView {
    /// The verdict.
    pub verdict: ThreeWayVerdictName,
    /// What it adds up to.
    pub sum: CheckSumView,
}

/// A check with its sums.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckWithSums {
    /// The check.
    #[serde(flatten)]
    pub check: ThreeWayCheckView,
    /// Of all lines within reach.
    pub total: CheckSumView,
    /// By unit.
    pub units: Vec<UnitSumView>,
    /// By account.
    pub accounts: Vec<AccountSumView>,
    /// By verdict, in their order of precedence.
    pub verdicts: Vec<VerdictSumView>,
}

impl CheckWithSums {
    pub(super) fn of(row: three_way_check::Model, sums: &Sums) -> Self {
        let unit = |(unit, sum): (&Option<crate::kernel::ids::UnitId>, &Sum)| UnitSumView {
            unit_id: unit.map(Into::into),
            sum: sum.into(),
        };
        let account = |(account, sum): (&String, &Sum)| AccountSumView { account: account.clone(), sum: sum.into() };
        let verdict = |(verdict, sum): (&Verdict, &Sum)| VerdictSumView { verdict: (*verdict).into(), sum: sum.into() };
        Self {
            check: row.into(),
            total: (&sums.total).into(),
            units: sums.units.iter().map(unit).collect(),
            accounts: sums.accounts.iter().map(account).collect(),
            verdicts: sums.verdicts.iter().map(verdict).collect(),
        }
    }
}

/// One thing as the three have it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ThreeWayLineView {
    /// Which line, from 1.
    pub line: i64,
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 使用部门
    pub unit_id: Option<Uuid>,
    /// 科目
    pub account: String,
    /// The first verdict that applies.
    pub verdict: ThreeWayVerdictName,
    /// What else applies.
    pub also: Vec<String>,
    /// What the count found; blank when it says nothing.
    pub count_verdict: String,
    /// Original value in the book, fen.
    pub book_fen: Option<i64>,
    /// Original value in the finance ledger, fen.
    pub finance_fen: Option<i64>,
    /// Accumulated depreciation in the book, fen.
    pub book_accumulated_fen: Option<i64>,
    /// Accumulated depreciation in the finance ledger, fen.
    pub finance_accumulated_fen: Option<i64>,
    /// Rows of the finance ledger with this number.
    pub finance_rows: i64,
    /// Why they differ.
    pub category: Option<DifferenceCategoryName>,
    /// In words.
    pub explanation: String,
    /// By whom.
    pub explained_by: Option<Uuid>,
    /// When, in milliseconds since 1970 UTC.
    pub explained_at: Option<i64>,
}

impl From<three_way_line::Model> for ThreeWayLineView {
    fn from(line: three_way_line::Model) -> Self {
        Self {
            also: line.also.split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect(),
            line: line.line,
            item_number: line.item_number,
            name: line.name,
            unit_id: line.unit_id.map(Into::into),
            account: line.account,
            verdict: line.verdict.into(),
            count_verdict: line.count_verdict,
            book_fen: line.book_fen.map(|fen| fen.0),
            finance_fen: line.finance_fen.map(|fen| fen.0),
            book_accumulated_fen: line.book_accumulated_fen.map(|fen| fen.0),
            finance_accumulated_fen: line.finance_accumulated_fen.map(|fen| fen.0),
            finance_rows: line.finance_rows,
            category: line.category.map(Into::into),
            explanation: line.explanation,
            explained_by: line.explained_by.map(Into::into),
            explained_at: line.explained_at.map(|at| at.0),
        }
    }
}

/// Against which count.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CompareBody {
    /// The number of a closed count; the last one when absent.
    #[schema(min_length = 1, max_length = 60)]
    pub campaign: Option<String>,
    /// Compare the two ledgers alone.
    #[serde(default)]
    pub without_count: bool,
}

/// Why things differ.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ExplainDifferencesBody {
    /// Which lines.
    #[schema(max_items = 10000)]
    pub lines: Option<Vec<i64>>,
    /// Or all of a verdict that nobody explained yet.
    pub verdict: Option<ThreeWayVerdictName>,
    /// The kind of reason.
    pub category: DifferenceCategoryName,
    /// In words.
    #[schema(min_length = 1, max_length = 500)]
    pub explanation: String,
}
