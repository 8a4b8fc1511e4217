//! Somebody else decides for a time. A delegation goes one hand far: who decides by delegation cannot hand on what is
//! not theirs, because only the delegations of those who hold the post are looked at.

use hashbrown::HashSet;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::entity::delegation;
use super::error::{ApprovalError, MOST_REASON_CHARS, words};
use super::holders::{Holders, Posts};
use crate::access::matrix::roles_for;
use crate::access::{self, Action, Role};
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person;
use sea_orm::prelude::Uuid;

/// The longest delegation, milliseconds: a year.
const LONGEST_MS: i64 = 366 * 86_400_000;
/// How far behind the clock of whoever asks may be, milliseconds.
const CLOCK_BEHIND_MS: i64 = 5 * 60_000;
/// How many of one's delegations are shown.
const SHOWN: u64 = 200;

/// A delegation as it is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDelegation {
    /// Who is to decide.
    pub to: PersonId,
    /// From when.
    pub from_at: Timestamp,
    /// Until when, that instant not included.
    pub until_at: Timestamp,
    /// Why.
    pub reason: String,
}

/// Has somebody decide in one's own name for a time.
///
/// # Errors
/// When it is to oneself, to nobody of ours, to somebody who decides nothing themselves or is an administrator, for no
/// time, or from a time that is over.
pub async fn create(
    db: &Db,
    ctx: &Ctx,
    posts: &impl Posts,
    new: &NewDelegation,
) -> Result<delegation::Model, ApprovalError> {
    access::permit_somewhere(ctx, Action::ApprovalsDelegate)?;
    let from_person = ctx.person().ok_or(ApprovalError::NoPerson)?;
    let reason = words("reason", &new.reason, MOST_REASON_CHARS)?;
    if new.to == from_person {
        return Err(ApprovalError::field("to_person", "不能委托给自己"));
    }
    if new.from_at.0 < ctx.now().0.saturating_sub(CLOCK_BEHIND_MS) {
        return Err(ApprovalError::field("from_at", "委托不能从过去开始"));
    }
    // A clock that is a little behind makes no delegation that began before it was made.
    let from_at = new.from_at.max(ctx.now());
    let length = new.until_at.0.checked_sub(from_at.0);
    let sound = length.is_some_and(|ms| (1..=LONGEST_MS).contains(&ms)) && new.until_at > ctx.now();
    if !sound {
        return Err(ApprovalError::field("until_at", "结束须晚于开始和现在，期限不超过一年"));
    }
    db.write(async |tx| {
        let to = person::Entity::find_by_id(new.to).one(tx).await?.filter(|person| person.active);
        if to.is_none() {
            return Err(ApprovalError::field("to_person", "没有这个在岗人员"));
        }
        fit(&posts.read(tx, ctx.now()).await?, new.to)?;
        let row = delegation::Model {
            id: ctx.new_id(),
            from_person,
            to_person: new.to,
            valid_from: from_at,
            valid_until: new.until_at,
            reason: reason.clone(),
            created_at: ctx.now(),
            revoked_at: None,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "to": row.to_person, "from_at": row.valid_from, "until_at": row.valid_until });
        let rows = RowsDigest::new(ctx).with(&row);
        let subject = row.id.to_string();
        journal::record(tx, ctx, Entry { action: "approvals.delegate", subject, unit: None, payload, rows }).await?;
        Ok(row)
    })
    .await
}

/// Whoever decides for another decides things themselves, and is no administrator.
fn fit(holders: &Holders, to: PersonId) -> Result<(), ApprovalError> {
    if holders.roles_of(to).any(Role::is_administrator) {
        return Err(ApprovalError::field("to_person", "系统管理员、安全管理员、审计管理员不能代为审批"));
    }
    if !holders.roles_of(to).any(|role| roles_for(Action::ApprovalsDecide).contains(&role)) {
        return Err(ApprovalError::field("to_person", "受托人本人须担任有审批权的岗位"));
    }
    Ok(())
}

/// Ends one's own delegation at once.
///
/// # Errors
/// When there is none of theirs of this id; one that ended already stays as it is.
pub async fn revoke(db: &Db, ctx: &Ctx, id: Uuid) -> Result<delegation::Model, ApprovalError> {
    access::permit_somewhere(ctx, Action::ApprovalsDelegate)?;
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    db.write(async |tx| {
        let row = delegation::Entity::find_by_id(id).one(tx).await?;
        let row = row.filter(|row| row.from_person == me).ok_or(ApprovalError::NoDelegation)?;
        if row.revoked_at.is_some() {
            return Ok(row);
        }
        let read = row.version;
        let after = delegation::Model { revoked_at: Some(ctx.now()), version: read + 1, ..row };
        let mut active = after.clone().into_active_model().reset_all();
        active.id = Unchanged(id);
        let updated = delegation::Entity::update_many()
            .set(active)
            .filter(delegation::Column::Id.eq(id))
            .filter(delegation::Column::Version.eq(read))
            .exec(tx)
            .await?;
        if updated.rows_affected != 1 {
            return Err(DbError::Stale.into());
        }
        let rows = RowsDigest::new(ctx).with(&after);
        let subject = id.to_string();
        let entry = Entry { action: "approvals.revoke", subject, unit: None, payload: json!({}), rows };
        journal::record(tx, ctx, entry).await?;
        Ok(after)
    })
    .await
}

/// Delegations by and to whoever asks, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn mine(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<delegation::Model>, ApprovalError> {
    let me = ctx.person().ok_or(ApprovalError::NoPerson)?;
    let either = Condition::any().add(delegation::Column::FromPerson.eq(me)).add(delegation::Column::ToPerson.eq(me));
    let query = delegation::Entity::find().filter(either).order_by_desc(delegation::Column::Id).limit(SHOWN);
    Ok(query.all(db).await?)
}

/// In whose names `person` may decide at this instant.
///
/// # Errors
/// When the database cannot be read.
pub async fn principals(
    db: &impl ConnectionTrait,
    person: PersonId,
    at: Timestamp,
) -> Result<HashSet<PersonId>, DbError> {
    let rows = delegation::Entity::find()
        .filter(delegation::Column::ToPerson.eq(person))
        .filter(delegation::Column::ValidFrom.lte(at))
        .filter(delegation::Column::ValidUntil.gt(at))
        .filter(delegation::Column::RevokedAt.is_null())
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.from_person).collect())
}
