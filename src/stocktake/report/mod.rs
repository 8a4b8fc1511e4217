//! The report of a count (盘点情况报告): `report.xlsx` to work with, `report.pdf` to sign.
//!
//! Both are computed from lines only: [`Figures`] adds the lines up, and every number on every page comes from it or
//! from a line, so that a total can never disagree with what stands below it. The file tool and the campaign both
//! write through here; what the file tool does not know (class, model, date) is left out, not invented.

mod figures;
pub mod pdf;
pub mod xlsx;

use std::path::PathBuf;

use chrono::NaiveDate;

pub use figures::{ClassFigures, Figures, Totals, UnitFigures, percent};

use super::verdict::{Flags, Verdict};
use crate::items::model::ItemState;
use crate::kernel::{Fen, Quantity, Timestamp};

/// What the count says of one thing, ready to be shown. Empty text means unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ReportLine<'a> {
    /// 资产编号; for a thing that no book knows, what its label says.
    pub item_number: &'a str,
    /// 资产名称
    pub name: &'a str,
    /// 规格型号
    pub specification: &'a str,
    /// 序列号
    pub serial_number: &'a str,
    /// 资产分类代码
    pub class_code: &'a str,
    /// 资产分类名称
    pub class_name: &'a str,
    /// 计量单位
    pub measure: &'a str,
    /// The unit to which the line counts: the book's, or that of the place where an unknown thing stands.
    pub unit: &'a str,
    /// 账面地点
    pub book_place: &'a str,
    /// 实盘地点
    pub counted_place: &'a str,
    /// 账面使用人
    pub book_keeper: &'a str,
    /// 实际使用人
    pub counted_keeper: &'a str,
    /// 账面数量; `None` for what no book knows.
    pub book_quantity: Option<Quantity>,
    /// 实盘数量; `None` when nobody has said.
    pub counted_quantity: Option<Quantity>,
    /// The booked value of all pieces (原值).
    pub value: Fen,
    /// 累计折旧 and 账面净值 at the baseline; `None` for what no ledger reckons.
    pub worth: Option<(Fen, Fen)>,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// 使用状况 in the book.
    pub state: Option<ItemState>,
    /// The one verdict.
    pub verdict: Verdict,
    /// What stands beside it.
    pub flags: Flags,
    /// Whether the thing was expected: in the campaign's scope and not disposed of at the baseline.
    pub expected: bool,
    /// Where to look for it, or what it may be.
    pub lead: &'a str,
    /// What the counter or the unit wrote about it.
    pub note: &'a str,
    /// 盘点人
    pub counter: &'a str,
    /// 盘点时间
    pub counted_at: Option<Timestamp>,
}

impl ReportLine<'_> {
    /// The booked value of what is missing: all of a missing thing, the missing pieces' share of a short one.
    #[must_use]
    pub fn shortage_value(&self) -> Fen {
        match (self.verdict, self.book_quantity, self.counted_quantity) {
            (Verdict::Missing, ..) => self.value,
            (Verdict::Short, Some(book), Some(counted)) if book.0 > 0 => {
                let missing = i128::from(book.0.saturating_sub(counted.0).clamp(0, book.0));
                let share = i128::from(self.value.0) * missing / i128::from(book.0);
                Fen(i64::try_from(share).unwrap_or(self.value.0))
            }
            _ => Fen::ZERO,
        }
    }
}

/// How far a unit's sheet is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SheetStanding {
    /// The unit.
    pub unit: String,
    /// In words: 未提交, 已提交, 已确认.
    pub state: String,
    /// When it was handed in.
    pub submitted_at: Option<Timestamp>,
    /// The unit head who confirmed it; empty while nobody has.
    pub confirmed_by: String,
}

/// What stands at the head of a report. Empty text and `None` are left out of the page.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ReportHead {
    /// 单位名称
    pub organisation: String,
    /// The campaign's name.
    pub campaign: String,
    /// 盘点基准日
    pub baseline: Option<NaiveDate>,
    /// The first and the last instant of counting.
    pub window: Option<(Timestamp, Timestamp)>,
    /// What was counted, in words.
    pub scope: String,
    /// When the report was made.
    pub prepared_at: Timestamp,
    /// 制表人
    pub preparer: String,
    /// 复核人
    pub reviewer: String,
    /// 单位负责人
    pub unit_head: String,
    /// One a unit, where the count had sheets.
    pub sheets: Vec<SheetStanding>,
    /// Where the lines are that a shortened table of the PDF leaves out, as `report.xlsx`.
    pub details_in: String,
}

impl ReportHead {
    /// The sheet of a unit.
    #[must_use]
    pub fn sheet_of(&self, unit: &str) -> Option<&SheetStanding> {
        self.sheets.iter().find(|sheet| sheet.unit == unit)
    }

    /// Units in the order of their sheets; those without a sheet after them, as they come.
    fn in_order<'f>(&self, units: &'f [UnitFigures]) -> Vec<&'f UnitFigures> {
        let mut ordered: Vec<_> = units.iter().collect();
        let place = |unit: &UnitFigures| self.sheets.iter().position(|sheet| sheet.unit == unit.name);
        ordered.sort_by_cached_key(|unit| place(unit).unwrap_or(usize::MAX));
        ordered
    }
}

/// Why a report could not be written.
#[derive(Debug, thiserror::Error)]
pub enum ReportError {
    /// The workbook could not be made.
    #[error("工作簿 {path} 生成失败：{source}（请检查目录是否可写、磁盘是否已满）")]
    Workbook {
        /// Where it was to go.
        path: PathBuf,
        /// Why.
        source: rust_xlsxwriter::XlsxError,
    },
    /// The workbook's rows wait in temporary files beside it, and those could not be written.
    #[error("工作簿 {path} 的临时文件写不下去（请检查磁盘是否已满）")]
    Temporary {
        /// Where the workbook was to go.
        path: PathBuf,
    },
    /// The file could not be put in its place.
    #[error("{path} 写不进去：{source}（请检查目录是否可写、文件是否正被打开）")]
    Write {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The bytes given are no font that can be embedded.
    #[error("报告字体无法使用：应为 TrueType 或 OpenType 字体文件")]
    Font,
    /// The PDF could not be put together.
    #[error("报告 PDF 生成失败：{0}")]
    Pdf(String),
}
