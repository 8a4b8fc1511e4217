//! Tokens of devices: a scanner, a label printer, another program. One acts for the account that owns it, within the
//! actions it was given, and never beyond what its owner may do at that moment.
//!
//! The security administrator issues a token; its owner takes the secret, once. Whoever gives the right never has the
//! secret, and whoever has the secret gave themselves nothing.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{token, token_secret};
use super::holdings::{self, Holdings, Tree};
use super::identity::Identity;
use super::matrix::Action;
use super::rules::{self, check_text};
use super::{AccessError, Forbidden, accounts, keys, permit};
use crate::db::{Db, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{AccountId, TokenId};
use crate::kernel::rights::Reach;
use crate::kernel::{Actor, Ctx, Timestamp};

/// What every token begins with, so that one that leaked is known for what it is.
pub const PREFIX: &str = "hufu_";
/// Characters of a token that lists show.
const SHOWN: usize = 12;
const DAY_MS: i64 = 86_400_000;

/// A token to be issued.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewToken {
    /// What device it is for.
    pub name: String,
    /// For whom it acts.
    pub account: AccountId,
    /// What it may do: some of what its owner may.
    pub actions: Vec<Action>,
    /// When it ends; no later than the rule [`rules::TOKEN_MAX_DAYS`] lets.
    pub expires_at: Timestamp,
}

/// Issues a token; its secret is still to be taken by its owner ([`claim`]).
///
/// # Errors
/// [`AccessError::Forbidden`], also to whoever would issue one for themselves, or with more than its owner may do;
/// [`AccessError::Invalid`].
pub async fn issue(db: &Db, ctx: &Ctx, new: NewToken) -> Result<token::Model, AccessError> {
    permit(ctx, Action::TokensWrite, None)?;
    let name = new.name.trim();
    check_text("name", name, 1, 100)?;
    let rules = rules::current(db).await?;
    let (now, days) = (ctx.now(), rules.number(rules::TOKEN_MAX_DAYS, ctx.now(), 365));
    if new.expires_at <= now || new.expires_at.0 > now.0.saturating_add(days * DAY_MS) {
        return Err(AccessError::invalid("expires_at", format!("须在今后 {days} 天之内")));
    }
    db.write(async |tx| {
        let account = accounts::open(tx, new.account).await?;
        if ctx.person() == Some(account.person_id) {
            return Err(Forbidden::SamePerson("不能给本人签发令牌，请由另一名安全管理员办理").into());
        }
        let row = token::Model {
            id: ctx.new_id(),
            name: name.to_owned(),
            account_id: account.id,
            actions: allowed(tx, ctx, &new).await?,
            prefix: String::new(),
            issued_by: ctx.actor.to_string(),
            issued_at: now,
            expires_at: new.expires_at,
            revoked_at: None,
            version: 1,
        };
        token::Entity::insert(row.clone().into_active_model()).exec_without_returning(tx).await?;
        record(tx, ctx, "access.issue_token", &row).await?;
        Ok(row)
    })
    .await
}

/// The names of the actions, if its owner may do every one of them somewhere and devices may at all.
async fn allowed(tx: &Tx, ctx: &Ctx, new: &NewToken) -> Result<String, AccessError> {
    if new.actions.is_empty() {
        return Err(AccessError::invalid("actions", "请至少选择一项操作"));
    }
    let grants = holdings::grants_of(tx, new.account).await?;
    let held = Holdings::of(&grants, &Tree::load(tx).await?, ctx.now(), ctx.now());
    let mut names: Vec<&str> = Vec::new();
    for action in &new.actions {
        if !action.is_for_devices() {
            return Err(AccessError::invalid("actions", format!("“{}”须本人办理，不能交给设备", action.zh())));
        }
        if held.scope.reach(action.name()) == Reach::Nowhere {
            return Err(AccessError::invalid("actions", format!("此账号没有“{}”的权限", action.zh())));
        }
        names.push(action.name());
    }
    names.sort_unstable();
    names.dedup();
    Ok(names.join(","))
}

/// Takes the secret of one's own token, once; it is known only now.
///
/// # Errors
/// [`AccessError::NeedsSession`]; [`AccessError::NotFound`] when it is not theirs; [`AccessError::Conflict`] when it
/// was taken, revoked or ran out.
pub async fn claim(db: &Db, me: &Identity, id: TokenId) -> Result<(token::Model, String), AccessError> {
    if me.session.is_none() || !me.must.is_empty() {
        return Err(AccessError::NeedsSession);
    }
    db.write(async |tx| {
        let row = by_id(tx, id).await?;
        if row.account_id != me.account {
            return Err(AccessError::NotFound("这个令牌"));
        }
        hand_out(tx, &me.ctx, row).await
    })
    .await
}

/// The same for whoever sits at the machine.
///
/// # Errors
/// As [`claim`]; [`AccessError::NeedsSession`] to everybody else.
pub async fn claim_here(db: &Db, ctx: &Ctx, id: TokenId) -> Result<(token::Model, String), AccessError> {
    if !matches!(ctx.actor, Actor::Local(_)) {
        return Err(AccessError::NeedsSession);
    }
    db.write(async |tx| hand_out(tx, ctx, by_id(tx, id).await?).await).await
}

async fn hand_out(tx: &Tx, ctx: &Ctx, row: token::Model) -> Result<(token::Model, String), AccessError> {
    if !row.prefix.is_empty() || row.revoked_at.is_some() || row.expires_at <= ctx.now() {
        return Err(AccessError::Conflict("这个令牌已领取、吊销或过期".to_owned()));
    }
    let secret = format!("{PREFIX}{}", keys::new_secret(ctx));
    let prefix = secret.chars().take(SHOWN).collect();
    let after = token::Model { prefix, version: row.version + 1, ..row };
    after.clone().into_active_model().reset_all().update(tx).await?;
    let kept = token_secret::Model {
        token_id: after.id,
        token_hash: keys::hash_of(&secret),
        last_used_at: Timestamp(0),
        last_address: String::new(),
    };
    token_secret::Entity::insert(kept.into_active_model()).exec_without_returning(tx).await?;
    record(tx, ctx, "access.claim_token", &after).await?;
    Ok((after, secret))
}

/// Ends a token: its owner may, and the security administrator.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::NotFound`]; [`AccessError::Conflict`] when it is over.
pub async fn revoke(db: &Db, ctx: &Ctx, id: TokenId) -> Result<token::Model, AccessError> {
    db.write(async |tx| {
        let row = by_id(tx, id).await?;
        let owner = accounts::by_id(tx, row.account_id).await?.person_id;
        if ctx.person() != Some(owner) {
            permit(ctx, Action::TokensWrite, None)?;
        }
        if row.revoked_at.is_some() {
            return Err(AccessError::Conflict("这个令牌已吊销".to_owned()));
        }
        let after = token::Model { revoked_at: Some(ctx.now()), version: row.version + 1, ..row };
        after.clone().into_active_model().reset_all().update(tx).await?;
        record(tx, ctx, "access.revoke_token", &after).await?;
        Ok(after)
    })
    .await
}

/// Tokens, the last issued first: everybody's for those who see to accounts.
///
/// # Errors
/// [`AccessError::Forbidden`].
pub async fn list(db: &Db, ctx: &Ctx, of: Option<AccountId>) -> Result<Vec<token::Model>, AccessError> {
    permit(ctx, Action::AccountsRead, None)?;
    find(db, of).await
}

/// One's own tokens.
///
/// # Errors
/// When the database cannot be read.
pub async fn mine(db: &Db, me: &Identity) -> Result<Vec<token::Model>, AccessError> {
    find(db, Some(me.account)).await
}

async fn find(db: &Db, of: Option<AccountId>) -> Result<Vec<token::Model>, AccessError> {
    let mut find = token::Entity::find().order_by_desc(token::Column::IssuedAt).order_by_desc(token::Column::Id);
    if let Some(account) = of {
        find = find.filter(token::Column::AccountId.eq(account));
    }
    Ok(find.all(db.read()).await?)
}

async fn by_id(tx: &Tx, id: TokenId) -> Result<token::Model, AccessError> {
    token::Entity::find_by_id(id).one(tx).await?.ok_or(AccessError::NotFound("这个令牌"))
}

async fn record(tx: &Tx, ctx: &Ctx, action: &'static str, row: &token::Model) -> Result<(), AccessError> {
    let payload =
        json!({ "name": row.name, "account": row.account_id, "actions": row.actions, "expires_at": row.expires_at });
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.id.to_string(), unit: None, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
