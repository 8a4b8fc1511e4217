//! What must hold before a gun may change hands, asked wherever it could have changed since; and how the rows are written.

use sea_orm::EntityTrait as _;
use serde_json::json;

use super::entity::{act, draw, signature};
use super::model::{Deed, Refusal, State};
use super::store::{self, as_it_is};
use crate::access::rules::Rules;
use crate::access::{Action, Forbidden, permit};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::db::saving::save;
use crate::db::{DbError, Tx};
use crate::firearms::ArmsError;
use crate::firearms::officers::{OTHERWISE_RESULT_DAYS, RESULT_DAYS};
use crate::firearms::store as registry;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
pub(crate) use crate::ledger::custody::{after, is_fresh, may_still};
use crate::org::people;

pub(super) fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

pub(super) async fn put(tx: &Tx, row: draw::Model) -> Result<draw::Model, ArmsError> {
    Ok(save!(tx, draw, id, Id, row))
}

pub(super) async fn put_act(tx: &Tx, row: act::Model) -> Result<act::Model, ArmsError> {
    Ok(save!(tx, act, id, Id, row))
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &draw::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// The draw of this number as its chain has left it, written down.
pub(super) async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<draw::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?.row;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    settle(tx, ctx, row).await
}

/// Writes down what the chain has said of a draw since.
pub(super) async fn settle(tx: &Tx, ctx: &Ctx, row: draw::Model) -> Result<draw::Model, ArmsError> {
    let said = request::Entity::find_by_id(row.approval_id).one(tx).await?.map(|request| request.state);
    let state = as_it_is(row.state, said);
    if state == row.state {
        return Ok(row);
    }
    let row = put(tx, draw::Model { state, ..row }).await?;
    record(tx, ctx, "draws.settle", &row, json!({ "state": state }), RowsDigest::new(ctx).with(&row)).await?;
    Ok(row)
}

/// Who holds the counter of a draw's store; nobody for their own draw.
pub(super) fn at_the_counter(ctx: &Ctx, row: &draw::Model) -> Result<(), ArmsError> {
    permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
    if ctx.person() == Some(row.drawer_id) {
        return Err(Forbidden::SamePerson("领枪人不能为自己办理领枪、还枪").into());
    }
    Ok(())
}

/// Whether somebody may be given a gun today.
pub(super) async fn fit(tx: &Tx, ctx: &Ctx, whose: PersonId) -> Result<(), ArmsError> {
    let person = people::open(tx, whose, "drawer_id").await?;
    let days = Rules::load(tx).await?.number(RESULT_DAYS, ctx.now(), OTHERWISE_RESULT_DAYS);
    let fitness = registry::fitness(tx, whose, ctx.now().day()).await?;
    fitness
        .check(ctx.now().day(), days)
        .map_err(|unfit| ArmsError::Conflict(format!("{}{unfit}，不能领枪", person.name)))
}

/// A unit that lost something draws nothing until that is cleared up.
pub(in crate::firearms) async fn unlocked(tx: &Tx, unit: UnitId) -> Result<(), ArmsError> {
    match store::locks_of(tx, unit).await?.first() {
        None => Ok(()),
        Some(lock) => {
            let sentence = format!("本单位的领枪已锁定：{}；查清并由治安大队或分局领导解除后再领", lock.reason);
            Err(ArmsError::Conflict(sentence))
        }
    }
}

/// What must hold of a draw before its gun goes out; asked when the act is opened, and again when the gun is handed over.
pub(super) async fn may_go_out(tx: &Tx, ctx: &Ctx, row: &draw::Model) -> Result<(), ArmsError> {
    let said = request::Entity::find_by_id(row.approval_id).one(tx).await?.map(|request| request.state);
    match said {
        Some(Approval::Approved | Approval::Ratified) => {}
        Some(Approval::Used) if row.urgent => {}
        _ => return Err(ArmsError::Conflict(format!("领枪单 {} 未获批准，不能领枪", row.number))),
    }
    if ctx.now() > row.due_at {
        return Err(ArmsError::Conflict(format!("预计归还时间 {} 已过，请撤回后重新申请", row.due_at)));
    }
    fit(tx, ctx, row.drawer_id).await?;
    unlocked(tx, row.unit_id).await?;
    match store::held_by(tx, row.drawer_id).await? {
        None => Ok(()),
        Some(_) => Err(ArmsError::Conflict("已领枪的不能重复领枪".to_owned())),
    }
}

/// Whether whoever signed is still somebody who may.
pub(super) async fn still_counts(
    tx: &Tx,
    ctx: &Ctx,
    signed: &signature::Model,
    action: Action,
) -> Result<bool, ArmsError> {
    may_still(tx, ctx, signed.person_id, signed.account_id, action).await
}

/// The open act of a draw, in the state that goes with it.
pub(super) async fn open_act(tx: &Tx, row: &draw::Model) -> Result<act::Model, ArmsError> {
    if !matches!(row.state, State::Handing | State::Returning) {
        let deed = if row.state == State::Out { Deed::Close } else { Deed::HandOver };
        let refusal = row.state.after(deed).err().map(|refusal| refusal.to_string()).unwrap_or_default();
        return Err(ArmsError::Conflict(refusal));
    }
    let act = store::open_act(tx, row.id).await?;
    act.ok_or_else(|| ArmsError::Conflict("没有正在办理的领枪、还枪".to_owned()))
}
