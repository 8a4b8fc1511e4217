//! Who holds which role over which unit, by the grants in force: of people still with us, on accounts in use.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::holders::{Holders, Posts};
use crate::access::Role;
use crate::access::entity::account::{self, AccountState};
use crate::access::entity::grant;
use crate::db::DbError;
use crate::kernel::Timestamp;
use crate::kernel::ids::{AccountId, PersonId};
use crate::org::entity::person;

/// The roles a chain may name, and those above them.
const DECIDING: [Role; 8] = [
    Role::AssetManager,
    Role::VehicleManager,
    Role::DutyLeader,
    Role::UnitHead,
    Role::CommandCentre,
    Role::PublicOrder,
    Role::Legal,
    Role::BureauLeader,
];

/// No chain names them: they are read so that it is known who is one.
const ADMINISTRATORS: [Role; 3] = [Role::SystemAdministrator, Role::SecurityAdministrator, Role::AuditAdministrator];

/// Whether a chain may name this role.
#[must_use]
pub fn may_decide(role: Role) -> bool {
    DECIDING.contains(&role)
}

/// The grants of this database.
#[derive(Debug, Clone, Copy, Default)]
pub struct Granted;

impl Posts for Granted {
    async fn read<C: ConnectionTrait>(&self, db: &C, at: Timestamp) -> Result<Holders, DbError> {
        let not_over = Condition::any().add(grant::Column::ValidUntil.is_null()).add(grant::Column::ValidUntil.gt(at));
        let grants = grant::Entity::find()
            .filter(grant::Column::Role.is_in(DECIDING.into_iter().chain(ADMINISTRATORS)))
            .filter(grant::Column::ValidFrom.lte(at))
            .filter(not_over)
            .filter(grant::Column::EndedAt.is_null())
            .all(db)
            .await?;
        let accounts: HashSet<AccountId> = grants.iter().map(|grant| grant.account_id).collect();
        let people = people_of(db, accounts).await?;
        let mut holders = Holders::default();
        for grant in grants {
            if let Some(person) = people.get(&grant.account_id) {
                holders.add(*person, grant.role, grant.unit_id);
            }
        }
        Ok(holders)
    }
}

async fn people_of<C: ConnectionTrait>(
    db: &C,
    accounts: HashSet<AccountId>,
) -> Result<HashMap<AccountId, PersonId>, DbError> {
    let accounts: Vec<AccountId> = accounts.into_iter().collect();
    let mut found = HashMap::new();
    for chunk in accounts.chunks(crate::db::bulk::CHUNK_ROWS) {
        let in_use = account::Entity::find()
            .filter(account::Column::Id.is_in(chunk.iter().copied()))
            .filter(account::Column::State.eq(AccountState::Active))
            .all(db)
            .await?;
        let with_us: HashSet<PersonId> = person::Entity::find()
            .filter(person::Column::Id.is_in(in_use.iter().map(|account| account.person_id)))
            .filter(person::Column::Active.eq(true))
            .all(db)
            .await?
            .into_iter()
            .map(|person| person.id)
            .collect();
        found.extend(
            in_use.into_iter().filter(|one| with_us.contains(&one.person_id)).map(|one| (one.id, one.person_id)),
        );
    }
    Ok(found)
}
