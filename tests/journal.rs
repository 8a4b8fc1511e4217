//! The journal holds: whatever the program does fits it; whatever is done behind its back does not, and is named.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "journal/arms.rs"]
mod arms;
#[path = "journal/cards.rs"]
mod cards;
#[path = "journal/cars.rs"]
mod cars;
#[path = "journal/certificates.rs"]
mod certificates;
#[path = "journal/duties.rs"]
mod duties;
#[path = "journal/forgery.rs"]
mod forgery;
#[path = "journal/founding.rs"]
mod founding;
#[path = "journal/losses.rs"]
mod losses;
#[path = "journal/reports.rs"]
mod reports;
#[path = "journal/rows.rs"]
mod rows;
#[path = "journal/sealing.rs"]
mod sealing;
mod support;
#[path = "support/web.rs"]
mod visitors;
#[path = "journal/watch.rs"]
mod watch;
#[path = "journal/web.rs"]
mod web;
#[path = "journal/year.rs"]
mod year;

use support::Office;
