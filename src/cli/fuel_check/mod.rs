//! `hufu fuel-check`: fills held against cars, trips and odometers, from files, no database needed.
//!
//! Writes into the folder given `anomalies.csv`, `vehicles.csv`, `report.xlsx` and `rejects.csv` (the rows not taken, and
//! why). The rules are [`crate::vehicles::fuel`]'s; what files add:
//!
//! - A car is known by its plate, a card by its number; both compare by [`crate::kernel::text::key`]. A cell may name
//!   several cards (`、`). A plate twice in the register: the first row stands.
//! - A record without a plate belongs to the car whose card it shows. One with neither, or with only a card that the
//!   register does not have, cannot be laid to any car; the latter is told as `unknown_card`.
//! - The register is as of today: a car that it calls stopped or in repair counts as such for all records, with less
//!   weight than a dated absence would have.
//! - Litres left out are the amount by the price.
//! - 圈存, 充值 and refunds are no fuel; loads are part of the card's balance.
//!
//! `anomalies.csv` has by default every anomaly of every rule at its default thresholds, one row a fill and rule, the
//! weightiest first; what could not be judged, and remarks (a replaced odometer, a logbook entry that is likely wrong), are
//! no anomalies: they stand in `report.xlsx`, and `vehicles.csv` names them by car. `--top N` keeps for each car and
//! quarter only the N suspected fills that weigh most; what the gate says of records (written twice, odometer mistyped, …:
//! [`Rule::is_gate`]) is to be put right in the books, is counted apart, and is kept whole.
//!
//! Files appear whole or not at all. The same input at the same instant gives the same bytes.

mod intake;
mod output;
mod quick;
mod report;
mod show;

use std::fs;
use std::io::{self, Write};
use std::path::PathBuf;

use hashbrown::{HashMap, HashSet};

pub use output::{ANOMALIES_HEADER, VEHICLES_HEADER};

use crate::documents::tables::{FILLS, ODOMETER, TRIPS, VEHICLES};
use crate::documents::{ColumnMap, DocumentError, RejectSink as _, RejectsFile};
use crate::kernel::Timestamp;
use crate::vehicles::fuel::{Limits, Outcome, Rule, Severity, alerts, check};
use intake::Taken;

/// What to check.
#[derive(Debug, Clone, clap::Args)]
pub struct Args {
    /// 车辆台账：CSV、XLSX、XLS、ODS
    #[arg(long, value_name = "VEHICLES")]
    pub vehicles: PathBuf,
    /// 加油记录（加油卡对账单）：CSV、XLSX、XLS、ODS、网页表格
    #[arg(long, value_name = "FILLS")]
    pub fills: PathBuf,
    /// 出车记录；没有也可以
    #[arg(long, value_name = "TRIPS")]
    pub trips: Option<PathBuf>,
    /// 里程表读数（如月末抄表）；没有也可以
    #[arg(long, value_name = "ODOMETER")]
    pub odometer: Option<PathBuf>,
    /// 输出目录；没有则新建
    #[arg(long, value_name = "DIR")]
    pub out: PathBuf,
    /// 列对应：字段=列名、fills.字段=列名、vehicles.字段=#C
    #[arg(long = "map", value_name = "FIELD=HEADER")]
    pub map: Vec<String>,
    /// 每车每季只列最可疑的几次加油；不写则全部列出
    #[arg(long, value_name = "N")]
    pub top: Option<usize>,
    /// 不写 report.xlsx
    #[arg(long)]
    pub csv_only: bool,
    /// Print facts as JSON
    #[arg(skip)]
    pub json: bool,
}

/// Why nothing was done.
#[derive(Debug, thiserror::Error)]
pub enum FuelCheckError {
    /// A file cannot be read or written.
    #[error(transparent)]
    Document(#[from] DocumentError),
    /// The report cannot be written.
    #[error("写不了 {path}：{source}")]
    Report {
        /// Which file.
        path: String,
        /// Why.
        source: rust_xlsxwriter::XlsxError,
    },
    /// The outcome cannot be shown.
    #[error("结果已写好，但无法显示：{}", crate::documents::io_reason(.0))]
    Show(#[from] io::Error),
}

/// What was done.
#[derive(Debug, Clone)]
pub struct Finished {
    /// Cars of the register.
    pub cars: usize,
    /// Records taken from the statement, of which fuel.
    pub records: usize,
    /// Fills among them.
    pub fills: usize,
    /// Rows not taken.
    pub rejects: u64,
    /// How many anomalies, by rule.
    pub by_rule: Vec<(Rule, usize)>,
    /// How many, by severity: low, medium, high.
    pub by_severity: [usize; 3],
    /// Fills that at least one rule speaks of.
    pub fills_flagged: usize,
    /// Of them, those of which only the record is doubted.
    pub records_flagged: usize,
    /// What the readers decided and left out, a sentence each.
    pub remarks: Vec<String>,
    /// The files written.
    pub files: Vec<PathBuf>,
}

impl Finished {
    /// Whether someone has to do something: an anomaly, or a row that was not taken.
    #[must_use]
    pub fn needs_attention(&self) -> bool {
        self.rejects > 0 || self.fills_flagged > 0
    }

    /// The exit code: 1 when something needs attention, otherwise 0.
    #[must_use]
    pub fn exit_code(&self) -> u8 {
        u8::from(self.needs_attention())
    }
}

/// Checks the files and tells the outcome to `screen`. `now` is until when records can be.
///
/// # Errors
/// When a file cannot be read as what it should be, or the folder cannot be written; nothing is then left behind.
pub fn run(args: &Args, now: Timestamp, screen: &mut dyn Write) -> Result<Finished, FuelCheckError> {
    let map = ColumnMap::parse(&args.map)?;
    map.check(&[VEHICLES, FILLS, TRIPS, ODOMETER])?;
    let taken = intake::read(args, &map)?;
    let mut outcome = check(&taken.input(now), &Limits::default());
    if let Some(most) = args.top {
        keep_top(&mut outcome, &taken, most);
    }
    let files = write(args, now, &taken, &outcome)?;
    let finished = facts(&taken, &outcome, files);
    match show::show(&finished, args.json, screen) {
        // A reader that went away (`| head`) is not an error: the files are written.
        Err(error) if error.kind() == io::ErrorKind::BrokenPipe => {}
        shown => shown?,
    }
    Ok(finished)
}

/// Leaves of each car and quarter the fills that weigh most; records to put right are all left, they are no suspicions.
fn keep_top(outcome: &mut Outcome, taken: &Taken, most: usize) {
    use chrono::Datelike as _;
    let mut count: HashMap<(Option<u32>, i32, u32), usize> = HashMap::new();
    let mut kept = HashSet::new();
    for alert in alerts(&outcome.anomalies) {
        if alert.is_gate() {
            kept.insert(alert.fill);
            continue;
        }
        let day = taken.fills[alert.fill as usize].at.day();
        let place = count.entry((alert.car, day.year(), day.month0() / 3)).or_default();
        *place += 1;
        if *place <= most {
            kept.insert(alert.fill);
        }
    }
    outcome.anomalies.retain(|anomaly| kept.contains(&anomaly.fill));
}

fn facts(taken: &Taken, outcome: &Outcome, files: Vec<PathBuf>) -> Finished {
    let count = |rule: Rule| outcome.anomalies.iter().filter(|one| one.rule == rule).count();
    let by_rule = Rule::ALL.iter().map(|rule| (*rule, count(*rule))).filter(|(_, count)| *count > 0).collect();
    let of = |severity| outcome.anomalies.iter().filter(|one| one.severity() == severity).count();
    Finished {
        cars: taken.cars.len(),
        records: taken.fills.len(),
        fills: outcome.accounts.iter().map(|account| account.fills as usize).sum(),
        rejects: taken.rejects.len() as u64,
        by_rule,
        by_severity: [Severity::Low, Severity::Medium, Severity::High].map(of),
        fills_flagged: outcome.anomalies.iter().map(|one| one.fill).collect::<HashSet<_>>().len(),
        records_flagged: alerts(&outcome.anomalies).iter().filter(|alert| alert.is_gate()).count(),
        remarks: taken.remarks.clone(),
        files,
    }
}

/// Writes all files, then puts them in place.
fn write(args: &Args, now: Timestamp, taken: &Taken, outcome: &Outcome) -> Result<Vec<PathBuf>, FuelCheckError> {
    let out = args.out.as_path();
    fs::create_dir_all(out).map_err(|error| DocumentError::write(out, error))?;
    let names = ["anomalies.csv", "vehicles.csv", "report.xlsx", "rejects.csv"];
    let [anomalies, vehicles, report, rejects] = names.map(|name| out.join(name));
    let mut rejects_file = RejectsFile::create(&rejects)?;
    taken.rejects.iter().for_each(|reject| rejects_file.reject(reject.clone()));
    let anomalies_file = output::anomalies(&anomalies, taken, outcome)?;
    let vehicles_file = output::vehicles(&vehicles, taken, outcome)?;
    let report_file = if args.csv_only { None } else { Some(report::write(&report, now, taken, outcome)?) };
    anomalies_file.commit()?;
    vehicles_file.commit()?;
    rejects_file.finish()?;
    let mut files = vec![anomalies, vehicles, rejects];
    if let Some(file) = report_file {
        file.commit()?;
        files.push(report);
    }
    Ok(files)
}
