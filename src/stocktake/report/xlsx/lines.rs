//! Sheets of lines: a title, a frozen header, a row a line.

use rust_xlsxwriter::{Workbook, Worksheet, XlsxError};

use super::columns::Column;
use super::look::{Look, yuan};
use crate::kernel::Fen;
use crate::stocktake::report::{ReportHead, ReportLine};

/// The rows that a sheet can hold, by the format's own limit.
pub(super) const ROWS: u32 = 1_048_576;
/// Title, subtitle, header.
const HEADER_ROW: u32 = 2;

/// What a run of sheets shows.
pub(super) struct About<'a> {
    /// The first sheet's name; the second is `name2`.
    pub(super) name: &'static str,
    /// In one sentence.
    pub(super) sentence: String,
    /// The columns it may have.
    pub(super) columns: &'static [Column],
    /// The columns that the lines fill.
    pub(super) used: &'a [Column],
    /// Whether a last row adds up.
    pub(super) with_total: bool,
    /// The rows that a sheet can hold: [`ROWS`], fewer in tests.
    pub(super) rows: u32,
    pub(super) head: &'a ReportHead,
    pub(super) look: &'a Look,
}

/// Sheets of lines: one, or more where the format's own limit ends the first.
pub(super) struct LineSheets<'a> {
    about: About<'a>,
    columns: Vec<Column>,
    full: Vec<Worksheet>,
    sheet: Worksheet,
    next_row: u32,
    lines: u32,
    value: Fen,
    worth: (Fen, Fen),
    shortage: Fen,
}

impl<'a> LineSheets<'a> {
    pub(super) fn open(workbook: &mut Workbook, about: About<'a>) -> Result<Self, XlsxError> {
        let columns: Vec<_> = about.columns.iter().copied().filter(|column| about.used.contains(column)).collect();
        let sheet = new_sheet(workbook, &about, &columns, about.name)?;
        let (value, worth, shortage) = (Fen::ZERO, (Fen::ZERO, Fen::ZERO), Fen::ZERO);
        Ok(Self { about, columns, full: vec![], sheet, next_row: HEADER_ROW + 1, lines: 0, value, worth, shortage })
    }

    /// Writes a line; opens another sheet when this one has room for nothing but the row of totals.
    pub(super) fn add(&mut self, workbook: &mut Workbook, line: &ReportLine<'_>) -> Result<(), XlsxError> {
        if self.next_row >= self.about.rows - 1 {
            let name = format!("{}{}", self.about.name, self.full.len() + 2);
            let next = new_sheet(workbook, &self.about, &self.columns, &name)?;
            let full = std::mem::replace(&mut self.sheet, next);
            let full = self.filtered(full)?;
            self.full.push(full);
            self.next_row = HEADER_ROW + 1;
        }
        self.lines += 1;
        self.value += line.value;
        let (accumulated, net) = line.worth.unwrap_or_default();
        self.worth = (self.worth.0 + accumulated, self.worth.1 + net);
        self.shortage += line.shortage_value();
        for (index, column) in (0..).zip(&self.columns) {
            column.write(&mut self.sheet, (self.next_row, index), line, self.lines, self.about.look)?;
        }
        self.next_row += 1;
        Ok(())
    }

    /// The sheets, the last with its totals.
    pub(super) fn finish(mut self) -> Result<Vec<Worksheet>, XlsxError> {
        if self.about.with_total {
            self.total()?;
        }
        let last = std::mem::replace(&mut self.sheet, Worksheet::new());
        let last = self.filtered(last)?;
        self.full.push(last);
        Ok(self.full)
    }

    fn total(&mut self) -> Result<(), XlsxError> {
        let (row, look) = (self.next_row, self.about.look);
        for (index, column) in (0..).zip(&self.columns) {
            let format = Look::total(column.kind());
            match column {
                Column::Row => self.sheet.write_string_with_format(row, index, "合计", &look.total_words)?,
                Column::Verdict => {
                    let words = if self.lines == 0 { "无".to_owned() } else { format!("{} 项", self.lines) };
                    self.sheet.write_string_with_format(row, index, words, &look.total_words)?
                }
                Column::Value => self.sheet.write_number_with_format(row, index, yuan(self.value), &format)?,
                Column::Accumulated => self.sheet.write_number_with_format(row, index, yuan(self.worth.0), &format)?,
                Column::Net => self.sheet.write_number_with_format(row, index, yuan(self.worth.1), &format)?,
                Column::ShortageValue => {
                    self.sheet.write_number_with_format(row, index, yuan(self.shortage), &format)?
                }
                _ => self.sheet.write_blank(row, index, &look.total_words)?,
            };
        }
        Ok(())
    }

    /// With a filter over the lines written.
    fn filtered(&self, mut sheet: Worksheet) -> Result<Worksheet, XlsxError> {
        let last = u16::try_from(self.columns.len().saturating_sub(1)).unwrap_or(0);
        if self.next_row > HEADER_ROW + 1 {
            sheet.autofilter(HEADER_ROW, 0, self.next_row - 1, last)?;
        }
        Ok(sheet)
    }
}

fn new_sheet(
    workbook: &mut Workbook,
    about: &About<'_>,
    columns: &[Column],
    name: &str,
) -> Result<Worksheet, XlsxError> {
    let (head, look) = (about.head, about.look);
    let mut sheet = workbook.new_worksheet_with_constant_memory()?;
    sheet.set_name(name)?;
    page(&mut sheet, head, name, HEADER_ROW)?;
    sheet.set_freeze_panes(HEADER_ROW + 1, 0)?;
    for (index, column) in (0..).zip(columns) {
        sheet.set_column_width(index, column.header().1)?;
        sheet.set_column_format(index, &Look::column(column.kind()))?;
    }
    sheet.set_row_height(0, 26)?;
    sheet.write_string_with_format(0, 0, format!("{}{} {name}", head.organisation, head.campaign), &look.title)?;
    sheet.write_string_with_format(1, 0, &about.sentence, &look.subtitle)?;
    sheet.set_row_height(HEADER_ROW, 22)?;
    for (index, column) in (0..).zip(columns) {
        sheet.write_string_with_format(HEADER_ROW, index, column.header().0, &look.header)?;
    }
    Ok(sheet)
}

/// A4 across, one page wide, the header on every page, numbered.
pub(super) fn page(sheet: &mut Worksheet, head: &ReportHead, name: &str, header: u32) -> Result<(), XlsxError> {
    sheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_print_gridlines(true);
    sheet.set_margins(0.4, 0.4, 0.6, 0.6, 0.3, 0.3).set_repeat_rows(0, header)?;
    // An ampersand would begin a code of the footer's own.
    let footer = format!("&L{} {name}&R第 &P 页 共 &N 页", head.campaign.replace('&', "＆"));
    sheet.set_footer(footer.chars().take(250).collect::<String>());
    Ok(())
}

#[cfg(test)]
mod tests {
    use calamine::{Reader as _, Xlsx, open_workbook_from_rs};

    use super::*;
    use crate::kernel::Quantity;
    use crate::stocktake::report::xlsx::columns;
    use crate::stocktake::verdict::{Flags, Verdict};

    #[test]
    fn a_full_sheet_goes_on_in_the_next_and_the_total_is_of_all() {
        let numbers = ["A1", "A2", "A3", "A4", "A5"];
        let lines = numbers.map(|item_number| ReportLine {
            item_number,
            name: "办公椅",
            specification: "",
            serial_number: "",
            class_code: "",
            class_name: "",
            measure: "",
            unit: "",
            book_place: "",
            counted_place: "",
            book_keeper: "",
            counted_keeper: "",
            book_quantity: Some(Quantity::ONE),
            counted_quantity: None,
            value: Fen(150),
            worth: None,
            acquired_on: None,
            state: None,
            verdict: Verdict::Missing,
            flags: Flags::NONE,
            expected: true,
            lead: "",
            note: "",
            counter: "",
            counted_at: None,
        });
        let (look, head) = (Look::new(), ReportHead::default());
        let used = Column::used_by(lines.iter().copied());
        let mut workbook = Workbook::new();
        let about = About {
            name: "盘亏",
            sentence: String::new(),
            columns: columns::SHORTAGE,
            used: &used,
            with_total: true,
            // Title, subtitle, header, two lines, and the row kept for totals.
            rows: 6,
            head: &head,
            look: &look,
        };
        let mut sheets = LineSheets::open(&mut workbook, about).unwrap();
        for line in &lines {
            sheets.add(&mut workbook, line).unwrap();
        }
        for sheet in sheets.finish().unwrap() {
            workbook.push_worksheet(sheet);
        }
        let bytes = workbook.save_to_buffer().unwrap();
        let mut book: Xlsx<_> = open_workbook_from_rs(std::io::Cursor::new(bytes)).unwrap();
        assert_eq!(book.sheet_names(), ["盘亏", "盘亏2", "盘亏3"]);
        let mut read = vec![];
        for (name, lines) in [("盘亏", 2), ("盘亏2", 2), ("盘亏3", 1)] {
            let range = book.worksheet_range(name).unwrap();
            assert_eq!(range.get((2, 3)).unwrap().to_string(), "资产编号");
            read.extend((0..lines).map(|line| range.get((3 + line, 3)).unwrap().to_string()));
        }
        assert_eq!(read, numbers);
        let last = book.worksheet_range("盘亏3").unwrap();
        let total: Vec<_> = last.rows().nth(4).unwrap().iter().map(ToString::to_string).collect();
        assert_eq!(total[..2], ["合计", "5 项"]);
        assert!(total.contains(&"7.5".to_owned()), "{total:?}");
    }
}
