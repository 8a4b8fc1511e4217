//! One row, and its cells as text, number, day, state: each with a reject that says where and why it cannot be.

use std::marker::PhantomData;
use std::sync::Arc;

use chrono::NaiveDate;

use super::cells::{self, CellError};
use super::columns::{Columns, SHEET};
use super::csv_out::unguarded;
use super::reject::{Location, Reject};
use super::scan::Span;
use super::schema::Fields;
use crate::items::model::ItemState;
use crate::kernel::{Fen, Quantity, Timestamp};

/// One row of a table with the fields `F`. Its texts are those of the reader's block; nothing is copied.
#[derive(Debug, Clone, Copy)]
pub struct Row<'a, F> {
    pub(super) block: &'a str,
    pub(super) scratch: &'a str,
    pub(super) spans: &'a [Span],
    pub(super) columns: &'a Columns,
    pub(super) file: &'a Arc<str>,
    pub(super) sheet: &'a Arc<str>,
    pub(super) row: u64,
    pub(super) fields: PhantomData<F>,
}

impl<'a, F: Fields> Row<'a, F> {
    /// The cell's text without blanks around it; empty when the cell or the whole column is not there.
    #[must_use]
    #[inline]
    pub fn text(&self, field: F) -> &'a str {
        let Some(column) = self.columns.of[field.index()] else { return "" };
        match self.spans.get(column as usize) {
            Some(span) => clean(span.of(self.block, self.scratch)),
            None if column == SHEET => self.sheet.trim(),
            None => "",
        }
    }

    /// The texts of all fields, in the order of the schema.
    #[must_use]
    pub fn texts(&self) -> Vec<String> {
        let text = |column: &Option<u32>| match column.and_then(|column| self.spans.get(column as usize)) {
            Some(span) => clean(span.of(self.block, self.scratch)),
            None if *column == Some(SHEET) => self.sheet.trim(),
            None => "",
        };
        self.columns.of.iter().map(|column| text(column).to_owned()).collect()
    }

    /// Whether the table has a column for the field at all.
    #[must_use]
    pub fn has(&self, field: F) -> bool {
        self.columns.of[field.index()].is_some()
    }

    /// Where the row stands.
    #[must_use]
    pub fn location(&self) -> Location {
        Location { file: Arc::clone(self.file), sheet: Arc::clone(self.sheet), row: self.row }
    }

    /// The sheet's name; empty for a text file.
    #[must_use]
    pub fn sheet(&self) -> &'a str {
        self.sheet
    }

    /// The row's number from 1, as Excel shows it.
    #[must_use]
    pub fn number(&self) -> u64 {
        self.row
    }

    /// A reject of this row because of the field.
    pub fn reject(&self, field: F, reason: impl Into<String>) -> Reject {
        Reject {
            at: self.location(),
            column: self.header(field.index()).to_owned(),
            value: self.text(field).to_owned(),
            reason: reason.into(),
        }
    }

    /// What the file calls the field at this position of the schema; its usual name where the file does not have it.
    pub(crate) fn header(&self, index: usize) -> &str {
        let header = self.columns.of.get(index).copied().flatten().and_then(|c| self.columns.headers.get(c as usize));
        let usual = F::SCHEMA.fields.get(index).map_or("", |field| field.zh);
        header.map(|h| h.trim()).filter(|h| !h.is_empty()).unwrap_or(usual)
    }

    /// Text that must be there.
    ///
    /// # Errors
    /// When the cell is blank.
    pub fn required(&self, field: F) -> Result<&'a str, Reject> {
        match self.text(field) {
            "" => Err(self.reject(field, format!("缺少{}", field.spec().zh))),
            text => Ok(text),
        }
    }

    /// A number or code that names something, letter by letter; empty when blank.
    ///
    /// # Errors
    /// When a spreadsheet has turned it into `1.23457E+12` and its digits are lost.
    #[inline]
    pub fn identifier(&self, field: F) -> Result<&'a str, Reject> {
        let text = self.text(field);
        if memchr::memchr(b'+', text.as_bytes()).is_some() && cells::is_scientific(text) {
            return Err(self.reject(field, CellError::LostDigits(text.to_owned()).to_string()));
        }
        Ok(text)
    }

    /// As [`Row::identifier`], and it must be there.
    ///
    /// # Errors
    /// When it is blank, or its digits are lost.
    #[inline]
    pub fn required_identifier(&self, field: F) -> Result<&'a str, Reject> {
        match self.identifier(field)? {
            "" => self.required(field),
            text => Ok(text),
        }
    }

    /// A quantity; blank is one piece.
    ///
    /// # Errors
    /// When it is not a whole number, or out of range.
    #[inline]
    pub fn quantity(&self, field: F) -> Result<Quantity, Reject> {
        match self.text(field) {
            "" | "1" => Ok(Quantity::ONE),
            text => Quantity::parse(text).map_err(|e| self.reject(field, e.to_string())),
        }
    }

    /// An amount of money; `None` when blank or only a dash.
    ///
    /// # Errors
    /// When it is no amount.
    pub fn money(&self, field: F) -> Result<Option<Fen>, Reject> {
        self.read(field, |text| Fen::parse_yuan(text).map_err(|e| e.to_string()))
    }

    /// A decimal as a whole number of its `places`-th decimal (`45.6` with 2 places is 4560); `None` when blank.
    ///
    /// # Errors
    /// When it is no number, or finer than the places.
    pub fn decimal(&self, field: F, places: u32) -> Result<Option<i64>, Reject> {
        self.read(field, |text| cells::decimal(text, places).map_err(|e| e.to_string()))
    }

    /// A day; `None` when blank.
    ///
    /// # Errors
    /// When it is no day.
    pub fn date(&self, field: F) -> Result<Option<NaiveDate>, Reject> {
        self.read(field, |text| cells::date(text).map_err(|e| e.to_string()))
    }

    /// The instant at which clocks in Shanghai showed the cell's time; `None` when blank.
    ///
    /// # Errors
    /// When it is no day and time.
    pub fn datetime(&self, field: F) -> Result<Option<Timestamp>, Reject> {
        self.read(field, |text| cells::datetime(text).map(Timestamp::from_shanghai).map_err(|e| e.to_string()))
    }

    /// A state of a thing; `None` when blank.
    ///
    /// # Errors
    /// When the word is not known.
    pub fn state(&self, field: F) -> Result<Option<ItemState>, Reject> {
        self.read(field, |text| {
            ItemState::from_office_text(text).ok_or_else(|| {
                let known: Vec<_> = ItemState::ALL.iter().map(|state| state.zh()).collect();
                format!("不认识使用状况“{text}”，可填 {}", known.join("、"))
            })
        })
    }

    /// Yes or no; `None` when blank.
    ///
    /// # Errors
    /// When it is neither.
    pub fn yes_no(&self, field: F) -> Result<Option<bool>, Reject> {
        self.read(field, |text| cells::yes_no(text).map_err(|e| e.to_string()))
    }

    fn read<T>(&self, field: F, read: impl Fn(&str) -> Result<T, String>) -> Result<Option<T>, Reject> {
        match self.text(field) {
            "" | "-" | "--" | "—" | "——" | "/" => Ok(None),
            text => read(text).map(Some).map_err(|reason| self.reject(field, reason)),
        }
    }
}

/// As [`str::trim`], but at a glance where neither end can be a blank: beyond ASCII, blanks begin with the bytes C2 and
/// E1 to E3, and Chinese with E4 to E9.
#[inline]
pub(super) fn trimmed(text: &str) -> &str {
    let bytes = text.as_bytes();
    let ascii = |byte: u8| byte.wrapping_sub(0x21) < 0x5f;
    let chinese = |byte: u8| byte.wrapping_sub(0xe4) < 0x0c;
    match bytes {
        [] => text,
        [first, .., last] if (ascii(*first) || chinese(*first)) && ascii(*last) => text,
        [first, .., third, _, _] if (ascii(*first) || chinese(*first)) && chinese(*third) => text,
        [first, _, _] if chinese(*first) => text,
        [only] if ascii(*only) => text,
        _ => text.trim(),
    }
}

/// Without blanks around, without the marks that keep a spreadsheet from running or rounding a cell (`'=…`, `="001"`).
#[inline]
pub(super) fn clean(raw: &str) -> &str {
    let text = trimmed(raw);
    match text.as_bytes().first() {
        Some(b'\'') => unguarded(text),
        Some(b'=') => text.strip_prefix("=\"").and_then(|t| t.strip_suffix('"')).map_or(text, str::trim),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn trimming_at_a_glance_is_trimming(text in "[ \\t\u{a0}\u{85}\u{1680}\u{2003}\u{2028}\u{3000}\u{feff}a金é😀々]{0,6}") {
            prop_assert_eq!(trimmed(&text), text.trim());
        }
    }
}
