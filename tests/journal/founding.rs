//! A database made ready for work, as the server does when it starts: once, whoever starts it and however often.

use std::sync::{Arc, Barrier};

use hufu::db::Db;
use hufu::journal::entity::entry;
use hufu::journal::verify::verify;
use hufu::journal::{JournalError, export};
use hufu::kernel::clock::SetClock;
use hufu::kernel::hash::HashKind;
use hufu::kernel::random::Random;
use hufu::kernel::{Actor, Ctx, Timestamp};
use hufu::org::service::name_organisation;
use hufu::watched::{prepare, tables};
use sea_orm::{ConnectionTrait as _, EntityTrait as _, QueryOrder as _};

use super::support::database::TestDatabase;
use super::support::first_day;

/// How often two are started at once: who comes first is not ours to say.
const ROUNDS: u64 = 8;

fn instance(dice: u64) -> Ctx {
    let clock = Arc::new(SetClock::at(Timestamp::start_of_day(first_day())));
    Ctx::new(Actor::System, clock as _, Arc::new(Random::seeded(dice)))
}

async fn actions(db: &Db) -> Vec<String> {
    let entries = entry::Entity::find().order_by_asc(entry::Column::Id).all(db.read()).await.unwrap();
    entries.into_iter().map(|entry| entry.action).collect()
}

#[tokio::test]
async fn a_blank_database_is_made_ready_with_either_hash() {
    for kind in [HashKind::Sm3, HashKind::Sha256] {
        let dir = tempfile::tempdir().unwrap();
        let blank = TestDatabase::blank(dir.path(), "new.db");
        let db = Db::open(blank.url()).await.unwrap();
        let base = instance(1);
        let journal = prepare(&db, &base, Some(kind)).await.unwrap();
        assert_eq!(journal.kind, kind);
        let ctx = base.hashing_with(journal.kind);
        name_organisation(&db, &ctx, "裕安分局").await.unwrap();
        let path = dir.path().join("all.hufu");
        export::write(&db, &ctx, &tables(), &path).await.unwrap();
        let report = verify(&path, &[]).unwrap();
        assert!(report.fits, "{:#?}", report.faults);
        assert_eq!((report.hash.as_str(), report.not_covered, report.not_itemised), (kind.name(), 0, 0));
        assert!(report.rows > 20, "what came with the program is watched too: {}", report.rows);
    }
}

#[tokio::test]
async fn preparing_again_adds_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let blank = TestDatabase::blank(dir.path(), "new.db");
    let db = Db::open(blank.url()).await.unwrap();
    let first = prepare(&db, &instance(1), Some(HashKind::Sm3)).await.unwrap();
    assert_eq!(actions(&db).await, ["journal.found", "journal.take_in"]);
    for (dice, kind) in [(2, Some(HashKind::Sm3)), (3, None)] {
        let again = prepare(&db, &instance(dice), kind).await.unwrap();
        assert_eq!((again.kind, again.vkey.to_string()), (first.kind, first.vkey.to_string()));
    }
    let otherwise = prepare(&db, &instance(4), Some(HashKind::Sha256)).await;
    assert!(matches!(otherwise, Err(JournalError::FoundedOtherwise("sm3"))), "{otherwise:?}");
    assert_eq!(actions(&db).await.len(), 2);
}

/// What came with the program is taken in once for each schema, not whatever stands there at each start.
#[tokio::test]
async fn a_rule_slipped_in_before_a_restart_is_not_taken_in() {
    let dir = tempfile::tempdir().unwrap();
    let blank = TestDatabase::blank(dir.path(), "new.db");
    let db = Db::open(blank.url()).await.unwrap();
    prepare(&db, &instance(1), None).await.unwrap();
    let slip = "INSERT INTO dated_rules (name, version, value, effective_from, source, set_by, set_at) \
                SELECT name, version + 1, '20', effective_from, source, set_by, set_at FROM dated_rules \
                WHERE name = 'sign_in.tries'";
    db.read().execute_unprepared(slip).await.unwrap();
    prepare(&db, &instance(2), None).await.unwrap();
    let path = dir.path().join("all.hufu");
    export::write(&db, &instance(3), &tables(), &path).await.unwrap();
    let report = verify(&path, &[]).unwrap();
    let fault = report.first_fault().unwrap();
    assert_eq!((fault.table.as_deref(), fault.key.as_deref()), (Some("dated_rules"), Some("sign_in.tries/2")));
    assert_eq!(report.fault_count, 1, "{:#?}", report.faults);
}

#[tokio::test]
async fn two_that_start_at_once_found_one_journal() {
    for round in 0..ROUNDS {
        let dir = tempfile::tempdir().unwrap();
        // Half of the rounds begin with the schema there, where founding is all there is to fight for.
        let database = match round % 2 {
            0 => TestDatabase::migrated(dir.path(), "new.db").await,
            _ => TestDatabase::blank(dir.path(), "new.db"),
        };
        let both = Barrier::new(2);
        let start = |dice: u64| {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async {
                both.wait();
                let db = Db::open(database.url()).await.unwrap();
                let journal = prepare(&db, &instance(dice), None).await;
                db.close().await;
                journal.map(|journal| journal.vkey.to_string())
            })
        };
        let (a, b) = std::thread::scope(|scope| {
            let [one, two] = [2 * round, 2 * round + 1].map(|dice| {
                let start = &start;
                scope.spawn(move || start(dice))
            });
            (one.join().unwrap(), two.join().unwrap())
        });
        assert_eq!(a.unwrap(), b.unwrap());
        let db = Db::open(database.url()).await.unwrap();
        let mut actions = actions(&db).await;
        actions.sort();
        assert_eq!(actions, ["journal.found", "journal.take_in"], "round {round}");
        let path = dir.path().join("all.hufu");
        export::write(&db, &instance(99), &tables(), &path).await.unwrap();
        let report = verify(&path, &[]).unwrap();
        assert!(report.fits, "{:#?}", report.faults);
    }
}
