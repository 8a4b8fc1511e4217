//! Approvals (审批): who must say yes, in what order, before something may be done; or after, where it could not wait.
//!
//! ```text
//! waiting(step) → waiting(step + 1) … → approved        any step: → refused        the requester: → withdrawn
//!      ↓ used first
//!    used(step) → used(step + 1) … → ratified            any step: → not_ratified, which opens a finding
//! ```
//!
//! A chain is data: by kind and amount the ordered steps, each a role at a level, with the day it holds from and its
//! source; a request keeps the steps it was made under. Who decides a step is whoever holds its role at its level;
//! where nobody does, or only those who may not, the next higher role or unit decides, and the decision says so.
//! Nobody decides their own request, nobody decides two steps of one, in their own name or another's. A delegation
//! has dates and goes one hand far.
//!
//! - [`model`] — states, steps, levels
//! - [`holders`] — who may decide a step: the walk up the tree
//! - [`granted`] — who holds which role, by the grants
//! - [`chains`] — what is asked for, by kind, amount and day
//! - [`service`] — request, decide, withdraw, use first
//! - [`delegation`] — somebody else decides for a time
//! - [`possible`] — what somebody could do now, and why not the rest
//! - [`store`] — lists within reach
//! - [`unratified`] — the job that flags what was used and never ratified

pub mod chains;
pub mod delegation;
pub mod entity;
pub mod error;
pub mod granted;
pub mod holders;
pub mod model;
pub mod possible;
pub mod service;
pub mod store;
pub mod unratified;

pub use error::ApprovalError;
pub use granted::Granted;
pub use holders::{Holders, Posts};
