//! The program is killed in the middle of a large import: the file is in the book whole, or not at all.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use hufu::db::Db;
use hufu::imports;
use hufu::items::entity::{item, item_event};
use hufu::journal;
use hufu::org::entity::unit;
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};

use super::support::database::{TestDatabase, sqlite_only};

const ROWS: u64 = 6_000;
/// At these parts of the time that the whole takes, in percent.
const KILLED_AT: [u32; 5] = [5, 30, 60, 85, 97];

fn hufu(database: &TestDatabase) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
    command.env("HUFU_DATABASE_URL", database.url()).stdout(Stdio::null()).stderr(Stdio::null());
    command
}

fn import(database: &TestDatabase, file: &Path) -> Command {
    let mut command = hufu(database);
    command.args(["import", "assets", "--create-missing"]).arg(file);
    command
}

/// The rows in the book; panics when they are not one whole file with its batch, its events and its entry, or nothing.
async fn whole_or_nothing(database: &TestDatabase) -> u64 {
    let db = Db::open(database.url()).await.unwrap();
    let items = item::Entity::find().count(db.read()).await.unwrap();
    let events = item_event::Entity::find().count(db.read()).await.unwrap();
    let batches = imports::batches(&db).await.unwrap();
    let entries = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq("imports.run"));
    let entries = entries.count(db.read()).await.unwrap();
    let made = unit::Entity::find().count(db.read()).await.unwrap();
    let found = (items, events, batches.len(), entries, made);
    assert!(found == (ROWS, ROWS, 1, 1, 20) || found == (0, 0, 0, 0, 0), "{found:?}");
    assert!(batches.iter().all(|batch| u64::try_from(batch.row_count) == Ok(ROWS)));
    items
}

#[tokio::test]
async fn a_killed_import_is_whole_or_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("assets.csv");
    let mut text = "资产编号,资产名称,使用部门,存放地点,使用人,数量,价值\n".to_owned();
    for n in 0..ROWS {
        writeln!(text, "A-{n:06},台式计算机,第{}大队,房间{},人员{},1,4500.00", n % 20, n % 200, n % 400).unwrap();
    }
    std::fs::write(&file, text).unwrap();
    let made = |name: String| {
        let database = TestDatabase::blank(dir.path(), &name);
        assert!(hufu(&database).arg("init").status().unwrap().success());
        database
    };
    let whole = made("whole.db".to_owned());
    let begun = Instant::now();
    let ended = import(&whole, &file).status().unwrap();
    let takes = begun.elapsed();
    assert!(ended.code().is_some_and(|code| code < 2), "{ended}");
    assert_eq!(whole_or_nothing(&whole).await, ROWS);
    for percent in KILLED_AT {
        let database = made(format!("killed-{percent}.db"));
        let mut child = import(&database, &file).spawn().unwrap();
        std::thread::sleep(takes * percent / 100 + Duration::from_millis(1));
        child.kill().unwrap();
        child.wait().unwrap();
        if whole_or_nothing(&database).await == 0 {
            // Nothing of the attempt stands in the way of the next.
            assert!(import(&database, &file).status().unwrap().code().is_some_and(|code| code < 2));
            assert_eq!(whole_or_nothing(&database).await, ROWS);
        }
    }
}

/// Whoever copies the one file when a command has ended copies the whole book.
#[tokio::test]
async fn after_a_command_everything_is_in_the_one_file() {
    if !sqlite_only("after_a_command_everything_is_in_the_one_file") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let file = dir.path().join("assets.csv");
    std::fs::write(&file, "资产编号,资产名称,使用部门\nA-1,电脑,第0大队\n").unwrap();
    for round in 0..5 {
        let database = TestDatabase::blank(dir.path(), &format!("{round}.db"));
        assert!(hufu(&database).arg("init").status().unwrap().success());
        assert!(import(&database, &file).status().unwrap().success());
        let log = dir.path().join(format!("{round}.db-wal"));
        assert!(!log.exists(), "the log of round {round} was left");
        let copy = dir.path().join(format!("copy-{round}.db"));
        std::fs::copy(dir.path().join(format!("{round}.db")), &copy).unwrap();
        let db = Db::open(&format!("sqlite://{}", copy.display())).await.unwrap();
        assert_eq!(item::Entity::find().count(db.read()).await.unwrap(), 1);
    }
}
