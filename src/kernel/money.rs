//! Money as whole fen (分, 0.01 元), never a float: a DECIMAL on SQLite goes through f64 and loses cents.

use std::fmt;
use std::iter::Sum;
use std::ops::{Add, AddAssign, Sub};

use sea_orm::DeriveValueType;
use serde::{Deserialize, Serialize};

/// An amount of money in fen (0.01 元).
#[derive(
    Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, DeriveValueType,
)]
#[serde(transparent)]
pub struct Fen(pub i64);

/// Why a text is not an amount of money.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// The text is not a number of yuan.
    #[error("“{0}”不是金额，应如 12345.60")]
    NotANumber(String),
    /// More than two decimals: there is nothing smaller than a fen.
    #[error("金额“{0}”多于两位小数")]
    TooFine(String),
    /// Beyond what a ledger of this size can hold.
    #[error("金额“{0}”过大")]
    TooLarge(String),
}

impl Fen {
    /// Nothing.
    pub const ZERO: Self = Self(0);

    /// Reads yuan as offices write them: `12,345.60元`, `￥300`, `１２.５`, `3 000.00`, `(12.00)` for a negative.
    ///
    /// # Errors
    /// When the text is no number, has more than two significant decimals, or overflows.
    pub fn parse_yuan(text: &str) -> Result<Self, MoneyError> {
        let plain = super::text::half_width(text);
        let mut digits: String =
            plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '¥' | '￥' | '\'' | '_')).collect();
        if let Some(rest) = digits.strip_suffix("元整").or_else(|| digits.strip_suffix('元')) {
            digits = rest.to_owned();
        }
        for prefix in ["人民币", "RMB", "CNY"] {
            if let Some(rest) = digits.strip_prefix(prefix) {
                digits = rest.to_owned();
            }
        }
        if let Some(inner) = digits.strip_prefix('(').and_then(|d| d.strip_suffix(')')) {
            digits = format!("-{inner}");
        }
        Self::from_decimal(&digits, text)
    }

    fn from_decimal(digits: &str, shown: &str) -> Result<Self, MoneyError> {
        let not_a_number = || MoneyError::NotANumber(shown.trim().to_owned());
        let (negative, unsigned) = match digits.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, digits.strip_prefix('+').unwrap_or(digits)),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
        if (whole.is_empty() && fraction.is_empty()) || !all_digits(whole) || !all_digits(fraction) {
            return Err(not_a_number());
        }
        let fraction = fraction.trim_end_matches('0');
        if fraction.len() > 2 {
            return Err(MoneyError::TooFine(shown.trim().to_owned()));
        }
        let too_large = || MoneyError::TooLarge(shown.trim().to_owned());
        let whole: i64 = if whole.is_empty() { 0 } else { whole.parse().map_err(|_| too_large())? };
        let cents: i64 = format!("{fraction:0<2}").parse().map_err(|_| not_a_number())?;
        let fen = whole.checked_mul(100).and_then(|f| f.checked_add(cents)).ok_or_else(too_large)?;
        Ok(Self(if negative { -fen } else { fen }))
    }

    /// Yuan with two decimals and no separators, as files want it: `12345.60`.
    #[must_use]
    pub fn plain(self) -> String {
        let sign = if self.0 < 0 { "-" } else { "" };
        format!("{sign}{}.{:02}", self.0.unsigned_abs() / 100, self.0.unsigned_abs() % 100)
    }

    /// The sum, or `None` when it would overflow.
    #[must_use]
    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }
}

impl fmt::Display for Fen {
    /// Yuan for people, thousands separated: `12,345.60`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let whole = super::text::thousands(self.0.unsigned_abs() / 100);
        f.pad(&format!("{sign}{whole}.{:02}", self.0.unsigned_abs() % 100))
    }
}

impl Add for Fen {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0.saturating_add(other.0))
    }
}

impl Sub for Fen {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

impl AddAssign for Fen {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}

impl Sum for Fen {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, Add::add)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn yuan_as_offices_write_it() {
        for (text, fen) in [
            ("12,345.60元", 1_234_560),
            ("0", 0),
            ("￥300", 30_000),
            ("１２．５", 1_250),
            ("-3.05", -305),
            ("(12.00)", -1_200),
            ("3 000.10", 300_010),
            ("5600.5000", 560_050),
            (".5", 50),
            ("壹", -1),
            ("1.005", -1),
            ("", -1),
            ("-", -1),
            ("1.2.3", -1),
            ("99999999999999999999", -1),
        ] {
            match Fen::parse_yuan(text) {
                Ok(read) => assert_eq!(read.0, fen, "{text}"),
                Err(_) => assert_eq!(fen, -1, "{text} should read as {fen}"),
            }
        }
    }

    #[test]
    fn shown_with_separators_and_plain() {
        assert_eq!(Fen(123_456_789).to_string(), "1,234,567.89");
        assert_eq!(Fen(-5).to_string(), "-0.05");
        assert_eq!(Fen(-123_456).plain(), "-1234.56");
    }
}
