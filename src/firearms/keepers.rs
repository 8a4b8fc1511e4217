//! Who keeps an armoury, and so neither inspects nor counts it (counter ≠ keeper; rule 16 of DOMAIN 6, REPORT 16).

use hashbrown::HashSet;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _};

use super::ArmsError;
use super::entity::armoury;
use crate::access::entity::{account, grant};
use crate::access::{Forbidden, Role};
use crate::db::{DbError, Tx};
use crate::kernel::Ctx;
use crate::kernel::ids::{AccountId, PersonId, UnitId};
use crate::org::entity::person::{self, Duty};
use crate::org::{people, units};

/// The unit and those above it.
async fn upwards(db: &impl ConnectionTrait, unit: UnitId) -> Result<HashSet<UnitId>, DbError> {
    let (mut all, mut next) = (HashSet::new(), Some(unit));
    while let Some(id) = next.filter(|id| !all.contains(id)) {
        all.insert(id);
        next = units::by_id(db, id).await?.and_then(|row| row.parent_id);
    }
    Ok(all)
}

/// Whether somebody is in charge of an armoury, or an armourer of its unit, today.
pub(super) async fn keeps(tx: &Tx, ctx: &Ctx, who: PersonId, of: &armoury::Model) -> Result<bool, DbError> {
    if of.in_charge_id == Some(who) {
        return Ok(true);
    }
    let accounts: Vec<AccountId> = account::Entity::find()
        .filter(account::Column::PersonId.eq(who))
        .all(tx)
        .await?
        .into_iter()
        .map(|row| row.id)
        .collect();
    let grants = grant::Entity::find()
        .filter(grant::Column::AccountId.is_in(accounts))
        .filter(grant::Column::Role.eq(Role::Armourer))
        .filter(grant::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    let (now, above) = (ctx.now(), upwards(tx, of.unit_id).await?);
    Ok(grants.iter().any(|row| {
        row.valid_from <= now
            && row.valid_until.is_none_or(|end| now < end)
            && row.unit_id.is_none_or(|unit| above.contains(&unit))
    }))
}

/// Lets somebody inspect or count an armoury: a person of the sub-bureau who does not keep it. Who they are, and their unit.
pub(super) async fn outsider(tx: &Tx, ctx: &Ctx, of: &armoury::Model) -> Result<person::Model, ArmsError> {
    let who = people::open(tx, ctx.person().ok_or(ArmsError::NoPerson)?, "inspector_id").await?;
    if keeps(tx, ctx, who.id, of).await? {
        return Err(Forbidden::SamePerson("枪弹库的负责人、枪管员不能检查、抽查自己保管的枪弹库").into());
    }
    Ok(who)
}

/// The head of a unit, who answers for what is found in its armoury.
pub(super) async fn head(tx: &Tx, unit: UnitId) -> Result<Option<PersonId>, DbError> {
    let head = person::Entity::find()
        .filter(person::Column::UnitId.eq(unit))
        .filter(person::Column::Duty.eq(Duty::Head))
        .filter(person::Column::Active.eq(true));
    Ok(head.one(tx).await?.map(|row| row.id))
}
