//! Many writers at once lose nothing, and the write door tries again when the engine says that two writers met.

use std::sync::atomic::{AtomicU32, Ordering};

use hufu::db::{Db, DbError, Tx};
use hufu::items::ItemError;
use hufu::items::model::ItemState;
use hufu::items::service::{Change, change};
use hufu::items::store;
use hufu::journal;
use hufu::kernel::Quantity;
use sea_orm::{ConnectionTrait as _, EntityTrait as _, PaginatorTrait as _, Statement};
use tokio::task::{JoinSet, LocalSet};

use super::support::Office;

const WRITERS: i64 = 16;
const ROUNDS: i64 = 20;

/// Reads the quantity and writes it one higher.
async fn one_more(tx: &Tx) -> Result<(), DbError> {
    let now = store::by_number(tx, "A-1").await?.map_or(0, |row| row.quantity.0);
    let sql = "UPDATE items SET quantity = $1 WHERE number_key = 'A-1'";
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, [(now + 1).into()]);
    tx.execute_raw(statement).await?;
    Ok(())
}

async fn quantity(db: &Db) -> Quantity {
    store::by_number(db.read(), "A-1").await.unwrap().unwrap().quantity
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn writers_on_many_threads_lose_nothing() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let mut writers = JoinSet::new();
    for _ in 0..WRITERS {
        let db = office.db.clone();
        writers.spawn(async move {
            for _ in 0..ROUNDS {
                db.write(one_more).await.unwrap();
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(quantity(&office.db).await, Quantity(1 + WRITERS * ROUNDS));
}

/// Two processes with one database: the queue inside a process does not help, the engine's lock must.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn two_doors_to_one_database_lose_nothing() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let mut writers = JoinSet::new();
    for _ in 0..4 {
        let db = Db::open(office.dir.database().url()).await.unwrap();
        writers.spawn(async move {
            for _ in 0..ROUNDS {
                db.write(one_more).await.unwrap();
            }
        });
    }
    while let Some(ended) = writers.join_next().await {
        ended.unwrap();
    }
    assert_eq!(quantity(&office.db).await, Quantity(1 + 4 * ROUNDS));
}

#[tokio::test]
async fn of_many_who_make_the_same_change_one_makes_it() {
    let office = Office::found().await;
    let thing = office.register(&[office.new_item("A-1", 0)]).await.remove(0);
    let local = LocalSet::new();
    let changes: Vec<_> = (0..WRITERS)
        .map(|_| {
            let (db, ctx) = (office.db.clone(), office.ctx.clone());
            let idle = Change { state: Some(ItemState::Idle), ..Change::default() };
            local.spawn_local(async move { change(&db, &ctx, "A-1", &idle, "停用").await })
        })
        .collect();
    local.await;
    let mut made = 0;
    for changed in changes {
        match changed.await.unwrap() {
            Ok(_) => made += 1,
            Err(error) => assert!(matches!(error, ItemError::NothingToChange), "{error}"),
        }
    }
    assert_eq!(made, 1);
    let events = store::events(office.db.read(), thing.id).await.unwrap();
    assert_eq!(events.iter().map(|event| event.seq).collect::<Vec<_>>(), [1, 2]);
}

#[tokio::test]
async fn a_write_that_met_another_is_tried_again() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let attempts = AtomicU32::new(0);
    let busy = || DbError::Busy(sea_orm::DbErr::Custom("met another".to_owned()));
    let written = office.db.write(async |tx| {
        one_more(tx).await?;
        if attempts.fetch_add(1, Ordering::Relaxed) < 3 { Err(busy()) } else { Ok(()) }
    });
    written.await.unwrap();
    assert_eq!(attempts.load(Ordering::Relaxed), 4);
    assert_eq!(quantity(&office.db).await, Quantity(2), "what was tried in vain left nothing");
    let refused = office.db.write(async |_: &Tx| {
        attempts.fetch_add(1, Ordering::Relaxed);
        Err::<(), _>(DbError::Stale)
    });
    assert!(matches!(refused.await, Err(DbError::Stale)));
    assert_eq!(attempts.load(Ordering::Relaxed), 5, "what no second try can mend is not tried again");
}

#[tokio::test]
async fn a_deed_that_fails_leaves_no_entry() {
    let office = Office::found().await;
    office.register(&[office.new_item("A-1", 0)]).await;
    let entries = || async { journal::entity::Entity::find().count(office.db.read()).await.unwrap() };
    let before = entries().await;
    let deed = office.db.write(async |tx| {
        let entry = journal::Entry {
            action: "test.deed",
            subject: "A-1".to_owned(),
            unit: None,
            payload: serde_json::json!({}),
            rows: journal::RowsDigest::new(&office.ctx),
        };
        journal::record(tx, &office.ctx, entry).await?;
        one_more(tx).await?;
        Err::<(), _>(DbError::Stale)
    });
    assert!(deed.await.is_err());
    assert_eq!(entries().await, before);
    let moved = Change { place: Some(Some(office.places[1][0])), ..Change::default() };
    change(&office.db, &office.ctx, "A-1", &moved, "调拨").await.unwrap();
    assert_eq!(entries().await, before + 1);
    change(&office.db, &office.ctx, "A-1", &moved, "调拨").await.unwrap_err();
    assert_eq!(entries().await, before + 1);
}
