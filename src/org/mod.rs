//! Units, people and places: who keeps what, and where.
//!
//! A sub-bureau has dozens of units, hundreds of people and places: the [`Directory`] reads them whole and answers
//! by id, code or name, so that importers and reports need no query a row.

//!
//! [`units`], [`people`] and [`places`] are the doors to one row at a time; [`service`] writes many at once, for
//! imports. Closing a unit or a place that must be empty of things is decided where things are known: in `items`.

pub mod directory;
pub mod entity;
pub mod error;
pub mod people;
pub mod places;
pub mod service;
pub mod units;

pub use directory::Directory;
pub use error::OrgError;
