//! What people write and choose when they ask something of a campaign: held to the same rules by whichever door they
//! come in.

use chrono::{Datelike as _, NaiveDate};

use super::campaign::Opening;
use super::error::StocktakeError;
use crate::kernel::ids::ItemId;

/// The longest reason, characters.
pub(super) const MOST_REASON: usize = 500;
/// The longest number of a campaign, characters.
pub(super) const MOST_NUMBER: usize = 40;
/// Things counted again at once.
pub(super) const MOST_THINGS: usize = 500;
const MOST_NAME: usize = 200;
/// What an office may mean.
const YEARS: std::ops::RangeInclusive<i64> = 1980..=2200;

fn wrong<T>(field: &'static str, reason: impl Into<String>) -> Result<T, StocktakeError> {
    Err(StocktakeError::Field { field, reason: reason.into() })
}

fn text(field: &'static str, text: &str, most: usize) -> Result<String, StocktakeError> {
    let text = text.trim();
    if text.chars().count() > most {
        return wrong(field, format!("最多 {most} 字"));
    }
    if text.chars().any(|c| c.is_control() && c != '\n') {
        return wrong(field, "文字中有不能保存的字符");
    }
    Ok(text.to_owned())
}

/// A reason that may be left out.
pub(super) fn maybe_reason(field: &'static str, reason: Option<&str>) -> Result<Option<String>, StocktakeError> {
    let reason = reason.map(|reason| text(field, reason, MOST_REASON)).transpose()?;
    Ok(reason.filter(|reason| !reason.is_empty()))
}

/// A reason that must be given.
pub(super) fn reason(reason: &str) -> Result<String, StocktakeError> {
    match maybe_reason("reason", Some(reason))? {
        Some(reason) => Ok(reason),
        None => wrong("reason", "请写明复盘的理由"),
    }
}

/// Things, each once.
pub(super) fn things(things: &[ItemId]) -> Result<Vec<ItemId>, StocktakeError> {
    let mut things = things.to_vec();
    things.sort_unstable();
    things.dedup();
    if (1..=MOST_THINGS).contains(&things.len()) { Ok(things) } else { wrong("items", "一次 1 至 500 件") }
}

pub(super) fn opening(opening: &Opening) -> Result<(), StocktakeError> {
    let number = text("number", &opening.number, MOST_NUMBER)?;
    if number.is_empty() || number.contains(['/', '\n', '?', '#']) {
        return wrong("number", "盘点编号应为 1 至 40 字，不含 / ? #");
    }
    text("name", &opening.name, MOST_NAME)?;
    day("baseline_on", opening.baseline_on)?;
    day("from", opening.from)?;
    day("to", opening.to)
}

fn day(field: &'static str, day: NaiveDate) -> Result<(), StocktakeError> {
    year(field, i64::from(day.year())).or_else(|_| wrong(field, "日期不在 1980 至 2200 年之间"))
}

pub(super) fn year(field: &'static str, year: i64) -> Result<(), StocktakeError> {
    if YEARS.contains(&year) { Ok(()) } else { wrong(field, "年份应在 1980 至 2200 之间") }
}
