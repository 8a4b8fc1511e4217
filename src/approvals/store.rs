//! Requests within reach: one, a list, what waits for oneself.

use hashbrown::{HashMap, HashSet};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::delegation;
use super::entity::{decision, request};
use super::error::ApprovalError;
use super::holders::{Desk, Holders, Posts, Tree, desk};
use super::model::{State, Step};
use crate::access::{self, Action};
use crate::db::order::{self, By, Order};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::kernel::Ctx;
use crate::kernel::ids::{ApprovalId, PersonId, UnitId};

/// Which requests.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Only those that whoever asks made.
    pub mine: bool,
    /// Only those that whoever asks may decide now.
    pub for_me: bool,
    /// In this state only.
    pub state: Option<State>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// Made before this one.
    pub before: Option<ApprovalId>,
}

/// The steps a request was made under.
#[must_use]
pub fn steps_of(row: &request::Model) -> Vec<Step> {
    serde_json::from_str(&row.steps).unwrap_or_default()
}

/// Everything that decides who may decide, read once.
pub(super) struct Room {
    holders: Holders,
    tree: Tree,
    /// Whoever asks, when they may decide anything at all.
    me: Option<PersonId>,
    principals: HashSet<PersonId>,
}

/// In what capacity somebody decides.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Capacity {
    pub(super) desk: Desk,
    pub(super) on_behalf_of: Option<PersonId>,
}

impl Room {
    pub(super) async fn load(db: &impl ConnectionTrait, ctx: &Ctx, posts: &impl Posts) -> Result<Self, DbError> {
        let at = ctx.now();
        let me = ctx.person().filter(|_| access::permit_somewhere(ctx, Action::ApprovalsDecide).is_ok());
        let principals = match me {
            Some(me) => delegation::principals(db, me, at).await?,
            None => HashSet::new(),
        };
        Ok(Self { holders: posts.read(db, at).await?, tree: Tree::load(db).await?, me, principals })
    }

    /// Who decides the step that a request waits for.
    pub(super) fn desk(&self, row: &request::Model, taken: &[decision::Model]) -> Option<Desk> {
        if !row.state.is_open() {
            return None;
        }
        let index = usize::try_from(row.step - 1).ok()?;
        let step = *steps_of(row).get(index)?;
        desk(&self.holders, &self.tree, step, row.unit_id, &barred(row, taken))
    }

    /// In what capacity whoever asks may decide it; `None` when they may not.
    pub(super) fn capacity(&self, row: &request::Model, taken: &[decision::Model]) -> Option<Capacity> {
        let me = self.me?;
        if barred(row, taken).contains(&me) {
            return None;
        }
        let desk = self.desk(row, taken)?;
        if desk.people.contains(&me) {
            return Some(Capacity { desk, on_behalf_of: None });
        }
        let on_behalf_of = desk.people.iter().copied().find(|person| self.principals.contains(person))?;
        Some(Capacity { desk, on_behalf_of: Some(on_behalf_of) })
    }
}

/// Who may not decide: the requester, and all who had a part in an earlier step, by their own hand or another's.
fn barred(row: &request::Model, taken: &[decision::Model]) -> HashSet<PersonId> {
    let mut barred: HashSet<PersonId> = taken.iter().map(|one| one.decided_by).collect();
    barred.extend(taken.iter().filter_map(|one| one.on_behalf_of));
    barred.insert(row.requested_by);
    barred
}

/// The decisions on requests, each first to last.
///
/// # Errors
/// When the database cannot be read.
pub async fn decisions(
    db: &impl ConnectionTrait,
    ids: &[ApprovalId],
) -> Result<HashMap<ApprovalId, Vec<decision::Model>>, DbError> {
    let mut found: HashMap<ApprovalId, Vec<decision::Model>> = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let of_these = decision::Entity::find()
            .filter(decision::Column::RequestId.is_in(chunk.iter().copied()))
            .order_by_asc(decision::Column::Step);
        for row in of_these.all(db).await? {
            found.entry(row.request_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// A request as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The request.
    pub row: request::Model,
    /// What was decided, first to last.
    pub decisions: Vec<decision::Model>,
    /// Who may decide the step it waits for; nobody once it ended, or where nobody holds the post.
    pub deciders: Vec<PersonId>,
    /// Whether whoever asks is one of them, themselves or by delegation.
    pub for_me: bool,
}

fn shown(room: &Room, row: request::Model, taken: Vec<decision::Model>) -> Shown {
    let deciders = room.desk(&row, &taken).map(|desk| desk.people).unwrap_or_default();
    let for_me = room.capacity(&row, &taken).is_some();
    Shown { row, decisions: taken, deciders, for_me }
}

fn may_see(ctx: &Ctx, one: &Shown) -> bool {
    // What one had a part in one sees only as somebody who may ask for, read or decide something: a token given for
    // something else, or who must first see to their credentials, sees nothing.
    let of_this_room = [Action::ApprovalsRead, Action::ApprovalsRequest, Action::ApprovalsDecide];
    let any = of_this_room.into_iter().any(|action| access::permit_somewhere(ctx, action).is_ok());
    let me = ctx.person().filter(|_| any);
    let took_part = |id: PersonId| {
        one.row.requested_by == id
            || one.decisions.iter().any(|taken| taken.decided_by == id || taken.on_behalf_of == Some(id))
    };
    one.for_me || me.is_some_and(took_part) || access::reach(ctx, Action::ApprovalsRead).covers(Some(one.row.unit_id))
}

/// One request that `ctx` may see: of their units, their own, or theirs to decide.
///
/// # Errors
/// [`ApprovalError::NotFound`] when there is none, or it is out of scope.
pub async fn one(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    posts: &impl Posts,
    id: ApprovalId,
) -> Result<Shown, ApprovalError> {
    let row = request::Entity::find_by_id(id).one(db).await?.ok_or(ApprovalError::NotFound)?;
    let taken = decisions(db, &[id]).await?.remove(&id).unwrap_or_default();
    let room = Room::load(db, ctx, posts).await?;
    let one = shown(&room, row, taken);
    if may_see(ctx, &one) { Ok(one) } else { Err(ApprovalError::NotFound) }
}

/// Requests that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    posts: &impl Posts,
    wanted: &Wanted,
    limit: u64,
) -> Result<Vec<Shown>, ApprovalError> {
    let newest = Order { by: By::Full(request::Column::Id), down: true, after: wanted.before.map(Into::into) };
    sorted(db, ctx, posts, wanted, newest, limit).await
}

/// The same requests in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    posts: &impl Posts,
    wanted: &Wanted,
    mut order: Order<request::Column>,
    limit: u64,
) -> Result<Vec<Shown>, ApprovalError> {
    let room = Room::load(db, ctx, posts).await?;
    let limit = usize::try_from(limit).unwrap_or(usize::MAX);
    let chunk = u64::try_from(CHUNK_ROWS).unwrap_or(u64::MAX);
    let mut found = Vec::new();
    loop {
        let query = request::Entity::find().filter(condition(ctx, wanted));
        let rows = order::sorted(query, &order).limit(chunk).all(db).await?;
        let ids: Vec<ApprovalId> = rows.iter().map(|row| row.id).collect();
        let mut taken = decisions(db, &ids).await?;
        for row in rows {
            let of_it = taken.remove(&row.id).unwrap_or_default();
            let one = shown(&room, row, of_it);
            if may_see(ctx, &one) && (one.for_me || !wanted.for_me) {
                found.push(one);
                if found.len() == limit {
                    return Ok(found);
                }
            }
        }
        match ids.last() {
            Some(last) if ids.len() == CHUNK_ROWS => order.after = Some((*last).into()),
            _ => return Ok(found),
        }
    }
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use request::Column as C;
    let mut all = Condition::all();
    if wanted.mine {
        // Nobody has the id of no person.
        all = all.add(ctx.person().map_or_else(|| C::RequestedBy.is_null(), |me| C::RequestedBy.eq(me)));
    }
    if wanted.for_me {
        all = all.add(C::State.is_in([State::Waiting, State::Used]));
    } else if !wanted.mine
        && let Some(units) = access::reach(ctx, Action::ApprovalsRead).units()
    {
        let mut seen = Condition::any().add(C::UnitId.is_in(units));
        if let Some(me) = ctx.person() {
            seen = seen.add(C::RequestedBy.eq(me));
        }
        all = all.add(seen);
    }
    if let Some(state) = wanted.state {
        all = all.add(C::State.eq(state));
    }
    if let Some(kind) = &wanted.kind {
        all = all.add(C::Kind.eq(kind));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(C::UnitId.eq(unit));
    }
    all
}
