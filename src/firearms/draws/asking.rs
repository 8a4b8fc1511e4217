//! An officer asks for a gun, and takes it back.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::draw;
use super::ground::{fit, load, put, record, refused, settle, unlocked};
use super::model::{DAY_MS, Deed, MOST_MAGAZINES, MOST_ROUNDS, Purpose, State};
use super::store;
use crate::access::{Action, permit, permit_somewhere};
use crate::approvals::Granted;
use crate::approvals::entity::request;
use crate::approvals::model::State as Approval;
use crate::approvals::service::{self as approvals, NewRequest};
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::armouries::usable;
use crate::firearms::draws::handing::ROOM as FINDINGS;
use crate::firearms::model::{StoreKind, masked_name};
use crate::firearms::store as registry;
use crate::firearms::{NUMBERS, number, words};
use crate::journal::RowsDigest;
use crate::kernel::ids::PersonId;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::org::people;
use sea_orm::EntityTrait as _;

/// The room that approvals of draws come from.
pub const ROOM: &str = "draws";
/// The chains.
pub const CHAIN: &str = "firearm_draw";
/// Of what is out for more than a day.
pub const CHAIN_OVERTIME: &str = "firearm_overtime";
const CHAIN_CROSS_AREA: &str = "firearm_cross_area";
const CHAIN_BULK: &str = "firearm_bulk";
/// No gun is out for longer than this, milliseconds.
const MOST_MS: i64 = 30 * DAY_MS;

/// A draw as it is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDraw {
    /// The number of the store of guns.
    pub armoury: String,
    /// 枪支类型
    pub model: String,
    /// 事由
    pub purpose: Purpose,
    /// 任务
    pub task: String,
    /// 子弹数
    pub rounds: i64,
    /// 弹匣数
    pub magazines: i64,
    /// 预计领用时间
    pub from: Timestamp,
    /// 预计归还时间
    pub due: Timestamp,
    /// 跨区域
    pub cross_area: bool,
    /// 批量领用
    pub bulk: bool,
    /// It cannot wait: two people at the counter, ratified after.
    pub urgent: bool,
}

impl NewDraw {
    /// Which chain decides (rule 20).
    fn chain(&self) -> &'static str {
        if self.cross_area {
            CHAIN_CROSS_AREA
        } else if self.bulk {
            CHAIN_BULK
        } else if self.due.0 - self.from.0 > DAY_MS {
            CHAIN_OVERTIME
        } else {
            CHAIN
        }
    }

    fn check(&self, now: Timestamp) -> Result<(), ArmsError> {
        if !(0..=MOST_ROUNDS).contains(&self.rounds) {
            return Err(ArmsError::field("rounds", format!("子弹应为 0 至 {MOST_ROUNDS} 发的整数")));
        }
        if !(0..=MOST_MAGAZINES).contains(&self.magazines) {
            return Err(ArmsError::field("magazines", format!("弹匣应为 0 至 {MOST_MAGAZINES} 个")));
        }
        if self.due <= self.from || self.due <= now {
            return Err(ArmsError::field("due", "预计归还时间须晚于领用时间和现在"));
        }
        // Neither may be so far that the sum of both overflows.
        if self.from.0 < now.0.saturating_sub(DAY_MS) || self.due.0.saturating_sub(now.0) > MOST_MS {
            return Err(ArmsError::field("due", "一次领枪最长 30 天"));
        }
        if self.urgent && self.chain() != CHAIN {
            return Err(ArmsError::field("urgent", "跨区域、批量、超过 24 小时的须先批准，不能紧急领枪"));
        }
        Ok(())
    }
}

/// Asks for a gun; the chain decides.
///
/// # Errors
/// When it is not theirs to ask for, they may not carry, they have a draw open, the unit is locked, or a field is wrong.
pub async fn ask(db: &Db, ctx: &Ctx, new: &NewDraw) -> Result<draw::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsAsk)?;
    let me = ctx.person().ok_or(ArmsError::NoPerson)?;
    let asked = put_in(db, ctx, me, new).await;
    if matches!(asked, Err(ArmsError::Conflict(_))) && store::held_by(db.read(), me).await?.is_some() {
        tell_second(db, ctx, me).await?;
    }
    asked
}

/// Whoever has a gun asked for another: refused, and told once a day of each draw that is out.
async fn tell_second(db: &Db, ctx: &Ctx, me: PersonId) -> Result<(), ArmsError> {
    db.write(async |tx| {
        let Some(held) = store::held_by(tx, me).await? else { return Ok(()) };
        let Some(out) = draw::Entity::find_by_id(held.draw_id).one(tx).await? else { return Ok(()) };
        let who = people::by_id(tx, me).await?.map(|person| masked_name(&person.name)).unwrap_or_default();
        let finding = NewFinding {
            room: FINDINGS,
            origin: format!("second/{}/{}", out.id, ctx.now().day()),
            link: format!("/firearms/draws/{}", out.number),
            kind: Kind::SecondDraw,
            unit: Some(out.unit_id),
            item: out.item_id,
            title: format!("已领枪又申请领枪：{who} {}", out.number),
            description: format!("{} {who}持有领枪单 {} 的枪，又申请领枪，已拒绝。", ctx.now(), out.number),
        };
        let mut rows = RowsDigest::new(ctx);
        if !open_many(tx, ctx, vec![finding], &mut rows).await?.is_empty() {
            record(tx, ctx, "draws.second", &out, json!({}), rows).await?;
        }
        Ok(())
    })
    .await
}

async fn put_in(db: &Db, ctx: &Ctx, me: PersonId, new: &NewDraw) -> Result<draw::Model, ArmsError> {
    let (model_key, task) = (number("model", &new.model, 1, 60)?, words("task", &new.task, "任务")?);
    db.write(async |tx| {
        new.check(ctx.now())?;
        let of = registry::armoury_named(tx, &new.armoury).await?;
        let of = of.filter(|row| permit(ctx, Action::DrawsAsk, Some(row.unit_id)).is_ok());
        let of = of.ok_or(ArmsError::NotFound("这个枪弹库"))?;
        usable(&of, StoreKind::Gun)?;
        fit(tx, ctx, me).await?;
        unlocked(tx, of.unit_id).await?;
        none_open(tx, ctx).await?;
        let number = NUMBERS.next(tx, "LQ", ctx.now().day()).await?;
        let payload = json!({ "类型": new.model.trim(), "子弹": new.rounds, "事由": new.purpose.zh(),
            "领用": new.from.to_string(), "归还": new.due.to_string() });
        let request = NewRequest {
            kind: new.chain().to_owned(),
            subject_room: ROOM.to_owned(),
            subject_id: number.clone(),
            unit: of.unit_id,
            amount: Fen::ZERO,
            reason: format!("{}：{task}", new.purpose.zh()).chars().take(500).collect(),
            payload,
            urgent: new.urgent,
        };
        let request = approvals::create_in(tx, ctx, &request).await?;
        let row = draw::Model {
            id: ctx.new_id(),
            number,
            state: if new.urgent { State::Approved } else { State::Asked },
            unit_id: of.unit_id,
            armoury_id: of.id,
            drawer_id: me,
            purpose: new.purpose,
            task: task.clone(),
            urgent: new.urgent,
            cross_area: new.cross_area,
            bulk: new.bulk,
            model_key: model_key.clone(),
            rounds_asked: new.rounds,
            magazines_asked: new.magazines,
            asked_at: ctx.now(),
            planned_from: new.from,
            first_due_at: new.due,
            due_at: new.due,
            approval_id: request.id,
            item_id: None,
            stock_id: None,
            rounds_out: 0,
            out_at: None,
            rounds_back: 0,
            rounds_fired: 0,
            rounds_damaged: 0,
            rounds_lost: 0,
            gun_lost: false,
            loss_reported_at: None,
            returned_at: None,
            ended_reason: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "purpose": row.purpose, "rounds": row.rounds_asked, "due_at": row.due_at,
            "urgent": row.urgent, "chain": request.kind });
        record(tx, ctx, "draws.ask", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// Whoever has a draw open asks for no other.
async fn none_open(tx: &Tx, ctx: &Ctx) -> Result<(), ArmsError> {
    let me = ctx.person().ok_or(ArmsError::NoPerson)?;
    let Some(open) = store::open_of(tx, me).await? else { return Ok(()) };
    let open = settle(tx, ctx, open).await?;
    if open.state.is_open() {
        let sentence = format!("已有领枪单 {}（{}），办结或撤回后再申请", open.number, open.state.zh());
        return Err(ArmsError::Conflict(sentence));
    }
    Ok(())
}

/// Takes a draw back before its gun is out. An emergency that was not made use of stays to be ratified all the same.
///
/// # Errors
/// When it is not theirs, no reason is given, or an act is open or the gun is out.
pub async fn withdraw(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<draw::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsAsk)?;
    let reason = words("reason", reason, "撤回的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        if ctx.person() != Some(row.drawer_id) {
            return Err(ArmsError::Conflict("领枪单由申请人本人撤回".to_owned()));
        }
        let state = row.state.after(Deed::Withdraw).map_err(refused)?;
        let said = request::Entity::find_by_id(row.approval_id).one(tx).await?;
        if said.is_some_and(|request| request.state == Approval::Waiting) {
            approvals::withdraw_in(tx, ctx, &Granted, row.approval_id, &reason).await?;
        }
        let row = put(tx, draw::Model { state, ended_reason: reason.clone(), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "draws.withdraw", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
