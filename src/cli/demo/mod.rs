//! `hufu demo`: a made-up sub-bureau, counted, from empty disk to signed report.
//!
//! - [`dice`] — the same choices for the same seed
//! - [`sample`] — the sub-bureau: units, people, places, things
//! - [`count_plan`] — a simulated count of it, and the truth it must lead to
//! - `play` — drives the same services as an office does
//! - `moves` — a few things on their way
//! - `cards` — how things were paid for and booked, who answers for a unit's
//! - `reports` — figures on their way up, and the finance ledger held against the book
//! - `losses` — missing things in every state, surplus things
//! - `arms` — stores, guns, rounds, a month of draws and what must not wait
//! - `cabinet` — the cabinets of the stores, which report
//! - `certificates` — digital certificates: one overdue, one missing at the check, questions asked
//! - `counter` — who signs at the counter of a store, with passwords and codes that are told
//! - `watch` — who inspects, audits and tells of the arms each week
//! - `cars` — cars, their books, what does not fit in them
//! - `pump` — a year of statements, slips and what the fuel check says of them
//! - `litres` — what the pumps count
//! - `live` — people to be, and the server to see it all in a browser

mod arms;
mod arms_moves;
mod cabinet;
mod cards;
mod cars;
mod certificates;
pub mod count_plan;
mod counter;
pub mod dice;
mod drums;
mod litres;
mod live;
mod losses;
mod moves;
mod play;
mod pump;
mod reports;
pub mod sample;
mod watch;

use std::path::PathBuf;
use std::sync::Arc;

use indicatif::{ProgressBar, ProgressStyle};

use super::{CliError, Done, Global, show, sqlite_path, stocktake};
use crate::db::shown;
use crate::kernel::clock::SetClock;
use crate::kernel::random::Random;
use crate::kernel::{Actor, Ctx, Timestamp};
use crate::watched;
use count_plan::CountPlan;
use sample::{Sample, SampleSpec};

pub use play::Played;

/// 用一个虚构的分局演示全过程
#[derive(Debug, clap::Args)]
pub struct Args {
    /// 放大倍数：1 为 3,000 件资产
    #[arg(long, default_value_t = 1, value_parser = clap::value_parser!(u64).range(1..=1000))]
    scale: u64,
    /// 随机种子：同样的种子得到同样的分局
    #[arg(long, default_value_t = 2026)]
    seed: u64,
    /// 输出目录；其中上次演示的数据库会被替换（--database-url 为 postgres://… 时用那个空数据库）
    #[arg(long, default_value = "hufu-demo", value_name = "DIR")]
    out: PathBuf,
    /// 只生成，不启动网页（--json 时也不启动）
    #[arg(long)]
    no_serve: bool,
}

/// A demonstration's machine: its own clock and its own dice, so that nothing depends on today.
pub struct Stage {
    /// The context every service is given.
    pub ctx: Ctx,
    /// The clock behind it.
    pub clock: Arc<SetClock>,
}

impl Stage {
    /// A stage whose clock stands at `at`.
    #[must_use]
    pub fn at(at: Timestamp, seed: u64) -> Self {
        let clock = Arc::new(SetClock::at(at));
        let ctx = Ctx::new(Actor::Local("demo".to_owned()), Arc::clone(&clock) as _, Arc::new(Random::seeded(seed)));
        Self { ctx, clock }
    }
}

/// Makes the sample office in `--out`, counts it, and says what came of it.
///
/// # Errors
/// When the folder cannot be written.
pub fn run(args: &Args, global: &Global) -> Result<Done, CliError> {
    let scale = usize::try_from(args.scale).unwrap_or(1);
    let bar = progress(global);
    bar.set_message("生成虚构的分局");
    let sample = Sample::generate(SampleSpec { seed: args.seed, scale, ..SampleSpec::default() });
    let plan = CountPlan::of(&sample);
    std::fs::create_dir_all(&args.out).map_err(|source| CliError::file(&args.out, source))?;
    let asked = global.database_url()?;
    let url = if sqlite_path(&asked).is_some() {
        let database = args.out.join("hufu.db");
        remove_earlier(&database)?;
        format!("sqlite://{}?mode=rwc", database.display())
    } else {
        asked
    };
    let played = global.block_on(async {
        let db = global.open_at(&url).await?;
        // A server's database is not ours to empty.
        if !db.is_blank().await? {
            return Err(CliError::AlreadyInitialised(shown(&url)));
        }
        watched::prepare(&db, &global.ctx()?, None).await?;
        play::play(&db, &sample, &plan, &args.out, &bar).await
    })?;
    bar.finish_and_clear();
    stocktake::print_status(&played.outcome, global);
    if !global.json() {
        tell(args, &played, &url);
    }
    if !args.no_serve && !global.json() {
        global.block_on(async { live::serve(global.open_at(&url).await?, &sample, global).await })?;
    }
    Ok(Done::Clean)
}

fn progress(global: &Global) -> ProgressBar {
    if global.json() {
        return ProgressBar::hidden();
    }
    let bar = ProgressBar::new(play::STEPS);
    let style = ProgressStyle::with_template("[{pos}/{len}] {msg} {elapsed}");
    if let Ok(style) = style {
        bar.set_style(style);
    }
    bar.enable_steady_tick(std::time::Duration::from_millis(200));
    bar
}

/// Only what an earlier demonstration made is replaced.
fn remove_earlier(database: &std::path::Path) -> Result<(), CliError> {
    for suffix in ["", "-wal", "-shm"] {
        let mut path = database.as_os_str().to_owned();
        path.push(suffix);
        let path = PathBuf::from(path);
        match std::fs::remove_file(&path) {
            Ok(()) => {}
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(source) => return Err(CliError::file(&path, source)),
        }
    }
    Ok(())
}

fn tell(args: &Args, played: &Played, url: &str) {
    let dir = args.out.display();
    let number = &played.outcome.campaign.number;
    show::line("");
    match sqlite_path(url) {
        Some(path) => show::line(format!("数据库    {path}")),
        None => show::line(format!("数据库    {}", shown(url))),
    }
    show::line(format!("导入用表  {dir}/files/  （units、people、places、assets，可照此准备自己的）"));
    show::line(format!(
        "加油核查  hufu fuel-check --vehicles {dir}/fuel/vehicles.csv --fills {dir}/fuel/fills.csv --trips {dir}/fuel/trips.csv \
         --odometer {dir}/fuel/odometer.csv --out {dir}/fuel/结果"
    ));
    show::line(format!("标签      {dir}/labels.pdf  （{} 张，A4 3×8）", played.labels));
    show::line(format!("报告      {dir}/report.xlsx  {dir}/report.pdf"));
    show::line("");
    show::line("接下来可以：");
    show::line(format!("  export HUFU_DATABASE_URL='{url}'"));
    show::line(format!("  hufu stocktake differences {number}        看差异"));
    show::line(format!("  hufu stocktake leads {number}              看盘亏去哪里找"));
    if let Some(number) = &played.a_missing_number {
        show::line(format!("  hufu items show {number}         看其中一件"));
    }
    show::line("  hufu init && hufu import assets 资产.xlsx --create-missing   换成自己的资产");
    show::line("（hufu 即 target/release/hufu）");
}
