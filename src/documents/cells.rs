//! What people type into cells: days and times in every form Chinese offices use, decimals, yes and no.

use chrono::{Days, NaiveDate, NaiveDateTime, NaiveTime};

use crate::kernel::text::half_width;

/// Why a cell cannot be read as what its column holds.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CellError {
    /// No form of a date that we know.
    #[error("“{0}”不是日期，应如 2024-03-05 或 2024年3月5日")]
    NotADate(String),
    /// A year of two digits.
    #[error("“{0}”的年份只有两位，无法确定是哪一年，应写四位年份")]
    TwoDigitYear(String),
    /// No such day, or no such time.
    #[error("“{0}”不是存在的日期或时间")]
    NoSuchDay(String),
    /// Before 1950 or after 2100.
    #[error("日期“{0}”不在 1950 至 2100 年之间")]
    OutOfRange(String),
    /// No number, or more decimals than the column has.
    #[error("“{0}”不是数字，应如 45.60")]
    NotANumber(String),
    /// More decimals than mean anything.
    #[error("“{0}”的小数位太多")]
    TooFine(String),
    /// Neither yes nor no.
    #[error("“{0}”应填 是 或 否")]
    NotYesNo(String),
    /// Digits lost in a spreadsheet.
    #[error("编号“{0}”被表格软件写成了科学计数法，位数已丢失；请在原表把该列设为文本后重新填写或导出")]
    LostDigits(String),
}

/// The years that a date in an office's tables can mean.
const YEARS: std::ops::RangeInclusive<i32> = 1950..=2100;

/// Reads a day with or without a time; without, the time is midnight.
///
/// # Errors
/// When it is no date, its year has two digits, there is no such day, or it is out of 1950–2100.
pub fn datetime(text: &str) -> Result<NaiveDateTime, CellError> {
    let plain = half_width(text.trim());
    let plain = plain.trim();
    let shown = || text.trim().to_owned();
    let at = if plain.bytes().all(|b| b.is_ascii_digit() || b == b'.') && plain.matches('.').count() < 2 {
        digits_only(plain, &shown)?
    } else {
        let (day, rest) = calendar_day(plain, &shown)?;
        day.and_time(time_of_day(rest).ok_or_else(|| CellError::NotADate(shown()))?)
    };
    if YEARS.contains(&chrono::Datelike::year(&at)) { Ok(at) } else { Err(CellError::OutOfRange(shown())) }
}

/// Reads a day; a time after it is allowed and left out.
///
/// # Errors
/// As [`datetime`].
pub fn date(text: &str) -> Result<NaiveDate, CellError> {
    datetime(text).map(|at| at.date())
}

/// `20240305`, `20240305083000`, or a spreadsheet's count of days since 1900 (`45356`, `45356.5`).
fn digits_only(plain: &str, shown: &dyn Fn() -> String) -> Result<NaiveDateTime, CellError> {
    let not_a_date = || CellError::NotADate(shown());
    let number = |range: std::ops::Range<usize>| plain.get(range).and_then(|d| d.parse::<u32>().ok()).unwrap_or(0);
    if !plain.contains('.') && matches!(plain.len(), 8 | 12 | 14) {
        let year = i32::try_from(number(0..4)).unwrap_or(0);
        let day = NaiveDate::from_ymd_opt(year, number(4..6), number(6..8));
        let seconds = if plain.len() == 14 { number(12..14) } else { 0 };
        let time = if plain.len() == 8 {
            Some(NaiveTime::MIN)
        } else {
            NaiveTime::from_hms_opt(number(8..10), number(10..12), seconds)
        };
        return day.zip(time).map(|(day, time)| day.and_time(time)).ok_or_else(|| CellError::NoSuchDay(shown()));
    }
    let serial: f64 = plain.parse().map_err(|_| not_a_date())?;
    let whole = plain.split('.').next().unwrap_or_default().len();
    if whole != 5 {
        return Err(not_a_date());
    }
    excel_serial(serial).ok_or_else(not_a_date)
}

/// The day and time that a spreadsheet's serial number means (the 1900 system, days from 1899-12-30), to the second.
#[must_use]
pub fn excel_serial(serial: f64) -> Option<NaiveDateTime> {
    if !(61.0..2_958_466.0).contains(&serial) {
        return None;
    }
    #[expect(clippy::cast_possible_truncation, reason = "checked to be within 61..2,958,466 days")]
    let seconds = (serial * 86_400.0).round() as i64;
    let days = u64::try_from(seconds / 86_400).ok()?;
    let rest = u32::try_from(seconds % 86_400).ok()?;
    let day = NaiveDate::from_ymd_opt(1899, 12, 30)?.checked_add_days(Days::new(days))?;
    Some(day.and_time(NaiveTime::from_num_seconds_from_midnight_opt(rest, 0)?))
}

/// `2024/3/5`, `2024-03-05`, `2024.3.5`, `2024年3月5日`: the day, and the text after it.
fn calendar_day<'a>(plain: &'a str, shown: &dyn Fn() -> String) -> Result<(NaiveDate, &'a str), CellError> {
    let not_a_date = || CellError::NotADate(shown());
    let (year, rest) = leading_number(plain).ok_or_else(not_a_date)?;
    let year_digits = plain.len() - rest.len();
    let (month, after_month) = separated(rest, &['/', '-', '.', '年']).ok_or_else(not_a_date)?;
    let (day, after_day) = separated(after_month, &['/', '-', '.', '月']).ok_or_else(not_a_date)?;
    if year_digits == 2 {
        return Err(CellError::TwoDigitYear(shown()));
    }
    if year_digits != 4 {
        return Err(not_a_date());
    }
    let year = i32::try_from(year).map_err(|_| not_a_date())?;
    let day = NaiveDate::from_ymd_opt(year, month, day).ok_or_else(|| CellError::NoSuchDay(shown()))?;
    let rest = after_day.trim_start();
    Ok((day, rest.strip_prefix(['日', '号']).unwrap_or(rest)))
}

/// One of the separators, then a number.
fn separated<'a>(text: &'a str, separators: &[char]) -> Option<(u32, &'a str)> {
    leading_number(text.trim_start().strip_prefix(separators)?)
}

fn leading_number(text: &str) -> Option<(u32, &str)> {
    let text = text.trim_start();
    let end = text.bytes().position(|b| !b.is_ascii_digit()).unwrap_or(text.len());
    Some((text.get(..end).filter(|d| (1..=4).contains(&d.len()))?.parse().ok()?, &text[end..]))
}

/// `8:30`, `08:30:00`, `T08:30:00.000`, `8时30分`, `下午 3:05`; nothing is midnight. A zone is refused: ours is Shanghai's.
fn time_of_day(text: &str) -> Option<NaiveTime> {
    let mut text = text.trim().strip_prefix(['T', 't']).unwrap_or(text.trim());
    // A weekday in brackets or after the date says nothing more.
    for weekday in ["星期", "周"] {
        if let Some(rest) = text.strip_prefix(weekday) {
            text = rest.strip_prefix(['一', '二', '三', '四', '五', '六', '日', '天'])?.trim_start();
        }
    }
    if text.is_empty() {
        return Some(NaiveTime::MIN);
    }
    let (noon, text) = if let Some(rest) = text.strip_prefix("下午").or_else(|| text.strip_prefix("PM")) {
        (Some(12), rest)
    } else if let Some(rest) = text.strip_prefix("上午").or_else(|| text.strip_prefix("AM")) {
        (Some(0), rest)
    } else if let Some(rest) = text.strip_suffix("PM").or_else(|| text.strip_suffix("pm")) {
        (Some(12), rest)
    } else if let Some(rest) = text.strip_suffix("AM").or_else(|| text.strip_suffix("am")) {
        (Some(0), rest)
    } else {
        (None, text)
    };
    let (hour, rest) = leading_number(text)?;
    let (minute, rest) = match rest.trim() {
        "时" | "点" => (0, ""),
        rest => separated(rest, &[':', '时', '点'])?,
    };
    let (second, rest) = match rest.trim() {
        "" | "分" => (0, ""),
        rest => separated(rest, &[':', '分'])?,
    };
    let rest = rest.strip_prefix('.').map_or(rest, |r| r.trim_start_matches(|c: char| c.is_ascii_digit()));
    if !matches!(rest.trim(), "" | "秒") {
        return None;
    }
    let hour = match noon {
        Some(noon) if (1..=12).contains(&hour) => hour % 12 + noon,
        Some(_) if hour > 12 => hour,
        Some(_) => return None,
        None => hour,
    };
    NaiveTime::from_hms_opt(hour, minute, second)
}

/// Reads a decimal exactly, as a whole number of its `places`-th decimal: `45.6` with 2 places is 4560. Thousands
/// separators and a unit after the number (升, L, 公里, km, 元) are allowed; zeros beyond the places too.
///
/// # Errors
/// When it is no number, too fine, or too large.
pub fn decimal(text: &str, places: u32) -> Result<i64, CellError> {
    let shown = || text.trim().to_owned();
    let plain = half_width(text);
    let plain: String = plain.chars().filter(|c| !c.is_whitespace() && !matches!(c, ',' | '¥' | '￥')).collect();
    let end =
        plain.bytes().position(|b| !(b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+'))).unwrap_or(plain.len());
    let (number, unit) = plain.split_at(end);
    let not_a_number = || CellError::NotANumber(shown());
    if unit.chars().count() > 8 || unit.chars().any(|c| c.is_ascii_digit()) {
        return Err(not_a_number());
    }
    let (negative, number) = match number.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, number.strip_prefix('+').unwrap_or(number)),
    };
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    let digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    if (whole.is_empty() && fraction.is_empty()) || !digits(whole) || !digits(fraction) {
        return Err(not_a_number());
    }
    let fraction = fraction.trim_end_matches('0');
    let places = places as usize;
    if fraction.len() > places {
        return Err(CellError::TooFine(shown()));
    }
    let scaled: i64 = format!("{whole}{fraction:0<places$}").parse().map_err(|_| not_a_number())?;
    Ok(if negative { -scaled } else { scaled })
}

/// Reads yes or no.
///
/// # Errors
/// When it is neither.
pub fn yes_no(text: &str) -> Result<bool, CellError> {
    match half_width(text.trim()).to_lowercase().as_str() {
        "是" | "有" | "对" | "√" | "✓" | "y" | "yes" | "true" | "1" | "加满" | "满" => Ok(true),
        "否" | "无" | "不" | "×" | "x" | "n" | "no" | "false" | "0" | "未加满" | "未满" | "没有" => {
            Ok(false)
        }
        _ => Err(CellError::NotYesNo(text.trim().to_owned())),
    }
}

/// Whether a spreadsheet turned a long number into `1.23457E+12`.
pub(super) fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let Some(exponent) = exponent.strip_prefix('+') else { return false };
    mantissa.len() > 1
        && mantissa.contains('.')
        && mantissa.bytes().all(|b| b.is_ascii_digit() || b == b'.')
        && !exponent.is_empty()
        && exponent.bytes().all(|b| b.is_ascii_digit())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_times_as_offices_write_them() {
        for (text, expected) in [
            ("2024/3/5", "2024-03-05 00:00:00"),
            ("2024-03-05", "2024-03-05 00:00:00"),
            ("2024.3.5", "2024-03-05 00:00:00"),
            ("2024年3月5日", "2024-03-05 00:00:00"),
            ("２０２４年３月５日", "2024-03-05 00:00:00"),
            ("2024 年 3 月 5 日", "2024-03-05 00:00:00"),
            ("20240305", "2024-03-05 00:00:00"),
            ("20240305083015", "2024-03-05 08:30:15"),
            ("2024/3/5 8:30", "2024-03-05 08:30:00"),
            ("2024/3/5 8:30:15", "2024-03-05 08:30:15"),
            ("2024-03-05T08:30:00", "2024-03-05 08:30:00"),
            ("2024-03-05 08:30:00.000", "2024-03-05 08:30:00"),
            ("2024年3月5日 8时30分", "2024-03-05 08:30:00"),
            ("2024年3月5日8点", "2024-03-05 08:00:00"),
            ("2024/3/5 下午 3:05", "2024-03-05 15:05:00"),
            ("2024/3/5 上午 12:05", "2024-03-05 00:05:00"),
            ("2024/3/5 3:05 PM", "2024-03-05 15:05:00"),
            ("2024年3月5日星期二", "2024-03-05 00:00:00"),
            ("45356", "2024-03-05 00:00:00"),
            ("45356.5", "2024-03-05 12:00:00"),
            ("45000.354166666664", "2023-03-15 08:30:00"),
            ("1950-1-1", "1950-01-01 00:00:00"),
        ] {
            assert_eq!(datetime(text).map(|at| at.to_string()), Ok(expected.to_owned()), "{text}");
        }
    }

    #[test]
    fn what_is_no_day_is_refused_with_its_reason() {
        type Reason = fn(String) -> CellError;
        for (text, reason) in [
            ("24/3/5", CellError::TwoDigitYear as Reason),
            ("24-3-5 8:00", CellError::TwoDigitYear),
            ("2024-02-30", CellError::NoSuchDay),
            ("20241301", CellError::NoSuchDay),
            ("1949-12-31", CellError::OutOfRange),
            ("2101/1/1", CellError::OutOfRange),
            ("18000", CellError::OutOfRange),
            ("昨天", CellError::NotADate),
            ("2024", CellError::NotADate),
            ("2024-3", CellError::NotADate),
            ("3/5/2024", CellError::NotADate),
            ("2024-03-05T08:30:00Z", CellError::NotADate),
            ("2024-03-05 25:00", CellError::NotADate),
            ("123456", CellError::NotADate),
            ("1.2.3", CellError::NotADate),
            (".", CellError::NotADate),
        ] {
            assert_eq!(datetime(text), Err(reason(text.to_owned())), "{text}");
        }
    }

    #[test]
    fn decimals_are_exact() {
        for (text, places, expected) in [
            ("45.6", 2, Some(4560)),
            ("45.60升", 2, Some(4560)),
            ("1,234.5 km", 1, Some(12345)),
            ("-0.05", 2, Some(-5)),
            ("12.340", 2, Some(1234)),
            ("12.345", 2, None),
            ("７.８６", 2, Some(786)),
            ("", 2, None),
            ("-", 2, None),
            ("1-2", 2, None),
            ("升", 2, None),
            ("99999999999999999999", 2, None),
        ] {
            assert_eq!(decimal(text, places).ok(), expected, "{text}");
        }
    }

    #[test]
    fn lost_digits_are_seen() {
        assert!(is_scientific("1.23457E+12") && is_scientific("4.42E+17"));
        assert!(
            !is_scientific("1E5") && !is_scientific("A1.2E+3") && !is_scientific("ME+3") && !is_scientific("12E+3")
        );
    }
}
