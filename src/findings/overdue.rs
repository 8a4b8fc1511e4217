//! The job that notices deadlines: once for each finding that passed its own and is not closed.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, QueryOrder as _,
    QuerySelect as _,
};
use serde_json::json;

use super::entity::finding;
use super::model::{EventKind, State};
use super::opening::step;
use super::service::save;
use crate::db::{Db, DbError, bulk::CHUNK_ROWS};
use crate::jobs::{Ending, JobError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;

/// The kind of job.
pub const JOB: &str = "findings.overdue";
/// How often it looks, milliseconds: every hour.
pub const EVERY_MS: i64 = 3_600_000;

/// Marks every finding whose deadline has passed; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, DbError> {
    let mut marked = 0;
    loop {
        let now_marked = mark_some(db, ctx).await?;
        marked += now_marked;
        if now_marked < CHUNK_ROWS {
            return Ok(marked);
        }
    }
}

async fn mark_some(db: &Db, ctx: &Ctx) -> Result<usize, DbError> {
    db.write(async |tx| {
        let now = ctx.now();
        let late = finding::Entity::find()
            .filter(finding::Column::State.ne(State::Closed))
            .filter(finding::Column::DeadlineAt.lt(now))
            .filter(finding::Column::OverdueAt.is_null())
            .order_by_asc(finding::Column::DeadlineAt)
            .limit(u64::try_from(CHUNK_ROWS).unwrap_or(u64::MAX))
            .all(tx)
            .await?;
        if late.is_empty() {
            return Ok(0);
        }
        let mut rows = RowsDigest::new(ctx);
        for row in &late {
            let after = save(tx, finding::Model { overdue_at: Some(now), ..row.clone() }).await?;
            let event = step(ctx, &after, EventKind::Overdue, format!("期限为 {}", after.deadline_at.day()));
            rows.add(&after);
            rows.add(&event);
            event.into_active_model().insert(tx).await?;
        }
        let payload = json!({ "findings": late.len() });
        let entry = Entry { action: "findings.overdue", subject: String::new(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(late.len())
    })
    .await
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    mark(&db, &ctx).await?;
    Ok(Ending::Done)
}
