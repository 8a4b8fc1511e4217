//! The queue: what is put in, who takes it out, how it ends.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _,
    IntoActiveModel as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{Column, Entity, JobState, Model};
use crate::db::order::{self, Order};
use crate::db::{Db, DbError, Tx};
use crate::kernel::ids::JobId;
use crate::kernel::{Ctx, Timestamp};

/// How long a claim holds, milliseconds: longer than any job may take.
pub const LEASE_MS: i64 = 5 * 60_000;
/// How often a job is tried when nobody says.
pub const MAX_ATTEMPTS: i64 = 8;
/// The first wait after a failure, milliseconds; doubled after each.
pub const FIRST_BACKOFF_MS: i64 = 10_000;
/// The longest wait, milliseconds.
pub const LONGEST_BACKOFF_MS: i64 = 3_600_000;
/// How far two machines' clocks may differ before it is taken for a clock put back, milliseconds.
const CLOCK_SKEW_MS: i64 = 60_000;
/// How long the record of a job done is kept, milliseconds: 30 days.
pub const KEEP_DONE_MS: i64 = 30 * 86_400_000;
/// The longest error kept, characters.
const MOST_ERROR_CHARS: usize = 500;

/// A job as it is put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewJob {
    /// Who handles it, `webhooks.deliver`.
    pub kind: &'static str,
    /// What tells it from its like: one open job a kind and key.
    pub key: String,
    /// What the handler is given.
    pub payload: serde_json::Value,
    /// Not before so many milliseconds from now.
    pub after_ms: i64,
    /// How often it is tried.
    pub max_attempts: i64,
}

impl NewJob {
    /// A job to run at once, tried as often as jobs are.
    #[must_use]
    pub fn now(kind: &'static str, key: impl Into<String>, payload: serde_json::Value) -> Self {
        Self { kind, key: key.into(), payload, after_ms: 0, max_attempts: MAX_ATTEMPTS }
    }

    /// The same, not before so many milliseconds from now.
    #[must_use]
    pub fn after(self, after_ms: i64) -> Self {
        Self { after_ms, ..self }
    }
}

/// What became of a job put in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Enqueued {
    /// It waits.
    New(JobId),
    /// One of its key waits already, and does for both.
    Waiting(JobId),
    /// One of its key is being run, and will be run once more: what was just written may have come too late for it.
    Again(JobId),
}

/// Puts a job in, in the caller's transaction: it runs if, and only if, the deed is committed.
///
/// # Errors
/// When the database refuses.
pub async fn enqueue(tx: &Tx, ctx: &Ctx, job: NewJob) -> Result<Enqueued, DbError> {
    put(tx, ctx, job, None).await
}

/// Sees to it that a job of this kind runs every `every_ms` milliseconds, the first time at once; at most one waits.
///
/// # Errors
/// When the database refuses.
pub async fn ensure_recurring(db: &Db, ctx: &Ctx, kind: &'static str, every_ms: i64) -> Result<(), DbError> {
    db.write(async |tx| {
        let open = Entity::find().filter(Column::OpenKey.eq(open_key(kind, "every"))).one(tx).await?;
        match open {
            Some(job) if job.every_ms == Some(every_ms) => Ok(()),
            Some(job) => {
                let sooner = Timestamp(job.run_at.0.min(ctx.now().0.saturating_add(every_ms)));
                let run_at = if job.state == JobState::Waiting { sooner } else { job.run_at };
                save(tx, Model { every_ms: Some(every_ms), run_at, ..job }).await.map(|_| ())
            }
            None => put(tx, ctx, NewJob::now(kind, "every", serde_json::Value::Null), Some(every_ms)).await.map(|_| ()),
        }
    })
    .await
}

async fn put(tx: &Tx, ctx: &Ctx, job: NewJob, every_ms: Option<i64>) -> Result<Enqueued, DbError> {
    let key = open_key(job.kind, &job.key);
    if let Some(open) = Entity::find().filter(Column::OpenKey.eq(&key)).one(tx).await? {
        let id = open.id;
        if open.state == JobState::Running {
            save(tx, Model { again: true, ..open }).await?;
            return Ok(Enqueued::Again(id));
        }
        return Ok(Enqueued::Waiting(id));
    }
    let (id, now) = (ctx.new_id(), ctx.now());
    let row = Model {
        id,
        kind: job.kind.to_owned(),
        open_key: Some(key),
        payload: job.payload.to_string(),
        state: JobState::Waiting,
        queued_at: now,
        run_at: Timestamp(now.0.saturating_add(job.after_ms.max(0))),
        every_ms,
        again: false,
        attempts: 0,
        max_attempts: job.max_attempts.max(1),
        fence: 0,
        lease_until: None,
        leased_by: None,
        last_error: None,
        finished_at: None,
    };
    row.into_active_model().insert(tx).await?;
    Ok(Enqueued::New(id))
}

fn open_key(kind: &str, key: &str) -> String {
    format!("{kind}/{key}")
}

/// A job in somebody's hands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimed {
    job: Model,
    worker: Uuid,
}

/// Whether a worker still holds what it claimed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Held {
    /// It does.
    Yes,
    /// Its lease ran out and the job went to another, or was ended: its deed must not be committed.
    Lost,
}

/// Takes the job that has waited longest of those due, in a write of its own; `None` when none is.
///
/// # Errors
/// When the database refuses.
pub async fn claim(db: &Db, ctx: &Ctx, worker: Uuid, kinds: &[&'static str]) -> Result<Option<Claimed>, DbError> {
    // Asked most seconds and answered "nothing" most times: a question needs no write.
    if next_due(db.read(), ctx.now(), kinds).await?.is_none() && !clock_was_put_back(db.read(), ctx.now()).await? {
        return Ok(None);
    }
    db.write(async |tx| {
        let now = ctx.now();
        follow_clock(tx, now).await?;
        while let Some(job) = next_due(tx, now, kinds).await? {
            if job.state == JobState::Running && job.attempts >= job.max_attempts {
                let lost = "执行中断，且已无重试次数".to_owned();
                save(tx, ended(job, now, JobState::Failed, Some(lost))).await?;
                continue;
            }
            let claimed = Model {
                state: JobState::Running,
                again: false,
                attempts: job.attempts + 1,
                fence: job.fence + 1,
                lease_until: Some(Timestamp(now.0.saturating_add(LEASE_MS))),
                leased_by: Some(worker),
                ..job
            };
            return Ok(Some(Claimed { job: save(tx, claimed).await?, worker }));
        }
        Ok(None)
    })
    .await
}

async fn next_due(db: &impl ConnectionTrait, now: Timestamp, kinds: &[&str]) -> Result<Option<Model>, DbError> {
    let waits = Condition::all().add(Column::State.eq(JobState::Waiting)).add(Column::RunAt.lte(now));
    let abandoned = Condition::all().add(Column::State.eq(JobState::Running)).add(Column::LeaseUntil.lte(now));
    let due = Entity::find()
        .filter(Column::Kind.is_in(kinds.iter().copied()))
        .filter(Condition::any().add(waits).add(abandoned))
        .order_by_asc(Column::RunAt)
        .order_by_asc(Column::Id);
    Ok(due.one(db).await?)
}

/// What the clock cannot have given: a job queued in the future, a lease longer than leases are.
fn of_another_clock(now: Timestamp) -> Condition {
    let queued = Condition::all()
        .add(Column::State.eq(JobState::Waiting))
        .add(Column::QueuedAt.gt(Timestamp(now.0.saturating_add(CLOCK_SKEW_MS))));
    let leased = Condition::all()
        .add(Column::State.eq(JobState::Running))
        .add(Column::LeaseUntil.gt(Timestamp(now.0.saturating_add(LEASE_MS + CLOCK_SKEW_MS))));
    Condition::any().add(queued).add(leased)
}

async fn clock_was_put_back(db: &impl ConnectionTrait, now: Timestamp) -> Result<bool, DbError> {
    Ok(Entity::find().filter(of_another_clock(now)).one(db).await?.is_some())
}

/// Counts delays and leases anew after the clock was put back: a waiting job keeps its delay, a running one its worker
/// for one more lease.
async fn follow_clock(tx: &Tx, now: Timestamp) -> Result<(), DbError> {
    for job in Entity::find().filter(of_another_clock(now)).all(tx).await? {
        let delay = job.run_at.0.saturating_sub(job.queued_at.0).max(0);
        let after = match job.state {
            JobState::Waiting => Model { queued_at: now, run_at: Timestamp(now.0.saturating_add(delay)), ..job },
            _ => Model { lease_until: Some(Timestamp(now.0.saturating_add(LEASE_MS))), ..job },
        };
        save(tx, after).await?;
    }
    Ok(())
}

/// Writes a job back. Within one write, so that nobody can have come between.
async fn save(tx: &Tx, job: Model) -> Result<Model, DbError> {
    let mut active = job.clone().into_active_model().reset_all();
    active.id = Unchanged(job.id);
    let updated = Entity::update_many().set(active).filter(Column::Id.eq(job.id)).exec(tx).await?;
    if updated.rows_affected == 1 { Ok(job) } else { Err(DbError::Stale) }
}

/// The job as it stands once it is over: what recurs, or was asked for again, waits anew.
fn ended(job: Model, now: Timestamp, state: JobState, error: Option<String>) -> Model {
    let wait = match (job.again, job.every_ms) {
        (true, _) => Some(0),
        (false, every) => every,
    };
    let over = Model {
        state,
        again: false,
        lease_until: None,
        leased_by: None,
        last_error: error,
        finished_at: Some(now),
        ..job
    };
    match wait {
        Some(wait) => Model { attempts: 0, ..waiting(over, now, wait) },
        None => Model { open_key: None, ..over },
    }
}

fn waiting(job: Model, now: Timestamp, after_ms: i64) -> Model {
    Model {
        state: JobState::Waiting,
        queued_at: now,
        run_at: Timestamp(now.0.saturating_add(after_ms)),
        lease_until: None,
        leased_by: None,
        ..job
    }
}

impl Claimed {
    /// The job.
    #[must_use]
    pub const fn id(&self) -> JobId {
        self.job.id
    }

    /// Its kind.
    #[must_use]
    pub fn kind(&self) -> &str {
        &self.job.kind
    }

    /// Which try this is, from 1.
    #[must_use]
    pub const fn attempt(&self) -> i64 {
        self.job.attempts
    }

    /// What it was given.
    #[must_use]
    pub fn payload(&self) -> serde_json::Value {
        serde_json::from_str(&self.job.payload).unwrap_or(serde_json::Value::Null)
    }

    /// Whether the worker still holds it. To be asked in the transaction of a deed that must not be done twice.
    ///
    /// # Errors
    /// When the database cannot be read.
    pub async fn hold(&self, tx: &Tx) -> Result<Held, DbError> {
        Ok(if self.current(tx).await?.is_some() { Held::Yes } else { Held::Lost })
    }

    async fn current(&self, tx: &Tx) -> Result<Option<Model>, DbError> {
        let row = Entity::find_by_id(self.job.id).one(tx).await?;
        Ok(row.filter(|row| {
            row.state == JobState::Running && row.fence == self.job.fence && row.leased_by == Some(self.worker)
        }))
    }

    /// Ends it well, in the caller's transaction: deed and end stand or fall together.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn finish(&self, tx: &Tx, ctx: &Ctx) -> Result<Held, DbError> {
        let Some(job) = self.current(tx).await? else { return Ok(Held::Lost) };
        save(tx, ended(job, ctx.now(), JobState::Done, None)).await?;
        Ok(Held::Yes)
    }

    /// Puts it back to run once more in so many milliseconds, with all its tries. Being asked for again meanwhile does
    /// not shorten the wait: what came will be seen then.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn again(&self, tx: &Tx, ctx: &Ctx, after_ms: i64) -> Result<Held, DbError> {
        let Some(job) = self.current(tx).await? else { return Ok(Held::Lost) };
        let job = Model { attempts: 0, again: false, last_error: None, ..job };
        save(tx, waiting(job, ctx.now(), after_ms)).await?;
        Ok(Held::Yes)
    }

    /// Says that it failed: it is tried again later, or given up when this was its last try or trying is no use.
    ///
    /// # Errors
    /// When the database refuses.
    pub async fn fail(&self, tx: &Tx, ctx: &Ctx, why: &str, is_final: bool) -> Result<Held, DbError> {
        let Some(job) = self.current(tx).await? else { return Ok(Held::Lost) };
        let why: String = why.chars().filter(|c| *c != '\0').take(MOST_ERROR_CHARS).collect();
        let after = if is_final || job.attempts >= job.max_attempts {
            ended(job, ctx.now(), JobState::Failed, Some(why))
        } else {
            let wait = backoff_ms(job.attempts, ctx.random());
            waiting(Model { last_error: Some(why), ..job }, ctx.now(), wait)
        };
        save(tx, after).await?;
        Ok(Held::Yes)
    }
}

/// How long to wait after the n-th failure: doubled each time up to an hour, and up to a quarter more by chance, so
/// that what failed together is not tried again together.
#[must_use]
pub fn backoff_ms(attempts: i64, random: u64) -> i64 {
    let doublings = u32::try_from(attempts.saturating_sub(1)).unwrap_or(0).min(20);
    let wait = FIRST_BACKOFF_MS.saturating_mul(1_i64 << doublings).min(LONGEST_BACKOFF_MS);
    let most = u64::try_from(wait / 4).unwrap_or(0).max(1);
    wait.saturating_add(i64::try_from(random % most).unwrap_or(0))
}

/// Forgets jobs that were done long ago; what failed is kept. Returns how many.
///
/// # Errors
/// When the database refuses.
pub async fn prune(db: &Db, ctx: &Ctx) -> Result<u64, DbError> {
    db.write(async |tx| {
        let old = Timestamp(ctx.now().0.saturating_sub(KEEP_DONE_MS));
        let gone = Entity::delete_many()
            .filter(Column::State.eq(JobState::Done))
            .filter(Column::FinishedAt.lt(old))
            .exec(tx)
            .await?;
        Ok(gone.rows_affected)
    })
    .await
}

/// Which jobs to list.
#[derive(Debug, Clone, Default)]
pub struct Wanted {
    /// In this state only.
    pub state: Option<JobState>,
    /// Of this kind only.
    pub kind: Option<String>,
    /// Older than this one.
    pub before: Option<JobId>,
}

/// Jobs, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, wanted: &Wanted, limit: u64) -> Result<Vec<Model>, DbError> {
    let mut query = narrowed(wanted);
    if let Some(before) = wanted.before {
        query = query.filter(Column::Id.lt(before));
    }
    Ok(query.order_by_desc(Column::Id).limit(limit).all(db).await?)
}

/// The same jobs in another order; the order says where the page begins.
///
/// # Errors
/// When the database cannot be read.
pub async fn sorted(
    db: &impl ConnectionTrait,
    wanted: &Wanted,
    order: &Order<Column>,
    limit: u64,
) -> Result<Vec<Model>, DbError> {
    Ok(order::sorted(narrowed(wanted), order).limit(limit).all(db).await?)
}

fn narrowed(wanted: &Wanted) -> sea_orm::Select<Entity> {
    let mut query = Entity::find();
    if let Some(state) = wanted.state {
        query = query.filter(Column::State.eq(state));
    }
    if let Some(kind) = &wanted.kind {
        query = query.filter(Column::Kind.eq(kind));
    }
    query
}

/// How many jobs stand in each state.
///
/// # Errors
/// When the database cannot be read.
pub async fn counts(db: &impl ConnectionTrait) -> Result<Vec<(JobState, i64)>, DbError> {
    let rows = Entity::find()
        .select_only()
        .column(Column::State)
        .column_as(Column::Id.count(), "jobs")
        .group_by(Column::State)
        .into_tuple::<(JobState, i64)>()
        .all(db)
        .await?;
    Ok(rows)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_failure_waits_longer_up_to_an_hour_and_never_alike() {
        let waits: Vec<i64> = (1..=10).map(|attempt| backoff_ms(attempt, 0)).collect();
        assert_eq!(&waits[..4], [10_000, 20_000, 40_000, 80_000]);
        assert_eq!(waits[9], LONGEST_BACKOFF_MS);
        for random in [0, 1, 7_777_777, u64::MAX] {
            assert!((40_000..50_000).contains(&backoff_ms(3, random)));
        }
        assert_ne!(backoff_ms(3, 1), backoff_ms(3, 2));
        assert!(backoff_ms(i64::MAX, u64::MAX) <= LONGEST_BACKOFF_MS * 5 / 4);
    }
}
