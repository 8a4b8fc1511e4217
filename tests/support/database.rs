//! A database for one test: an SQLite file in the test's folder, or, with HUFU_TEST_POSTGRES=postgres://user@host/ set,
//! a database of its own on that server, dropped when the test ends. `tests/run.sh` runs every test on both.

use std::path::Path;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

use hufu::db::Db;
use sea_orm::sqlx::{AssertSqlSafe, Connection as _, Executor as _, PgConnection, query_scalar};

/// The tests that mean nothing on PostgreSQL, and why.
const SQLITE_ONLY: [(&str, &str); 2] = [
    ("after_a_command_everything_is_in_the_one_file", "a PostgreSQL database is no file that somebody copies"),
    ("a_database_that_is_none_is_said_to_be_none", "files that are no databases"),
];

/// The tests that mean nothing on SQLite, and why.
const POSTGRES_ONLY: [(&str, &str); 2] = [
    ("a_lost_connection_is_said_and_mended", "nothing lies between the program and an SQLite file"),
    ("a_server_that_will_not_do_says_why", "an SQLite file has no server"),
];

/// Whether this test, one of [`SQLITE_ONLY`], is to run here.
pub(crate) fn sqlite_only(test: &str) -> bool {
    let (_, why) = SQLITE_ONLY.iter().find(|(name, _)| *name == test).expect("named in SQLITE_ONLY");
    if is_postgres() {
        eprintln!("{test}: on SQLite only: {why}");
    }
    !is_postgres()
}

/// Whether this test, one of [`POSTGRES_ONLY`], is to run here.
pub(crate) fn postgres_only(test: &str) -> bool {
    let (_, why) = POSTGRES_ONLY.iter().find(|(name, _)| *name == test).expect("named in POSTGRES_ONLY");
    if !is_postgres() {
        eprintln!("{test}: on PostgreSQL only: {why}");
    }
    is_postgres()
}

/// The server on which the tests have their databases, when it is PostgreSQL.
pub(crate) fn server() -> Option<&'static str> {
    static SERVER: OnceLock<Option<String>> = OnceLock::new();
    SERVER.get_or_init(|| std::env::var("HUFU_TEST_POSTGRES").ok().filter(|url| !url.is_empty())).as_deref()
}

pub(crate) fn is_postgres() -> bool {
    server().is_some()
}

/// A folder for a test's files, and its database; gone with the test.
#[derive(Debug)]
pub(crate) struct Home {
    database: TestDatabase,
    folder: tempfile::TempDir,
}

impl Home {
    /// With the schema in the database.
    pub(crate) async fn with_schema() -> Self {
        let folder = tempfile::tempdir().expect("the database of the tests");
        Self { database: TestDatabase::migrated(folder.path(), "hufu.db").await, folder }
    }

    pub(crate) fn path(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn database(&self) -> &TestDatabase {
        &self.database
    }
}

/// A database, gone with the test.
#[derive(Debug)]
pub(crate) struct TestDatabase {
    url: String,
    /// Its name on the server, when it is on one.
    name: Option<String>,
}

impl TestDatabase {
    /// An empty one; an SQLite file is not even there.
    pub(crate) fn blank(dir: &Path, file: &str) -> Self {
        match server() {
            None => Self { url: format!("sqlite://{}?mode=rwc", dir.join(file).display()), name: None },
            Some(_) => Self::copied_from("template0"),
        }
    }

    /// One with the schema in it.
    pub(crate) async fn migrated(dir: &Path, file: &str) -> Self {
        if server().is_some() {
            static TEMPLATE: OnceLock<String> = OnceLock::new();
            return Self::copied_from(TEMPLATE.get_or_init(template));
        }
        let database = Self::blank(dir, file);
        let db = Db::open(&database.url).await.expect("the database of the tests");
        db.migrate().await.expect("the database of the tests");
        db.close().await;
        database
    }

    pub(crate) fn url(&self) -> &str {
        &self.url
    }

    fn copied_from(template: &str) -> Self {
        static MADE: AtomicU32 = AtomicU32::new(0);
        let name = format!("hufu_test_{}_{}", std::process::id(), MADE.fetch_add(1, Ordering::Relaxed));
        let sql = [
            format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)"),
            format!("CREATE DATABASE {name} TEMPLATE {template}"),
        ];
        on_server(async move |admin| {
            for sql in sql {
                admin.execute(AssertSqlSafe(sql)).await.expect("the database of the tests");
            }
        });
        Self { url: url_of(&name), name: Some(name) }
    }

    /// Whether somebody is writing things to it at this moment.
    pub(crate) fn is_being_written(&self) -> bool {
        let Some(name) = self.name.clone() else {
            let file = self.url.trim_start_matches("sqlite://").trim_end_matches("?mode=rwc");
            // Once its first pages are written, the transaction is under way.
            return std::fs::metadata(format!("{file}-wal")).is_ok_and(|log| log.len() >= 100_000);
        };
        on_server(async move |admin| {
            let sql = "SELECT EXISTS (SELECT 1 FROM pg_stat_activity WHERE datname = $1 AND query LIKE 'INSERT INTO \"items\"%')";
            query_scalar::<_, bool>(sql).bind(name).fetch_one(admin).await.expect("the database of the tests")
        })
    }
}

impl Drop for TestDatabase {
    fn drop(&mut self) {
        if let Some(name) = self.name.take() {
            on_server(async move |admin| {
                let sql = format!("DROP DATABASE IF EXISTS {name} WITH (FORCE)");
                if let Err(error) = admin.execute(AssertSqlSafe(sql)).await {
                    eprintln!("{name} was left on the server: {error}");
                }
            });
        }
    }
}

pub(crate) fn url_of(database: &str) -> String {
    let server = server().expect("a server");
    let (address, settings) = server.split_once('?').map_or((server, String::new()), |(a, s)| (a, format!("?{s}")));
    let (scheme, rest) = address.split_once("://").expect("an address");
    let host = rest.split('/').next().unwrap_or(rest);
    format!("{scheme}://{host}/{database}{settings}")
}

/// Does something on the server; on a thread of its own, since tests run in runtimes of every kind, and drop in none.
fn on_server<T: Send>(work: impl AsyncFnOnce(&mut PgConnection) -> T + Send) -> T {
    let work = || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let mut admin = PgConnection::connect(&url_of("postgres")).await.expect("the PostgreSQL of the tests");
            let done = work(&mut admin).await;
            admin.close().await.expect("closed");
            done
        })
    };
    std::thread::scope(|scope| scope.spawn(work).join().expect("done"))
}

/// The name of a migrated database that others are copied from: made once for each build of this test binary, since
/// another build may have another schema.
fn template() -> String {
    let binary = std::env::current_exe().expect("this binary");
    let built = std::fs::metadata(&binary).expect("it").modified().expect("when it was built");
    let stamp = built.duration_since(std::time::UNIX_EPOCH).expect("after 1970").as_millis();
    let stem = binary.file_stem().expect("a name").to_string_lossy().replace('-', "_");
    let family = format!("hufu_template_{}", stem.rsplit_once('_').map_or(stem.as_str(), |(name, _)| name));
    let name = format!("{family}_{stamp}");
    on_server({
        let name = name.clone();
        async move |admin| {
            // Two processes of one build wait for each other; the lock goes with the connection.
            admin.execute("SELECT pg_advisory_lock(7146)").await.expect("the database of the tests");
            let earlier: Vec<String> =
                query_scalar("SELECT datname::text FROM pg_database WHERE starts_with(datname, $1)")
                    .bind(&family)
                    .fetch_all(&mut *admin)
                    .await
                    .expect("the database of the tests");
            if earlier.contains(&name) {
                return;
            }
            for old in earlier {
                // One that another build is copying from at this moment stays.
                let _dropped = admin.execute(AssertSqlSafe(format!("DROP DATABASE IF EXISTS {old}"))).await;
            }
            let half = format!("{name}_half");
            for sql in [format!("DROP DATABASE IF EXISTS {half} WITH (FORCE)"), format!("CREATE DATABASE {half}")] {
                admin.execute(AssertSqlSafe(sql)).await.expect("the database of the tests");
            }
            let db = Db::open(&url_of(&half)).await.expect("the database of the tests");
            db.migrate().await.expect("the database of the tests");
            db.close().await;
            admin
                .execute(AssertSqlSafe(format!("ALTER DATABASE {half} RENAME TO {name}")))
                .await
                .expect("the database of the tests");
        }
    });
    name
}
