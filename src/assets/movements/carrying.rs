//! What a document does to the book when it is carried out.

use hashbrown::HashMap;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use super::entity::{movement, movement_line};
use super::model::Kind;
use super::store;
use crate::assets::AssetError;
use crate::db::Tx;
use crate::items::ItemError;
use crate::items::entity::item;
use crate::items::model::ItemState;
use crate::items::service::{self as items, Change};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;
use crate::kernel::ids::ItemId;

/// The longest reason of an event, characters.
const EVENT_CHARS: usize = 200;

/// Moves every thing of a document as it says, and returns its lines with what each became. A loan or repair that comes
/// back is answered.
pub(super) async fn carry(
    tx: &Tx,
    ctx: &Ctx,
    row: &movement::Model,
    lines: Vec<movement_line::Model>,
    things: &[item::Model],
    rows: &mut RowsDigest,
) -> Result<Vec<movement_line::Model>, AssetError> {
    let ids: Vec<ItemId> = things.iter().map(|thing| thing.id).collect();
    let mut out = answered(tx, row.kind, &ids).await?;
    let by_id: HashMap<ItemId, &item::Model> = things.iter().map(|thing| (thing.id, thing)).collect();
    let reason = reason(row);
    let mut moved = Vec::with_capacity(lines.len());
    for line in lines {
        let Some(before) = by_id.get(&line.item_id) else { continue };
        let lent = out.remove(&line.item_id);
        let change = change(row, lent.as_ref().map(|line| line.from_state));
        let after =
            items::apply(tx, ctx, before, &change, &reason, rows).await.map_err(|error| named(error, row, before))?;
        let answers_id = lent.as_ref().map(|line| line.id);
        if let Some(lent) = lent {
            let lent = movement_line::Model { answered_at: Some(ctx.now()), ..lent };
            rows.add(&lent);
            lent.into_active_model().reset_all().update(tx).await?;
        }
        moved.push(movement_line::Model {
            open_of: None,
            to_unit_id: Some(after.unit_id),
            to_place_id: after.place_id,
            to_keeper_id: after.keeper_id,
            to_quantity: Some(after.quantity),
            to_state: Some(after.state),
            answers_id,
            ..line
        });
    }
    Ok(moved)
}

/// A refusal that says of which thing.
fn named(error: ItemError, row: &movement::Model, thing: &item::Model) -> AssetError {
    match error {
        ItemError::NothingToChange => {
            let number = &thing.item_number;
            AssetError::Conflict(format!("“{number}”已是这样，没有可办理的{}", row.kind.zh()))
        }
        other => other.into(),
    }
}

/// The lines that this document answers: a return its loan; what leaves the book, whatever it was out by.
async fn answered(tx: &Tx, kind: Kind, ids: &[ItemId]) -> Result<HashMap<ItemId, movement_line::Model>, AssetError> {
    Ok(match kind {
        Kind::LoanReturn => store::out_by(tx, &[Kind::Loan], ids).await?,
        Kind::RepairReturn => store::out_by(tx, &[Kind::Repair], ids).await?,
        Kind::Scrap | Kind::Dispose => store::out_by(tx, &[Kind::Loan, Kind::Repair], ids).await?,
        _ => HashMap::new(),
    })
}

fn change(row: &movement::Model, before_it_was_out: Option<ItemState>) -> Change {
    let mut change = Change { state: row.kind.becomes(), ..Change::default() };
    let (place, keeper) = (row.to_place_id, row.to_keeper_id);
    match row.kind {
        Kind::Issue | Kind::Relocate | Kind::Handover => {
            change.place = place.map(Some);
            change.keeper = keeper.map(Some);
        }
        Kind::Return => {
            change.place = place.map(Some);
            change.keeper = Some(keeper);
        }
        // In another unit nothing of the old place and keeper holds.
        Kind::Transfer => {
            change.unit = row.to_unit_id;
            change.place = Some(place);
            change.keeper = Some(keeper);
        }
        Kind::Loan | Kind::Repair => change.excused_by = Some(Some(format!("{}单 {}", row.kind.zh(), row.number))),
        Kind::LoanReturn | Kind::RepairReturn => {
            change.state = Some(before_it_was_out.unwrap_or(ItemState::InUse));
            change.excused_by = Some(None);
            change.place = place.map(Some);
            change.keeper = keeper.map(Some);
        }
        Kind::Scrap | Kind::Dispose => change.excused_by = Some(None),
        Kind::Idle | Kind::Use | Kind::Intake | Kind::Correct => {}
    }
    change
}

fn reason(row: &movement::Model) -> String {
    format!("{}单 {}：{}", row.kind.zh(), row.number, row.reason).chars().take(EVENT_CHARS).collect()
}

/// Writes the lines of a document back as they are after a step.
pub(super) async fn save_lines(
    tx: &Tx,
    lines: Vec<movement_line::Model>,
    rows: &mut RowsDigest,
) -> Result<(), AssetError> {
    for line in lines {
        rows.add(&line);
        let mut active = line.clone().into_active_model().reset_all();
        active.id = sea_orm::ActiveValue::Unchanged(line.id);
        movement_line::Entity::update(active).exec(tx).await?;
    }
    Ok(())
}
