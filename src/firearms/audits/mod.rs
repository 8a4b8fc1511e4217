//! Audits of an armoury by sample, both ways: what the book has is looked for on the shelf (账→物), what lies at a place is
//! looked for in the book (物→账).
//!
//! ```text
//! committed ─draw→ drawn ─(every line answered) close→ closed, every difference a finding
//! committed, drawn ─ cancel → cancelled
//! ```
//!
//! - How many: the finite-population formula of [`crate::kernel::sampling`], over the guns or lots of the book, and over the
//!   slots of the cabinets. Which: by a seed of the program's, whose hash is in the journal before anything is drawn; the seed
//!   is shown with the sample and the population, so that everybody can draw it again ([`service::verify`]).
//! - Whoever keeps an armoury does not count it (counter ≠ keeper), and each line is answered by the counter alone.
//! - What was drawn by an officer meanwhile is not missing; the book is asked at the moment of the answer.
//!
//! [`model`] states, what a line may come to · [`service`] commit, draw, close · [`answers`] line by line · [`store`] lists

pub mod answers;
pub mod entity;
pub mod model;
pub mod service;
pub mod store;
