//! Signing in: a proof of who somebody is, and the session that follows.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::account::{self, AccountState};
use super::entity::{secret, session};
use super::holdings::{self, Holdings, Tree};
use super::identity::{Credentials, Door, Identity, Must, short};
use super::lockout::{self, Knock};
use super::password::{self, Cost};
use super::rules::{self, Rules};
use super::second_factor::{self, Shown};
use super::{AccessError, horizon, keys};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{AccountId, PersonId, SessionId};
use crate::kernel::text::key;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::org::entity::person;

/// What somebody typed, and from where.
#[derive(Clone)]
pub struct SignIn {
    /// As typed.
    pub login: String,
    /// As typed.
    pub password: String,
    /// A code of the second factor, or a recovery code.
    pub second_factor: Option<String>,
    /// Where the request came from.
    pub address: String,
    /// What the browser calls itself.
    pub user_agent: String,
}

impl std::fmt::Debug for SignIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignIn").field("login", &self.login).field("address", &self.address).finish_non_exhaustive()
    }
}

/// A session that just began.
#[derive(Clone)]
pub struct SignedIn {
    /// The cookie's value; it is known only now.
    pub token: String,
    /// The session.
    pub session: SessionId,
    /// Whose it is.
    pub account: AccountId,
    /// What they must do before anything else.
    pub must: Vec<Must>,
}

impl std::fmt::Debug for SignedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SignedIn").field("session", &self.session).field("must", &self.must).finish_non_exhaustive()
    }
}

/// Begins a session.
///
/// # Errors
/// [`AccessError::WrongCredentials`], [`AccessError::SecondFactorNeeded`] when the password was right and the account
/// has a second factor, [`AccessError::LockedUntil`] after too many tries.
pub async fn sign_in(db: &Db, base: &Ctx, attempt: SignIn) -> Result<SignedIn, AccessError> {
    let knock =
        Knock { login: &attempt.login, address: &attempt.address, user_agent: &attempt.user_agent, purpose: "sign_in" };
    let rules = rules::current(db).await?;
    prove(db, base, &rules, knock, &attempt.password, attempt.second_factor.as_deref(), async |tx, proved| {
        begin(tx, base, &rules, &attempt, proved).await
    })
    .await
}

/// Somebody who stands beside whoever acts, and proved it.
#[derive(Debug, Clone)]
pub struct CoSigner {
    /// Who.
    pub person: PersonId,
    /// Their account.
    pub account: AccountId,
    /// Their own rights: ask [`super::permit`] with it whether they may be the second for this.
    pub ctx: Ctx,
}

/// Lets a second person prove that they are present, by their own password and their own second factor, for one action.
/// Put `Some(co_signer.person)` into [`Ctx::co_signer`]. Whoever acts must be permitted to first: wrong tries count against
/// the second's login, from `address`.
///
/// # Errors
/// As [`sign_in`]; [`AccessError::Conflict`] when they have no second factor, or must see to their account first.
pub async fn co_sign(
    db: &Db,
    base: &Ctx,
    login: &str,
    password: &str,
    second_factor: Option<&str>,
    address: &str,
) -> Result<CoSigner, AccessError> {
    let knock = Knock { login, address, user_agent: "", purpose: "co_sign" };
    let rules = rules::current(db).await?;
    prove(db, base, &rules, knock, password, second_factor, async |tx, proved| {
        if proved.by == Shown::Nothing {
            return Err(AccessError::Conflict("共同签署人须先绑定动态验证码".to_owned()));
        }
        if !proved.must.is_empty() {
            return Err(AccessError::Conflict("共同签署人须先登录并更新密码".to_owned()));
        }
        let person = proved.account.person_id;
        let ctx = base.acting_as(Actor::Person(person), proved.holdings.scope.clone());
        let payload = json!({ "second_factor": proved.by.name() });
        record(tx, &ctx, "access.co_sign", &proved.account, payload).await?;
        Ok(CoSigner { person, account: proved.account.id, ctx })
    })
    .await
}

/// What a proof brought out.
pub(crate) struct Proved {
    account: account::Model,
    holdings: Holdings,
    must: Vec<Must>,
    by: Shown,
}

/// The account of this login, open or not, with its secrets.
async fn find(db: &impl ConnectionTrait, login: &str) -> Result<Option<(account::Model, secret::Model)>, AccessError> {
    if login.contains('\0') {
        return Ok(None);
    }
    let row = account::Entity::find().filter(account::Column::LoginKey.eq(key(login).as_ref())).one(db).await?;
    let Some(account) = row else { return Ok(None) };
    let secret = secret::Entity::find_by_id(account.id).one(db).await?;
    Ok(secret.map(|secret| (account, secret)))
}

/// The way of every proof: look whether the login is locked, compute the hash outside any transaction (for a login that
/// is none of ours as well), and decide inside one, on what stands there then. A refusal is committed: it counts.
async fn prove<T>(
    db: &Db,
    base: &Ctx,
    rules: &Rules,
    knock: Knock<'_>,
    password: &str,
    code: Option<&str>,
    granted: impl AsyncFn(&Tx, &Proved) -> Result<T, AccessError>,
) -> Result<T, AccessError> {
    let now = base.now();
    if knock.login.len() > MOST_LOGIN_BYTES || password.len() > password::MOST_BYTES {
        return Err(AccessError::WrongCredentials);
    }
    if let Some(end) = lockout::locked_until(db.read(), rules, knock, now).await? {
        return Err(AccessError::LockedUntil(end));
    }
    let found = find(db.read(), knock.login).await?;
    let open = found.as_ref().filter(|(account, _)| account.state == AccountState::Active);
    let hash = open.and_then(|(_, secret)| secret.password_hash.clone());
    let cost = Cost::in_force(rules, now);
    let right = password::is_one_of(db, cost, password, hash.iter().cloned().collect()).await?;
    let rehashed = match &hash {
        Some(hash) if right && !cost.made(hash) => Some(password::hash(db, base, cost, password).await?),
        _ => None,
    };
    let account = found.map(|(account, _)| account);
    db.write(async |tx| {
        horizon::note(tx, base).await?;
        if let Err(locked) = lockout::check(tx, rules, knock, now).await {
            return committed(locked);
        }
        let proved =
            if right { weigh(tx, base, rules, knock.login, hash.as_deref(), code).await? } else { Weighed::Wrong };
        match proved {
            Weighed::Wrong => committed(lockout::fail(tx, base, rules, knock, account.as_ref()).await?),
            Weighed::CodeMissing => Ok(Err(AccessError::SecondFactorNeeded)),
            Weighed::Right(proved) => {
                if let Some(hash) = &rehashed {
                    let row = secret::ActiveModel {
                        account_id: Set(proved.account.id),
                        password_hash: Set(Some(hash.clone())),
                        ..Default::default()
                    };
                    row.update(tx).await?;
                }
                lockout::forget(tx, knock).await?;
                granted(tx, &proved).await.map(Ok)
            }
        }
    })
    .await?
}

/// A refusal that is kept; a fault of the database is not.
fn committed<T>(refusal: AccessError) -> Result<Result<T, AccessError>, AccessError> {
    match refusal {
        AccessError::Db(error) => Err(error.into()),
        other => Ok(Err(other)),
    }
}

/// Bytes of a login at most.
const MOST_LOGIN_BYTES: usize = 256;

enum Weighed {
    Wrong,
    CodeMissing,
    Right(Box<Proved>),
}

/// Decides on a right password: whether it still is the one, whose it is, and whether the code fits and is fresh.
async fn weigh(
    tx: &Tx,
    base: &Ctx,
    rules: &Rules,
    login: &str,
    hash: Option<&str>,
    code: Option<&str>,
) -> Result<Weighed, AccessError> {
    let Some((account, secret)) = find(tx, login).await? else { return Ok(Weighed::Wrong) };
    let person = person::Entity::find_by_id(account.person_id).one(tx).await?;
    let stands = account.state == AccountState::Active
        && secret.password_hash.as_deref() == hash
        && person.is_some_and(|person| person.active);
    if !stands {
        return Ok(Weighed::Wrong);
    }
    let by = match (&secret.totp_secret, code.map(str::trim).filter(|code| !code.is_empty())) {
        (None, _) => Shown::Nothing,
        (Some(_), None) => return Ok(Weighed::CodeMissing),
        (Some(_), Some(code)) => match second_factor::accept(tx, base, &secret, code).await? {
            Some(shown) => shown,
            None => return Ok(Weighed::Wrong),
        },
    };
    let now = base.now();
    let grants = holdings::grants_of(tx, account.id).await?;
    let holdings = Holdings::of(&grants, &Tree::load(tx).await?, now, now);
    let credentials = Credentials {
        must_change: secret.must_change,
        password_set_at: secret.password_set_at,
        enrolled: secret.totp_secret.is_some(),
    };
    let must = credentials.must(rules, &holdings.roles, now);
    Ok(Weighed::Right(Box::new(Proved { account, holdings, must, by })))
}

async fn begin(tx: &Tx, base: &Ctx, rules: &Rules, attempt: &SignIn, proved: &Proved) -> Result<SignedIn, AccessError> {
    let (now, token) = (base.now(), keys::new_secret(base));
    keys::key(tx, base, keys::CSRF).await?;
    let row = session::Model {
        id: base.new_id(),
        account_id: proved.account.id,
        token_hash: keys::hash_of(&token),
        created_at: now,
        last_seen_at: now,
        idle_ms: rules.number(rules::SESSION_IDLE_MINUTES, now, 30) * 60_000,
        expires_at: Timestamp(now.0 + rules.number(rules::SESSION_ABSOLUTE_HOURS, now, 12) * 3_600_000),
        address: short(&attempt.address),
        user_agent: short(&attempt.user_agent),
        ended_at: None,
        ended_by: None,
    };
    session::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
    let ctx = base.acting_as(Actor::Person(proved.account.person_id), proved.holdings.scope.clone());
    let payload = json!({
        "session": row.id, "address": row.address, "user_agent": row.user_agent, "second_factor": proved.by.name(),
    });
    record(tx, &ctx, "access.sign_in", &proved.account, payload).await?;
    Ok(SignedIn { token, session: row.id, account: row.account_id, must: proved.must.clone() })
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    account: &account::Model,
    payload: serde_json::Value,
) -> Result<(), DbError> {
    let entry = Entry { action, subject: account.id.to_string(), unit: None, payload, rows: RowsDigest::new(ctx) };
    journal::record(tx, ctx, entry).await
}

/// Lets whoever is signed in prove by their password that it is still they: before what a stolen session must not do.
/// Failures count as at the door.
pub(crate) async fn prove_again(db: &Db, me: &Identity, password: &str) -> Result<(), AccessError> {
    // Tries count by the session, so that whoever stole one locks its owner out of no other.
    let place = match me.door {
        Door::Session(id) => format!("session:{id}"),
        Door::Certificate => format!("certificate:{}", me.account),
        Door::Token(_) => return Err(AccessError::NeedsSession),
    };
    let (ctx, rules) = (&me.ctx, rules::current(db).await?);
    let knock = Knock { login: &me.login, address: &place, user_agent: "", purpose: "password" };
    if let Some(end) = lockout::locked_until(db.read(), &rules, knock, ctx.now()).await? {
        return Err(AccessError::LockedUntil(end));
    }
    let found = find(db.read(), &me.login).await?;
    let hash = found.as_ref().and_then(|(_, secret)| secret.password_hash.clone());
    let fits = password.len() <= password::MOST_BYTES;
    let cost = Cost::in_force(&rules, ctx.now());
    if fits && password::is_one_of(db, cost, password, hash.into_iter().collect()).await? {
        return Ok(());
    }
    let account = found.map(|(account, _)| account);
    db.write(async |tx| {
        if let Err(locked) = lockout::check(tx, &rules, knock, ctx.now()).await {
            return committed(locked);
        }
        committed(lockout::fail(tx, ctx, &rules, knock, account.as_ref()).await?)
    })
    .await?
}
