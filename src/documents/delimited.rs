//! A text table as rows: blocks of text in, rows of cells out, with bounded memory however large the file is.

use std::io::Read;

use super::charset::Decoded;
use super::error::DocumentError;
use super::header::{LOOK, Sample};
use super::limits::Limits;
use super::scan::{MAX_BLOCK, Scan, Span, line_end, scan_row};

/// What separates cells, most usual first.
const DELIMITERS: [u8; 3] = [b',', b'\t', b';'];

/// A text file being read.
pub(super) struct Delimited {
    source: Decoded,
    delimiter: u8,
    block: String,
    at: usize,
    last: bool,
    /// The block holds bytes that were no text (now U+FFFD).
    bad: bool,
    /// The block holds a NUL.
    nul: bool,
    row: u64,
    /// Where the row at hand begins.
    begun: usize,
    /// In the middle of a line that never ends: dropped until it does.
    skipping: bool,
    row_bytes: usize,
    cell_bytes: usize,
    spans: Vec<Span>,
    scratch: String,
}

/// What [`Delimited::step`] found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Step {
    /// A row, in [`Delimited::block`], [`Delimited::scratch`] and [`Delimited::spans`].
    Row,
    /// A row that cannot be read, and why.
    Bad(BadRow),
    /// The end.
    End,
}

/// Why a row cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum BadRow {
    /// A quote is opened and never closed.
    Quote,
    /// Bytes that are no text.
    Bytes,
    /// A NUL byte.
    Nul,
    /// A cell beyond the limit.
    Long,
}

impl BadRow {
    /// The sentence for a person.
    pub(super) const fn reason(self) -> &'static str {
        match self {
            Self::Quote => "本行的引号没有成对，无法分清单元格",
            Self::Bytes => "本行有无法识别的字节（编码损坏），请核对原文件",
            Self::Nul => "本行含有空字符（NUL），文件可能已损坏",
            Self::Long => "本行有过长的单元格",
        }
    }
}

impl Delimited {
    pub(super) fn new(file: &str, input: Box<dyn Read + Send>, limits: &Limits) -> Result<Self, DocumentError> {
        let mut this = Self {
            source: Decoded::new(file, input, limits.text_bytes)?,
            delimiter: b',',
            block: String::new(),
            at: 0,
            last: false,
            bad: false,
            nul: false,
            row: 0,
            begun: 0,
            skipping: false,
            row_bytes: limits.row_bytes.min(MAX_BLOCK / 4),
            cell_bytes: limits.cell_bytes,
            spans: Vec::new(),
            scratch: String::new(),
        };
        this.more()?;
        Ok(this)
    }

    /// The encoding's name for people.
    pub(super) fn encoding_name(&self) -> &'static str {
        self.source.encoding_name()
    }

    /// The delimiters worth trying, most likely first; only the one an Excel `sep=` line names, where there is one.
    pub(super) fn delimiters(&mut self) -> Vec<u8> {
        let line = &self.block[..line_end(&self.block, 0).0];
        if let Some(&[delimiter]) = line.trim_matches('"').strip_prefix("sep=").map(str::as_bytes)
            && delimiter.is_ascii()
            && !delimiter.is_ascii_alphanumeric()
        {
            return vec![delimiter];
        }
        let mut tried = DELIMITERS.to_vec();
        let sample = &self.block.as_bytes()[..self.block.len().min(64 * 1024)];
        tried.sort_by_key(|d| std::cmp::Reverse(memchr::memchr_iter(*d, sample).count()));
        tried
    }

    /// The first rows, cut with this delimiter. Nothing is consumed.
    pub(super) fn sample(&mut self, delimiter: u8) -> Sample {
        let (mut at, mut row, mut sample) = (0, 0, Vec::new());
        let block = self.block.as_str();
        while at < block.len() && row < LOOK as u64 {
            row += 1;
            match scan_row(block, at, delimiter, self.last, &mut self.spans, &mut self.scratch) {
                Scan::Row { next } => {
                    let cell = |s: &Span| s.of(block, &self.scratch).trim().to_owned();
                    sample.push((row, self.spans.iter().map(cell).collect()));
                    at = next;
                }
                Scan::NeedMore | Scan::Unbalanced => at = line_end(block, at).1,
            }
        }
        sample
    }

    /// Settles the delimiter.
    pub(super) fn set_delimiter(&mut self, delimiter: u8) {
        self.delimiter = delimiter;
    }

    /// Goes to the next row.
    #[inline]
    pub(super) fn step(&mut self) -> Result<Step, DocumentError> {
        loop {
            if self.skipping {
                self.skip_rest_of_line()?;
            }
            let rest = self.block.len() - self.at;
            let scan = if rest == 0 && !self.last {
                Scan::NeedMore
            } else if rest == 0 {
                return Ok(Step::End);
            } else {
                scan_row(&self.block, self.at, self.delimiter, self.last, &mut self.spans, &mut self.scratch)
            };
            match scan {
                Scan::Row { next } => {
                    let size = next - self.at;
                    self.begun = std::mem::replace(&mut self.at, next);
                    self.row += 1;
                    if self.bad || self.nul || size > self.cell_bytes {
                        return Ok(self.checked());
                    }
                    return Ok(Step::Row);
                }
                Scan::NeedMore if rest <= self.row_bytes => self.more()?,
                Scan::NeedMore | Scan::Unbalanced => return Ok(self.skip_line()),
            }
        }
    }

    /// The row just read, looked at for what makes it unreadable.
    fn checked(&mut self) -> Step {
        let text = &self.block[self.begun..self.at];
        if self.nul && memchr::memchr(0, text.as_bytes()).is_some() {
            return Step::Bad(BadRow::Nul);
        }
        if self.bad && text.contains('\u{fffd}') {
            return Step::Bad(BadRow::Bytes);
        }
        if self.spans.iter().any(|span| span.len() > self.cell_bytes) {
            return Step::Bad(if self.one_line_only() { BadRow::Quote } else { BadRow::Long });
        }
        Step::Row
    }

    /// Takes only the first line of the row at hand, when it has several, and goes on with the second: a quote that was
    /// never meant as one must not swallow the rows below. Whether it had several.
    pub(super) fn one_line_only(&mut self) -> bool {
        let next = line_end(&self.block, self.begun).1;
        let several = next < self.at;
        self.at = self.at.min(next);
        several
    }

    /// Gives up the line at hand: its quote is never closed (or not within reason), or it never ends.
    fn skip_line(&mut self) -> Step {
        self.row += 1;
        let (end, next) = line_end(&self.block, self.at);
        let quoted = self.block[self.at..end].contains('"');
        self.skipping = end == self.block.len() && !self.last;
        self.at = next;
        Step::Bad(if quoted { BadRow::Quote } else { BadRow::Long })
    }

    fn skip_rest_of_line(&mut self) -> Result<(), DocumentError> {
        loop {
            let (end, next) = line_end(&self.block, self.at);
            let ended = end < self.block.len() || self.last;
            self.at = next;
            if ended {
                self.skipping = false;
                return Ok(());
            }
            self.more()?;
        }
    }

    /// Drops what was read and appends the next block.
    fn more(&mut self) -> Result<(), DocumentError> {
        self.block.drain(..self.at);
        self.at = 0;
        let kept = self.block.len();
        let filled = self.source.fill(&mut self.block)?;
        self.last = filled.last;
        self.bad = filled.bad || (self.bad && self.block[..kept].contains('\u{fffd}'));
        self.nul = memchr::memchr(0, self.block.as_bytes()).is_some();
        Ok(())
    }

    /// The number of the row at hand, from 1, blank lines counted.
    #[inline]
    pub(super) fn row(&self) -> u64 {
        self.row
    }

    /// Whether the row at hand has this byte anywhere.
    #[inline]
    pub(super) fn has(&self, byte: u8) -> bool {
        memchr::memchr(byte, &self.block.as_bytes()[self.begun..self.at]).is_some()
    }

    /// The row's text: block, scratch, cells.
    #[inline]
    pub(super) fn cells(&self) -> (&str, &str, &[Span]) {
        (&self.block, &self.scratch, &self.spans)
    }
}
