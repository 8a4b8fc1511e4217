//! Numbers without gaps: of documents by kind and year (`DB-2026-0001`), of new assets by the office's pattern. The
//! last number given is a row, written in the transaction that uses the next: what is rolled back takes its number back.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QuerySelect as _};

use super::model::Kind;
use crate::access::rules::Rules;
use crate::assets::AssetError;
use crate::db::{DbError, Tx, bulk::CHUNK_ROWS};
use crate::items::entity::item;
use crate::kernel::Ctx;
use crate::kernel::text::key;
use crate::ledger::numbers::Counters;

/// The rule that says how a new asset is numbered.
pub const PATTERN: &str = "assets.number_pattern";
/// The table in which this ledger counts.
const NUMBERS: Counters = Counters("asset_counters");
/// Where no rule says it.
const OTHERWISE: &str = "ZC{year}{seq:6}";

/// The number of the next document of this kind.
pub(super) async fn of_document(tx: &Tx, ctx: &Ctx, kind: Kind) -> Result<String, DbError> {
    next(tx, ctx, kind.prefix()).await
}

/// The next number of this year that begins so: `DB-2026-0001`.
pub(in crate::assets) async fn next(tx: &Tx, ctx: &Ctx, prefix: &str) -> Result<String, DbError> {
    NUMBERS.next(tx, prefix, ctx.now().day()).await
}

/// What a pattern says in words of a batch, and how many digits its running number has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pattern {
    before: String,
    digits: usize,
    after: String,
}

impl Pattern {
    /// Reads a pattern: `{unit}`, `{class}`, `{year}`, `{month}` for the batch, `{seq:N}` once for the running number
    /// of N digits.
    ///
    /// # Errors
    /// When it has no running number, or a blank that is not known.
    pub fn read(pattern: &str, unit: &str, class: &str, day: chrono::NaiveDate) -> Result<Self, AssetError> {
        let wrong = |why: &str| AssetError::field("pattern", format!("资产编号规则“{pattern}”{why}"));
        let filled = pattern
            .replace("{unit}", unit)
            .replace("{class}", class)
            .replace("{year}", &day.format("%Y").to_string())
            .replace("{month}", &day.format("%m").to_string());
        let (before, rest) = filled.split_once("{seq:").ok_or_else(|| wrong("没有流水号，如 {seq:6}"))?;
        let (digits, after) = rest.split_once('}').ok_or_else(|| wrong("没有写完"))?;
        let digits: usize = digits.parse().map_err(|_| wrong("的流水号位数不对"))?;
        if !(1..=12).contains(&digits) {
            return Err(wrong("的流水号应为 1 至 12 位"));
        }
        if [before, after].iter().any(|part| part.contains(['{', '}']) || part.chars().any(char::is_control)) {
            return Err(wrong("含有不认识的部分，只用 {unit} {class} {year} {month} {seq:6}"));
        }
        if before.chars().count() + digits + after.chars().count() > 60 {
            return Err(wrong("过长"));
        }
        Ok(Self { before: before.to_owned(), digits, after: after.to_owned() })
    }

    /// The number that the running number makes.
    #[must_use]
    pub fn number(&self, running: i64) -> String {
        format!("{}{running:0width$}{}", self.before, self.after, width = self.digits)
    }

    fn counted(&self) -> String {
        format!("number:{}", key(&self.number(0)))
    }
}

/// The pattern in force, for a batch.
pub(in crate::assets) async fn pattern(tx: &Tx, ctx: &Ctx, unit: &str, class: &str) -> Result<Pattern, AssetError> {
    let rules = Rules::load(tx).await?;
    let now = ctx.now();
    let said = match rules.text(PATTERN, now) {
        "" => OTHERWISE,
        said => said,
    };
    Pattern::read(said, unit, class, now.day())
}

/// The next `many` numbers of a pattern. One that the book has already, entered by hand or from a file, is passed over:
/// the row of numbers in the book has no gap.
pub(in crate::assets) async fn of_assets(tx: &Tx, pattern: &Pattern, many: usize) -> Result<Vec<String>, AssetError> {
    let (counted, mut numbers) = (pattern.counted(), Vec::with_capacity(many));
    while numbers.len() < many {
        let wanted = many - numbers.len();
        let first = NUMBERS.take(tx, &counted, i64::try_from(wanted).unwrap_or(i64::MAX)).await?;
        let next: Vec<String> = (first..).take(wanted).map(|running| pattern.number(running)).collect();
        let taken = in_book(tx, &next).await?;
        numbers.extend(next.into_iter().filter(|number| !taken.contains(key(number).as_ref())));
    }
    Ok(numbers)
}

async fn in_book(tx: &Tx, numbers: &[String]) -> Result<hashbrown::HashSet<String>, DbError> {
    let mut taken = hashbrown::HashSet::new();
    for chunk in numbers.chunks(CHUNK_ROWS) {
        let keys = chunk.iter().map(|number| key(number).into_owned());
        let found: Vec<String> = item::Entity::find()
            .select_only()
            .column(item::Column::NumberKey)
            .filter(item::Column::NumberKey.is_in(keys))
            .into_tuple()
            .all(tx)
            .await?;
        taken.extend(found);
    }
    Ok(taken)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_or_refused() {
        let day = chrono::NaiveDate::from_ymd_opt(2026, 11, 5).unwrap();
        let read = |text| Pattern::read(text, "D1", "A02010105", day);
        assert_eq!(read("ZC{year}{seq:6}").unwrap().number(42), "ZC2026000042");
        assert_eq!(read("{unit}-{class}-{month}-{seq:3}号").unwrap().number(1), "D1-A02010105-11-001号");
        assert_eq!(read("A{seq:2}").unwrap().number(1234), "A1234");
        for wrong in ["ZC", "{seq:}", "{seq:0}", "{seq:13}", "{seq:6", "{name}{seq:6}", "a\n{seq:3}"] {
            assert!(read(wrong).is_err(), "{wrong}");
        }
    }
}
