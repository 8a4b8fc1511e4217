//! An audit is committed to, drawn, closed. Each is one transaction with its entry.

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{audit, line, seed};
use super::model::{Deed, LineKind, Outcome, Refusal, State};
use super::store;
use crate::access::{Action, Forbidden, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx, bulk};
use crate::findings::{Kind, NewFinding, open_many, opening};
use crate::firearms::draws::ground::after;
use crate::firearms::draws::handing::ROOM;
use crate::firearms::entity::{arm, armoury};
use crate::firearms::model::{ArmState, StoreKind};
use crate::firearms::store as registry;
use crate::firearms::{ArmsError, NUMBERS, keepers, words};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::hash::{HashKind, hex};
use crate::kernel::ids::ItemId;
use crate::kernel::sampling::{self, Precision};

pub(super) fn refused(refusal: Refusal) -> ArmsError {
    ArmsError::Conflict(refusal.to_string())
}

pub(super) async fn put(tx: &Tx, row: audit::Model) -> Result<audit::Model, ArmsError> {
    Ok(save!(tx, audit, id, Id, row))
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &audit::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

/// 32 random bytes, in hexadecimal.
fn fresh_seed(ctx: &Ctx) -> String {
    let bytes: Vec<u8> = (0..4).flat_map(|_| ctx.random().to_le_bytes()).collect();
    hex(&bytes)
}

/// Commits to an audit of an armoury by whoever acts: the hash of its seed goes into the journal, nothing is drawn yet.
///
/// # Errors
/// When it is not theirs, they keep the armoury, an audit of it is open, or there is no such precision.
pub async fn commit(
    db: &Db,
    ctx: &Ctx,
    armoury: &str,
    confidence: i64,
    margin: i64,
) -> Result<audit::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let precision = Precision::of(confidence, margin).ok_or_else(|| {
        let field =
            if Precision::of(confidence, Precision::USUAL.margin()).is_none() { "confidence" } else { "margin" };
        ArmsError::field(field, "置信度应为 80、90、95、98 或 99（%），误差应为 1 至 30（%）的整数")
    })?;
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, armoury).await?;
        permit(ctx, Action::InspectionsRun, Some(of.unit_id))?;
        if !of.active {
            return Err(ArmsError::Conflict(format!("{} 已停用", of.name)));
        }
        let who = keepers::outsider(tx, ctx, &of).await?;
        let open = audit::Entity::find()
            .filter(audit::Column::ArmouryId.eq(of.id))
            .filter(audit::Column::State.is_in([State::Committed, State::Drawn]));
        if let Some(open) = open.one(tx).await? {
            return Err(ArmsError::Conflict(format!("抽查 {}（{}）尚未办结", open.number, open.state.zh())));
        }
        let secret = seed::Model { id: ctx.new_id(), seed: fresh_seed(ctx) };
        let row = audit::Model {
            id: secret.id,
            number: NUMBERS.next(tx, "CC", ctx.now().day()).await?,
            armoury_id: of.id,
            unit_id: of.unit_id,
            in_charge_id: of.in_charge_id,
            counter_id: who.id,
            state: State::Committed,
            confidence: precision.confidence(),
            margin: precision.margin(),
            hash: ctx.hash.name().to_owned(),
            commitment: sampling::commitment(ctx.hash, &secret.seed),
            seed: String::new(),
            opened_at: ctx.now(),
            drawn_at: None,
            population: String::new(),
            places: String::new(),
            lines: 0,
            differences: 0,
            note: String::new(),
            ended_at: None,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        secret.into_active_model().insert(tx).await?;
        let payload = json!({ "armoury": of.number, "hash": row.hash, "commitment": row.commitment,
            "confidence": row.confidence, "margin": row.margin });
        record(tx, ctx, "audits.commit", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// The audit of this number, which is the counter's alone.
pub(super) async fn theirs(tx: &Tx, ctx: &Ctx, number: &str, deed: Deed) -> Result<audit::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?;
    permit(ctx, Action::InspectionsRun, Some(row.unit_id))?;
    row.state.after(deed).map_err(refused)?;
    if ctx.person() != Some(row.counter_id) {
        return Err(ArmsError::Conflict("由抽查人本人办理；换人抽查的，先取消这次抽查".to_owned()));
    }
    Ok(row)
}

pub(super) async fn armoury_of(tx: &Tx, row: &audit::Model) -> Result<armoury::Model, ArmsError> {
    registry::armoury_by_id(tx, row.armoury_id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))
}

/// What may be drawn: keys of the book and of the shelves, and what each is.
#[derive(Default)]
struct Population {
    book: Vec<String>,
    guns: HashMap<String, ItemId>,
    lots: HashMap<String, Uuid>,
    places: Vec<String>,
    slots: HashMap<String, (Uuid, i64)>,
}

async fn population(tx: &Tx, of: &armoury::Model) -> Result<Population, ArmsError> {
    let mut all = Population::default();
    match of.kind {
        StoreKind::Gun => {
            // What was lost or scrapped is nowhere to be looked for.
            let rows = arm::Entity::find()
                .filter(arm::Column::ArmouryId.eq(of.id))
                .filter(arm::Column::State.is_not_in([ArmState::Lost, ArmState::Scrapped]))
                .all(tx)
                .await?;
            let ids: Vec<ItemId> = rows.iter().map(|row| row.item_id).collect();
            for (id, item) in items::by_ids(tx, &ids).await? {
                all.guns.insert(item.item_number.clone(), id);
                all.book.push(item.item_number);
            }
            for cabinet in registry::cabinets(tx, of.id).await? {
                for slot in 1..=cabinet.slots {
                    let key = format!("{}-{slot}", cabinet.number);
                    all.slots.insert(key.clone(), (cabinet.id, slot));
                    all.places.push(key);
                }
            }
        }
        StoreKind::Ammunition => {
            for (stock, lot) in registry::stock(tx, of.id).await? {
                let key = format!("{} {}", lot.type_name, lot.lot);
                all.lots.insert(key.clone(), stock.id);
                all.book.push(key);
            }
        }
    }
    all.book.sort_unstable();
    Ok(all)
}

/// Draws the sample with the seed that was committed to, and makes the seed known.
///
/// # Errors
/// When it is not theirs, it is drawn already, there is nothing to draw, or the seed is not the one committed to.
pub async fn draw(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<audit::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Draw).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        let now = after(ctx, row.opened_at)?;
        let of = armoury_of(tx, &row).await?;
        if keepers::keeps(tx, ctx, row.counter_id, &of).await? {
            return Err(Forbidden::SamePerson("枪弹库的负责人、枪管员不能抽查自己保管的枪弹库").into());
        }
        let secret = seed::Entity::find_by_id(row.id).one(tx).await?;
        let secret = secret.ok_or(ArmsError::NotFound("这次抽查的种子"))?.seed;
        let kind = HashKind::by_name(&row.hash).unwrap_or_default();
        if sampling::commitment(kind, &secret) != row.commitment {
            return Err(ArmsError::Conflict("种子与事先承诺的摘要不符，不能抽样；请取消并报告".to_owned()));
        }
        let all = population(tx, &of).await?;
        if all.book.is_empty() && all.places.is_empty() {
            return Err(ArmsError::Conflict(format!("{} 账上没有可抽查的枪弹", of.name)));
        }
        let lines = drawn(ctx, &row, kind, &secret, &all)?;
        let mut rows = RowsDigest::new(ctx);
        lines.iter().for_each(|line| rows.add(line));
        let row = audit::Model {
            state: State::Drawn,
            seed: secret,
            drawn_at: Some(now),
            population: all.book.join("\n"),
            places: all.places.join("\n"),
            lines: i64::try_from(lines.len()).unwrap_or(i64::MAX),
            ..row
        };
        bulk::insert(tx, lines).await?;
        let row = put(tx, row).await?;
        rows.add(&row);
        let payload = json!({ "seed": row.seed, "of_book": all.book.len(), "of_places": all.places.len(),
            "drawn": row.lines, "population": sampling::commitment(kind, &row.population),
            "places": sampling::commitment(kind, &row.places) });
        record(tx, ctx, "audits.draw", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

fn drawn(
    ctx: &Ctx,
    row: &audit::Model,
    kind: HashKind,
    secret: &str,
    all: &Population,
) -> Result<Vec<line::Model>, ArmsError> {
    let precision = Precision::of(row.confidence, row.margin).ok_or(ArmsError::NotFound("这一精度"))?;
    let book = sampling::draw(kind, secret, &all.book, precision.size(all.book.len()));
    let places = sampling::draw(kind, secret, &all.places, precision.size(all.places.len()));
    let keys = book.into_iter().map(|key| (key, None));
    let keys = keys.chain(places.into_iter().map(|key| (key, all.slots.get(key).copied())));
    let line = |number: i64, key: &str, place: Option<(Uuid, i64)>| {
        let (item_id, stock_id) = match place {
            None => (all.guns.get(key).copied(), all.lots.get(key).copied()),
            Some(_) => (None, None),
        };
        let kind = match (item_id, place) {
            (Some(_), _) => LineKind::Gun,
            (None, Some(_)) => LineKind::Place,
            (None, None) => LineKind::Lot,
        };
        let (cabinet_id, slot) = (place.map(|(cabinet, _)| cabinet), place.map(|(_, slot)| slot));
        line::Model { item_id, stock_id, cabinet_id, slot, ..blank(ctx, row, number, kind, key) }
    };
    Ok((1..).zip(keys).map(|(number, (key, place))| line(number, key, place)).collect())
}

/// A line that nobody has answered.
pub(super) fn blank(ctx: &Ctx, row: &audit::Model, line: i64, kind: LineKind, name: &str) -> line::Model {
    line::Model {
        id: ctx.new_id(),
        audit_id: row.id,
        line,
        kind,
        item_id: None,
        stock_id: None,
        cabinet_id: None,
        slot: None,
        name: name.to_owned(),
        outcome: Outcome::Open,
        book: String::new(),
        seen: String::new(),
        differs: false,
        answered_by: String::new(),
        answered_at: None,
        version: 1,
    }
}

/// Closes an audit whose every line is answered; every difference becomes a finding, for the head of the unit.
///
/// # Errors
/// When it is not theirs, a line is open, or the paper has moved on.
pub async fn close(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<audit::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    db.write(async |tx| {
        let row = theirs(tx, ctx, number, Deed::Close).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        let now = after(ctx, row.drawn_at.unwrap_or(row.opened_at))?;
        let of = armoury_of(tx, &row).await?;
        if keepers::keeps(tx, ctx, row.counter_id, &of).await? {
            return Err(Forbidden::SamePerson("枪弹库的负责人、枪管员不能抽查自己保管的枪弹库").into());
        }
        let lines = store::lines(tx, row.id).await?;
        let open = lines.iter().filter(|line| line.outcome == Outcome::Open).count();
        if open > 0 {
            return Err(ArmsError::Conflict(format!("还有 {open} 项没有登记结果")));
        }
        let mut rows = RowsDigest::new(ctx);
        let found = lines.iter().filter(|line| line.differs).map(|line| difference(&row, &of, line)).collect();
        let found = open_many(tx, ctx, found, &mut rows).await?;
        if let Some(head) = keepers::head(tx, row.unit_id).await? {
            for one in found {
                opening::give(tx, ctx, one, head, &mut rows).await?;
            }
        }
        let row = put(tx, audit::Model { state: State::Closed, ended_at: Some(now), ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "audits.close", &row, json!({ "differences": row.differences }), rows).await?;
        Ok(row)
    })
    .await
}

fn difference(row: &audit::Model, of: &armoury::Model, line: &line::Model) -> NewFinding {
    // What was read off a thing that is in no book may be a serial number.
    let name = if line.kind == LineKind::Extra { "账外枪弹" } else { line.name.as_str() };
    NewFinding {
        room: ROOM,
        origin: format!("audit/{}/{}", row.id, line.line),
        link: format!("/firearms/audits/{}", row.number),
        kind: Kind::AuditDifference,
        unit: Some(row.unit_id),
        item: line.item_id,
        title: format!("枪弹抽查{}：{name}（{}）", line.outcome.zh(), row.number),
        description: format!("抽查 {}，{}：{name}，{}。账面：{}", row.number, of.name, line.outcome.zh(), line.book),
    }
}

/// Gives an audit up, with a reason. What was drawn stays on record.
///
/// # Errors
/// When it is not theirs to do, it is over, or no reason is given.
pub async fn cancel(db: &Db, ctx: &Ctx, number: &str, reason: &str) -> Result<audit::Model, ArmsError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let reason = words("reason", reason, "取消的原因")?;
    db.write(async |tx| {
        let row = store::one(tx, ctx, number).await?;
        permit(ctx, Action::InspectionsRun, Some(row.unit_id))?;
        let state = row.state.after(Deed::Cancel).map_err(refused)?;
        let row = put(tx, audit::Model { state, note: reason.clone(), ended_at: Some(ctx.now()), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "audits.cancel", &row, json!({ "reason": reason }), rows).await?;
        Ok(row)
    })
    .await
}

/// Draws a sample again from what was made known; nothing while it is not drawn.
///
/// Whether the seed is the one committed to, and the lines those that it draws.
#[must_use]
pub fn verify(row: &audit::Model, lines: &[line::Model]) -> Option<(bool, bool)> {
    let (kind, precision) = (HashKind::by_name(&row.hash)?, Precision::of(row.confidence, row.margin)?);
    row.drawn_at?;
    let keys = |text: &str| text.lines().map(str::to_owned).collect::<Vec<_>>();
    let (book, places) = (keys(&row.population), keys(&row.places));
    let mut again = sampling::draw(kind, &row.seed, &book, precision.size(book.len()));
    again.extend(sampling::draw(kind, &row.seed, &places, precision.size(places.len())));
    let drawn: Vec<&str> =
        lines.iter().filter(|line| line.kind != LineKind::Extra).map(|line| line.name.as_str()).collect();
    Some((sampling::commitment(kind, &row.seed) == row.commitment, again == drawn))
}
