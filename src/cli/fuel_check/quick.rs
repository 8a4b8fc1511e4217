//! Cells in the form that nearly all have, read without a detour; any other form goes the careful way.

use crate::documents::{Reject, Row, schema::Fields};
use crate::kernel::Timestamp;

/// Decimals kept of any number.
const PLACES: u32 = 6;

/// A plain number: digits, perhaps a point and up to six more.
fn plain_number(text: &str) -> Option<f64> {
    let bytes = text.as_bytes();
    if bytes.is_empty() || bytes.len() > 15 {
        return None;
    }
    let (mut number, mut decimals, mut point) = (0u64, 0usize, false);
    for byte in bytes {
        match byte {
            b'0'..=b'9' => {
                number = number * 10 + u64::from(byte - b'0');
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return None,
        }
    }
    const SCALE: [f64; 7] = [1.0, 10.0, 100.0, 1_000.0, 10_000.0, 100_000.0, 1_000_000.0];
    #[expect(clippy::cast_precision_loss, reason = "fifteen digits fit an f64 exactly")]
    let number = number as f64;
    (bytes != b".").then(|| SCALE.get(decimals).map(|scale| number / scale)).flatten()
}

/// A number; `None` when blank.
pub(super) fn number<F: Fields>(row: &Row<'_, F>, field: F) -> Result<Option<f64>, Reject> {
    if let Some(number) = plain_number(row.text(field)) {
        return Ok(Some(number));
    }
    let read = row.decimal(field, PLACES)?;
    #[expect(clippy::cast_precision_loss, reason = "more digits than an f64 has mean nothing here")]
    let number = read.map(|millionths| millionths as f64 / 1_000_000.0);
    Ok(number)
}

/// An amount of yuan; `None` when blank.
pub(super) fn money<F: Fields>(row: &Row<'_, F>, field: F) -> Result<Option<f64>, Reject> {
    if let Some(number) = plain_number(row.text(field)) {
        return Ok(Some(number));
    }
    #[expect(clippy::cast_precision_loss, reason = "no card holds as many fen as an f64 cannot tell apart")]
    let yuan = row.money(field)?.map(|fen| fen.0 as f64 / 100.0);
    Ok(yuan)
}

/// `2026-11-23 09:05:07`, as nearly all statements have it.
fn plain_time(text: &str) -> Option<Timestamp> {
    let bytes = text.as_bytes();
    let pattern = b"dddd-dd-dd dd:dd:dd";
    let fits = |(byte, wanted): (&u8, &u8)| if *wanted == b'd' { byte.is_ascii_digit() } else { byte == wanted };
    if bytes.len() != pattern.len() || !bytes.iter().zip(pattern).all(fits) {
        return None;
    }
    let two = |at: usize| u32::from(bytes[at] - b'0') * 10 + u32::from(bytes[at + 1] - b'0');
    let year = i32::try_from(two(0) * 100 + two(2)).ok().filter(|year| (1970..=2100).contains(year))?;
    let day = chrono::NaiveDate::from_ymd_opt(year, two(5), two(8))?;
    Some(Timestamp::from_shanghai(day.and_hms_opt(two(11), two(14), two(17))?))
}

/// An instant, and whether the time of day is told.
pub(super) fn instant<F: Fields>(row: &Row<'_, F>, field: F) -> Result<Option<(Timestamp, bool)>, Reject> {
    let at = match plain_time(row.text(field)) {
        Some(at) => Some(at),
        None => row.datetime(field)?,
    };
    Ok(at.map(|at| (at, (at.0 + 8 * 3_600_000).rem_euclid(86_400_000) != 0)))
}

/// A number of 64 bits for a text, the same on every machine.
pub(super) fn hash(text: &str) -> u64 {
    text.bytes().fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_quick_way_reads_what_it_knows_and_leaves_the_rest() {
        for (text, number) in [
            ("45.6", Some(45.6)),
            ("0.01", Some(0.01)),
            ("123456", Some(123_456.0)),
            ("12.", Some(12.0)),
            (".5", Some(0.5)),
            (".", None),
            ("", None),
            ("1,234", None),
            ("-1", None),
            ("1.2.3", None),
            ("NaN", None),
            ("1.1234567", None),
            ("1234567890123456", None),
        ] {
            assert_eq!(plain_number(text), number, "{text}");
        }
        let at = plain_time("2026-11-23 09:05:07").map(|at| at.to_string());
        assert_eq!(at.as_deref(), Some("2026-11-23 09:05:07"));
        for text in
            ["2026-11-23", "2026-13-01 00:00:00", "2026/11/23 09:05:07", "1969-11-23 09:05:07", "2026-11-23 25:00:00"]
        {
            assert_eq!(plain_time(text), None, "{text}");
        }
    }
}
