//! A million booked against a million counted: `cargo bench --bench reconcile`. With `-- --quick` a tenth of it.
//!
//! Prints medians of a few runs: the core in memory (joining numbers and verdicts apart), reading and parsing both
//! files and nothing else, the whole run from file to file, their ratio, and the most memory the process ever held.

#![expect(clippy::print_stdout, reason = "a benchmark tells its figures")]

use std::fmt::Write as _;
use std::fs;
use std::hint::black_box;
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
    let rows = if std::env::args().any(|argument| argument == "--quick") { 100_000 } else { 1_000_000 };
    let folder = tempfile::tempdir().expect("a folder for the files");
    let (book, count) = (folder.path().join("book.csv"), folder.path().join("count.csv"));
    let made = Made::new(rows);
    fs::write(&book, &made.book).expect("the book is written");
    fs::write(&count, &made.count).expect("the count is written");
    let megabytes = (made.book.len() + made.count.len()) / 1_000_000;
    println!("{rows} booked, {} counted, {megabytes} MB of CSV", made.counted);
    drop(made);

    let args =
        Args { book: book.clone(), count: count.clone(), out: folder.path().join("out"), map: vec![], json: false };
    let whole = median(|| {
        black_box(run(&args, Timestamp(0), &mut Vec::new()).expect("reconciled"));
    });
    // Before the other measurements put their own data into memory.
    let peak = peak_memory();
    let parse = median(|| parse_both(&book, &count));
    let (join, verdicts) = core_in_memory(rows);

    println!("core in memory: join {join:?}, verdicts {verdicts:?}, together {:?}", join + verdicts);
    println!("reading and parsing both files: {parse:?}");
    println!("whole run, file to file: {whole:?}");
    println!("ratio: {:.2}", whole.as_secs_f64() / parse.as_secs_f64());
    println!("peak memory of the whole run: {peak}");
}

fn median(mut work: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS)
        .map(|_| {
            let begun = Instant::now();
            work();
            begun.elapsed()
        })
        .collect();
    times.sort();
    times[RUNS / 2]
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
        2..5 => (Some(random.random_range(0..50_000)), 1),
        5 => (Some(place), 2),
        _ => (Some(place), 1),
    };
    Thing { place, seen_at, times }
}

struct Made {
    book: String,
    count: String,
    counted: usize,
}

impl Made {
    fn new(rows: usize) -> Self {
        let mut random = ChaCha8Rng::seed_from_u64(2026);
        let mut book =
            String::from("item_number,name,unit,place,keeper,quantity,state,serial_number,value,excused_by\n");
        let mut scans = Vec::with_capacity(rows);
        for index in 0..rows {
            let thing = thing(&mut random, index);
            let (unit, keeper) = (thing.place / 400, index / 10);
            let serial: u64 = random.random_range(0..10_000_000_000);
            let _ = writeln!(
                book,
                "ZC-{index:08},便携式计算机,第{unit:03}派出所,{unit:03}栋{:05}室,民警{keeper:06},1,在用,SN{serial:010},5600.00,",
                thing.place
            );
            for _ in 0..thing.times {
                let seen_at = thing.seen_at.unwrap_or(thing.place);
                scans.push(format!("ZC-{index:08},{:03}栋{seen_at:05}室,民警{keeper:06},1,完好", seen_at / 400));
            }
        }
        for index in 0..rows / 100 {
            let place = random.random_range(0..50_000);
            scans.push(format!("WJ-{index:06},{:03}栋{place:05}室,,1,完好", place / 400));
        }
        // Rooms are not counted in the order of the book.
        for index in (1..scans.len()).rev() {
            scans.swap(index, random.random_range(0..=index));
        }
        let mut count =
            String::from("item_number,place,keeper,quantity,condition,counted_at,counter,serial_number,name,note\n");
        for (index, scan) in scans.iter().enumerate() {
            let serial: u64 = random.random_range(0..10_000_000_000);
            let (hour, minute) = (8 + index / 60 % 10, index % 60);
            let _ = writeln!(count, "{scan},2026-11-20 {hour:02}:{minute:02},盘点员{:02},SN{serial:010},,", index % 40);
        }
        Self { book, count, counted: scans.len() }
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
    for index in (1..counted.len()).rev() {
        counted.swap(index, random.random_range(0..=index));
    }
    let mut scans = Vec::new();
    let join = median(|| {
        scans = joined(&numbers, &counted);
    });
    let verdicts = median(|| {
        let input = Input { items: &items, scans: &scans, movements: &[] };
        black_box(reconcile(&input).expect("reconciled"));
    });
    (join, verdicts)
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
