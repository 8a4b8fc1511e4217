//! Cuts delimited text into rows and cells without copying it.
//!
//! Why not the `csv` crate, which is the reference our tests compare with: this needs rows numbered as Excel numbers
//! them (blank lines count), `&str` cells from text that was checked once as a whole, a delimiter tried on a sample,
//! and a way back when a quote is never closed. It looks for whole lines with `memchr` and falls to the slow path
//! only for rows that hold a quote.

use memchr::{memchr, memchr3};

/// Where a cell's text is: in the block, or (unescaped) in the scratch text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Span {
    start: u32,
    /// The end, with [`SCRATCH`] set when the text is in the scratch.
    end: u32,
}

const SCRATCH: u32 = 1 << 31;
/// A block must stay below this, so that offsets leave the flag free.
pub(super) const MAX_BLOCK: usize = 1 << 30;

#[expect(clippy::cast_possible_truncation, reason = "blocks are kept below MAX_BLOCK")]
const fn offset(at: usize) -> u32 {
    at as u32
}

impl Span {
    /// No text.
    pub(super) const EMPTY: Self = Self { start: 0, end: 0 };

    /// A span of the block.
    pub(super) const fn block(start: usize, end: usize) -> Self {
        Self { start: offset(start), end: offset(end) }
    }

    /// A span of the scratch text.
    pub(super) const fn scratch(start: usize, end: usize) -> Self {
        Self { start: offset(start), end: offset(end) | SCRATCH }
    }

    /// The text.
    #[inline]
    pub(super) fn of<'a>(self, block: &'a str, scratch: &'a str) -> &'a str {
        let text = if self.end & SCRATCH == 0 { block } else { scratch };
        text.get(self.start as usize..(self.end & !SCRATCH) as usize).unwrap_or_default()
    }

    #[inline]
    pub(super) const fn len(self) -> usize {
        ((self.end & !SCRATCH) - self.start) as usize
    }
}

/// What a look at the text found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Scan {
    /// One row; the next begins at `next`.
    Row {
        /// Where the next row begins.
        next: usize,
    },
    /// The row does not end in this text.
    NeedMore,
    /// A quote is opened and not closed before the text ends, or closed only by what is no closing quote.
    Unbalanced,
}

/// Scans the row that begins at `from` (which must be before the end). `last`: no more text will come.
pub(super) fn scan_row(
    text: &str,
    from: usize,
    delimiter: u8,
    last: bool,
    spans: &mut Vec<Span>,
    scratch: &mut String,
) -> Scan {
    spans.clear();
    scratch.clear();
    let bytes = text.as_bytes();
    let stop = memchr3(b'\n', b'\r', b'"', &bytes[from..]).map(|i| from + i);
    match stop {
        Some(at) if bytes[at] == b'"' => scan_quoted(text, from, delimiter, last, spans, scratch),
        Some(at) => {
            let Some(next) = after_break(bytes, at, last) else { return Scan::NeedMore };
            split(bytes, from, at, delimiter, spans);
            Scan::Row { next }
        }
        None if last => {
            split(bytes, from, bytes.len(), delimiter, spans);
            Scan::Row { next: bytes.len() }
        }
        None => Scan::NeedMore,
    }
}

/// Where the next line begins, given a break at `at`; `None` when the other half of a CRLF may be still to come.
fn after_break(bytes: &[u8], at: usize, last: bool) -> Option<usize> {
    if bytes[at] == b'\n' {
        return Some(at + 1);
    }
    match bytes.get(at + 1) {
        Some(b'\n') => Some(at + 2),
        Some(_) => Some(at + 1),
        None if last => Some(at + 1),
        None => None,
    }
}

/// Where the line that begins at `from` ends and the next begins, quotes ignored: the way back from a lost quote.
pub(super) fn line_end(text: &str, from: usize) -> (usize, usize) {
    let bytes = text.as_bytes();
    match memchr::memchr2(b'\n', b'\r', &bytes[from..]) {
        Some(i) => (from + i, after_break(bytes, from + i, true).unwrap_or(bytes.len())),
        None => (bytes.len(), bytes.len()),
    }
}

/// Cuts a line without quotes, eight bytes at a glance: cells are too short for a search of its own each.
fn split(bytes: &[u8], from: usize, to: usize, delimiter: u8, spans: &mut Vec<Span>) {
    const LOW: u64 = 0x7f7f_7f7f_7f7f_7f7f;
    let wanted = u64::from_ne_bytes([delimiter; 8]);
    let (words, rest) = bytes[from..to].as_chunks::<8>();
    let (mut start, mut at) = (from, from);
    for word in words {
        // A byte of `differs` is zero where the delimiter is; `found` has the top bit of exactly those bytes.
        let differs = u64::from_le_bytes(*word) ^ wanted;
        let mut found = !(((differs & LOW) + LOW) | differs | LOW);
        while found != 0 {
            let end = at + (found.trailing_zeros() / 8) as usize;
            spans.push(Span::block(start, end));
            start = end + 1;
            found &= found - 1;
        }
        at += 8;
    }
    for (i, byte) in rest.iter().enumerate() {
        if *byte == delimiter {
            spans.push(Span::block(start, at + i));
            start = at + i + 1;
        }
    }
    spans.push(Span::block(start, to));
}

/// A row that holds a quote somewhere.
fn scan_quoted(
    text: &str,
    from: usize,
    delimiter: u8,
    last: bool,
    spans: &mut Vec<Span>,
    scratch: &mut String,
) -> Scan {
    let bytes = text.as_bytes();
    let mut at = from;
    loop {
        let cell = if bytes.get(at) == Some(&b'"') {
            quoted_cell(text, at, delimiter, last, scratch)
        } else {
            match end_of_plain(bytes, at, delimiter, last) {
                Some(end) => Cell::At { span: Span::block(at, end), end },
                None => Cell::NeedMore,
            }
        };
        let end = match cell {
            Cell::At { span, end } => {
                spans.push(span);
                end
            }
            Cell::NeedMore => return Scan::NeedMore,
            Cell::Unbalanced => return Scan::Unbalanced,
        };
        match bytes.get(end) {
            Some(&b) if b == delimiter => at = end + 1,
            Some(_) => return after_break(bytes, end, last).map_or(Scan::NeedMore, |next| Scan::Row { next }),
            None => return Scan::Row { next: end },
        }
    }
}

enum Cell {
    At { span: Span, end: usize },
    NeedMore,
    Unbalanced,
}

/// The first delimiter or line break from `at`; `None` when it may be still to come.
fn end_of_plain(bytes: &[u8], at: usize, delimiter: u8, last: bool) -> Option<usize> {
    let rest = bytes.get(at..).unwrap_or_default();
    match memchr3(delimiter, b'\n', b'\r', rest) {
        Some(i) => Some(at + i),
        None if last => Some(bytes.len()),
        None => None,
    }
}

/// A cell that opens with a quote at `open`. What follows the closing quote is taken as it stands.
fn quoted_cell(text: &str, open: usize, delimiter: u8, last: bool, scratch: &mut String) -> Cell {
    let bytes = text.as_bytes();
    let begun = scratch.len();
    let mut piece = open + 1;
    loop {
        let Some(i) = memchr(b'"', &bytes[piece..]) else {
            return if last { Cell::Unbalanced } else { Cell::NeedMore };
        };
        let quote = piece + i;
        match bytes.get(quote + 1) {
            None if !last => return Cell::NeedMore,
            Some(b'"') => {
                scratch.push_str(&text[piece..=quote]);
                piece = quote + 2;
            }
            _ => {
                let Some(end) = end_of_plain(bytes, quote + 1, delimiter, last) else { return Cell::NeedMore };
                if piece == open + 1 && end == quote + 1 {
                    return Cell::At { span: Span::block(piece, quote), end };
                }
                // Over several lines and then more text: the quote that opened was a stray one (17" 显示器), and the one
                // that seems to close it opens another cell, rows below.
                if memchr::memchr2(b'\n', b'\r', &bytes[open..quote]).is_some() && end > quote + 1 {
                    return Cell::Unbalanced;
                }
                scratch.push_str(&text[piece..quote]);
                scratch.push_str(&text[quote + 1..end]);
                return Cell::At { span: Span::scratch(begun, scratch.len()), end };
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn rows(text: &str, last_at: usize) -> Option<Vec<Vec<String>>> {
        let (mut spans, mut scratch, mut at, mut rows) = (Vec::new(), String::new(), 0, Vec::new());
        while at < text.len() {
            // A look at less than the whole must say so, or find the same row.
            let cut = (at + last_at).min(text.len());
            let early = text
                .is_char_boundary(cut)
                .then(|| scan_row(&text[..cut.max(at)], at.min(cut), b',', false, &mut spans, &mut scratch));
            let whole = scan_row(text, at, b',', true, &mut spans, &mut scratch);
            if let Some(early) = early.filter(|early| *early != Scan::NeedMore) {
                assert_eq!(early, whole, "{text:?} at {at} cut {cut}");
            }
            let Scan::Row { next } = whole else { return None };
            rows.push(spans.iter().map(|s| s.of(text, &scratch).to_owned()).collect());
            at = next;
        }
        Some(rows)
    }

    proptest! {
        /// The same rows as the `csv` crate's, which leaves blank lines out.
        #[test]
        fn agrees_with_the_reference(text in "([a-c金,\"\n\r]|\r\n|\"\"|,\"){0,40}", cut in 0usize..12) {
            let Some(ours) = rows(&text, cut) else { return Ok(()) };
            let ours: Vec<_> = ours.into_iter().filter(|row| row.as_slice() != [""]).collect();
            let theirs: Vec<Vec<String>> = csv::ReaderBuilder::new()
                .has_headers(false)
                .flexible(true)
                .from_reader(text.as_bytes())
                .records()
                .map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>())
                .filter(|row| row.as_slice() != [""])
                .collect();
            prop_assert_eq!(ours, theirs);
        }
    }
}
