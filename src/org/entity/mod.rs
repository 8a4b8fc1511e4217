//! The tables of this room.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]

pub mod person;
pub mod place;
pub mod unit;
