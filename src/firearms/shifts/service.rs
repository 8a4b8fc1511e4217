//! A handover is opened, counted blind, signed by four, closed. Each is one transaction with its entry.

use hashbrown::{HashMap, HashSet};
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::{line, shift, signature};
use super::model::{Deed, LineKind, Refusal, Side, State, Tally};
use super::store;
use crate::access::{Action, CoSigner, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx, bulk};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::alarms;
use crate::firearms::draws::ground::{after, is_fresh, may_still};
use crate::firearms::draws::handing::ROOM;
use crate::firearms::entity::{arm, armoury, entry, lot, stock};
use crate::firearms::model::{MOST_ROUNDS, StoreKind};
use crate::firearms::store as registry;
use crate::firearms::{NUMBERS, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::text::key;
use crate::org::people;

/// Guns or lots that a count takes at most.
const MOST_LINES: usize = 2_000;

fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

async fn put(tx: &Tx, row: shift::Model) -> Result<shift::Model, ArmsError> {
    Ok(save!(tx, shift, id, Id, row))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &shift::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// Begins the handover of a unit's stores.
///
/// # Errors
/// When it is not theirs, the unit has no stores, or a handover is open.
pub async fn open(db: &Db, ctx: &Ctx, unit: UnitId) -> Result<shift::Model, ArmsError> {
    permit(ctx, Action::DrawsKeep, Some(unit))?;
    db.write(async |tx| {
        if stores(tx, unit).await?.is_empty() {
            return Err(ArmsError::NotFound("本单位的枪弹库"));
        }
        let open = shift::Entity::find().filter(shift::Column::UnitId.eq(unit)).filter(shift::Column::State.is_in([
            State::Counting,
            State::Agreed,
            State::Differing,
        ]));
        if let Some(open) = open.one(tx).await? {
            let sentence = format!("交接 {}（{}）尚未办结", open.number, open.state.zh());
            return Err(ArmsError::Conflict(sentence));
        }
        let row = shift::Model {
            id: ctx.new_id(),
            number: NUMBERS.next(tx, "JB", ctx.now().day()).await?,
            unit_id: unit,
            state: State::Counting,
            opened_by: ctx.actor.to_string(),
            opened_at: ctx.now(),
            round: 0,
            counted_by: String::new(),
            counted_at: None,
            differences: 0,
            note: String::new(),
            ended_at: None,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        record(tx, ctx, "shifts.open", &row, json!({}), RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

async fn stores(tx: &Tx, unit: UnitId) -> Result<Vec<armoury::Model>, ArmsError> {
    let of = armoury::Entity::find().filter(armoury::Column::UnitId.eq(unit)).filter(armoury::Column::Active.eq(true));
    Ok(of.order_by_asc(armoury::Column::NumberKey).all(tx).await?)
}

/// What was read off the shelves. Nobody is shown what should be there.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Counted {
    /// Serial numbers, labels or numbers of the guns that are there.
    pub guns: Vec<String>,
    /// Lots with their rounds.
    pub lots: Vec<(String, i64)>,
}

/// Holds what was counted against the book of this moment.
///
/// # Errors
/// When it is not theirs, it is over, or something was written twice or cannot be a number of rounds.
pub async fn count(db: &Db, ctx: &Ctx, number: &str, counted: &Counted) -> Result<shift::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    if counted.guns.len() + counted.lots.len() > MOST_LINES {
        return Err(ArmsError::field("guns", format!("一次最多清点 {MOST_LINES} 项")));
    }
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        let now = after(ctx, row.counted_at.unwrap_or(row.opened_at))?;
        let mut lines = Lines { ctx, shift: &row, round: row.round + 1, made: Vec::new() };
        guns(tx, &mut lines, &counted.guns).await?;
        lots(tx, &mut lines, &counted.lots).await?;
        let made = lines.made;
        let many = made.iter().filter(|line| line.differs).count();
        let deed = if many == 0 { Deed::Agree } else { Deed::Differ };
        let state = row.state.after(deed).map_err(refused)?;
        let mut rows = RowsDigest::new(ctx);
        made.iter().for_each(|line| rows.add(line));
        bulk::insert(tx, made).await?;
        void(tx, ctx, &row, |_| true, &mut rows).await?;
        let row = shift::Model {
            state,
            round: row.round + 1,
            counted_by: ctx.actor.to_string(),
            counted_at: Some(now),
            differences: i64::try_from(many).unwrap_or(i64::MAX),
            note: String::new(),
            ..row
        };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "shifts.count", &row, json!({ "round": row.round, "differences": many }), rows).await?;
        Ok(row)
    })
    .await
}

struct Lines<'a> {
    ctx: &'a Ctx,
    shift: &'a shift::Model,
    round: i64,
    made: Vec<line::Model>,
}

impl Lines<'_> {
    fn add(&mut self, kind: LineKind, of: (Option<ItemId>, Option<Uuid>), name: &str, tally: Tally, upto_seq: i64) {
        let line = i64::try_from(self.made.len()).unwrap_or(i64::MAX) + 1;
        self.made.push(line::Model {
            id: self.ctx.new_id(),
            shift_id: self.shift.id,
            round: self.round,
            line,
            kind,
            item_id: of.0,
            stock_id: of.1,
            name: name.chars().take(100).collect(),
            opening: tally.opening,
            came: tally.came,
            went: tally.went,
            book: tally.book,
            counted: tally.counted,
            upto_seq,
            differs: kind == LineKind::Unknown || !tally.fits(),
        });
    }

    fn unknown(&mut self, name: &str, counted: i64) {
        let tally = Tally { opening: 0, came: 0, went: 0, book: 0, counted };
        self.add(LineKind::Unknown, (None, None), name, tally, 0);
    }
}

/// Every gun of the unit's stores: on its shelf or not, by the book and by the eye.
async fn guns(tx: &Tx, lines: &mut Lines<'_>, read: &[String]) -> Result<(), ArmsError> {
    let ids: Vec<Uuid> = stores(tx, lines.shift.unit_id).await?.into_iter().map(|row| row.id).collect();
    let mut seen: HashSet<ItemId> = HashSet::new();
    let mut strange = Vec::new();
    for text in read {
        match registry::named(tx, text).await? {
            Some(gun) if ids.contains(&gun.arm.armoury_id) => {
                if !seen.insert(gun.item.id) {
                    return Err(ArmsError::field("guns", format!("“{}”写了两次", text.trim())));
                }
            }
            _ => strange.push(text.trim().to_owned()),
        }
    }
    let book =
        arm::Entity::find().filter(arm::Column::ArmouryId.is_in(ids)).order_by_asc(arm::Column::ItemId).all(tx).await?;
    for gun in book {
        let (on_shelf, there) = (i64::from(gun.state.is_on_shelf()), i64::from(seen.contains(&gun.item_id)));
        // What is out, lost or scrapped and is not there makes no line.
        if (on_shelf, there) == (0, 0) {
            continue;
        }
        let number = registry::by_id(tx, gun.item_id).await?.map(|one| one.item.item_number).unwrap_or_default();
        let tally = Tally { opening: on_shelf, came: 0, went: 0, book: on_shelf, counted: there };
        lines.add(LineKind::Gun, (Some(gun.item_id), None), &number, tally, 0);
    }
    for text in strange {
        lines.unknown(&text, 1);
    }
    Ok(())
}

/// Every lot of the unit's stores, with what came and went since the last handover.
async fn lots(tx: &Tx, lines: &mut Lines<'_>, read: &[(String, i64)]) -> Result<(), ArmsError> {
    let mut counted: HashMap<String, i64> = HashMap::new();
    for (name, rounds) in read {
        if !(0..=MOST_ROUNDS).contains(rounds) {
            return Err(ArmsError::field("lots", format!("“{}”的发数应为 0 至 10,000,000 的整数", name.trim())));
        }
        if counted.insert(key(name).into_owned(), *rounds).is_some() {
            return Err(ArmsError::field("lots", format!("批次“{}”写了两次", name.trim())));
        }
    }
    let before = opening(tx, lines.shift.unit_id).await?;
    for of in stores(tx, lines.shift.unit_id).await? {
        if of.kind != StoreKind::Ammunition {
            continue;
        }
        for (stock, lot) in registry::stock(tx, of.id).await? {
            let there = counted.remove(&lot.lot_key).unwrap_or(0);
            let tally = since(tx, &stock, before.get(&stock.id).copied(), there).await?;
            let name = name_of(&lot);
            lines.add(LineKind::Lot, (None, Some(stock.id)), &name, tally.0, tally.1);
        }
    }
    let mut strange: Vec<(String, i64)> = counted.into_iter().collect();
    strange.sort_unstable();
    for (name, rounds) in strange {
        lines.unknown(&name, rounds);
    }
    Ok(())
}

fn name_of(lot: &lot::Model) -> String {
    format!("{} {}", lot.type_name, lot.lot)
}

/// Of each lot what the book said at the last handover, and up to which of its entries.
async fn opening(tx: &Tx, unit: UnitId) -> Result<HashMap<Uuid, (i64, i64)>, ArmsError> {
    let Some(last) = store::last_closed(tx, unit).await? else { return Ok(HashMap::new()) };
    let lines = store::lines(tx, &last).await?;
    Ok(lines.into_iter().filter_map(|line| line.stock_id.map(|id| (id, (line.book, line.upto_seq)))).collect())
}

/// What came to a lot and went from it since, by its entries; up to which the book was read.
async fn since(
    tx: &Tx,
    stock: &stock::Model,
    before: Option<(i64, i64)>,
    counted: i64,
) -> Result<(Tally, i64), ArmsError> {
    let (opening, from) = before.unwrap_or_default();
    let entries = entry::Entity::find()
        .filter(entry::Column::StockId.eq(stock.id))
        .filter(entry::Column::Seq.gt(from))
        .all(tx)
        .await?;
    let came = entries.iter().map(|one| one.delta.max(0)).sum();
    let went = entries.iter().map(|one| -one.delta.min(0)).sum();
    let upto = entries.iter().map(|one| one.seq).max().unwrap_or(from);
    Ok((Tally { opening, came, went, book: stock.rounds, counted }, upto))
}

async fn void(
    tx: &Tx,
    ctx: &Ctx,
    row: &shift::Model,
    which: impl Fn(&signature::Model) -> bool,
    rows: &mut RowsDigest,
) -> Result<(), ArmsError> {
    for signed in store::signatures(tx, row.id).await?.into_iter().filter(which) {
        rows.add(&save!(tx, signature, id, Id, signature::Model { voided_at: Some(ctx.now()), ..signed }));
    }
    Ok(())
}

/// Says what is known of the differences, so that both sides can sign for them. What was signed before is void.
///
/// # Errors
/// When it is not theirs, nothing differs, or nothing is said.
pub async fn explain(db: &Db, ctx: &Ctx, number: &str, note: &str) -> Result<shift::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let note = words("note", note, "差异情况")?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        if row.state != State::Differing {
            return Err(ArmsError::Conflict(format!("此交接{}，没有差异可说明", row.state.zh())));
        }
        let mut rows = RowsDigest::new(ctx);
        void(tx, ctx, &row, |_| true, &mut rows).await?;
        let row = put(tx, shift::Model { note: note.clone(), ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "shifts.explain", &row, json!({ "note": note }), rows).await?;
        Ok(row)
    })
    .await
}

/// Somebody who proved that they are there signs for one of the sides.
///
/// # Errors
/// When they may not, they signed for another side, or nothing was counted; with differences, when nothing is said of them.
pub async fn sign(db: &Db, signer: &CoSigner, number: &str, side: Side) -> Result<signature::Model, ArmsError> {
    let ctx = &signer.ctx;
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        row.state.after(Deed::Close).map_err(refused)?;
        after(ctx, row.counted_at.unwrap_or(row.opened_at))?;
        if row.differences > 0 && row.note.is_empty() {
            return Err(ArmsError::Conflict("有差异：先写明情况，双方再签字".to_owned()));
        }
        let who = people::open(tx, signer.person, "person_id").await?.name;
        let mut rows = RowsDigest::new(ctx);
        void(tx, ctx, &row, |one| one.side == side || !is_fresh(ctx, one.signed_at), &mut rows).await?;
        if store::signatures(tx, row.id).await?.iter().any(|one| one.person_id == signer.person) {
            return Err(ArmsError::Conflict(format!("{who}已签字，交班、接班须是四个人")));
        }
        if !may_still(tx, ctx, signer.person, signer.account, Action::DrawsKeep).await? {
            return Err(ArmsError::Conflict(format!("{who}的账号已停用或没有此项权限")));
        }
        let signed = signature::Model {
            id: ctx.new_id(),
            shift_id: row.id,
            side,
            person_id: signer.person,
            account_id: signer.account,
            signed_at: ctx.now(),
            voided_at: None,
            version: 1,
        };
        signed.clone().into_active_model().insert(tx).await?;
        rows.add(&signed);
        record(tx, ctx, "shifts.sign", &row, json!({ "side": side }), rows).await?;
        Ok(signed)
    })
    .await
}

/// Closes a handover that four have signed; every difference becomes a finding.
///
/// # Errors
/// When it is not theirs, nothing was counted, or a signature is missing, too old, or of somebody who may not any more.
pub async fn close(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<shift::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(crate::db::DbError::Stale.into());
        }
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        let state = row.state.after(Deed::Close).map_err(refused)?;
        let now = after(ctx, row.counted_at.unwrap_or(row.opened_at))?;
        let signed = store::signatures(tx, row.id).await?;
        for side in Side::ALL {
            let Some(one) = signed.iter().find(|one| one.side == *side) else {
                return Err(ArmsError::Conflict(format!("{}尚未签字", side.zh())));
            };
            if !is_fresh(ctx, one.signed_at) {
                return Err(ArmsError::Conflict(format!("{}的签字已超过 10 分钟，请重新签字", side.zh())));
            }
            if !may_still(tx, ctx, one.person_id, one.account_id, Action::DrawsKeep).await? {
                let sentence = format!("{}的账号已停用或没有此项权限，请由他人签字", side.zh());
                return Err(ArmsError::Conflict(sentence));
            }
        }
        let mut rows = RowsDigest::new(ctx);
        let lines = store::lines(tx, &row).await?;
        let found = lines.iter().filter(|line| line.differs).map(|line| difference(&row, line)).collect();
        open_many(tx, ctx, found, &mut rows).await?;
        alarms::counted(tx, ctx, row.unit_id, &mut rows).await?;
        let row = put(tx, shift::Model { state, ended_at: Some(now), ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "shifts.close", &row, json!({ "differences": row.differences }), rows).await?;
        Ok(row)
    })
    .await
}

fn difference(row: &shift::Model, line: &line::Model) -> NewFinding {
    let Tally { opening, came, went, book, counted } = line.tally();
    let numbers = match line.kind {
        LineKind::Gun if counted == 0 => "账上在库，架上没有".to_owned(),
        LineKind::Gun => "账上不在库，架上有".to_owned(),
        LineKind::Lot => format!("结存 {opening} + 入 {came} − 出 {went}，账面 {book} 发，实盘 {counted} 发"),
        LineKind::Unknown => format!("本单位账上没有，架上有 {counted}"),
    };
    // What was read off a gun that is in no book may be its serial number.
    let name = if line.kind == LineKind::Unknown { "账外枪弹" } else { line.name.as_str() };
    NewFinding {
        room: ROOM,
        origin: format!("shift/{}/{}", row.id, line.line),
        link: format!("/firearms/shifts/{}", row.number),
        kind: Kind::ArmouryDifference,
        unit: Some(row.unit_id),
        item: line.item_id,
        title: format!("枪弹交接差异：{name}（{}）", row.number),
        description: format!("交接 {}：{name}，{numbers}。双方签认情况：{}", row.number, row.note),
    }
}

/// Gives a handover up, with a reason.
///
/// # Errors
/// When it is not theirs, it is over, or no reason is given.
pub async fn cancel(db: &Db, ctx: &Ctx, number: &str, reason: &str) -> Result<shift::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::DrawsKeep, Some(row.unit_id))?;
        let state = row.state.after(Deed::Cancel).map_err(refused)?;
        let row = put(tx, shift::Model { state, note: reason.clone(), ended_at: Some(ctx.now()), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "shifts.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
