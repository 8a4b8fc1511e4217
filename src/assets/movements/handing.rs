//! Hand over many things in one signed act (交接): all that somebody has, or some of it, to their successor. Users and
//! managers are named, and on change of person things are handed over at once (行政事业性国有资产管理条例 第15条).
//!
//! Both sign: the giver and the receiver. Where the giver cannot come any more, whoever keeps the unit's cards stands in
//! as supervisor (监交人), and the document says so.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::movement;
use super::ground;
use super::model::Kind;
use super::service::{blank, file, words};
use crate::access::{Action, permit, permit_somewhere, two_persons};
use crate::assets::AssetError;
use crate::db::{Db, Tx};
use crate::items::entity::item;
use crate::items::model::{ItemKind, ItemState};
use crate::journal::RowsDigest;
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::{Actor, Ctx};
use crate::org::entity::person;
use crate::org::people;

/// A handover as it is signed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HandOver {
    /// Who gives.
    pub from: PersonId,
    /// Who takes.
    pub to: PersonId,
    /// Which things, by number; blank for all that the giver has.
    pub numbers: Vec<String>,
    /// Where they are from now on; where they were when `None`.
    pub place: Option<PlaceId>,
    /// Why.
    pub reason: String,
}

/// The fixed assets that somebody has, by number.
///
/// # Errors
/// When the database cannot be read.
pub async fn kept_by(
    db: &impl sea_orm::ConnectionTrait,
    whose: PersonId,
) -> Result<Vec<item::Model>, crate::db::DbError> {
    Ok(item::Entity::find()
        .filter(item::Column::KeeperId.eq(whose))
        .filter(item::Column::Kind.is_in([ItemKind::FixedAsset, ItemKind::Vehicle]))
        .filter(item::Column::State.is_not_in([ItemState::Disposed, ItemState::WrittenOff, ItemState::Withdrawn]))
        .order_by_asc(item::Column::NumberKey)
        .all(db)
        .await?)
}

/// Hands things over. One document for each unit whose things they are.
///
/// # Errors
/// When giver and receiver are one, one of the two did not sign, or a thing may not move.
pub async fn hand_over(db: &Db, ctx: &Ctx, new: &HandOver) -> Result<Vec<movement::Model>, AssetError> {
    permit_somewhere(ctx, Action::AssetsHold)?;
    words("reason", &new.reason, "交接事由")?;
    if new.from == new.to {
        return Err(AssetError::field("to_keeper_id", "不能交接给本人"));
    }
    db.write(async |tx| {
        let giver = people::by_id(tx, new.from).await?.ok_or(AssetError::NotFound("这个人员"))?;
        let receiver = people::open(tx, new.to, "to_keeper_id").await?;
        let notes = signed(ctx, &giver, &receiver)?;
        let mut done = Vec::new();
        for (unit, things) in chosen(tx, new, &giver).await? {
            if receiver.unit_id != giver.unit_id && receiver.unit_id != unit {
                return Err(AssetError::field("to_keeper_id", "接交人不是本单位的人员；跨单位须办理调拨"));
            }
            let counted = ground::may_move(tx, ctx, Kind::Handover, &things, None).await?;
            let row = blank(tx, ctx, Kind::Handover, unit, &things, &new.reason).await?;
            let row = movement::Model {
                to_place_id: new.place,
                to_keeper_id: Some(new.to),
                counterparty: format!("{}交给{}{notes}", giver.name, receiver.name),
                second_id: ctx.co_signer.or(Some(new.to)),
                ..row
            };
            ground::whereto(tx, &row).await?;
            ground::in_sight(tx, ctx, &row).await?;
            done.push(file(tx, ctx, row, &things, &counted, RowsDigest::new(ctx)).await?);
        }
        Ok(done)
    })
    .await
}

/// Both have signed, or the receiver and whoever stands in for the giver; what the document says of that.
fn signed(ctx: &Ctx, giver: &person::Model, receiver: &person::Model) -> Result<&'static str, AssetError> {
    let acts = ctx.person();
    if acts.is_none_or(|me| me == giver.id || me == receiver.id) {
        permit(ctx, Action::AssetsHold, Some(giver.unit_id))?;
        // Whoever sits at the machine names both.
        two_persons(ctx, giver.id, receiver.id)?;
        return Ok(if matches!(ctx.actor, Actor::Local(_)) { "（线下签字）" } else { "" });
    }
    permit(ctx, Action::AssetsMove, Some(giver.unit_id))?;
    let supervisor = acts.ok_or(AssetError::NoPerson)?;
    two_persons(ctx, supervisor, receiver.id)?;
    Ok("（移交人未到场，由经办人监交）")
}

/// The things that change hands, by unit.
async fn chosen(tx: &Tx, new: &HandOver, giver: &person::Model) -> Result<Vec<(UnitId, Vec<item::Model>)>, AssetError> {
    let mut kept = kept_by(tx, giver.id).await?;
    if !new.numbers.is_empty() {
        let mut wanted = hashbrown::HashSet::new();
        for number in &new.numbers {
            let key = crate::kernel::text::key(number).into_owned();
            if !kept.iter().any(|thing| thing.number_key == key) {
                let sentence = format!("“{}”不在{}名下，不能由其交出", number.trim(), giver.name);
                return Err(AssetError::field("numbers", sentence));
            }
            if !wanted.insert(key) {
                return Err(AssetError::field("numbers", format!("“{}”写了两次", number.trim())));
            }
        }
        kept.retain(|thing| wanted.contains(&thing.number_key));
    }
    if kept.is_empty() {
        return Err(AssetError::field("numbers", format!("{}名下没有固定资产", giver.name)));
    }
    if kept.len() > ground::MOST {
        return Err(AssetError::field("numbers", format!("一次最多交接 {} 件，请分开办理", ground::MOST)));
    }
    kept.sort_by(|a, b| (a.unit_id, &a.number_key).cmp(&(b.unit_id, &b.number_key)));
    let by_unit = kept.chunk_by(|a, b| a.unit_id == b.unit_id);
    Ok(by_unit.filter_map(|things| Some((things.first()?.unit_id, things.to_vec()))).collect())
}
