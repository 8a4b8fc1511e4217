//! The weekly bulletin on the safety of firearms (公务用枪安全管理周通报; REPORT 16, cadence 5 of DOMAIN 7).
//!
//! ```text
//! draft ─(remark, counted anew) issue→ issued
//! ```
//!
//! - A week from Monday to Sunday, one bulletin; a job drafts it once the week is over, from what the ledger holds of it:
//!   nobody types a figure.
//! - While it is a draft its remark may be changed and its figures counted anew; once issued it stands.
//!
//! [`facts`] the week by unit · [`service`] draft, remark, issue · [`paper`] the printed bulletin · [`store`] lists

pub mod entity;
pub mod facts;
pub mod paper;
pub mod service;
pub mod store;
