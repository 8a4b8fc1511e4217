//! Fuel in the book: what the oil company lists, what the drivers wrote down, what the check makes of both.
//!
//! ```text
//! statement   open ──(all rows told apart, totals agree, or why not)──→ closed
//! record      not_on_ours | matched | amount_differs | quantity_differs | twice        (no_fuel: loads, refunds)
//! slip        unpaired → matched | amount_differs | quantity_differs | not_on_theirs (its month closed without it)
//! anomaly     record × rule, once; one finding a fill, closed with explanation and video, or why there is none
//! ```
//!
//! - The filling station's list is compared each month with what was written down; odd fills are traced with the
//!   station's video (REPORT 50; rule 13 of DOMAIN 6).
//! - A file comes in once; a record that an earlier statement has already is `twice` and counts nowhere.
//! - A card's balance follows from its records, loads included; where it does not, a record is missing.
//! - A drum or a jerrycan is filled only with an approval of its own ([`drums`]), whose number stands on the slip.
//!
//! - [`model`] words · [`pairing`] slips against records, pure · [`statements`] come in, are paired, are closed
//! - [`slips`] what drivers wrote down · [`gather`] the book as the check wants it · [`watch`] the check, its findings
//! - [`limits`] the numbers that decide, dated · [`account`] all cars by month · [`car_account`] one car's years
//! - [`letter`] to the station
//! - [`store`] lists within reach

pub mod account;
pub mod car_account;
pub mod drums;
pub mod entity;
pub mod gather;
pub mod letter;
pub mod limits;
pub mod model;
pub mod pairing;
pub mod slips;
pub mod statements;
pub mod store;
pub mod watch;
