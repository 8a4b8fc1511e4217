//! The finance system's list comes in: CSV, XLSX, XLS or ODS with whatever its columns are called, as a batch of one day
//! that can be undone.

use std::io::Cursor;

use sea_orm::prelude::{Date, Uuid};
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;
use sha2::{Digest as _, Sha256};

use super::entity::{finance_batch, finance_line, three_way_check};
use super::model::State;
use super::service::{finish, record};
use super::store;
use crate::access::{Action, permit};
use crate::assets::AssetError;
use crate::assets::movements::numbers;
use crate::assets::movements::service::words;
use crate::db::{Db, DbError, bulk};
use crate::documents::tables::Finance;
use crate::documents::{ColumnMap, Limits, Reject, RejectSink as _, Row, Table};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Fen};

/// The longest text of a cell that is kept.
const MOST_CHARS: usize = 200;

/// A list that was read, not yet written.
#[derive(Debug, Clone)]
pub struct Parsed {
    rows: Vec<finance_line::Model>,
    /// Rows that could not be taken, each with its reason.
    pub rejects: Vec<Reject>,
    /// What was skipped or decided while reading.
    pub notes: Vec<String>,
    name: String,
    sha256: String,
}

impl Parsed {
    /// Rows that can be taken.
    #[must_use]
    pub const fn taken(&self) -> usize {
        self.rows.len()
    }
}

/// Reads a list. Blocking work. `name` is only told and kept.
///
/// # Errors
/// When it is no table, lacks a number or an original value as columns, or is over a limit.
pub fn parse(name: &str, bytes: Vec<u8>, map: &ColumnMap, limits: &Limits) -> Result<Parsed, AssetError> {
    let wrong = |error: crate::documents::DocumentError| AssetError::field("file", error.to_string());
    let sha256 = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    let mut rejects: Vec<Reject> = Vec::new();
    let table = Table::read(name, Cursor::new(bytes), limits).map_err(wrong)?;
    let mut records = table.records::<Finance>(map).map_err(wrong)?;
    let mut rows = Vec::new();
    while let Some(row) = records.next_row(&mut rejects).map_err(wrong)? {
        match line(&row) {
            Ok(line) => rows.push(line),
            Err(reject) => rejects.reject(reject),
        }
    }
    let notes = records.notes().lines();
    Ok(Parsed { rows, rejects, notes, name: name.to_owned(), sha256 })
}

fn line(row: &Row<'_, Finance>) -> Result<finance_line::Model, Reject> {
    let text = |field: Finance| -> Result<String, Reject> {
        let text = row.text(field);
        match crate::kernel::text::fault(text, MOST_CHARS) {
            Some(reason) => Err(row.reject(field, reason)),
            None => Ok(text.to_owned()),
        }
    };
    let item_number = row.required_identifier(Finance::ItemNumber)?;
    text(Finance::ItemNumber)?;
    let number_key = key(item_number).into_owned();
    if number_key.is_empty() {
        return Err(row.reject(Finance::ItemNumber, "缺少资产编号"));
    }
    let money = |field: Finance| -> Result<Option<Fen>, Reject> {
        match row.money(field)? {
            Some(fen) if fen < Fen::ZERO => Err(row.reject(field, "金额不能为负；冲销的请合并后再导入")),
            other => Ok(other),
        }
    };
    let value_fen = money(Finance::Value)?.ok_or_else(|| row.reject(Finance::Value, "缺少原值"))?;
    let at = row.location();
    let place = if at.sheet.is_empty() { at.row.to_string() } else { format!("{}!{}", at.sheet, at.row) };
    Ok(finance_line::Model {
        batch_id: Uuid::nil(),
        line: 0,
        place_in_file: place.chars().filter(|c| !c.is_control()).take(MOST_CHARS).collect(),
        item_number: item_number.to_owned(),
        number_key,
        name: text(Finance::Name)?,
        unit_name: text(Finance::Unit)?,
        account: text(Finance::Account)?,
        value_fen,
        accumulated_fen: money(Finance::Accumulated)?,
        // A net value below zero is the finance system's own fault, and told as a difference.
        net_fen: row.money(Finance::Net)?,
        booked_on: row.date(Finance::BookedOn)?,
    })
}

/// Writes a list that was read, as the finance ledger of a day.
///
/// # Errors
/// When it is not theirs to do, the day is to come, no row could be taken, or the same file stands already.
pub async fn write(db: &Db, ctx: &Ctx, parsed: &Parsed, as_of: Date) -> Result<finance_batch::Model, AssetError> {
    permit(ctx, Action::ThreeWayRun, None)?;
    if as_of > ctx.now().day() {
        return Err(AssetError::field("as_of", "账面日期不能晚于今天"));
    }
    if parsed.rows.is_empty() {
        return Err(AssetError::field("file", "没有可用的行，请核对列名和数据"));
    }
    let worth = parsed.rows.iter().try_fold(Fen::ZERO, |sum, row| sum.checked_add(row.value_fen));
    let value_fen = worth.ok_or_else(|| AssetError::field("file", "原值合计过大"))?;
    let count = |many: usize| i64::try_from(many).unwrap_or(i64::MAX);
    db.write(async |tx| {
        let same = finance_batch::Entity::find()
            .filter(finance_batch::Column::StandingSha256.eq(parsed.sha256.as_str()))
            .one(tx)
            .await?;
        if let Some(batch) = same {
            let why = format!("这个文件已导入为 {}（{}），须先撤销", batch.number, batch.as_of);
            return Err(AssetError::Conflict(why));
        }
        let row = finance_batch::Model {
            id: ctx.new_id(),
            number: numbers::next(tx, ctx, "CW").await?,
            as_of,
            file_name: parsed.name.clone(),
            file_sha256: parsed.sha256.clone(),
            standing_sha256: Some(parsed.sha256.clone()),
            row_count: count(parsed.rows.len()),
            reject_count: count(parsed.rejects.len()),
            value_fen,
            imported_by: ctx.actor.to_string(),
            imported_at: ctx.now(),
            undone_by: None,
            undone_at: None,
            undone_reason: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let mut rows = RowsDigest::new(ctx).with(&row);
        let of =
            |(n, one): (i64, &finance_line::Model)| finance_line::Model { batch_id: row.id, line: n, ..one.clone() };
        let lines: Vec<finance_line::Model> = (1i64..).zip(&parsed.rows).map(of).collect();
        lines.iter().for_each(|line| rows.add(line));
        bulk::insert(tx, lines).await?;
        let payload = json!({ "file": row.file_name, "sha256": row.file_sha256, "as_of": row.as_of,
            "rows": row.row_count, "rejects": row.reject_count, "value_fen": row.value_fen });
        let entry = Entry { action: "three_way.import", subject: row.number.clone(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}

/// Undoes a batch: it stays with its reason and is used no more; open checks that rest on it are void.
///
/// # Errors
/// When it is not theirs to do, no reason is given, it was undone, or a closed check rests on it.
pub async fn undo(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    reason: &str,
) -> Result<finance_batch::Model, AssetError> {
    permit(ctx, Action::ThreeWayRun, None)?;
    let reason = words("reason", reason, "撤销的原因")?;
    db.write(async |tx| {
        let row = store::batch(tx, ctx, number).await?;
        if version.is_some_and(|seen| seen != row.version) {
            return Err(DbError::Stale.into());
        }
        if row.undone_at.is_some() {
            return Err(AssetError::Conflict("这批数据已撤销".to_owned()));
        }
        let checks = three_way_check::Entity::find()
            .filter(three_way_check::Column::BatchId.eq(row.id))
            .filter(three_way_check::Column::State.ne(State::Void))
            .all(tx)
            .await?;
        if let Some(closed) = checks.iter().find(|check| check.state == State::Closed) {
            return Err(AssetError::Conflict(format!("{} 已据此核对完毕，不能撤销", closed.number)));
        }
        for check in checks {
            let check = finish(tx, ctx, check, State::Void, format!("{} 已撤销：{reason}", row.number)).await?;
            let rows = RowsDigest::new(ctx).with(&check);
            record(tx, ctx, "three_way.void", &check, json!({ "reason": check.finished_reason }), rows).await?;
        }
        let after = finance_batch::Model {
            standing_sha256: None,
            undone_by: Some(ctx.actor.to_string()),
            undone_at: Some(ctx.now()),
            undone_reason: reason.clone(),
            version: row.version + 1,
            ..row
        };
        let mut active = after.clone().into_active_model().reset_all();
        active.id = Unchanged(after.id);
        finance_batch::Entity::update(active).exec(tx).await?;
        let rows = RowsDigest::new(ctx).with(&after);
        let payload = json!({ "reason": reason });
        let entry = Entry { action: "three_way.undo", subject: after.number.clone(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(after)
    })
    .await
}
