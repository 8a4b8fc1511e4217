//! The use cases of the book: register, change. Each is one transaction with its event and its entry.

use sea_orm::prelude::Date;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde::Serialize;
use serde_json::json;

use super::entity::{item, item_event};
use super::error::ItemError;
use super::model::{EventKind, ItemKind, ItemState};
use super::queueing::queue_reprint;
use super::{search, store};
use crate::access::{self, Action, permit};
use crate::db::{Db, DbError, FromDb as _, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{BatchId, ItemEventId, ItemId, PersonId, PlaceId, UnitId};
use crate::kernel::text::{fault, key};
use crate::kernel::{Ctx, Fen, Quantity, Timestamp};
use crate::org::{people, places, units};

/// What a thing is when it enters the book.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of items")]
pub struct NewItem {
    pub kind: ItemKind,
    pub item_number: String,
    pub name: String,
    pub specification: String,
    pub serial_number: String,
    pub class_code: String,
    pub class_name: String,
    pub brand: String,
    pub measure_unit: String,
    pub unit_id: UnitId,
    pub place_id: Option<PlaceId>,
    pub keeper_id: Option<PersonId>,
    pub quantity: Quantity,
    pub state: ItemState,
    pub excused_by: Option<String>,
    pub value_fen: Fen,
    pub acquired_on: Option<Date>,
}

impl NewItem {
    fn into_row(self, id: ItemId, batch_id: Option<BatchId>, version: i64) -> item::Model {
        item::Model {
            id,
            kind: self.kind,
            number_key: key(&self.item_number).into_owned(),
            item_number: self.item_number,
            name: self.name,
            specification: self.specification,
            serial_number: key(&self.serial_number).into_owned(),
            class_code: self.class_code,
            class_name: self.class_name,
            brand: self.brand,
            measure_unit: self.measure_unit,
            unit_id: self.unit_id,
            place_id: self.place_id,
            keeper_id: self.keeper_id,
            quantity: self.quantity,
            state: self.state,
            excused_by: self.excused_by,
            value_fen: self.value_fen,
            acquired_on: self.acquired_on,
            batch_id,
            version,
        }
    }
}

/// Enters many things at once, in the caller's transaction. A number that an undone import once brought comes back
/// to life with its history; any other number already in the book is refused.
///
/// The events are effective from `effective_at`: an opening inventory may be dated before today.
///
/// # Errors
/// [`ItemError::DuplicateNumber`] when a number is in the book, or the database refuses.
pub async fn register_many(
    tx: &Tx,
    ctx: &Ctx,
    things: Vec<NewItem>,
    batch_id: Option<BatchId>,
    effective_at: Timestamp,
    digest: &mut RowsDigest,
) -> Result<Vec<ItemId>, ItemError> {
    let mut revived = withdrawn_by_key(tx, &things).await?;
    let mut rows = Vec::with_capacity(things.len());
    let mut events = Vec::with_capacity(things.len());
    let mut ids = Vec::with_capacity(things.len());
    let mut back = Vec::new();
    for thing in things {
        let earlier = revived.remove(key(&thing.item_number).as_ref());
        let id = earlier.as_ref().map_or_else(|| ctx.new_id(), |earlier| earlier.id);
        let version = earlier.as_ref().map_or(1, |earlier| earlier.version + 1);
        let row = thing.into_row(id, batch_id, version);
        let event = event_after(ctx, &row, EventKind::Registered, effective_at, None);
        digest.add(&row);
        digest.add(&event);
        ids.push(id);
        events.push(event);
        match earlier {
            Some(earlier) => {
                update_row(tx, &row, earlier.version).await?;
                back.push(row);
            }
            None => rows.push(row),
        }
    }
    back.extend(rows.iter().cloned());
    bulk::insert(tx, rows).await.map_err(duplicate_number)?;
    bulk::insert(tx, events).await?;
    search::index(tx, &back).await?;
    Ok(ids)
}

fn duplicate_number(error: DbError) -> ItemError {
    match error {
        DbError::Constraint { ref field, duplicate: true, .. } if field == "item_number" => {
            ItemError::DuplicateNumber("（文件中的一个编号）".to_owned())
        }
        other => ItemError::Db(other),
    }
}

async fn withdrawn_by_key(tx: &Tx, things: &[NewItem]) -> Result<hashbrown::HashMap<String, item::Model>, ItemError> {
    let mut found = hashbrown::HashMap::new();
    // Nothing was ever withdrawn: there is nothing to revive, and a number that is taken is refused by its constraint.
    let withdrawn = item::Entity::find().filter(item::Column::State.eq(ItemState::Withdrawn)).one(tx).await?;
    if withdrawn.is_none() && things.len() > bulk::CHUNK_ROWS {
        return Ok(found);
    }
    for chunk in things.chunks(bulk::CHUNK_ROWS) {
        let keys = chunk.iter().map(|thing| key(&thing.item_number).into_owned());
        for row in item::Entity::find().filter(item::Column::NumberKey.is_in(keys)).all(tx).await? {
            if row.state != ItemState::Withdrawn {
                return Err(ItemError::DuplicateNumber(row.item_number));
            }
            found.insert(row.number_key.clone(), row);
        }
    }
    Ok(found)
}

/// The event that says what `row` is from `effective_at` on. Its number in the thing's life is the row's version.
pub(super) fn event_after(
    ctx: &Ctx,
    row: &item::Model,
    kind: EventKind,
    effective_at: Timestamp,
    reason: Option<String>,
) -> item_event::Model {
    item_event::Model {
        id: ctx.new_id::<ItemEventId>(),
        item_id: row.id,
        seq: row.version,
        kind,
        effective_at,
        recorded_at: ctx.now(),
        actor: ctx.actor.to_string(),
        unit_id: row.unit_id,
        place_id: row.place_id,
        keeper_id: row.keeper_id,
        quantity: row.quantity,
        state: row.state,
        excused_by: row.excused_by.clone(),
        reason,
        batch_id: row.batch_id,
    }
}

/// Writes the whole row where its version is still `expected_version`.
pub(super) async fn update_row(tx: &Tx, row: &item::Model, expected_version: i64) -> Result<(), ItemError> {
    let mut active = row.clone().into_active_model().reset_all();
    active.id = sea_orm::ActiveValue::Unchanged(row.id);
    let updated = item::Entity::update_many()
        .set(active)
        .filter(item::Column::Id.eq(row.id))
        .filter(item::Column::Version.eq(expected_version))
        .exec(tx)
        .await?;
    if updated.rows_affected == 1 { Ok(()) } else { Err(DbError::Stale.into()) }
}

/// The longest of the texts that have no limit of their own, in characters.
const MOST_CHARS: usize = 200;

impl NewItem {
    /// What can be refused without looking at the book.
    pub(crate) fn check(&self) -> Result<(), ItemError> {
        let wrong = |field, reason: String| Err(ItemError::Field { field, reason });
        if key(&self.item_number).is_empty() {
            return wrong("item_number", "编号不能为空".to_owned());
        }
        if self.name.trim().is_empty() {
            return wrong("name", "名称不能为空".to_owned());
        }
        for (field, text, most) in [
            ("item_number", self.item_number.as_str(), 64),
            ("name", &self.name, MOST_CHARS),
            ("specification", &self.specification, MOST_CHARS),
            ("serial_number", &self.serial_number, MOST_CHARS),
            ("class_code", &self.class_code, 64),
            ("class_name", &self.class_name, MOST_CHARS),
            ("brand", &self.brand, MOST_CHARS),
            ("measure_unit", &self.measure_unit, 20),
            ("excused_by", self.excused_by.as_deref().unwrap_or_default(), MOST_CHARS),
        ] {
            if let Some(reason) = fault(text, most) {
                return wrong(field, reason);
            }
        }
        if self.value_fen < Fen::ZERO {
            return wrong("value_fen", "价值不能为负".to_owned());
        }
        check_quantity(self.quantity)?;
        check_state(self.state)
    }
}

fn check_quantity(quantity: Quantity) -> Result<(), ItemError> {
    if (0..=Quantity::MAX).contains(&quantity.0) {
        return Ok(());
    }
    Err(ItemError::Field { field: "quantity", reason: "数量应在 0 至 1,000,000,000 之间".to_owned() })
}

/// Only undoing an import withdraws.
fn check_state(state: ItemState) -> Result<(), ItemError> {
    if state != ItemState::Withdrawn {
        return Ok(());
    }
    Err(ItemError::Field { field: "state", reason: "“已撤销”只由撤销导入产生".to_owned() })
}

/// The place and the keeper are there, open, and within sight of whoever names them.
async fn check_whereabouts(
    tx: &Tx,
    ctx: &Ctx,
    place: Option<PlaceId>,
    keeper: Option<PersonId>,
) -> Result<(), ItemError> {
    let seen = access::reach(ctx, Action::OrgRead);
    if let Some(place) = place {
        let row = places::open(tx, place, "place_id").await?;
        if !seen.covers(Some(row.unit_id)) {
            return Err(ItemError::Field { field: "place_id", reason: "没有这个地点，或已停用".to_owned() });
        }
    }
    if let Some(keeper) = keeper {
        let row = people::open(tx, keeper, "keeper_id").await?;
        if !seen.covers(Some(row.unit_id)) {
            return Err(ItemError::Field {
                field: "keeper_id", reason: "没有这个人员，或已离岗".to_owned()
            });
        }
    }
    Ok(())
}

/// Enters one thing, effective now.
///
/// # Errors
/// When it is not theirs to do, a fact is wrong, the number is in the book, or the database refuses.
pub async fn register(db: &Db, ctx: &Ctx, thing: NewItem) -> Result<item::Model, ItemError> {
    permit(ctx, Action::ItemsRegister, Some(thing.unit_id))?;
    thing.check()?;
    db.write(async |tx| {
        units::open(tx, thing.unit_id, "unit_id").await?;
        check_whereabouts(tx, ctx, thing.place_id, thing.keeper_id).await?;
        let mut rows = RowsDigest::new(ctx);
        let ids = register_many(tx, ctx, vec![thing.clone()], None, ctx.now(), &mut rows).await?;
        let id = *ids.first().ok_or_else(|| ItemError::NotFound(thing.item_number.clone()))?;
        let row = store::by_id(tx, id).await?.ok_or_else(|| ItemError::NotFound(thing.item_number.clone()))?;
        let (subject, unit) = (row.item_number.clone(), Some(row.unit_id));
        let payload = json!({ "name": row.name, "value_fen": row.value_fen });
        journal::record(tx, ctx, Entry { action: "items.register", subject, unit, payload, rows }).await?;
        Ok(row)
    })
    .await
}

/// What is to become different; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Change {
    /// The unit that uses it.
    pub unit: Option<UnitId>,
    /// Where it is kept; the inner `None` empties it.
    pub place: Option<Option<PlaceId>>,
    /// Who answers for it; the inner `None` empties it.
    pub keeper: Option<Option<PersonId>>,
    /// How many.
    pub quantity: Option<Quantity>,
    /// Its state.
    pub state: Option<ItemState>,
    /// The open document that explains its absence; the inner `None` clears it.
    pub excused_by: Option<Option<String>>,
}

impl Change {
    fn apply(&self, row: &item::Model) -> item::Model {
        let mut after = row.clone();
        after.unit_id = self.unit.unwrap_or(row.unit_id);
        after.place_id = self.place.unwrap_or(row.place_id);
        after.keeper_id = self.keeper.unwrap_or(row.keeper_id);
        after.quantity = self.quantity.unwrap_or(row.quantity);
        after.state = self.state.unwrap_or(row.state);
        after.excused_by = self.excused_by.clone().unwrap_or_else(|| row.excused_by.clone());
        after
    }
}

/// Changes a thing's unit, place, keeper, quantity or state; queues its label when it no longer tells the truth.
///
/// # Errors
/// When it is not theirs to do, the number is unknown, the thing is gone, nothing would change, the reason is blank, or
/// someone else changed it first.
pub async fn change(db: &Db, ctx: &Ctx, number: &str, change: &Change, reason: &str) -> Result<item::Model, ItemError> {
    change_version(db, ctx, number, None, change, reason).await
}

/// As [`change`], for a thing that still is at `version`, where one is given.
///
/// # Errors
/// As [`change`]; [`DbError::Stale`] when it is at another version.
pub async fn change_version(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    change: &Change,
    reason: &str,
) -> Result<item::Model, ItemError> {
    check_asked(change, reason)?;
    db.write(async |tx| change_in(tx, ctx, number, version, change, reason).await).await
}

/// What became of a change asked for many things at once.
#[derive(Debug, Default)]
pub struct ManyChanged {
    /// The things as they are now.
    pub done: Vec<item::Model>,
    /// Numbers of things left as they were, and why.
    pub refused: Vec<(String, ItemError)>,
}

/// Changes many things alike, in one transaction: those that cannot be changed are left out and told of, each of the
/// others has its own event and entry.
///
/// # Errors
/// When the reason is blank or a fact can be no thing's, or the database refuses: then none is changed.
pub async fn change_many(
    db: &Db,
    ctx: &Ctx,
    numbers: &[String],
    change: &Change,
    reason: &str,
) -> Result<ManyChanged, ItemError> {
    check_asked(change, reason)?;
    db.write(async |tx| {
        let mut outcome = ManyChanged::default();
        for number in numbers {
            // Whatever is refused is refused before anything of it is written.
            match change_in(tx, ctx, number, None, change, reason).await {
                Ok(after) => outcome.done.push(after),
                Err(ItemError::Db(error)) => return Err(error.into()),
                Err(ItemError::Org(error)) if error.db().is_some() => return Err(error.into()),
                Err(refusal) => outcome.refused.push((number.clone(), refusal)),
            }
        }
        Ok(outcome)
    })
    .await
}

/// What can be refused without looking at a thing.
fn check_asked(change: &Change, reason: &str) -> Result<(), ItemError> {
    if reason.trim().is_empty() {
        return Err(ItemError::ReasonMissing);
    }
    for (field, text) in
        [("reason", Some(reason)), ("excused_by", change.excused_by.as_ref().and_then(Option::as_deref))]
    {
        if let Some(reason) = text.and_then(|text| fault(text, MOST_CHARS)) {
            return Err(ItemError::Field { field, reason });
        }
    }
    change.quantity.map_or(Ok(()), check_quantity)?;
    change.state.map_or(Ok(()), check_state)
}

async fn change_in(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    change: &Change,
    reason: &str,
) -> Result<item::Model, ItemError> {
    let before = store::by_number(tx, number).await?.ok_or_else(|| ItemError::NotFound(number.to_owned()))?;
    permit(ctx, Action::ItemsChange, Some(before.unit_id))?;
    // None of it left is as good as gone.
    let emptied = change.quantity == Some(Quantity(0)) && before.quantity != Quantity(0);
    if emptied || change.state.is_some_and(ItemState::is_gone) {
        permit(ctx, Action::ItemsWriteOff, Some(before.unit_id))?;
    }
    if version.is_some_and(|version| version != before.version) {
        return Err(DbError::Stale.into());
    }
    check_document(ctx, &before, change)?;
    if before.kind == ItemKind::Firearm {
        // A gun moves by the papers of its own ledger, and by nothing else.
        return Err(ItemError::Field {
            field: "item_number", reason: "公务用枪只在枪弹台账办理".to_owned()
        });
    }
    if before.state.is_gone() {
        return Err(ItemError::Gone(before.item_number));
    }
    let planned = change.apply(&before);
    if planned == before {
        return Err(ItemError::NothingToChange);
    }
    check_move(tx, ctx, &before, &planned).await?;
    let mut rows = RowsDigest::new(ctx);
    let after = apply(tx, ctx, &before, change, reason, &mut rows).await?;
    let entry = Entry {
        action: "items.change",
        subject: after.item_number.clone(),
        unit: Some(after.unit_id),
        payload: json!({ "change": change, "reason": reason }),
        rows,
    };
    journal::record(tx, ctx, entry).await?;
    Ok(after)
}

/// Writes a change that a document of its own has allowed: the row, its event, the reprint of a label that no longer
/// tells the truth. Asks nobody's right and writes no entry: the caller has asked, and records one entry with `rows`.
///
/// # Errors
/// When the thing is gone, nothing would change, what it moves to is not there or closed, or the database refuses.
pub async fn apply(
    tx: &Tx,
    ctx: &Ctx,
    before: &item::Model,
    change: &Change,
    reason: &str,
    rows: &mut RowsDigest,
) -> Result<item::Model, ItemError> {
    check_asked(change, reason)?;
    if before.state.is_gone() {
        return Err(ItemError::Gone(before.item_number.clone()));
    }
    let mut after = change.apply(before);
    if after == *before {
        return Err(ItemError::NothingToChange);
    }
    if after.unit_id != before.unit_id {
        units::open(tx, after.unit_id, "unit_id").await?;
    }
    if let Some(place) = after.place_id.filter(|_| after.place_id != before.place_id) {
        places::open(tx, place, "place_id").await?;
    }
    if let Some(keeper) = after.keeper_id.filter(|_| after.keeper_id != before.keeper_id) {
        people::open(tx, keeper, "keeper_id").await?;
    }
    after.version += 1;
    update_row(tx, &after, before.version).await?;
    let event = item_event::Model {
        batch_id: None,
        ..event_after(ctx, &after, EventKind::Changed, ctx.now(), Some(reason.to_owned()))
    };
    rows.add(&after);
    rows.add(&event);
    event.into_active_model().insert(tx).await?;
    if label_tells_otherwise(before, &after) {
        queue_reprint(tx, ctx, after.id, "标签上的单位、使用人或地点已变更").await?;
    }
    Ok(after)
}

/// Of a fixed asset only what stays within its unit is changed by hand: place, keeper, idle or in use, more of it found.
/// Another unit, a loan, a disposal, less of it need a document that somebody else has approved (REPORT 25:
/// 不得擅自调动、报废、自行外借); whoever may let a thing leave the book puts errors right.
fn check_document(ctx: &Ctx, before: &item::Model, change: &Change) -> Result<(), ItemError> {
    let at_home = |state| matches!(state, ItemState::InUse | ItemState::Idle);
    let state_stays = change.state.is_none_or(|to| to == before.state || (at_home(to) && at_home(before.state)));
    let unit_stays = change.unit.is_none_or(|unit| unit == before.unit_id);
    let none_lost = change.quantity.is_none_or(|quantity| quantity >= before.quantity);
    let is_asset = before.kind == ItemKind::FixedAsset;
    let may_correct = access::reach(ctx, Action::ItemsWriteOff).covers(Some(before.unit_id));
    if !is_asset || may_correct || (state_stays && unit_stays && none_lost) {
        return Ok(());
    }
    Err(ItemError::NeedsDocument(before.item_number.clone()))
}

/// What a thing moves to is there, open, and theirs to move it to.
async fn check_move(tx: &Tx, ctx: &Ctx, before: &item::Model, after: &item::Model) -> Result<(), ItemError> {
    if after.unit_id != before.unit_id {
        permit(ctx, Action::ItemsChange, Some(after.unit_id))?;
        units::open(tx, after.unit_id, "unit_id").await?;
    }
    let place = after.place_id.filter(|_| after.place_id != before.place_id);
    let keeper = after.keeper_id.filter(|_| after.keeper_id != before.keeper_id);
    check_whereabouts(tx, ctx, place, keeper).await
}

/// The label shows unit, keeper and place; quantity and state are not on it.
fn label_tells_otherwise(before: &item::Model, after: &item::Model) -> bool {
    (before.unit_id, before.place_id, before.keeper_id) != (after.unit_id, after.place_id, after.keeper_id)
}
