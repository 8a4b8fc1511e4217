//! Tables in HTML, and in Excel's XML of 2003: what filling stations and old systems save under the name of `.xls`.

use html5gum::emitters::default::DefaultEmitter;
use html5gum::{StartTag, Token, Tokenizer};

use super::charset::Decoded;
use super::error::DocumentError;
use super::grid::{Grid, Sheets};
use super::limits::Limits;
use super::packed::size;
use super::reject::Notes;

/// The tables of a page, as sheets.
pub(super) struct Html(std::vec::IntoIter<Grid>);

impl Sheets for Html {
    fn next_sheet(&mut self, _notes: &mut Notes) -> Result<Option<Grid>, DocumentError> {
        Ok(self.0.next())
    }
}

/// A table being read.
struct Open {
    grid: Grid,
    row: Option<u32>,
    column: u32,
    /// The text of the cell being read, and how many columns and rows it covers.
    cell: Option<(String, u32, u32)>,
    /// By column: the rows that a cell above still covers.
    covered: Vec<u32>,
}

impl Html {
    /// Reads a page from text that is still encoded.
    pub(super) fn new(file: &str, mut text: Decoded, limits: &Limits) -> Result<Self, DocumentError> {
        let mut page = String::new();
        while !text.fill(&mut page)?.last {
            if page.len() as u64 > limits.workbook_bytes {
                let what = format!("超过 {} 的上限", size(limits.workbook_bytes));
                return Err(DocumentError::TooLarge { file: file.to_owned(), what });
            }
        }
        let mut reader = Page { file, limits, open: Vec::new(), done: Vec::new(), sheet: None, quiet: 0 };
        // What is inside a script is no tag; but in Excel's XML a style is an element like any other.
        let head: String = page.chars().take(2_000).flat_map(char::to_lowercase).collect();
        let mut emitter = DefaultEmitter::default();
        emitter.naively_switch_states(!head.contains("<workbook"));
        for token in Tokenizer::new_with_emitter(page.as_str(), emitter).flatten() {
            match token {
                Token::StartTag(tag) => reader.start(&tag)?,
                Token::EndTag(tag) => reader.end(&tag.name)?,
                Token::String(text) => reader.text(&text),
                _ => {}
            }
        }
        while !reader.open.is_empty() {
            reader.end(b"table")?;
        }
        if reader.done.is_empty() {
            return Err(DocumentError::NotATable { file: file.to_owned(), what: "没有表格的网页" });
        }
        Ok(Self(reader.done.into_iter()))
    }
}

struct Page<'a> {
    file: &'a str,
    limits: &'a Limits,
    /// Tables within tables; pages use them for layout.
    open: Vec<Open>,
    done: Vec<Grid>,
    /// The name of the sheet, in Excel's XML.
    sheet: Option<String>,
    /// Inside a script or a style.
    quiet: usize,
}

impl Page<'_> {
    fn start(&mut self, tag: &StartTag<()>) -> Result<(), DocumentError> {
        let name: &[u8] = &tag.name;
        match name {
            b"script" | b"style" | b"styles" if !tag.self_closing => self.quiet += 1,
            b"worksheet" => self.sheet = value(tag, b"ss:name"),
            b"table" => {
                let name = self.sheet.take().unwrap_or_else(|| format!("表{}", self.done.len() + self.open.len() + 1));
                if self.done.len() + self.open.len() >= self.limits.sheets {
                    let what = format!("超过 {} 个表格", self.limits.sheets);
                    return Err(DocumentError::TooLarge { file: self.file.to_owned(), what });
                }
                self.open.push(Open { grid: Grid::new(&name), row: None, column: 0, cell: None, covered: Vec::new() });
            }
            b"tr" | b"row" => {
                self.close_cell()?;
                if let Some(open) = self.open.last_mut() {
                    let next = open.row.map_or(0, |row| row.saturating_add(1));
                    let index = count(tag, b"ss:index").and_then(|n| n.checked_sub(1));
                    open.row = Some(index.filter(|n| *n >= next).unwrap_or(next));
                    open.column = 0;
                    open.covered.iter_mut().for_each(|rows| *rows = rows.saturating_sub(1));
                }
            }
            b"td" | b"th" | b"cell" => {
                self.close_cell()?;
                if let Some(open) = self.open.last_mut() {
                    open.row.get_or_insert(0);
                    if let Some(index) = count(tag, b"ss:index").and_then(|n| n.checked_sub(1)) {
                        open.column = open.column.max(index);
                    }
                    while open.covered.get(open.column as usize).is_some_and(|rows| *rows > 0) {
                        open.column += 1;
                    }
                    let more = |name: &[u8]| count(tag, name).map(|n| n.saturating_add(1));
                    let columns = count(tag, b"colspan").or_else(|| more(b"ss:mergeacross")).unwrap_or(1);
                    let rows = count(tag, b"rowspan").or_else(|| more(b"ss:mergedown")).unwrap_or(1);
                    open.cell = Some((String::new(), columns.clamp(1, 1_000), rows.clamp(1, 65_536)));
                }
                if tag.self_closing && name == b"cell" {
                    self.close_cell()?;
                }
            }
            b"br" | b"p" | b"div" => self.text(b" "),
            _ => {}
        }
        Ok(())
    }

    fn end(&mut self, name: &[u8]) -> Result<(), DocumentError> {
        match name {
            b"script" | b"style" | b"styles" => self.quiet = self.quiet.saturating_sub(1),
            b"td" | b"th" | b"cell" | b"tr" | b"row" => self.close_cell()?,
            b"table" => {
                self.close_cell()?;
                self.done.extend(self.open.pop().map(|open| open.grid.finish()));
            }
            _ => {}
        }
        Ok(())
    }

    fn text(&mut self, text: &[u8]) {
        if self.quiet == 0
            && let Some((cell, ..)) = self.open.last_mut().and_then(|open| open.cell.as_mut())
            && cell.len() <= self.limits.cell_bytes
        {
            cell.push_str(&String::from_utf8_lossy(text));
        }
    }

    /// Ends the cell at hand: its text stands in its first column and row, the others it covers stay blank.
    fn close_cell(&mut self) -> Result<(), DocumentError> {
        let Some(open) = self.open.last_mut() else { return Ok(()) };
        let Some((text, columns, rows)) = open.cell.take() else { return Ok(()) };
        let (row, column) = (open.row.unwrap_or(0), open.column);
        let words: Vec<_> = text.split_whitespace().collect();
        open.grid.push(self.file, self.limits, (row, column), &words.join(" "))?;
        if rows > 1 {
            open.grid.merge((row, column), (row.saturating_add(rows - 1), column));
            let end = column.saturating_add(columns).min(16_384) as usize;
            open.covered.resize(open.covered.len().max(end), 0);
            open.covered[(column as usize).min(end)..end].fill(rows);
        }
        open.column = column.saturating_add(columns);
        Ok(())
    }
}

fn value(tag: &StartTag<()>, name: &[u8]) -> Option<String> {
    let found = tag.attributes.iter().find(|(key, _)| key.0 == name)?;
    Some(String::from_utf8_lossy(found.1).into_owned())
}

fn count(tag: &StartTag<()>, name: &[u8]) -> Option<u32> {
    value(tag, name)?.trim().parse().ok()
}
