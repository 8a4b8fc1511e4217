//! What keepers say of the things they have: "yes, it is with me", or not. A word holds for some days; not with them is a
//! finding, and a later yes settles it (谁使用、谁管理、谁负责).

use hashbrown::HashMap;
use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, ConnectionTrait, EntityTrait as _, IntoActiveModel as _, QueryFilter as _,
    QueryOrder as _,
};
use serde_json::json;

use super::entity::confirmation;
use super::handing::kept_by;
use super::store;
use crate::access::rules::Rules;
use crate::access::{Action, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::db::{Db, DbError, Tx};
use crate::findings::opening::{of_origins, seen_again, settle};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::items::store as items;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Timestamp};

/// The rule: for how many days a keeper's word holds.
pub const DAYS: &str = "assets.confirm_days";
const OTHERWISE_DAYS: i64 = 365;
const DAY_MS: i64 = 86_400_000;

/// Since when a word counts now.
///
/// # Errors
/// When the database cannot be read.
pub async fn since(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Timestamp, DbError> {
    let days = Rules::load(db).await?.number(DAYS, ctx.now(), OTHERWISE_DAYS).clamp(1, 3650);
    Ok(Timestamp(ctx.now().0.saturating_sub(days * DAY_MS)))
}

/// A thing that somebody has, and what they said of it last.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The thing.
    pub thing: item::Model,
    /// Their last word that still holds.
    pub said: Option<confirmation::Model>,
}

/// The fixed assets that whoever asks has, those they said nothing of first.
///
/// # Errors
/// When it is nobody of the sub-bureau, or the database cannot be read.
pub async fn mine(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Kept>, AssetError> {
    permit_somewhere(ctx, Action::AssetsHold)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let things = kept_by(db, me).await?;
    let ids: Vec<_> = things.iter().map(|thing| thing.id).collect();
    let mut said = store::last_words(db, &ids, since(db, ctx).await?).await?;
    let mut kept: Vec<Kept> = things
        .into_iter()
        .map(|thing| Kept { said: said.remove(&thing.id).filter(|row| row.person_id == me), thing })
        .collect();
    kept.sort_by_key(|one| one.said.is_some());
    Ok(kept)
}

/// Says of a thing in one's own keeping whether it is with one.
///
/// # Errors
/// When it is not in their keeping, or the database refuses.
pub async fn say(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    with_me: bool,
    note: &str,
) -> Result<confirmation::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsHold)?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let note = note.trim();
    if let Some(reason) = fault(note, 500) {
        return Err(AssetError::field("note", reason));
    }
    db.write(async |tx| {
        let thing = items::by_number(tx, number).await?.filter(|thing| thing.keeper_id == Some(me));
        let thing = thing.filter(|thing| matches!(thing.kind, ItemKind::FixedAsset | ItemKind::Vehicle));
        let thing = thing.ok_or(AssetError::NotFound("这件由您保管的资产"))?;
        if thing.state.is_gone() {
            return Err(AssetError::Conflict(format!("“{}”{}，不必确认", thing.item_number, thing.state.zh())));
        }
        let row = confirmation::Model {
            id: ctx.new_id::<Uuid>(),
            item_id: thing.id,
            person_id: me,
            unit_id: thing.unit_id,
            with_me,
            note: note.to_owned(),
            said_at: ctx.now(),
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        follow(tx, ctx, &thing, &row, &mut rows).await?;
        let payload = json!({ "with_me": with_me, "note": note });
        let (subject, unit) = (thing.item_number.clone(), Some(thing.unit_id));
        journal::record(tx, ctx, Entry { action: "assets.confirm", subject, unit, payload, rows }).await?;
        Ok(row)
    })
    .await
}

/// A no opens a finding, or opens it again; a yes settles one that is open.
async fn follow(
    tx: &Tx,
    ctx: &Ctx,
    thing: &item::Model,
    row: &confirmation::Model,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    let origin = format!("{}/{}", thing.id, row.person_id);
    let earlier = of_origins(tx, "assets", Kind::WrongKeeper, std::slice::from_ref(&origin)).await?.remove(&origin);
    let words = if row.note.is_empty() {
        "使用人称资产不在其处".to_owned()
    } else {
        format!("使用人称资产不在其处：{}", row.note)
    };
    match (row.with_me, earlier) {
        (true, Some(finding)) => {
            let words = "使用人已确认资产在其处".to_owned();
            settle(tx, ctx, finding, (EvidenceKind::Recount, words), rows).await?;
        }
        (true, None) => {}
        (false, Some(finding)) => {
            seen_again(tx, ctx, finding, words, rows).await?;
        }
        (false, None) => {
            let new = NewFinding {
                room: "assets",
                origin,
                link: format!("/items/{}", thing.item_number),
                kind: Kind::WrongKeeper,
                unit: Some(thing.unit_id),
                item: Some(thing.id),
                title: format!("{} {}：不在登记的使用人处", thing.item_number, thing.name),
                description: words,
            };
            open_many(tx, ctx, vec![new], rows).await?;
        }
    }
    Ok(())
}

/// How many things somebody has, and of how many they said that they have them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Tally {
    /// Whose.
    pub person: PersonId,
    /// The unit whose things they are.
    pub unit: UnitId,
    /// How many they have.
    pub kept: usize,
    /// Of how many they said yes.
    pub with_them: usize,
    /// Of how many no.
    pub not_with_them: usize,
}

/// Of everybody within reach who has things: what they said of them. Those who said least first.
///
/// # Errors
/// When the database cannot be read.
pub async fn tallies(db: &impl ConnectionTrait, ctx: &Ctx) -> Result<Vec<Tally>, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let mut kept = item::Entity::find()
        .filter(item::Column::KeeperId.is_not_null())
        .filter(item::Column::Kind.is_in([ItemKind::FixedAsset, ItemKind::Vehicle]))
        .filter(item::Column::State.is_not_in([ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn]));
    let right = reach(ctx, Action::AssetsMove).units();
    if let Some(units) = &right {
        kept = kept.filter(item::Column::UnitId.is_in(units.clone()));
    }
    let kept: Vec<(crate::kernel::ids::ItemId, UnitId, PersonId)> = {
        use sea_orm::QuerySelect as _;
        let columns = [item::Column::Id, item::Column::UnitId, item::Column::KeeperId];
        kept.select_only().columns(columns).into_tuple().all(db).await?
    };
    let mut said = confirmation::Entity::find().filter(confirmation::Column::SaidAt.gte(since(db, ctx).await?));
    if let Some(units) = right {
        said = said.filter(confirmation::Column::UnitId.is_in(units));
    }
    let said = said.order_by_asc(confirmation::Column::SaidAt).order_by_asc(confirmation::Column::Id).all(db).await?;
    let last: HashMap<_, _> = said.into_iter().map(|row| ((row.item_id, row.person_id), row.with_me)).collect();
    let mut tallies: HashMap<(UnitId, PersonId), Tally> = HashMap::new();
    for (thing, unit, person) in kept {
        let blank = Tally { person, unit, kept: 0, with_them: 0, not_with_them: 0 };
        let tally = tallies.entry((unit, person)).or_insert(blank);
        tally.kept += 1;
        match last.get(&(thing, person)) {
            Some(true) => tally.with_them += 1,
            Some(false) => tally.not_with_them += 1,
            None => {}
        }
    }
    let mut tallies: Vec<Tally> = tallies.into_values().collect();
    let silent = |tally: &Tally| tally.kept - tally.with_them - tally.not_with_them;
    tallies.sort_by(|a, b| (silent(b), a.unit, a.person).cmp(&(silent(a), b.unit, b.person)));
    Ok(tallies)
}
