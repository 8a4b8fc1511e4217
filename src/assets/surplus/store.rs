//! Surplus things within reach: one, a list. They take any connection and decide nothing.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _, QueryTrait as _,
};

use super::entity::surplus;
use super::model::{Standing, State};
use crate::access::{Action, reach};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::assets::AssetError;
use crate::db::order::{self, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, MissingCaseId, UnitId};

/// Which surplus things.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state only, with what the chain has said since.
    pub state: Option<State>,
    /// Found in this unit only.
    pub unit: Option<UnitId>,
    /// Of this count only.
    pub campaign: Option<CampaignId>,
    /// That end this missing case, or come back from it.
    pub case: Option<MissingCaseId>,
    /// Opened before this one.
    pub before: Option<Uuid>,
}

/// A surplus thing as it stands now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// As it is written.
    pub row: surplus::Model,
    /// Where it stands, with what the chain has said since.
    pub standing: Standing,
    /// What was asked of the chain.
    pub approval: Option<request::Model>,
}

fn in_state(state: State) -> Condition {
    use surplus::Column as C;
    let yes = request::Entity::find()
        .select_only()
        .column(request::Column::Id)
        .filter(request::Column::State.is_in([Approval::Approved, Approval::Ratified]))
        .into_query();
    match state {
        State::Approved => Condition::any()
            .add(C::State.eq(State::Approved))
            .add(Condition::all().add(C::State.eq(State::Valued)).add(C::ApprovalId.in_subquery(yes))),
        State::Valued => {
            let not_yet = Condition::any().add(C::ApprovalId.is_null()).add(C::ApprovalId.not_in_subquery(yes));
            Condition::all().add(C::State.eq(State::Valued)).add(not_yet)
        }
        other => Condition::all().add(C::State.eq(other)),
    }
}

/// Surplus things that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Shown>, DbError> {
    let newest = surplus::Entity::find().filter(condition(ctx, wanted)).order_by_desc(surplus::Column::Id);
    shown(db, newest.limit(limit).all(db).await?).await
}

/// The same things in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    wanted: &Wanted,
    order: &Order<surplus::Column>,
    limit: u64,
) -> Result<Vec<Shown>, DbError> {
    let all = surplus::Entity::find().filter(condition(ctx, &Wanted { before: None, ..wanted.clone() }));
    shown(db, order::sorted(all, order).limit(limit).all(db).await?).await
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use surplus::Column as C;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::ItemsRead).units() {
        all = all.add(C::UnitId.is_in(units));
    }
    if let Some(state) = wanted.state {
        all = all.add(in_state(state));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    if let Some(campaign) = wanted.campaign {
        all = all.add(C::CampaignId.eq(campaign));
    }
    if let Some(case) = wanted.case {
        all = all.add(C::CaseId.eq(case));
    }
    if let Some(before) = wanted.before {
        all = all.add(C::Id.lt(before));
    }
    all
}

async fn shown(db: &impl ConnectionTrait, rows: Vec<surplus::Model>) -> Result<Vec<Shown>, DbError> {
    let mut chains = HashMap::new();
    for chunk in rows.chunks(CHUNK_ROWS) {
        let ids = chunk.iter().filter_map(|row| row.approval_id);
        for request in request::Entity::find().filter(request::Column::Id.is_in(ids)).all(db).await? {
            chains.insert(request.id, request);
        }
    }
    let of = |row: surplus::Model| {
        let approval = row.approval_id.and_then(|id| chains.remove(&id));
        let standing = Standing::of(row.state, approval.as_ref().map(|one| one.state));
        Shown { row, standing, approval }
    };
    Ok(rows.into_iter().map(of).collect())
}

/// The surplus thing of this number that `ctx` may see.
///
/// # Errors
/// [`AssetError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<Shown, AssetError> {
    let missing = || AssetError::NotFound("这项盘盈");
    if number.contains('\0') {
        return Err(missing());
    }
    let key = crate::kernel::text::key(number).into_owned();
    let row = surplus::Entity::find().filter(surplus::Column::Number.eq(key)).one(db).await?.ok_or_else(missing)?;
    if !reach(ctx, Action::ItemsRead).covers(Some(row.unit_id)) {
        return Err(missing());
    }
    shown(db, vec![row]).await?.pop().ok_or_else(missing)
}
