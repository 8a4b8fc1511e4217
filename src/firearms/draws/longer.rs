//! More time: asked for and approved before the time is over, or not at all.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::asking::{CHAIN, CHAIN_OVERTIME, ROOM};
use super::entity::{draw, extension};
use super::ground::{load, put, record};
use super::model::{DAY_MS, LongerState};
use super::store;
use crate::access::{Action, permit_somewhere};
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::firearms::ArmsError;
use crate::firearms::words;
use crate::journal::RowsDigest;
use crate::kernel::{Ctx, Fen, Timestamp};

/// Asks to keep the gun until later; the chain decides.
///
/// # Errors
/// When it is not theirs, nothing is out, the time is over, or one is asked for already.
pub async fn ask(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    until: Timestamp,
    reason: &str,
) -> Result<extension::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsAsk)?;
    let reason = words("reason", reason, "延期的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, None).await?;
        if ctx.person() != Some(row.drawer_id) {
            return Err(ArmsError::Conflict("延期由领枪人本人申请".to_owned()));
        }
        let row = settle(tx, ctx, row).await?;
        let Some(out_at) = row.out_at.filter(|_| row.state.is_out()) else {
            return Err(ArmsError::Conflict(format!("此领枪单{}，不能延期", row.state.zh())));
        };
        if ctx.now() > row.due_at {
            let sentence = format!("已过预计归还时间 {}，延期须提前批准；请立即还枪", row.due_at);
            return Err(ArmsError::Conflict(sentence));
        }
        if until <= row.due_at || until.0.saturating_sub(out_at.0) > 30 * DAY_MS {
            return Err(ArmsError::field("until", "延期须晚于现在的归还时间，总共最长 30 天"));
        }
        if store::longer_of(tx, row.id).await?.is_some() {
            return Err(ArmsError::Conflict("已有一个延期申请在审批中".to_owned()));
        }
        let chain = if until.0 - out_at.0 > DAY_MS { CHAIN_OVERTIME } else { CHAIN };
        let request = NewRequest {
            kind: chain.to_owned(),
            subject_room: ROOM.to_owned(),
            subject_id: format!("{}/延期", row.number),
            unit: row.unit_id,
            amount: Fen::ZERO,
            reason: format!("{} 延期至 {until}：{reason}", row.number).chars().take(500).collect(),
            payload: json!({ "归还": row.due_at.to_string(), "延期至": until.to_string() }),
            urgent: false,
        };
        let request = approvals::create_in(tx, ctx, &request).await?;
        let wish = extension::Model {
            id: ctx.new_id(),
            draw_id: row.id,
            state: LongerState::Asked,
            until,
            reason: reason.clone(),
            approval_id: request.id,
            asked_at: ctx.now(),
            version: 1,
        };
        wish.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "until": until, "reason": reason });
        record(tx, ctx, "draws.ask_longer", &row, payload, RowsDigest::new(ctx).with(&wish)).await?;
        Ok(wish)
    })
    .await
}

/// Writes down what the chain has said of a wish for more time: granted in time it moves the hour of return, granted
/// after it is late and does not count.
///
/// # Errors
/// When the database refuses.
pub async fn settle(tx: &Tx, ctx: &Ctx, row: draw::Model) -> Result<draw::Model, ArmsError> {
    let Some(wish) = store::longer_of(tx, row.id).await? else { return Ok(row) };
    let Some(request) = request::Entity::find_by_id(wish.approval_id).one(tx).await? else { return Ok(row) };
    let state = match request.state {
        Approval::Waiting | Approval::Used => return Ok(row),
        Approval::Approved | Approval::Ratified => {
            let in_time = request.finished_at.is_some_and(|at| at <= row.due_at);
            if in_time { LongerState::Granted } else { LongerState::Late }
        }
        Approval::Refused | Approval::NotRatified | Approval::Withdrawn => LongerState::Refused,
    };
    let wish = save!(tx, extension, id, Id, extension::Model { state, ..wish });
    let mut rows = RowsDigest::new(ctx).with(&wish);
    let row = if state == LongerState::Granted {
        let row = put(tx, draw::Model { due_at: wish.until, ..row }).await?;
        rows.add(&row);
        row
    } else {
        row
    };
    record(tx, ctx, "draws.settle_longer", &row, json!({ "state": state }), rows).await?;
    Ok(row)
}
