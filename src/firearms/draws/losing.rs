//! A loss is reported at once (枪支管理法 第25条): it locks the unit's draws, and is a finding in the transaction of the report.

use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{draw, lock};
use super::ground::{load, put, record};
use super::handing::{ROOM, end_holding};
use super::model::HoldingEnd;
use super::store;
use crate::access::{Action, not_their_own, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::arms::put_state;
use crate::firearms::model::{ArmDeed, masked};
use crate::firearms::store as registry;
use crate::firearms::words;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;

/// What is lost.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Loss {
    /// The gun.
    pub gun: bool,
    /// So many rounds.
    pub rounds: i64,
    /// So many magazines.
    pub magazines: i64,
}

impl Loss {
    fn words(self) -> String {
        let mut parts = Vec::new();
        if self.gun {
            parts.push("枪 1 支".to_owned());
        }
        if self.rounds > 0 {
            parts.push(format!("子弹 {} 发", self.rounds));
        }
        if self.magazines > 0 {
            parts.push(format!("弹匣 {} 个", self.magazines));
        }
        parts.join("、")
    }
}

/// Reports that the gun or some of the rounds are lost; the officer does, or whoever holds the counter.
///
/// # Errors
/// When it is not theirs, nothing is out, nothing is said to be lost, or more than is out.
pub async fn report(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    gun: bool,
    rounds: i64,
    reason: &str,
) -> Result<draw::Model, ArmsError> {
    let reason = words("reason", reason, "经过")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, None).await?;
        if ctx.person() != Some(row.drawer_id) {
            permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        }
        if !row.state.is_out() {
            return Err(ArmsError::Conflict(format!("此领枪单{}，没有枪弹在外", row.state.zh())));
        }
        if store::open_act(tx, row.id).await?.is_some() {
            return Err(ArmsError::Conflict("正在办理还枪：先取消还枪再报失，或在清点时填写遗失数".to_owned()));
        }
        if !(0..=row.rounds_out - row.rounds_lost).contains(&rounds) || (!gun && rounds == 0) {
            return Err(ArmsError::field(
                "rounds",
                format!("遗失子弹应为 0 至 {} 发", row.rounds_out - row.rounds_lost),
            ));
        }
        if gun && row.gun_lost {
            return Err(ArmsError::Conflict("此枪已报失".to_owned()));
        }
        let mut rows = RowsDigest::new(ctx);
        let loss = Loss { gun, rounds, magazines: 0 };
        if let Some(id) = row.item_id.filter(|_| gun) {
            let lost = registry::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))?;
            put_state(tx, ctx, lost, ArmDeed::Lose, &reason, None, &mut rows).await?;
            end_holding(tx, ctx, id, HoldingEnd::Lost, &mut rows).await?;
        }
        let row = raise(tx, ctx, row, &loss, &reason, &mut rows).await?;
        let (gun_lost, rounds_lost) = (row.gun_lost || gun, row.rounds_lost + rounds);
        let row = put(tx, draw::Model { gun_lost, rounds_lost, ..row }).await?;
        rows.add(&row);
        let payload = json!({ "gun": gun, "rounds": rounds, "reason": reason });
        record(tx, ctx, "draws.report_loss", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Locks the unit's draws and opens the finding; the draw as it is to be written.
pub(super) async fn raise(
    tx: &Tx,
    ctx: &Ctx,
    row: draw::Model,
    loss: &Loss,
    reason: &str,
    rows: &mut RowsDigest,
) -> Result<draw::Model, ArmsError> {
    let what = loss.words();
    let locked = lock::Model {
        id: ctx.new_id(),
        unit_id: row.unit_id,
        draw_id: row.id,
        reason: format!("{} 遗失{what}", row.number),
        locked_at: ctx.now(),
        lifted_at: None,
        lifted_by: String::new(),
        lift_reason: String::new(),
        version: 1,
    };
    locked.clone().into_active_model().insert(tx).await?;
    rows.add(&locked);
    let serial = match row.item_id {
        Some(id) => registry::by_id(tx, id).await?.map(|gun| format!("{} {}", gun.arm.model, masked(&gun.arm.serial))),
        None => None,
    };
    let finding = NewFinding {
        room: ROOM,
        origin: format!("lock/{}", locked.id),
        link: format!("/firearms/draws/{}", row.number),
        kind: Kind::FirearmLost,
        unit: Some(row.unit_id),
        item: row.item_id,
        title: format!("枪弹遗失：{what}（{}）", row.number),
        description: format!(
            "领枪单 {}（{}）遗失{what}。{reason}。本单位领枪已锁定，须立即报告公安机关负责人和治安部门。",
            row.number,
            serial.unwrap_or_default()
        ),
    };
    open_many(tx, ctx, vec![finding], rows).await?;
    Ok(draw::Model { loss_reported_at: row.loss_reported_at.or(Some(ctx.now())), ..row })
}

/// Lets a unit draw again, once the loss is cleared up; the drawer does not.
///
/// # Errors
/// When it is not theirs, there is no such lock, or it was lifted.
pub async fn unlock(db: &Db, ctx: &Ctx, id: Uuid, reason: &str) -> Result<lock::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsUnlock)?;
    let reason = words("reason", reason, "查清的情况")?;
    db.write(async |tx| {
        let row = lock::Entity::find_by_id(id).one(tx).await?.ok_or(ArmsError::NotFound("这个锁定"))?;
        permit(ctx, Action::DrawsUnlock, Some(row.unit_id))?;
        if let Some(draw) = draw::Entity::find_by_id(row.draw_id).one(tx).await? {
            not_their_own(ctx, draw.drawer_id)?;
        }
        if row.lifted_at.is_some() {
            return Err(ArmsError::Conflict("此锁定已解除".to_owned()));
        }
        let lifted = lock::Model {
            lifted_at: Some(ctx.now()),
            lifted_by: ctx.actor.to_string(),
            lift_reason: reason.clone(),
            ..row
        };
        let row = save!(tx, lock, id, Id, lifted);
        let rows = RowsDigest::new(ctx).with(&row);
        let (subject, unit) = (row.id.to_string(), Some(row.unit_id));
        let payload = json!({ "reason": reason });
        journal::record(tx, ctx, Entry { action: "draws.unlock", subject, unit, payload, rows }).await?;
        Ok(row)
    })
    .await
}
