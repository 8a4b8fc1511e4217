//! The spine holds: the book of any past day, the rules of the schema, writers who meet, labels.

mod support;
#[path = "spine/writers.rs"]
mod writers;
