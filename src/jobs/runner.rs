//! Carries out what is due, one job after another.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::time::Duration;

use futures_util::FutureExt as _;
use futures_util::future::LocalBoxFuture;
use hashbrown::HashMap;
use sea_orm::prelude::Uuid;

use super::queue::{Claimed, Held, LEASE_MS, claim};
use crate::db::{Db, DbError};
use crate::kernel::Ctx;

/// How a job ended well.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ending {
    /// It is done.
    Done,
    /// There is more to do, in so many milliseconds.
    Again {
        /// How long to wait.
        after_ms: i64,
    },
}

/// Why a job failed.
#[derive(Debug, thiserror::Error)]
pub enum JobError {
    /// It may go better later.
    #[error("{0}")]
    Later(String),
    /// It never will.
    #[error("{0}")]
    Never(String),
    /// The database refused.
    #[error(transparent)]
    Db(#[from] DbError),
}

type Work = Arc<dyn Fn(Db, Ctx, Claimed) -> LocalBoxFuture<'static, Result<Ending, JobError>> + Send + Sync>;

/// Who carries out which kind of job.
#[derive(Clone, Default)]
pub struct Handlers(HashMap<&'static str, Work>);

impl std::fmt::Debug for Handlers {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

impl Handlers {
    /// Nobody yet.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Has `work` carry out jobs of `kind`.
    #[must_use]
    pub fn on<F, W>(mut self, kind: &'static str, work: F) -> Self
    where
        F: Fn(Db, Ctx, Claimed) -> W + Send + Sync + 'static,
        W: Future<Output = Result<Ending, JobError>> + 'static,
    {
        self.0.insert(kind, Arc::new(move |db, ctx, job| work(db, ctx, job).boxed_local()));
        self
    }

    fn kinds(&self) -> Vec<&'static str> {
        let mut kinds: Vec<_> = self.0.keys().copied().collect();
        kinds.sort_unstable();
        kinds
    }
}

/// A worker. Several may run, in one process or many, on one database.
#[derive(Debug)]
pub struct Runner {
    db: Db,
    ctx: Ctx,
    handlers: Handlers,
    worker: Uuid,
}

impl Runner {
    /// A worker with a name of its own; `ctx` should act for the program ([`crate::kernel::Actor::System`]).
    #[must_use]
    pub fn new(db: Db, ctx: Ctx, handlers: Handlers) -> Self {
        let worker = ctx.new_id();
        Self { db, ctx, handlers, worker }
    }

    /// Carries out every job that is due; returns how many it took.
    ///
    /// # Errors
    /// When the database cannot be read or written; a job that fails is no error here.
    pub async fn run_due(&self) -> Result<usize, DbError> {
        let mut taken = 0;
        while self.run_one().await? {
            taken += 1;
        }
        Ok(taken)
    }

    /// Carries out what falls due, looking every `rest`, until `stop` is done.
    pub async fn run_until(&self, rest: Duration, stop: impl Future<Output = ()>) {
        tokio::pin!(stop);
        loop {
            let took = match self.run_one().await {
                Ok(took) => took,
                Err(error) => {
                    tracing::error!(error = ?error, "jobs cannot be run");
                    false
                }
            };
            let rest = if took { Duration::ZERO } else { rest };
            tokio::select! {
                biased;
                () = &mut stop => return,
                () = tokio::time::sleep(rest) => {}
            }
        }
    }

    async fn run_one(&self) -> Result<bool, DbError> {
        let Some(job) = claim(&self.db, &self.ctx, self.worker, &self.handlers.kinds()).await? else {
            return Ok(false);
        };
        let outcome = self.carry_out(job.clone()).await;
        let held = self.settle(&job, outcome).await?;
        if held == Held::Lost {
            tracing::info!(job = %job.id(), kind = job.kind(), "a job had ended or was overtaken");
        }
        Ok(true)
    }

    async fn carry_out(&self, job: Claimed) -> Result<Ending, JobError> {
        let Some(work) = self.handlers.0.get(job.kind()) else {
            return Err(JobError::Later("没有处理此类任务的程序".to_owned()));
        };
        // Called within, so that a handler that panics before its first await is caught as well.
        let work = AssertUnwindSafe(async { work(self.db.clone(), self.ctx.clone(), job).await }).catch_unwind();
        let lease = Duration::from_millis(LEASE_MS.unsigned_abs());
        match tokio::time::timeout(lease, work).await {
            Ok(Ok(outcome)) => outcome,
            Ok(Err(_panic)) => Err(JobError::Later("处理程序异常中断".to_owned())),
            Err(_elapsed) => Err(JobError::Later("执行超时".to_owned())),
        }
    }

    async fn settle(&self, job: &Claimed, outcome: Result<Ending, JobError>) -> Result<Held, DbError> {
        self.db
            .write(async |tx| match &outcome {
                Ok(Ending::Done) => job.finish(tx, &self.ctx).await,
                Ok(Ending::Again { after_ms }) => job.again(tx, &self.ctx, *after_ms).await,
                Err(JobError::Never(why)) => job.fail(tx, &self.ctx, why, true).await,
                Err(error) => job.fail(tx, &self.ctx, &error.to_string(), false).await,
            })
            .await
    }
}
