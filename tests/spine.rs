//! The spine holds: the book of any past day, the rules of the schema, writers who meet, a program that is killed,
//! labels from the printer to the photo.
#![expect(clippy::unwrap_used, reason = "a test stops where it fails")]

#[path = "spine/book.rs"]
mod book;
#[path = "spine/guards.rs"]
mod guards;
#[path = "spine/killed.rs"]
mod killed;
#[path = "spine/labels.rs"]
mod labels;
#[path = "spine/round_trip.rs"]
mod round_trip;
mod support;
#[path = "spine/writers.rs"]
mod writers;
