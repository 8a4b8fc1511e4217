//! How far the reading of a file has come, and its first rows to look at.

use std::sync::atomic::{AtomicUsize, Ordering};

use crate::documents::Location;

/// How many of the first rows are kept to be looked at.
pub(super) const FIRST: usize = 200;

/// Rows read so far, told from the thread that reads to whoever looks.
#[derive(Debug, Default)]
pub struct Progress(AtomicUsize);

impl Progress {
    pub(super) fn row(&self) {
        self.0.fetch_add(1, Ordering::Relaxed);
    }

    /// Rows read so far.
    #[must_use]
    pub fn rows(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

/// One of the first rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct First {
    /// Where it stands.
    pub at: Location,
    /// Its cells, by the fields of its table.
    pub cells: Vec<String>,
}
