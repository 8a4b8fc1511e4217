//! The act at the counter, step by step. Each step is a transaction of its own, so that whatever stops between two of
//! them leaves the act open with what was done in it.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{act, draw, signature, step};
use super::ground::{
    after, at_the_counter, is_fresh, load, may_go_out, open_act, put, put_act, record, refused, still_counts,
};
use super::model::{ActKind, ActState, Clearance, Deed, MOST_ROUNDS, Part, Rounds};
use super::store;
use crate::access::{Action, CoSigner, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::firearms::ArmsError;
use crate::firearms::entity::{armoury, magazine, stock};
use crate::firearms::model::{ArmDeed, MagazineState};
use crate::firearms::store::{self as registry, Arm};
use crate::firearms::{number, words};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::org::people;

/// Opens the act of handing out: this gun is reserved until it is handed over or the act cancelled.
///
/// # Errors
/// When it is not theirs, the draw may not go out, or the gun is no gun of the store that may be drawn.
pub async fn open_issue(
    db: &Db,
    ctx: &Ctx,
    draw: &str,
    version: Option<i64>,
    gun: &str,
) -> Result<act::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, version).await?;
        at_the_counter(ctx, &row)?;
        let state = row.state.after(Deed::OpenIssue).map_err(refused)?;
        after(ctx, row.asked_at)?;
        may_go_out(tx, ctx, &row).await?;
        let gun = free(tx, ctx, &row, gun).await?;
        let act = begin(tx, ctx, &row, ActKind::Issue, Some(gun.item.id)).await?;
        let row = put(tx, draw::Model { state, ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row).with(&act);
        record(tx, ctx, "draws.open_issue", &row, json!({ "gun": gun.item.item_number }), rows).await?;
        Ok(act)
    })
    .await
}

/// A gun of the draw's store and model that is on its shelf and reserved by no other act.
async fn free(tx: &Tx, ctx: &Ctx, row: &draw::Model, text: &str) -> Result<Arm, ArmsError> {
    let wrong = |reason: String| Err(ArmsError::field("gun", reason));
    let Some(gun) = registry::named(tx, text).await?.filter(|gun| gun.arm.armoury_id == row.armoury_id) else {
        return wrong("本库没有这支枪".to_owned());
    };
    let number = &gun.item.item_number;
    if gun.arm.model_key != row.model_key {
        return wrong(format!("{number} 是{}，不是申请的枪支类型", gun.arm.model));
    }
    if gun.arm.dedicated_to.is_some_and(|owner| owner != row.drawer_id) {
        return wrong(format!("{number} 是专用枪，只能由其专用人领取"));
    }
    if let Err(refusal) = gun.arm.state.after(ArmDeed::Draw) {
        return wrong(format!("{number}：{refusal}"));
    }
    if let Some(other) = store::act_with(tx, gun.item.id).await? {
        let other = draw::Entity::find_by_id(other.draw_id).one(tx).await?.map(|row| row.number).unwrap_or_default();
        return wrong(format!("{number} 正在领枪单 {other} 上办理"));
    }
    match store::holder_of(tx, gun.item.id).await? {
        None => Ok(gun),
        Some(_) => {
            tracing::error!(gun = %number, actor = %ctx.actor, "a gun on the shelf has a holder");
            wrong(format!("{number} 已由他人领取"))
        }
    }
}

/// Opens the act of taking back.
///
/// # Errors
/// When it is not theirs, or nothing is out.
pub async fn open_return(db: &Db, ctx: &Ctx, draw: &str, version: Option<i64>) -> Result<act::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, version).await?;
        at_the_counter(ctx, &row)?;
        let state = row.state.after(Deed::OpenReturn).map_err(refused)?;
        after(ctx, row.out_at.unwrap_or(row.asked_at))?;
        let act = begin(tx, ctx, &row, ActKind::Return, row.item_id.filter(|_| !row.gun_lost)).await?;
        let row = put(tx, draw::Model { state, ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row).with(&act);
        record(tx, ctx, "draws.open_return", &row, json!({}), rows).await?;
        Ok(act)
    })
    .await
}

async fn begin(
    tx: &Tx,
    ctx: &Ctx,
    row: &draw::Model,
    kind: ActKind,
    item_id: Option<ItemId>,
) -> Result<act::Model, ArmsError> {
    let act = act::Model {
        id: ctx.new_id(),
        draw_id: row.id,
        kind,
        state: ActState::Open,
        item_id,
        opened_by: ctx.actor.to_string(),
        opened_at: ctx.now(),
        cleared: 0,
        scanned_at: None,
        counted_at: None,
        stock_id: None,
        rounds: 0,
        fired: 0,
        damaged: 0,
        lost: 0,
        magazines: String::new(),
        ended_at: None,
        ended_by: String::new(),
        ended_reason: String::new(),
        version: 1,
    };
    act.clone().into_active_model().insert(tx).await?;
    Ok(act)
}

/// The draw and its open act, for whoever holds the counter.
async fn at(tx: &Tx, ctx: &Ctx, draw: &str) -> Result<(draw::Model, act::Model), ArmsError> {
    let row = load(tx, ctx, draw, None).await?;
    at_the_counter(ctx, &row)?;
    let act = open_act(tx, &row).await?;
    after(ctx, act.opened_at)?;
    Ok((row, act))
}

/// Records the next step of the clearance check. They have an order, and none is left out.
///
/// # Errors
/// When it is not theirs, no act is open, or it is not the next step.
pub async fn clear(db: &Db, ctx: &Ctx, draw: &str, done: Clearance) -> Result<act::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let (row, act) = at(tx, ctx, draw).await?;
        if act.item_id.is_none() {
            return Err(ArmsError::Conflict("枪已报失，没有可验的枪".to_owned()));
        }
        match Clearance::next(act.cleared) {
            Some(next) if next == done => {}
            Some(next) => {
                let sentence = format!("验枪须按顺序：下一步是“{}”", next.zh());
                return Err(ArmsError::field("step", sentence));
            }
            None => return Err(ArmsError::field("step", "验枪已完成")),
        }
        let taken = step::Model {
            id: ctx.new_id(),
            act_id: act.id,
            seq: act.cleared + 1,
            step: done,
            done_by: ctx.actor.to_string(),
            done_at: ctx.now(),
        };
        taken.clone().into_active_model().insert(tx).await?;
        let cleared = act.cleared + 1;
        let act = put_act(tx, act::Model { cleared, ..act }).await?;
        let rows = RowsDigest::new(ctx).with(&taken).with(&act);
        record(tx, ctx, "draws.clear", &row, json!({ "step": done }), rows).await?;
        Ok(act)
    })
    .await
}

/// The gun on the counter is scanned; it must be the act's.
///
/// # Errors
/// When it is not theirs, the check is not done, or it is another gun.
pub async fn scan(db: &Db, ctx: &Ctx, draw: &str, gun: &str) -> Result<act::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let (row, act) = at(tx, ctx, draw).await?;
        let Some(expected) = act.item_id else {
            return Err(ArmsError::Conflict("枪已报失，没有可扫的枪".to_owned()));
        };
        if Clearance::next(act.cleared).is_some() {
            return Err(ArmsError::Conflict("请先完成验枪，再扫枪".to_owned()));
        }
        let scanned = registry::named(tx, gun).await?;
        let number = registry::by_id(tx, expected).await?.map(|one| one.item.item_number).unwrap_or_default();
        match scanned {
            Some(one) if one.item.id == expected => {}
            Some(one) => {
                let sentence = format!("扫到的是 {}，应为 {number}，请换枪重扫", one.item.item_number);
                return Err(ArmsError::field("gun", sentence));
            }
            None => return Err(ArmsError::field("gun", format!("不认识“{}”，应为 {number}", gun.trim()))),
        }
        let act = put_act(tx, act::Model { scanned_at: Some(ctx.now()), ..act }).await?;
        let rows = RowsDigest::new(ctx).with(&act);
        record(tx, ctx, "draws.scan", &row, json!({ "gun": number }), rows).await?;
        Ok(act)
    })
    .await
}

/// What was counted on the counter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Count {
    /// Handing out: from which store of ammunition and lot; blank when no rounds go. A return goes where it came from.
    pub armoury: String,
    /// 批次
    pub lot: String,
    /// What goes out (`back`), or what became of what was out.
    pub rounds: Rounds,
    /// Numbers of the magazines that go or come.
    pub magazines: Vec<String>,
}

/// Rounds and magazines are counted. Counting again takes what was signed before away.
///
/// # Errors
/// When it is not theirs, the gun was not scanned, the rounds are more than were asked for or are not there, or what comes
/// back does not make up what went out.
pub async fn count(db: &Db, ctx: &Ctx, draw: &str, counted: &Count) -> Result<act::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let (row, act) = at(tx, ctx, draw).await?;
        if act.item_id.is_some() && act.scanned_at.is_none() {
            return Err(ArmsError::Conflict("请先扫枪，再清点弹药".to_owned()));
        }
        let (stock_id, magazines) = match act.kind {
            ActKind::Issue => going(tx, &row, counted).await?,
            ActKind::Return => coming(tx, &row, counted).await?,
        };
        let Rounds { back, fired, damaged, lost } = counted.rounds;
        let counted_at = Some(ctx.now());
        let mut rows = RowsDigest::new(ctx);
        void(tx, ctx, &act, |_| true, &mut rows).await?;
        let act = act::Model { counted_at, stock_id, rounds: back, fired, damaged, lost, magazines, ..act };
        let act = put_act(tx, act).await?;
        rows.add(&act);
        let payload = json!({ "rounds": back, "fired": fired, "damaged": damaged, "lost": lost,
            "magazines": act.magazines });
        record(tx, ctx, "draws.count", &row, payload, rows).await?;
        Ok(act)
    })
    .await
}

type Counted = (Option<sea_orm::prelude::Uuid>, String);

async fn going(tx: &Tx, row: &draw::Model, counted: &Count) -> Result<Counted, ArmsError> {
    let Rounds { back: rounds, fired, damaged, lost } = counted.rounds;
    if (fired, damaged, lost) != (0, 0, 0) || !(0..=MOST_ROUNDS).contains(&rounds) {
        return Err(ArmsError::field("rounds", format!("发出的子弹应为 0 至 {MOST_ROUNDS} 发的整数")));
    }
    if rounds > row.rounds_asked {
        return Err(ArmsError::field("rounds", format!("批准 {} 发，不能发出 {rounds} 发", row.rounds_asked)));
    }
    let stock_id = if rounds == 0 { None } else { Some(lot_of(tx, row, counted, rounds).await?.id) };
    let mut numbers = Vec::new();
    for text in &counted.magazines {
        let key = number("magazines", text, 1, 40)?;
        let found = magazine::Entity::find().filter(magazine::Column::NumberKey.eq(&key)).one(tx).await?;
        let found = found.filter(|one| one.armoury_id == row.armoury_id && one.model_key == row.model_key);
        match found {
            Some(one) if one.state == MagazineState::InStore && !numbers.contains(&key) => numbers.push(key),
            _ => return Err(ArmsError::field("magazines", format!("弹匣“{}”不在库、不配此枪或写了两次", text.trim()))),
        }
    }
    if i64::try_from(numbers.len()).unwrap_or(i64::MAX) > row.magazines_asked {
        return Err(ArmsError::field("magazines", format!("批准 {} 个弹匣", row.magazines_asked)));
    }
    Ok((stock_id, numbers.join(" ")))
}

/// The lot that rounds come from: one of the unit's own ammunition, with enough of them.
async fn lot_of(tx: &Tx, row: &draw::Model, counted: &Count, rounds: i64) -> Result<stock::Model, ArmsError> {
    let of: Option<armoury::Model> = registry::armoury_named(tx, &counted.armoury).await?;
    let Some(of) = of.filter(|of| of.unit_id == row.unit_id && of.active) else {
        return Err(ArmsError::field("armoury", "本单位没有这个弹药库"));
    };
    let key = crate::kernel::text::key(&counted.lot).into_owned();
    let mut lots = registry::stock(tx, of.id).await?.into_iter().filter(|(_, lot)| lot.lot_key == key);
    match (lots.next(), lots.next()) {
        (Some((stock, _)), None) if stock.rounds >= rounds => Ok(stock),
        (Some((stock, _)), None) => {
            let sentence = format!("批次“{}”库存 {} 发，不足 {rounds} 发", counted.lot.trim(), stock.rounds);
            Err(ArmsError::field("rounds", sentence))
        }
        (Some(_), Some(_)) => Err(ArmsError::field("lot", "有几种弹药的批次号相同，请核对")),
        (None, _) => Err(ArmsError::field("lot", format!("{} 没有批次“{}”", of.name, counted.lot.trim()))),
    }
}

async fn coming(tx: &Tx, row: &draw::Model, counted: &Count) -> Result<Counted, ArmsError> {
    counted.rounds.check(row.rounds_out).map_err(|reason| ArmsError::field("rounds", reason))?;
    if counted.rounds.lost < row.rounds_lost {
        let sentence = format!("已报失 {} 发，遗失数不能少于此数；找回的，先在问题上说明", row.rounds_lost);
        return Err(ArmsError::field("lost", sentence));
    }
    let out = store::magazines_out(tx, row.id).await?;
    let mut numbers = Vec::new();
    for text in &counted.magazines {
        let key = number("magazines", text, 1, 40)?;
        let found = magazine::Entity::find().filter(magazine::Column::NumberKey.eq(&key)).one(tx).await?;
        let with_it = found.is_some_and(|one| out.iter().any(|held| held.magazine_id == one.id));
        if !with_it || numbers.contains(&key) {
            let sentence = format!("弹匣“{}”不是此次领出的，或写了两次", text.trim());
            return Err(ArmsError::field("magazines", sentence));
        }
        numbers.push(key);
    }
    Ok((row.stock_id, numbers.join(" ")))
}

/// Makes those signatures of an act void that `which` says; how many.
pub(super) async fn void(
    tx: &Tx,
    ctx: &Ctx,
    act: &act::Model,
    which: impl Fn(&signature::Model) -> bool,
    rows: &mut RowsDigest,
) -> Result<usize, ArmsError> {
    let mut many = 0;
    for signed in store::signatures(tx, act.id).await?.into_iter().filter(which) {
        let row = save!(tx, signature, id, Id, signature::Model { voided_at: Some(ctx.now()), ..signed });
        rows.add(&row);
        many += 1;
    }
    Ok(many)
}

/// The right that somebody signs by.
pub(super) const fn right_of(part: Part) -> Action {
    match part {
        Part::Keeper1 | Part::Keeper2 => Action::DrawsKeep,
        Part::Confirmer => Action::DrawsConfirm,
    }
}

/// Somebody who proved that they are there signs to an act in which everything else is done.
///
/// # Errors
/// When they may not, they are the drawer or signed in another capacity, or a step is still missing.
pub async fn sign(db: &Db, signer: &CoSigner, draw: &str, part: Part) -> Result<signature::Model, ArmsError> {
    let ctx = &signer.ctx;
    permit_somewhere(ctx, right_of(part))?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, None).await?;
        permit(ctx, right_of(part), Some(row.unit_id))?;
        let act = open_act(tx, &row).await?;
        after(ctx, act.counted_at.unwrap_or(act.opened_at))?;
        let who = people::open(tx, signer.person, "person_id").await?.name;
        if signer.person == row.drawer_id {
            return Err(ArmsError::Conflict(format!("{who}是领枪人，不能作保管人或确认人")));
        }
        if !Part::needed(row.urgent && act.kind == ActKind::Issue).contains(&part) {
            return Err(ArmsError::Conflict("紧急领枪由一名保管人和一名确认人签字".to_owned()));
        }
        if act.counted_at.is_none() {
            return Err(ArmsError::Conflict("请先清点弹药，再签字".to_owned()));
        }
        let mut rows = RowsDigest::new(ctx);
        void(tx, ctx, &act, |one| one.part == part || !is_fresh(ctx, one.signed_at), &mut rows).await?;
        if store::signatures(tx, act.id).await?.iter().any(|one| one.person_id == signer.person) {
            return Err(ArmsError::Conflict(format!("{who}已签字，两名保管人和确认人须是三个人")));
        }
        let signed = signature::Model {
            id: ctx.new_id(),
            act_id: act.id,
            part,
            person_id: signer.person,
            account_id: signer.account,
            drawer_id: row.drawer_id,
            signed_at: ctx.now(),
            voided_at: None,
            version: 1,
        };
        if !still_counts(tx, ctx, &signed, right_of(part)).await? {
            return Err(ArmsError::Conflict(format!("{who}的账号已停用或没有此项权限")));
        }
        signed.clone().into_active_model().insert(tx).await?;
        rows.add(&signed);
        record(tx, ctx, "draws.sign", &row, json!({ "part": part, "act": act.kind }), rows).await?;
        Ok(signed)
    })
    .await
}

/// Ends an act without anything having changed hands; what was signed is void, and the draw stands as before it.
///
/// # Errors
/// When it is not theirs, no act is open, or no reason is given.
pub async fn cancel(db: &Db, ctx: &Ctx, draw: &str, reason: &str) -> Result<draw::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, None).await?;
        at_the_counter(ctx, &row)?;
        let act = open_act(tx, &row).await?;
        let deed = match act.kind {
            ActKind::Issue => Deed::CancelIssue,
            ActKind::Return => Deed::CancelReturn,
        };
        let state = row.state.after(deed).map_err(refused)?;
        let mut rows = RowsDigest::new(ctx);
        void(tx, ctx, &act, |_| true, &mut rows).await?;
        let ended = act::Model {
            state: ActState::Cancelled,
            ended_at: Some(ctx.now()),
            ended_by: ctx.actor.to_string(),
            ended_reason: reason.clone(),
            ..act
        };
        rows.add(&put_act(tx, ended).await?);
        let row = put(tx, draw::Model { state, ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "draws.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
