//! What the administrator who makes accounts does not do alone: a second administrator, of another kind, is at the side.

use sea_orm::EntityTrait as _;

use super::entity::{account, grant, secret};
use super::matrix::{Action, Role};
use super::{AccessError, Forbidden, accounts, holdings, links, permit, second_factor, two_persons};
use crate::db::{Db, Tx};
use crate::kernel::ids::{AccountId, GrantId, PersonId};
use crate::kernel::{Actor, Ctx};
use crate::org::entity::person;

const ADMINISTRATORS: &str = "涉及管理员账号，须另一名管理员（安全或审计）到场共同签署";
const DECIDERS: &str = "此账号有办理或审批权限，须安全管理员或审计管理员到场共同签署";
const OPENING: &str = "此账号的启用链接由一人发放，尚无他人确认由本人启用：授予有办理或审批权限的角色，须账号本人到场签署，\
                       或由另一名安全管理员、审计管理员到场共同签署";
const CERTIFICATE: &str = "登记数字证书，须安全管理员或审计管理员到场共同签署";

/// Lets an administrator's account be touched only with a second administrator at the side. Whoever sits at the machine
/// holds the file itself.
pub(crate) async fn for_administrator(tx: &Tx, ctx: &Ctx, subject: &account::Model) -> Result<(), AccessError> {
    if holds(tx, subject, Role::is_administrator).await? {
        return second(tx, ctx, subject.person_id, ADMINISTRATORS).await;
    }
    Ok(())
}

/// The same for every account that may do more than read and count: a new password, handed to whoever asked for it, is
/// the account itself where no second factor is bound.
pub(crate) async fn for_reset(tx: &Tx, ctx: &Ctx, subject: &account::Model) -> Result<(), AccessError> {
    for_administrator(tx, ctx, subject).await?;
    if holds(tx, subject, Role::is_guarded).await? {
        return second(tx, ctx, subject.person_id, DECIDERS).await;
    }
    Ok(())
}

/// Lets an account that nobody vouched for be given a role that may do more than read and count only with its owner at
/// the side, who proves it with their own password and phone, or a second administrator; who then vouches for it. While
/// its link is out, nobody can: whoever has the link would have the role.
pub(crate) async fn for_role(tx: &Tx, ctx: &Ctx, subject: &account::Model) -> Result<(), AccessError> {
    let held = second_factor::of(tx, subject.id).await?;
    if held.vouched || matches!(ctx.actor, Actor::Local(_)) {
        return Ok(());
    }
    if !links::is_opened(tx, subject).await? {
        let why = format!("账号“{}”的启用链接尚未使用，请待本人启用后再授予这个角色", subject.login);
        return Err(AccessError::Conflict(why));
    }
    if ctx.co_signer != Some(subject.person_id) {
        second(tx, ctx, subject.person_id, OPENING).await?;
    }
    second_factor::save(tx, secret::Model { vouched: true, ..held }).await?;
    Ok(())
}

/// Whether somebody besides whoever asks stands for where a link to `whose` account goes.
pub(crate) async fn is_seconded(tx: &Tx, ctx: &Ctx, whose: PersonId) -> Result<bool, AccessError> {
    match second(tx, ctx, whose, OPENING).await {
        Ok(()) => Ok(true),
        Err(AccessError::Forbidden(_)) => Ok(false),
        Err(error) => Err(error),
    }
}

/// Lets anybody's certificate be linked only so: it is one, which opens an account by itself, now or once the person has one.
pub(crate) async fn for_certificate(tx: &Tx, ctx: &Ctx, whose: PersonId) -> Result<(), AccessError> {
    second(tx, ctx, whose, CERTIFICATE).await
}

async fn holds(tx: &Tx, subject: &account::Model, which: fn(Role) -> bool) -> Result<bool, AccessError> {
    Ok(holdings::grants_of(tx, subject.id).await?.iter().any(|row| which(row.role)))
}

/// Neither whoever asks nor whose account it is: a security or audit administrator, now.
async fn second(tx: &Tx, ctx: &Ctx, subject: PersonId, why: &'static str) -> Result<(), AccessError> {
    if matches!(ctx.actor, Actor::Local(_)) {
        return Ok(());
    }
    let missing = Forbidden::SamePerson(why);
    let Some(second) = ctx.co_signer.filter(|second| *second != subject) else {
        return Err(missing.into());
    };
    if let Some(first) = ctx.person() {
        two_persons(ctx, first, second).map_err(|_| missing.clone())?;
    }
    let Some(account) = accounts::open_account_of(tx, second).await? else { return Err(missing.into()) };
    let now = ctx.now();
    let counts = |row: &grant::Model| {
        let role = matches!(row.role, Role::SecurityAdministrator | Role::AuditAdministrator);
        role && row.valid_from <= now && row.valid_until.is_none_or(|end| now < end)
    };
    let held = holdings::grants_of(tx, account.id).await?;
    if held.iter().any(counts) { Ok(()) } else { Err(missing.into()) }
}

/// Asked before a second person's password is looked at, so that nobody without the right can spend another's tries:
/// whether `ctx` may do `action` to accounts, and there is this one.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`].
pub async fn on_account(db: &Db, ctx: &Ctx, action: Action, id: AccountId) -> Result<(), AccessError> {
    permit(ctx, action, None)?;
    accounts::by_id(db.read(), id).await?;
    Ok(())
}

/// The same for what is done to a person.
///
/// # Errors
/// As [`on_account`].
pub async fn on_person(db: &Db, ctx: &Ctx, action: Action, id: PersonId) -> Result<(), AccessError> {
    permit(ctx, action, None)?;
    person::Entity::find_by_id(id).one(db.read()).await?.ok_or(AccessError::NotFound("这个人员"))?;
    Ok(())
}

/// The same for what is done to a grant.
///
/// # Errors
/// As [`on_account`].
pub async fn on_grant(db: &Db, ctx: &Ctx, id: GrantId) -> Result<(), AccessError> {
    permit(ctx, Action::GrantsWrite, None)?;
    grant::Entity::find_by_id(id).one(db.read()).await?.ok_or(AccessError::NotFound("这项授权"))?;
    Ok(())
}
