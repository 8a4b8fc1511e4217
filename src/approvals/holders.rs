//! Who may decide a step: whoever holds its role at its level; where nobody does, the walk goes up.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::model::{Level, Step};
use crate::access::Role;
use crate::db::DbError;
use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, UnitId};
use crate::org::entity::unit;

/// Where it is written who holds which role over which unit.
pub trait Posts: Send + Sync {
    /// Who holds what at this instant.
    ///
    /// # Errors
    /// When the database cannot be read.
    fn read<C: ConnectionTrait>(&self, db: &C, at: Timestamp) -> impl Future<Output = Result<Holders, DbError>> + Send;
}

/// Who holds which role over which unit (`None`: over everything), by the very unit of the grant.
#[derive(Debug, Clone, Default)]
pub struct Holders(HashMap<(Role, Option<UnitId>), Vec<PersonId>>);

impl Holders {
    /// Adds a post.
    pub fn add(&mut self, person: PersonId, role: Role, unit: Option<UnitId>) {
        let people = self.0.entry((role, unit)).or_default();
        if !people.contains(&person) {
            people.push(person);
        }
    }

    /// Every role that somebody holds anywhere.
    pub fn roles_of(&self, person: PersonId) -> impl Iterator<Item = Role> {
        self.0.iter().filter(move |(_, people)| people.contains(&person)).map(|((role, _), _)| *role)
    }

    fn at(&self, role: Role, unit: Option<UnitId>) -> &[PersonId] {
        self.0.get(&(role, unit)).map_or(&[], Vec::as_slice)
    }
}

/// Which unit is below which.
#[derive(Debug, Clone, Default)]
pub struct Tree(HashMap<UnitId, Option<UnitId>>);

impl Tree {
    /// A tree of units, each with the one above it.
    #[must_use]
    pub fn new(parents: impl IntoIterator<Item = (UnitId, Option<UnitId>)>) -> Self {
        Self(parents.into_iter().collect())
    }

    /// Reads every unit.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn load(db: &impl ConnectionTrait) -> Result<Self, DbError> {
        Ok(Self::new(unit::Entity::find().all(db).await?.into_iter().map(|unit| (unit.id, unit.parent_id))))
    }

    /// From the unit to the top, level by level; over the top unit and over everything is one level. A tree that runs
    /// in a circle ends where it began to.
    fn levels(&self, unit: UnitId) -> Vec<Vec<Option<UnitId>>> {
        let mut levels = vec![vec![Some(unit)]];
        let mut at = unit;
        while let Some(above) = self.0.get(&at).copied().flatten() {
            if levels.iter().any(|level| level.contains(&Some(above))) {
                break;
            }
            levels.push(vec![Some(above)]);
            at = above;
        }
        if let Some(top) = levels.last_mut() {
            top.push(None);
        }
        levels
    }
}

/// Those who may decide a step, and in what capacity.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Desk {
    /// The role they decide in.
    pub role: Role,
    /// The unit over which they hold it; `None`: over everything.
    pub unit: Option<UnitId>,
    /// Who they are.
    pub people: Vec<PersonId>,
    /// Whether they stand in for the role or level that the chain names.
    pub substituted: bool,
}

/// The role that decides where nobody holds this one (逐级上代).
#[must_use]
pub const fn superior(role: Role) -> Option<Role> {
    match role {
        Role::DutyLeader | Role::AssetManager | Role::VehicleManager => Some(Role::UnitHead),
        Role::UnitHead | Role::CommandCentre | Role::Legal | Role::PublicOrder => Some(Role::BureauLeader),
        _ => None,
    }
}

/// Who decides this step of a request of `unit`; `barred` may not. At each unit from the step's level up, the role
/// itself, then the roles above it.
#[must_use]
pub fn desk(holders: &Holders, tree: &Tree, step: Step, unit: UnitId, barred: &HashSet<PersonId>) -> Option<Desk> {
    let levels = tree.levels(unit);
    let top = levels.len().saturating_sub(1);
    let start = match step.level {
        Level::OwnUnit => 0,
        Level::Parent => top.min(1),
        Level::SubBureau => top,
    };
    for (at, places) in levels.iter().enumerate().skip(start) {
        let mut role = Some(step.role);
        while let Some(held) = role {
            for place in places {
                let people: Vec<PersonId> =
                    holders.at(held, *place).iter().copied().filter(|person| !barred.contains(person)).collect();
                if !people.is_empty() {
                    let substituted = held != step.role || at != start;
                    return Some(Desk { role: held, unit: *place, people, substituted });
                }
            }
            role = superior(held);
        }
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;
    use sea_orm::prelude::Uuid;

    fn unit(n: u128) -> UnitId {
        UnitId(Uuid::from_u128(n))
    }

    fn person(n: u128) -> PersonId {
        PersonId(Uuid::from_u128(n))
    }

    /// Squad 3 of station 2 of sub-bureau 1.
    fn tree() -> Tree {
        Tree::new([(unit(1), None), (unit(2), Some(unit(1))), (unit(3), Some(unit(2)))])
    }

    #[test]
    fn the_walk_goes_up_role_by_role_and_unit_by_unit() {
        let posts = [
            (10, Role::BureauLeader, Some(1)),
            (20, Role::UnitHead, Some(2)),
            (30, Role::UnitHead, Some(3)),
            (31, Role::DutyLeader, Some(3)),
            (40, Role::CommandCentre, None),
        ];
        use Level::{OwnUnit, Parent, SubBureau};
        // Role and level of the step, those barred → who decides, whether in another's stead.
        type Case = (Role, Level, &'static [u128], Option<(u128, bool)>);
        let cases: [Case; 12] = [
            (Role::UnitHead, OwnUnit, &[], Some((30, false))),
            (Role::UnitHead, OwnUnit, &[30], Some((20, true))),
            (Role::UnitHead, OwnUnit, &[30, 20], Some((10, true))),
            (Role::UnitHead, OwnUnit, &[30, 20, 10], None),
            (Role::DutyLeader, OwnUnit, &[31], Some((30, true))),
            (Role::UnitHead, Parent, &[], Some((20, false))),
            (Role::UnitHead, Parent, &[20], Some((10, true))),
            (Role::BureauLeader, SubBureau, &[], Some((10, false))),
            (Role::CommandCentre, SubBureau, &[], Some((40, false))),
            (Role::CommandCentre, SubBureau, &[40], Some((10, true))),
            (Role::Legal, SubBureau, &[10], None),
            (Role::Armourer, OwnUnit, &[], None),
        ];
        let mut holders = Holders::default();
        for (who, role, over) in posts {
            holders.add(person(who), role, over.map(unit));
        }
        for (role, level, barred, expected) in cases {
            let barred: HashSet<_> = barred.iter().map(|n| person(*n)).collect();
            let found = desk(&holders, &tree(), Step { role, level }, unit(3), &barred);
            let found = found.map(|desk| (desk.people, desk.substituted));
            assert_eq!(
                found,
                expected.map(|(who, instead)| (vec![person(who)], instead)),
                "{role:?} {level:?} {barred:?}"
            );
        }
    }

    #[test]
    fn a_tree_that_runs_in_a_circle_ends() {
        let round = Tree::new([(unit(1), Some(unit(2))), (unit(2), Some(unit(1)))]);
        assert_eq!(round.levels(unit(1)), [vec![Some(unit(1))], vec![Some(unit(2)), None]]);
        assert_eq!(Tree::default().levels(unit(9)), [vec![Some(unit(9)), None]]);
    }
}
