//! Reading the tables that offices really have, and writing CSV that they can open.
//!
//! A file's kind is told from its content. Rows come one at a time with their cells borrowed from the block read, so a
//! file of any size is read in bounded memory; bad rows go to a [`RejectSink`] with file, sheet, row, column, value and
//! reason, and do not stop the rest; a file that is bad as a whole is a [`DocumentError`].
//!
//! ```no_run
//! use hufu::documents::tables::Book;
//! use hufu::documents::{ColumnMap, DocumentError, Limits, RejectSink as _, RejectsFile, Table};
//!
//! # fn main() -> Result<(), DocumentError> {
//! let map = ColumnMap::parse(["unit=科室"])?;
//! let mut rejects = RejectsFile::create("out/rejects.csv".as_ref())?;
//! let mut records = Table::open("资产台账.xlsx".as_ref(), &Limits::default())?.records::<Book>(&map)?;
//! while let Some(row) = records.next_row(&mut rejects)? {
//!     let read = row.required_identifier(Book::ItemNumber).and_then(|number| Ok((number, row.quantity(Book::Quantity)?)));
//!     match read {
//!         Ok((number, quantity)) => println!("{number} {} × {quantity}", row.text(Book::Name)),
//!         Err(reject) => rejects.reject(reject),
//!     }
//! }
//! for line in records.notes().lines() {
//!     eprintln!("{line}");
//! }
//! rejects.finish()?;
//! # Ok(())
//! # }
//! ```
//!
//! - [`tables`] — the columns of every table we read; [`schema`] — how they are described
//! - [`Table`], [`Records`], [`Row`] — a file, its rows, a row's cells
//! - [`ColumnMap`] — what `--map` says
//! - [`cells`] — days, times, decimals as people type them
//! - [`csv_out`] — writing CSV, whole or not at all

mod aside;
mod biff;
pub mod cells;
mod charset;
mod columns;
pub mod csv_out;
mod delimited;
mod error;
mod grid;
mod header;
mod html;
mod limits;
pub mod look;
mod ods;
mod packed;
mod records;
mod reject;
mod row;
mod scan;
pub mod schema;
mod sniff;
mod table;
pub mod tables;
mod workbook;

pub use columns::{ColumnMap, letters};
pub use csv_out::{AtomicFile, CsvOut};
pub use error::{DocumentError, io_reason};
pub use limits::Limits;
pub use records::Records;
pub use reject::{Location, Notes, REJECT_COLUMNS, Reject, RejectSink, RejectsFile, Skipped};
pub use row::Row;
pub use schema::{Fields, Schema};
pub use table::Table;
