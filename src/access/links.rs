//! One-time links, and the passwords that are chosen with them.
//!
//! A link goes through the hands of whoever made it, and whoever has it first chooses the password. So it is kept
//! whether anybody besides stands for the account being its owner's (`vouched`):
//!
//! - A link that one administrator issued alone is vouched for by nobody, whoever opened the account with it. One that
//!   a second administrator signed, or that was made at the machine, is.
//! - A role that may do more than read and count is given to an account that nobody vouched for only when its link was
//!   used, and either its owner is at the side of the security administrator and proves it with their own password and
//!   phone, or a second administrator is: from then on it is vouched for. ([`super::co_signing::for_role`])
//! - An account with such a role gets no new link from one administrator alone. ([`reset`])
//!
//! So the one who makes accounts may open one before its owner does, and is then a member who counts, never one who
//! decides. What this does not cover: the first three administrators, whose links the first of them hands out at the
//! very first start, when nobody else is there to sign.

use sea_orm::{
    ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::json;

use super::accounts::{Invited, by_id, not_oneself, open, record, save};
use super::entity::account::{self, AccountState};
use super::entity::{past_password, secret};
use super::identity::Identity;
use super::matrix::Action;
use super::password::{self, Cost};
use super::rules::{self, Rules};
use super::{AccessError, co_signing, keys, lockout, permit, second_factor, sessions, sign_in};
use crate::db::{Db, Tx};
use crate::kernel::ids::{AccountId, SessionId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};

const HOUR_MS: i64 = 3_600_000;
/// How far a link's clock may be off.
const TOLERANCE_MS: i64 = 5 * 60_000;

/// The secrets of an account with a new link, and the link; `vouched`: whether somebody besides whoever asks for it
/// stands for where it goes.
pub(crate) fn with_link(ctx: &Ctx, rules: &Rules, row: secret::Model, vouched: bool) -> (secret::Model, String) {
    let (now, link) = (ctx.now(), keys::new_secret(ctx));
    let hours = rules.number(rules::LINK_HOURS, now, 72);
    let row = secret::Model {
        link_hash: Some(keys::hash_of(&link)),
        link_made_at: now,
        link_expires_at: Timestamp(now.0 + hours * HOUR_MS),
        vouched,
        ..row
    };
    (row, link)
}

/// What tries with a link are counted by: nothing that opens it.
#[must_use]
pub fn link_key(link: &str) -> String {
    keys::hash_of(link)
}

async fn by_link(
    db: &impl ConnectionTrait,
    link: &str,
    now: Timestamp,
) -> Result<(account::Model, secret::Model), AccessError> {
    if link.len() > 128 {
        return Err(AccessError::LinkVoid);
    }
    let found = secret::Entity::find().filter(secret::Column::LinkHash.eq(keys::hash_of(link))).one(db).await?;
    // Neither after its time, nor before it was made: a clock that went back revives no link.
    let open = |row: &secret::Model| row.link_made_at.0 - TOLERANCE_MS <= now.0 && now < row.link_expires_at;
    let secret = found.filter(open).ok_or(AccessError::LinkVoid)?;
    let account = account::Entity::find_by_id(secret.account_id).one(db).await?;
    let account = account.filter(|row| row.state != AccountState::Closed).ok_or(AccessError::LinkVoid)?;
    Ok((account, secret))
}

/// Whose account a link opens: for showing the form.
///
/// # Errors
/// [`AccessError::LinkVoid`].
pub async fn link_is_for(db: &Db, base: &Ctx, link: &str) -> Result<String, AccessError> {
    Ok(by_link(db.read(), link, base.now()).await?.0.login)
}

/// Opens an account, or gives it a new password, by a one-time secret. Every session of it ends.
///
/// # Errors
/// [`AccessError::LinkVoid`]; [`AccessError::Weak`].
pub async fn activate(db: &Db, base: &Ctx, link: &str, password: &str) -> Result<(), AccessError> {
    let (account, _) = by_link(db.read(), link, base.now()).await?;
    let hash = choose(db, base, &account, password).await?;
    let ctx = base.acting_as(Actor::Person(account.person_id), Scope::Rights(std::sync::Arc::default()));
    db.write(async |tx| {
        let (account, held) = by_link(tx, link, ctx.now()).await?;
        set_password(tx, &ctx, held, &hash, None).await?;
        let after = match account.state {
            AccountState::Invited => save(tx, account::Model { state: AccountState::Active, ..account }).await?,
            AccountState::Active | AccountState::Closed => account,
        };
        lockout::forget_all(tx, &after.login).await?;
        record(tx, &ctx, "access.activate", &after, json!({})).await
    })
    .await
}

/// Changes one's own password. Every other session of theirs ends; the one that asks goes on.
///
/// # Errors
/// [`AccessError::WrongCredentials`] when the old one is not right; [`AccessError::Weak`].
pub async fn change_password(db: &Db, me: &Identity, old: &str, new: &str) -> Result<(), AccessError> {
    sign_in::prove_again(db, me, old).await?;
    let account = by_id(db.read(), me.account).await?;
    let hash = choose(db, &me.ctx, &account, new).await?;
    db.write(async |tx| {
        let held = second_factor::of(tx, me.account).await?;
        set_password(tx, &me.ctx, held, &hash, me.session).await?;
        record(tx, &me.ctx, "access.change_password", &by_id(tx, me.account).await?, json!({})).await
    })
    .await
}

/// The hash of a password that the rules allow and that is none of the last ones.
pub(crate) async fn choose(db: &Db, base: &Ctx, account: &account::Model, new: &str) -> Result<String, AccessError> {
    let (rules, now) = (rules::current(db).await?, base.now());
    password::check(&rules, now, &account.login, new)?;
    let cost = Cost::in_force(&rules, now);
    let last = u64::try_from(rules.number(rules::PASSWORD_HISTORY, now, 5)).unwrap_or(0);
    let past = past_password::Entity::find()
        .filter(past_password::Column::AccountId.eq(account.id))
        .order_by_desc(past_password::Column::SetAt)
        .limit(last)
        .all(db.read())
        .await?;
    let past: Vec<String> = past.into_iter().map(|row| row.password_hash).collect();
    if !past.is_empty() && password::is_one_of(db, cost, new, past).await? {
        return Err(password::Weakness(format!("不能使用最近 {last} 次用过的密码")).into());
    }
    password::hash(db, base, cost, new).await
}

async fn set_password(
    tx: &Tx,
    ctx: &Ctx,
    held: secret::Model,
    hash: &str,
    but: Option<SessionId>,
) -> Result<(), AccessError> {
    let account_id = held.account_id;
    let after = secret::Model {
        password_hash: Some(hash.to_owned()),
        password_set_at: ctx.now(),
        must_change: false,
        link_hash: None,
        ..held
    };
    second_factor::save(tx, after).await?;
    let past = past_password::Model { id: ctx.new_id(), account_id, password_hash: hash.to_owned(), set_at: ctx.now() };
    past_password::Entity::insert(past.into_active_model()).exec_without_returning(tx).await?;
    sessions::end_all(tx, ctx, account_id, but, "password").await?;
    Ok(())
}

/// Voids a password and gives a link for a new one: for whoever forgot theirs. The second factor stays, and is
/// [`super::accounts::reset_second_factor`]'s.
///
/// The link comes to whoever asks for it, and few accounts must have a second factor. So an account that may do more
/// than read and count takes a second administrator at the side ([`Ctx::co_signer`]); one that may not, none.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`]; [`AccessError::Conflict`] when it is closed.
pub async fn reset(db: &Db, ctx: &Ctx, account: AccountId) -> Result<Invited, AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    let rules = rules::current(db).await?;
    db.write(async |tx| {
        let account = open(tx, account).await?;
        not_oneself(ctx, &account)?;
        co_signing::for_reset(tx, ctx, &account).await?;
        let vouched = co_signing::is_seconded(tx, ctx, account.person_id).await?;
        let held = second_factor::of(tx, account.id).await?;
        let (after, link) = with_link(ctx, &rules, secret::Model { password_hash: None, ..held }, vouched);
        second_factor::save(tx, after).await?;
        sessions::end_all(tx, ctx, account.id, None, "reset").await?;
        record(tx, ctx, "access.reset_password", &account, json!({})).await?;
        Ok(Invited { account, link })
    })
    .await
}

/// Whether its owner chose their password, and no link to choose another is out.
pub(crate) async fn is_opened(tx: &Tx, account: &account::Model) -> Result<bool, AccessError> {
    let held = second_factor::of(tx, account.id).await?;
    Ok(account.state == AccountState::Active && held.password_hash.is_some() && held.link_hash.is_none())
}
