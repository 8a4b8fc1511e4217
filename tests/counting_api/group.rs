//! Group commit by itself: whose work fails, fails alone; what waits at the end is carried out.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use futures_util::future::join_all;
use hufu::db::group::{Group, GroupError, Limits, Weigh};
use hufu::db::{DbError, Tx};
use hufu::org::entity::setting;
use sea_orm::{ActiveModelTrait as _, DbErr, EntityTrait as _, IntoActiveModel as _};

use super::Office;

/// Writes a setting of this name; some names are trouble.
#[derive(Debug, Clone)]
struct Write(String);

impl Weigh for Write {
    fn weight(&self) -> usize {
        1
    }
}

async fn write_all(tx: &Tx, writes: &[Write]) -> Result<Vec<usize>, DbError> {
    for write in writes {
        assert!(!write.0.starts_with("panic"), "as asked");
        let row = setting::Model { name: write.0.clone(), value: String::new() };
        row.into_active_model().insert(tx).await?;
    }
    Ok(vec![writes.len(); writes.len()])
}

async fn settings(office: &Office) -> usize {
    let rows = setting::Entity::find().all(office.db.read()).await.unwrap();
    rows.iter().filter(|row| row.name.starts_with("w-")).count()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_that_fails_or_panics_fails_alone() {
    let office = Office::found().await;
    let group = Group::start("test", office.db.clone(), Limits { together: 16, waiting: 1_000 }, write_all).unwrap();
    assert_eq!(group.submit(Write("w-taken".to_owned())).await.unwrap(), 1);
    let names = (0..40).map(|n| match n {
        7 => "w-taken".to_owned(),
        19 => "panic".to_owned(),
        n => format!("w-{n}"),
    });
    let done = join_all(names.map(|name| group.submit(Write(name)))).await;
    for (n, done) in done.iter().enumerate() {
        match n {
            7 => {
                assert!(matches!(done, Err(GroupError::Work(DbError::Constraint { duplicate: true, .. }))), "{done:?}")
            }
            19 => assert!(matches!(done, Err(GroupError::Ended)), "{done:?}"),
            _ => assert!(done.is_ok(), "{n}: {done:?}"),
        }
    }
    assert_eq!(settings(&office).await, 39);
    assert!(group.submit(Write("w-after".to_owned())).await.is_ok(), "it goes on");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_comes_at_once_shares_transactions_and_never_more_than_allowed() {
    let office = Office::found().await;
    let runs = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&runs);
    let work = async move |tx: &Tx, writes: &[Write]| {
        counted.fetch_add(1, Ordering::Relaxed);
        write_all(tx, writes).await
    };
    let group = Group::start("test", office.db.clone(), Limits { together: 10, waiting: 1_000 }, work).unwrap();
    // The first holds the writer's door until all others wait.
    let held = office.db.write(async |_tx| {
        let all = join_all((0..60).map(|n| group.submit(Write(format!("w-{n}")))));
        let all = std::pin::pin!(all);
        assert!(futures_util::poll!(all).is_pending());
        Ok::<_, DbError>(())
    });
    held.await.unwrap();
    // Whoever asked has gone; what they asked for is done all the same.
    group.drain().await;
    assert_eq!(settings(&office).await, 60);
    let runs = runs.load(Ordering::Relaxed);
    assert!((6..=8).contains(&runs), "{runs} transactions for 60 writes by tens");
    assert!(matches!(group.submit(Write("w-late".to_owned())).await, Err(GroupError::Ended)));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_would_wait_too_long_is_sent_away() {
    let office = Office::found().await;
    let group = Group::start("test", office.db.clone(), Limits { together: 2, waiting: 5 }, write_all).unwrap();
    let refused = office.db.write(async |_tx| {
        let mut waiting: Vec<_> = (0..5).map(|n| Box::pin(group.submit(Write(format!("w-{n}"))))).collect();
        for one in &mut waiting {
            assert!(futures_util::poll!(one).is_pending());
        }
        let refused = group.submit(Write("w-6".to_owned())).await;
        Ok::<_, DbError>(matches!(refused, Err(GroupError::Full)))
    });
    assert!(refused.await.unwrap());
    group.drain().await;
    assert_eq!(settings(&office).await, 5);
}

/// A server that went away is asked once for the group, not once for each that waits: each asking takes its time.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_database_out_of_reach_is_told_to_all_at_once() {
    let office = Office::found().await;
    for in_doubt in [false, true] {
        let shared = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&shared);
        let work = async move |_: &Tx, writes: &[Write]| -> Result<Vec<usize>, DbError> {
            counted.fetch_add(writes.len(), Ordering::Relaxed);
            let gone = DbErr::Custom("gone".to_owned());
            Err(if in_doubt { DbError::InDoubt(gone) } else { DbError::Unreachable(gone) })
        };
        let limits = Limits { together: 16, waiting: 1_000 };
        let group = Group::start("test", office.db.clone(), limits, work).unwrap();
        let done = join_all((0..40).map(|n| group.submit(Write(format!("w-{n}"))))).await;
        assert!(done.iter().all(|done| matches!(done, Err(GroupError::Together(_)))), "{done:?}");
        assert_eq!(shared.load(Ordering::Relaxed), 40, "each was tried once, with the others");
    }
}
