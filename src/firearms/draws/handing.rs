//! The gun changes hands: out to the officer, back to the store. Only here; everything before was preparation.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::acting::right_of;
use super::entity::{act, draw, holding, magazine_holding};
use super::ground::{
    after, at_the_counter, is_fresh, load, may_go_out, open_act, put, put_act, record, refused, still_counts,
};
use super::losing::{Loss, raise};
use super::model::{ActKind, ActState, Clearance, Deed, HoldingEnd, Part, Purpose, Rounds};
use super::store;
use crate::access::{Action, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::alarms;
use crate::firearms::ammunition::{Why, post};
use crate::firearms::arms::put_state;
use crate::firearms::entity::{magazine, stock};
use crate::firearms::model::{ArmDeed, EntryKind, MagazineState};
use crate::firearms::store::{self as registry, Arm};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;

/// The room that findings of draws come from.
pub const ROOM: &str = "firearms";

/// Everything of an act is done: the check, the scan, the count, and every signature that is needed still counts. Whose does not
/// any more is said, and signs anew.
async fn complete(tx: &Tx, ctx: &Ctx, row: &draw::Model, act: &act::Model) -> Result<(), ArmsError> {
    if act.item_id.is_some() && (Clearance::next(act.cleared).is_some() || act.scanned_at.is_none()) {
        return Err(ArmsError::Conflict("验枪、扫枪尚未完成".to_owned()));
    }
    if act.counted_at.is_none() {
        return Err(ArmsError::Conflict("弹药尚未清点".to_owned()));
    }
    let signed = store::signatures(tx, act.id).await?;
    for part in Part::needed(row.urgent && act.kind == ActKind::Issue) {
        let Some(one) = signed.iter().find(|one| one.part == *part) else {
            return Err(ArmsError::Conflict(format!("{}尚未签字", part.zh())));
        };
        if !is_fresh(ctx, one.signed_at) {
            return Err(ArmsError::Conflict(format!("{}的签字已超过 10 分钟，请重新签字", part.zh())));
        }
        if !still_counts(tx, ctx, one, right_of(*part)).await? {
            let sentence = format!("{}的账号已停用或没有此项权限，请由他人签字", part.zh());
            return Err(ArmsError::Conflict(sentence));
        }
    }
    Ok(())
}

async fn end(tx: &Tx, ctx: &Ctx, act: act::Model) -> Result<act::Model, ArmsError> {
    let (state, ended_at, ended_by) = (ActState::Done, Some(ctx.now()), ctx.actor.to_string());
    put_act(tx, act::Model { state, ended_at, ended_by, ..act }).await
}

async fn gun(tx: &Tx, id: ItemId) -> Result<Arm, ArmsError> {
    registry::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))
}

async fn stock_row(tx: &Tx, id: uuid::Uuid) -> Result<stock::Model, ArmsError> {
    stock::Entity::find_by_id(id).one(tx).await?.ok_or(ArmsError::NotFound("这批弹药"))
}

/// Hands the gun, its rounds and magazines to the officer.
///
/// # Errors
/// When it is not theirs, the draw may not go out any more (a ban, a lock), a step or signature is missing, too old, or of
/// somebody who may not any more.
pub async fn hand_over(db: &Db, ctx: &Ctx, draw: &str, version: Option<i64>) -> Result<draw::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, version).await?;
        at_the_counter(ctx, &row)?;
        let act = open_act(tx, &row).await?;
        let state = row.state.after(Deed::HandOver).map_err(refused)?;
        let now = after(ctx, act.counted_at.unwrap_or(act.opened_at))?;
        may_go_out(tx, ctx, &row).await?;
        complete(tx, ctx, &row, &act).await?;
        let id = act.item_id.ok_or(ArmsError::NotFound("这支枪"))?;
        let mut rows = RowsDigest::new(ctx);
        let why = format!("领用 {}", row.number);
        let out = put_state(tx, ctx, gun(tx, id).await?, ArmDeed::Draw, &why, Some(&why), &mut rows).await?;
        let held = holding::Model {
            id: ctx.new_id(),
            item_id: id,
            person_id: row.drawer_id,
            draw_id: row.id,
            since: now,
            ended_at: None,
            ended_as: None,
            version: 1,
        };
        held.clone().into_active_model().insert(tx).await?;
        rows.add(&held);
        if let Some(stock) = act.stock_id {
            let why = Why { kind: EntryKind::Drawn, document: &row.number, note: "" };
            post(tx, ctx, stock_row(tx, stock).await?, -act.rounds, &why, &mut rows).await?;
        }
        magazines_go(tx, ctx, &row, &act, &mut rows).await?;
        let (stock_id, rounds_out) = (act.stock_id, act.rounds);
        let payload = json!({ "gun": out.item.item_number, "rounds": rounds_out, "magazines": act.magazines });
        rows.add(&end(tx, ctx, act).await?);
        let row = draw::Model { state, item_id: Some(id), stock_id, rounds_out, out_at: Some(now), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "draws.hand_over", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn magazines_go(
    tx: &Tx,
    ctx: &Ctx,
    row: &draw::Model,
    act: &act::Model,
    rows: &mut RowsDigest,
) -> Result<(), ArmsError> {
    for key in act.magazines.split_whitespace() {
        let found = magazine::Entity::find().filter(magazine::Column::NumberKey.eq(key)).one(tx).await?;
        let Some(found) = found.filter(|one| one.state == MagazineState::InStore) else {
            return Err(ArmsError::Conflict(format!("弹匣“{key}”已不在库，请重新清点")));
        };
        let gone = save!(tx, magazine, id, Id, magazine::Model { state: MagazineState::Out, ..found });
        rows.add(&gone);
        let held = magazine_holding::Model {
            id: ctx.new_id(),
            magazine_id: gone.id,
            draw_id: row.id,
            since: ctx.now(),
            ended_at: None,
            ended_as: None,
            version: 1,
        };
        held.clone().into_active_model().insert(tx).await?;
        rows.add(&held);
    }
    Ok(())
}

/// Takes gun, rounds and magazines back. Rounds that were fired open the duty of a written report; what is lost locks the
/// unit's draws and is a finding at once.
///
/// # Errors
/// When it is not theirs, a step or signature is missing, too old, or of somebody who may not any more, or the rounds do
/// not add up.
pub async fn take_back(db: &Db, ctx: &Ctx, draw: &str, version: Option<i64>) -> Result<draw::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, draw, version).await?;
        at_the_counter(ctx, &row)?;
        let act = open_act(tx, &row).await?;
        let state = row.state.after(Deed::Close).map_err(refused)?;
        let now = after(ctx, act.counted_at.unwrap_or(act.opened_at))?;
        complete(tx, ctx, &row, &act).await?;
        let rounds = Rounds { back: act.rounds, fired: act.fired, damaged: act.damaged, lost: act.lost };
        rounds.check(row.rounds_out).map_err(|reason| ArmsError::field("rounds", reason))?;
        let mut rows = RowsDigest::new(ctx);
        if let Some(id) = act.item_id {
            gun_comes(tx, ctx, &row, id, rounds.fired > 0, &mut rows).await?;
        }
        if let Some(stock) = act.stock_id.filter(|_| rounds.back > 0) {
            let why = Why { kind: EntryKind::Returned, document: &row.number, note: "" };
            post(tx, ctx, stock_row(tx, stock).await?, rounds.back, &why, &mut rows).await?;
        }
        let missing = magazines_come(tx, ctx, &row, &act, &mut rows).await?;
        rows.add(&end(tx, ctx, act).await?);
        let reported = row.rounds_lost;
        let row = draw::Model {
            state,
            rounds_back: rounds.back,
            rounds_fired: rounds.fired,
            rounds_damaged: rounds.damaged,
            rounds_lost: rounds.lost,
            returned_at: Some(now),
            ..row
        };
        let loss = Loss { gun: false, rounds: rounds.lost - reported, magazines: missing };
        let row =
            if loss == Loss::default() { row } else { raise(tx, ctx, row, &loss, "还枪清点", &mut rows).await? };
        let row = put(tx, row).await?;
        rows.add(&row);
        alarms::came_back(tx, ctx, &row, &mut rows).await?;
        alarms::given_back(tx, ctx, row.drawer_id, &mut rows).await?;
        if rounds.fired > 0 && row.purpose != Purpose::Training {
            open_many(tx, ctx, vec![report_due(&row)], &mut rows).await?;
        }
        let payload = json!({ "back": rounds.back, "fired": rounds.fired, "damaged": rounds.damaged,
            "lost": rounds.lost });
        record(tx, ctx, "draws.take_back", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// Who fired writes a report of it (人民警察使用警械和武器条例 第13条; 公通字〔1999〕74号 第24条).
fn report_due(row: &draw::Model) -> NewFinding {
    NewFinding {
        room: ROOM,
        origin: format!("draw/{}", row.id),
        link: format!("/firearms/draws/{}", row.number),
        kind: Kind::FirearmFired,
        unit: Some(row.unit_id),
        item: row.item_id,
        title: format!("{} 使用枪支，须书面报告", row.number),
        description: format!(
            "领枪单 {} 交还时耗用子弹 {} 发。使用人应当书面报告使用情况、耗弹数和伤亡情况，抄送治安、装备部门。",
            row.number, row.rounds_fired
        ),
    }
}

async fn gun_comes(
    tx: &Tx,
    ctx: &Ctx,
    row: &draw::Model,
    id: ItemId,
    fired: bool,
    rows: &mut RowsDigest,
) -> Result<(), ArmsError> {
    let why = format!("交还 {}", row.number);
    let back = put_state(tx, ctx, gun(tx, id).await?, ArmDeed::Return, &why, None, rows).await?;
    if fired {
        put_state(tx, ctx, back, ArmDeed::NeedCleaning, &why, None, rows).await?;
    }
    end_holding(tx, ctx, id, HoldingEnd::Returned, rows).await
}

/// Nobody holds the gun any more.
pub(super) async fn end_holding(
    tx: &Tx,
    ctx: &Ctx,
    gun: ItemId,
    ended_as: HoldingEnd,
    rows: &mut RowsDigest,
) -> Result<(), ArmsError> {
    let Some(held) = store::holder_of(tx, gun).await? else {
        return Err(ArmsError::Conflict("无借出的枪不能还枪".to_owned()));
    };
    let ended = holding::Model { ended_at: Some(ctx.now()), ended_as: Some(ended_as), ..held };
    rows.add(&save!(tx, holding, id, Id, ended));
    Ok(())
}

/// Magazines that were counted are back; how many of those that went are lost.
async fn magazines_come(
    tx: &Tx,
    ctx: &Ctx,
    row: &draw::Model,
    act: &act::Model,
    rows: &mut RowsDigest,
) -> Result<i64, ArmsError> {
    let back: Vec<&str> = act.magazines.split_whitespace().collect();
    let mut lost = 0;
    for held in store::magazines_out(tx, row.id).await? {
        let found = magazine::Entity::find_by_id(held.magazine_id).one(tx).await?;
        let found = found.ok_or(ArmsError::NotFound("这个弹匣"))?;
        let (state, ended_as) = if back.contains(&found.number_key.as_str()) {
            (MagazineState::InStore, HoldingEnd::Returned)
        } else {
            lost += 1;
            (MagazineState::Lost, HoldingEnd::Lost)
        };
        rows.add(&save!(tx, magazine, id, Id, magazine::Model { state, ..found }));
        let ended = magazine_holding::Model { ended_at: Some(ctx.now()), ended_as: Some(ended_as), ..held };
        rows.add(&save!(tx, magazine_holding, id, Id, ended));
    }
    Ok(lost)
}
