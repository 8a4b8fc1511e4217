//! Cards are entered, given to cars and taken back, lost, stopped, replaced. Each is one transaction with its entry.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{card, holding};
use super::model::{CardKind, CardState, Supplier, overlap};
use super::store;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::UnitId;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Fen};
use crate::org::units;
use crate::vehicles::VehicleError;
use crate::vehicles::service::{line, words};
use crate::vehicles::store as cars;

/// A card as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewCard {
    /// 卡号
    pub number: String,
    /// 主卡、副卡
    pub kind: CardKind,
    /// 发卡单位
    pub supplier: Supplier,
    /// Of a sub-card: the number of its master, where it has one.
    pub master: Option<String>,
    /// The unit that has it.
    pub unit: UnitId,
    /// 单笔限额
    pub fill_limit: Option<Fen>,
    /// 日限额
    pub day_limit: Option<Fen>,
    /// 备注
    pub note: String,
}

/// A number as cards have it: digits, seldom letters.
fn card_number(text: &str) -> Result<String, VehicleError> {
    let number = key(text).into_owned();
    let fits = (4..=32).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_alphanumeric());
    if fits { Ok(number) } else { Err(VehicleError::field("number", "卡号应为 4 至 32 位数字或字母")) }
}

/// Enters a card.
///
/// # Errors
/// When it is not theirs to do, the number is no card's or another's, or its master is none.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewCard) -> Result<card::Model, VehicleError> {
    permit(ctx, Action::VehiclesWrite, Some(new.unit))?;
    let number = card_number(&new.number)?;
    let note = line("note", &new.note, 200)?;
    for (field, limit) in [("fill_limit", new.fill_limit), ("day_limit", new.day_limit)] {
        if limit.is_some_and(|limit| limit <= Fen::ZERO) {
            return Err(VehicleError::field(field, "限额应大于零；不限的留空"));
        }
    }
    if new.kind == CardKind::Master && new.master.is_some() {
        return Err(VehicleError::field("master", "主卡没有上级主卡"));
    }
    db.write(async |tx| {
        units::open(tx, new.unit, "unit_id").await?;
        if store::named(tx, &number).await?.is_some() {
            return Err(VehicleError::field("number", format!("加油卡“{number}”已登记")));
        }
        let master = match &new.master {
            None => None,
            Some(text) => Some(master(tx, text).await?),
        };
        let row = card::Model {
            id: ctx.new_id(),
            number_key: number.clone(),
            number: number.clone(),
            kind: new.kind,
            supplier: new.supplier,
            master_id: master.map(|row| row.id),
            unit_id: new.unit,
            state: CardState::InUse,
            state_on: ctx.now().day(),
            replaced_by: None,
            fill_limit_fen: new.fill_limit,
            day_limit_fen: new.day_limit,
            note: note.clone(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "kind": row.kind, "supplier": row.supplier });
        record(tx, ctx, "cards.enter", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

async fn master(tx: &Tx, text: &str) -> Result<card::Model, VehicleError> {
    let found = store::named(tx, text).await?.filter(|row| row.kind == CardKind::Master);
    found.ok_or_else(|| VehicleError::field("master", format!("没有主卡“{}”", text.trim())))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &card::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), VehicleError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

async fn load(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<card::Model, VehicleError> {
    let row = store::one(tx, ctx, number).await?;
    permit(ctx, Action::VehiclesWrite, Some(row.unit_id))?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    Ok(row)
}

/// The days on which a car is to hold a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Give {
    /// Plate, number or label of the car.
    pub car: String,
    /// From this day.
    pub from_on: NaiveDate,
    /// Until this one, counted; nothing is until further notice.
    pub until_on: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Gives a card to a car from a day on.
///
/// # Errors
/// When it is not theirs to do, the card is none to fuel with or not in use, the car burns nothing, or card or car have
/// another on one of the days.
pub async fn give(db: &Db, ctx: &Ctx, number: &str, new: &Give) -> Result<holding::Model, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    let reason = line("reason", &new.reason, 200)?;
    if new.until_on.is_some_and(|until| until < new.from_on) {
        return Err(VehicleError::field("until_on", "截止日期不能早于起始日期"));
    }
    db.write(async |tx| {
        let card = load(tx, ctx, number, None).await?;
        if card.kind == CardKind::Master {
            return Err(VehicleError::field("number", "主卡只用于管理和充值，不配给车辆"));
        }
        let open_days = new.until_on.is_none_or(|until| until >= card.state_on);
        if card.state != CardState::InUse && open_days {
            return Err(VehicleError::Conflict(format!("此卡{}，不能配给车辆", card.state.zh())));
        }
        let car = cars::car(tx, ctx, &new.car).await?;
        permit(ctx, Action::VehiclesWrite, Some(car.item.unit_id))?;
        if !car.vehicle.energy.burns() {
            return Err(VehicleError::field("car", format!("{} 是电动车，不配加油卡", car.vehicle.plate)));
        }
        if car.item.state.is_gone() {
            return Err(VehicleError::field("car", format!("{} 已不在账", car.vehicle.plate)));
        }
        free(tx, &card, &car, new).await?;
        let row = holding::Model {
            id: ctx.new_id(),
            card_id: card.id,
            item_id: car.item.id,
            from_on: new.from_on,
            until_on: new.until_on,
            reason: reason.clone(),
            given_by: ctx.actor.to_string(),
            given_at: ctx.now(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "car": car.vehicle.plate, "from": row.from_on, "until": row.until_on });
        record(tx, ctx, "cards.give", &card, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// Neither card nor car has another on one of the days.
async fn free(tx: &Tx, card: &card::Model, car: &cars::Car, new: &Give) -> Result<(), VehicleError> {
    let asked = (new.from_on, new.until_on);
    let meets = |row: &holding::Model| overlap((row.from_on, row.until_on), asked);
    let until = |row: &holding::Model| row.until_on.map_or_else(|| "至今".to_owned(), |day| format!("至 {day}"));
    if let Some(row) = store::holdings_of(tx, card.id).await?.iter().find(|row| meets(row)) {
        let plate = cars::by_id(tx, row.item_id).await?.map(|car| car.vehicle.plate).unwrap_or_default();
        let sentence = format!("此卡 {} {} 已配给 {plate}，先收回再配", row.from_on, until(row));
        return Err(VehicleError::Conflict(sentence));
    }
    if let Some(row) = store::held_by(tx, car.item.id).await?.iter().find(|row| meets(row)) {
        let other = store::by_id(tx, row.card_id).await?.map(|card| card.number).unwrap_or_default();
        let plate = &car.vehicle.plate;
        let sentence = format!("{plate} {} {} 已配卡 {other}（一车一卡），先收回再配", row.from_on, until(row));
        return Err(VehicleError::Conflict(sentence));
    }
    Ok(())
}

/// Takes a card back from its car: `last_on` is the last day on which the car holds it.
///
/// # Errors
/// When it is not theirs to do, no car holds it, or the day is before it was given.
pub async fn take_back(db: &Db, ctx: &Ctx, number: &str, last_on: NaiveDate) -> Result<holding::Model, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    db.write(async |tx| {
        let card = load(tx, ctx, number, None).await?;
        let held = open_holding(tx, &card).await?;
        let held = held.ok_or_else(|| VehicleError::Conflict("此卡没有配给车辆".to_owned()))?;
        if last_on < held.from_on {
            let reason = format!("此卡自 {} 起配给车辆，收回不能更早", held.from_on);
            return Err(VehicleError::field("last_on", reason));
        }
        let row = save!(tx, holding, id, Id, holding::Model { until_on: Some(last_on), ..held });
        let payload = json!({ "until": row.until_on });
        record(tx, ctx, "cards.take_back", &card, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

async fn open_holding(tx: &Tx, card: &card::Model) -> Result<Option<holding::Model>, DbError> {
    Ok(holding::Entity::find()
        .filter(holding::Column::CardId.eq(card.id))
        .filter(holding::Column::UntilOn.is_null())
        .one(tx)
        .await?)
}

/// What becomes of a card.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// Lost, stopped, in use again, or replaced.
    pub to: CardState,
    /// Since when.
    pub on: NaiveDate,
    /// Of one that is replaced: the number of the card that its car has from that day on.
    pub replaced_by: Option<String>,
    /// Why.
    pub reason: String,
}

/// Reports a card lost, stops it, takes it into use again, or replaces it: its car no longer holds it from that day on,
/// and holds the one that replaces it.
///
/// # Errors
/// When it is not theirs to do, its state does not allow it, or the card that replaces it is not free.
pub async fn turn(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    new: &Turn,
) -> Result<card::Model, VehicleError> {
    permit_somewhere(ctx, Action::VehiclesWrite)?;
    let reason = words("reason", &new.reason, "原因")?;
    if new.on > ctx.now().day() {
        return Err(VehicleError::field("on", "日期不能晚于今天"));
    }
    if (new.to == CardState::Replaced) != new.replaced_by.is_some() {
        return Err(VehicleError::field("replaced_by", "换卡须填写新卡号，其他变更不填"));
    }
    db.write(async |tx| {
        let card = load(tx, ctx, number, version).await?;
        let state = card.state.becomes(new.to).map_err(VehicleError::Conflict)?;
        let heir = match &new.replaced_by {
            None => None,
            Some(text) => Some(heir(tx, ctx, &card, text).await?),
        };
        let mut rows = RowsDigest::new(ctx);
        if state != CardState::InUse
            && let Some(held) = open_holding(tx, &card).await?
        {
            pass_on(tx, ctx, held, heir.as_ref(), new.on, &mut rows).await?;
        }
        let replaced_by = heir.map(|row| row.id);
        let row = save!(tx, card, id, Id, card::Model { state, state_on: new.on, replaced_by, ..card });
        rows.add(&row);
        let payload =
            json!({ "state": row.state, "on": row.state_on, "reason": reason, "replaced_by": new.replaced_by });
        record(tx, ctx, "cards.turn", &row, payload, rows).await?;
        Ok(row)
    })
    .await
}

async fn heir(tx: &Tx, ctx: &Ctx, card: &card::Model, text: &str) -> Result<card::Model, VehicleError> {
    let wrong = |reason: String| Err(VehicleError::field("replaced_by", reason));
    let Some(heir) = store::named(tx, text).await? else {
        return wrong(format!("新卡“{}”未登记，先登记再换", text.trim()));
    };
    permit(ctx, Action::VehiclesWrite, Some(heir.unit_id))?;
    if heir.id == card.id || heir.kind != card.kind {
        return wrong("新卡须是另一张同类的卡".to_owned());
    }
    if heir.state != CardState::InUse || open_holding(tx, &heir).await?.is_some() {
        return wrong(format!("新卡“{}”{}，或已配给车辆", heir.number, heir.state.zh()));
    }
    Ok(heir)
}

/// The car that held a card holds it until the day before; from that day on it holds the card that replaces it.
async fn pass_on(
    tx: &Tx,
    ctx: &Ctx,
    held: holding::Model,
    heir: Option<&card::Model>,
    day: NaiveDate,
    rows: &mut RowsDigest,
) -> Result<(), VehicleError> {
    if day <= held.from_on {
        let reason = format!("此卡自 {} 起配给车辆，日期须在其后", held.from_on);
        return Err(VehicleError::field("on", reason));
    }
    let item_id = held.item_id;
    let row = save!(tx, holding, id, Id, holding::Model { until_on: day.pred_opt(), ..held });
    rows.add(&row);
    if let Some(heir) = heir {
        let row = holding::Model {
            id: ctx.new_id(),
            card_id: heir.id,
            item_id,
            from_on: day,
            until_on: None,
            reason: "换卡".to_owned(),
            given_by: ctx.actor.to_string(),
            given_at: ctx.now(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        rows.add(&row);
    }
    Ok(())
}
