//! An office at the command line: a folder of its own, the binary run in it, what it said.

#[expect(dead_code, reason = "each test binary uses its part of the databases")]
#[path = "../support/database.rs"]
pub(crate) mod database;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::OnceLock;

use database::TestDatabase;
use tempfile::TempDir;

/// A folder to work in.
pub(crate) struct Office {
    dir: TempDir,
    database: OnceLock<TestDatabase>,
}

/// How a command ended.
#[derive(Debug)]
pub(crate) struct Said {
    pub(crate) code: i32,
    pub(crate) out: String,
    pub(crate) err: String,
}

impl Said {
    pub(crate) fn of(output: Output) -> Self {
        let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("UTF-8");
        let said =
            Self { code: output.status.code().unwrap_or(-1), out: text(output.stdout), err: text(output.stderr) };
        assert!(!said.err.contains("panicked"), "{}", said.err);
        assert!(!said.err.contains("os error"), "English of the system: {}", said.err);
        said
    }

    /// Refused: exit code 2, and one sentence that has these words.
    #[track_caller]
    pub(crate) fn refused(&self, words: &str) -> &Self {
        assert_eq!(self.code, 2, "{self:?}");
        assert!(self.err.starts_with("错误：") && self.err.contains(words), "wanted “{words}”: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn code(&self, code: i32) -> &Self {
        assert_eq!(self.code, code, "{self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn says(&self, words: &str) -> &Self {
        assert!(self.out.contains(words), "wanted “{words}”: {self:?}");
        self
    }

    #[track_caller]
    pub(crate) fn json(&self) -> serde_json::Value {
        serde_json::from_str(&self.out).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    /// The batch that an import with `--json` made.
    #[track_caller]
    pub(crate) fn batch(&self) -> String {
        self.json()["batch"].as_str().unwrap_or_else(|| panic!("no batch: {self:?}")).to_owned()
    }
}

impl Office {
    /// An empty folder.
    pub(crate) fn empty() -> Self {
        Self { dir: TempDir::new().expect("a folder"), database: OnceLock::new() }
    }

    /// A folder with a database that has two units, three people and three places.
    pub(crate) fn founded() -> Self {
        let office = Self::empty();
        office.run(&["init", "--organisation", "青石分局"]).code(0);
        for (what, text) in [
            ("units", "单位代码,单位名称,上级单位\nFJ,青石分局,\nZA,治安大队,青石分局\nYA,裕安派出所,青石分局\n"),
            (
                "people",
                "警号,姓名,所属单位,职责\n001,张三㛃,治安大队,单位负责人\n002,李四,治安大队,专职管理员\n003,赵六,裕安派出所,\n",
            ),
            (
                "places",
                "地点代码,地点名称,所属单位\nZA-201,201室,治安大队\nZA-202,202室,治安大队\nYA-101,值班室,裕安派出所\n",
            ),
        ] {
            let name = format!("{what}.csv");
            office.write(&name, text);
            office.run(&["import", what, &name]).code(0);
        }
        office
    }

    /// The database that the commands use: on SQLite, the file that is the default.
    pub(crate) fn database(&self) -> &TestDatabase {
        self.database.get_or_init(|| TestDatabase::blank(self.dir.path(), "hufu.db"))
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub(crate) fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        std::fs::write(self.path(name), bytes).expect("a file");
    }

    pub(crate) fn read(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap_or_else(|error| panic!("{name}: {error}; {:?}", self.files()))
    }

    /// The names of all files, but for the database's own.
    pub(crate) fn files(&self) -> Vec<String> {
        let mut names: Vec<String> = std::fs::read_dir(self.dir.path())
            .expect("the folder")
            .map(|entry| entry.expect("an entry").file_name().into_string().expect("a name"))
            .filter(|name| !name.starts_with("hufu.db"))
            .collect();
        names.sort();
        names
    }

    pub(crate) fn command(&self, line: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_hufu"));
        command.args(line).current_dir(self.dir.path());
        for variable in ["HUFU_DATABASE_URL", "HUFU_DATA_DIR", "HUFU_LOG", "HUFU_FALLBACK_FONT"] {
            command.env_remove(variable);
        }
        if database::is_postgres() {
            command.env("HUFU_DATABASE_URL", self.database().url());
        }
        command
    }

    pub(crate) fn run(&self, line: &[&str]) -> Said {
        Said::of(self.command(line).stdin(Stdio::null()).output().expect("the binary"))
    }

    /// Runs it with something piped in.
    pub(crate) fn pipe(&self, line: &[&str], input: &[u8]) -> Said {
        let mut command = self.command(line);
        let mut child =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary");
        child.stdin.take().expect("a pipe").write_all(input).expect("piped");
        Said::of(child.wait_with_output().expect("the end"))
    }

    pub(crate) fn import(&self, what: &str, name: &str, text: impl AsRef<[u8]>, more: &[&str]) -> Said {
        self.write(name, text);
        self.run(&[&["import", what, name], more].concat())
    }
}

/// Every row of the tables that an import writes, so that two states of a book can be told apart.
pub(crate) fn rows(database: &TestDatabase) -> Vec<(String, i64)> {
    use sea_orm::{ConnectionTrait as _, Statement};
    const TABLES: [&str; 12] = [
        "units",
        "people",
        "places",
        "items",
        "item_events",
        "labels",
        "label_reprints",
        "import_batches",
        "journal_entries",
        "campaigns",
        "scans",
        "sheets",
    ];
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let db = hufu::db::Db::open(database.url()).await.expect("the database");
        let mut counts = Vec::new();
        for table in TABLES {
            let backend = db.read().get_database_backend();
            let statement = Statement::from_string(backend, format!("SELECT COUNT(*) AS n FROM {table}"));
            let row = db.read().query_one_raw(statement).await.expect("a count").expect("a row");
            counts.push((table.to_owned(), row.try_get::<i64>("", "n").expect("a number")));
        }
        counts
    })
}
