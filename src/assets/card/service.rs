//! The card of a thing is read and written.

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::entity::{base, card};
use super::fields::{self, FIELDS};
use crate::access::{Action, permit, reach};
use crate::assets::AssetError;
use crate::assets::classes::{self, Recognised};
use crate::assets::depreciation::Month;
use crate::assets::movements::store as movements;
use crate::db::{Db, DbError, Tx};
use crate::items::correcting::{Facts, correct};
use crate::items::entity::item;
use crate::items::model::ItemKind;
use crate::items::{ItemError, store as items};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;
use crate::kernel::text::fault;
use crate::org::units;

/// The longest reason, characters.
const MOST_CHARS: usize = 200;

/// A card as it stands: of a thing without one, what is known of it, at version 0.
///
/// # Errors
/// When the database cannot be read.
pub async fn of(db: &impl ConnectionTrait, thing: &item::Model) -> Result<card::Model, DbError> {
    let stored = card::Entity::find_by_id(thing.id).one(db).await?;
    Ok(stored.unwrap_or_else(|| card::Model::blank(thing)))
}

/// From when on a thing is depreciated on what, in the order written.
///
/// # Errors
/// When the database cannot be read.
pub async fn bases_of(db: &impl ConnectionTrait, thing: ItemId) -> Result<Vec<base::Model>, DbError> {
    let rows = base::Entity::find().filter(base::Column::ItemId.eq(thing)).order_by_asc(base::Column::Seq);
    Ok(rows.all(db).await?)
}

/// The thing of this number with its card, within sight.
///
/// # Errors
/// [`AssetError::NotFound`]; [`AssetError::Conflict`] for what has no card, because another ledger keeps it.
pub async fn show(
    db: &impl ConnectionTrait,
    ctx: &Ctx,
    number: &str,
) -> Result<(item::Model, card::Model), AssetError> {
    let found = items::by_number(db, number).await?;
    let seen = found.filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    let thing = seen.ok_or(AssetError::NotFound("这件资产"))?;
    has_card(&thing)?;
    let card = of(db, &thing).await?;
    Ok((thing, card))
}

/// Whether this ledger keeps it.
fn has_card(thing: &item::Model) -> Result<(), AssetError> {
    if matches!(thing.kind, ItemKind::FixedAsset | ItemKind::Vehicle) {
        return Ok(());
    }
    Err(AssetError::Conflict(format!("“{}”不是固定资产，没有资产卡片", thing.item_number)))
}

/// A card as it is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// Everything the card says. Whose it is, its value, its version and its old class code are not taken from here.
    pub card: card::Model,
    /// What the book is to say of the thing; `None` leaves a fact.
    pub facts: Facts,
    /// From the month of which day on another value or life holds; `None`: it was an error, and holds from the beginning.
    pub from: Option<NaiveDate>,
    /// Why.
    pub reason: String,
}

/// Writes a card; what the book says of the thing changes with it, by the book's own door.
///
/// # Errors
/// When it is not theirs to do, somebody else changed it first, a field cannot be so or the form lacks what it asks for, a
/// document holds the thing whose facts are to change, or the database refuses.
pub async fn set(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    edit: &Edit,
) -> Result<(item::Model, card::Model), AssetError> {
    db.write(async |tx| set_in(tx, ctx, number, version, edit).await).await
}

async fn set_in(
    tx: &Tx,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    edit: &Edit,
) -> Result<(item::Model, card::Model), AssetError> {
    let (thing, before) = show(tx, ctx, number).await?;
    permit(ctx, Action::AssetsCard, Some(thing.unit_id))?;
    if version.is_some_and(|version| version != before.version) {
        return Err(DbError::Stale.into());
    }
    let reason = edit.reason.trim();
    if reason.is_empty() {
        return Err(ItemError::ReasonMissing.into());
    }
    if let Some(reason) = fault(reason, MOST_CHARS) {
        return Err(AssetError::field("reason", reason));
    }
    if thing.state.is_gone() {
        return Err(AssetError::Conflict(format!("“{}”{}，已不在账", thing.item_number, thing.state.zh())));
    }
    let (facts, old_class_code) = settle_class(tx, ctx, edit, &before).await?;
    let planned = facts.on(&thing)?;
    let after = card::Model {
        item_id: thing.id,
        value_fen: planned.value_fen,
        old_class_code,
        version: before.version,
        ..edit.card.clone()
    };
    check(tx, ctx, &planned, &before, &after).await?;
    if planned == thing && after == before && before.version > 0 {
        return Err(ItemError::NothingToChange.into());
    }
    let mut rows = RowsDigest::new(ctx);
    let changed = if planned == thing {
        thing.clone()
    } else {
        no_document(tx, &thing).await?;
        correct(tx, ctx, &thing, &facts, reason, &mut rows).await?
    };
    let bases = new_bases(tx, ctx, (&thing, &before), &after, edit, &mut rows).await?;
    let after = write(tx, &before, after, &mut rows).await?;
    let entry = Entry {
        action: "assets.set_card",
        subject: thing.item_number.clone(),
        unit: Some(thing.unit_id),
        payload: json!({ "card": differences(&before, &after), "facts": facts, "from": edit.from, "bases": bases,
            "reason": reason }),
        rows,
    };
    journal::record(tx, ctx, entry).await?;
    Ok((changed, after))
}

/// The facts with their class as the standard has it today, and the old code it came from.
async fn settle_class(tx: &Tx, ctx: &Ctx, edit: &Edit, before: &card::Model) -> Result<(Facts, String), AssetError> {
    let mut facts = edit.facts.clone();
    let Some(written) = &facts.class_code else { return Ok((facts, before.old_class_code.clone())) };
    let all = classes::load(tx).await?;
    let known = all.recognise(written).map_err(|reason| AssetError::field("class_code", reason))?;
    let old = match &known {
        Recognised::Blank => return Err(AssetError::field("class_code", "请填写资产分类代码")),
        Recognised::Foreign(code) => {
            return Err(AssetError::field("class_code", format!("“{code}”不是 GB/T 14885 的分类代码")));
        }
        Recognised::Current(_) => before.old_class_code.clone(),
        Recognised::Mapped { old, .. } => old.clone(),
    };
    if facts.class_name.as_ref().is_none_or(|name| name.trim().is_empty()) {
        facts.class_name = Some(all.name(known.code(), ctx.now().day()).to_owned());
    }
    facts.class_code = Some(known.code().to_owned());
    Ok((facts, old))
}

/// What the card and the thing as they are to be must keep to.
async fn check(
    tx: &Tx,
    ctx: &Ctx,
    planned: &item::Model,
    before: &card::Model,
    after: &card::Model,
) -> Result<(), AssetError> {
    let today = ctx.now().day();
    after.check(today).map_err(|(field, reason)| AssetError::Field { field, reason })?;
    if planned.acquired_on.is_some_and(|day| day > today) {
        return Err(AssetError::field("acquired_on", "取得日期不能晚于今天"));
    }
    // Who has it and where it is, is changed by a movement, not here.
    let lacks = after.gaps(planned).into_iter().find(|(field, _)| !matches!(*field, "keeper" | "place"));
    if let Some((field, name)) = lacks {
        return Err(AssetError::field(field, format!("请填写{name}")));
    }
    if let Some(unit) = after.managing_unit_id.filter(|_| after.managing_unit_id != before.managing_unit_id) {
        units::open(tx, unit, "managing_unit_id").await?;
    }
    let of_money = |card: &card::Model| (card.life_years, card.depreciation, card.valuation);
    let money = planned.value_fen != before.value_fen || (before.version > 0 && of_money(before) != of_money(after));
    if money {
        permit(ctx, Action::AssetsValue, Some(planned.unit_id))?;
    }
    Ok(())
}

/// Nothing is put right of a thing while a document of it is under way.
async fn no_document(tx: &Tx, thing: &item::Model) -> Result<(), AssetError> {
    let Some(row) = movements::open_of(tx, &[thing.id]).await?.remove(&thing.id) else { return Ok(()) };
    let (number, kind) = (&thing.item_number, row.kind.zh());
    Err(AssetError::Conflict(format!("“{number}”正在办理{kind}（{}），办结或撤回后再更正", row.number)))
}

/// The rows that another value or life needs: none when the thing has always been depreciated on what the card says.
async fn new_bases(
    tx: &Tx,
    ctx: &Ctx,
    (thing, before): (&item::Model, &card::Model),
    after: &card::Model,
    edit: &Edit,
    rows: &mut RowsDigest,
) -> Result<usize, AssetError> {
    if (after.value_fen, after.life_years) == (thing.value_fen, before.life_years) {
        return if edit.from.is_some() {
            Err(AssetError::field("from", "价值、折旧年限没有变更，不需填写起算月份"))
        } else {
            Ok(0)
        };
    }
    let known = bases_of(tx, thing.id).await?;
    let mut wanted = Vec::new();
    match edit.from {
        // An error: what the card says holds from the beginning. A row is needed only to overrule earlier ones.
        None if known.is_empty() => return Ok(0),
        None => wanted.push((None, after.value_fen, after.life_years)),
        Some(from) => {
            check_from(ctx, thing, from)?;
            if known.is_empty() {
                wanted.push((None, thing.value_fen, before.life_years));
            }
            wanted.push((Month::of(from).first_day(), after.value_fen, after.life_years));
        }
    }
    let first = known.last().map_or(1, |row| row.seq + 1);
    let count = wanted.len();
    for (seq, (from_on, value_fen, life_years)) in (first..).zip(wanted) {
        let row = base::Model {
            id: ctx.new_id::<sea_orm::prelude::Uuid>(),
            item_id: thing.id,
            seq,
            from_on,
            value_fen,
            life_years,
            reason: edit.reason.trim().to_owned(),
            set_by: ctx.actor.to_string(),
            set_at: ctx.now(),
        };
        rows.add(&row);
        row.into_active_model().insert(tx).await?;
    }
    Ok(count)
}

fn check_from(ctx: &Ctx, thing: &item::Model, from: NaiveDate) -> Result<(), AssetError> {
    if from > ctx.now().day() {
        return Err(AssetError::field("from", "起算月份不能晚于本月"));
    }
    match thing.acquired_on {
        Some(day) if Month::of(from) < Month::of(day) => {
            Err(AssetError::field("from", format!("起算月份不能早于取得日期 {day}")))
        }
        _ => Ok(()),
    }
}

/// Writes the row where its version is still that of `before`.
async fn write(
    tx: &Tx,
    before: &card::Model,
    after: card::Model,
    rows: &mut RowsDigest,
) -> Result<card::Model, AssetError> {
    let after = card::Model { version: before.version + 1, ..after };
    if before.version == 0 {
        after.clone().into_active_model().insert(tx).await?;
    } else {
        let mut active = after.clone().into_active_model().reset_all();
        active.item_id = sea_orm::ActiveValue::Unchanged(after.item_id);
        let updated = card::Entity::update_many()
            .set(active)
            .filter(card::Column::ItemId.eq(after.item_id))
            .filter(card::Column::Version.eq(before.version))
            .exec(tx)
            .await?;
        if updated.rows_affected != 1 {
            return Err(DbError::Stale.into());
        }
    }
    rows.add(&after);
    Ok(after)
}

/// Each field that reads differently: what it was, what it is.
fn differences(before: &card::Model, after: &card::Model) -> serde_json::Value {
    let mut changed = serde_json::Map::new();
    for field in FIELDS {
        let (was, is) = (fields::get(before, field.name), fields::get(after, field.name));
        if was != is || (before.version == 0 && !is.is_empty()) {
            changed.insert(field.name.to_owned(), json!([was, is]));
        }
    }
    if before.managing_unit_id != after.managing_unit_id {
        changed.insert("managing_unit_id".to_owned(), json!([before.managing_unit_id, after.managing_unit_id]));
    }
    changed.into()
}
