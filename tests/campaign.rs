//! Stocktakes in a database: whatever is done in whatever order, the verdicts are those of the rules; nobody
//! confirms their own count; what is closed stays as it was.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "campaign/closing.rs"]
mod closing;
#[path = "campaign/confirming.rs"]
mod confirming;
#[path = "campaign/desk.rs"]
mod desk;
#[path = "campaign/model.rs"]
mod model;
#[path = "campaign/random.rs"]
mod random;
mod support;
