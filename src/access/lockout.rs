//! Failed tries and the lock after too many. Tries count by the login as typed and the address, whether there is such an
//! account or not: a lock tells no stranger which logins there are.

use std::net::{IpAddr, Ipv6Addr};

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
};
use serde_json::json;

use super::entity::{account, tries};
use super::identity::short;
use super::rules::{self, Rules};
use super::{AccessError, keys};
use crate::db::Tx;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};

const MINUTE_MS: i64 = 60_000;
/// Under this name the failures with unknown logins are counted together.
const STRANGERS: &str = "*";
/// Failures with unknown logins that are written down in a minute; what goes beyond is counted, so that nobody fills
/// the disk by knocking.
const STRANGERS_A_MINUTE: i64 = 10;

/// So many times the tries from one address lock a login for every address.
const EVERYWHERE: i64 = 10;

/// Where somebody knocked from, and with what.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Knock<'a> {
    pub(crate) login: &'a str,
    pub(crate) address: &'a str,
    pub(crate) user_agent: &'a str,
    /// `sign_in`, `co_sign`, `password`: what the proof was for.
    pub(crate) purpose: &'static str,
}

/// The row of a login wherever it is tried from, and, behind it, the row of this address.
fn rows_of(knock: Knock<'_>) -> [String; 2] {
    let everywhere = row_of(knock.login);
    let here = format!("{everywhere}@{}", keys::hash_of(&network(knock.address)));
    [here, everywhere]
}

fn row_of(login: &str) -> String {
    keys::hash_of(&key(login))
}

/// A household has 2^64 addresses of the new kind: they count as one.
fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => Ipv6Addr::from(u128::from(address) & !u128::from(u64::MAX)).to_string(),
        _ => address.to_owned(),
    }
}

fn lock_ends(rules: &Rules, locked_at: Timestamp, now: Timestamp) -> Timestamp {
    Timestamp(locked_at.0 + rules.number(rules::SIGN_IN_LOCK_MINUTES, now, 15) * MINUTE_MS)
}

/// Until when the login is locked for this address, if it is: asked before a hash is computed, so that knocking on
/// costs us little.
pub(crate) async fn locked_until(
    db: &impl ConnectionTrait,
    rules: &Rules,
    knock: Knock<'_>,
    now: Timestamp,
) -> Result<Option<Timestamp>, AccessError> {
    let rows = tries::Entity::find().filter(tries::Column::LoginHash.is_in(rows_of(knock))).all(db).await?;
    Ok(latest_end(rules, &rows, now))
}

/// Until when the login is locked for some address: as whoever looks after accounts sees it.
pub(crate) async fn locked_anywhere(
    db: &impl ConnectionTrait,
    rules: &Rules,
    login: &str,
    now: Timestamp,
) -> Result<Option<Timestamp>, AccessError> {
    let rows = tries::Entity::find().filter(tries::Column::LoginHash.starts_with(row_of(login))).all(db).await?;
    Ok(latest_end(rules, &rows, now))
}

fn latest_end(rules: &Rules, rows: &[tries::Model], now: Timestamp) -> Option<Timestamp> {
    let begun = rows.iter().filter_map(|row| row.locked_at).filter(|at| *at <= now);
    begun.map(|at| lock_ends(rules, at, now)).filter(|end| now < *end).max()
}

/// The same in the transaction that decides. A lock from the future, of a clock that went back, begins anew now.
pub(crate) async fn check(tx: &Tx, rules: &Rules, knock: Knock<'_>, now: Timestamp) -> Result<(), AccessError> {
    let mut rows = tries::Entity::find().filter(tries::Column::LoginHash.is_in(rows_of(knock))).all(tx).await?;
    for row in &mut rows {
        if row.locked_at.is_some_and(|at| now < at) {
            row.locked_at = Some(now);
            row.clone().into_active_model().reset_all().update(tx).await?;
        }
    }
    latest_end(rules, &rows, now).map_or(Ok(()), |end| Err(AccessError::LockedUntil(end)))
}

/// Counts a failure, writes it down, and locks when it was one too many: soon for the address it came from, much later
/// for everybody, so that a stranger does not keep somebody from their own account.
pub(crate) async fn fail(
    tx: &Tx,
    base: &Ctx,
    rules: &Rules,
    knock: Knock<'_>,
    account: Option<&account::Model>,
) -> Result<AccessError, AccessError> {
    let now = base.now();
    let window = rules.number(rules::SIGN_IN_WINDOW_MINUTES, now, 15) * MINUTE_MS;
    forget_old(tx, rules, now, window).await?;
    let most = rules.number(rules::SIGN_IN_TRIES, now, 5);
    let [here, everywhere] = rows_of(knock);
    let (tries, locks_here) = count(tx, here, most, window, now).await?;
    let (_, locks_everywhere) = count(tx, everywhere, most * EVERYWHERE, window, now).await?;
    let locks = locks_here || locks_everywhere;
    write_down(tx, base, knock, account, tries, locks).await?;
    Ok(if locks { AccessError::LockedUntil(lock_ends(rules, now, now)) } else { AccessError::WrongCredentials })
}

/// One more failure in this row: how many, and whether that locks.
async fn count(tx: &Tx, name: String, most: i64, window: i64, now: Timestamp) -> Result<(i64, bool), AccessError> {
    let before = tries::Entity::find_by_id(&name).one(tx).await?;
    let counts = |row: &tries::Model| row.locked_at.is_none() && (0..=window).contains(&(now.0 - row.first_at.0));
    let (tries, first_at) = match before.filter(counts) {
        Some(row) => (row.tries + 1, row.first_at),
        None => (1, now),
    };
    let locks = tries >= most;
    put(tx, tries::Model { login_hash: name, tries, first_at, last_at: now, locked_at: locks.then_some(now) }).await?;
    Ok((tries, locks))
}

/// Forgets the failures of a login from this address: it proved itself there. Those from elsewhere stay.
pub(crate) async fn forget(tx: &Tx, knock: Knock<'_>) -> Result<(), AccessError> {
    let [here, _] = rows_of(knock);
    tries::Entity::delete_by_id(here).exec(tx).await?;
    Ok(())
}

/// Forgets every failure of a login: it was unlocked, or its owner has a new password.
pub(crate) async fn forget_all(tx: &Tx, login: &str) -> Result<(), AccessError> {
    tries::Entity::delete_many().filter(tries::Column::LoginHash.starts_with(row_of(login))).exec(tx).await?;
    Ok(())
}

async fn put(tx: &Tx, row: tries::Model) -> Result<(), AccessError> {
    tries::Entity::delete_by_id(&row.login_hash).exec(tx).await?;
    tries::Entity::insert(row.into_active_model()).exec_without_returning(tx).await?;
    Ok(())
}

async fn forget_old(tx: &Tx, rules: &Rules, now: Timestamp, window: i64) -> Result<(), AccessError> {
    let lock = rules.number(rules::SIGN_IN_LOCK_MINUTES, now, 15) * MINUTE_MS;
    let long_ago = Timestamp(now.0 - window.max(lock));
    tries::Entity::delete_many().filter(tries::Column::LastAt.lt(long_ago)).exec(tx).await?;
    Ok(())
}

/// A known account's failures are bounded by its lock; strangers' by the minute. What a stranger typed as login is not
/// kept: it may be a password in the wrong box.
async fn write_down(
    tx: &Tx,
    base: &Ctx,
    knock: Knock<'_>,
    account: Option<&account::Model>,
    tries: i64,
    locked: bool,
) -> Result<(), AccessError> {
    let mut payload = json!({
        "purpose": knock.purpose, "address": short(knock.address), "user_agent": short(knock.user_agent),
        "tries": tries, "locked": locked,
    });
    let subject = match account {
        Some(account) => account.id.to_string(),
        None => {
            let Some(left_out) = count_stranger(tx, base.now()).await? else { return Ok(()) };
            payload["left_out_before"] = left_out.into();
            "unknown".to_owned()
        }
    };
    let entry = Entry { action: "access.sign_in_failed", subject, unit: None, payload, rows: RowsDigest::new(base) };
    Ok(journal::record(tx, base, entry).await?)
}

/// `None`: enough were written down this minute. Else how many of the minute before were not.
async fn count_stranger(tx: &Tx, now: Timestamp) -> Result<Option<i64>, AccessError> {
    let row = tries::Entity::find_by_id(STRANGERS).one(tx).await?;
    let this_minute = |row: &tries::Model| (0..MINUTE_MS).contains(&(now.0 - row.first_at.0));
    let (tries, first_at, left_out) = match row {
        Some(row) if this_minute(&row) => (row.tries + 1, row.first_at, 0),
        Some(row) => (1, now, (row.tries - STRANGERS_A_MINUTE).max(0)),
        None => (1, now, 0),
    };
    put(tx, tries::Model { login_hash: STRANGERS.to_owned(), tries, first_at, last_at: now, locked_at: None }).await?;
    Ok((tries <= STRANGERS_A_MINUTE).then_some(left_out))
}
