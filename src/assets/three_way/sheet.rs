//! A check as a workbook: sums by verdict, unit and account, and every thing with its verdict and explanation.

use rust_xlsxwriter::{Format, Workbook, Worksheet, XlsxError};

use super::entity::{three_way_check, three_way_line};
use super::model::Verdict;
use super::store::{Sum, Sums};
use crate::assets::AssetError;
use crate::kernel::Fen;
use crate::org::Directory;
use crate::stocktake::verdict::Verdict as Counted;

/// What a workbook is made of.
#[derive(Debug)]
pub struct Sheets {
    /// The check.
    pub row: three_way_check::Model,
    /// Its sums.
    pub sums: Sums,
    /// Its lines.
    pub lines: Vec<three_way_line::Model>,
    /// Names of units and people.
    pub names: Directory,
}

#[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
fn number(of: i64) -> f64 {
    of as f64
}

fn page<'a>(book: &'a mut Workbook, name: &str, head: &[&str]) -> Result<&'a mut Worksheet, XlsxError> {
    let bold = Format::new().set_bold();
    let page = book.add_worksheet_with_constant_memory()?;
    page.set_name(name)?;
    page.set_freeze_panes(1, 0)?;
    for (column, text) in (0u16..).zip(head) {
        page.set_column_width(column, 18)?;
        page.write_with_format(0, column, *text, &bold)?;
    }
    Ok(page)
}

fn money(page: &mut Worksheet, at: (u32, u16), fen: Option<Fen>) -> Result<(), XlsxError> {
    if let Some(fen) = fen {
        let format = Format::new().set_num_format("#,##0.00");
        page.write_number_with_format(at.0, at.1, number(fen.0) / 100.0, &format)?;
    }
    Ok(())
}

fn sum(page: &mut Worksheet, row: u32, by: &str, name: &str, sum: &Sum) -> Result<(), XlsxError> {
    page.write_string(row, 0, by)?;
    page.write_string(row, 1, name)?;
    for (column, many) in (2u16..).zip([sum.lines, sum.differences, sum.open]) {
        page.write_number(row, column, number(many))?;
    }
    money(page, (row, 5), Some(sum.book))?;
    money(page, (row, 6), Some(sum.finance))?;
    money(page, (row, 7), Some(sum.book - sum.finance))
}

impl Sheets {
    /// The workbook. Blocking work: call it on a thread for such.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn bytes(&self) -> Result<Vec<u8>, AssetError> {
        self.write().map_err(|error| AssetError::Conflict(format!("工作簿写不出来：{error}")))
    }

    fn write(&self) -> Result<Vec<u8>, XlsxError> {
        let mut book = Workbook::new();
        let head = ["分组", "名称", "件数", "差异", "未说明", "实物账原值（元）", "财务账原值（元）", "相差（元）"];
        let whole = page(&mut book, "汇总", &head)?;
        sum(whole, 1, "合计", &format!("{} · {}", self.row.number, self.row.as_of), &self.sums.total)?;
        let units = self.sums.units.iter().map(|(unit, sum)| {
            ("使用部门", unit.map_or("（未定）", |unit| self.names.unit_name(unit)).to_owned(), sum)
        });
        let accounts = self.sums.accounts.iter().map(|(account, sum)| ("科目", account.clone(), sum));
        let verdicts = self.sums.verdicts.iter().map(|(verdict, sum)| ("核对结果", verdict.zh().to_owned(), sum));
        for (row, (by, name, one)) in (2u32..).zip(verdicts.chain(units).chain(accounts)) {
            sum(whole, row, by, &name, one)?;
        }
        let differs = self.lines.iter().filter(|line| line.verdict != Verdict::Agreed);
        self.things(page(&mut book, "差异", THING)?, differs)?;
        self.things(page(&mut book, "明细", THING)?, self.lines.iter())?;
        book.save_to_buffer()
    }

    fn things<'a>(
        &self,
        page: &mut Worksheet,
        lines: impl Iterator<Item = &'a three_way_line::Model>,
    ) -> Result<(), XlsxError> {
        for (row, line) in (1u32..).zip(lines) {
            let also: Vec<&str> =
                line.also.split(',').filter_map(|name| Verdict::by_name(name).map(Verdict::zh)).collect();
            let texts = [
                (0, line.item_number.as_str()),
                (1, &line.name),
                (2, line.unit_id.map_or("", |unit| self.names.unit_name(unit))),
                (3, &line.account),
                (4, line.verdict.zh()),
                (5, &also.join("、")),
                (6, line.count_verdict.parse::<Counted>().map_or("", Counted::zh)),
                (11, line.category.map_or("", |category| category.zh())),
                (12, &line.explanation),
                (13, self.names.person_name(line.explained_by)),
            ];
            money(page, (row, 7), line.book_fen)?;
            for (column, text) in texts {
                page.write_string(row, column, text)?;
            }
            money(page, (row, 8), line.finance_fen)?;
            money(page, (row, 9), line.book_accumulated_fen)?;
            money(page, (row, 10), line.finance_accumulated_fen)?;
        }
        Ok(())
    }
}

const THING: &[&str] = &[
    "资产编号",
    "资产名称",
    "使用部门",
    "科目",
    "核对结果",
    "另有",
    "盘点结果",
    "实物账原值（元）",
    "财务账原值（元）",
    "实物账累计折旧（元）",
    "财务账累计折旧（元）",
    "差异类别",
    "差异原因",
    "说明人",
];
