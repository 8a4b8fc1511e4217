//! What the server does while nobody asks, until it is stopped: entries are sealed within a second, jobs that fall due
//! are carried out, what has had its time is forgotten. Every instance does it; leases keep two from doing one thing.

use std::time::Duration;

use super::{App, metrics};
use crate::chores;
use crate::jobs::Runner;
use crate::journal::sequencer;
use crate::kernel::Ctx;

/// How often jobs are looked for.
const JOBS_REST: Duration = Duration::from_secs(1);
/// How often what has had its time is forgotten.
const TIDYING: Duration = Duration::from_secs(60);
/// How long to wait before trying again to begin.
const AGAIN: Duration = Duration::from_secs(5);

/// Runs until the server is stopped; what is under way then is finished.
pub(crate) async fn background(app: App) {
    let sealing = {
        let app = app.clone();
        app.clone().spawn_desk(move || seal(app))
    };
    let working = {
        let app = app.clone();
        app.clone().spawn_desk(move || work(app))
    };
    every(app, TIDYING, |app| async move {
        app.limiter().tidy();
        metrics::tidy();
    })
    .await;
    // A thread that panicked has said so already.
    let _ended = (sealing.await, working.await);
}

fn own(app: &App) -> Ctx {
    chores::ctx(app.base())
}

async fn seal(app: App) {
    let ctx = own(&app);
    let holder = ctx.new_id::<uuid::Uuid>().to_string();
    sequencer::run(app.db(), &ctx, &holder, app.stopped()).await;
}

async fn work(app: App) {
    let ctx = own(&app);
    while let Err(error) = chores::prepare(app.db(), &ctx).await {
        tracing::warn!(?error, "recurring jobs could not be queued; trying again");
        tokio::select! {
            () = app.stopped() => return,
            () = tokio::time::sleep(AGAIN) => {}
        }
    }
    Runner::new(app.db().clone(), ctx, chores::handlers()).run_until(JOBS_REST, app.stopped()).await;
}

/// Does `work` again and again until the server is stopped; what is under way then is finished.
pub(crate) async fn every<F, W>(app: App, period: Duration, work: F)
where
    F: Fn(App) -> W,
    W: Future<Output = ()>,
{
    let mut ticks = tokio::time::interval(period);
    ticks.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Skip);
    loop {
        tokio::select! {
            () = app.stopped() => return,
            _ = ticks.tick() => work(app.clone()).await,
        }
    }
}
