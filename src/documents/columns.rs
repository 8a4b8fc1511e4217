//! Which column is which field: told from the header's text and from `--map`, never guessed.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::error::DocumentError;
use super::schema::{FieldSpec, Schema};
use crate::kernel::text::half_width;

/// The form in which two spellings of a header compare equal: half-width, lower case, without blanks, marks of
/// obligation (`*`), underscores, and a unit in brackets at the end (`金额(元)` is `金额`).
pub(super) fn normal(header: &str) -> String {
    let plain: String = half_width(header)
        .chars()
        .filter(|c| !c.is_whitespace() && !c.is_control() && !matches!(c, '*' | '_' | '\'' | '"'))
        .flat_map(char::to_lowercase)
        .collect();
    let plain =
        plain.trim_end_matches([':', ';', '。']).replace(['【', '〔', '['], "(").replace(['】', '〕', ']'], ")");
    let mut text = plain.as_str();
    while text.ends_with(')') {
        match text.rfind('(') {
            Some(open) if open > 0 => text = &text[..open],
            _ => break,
        }
    }
    text.replace('-', "")
}

/// A column's letters as Excel shows them: 0 is `A`, 26 is `AA`.
#[must_use]
pub fn letters(mut column: usize) -> String {
    let mut reversed = Vec::new();
    loop {
        reversed.push(char::from(b'A' + u8::try_from(column % 26).unwrap_or(0)));
        if column < 26 {
            break;
        }
        column = column / 26 - 1;
    }
    reversed.iter().rev().collect()
}

/// What `--map` says about one field.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Target {
    /// The column with this header.
    Header(String),
    /// The column at this position, from 0.
    Position(usize),
    /// The name of the sheet the row stands on.
    Sheet,
    /// No column.
    Ignore,
}

/// Stands for the sheet's name where a column is expected: a workbook with one sheet a room names the room only there.
pub(super) const SHEET: u32 = u32::MAX;

/// The `--map` arguments: `field=Header`, `field=#3` or `field=#C` (the third column), `field=#sheet` (the name of the
/// sheet), `field=` (leave it out). A table's name may stand before the field where a command reads several tables: `book.unit=科室`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ColumnMap {
    entries: Vec<Entry>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Entry {
    text: String,
    table: Option<String>,
    field: String,
    target: Target,
}

impl ColumnMap {
    /// Reads the arguments as they were given.
    ///
    /// # Errors
    /// When one has no `=`, no field, a field twice, or a position that is none.
    pub fn parse<S: AsRef<str>>(arguments: impl IntoIterator<Item = S>) -> Result<Self, DocumentError> {
        let mut entries: Vec<Entry> = Vec::new();
        for argument in arguments {
            let text = argument.as_ref().to_owned();
            let bad = |reason: &str| DocumentError::BadMap { text: text.clone(), reason: reason.to_owned() };
            let plain = half_width(&text);
            let (left, right) = plain.split_once('=').ok_or_else(|| bad("应写成 字段=列名"))?;
            let (table, field) = match left.trim().split_once('.') {
                Some((table, field)) => (Some(table.trim().to_owned()), field.trim().to_owned()),
                None => (None, left.trim().to_owned()),
            };
            if field.is_empty() {
                return Err(bad("等号左边要有字段名"));
            }
            if entries.iter().any(|e| e.field == field && e.table == table) {
                return Err(bad("同一字段指明了两次"));
            }
            let target = match right.trim() {
                "" => Target::Ignore,
                column => match column.strip_prefix('#') {
                    Some(sheet) if matches!(sheet.trim(), "sheet" | "表名" | "工作表") => Target::Sheet,
                    Some(position) => Target::Position(
                        parse_position(position)
                            .ok_or_else(|| bad("# 后应是列号（从 1 起）、列字母或 sheet，如 #3、#C、#sheet"))?,
                    ),
                    None => Target::Header(column.to_owned()),
                },
            };
            entries.push(Entry { text, table, field, target });
        }
        Ok(Self { entries })
    }

    /// The part of the arguments that is about one table, where a command reads several: entries with the table's name
    /// before the field, and those without any whose field the table has. Call [`ColumnMap::check`] first.
    #[must_use]
    pub fn for_table(&self, schema: &Schema) -> Self {
        let mine = |e: &&Entry| match &e.table {
            Some(table) => table == schema.name,
            None => {
                schema.position(&e.field).is_some()
                    && !self.entries.iter().any(|o| o.field == e.field && o.table.as_deref() == Some(schema.name))
            }
        };
        Self { entries: self.entries.iter().filter(mine).cloned().collect() }
    }

    /// Refuses an entry that is about none of these tables.
    ///
    /// # Errors
    /// When a table or a field is not known; the sentence lists those that are.
    pub fn check(&self, schemas: &[&Schema]) -> Result<(), DocumentError> {
        for entry in &self.entries {
            let about = |s: &&&Schema| entry.table.as_ref().is_none_or(|table| table == s.name);
            if !schemas.iter().filter(about).any(|s| s.position(&entry.field).is_some()) {
                let known: Vec<_> = schemas.iter().flat_map(|s| s.names()).collect();
                let reason = format!("没有字段“{}”；可用的字段有 {}", entry.field, known.join(", "));
                return Err(DocumentError::BadMap { text: entry.text.clone(), reason });
            }
        }
        Ok(())
    }

    fn target(&self, field: &FieldSpec) -> Option<&Target> {
        self.entries.iter().find(|e| e.field == field.name).map(|e| &e.target)
    }

    /// Whether every field that must be there is given by position, so that a file without a header can be read.
    pub(super) fn needs_no_header(&self, schema: &Schema) -> bool {
        let position = |f: &FieldSpec| matches!(self.target(f), Some(Target::Position(_)));
        let given = |f: &FieldSpec| position(f) || self.target(f) == Some(&Target::Sheet);
        schema.fields.iter().any(position) && schema.fields.iter().filter(|f| f.required).all(given)
    }
}

/// `3` or `C`, from 0.
fn parse_position(text: &str) -> Option<usize> {
    const MOST: usize = 16_384;
    let text = text.trim();
    if let Ok(number) = text.parse::<usize>() {
        return (1..=MOST).contains(&number).then(|| number - 1);
    }
    let mut column = 0usize;
    for byte in text.bytes() {
        if !byte.is_ascii_alphabetic() || column > MOST {
            return None;
        }
        column = column * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1;
    }
    (1..=MOST).contains(&column).then(|| column - 1)
}

impl Columns {
    /// By field: its column, [`SHEET`] left out.
    pub(super) fn real(&self) -> impl Iterator<Item = usize> {
        self.of.iter().flatten().filter(|&&c| c != SHEET).map(|&c| c as usize)
    }
}

/// The columns of one header, found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Columns {
    /// By field: its column.
    pub(super) of: Vec<Option<u32>>,
    /// By column: the header as the file has it.
    pub(super) headers: Vec<String>,
    /// By column: whether the header has text there. Rows are not compared with columns beyond the last of these.
    pub(super) width: usize,
}

/// What stands against a header.
#[derive(Debug)]
pub(super) enum Problem {
    Missing(Vec<&'static FieldSpec>),
    /// Two columns for one field.
    Columns(&'static FieldSpec, Vec<usize>),
    /// Two fields for one column.
    Fields(usize, Vec<&'static FieldSpec>),
    MapNotFound(&'static FieldSpec, String),
}

/// A header as read: the columns found, how many fields they serve, and what stands against it.
pub(super) struct Resolved {
    pub(super) columns: Columns,
    pub(super) score: usize,
    /// Every field that must be there is.
    pub(super) complete: bool,
    pub(super) problem: Option<Problem>,
}

/// The names of a schema's fields, normalised once, and what `--map` says.
pub(super) struct Vocabulary<'a> {
    schema: &'static Schema,
    map: &'a ColumnMap,
    own: HashMap<String, usize>,
    loose: HashMap<String, Vec<usize>>,
}

impl<'a> Vocabulary<'a> {
    pub(super) fn new(schema: &'static Schema, map: &'a ColumnMap) -> Self {
        let (mut own, mut loose) = (HashMap::new(), HashMap::<_, Vec<usize>>::new());
        for (index, field) in schema.fields.iter().enumerate() {
            for header in field.headers.iter().chain([&field.name, &field.zh]) {
                own.insert(normal(header), index);
            }
            for header in field.fallback {
                loose.entry(normal(header)).or_default().push(index);
            }
        }
        Self { schema, map, own, loose }
    }

    /// Whether a field is called so.
    pub(super) fn knows(&self, name: &str) -> bool {
        self.own.contains_key(name) || self.loose.contains_key(name)
    }

    /// How many fields are given by position: those say nothing about a row.
    pub(super) fn positions(&self) -> usize {
        let given = |f: &&FieldSpec| matches!(self.map.target(f), Some(Target::Position(_) | Target::Sheet));
        self.schema.fields.iter().filter(given).count()
    }

    /// Tells the columns of a header. `names`: by column, normalised; `headers`: as shown.
    pub(super) fn resolve(&self, names: &[String], headers: &[String]) -> Resolved {
        let fields = self.schema.fields;
        let mut found: Vec<Vec<usize>> = vec![Vec::new(); fields.len()];
        let mut claimed = vec![false; names.len()];
        let mut problem = None;
        let mut settled = vec![false; fields.len()];
        for (index, field) in fields.iter().enumerate() {
            let Some(target) = self.map.target(field) else { continue };
            settled[index] = true;
            match target {
                Target::Ignore => {}
                Target::Position(column) => found[index].push(*column),
                Target::Sheet => found[index].push(SHEET as usize),
                Target::Header(header) => {
                    let wanted = normal(header);
                    found[index] = (0..names.len()).filter(|&c| names[c] == wanted).collect();
                    if found[index].is_empty() {
                        problem.get_or_insert(Problem::MapNotFound(field, header.clone()));
                    }
                }
            }
            claim(&mut claimed, &found[index]);
        }
        self.by_name(names, &settled, &mut claimed, &mut found);
        let score = found.iter().filter(|columns| !columns.is_empty()).count();
        let complete = missing(&found, self.schema).is_none();
        let problem = problem.or_else(|| contradiction(&found, self.schema)).or_else(|| missing(&found, self.schema));
        let of = found.iter().map(|columns| columns.first().and_then(|&c| u32::try_from(c).ok())).collect();
        let width = headers.iter().rposition(|h| !h.trim().is_empty()).map_or(0, |last| last + 1);
        let headers = headers.iter().map(|h| h.trim().to_owned()).collect();
        Resolved { columns: Columns { of, headers, width }, score, complete, problem }
    }

    /// Own names first; looser ones for fields still without a column, on columns still without a field.
    fn by_name(&self, names: &[String], settled: &[bool], claimed: &mut [bool], found: &mut [Vec<usize>]) {
        for (column, name) in names.iter().enumerate() {
            if let Some(&field) = self.own.get(name)
                && !settled[field]
                && !claimed[column]
            {
                found[field].push(column);
            }
        }
        for columns in found.iter() {
            claim(claimed, columns);
        }
        let open: Vec<bool> = found.iter().zip(settled).map(|(c, settled)| c.is_empty() && !settled).collect();
        for (column, name) in names.iter().enumerate().filter(|(c, _)| !claimed[*c]) {
            for &field in self.loose.get(name).into_iter().flatten().filter(|&&f| open[f]) {
                found[field].push(column);
            }
        }
    }
}

fn claim(claimed: &mut [bool], columns: &[usize]) {
    for &column in columns {
        if let Some(claimed) = claimed.get_mut(column) {
            *claimed = true;
        }
    }
}

fn contradiction(found: &[Vec<usize>], schema: &'static Schema) -> Option<Problem> {
    for (columns, field) in found.iter().zip(schema.fields) {
        if columns.len() > 1 {
            return Some(Problem::Columns(field, columns.clone()));
        }
    }
    for columns in found {
        let Some(&column) = columns.first().filter(|c| **c != SHEET as usize) else { continue };
        let fields: Vec<_> =
            found.iter().zip(schema.fields).filter(|(c, _)| c.first() == Some(&column)).map(|(_, f)| f).collect();
        if fields.len() > 1 {
            return Some(Problem::Fields(column, fields));
        }
    }
    None
}

fn missing(found: &[Vec<usize>], schema: &'static Schema) -> Option<Problem> {
    let missing: Vec<_> =
        found.iter().zip(schema.fields).filter(|(c, f)| f.required && c.is_empty()).map(|(_, f)| f).collect();
    (!missing.is_empty()).then_some(Problem::Missing(missing))
}

impl Problem {
    /// Whether someone must decide, rather than that something is not there.
    pub(super) fn is_ambiguous(&self) -> bool {
        matches!(self, Self::Columns(..) | Self::Fields(..))
    }

    /// The error for a person. `at`: where the header is.
    pub(super) fn into_error(self, file: &str, at: String, headers: &[String]) -> DocumentError {
        let file = file.to_owned();
        let column = |c: usize| match headers.get(c) {
            Some(header) if !header.trim().is_empty() => format!("{} 列“{}”", letters(c), one_line(header)),
            _ => format!("{} 列", letters(c)),
        };
        match self {
            Self::Missing(fields) => {
                let names: Vec<_> = fields.iter().map(|f| f.zh).collect();
                let field = fields.first().map_or("字段", |f| f.name);
                DocumentError::MissingColumn { file, at, missing: names.join("、"), field, found: list(headers) }
            }
            Self::Columns(field, columns) => {
                let columns_text: Vec<_> = columns.iter().map(|&c| column(c)).collect();
                let what = format!("{} 都可作“{}”（{}）", columns_text.join("、"), field.zh, field.name);
                let first = columns.first().copied().unwrap_or(0);
                DocumentError::Ambiguous { file, at, what, example: format!("{}=#{}", field.name, letters(first)) }
            }
            Self::Fields(c, fields) => {
                let names: Vec<_> = fields.iter().map(|f| format!("“{}”（{}）", f.zh, f.name)).collect();
                let what = format!("{} 可作{}", column(c), names.join("或"));
                let field = fields.first().map_or("字段", |f| f.name);
                DocumentError::Ambiguous { file, at, what, example: format!("{field}=#{}", letters(c)) }
            }
            Self::MapNotFound(field, column) => {
                DocumentError::MapNotFound { file, at, field: field.name, column, found: list(headers) }
            }
        }
    }
}

/// The headers in one line for a person: `资产编号(A)、名称(C)`.
pub(super) fn list(headers: &[String]) -> String {
    let mut text = String::new();
    for (column, header) in headers.iter().enumerate().filter(|(_, h)| !h.trim().is_empty()).take(60) {
        let separator = if text.is_empty() { "" } else { "、" };
        // Writing to a String cannot fail.
        let _written = write!(text, "{separator}{}({})", one_line(header), letters(column));
    }
    if text.is_empty() { "（无）".to_owned() } else { text }
}

/// A header on one line and not too long.
fn one_line(header: &str) -> String {
    let words: Vec<_> = header.split_whitespace().collect();
    words.join(" ").chars().take(30).collect()
}
