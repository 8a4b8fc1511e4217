//! What SQLite and PostgreSQL do otherwise of themselves, the program does alike on both: order, errors, transactions
//! that meet, a schema made by two at once.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]
#![expect(dead_code, reason = "each test binary uses its part of the office")]

use std::process::Command;
use std::sync::Arc;

use hufu::db::{Db, DbError, Tx};
use hufu::items::store::{Search, search};
use hufu::kernel::text::key;
use sea_orm::{ConnectionTrait as _, DbBackend, Statement, Value};
use support::Office;
use support::database::{TestDatabase, is_postgres, postgres_only, url_of};
use tokio::sync::Barrier;
use tokio::task::{JoinSet, LocalSet};

mod support;

async fn run(tx: &Tx, sql: &str, values: Vec<Value>) -> Result<u64, DbError> {
    let statement = Statement::from_sql_and_values(tx.get_database_backend(), sql, values);
    Ok(tx.execute_raw(statement).await?.rows_affected())
}

async fn number(db: &impl sea_orm::ConnectionTrait, sql: &str) -> i64 {
    let statement = Statement::from_string(db.get_database_backend(), sql);
    db.query_one_raw(statement).await.unwrap().unwrap().try_get_by_index(0).unwrap()
}

/// Pages go on where the last one ended, whatever language the server was set up in.
#[tokio::test]
async fn pages_are_cut_in_the_order_of_bytes() {
    let office = Office::found().await;
    let numbers =
        ["b1", "A-10", "A-9", "A10", "a-2", "阿1", "中1", "资产2", "_1", "-1", "Ａ－３", "é1", "Z", "z2", "10", "9"];
    let things: Vec<_> = numbers.iter().map(|number| office.new_item(number, 0)).collect();
    office.register(&things).await;
    let mut sorted: Vec<String> = numbers.iter().map(|number| key(number).into_owned()).collect();
    sorted.sort();
    for limit in [1, 3, 5, 100] {
        let (mut seen, mut after) = (Vec::new(), None);
        loop {
            let wanted = Search { after: after.clone(), ..Search::default() };
            let page = search(office.db.read(), &wanted, limit).await.unwrap();
            seen.extend(page.iter().map(|row| row.number_key.clone()));
            match page.last() {
                Some(last) => after = Some(last.number_key.clone()),
                None => break,
            }
        }
        assert_eq!(seen, sorted, "pages of {limit}");
    }
}

/// Every text column compares by bytes, those of tomorrow's tables too.
#[tokio::test]
async fn no_column_leans_on_the_order_of_the_database() {
    let office = Office::found().await;
    let sql = match office.db.read().get_database_backend() {
        DbBackend::Sqlite => "SELECT COUNT(*) FROM sqlite_master WHERE sql LIKE '% COLLATE %'",
        _ => {
            "SELECT COUNT(*) FROM information_schema.columns WHERE table_schema = current_schema() \
             AND table_name <> 'seaql_migrations' AND data_type IN ('text', 'character varying', 'character') AND collation_name IS DISTINCT FROM 'C'"
        }
    };
    assert_eq!(number(office.db.read(), sql).await, 0);
}

#[tokio::test]
async fn fragments_are_found_in_either_case_and_signs_are_letters() {
    let office = Office::found().await;
    let names = ["Ab%c电脑", "aB_C", "abxc", r"a\b", "ÄB"];
    let things: Vec<_> = (1..)
        .zip(names)
        .map(|(n, name)| hufu::items::service::NewItem {
            name: name.to_owned(),
            specification: String::new(),
            ..office.new_item(&format!("N{n}"), 0)
        })
        .collect();
    office.register(&things).await;
    for (typed, found) in [
        ("AB", vec![names[0], names[1], names[2]]),
        ("Äb", vec![names[4]]),
        ("b%C", vec![names[0]]),
        ("B_c", vec![names[1]]),
        ("%", vec![names[0]]),
        ("_", vec![names[1]]),
        (r"\", vec![names[3]]),
        ("电脑", vec![names[0]]),
        ("' OR 1=1 --", vec![]),
    ] {
        let wanted = Search { text: Some(typed.to_owned()), ..Search::default() };
        let page = search(office.db.read(), &wanted, 100).await.unwrap();
        let page: Vec<&str> = page.iter().map(|row| row.name.as_str()).collect();
        assert_eq!(page, found, "{typed}");
    }
}

/// What the database refuses, in words of ours: (statement, values, on SQLite, on PostgreSQL).
#[tokio::test]
async fn refusals_are_told_alike() {
    const PLACE: &str =
        "INSERT INTO places (id, code, name, unit_id, active, version) VALUES ($1, $2, $3, $4, true, 1)";
    let office = Office::found().await;
    let id = || Value::from(office.ctx.new_id::<sea_orm::prelude::Uuid>());
    let unit = Value::from(office.units[0]);
    let place = |code: &str, name: &str, unit: &Value| vec![id(), code.into(), name.into(), unit.clone()];
    let noise: String = (0..2_000).map(|_| format!("{:x}", office.ctx.random())).collect();
    let serial = "UPDATE items SET serial_number = $1";
    office.register(&[office.new_item("A-1", 0)]).await;
    for (sql, values, on_sqlite, on_postgres) in [
        (PLACE, place("R00", "x", &unit), "uq_places_code code duplicate", "uq_places_code code duplicate"),
        (PLACE, place("", "x", &unit), "ck_places_code code", "ck_places_code code"),
        (PLACE, place("R", &"长".repeat(101), &unit), "ck_places_name name", "ck_places_name name"),
        (PLACE, place("R", "x", &id()), "fk fk", "fk_places_unit_id unit_id"),
        ("UPDATE places SET name = NULL WHERE code = $1", vec!["R00".into()], "places.name name", "places.name name"),
        (
            "UPDATE places SET id = $1 WHERE code = 'R11'",
            vec![office.places[0][0].into()],
            "pk_places id duplicate",
            "pk_places id duplicate",
        ),
        (
            "UPDATE item_events SET actor = $1",
            vec!["x".into()],
            "append_only_item_events item_events",
            "append_only_item_events item_events",
        ),
        (
            "DELETE FROM item_events WHERE actor <> $1",
            vec!["".into()],
            "append_only_item_events item_events",
            "append_only_item_events item_events",
        ),
        // SQLite would take it: services refuse it before.
        (PLACE, place("R", "a\0b", &unit), "taken", "文本中有不能保存的字符"),
        // Nor has an index of SQLite's a limit.
        (serial, vec![noise.as_str().into()], "taken", "内容过长"),
        (
            "UPDATE items SET quantity = quantity + $1",
            vec![i64::MAX.into()],
            "ck_items_quantity quantity",
            "数字超出范围",
        ),
    ] {
        let refused = office.db.write(async |tx| {
            run(tx, sql, values.clone()).await?;
            // What is taken is not kept: the next case begins as this one did.
            Err::<(), _>(DbError::Stale)
        });
        let told = match refused.await.unwrap_err() {
            DbError::Stale => "taken".to_owned(),
            DbError::Unfit(reason) => reason.to_owned(),
            DbError::Constraint { constraint, field, duplicate } => {
                format!("{constraint} {field}{}", if duplicate { " duplicate" } else { "" })
            }
            other => panic!("{sql}: {other:?}"),
        };
        assert_eq!(told, if is_postgres() { on_postgres } else { on_sqlite }, "{sql}");
    }
    if is_postgres() {
        let emptied = office.db.write(async |tx| run(tx, "TRUNCATE verdict_lines", vec![]).await).await;
        assert!(
            matches!(emptied, Err(DbError::Constraint { constraint, .. }) if constraint == "append_only_verdict_lines")
        );
    }
}

/// PostgreSQL answers the COMMIT of a transaction in which something failed with a rollback, and calls that a success.
#[tokio::test]
async fn what_was_acknowledged_is_there() {
    let office = Office::found().await;
    let written = office.db.write(async |tx| {
        run(tx, "UPDATE units SET kind = 'first' WHERE code = 'D0'", vec![]).await?;
        let refused = run(tx, "UPDATE units SET name = '' WHERE code = 'D0'", vec![]).await;
        assert!(refused.is_err());
        Ok::<_, DbError>(())
    });
    let acknowledged = written.await.is_ok();
    let kept = number(office.db.read(), "SELECT COUNT(*) FROM units WHERE kind = 'first'").await == 1;
    assert_eq!(acknowledged, kept);
}

/// Each of two reads what the other writes: one after the other, at least one stays on duty; side by side, none would.
#[tokio::test]
async fn two_who_each_look_before_they_leave_do_not_both_leave() {
    const ON_DUTY: &str = "SELECT COUNT(*) FROM units WHERE active";
    let office = Office::found().await;
    for round in 0..30 {
        office.db.write(async |tx| run(tx, "UPDATE units SET active = (code <> 'D2')", vec![]).await).await.unwrap();
        let gate = Arc::new(Barrier::new(2));
        let (local, mut both) = (LocalSet::new(), JoinSet::new());
        for code in ["D0", "D1"] {
            let (gate, db) = (Arc::clone(&gate), office.db.clone());
            both.spawn_local_on(
                async move {
                    gate.wait().await;
                    let leave = async |tx: &Tx| {
                        if number(tx, ON_DUTY).await > 1 {
                            run(tx, "UPDATE units SET active = false WHERE code = $1", vec![code.into()]).await?;
                        }
                        Ok::<_, DbError>(())
                    };
                    db.write(leave).await
                },
                &local,
            );
        }
        local.await;
        while let Some(ended) = both.join_next().await {
            ended.unwrap().unwrap();
        }
        assert_eq!(number(office.db.read(), ON_DUTY).await, 1, "round {round}");
    }
}

/// Who looks before they write and finds nothing writes; who comes at the same moment finds it the second time.
#[tokio::test]
async fn of_two_who_enter_the_same_at_once_one_enters_it() {
    let office = Office::found().await;
    for round in 0..30 {
        let gate = Arc::new(Barrier::new(2));
        let (local, mut both) = (LocalSet::new(), JoinSet::new());
        for _ in 0..2 {
            let (gate, db, id) = (Arc::clone(&gate), office.db.clone(), office.ctx.new_id::<sea_orm::prelude::Uuid>());
            let code = format!("N{round}");
            both.spawn_local_on(
                async move {
                    gate.wait().await;
                    let enter = async |tx: &Tx| {
                        if number(tx, &format!("SELECT COUNT(*) FROM units WHERE code = '{code}'")).await > 0 {
                            return Ok::<_, DbError>(false);
                        }
                        let sql = "INSERT INTO units (id, code, name, kind, active, version) VALUES ($1, $2, $2, '', true, 1)";
                        run(tx, sql, vec![id.into(), code.as_str().into()]).await?;
                        Ok(true)
                    };
                    db.write(enter).await
                },
                &local,
            );
        }
        local.await;
        let mut entered = 0;
        while let Some(ended) = both.join_next().await {
            entered += i64::from(ended.unwrap().unwrap());
        }
        assert_eq!(entered, 1, "round {round}");
    }
}

#[tokio::test]
async fn a_snapshot_stands_still_and_keeps_nothing() {
    const UNITS: &str = "SELECT COUNT(*) FROM units";
    let office = Office::found().await;
    let add = async |code: &'static str| {
        let id = office.ctx.new_id::<sea_orm::prelude::Uuid>();
        let sql = "INSERT INTO units (id, code, name, kind, active, version) VALUES ($1, $2, $2, '', true, 1)";
        let values = vec![id.into(), code.into()];
        office.db.write(async |tx| run(tx, sql, values.clone()).await).await.unwrap();
    };
    let (before, after) = office
        .db
        .snapshot(async |tx| {
            let before = number(tx, UNITS).await;
            add("NEW").await;
            Ok::<_, DbError>((before, number(tx, UNITS).await))
        })
        .await
        .unwrap();
    assert_eq!((before, after), (3, 3));
    assert_eq!(number(office.db.read(), UNITS).await, 4);
    // Refused or given up: nothing of it stays, and the next has the connection back.
    let _refused_on_postgres =
        office.db.snapshot(async |tx| run(tx, "DELETE FROM units WHERE code = 'NEW'", vec![]).await).await;
    assert_eq!(number(office.db.read(), UNITS).await, 4);
    for _ in 0..50 {
        office.db.snapshot(async |tx| Ok::<_, DbError>(number(tx, UNITS).await)).await.unwrap();
    }
}

/// Two instances that start together, on a database that is empty.
#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn a_schema_is_made_once_however_many_begin() {
    let dir = tempfile::tempdir().unwrap();
    let database = TestDatabase::blank(dir.path(), "new.db");
    let mut doors = Vec::new();
    for _ in 0..4 {
        doors.push(Db::open(database.url()).await.unwrap());
    }
    assert!(doors[0].is_blank().await.unwrap() && !doors[0].is_migrated().await.unwrap());
    assert!(doors[0].is_blank().await.unwrap(), "asking made nothing");
    let mut all = JoinSet::new();
    for db in doors.clone() {
        all.spawn(async move { db.migrate().await });
    }
    while let Some(ended) = all.join_next().await {
        ended.unwrap().unwrap();
    }
    let db = &doors[3];
    assert!(db.is_migrated().await.unwrap() && !db.is_blank().await.unwrap());
    db.migrate().await.unwrap();
    // A later program was here.
    let later = "INSERT INTO seaql_migrations (version, applied_at) VALUES ('m20991231_000001_later', 0)";
    db.write(async |tx| run(tx, later, vec![]).await).await.unwrap();
    for refused in [db.migrate().await.unwrap_err(), db.is_migrated().await.unwrap_err()] {
        assert!(matches!(&refused, DbError::CannotOpen(why) if why.contains("更新的 hufu")), "{refused:?}");
    }
}

/// The server ends a connection in the middle of a write: it is said, nothing of it stays, and the next write goes.
#[tokio::test]
async fn a_lost_connection_is_said_and_mended() {
    if !postgres_only("a_lost_connection_is_said_and_mended") {
        return;
    }
    let office = Office::found().await;
    let cut = office.db.write(async |tx| {
        run(tx, "UPDATE units SET kind = 'lost'", vec![]).await?;
        let me = number(tx, "SELECT pg_backend_pid()::bigint").await;
        number(office.db.read(), &format!("SELECT pg_terminate_backend({me})::int::bigint")).await;
        run(tx, "UPDATE units SET kind = 'lost again'", vec![]).await
    });
    let refused = cut.await.unwrap_err();
    assert!(matches!(refused, DbError::Unreachable(_)), "{refused:?}");
    assert_eq!(number(office.db.read(), "SELECT COUNT(*) FROM units WHERE kind LIKE 'lost%'").await, 0);
    office.db.write(async |tx| run(tx, "UPDATE units SET kind = 'mended'", vec![]).await).await.unwrap();
}

/// At the command line: a wrong port, user, database; one that is taken; the password is never shown.
#[tokio::test]
async fn a_server_that_will_not_do_says_why() {
    if !postgres_only("a_server_that_will_not_do_says_why") {
        return;
    }
    let dir = tempfile::tempdir().unwrap();
    let database = TestDatabase::blank(dir.path(), "");
    let hufu = |url: &str, line: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
        let output = command.args(["--database-url", url]).args(line).current_dir(dir.path()).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap())
    };
    let with_password = database.url().replacen('@', ":s3cret@", 1);
    let other_name = with_password.replacen("postgres://", "postgresql://", 1);
    for (url, line, code, words) in [
        (url_of("nowhere_at_all").as_str(), "init", 2, "服务器上没有这个数据库"),
        ("postgres://hufu@127.0.0.1:1/x", "init", 2, "连不上数据库服务器"),
        ("postgres://127.0.0.1:port/x", "init", 2, "数据库地址写得不对"),
        (with_password.as_str(), "items", 2, "hufu init"),
        (other_name.as_str(), "init", 0, "已建立数据库"),
        (with_password.as_str(), "init", 2, "已存在"),
        (with_password.as_str(), "demo", 2, "已存在"),
        (with_password.as_str(), "items", 0, "没有符合的资产"),
    ] {
        let line: &[&str] = if line == "items" { &["items", "find"] } else { &[line] };
        let (ended, said) = hufu(url, line);
        assert!(ended == Some(code) && said.contains(words), "{line:?} {url}: {ended:?} {said}");
        assert!(!said.contains("s3cret"), "{said}");
    }
}
