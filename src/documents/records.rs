//! The rows of a table, one after another: letterheads, totals, repeated headers and signatures passed over, bad rows
//! handed to the reject sink.

use std::marker::PhantomData;
use std::sync::Arc;

use super::aside::{FORMULA_ERRORS, aside};
use super::columns::{ColumnMap, Columns, SHEET, letters, list};
use super::delimited::{BadRow, Delimited, Step};
use super::error::DocumentError;
use super::grid::{Grid, Sheets};
use super::header::{self, Header, LOOK, NoHeader};
use super::limits::Limits;
use super::reject::{Location, Notes, Reject, RejectSink, Skipped};
use super::row::{Row, trimmed};
use super::scan::Span;
use super::schema::{Fields, Schema};
use super::table::Source;

/// The rows of a table with the fields `F`. See the room's doc for an example.
pub struct Records<F> {
    file: Arc<str>,
    sheet: Arc<str>,
    body: Body,
    map: ColumnMap,
    columns: Columns,
    /// The number of the header's last row on this sheet.
    header_row: u64,
    /// The columns that rows must reach: one more than the last that serves a field.
    reach: usize,
    limits: Limits,
    notes: Notes,
    /// Rejects of sheets passed over before the first row was asked for.
    pending: Vec<Reject>,
    fields: PhantomData<F>,
}

enum Body {
    Text(Box<Delimited>),
    Sheets { sheets: Box<dyn Sheets>, grid: Grid },
}

impl<F: Fields> Records<F> {
    pub(super) fn new(file: Arc<str>, source: Source, limits: Limits, map: &ColumnMap) -> Result<Self, DocumentError> {
        map.check(&[F::SCHEMA])?;
        let (body, is_text) = match source {
            Source::Text(text) => (Body::Text(text), true),
            Source::Sheets(sheets) => (Body::Sheets { sheets, grid: Grid::default() }, false),
        };
        let mut this = Self {
            file,
            sheet: Arc::from(""),
            body,
            map: map.clone(),
            columns: Columns { of: Vec::new(), headers: Vec::new(), width: 0 },
            header_row: 0,
            reach: 0,
            limits,
            notes: Notes::default(),
            pending: Vec::new(),
            fields: PhantomData,
        };
        if is_text {
            this.begin_text()?
        } else {
            this.begin_sheets()?
        }
        Ok(this)
    }

    /// What was skipped and decided so far.
    #[must_use]
    pub fn notes(&self) -> &Notes {
        &self.notes
    }

    /// The next row of data; `None` at the end. Rows that cannot be read go to `rejects`.
    ///
    /// # Errors
    /// When the file as a whole turns out bad: unreadable, over a limit, a sheet with ambiguous columns.
    #[inline]
    pub fn next_row(&mut self, rejects: &mut dyn RejectSink) -> Result<Option<Row<'_, F>>, DocumentError> {
        if !self.pending.is_empty() {
            for reject in self.pending.drain(..) {
                rejects.reject(reject);
            }
        }
        if !self.advance(rejects)? {
            return Ok(None);
        }
        self.notes.rows += 1;
        let (block, scratch, spans, row) = self.body.cells();
        Ok(Some(Row {
            block,
            scratch,
            spans,
            columns: &self.columns,
            file: &self.file,
            sheet: &self.sheet,
            row,
            fields: PhantomData,
        }))
    }

    fn advance(&mut self, rejects: &mut dyn RejectSink) -> Result<bool, DocumentError> {
        loop {
            let step = match &mut self.body {
                Body::Text(text) => text.step()?,
                Body::Sheets { grid, .. } => match grid.step(self.reach.max(self.columns.width)) {
                    true if grid.is_long() => Step::Bad(BadRow::Long),
                    true => Step::Row,
                    false => Step::End,
                },
            };
            if step == Step::End {
                if self.next_sheet(rejects)? {
                    continue;
                }
                return Ok(false);
            }
            let number = self.body.row();
            if number > self.limits.rows {
                let what = format!("超过 {} 行", self.limits.rows);
                return Err(DocumentError::TooLarge { file: self.file.to_string(), what });
            }
            if number <= self.header_row {
                continue;
            }
            let judged = match step {
                Step::Bad(why) => Judged::Bad(why.reason().to_owned()),
                _ => self.judge(),
            };
            if matches!(judged, Judged::Data) {
                return Ok(true);
            }
            self.put_aside(judged, number, rejects);
        }
    }

    /// Deals with a row that is no data, or cannot be read.
    #[cold]
    fn put_aside(&mut self, judged: Judged, row: u64, rejects: &mut dyn RejectSink) {
        let (column, value, reason) = match judged {
            Judged::Data | Judged::Blank => return,
            Judged::Skip(kind) => return self.notes.skip(kind, &self.sheet, row),
            Judged::Bad(reason) => (String::new(), String::new(), reason),
            Judged::Formula { column, value } => {
                let reason = format!("单元格是公式错误 {value}");
                (column, value, reason)
            }
            Judged::Ragged(reason) => {
                let torn = match &mut self.body {
                    Body::Text(text) => text.one_line_only(),
                    Body::Sheets { .. } => false,
                };
                let reason = if torn { format!("{reason}；本行有未配对的引号") } else { reason };
                (String::new(), String::new(), reason)
            }
        };
        self.notes.rejected += 1;
        let at = Location { file: self.file.clone(), sheet: self.sheet.clone(), row };
        rejects.reject(Reject { at, column, value, reason });
    }

    /// What the row at hand is.
    #[inline]
    fn judge(&self) -> Judged {
        let (block, scratch, spans, _) = self.body.cells();
        let Some(first) = spans.iter().map(|span| trimmed(span.of(block, scratch))).find(|text| !text.is_empty())
        else {
            return Judged::Blank;
        };
        if let Some(kind) = aside(first) {
            return Judged::Skip(kind);
        }
        if self.is_header_again(block, scratch, spans) {
            return Judged::Skip(Skipped::Header);
        }
        if let Body::Text(_) = self.body {
            let width = self.columns.width;
            if spans.len() < self.reach {
                return Judged::Ragged(format!("本行只有 {} 格，表头有 {} 格", spans.len(), width.max(self.reach)));
            }
            if width > 0 && spans.len() > width.max(self.reach) {
                let beyond = &spans[width.max(self.reach)..];
                if beyond.iter().any(|span| !span.of(block, scratch).trim().is_empty()) {
                    return Judged::Ragged(format!("本行有 {} 格，多于表头的 {width} 格", spans.len()));
                }
            }
        }
        if let Some((column, value)) = self.formula_error() {
            return Judged::Formula { column, value };
        }
        Judged::Data
    }

    /// The first column of ours whose cell is a formula that failed.
    fn formula_error(&self) -> Option<(String, String)> {
        if let Body::Text(text) = &self.body
            && !text.has(b'#')
        {
            return None;
        }
        let (block, scratch, spans, _) = self.body.cells();
        for column in self.columns.real() {
            let text = spans.get(column).map_or("", |span| trimmed(span.of(block, scratch)));
            if FORMULA_ERRORS.contains(&text) {
                let column = self.columns.headers.get(column).cloned().unwrap_or_default();
                return Some((column, text.to_owned()));
            }
        }
        None
    }

    /// Whether the row says in every column what the header says.
    #[inline]
    fn is_header_again(&self, block: &str, scratch: &str, spans: &[Span]) -> bool {
        let mut columns = self.columns.real().peekable();
        let same = |c: usize| {
            let header = self.columns.headers.get(c).map_or("", String::as_str);
            !header.is_empty() && spans.get(c).is_some_and(|span| trimmed(span.of(block, scratch)) == header)
        };
        columns.peek().is_some_and(|&c| same(c)) && columns.all(same)
    }

    fn begin_text(&mut self) -> Result<(), DocumentError> {
        let Body::Text(text) = &mut self.body else { return Ok(()) };
        let mut best: Option<(usize, u8, Header)> = None;
        let mut worst: Option<(usize, NoHeader, usize)> = None;
        for delimiter in text.delimiters() {
            let sample = text.sample(delimiter);
            match header::find(&sample, F::SCHEMA, &self.map) {
                Ok(found) => {
                    let fields = found.columns.of.iter().flatten().count();
                    if best.as_ref().is_none_or(|(most, ..)| fields > *most) {
                        best = Some((fields, delimiter, found));
                    }
                }
                Err(no) => {
                    let score = no.score();
                    if worst.as_ref().is_none_or(|(most, ..)| score > *most) {
                        worst = Some((score, no, sample.len()));
                    }
                }
            }
        }
        // An ambiguity under one delimiter outweighs a lesser header found under another.
        if let Some((fields, ..)) = &best
            && worst.as_ref().is_some_and(|(score, ..)| score > fields)
        {
            best = None;
        }
        match (best, worst) {
            (Some((_, delimiter, found)), _) => {
                text.set_delimiter(delimiter);
                let name = match delimiter {
                    b',' => "逗号",
                    b'\t' => "制表符",
                    b';' => "分号",
                    _ => "自定分隔符",
                };
                self.notes.remarks.push(format!("按 {} 编码、{name}分隔读入", text.encoding_name()));
                self.settle(found);
                Ok(())
            }
            (None, worst) => {
                let (no, looked) = worst.map_or((NoHeader::None, 0), |(_, no, looked)| (no, looked));
                Err(no.into_error(&self.file, "", F::SCHEMA, looked))
            }
        }
    }

    fn begin_sheets(&mut self) -> Result<(), DocumentError> {
        let mut passed: Vec<Reject> = Vec::new();
        let mut error: Option<(usize, DocumentError)> = None;
        while let Some((score, why)) = match self.try_sheet()? {
            Tried::Good => {
                self.notes.rejected += passed.len() as u64;
                self.pending = passed;
                return Ok(());
            }
            Tried::End => None,
            Tried::Bad(score, why) => Some((score, why)),
        } {
            passed.push(self.sheet_reject(&why));
            if error.as_ref().is_none_or(|(most, _)| score > *most) {
                error = Some((score, why));
            }
        }
        Err(error.map_or_else(|| DocumentError::Empty { file: self.file.to_string() }, |(_, error)| error))
    }

    /// Goes on to the next sheet that has a header; whether there is one.
    fn next_sheet(&mut self, rejects: &mut dyn RejectSink) -> Result<bool, DocumentError> {
        loop {
            match self.try_sheet()? {
                Tried::Good => return Ok(true),
                Tried::End => return Ok(false),
                Tried::Bad(_, why) => {
                    self.notes.rejected += 1;
                    let reject = self.sheet_reject(&why);
                    rejects.reject(reject);
                }
            }
        }
    }

    fn sheet_reject(&self, why: &DocumentError) -> Reject {
        let at = Location { file: self.file.clone(), sheet: self.sheet.clone(), row: 0 };
        Reject::row(at, format!("整张工作表未读入：{why}"))
    }

    /// Takes up the next sheet that has any text.
    fn try_sheet(&mut self) -> Result<Tried, DocumentError> {
        let Body::Sheets { sheets, grid } = &mut self.body else { return Ok(Tried::End) };
        loop {
            let Some(next) = sheets.next_sheet(&mut self.notes)? else { return Ok(Tried::End) };
            if !next.is_empty() {
                *grid = next;
                break;
            }
        }
        self.sheet = grid.name.clone();
        let sample = grid.sample();
        match header::find(&sample, F::SCHEMA, &self.map) {
            Ok(found) => {
                self.settle(found);
                Ok(Tried::Good)
            }
            Err(no) => {
                *grid = Grid::default();
                let (score, ambiguous) = (no.score(), no.is_ambiguous());
                let error = no.into_error(&self.file, &self.sheet, F::SCHEMA, sample.len());
                if ambiguous { Err(error) } else { Ok(Tried::Bad(score, error)) }
            }
        }
    }

    fn settle(&mut self, header: Header) {
        self.header_row = header.last_row;
        self.columns = header.columns;
        if let Body::Sheets { grid, .. } = &mut self.body {
            let fields = F::SCHEMA.fields.iter().zip(&self.columns.of);
            grid.spread(fields.filter(|(field, _)| field.kind.spreads()).filter_map(|(_, column)| *column).collect());
        }
        self.reach = self.columns.real().max().map_or(0, |c| c + 1);
        self.notes.remarks.push(describe(&self.sheet, self.header_row, &self.columns, F::SCHEMA));
    }
}

enum Tried {
    Good,
    Bad(usize, DocumentError),
    End,
}

enum Judged {
    Data,
    Blank,
    Skip(Skipped),
    /// Too few cells or too many.
    Ragged(String),
    /// Unreadable.
    Bad(String),
    /// A formula that failed.
    Formula {
        column: String,
        value: String,
    },
}

impl Body {
    #[inline]
    fn cells(&self) -> (&str, &str, &[Span], u64) {
        match self {
            Self::Text(text) => {
                let (block, scratch, spans) = text.cells();
                (block, scratch, spans, text.row())
            }
            Self::Sheets { grid, .. } => {
                let (block, spans) = grid.cells();
                (block, "", spans, grid.row())
            }
        }
    }

    #[inline]
    fn row(&self) -> u64 {
        match self {
            Self::Text(text) => text.row(),
            Self::Sheets { grid, .. } => grid.row(),
        }
    }
}

impl NoHeader {
    fn score(&self) -> usize {
        match self {
            Self::None => 0,
            Self::Bad { score, .. } => *score,
        }
    }

    fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Bad { problem, .. } if problem.is_ambiguous())
    }

    fn into_error(self, file: &str, sheet: &str, schema: &'static Schema, looked: usize) -> DocumentError {
        let sheet = if sheet.is_empty() { String::new() } else { format!("工作表“{sheet}”") };
        match self {
            Self::Bad { row, headers, problem, .. } => {
                problem.into_error(file, format!("{sheet}第 {row} 行"), &headers)
            }
            Self::None => {
                let wanted: Vec<_> = schema.fields.iter().filter(|f| f.required).map(|f| f.zh).collect();
                let wanted = if wanted.is_empty() { schema.fields.iter().map(|f| f.zh).collect() } else { wanted };
                let file = if sheet.is_empty() { file.to_owned() } else { format!("{file} {sheet}") };
                DocumentError::NoHeader { file, table: schema.zh, looked: looked.min(LOOK), wanted: wanted.join("、") }
            }
        }
    }
}

/// Which column was taken for which field, and which were not used, in a sentence.
fn describe(sheet: &str, row: u64, columns: &Columns, schema: &Schema) -> String {
    let at = |c: usize| columns.headers.get(c).map(|h| h.trim()).filter(|h| !h.is_empty());
    let used = schema.fields.iter().zip(&columns.of).filter_map(|(field, column)| {
        let c = column.map(|c| c as usize)?;
        Some(match at(c) {
            _ if c == SHEET as usize => format!("{}=工作表名", field.name),
            Some(header) => format!("{}={header}({})", field.name, letters(c)),
            None => format!("{}={} 列", field.name, letters(c)),
        })
    });
    let used: Vec<_> = used.collect();
    let taken: Vec<usize> = columns.real().collect();
    let unused: Vec<String> = columns
        .headers
        .iter()
        .enumerate()
        .map(|(c, h)| if taken.contains(&c) { String::new() } else { h.clone() })
        .collect();
    let sheet = if sheet.is_empty() { String::new() } else { format!("工作表“{sheet}”") };
    let header = if row == 0 {
        "没有表头，按 --map 的列号读入".to_owned()
    } else {
        format!("表头在第 {row} 行")
    };
    let unused = if unused.iter().all(|h| h.trim().is_empty()) {
        String::new()
    } else {
        format!("；未用的列：{}", list(&unused))
    };
    format!("{sheet}{header}：{}{unused}", used.join("，"))
}
