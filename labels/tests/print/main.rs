//! The writing side of labels from outside: every output is read back by a reader that is not ours.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod files;
mod pdf;
mod pdf_reader;
mod pictures;
mod printers;
mod qr;
mod sample;
