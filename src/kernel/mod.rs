//! The ground floor: what every room stands on and nothing here knows a room above.
//!
//! - [`clock`] — who knows what time it is; tests own it
//! - [`config`] — settings of the machine
//! - [`ctx`] — who acts, with which clock and which randomness
//! - [`hash`] — SHA-256 or SM3, whichever the office chose
//! - [`ids`] — a newtype for every kind of row
//! - [`money`] — fen, never a float
//! - `naming` — sets of words: name in the database, name people read
//! - [`quantity`] — pieces, rounds, never a float
//! - [`time`] — an instant in UTC, shown in Asia/Shanghai
//! - [`text`] — full-width to half-width, blanks, comparison keys
//! - [`sampling`] — how many to look at, and which, so that everybody can draw again
//! - [`random`] — the one door to randomness
//! - [`rights`] — what whoever acts may do, and to whose things

pub mod clock;
pub mod config;
pub mod ctx;
pub mod hash;
pub mod ids;
pub mod money;
pub(crate) mod naming;
pub mod quantity;
pub mod random;
pub mod rights;
pub mod sampling;
pub mod text;
pub mod time;

pub use clock::Clock;
pub use ctx::{Actor, Ctx};
pub use money::Fen;
pub use quantity::Quantity;
pub use time::Timestamp;
