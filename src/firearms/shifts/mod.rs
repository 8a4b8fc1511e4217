//! The handover of a shift (值班交接) and who went into a store (人员进出库登记).
//!
//! ```text
//! counting ─count→ agreed ─(4 signed) close→ closed
//!     ↑  └─count→ differing ─(reason, 4 signed) close→ closed, every difference a finding
//!     └── count again          counting, agreed, differing ─ cancel → cancelled
//! ```
//!
//! - Two go, two come, four people, each present by their own proof (值班交接登记本: 交班人1/2、接班人1/2).
//! - The count is blind: whoever counts reads guns and lots off the shelf and is shown no list; the book is held against
//!   it in the transaction of the count. Counting again keeps the count before and takes what was signed away.
//! - Of every lot: opening + in − out = book, by its entries since the last handover; what was counted is held against it.
//! - A difference blocks the handover until both sides sign for it, with what is known of it, and it is a finding.
//!
//! [`model`] states, the comparison · [`service`] open, count, sign, close · [`visits`] the register · [`store`] lists

pub mod entity;
pub mod model;
pub mod service;
pub mod store;
pub mod visits;
