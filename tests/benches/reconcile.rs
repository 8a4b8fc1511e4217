//! A million booked against a million counted: `cargo bench --bench reconcile`. With `-- --quick` a tenth of it.
//!
//! Prints medians of a few runs: the core in memory (joining numbers and verdicts apart), reading and parsing both
//! files and nothing else, the whole run from file to file (`--csv-only`), their ratio, and the most memory the process
//! held; then one run that writes report.xlsx as well. With `-- --shuffled` the rows of the count stand in no order.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::fs::{self, File};
use std::hint::black_box;
use std::io::{BufWriter, Write as _};
use std::path::Path;
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use hufu::cli::reconcile::{Args, run};
use hufu::documents::tables::{Book, Count};
use hufu::documents::{ColumnMap, Limits, Reject, Table};
use hufu::items::model::ItemState;
use hufu::kernel::{Quantity, Timestamp};
use hufu::stocktake::reconcile::{
    Book as BookFacts, Input, Item, ItemNo, Numbered as _, PlaceNo, Scan, Target, ThingNo, reconcile,
};
use hufu::stocktake::verdict::Flags;

use rand::{RngExt as _, SeedableRng as _};
use rand_chacha::ChaCha8Rng;

const RUNS: usize = 5;

fn main() {
    let has = |wanted: &str| std::env::args().any(|argument| argument == wanted);
    let rows = if has("--quick") { 100_000 } else { 1_000_000 };
    let folder = tempfile::tempdir().expect("a folder for the files");
    let (book, count) = (folder.path().join("book.csv"), folder.path().join("count.csv"));
    let counted = write_files(rows, has("--shuffled"), &book, &count).expect("the files are written");
    let bytes: u64 = [&book, &count].iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum();
    println!("{rows} booked, {counted} counted, {} MB of CSV", bytes / 1_000_000);

    let out = folder.path().join("out");
    let args = Args { book: book.clone(), count: count.clone(), out, map: vec![], csv_only: true, json: false };
    let reconciled = |args: &Args| {
        black_box(run(args, Timestamp(0), &mut Vec::new()).expect("reconciled"));
    };
    // From here on, the most memory is the whole run's.
    let _ = fs::write("/proc/self/clear_refs", "5");
    reconciled(&args);
    let peak = peak_memory();
    // Side by side, so that whatever else the machine does weighs on both.
    let (mut whole, mut parse) = (Vec::new(), Vec::new());
    let (mut whole_cpu, mut parse_cpu) = (Vec::new(), Vec::new());
    for _ in 0..RUNS {
        let begun = cpu_time();
        whole.push(time(|| reconciled(&args)));
        let halfway = cpu_time();
        parse.push(time(|| parse_both(&book, &count)));
        whole_cpu.push(halfway.saturating_sub(begun));
        parse_cpu.push(cpu_time().saturating_sub(halfway));
    }
    let (whole, parse) = (median(whole), median(parse));
    let (whole_cpu, parse_cpu) = (median(whole_cpu), median(parse_cpu));
    let with_report = time(|| reconciled(&Args { csv_only: false, ..args.clone() }));
    let peak_with_report = peak_memory();
    let (join, verdicts) = core_in_memory(rows);

    println!("core in memory: join {join:?}, verdicts {verdicts:?}, together {:?}", join + verdicts);
    let ratio = |a: Duration, b: Duration| a.as_secs_f64() / b.as_secs_f64();
    println!("reading and parsing both files: {parse:?} ({parse_cpu:?} of processor)");
    println!("whole run, file to file: {whole:?} ({whole_cpu:?} of processor), peak {peak}");
    println!("ratio: {:.2} ({:.2} of processor)", ratio(whole, parse), ratio(whole_cpu, parse_cpu));
    println!("with report.xlsx: {with_report:?}, peak {peak_with_report}");
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

/// What a book row and a count row say of a thing.
struct Thing {
    place: usize,
    seen_at: Option<usize>,
    times: usize,
}

/// 2 % missing, 3 % misplaced, 1 % seen twice.
fn thing(random: &mut ChaCha8Rng, index: usize) -> Thing {
    let place = index / 20;
    let (seen_at, times) = match random.random_range(0..100) {
        0..2 => (None, 0),
        2..5 => (Some(random.random_range(0..index / 20 + 1)), 1),
        5 => (Some(place), 2),
        _ => (Some(place), 1),
    };
    Thing { place, seen_at, times }
}

/// Writes a book in the order of its rooms and a count; gives the rows of the count. Counters walk room by room, in no
/// order; `shuffled`, every row stands anywhere, which no count does and which is hardest on memory.
fn write_files(rows: usize, shuffled: bool, book: &Path, count: &Path) -> std::io::Result<usize> {
    let mut random = ChaCha8Rng::seed_from_u64(2026);
    let mut book = BufWriter::new(File::create(book)?);
    writeln!(book, "item_number,name,unit,place,keeper,quantity,state,serial_number,value,excused_by")?;
    // What was seen: its room, and its number; what the book does not have is numbered from `rows` on.
    let mut seen: Vec<(usize, usize)> = Vec::with_capacity(rows);
    for index in 0..rows {
        let thing = thing(&mut random, index);
        let (place, unit, keeper) = (thing.place, thing.place / 400, index / 10);
        let serial: u64 = random.random_range(0..10_000_000_000);
        writeln!(
            book,
            "ZC-{index:08},便携式计算机,第{unit:03}派出所,{unit:03}栋{place:05}室,民警{keeper:06},1,在用,SN{serial:010},{}.00,",
            5000 + index % 997
        )?;
        seen.extend(std::iter::repeat_n((thing.seen_at.unwrap_or(place), index), thing.times));
    }
    seen.extend((0..rows / 100).map(|index| (random.random_range(0..rows / 20), rows + index)));
    let mut rooms: Vec<usize> = (0..rows / 20).collect();
    shuffle(&mut rooms, &mut random);
    seen.sort_by_key(|(place, index)| (rooms.get(*place).copied(), *index));
    if shuffled {
        shuffle(&mut seen, &mut random);
    }
    let mut count = BufWriter::new(File::create(count)?);
    writeln!(count, "item_number,place,keeper,quantity,condition,counted_at,counter,serial_number,name,note")?;
    for (row, (place, index)) in seen.iter().enumerate() {
        let serial: u64 = random.random_range(0..10_000_000_000);
        let (unit, keeper, hour, minute) = (place / 400, index / 10, 8 + row / 60 % 10, row % 60);
        let number = if *index < rows { "ZC" } else { "WJ" };
        writeln!(
            count,
            "{number}-{index:08},{unit:03}栋{place:05}室,民警{keeper:06},1,完好,2026-11-20 {hour:02}:{minute:02},盘点员{:02},SN{serial:010},,",
            row / 500 % 40
        )?;
    }
    count.flush()?;
    book.flush()?;
    Ok(seen.len())
}

fn shuffle<T>(all: &mut [T], random: &mut ChaCha8Rng) {
    for index in (1..all.len()).rev() {
        all.swap(index, random.random_range(0..=index));
    }
}

/// Reads both files side by side, every cell that reconciliation reads, and keeps nothing.
fn parse_both(book: &Path, count: &Path) {
    std::thread::scope(|scope| {
        scope.spawn(|| {
            let mut rejects: Vec<Reject> = Vec::new();
            let table = Table::open(book, &Limits::default()).expect("opened");
            let mut records = table.records::<Book>(&ColumnMap::default()).expect("a header");
            while let Some(row) = records.next_row(&mut rejects).expect("read") {
                for field in [Book::Name, Book::Unit, Book::Place, Book::Keeper, Book::SerialNumber, Book::ExcusedBy] {
                    black_box(row.text(field));
                }
                let _ = black_box((row.required_identifier(Book::ItemNumber), row.quantity(Book::Quantity)));
                let _ = black_box((row.state(Book::State), row.money(Book::Value)));
            }
        });
        scope.spawn(|| {
            let mut rejects: Vec<Reject> = Vec::new();
            let table = Table::open(count, &Limits::default()).expect("opened");
            let mut records = table.records::<Count>(&ColumnMap::default()).expect("a header");
            while let Some(row) = records.next_row(&mut rejects).expect("read") {
                for field in
                    [Count::Name, Count::Place, Count::Keeper, Count::Condition, Count::Counter, Count::SerialNumber]
                {
                    black_box(row.text(field));
                }
                let _ = black_box((row.identifier(Count::ItemNumber), row.quantity(Count::Quantity)));
                let _ = black_box(row.datetime(Count::CountedAt));
            }
        });
    });
}

/// The join of a million numbers packed in 64 bits, and the verdicts.
fn core_in_memory(rows: usize) -> (Duration, Duration) {
    let mut random = ChaCha8Rng::seed_from_u64(2026);
    let (mut numbers, mut items, mut counted) = (Vec::new(), Vec::new(), Vec::new());
    for index in 0..rows {
        let thing = thing(&mut random, index);
        let place = Some(PlaceNo::from_index(thing.place));
        let book = BookFacts { place, keeper: None, quantity: Quantity::ONE, state: ItemState::InUse };
        numbers.push(random.random::<u64>());
        items.push(Item::expected(None, book));
        for _ in 0..thing.times {
            counted.push((numbers[index], thing.seen_at));
        }
    }
    counted.extend((0..rows / 100).map(|_| (random.random::<u64>(), Some(0))));
    shuffle(&mut counted, &mut random);
    let mut scans = Vec::new();
    let join = (0..RUNS).map(|_| time(|| scans = joined(&numbers, &counted))).collect();
    let input = Input { items: &items, scans: &scans, movements: &[] };
    let verdicts = (0..RUNS).map(|_| time(|| drop(black_box(reconcile(&input).expect("reconciled"))))).collect();
    (median(join), median(verdicts))
}

fn joined(numbers: &[u64], counted: &[(u64, Option<usize>)]) -> Vec<Scan> {
    let book: HashMap<u64, usize> = numbers.iter().enumerate().map(|(index, number)| (*number, index)).collect();
    let mut unknown = 0;
    let target = |number: &u64, unknown: &mut usize| match book.get(number) {
        Some(item) => Target::Book(ItemNo::from_index(*item)),
        None => {
            *unknown += 1;
            Target::Unknown(ThingNo::from_index(*unknown))
        }
    };
    counted
        .iter()
        .map(|(number, place)| Scan {
            target: target(number, &mut unknown),
            place: place.map(PlaceNo::from_index),
            keeper: None,
            quantity: Quantity::ONE,
            counter: None,
            at: Timestamp(0),
            flags: Flags::NONE,
            undone: false,
        })
        .collect()
}
