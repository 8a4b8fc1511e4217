//! OpenDocument spreadsheets, read from their XML as it is unpacked.
//!
//! Not through `calamine`, whose ODS reader spreads repeated cells out (a stray style on a million rows, or a file made
//! for it, takes gigabytes), and never ends on XML that is cut short inside a table.

use std::io::{BufRead, BufReader, Cursor};

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::error::DocumentError;
use super::grid::{Grid, Sheets};
use super::limits::Limits;
use super::reject::Notes;

/// The sheets of an ODS, read whole when it is opened.
pub(super) struct Ods {
    grids: std::vec::IntoIter<Grid>,
    hidden: Vec<String>,
}

impl Sheets for Ods {
    fn next_sheet(&mut self, notes: &mut Notes) -> Result<Option<Grid>, DocumentError> {
        for name in self.hidden.drain(..) {
            notes.remarks.push(format!("隐藏的工作表“{name}”未读入；如需读入请先取消隐藏"));
        }
        Ok(self.grids.next())
    }
}

/// A cell as its start tag describes it.
#[derive(Default)]
struct Cell {
    /// The value the tag carries, when the content does not decide.
    value: Option<String>,
    columns: u32,
    rows_spanned: u32,
}

struct Parser<'a> {
    file: &'a str,
    limits: &'a Limits,
    /// Styles of tables that are not shown.
    hidden_styles: Vec<String>,
    style: Option<String>,
    hidden: Vec<String>,
    grids: Vec<Grid>,
    cells: u64,
}

impl Ods {
    /// Reads an ODS that [`super::packed`] has looked at.
    pub(super) fn new(file: &str, bytes: &[u8], limits: &Limits) -> Result<Self, DocumentError> {
        let broken = |reason: String| DocumentError::Broken { file: file.to_owned(), reason };
        let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|e| broken(e.to_string()))?;
        let content = zip.by_name("content.xml").map_err(|e| broken(e.to_string()))?;
        let mut reader = Reader::from_reader(BufReader::with_capacity(64 * 1024, content));
        reader.config_mut().expand_empty_elements = true;
        let mut parser = Parser {
            file,
            limits,
            hidden_styles: Vec::new(),
            style: None,
            hidden: Vec::new(),
            grids: Vec::new(),
            cells: 0,
        };
        parser.document(&mut reader)?;
        Ok(Self { grids: parser.grids.into_iter(), hidden: parser.hidden })
    }
}

impl Parser<'_> {
    fn broken(&self, reason: impl ToString) -> DocumentError {
        DocumentError::Broken { file: self.file.to_owned(), reason: reason.to_string() }
    }

    fn document<R: BufRead>(&mut self, xml: &mut Reader<R>) -> Result<(), DocumentError> {
        let mut buffer = Vec::new();
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|e| self.broken(e))? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "encryption-data" => return Err(DocumentError::Protected { file: self.file.to_owned() }),
                    "style" => self.style = attribute(&tag, "name"),
                    "table-properties" if attribute(&tag, "display").is_some_and(|shown| shown == "false") => {
                        self.hidden_styles.extend(self.style.take());
                    }
                    "table" => {
                        let name = attribute(&tag, "name").unwrap_or_default();
                        let hidden =
                            attribute(&tag, "style-name").is_some_and(|style| self.hidden_styles.contains(&style));
                        let grid = self.table(xml, &name)?;
                        if hidden {
                            self.hidden.push(name);
                        } else {
                            self.grids.push(grid.finish());
                        }
                        if self.grids.len() > self.limits.sheets {
                            let what = format!("超过 {} 张工作表", self.limits.sheets);
                            return Err(DocumentError::TooLarge { file: self.file.to_owned(), what });
                        }
                    }
                    _ => {}
                },
                Event::Eof => return Ok(()),
                _ => {}
            }
        }
    }

    fn table<R: BufRead>(&mut self, xml: &mut Reader<R>, name: &str) -> Result<Grid, DocumentError> {
        let (mut grid, mut buffer, mut row) = (Grid::new(name), Vec::new(), 0u32);
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|e| self.broken(e))? {
                Event::Start(tag) if tag.local_name().as_ref() == "table-row" => {
                    let repeated = repeats(&tag, "number-rows-repeated");
                    let cells = self.row(xml, row, &mut grid)?;
                    for again in 1..repeated.min(1_048_576) {
                        if cells.is_empty() {
                            break;
                        }
                        for (column, text) in &cells {
                            self.push(&mut grid, (row.saturating_add(again), *column), text)?;
                        }
                    }
                    row = row.saturating_add(repeated);
                }
                Event::End(tag) if tag.local_name().as_ref() == "table" => return Ok(grid),
                Event::Eof => return Err(self.broken("表格没有结尾")),
                _ => {}
            }
        }
    }

    /// Reads a row; gives its cells that have text.
    fn row<R: BufRead>(
        &mut self,
        xml: &mut Reader<R>,
        row: u32,
        grid: &mut Grid,
    ) -> Result<Vec<(u32, String)>, DocumentError> {
        let (mut cells, mut buffer, mut column) = (Vec::new(), Vec::new(), 0u32);
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|e| self.broken(e))? {
                Event::Start(tag) if matches!(tag.local_name().as_ref(), "table-cell" | "covered-table-cell") => {
                    let covered = tag.local_name().as_ref() == "covered-table-cell";
                    let cell = describe(&tag);
                    let content = self.content(xml)?;
                    let text = cell.value.unwrap_or(content);
                    if !text.trim().is_empty() && !covered {
                        for again in 0..cell.columns.min(16_384) {
                            let at = column.saturating_add(again);
                            self.push(grid, (row, at), &text)?;
                            cells.push((at, text.clone()));
                        }
                        if cell.rows_spanned > 1 {
                            grid.merge((row, column), (row.saturating_add(cell.rows_spanned - 1), column));
                        }
                    }
                    column = column.saturating_add(cell.columns);
                }
                Event::End(tag) if tag.local_name().as_ref() == "table-row" => return Ok(cells),
                Event::Eof => return Err(self.broken("行没有结尾")),
                _ => {}
            }
        }
    }

    fn push(&mut self, grid: &mut Grid, at: (u32, u32), text: &str) -> Result<(), DocumentError> {
        self.cells += 1;
        if self.cells > self.limits.cells {
            let what = format!("超过 {} 个单元格", self.limits.cells);
            return Err(DocumentError::TooLarge { file: self.file.to_owned(), what });
        }
        grid.push(self.file, self.limits, at, text)
    }

    /// The text of a cell: its paragraphs, without notes attached to it.
    fn content<R: BufRead>(&self, xml: &mut Reader<R>) -> Result<String, DocumentError> {
        let (mut text, mut buffer, mut aside, mut paragraphs) = (String::new(), Vec::new(), 0usize, 0);
        loop {
            buffer.clear();
            match xml.read_event_into(&mut buffer).map_err(|e| self.broken(e))? {
                Event::Start(tag) => match tag.local_name().as_ref() {
                    "annotation" | "table" | "frame" | "shapes" => aside += 1,
                    "p" if aside == 0 => {
                        if paragraphs > 0 {
                            text.push('\n');
                        }
                        paragraphs += 1;
                    }
                    "s" | "tab" | "line-break" if aside == 0 => text.push(' '),
                    _ => {}
                },
                Event::Text(piece) if aside == 0 && paragraphs > 0 => text.push_str(&piece.xml10_content()),
                Event::GeneralRef(entity) if aside == 0 => push_entity(&entity, &mut text),
                Event::End(tag) => match tag.local_name().as_ref() {
                    "annotation" | "table" | "frame" | "shapes" => aside = aside.saturating_sub(1),
                    "table-cell" | "covered-table-cell" if aside == 0 => return Ok(text),
                    _ => {}
                },
                Event::Eof => return Err(self.broken("单元格没有结尾")),
                _ => {}
            }
            if text.len() > self.limits.cell_bytes.saturating_mul(2) {
                text.truncate(text.floor_char_boundary(self.limits.cell_bytes.saturating_add(1)));
            }
        }
    }
}

fn describe(tag: &BytesStart<'_>) -> Cell {
    let kind = attribute(tag, "value-type").unwrap_or_default();
    let value = match kind.as_str() {
        "float" | "currency" | "percentage" => attribute(tag, "value").map(|v| match v.parse::<f64>() {
            Ok(number) => super::workbook::number(number, &mut String::new()).to_owned(),
            Err(_) => v,
        }),
        "date" => attribute(tag, "date-value"),
        "boolean" => attribute(tag, "boolean-value").map(|v| v.to_uppercase()),
        _ => None,
    };
    Cell { value, columns: repeats(tag, "number-columns-repeated"), rows_spanned: repeats(tag, "number-rows-spanned") }
}

fn repeats(tag: &BytesStart<'_>, name: &str) -> u32 {
    attribute(tag, name).and_then(|v| v.parse().ok()).unwrap_or(1).max(1)
}

/// An attribute by its local name, unescaped.
fn attribute(tag: &BytesStart<'_>, name: &str) -> Option<String> {
    let found = tag.attributes().with_checks(false).flatten().find(|a| a.key.local_name().as_ref() == name)?;
    quick_xml::escape::unescape(&found.value).ok().map(std::borrow::Cow::into_owned)
}

fn push_entity(entity: &quick_xml::events::BytesRef<'_>, text: &mut String) {
    if let Ok(Some(c)) = entity.resolve_char_ref() {
        text.push(c);
        return;
    }
    text.push_str(match entity.as_ref() {
        "amp" => "&",
        "lt" => "<",
        "gt" => ">",
        "quot" => "\"",
        "apos" => "'",
        _ => "",
    });
}
