//! Two instances on one database never do one job twice; nothing is lost, nothing waits for ever.

use std::sync::{Arc, Mutex};

use hufu::chores;
use hufu::jobs::entity::{self, JobState};
use hufu::jobs::queue::{self, Held, LEASE_MS, NewJob, Wanted};
use hufu::jobs::{Ending, Enqueued, Handlers, JobError, Runner, enqueue, ensure_recurring};
use hufu::kernel::Timestamp;
use hufu::kernel::ids::JobId;
use sea_orm::EntityTrait as _;
use serde_json::json;

use super::support::{DAY, MINUTE, Office};

const KIND: &str = "test.work";

/// What was done, in order.
type Log = Arc<Mutex<Vec<String>>>;

async fn put(office: &Office, key: &str, max_attempts: i64) -> Enqueued {
    let job = NewJob { max_attempts, ..NewJob::now(KIND, key, json!({ "key": key })) };
    office.db.write(async |tx| enqueue(tx, &office.ctx, job.clone()).await).await.unwrap()
}

async fn row(office: &Office, id: JobId) -> entity::Model {
    entity::Entity::find_by_id(id).one(office.db.read()).await.unwrap().unwrap()
}

fn id(put: Enqueued) -> JobId {
    match put {
        Enqueued::New(id) => id,
        other => panic!("{other:?}"),
    }
}

/// A runner that logs what it does and ends as `end` says.
fn runner(office: &Office, log: &Log, end: fn(i64) -> Result<Ending, JobError>) -> Runner {
    let log = Arc::clone(log);
    let handlers = Handlers::new().on(KIND, move |_db, _ctx, job| {
        let log = Arc::clone(&log);
        async move {
            let key = job.payload()["key"].as_str().unwrap().to_owned();
            log.lock().unwrap().push(format!("{key}#{}", job.attempt()));
            tokio::task::yield_now().await;
            end(job.attempt())
        }
    });
    Runner::new(office.db.clone(), chores::ctx(&office.ctx), handlers)
}

fn done(log: &Log) -> Vec<String> {
    log.lock().unwrap().clone()
}

#[tokio::test]
async fn two_runners_share_the_work_and_do_none_of_it_twice() {
    let office = Office::found().await;
    let log = Log::default();
    for n in 0..40 {
        put(&office, &format!("{n:02}"), 3).await;
    }
    let other = hufu::db::Db::open(&url(&office)).await.unwrap();
    let (one, two) = (runner(&office, &log, |_| Ok(Ending::Done)), runner(&office, &log, |_| Ok(Ending::Done)));
    let three = Runner::new(
        other,
        chores::ctx(&office.ctx),
        Handlers::new().on(KIND, {
            let log = Arc::clone(&log);
            move |_db, _ctx, job| {
                let log = Arc::clone(&log);
                async move {
                    log.lock().unwrap().push(format!("{}#1", job.payload()["key"].as_str().unwrap()));
                    Ok(Ending::Done)
                }
            }
        }),
    );
    let (a, b, c) = tokio::join!(one.run_due(), two.run_due(), three.run_due());
    assert_eq!(a.unwrap() + b.unwrap() + c.unwrap(), 40);
    let mut seen = done(&log);
    seen.sort();
    assert_eq!(seen, (0..40).map(|n| format!("{n:02}#1")).collect::<Vec<_>>());
}

fn url(office: &Office) -> String {
    office.dir.database().url().to_owned()
}

#[tokio::test]
async fn who_is_overtaken_is_refused_at_the_end_and_before_the_deed() {
    let office = Office::found().await;
    let job = id(put(&office, "a", 3).await);
    let [first, second] = [office.ctx.new_id(), office.ctx.new_id()];
    let slow = queue::claim(&office.db, &office.ctx, first, &[KIND]).await.unwrap().unwrap();
    assert!(queue::claim(&office.db, &office.ctx, second, &[KIND]).await.unwrap().is_none(), "it is leased");
    office.clock.advance_ms(LEASE_MS - 1);
    assert!(queue::claim(&office.db, &office.ctx, second, &[KIND]).await.unwrap().is_none(), "it is leased still");
    office.clock.advance_ms(1);
    let quick = queue::claim(&office.db, &office.ctx, second, &[KIND]).await.unwrap().unwrap();
    assert_eq!((quick.id(), quick.attempt()), (job, 2));
    let ends = office.db.write(async |tx| {
        let before = (slow.hold(tx).await?, quick.hold(tx).await?);
        let late = (slow.finish(tx, &office.ctx).await?, slow.fail(tx, &office.ctx, "x", true).await?);
        let again = slow.again(tx, &office.ctx, 0).await?;
        Ok::<_, hufu::db::DbError>((before, late, again, quick.finish(tx, &office.ctx).await?))
    });
    let expected = ((Held::Lost, Held::Yes), (Held::Lost, Held::Lost), Held::Lost, Held::Yes);
    assert_eq!(ends.await.unwrap(), expected);
    assert_eq!(row(&office, job).await.state, JobState::Done);
    let late = office.db.write(async |tx| quick.finish(tx, &office.ctx).await).await.unwrap();
    assert_eq!(late, Held::Lost, "an end counts once");
}

#[tokio::test]
async fn the_same_worker_is_told_from_itself_before() {
    let office = Office::found().await;
    put(&office, "a", 5).await;
    let me = office.ctx.new_id();
    let before = queue::claim(&office.db, &office.ctx, me, &[KIND]).await.unwrap().unwrap();
    office.clock.advance_ms(LEASE_MS);
    let now = queue::claim(&office.db, &office.ctx, me, &[KIND]).await.unwrap().unwrap();
    let ends = office.db.write(async |tx| {
        Ok::<_, hufu::db::DbError>((before.finish(tx, &office.ctx).await?, now.finish(tx, &office.ctx).await?))
    });
    assert_eq!(ends.await.unwrap(), (Held::Lost, Held::Yes));
}

#[tokio::test]
async fn what_fails_waits_longer_each_time_and_is_given_up_in_plain_sight() {
    let office = Office::found().await;
    let log = Log::default();
    let job = id(put(&office, "a", 3).await);
    let runner = runner(&office, &log, |_| Err(JobError::Later("对方无答复\0".to_owned())));
    let mut waits = Vec::new();
    for _ in 0..3 {
        assert_eq!(runner.run_due().await.unwrap(), 1);
        assert_eq!(runner.run_due().await.unwrap(), 0, "not before its time");
        let now = row(&office, job).await;
        waits.push(now.run_at.0 - office.ctx.now().0);
        office.clock.set(Timestamp(now.run_at.0.max(office.ctx.now().0)));
    }
    assert!((10_000..12_500).contains(&waits[0]) && (20_000..25_000).contains(&waits[1]), "{waits:?}");
    let given_up = row(&office, job).await;
    assert_eq!((given_up.state, given_up.attempts), (JobState::Failed, 3));
    assert_eq!((given_up.last_error.as_deref(), given_up.open_key), (Some("对方无答复"), None));
    assert_eq!(done(&log), ["a#1", "a#2", "a#3"]);
    let failed = Wanted { state: Some(JobState::Failed), ..Wanted::default() };
    assert_eq!(queue::list(office.db.read(), &failed, 10).await.unwrap().len(), 1);
    assert_eq!(queue::counts(office.db.read()).await.unwrap(), [(JobState::Failed, 1)]);
}

#[tokio::test]
async fn what_can_never_go_well_is_not_tried_again_and_a_panic_is_a_failure() {
    let office = Office::found().await;
    let log = Log::default();
    let hopeless = id(put(&office, "a", 9).await);
    runner(&office, &log, |_| Err(JobError::Never("没有这个推送".to_owned()))).run_due().await.unwrap();
    assert_eq!(row(&office, hopeless).await.state, JobState::Failed);
    let breaks = id(put(&office, "b", 2).await);
    let runner = runner(&office, &log, |attempt| if attempt == 1 { panic!("on purpose") } else { Ok(Ending::Done) });
    assert_eq!(runner.run_due().await.unwrap(), 1);
    let after = row(&office, breaks).await;
    assert_eq!((after.state, after.last_error.as_deref()), (JobState::Waiting, Some("处理程序异常中断")));
    office.clock.advance_ms(MINUTE);
    runner.run_due().await.unwrap();
    assert_eq!(row(&office, breaks).await.state, JobState::Done);
}

#[tokio::test]
async fn a_job_whose_every_worker_died_is_given_up() {
    let office = Office::found().await;
    let job = id(put(&office, "a", 2).await);
    for _ in 0..2 {
        let worker = office.ctx.new_id();
        assert!(queue::claim(&office.db, &office.ctx, worker, &[KIND]).await.unwrap().is_some());
        office.clock.advance_ms(LEASE_MS);
    }
    assert!(queue::claim(&office.db, &office.ctx, office.ctx.new_id(), &[KIND]).await.unwrap().is_none());
    let after = row(&office, job).await;
    assert_eq!((after.state, after.attempts), (JobState::Failed, 2));
}

#[tokio::test]
async fn one_open_job_a_key_and_once_more_for_what_came_while_it_ran() {
    let office = Office::found().await;
    let job = id(put(&office, "a", 3).await);
    assert_eq!(put(&office, "a", 3).await, Enqueued::Waiting(job));
    let claimed = queue::claim(&office.db, &office.ctx, office.ctx.new_id(), &[KIND]).await.unwrap().unwrap();
    assert_eq!(put(&office, "a", 3).await, Enqueued::Again(job));
    office.db.write(async |tx| claimed.finish(tx, &office.ctx).await).await.unwrap();
    let log = Log::default();
    assert_eq!(runner(&office, &log, |_| Ok(Ending::Done)).run_due().await.unwrap(), 1);
    assert_eq!(done(&log), ["a#1"], "with all its tries");
    assert_eq!(row(&office, job).await.state, JobState::Done);
    assert_ne!(id(put(&office, "a", 3).await), job, "what is done is done");
    let undone = office.db.write(async |tx| {
        enqueue(tx, &office.ctx, NewJob::now(KIND, "never", json!({}))).await?;
        Err::<(), _>(hufu::db::DbError::Stale)
    });
    undone.await.unwrap_err();
    let waiting = Wanted { state: Some(JobState::Waiting), ..Wanted::default() };
    assert_eq!(queue::list(office.db.read(), &waiting, 10).await.unwrap().len(), 1, "no deed, no job");
}

#[tokio::test]
async fn what_asks_for_time_gets_it_though_more_came() {
    let office = Office::found().await;
    let log = Log::default();
    put(&office, "a", 3).await;
    let claimed = queue::claim(&office.db, &office.ctx, office.ctx.new_id(), &[KIND]).await.unwrap().unwrap();
    put(&office, "a", 3).await;
    office.db.write(async |tx| claimed.again(tx, &office.ctx, MINUTE).await).await.unwrap();
    let runner = runner(&office, &log, |_| Ok(Ending::Done));
    assert_eq!(runner.run_due().await.unwrap(), 0);
    office.clock.advance_ms(MINUTE);
    assert_eq!(runner.run_due().await.unwrap(), 1);
    assert_eq!((done(&log).as_slice(), runner.run_due().await.unwrap()), (&["a#1".to_owned()][..], 0));
}

#[tokio::test]
async fn what_recurs_waits_once_and_goes_on_after_it_failed() {
    let office = Office::found().await;
    let every = 60 * MINUTE;
    for _ in 0..3 {
        ensure_recurring(&office.db, &office.ctx, KIND, every).await.unwrap();
    }
    let log: Log = Log::default();
    let handlers = |fails: bool| {
        let log = Arc::clone(&log);
        Handlers::new().on(KIND, move |_db, _ctx, _job| {
            log.lock().unwrap().push("ran".to_owned());
            async move { if fails { Err(JobError::Never("坏了".to_owned())) } else { Ok(Ending::Done) } }
        })
    };
    let good = Runner::new(office.db.clone(), office.ctx.clone(), handlers(false));
    let bad = Runner::new(office.db.clone(), office.ctx.clone(), handlers(true));
    for (runner, minutes, runs, error) in [
        (&good, 0, 1, None),
        (&good, 59, 1, None),
        (&bad, 1, 2, Some("坏了")),
        (&good, 59, 2, Some("坏了")),
        (&good, 1, 3, None),
        (&good, 300, 4, None),
    ] {
        office.clock.advance_ms(minutes * MINUTE);
        runner.run_due().await.unwrap();
        let all = queue::list(office.db.read(), &Wanted::default(), 10).await.unwrap();
        assert_eq!((all.len(), all[0].state), (1, JobState::Waiting));
        assert_eq!((done(&log).len(), all[0].last_error.as_deref()), (runs, error), "after {minutes} minutes");
    }
}

#[tokio::test]
async fn a_clock_put_back_neither_stalls_nor_doubles() {
    let office = Office::found().await;
    let log = Log::default();
    let runner = runner(&office, &log, |_| Ok(Ending::Done));
    office.clock.advance_ms(365 * DAY);
    let waits = id(office
        .db
        .write(async |tx| {
            enqueue(tx, &office.ctx, NewJob::now(KIND, "waits", json!({ "key": "w" })).after(MINUTE)).await
        })
        .await
        .unwrap());
    let runs = id(put(&office, "runs", 3).await);
    let claimed = queue::claim(&office.db, &office.ctx, office.ctx.new_id(), &[KIND]).await.unwrap().unwrap();
    assert_eq!(claimed.id(), runs);
    office.clock.advance_ms(-365 * DAY);
    assert_eq!(runner.run_due().await.unwrap(), 0, "neither what is held nor what is not due");
    assert_eq!(row(&office, waits).await.run_at.0 - office.ctx.now().0, MINUTE, "its delay is what it was");
    office.clock.advance_ms(MINUTE);
    assert_eq!(runner.run_due().await.unwrap(), 1);
    assert_eq!(done(&log), ["w#1"]);
    assert_eq!(office.db.write(async |tx| claimed.hold(tx).await).await.unwrap(), Held::Yes, "its worker still has it");
    office.clock.advance_ms(LEASE_MS);
    assert_eq!(runner.run_due().await.unwrap(), 1, "but not for a year");
    assert_eq!(done(&log), ["w#1", "runs#2"]);
    assert_eq!(office.db.write(async |tx| claimed.finish(tx, &office.ctx).await).await.unwrap(), Held::Lost);
}

#[tokio::test]
async fn what_nobody_here_can_do_is_left_to_who_can() {
    let office = Office::found().await;
    let job = id(put(&office, "a", 1).await);
    let stranger = Runner::new(office.db.clone(), office.ctx.clone(), chores::handlers());
    assert_eq!(stranger.run_due().await.unwrap(), 0);
    assert_eq!(row(&office, job).await.attempts, 0);
}

#[tokio::test]
async fn what_was_done_long_ago_is_forgotten_what_failed_is_not() {
    let office = Office::found().await;
    let log = Log::default();
    put(&office, "good", 1).await;
    runner(&office, &log, |_| Ok(Ending::Done)).run_due().await.unwrap();
    put(&office, "bad", 1).await;
    runner(&office, &log, |_| Err(JobError::Later("x".to_owned()))).run_due().await.unwrap();
    chores::prepare(&office.db, &office.ctx).await.unwrap();
    let ours = Runner::new(office.db.clone(), chores::ctx(&office.ctx), chores::handlers());
    ours.run_due().await.unwrap();
    assert_eq!(queue::list(office.db.read(), &Wanted::default(), 20).await.unwrap().len(), 10);
    office.clock.advance_ms(31 * DAY);
    ours.run_due().await.unwrap();
    let left: Vec<_> = queue::list(office.db.read(), &Wanted::default(), 10).await.unwrap();
    assert_eq!(left.len(), 9);
    assert!(left.iter().any(|job| job.state == JobState::Failed) && left.iter().all(|job| job.state != JobState::Done));
}

#[tokio::test]
async fn a_runner_stops_when_told() {
    let office = Office::found().await;
    let log = Log::default();
    put(&office, "a", 1).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let runner = runner(&office, &log, |_| Ok(Ending::Done));
    let seen = Arc::clone(&log);
    let watch = async move {
        while seen.lock().unwrap().is_empty() {
            tokio::task::yield_now().await;
        }
        stop.send(()).unwrap();
    };
    let rest = std::time::Duration::from_millis(1);
    tokio::join!(runner.run_until(rest, async { stopped.await.unwrap() }), watch);
    assert_eq!(done(&log), ["a#1"]);
}
