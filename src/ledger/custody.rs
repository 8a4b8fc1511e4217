//! What passing a controlled thing from hand to hand asks, whatever the thing: a gun over the counter of its store, the keys
//! of a store at the end of a shift, a digital certificate. Who takes part is there and still may; the clock goes on; what
//! should be back is told, and told to be settled once it is.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::LedgerError;
use crate::access::Action;
use crate::access::entity::account::{self, AccountState};
use crate::access::entity::grant;
use crate::access::matrix::roles_for;
use crate::db::{DbError, Tx};
use crate::findings::{EvidenceKind, Kind, opening};
use crate::journal::RowsDigest;
use crate::kernel::ids::{AccountId, PersonId};
use crate::kernel::{Ctx, Timestamp};
use crate::org::people;

/// For how long a signature counts, milliseconds.
pub(crate) const SIGNATURE_MS: i64 = 600_000;

/// The clock goes on: what comes after is not before what it comes after.
pub(crate) fn after(ctx: &Ctx, earlier: Timestamp) -> Result<Timestamp, LedgerError> {
    let now = ctx.now();
    if now >= earlier {
        return Ok(now);
    }
    let sentence = format!("系统时间 {now} 早于上一步的 {earlier}，请先校准时钟");
    Err(LedgerError::Conflict(sentence))
}

/// Whether a signature is of the last ten minutes; none is of the future.
pub(crate) fn is_fresh(ctx: &Ctx, signed_at: Timestamp) -> bool {
    (0..=SIGNATURE_MS).contains(&ctx.now().0.saturating_sub(signed_at.0))
}

/// Whether somebody who proved to be there is still with us, on an account that was not closed.
pub(crate) async fn is_with_us(tx: &Tx, person: PersonId, account: AccountId) -> Result<bool, DbError> {
    let open = account::Entity::find_by_id(account).one(tx).await?;
    let open = open.is_some_and(|row| row.state != AccountState::Closed && row.person_id == person);
    Ok(open && people::by_id(tx, person).await?.is_some_and(|person| person.active))
}

/// Whether they are, and in a role for it.
pub(crate) async fn may_still(
    tx: &Tx,
    ctx: &Ctx,
    person: PersonId,
    account: AccountId,
    action: Action,
) -> Result<bool, LedgerError> {
    if !is_with_us(tx, person, account).await? {
        return Ok(false);
    }
    let now = ctx.now();
    let grants = grant::Entity::find()
        .filter(grant::Column::AccountId.eq(account))
        .filter(grant::Column::Role.is_in(roles_for(action).iter().copied()))
        .filter(grant::Column::EndedAt.is_null())
        .all(tx)
        .await?;
    Ok(grants.iter().any(|row| row.valid_from <= now && row.valid_until.is_none_or(|end| now < end)))
}

/// What was told of these origins is settled, in these words.
pub(crate) async fn settle(
    tx: &Tx,
    ctx: &Ctx,
    (room, kind): (&str, Kind),
    origins: &[String],
    words: &str,
    rows: &mut RowsDigest,
) -> Result<(), DbError> {
    for finding in opening::of_origins(tx, room, kind, origins).await?.into_values() {
        opening::settle(tx, ctx, finding, (EvidenceKind::BookChange, words.to_owned()), rows).await?;
    }
    Ok(())
}
