//! The tables of this room.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

pub mod person;
pub mod place;
pub mod setting;
pub mod unit;
