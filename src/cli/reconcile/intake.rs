//! Reads the two files, each on a thread of its own, only the columns that are needed.
//!
//! A row that cannot be understood is not taken: it goes to `rejects.csv`, and its number is remembered, so that what
//! follows from its absence (a false surplus, a false shortage) says so.

use std::fs::File;
use std::io::{self, IsTerminal as _, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::time::{Duration, Instant};

use hashbrown::HashMap;
use indicatif::{ProgressBar, ProgressStyle};

use super::book::{BookRow, BookTable};
use super::columns::{NumberHasher, NumberKey};
use super::count::{CountRow, CountTable};
use crate::documents::tables::{Book, Count};
use crate::documents::{ColumnMap, DocumentError, Limits, Location, Notes, Reject, RejectSink as _, Row, Table};
use crate::items::model::ItemState;
use crate::kernel::text;

/// A file read.
#[derive(Debug)]
pub(super) struct Taken<T> {
    pub(super) table: T,
    pub(super) rejects: Vec<Reject>,
    /// Where a refused row stands, by its number's key.
    pub(super) refused: HashMap<String, String>,
    pub(super) notes: Notes,
}

impl<T: Default> Default for Taken<T> {
    fn default() -> Self {
        Self { table: T::default(), rejects: Vec::new(), refused: HashMap::new(), notes: Notes::default() }
    }
}

impl<T> Taken<T> {
    fn refuse(&mut self, number: &str, reject: Reject) {
        let key = text::key(number);
        if !key.is_empty() {
            self.refused.entry(key.into_owned()).or_insert_with(|| whereabouts(&reject.at));
        }
        self.rejects.reject(reject);
    }
}

/// `第 7 行`, with the sheet where there is one.
fn whereabouts(at: &Location) -> String {
    if at.sheet.is_empty() {
        format!("第 {} 行", at.row)
    } else {
        format!("工作表“{}”第 {} 行", at.sheet, at.row)
    }
}

/// Both files, read side by side.
pub(super) fn read_both(
    book: (&Path, &ColumnMap),
    count: (&Path, &ColumnMap),
    hasher: &NumberHasher,
) -> Result<(Taken<BookTable>, Taken<CountTable>), DocumentError> {
    let done_bytes = Arc::new(AtomicU64::new(0));
    let total = [book.0, count.0].iter().filter_map(|path| path.metadata().ok()).map(|meta| meta.len()).sum();
    let (finished, waiting) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let (bytes, signal) = (Arc::clone(&done_bytes), finished.clone());
        let book = scope.spawn(move || {
            let taken = read_book(book.0, book.1, hasher, bytes);
            drop(signal);
            taken
        });
        let bytes = Arc::clone(&done_bytes);
        let count = scope.spawn(move || {
            let taken = read_count(count.0, count.1, hasher, bytes);
            drop(finished);
            taken
        });
        show_progress(&waiting, &done_bytes, total);
        Ok((joined(book)?, joined(count)?))
    })
}

/// What a thread brought; a panic goes on here.
fn joined<T>(thread: std::thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic))
}

/// A bar on a terminal once reading has taken two seconds; returns when both readers are done.
fn show_progress(waiting: &mpsc::Receiver<()>, done_bytes: &AtomicU64, total: u64) {
    let begun = Instant::now();
    let mut bar: Option<ProgressBar> = None;
    while waiting.recv_timeout(Duration::from_millis(100)) == Err(RecvTimeoutError::Timeout) {
        if bar.is_none() && begun.elapsed() > Duration::from_secs(2) && io::stderr().is_terminal() {
            let style = ProgressStyle::with_template("读入 {bar:30} {bytes}/{total_bytes} 约剩 {eta}");
            bar = Some(ProgressBar::new(total).with_style(style.unwrap_or_else(|_| ProgressStyle::default_bar())));
        }
        if let Some(bar) = &bar {
            bar.set_position(done_bytes.load(Ordering::Relaxed));
        }
    }
    if let Some(bar) = bar {
        bar.finish_and_clear();
    }
}

/// A file that counts the bytes read from it.
struct Counting {
    file: File,
    bytes: Arc<AtomicU64>,
}

impl Read for Counting {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bytes.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}

fn open(path: &Path, bytes: Arc<AtomicU64>) -> Result<Table, DocumentError> {
    let shown = path.to_string_lossy();
    let fail = |error| DocumentError::read(&shown, error);
    let file = File::open(path).map_err(fail)?;
    if file.metadata().map_err(fail)?.is_dir() {
        return Err(fail(io::ErrorKind::IsADirectory.into()));
    }
    let name = path.file_name().map_or_else(|| shown.clone(), |name| name.to_string_lossy());
    Table::read(&name, Counting { file, bytes }, &Limits::default())
}

fn read_book(
    path: &Path,
    map: &ColumnMap,
    hasher: &NumberHasher,
    bytes: Arc<AtomicU64>,
) -> Result<Taken<BookTable>, DocumentError> {
    let mut records = open(path, bytes)?.records::<Book>(map)?;
    let mut taken = Taken::<BookTable>::default();
    let mut states = States::default();
    while let Some(row) = records.next_row(&mut taken.rejects)? {
        match book_row(&row, hasher, &mut states) {
            Ok((key, read)) => {
                if let Err(first) = taken.table.push(key, &read, row.sheet(), row.number()) {
                    let first = taken.table.whereabouts(first);
                    let reason = format!("资产编号与{first}重复，账册中一个编号只能有一行");
                    // Not among the refused: the first row stands for the number.
                    taken.rejects.reject(row.reject(Book::ItemNumber, reason));
                }
            }
            Err(reject) => taken.refuse(row.text(Book::ItemNumber), reject),
        }
    }
    taken.notes = records.notes().clone();
    Ok(taken)
}

/// The state read last: most rows are in the state of the row above.
#[derive(Default)]
struct States(Option<(String, ItemState)>);

impl States {
    fn read(&mut self, row: &Row<'_, Book>) -> Result<ItemState, Reject> {
        let cell = row.text(Book::State);
        if let Some((last, state)) = &self.0
            && last == cell
        {
            return Ok(*state);
        }
        let state = row.state(Book::State)?.unwrap_or(ItemState::InUse);
        self.0 = Some((cell.to_owned(), state));
        Ok(state)
    }
}

fn book_row<'a>(
    row: &Row<'a, Book>,
    hasher: &NumberHasher,
    states: &mut States,
) -> Result<(NumberKey, BookRow<'a>), Reject> {
    let number = row.required_identifier(Book::ItemNumber)?;
    let key = hasher.key(number);
    if key.is_blank() {
        return Err(row.reject(Book::ItemNumber, "缺少资产编号"));
    }
    let read = BookRow {
        number,
        name: row.text(Book::Name),
        serial: row.text(Book::SerialNumber),
        unit: row.text(Book::Unit),
        place: row.text(Book::Place),
        keeper: row.text(Book::Keeper),
        quantity: row.quantity(Book::Quantity)?,
        state: states.read(row)?,
        value: row.money(Book::Value)?,
        excused: !text::key(row.text(Book::ExcusedBy)).is_empty(),
    };
    Ok((key, read))
}

fn read_count(
    path: &Path,
    map: &ColumnMap,
    hasher: &NumberHasher,
    bytes: Arc<AtomicU64>,
) -> Result<Taken<CountTable>, DocumentError> {
    let mut records = open(path, bytes)?.records::<Count>(map)?;
    let mut taken = Taken::<CountTable>::default();
    while let Some(row) = records.next_row(&mut taken.rejects)? {
        match count_row(&row) {
            Ok(read) => taken.table.push(&read, hasher),
            Err(reject) => taken.refuse(row.text(Count::ItemNumber), reject),
        }
    }
    taken.notes = records.notes().clone();
    Ok(taken)
}

/// A printed sheet lists what is expected: a row on which nobody wrote anything was not counted, although a quantity
/// left out means one.
fn left_blank(row: &Row<'_, Count>) -> bool {
    let of_the_count =
        [Count::Quantity, Count::Place, Count::Keeper, Count::Condition, Count::CountedAt, Count::Counter];
    row.has(Count::Quantity) && of_the_count.into_iter().all(|field| row.text(field).is_empty())
}

fn count_row<'a>(row: &Row<'a, Count>) -> Result<CountRow<'a>, Reject> {
    let number = row.identifier(Count::ItemNumber)?;
    let (name, serial) = (row.text(Count::Name), row.text(Count::SerialNumber));
    if [number, name, serial].iter().all(|cell| text::key(cell).is_empty()) {
        return Err(row.reject(Count::ItemNumber, "资产编号、序列号、资产名称都是空的，认不出是什么"));
    }
    if left_blank(row) {
        return Err(row.reject(Count::Quantity, "这一行的盘点各栏都是空的，按未盘处理，不算见到"));
    }
    Ok(CountRow {
        number,
        name,
        serial,
        place: row.text(Count::Place),
        keeper: row.text(Count::Keeper),
        quantity: row.quantity(Count::Quantity)?,
        condition: row.text(Count::Condition),
        counted_at: row.datetime(Count::CountedAt)?,
        counter: row.text(Count::Counter),
    })
}
