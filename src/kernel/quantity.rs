//! How many: whole pieces, rounds, sets. Never a float.

use std::fmt;

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// A whole number of pieces.
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
)]
#[serde(transparent)]
pub struct Quantity(pub i64);

/// Why a text is not a quantity.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum QuantityError {
    /// Not a whole number, with or without a measure word.
    #[error("“{0}”不是整数数量，应如 3 或 3台")]
    NotWhole(String),
    /// Below zero, or beyond what one line can mean.
    #[error("数量“{0}”不在 0 至 1,000,000,000 之间")]
    OutOfRange(String),
}

impl Quantity {
    /// One piece: what a line without a quantity means.
    pub const ONE: Self = Self(1);
    /// The most that one line may hold.
    pub const MAX: i64 = 1_000_000_000;

    /// Reads a quantity as offices write it: `3`, `3台`, `１２`, `1,200发`, `2.0`, `两件` is refused.
    ///
    /// # Errors
    /// When it is not a whole number, or out of range.
    pub fn parse(text: &str) -> Result<Self, QuantityError> {
        let plain = super::text::half_width(text);
        let plain = plain.trim();
        let not_whole = || QuantityError::NotWhole(text.trim().to_owned());
        let number_len = plain
            .bytes()
            .position(|b| !(b.is_ascii_digit() || matches!(b, b',' | b'.' | b'-' | b'+')))
            .unwrap_or(plain.len());
        let (number, measure) = plain.split_at(number_len);
        let measure = measure.trim();
        // A measure word is a short run of letters (台, 把, 发, pcs); a digit after it means something else was meant.
        if measure.chars().count() > 4 || measure.chars().any(|c| !c.is_alphabetic()) {
            return Err(not_whole());
        }
        let number: String = number.chars().filter(|&c| c != ',').collect();
        let whole = match number.split_once('.') {
            Some((whole, fraction)) if fraction.bytes().all(|b| b == b'0') => whole,
            Some(_) => return Err(not_whole()),
            None => &number,
        };
        let digits = whole.strip_prefix(['-', '+']).unwrap_or(whole);
        if digits.is_empty() || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return Err(not_whole());
        }
        match whole.parse::<i64>() {
            Ok(n) if (0..=Self::MAX).contains(&n) => Ok(Self(n)),
            _ => Err(QuantityError::OutOfRange(text.trim().to_owned())),
        }
    }
}

impl fmt::Display for Quantity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_as_offices_write_them() {
        for (text, expected) in [
            ("3", Some(3)),
            ("3台", Some(3)),
            ("１２", Some(12)),
            ("1,200 发", Some(1200)),
            ("2.0", Some(2)),
            (" 0 ", Some(0)),
            ("2.5", None),
            ("两件", None),
            ("3台2", None),
            ("-1", None),
            ("", None),
            ("台", None),
            ("9999999999999999999999", None),
            ("3-4", None),
        ] {
            assert_eq!(Quantity::parse(text).ok().map(|q| q.0), expected, "{text}");
        }
    }
}
