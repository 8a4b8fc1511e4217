//! Units, people and places: who keeps what, and where.
//!
//! A sub-bureau has dozens of units, hundreds of people and places: the [`Directory`] reads them whole and answers
//! by id, code or name, so that importers and reports need no query a row.

pub mod directory;
pub mod entity;
pub mod service;

pub use directory::Directory;
