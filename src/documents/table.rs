//! A file opened as a table, its kind told from its content and never from its name.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::Arc;

use super::biff;
use super::charset::Decoded;
use super::columns::ColumnMap;
use super::delimited::Delimited;
use super::error::DocumentError;
use super::grid::Sheets;
use super::html::Html;
use super::limits::Limits;
use super::ods::Ods;
use super::packed::{self, Packed, size};
use super::records::Records;
use super::schema::Fields;
use super::sniff::{Format, sniff};
use super::workbook::Workbook;

/// Bytes looked at to tell what a file is.
const HEAD: usize = 4096;

/// A file opened, not yet read as any kind of table.
pub struct Table {
    file: Arc<str>,
    source: Source,
    limits: Limits,
}

pub(super) enum Source {
    Text(Box<Delimited>),
    Sheets(Box<dyn Sheets>),
}

impl Table {
    /// Opens a file: CSV (comma, semicolon, tab; UTF-8, GB18030, UTF-16), XLSX, XLS, ODS, or an HTML table.
    ///
    /// # Errors
    /// When it cannot be read, is empty, over a limit, damaged, protected, or no table.
    pub fn open(path: &Path, limits: &Limits) -> Result<Self, DocumentError> {
        let shown = path.file_name().map_or_else(|| path.to_string_lossy(), |name| name.to_string_lossy());
        let file = File::open(path).map_err(|e| DocumentError::read(&path.to_string_lossy(), e))?;
        let meta = file.metadata().map_err(|e| DocumentError::read(&path.to_string_lossy(), e))?;
        if meta.is_dir() {
            return Err(DocumentError::read(&path.to_string_lossy(), io::ErrorKind::IsADirectory.into()));
        }
        Self::read(&shown, file, limits)
    }

    /// As [`Table::open`], from anything that can be read; `name` is what messages call it.
    ///
    /// # Errors
    /// As [`Table::open`].
    pub fn read(name: &str, mut input: impl Read + Send + 'static, limits: &Limits) -> Result<Self, DocumentError> {
        let mut head = Vec::with_capacity(HEAD);
        input.by_ref().take(HEAD as u64).read_to_end(&mut head).map_err(|e| DocumentError::read(name, e))?;
        let whole = io::Cursor::new(head.clone()).chain(input);
        let source = match sniff(&head) {
            Format::Empty => return Err(DocumentError::Empty { file: name.to_owned() }),
            Format::Other(what) => return Err(DocumentError::NotATable { file: name.to_owned(), what }),
            Format::Zip => {
                let bytes = all(name, whole, limits)?;
                match packed::inspect(name, &bytes, limits)? {
                    Packed::Xlsx => Source::Sheets(Box::new(Workbook::xlsx(name, bytes, limits)?)),
                    Packed::Ods => Source::Sheets(Box::new(Ods::new(name, &bytes, limits)?)),
                }
            }
            Format::Compound => {
                let bytes = all(name, whole, limits)?;
                biff::inspect(name, &bytes, limits)?;
                Source::Sheets(Box::new(Workbook::xls(name, bytes, limits)?))
            }
            Format::Markup => {
                let text = Decoded::new(name, Box::new(whole), limits.workbook_bytes)?;
                Source::Sheets(Box::new(Html::new(name, text, limits)?))
            }
            Format::Text => Source::Text(Box::new(Delimited::new(name, Box::new(whole), limits)?)),
        };
        Ok(Self { file: Arc::from(name), source, limits: *limits })
    }

    /// Takes it apart, for whoever only looks.
    pub(super) fn into_source(self) -> Source {
        self.source
    }

    /// Reads it as a table with the fields `F`: finds the header and the columns.
    ///
    /// # Errors
    /// When no header is found, a column that must be there is not, or columns are ambiguous.
    pub fn records<F: Fields>(self, map: &ColumnMap) -> Result<Records<F>, DocumentError> {
        Records::new(self.file, self.source, self.limits, map)
    }
}

/// All of a file that must be held to be read.
fn all(name: &str, input: impl Read, limits: &Limits) -> Result<Vec<u8>, DocumentError> {
    let mut bytes = Vec::new();
    let most = limits.workbook_bytes;
    input.take(most.saturating_add(1)).read_to_end(&mut bytes).map_err(|e| DocumentError::read(name, e))?;
    if bytes.len() as u64 > most {
        let what = format!("工作簿超过 {} 的上限，请拆成几个文件，或另存为 CSV", size(most));
        return Err(DocumentError::TooLarge { file: name.to_owned(), what });
    }
    Ok(bytes)
}
