//! What an account holds now: its roles, and how far each right reaches in the tree of units.

use std::sync::{Arc, Mutex, PoisonError};

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::AccessError;
use super::entity::grant;
use super::matrix::{Role, scope_of};
use crate::db::{Db, DbError};
use crate::kernel::Timestamp;
use crate::kernel::ids::{AccountId, UnitId};
use crate::kernel::rights::{Reach, Scope};
use crate::org::entity::unit;

/// Accounts whose holdings are kept in memory; beyond, all are worked out anew.
const MOST_KEPT: usize = 10_000;

/// Whose is above whose, inactive units included: their things must still be found.
#[derive(Debug, Default)]
pub(crate) struct Tree {
    below: HashMap<UnitId, Vec<UnitId>>,
    root: Option<UnitId>,
}

impl Tree {
    pub(crate) async fn load(db: &impl ConnectionTrait) -> Result<Self, DbError> {
        let units = unit::Entity::find().all(db).await?;
        let mut tree = Self::default();
        for row in &units {
            if let Some(parent) = row.parent_id {
                tree.below.entry(parent).or_default().push(row.id);
            }
        }
        // A unit that was closed beside the root takes nothing away from it.
        let mut roots = units.iter().filter(|row| row.parent_id.is_none() && row.active);
        // Where units stand side by side none of them is the sub-bureau itself.
        tree.root = match (roots.next(), roots.next()) {
            (Some(only), None) => Some(only.id),
            _ => None,
        };
        Ok(tree)
    }

    /// The units a grant over `unit` reaches: it and all below; everything when there is no unit above it or beside it.
    pub(crate) fn reach(&self, unit: Option<UnitId>) -> Reach {
        let Some(unit) = unit.filter(|unit| self.root != Some(*unit)) else { return Reach::Everywhere };
        let (mut reached, mut next) = (HashSet::new(), vec![unit]);
        while let Some(unit) = next.pop() {
            // A ring of units, which no form lets anybody make, must still come to an end.
            if reached.insert(unit) {
                next.extend(self.below.get(&unit).into_iter().flatten());
            }
        }
        Reach::Units(Arc::new(reached))
    }
}

/// What an account holds for as long as no grant begins or ends.
#[derive(Debug)]
pub(crate) struct Holdings {
    pub(crate) roles: Vec<Role>,
    pub(crate) scope: Scope,
    from: i64,
    until: i64,
}

impl Holdings {
    fn holds_at(&self, instant: Timestamp) -> bool {
        (self.from..self.until).contains(&instant.0)
    }

    /// What these grants give: begun by `now`, not over by `latest`, the later of now and the latest instant seen.
    pub(crate) fn of(grants: &[grant::Model], tree: &Tree, now: Timestamp, latest: Timestamp) -> Self {
        let (mut from, mut until) = (i64::MIN, i64::MAX);
        for boundary in grants.iter().flat_map(|row| [Some(row.valid_from), row.valid_until]).flatten() {
            if boundary <= now {
                from = from.max(boundary.0);
            } else {
                until = until.min(boundary.0);
            }
        }
        let held: Vec<&grant::Model> = grants
            .iter()
            .filter(|row| row.ended_at.is_none() && row.valid_from <= now)
            .filter(|row| row.valid_until.is_none_or(|end| latest < end))
            .collect();
        let reaches: Vec<(Role, Reach)> = held.iter().map(|row| (row.role, tree.reach(row.unit_id))).collect();
        let mut roles: Vec<Role> = held.iter().map(|row| row.role).collect();
        roles.sort_unstable();
        roles.dedup();
        Self { roles, scope: scope_of(&reaches), from, until }
    }
}

/// Grants of an account that nobody ended, begun or not.
pub(crate) async fn grants_of(db: &impl ConnectionTrait, account: AccountId) -> Result<Vec<grant::Model>, DbError> {
    let open = grant::Entity::find().filter(grant::Column::AccountId.eq(account));
    Ok(open.filter(grant::Column::EndedAt.is_null()).all(db).await?)
}

/// What was read when holdings were worked out: sums of versions, which every change makes larger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamps {
    pub(crate) units: i64,
    pub(crate) grants: i64,
}

#[derive(Debug, Default)]
struct Kept(Mutex<HashMap<AccountId, (Stamps, Arc<Holdings>)>>);

/// What an account holds, from memory when neither units nor its grants changed since.
pub(crate) async fn now(
    db: &Db,
    account: AccountId,
    stamps: Stamps,
    now: Timestamp,
    latest: Timestamp,
) -> Result<Arc<Holdings>, AccessError> {
    let kept = db.memory().of::<Kept>();
    {
        let held = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((stamped, holdings)) = held.get(&account)
            && *stamped == stamps
            && holdings.holds_at(now)
            && holdings.holds_at(latest)
        {
            return Ok(Arc::clone(holdings));
        }
    }
    let (grants, tree) = (grants_of(db.read(), account).await?, Tree::load(db.read()).await?);
    let holdings = Arc::new(Holdings::of(&grants, &tree, now, latest));
    let mut held = kept.0.lock().unwrap_or_else(PoisonError::into_inner);
    if held.len() >= MOST_KEPT {
        held.clear();
    }
    // What was read may be newer than the stamps: then the next request finds other stamps and reads again.
    held.insert(account, (stamps, Arc::clone(&holdings)));
    Ok(holdings)
}
