//! The net values of a day as a workbook: by class, by unit, thing by thing. Rows go to the file as they come.

use std::path::Path;

use chrono::NaiveDate;
use rust_xlsxwriter::{Format, FormatAlign, Workbook, Worksheet, XlsxError};
use sea_orm::{ConnectionTrait, StreamTrait};

use super::{Line, NetValues, Sum, pass};
use crate::assets::AssetError;
use crate::kernel::{Ctx, Fen};
use crate::org::Directory;

/// Rows a sheet has at most, its head included.
const ROWS: u32 = 1_048_576;
const HEAD: [(&str, f64); 10] = [
    ("资产编号", 18.0),
    ("资产名称", 24.0),
    ("规格型号", 22.0),
    ("资产分类代码", 14.0),
    ("使用部门", 18.0),
    ("取得日期", 12.0),
    ("原值（元）", 15.0),
    ("累计折旧（元）", 15.0),
    ("净值（元）", 15.0),
    ("折旧状态", 18.0),
];

/// Yuan as a spreadsheet holds them: exact up to 90 thousand billion.
#[expect(clippy::cast_precision_loss, reason = "a cell holds a float; amounts below 2^53 fen are exact")]
pub(crate) fn yuan(money: Fen) -> f64 {
    money.0 as f64 / 100.0
}

/// The day as a spreadsheet counts it.
pub(crate) fn excel_day(day: NaiveDate) -> f64 {
    // 1900 had no 29 February; spreadsheets believe it had, and count from the day before the last of 1899.
    const ZERO: i32 = 693_594;
    f64::from(chrono::Datelike::num_days_from_ce(&day) - ZERO)
}

pub(crate) struct Look {
    pub(crate) head: Format,
    pub(crate) money: Format,
    pub(crate) day: Format,
    pub(crate) bold: Format,
    pub(crate) bold_money: Format,
}

impl Look {
    pub(crate) fn new() -> Self {
        Self {
            head: Format::new().set_bold().set_align(FormatAlign::Center).set_text_wrap(),
            money: Format::new().set_num_format("#,##0.00"),
            day: Format::new().set_num_format("yyyy-mm-dd"),
            bold: Format::new().set_bold(),
            bold_money: Format::new().set_bold().set_num_format("#,##0.00"),
        }
    }
}

fn refused(error: &XlsxError) -> AssetError {
    AssetError::Conflict(format!("工作簿写不出来：{error}（请检查目录是否可写、磁盘是否已满）"))
}

/// Writes the workbook of a day to `path`, and says what it adds up to.
///
/// # Errors
/// When it is not theirs to see, the file cannot be written, or the database cannot be read.
pub async fn write<C: ConnectionTrait + StreamTrait>(
    db: &C,
    ctx: &Ctx,
    on: NaiveDate,
    path: &Path,
) -> Result<NetValues, AssetError> {
    let directory = Directory::load(db).await?;
    let mut workbook = Workbook::new();
    let look = Look::new();
    // The sheets with the sums come first, and are filled when the sums are known.
    for name in ["按分类", "按单位"] {
        workbook.add_worksheet().set_name(name).map_err(|error| refused(&error))?;
    }
    let mut lines = Lines::open(&mut workbook, &look).map_err(|error| refused(&error))?;
    let sums = pass(db, ctx, on, true, |line| {
        lines.add(&mut workbook, &look, &directory, &line).map_err(|error| refused(&error))
    })
    .await?;
    lines.finish(&mut workbook);
    sheets_of_sums(&mut workbook, &look, &directory, &sums).map_err(|error| refused(&error))?;
    workbook.save(path).map_err(|error| refused(&error))?;
    Ok(sums)
}

struct Lines {
    full: Vec<Worksheet>,
    sheet: Worksheet,
    row: u32,
}

impl Lines {
    fn open(workbook: &mut Workbook, look: &Look) -> Result<Self, XlsxError> {
        Ok(Self { full: Vec::new(), sheet: new_sheet(workbook, look, "明细")?, row: 1 })
    }

    fn add(
        &mut self,
        workbook: &mut Workbook,
        look: &Look,
        directory: &Directory,
        line: &Line,
    ) -> Result<(), XlsxError> {
        if self.row >= ROWS {
            let next = new_sheet(workbook, look, &format!("明细{}", self.full.len() + 2))?;
            self.full.push(std::mem::replace(&mut self.sheet, next));
            self.row = 1;
        }
        let (sheet, row) = (&mut self.sheet, self.row);
        let unit = directory.unit_name(line.unit_id);
        for (column, text) in [
            (0, line.item_number.as_str()),
            (1, &line.name),
            (2, &line.specification),
            (3, &line.class_code),
            (4, unit),
        ] {
            sheet.write_string(row, column, text)?;
        }
        if let Some(day) = line.acquired_on {
            sheet.write_number_with_format(row, 5, excel_day(day), &look.day)?;
        }
        let worth = &line.worth;
        for (column, money) in [(6, worth.value), (7, worth.accumulated), (8, worth.net())] {
            sheet.write_number_with_format(row, column, yuan(money), &look.money)?;
        }
        sheet.write_string(row, 9, worth.standing.zh())?;
        self.row += 1;
        Ok(())
    }

    fn finish(mut self, workbook: &mut Workbook) {
        self.full.push(self.sheet);
        for sheet in self.full {
            workbook.push_worksheet(sheet);
        }
    }
}

fn new_sheet(workbook: &mut Workbook, look: &Look, name: &str) -> Result<Worksheet, XlsxError> {
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    sheet.set_freeze_panes(1, 0)?;
    for (column, (head, width)) in (0..).zip(HEAD) {
        sheet.set_column_width(column, width)?;
        sheet.write_string_with_format(0, column, head, &look.head)?;
    }
    Ok(sheet)
}

fn sheets_of_sums(
    workbook: &mut Workbook,
    look: &Look,
    directory: &Directory,
    sums: &NetValues,
) -> Result<(), XlsxError> {
    let title = format!("资产净值 {}", sums.on);
    let name = |code: &str, name: &str| match (code, name) {
        ("", _) => "未分类".to_owned(),
        (code, name) => format!("{code} {name}"),
    };
    let classes = sums.by_class.iter().map(|of| (name(&of.code, &of.name), of.sum));
    let mut units: Vec<_> = sums.by_unit.iter().collect();
    units.sort_by_key(|(unit, _)| directory.unit(*unit).map(|unit| unit.code.clone()));
    let units = units.into_iter().map(|(unit, sum)| (directory.unit_name(*unit).to_owned(), *sum));
    fill(workbook.worksheet_from_name("按分类")?, look, &title, "资产分类", classes, &sums.whole)?;
    fill(workbook.worksheet_from_name("按单位")?, look, &title, "使用部门", units, &sums.whole)
}

fn fill(
    sheet: &mut Worksheet,
    look: &Look,
    title: &str,
    first: &str,
    rows: impl Iterator<Item = (String, Sum)>,
    whole: &Sum,
) -> Result<(), XlsxError> {
    sheet.write_string_with_format(0, 0, title, &look.bold)?;
    sheet.set_column_width(0, 30)?;
    sheet.set_column_range_width(1, 7, 15)?;
    let heads =
        [first, "件数", "原值（元）", "累计折旧（元）", "净值（元）", "已完成折旧", "不提折旧", "年限或日期不明"];
    for (column, head) in (0..).zip(heads) {
        sheet.write_string_with_format(1, column, head, &look.head)?;
    }
    let rows = rows.map(|(name, sum)| (name, sum, false)).chain([("合计".to_owned(), *whole, true)]);
    for (row, (name, sum, last)) in (2..).zip(rows) {
        let (words, money) = if last { (&look.bold, &look.bold_money) } else { (&Format::default(), &look.money) };
        sheet.write_string_with_format(row, 0, name, words)?;
        for (column, amount) in [(2, sum.value), (3, sum.accumulated), (4, sum.net())] {
            sheet.write_number_with_format(row, column, yuan(amount), money)?;
        }
        for (column, count) in [(1, sum.things), (5, sum.finished), (6, sum.not_depreciated), (7, sum.unknown)] {
            sheet.write_number_with_format(row, column, u32::try_from(count).unwrap_or(u32::MAX), words)?;
        }
    }
    Ok(())
}
