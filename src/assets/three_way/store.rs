//! Batches and checks, their lines within reach, and the sums of these. They take any connection and decide nothing.

use std::collections::BTreeMap;

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, PaginatorTrait as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};

use super::entity::{finance_batch, three_way_check, three_way_line};
use super::model::Verdict;
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::db::DbError;
use crate::kernel::ids::UnitId;
use crate::kernel::rights::Reach;
use crate::kernel::{Ctx, Fen};

fn named(number: &str) -> Option<String> {
    (!number.contains('\0')).then(|| crate::kernel::text::key(number).into_owned())
}

/// The batch of this number.
///
/// # Errors
/// [`AssetError::NotFound`]; and when looking is not theirs.
pub async fn batch(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<finance_batch::Model, AssetError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let missing = || AssetError::NotFound("这批财务数据");
    let key = named(number).ok_or_else(missing)?;
    let row = finance_batch::Entity::find().filter(finance_batch::Column::Number.eq(key)).one(db).await?;
    row.ok_or_else(missing)
}

/// Batches, newest first.
///
/// # Errors
/// When looking is not theirs, or the database cannot be read.
pub async fn batches(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<finance_batch::Model>, AssetError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let mut all = finance_batch::Entity::find();
    if let Some(before) = before {
        all = all.filter(finance_batch::Column::Id.lt(before));
    }
    Ok(all.order_by_desc(finance_batch::Column::Id).limit(limit).all(db).await?)
}

/// The check of this number.
///
/// # Errors
/// [`AssetError::NotFound`]; and when looking is not theirs.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<three_way_check::Model, AssetError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let missing = || AssetError::NotFound("这次核对");
    let key = named(number).ok_or_else(missing)?;
    let row = three_way_check::Entity::find().filter(three_way_check::Column::Number.eq(key)).one(db).await?;
    row.ok_or_else(missing)
}

/// Checks, newest first.
///
/// # Errors
/// When looking is not theirs, or the database cannot be read.
pub async fn checks(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    before: Option<Uuid>,
    limit: u64,
) -> Result<Vec<three_way_check::Model>, AssetError> {
    permit_somewhere(ctx, Action::ThreeWayRead)?;
    let mut all = three_way_check::Entity::find();
    if let Some(before) = before {
        all = all.filter(three_way_check::Column::Id.lt(before));
    }
    Ok(all.order_by_desc(three_way_check::Column::Id).limit(limit).all(db).await?)
}

/// Which lines of a check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this verdict only.
    pub verdict: Option<Verdict>,
    /// Of this unit only; `Some(None)`: of those of no unit.
    pub unit: Option<Option<UnitId>>,
    /// Of this account only.
    pub account: Option<String>,
    /// Only differences.
    pub differences: bool,
    /// Only differences that nobody explained.
    pub open: bool,
    /// After this line.
    pub after: i64,
}

fn condition(ctx: &Ctx, row: &three_way_check::Model, wanted: &Wanted) -> Condition {
    use three_way_line::Column as C;
    let mut all = Condition::all().add(C::CheckId.eq(row.id)).add(C::Line.gt(wanted.after));
    match reach(ctx, Action::ThreeWayRead) {
        Reach::Everywhere => {}
        // What stands in no unit is the whole bureau's.
        theirs => all = all.add(C::UnitId.is_in(theirs.units().unwrap_or_default())),
    }
    if let Some(verdict) = wanted.verdict {
        all = all.add(C::Verdict.eq(verdict));
    }
    match wanted.unit {
        Some(Some(unit)) => all = all.add(C::UnitId.eq(unit)),
        Some(None) => all = all.add(C::UnitId.is_null()),
        None => {}
    }
    if let Some(account) = &wanted.account {
        all = all.add(C::Account.eq(account.as_str()));
    }
    if wanted.differences || wanted.open {
        all = all.add(C::Verdict.ne(Verdict::Agreed));
    }
    if wanted.open {
        all = all.add(C::ExplainedBy.is_null());
    }
    all
}

/// Lines of a check within reach, in order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    row: &three_way_check::Model,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<three_way_line::Model>, DbError> {
    let all = three_way_line::Entity::find().filter(condition(ctx, row, wanted));
    Ok(all.order_by_asc(three_way_line::Column::Line).limit(limit).all(db).await?)
}

/// How many differences of a check within reach nobody has explained.
///
/// # Errors
/// When the database cannot be read.
pub async fn open(db: &impl ConnectionTrait, ctx: &Ctx, row: &three_way_check::Model) -> Result<u64, DbError> {
    let wanted = Wanted { open: true, ..Wanted::default() };
    Ok(three_way_line::Entity::find().filter(condition(ctx, row, &wanted)).count(db).await?)
}

/// What some lines add up to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sum {
    /// Things.
    pub lines: i64,
    /// That differ.
    pub differences: i64,
    /// That differ and nobody explained.
    pub open: i64,
    /// Original value in the book.
    pub book: Fen,
    /// Original value in the finance ledger.
    pub finance: Fen,
}

impl Sum {
    fn add(&mut self, verdict: Verdict, book: Option<Fen>, finance: Option<Fen>, is_explained: bool) {
        let differs = verdict != Verdict::Agreed;
        self.lines += 1;
        self.differences += i64::from(differs);
        self.open += i64::from(differs && !is_explained);
        self.book += book.unwrap_or_default();
        self.finance += finance.unwrap_or_default();
    }
}

/// The sums of a check within reach.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sums {
    /// Of all lines.
    pub total: Sum,
    /// By unit; `None`: of no unit.
    pub units: BTreeMap<Option<UnitId>, Sum>,
    /// By account of the finance ledger; blank: of none.
    pub accounts: BTreeMap<String, Sum>,
    /// By verdict, in their order of precedence.
    pub verdicts: BTreeMap<Verdict, Sum>,
}

/// One line as it is summed.
type Told = (Option<UnitId>, String, Verdict, Option<Fen>, Option<Fen>, Option<i64>);

/// Adds up the lines of a check within reach.
///
/// # Errors
/// When the database cannot be read.
pub async fn sums(db: &impl ConnectionTrait, ctx: &Ctx, row: &three_way_check::Model) -> Result<Sums, DbError> {
    use three_way_line::Column as C;
    let told: Vec<Told> = three_way_line::Entity::find()
        .filter(condition(ctx, row, &Wanted::default()))
        .select_only()
        .columns([C::UnitId, C::Account, C::Verdict, C::BookFen, C::FinanceFen, C::ExplainedAt])
        .into_tuple()
        .all(db)
        .await?;
    let mut sums = Sums::default();
    for (unit, account, verdict, book, finance, explained_at) in told {
        let is_explained = explained_at.is_some();
        sums.total.add(verdict, book, finance, is_explained);
        sums.units.entry(unit).or_default().add(verdict, book, finance, is_explained);
        sums.accounts.entry(account).or_default().add(verdict, book, finance, is_explained);
        sums.verdicts.entry(verdict).or_default().add(verdict, book, finance, is_explained);
    }
    Ok(sums)
}
