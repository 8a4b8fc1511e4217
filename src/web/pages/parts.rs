//! What pages share besides the frame: marks, lists that go on, files to take away.

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use rust_xlsxwriter::{Format, Workbook};
use sea_orm::Value;

use super::form::in_query;
use super::view::Frame;
use crate::db::order::{By, Order};
use crate::web::ApiError;

/// How many lines a page shows.
pub(crate) const PAGE: u64 = 50;
/// How many lines a file takes away at most; more is what the reports and the export of the book are for.
pub(crate) const SHEET_ROWS: u64 = 100_000;

/// A state or a verdict as people see it: colour, shape (by the look) and word.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Mark {
    /// `good`, `warn`, `bad`, `ask`, `calm` or blank, with `count`, `gone`, `same` or `plain` for the shape.
    pub(crate) look: &'static str,
    /// The word.
    pub(crate) text: String,
}

impl Mark {
    /// A mark.
    pub(crate) fn new(look: &'static str, text: impl Into<String>) -> Self {
        Self { look, text: text.into() }
    }
}

/// Cuts a list that was read one line too long, and says from which line the next page goes on.
pub(crate) fn cut<T>(rows: &mut Vec<T>, limit: u64, cursor: impl FnOnce(&T) -> String) -> String {
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    if rows.len() <= limit {
        return String::new();
    }
    rows.truncate(limit);
    rows.last().map(cursor).unwrap_or_default()
}

/// How a list can be sorted: the names of its ways in the address, and by what each is.
pub(crate) type Ways<C> = [(&'static str, By<C>)];

/// The order that the address asks for (`?sort=name`, from the last to the first `?sort=-name`); `None`: that of the
/// list itself. `after` is the key of the row that the page before ended with.
pub(crate) fn order<C: Copy>(frame: &Frame, ways: &Ways<C>, after: Option<Value>) -> Option<Order<C>> {
    let asked = frame.address.get("sort");
    let (name, down) = asked.strip_prefix('-').map_or((asked, false), |name| (name, true));
    ways.iter().find(|(own, _)| *own == name).map(|(_, by)| Order { by: *by, down, after })
}

/// The head of a column that a list can be sorted by.
#[derive(Debug)]
pub(crate) struct Sorting {
    /// As ARIA names the order; blank when it is another's.
    pub(crate) aria: &'static str,
    pub(crate) arrow: &'static str,
    /// The list in this order; if it is already, the other way round.
    pub(crate) href: String,
}

impl Sorting {
    /// Of the column of this name.
    pub(crate) fn of(frame: &Frame, name: &str) -> Self {
        let asked = frame.address.get("sort");
        let down = format!("-{name}");
        if asked == name {
            Self { aria: "ascending", arrow: " ↑", href: frame.address.with("sort", &down) }
        } else if asked == down {
            Self { aria: "descending", arrow: " ↓", href: frame.address.with("sort", "") }
        } else {
            Self { aria: "", arrow: "", href: frame.address.with("sort", name) }
        }
    }
}

/// The same ways to choose from, where no heads are shown: on a phone.
pub(crate) fn sort_choices(frame: &Frame, columns: &[(&str, &str)]) -> Vec<(String, String)> {
    let own = (String::new(), frame.words.common.own_order.clone());
    let both = columns.iter().flat_map(|(name, text)| {
        [((*name).to_owned(), format!("{text} ↑")), (format!("-{name}"), format!("{text} ↓"))]
    });
    std::iter::once(own).chain(both).collect()
}

/// A cell of a sheet to take away.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Cell {
    /// Text, as it is: never a formula.
    Text(String),
    /// A number.
    Number(f64),
    /// Yuan.
    Money(crate::kernel::Fen),
}

impl From<String> for Cell {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}
impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

/// A workbook of one sheet as an answer. Blocking work: call it on a thread for such.
///
/// # Errors
/// [`ApiError::Internal`] when it cannot be written.
pub(crate) fn sheet(name: &str, head: &[&str], rows: impl Iterator<Item = Vec<Cell>>) -> Result<Vec<u8>, ApiError> {
    write(name, head, rows).map_err(|error| {
        tracing::error!(%error, "a sheet could not be written");
        ApiError::Internal
    })
}

fn write(
    name: &str,
    head: &[&str],
    rows: impl Iterator<Item = Vec<Cell>>,
) -> Result<Vec<u8>, rust_xlsxwriter::XlsxError> {
    let mut book = Workbook::new();
    let (bold, money) = (Format::new().set_bold(), Format::new().set_num_format("#,##0.00"));
    let page = book.add_worksheet_with_constant_memory()?;
    page.set_name(name)?;
    page.set_freeze_panes(1, 0)?;
    let place = |column: usize| u16::try_from(column).unwrap_or(u16::MAX);
    for (column, text) in head.iter().enumerate() {
        page.set_column_width(place(column), 18)?;
        page.write_with_format(0, place(column), *text, &bold)?;
    }
    for (row, cells) in (1..).zip(rows) {
        for (column, cell) in cells.into_iter().enumerate() {
            match cell {
                Cell::Text(text) => page.write_string(row, place(column), text)?,
                Cell::Number(number) => page.write_number(row, place(column), number)?,
                #[expect(clippy::cast_precision_loss, reason = "a spreadsheet has no other numbers")]
                Cell::Money(fen) => page.write_number_with_format(row, place(column), fen.0 as f64 / 100.0, &money)?,
            };
        }
    }
    book.save_to_buffer()
}

/// A list of this name to take away, as it stood on a day: a workbook of one sheet.
///
/// # Errors
/// [`ApiError::Internal`] when it cannot be written.
pub(crate) async fn taken_away(
    name: &str,
    day: NaiveDate,
    head: Vec<String>,
    cells: Vec<Vec<Cell>>,
) -> Result<Response, ApiError> {
    taken_away_as((name, name), day, head, cells).await
}

/// As [`taken_away`], of which the sheet has another name than the file.
///
/// # Errors
/// As [`taken_away`].
pub(crate) async fn taken_away_as(
    (title, name): (&str, &str),
    day: NaiveDate,
    head: Vec<String>,
    cells: Vec<Vec<Cell>>,
) -> Result<Response, ApiError> {
    // What a sheet may not be called.
    let page: String = title.chars().filter(|letter| !"[]:*?/\\".contains(*letter)).take(31).collect();
    let made = tokio::task::spawn_blocking(move || {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        sheet(&page, &head, cells.into_iter())
    });
    let bytes = made.await.map_err(|_| ApiError::Internal)??;
    Ok(workbook(&format!("{name}-{day}.xlsx"), bytes))
}

/// A workbook to save under a name, which may be Chinese.
pub(crate) fn workbook(name: &str, bytes: Vec<u8>) -> Response {
    attachment(name, "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", bytes)
}

/// A file to save under a name, which may be Chinese.
pub(crate) fn attachment(name: &str, kind: &'static str, bytes: Vec<u8>) -> Response {
    let named = format!("attachment; filename*=UTF-8''{}", in_query(name).replace('/', "%2F"));
    ([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes).into_response()
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::samples;

    samples! {
        Mark { look, text }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_is_cut_where_the_next_page_begins() {
        for (count, limit, left, cursor) in [(0, 3, 0, ""), (3, 3, 3, ""), (4, 3, 3, "2")] {
            let mut rows: Vec<u32> = (0..count).collect();
            assert_eq!(cut(&mut rows, limit, ToString::to_string), cursor);
            assert_eq!(rows.len(), left);
        }
    }

    #[test]
    fn a_sheet_holds_text_that_looks_like_a_formula_as_text() {
        let rows = vec![vec![Cell::from("=1+1"), Cell::Money(crate::kernel::Fen(123_456)), Cell::Number(7.0)]];
        let bytes = sheet("资产", &["编号", "价值", "数量"], rows.into_iter()).unwrap();
        let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(bytes)).unwrap();
        let page = calamine::Reader::worksheet_range(&mut book, "资产").unwrap();
        assert_eq!(page.get((1, 0)).unwrap().to_string(), "=1+1");
        assert_eq!(page.get((1, 1)).unwrap().to_string(), "1234.56");
    }
}
