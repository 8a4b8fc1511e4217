//! A million fills of five thousand cars: `cargo bench --bench fuel`. With `-- --quick` a tenth of it.
//!
//! Prints medians of a few runs: reading and parsing the statement and nothing else, the check alone in memory, the
//! whole run from file to file (`--csv-only`), its ratio to reading and parsing, the most memory the process held, and
//! one run that writes report.xlsx as well.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use hufu::cli::fuel_check::{Args, run};
use hufu::documents::tables::Fills;
use hufu::documents::{ColumnMap, Limits, Reject, Table};
use hufu::kernel::Timestamp;
use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const RUNS: usize = 5;
/// The day after the last fill.
const NOW: Timestamp = Timestamp(1_798_732_800_000);

fn main() {
    let quick = std::env::args().any(|argument| argument == "--quick");
    let (cars, each) = if quick { (500, 200) } else { (5_000, 200) };
    let folder = tempfile::tempdir().expect("a folder for the files");
    let (vehicles, fills) = (folder.path().join("vehicles.csv"), folder.path().join("fills.csv"));
    write_files(cars, each, &vehicles, &fills).expect("the files are written");
    let bytes = fills.metadata().map_or(0, |meta| meta.len());
    println!("{} fills of {cars} cars, {} MB of CSV", cars * each, bytes / 1_000_000);
    let args = Args {
        vehicles,
        fills: fills.clone(),
        trips: None,
        odometer: None,
        out: folder.path().join("out"),
        map: Vec::new(),
        top: None,
        csv_only: true,
        json: false,
    };
    let checked = |args: &Args| black_box(run(args, NOW, &mut Vec::new()).expect("checked"));
    let first = checked(&args);
    println!("{} fills flagged, {} rows not taken", first.fills_flagged, first.rejects);
    // From here on, the most memory is the whole run's.
    let _ = fs::write("/proc/self/clear_refs", "5");
    checked(&args);
    let peak = peak_memory();
    // Side by side, so that whatever else the machine does weighs on both.
    let (mut whole, mut parse) = (Vec::new(), Vec::new());
    let (mut whole_cpu, mut parse_cpu) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = cpu_time();
        whole.push(time(|| drop(checked(&args))));
        let halfway = cpu_time();
        parse.push(time(|| parse_only(&fills)));
        whole_cpu.push(halfway.saturating_sub(begun));
        parse_cpu.push(cpu_time().saturating_sub(halfway));
    }
    let (whole, parse) = (median(whole), median(parse));
    let (whole_cpu, parse_cpu) = (median(whole_cpu), median(parse_cpu));
    let with_report = time(|| drop(checked(&Args { csv_only: false, ..args.clone() })));
    println!("reading and parsing the statement: {parse:?} ({parse_cpu:?} of processor)");
    println!("whole run, file to file: {whole:?} ({whole_cpu:?} of processor), peak {peak}");
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!("ratio: {:.2} ({:.2} of processor)", ratio(whole, parse), ratio(whole_cpu, parse_cpu));
    println!("with report.xlsx: {with_report:?}");
}

fn whole(km: f64) -> i64 {
    #[expect(clippy::cast_possible_truncation, reason = "an odometer")]
    let whole = km.floor() as i64;
    whole
}

fn time(work: impl FnOnce()) -> Duration {
    let begun = Instant::now();
    work();
    begun.elapsed()
}

/// What this process has used of the processors: on a machine that others share, steadier than the clock.
fn cpu_time() -> Duration {
    let stat = fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let ticks = stat.rsplit(") ").next().unwrap_or_default().split(' ').skip(11).take(2);
    Duration::from_millis(ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum::<u64>() * 10)
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

fn peak_memory() -> String {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.map_or_else(|| "unknown".to_owned(), |kilobytes| kilobytes.trim().to_owned())
}

/// A year of a province: statements are sorted by time, as the oil company exports them.
fn write_files(cars: usize, each: usize, vehicles: &Path, fills: &Path) -> std::io::Result<()> {
    let mut random = ChaCha8Rng::seed_from_u64(2026);
    let mut register = BufWriter::new(File::create(vehicles)?);
    writeln!(register, "plate,tank_l,fuel_grade,rated_l_per_100km,card_number,unit,state")?;
    for car in 0..cars {
        writeln!(register, "粤T{car:05}警,60,92号汽油,9.0,100011{car:010},第{:03}派出所,在用", car / 20)?;
    }
    register.flush()?;
    let mut rows: Vec<(i64, usize, f64, i64)> = Vec::with_capacity(cars * each);
    for car in 0..cars {
        let mut km: f64 = random.random_range(5_000.0..150_000.0);
        let mut at = random.random_range(0..86_400i64);
        for _ in 0..each {
            let run: f64 = random.random_range(250.0..480.0);
            let thirst: f64 = 9.0 * random.random_range(0.93..1.07);
            km += run;
            at += 31_000_000 / i64::try_from(each).unwrap_or(1) + random.random_range(-20_000..20_000);
            rows.push((at, car, run * thirst / 100.0, whole(km)));
        }
    }
    rows.sort_unstable_by_key(|row| (row.0, row.1));
    let mut out = BufWriter::new(File::create(fills)?);
    writeln!(
        out,
        "fill_id,card_number,plate,filled_at,kind,grade,litres,unit_price,amount,balance,station,odometer_km,full_tank,note"
    )?;
    for (index, (at, car, litres, km)) in rows.into_iter().enumerate() {
        let when = Timestamp(1_767_196_800_000 + at * 1_000);
        let price = 7.5 + (at / 1_209_600 % 7) as f64 * 0.05;
        let litres = (litres * 100.0).round() / 100.0;
        writeln!(
            out,
            "{index:09},100011{car:010},粤T{car:05}警,{when},加油,92号车用汽油,{litres:.2},{price:.2},{:.2},,中国石化第{:03}加油站,{km},是,",
            (litres * price * 100.0).round() / 100.0,
            car % 300
        )?;
    }
    out.flush()
}

/// Reads every cell that the check reads, and keeps nothing.
fn parse_only(fills: &Path) {
    let mut rejects: Vec<Reject> = Vec::new();
    let table = Table::open(fills, &Limits::default()).expect("opened");
    let mut records = table.records::<Fills>(&ColumnMap::default()).expect("a header");
    while let Some(row) = records.next_row(&mut rejects).expect("read") {
        for field in [Fills::Kind, Fills::Grade, Fills::Station, Fills::Note] {
            black_box(row.text(field));
        }
        let _ =
            black_box((row.identifier(Fills::FillId), row.identifier(Fills::CardNumber), row.identifier(Fills::Plate)));
        let _ =
            black_box((row.datetime(Fills::FilledAt), row.decimal(Fills::Litres, 6), row.decimal(Fills::UnitPrice, 6)));
        let _ = black_box((row.money(Fills::Amount), row.money(Fills::Balance), row.yes_no(Fills::FullTank)));
        let _ = black_box(row.decimal(Fills::OdometerKm, 6));
    }
}
