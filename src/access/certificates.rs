//! Client certificates: the person is found by the ID number (GB 11643) in the certificate, of which only a keyed hash
//! is kept. Without the key nobody can try the numbers of everybody born in a year.

use std::borrow::Cow;

use chrono::NaiveDate;
use sea_orm::{ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::id_link;
use super::matrix::Action;
use super::{AccessError, Identity, accounts, co_signing, keys, permit, sessions};
use crate::db::{Db, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person;

/// Weights of the first seventeen digits.
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The check character by the remainder.
const CHECKS: &[u8; 11] = b"10X98765432";

/// An ID number of 18 characters as one compares it, if its date and its check character are right.
#[must_use]
pub fn read_id_number(written: &str) -> Option<Cow<'_, str>> {
    let number = key(written);
    let bytes = number.as_bytes();
    let (digits, check) = (bytes.get(..17)?, bytes.get(17)?);
    if bytes.len() != 18 || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    NaiveDate::parse_from_str(number.get(6..14)?, "%Y%m%d").ok()?;
    let sum: u32 = digits.iter().zip(WEIGHTS).map(|(digit, weight)| u32::from(digit - b'0') * weight).sum();
    let expected = CHECKS.get(usize::try_from(sum % 11).ok()?)?;
    (expected == check).then_some(number)
}

/// The hash an ID number is found by; `None` when it is none, or nobody was ever linked.
pub(crate) async fn hash(db: &Db, id_number: &str) -> Result<Option<String>, AccessError> {
    let Some(number) = read_id_number(id_number) else { return Ok(None) };
    let key = keys::read(db.read(), keys::ID_NUMBERS).await?;
    Ok(key.map(|row| keys::keyed(&row.value, "id_number", &number)))
}

/// Says that the certificate with this ID number is this person's, in place of the one before. Every session of theirs
/// ends, and the entry names both who signed.
///
/// A certificate opens an account without its password. So everybody's takes a second administrator at the side
/// ([`Ctx::co_signer`]), and [`forget`] takes it away when the person is given an account or an administrator's role.
///
/// # Errors
/// [`AccessError::Forbidden`]; [`AccessError::Invalid`] when it is no ID number; [`AccessError::Conflict`] when it is
/// somebody else's.
pub async fn link_id_number(db: &Db, ctx: &Ctx, whose: PersonId, id_number: &str) -> Result<(), AccessError> {
    permit(ctx, Action::AccountsWrite, None)?;
    let number =
        read_id_number(id_number).ok_or(AccessError::invalid("id_number", "身份证号码有误，请核对 18 位号码"))?;
    db.write(async |tx| {
        let row = person::Entity::find_by_id(whose).one(tx).await?.filter(|person| person.active);
        let who = row.ok_or(AccessError::NotFound("这个人员"))?;
        co_signing::for_certificate(tx, ctx, whose).await?;
        let key = keys::key(tx, ctx, keys::ID_NUMBERS).await?;
        let id_hash = keys::keyed(&key, "id_number", &number);
        let taken = id_link::Entity::find().filter(id_link::Column::IdHash.eq(&id_hash)).one(tx).await?;
        if taken.is_some_and(|link| link.person_id != whose) {
            return Err(AccessError::Conflict("这个身份证号码已属于另一名人员".to_owned()));
        }
        id_link::Entity::delete_by_id(whose).exec(tx).await?;
        let link = id_link::Model { person_id: whose, id_hash, linked_at: ctx.now() };
        id_link::Entity::insert(link.into_active_model()).exec_without_returning(tx).await?;
        let account = accounts::open_account_of(tx, whose).await?;
        let ended = match &account {
            Some(account) => sessions::end_all(tx, ctx, account.id, None, "certificate").await?,
            None => 0,
        };
        let payload = json!({ "account": account.map(|row| row.id), "sessions_ended": ended });
        record(tx, ctx, "access.link_id_number", whose, Some(who.unit_id), payload).await
    })
    .await
}

/// Since when a client certificate opens one's account; `None`: none does.
///
/// # Errors
/// When the database cannot be read.
pub async fn linked_since(db: &Db, me: &Identity) -> Result<Option<Timestamp>, AccessError> {
    let Some(person) = me.person else { return Ok(None) };
    Ok(id_link::Entity::find_by_id(person).one(db.read()).await?.map(|row| row.linked_at))
}

/// Takes away the certificate that was confirmed for somebody who could do less than they may from now on.
pub(crate) async fn forget(tx: &Tx, ctx: &Ctx, whose: PersonId) -> Result<(), AccessError> {
    if id_link::Entity::delete_by_id(whose).exec(tx).await?.rows_affected == 0 {
        return Ok(());
    }
    record(tx, ctx, "access.forget_id_number", whose, None, json!({})).await
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    whose: PersonId,
    unit: Option<UnitId>,
    payload: serde_json::Value,
) -> Result<(), AccessError> {
    let entry = Entry { action, subject: whose.to_string(), unit, payload, rows: RowsDigest::new(ctx) };
    Ok(journal::record(tx, ctx, entry).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_number_must_add_up() {
        assert_eq!(read_id_number("11010519491231002x").as_deref(), Some("11010519491231002X"));
        assert_eq!(read_id_number("１１０１０５１９４９１２３１００２Ｘ").as_deref(), Some("11010519491231002X"));
        for wrong in [
            "",
            "110105194912310021",
            "11010519491331002X",
            "1101051949123100",
            "11010519491231002X1",
            "身份证",
            "1101051949123100\u{0}X",
        ] {
            assert_eq!(read_id_number(wrong), None, "{wrong}");
        }
    }
}
