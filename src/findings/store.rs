//! Findings within reach: one, a list, how many.

use hashbrown::HashMap;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, Select,
};

use super::entity::{finding, finding_event, finding_evidence};
use super::error::FindingError;
use super::model::State;
use super::rules::Kind;
use crate::access::{self, Action};
use crate::db::DbError;
use crate::db::order::{self, Order};
use crate::kernel::Ctx;
use crate::kernel::ids::{FindingId, PersonId, UnitId};

/// Which findings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// In this state only.
    pub state: Option<State>,
    /// Of this kind only.
    pub kind: Option<Kind>,
    /// Of this owner only.
    pub owner: Option<PersonId>,
    /// Only those past their deadline and not closed (`true`), or only the others (`false`).
    pub overdue: Option<bool>,
    /// Opened before this one.
    pub before: Option<FindingId>,
}

/// Those of the units within reach, and those that whoever asks is to explain, of whatever unit: as [`one`] shows them.
fn within(ctx: &Ctx) -> Select<finding::Entity> {
    let Some(units) = access::reach(ctx, Action::FindingsRead).units() else { return finding::Entity::find() };
    let mut seen = Condition::any().add(finding::Column::UnitId.is_in(units));
    if let Some(me) = ctx.person() {
        seen = seen.add(finding::Column::OwnerId.eq(me));
    }
    finding::Entity::find().filter(seen)
}

fn narrowed(ctx: &Ctx, wanted: &Wanted) -> Select<finding::Entity> {
    use finding::Column as C;
    let (mut query, now) = (within(ctx), ctx.now());
    if let Some(unit) = wanted.unit {
        query = query.filter(C::UnitId.eq(unit));
    }
    if let Some(state) = wanted.state {
        query = query.filter(C::State.eq(state));
    }
    if let Some(kind) = wanted.kind {
        query = query.filter(C::Kind.eq(kind));
    }
    if let Some(owner) = wanted.owner {
        query = query.filter(C::OwnerId.eq(owner));
    }
    match wanted.overdue {
        Some(true) => query = query.filter(C::State.ne(State::Closed)).filter(C::DeadlineAt.lt(now)),
        Some(false) => {
            query = query.filter(Condition::any().add(C::State.eq(State::Closed)).add(C::DeadlineAt.gte(now)))
        }
        None => {}
    }
    query
}

/// Findings that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<finding::Model>, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsRead)?;
    let mut query = narrowed(ctx, wanted);
    if let Some(before) = wanted.before {
        query = query.filter(finding::Column::Id.lt(before));
    }
    Ok(query.order_by_desc(finding::Column::Id).limit(limit).all(db).await?)
}

/// The same findings in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<finding::Column>,
    limit: u64,
) -> Result<Vec<finding::Model>, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsRead)?;
    Ok(order::sorted(narrowed(ctx, wanted), order).limit(limit).all(db).await?)
}

/// The findings of one thing that are not closed and that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn open_of_item(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    item: crate::kernel::ids::ItemId,
    limit: u64,
) -> Result<Vec<finding::Model>, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsRead)?;
    let open = within(ctx).filter(finding::Column::ItemId.eq(item)).filter(finding::Column::State.ne(State::Closed));
    Ok(open.order_by_desc(finding::Column::Id).limit(limit).all(db).await?)
}

/// How many findings a unit has of a kind in a state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Count {
    /// The unit; none for what belongs to no unit.
    pub unit: Option<UnitId>,
    /// The kind.
    pub kind: Kind,
    /// The state.
    pub state: State,
    /// How many.
    pub findings: i64,
    /// Of them past their deadline and not closed.
    pub overdue: i64,
}

/// How many findings `ctx` may see, by unit, kind and state.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted) -> Result<Vec<Count>, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsRead)?;
    let all = grouped(db, narrowed(ctx, wanted)).await?;
    let late = Wanted { overdue: Some(true), ..wanted.clone() };
    let late: HashMap<_, i64> = match wanted.overdue {
        Some(false) => HashMap::new(),
        _ => grouped(db, narrowed(ctx, &late)).await?.into_iter().collect(),
    };
    let mut counts: Vec<Count> = all
        .into_iter()
        .map(|(key, findings)| {
            let (unit, kind, state) = key;
            Count { unit, kind, state, findings, overdue: late.get(&key).copied().unwrap_or(0) }
        })
        .collect();
    counts.sort_by(|a, b| (a.unit, a.kind, a.state.zh()).cmp(&(b.unit, b.kind, b.state.zh())));
    Ok(counts)
}

type Group = (Option<UnitId>, Kind, State);

async fn grouped(db: &impl ConnectionTrait, query: Select<finding::Entity>) -> Result<Vec<(Group, i64)>, FindingError> {
    use finding::Column as C;
    let rows = query
        .select_only()
        .column(C::UnitId)
        .column(C::Kind)
        .column(C::State)
        .column_as(C::Id.count(), "findings")
        .group_by(C::UnitId)
        .group_by(C::Kind)
        .group_by(C::State)
        .into_tuple::<(Option<UnitId>, Kind, State, i64)>()
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|(unit, kind, state, many)| ((unit, kind, state), many)).collect())
}

/// One finding that `ctx` may see: by its unit, or because it is theirs to explain.
///
/// # Errors
/// [`FindingError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, id: FindingId) -> Result<finding::Model, FindingError> {
    access::permit_somewhere(ctx, Action::FindingsRead)?;
    let row = finding::Entity::find_by_id(id).one(db).await?.ok_or(FindingError::NotFound)?;
    let theirs = ctx.person().is_some() && row.owner_id == ctx.person();
    if theirs || access::reach(ctx, Action::FindingsRead).covers(row.unit_id) {
        Ok(row)
    } else {
        Err(FindingError::NotFound)
    }
}

/// The steps of a finding, first to last.
///
/// # Errors
/// When the database cannot be read.
pub async fn events(db: &impl ConnectionTrait, id: FindingId) -> Result<Vec<finding_event::Model>, DbError> {
    Ok(finding_event::Entity::find()
        .filter(finding_event::Column::FindingId.eq(id))
        .order_by_asc(finding_event::Column::Seq)
        .all(db)
        .await?)
}

/// The evidence of a finding, first to last.
///
/// # Errors
/// When the database cannot be read.
pub async fn evidence(db: &impl ConnectionTrait, id: FindingId) -> Result<Vec<finding_evidence::Model>, DbError> {
    Ok(finding_evidence::Entity::find()
        .filter(finding_evidence::Column::FindingId.eq(id))
        .order_by_asc(finding_evidence::Column::Id)
        .all(db)
        .await?)
}
