//! A transfer is planned, sent by two, received by two others. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::changes::{self, Changed, Of};
use super::entity::{line, transfer};
use super::model::{Deed, Reason, Refusal, State};
use super::receiving::{Way, sort};
use super::store;
use super::training::lot_of;
use crate::access::{Action, CoSigner, Forbidden, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many, opening};
use crate::firearms::ammunition::{Why, post};
use crate::firearms::armouries::{of_kind, usable};
use crate::firearms::arms::put_state;
use crate::firearms::draws::ground::{after, unlocked};
use crate::firearms::draws::handing::ROOM;
use crate::firearms::draws::store as draws;
use crate::firearms::entity::{armoury, stock};
use crate::firearms::model::{ArmDeed, EntryKind, MOST_ROUNDS, StoreKind};
use crate::firearms::store::{self as registry, Arm};
use crate::firearms::upkeep::service::both;
use crate::firearms::upkeep::store as upkeep;
use crate::firearms::{ArmsError, NUMBERS, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;

/// Guns or lots that one transfer takes at most.
pub const MOST_LINES: usize = 500;

/// A transfer as it is planned.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NewTransfer {
    /// The number of the store that it goes from.
    pub from: String,
    /// The number of the store that it goes to.
    pub to: String,
    /// Numbers, labels or serial numbers of guns; none when rounds go.
    pub guns: Vec<String>,
    /// Lots with their rounds; none when guns go.
    pub lots: Vec<(String, i64)>,
    /// 调拨依据、运输许可
    pub document: String,
    /// 原因
    pub reason: String,
}

pub(super) fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

async fn put(tx: &Tx, row: transfer::Model) -> Result<transfer::Model, ArmsError> {
    Ok(save!(tx, transfer, id, Id, row))
}

pub(super) async fn put_line(tx: &Tx, row: line::Model) -> Result<line::Model, ArmsError> {
    Ok(save!(tx, line, id, Id, row))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &transfer::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.from_unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<transfer::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    Ok(row)
}

async fn gun(tx: &Tx, id: ItemId) -> Result<Arm, ArmsError> {
    registry::by_id(tx, id).await?.ok_or(ArmsError::NotFound("这支枪"))
}

pub(super) async fn stock_row(tx: &Tx, id: uuid::Uuid) -> Result<stock::Model, ArmsError> {
    stock::Entity::find_by_id(id).one(tx).await?.ok_or(ArmsError::NotFound("这批弹药"))
}

/// Plans a transfer. Guns and rounds never go in one.
///
/// # Errors
/// When it is not theirs, the stores are one or of two kinds, guns and rounds are mixed, or something is not there.
pub async fn plan(db: &Db, ctx: &Ctx, new: &NewTransfer) -> Result<transfer::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let document = words("document", &new.document, "调拨依据、运输许可")?;
    let reason = words("reason", &new.reason, "调拨的原因")?;
    let kind = match (new.guns.len(), new.lots.len()) {
        (0, 0) => return Err(ArmsError::field("guns", "请填写要调拨的枪或弹药")),
        (1..=MOST_LINES, 0) => StoreKind::Gun,
        (0, 1..=MOST_LINES) => StoreKind::Ammunition,
        (_, 0) | (0, _) => return Err(ArmsError::field("guns", format!("一张调拨单最多 {MOST_LINES} 项"))),
        _ => return Err(ArmsError::field("guns", "枪、弹须分开运输，请分两张调拨单")),
    };
    db.write(async |tx| {
        let from = of_kind(tx, ctx, &new.from, kind).await?;
        // Where it goes is seldom within the reach of whoever sends.
        let to = registry::armoury_named(tx, &new.to).await?;
        let to = to.ok_or_else(|| ArmsError::field("to", "没有这个枪弹库"))?;
        if to.id == from.id {
            return Err(ArmsError::field("to", "调出、调入不能是同一个库"));
        }
        usable(&to, kind).map_err(|refusal| ArmsError::field("to", refusal.to_string()))?;
        let row = planned(tx, ctx, &from, &to, (&document, &reason)).await?;
        let lines = match kind {
            StoreKind::Gun => guns(tx, ctx, &row, &new.guns).await?,
            StoreKind::Ammunition => rounds(tx, ctx, &row, &new.lots).await?,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        lines.iter().for_each(|line| rows.add(line));
        let many = lines.len();
        bulk::insert(tx, lines).await?;
        let payload = json!({ "from": from.number, "to": to.number, "lines": many, "document": row.document });
        record(tx, ctx, "transfers.plan", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn planned(
    tx: &Tx,
    ctx: &Ctx,
    from: &armoury::Model,
    to: &armoury::Model,
    (document, reason): (&str, &str),
) -> Result<transfer::Model, ArmsError> {
    Ok(transfer::Model {
        id: ctx.new_id(),
        number: NUMBERS.next(tx, if from.kind == StoreKind::Gun { "QD" } else { "DD" }, ctx.now().day()).await?,
        state: State::Planned,
        store_kind: from.kind,
        from_id: from.id,
        to_id: to.id,
        from_unit_id: from.unit_id,
        to_unit_id: to.unit_id,
        document: document.to_owned(),
        reason: reason.to_owned(),
        asked_by: ctx.actor.to_string(),
        asked_at: ctx.now(),
        sent1_id: None,
        sent2_id: None,
        sent_at: None,
        received1_id: None,
        received2_id: None,
        received_at: None,
        note: String::new(),
        ended_at: None,
        version: 1,
    })
}

fn new_line(ctx: &Ctx, of: &transfer::Model, before: usize, quantity: i64) -> line::Model {
    line::Model {
        id: ctx.new_id(),
        transfer_id: of.id,
        store_kind: of.store_kind,
        line: i64::try_from(before).unwrap_or(i64::MAX).saturating_add(1),
        item_id: None,
        stock_id: None,
        quantity,
        arrived: 0,
        ended_at: None,
        version: 1,
    }
}

async fn guns(tx: &Tx, ctx: &Ctx, of: &transfer::Model, wanted: &[String]) -> Result<Vec<line::Model>, ArmsError> {
    let mut lines: Vec<line::Model> = Vec::new();
    for text in wanted {
        let found = registry::named(tx, text).await?.filter(|one| one.arm.armoury_id == of.from_id);
        let Some(found) = found else {
            return Err(ArmsError::field("guns", format!("本库没有“{}”这支枪", text.trim())));
        };
        if lines.iter().any(|line| line.item_id == Some(found.item.id)) {
            return Err(ArmsError::field("guns", format!("“{}”写了两次", text.trim())));
        }
        may_go(tx, &found, of).await.map_err(|why| ArmsError::field("guns", why.to_string()))?;
        lines.push(line::Model { item_id: Some(found.item.id), ..new_line(ctx, of, lines.len(), 1) });
    }
    Ok(lines)
}

/// Whether a gun may leave its store with a transfer: it is on its shelf, and no other paper has it.
async fn may_go(tx: &Tx, found: &Arm, of: &transfer::Model) -> Result<(), ArmsError> {
    let number = &found.item.item_number;
    let busy = |with: String| Err(ArmsError::Conflict(format!("{number} {with}")));
    if let Err(refusal) = found.arm.state.after(ArmDeed::Send) {
        return Err(ArmsError::Conflict(format!("{number}：{refusal}")));
    }
    if found.arm.armoury_id != of.from_id {
        return busy("已不在本库".to_owned());
    }
    if draws::act_with(tx, found.item.id).await?.is_some() {
        return busy("正在办理领枪、还枪".to_owned());
    }
    if let Some((_, paper)) = upkeep::open_with(tx, found.item.id).await? {
        return busy(format!("已在保养单 {}", paper.number));
    }
    match store::open_with(tx, found.item.id).await? {
        Some(other) if other.id != of.id => busy(format!("已在调拨单 {}", other.number)),
        _ => Ok(()),
    }
}

async fn rounds(
    tx: &Tx,
    ctx: &Ctx,
    of: &transfer::Model,
    wanted: &[(String, i64)],
) -> Result<Vec<line::Model>, ArmsError> {
    let mut lines: Vec<line::Model> = Vec::new();
    for (text, many) in wanted {
        if !(1..=MOST_ROUNDS).contains(many) {
            let sentence = format!("“{}”的发数应为 1 至 10,000,000 的整数", text.trim());
            return Err(ArmsError::field("lots", sentence));
        }
        let found = lot_of(tx, of.from_id, text).await;
        let found = found.map_err(|why| ArmsError::field("lots", why.to_string()))?;
        if lines.iter().any(|line| line.stock_id == Some(found.id)) {
            return Err(ArmsError::field("lots", format!("批次“{}”写了两次", text.trim())));
        }
        if found.rounds < *many {
            let sentence = format!("批次“{}”库存 {} 发，不足 {many} 发", text.trim(), found.rounds);
            return Err(ArmsError::field("lots", sentence));
        }
        lines.push(line::Model { stock_id: Some(found.id), ..new_line(ctx, of, lines.len(), *many) });
    }
    Ok(lines)
}

/// Two of the store send it off: from now on what is in it is in neither store.
///
/// # Errors
/// When it is not theirs, they are one person, the unit is locked, it was sent, or something is not there any more.
pub async fn send(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    number: &str,
    version: Option<i64>,
) -> Result<transfer::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let (one, two) = both(tx, ctx, second, row.from_unit_id).await?;
        let state = row.state.after(Deed::Send).map_err(refused)?;
        unlocked(tx, row.from_unit_id).await?;
        let now = after(ctx, row.asked_at)?;
        let mut rows = RowsDigest::new(ctx);
        for line in store::lines(tx, row.id).await? {
            let of = leave(tx, ctx, &row, &line, &mut rows).await?;
            let changed = Changed {
                armoury: row.from_id,
                of,
                reason: Reason::Sent,
                quantity: -line.quantity,
                document: &row.number,
                note: &row.document,
            };
            changes::add(tx, ctx, changed, &mut rows).await?;
        }
        let row = transfer::Model { state, sent1_id: Some(one), sent2_id: Some(two), sent_at: Some(now), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "transfers.send", &row, json!({ "senders": [one, two] }), rows).await?;
        Ok(row)
    })
    .await
}

/// A gun or rounds leave the store.
async fn leave(
    tx: &Tx,
    ctx: &Ctx,
    row: &transfer::Model,
    line: &line::Model,
    rows: &mut RowsDigest,
) -> Result<Of, ArmsError> {
    match (line.item_id, line.stock_id) {
        (Some(id), _) => {
            let found = gun(tx, id).await?;
            may_go(tx, &found, row).await?;
            let why = format!("调拨 {} 在途", row.number);
            put_state(tx, ctx, found, ArmDeed::Send, &why, Some(&why), rows).await?;
            Ok(Of::Gun(id))
        }
        (None, Some(id)) => {
            let why = Why { kind: EntryKind::Sent, document: &row.number, note: &row.document };
            post(tx, ctx, stock_row(tx, id).await?, -line.quantity, &why, rows).await?;
            Ok(Of::Lot(id))
        }
        // The database has no line of neither.
        (None, None) => Err(ArmsError::NotFound("这一行")),
    }
}

/// What was found when it arrived.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Arrived {
    /// Numbers, labels or serial numbers of the guns that are there.
    pub guns: Vec<String>,
    /// Lots with the rounds that are there.
    pub lots: Vec<(String, i64)>,
}

/// Two of the other store receive what is there. What is missing or wrong is a finding, and the transfer stays open until the
/// rest has come.
///
/// # Errors
/// When it is not theirs, they are one person or sent it, it is not on the way, or something is written twice.
pub async fn receive(
    db: &Db,
    ctx: &Ctx,
    second: &CoSigner,
    number: &str,
    version: Option<i64>,
    arrived: &Arrived,
) -> Result<transfer::Model, ArmsError> {
    permit_somewhere(ctx, Action::DrawsKeep)?;
    if arrived.guns.len() + arrived.lots.len() > MOST_LINES {
        return Err(ArmsError::field("guns", format!("一次最多清点 {MOST_LINES} 项")));
    }
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        let (one, two) = both(tx, ctx, second, row.to_unit_id).await?;
        row.state.after(Deed::Arrive).map_err(refused)?;
        if [row.sent1_id, row.sent2_id].iter().any(|sender| [Some(one), Some(two)].contains(sender)) {
            return Err(Forbidden::SamePerson("发运人不能收货，须由调入库的另外两人清点").into());
        }
        let now = after(ctx, row.sent_at.unwrap_or(row.asked_at))?;
        let to = registry::armoury_by_id(tx, row.to_id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))?;
        let way = Way { row: &row, to: &to };
        let sorted = sort(tx, &way, arrived).await?;
        let mut rows = RowsDigest::new(ctx);
        let left = way.take(tx, ctx, &sorted, &mut rows).await?;
        let note = sorted.told(&left);
        let deed = if note.is_empty() { Deed::Arrive } else { Deed::Differ };
        let state = row.state.after(deed).map_err(refused)?;
        tell(tx, ctx, &row, &note, &mut rows).await?;
        let row = transfer::Model {
            state,
            received1_id: Some(one),
            received2_id: Some(two),
            received_at: Some(now),
            note: note.clone(),
            ended_at: (deed == Deed::Arrive).then_some(now),
            ..row
        };
        let row = put(tx, row).await?;
        rows.add(&row);
        let payload = json!({ "receivers": [one, two], "state": row.state, "note": note });
        record(tx, ctx, "transfers.receive", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

/// A difference is a finding; told again it is noted there, and when all has come it is settled.
async fn tell(tx: &Tx, ctx: &Ctx, row: &transfer::Model, note: &str, rows: &mut RowsDigest) -> Result<(), ArmsError> {
    let origin = format!("transfer/{}", row.id);
    let known = opening::of_origins(tx, ROOM, Kind::TransferDifference, std::slice::from_ref(&origin)).await?;
    match (known.into_values().next(), note) {
        (None, "") => {}
        (None, note) => {
            let finding = NewFinding {
                room: ROOM,
                origin,
                link: format!("/firearms/transfers/{}", row.number),
                kind: Kind::TransferDifference,
                unit: Some(row.to_unit_id),
                item: None,
                title: format!("枪弹调拨到货不符：{}", row.number),
                description: format!("调拨单 {} 到货清点：{note}。须立即与发运单位核对、报告。", row.number),
            };
            open_many(tx, ctx, vec![finding], rows).await?;
        }
        (Some(finding), "") => {
            let evidence = (EvidenceKind::BookChange, "已全部收到入库".to_owned());
            opening::settle(tx, ctx, finding, evidence, rows).await?;
        }
        (Some(finding), note) => {
            opening::note(tx, ctx, finding, format!("再次清点：{note}"), rows).await?;
        }
    }
    Ok(())
}

/// Gives a transfer up before it is sent.
///
/// # Errors
/// When it is not theirs, no reason is given, or it was sent.
pub async fn cancel(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<transfer::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = load(tx, ctx, number, version).await?;
        permit(ctx, Action::FirearmsWrite, Some(row.from_unit_id))?;
        let state = row.state.after(Deed::Cancel).map_err(refused)?;
        let mut rows = RowsDigest::new(ctx);
        for line in store::lines(tx, row.id).await? {
            rows.add(&put_line(tx, line::Model { ended_at: Some(ctx.now()), ..line }).await?);
        }
        let row = transfer::Model { state, note: reason.clone(), ended_at: Some(ctx.now()), ..row };
        let row = put(tx, row).await?;
        rows.add(&row);
        record(tx, ctx, "transfers.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}
