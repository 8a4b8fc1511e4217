//! Every job there is, and who carries it out. Above the rooms whose work it names, below whoever runs a server.

use crate::assets::responsible::vacancy;
use crate::db::{Db, DbError};
use crate::jobs::{self, Ending, Handlers, JobError};
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Ctx};
use crate::{access, approvals, certificates, findings, firearms, vehicles, webhooks};

/// The job that forgets what had its time: jobs done long ago, what was sent to others, sessions that are over.
const PRUNE: &str = "jobs.prune";
/// How often it runs, milliseconds: once a day.
const PRUNE_EVERY_MS: i64 = 86_400_000;

/// Who carries out which job. A server hands them to as many [`jobs::Runner`]s as it likes.
#[must_use]
pub fn handlers() -> Handlers {
    Handlers::new()
        .on(webhooks::outbox::JOB, webhooks::delivery::run)
        .on(findings::overdue::JOB, |db, ctx, _job| findings::overdue::run(db, ctx))
        .on(approvals::unratified::JOB, |db, ctx, _job| approvals::unratified::run(db, ctx))
        .on(vehicles::reminders::JOB, |db, ctx, _job| vehicles::reminders::run(db, ctx))
        .on(firearms::alarms::JOB, |db, ctx, _job| firearms::alarms::run(db, ctx))
        .on(certificates::reminders::JOB, |db, ctx, _job| certificates::reminders::run(db, ctx))
        .on(firearms::bulletins::service::JOB, |db, ctx, _job| firearms::bulletins::service::run(db, ctx))
        .on(vacancy::JOB, |db, ctx, _job| vacancy::run(db, ctx))
        .on(PRUNE, async |db: Db, ctx: Ctx, _job| {
            jobs::queue::prune(&db, &ctx).await?;
            webhooks::service::prune(&db, &ctx).await.map_err(failed)?;
            access::sessions::prune(&db, &ctx).await.map_err(failed)?;
            Ok(Ending::Done)
        })
}

/// What is not forgotten today is forgotten another day.
fn failed(error: access::AccessError) -> JobError {
    match error {
        access::AccessError::Db(error) => error.into(),
        other => JobError::Later(other.to_string()),
    }
}

/// Sees to it that what recurs is waiting; to be called when a server starts, by every instance.
///
/// # Errors
/// When the database refuses.
pub async fn prepare(db: &Db, ctx: &Ctx) -> Result<(), DbError> {
    jobs::ensure_recurring(db, ctx, findings::overdue::JOB, findings::overdue::EVERY_MS).await?;
    jobs::ensure_recurring(db, ctx, approvals::unratified::JOB, approvals::unratified::EVERY_MS).await?;
    jobs::ensure_recurring(db, ctx, vehicles::reminders::JOB, vehicles::reminders::EVERY_MS).await?;
    jobs::ensure_recurring(db, ctx, firearms::alarms::JOB, firearms::alarms::EVERY_MS).await?;
    jobs::ensure_recurring(db, ctx, certificates::reminders::JOB, certificates::reminders::EVERY_MS).await?;
    let weekly = firearms::bulletins::service::EVERY_MS;
    jobs::ensure_recurring(db, ctx, firearms::bulletins::service::JOB, weekly).await?;
    jobs::ensure_recurring(db, ctx, vacancy::JOB, vacancy::EVERY_MS).await?;
    jobs::ensure_recurring(db, ctx, PRUNE, PRUNE_EVERY_MS).await
}

/// The context that jobs run in: the program itself, on the clock and randomness of `base`.
#[must_use]
pub fn ctx(base: &Ctx) -> Ctx {
    base.acting_as(Actor::System, Scope::Everything)
}
