//! What a document stands on: the things it names, where they go, and what forbids it. Every refusal names its thing.

use hashbrown::{HashMap, HashSet};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};

use super::entity::movement;
use super::model::Kind;
use super::steps;
use super::store;
use crate::access::{Action, reach};
use crate::assets::AssetError;
use crate::db::{DbError, Tx, bulk::CHUNK_ROWS};
use crate::items::entity::item;
use crate::items::model::ItemKind;
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, UnitId};
use crate::kernel::text::key;
use crate::org::{people, places, units};
use crate::stocktake::entity::{campaign, expected_item, missing_case, sheet};
use crate::stocktake::model::{CampaignState, SheetState};

/// Things a document has at most.
pub const MOST: usize = 2_000;
/// Of many refusals so many are told.
const TOLD: usize = 5;

/// The things that a document names, in the order named: known, in sight, each once, fixed assets of one unit.
pub(super) async fn things(tx: &Tx, ctx: &Ctx, numbers: &[String]) -> Result<Vec<item::Model>, AssetError> {
    let wrong = |reason: String| Err(AssetError::field("numbers", reason));
    if numbers.is_empty() {
        return wrong("请选择资产".to_owned());
    }
    if numbers.len() > MOST {
        return wrong(format!("一份单据最多 {MOST} 件，请分开办理"));
    }
    let mut seen = HashSet::new();
    if let Some(twice) = numbers.iter().find(|number| !seen.insert(key(number))) {
        return wrong(format!("“{}”写了两次", twice.trim()));
    }
    let mut found = items::by_numbers(tx, numbers).await?;
    let right = reach(ctx, Action::ItemsRead);
    let mut things = Vec::with_capacity(numbers.len());
    for number in numbers {
        let thing = found.remove(key(number).as_ref()).filter(|thing| right.covers(Some(thing.unit_id)));
        let Some(thing) = thing else { return wrong(format!("没有编号为“{}”的资产", number.trim())) };
        if !matches!(thing.kind, ItemKind::FixedAsset | ItemKind::Vehicle) {
            return wrong(format!("“{}”不是固定资产，由其专门台账办理", thing.item_number));
        }
        things.push(thing);
    }
    Ok(things)
}

/// The one unit that has all of them.
pub(super) fn unit_of(things: &[item::Model]) -> Result<UnitId, AssetError> {
    let first = things.first().map(|thing| thing.unit_id);
    let first = first.ok_or_else(|| AssetError::field("numbers", "请选择资产"))?;
    match things.iter().find(|thing| thing.unit_id != first) {
        None => Ok(first),
        Some(other) => Err(AssetError::field(
            "numbers",
            format!("“{}”属于另一个单位，一份单据只办一个单位的资产", other.item_number),
        )),
    }
}

/// Where the things of a document go: there, open, and right for its kind. Whoever asks for a transfer need not have the
/// other unit within reach: it says itself whether it takes them.
pub(super) async fn whereto(tx: &Tx, row: &movement::Model) -> Result<(), AssetError> {
    if let Some(unit) = row.to_unit_id {
        if unit == row.unit_id {
            return Err(AssetError::field("to_unit_id", "不能调拨给本单位"));
        }
        units::open(tx, unit, "to_unit_id").await?;
    }
    let home = row.to_unit_id.unwrap_or(row.unit_id);
    if let Some(place) = row.to_place_id {
        let place = places::open(tx, place, "to_place_id").await?;
        if place.unit_id != home && row.kind == Kind::Transfer {
            return Err(AssetError::field("to_place_id", "存放地点须是接收单位的"));
        }
    }
    if let Some(keeper) = row.to_keeper_id {
        let keeper = people::open(tx, keeper, "to_keeper_id").await?;
        if keeper.unit_id != home && row.kind != Kind::Handover {
            let reason = if row.kind == Kind::Transfer {
                "使用人须是接收单位的人员"
            } else {
                "使用人不在本单位；交给其他单位的人员须办理调拨"
            };
            return Err(AssetError::field("to_keeper_id", reason));
        }
    }
    Ok(())
}

/// Nobody names a place that they may not see; of a transfer, the other unit's.
pub(super) async fn in_sight(tx: &Tx, ctx: &Ctx, row: &movement::Model) -> Result<(), AssetError> {
    let Some(place) = row.to_place_id.filter(|_| row.kind != Kind::Transfer) else { return Ok(()) };
    let place = places::open(tx, place, "to_place_id").await?;
    if reach(ctx, Action::OrgRead).covers(Some(place.unit_id)) {
        return Ok(());
    }
    Err(AssetError::field("to_place_id", "没有这个地点，或已停用"))
}

/// Lets a document of this kind have these things, or says of which not and why. Returns, of each thing that a count
/// expects and that stays with its unit, the count: that is noted on the document and stops nothing, for the count
/// itself tells what moved while it went on.
///
/// A document whose chain has meanwhile said no, which nobody has written down yet, is written down here and lets go.
pub(super) async fn may_move(
    tx: &Tx,
    ctx: &Ctx,
    kind: Kind,
    things: &[item::Model],
    own: Option<sea_orm::prelude::Uuid>,
) -> Result<HashMap<ItemId, String>, AssetError> {
    let ids: Vec<ItemId> = things.iter().map(|thing| thing.id).collect();
    let held = held_by_others(tx, ctx, &ids, own).await?;
    let missing = missing_of(tx, &ids).await?;
    let counted = counts_of(tx, &ids).await?;
    let refusal = |thing: &item::Model| -> Option<String> {
        let number = &thing.item_number;
        if thing.state.is_gone() {
            return Some(format!("“{number}”{}，已不在账", thing.state.zh()));
        }
        if let Some(row) = held.get(&thing.id) {
            return Some(format!("“{number}”正在办理{}（{}），办结或撤回后再办", row.kind.zh(), row.number));
        }
        if missing.contains(&thing.id) {
            return Some(format!("“{number}”正在按盘亏查找，找回或核销后再办"));
        }
        if !kind.from_states().contains(&thing.state) {
            return Some(match kind {
                Kind::LoanReturn => format!("“{number}”没有借出，不能归还"),
                Kind::RepairReturn => format!("“{number}”没有送修，不能取回"),
                _ => format!("“{number}”现为{}，不能办理{}", thing.state.zh(), kind.zh()),
            });
        }
        let counted = counted.get(&thing.id).filter(|_| kind.takes_away())?;
        Some(format!("“{number}”正在盘点（{counted}），盘点表确认后再办"))
    };
    refuse(things.iter().filter_map(refusal).collect())?;
    Ok(counted)
}

/// Refuses with the first few sentences.
pub(super) fn refuse(mut sentences: Vec<String>) -> Result<(), AssetError> {
    let many = sentences.len();
    if many == 0 {
        return Ok(());
    }
    sentences.truncate(TOLD);
    let more = if many > TOLD { format!("；等共 {many} 件") } else { String::new() };
    Err(AssetError::Conflict(format!("{}{more}", sentences.join("；"))))
}

async fn held_by_others(
    tx: &Tx,
    ctx: &Ctx,
    ids: &[ItemId],
    own: Option<sea_orm::prelude::Uuid>,
) -> Result<HashMap<ItemId, movement::Model>, AssetError> {
    let held = store::open_of(tx, ids).await?;
    let mut still: HashMap<sea_orm::prelude::Uuid, bool> = HashMap::new();
    for row in held.values() {
        if Some(row.id) != own && !still.contains_key(&row.id) {
            let row = steps::settle(tx, ctx, row.clone()).await?;
            still.insert(row.id, row.state.is_open());
        }
    }
    Ok(held.into_iter().filter(|(_, row)| still.get(&row.id).copied().unwrap_or(false)).collect())
}

async fn missing_of(tx: &Tx, ids: &[ItemId]) -> Result<HashSet<ItemId>, DbError> {
    let mut missing = HashSet::new();
    for chunk in ids.chunks(CHUNK_ROWS) {
        let open = missing_case::Entity::find()
            .filter(missing_case::Column::OpenOf.is_in(chunk.iter().map(|id| id.0)))
            .all(tx)
            .await?;
        missing.extend(open.into_iter().map(|row| row.item_id));
    }
    Ok(missing)
}

/// The count under way that expects each thing, where one does whose sheet nobody has confirmed.
async fn counts_of(tx: &Tx, ids: &[ItemId]) -> Result<HashMap<ItemId, String>, DbError> {
    let mut counts = HashMap::new();
    let open = campaign::Entity::find()
        .filter(campaign::Column::State.is_in([CampaignState::Counting, CampaignState::Reviewing]))
        .all(tx)
        .await?;
    for campaign in open {
        let sheets = sheet::Entity::find()
            .filter(sheet::Column::CampaignId.eq(campaign.id))
            .filter(sheet::Column::State.ne(SheetState::Confirmed))
            .all(tx)
            .await?;
        let unconfirmed: HashSet<_> = sheets.into_iter().map(|row| row.id).collect();
        for chunk in ids.chunks(CHUNK_ROWS) {
            let expected = expected_item::Entity::find()
                .filter(expected_item::Column::CampaignId.eq(campaign.id))
                .filter(expected_item::Column::ItemId.is_in(chunk.iter().copied()))
                .all(tx)
                .await?;
            let open = expected.into_iter().filter(|row| unconfirmed.contains(&row.sheet_id));
            counts.extend(open.map(|row| (row.item_id, campaign.number.clone())));
        }
    }
    Ok(counts)
}
