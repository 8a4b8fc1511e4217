//! What was used first and not ratified is flagged: at its deadline by a job, or at once when it is refused. The flag
//! is a finding; ratified late, the finding has its evidence and waits to be verified.

use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _};
use serde_json::json;

use super::entity::request;
use super::error::ApprovalError;
use super::model::State;
use super::service::{record, save};
use crate::db::{Db, Tx, bulk::CHUNK_ROWS};
use crate::findings::{EvidenceKind, Kind, NewFinding, open_many, opening};
use crate::jobs::{Ending, JobError};
use crate::journal::RowsDigest;
use crate::kernel::Ctx;

/// The kind of job.
pub const JOB: &str = "approvals.unratified";
/// How often it looks, milliseconds: every ten minutes.
pub const EVERY_MS: i64 = 600_000;
const ROOM: &str = "approvals";

fn origin(row: &request::Model) -> String {
    format!("request/{}", row.id)
}

/// After a decision: a refusal to ratify is flagged at once, a late yes settles what was flagged.
pub(super) async fn follow(
    tx: &Tx,
    ctx: &Ctx,
    row: request::Model,
    rows: &mut RowsDigest,
) -> Result<request::Model, ApprovalError> {
    match row.state {
        State::NotRatified if row.flagged_at.is_none() => flag(tx, ctx, row, rows).await,
        State::Ratified if row.flagged_at.is_some() => {
            let origin = origin(&row);
            let found = opening::of_origins(tx, ROOM, Kind::UrgentNotRatified, &[origin]).await?;
            for finding in found.into_values() {
                opening::settle(tx, ctx, finding, (EvidenceKind::Approval, "已补批".to_owned()), rows).await?;
            }
            Ok(row)
        }
        _ => Ok(row),
    }
}

async fn flag(tx: &Tx, ctx: &Ctx, row: request::Model, rows: &mut RowsDigest) -> Result<request::Model, ApprovalError> {
    let why = if row.state == State::NotRatified { "未予补批" } else { "逾期未补批" };
    let finding = NewFinding {
        room: ROOM,
        origin: origin(&row),
        link: format!("/approvals/{}", row.id),
        kind: Kind::UrgentNotRatified,
        unit: Some(row.unit_id),
        item: None,
        title: format!("{}：{}", Kind::UrgentNotRatified.zh(), row.subject_id),
        description: format!("先行使用{why}。申请事由：{}", row.reason),
    };
    open_many(tx, ctx, vec![finding], rows).await?;
    Ok(save(tx, request::Model { flagged_at: Some(ctx.now()), ..row }).await?)
}

/// Flags what was used and not ratified in time; returns how many were new.
///
/// # Errors
/// When the database refuses.
pub async fn mark(db: &Db, ctx: &Ctx) -> Result<usize, ApprovalError> {
    db.write(async |tx| {
        let late = request::Entity::find()
            .filter(request::Column::State.eq(State::Used))
            .filter(request::Column::RatifyBy.lt(ctx.now()))
            .filter(request::Column::FlaggedAt.is_null())
            .order_by_asc(request::Column::RatifyBy)
            .limit(u64::try_from(CHUNK_ROWS).unwrap_or(u64::MAX))
            .all(tx)
            .await?;
        let many = late.len();
        for row in late {
            let mut rows = RowsDigest::new(ctx);
            let row = flag(tx, ctx, row, &mut rows).await?;
            record(tx, ctx, "approvals.flag", &row, json!({}), rows).await?;
        }
        Ok(many)
    })
    .await
}

/// The job.
///
/// # Errors
/// When the database refuses.
pub async fn run(db: Db, ctx: Ctx) -> Result<Ending, JobError> {
    match mark(&db, &ctx).await {
        Ok(many) if many >= CHUNK_ROWS => Ok(Ending::Again { after_ms: 0 }),
        Ok(_) => Ok(Ending::Done),
        Err(ApprovalError::Db(error)) => Err(error.into()),
        Err(other) => Err(JobError::Later(other.to_string())),
    }
}
