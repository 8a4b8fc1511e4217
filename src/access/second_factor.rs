//! The second factor: a time-based code (RFC 6238) from a phone, and recovery codes for when the phone is gone.
//!
//! A code is taken once: the step it belongs to is kept, and none at or before it is taken again, after a restart as
//! before, by whichever of two requests comes first.

use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Set, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde_json::json;
use totp_rs::{Builder, Secret, Totp};

use super::entity::{recovery_code, secret};
use super::identity::Identity;
use super::{AccessError, keys, sessions, sign_in};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::AccountId;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};

/// What the phone shows the account under.
const ISSUER: &str = "Hufu";
/// How long a code is shown: the library's, and every phone's.
const STEP_MS: i64 = 30_000;
/// Recovery codes given at once.
const RECOVERY_CODES: usize = 10;
/// Their alphabet: Crockford's, without what is mistaken for something else. 12 of them are 60 bits.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// What a phone needs to begin.
#[derive(Clone, PartialEq, Eq)]
pub struct Enrolment {
    /// Base-32, to type in.
    pub secret: String,
    /// `otpauth://…`, to show as a QR code.
    pub url: String,
}

impl std::fmt::Debug for Enrolment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Enrolment(…)")
    }
}

/// What was shown beside the password.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Shown {
    /// The account has no second factor.
    Nothing,
    /// A code from the phone.
    Code,
    /// A recovery code.
    Recovery,
}

impl Shown {
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Nothing => "none",
            Self::Code => "totp",
            Self::Recovery => "recovery_code",
        }
    }
}

fn totp(secret: Secret, login: &str) -> Result<Totp, AccessError> {
    // A colon would end the issuer in the address.
    let name = login.replace(':', "_");
    Builder::new()
        .with_secret(secret)
        .with_account_name(name)
        .with_issuer(Some(ISSUER))
        .build()
        .map_err(|_| AccessError::Hash)
}

/// The step a code belongs to, if it is one of the present step or its neighbours (a phone may be half a minute off).
fn step_of(base32: &str, code: &str, ctx: &Ctx) -> Option<i64> {
    let code: String = key(code).into_owned();
    if code.len() != 6 || !code.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let secret = Secret::try_from_base32(base32).ok()?;
    let seconds = u64::try_from(ctx.now().0 / 1000).ok()?;
    let step = totp(secret, "x").ok()?.check(&code, seconds)?;
    i64::try_from(step).ok()
}

/// The newest step whose code could have been taken by now.
pub(crate) const fn newest_step(now: Timestamp) -> i64 {
    now.0.div_euclid(STEP_MS) + 1
}

/// Takes a code from the phone or a recovery code, once.
pub(crate) async fn accept(
    tx: &Tx,
    base: &Ctx,
    held: &secret::Model,
    code: &str,
) -> Result<Option<Shown>, AccessError> {
    let Some(base32) = &held.totp_secret else { return Ok(None) };
    if let Some(step) = step_of(base32, code, base) {
        if step <= held.totp_last_step {
            return Ok(None);
        }
        save(tx, secret::Model { totp_last_step: step, ..held.clone() }).await?;
        return Ok(Some(Shown::Code));
    }
    let code_hash = keys::hash_of(&format!("{}:{}", held.account_id, plain(code)));
    let fits = recovery_code::Entity::find()
        .filter(recovery_code::Column::AccountId.eq(held.account_id))
        .filter(recovery_code::Column::CodeHash.eq(code_hash))
        .filter(recovery_code::Column::UsedAt.is_null());
    let Some(row) = fits.one(tx).await? else { return Ok(None) };
    recovery_code::ActiveModel { id: Set(row.id), used_at: Set(Some(base.now())), ..Default::default() }
        .update(tx)
        .await?;
    Ok(Some(Shown::Recovery))
}

/// A recovery code as one compares it: no dashes, `O` for zero and `I`, `L` for one forgiven.
fn plain(code: &str) -> String {
    key(code)
        .chars()
        .take(64)
        .filter(|c| c.is_ascii_alphanumeric())
        .map(|c| match c {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// Saves secrets as changed since they were read in this transaction.
pub(crate) async fn save(tx: &Tx, row: secret::Model) -> Result<secret::Model, AccessError> {
    let before = row.version;
    let after = secret::Model { version: before + 1, ..row };
    let update = secret::Entity::update_many()
        .set(after.clone().into_active_model().reset_all())
        .filter(secret::Column::AccountId.eq(after.account_id))
        .filter(secret::Column::Version.eq(before));
    if update.exec(tx).await?.rows_affected != 1 {
        return Err(DbError::Stale.into());
    }
    Ok(after)
}

/// Begins to enrol a second factor; nothing changes until [`confirm_second_factor`]. Only whoever has the password may:
/// a stolen session cannot bind its own phone.
///
/// # Errors
/// [`AccessError::NeedsSession`] for a device; [`AccessError::WrongCredentials`].
pub async fn enrol_second_factor(db: &Db, me: &Identity, password: &str) -> Result<Enrolment, AccessError> {
    me.session.ok_or(AccessError::NeedsSession)?;
    sign_in::prove_again(db, me, password).await?;
    let fresh = Secret::new_stack(keys::random_bytes::<20>(&me.ctx));
    let base32 = fresh.to_base32();
    let url = totp(fresh, &me.login)?.to_url().map_err(|_| AccessError::Hash)?;
    db.write(async |tx| {
        let held = of(tx, me.account).await?;
        save(tx, secret::Model { totp_pending: Some(base32.clone()), ..held }).await?;
        record(tx, me, "access.enrol_second_factor").await
    })
    .await?;
    Ok(Enrolment { secret: base32, url })
}

/// Confirms it with a code from the phone; gives the recovery codes, which are shown only now. Codes given before are
/// void, and every other session of theirs ends.
///
/// # Errors
/// [`AccessError::CodeWrong`]; [`AccessError::Conflict`] when nothing was begun.
pub async fn confirm_second_factor(db: &Db, me: &Identity, code: &str) -> Result<Vec<String>, AccessError> {
    let session = me.session.ok_or(AccessError::NeedsSession)?;
    let codes: Vec<String> = (0..RECOVERY_CODES).map(|_| new_recovery_code(&me.ctx)).collect();
    db.write(async |tx| {
        let held = of(tx, me.account).await?;
        let pending = held.totp_pending.clone();
        let pending = pending.ok_or_else(|| AccessError::Conflict("请先申请绑定动态验证码".to_owned()))?;
        let step = step_of(&pending, code, &me.ctx).ok_or(AccessError::CodeWrong)?;
        save(tx, secret::Model { totp_secret: Some(pending), totp_pending: None, totp_last_step: step, ..held })
            .await?;
        forget_recovery_codes(tx, me.account).await?;
        for code in &codes {
            let code_hash = keys::hash_of(&format!("{}:{}", me.account, plain(code)));
            let row = recovery_code::Model { id: me.ctx.new_id(), account_id: me.account, code_hash, used_at: None };
            recovery_code::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
        }
        sessions::end_all(tx, &me.ctx, me.account, Some(session), "second_factor").await?;
        record(tx, me, "access.confirm_second_factor").await
    })
    .await?;
    Ok(codes)
}

fn new_recovery_code(ctx: &Ctx) -> String {
    let bytes = keys::random_bytes::<12>(ctx);
    let letter = |byte: &u8| char::from(ALPHABET[usize::from(byte % 32)]);
    let groups: Vec<String> = bytes.chunks(4).map(|group| group.iter().map(letter).collect()).collect();
    groups.join("-")
}

/// The secrets of an account.
pub(crate) async fn of(tx: &Tx, account: AccountId) -> Result<secret::Model, AccessError> {
    secret::Entity::find_by_id(account).one(tx).await?.ok_or(AccessError::NotFound("这个账号"))
}

/// Voids the recovery codes of an account.
pub(crate) async fn forget_recovery_codes(tx: &Tx, account: AccountId) -> Result<(), AccessError> {
    recovery_code::Entity::delete_many().filter(recovery_code::Column::AccountId.eq(account)).exec(tx).await?;
    Ok(())
}

async fn record(tx: &Tx, me: &Identity, action: &'static str) -> Result<(), AccessError> {
    let rows = RowsDigest::new(&me.ctx);
    let entry = Entry { action, subject: me.account.to_string(), unit: None, payload: json!({}), rows };
    Ok(journal::record(tx, &me.ctx, entry).await?)
}
