//! Writing CSV that offices can open, in place only once it is whole.
//!
//! - **UTF-8 with a byte order mark**: without it Excel on a Chinese Windows reads the file as GBK and shows gibberish.
//! - **CRLF**: what RFC 4180 says, and what every version of Excel, WPS and Notepad shows as lines.
//! - **Formulas**: a cell that begins with `=`, `@`, `+`, `-` (or their full-width forms, a tab or a line break) is run
//!   as a formula when the file is opened, so text from elsewhere could act on the reader's machine. Text cells that
//!   begin so get a `'` in front, unless they are just a signed number or telephone number; numbers and names of ours
//!   ([`CsvOut::plain`]) are written as they are. Our reader takes that `'` off again.
//! - **Whole or not at all**: written beside under a temporary name, synced, then renamed; a full disk or a killed
//!   process leaves the old file, or none.

use std::fs::{self, File, OpenOptions};
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};

use super::error::DocumentError;
use crate::kernel::Fen;

/// A file that appears at its path only when committed. Dropped before, it leaves nothing.
pub struct AtomicFile {
    path: PathBuf,
    /// The file being written; `None` when the target is no ordinary file (a pipe, a device) and is written directly.
    partial: Option<PathBuf>,
    file: BufWriter<File>,
}

static PARTIALS: AtomicU64 = AtomicU64::new(0);

impl AtomicFile {
    /// Begins the file that will be at `path`.
    ///
    /// # Errors
    /// When the folder does not exist or cannot be written.
    pub fn create(path: &Path) -> Result<Self, DocumentError> {
        let fail = |e| DocumentError::write(path, e);
        let special = match fs::metadata(path) {
            Ok(meta) if meta.is_dir() => return Err(fail(io::ErrorKind::IsADirectory.into())),
            Ok(meta) => !meta.is_file(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => false,
            Err(e) => return Err(fail(e)),
        };
        if special {
            let file = OpenOptions::new().write(true).open(path).map_err(fail)?;
            return Ok(Self { path: path.to_owned(), partial: None, file: BufWriter::new(file) });
        }
        // A link keeps pointing where it points: the file behind it is replaced.
        let target = fs::canonicalize(path).unwrap_or_else(|_| path.to_owned());
        let name = target.file_name().ok_or_else(|| fail(io::ErrorKind::InvalidFilename.into()))?;
        let number = PARTIALS.fetch_add(1, Ordering::Relaxed);
        let partial = target.with_file_name(format!(
            ".{}.{}-{number}.partial",
            name.to_string_lossy().chars().take(60).collect::<String>(),
            std::process::id()
        ));
        let file = OpenOptions::new().write(true).create(true).truncate(true).open(&partial).map_err(fail)?;
        Ok(Self { path: target, partial: Some(partial), file: BufWriter::with_capacity(256 * 1024, file) })
    }

    /// Syncs the file and puts it in place.
    ///
    /// # Errors
    /// When the disk is full or the folder went away; the target is then as it was.
    pub fn commit(mut self) -> Result<(), DocumentError> {
        let done = self.file.flush().and_then(|()| match &self.partial {
            None => Ok(()),
            Some(partial) => {
                self.file.get_ref().sync_all()?;
                fs::rename(partial, &self.path)
            }
        });
        done.map_err(|e| DocumentError::write(&self.path, e))?;
        self.partial = None;
        sync_folder(&self.path);
        Ok(())
    }
}

impl Write for AtomicFile {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.file.write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        self.file.flush()
    }
}

impl Drop for AtomicFile {
    fn drop(&mut self) {
        if let Some(partial) = &self.partial {
            // Nothing more can be done about a file that will not go.
            let _gone = fs::remove_file(partial);
        }
    }
}

/// The rename itself must outlive a power cut. Best effort: some file systems cannot sync a folder.
fn sync_folder(path: &Path) {
    #[cfg(unix)]
    if let Some(folder) = path.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        let _synced = File::open(folder).and_then(|f| f.sync_all());
    }
    #[cfg(not(unix))]
    let _ = path;
}

/// Rows of CSV in memory, in the form the module's doc tells; so that several threads can word rows of one file.
#[derive(Debug, Default)]
pub struct CsvRows {
    bytes: Vec<u8>,
    begun: bool,
}

impl CsvRows {
    /// The first rows of a file: with the byte order mark in front.
    #[must_use]
    pub fn with_mark() -> Self {
        Self { bytes: "\u{feff}".as_bytes().to_vec(), begun: false }
    }

    /// What was written so far.
    #[must_use]
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Adds a row of names of ours.
    pub fn header(&mut self, columns: &[&str]) {
        for column in columns {
            self.plain(column);
        }
        self.end_row();
    }

    /// Adds a cell of text that came from people or files.
    pub fn text(&mut self, text: &str) {
        self.separate();
        if is_formula(text) {
            self.quoted(&format!("'{text}"));
        } else {
            self.maybe_quoted(text);
        }
    }

    /// Adds a cell of ours: a number, a date, one of our names. Quoted when it must be, otherwise as it is.
    pub fn plain(&mut self, text: &str) {
        self.separate();
        self.maybe_quoted(text);
    }

    /// Adds a whole number.
    pub fn number(&mut self, number: i64) {
        self.separate();
        self.digits(number < 0, number.unsigned_abs());
    }

    /// Adds an amount in yuan: `1234.56`.
    pub fn money(&mut self, amount: Fen) {
        self.separate();
        let fen = amount.0.unsigned_abs();
        self.digits(amount.0 < 0, fen / 100);
        let digit = |n: u64| b'0' + u8::try_from(n % 10).unwrap_or(0);
        self.bytes.extend_from_slice(&[b'.', digit(fen / 10), digit(fen)]);
    }

    /// A million rows have many numbers, and the machinery of formatting costs more than the digits.
    fn digits(&mut self, negative: bool, mut number: u64) {
        let mut reversed = [0u8; 20];
        let mut length = 0;
        while length == 0 || number > 0 {
            reversed[length] = b'0' + u8::try_from(number % 10).unwrap_or(0);
            length += 1;
            number /= 10;
        }
        if negative {
            self.bytes.push(b'-');
        }
        self.bytes.extend(reversed[..length].iter().rev());
    }

    /// Ends the row.
    pub fn end_row(&mut self) {
        self.bytes.extend_from_slice(b"\r\n");
        self.begun = false;
    }

    fn separate(&mut self) {
        if self.begun {
            self.bytes.push(b',');
        }
        self.begun = true;
    }

    fn maybe_quoted(&mut self, text: &str) {
        let bytes = text.as_bytes();
        let edge = |b: Option<&u8>| b.is_some_and(u8::is_ascii_whitespace);
        // Cells are short: a plain loop is quicker than a search that sets itself up first.
        let special = bytes.iter().fold(false, |found, b| found | matches!(b, b',' | b'"' | b'\n' | b'\r'));
        if special || edge(bytes.first()) || edge(bytes.last()) {
            self.quoted(text);
        } else {
            self.bytes.extend_from_slice(bytes);
        }
    }

    fn quoted(&mut self, text: &str) {
        self.bytes.push(b'"');
        let mut rest = text;
        while let Some(at) = rest.find('"') {
            self.bytes.extend_from_slice(&rest.as_bytes()[..=at]);
            self.bytes.push(b'"');
            rest = &rest[at + 1..];
        }
        self.bytes.extend_from_slice(rest.as_bytes());
        self.bytes.push(b'"');
    }
}

/// Writes rows of CSV to a file; see the module's doc for the form and why.
pub struct CsvOut {
    file: AtomicFile,
    rows: CsvRows,
}

impl CsvOut {
    /// Begins the file that will be at `path` once [`CsvOut::finish`] is called.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn create(path: &Path) -> Result<Self, DocumentError> {
        Ok(Self { file: AtomicFile::create(path)?, rows: CsvRows::with_mark() })
    }

    /// Writes the header row.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn header(&mut self, columns: &[&str]) -> Result<(), DocumentError> {
        self.rows.header(columns);
        self.pass_on()
    }

    /// Adds a cell of text that came from people or files.
    pub fn text(&mut self, text: &str) {
        self.rows.text(text);
    }

    /// Adds a cell of ours: a number, a date, one of our names. Quoted when it must be, otherwise as it is.
    pub fn plain(&mut self, text: &str) {
        self.rows.plain(text);
    }

    /// Adds a whole number.
    pub fn number(&mut self, number: i64) {
        self.rows.number(number);
    }

    /// Ends the row.
    ///
    /// # Errors
    /// When the disk is full.
    pub fn end_row(&mut self) -> Result<(), DocumentError> {
        self.rows.end_row();
        self.pass_on()
    }

    /// Puts the file in place.
    ///
    /// # Errors
    /// When the rest of it cannot be written.
    pub fn finish(self) -> Result<(), DocumentError> {
        self.file.commit()
    }

    fn pass_on(&mut self) -> Result<(), DocumentError> {
        self.file.write_all(&self.rows.bytes).map_err(|e| DocumentError::write(&self.file.path, e))?;
        self.rows.bytes.clear();
        Ok(())
    }
}

/// Whether a spreadsheet would run the text.
#[inline]
fn is_formula(text: &str) -> bool {
    // Nearly every cell begins with a letter, a digit, or a Chinese character; the full-width forms begin with 0xEF.
    match text.as_bytes().first() {
        Some(b'=' | b'@' | b'+' | b'-' | b'\t' | b'\r' | b'\n' | 0xEF) => would_run(text),
        _ => false,
    }
}

fn would_run(text: &str) -> bool {
    let mut chars = text.chars();
    match chars.next() {
        Some('=' | '@' | '＝' | '＠' | '\t' | '\r' | '\n') => true,
        Some('+' | '-' | '＋' | '－') => {
            let rest = chars.as_str();
            !rest.is_empty() && !rest.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b',' | b' '))
        }
        _ => false,
    }
}

/// Takes off the `'` that [`CsvOut::text`] put before what would run, or that some system put before the digits of a
/// card's number so that a spreadsheet would keep them all.
pub(super) fn unguarded(text: &str) -> &str {
    let digits = |rest: &str| !rest.is_empty() && rest.bytes().all(|b| b.is_ascii_digit());
    match text.strip_prefix('\'') {
        Some(rest) if is_formula(rest) || digits(rest) => rest,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_amounts_are_plain() {
        let mut rows = CsvRows::default();
        for number in [0, 7, -12, 1_234_567, i64::MIN, i64::MAX] {
            rows.number(number);
        }
        rows.end_row();
        let amounts = [0, 5, -5, 10, -123_456, i64::MIN].map(Fen);
        amounts.iter().for_each(|amount| rows.money(*amount));
        let expected = format!("0,7,-12,1234567,{},{}\r\n{}", i64::MIN, i64::MAX, amounts.map(Fen::plain).join(","));
        assert_eq!(String::from_utf8_lossy(rows.bytes()), expected);
    }

    #[test]
    fn what_would_run_is_guarded_and_numbers_are_not() {
        for (text, runs) in [
            ("=1+1", true),
            ("=HYPERLINK(\"http://x\")", true),
            ("@SUM(A1)", true),
            ("+cmd|' /C calc'!A0", true),
            ("-2+3", true),
            ("＝1", true),
            ("\t=1", true),
            ("-12.50", false),
            ("+86 138", false),
            ("-", false),
            ("A-1", false),
            ("", false),
        ] {
            assert_eq!(is_formula(text), runs, "{text}");
            if runs {
                assert_eq!(unguarded(&format!("'{text}")), text);
            }
        }
        assert_eq!(unguarded("'quoted'"), "'quoted'");
        assert_eq!(unguarded("'90001234"), "90001234");
    }
}
