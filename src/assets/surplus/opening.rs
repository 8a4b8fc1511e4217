//! Surplus things are opened: from what a closed count saw and no book knows, or by hand.

use hashbrown::{HashMap, HashSet};
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
};
use serde_json::json;

use super::entity::surplus;
use super::model::State;
use super::service::record;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::assets::missing::service::words;
use crate::assets::movements::numbers;
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::{PlaceId, ScanId, UnitId};
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Quantity};
use crate::org::{places, units};
use crate::stocktake::entity::{campaign, scan, sheet, verdict_line};
use crate::stocktake::model::CampaignState;
use crate::stocktake::{store as counts, verdict::Verdict};

/// How their numbers begin.
const PREFIX: &str = "PY";

/// A thing found by hand.
#[derive(Debug, Clone, PartialEq, Eq)]
#[expect(missing_docs, reason = "the columns of asset_surpluses")]
pub struct NewSurplus {
    pub unit: UnitId,
    pub place: Option<PlaceId>,
    pub name: String,
    pub specification: String,
    pub serial_number: String,
    pub quantity: Quantity,
    pub note: String,
}

fn blank(ctx: &Ctx, number: String, unit_id: UnitId) -> surplus::Model {
    surplus::Model {
        id: ctx.new_id(),
        number,
        state: State::Open,
        unit_id,
        place_id: None,
        campaign_id: None,
        line: None,
        code_read: String::new(),
        name: String::new(),
        specification: String::new(),
        serial_number: String::new(),
        class_code: String::new(),
        measure_unit: String::new(),
        quantity: Quantity::ONE,
        note: String::new(),
        lead: String::new(),
        opened_by: ctx.actor.to_string(),
        opened_at: ctx.now(),
        identified_note: String::new(),
        identified_by: None,
        identified_at: None,
        item_id: None,
        case_id: None,
        basis: None,
        value_fen: None,
        value_source: String::new(),
        valued_by: None,
        valued_at: None,
        approval_id: None,
        ended_note: String::new(),
        ended_by: None,
        ended_at: None,
        version: 1,
    }
}

/// Opens one by hand.
///
/// # Errors
/// When it is not theirs to do, or a fact is wrong.
pub async fn open(db: &Db, ctx: &Ctx, new: &NewSurplus) -> Result<surplus::Model, AssetError> {
    permit(ctx, Action::AssetsMove, Some(new.unit))?;
    let name = words("name", &new.name, "物品名称")?;
    for (field, text, most) in [
        ("name", &new.name, 200),
        ("specification", &new.specification, 200),
        ("serial_number", &new.serial_number, 200),
        ("note", &new.note, 500),
    ] {
        if let Some(reason) = fault(text.trim(), most) {
            return Err(AssetError::field(field, reason));
        }
    }
    if !(1..=Quantity::MAX).contains(&new.quantity.0) {
        return Err(AssetError::field("quantity", "数量应至少为 1"));
    }
    db.write(async |tx| {
        units::open(tx, new.unit, "unit_id").await?;
        if let Some(place) = new.place {
            let row = places::open(tx, place, "place_id").await?;
            if row.unit_id != new.unit {
                return Err(AssetError::field("place_id", "发现地点不是这个单位的"));
            }
        }
        let row = surplus::Model {
            place_id: new.place,
            name: name.clone(),
            specification: new.specification.trim().to_owned(),
            serial_number: new.serial_number.trim().to_owned(),
            quantity: new.quantity,
            note: new.note.trim().to_owned(),
            ..blank(ctx, numbers::next(tx, ctx, PREFIX).await?, new.unit)
        };
        row.clone().into_active_model().insert(tx).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "surplus.open", &row, json!({ "name": row.name, "quantity": row.quantity }), rows).await?;
        Ok(row)
    })
    .await
}

/// Opens what a closed count saw and no book knows, within reach; each line once, however often it is asked for. Returns
/// those that are new.
///
/// # Errors
/// When it is not theirs to do, or there is no such count, or it goes on.
pub async fn gather(db: &Db, ctx: &Ctx, campaign: &str) -> Result<Vec<surplus::Model>, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    db.write(async |tx| {
        let missing = |_| AssetError::NotFound("这次盘点");
        let campaign = counts::campaign(tx, campaign).await.map_err(missing)?;
        if campaign.state != CampaignState::Closed {
            return Err(AssetError::Conflict(format!("盘点“{}”尚未结束，结束后再登记盘盈", campaign.number)));
        }
        let mut opened = Vec::new();
        let mut rows = RowsDigest::new(ctx);
        for (line, scan, unit) in lines(tx, ctx, &campaign).await? {
            let number = numbers::next(tx, ctx, PREFIX).await?;
            let row = surplus::Model {
                place_id: line.counted_place_id,
                campaign_id: Some(campaign.id),
                line: Some(line.line),
                code_read: scan.code_read,
                name: scan.name,
                serial_number: scan.serial_number,
                quantity: line.counted_quantity.filter(|many| many.0 >= 1).unwrap_or(Quantity::ONE),
                note: scan.note,
                lead: line.lead,
                ..blank(ctx, number, unit)
            };
            rows.add(&row);
            opened.push(row);
        }
        if opened.is_empty() {
            return Ok(opened);
        }
        bulk::insert(tx, opened.clone()).await?;
        let payload = json!({ "surpluses": opened.iter().map(|row| &row.number).collect::<Vec<_>>() });
        let subject = campaign.number.clone();
        journal::record(tx, ctx, Entry { action: "surplus.gather", subject, unit: None, payload, rows }).await?;
        Ok(opened)
    })
    .await
}

/// The lines of a count that are surplus and not opened yet, with what was scanned and the unit that holds the place.
async fn lines(
    tx: &Tx,
    ctx: &Ctx,
    campaign: &campaign::Model,
) -> Result<Vec<(verdict_line::Model, scan::Model, UnitId)>, DbError> {
    let found = verdict_line::Entity::find()
        .filter(verdict_line::Column::CampaignId.eq(campaign.id))
        .filter(verdict_line::Column::Verdict.eq(Verdict::Unregistered.to_string()))
        .order_by_asc(verdict_line::Column::Line)
        .all(tx)
        .await?;
    let known = surplus::Entity::find().filter(surplus::Column::CampaignId.eq(campaign.id)).all(tx).await?;
    let known: HashSet<i64> = known.into_iter().filter_map(|row| row.line).collect();
    let mut scans: HashMap<ScanId, scan::Model> = HashMap::new();
    let ids: Vec<ScanId> = found.iter().filter_map(|line| line.scan_id).collect();
    for chunk in ids.chunks(bulk::CHUNK_ROWS) {
        let rows = scan::Entity::find().filter(scan::Column::Id.is_in(chunk.iter().copied())).all(tx).await?;
        scans.extend(rows.into_iter().map(|row| (row.id, row)));
    }
    let sheets = sheet::Entity::find().filter(sheet::Column::CampaignId.eq(campaign.id)).all(tx).await?;
    let of_sheet: HashMap<_, UnitId> = sheets.into_iter().map(|row| (row.id, row.unit_id)).collect();
    let right = reach(ctx, Action::AssetsMove);
    let whose = |line: verdict_line::Model| {
        let scan = scans.remove(&line.scan_id?)?;
        let unit = line.unit_id.or_else(|| of_sheet.get(&scan.sheet_id?).copied())?;
        right.covers(Some(unit)).then_some((line, scan, unit))
    };
    Ok(found.into_iter().filter(|line| !known.contains(&line.line)).filter_map(whose).collect())
}
