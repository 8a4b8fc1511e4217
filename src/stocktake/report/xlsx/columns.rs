//! The columns a sheet of lines can have.

use rust_xlsxwriter::{Worksheet, XlsxError};

use super::look::{Kind, Look};
use crate::kernel::{Fen, Quantity, Timestamp};
use crate::stocktake::report::ReportLine;

/// One column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Column {
    Row,
    Verdict,
    Flags,
    ItemNumber,
    Name,
    Specification,
    SerialNumber,
    ClassCode,
    ClassName,
    Unit,
    BookPlace,
    CountedPlace,
    BookKeeper,
    CountedKeeper,
    Measure,
    BookQuantity,
    CountedQuantity,
    Difference,
    Value,
    Accumulated,
    Net,
    ShortageValue,
    AcquiredOn,
    State,
    Counter,
    CountedAt,
    Lead,
    Note,
}

use Column as C;

/// 明细: everything.
pub(super) const DETAIL: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::ClassCode,
    C::ClassName,
    C::Unit,
    C::BookPlace,
    C::CountedPlace,
    C::BookKeeper,
    C::CountedKeeper,
    C::Measure,
    C::BookQuantity,
    C::CountedQuantity,
    C::Value,
    C::Accumulated,
    C::Net,
    C::AcquiredOn,
    C::State,
    C::Counter,
    C::CountedAt,
    C::Lead,
    C::Note,
];
/// 盘盈
pub(super) const SURPLUS: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::Unit,
    C::CountedPlace,
    C::CountedKeeper,
    C::Measure,
    C::BookQuantity,
    C::CountedQuantity,
    C::Difference,
    C::Value,
    C::Counter,
    C::CountedAt,
    C::Lead,
    C::Note,
];
/// 盘亏
pub(super) const SHORTAGE: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::ClassCode,
    C::ClassName,
    C::Unit,
    C::BookPlace,
    C::BookKeeper,
    C::Measure,
    C::BookQuantity,
    C::CountedQuantity,
    C::Difference,
    C::Value,
    C::Accumulated,
    C::Net,
    C::ShortageValue,
    C::AcquiredOn,
    C::Lead,
    C::Note,
];
/// 地点不符
pub(super) const MISPLACED: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::Unit,
    C::BookPlace,
    C::CountedPlace,
    C::BookKeeper,
    C::CountedKeeper,
    C::Value,
    C::Counter,
    C::CountedAt,
    C::Note,
];
/// 使用人不符
pub(super) const WRONG_KEEPER: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::Unit,
    C::CountedPlace,
    C::BookKeeper,
    C::CountedKeeper,
    C::Value,
    C::Counter,
    C::CountedAt,
    C::Note,
];
/// 待报废
pub(super) const TO_SCRAP: &[Column] = &[
    C::Row,
    C::Verdict,
    C::Flags,
    C::ItemNumber,
    C::Name,
    C::Specification,
    C::SerialNumber,
    C::ClassCode,
    C::ClassName,
    C::Unit,
    C::BookPlace,
    C::BookKeeper,
    C::Measure,
    C::BookQuantity,
    C::Value,
    C::Accumulated,
    C::Net,
    C::AcquiredOn,
    C::State,
    C::Note,
];

/// What a cell holds.
enum Cell<'a> {
    Empty,
    Text(&'a str),
    Pieces(Option<i64>),
    Money(Fen),
    Day(Option<chrono::NaiveDate>),
    Instant(Option<Timestamp>),
}

impl Column {
    /// The columns that at least one line fills, in the order of 明细; those that a report cannot do without always.
    pub(super) fn used_by<'a>(lines: impl Iterator<Item = ReportLine<'a>>) -> Vec<Self> {
        let optional: Vec<_> = DETAIL.iter().copied().filter(|column| column.is_optional()).collect();
        let mut unseen = optional.clone();
        for line in lines {
            if unseen.is_empty() {
                break;
            }
            unseen.retain(|column| !column.is_filled(&line));
        }
        let mut used: Vec<_> = DETAIL.iter().copied().filter(|column| !unseen.contains(column)).collect();
        used.extend([C::Difference, C::ShortageValue]);
        used
    }

    fn is_optional(self) -> bool {
        matches!(
            self,
            C::Specification
                | C::SerialNumber
                | C::ClassCode
                | C::ClassName
                | C::Measure
                | C::Accumulated
                | C::Net
                | C::AcquiredOn
                | C::State
                | C::Counter
                | C::CountedAt
                | C::Lead
                | C::Note
        )
    }

    fn is_filled(self, line: &ReportLine<'_>) -> bool {
        match self.cell(line) {
            Cell::Text(text) => !text.is_empty(),
            Cell::Day(day) => day.is_some(),
            Cell::Instant(at) => at.is_some(),
            Cell::Pieces(pieces) => pieces.is_some(),
            Cell::Money(_) => true,
            Cell::Empty => false,
        }
    }

    /// The header and the width in characters.
    pub(super) const fn header(self) -> (&'static str, f64) {
        match self {
            C::Row => ("序号", 7.0),
            C::Verdict => ("结论", 13.0),
            C::Flags => ("标记", 12.0),
            C::ItemNumber => ("资产编号", 17.0),
            C::Name => ("资产名称", 24.0),
            C::Specification => ("规格型号", 22.0),
            C::SerialNumber => ("序列号", 17.0),
            C::ClassCode => ("分类代码", 12.0),
            C::ClassName => ("分类名称", 18.0),
            C::Unit => ("使用部门", 18.0),
            C::BookPlace => ("账面地点", 26.0),
            C::CountedPlace => ("实盘地点", 26.0),
            C::BookKeeper => ("账面使用人", 11.0),
            C::CountedKeeper => ("实际使用人", 11.0),
            C::Measure => ("单位", 6.0),
            C::BookQuantity => ("账面数量", 9.5),
            C::CountedQuantity => ("实盘数量", 9.5),
            C::Difference => ("盈亏数量", 9.5),
            C::Value => ("账面价值（元）", 15.0),
            C::Accumulated => ("累计折旧（元）", 15.0),
            C::Net => ("账面净值（元）", 15.0),
            C::ShortageValue => ("盘亏价值（元）", 15.0),
            C::AcquiredOn => ("取得日期", 11.5),
            C::State => ("使用状况", 10.0),
            C::Counter => ("盘点人", 10.0),
            C::CountedAt => ("盘点时间", 19.0),
            C::Lead => ("查找线索", 36.0),
            C::Note => ("备注", 26.0),
        }
    }

    /// How its cells look.
    pub(super) const fn kind(self) -> Kind {
        match self {
            C::Row | C::BookQuantity | C::CountedQuantity | C::Difference => Kind::Whole,
            C::Value | C::Accumulated | C::Net | C::ShortageValue => Kind::Money,
            C::AcquiredOn => Kind::Day,
            C::CountedAt => Kind::Instant,
            C::ItemNumber | C::SerialNumber | C::ClassCode => Kind::Code,
            _ => Kind::Text,
        }
    }

    fn cell<'a>(self, line: &ReportLine<'a>) -> Cell<'a> {
        let pieces = |quantity: Option<Quantity>| Cell::Pieces(quantity.map(|pieces| pieces.0));
        match self {
            C::Row | C::Verdict | C::Flags => Cell::Empty,
            C::ItemNumber => Cell::Text(line.item_number),
            C::Name => Cell::Text(line.name),
            C::Specification => Cell::Text(line.specification),
            C::SerialNumber => Cell::Text(line.serial_number),
            C::ClassCode => Cell::Text(line.class_code),
            C::ClassName => Cell::Text(line.class_name),
            C::Unit => Cell::Text(line.unit),
            C::BookPlace => Cell::Text(line.book_place),
            C::CountedPlace => Cell::Text(line.counted_place),
            C::BookKeeper => Cell::Text(line.book_keeper),
            C::CountedKeeper => Cell::Text(line.counted_keeper),
            C::Measure => Cell::Text(line.measure),
            C::BookQuantity => pieces(line.book_quantity),
            C::CountedQuantity => pieces(line.counted_quantity),
            C::Difference => Cell::Pieces(difference(line)),
            C::Value if line.book_quantity.is_none() && line.value == Fen::ZERO => Cell::Empty,
            C::Value => Cell::Money(line.value),
            C::Accumulated => line.worth.map_or(Cell::Empty, |(accumulated, _)| Cell::Money(accumulated)),
            C::Net => line.worth.map_or(Cell::Empty, |(_, net)| Cell::Money(net)),
            C::ShortageValue => Cell::Money(line.shortage_value()),
            C::AcquiredOn => Cell::Day(line.acquired_on),
            C::State => Cell::Text(line.state.map_or("", |state| state.zh())),
            C::Counter => Cell::Text(line.counter),
            C::CountedAt => Cell::Instant(line.counted_at),
            C::Lead => Cell::Text(line.lead),
            C::Note => Cell::Text(line.note),
        }
    }

    /// Writes the cell of one line; `number` is the line's place in the sheet, from 1.
    pub(super) fn write(
        self,
        sheet: &mut Worksheet,
        at: (u32, u16),
        line: &ReportLine<'_>,
        number: u32,
        look: &Look,
    ) -> Result<(), XlsxError> {
        let (row, column) = at;
        match self {
            C::Row => sheet.write_number(row, column, number)?,
            C::Verdict => {
                sheet.write_string_with_format(row, column, look.words(line.verdict), look.verdict(line.verdict))?
            }
            C::Flags if line.flags.is_empty() => sheet,
            C::Flags => sheet.write_string(row, column, line.flags.zh())?,
            _ => write_cell(sheet, at, self.cell(line))?,
        };
        Ok(())
    }
}

/// Pieces counted less pieces booked, where they differ.
fn difference(line: &ReportLine<'_>) -> Option<i64> {
    let (book, counted) = (line.book_quantity.map_or(0, |n| n.0), line.counted_quantity.map_or(0, |n| n.0));
    let by = counted.saturating_sub(book);
    (by != 0).then_some(by)
}

/// The most characters a cell holds, in UTF-16 units; every character is counted as two.
const LONGEST: usize = 16_000;

/// Text that a cell can hold: a longer one ends in `…`.
fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    if text.len() <= LONGEST || text.chars().count() <= LONGEST {
        return text.into();
    }
    text.chars().take(LONGEST - 1).chain(['…']).collect::<String>().into()
}

fn write_cell<'a>(sheet: &'a mut Worksheet, at: (u32, u16), cell: Cell<'_>) -> Result<&'a mut Worksheet, XlsxError> {
    let (row, column) = at;
    match cell {
        Cell::Text("") | Cell::Empty | Cell::Pieces(None) | Cell::Day(None) | Cell::Instant(None) => Ok(sheet),
        Cell::Text(text) => sheet.write_string(row, column, fitting(text)),
        Cell::Pieces(Some(pieces)) => sheet.write_number(row, column, super::look::number(pieces)),
        Cell::Money(value) => sheet.write_number(row, column, super::look::yuan(value)),
        Cell::Day(Some(day)) => sheet.write_number(row, column, super::look::excel_day(day)),
        Cell::Instant(Some(at)) => sheet.write_number(row, column, super::look::excel_instant(at)),
    }
}
