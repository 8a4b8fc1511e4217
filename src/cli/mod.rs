//! The command line: one file a command.
//!
//! Exit codes are part of the contract: 0 done; 1 done, and something needs attention; 2 not done.

pub mod accounts;
pub mod approvals;
pub mod assets;
pub mod certificates;
pub mod decode;
pub mod demo;
pub mod error;
pub mod findings;
pub mod firearms;
pub mod fuel;
pub mod fuel_check;
pub mod import;
pub mod init;
pub mod items;
pub mod jobs;
pub mod journal;
pub mod labels;
pub mod reconcile;
pub mod serve;
pub mod show;
pub mod stocktake;
pub mod tokens;
pub mod usage;
pub mod vehicles;

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use clap::{Parser, Subcommand};

use crate::db::{Db, shown};
use crate::journal::founding;
use crate::kernel::Ctx;
use crate::kernel::config::{CONFIG_FILE, ConfigFile, DEFAULT_DATABASE_URL};
use crate::kernel::hash::HashKind;
pub use error::CliError;

/// How a command ended, when it did what it was asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Done {
    /// Exit code 0.
    Clean,
    /// Exit code 1: missing things, anomalies, rejects.
    NeedsAttention,
}

impl Done {
    /// [`Done::NeedsAttention`] when something needs it.
    #[must_use]
    pub const fn attention_if(needed: bool) -> Self {
        if needed { Self::NeedsAttention } else { Self::Clean }
    }
}

/// Hufu 虎符：一个分局知道它保管的每一件东西在哪里，并且能证明。
#[derive(Debug, Parser)]
#[command(name = "hufu", version, max_term_width = 110)]
pub struct Cli {
    #[command(flatten)]
    global: Global,
    #[command(subcommand)]
    command: Command,
}

/// Settings that every command takes.
#[derive(Debug, Clone, clap::Args)]
pub struct Global {
    /// 数据库地址：sqlite://文件，或 postgres://用户:密码@主机/库 [默认 sqlite://hufu.db?mode=rwc]
    #[arg(long, global = true, env = "HUFU_DATABASE_URL", hide_env_values = true, value_name = "URL")]
    database_url: Option<String>,
    /// 以 JSON 输出
    #[arg(long, global = true)]
    json: bool,
    /// What the command opened: closed before it ends.
    #[arg(skip)]
    opened: Arc<Mutex<Vec<Db>>>,
    /// What the journal of the database that was opened hashes with.
    #[arg(skip)]
    hash: Arc<Mutex<HashKind>>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// 用一个虚构的分局演示全过程
    Demo(demo::Args),
    /// 建立数据库
    Init(init::Args),
    /// 导入单位、人员、地点、资产、盘点数据；撤销
    Import(import::Args),
    /// 打印标签：由文件直接打印，或 `labels print` 由库中资产打印
    Labels(labels::Args),
    /// 账实核对：账面文件对盘点文件，给出每件的结论
    Reconcile(reconcile::Args),
    /// 加油台账：对账单、登记、核查、月结、单车核算
    Fuel(fuel::Args),
    /// 加油核查：加油记录对车辆、出车、里程，给出异常
    FuelCheck(fuel_check::Args),
    /// 从照片中读出标签码
    Decode(decode::Args),
    /// 查找、查看、变更资产
    Items(items::Args),
    /// 固定资产台账：变动单
    Assets(assets::Args),
    /// 公务用车：台账、出车、报送、维修
    Vehicles(vehicles::Args),
    /// 公务用枪台账：枪弹库、枪支、配枪人员
    Firearms(firearms::Args),
    Certificates(certificates::Args),
    /// 盘点
    Stocktake(stocktake::Args),
    /// 启动服务：网页、接口
    Serve(serve::Args),
    /// 日志：查看、封存、签发检查点、导出、核查
    Journal(journal::Args),
    /// 账号、授权与规则
    Accounts(accounts::Args),
    /// 接口令牌：签发、领取、吊销
    Tokens(tokens::Args),
    /// 问题：差异、异常、逾期，直到销号
    Findings(findings::Args),
    /// 审批：谁在等谁批，按什么流程
    Approvals(approvals::Args),
    /// 后台任务
    Jobs(jobs::Args),
}

/// Runs one command.
///
/// # Errors
/// When the command was not carried out: exit code 2.
pub fn run(cli: Cli) -> Result<Done, CliError> {
    let global = cli.global;
    match cli.command {
        Command::Reconcile(args) => {
            let args = reconcile::Args { json: args.json || global.json, ..args };
            let finished = reconcile::run(&args, global.ctx()?.now(), &mut std::io::stdout())?;
            Ok(Done::attention_if(finished.needs_attention()))
        }
        Command::FuelCheck(args) => {
            let args = fuel_check::Args { json: args.json || global.json, ..args };
            let finished = fuel_check::run(&args, global.ctx()?.now(), &mut std::io::stdout())?;
            Ok(Done::attention_if(finished.needs_attention()))
        }
        Command::Decode(args) => decode::run(&args, &global),
        Command::Demo(args) => demo::run(&args, &global),
        Command::Labels(args) => labels::run(&args, &global),
        Command::Init(args) => global.block_on(init::run(&args, &global)),
        Command::Import(args) => global.block_on(import::run(&args, &global)),
        Command::Items(args) => global.block_on(items::run(&args, &global)),
        Command::Assets(args) => global.block_on(assets::run(&args, &global)),
        Command::Vehicles(args) => global.block_on(vehicles::run(&args, &global)),
        Command::Firearms(args) => global.block_on(firearms::run(&args, &global)),
        Command::Certificates(args) => global.block_on(certificates::run(&args, &global)),
        Command::Fuel(args) => global.block_on(fuel::run(&args, &global)),
        Command::Stocktake(args) => global.block_on(stocktake::run(&args, &global)),
        Command::Serve(args) => global.block_on(serve::run(&args, &global)),
        Command::Journal(args) => global.block_on(journal::run(&args, &global)),
        Command::Accounts(args) => global.block_on(accounts::run(&args, &global)),
        Command::Tokens(args) => global.block_on(tokens::run(&args, &global)),
        Command::Findings(args) => global.block_on(findings::run(&args, &global)),
        Command::Approvals(args) => global.block_on(approvals::run(&args, &global)),
        Command::Jobs(args) => global.block_on(jobs::run(&args, &global)),
    }
}

impl Global {
    /// Runs a command that talks to the database, and closes what it opened: a process that just ends can leave all
    /// it wrote in the write-ahead log beside the file, and who copies the file alone then copies next to nothing.
    ///
    /// # Errors
    /// What the command returns, or when the runtime cannot start.
    pub fn block_on<T>(&self, work: impl Future<Output = Result<T, CliError>>) -> Result<T, CliError> {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)))
            .enable_all()
            .build()
            .map_err(|source| CliError::File { path: "runtime".to_owned(), source })?;
        runtime.block_on(async {
            let done = work.await;
            let opened = std::mem::take(&mut *self.opened.lock().unwrap_or_else(PoisonError::into_inner));
            for db in opened {
                db.close().await;
            }
            done
        })
    }

    /// Opens a database, there or not, for the length of the command.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub async fn open_at(&self, url: &str) -> Result<Db, CliError> {
        let db = Db::open(url).await?;
        self.opened.lock().unwrap_or_else(PoisonError::into_inner).push(db.clone());
        Ok(db)
    }

    /// Settings given in code: for the demo and for tests.
    #[must_use]
    pub fn new(database_url: String, json: bool) -> Self {
        Self { database_url: Some(database_url), json, opened: Arc::default(), hash: Arc::default() }
    }

    /// Where the database is.
    ///
    /// # Errors
    /// When `hufu.toml` is there and wrong.
    pub fn database_url(&self) -> Result<String, CliError> {
        match &self.database_url {
            Some(url) => Ok(url.clone()),
            None => Ok(ConfigFile::read(Path::new(CONFIG_FILE))?
                .database_url
                .unwrap_or_else(|| DEFAULT_DATABASE_URL.to_owned())),
        }
    }

    /// Opens the database of this office.
    ///
    /// # Errors
    /// When it was not made by `hufu init`.
    pub async fn open(&self) -> Result<Db, CliError> {
        let url = self.database_url()?;
        if let Some(path) = sqlite_path(&url)
            && !Path::new(path).exists()
        {
            return Err(CliError::NotInitialised(path.to_owned()));
        }
        let db = self.open_at(&url).await?;
        if !db.is_migrated().await? {
            return Err(CliError::NotInitialised(shown(&url)));
        }
        self.hash_with(founding::hash_kind(db.read()).await?);
        Ok(db)
    }

    /// From here on [`Global::ctx`] hashes with `hash`.
    pub fn hash_with(&self, hash: HashKind) {
        *self.hash.lock().unwrap_or_else(PoisonError::into_inner) = hash;
    }

    /// Whether facts are to be printed as JSON.
    #[must_use]
    pub const fn json(&self) -> bool {
        self.json
    }

    /// Who sits at this machine; asked for once the database is open, whose journal says what to hash with.
    ///
    /// # Errors
    /// When the system has no randomness to give.
    pub fn ctx(&self) -> Result<Ctx, CliError> {
        let user = std::env::var("USER").or_else(|_| std::env::var("USERNAME")).unwrap_or_else(|_| "local".to_owned());
        let hash = *self.hash.lock().unwrap_or_else(PoisonError::into_inner);
        Ok(Ctx::local(&user)?.hashing_with(hash))
    }
}

/// The file of an SQLite URL.
#[must_use]
pub fn sqlite_path(url: &str) -> Option<&str> {
    let rest = url.strip_prefix("sqlite:")?;
    let path = rest.strip_prefix("//").unwrap_or(rest);
    let path = path.split('?').next().unwrap_or(path);
    (path != ":memory:" && !path.is_empty()).then_some(path)
}
