//! What a card says of a thing is put right by a document: before and after stand on its line.

use hashbrown::HashMap;
use serde_json::json;

use super::entity::movement;
use super::ground;
use super::model::Kind;
use super::service::{blank, file_as, words};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::AssetError;
use crate::db::Db;
use crate::items::correcting::{Facts, correct as put_right};
use crate::items::entity::item;
use crate::journal::RowsDigest;
use crate::kernel::Ctx;

/// Puts the facts of a thing right.
///
/// # Errors
/// When it is not theirs to do, a fact cannot be so, nothing would read differently, or a document holds the thing.
pub async fn correct(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    facts: &Facts,
    reason: &str,
) -> Result<movement::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    words("reason", reason, "更正事由")?;
    db.write(async |tx| {
        let things = ground::things(tx, ctx, &[number.to_owned()]).await?;
        let unit = ground::unit_of(&things)?;
        permit(ctx, Action::AssetsMove, Some(unit))?;
        let thing = things.first().ok_or(AssetError::NotFound("这件资产"))?;
        if thing.state.is_gone() {
            return Err(AssetError::Conflict(format!("“{}”{}，已不在账", thing.item_number, thing.state.zh())));
        }
        if let Some(row) = super::store::open_of(tx, &[thing.id]).await?.get(&thing.id) {
            let row = super::steps::settle(tx, ctx, row.clone()).await?;
            if row.state.is_open() {
                let what =
                    format!("“{}”正在办理{}（{}），办结或撤回后再更正", thing.item_number, row.kind.zh(), row.number);
                return Err(AssetError::Conflict(what));
            }
        }
        let row = blank(tx, ctx, Kind::Correct, unit, &things, reason).await?;
        let mut rows = RowsDigest::new(ctx);
        let why = format!("信息更正单 {}：{}", row.number, row.reason).chars().take(200).collect::<String>();
        let after = put_right(tx, ctx, thing, facts, &why, &mut rows).await?;
        let told = json!({ "before": told(thing), "after": told(&after) }).to_string();
        file_as(tx, ctx, row, &things, &HashMap::new(), rows, Some(told)).await
    })
    .await
}

fn told(thing: &item::Model) -> serde_json::Value {
    json!({ "name": thing.name, "specification": thing.specification, "serial_number": thing.serial_number,
        "brand": thing.brand, "measure_unit": thing.measure_unit, "acquired_on": thing.acquired_on })
}
