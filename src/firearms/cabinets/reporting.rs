//! A report comes in: whose it is, that it is new, and what of it is kept.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::json;

use super::entity::{device, device_key, event, waiting};
use super::judging;
use super::model::{Concern, DeviceState, EventKind, MOST_AHEAD, MOST_EVENTS, SKEW_MS, plausible};
use super::store;
use crate::access::rules::Rules;
use crate::db::bulk::{self, CHUNK_ROWS};
use crate::db::{Db, Tx};
use crate::findings::{Kind, NewFinding, open_many};
use crate::firearms::ArmsError;
use crate::firearms::draws::handing::ROOM;
use crate::firearms::entity::{arm, cabinet};
use crate::firearms::store as registry;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{ItemId, PersonId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Timestamp};
use crate::org::entity::person;
use crate::webhooks::signature;

/// The key that stands in for that of a device which is not there, so that nobody tells by the time it takes.
const NOBODY: &str = "hfgc_nobody";

/// A report that was signed with the key of a device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Authentic {
    device: Uuid,
    keyed_at: Timestamp,
    sent_at: Timestamp,
}

/// Whose report this is: the device of this number signed this body, now. Nothing otherwise, and nobody is told which of it
/// does not hold.
///
/// # Errors
/// When the database cannot be read.
pub async fn authentic(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    header: &str,
    body: &[u8],
) -> Result<Option<Authentic>, ArmsError> {
    let found = store::device_named(db.read(), number).await?;
    let found = found.filter(|row| row.state == DeviceState::Active);
    let kept = match &found {
        Some(row) => store::key_of(db.read(), row.id).await?,
        None => None,
    };
    let secret = kept.as_ref().map_or(NOBODY, |kept| kept.secret.0.as_str());
    let sent_at = signature::signed_at(secret, header, body);
    let (Some(row), Some(_), Some(sent_at)) = (found, kept, sent_at) else {
        tracing::warn!(device = %number.chars().take(40).collect::<String>(), "a cabinet's report that nobody of ours signed");
        return Ok(None);
    };
    if sent_at.0.abs_diff(ctx.now().0) > SKEW_MS.unsigned_abs() {
        tracing::warn!(device = %row.number, %sent_at, "a cabinet's report of another time");
        return Ok(None);
    }
    Ok(Some(Authentic { device: row.id, keyed_at: row.keyed_at, sent_at }))
}

/// An event as it is told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewEvent {
    /// As the device counts.
    pub seq: i64,
    /// What.
    pub kind: EventKind,
    /// Of which slot, when it is of one.
    pub slot: Option<i64>,
    /// The badge or card that was shown; blank when none was.
    pub badge: String,
    /// What the device says besides.
    pub note: String,
    /// By its clock.
    pub happened_at: Timestamp,
}

/// What became of a report.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Taken {
    /// Events that were new.
    pub new: usize,
    /// Events that had come before.
    pub known: usize,
    /// The highest number that came.
    pub last_seq: i64,
}

/// Keeps what a report tells. A report of nothing says that the device is there.
///
/// # Errors
/// When the device was revoked or given another key meanwhile, an event cannot be, or a number came before with another
/// content; nothing of the report is then kept.
pub async fn take(db: &Db, ctx: &Ctx, of: &Authentic, told: &[NewEvent]) -> Result<Taken, ArmsError> {
    if told.len() > MOST_EVENTS {
        return Err(ArmsError::field("events", format!("一次最多 {MOST_EVENTS} 个事件")));
    }
    db.write(async |tx| {
        let row = device::Entity::find_by_id(of.device).one(tx).await?;
        let row = row.filter(|row| row.state == DeviceState::Active && row.keyed_at == of.keyed_at);
        let kept = store::key_of(tx, of.device).await?;
        let (Some(row), Some(kept)) = (row, kept) else {
            return Err(ArmsError::Conflict("终端已吊销或已更换密钥".to_owned()));
        };
        let cabinet = cabinet::Entity::find_by_id(row.cabinet_id).one(tx).await?;
        let slots = cabinet.map_or(0, |cabinet| cabinet.slots);
        for one in told {
            check(one, slots, kept.last_seq, ctx.now())?;
        }
        let (fresh, known) = sorted_out(tx, &row, told).await?;
        let last_seq = fresh.iter().map(|one| one.seq).max().unwrap_or(0).max(kept.last_seq);
        device_key::Entity::update_many()
            .col_expr(device_key::Column::LastSeq, Expr::value(last_seq))
            .col_expr(device_key::Column::SeenAt, Expr::value(ctx.now().0))
            .filter(device_key::Column::DeviceId.eq(row.id))
            .exec(tx)
            .await?;
        let taken = Taken { new: fresh.len(), known, last_seq };
        if fresh.is_empty() {
            return Ok(taken);
        }
        let events = events(tx, ctx, &row, of.sent_at, fresh).await?;
        let mut rows = RowsDigest::new(ctx);
        events.iter().for_each(|event| rows.add(event));
        bulk::insert(tx, events.iter().cloned()).await?;
        wait(tx, ctx, &events).await?;
        open_many(tx, ctx, alarms(tx, &row, &events).await?, &mut rows).await?;
        judging::events_due(tx, ctx, &mut rows).await?;
        let payload = json!({ "events": taken.new, "known": known, "last_seq": last_seq });
        let (subject, unit) = (row.number.clone(), Some(row.unit_id));
        journal::record(tx, ctx, Entry { action: "cabinets.report", subject, unit, payload, rows }).await?;
        Ok(taken)
    })
    .await
}

fn check(one: &NewEvent, slots: i64, last_seq: i64, now: Timestamp) -> Result<(), ArmsError> {
    let seq = one.seq;
    if seq < 1 || seq > last_seq.saturating_add(MOST_AHEAD) {
        return Err(ArmsError::field("seq", format!("序号 {seq} 应为 1 至 {}", last_seq.saturating_add(MOST_AHEAD))));
    }
    let fits = match one.slot {
        Some(slot) => one.kind.has_slot() && (1..=slots).contains(&slot),
        None => !one.kind.has_slot(),
    };
    if !fits {
        let sentence = format!("序号 {seq}：枪离位、归位须写 1 至 {slots} 的枪位，其他事件不写枪位");
        return Err(ArmsError::field("slot", sentence));
    }
    for (field, text, most) in [("badge", &one.badge, 40), ("note", &one.note, 200)] {
        if let Some(reason) = fault(text, most) {
            return Err(ArmsError::field(field, format!("序号 {seq}：{reason}")));
        }
    }
    plausible(one.happened_at, now).map_err(|reason| ArmsError::field("happened_at", format!("序号 {seq}：{reason}")))
}

/// What is new, in the order counted, and how many had come before.
async fn sorted_out(tx: &Tx, row: &device::Model, told: &[NewEvent]) -> Result<(Vec<NewEvent>, usize), ArmsError> {
    let mut by_seq: HashMap<i64, NewEvent> = HashMap::new();
    for chunk in told.chunks(CHUNK_ROWS) {
        let came = event::Entity::find()
            .filter(event::Column::DeviceId.eq(row.id))
            .filter(event::Column::Seq.is_in(chunk.iter().map(|one| one.seq)))
            .all(tx)
            .await?;
        by_seq.extend(came.into_iter().map(|one| (one.seq, as_told(one))));
    }
    let (mut fresh, mut known) = (Vec::new(), 0);
    for one in told {
        match by_seq.get(&one.seq) {
            None => {
                by_seq.insert(one.seq, one.clone());
                fresh.push(one.clone());
            }
            Some(before) if before == one => known += 1,
            Some(_) => {
                let sentence = format!("终端 {} 的序号 {} 已有另一内容的事件", row.number, one.seq);
                return Err(ArmsError::Conflict(sentence));
            }
        }
    }
    fresh.sort_unstable_by_key(|one| one.seq);
    Ok((fresh, known))
}

fn as_told(row: event::Model) -> NewEvent {
    let event::Model { seq, kind, slot, badge, note, happened_at, .. } = row;
    NewEvent { seq, kind, slot, badge, note, happened_at }
}

async fn events(
    tx: &Tx,
    ctx: &Ctx,
    row: &device::Model,
    sent_at: Timestamp,
    fresh: Vec<NewEvent>,
) -> Result<Vec<event::Model>, ArmsError> {
    let guns = arm::Entity::find().filter(arm::Column::CabinetId.eq(row.cabinet_id)).all(tx).await?;
    let guns: HashMap<i64, ItemId> = guns.into_iter().filter_map(|gun| Some((gun.slot?, gun.item_id))).collect();
    let people = people(tx, &fresh).await?;
    let of = |one: NewEvent| event::Model {
        id: ctx.new_id(),
        device_id: row.id,
        seq: one.seq,
        unit_id: row.unit_id,
        armoury_id: row.armoury_id,
        cabinet_id: row.cabinet_id,
        kind: one.kind,
        slot: one.slot,
        item_id: one.slot.and_then(|slot| guns.get(&slot).copied()),
        person_id: people.get(one.badge.trim()).copied(),
        badge: one.badge,
        note: one.note,
        happened_at: one.happened_at,
        sent_at,
        received_at: ctx.now(),
    };
    Ok(fresh.into_iter().map(of).collect())
}

/// Whose the badges are.
async fn people(tx: &Tx, fresh: &[NewEvent]) -> Result<HashMap<String, PersonId>, ArmsError> {
    let mut badges: Vec<&str> = fresh.iter().map(|one| one.badge.trim()).filter(|badge| !badge.is_empty()).collect();
    badges.sort_unstable();
    badges.dedup();
    let mut found = HashMap::new();
    for chunk in badges.chunks(CHUNK_ROWS) {
        let rows =
            person::Entity::find().filter(person::Column::BadgeNumber.is_in(chunk.iter().copied())).all(tx).await?;
        found.extend(rows.into_iter().filter_map(|row| Some((row.badge_number?, row.id))));
    }
    Ok(found)
}

/// What is held against the book waits until paper and hand have had their minutes.
async fn wait(tx: &Tx, ctx: &Ctx, events: &[event::Model]) -> Result<(), ArmsError> {
    let off = judging::off_ms(&Rules::load(tx).await?, ctx.now());
    let judged = events.iter().filter(|one| one.kind.concern() == Concern::Judged);
    let rows = judged
        .map(|one| waiting::Model { event_id: one.id, judge_at: Timestamp(one.happened_at.0.saturating_add(off)) });
    bulk::insert(tx, rows).await?;
    Ok(())
}

/// What is an alarm by itself: of a lock each, of door, heat and power the first of a day.
async fn alarms(tx: &Tx, row: &device::Model, events: &[event::Model]) -> Result<Vec<NewFinding>, ArmsError> {
    let armoury = registry::armoury_by_id(tx, row.armoury_id).await?;
    let (number, name) = armoury.map(|of| (of.number, of.name)).unwrap_or_default();
    let of = |one: &event::Model| {
        let origin = match one.kind {
            EventKind::LockChanged => store::origin(one.id),
            kind => format!("cabinet/{}/{}/{}", row.id, kind.as_str(), one.happened_at.day()),
        };
        NewFinding {
            room: ROOM,
            origin,
            link: format!("/firearms/stores/{number}/events"),
            kind: Kind::CabinetAlarm,
            unit: Some(row.unit_id),
            item: None,
            title: format!("枪柜报警：{name} {} {}", row.number, one.kind.zh()),
            description: format!(
                "{} 枪柜终端 {} 报告{}（序号 {}）{}，请到场查看。",
                one.happened_at,
                row.number,
                one.kind.zh(),
                one.seq,
                if one.note.is_empty() { String::new() } else { format!("：{}", one.note) }
            ),
        }
    };
    Ok(events.iter().filter(|one| one.kind.concern() == Concern::Alarm).map(of).collect())
}
