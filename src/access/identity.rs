//! Who asks: a session, a device's token or a client certificate, turned into a context with its rights.
//!
//! One query a request. It brings, beside the session, what tells whether the rules, the units and the grants kept in
//! memory are still those of the database; what ended a moment ago, on any instance, is gone with the next request.

use std::sync::Arc;

use hashbrown::HashMap;
use sea_orm::prelude::{Expr, Uuid};
use sea_orm::{ColumnTrait as _, EntityTrait as _, FromQueryResult, QueryFilter as _, Statement, Value};

use super::certificates;
use super::entity::{session, token_secret};
use super::holdings::{self, Stamps};
use super::rules::{self, Rules};
use super::{AccessError, horizon, keys};
use crate::db::Db;
use crate::kernel::ids::{AccountId, PersonId, SessionId, TokenId};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx, Timestamp};

/// How often it is noted that somebody was seen.
const SEEN_EVERY_MS: i64 = 60_000;
const DAY_MS: i64 = 86_400_000;

/// What somebody must do before they may do anything else.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Must {
    /// Choose a new password: it is too old, or was ordered.
    ChangePassword,
    /// Enrol a second factor, which one of their roles asks for.
    EnrolSecondFactor,
}

impl Must {
    /// As whoever wants something else meanwhile is told.
    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::ChangePassword => "须先设置新密码，再办理其他事项",
            Self::EnrolSecondFactor => "须先绑定动态验证码，再办理其他事项",
        }
    }
}

/// By which door somebody came in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Door {
    /// Signed in, with a cookie.
    Session(SessionId),
    /// A device, with a token.
    Token(TokenId),
    /// A client certificate.
    Certificate,
}

/// Whoever asks.
#[derive(Debug, Clone)]
pub struct Identity {
    /// What their commands run in: their person as actor, their grants as scope. The scope is empty while anything
    /// is in `must`.
    pub ctx: Ctx,
    /// The account.
    pub account: AccountId,
    /// What they sign in with.
    pub login: String,
    /// The person whose account it is.
    pub person: Option<PersonId>,
    /// The session, when they came by one.
    pub session: Option<SessionId>,
    /// By which door they came in.
    pub door: Door,
    /// What a form must carry back; follows from the session, is kept nowhere.
    pub csrf: String,
    /// What they must do first.
    pub must: Vec<Must>,
    /// It is time to note that they were seen: call [`seen`] (a write) beside the request. Without it a session
    /// idles out although it is in use.
    pub note_seen: bool,
}

/// Who a session's cookie belongs to; `None` when it is unknown, ended, idle for too long or too old.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_session(db: &Db, base: &Ctx, token: &str) -> Result<Option<Identity>, AccessError> {
    const FROM: &str = "s.id, s.last_seen_at, s.idle_ms, s.expires_at, '' AS actions FROM sessions s \
        JOIN accounts a ON a.id = s.account_id JOIN account_secrets k ON k.account_id = a.id \
        JOIN people p ON p.id = a.person_id \
        WHERE s.token_hash = $1 AND s.ended_at IS NULL AND a.state = 'active' AND p.active";
    let Some(found) = find_by_secret(db, FROM, token).await? else { return Ok(None) };
    let latest = found.latest.max(base.now());
    let idle = latest.0 - found.last_seen_at.0 > found.idle_ms;
    if idle || latest >= found.expires_at || horizon::went_back(base.now(), found.latest) {
        return Ok(None);
    }
    Ok(Some(found.identity(db, base, Door::Session(SessionId(found.id))).await?))
}

/// Who a device's token acts for, within the token's scope and never beyond what its owner may do now. Nothing is
/// noted here: see [`Identity::note_seen`].
///
/// # Errors
/// When the database cannot be read.
pub async fn by_token(db: &Db, base: &Ctx, token: &str, _address: &str) -> Result<Option<Identity>, AccessError> {
    const FROM: &str = "t.id, s.last_used_at AS last_seen_at, CAST(0 AS BIGINT) AS idle_ms, t.expires_at, t.actions \
        FROM api_token_secrets s JOIN api_tokens t ON t.id = s.token_id \
        JOIN accounts a ON a.id = t.account_id JOIN account_secrets k ON k.account_id = a.id \
        JOIN people p ON p.id = a.person_id \
        WHERE s.token_hash = $1 AND t.revoked_at IS NULL AND a.state = 'active' AND p.active";
    let Some(found) = find_by_secret(db, FROM, token).await? else { return Ok(None) };
    if found.latest.max(base.now()) >= found.expires_at {
        return Ok(None);
    }
    Ok(Some(found.identity(db, base, Door::Token(TokenId(found.id))).await?))
}

/// Whose client certificate it is, by the ID number in it. The certificate and the PIN of its key are two factors; a new
/// password that was ordered is still asked for first.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_certificate(db: &Db, base: &Ctx, id_number: &str) -> Result<Option<Identity>, AccessError> {
    const FROM: &str = "a.id, CAST(0 AS BIGINT) AS last_seen_at, CAST(0 AS BIGINT) AS idle_ms, \
        CAST(0 AS BIGINT) AS expires_at, '' AS actions FROM id_links l \
        JOIN accounts a ON a.person_id = l.person_id JOIN account_secrets k ON k.account_id = a.id \
        JOIN people p ON p.id = a.person_id WHERE l.id_hash = $1 AND a.state = 'active' AND p.active";
    let Some(hash) = certificates::hash(db, id_number).await? else { return Ok(None) };
    let Some(found) = find(db, FROM, hash).await? else { return Ok(None) };
    Ok(Some(found.identity(db, base, Door::Certificate).await?))
}

/// Notes that they were seen now, from this address. A write: at most once a minute a session or token, as
/// [`Identity::note_seen`] says.
///
/// # Errors
/// When the database refuses.
pub async fn seen(db: &Db, base: &Ctx, door: Door, address: &str) -> Result<(), AccessError> {
    let now = base.now();
    db.write(async |tx| {
        horizon::note(tx, base).await?;
        match door {
            Door::Session(id) => {
                session::Entity::update_many()
                    .col_expr(session::Column::LastSeenAt, Expr::value(now.0))
                    .filter(session::Column::Id.eq(id))
                    .filter(session::Column::LastSeenAt.lt(now))
                    .exec(tx)
                    .await?;
            }
            Door::Token(id) => {
                token_secret::Entity::update_many()
                    .col_expr(token_secret::Column::LastUsedAt, Expr::value(now.0))
                    .col_expr(token_secret::Column::LastAddress, Expr::value(short(address)))
                    .filter(token_secret::Column::TokenId.eq(id))
                    .exec(tx)
                    .await?;
            }
            Door::Certificate => {}
        }
        Ok(())
    })
    .await
}

/// What a stranger wrote, short enough to keep and with nothing in it that a log or PostgreSQL chokes on.
pub(crate) fn short(text: &str) -> String {
    text.chars().filter(|c| !c.is_control()).take(200).collect()
}

/// A session, token or link with the account behind it.
#[derive(Debug, FromQueryResult)]
struct Found {
    id: Uuid,
    last_seen_at: Timestamp,
    idle_ms: i64,
    expires_at: Timestamp,
    actions: String,
    account_id: AccountId,
    login: String,
    person_id: PersonId,
    must_change: bool,
    password_set_at: Timestamp,
    enrolled: i64,
    rule_count: i64,
    unit_stamp: i64,
    grant_stamp: i64,
    latest: Timestamp,
}

async fn find_by_secret(db: &Db, from: &str, secret: &str) -> Result<Option<Found>, AccessError> {
    // Ours have 43 characters; a longer one is not worth hashing.
    if secret.len() > 128 {
        return Ok(None);
    }
    find(db, from, keys::hash_of(secret)).await
}

async fn find(db: &Db, from: &str, hash: String) -> Result<Option<Found>, AccessError> {
    let sql = format!(
        "SELECT a.id AS account_id, a.login, a.person_id, k.must_change, k.password_set_at, \
         CAST(CASE WHEN k.totp_secret IS NULL THEN 0 ELSE 1 END AS BIGINT) AS enrolled, \
         (SELECT COUNT(*) FROM dated_rules) AS rule_count, \
         (SELECT CAST(COUNT(*) * 1000000 + COALESCE(SUM(version), 0) AS BIGINT) FROM units) AS unit_stamp, \
         (SELECT CAST(COUNT(*) * 1000000 + COALESCE(SUM(version), 0) AS BIGINT) FROM grants \
          WHERE account_id = a.id) AS grant_stamp, \
         COALESCE((SELECT made_at FROM access_secrets WHERE name = 'clock'), 0) AS latest, {from}"
    );
    let statement = Statement::from_sql_and_values(db.read().get_database_backend(), sql, [Value::from(hash)]);
    Ok(Found::find_by_statement(statement).one(db.read()).await?)
}

impl Found {
    async fn identity(&self, db: &Db, base: &Ctx, door: Door) -> Result<Identity, AccessError> {
        let (now, latest) = (base.now(), self.latest.max(base.now()));
        let stamps = Stamps { units: self.unit_stamp, grants: self.grant_stamp };
        let holdings = holdings::now(db, self.account_id, stamps, now, latest).await?;
        let by_certificate = door == Door::Certificate;
        let state = Credentials {
            must_change: self.must_change,
            // A password that is not used does not wear out.
            password_set_at: if by_certificate { now } else { self.password_set_at },
            enrolled: by_certificate || self.enrolled != 0,
        };
        let must = state.must(&*rules::kept(db, self.rule_count).await?, &holdings.roles, now);
        let scope = match door {
            _ if !must.is_empty() => Scope::Rights(Arc::default()),
            Door::Token(_) => narrowed(&holdings.scope, &self.actions),
            Door::Session(_) | Door::Certificate => holdings.scope.clone(),
        };
        let session = if let Door::Session(id) = door { Some(id) } else { None };
        let csrf_of = match door {
            Door::Session(id) => format!("session:{id}"),
            Door::Token(id) => format!("token:{id}"),
            Door::Certificate => format!("account:{}", self.account_id),
        };
        Ok(Identity {
            ctx: base.acting_as(Actor::Person(self.person_id), scope),
            account: self.account_id,
            login: self.login.clone(),
            person: Some(self.person_id),
            session,
            door,
            csrf: keys::csrf(db, &csrf_of).await?,
            must,
            note_seen: door != Door::Certificate && now.0 - self.last_seen_at.0 >= SEEN_EVERY_MS,
        })
    }
}

/// What decides whether somebody must see to their credentials first.
pub(crate) struct Credentials {
    pub(crate) must_change: bool,
    pub(crate) password_set_at: Timestamp,
    pub(crate) enrolled: bool,
}

impl Credentials {
    pub(crate) fn must(&self, rules: &Rules, roles: &[super::Role], now: Timestamp) -> Vec<Must> {
        let days = rules.number(rules::PASSWORD_MAX_AGE_DAYS, now, 90);
        let too_old = days > 0 && now.0 - self.password_set_at.0 > days * DAY_MS;
        let mut must = Vec::new();
        if self.must_change || too_old {
            must.push(Must::ChangePassword);
        }
        if !self.enrolled && rules.need_second_factor(roles, now) {
            must.push(Must::EnrolSecondFactor);
        }
        must
    }
}

/// Only these actions, each as far as its owner's right reaches now: what a token was given and its owner may not do
/// is not there.
fn narrowed(scope: &Scope, actions: &str) -> Scope {
    let Scope::Rights(rights) = scope else { return Scope::Rights(Arc::default()) };
    let named = |action: &str| actions.split(',').any(|name| name == action);
    let kept: HashMap<&'static str, _> =
        rights.iter().filter(|(action, _)| named(action)).map(|(action, reach)| (*action, reach.clone())).collect();
    Scope::Rights(Arc::new(kept))
}
