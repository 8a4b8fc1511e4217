//! Jobs: work that waits its time, is tried again when it fails, and is done once however many instances run.
//!
//! ```text
//! waiting → running → done              every_ms: back to waiting
//!    ↑         │ ↘ failed               after its last try
//!    └─────────┘ failed, tried again; or its lease ran out
//! ```
//!
//! A job is claimed in a write, by a lease; every claim raises its `fence`. A worker that was overtaken (its lease ran
//! out and another took the job) is refused at its end, and earlier still when it asks [`Claimed::hold`] in the
//! transaction of its deed. What a job does outside the database must bear being done twice.
//!
//! Times are kept as a delay from `queued_at`: when the clock is put back, delays and leases are counted anew from the
//! clock as it then stands, so that nothing waits for a day that was never meant and nothing is run beside a worker
//! that still holds it.
//!
//! - [`queue`] — enqueue, claim, finish, list
//! - [`runner`] — carries out what is due
//! - [`entity`] — the table

pub mod entity;
pub mod queue;
pub mod runner;

pub use entity::JobState;
pub use queue::{Claimed, Enqueued, NewJob, enqueue, ensure_recurring};
pub use runner::{Ending, Handlers, JobError, Runner};
