//! Nobody leaves before they handed over: what a person still answers for is named, room by room.
//!
//! This room knows accounts and places only. What else somebody may hold — things, sheets, arms — the rooms above say by
//! a [`Check`] each; `crate::handover` has the list.

use std::pin::Pin;

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::matrix::Action;
use super::{AccessError, Forbidden, accounts, co_signing, permit};
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::PersonId;
use crate::org::entity::{person, place};

/// What a room found open, each a phrase as `资产 2 件：XL-0001、XL-0002`; nothing when all was handed over.
pub type Open<'a> = Pin<Box<dyn Future<Output = Result<Vec<String>, DbError>> + 'a>>;
/// Asks a room what a person still answers for.
pub type Check = for<'a> fn(&'a Tx, PersonId) -> Open<'a>;

/// Names of a few, and how many there are: `资产 12 件：A、B、C 等`; nothing when there are none.
#[must_use]
pub fn phrase(what: &str, measure: &str, names: &[String]) -> Option<String> {
    const NAMED: usize = 5;
    if names.is_empty() {
        return None;
    }
    let few = names.iter().take(NAMED).map(String::as_str).collect::<Vec<_>>().join("、");
    let more = if names.len() > NAMED { " 等" } else { "" };
    Some(format!("{what} {} {measure}：{few}{more}", names.len()))
}

/// Closes a person: they leave the list, their account is closed, its sessions, tokens and grants end.
///
/// # Errors
/// [`AccessError::HandoverFirst`] names what is open; [`AccessError::Forbidden`], also to whoever would close
/// themselves; [`AccessError::NotFound`]; [`AccessError::Conflict`] when they left already.
pub async fn close_person(db: &Db, ctx: &Ctx, whose: PersonId, checks: &[Check]) -> Result<person::Model, AccessError> {
    permit(ctx, Action::PersonClose, None)?;
    if ctx.person() == Some(whose) {
        return Err(Forbidden::SamePerson("不能为本人办理离岗").into());
    }
    db.write(async |tx| {
        let row = person::Entity::find_by_id(whose).one(tx).await?.ok_or(AccessError::NotFound("这个人员"))?;
        if !row.active {
            return Err(AccessError::Conflict(format!("{}已离岗", row.name)));
        }
        let open = still_open(tx, whose, checks).await?;
        if !open.is_empty() {
            return Err(AccessError::HandoverFirst(open));
        }
        if let Some(account) = accounts::open_account_of(tx, whose).await? {
            co_signing::for_administrator(tx, ctx, &account).await?;
            accounts::close_in(tx, ctx, account).await?;
        }
        let after = person::Model { active: false, version: row.version + 1, ..row };
        after.clone().into_active_model().reset_all().update(tx).await?;
        let entry = Entry {
            action: "org.close_person",
            subject: whose.to_string(),
            unit: Some(after.unit_id),
            payload: json!({ "name": after.name, "badge_number": after.badge_number }),
            rows: RowsDigest::new(ctx).with(&after),
        };
        journal::record(tx, ctx, entry).await?;
        Ok(after)
    })
    .await
}

/// What a person still answers for, each a phrase.
///
/// # Errors
/// When the database cannot be read.
pub async fn still_open(tx: &Tx, whose: PersonId, checks: &[Check]) -> Result<Vec<String>, DbError> {
    let mut open = places_kept(tx, whose).await?;
    for check in checks {
        open.extend(check(tx, whose).await?);
    }
    Ok(open)
}

async fn places_kept(tx: &Tx, whose: PersonId) -> Result<Vec<String>, DbError> {
    let kept = place::Entity::find().filter(place::Column::KeeperId.eq(whose)).filter(place::Column::Active.eq(true));
    let names: Vec<String> = kept.all(tx).await?.into_iter().map(|row| row.name).collect();
    Ok(phrase("地点", "处", &names).into_iter().collect())
}
