//! Lays headings, paragraphs and tables on A4 pages, top to bottom; a page is a list of marks, drawn later when the
//! number of pages is known.

use super::face::Face;

/// A4, in points.
pub(super) const PAGE: (f32, f32) = (595.28, 841.89);
/// The same, laid across.
pub(super) const ACROSS: (f32, f32) = (PAGE.1, PAGE.0);
/// Margins as official papers have them: 37 mm above, 28 mm left, 26 mm right, 35 mm below; a little less above and
/// below, for tables.
pub(super) const LEFT: f32 = 79.4;
const RIGHT: f32 = 73.7;
const TOP: f32 = 85.0;
const BOTTOM: f32 = 79.0;

/// 三号, the size of body text, and its leading.
const BODY: (f32, f32) = (15.0, 27.0);
const TABLE: (f32, f32) = (8.0, 11.0);
/// Tables reach a little into both margins.
const TABLE_LEFT: f32 = LEFT - 14.0;
const TABLE_MARGIN: f32 = RIGHT - 14.0;
const CELL_PAD: f32 = 3.0;
/// A cell of a table wraps to so many lines and then ends in `…`.
const CELL_LINES: usize = 3;

/// One mark on a page; y runs down from the top.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Mark {
    Text { x: f32, baseline: f32, size: f32, bold: bool, grey: bool, spread: f32, text: String },
    Rule { from: (f32, f32), to: (f32, f32) },
    Fill { at: (f32, f32), size: (f32, f32) },
}

/// A heading, for the list of contents that viewers show.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Bookmark {
    pub(super) title: String,
    pub(super) page: usize,
    pub(super) y: f32,
}

/// What was laid out.
#[derive(Debug, Default)]
pub(super) struct Pages {
    /// Width and height of each.
    pub(super) size: (f32, f32),
    pub(super) pages: Vec<Vec<Mark>>,
    pub(super) bookmarks: Vec<Bookmark>,
}

/// Where text stands in its column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    Left,
    Centre,
    Right,
}

/// A column of a table.
#[derive(Debug, Clone, Copy)]
pub(crate) struct TableColumn {
    pub(crate) header: &'static str,
    /// Its part of the width; the parts of a table are scaled to fill it.
    pub(crate) part: f32,
    pub(crate) side: Side,
}

/// A table.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) rows: Vec<Vec<String>>,
    /// Whether the last row adds up the others.
    pub(crate) has_total: bool,
}

impl Pages {
    /// The text of each page, line by line as laid out.
    pub(super) fn text(&self) -> Vec<String> {
        let of_page = |marks: &Vec<Mark>| {
            let lines = marks.iter().filter_map(|mark| match mark {
                Mark::Text { text, .. } => Some(text.as_str()),
                Mark::Rule { .. } | Mark::Fill { .. } => None,
            });
            lines.collect::<Vec<_>>().join("\n")
        };
        self.pages.iter().map(of_page).collect()
    }
}

/// Lays out a report.
pub(crate) struct Flow<'a> {
    face: &'a Face<'a>,
    done: Pages,
    page: Vec<Mark>,
    y: f32,
}

impl<'a> Flow<'a> {
    pub(super) fn new(face: &'a Face<'a>) -> Self {
        Self::sized(face, PAGE)
    }

    /// On pages of this size.
    pub(super) fn sized(face: &'a Face<'a>, size: (f32, f32)) -> Self {
        Self { face, done: Pages { size, ..Pages::default() }, page: vec![], y: TOP }
    }

    /// Where text ends to the right.
    const fn right(&self) -> f32 {
        self.done.size.0 - RIGHT
    }

    /// What a line of text has between the margins.
    const fn width(&self) -> f32 {
        self.right() - LEFT
    }

    const fn bottom(&self) -> f32 {
        self.done.size.1 - BOTTOM
    }

    const fn table_right(&self) -> f32 {
        self.done.size.0 - TABLE_MARGIN
    }

    const fn table_width(&self) -> f32 {
        self.table_right() - TABLE_LEFT
    }

    pub(super) fn finish(mut self) -> Pages {
        self.new_page();
        self.done
    }

    pub(super) fn new_page(&mut self) {
        if !self.page.is_empty() {
            self.done.pages.push(std::mem::take(&mut self.page));
        }
        self.y = TOP;
    }

    /// Goes to the next page unless `height` is left on this one.
    fn need(&mut self, height: f32) {
        if self.y + height > self.bottom() {
            self.new_page();
        }
    }

    pub(crate) fn space(&mut self, height: f32) {
        self.y = (self.y + height).min(self.bottom());
    }

    fn text(&mut self, x: f32, baseline: f32, (size, bold): (f32, bool), text: &str) {
        let text = text.to_owned();
        self.page.push(Mark::Text { x, baseline, size, bold, grey: false, spread: 0.0, text });
    }

    /// A line across the middle: the title, or what stands under it.
    pub(crate) fn centred(&mut self, text: &str, size: f32, bold: bool) {
        for line in self.face.lines(text, size, self.width(), 0.0) {
            self.need(size * 1.5);
            let x = LEFT + (self.width() - self.face.width(&line, size)) / 2.0;
            self.text(x, self.y + size * 1.15, (size, bold), &line);
            self.y += size * 1.5;
        }
    }

    /// `一、基本情况`, never alone at the foot of a page.
    pub(crate) fn heading(&mut self, title: &str) {
        self.space(6.0);
        self.need(BODY.1 * 3.0);
        let page = self.done.pages.len();
        self.done.bookmarks.push(Bookmark { title: title.to_owned(), page, y: self.y });
        self.text(LEFT + BODY.0 * 2.0, self.y + BODY.0 * 1.2, (BODY.0, true), title);
        self.y += BODY.1 + 1.0;
    }

    /// A paragraph, its first line two characters in, its lines spread to the right margin.
    pub(crate) fn paragraph(&mut self, text: &str) {
        let (size, leading) = BODY;
        let indent = size * 2.0;
        let lines = self.face.lines(text, size, self.width(), indent);
        for (index, line) in lines.iter().enumerate() {
            self.need(leading);
            let x = if index == 0 { LEFT + indent } else { LEFT };
            let free = self.right() - x - self.face.width(line, size);
            let gaps = line.chars().count().saturating_sub(1);
            let is_last = index + 1 == lines.len();
            let spread = if is_last || gaps == 0 { 0.0 } else { (free / gaps as f32).clamp(0.0, size * 0.25) };
            let (baseline, text) = (self.y + size * 1.2, line.clone());
            self.page.push(Mark::Text { x, baseline, size, bold: false, grey: false, spread, text });
            self.y += leading;
        }
    }

    /// A line of its own in the size of a table: what the table is, or what it leaves out.
    pub(crate) fn caption(&mut self, text: &str, side: Side) {
        let size = 10.0;
        for line in self.face.lines(text, size, self.width(), 0.0) {
            self.need(size * 1.6 + if side == Side::Centre { 60.0 } else { 0.0 });
            let x = LEFT + self.offset(&line, size, self.width(), side);
            self.text(x, self.y + size * 1.1, (size, side == Side::Centre), &line);
            self.y += size * 1.6;
        }
    }

    fn offset(&self, text: &str, size: f32, width: f32, side: Side) -> f32 {
        let free = (width - self.face.width(text, size)).max(0.0);
        match side {
            Side::Left => 0.0,
            Side::Centre => free / 2.0,
            Side::Right => free,
        }
    }

    /// A table across the page, its header again on every page.
    pub(crate) fn table(&mut self, table: &Table) {
        let whole: f32 = table.columns.iter().map(|column| column.part).sum();
        let widths: Vec<_> = table.columns.iter().map(|column| column.part / whole * self.table_width()).collect();
        let headers: Vec<_> = table.columns.iter().map(|column| column.header.to_owned()).collect();
        let header = self.cells(&headers, &widths);
        let mut needs_header = true;
        for (index, row) in table.rows.iter().enumerate() {
            let cells = self.cells(row, &widths);
            let with_header = if needs_header { height(&header) } else { 0.0 };
            if self.y + with_header + height(&cells) > self.bottom() {
                self.new_page();
                needs_header = true;
            }
            if needs_header {
                self.row(&header, &widths, &table.columns, Some(Side::Centre), true);
                needs_header = false;
            }
            let is_total = table.has_total && index + 1 == table.rows.len();
            self.row(&cells, &widths, &table.columns, None, is_total);
        }
        self.space(8.0);
    }

    fn cells(&self, row: &[String], widths: &[f32]) -> Vec<Vec<String>> {
        // Across a page there are more columns, each narrower.
        let most = if self.done.size == ACROSS { 2 * CELL_LINES } else { CELL_LINES };
        let fit = |(text, width): (&String, &f32)| self.face.lines_at_most(text, TABLE.0, width - 2.0 * CELL_PAD, most);
        row.iter().zip(widths).map(fit).collect()
    }

    /// Draws one row; `side` overrides the columns' own.
    fn row(
        &mut self,
        cells: &[Vec<String>],
        widths: &[f32],
        columns: &[TableColumn],
        side: Option<Side>,
        strong: bool,
    ) {
        let tall = height(cells);
        let (top, bottom) = (self.y, self.y + tall);
        if strong {
            self.page.push(Mark::Fill { at: (TABLE_LEFT, top), size: (self.table_width(), tall) });
        }
        let mut x = TABLE_LEFT;
        for ((lines, width), column) in cells.iter().zip(widths).zip(columns) {
            let mut baseline = top + (tall - text_height(lines)) / 2.0 + TABLE.0 * 1.05;
            for line in lines {
                let inner = width - 2.0 * CELL_PAD;
                let at = x + CELL_PAD + self.offset(line, TABLE.0, inner, side.unwrap_or(column.side));
                self.text(at, baseline, (TABLE.0, strong), line);
                baseline += TABLE.1;
            }
            self.page.push(Mark::Rule { from: (x, top), to: (x, bottom) });
            x += width;
        }
        self.page.push(Mark::Rule { from: (self.table_right(), top), to: (self.table_right(), bottom) });
        self.page.push(Mark::Rule { from: (TABLE_LEFT, top), to: (self.table_right(), top) });
        self.page.push(Mark::Rule { from: (TABLE_LEFT, bottom), to: (self.table_right(), bottom) });
        self.y = bottom;
    }

    /// Who signs, three side by side, and room for the seal; never torn apart.
    pub(crate) fn signatures(&mut self, organisation: &str, day: &str, signers: &[(&str, &str)]) {
        let size = 12.0;
        self.need(210.0);
        self.y += 30.0;
        let column = self.width() / signers.len().max(1) as f32;
        for (index, (role, name)) in signers.iter().enumerate() {
            let x = LEFT + column * index as f32;
            self.text(x, self.y, (size, false), &format!("{role}：{name}"));
            let from = x + self.face.width(role, size) + size;
            let rule_y = self.y + 4.0;
            self.page.push(Mark::Rule { from: (from, rule_y), to: (x + column - 10.0, rule_y) });
            self.text(x, self.y + 30.0, (size, false), "　　　年　　月　　日");
        }
        self.y += 82.0;
        for line in [organisation, "（公章）", day] {
            let x = self.right() - 20.0 - self.face.width(line, size + 1.0);
            self.text(x, self.y, (size + 1.0, false), line);
            self.y += 26.0;
        }
        self.y += 10.0;
    }
}

fn text_height(lines: &[String]) -> f32 {
    lines.len() as f32 * TABLE.1
}

fn height(cells: &[Vec<String>]) -> f32 {
    cells.iter().map(|lines| text_height(lines)).fold(TABLE.1, f32::max) + 2.0 * CELL_PAD
}
