//! Lists of missing things are sent down to the units (下发), and acknowledged there.

use std::collections::BTreeMap;

use sea_orm::prelude::{Date, Uuid};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;

use super::entity::{loss_list, loss_list_line};
use super::service::words;
use super::store::{self, Case, Wanted};
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::assets::movements::numbers;
use crate::db::{Db, DbError, Tx, bulk};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::ids::UnitId;
use crate::kernel::text::fault;
use crate::kernel::{Ctx, Fen};

/// Cases that are sent down at once at most.
const MOST: u64 = 20_000;
/// How far away the day may be by which a unit is to have looked, days.
const FARTHEST_DUE_DAYS: i64 = 366;
/// How the numbers of lists begin.
const PREFIX: &str = "PK";

/// A year's list as it is sent down.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SendDown {
    /// Of which year.
    pub list_year: i64,
    /// To which units; to all that have something on it when empty.
    pub units: Vec<UnitId>,
    /// The day by which they are to have looked.
    pub due_on: Date,
    /// What is asked of them.
    pub note: String,
}

/// Sends what of a year's list was not sent down yet; a list for each unit.
///
/// # Errors
/// When it is not theirs to send, the day cannot be, or there is nothing (more) to send.
pub async fn send_down(db: &Db, ctx: &Ctx, new: &SendDown) -> Result<Vec<loss_list::Model>, AssetError> {
    permit_somewhere(ctx, Action::LossesSend)?;
    let today = ctx.now().day();
    if new.due_on < today {
        return Err(AssetError::field("due_on", "办理期限不能早于今天"));
    }
    if (new.due_on - today).num_days() > FARTHEST_DUE_DAYS {
        return Err(AssetError::field("due_on", "办理期限不能超过一年"));
    }
    if let Some(reason) = fault(new.note.trim(), 500) {
        return Err(AssetError::field("note", reason));
    }
    db.write(async |tx| {
        let by_unit = to_send(tx, ctx, new).await?;
        let mut rows = RowsDigest::new(ctx);
        let mut sent = Vec::with_capacity(by_unit.len());
        for (unit, cases) in by_unit {
            sent.push(write(tx, ctx, new, unit, &cases, &mut rows).await?);
        }
        let payload = json!({ "list_year": new.list_year, "due_on": new.due_on,
            "lists": sent.iter().map(|row| &row.number).collect::<Vec<_>>() });
        let subject = new.list_year.to_string();
        let unit = if let [only] = sent.as_slice() { Some(only.unit_id) } else { None };
        journal::record(tx, ctx, Entry { action: "losses.send", subject, unit, payload, rows }).await?;
        Ok(sent)
    })
    .await
}

/// What there is to send, by unit.
async fn to_send(tx: &Tx, ctx: &Ctx, new: &SendDown) -> Result<BTreeMap<UnitId, Vec<Case>>, AssetError> {
    let right = reach(ctx, Action::LossesSend);
    for unit in &new.units {
        permit(ctx, Action::LossesSend, Some(*unit))?;
    }
    let wanted = Wanted { list_year: Some(new.list_year), unsent: true, ..Wanted::default() };
    let mut by_unit: BTreeMap<UnitId, Vec<Case>> = BTreeMap::new();
    for case in store::list(tx, ctx, &wanted, MOST).await? {
        let unit = case.loss.unit_id;
        if right.covers(Some(unit)) && (new.units.is_empty() || new.units.contains(&unit)) {
            by_unit.entry(unit).or_default().push(case);
        }
    }
    by_unit.values_mut().for_each(|cases| cases.sort_by(|a, b| a.thing.number_key.cmp(&b.thing.number_key)));
    if !by_unit.is_empty() {
        return Ok(by_unit);
    }
    let year = new.list_year;
    let before: Vec<loss_list::Model> = store::lists(tx, ctx, Some(year), false, 1_000).await?;
    let same = before.iter().find(|row| new.units.is_empty() || new.units.contains(&row.unit_id));
    Err(AssetError::Conflict(match same {
        Some(row) => format!("{year} 年盘亏清单已下发（{}），没有新增的盘亏", row.number),
        None => format!("{year} 年没有查找中的盘亏可下发"),
    }))
}

async fn write(
    tx: &Tx,
    ctx: &Ctx,
    new: &SendDown,
    unit: UnitId,
    cases: &[Case],
    rows: &mut RowsDigest,
) -> Result<loss_list::Model, AssetError> {
    let worth = cases.iter().try_fold(Fen::ZERO, |sum, case| sum.checked_add(case.thing.value_fen));
    let row = loss_list::Model {
        id: ctx.new_id(),
        number: numbers::next(tx, ctx, PREFIX).await?,
        list_year: new.list_year,
        unit_id: unit,
        due_on: new.due_on,
        note: new.note.trim().to_owned(),
        line_count: i64::try_from(cases.len()).unwrap_or(i64::MAX),
        value_fen: worth.ok_or_else(|| AssetError::Conflict("价值合计过大".to_owned()))?,
        sent_by: ctx.actor.to_string(),
        sent_at: ctx.now(),
        acknowledged_by: None,
        acknowledged_at: None,
        acknowledgement: String::new(),
        version: 1,
    };
    row.clone().into_active_model().insert(tx).await?;
    rows.add(&row);
    let line = |(line, case): (i64, &Case)| loss_list_line::Model {
        id: ctx.new_id::<Uuid>(),
        list_id: row.id,
        line,
        case_id: case.case.id,
        value_fen: case.thing.value_fen,
    };
    let lines: Vec<loss_list_line::Model> = (1i64..).zip(cases).map(line).collect();
    lines.iter().for_each(|line| rows.add(line));
    bulk::insert(tx, lines).await?;
    // Whose case it is no longer follows the card from now on.
    let mut fixed: Vec<_> = cases.iter().filter(|case| case.loss.version == 0).map(|case| case.loss.clone()).collect();
    fixed.iter_mut().for_each(|loss| loss.version = 1);
    fixed.iter().for_each(|loss| rows.add(loss));
    bulk::insert(tx, fixed).await?;
    Ok(row)
}

/// The unit says that it has the list.
///
/// # Errors
/// When it is not theirs to say, whoever sent it says it, or it was said already.
pub async fn acknowledge(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    said: &str,
) -> Result<loss_list::Model, AssetError> {
    permit_somewhere(ctx, Action::AssetsMove).or_else(|_| permit_somewhere(ctx, Action::LossesConfirm))?;
    let me = ctx.person().ok_or(AssetError::NoPerson)?;
    let said = if said.trim().is_empty() { String::new() } else { words("acknowledgement", said, "回执")? };
    db.write(async |tx| {
        let row = store::list_of(tx, ctx, number).await?;
        let may = |action| permit(ctx, action, Some(row.unit_id));
        may(Action::AssetsMove).or_else(|_| may(Action::LossesConfirm))?;
        if row.sent_by == ctx.actor.to_string() {
            return Err(AssetError::Conflict("清单由接收单位签收，下发人不能代签".to_owned()));
        }
        if row.acknowledged_at.is_some() {
            return Err(AssetError::Conflict(format!("清单 {} 已签收", row.number)));
        }
        let read = version.unwrap_or(row.version);
        let after = loss_list::Model {
            acknowledged_by: Some(me),
            acknowledged_at: Some(ctx.now()),
            acknowledgement: said.clone(),
            version: row.version + 1,
            ..row
        };
        let mut active = after.clone().into_active_model().reset_all();
        active.id = Unchanged(after.id);
        let updated = loss_list::Entity::update_many()
            .set(active)
            .filter(loss_list::Column::Id.eq(after.id))
            .filter(loss_list::Column::Version.eq(read))
            .exec(tx)
            .await?;
        if updated.rows_affected != 1 {
            return Err(DbError::Stale.into());
        }
        let rows = RowsDigest::new(ctx).with(&after);
        let payload = json!({ "acknowledgement": after.acknowledgement });
        let (subject, unit) = (after.number.clone(), Some(after.unit_id));
        journal::record(tx, ctx, Entry { action: "losses.acknowledge", subject, unit, payload, rows }).await?;
        Ok(after)
    })
    .await
}
