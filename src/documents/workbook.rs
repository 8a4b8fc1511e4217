//! Workbooks of Excel and WPS: XLSX and the old XLS, sheet by sheet, every cell as the text a person sees.

use std::any::Any;
use std::collections::VecDeque;
use std::fmt::Write as _;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};

use calamine::{Data, DataRef, Dimensions, ExcelDateTime, Reader as _, Sheet, SheetType, SheetVisible, Xls, Xlsx};

use super::error::DocumentError;
use super::grid::{Grid, Sheets};
use super::limits::Limits;
use super::reject::Notes;

/// Beyond this many cells a sheet is not read a second time for its merged cells.
const MERGES_UP_TO_CELLS: usize = 2_000_000;

enum Book {
    Xlsx(Box<Xlsx<Cursor<Vec<u8>>>>),
    Xls(Box<Xls<Cursor<Vec<u8>>>>),
}

/// A workbook being read.
pub(super) struct Workbook {
    file: String,
    limits: Limits,
    book: Book,
    left: VecDeque<Sheet>,
}

impl Workbook {
    /// Opens an XLSX that [`super::packed`] has looked at.
    pub(super) fn xlsx(file: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Self, DocumentError> {
        let book = guarded(file, || Xlsx::new(Cursor::new(bytes)).map_err(|e| e.to_string()))?;
        let left = book.sheets_metadata().to_vec().into();
        Self::new(file, limits, Book::Xlsx(Box::new(book)), left)
    }

    /// Opens an XLS that [`super::biff`] has looked at.
    pub(super) fn xls(file: &str, bytes: Vec<u8>, limits: &Limits) -> Result<Self, DocumentError> {
        let book = guarded(file, || Xls::new(Cursor::new(bytes)).map_err(|e| e.to_string()))?;
        let left = book.sheets_metadata().to_vec().into();
        Self::new(file, limits, Book::Xls(Box::new(book)), left)
    }

    fn new(file: &str, limits: &Limits, book: Book, left: VecDeque<Sheet>) -> Result<Self, DocumentError> {
        if left.len() > limits.sheets {
            let what = format!("超过 {} 张工作表", limits.sheets);
            return Err(DocumentError::TooLarge { file: file.to_owned(), what });
        }
        Ok(Self { file: file.to_owned(), limits: *limits, book, left })
    }

    fn load(&mut self, name: &str, notes: &mut Notes) -> Result<Grid, DocumentError> {
        let (file, limits, book) = (self.file.as_str(), &self.limits, &mut self.book);
        let mut over = None;
        let mut grid = guarded(file, || {
            let mut grid = Grid::new(name);
            let filled = match book {
                Book::Xlsx(book) => fill_xlsx(book, file, limits, name, &mut grid)?,
                Book::Xls(book) => fill_xls(book, file, limits, name, &mut grid)?,
            };
            over = filled.err();
            Ok(grid)
        })?;
        if let Some(error) = over {
            return Err(error);
        }
        if grid.len() > MERGES_UP_TO_CELLS {
            notes.remarks.push(format!("工作表“{name}”很大，其中的合并单元格按空白处理"));
        } else {
            let merges = guarded(file, || match book {
                Book::Xlsx(book) => book.merge_cells_by_sheet_name(name).map_err(|e| e.to_string()),
                Book::Xls(book) => book.merge_cells_by_sheet_name(name).map_err(|e| e.to_string()),
            })?;
            for Dimensions { start, end } in merges {
                grid.merge(start, end);
            }
        }
        Ok(grid.finish())
    }
}

impl Sheets for Workbook {
    fn next_sheet(&mut self, notes: &mut Notes) -> Result<Option<Grid>, DocumentError> {
        while let Some(sheet) = self.left.pop_front() {
            if sheet.typ != SheetType::WorkSheet {
                continue;
            }
            if sheet.visible != SheetVisible::Visible {
                notes.remarks.push(format!("隐藏的工作表“{}”未读入；如需读入请先取消隐藏", sheet.name));
                continue;
            }
            return self.load(&sheet.name, notes).map(Some);
        }
        Ok(None)
    }
}

/// The inner result is an error of ours (a limit), the outer one of the reader.
type Filled = Result<Result<(), DocumentError>, String>;

fn fill_xlsx(book: &mut Xlsx<Cursor<Vec<u8>>>, file: &str, limits: &Limits, name: &str, grid: &mut Grid) -> Filled {
    let mut reader = book.worksheet_cells_reader(name).map_err(|e| e.to_string())?;
    let mut text = String::new();
    while let Some(cell) = reader.next_cell().map_err(|e| e.to_string())? {
        text.clear();
        let shown = match cell.get_value() {
            DataRef::Empty => continue,
            DataRef::SharedString(shared) => shared,
            DataRef::String(s) | DataRef::DateTimeIso(s) | DataRef::DurationIso(s) => s.as_str(),
            DataRef::Int(n) => shown_number(*n, &mut text),
            DataRef::Float(n) => number(*n, &mut text),
            DataRef::Bool(b) => yes(*b),
            DataRef::DateTime(at) => moment(at, &mut text),
            DataRef::Error(e) => shown_number(e, &mut text),
        };
        if let Err(error) = grid.push(file, limits, cell.get_position(), shown) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn fill_xls(book: &mut Xls<Cursor<Vec<u8>>>, file: &str, limits: &Limits, name: &str, grid: &mut Grid) -> Filled {
    let range = book.worksheet_range(name).map_err(|e| e.to_string())?;
    let (top, left) = range.start().unwrap_or_default();
    let mut text = String::new();
    for (row, column, cell) in range.used_cells() {
        text.clear();
        let shown = match cell {
            Data::Empty => continue,
            Data::String(s) | Data::DateTimeIso(s) | Data::DurationIso(s) => s.as_str(),
            Data::Int(n) => shown_number(*n, &mut text),
            Data::Float(n) => number(*n, &mut text),
            Data::Bool(b) => yes(*b),
            Data::DateTime(at) => moment(at, &mut text),
            Data::Error(e) => shown_number(e, &mut text),
        };
        let at = |first: u32, offset: usize| first.saturating_add(u32::try_from(offset).unwrap_or(u32::MAX));
        if let Err(error) = grid.push(file, limits, (at(top, row), at(left, column)), shown) {
            return Ok(Err(error));
        }
    }
    Ok(Ok(()))
}

fn yes(yes: bool) -> &'static str {
    if yes { "TRUE" } else { "FALSE" }
}

fn shown_number(value: impl std::fmt::Display, text: &mut String) -> &str {
    // Writing to a String cannot fail.
    let _written = write!(text, "{value}");
    text
}

/// A number as Excel's own 15 digits show it: whole ones without point or exponent, others without the noise of binary
/// fractions. A whole number of 16 digits or more has lost its last ones, and is shown with an exponent, by which
/// [`super::Row::identifier`] knows it.
pub(super) fn number(value: f64, text: &mut String) -> &str {
    const EXACT: f64 = 9_007_199_254_740_992.0;
    let size = value.abs();
    let whole = value.fract() == 0.0;
    let _written = if whole && (size < 1e15 || size < EXACT && value % 10.0 != 0.0) {
        write!(text, "{value:.0}")
    } else if !value.is_finite() {
        write!(text, "#NUM!")
    } else if size >= 1e15 {
        let shown = format!("{value:.14e}");
        match shown.split_once('e') {
            Some((mantissa, exponent)) => write!(text, "{mantissa}E+{exponent}"),
            None => write!(text, "{shown}"),
        }
    } else {
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "the exponent of a number below 1e15"
        )]
        let decimals = (15 - (size.max(1.0).log10().floor() as i32 + 1)).clamp(1, 15) as usize;
        write!(text, "{value:.decimals$}")
    };
    if text.contains('.') && !text.contains('E') {
        text.truncate(text.trim_end_matches('0').trim_end_matches('.').len());
    }
    if text == "-0" { "0" } else { text }
}

/// A date cell as `2024-03-05` or `2024-03-05 08:30:00`; a time alone as `08:30:00`.
fn moment<'a>(at: &ExcelDateTime, text: &'a mut String) -> &'a str {
    let value = at.as_f64();
    let Some(moment) = at.as_datetime().filter(|_| value.is_finite()) else { return number(value, text) };
    let _written = if at.is_duration() || (0.0..1.0).contains(&value) {
        #[expect(clippy::cast_possible_truncation, reason = "a duration within the years a date can have")]
        let seconds = (value * 86_400.0).round() as i64;
        write!(text, "{:02}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
    } else {
        // To the nearest second: Excel's fractions of a day are not exact.
        let moment = moment.checked_add_signed(chrono::TimeDelta::milliseconds(500)).unwrap_or(moment);
        let shown = moment.format("%Y-%m-%d %H:%M:%S").to_string();
        write!(text, "{}", shown.strip_suffix(" 00:00:00").unwrap_or(&shown))
    };
    text
}

/// Runs the reader; whatever it stumbles over, even a panic of its own on a damaged file, is one sentence.
pub(super) fn guarded<T>(file: &str, read: impl FnOnce() -> Result<T, String>) -> Result<T, DocumentError> {
    let broken = |reason| DocumentError::Broken { file: file.to_owned(), reason };
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(reason)) if reason.contains("password") => Err(DocumentError::Protected { file: file.to_owned() }),
        Ok(Err(reason)) => Err(broken(reason)),
        Err(panic) => Err(broken(panic_text(panic.as_ref()))),
    }
}

fn panic_text(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<&str>().copied().or_else(|| panic.downcast_ref::<String>().map(String::as_str));
    text.unwrap_or("内部结构错乱").to_owned()
}

#[cfg(test)]
mod tests {
    use super::number;

    #[test]
    fn numbers_are_shown_as_people_typed_them() {
        for (value, shown) in [
            (1_234_567_890_123.0, "1234567890123"),
            (3.0, "3"),
            (-0.0, "0"),
            (12_345.6, "12345.6"),
            (0.1 + 0.2, "0.3"),
            (12_345.600_000_000_002, "12345.6"),
            (45_000.354_166_666_664, "45000.3541666667"),
            (0.000_01, "0.00001"),
            (123_456_789_012_345.0, "123456789012345"),
            (1_234_567_890_123_456_f64, "1234567890123456"),
            (1_234_567_890_123_450.0, "1.23456789012345E+15"),
            (442_000_202_401_010_000.0, "4.42000202401010E+17"),
            (f64::NAN, "#NUM!"),
        ] {
            assert_eq!(number(value, &mut String::new()), shown, "{value}");
        }
    }
}
