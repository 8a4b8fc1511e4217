//! The writing side of labels from outside: every output is read back by a reader that is not ours.

mod files;
mod pdf;
mod pictures;
mod printers;
mod qr;
mod sample;
