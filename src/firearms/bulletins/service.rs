//! A bulletin is drafted, remarked on, issued. Each is one transaction with its entry; a job drafts each week's.

use chrono::NaiveDate;
use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{bulletin, line};
use super::facts::{self, Facts, Week};
use super::store;
use crate::access::{Action, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, DbError, Tx};
use crate::firearms::{ArmsError, NUMBERS, line as text};
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::naming::named;

/// The kind of job.
pub const JOB: &str = "firearms.bulletin";
/// How often it looks, milliseconds: every hour.
pub const EVERY_MS: i64 = 3_600_000;

named! {
    /// Where a bulletin stands.
    State {
        Draft "draft" "草稿"
        Issued "issued" "已下发"
    }
}

async fn put(tx: &Tx, row: bulletin::Model) -> Result<bulletin::Model, ArmsError> {
    Ok(save!(tx, bulletin, id, Id, row))
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &bulletin::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: None, payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}

async fn of_week(tx: &Tx, week: Week) -> Result<Option<bulletin::Model>, DbError> {
    Ok(bulletin::Entity::find().filter(bulletin::Column::FromDay.eq(week.from)).one(tx).await?)
}

fn filled(row: line::Model, facts: &Facts) -> line::Model {
    line::Model {
        stores: facts.stores,
        draws: facts.draws,
        overdue: facts.overdue,
        handovers: facts.handovers,
        handovers_missed: facts.handovers_missed,
        inspections: facts.inspections,
        inspections_missing: facts.inspections_missing,
        checks_failed: facts.checks_failed,
        audits: facts.audits,
        alarms: facts.alarms,
        findings_opened: facts.findings_opened,
        findings_closed: facts.findings_closed,
        findings_open: facts.findings_open,
        ..row
    }
}

fn blank(ctx: &Ctx, of: &bulletin::Model, unit_id: UnitId) -> line::Model {
    line::Model {
        id: ctx.new_id(),
        bulletin_id: of.id,
        unit_id,
        stores: 0,
        draws: 0,
        overdue: 0,
        handovers: 0,
        handovers_missed: 0,
        inspections: 0,
        inspections_missing: 0,
        checks_failed: 0,
        audits: 0,
        alarms: 0,
        findings_opened: 0,
        findings_closed: 0,
        findings_open: 0,
        version: 1,
    }
}

/// Writes what the week was; units that have no armoury any more keep the line they had.
async fn count(tx: &Tx, ctx: &Ctx, row: &bulletin::Model, rows: &mut RowsDigest) -> Result<(), ArmsError> {
    let mut known = store::lines(tx, row.id).await?;
    for (unit, facts) in facts::of(tx, Week::of(row.from_day)).await? {
        let before = known.iter().position(|line| line.unit_id == unit).map(|at| known.swap_remove(at));
        let after = match before {
            Some(before) => save!(tx, line, id, Id, filled(before, &facts)),
            None => {
                let line = filled(blank(ctx, row, unit), &facts);
                line.clone().into_active_model().insert(tx).await?;
                line
            }
        };
        rows.add(&after);
    }
    Ok(())
}

/// Drafts the bulletin of a week that is over.
///
/// # Errors
/// When it is not theirs, the week is not over, or it has one already.
pub async fn draft(db: &Db, ctx: &Ctx, day: NaiveDate) -> Result<bulletin::Model, ArmsError> {
    permit_somewhere(ctx, Action::BulletinsIssue)?;
    let week = Week::of(day);
    db.write(async |tx| {
        if ctx.now().day() <= week.until {
            return Err(ArmsError::field("day", format!("{} 至 {} 这一周尚未结束", week.from, week.until)));
        }
        if let Some(row) = of_week(tx, week).await? {
            return Err(ArmsError::Conflict(format!("这一周已有通报 {}（{}）", row.number, row.state.zh())));
        }
        drafted(tx, ctx, week).await
    })
    .await
}

async fn drafted(tx: &Tx, ctx: &Ctx, week: Week) -> Result<bulletin::Model, ArmsError> {
    let row = bulletin::Model {
        id: ctx.new_id(),
        number: NUMBERS.next(tx, "TB", week.from).await?,
        from_day: week.from,
        until_day: week.until,
        state: State::Draft,
        counted_at: ctx.now(),
        remark: String::new(),
        issued_by: String::new(),
        issued_at: None,
        version: 1,
    };
    row.clone().into_active_model().insert(tx).await?;
    let mut rows = RowsDigest::new(ctx).with(&row);
    count(tx, ctx, &row, &mut rows).await?;
    record(tx, ctx, "bulletins.draft", &row, json!({ "from": row.from_day, "until": row.until_day }), rows).await?;
    Ok(row)
}

async fn open_draft(tx: &Tx, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<bulletin::Model, ArmsError> {
    let row = store::one(tx, ctx, number).await?;
    if version.is_some_and(|seen| seen != row.version) {
        return Err(DbError::Stale.into());
    }
    if row.state == State::Issued {
        return Err(ArmsError::Conflict(format!("通报 {} 已下发，不能更改", row.number)));
    }
    Ok(row)
}

/// Counts a draft's week anew.
///
/// # Errors
/// When it is not theirs, or it is issued.
pub async fn refresh(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<bulletin::Model, ArmsError> {
    permit_somewhere(ctx, Action::BulletinsIssue)?;
    db.write(async |tx| {
        let row = open_draft(tx, ctx, number, version).await?;
        let mut rows = RowsDigest::new(ctx);
        count(tx, ctx, &row, &mut rows).await?;
        let row = put(tx, bulletin::Model { counted_at: ctx.now(), ..row }).await?;
        rows.add(&row);
        record(tx, ctx, "bulletins.refresh", &row, json!({}), rows).await?;
        Ok(row)
    })
    .await
}

/// Writes what is to be said of the week.
///
/// # Errors
/// When it is not theirs, it is issued, or the text cannot be kept.
pub async fn remark(
    db: &Db,
    ctx: &Ctx,
    number: &str,
    version: Option<i64>,
    remark: &str,
) -> Result<bulletin::Model, ArmsError> {
    permit_somewhere(ctx, Action::BulletinsIssue)?;
    let remark = text("remark", remark, 4_000)?;
    db.write(async |tx| {
        let row = open_draft(tx, ctx, number, version).await?;
        let row = put(tx, bulletin::Model { remark: remark.clone(), ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "bulletins.remark", &row, json!({ "remark": remark }), rows).await?;
        Ok(row)
    })
    .await
}

/// Sends a bulletin out: from then on it stands, and every unit reads it.
///
/// # Errors
/// When it is not theirs, nobody is there, or it is issued already.
pub async fn issue(db: &Db, ctx: &Ctx, number: &str, version: Option<i64>) -> Result<bulletin::Model, ArmsError> {
    permit_somewhere(ctx, Action::BulletinsIssue)?;
    ctx.person().ok_or(ArmsError::NoPerson)?;
    db.write(async |tx| {
        let row = open_draft(tx, ctx, number, version).await?;
        let (issued_by, issued_at) = (ctx.actor.to_string(), Some(ctx.now()));
        let row = put(tx, bulletin::Model { state: State::Issued, issued_by, issued_at, ..row }).await?;
        let rows = RowsDigest::new(ctx).with(&row);
        record(tx, ctx, "bulletins.issue", &row, json!({ "from": row.from_day }), rows).await?;
        Ok(row)
    })
    .await
}

/// Drafts last week's bulletin when there is none yet, and an armoury to tell of; returns its number.
///
/// # Errors
/// When the database refuses.
pub async fn draft_last(db: &Db, ctx: &Ctx) -> Result<Option<String>, ArmsError> {
    db.write(async |tx| {
        let week = Week::of(ctx.now().day()).before();
        if of_week(tx, week).await?.is_some() || facts::of(tx, week).await?.is_empty() {
            return Ok(None);
        }
        Ok(Some(drafted(tx, ctx, week).await?.number))
    })
    .await
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    match draft_last(&db, &ctx).await {
        Ok(_) => Ok(Ending::Done),
        Err(ArmsError::Db(error)) => Err(error.into()),
        Err(other) => Err(JobError::Later(other.to_string())),
    }
}
