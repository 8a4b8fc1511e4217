//! Accounts: made by the system administrator, opened by whom they belong to, closed and never deleted. Whoever makes
//! one never learns its password: a one-time link lets its owner choose it ([`super::links`]).

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _, QuerySelect as _,
};
use serde_json::json;

use super::entity::account::{self, AccountState};
use super::entity::{grant, past_password, secret, token};
use super::links::with_link;
use super::matrix::Action;
use super::rules::{self, Rules};
use super::{AccessError, Forbidden, certificates, co_signing, holdings, lockout, permit, second_factor, sessions};
use crate::db::order::{self, Order};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{AccountId, PersonId};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person;

/// Whether the office has any account.
///
/// # Errors
/// When the database cannot be read.
pub async fn any(db: &impl ConnectionTrait) -> Result<bool, AccessError> {
    Ok(account::Entity::find().limit(1).one(db).await?.is_some())
}

/// An account, and the secret of the link that opens it, known only now.
#[derive(Clone, PartialEq, Eq)]
pub struct Invited {
    /// The account.
    pub account: account::Model,
    /// Opens [`super::activate`]; runs out by the rule [`rules::LINK_HOURS`].
    pub link: String,
}

impl Invited {
    /// The page that the link opens, to be put behind the server's address.
    #[must_use]
    pub fn path(&self) -> String {
        format!("/activate/{}", self.link)
    }
}

impl std::fmt::Debug for Invited {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Invited").field("account", &self.account).finish_non_exhaustive()
    }
}

/// Makes an account for a person.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::Invalid`] for the login; [`AccessError::Conflict`] when it is taken or the
/// person has an account already (GB/T 22239-2019 8.1.4.1: one person, one identity).
pub async fn create(db: &Db, ctx: &Ctx, login: &str, whose: PersonId) -> Result<Invited, AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    let rules = rules::current(db).await?;
    db.write(async |tx| {
        let (account, link) = insert(tx, ctx, &rules, login, whose).await?;
        record(tx, ctx, "access.create_account", &account, json!({ "login": account.login })).await?;
        Ok(Invited { account, link })
    })
    .await
}

/// The rows of a new account; its link.
pub(crate) async fn insert(
    tx: &Tx,
    ctx: &Ctx,
    rules: &Rules,
    login: &str,
    whose: PersonId,
) -> Result<(account::Model, String), AccessError> {
    let login = check_login(login)?;
    let person = person::Entity::find_by_id(whose).one(tx).await?;
    if !person.is_some_and(|person| person.active) {
        return Err(AccessError::NotFound("这个人员"));
    }
    let taken = account::Entity::find().filter(account::Column::LoginKey.eq(key(login).as_ref()));
    if taken.one(tx).await?.is_some() {
        return Err(AccessError::Conflict(format!("用户名“{login}”已被使用")));
    }
    if let Some(other) = open_account_of(tx, whose).await? {
        return Err(AccessError::Conflict(format!("此人已有账号“{}”", other.login)));
    }
    // Confirmed for somebody who had nothing to open: it is confirmed again for the account.
    certificates::forget(tx, ctx, whose).await?;
    let row = account::Model {
        id: ctx.new_id(),
        login: login.to_owned(),
        login_key: key(login).into_owned(),
        person_id: whose,
        state: AccountState::Invited,
        created_at: ctx.now(),
        closed_at: None,
        version: 1,
    };
    account::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    let blank = secret::Model {
        account_id: row.id,
        password_hash: None,
        password_set_at: Timestamp(0),
        must_change: false,
        link_hash: None,
        link_made_at: Timestamp(0),
        link_expires_at: Timestamp(0),
        totp_secret: None,
        totp_pending: None,
        totp_last_step: 0,
        vouched: false,
        version: 1,
    };
    let vouched = co_signing::is_seconded(tx, ctx, whose).await?;
    let (secret, link) = with_link(ctx, rules, blank, vouched);
    secret::Entity::insert(secret.into_active_model()).exec_without_returning(tx).await?;
    Ok((row, link))
}

/// A login: letters (Chinese too), digits, `. _ - @`.
fn check_login(login: &str) -> Result<&str, AccessError> {
    let login = login.trim();
    let may = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '@');
    if !login.chars().all(may) {
        return Err(AccessError::invalid("login", "用户名只能用文字、数字和 . _ - @"));
    }
    if !(2..=64).contains(&login.chars().count()) || key(login).chars().count() < 2 {
        return Err(AccessError::invalid("login", "用户名须为 2 至 64 个字"));
    }
    Ok(login)
}

/// Takes a lost phone and its recovery codes off an account; its owner enrols another.
///
/// # Errors
/// As [`super::links::reset`].
pub async fn reset_second_factor(db: &Db, ctx: &Ctx, account: AccountId) -> Result<(), AccessError> {
    permit(ctx, Action::SecondFactorReset, None)?;
    db.write(async |tx| {
        let account = open(tx, account).await?;
        not_oneself(ctx, &account)?;
        co_signing::for_administrator(tx, ctx, &account).await?;
        let held = second_factor::of(tx, account.id).await?;
        second_factor::save(tx, secret::Model { totp_secret: None, totp_pending: None, ..held }).await?;
        second_factor::forget_recovery_codes(tx, account.id).await?;
        sessions::end_all(tx, ctx, account.id, None, "reset").await?;
        record(tx, ctx, "access.reset_second_factor", &account, json!({})).await
    })
    .await
}

/// Orders a new password at the next sign-in.
///
/// # Errors
/// As [`super::links::reset`].
pub async fn order_new_password(db: &Db, ctx: &Ctx, account: AccountId) -> Result<(), AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    db.write(async |tx| {
        let account = open(tx, account).await?;
        let held = second_factor::of(tx, account.id).await?;
        second_factor::save(tx, secret::Model { must_change: true, ..held }).await?;
        record(tx, ctx, "access.order_new_password", &account, json!({})).await
    })
    .await
}

/// Lifts the lock after too many tries.
///
/// # Errors
/// As [`super::links::reset`].
pub async fn unlock(db: &Db, ctx: &Ctx, account: AccountId) -> Result<(), AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    db.write(async |tx| {
        let account = open(tx, account).await?;
        not_oneself(ctx, &account)?;
        lockout::forget_all(tx, &account.login).await?;
        record(tx, ctx, "access.unlock", &account, json!({})).await
    })
    .await
}

/// Closes an account for good: sessions, tokens and grants end, its secrets are cleared.
///
/// # Errors
/// As [`super::links::reset`]; [`AccessError::Conflict`] for the last administrator of a kind.
pub async fn close(db: &Db, ctx: &Ctx, account: AccountId) -> Result<account::Model, AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    db.write(async |tx| {
        let account = open(tx, account).await?;
        not_oneself(ctx, &account)?;
        co_signing::for_administrator(tx, ctx, &account).await?;
        close_in(tx, ctx, account).await
    })
    .await
}

/// The same in a transaction that has more to do.
pub(crate) async fn close_in(tx: &Tx, ctx: &Ctx, account: account::Model) -> Result<account::Model, AccessError> {
    let mut rows = RowsDigest::new(ctx);
    let now = ctx.now();
    for row in holdings::grants_of(tx, account.id).await? {
        super::grants::keep_one_administrator(tx, ctx, &row).await?;
        let after = grant::Model { ended_at: Some(now), version: row.version + 1, ..row };
        rows.add(&after);
        after.into_active_model().reset_all().update(tx).await?;
    }
    let tokens = token::Entity::find().filter(token::Column::AccountId.eq(account.id));
    for row in tokens.filter(token::Column::RevokedAt.is_null()).all(tx).await? {
        let after = token::Model { revoked_at: Some(now), version: row.version + 1, ..row };
        rows.add(&after);
        after.into_active_model().reset_all().update(tx).await?;
    }
    let held = second_factor::of(tx, account.id).await?;
    let cleared = secret::Model { password_hash: None, link_hash: None, totp_secret: None, totp_pending: None, ..held };
    second_factor::save(tx, cleared).await?;
    second_factor::forget_recovery_codes(tx, account.id).await?;
    past_password::Entity::delete_many().filter(past_password::Column::AccountId.eq(account.id)).exec(tx).await?;
    sessions::end_all(tx, ctx, account.id, None, "closed").await?;
    let after = save(tx, account::Model { state: AccountState::Closed, closed_at: Some(now), ..account }).await?;
    rows.add(&after);
    let payload = json!({ "login": after.login });
    let entry = Entry { action: "access.close_account", subject: after.id.to_string(), unit: None, payload, rows };
    journal::record(tx, ctx, entry).await?;
    Ok(after)
}

/// An account as lists show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed {
    /// The account.
    pub account: account::Model,
    /// Whose it is.
    pub person: person::Model,
    /// Whether it has a second factor.
    pub second_factor: bool,
    /// Whether anybody besides whoever handed out its link stands for its being its owner's ([`super::links`]).
    pub vouched: bool,
    /// Until when it is locked after too many tries.
    pub locked_until: Option<Timestamp>,
    /// Grants that nobody ended, begun or not, over or not.
    pub grants: Vec<grant::Model>,
}

/// Accounts in the order of their logins, after the one with this key.
///
/// # Errors
/// [`AccessError::Forbidden`].
pub async fn list(db: &Db, ctx: &Ctx, after: Option<&str>, limit: u64) -> Result<Vec<Listed>, AccessError> {
    permit(ctx, Action::AccountsRead, None)?;
    let mut find = account::Entity::find().order_by_asc(account::Column::LoginKey).limit(limit);
    if let Some(after) = after {
        find = find.filter(account::Column::LoginKey.gt(key(after).as_ref()));
    }
    look_at_all(db, ctx, find.all(db.read()).await?).await
}

/// The same accounts in another order; the order says where the page begins.
///
/// # Errors
/// [`AccessError::Forbidden`].
pub async fn sorted(
    db: &Db,
    ctx: &Ctx,
    order: &Order<account::Column>,
    limit: u64,
) -> Result<Vec<Listed>, AccessError> {
    permit(ctx, Action::AccountsRead, None)?;
    let rows = order::sorted(account::Entity::find(), order).limit(limit).all(db.read()).await?;
    look_at_all(db, ctx, rows).await
}

async fn look_at_all(db: &Db, ctx: &Ctx, rows: Vec<account::Model>) -> Result<Vec<Listed>, AccessError> {
    let mut listed = Vec::new();
    for account in rows {
        listed.push(look_at(db, ctx, account).await?);
    }
    Ok(listed)
}

/// One account.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`].
pub async fn show(db: &Db, ctx: &Ctx, account: AccountId) -> Result<Listed, AccessError> {
    permit(ctx, Action::AccountsRead, None)?;
    let account = by_id(db.read(), account).await?;
    look_at(db, ctx, account).await
}

async fn look_at(db: &Db, ctx: &Ctx, account: account::Model) -> Result<Listed, AccessError> {
    let rules = rules::current(db).await?;
    let secret = secret::Entity::find_by_id(account.id).one(db.read()).await?;
    let person = person::Entity::find_by_id(account.person_id).one(db.read()).await?;
    Ok(Listed {
        person: person.ok_or(AccessError::NotFound("这个人员"))?,
        second_factor: secret.as_ref().is_some_and(|row| row.totp_secret.is_some()),
        vouched: secret.is_some_and(|row| row.vouched),
        locked_until: lockout::locked_anywhere(db.read(), &rules, &account.login, ctx.now()).await?,
        grants: holdings::grants_of(db.read(), account.id).await?,
        account,
    })
}

/// The account with this id.
///
/// # Errors
/// [`AccessError::NotFound`].
pub(crate) async fn by_id(db: &impl ConnectionTrait, id: AccountId) -> Result<account::Model, AccessError> {
    account::Entity::find_by_id(id).one(db).await?.ok_or(AccessError::NotFound("这个账号"))
}

/// The account with this login.
///
/// # Errors
/// [`AccessError::NotFound`].
pub async fn by_login(db: &impl ConnectionTrait, login: &str) -> Result<account::Model, AccessError> {
    let found = account::Entity::find().filter(account::Column::LoginKey.eq(key(login).as_ref())).one(db).await?;
    found.ok_or(AccessError::NotFound("这个账号"))
}

/// The account, if it is not closed.
pub(crate) async fn open(tx: &Tx, id: AccountId) -> Result<account::Model, AccessError> {
    let account = by_id(tx, id).await?;
    match account.state {
        AccountState::Closed => Err(AccessError::Conflict(format!("账号“{}”已停用", account.login))),
        AccountState::Invited | AccountState::Active => Ok(account),
    }
}

/// The account of a person that is not closed.
pub(crate) async fn open_account_of(tx: &Tx, whose: PersonId) -> Result<Option<account::Model>, AccessError> {
    let rows = account::Entity::find().filter(account::Column::PersonId.eq(whose)).all(tx).await?;
    Ok(rows.into_iter().find(|row| row.state != AccountState::Closed))
}

pub(super) fn not_oneself(ctx: &Ctx, account: &account::Model) -> Result<(), Forbidden> {
    if ctx.person() == Some(account.person_id) {
        return Err(Forbidden::SamePerson("不能对本人的账号办理，请由另一名管理员办理"));
    }
    Ok(())
}

pub(super) async fn save(tx: &Tx, row: account::Model) -> Result<account::Model, AccessError> {
    let before = row.version;
    let after = account::Model { version: before + 1, ..row };
    let update = account::Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(account::Column::Id.eq(after.id))
        .filter(account::Column::Version.eq(before));
    if update.exec(tx).await?.rows_affected != 1 {
        return Err(DbError::Stale.into());
    }
    Ok(after)
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    account: &account::Model,
    payload: serde_json::Value,
) -> Result<(), AccessError> {
    let rows = RowsDigest::new(ctx).with(account);
    let entry = Entry { action, subject: account.id.to_string(), unit: None, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
