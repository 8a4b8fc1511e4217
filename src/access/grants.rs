//! Grants: a role over a unit and all below it, for a time. Given by the security administrator, never to themselves.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::account::{self, AccountState};
use super::entity::grant;
use super::matrix::{Action, Role};
use super::separation::conflict;
use super::{AccessError, Forbidden, accounts, certificates, co_signing, holdings, links, permit};
use crate::db::{Db, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{AccountId, GrantId, UnitId};
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::entity::unit;

/// A role to be given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NewGrant {
    /// To whom.
    pub account: AccountId,
    /// Which.
    pub role: Role,
    /// Over which unit and all below it; `None`: over everything.
    pub unit: Option<UnitId>,
    /// From when, not before now; `None`: now.
    pub from: Option<Timestamp>,
    /// The first instant it is no more; `None`: until somebody ends it.
    pub until: Option<Timestamp>,
}

/// Gives a role.
///
/// # Errors
/// [`AccessError::Forbidden`], also to whoever would give it to themselves; [`AccessError::Conflict`] when the person
/// holds a role that does not go with it, or holds it already, or an administrator's role is for an account whose link
/// is still out: whoever has the link would be the administrator; [`AccessError::Invalid`]. A role that may do more than
/// read and count takes a second person at the side where nobody vouched for the account ([`links`]).
pub async fn give(db: &Db, ctx: &Ctx, new: NewGrant) -> Result<grant::Model, AccessError> {
    permit(ctx, Action::GrantsWrite, None)?;
    db.write(async |tx| {
        let account = accounts::open(tx, new.account).await?;
        if ctx.person() == Some(account.person_id) {
            return Err(Forbidden::SamePerson("不能给本人授权，请由另一名安全管理员办理").into());
        }
        if new.role.is_administrator() && !links::is_opened(tx, &account).await? {
            let why = format!("账号“{}”的启用链接尚未使用，请待本人启用后再授予管理员角色", account.login);
            return Err(AccessError::Conflict(why));
        }
        let row = give_in(tx, ctx, &account, new).await?;
        if new.role.is_guarded() {
            co_signing::for_role(tx, ctx, &account).await?;
        }
        Ok(row)
    })
    .await
}

/// The same in a transaction that has more to do; asks nobody's right.
pub(crate) async fn give_in(
    tx: &Tx,
    ctx: &Ctx,
    account: &account::Model,
    new: NewGrant,
) -> Result<grant::Model, AccessError> {
    let now = ctx.now();
    let from = new.from.unwrap_or(now);
    check_times(now, from, new.until)?;
    check_unit(tx, &new).await?;
    let held = holdings::grants_of(tx, account.id).await?;
    let together = |row: &&grant::Model| {
        new.until.is_none_or(|until| row.valid_from < until) && row.valid_until.is_none_or(|until| from < until)
    };
    for row in held.iter().filter(together) {
        if let Some(why) = conflict(row.role, new.role) {
            return Err(AccessError::Conflict(why.to_owned()));
        }
        if row.role == new.role && row.unit_id == new.unit {
            return Err(AccessError::Conflict(format!("此账号在这段时间已是“{}”", new.role.zh())));
        }
    }
    let row = grant::Model {
        id: ctx.new_id(),
        account_id: account.id,
        role: new.role,
        unit_id: new.unit,
        valid_from: from,
        valid_until: new.until,
        granted_by: ctx.actor.to_string(),
        granted_at: now,
        ended_at: None,
        version: 1,
    };
    grant::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    record(tx, ctx, "access.grant", &row).await?;
    if new.role.is_administrator() {
        // Confirmed for somebody who could do less: it is confirmed again.
        certificates::forget(tx, ctx, account.person_id).await?;
    }
    Ok(row)
}

fn check_times(now: Timestamp, from: Timestamp, until: Option<Timestamp>) -> Result<(), AccessError> {
    if from < now {
        return Err(AccessError::invalid("from", "不能追溯授权，请改为今后的时间"));
    }
    if until.is_some_and(|until| until <= from) {
        return Err(AccessError::invalid("until", "结束时间须晚于开始时间"));
    }
    Ok(())
}

async fn check_unit(tx: &Tx, new: &NewGrant) -> Result<(), AccessError> {
    let Some(unit) = new.unit else { return Ok(()) };
    if new.role.is_administrator() {
        return Err(AccessError::invalid("unit", "管理员角色不分单位，请不要指定单位"));
    }
    match unit::Entity::find_by_id(unit).one(tx).await? {
        Some(unit) if unit.active => Ok(()),
        _ => Err(AccessError::invalid("unit", "没有这个单位，或已撤销")),
    }
}

/// Ends a grant now, if it stands at this version (`None`: at whichever).
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`]; [`AccessError::Conflict`] when it is over, or the last
/// administrator's.
pub async fn end(db: &Db, ctx: &Ctx, id: GrantId) -> Result<grant::Model, AccessError> {
    permit(ctx, Action::GrantsWrite, None)?;
    db.write(async |tx| {
        let row = grant::Entity::find_by_id(id).one(tx).await?.ok_or(AccessError::NotFound("这项授权"))?;
        if row.ended_at.is_some() {
            return Err(AccessError::Conflict("这项授权已结束".to_owned()));
        }
        let account = accounts::by_id(tx, row.account_id).await?;
        if ctx.person() == Some(account.person_id) {
            return Err(Forbidden::SamePerson("不能更改本人的授权，请由另一名安全管理员办理").into());
        }
        keep_one_administrator(tx, ctx, &row).await?;
        if row.role.is_administrator() {
            co_signing::for_administrator(tx, ctx, &account).await?;
        }
        let after = grant::Model { ended_at: Some(ctx.now()), version: row.version + 1, ..row };
        after.clone().into_active_model().reset_all().update(tx).await?;
        record(tx, ctx, "access.end_grant", &after).await?;
        Ok(after)
    })
    .await
}

/// Refuses to take the last administrator of a kind away: nobody could give the role again. Whoever sits at the machine
/// may, for they can also give it.
pub(crate) async fn keep_one_administrator(tx: &Tx, ctx: &Ctx, going: &grant::Model) -> Result<(), AccessError> {
    if !going.role.is_administrator() || matches!(ctx.actor, Actor::Local(_)) {
        return Ok(());
    }
    let others = grant::Entity::find()
        .filter(grant::Column::Role.eq(going.role))
        .filter(grant::Column::EndedAt.is_null())
        .filter(grant::Column::ValidUntil.is_null())
        .filter(grant::Column::ValidFrom.lte(ctx.now()))
        .filter(grant::Column::AccountId.ne(going.account_id));
    for other in others.all(tx).await? {
        if accounts::by_id(tx, other.account_id).await?.state == AccountState::Active {
            return Ok(());
        }
    }
    Err(AccessError::Conflict(format!("这是最后一名{}，请先指定接任者", going.role.zh())))
}

/// Every grant of an account, the last given first.
///
/// # Errors
/// [`AccessError::Forbidden`].
pub async fn list(db: &Db, ctx: &Ctx, account: AccountId) -> Result<Vec<grant::Model>, AccessError> {
    permit(ctx, Action::AccountsRead, None)?;
    accounts::by_id(db.read(), account).await?;
    let rows = grant::Entity::find().filter(grant::Column::AccountId.eq(account));
    Ok(rows.order_by_desc(grant::Column::GrantedAt).order_by_desc(grant::Column::Id).all(db.read()).await?)
}

async fn record(tx: &Tx, ctx: &Ctx, action: &'static str, row: &grant::Model) -> Result<(), AccessError> {
    let payload = json!({
        "grant": row.id, "role": row.role, "unit": row.unit_id, "from": row.valid_from, "until": row.valid_until,
    });
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.account_id.to_string(), unit: row.unit_id, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
