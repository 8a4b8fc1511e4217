//! Stores, guns, rounds and officers within reach. They take any connection and decide nothing.

use chrono::NaiveDate;
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{arm, armoury, ban, cabinet, entry, lot, magazine, officer, result, stock};
use super::model::{ArmState, Fitness};
use crate::access::{Action, reach};
use crate::db::{DbError, bulk::CHUNK_ROWS};
use crate::firearms::ArmsError;
use crate::items::entity::item;
use crate::items::labels::{self, Resolved, Subject};
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, PersonId, UnitId};
use crate::kernel::text::key;

/// A gun: its item and what this ledger knows of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arm {
    /// The thing of the book.
    pub item: item::Model,
    /// What the ledger knows.
    pub arm: arm::Model,
}

/// Which guns.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// Of this store only.
    pub armoury: Option<Uuid>,
    /// Of this unit only.
    pub unit: Option<UnitId>,
    /// In this state only; without it, all that were not scrapped.
    pub state: Option<ArmState>,
    /// Whose number, serial number or model has this.
    pub text: String,
    /// Entered after this one.
    pub after: Option<ItemId>,
}

/// The store of this number, whoever asks.
///
/// # Errors
/// When the database cannot be read.
pub async fn armoury_named(db: &impl ConnectionTrait, number: &str) -> Result<Option<armoury::Model>, DbError> {
    if number.contains('\0') {
        return Ok(None);
    }
    Ok(armoury::Entity::find().filter(armoury::Column::NumberKey.eq(key(number).as_ref())).one(db).await?)
}

/// The store of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn armoury(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<armoury::Model, ArmsError> {
    let found = armoury_named(db, number).await?;
    let seen = reach(ctx, Action::FirearmsRead);
    found.filter(|row| seen.covers(Some(row.unit_id))).ok_or(ArmsError::NotFound("这个枪弹库"))
}

/// The store with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn armoury_by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<armoury::Model>, DbError> {
    Ok(armoury::Entity::find_by_id(id).one(db).await?)
}

/// Stores that `ctx` may see, by number; a sub-bureau has dozens.
///
/// # Errors
/// When the database cannot be read.
pub async fn armouries(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<armoury::Model>, DbError> {
    let mut all = armoury::Entity::find();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.filter(armoury::Column::UnitId.is_in(units));
    }
    Ok(all.order_by_asc(armoury::Column::NumberKey).all(db).await?)
}

/// The cabinets of a store, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn cabinets(db: &impl ConnectionTrait, armoury: Uuid) -> Result<Vec<cabinet::Model>, DbError> {
    let of = cabinet::Entity::find().filter(cabinet::Column::ArmouryId.eq(armoury));
    Ok(of.order_by_asc(cabinet::Column::NumberKey).all(db).await?)
}

/// The cabinets of several stores, by store and number.
///
/// # Errors
/// When the database cannot be read.
pub async fn cabinets_of(
    db: &impl ConnectionTrait,
    armouries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<cabinet::Model>>, DbError> {
    let mut found: HashMap<Uuid, Vec<cabinet::Model>> = HashMap::new();
    for chunk in armouries.chunks(CHUNK_ROWS) {
        let of = cabinet::Entity::find().filter(cabinet::Column::ArmouryId.is_in(chunk.iter().copied()));
        for row in of.order_by_asc(cabinet::Column::NumberKey).all(db).await? {
            found.entry(row.armoury_id).or_default().push(row);
        }
    }
    Ok(found)
}

/// The gun with this item.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: ItemId) -> Result<Option<Arm>, DbError> {
    let Some(arm) = arm::Entity::find_by_id(id).one(db).await? else { return Ok(None) };
    Ok(items::by_id(db, id).await?.map(|item| Arm { item, arm }))
}

/// The gun of this number, label, certificate or serial number, whoever asks.
///
/// # Errors
/// [`ArmsError::Field`] at `gun` when several guns of different models have the serial number.
pub async fn named(db: &impl ConnectionTrait, text: &str) -> Result<Option<Arm>, ArmsError> {
    if text.contains('\0') || text.trim().is_empty() {
        return Ok(None);
    }
    if let Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) | Resolved::Number(id) =
        labels::resolve(db, text).await?
    {
        return Ok(by_id(db, id).await?);
    }
    let compared = key(text).into_owned();
    let like =
        Condition::any().add(arm::Column::CertificateKey.eq(&compared)).add(arm::Column::SerialKey.eq(&compared));
    let found = arm::Entity::find().filter(like).limit(2).all(db).await?;
    match found.as_slice() {
        [] => Ok(None),
        [one] => Ok(by_id(db, one.item_id).await?),
        _ => Err(ArmsError::field("gun", "有几支枪的枪号相同，请扫标签或填资产编号")),
    }
}

/// The gun of this number, label, certificate or serial number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn arm(db: &impl ConnectionTrait, ctx: &Ctx, text: &str) -> Result<Arm, ArmsError> {
    let seen = reach(ctx, Action::FirearmsRead);
    let found = named(db, text).await?.filter(|one| seen.covers(Some(one.item.unit_id)));
    found.ok_or(ArmsError::NotFound("这支枪"))
}

fn condition(ctx: &Ctx, wanted: &Wanted) -> Condition {
    use arm::Column as A;
    use item::Column as I;
    let mut all = Condition::all();
    if let Some(units) = reach(ctx, Action::FirearmsRead).units() {
        all = all.add(I::UnitId.is_in(units));
    }
    if let Some(unit) = wanted.unit {
        all = all.add(I::UnitId.eq(unit));
    }
    if let Some(armoury) = wanted.armoury {
        all = all.add(A::ArmouryId.eq(armoury));
    }
    all = match wanted.state {
        Some(state) => all.add(A::State.eq(state)),
        None => all.add(A::State.ne(ArmState::Scrapped)),
    };
    let text = key(&wanted.text.replace('\0', "")).into_owned();
    if !text.is_empty() {
        let columns = [A::SerialKey.contains(&text), A::ModelKey.contains(&text), I::NumberKey.contains(&text)];
        all = all.add(columns.into_iter().fold(Condition::any(), Condition::add));
    }
    if let Some(after) = wanted.after {
        all = all.add(A::ItemId.gt(after));
    }
    all
}

/// Guns that `ctx` may see, as they were entered.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, wanted: &Wanted, limit: u64) -> Result<Vec<Arm>, DbError> {
    let of_item = arm::Entity::belongs_to(item::Entity).from(arm::Column::ItemId).to(item::Column::Id).into();
    let rows = arm::Entity::find()
        .join(sea_orm::JoinType::InnerJoin, of_item)
        .filter(condition(ctx, wanted))
        .order_by_asc(arm::Column::ItemId)
        .limit(limit)
        .all(db)
        .await?;
    let ids: Vec<ItemId> = rows.iter().map(|row| row.item_id).collect();
    let mut things = items::by_ids(db, &ids).await?;
    let of = |arm: arm::Model| things.remove(&arm.item_id).map(|item| Arm { item, arm });
    Ok(rows.into_iter().filter_map(of).collect())
}

/// The magazines of a store, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn magazines(db: &impl ConnectionTrait, armoury: Uuid) -> Result<Vec<magazine::Model>, DbError> {
    let of = magazine::Entity::find().filter(magazine::Column::ArmouryId.eq(armoury));
    Ok(of.order_by_asc(magazine::Column::NumberKey).all(db).await?)
}

/// The rounds that lie in a store, by type and lot.
///
/// # Errors
/// When the database cannot be read.
pub async fn stock(db: &impl ConnectionTrait, armoury: Uuid) -> Result<Vec<(stock::Model, lot::Model)>, DbError> {
    let rows = stock::Entity::find().filter(stock::Column::ArmouryId.eq(armoury)).all(db).await?;
    let mut lots = lots(db, rows.iter().map(|row| row.lot_id).collect()).await?;
    let mut found: Vec<_> = rows.into_iter().filter_map(|row| lots.remove(&row.lot_id).map(|lot| (row, lot))).collect();
    found.sort_by(|(_, a), (_, b)| (&a.type_key, &a.lot_key).cmp(&(&b.type_key, &b.lot_key)));
    Ok(found)
}

/// The rounds that lie in several stores, by store, type and lot.
///
/// # Errors
/// When the database cannot be read.
pub async fn stock_of(
    db: &impl ConnectionTrait,
    armouries: &[Uuid],
) -> Result<HashMap<Uuid, Vec<(stock::Model, lot::Model)>>, DbError> {
    let mut rows = Vec::new();
    for chunk in armouries.chunks(CHUNK_ROWS) {
        let of = stock::Entity::find().filter(stock::Column::ArmouryId.is_in(chunk.iter().copied()));
        rows.extend(of.all(db).await?);
    }
    let lots = lots(db, rows.iter().map(|row| row.lot_id).collect()).await?;
    let mut found: HashMap<Uuid, Vec<(stock::Model, lot::Model)>> = HashMap::new();
    for row in rows {
        if let Some(lot) = lots.get(&row.lot_id) {
            found.entry(row.armoury_id).or_default().push((row, lot.clone()));
        }
    }
    for of in found.values_mut() {
        of.sort_by(|(_, a), (_, b)| (&a.type_key, &a.lot_key).cmp(&(&b.type_key, &b.lot_key)));
    }
    Ok(found)
}

/// Lots by id, in no order.
///
/// # Errors
/// When the database cannot be read.
pub async fn lots(db: &impl ConnectionTrait, ids: Vec<Uuid>) -> Result<HashMap<Uuid, lot::Model>, DbError> {
    let mut found = HashMap::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let rows = lot::Entity::find().filter(lot::Column::Id.is_in(chunk.iter().copied())).all(db).await?;
        found.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    Ok(found)
}

/// What became of a lot in a store, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn entries(db: &impl ConnectionTrait, stock: Uuid, limit: u64) -> Result<Vec<entry::Model>, DbError> {
    let of = entry::Entity::find().filter(entry::Column::StockId.eq(stock));
    Ok(of.order_by_desc(entry::Column::Seq).limit(limit).all(db).await?)
}

/// Somebody's carry licence.
///
/// # Errors
/// When the database cannot be read.
pub async fn officer_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Option<officer::Model>, DbError> {
    Ok(officer::Entity::find().filter(officer::Column::PersonId.eq(person)).one(db).await?)
}

/// Every armed officer, as they were entered; a sub-bureau has hundreds.
///
/// # Errors
/// When the database cannot be read.
pub async fn officers(db: &impl ConnectionTrait) -> Result<Vec<officer::Model>, DbError> {
    Ok(officer::Entity::find().order_by_asc(officer::Column::Id).all(db).await?)
}

/// What somebody was tried in, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn results_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<result::Model>, DbError> {
    let of = result::Entity::find().filter(result::Column::PersonId.eq(person));
    Ok(of.order_by_desc(result::Column::HeldOn).order_by_desc(result::Column::Id).all(db).await?)
}

/// Somebody's bans, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn bans_of(db: &impl ConnectionTrait, person: PersonId) -> Result<Vec<ban::Model>, DbError> {
    let of = ban::Entity::find().filter(ban::Column::PersonId.eq(person));
    Ok(of.order_by_desc(ban::Column::Id).all(db).await?)
}

/// Whether a ban stands on a day.
#[must_use]
pub fn stands(ban: &ban::Model, day: NaiveDate) -> bool {
    ban.lifted_at.is_none() && ban.until.is_none_or(|until| day <= until)
}

/// What is known of somebody who would carry a gun on a day.
///
/// # Errors
/// When the database cannot be read.
pub async fn fitness(db: &impl ConnectionTrait, person: PersonId, day: NaiveDate) -> Result<Fitness, DbError> {
    let officer = officer_of(db, person).await?;
    let results = results_of(db, person).await?;
    let bans = bans_of(db, person).await?;
    Ok(Fitness {
        armed: officer.as_ref().is_some_and(|row| row.active),
        licence: officer.map(|row| (row.issued_on, row.valid_until)),
        banned: bans.iter().any(|ban| stands(ban, day)),
        last_result: results.first().map(|row| (row.held_on, row.passed)),
    })
}
