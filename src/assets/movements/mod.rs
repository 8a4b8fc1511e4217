//! Movements of fixed assets (资产变动): every change of who has a thing, and where, is a document with lines.
//!
//! ```text
//! asked ─(chain: yes)→ approved ─(transfer: the other unit accepts)→ accepted → done
//!   │ ├─(chain: no)→ refused            └─(it does not)→ declined
//!   └─ any open state, by whoever asked → withdrawn
//! return, relocate, handover, repair, idle, correct, intake: done at once
//! ```
//!
//! - Issue, transfer, loan and scrapping need the unit head; nobody moves, lends or sells a thing on their own (REPORT
//!   25). The chains are data of [`crate::approvals`]; the document reads there what was said, whenever it is touched.
//! - One open document a thing, by a constraint. What is missing, gone, or held by another document does not move.
//! - What takes a thing out of its unit's hands (transfer, loan, repair, scrapping, disposal) is refused while an
//!   unconfirmed stocktake sheet expects it; what stays in the unit is allowed, noted on the line, and told by the count
//!   itself as moved while it went on.
//! - A disposal has the minutes of the collective decision and the number of the approval; a sale an appraisal, and its
//!   proceeds a receipt of non-tax revenue (行政事业性国有资产管理条例 第19、25、36条). Scrapping before the end of the useful
//!   life says why.
//! - A thing moves whole; a document has at most 2,000 lines, all of one unit; all of them move or none.
//!
//! [`model`] kinds, states, steps · [`service`] asking · [`steps`] accept, carry out, take back · [`intake`] a batch
//! enters · [`handing`] all that somebody has, signed by two · [`correction`] the card was wrong · [`keeping`] "it is with
//! me" · [`numbers`] without gaps · [`paper`] printed forms · [`life`] scrapped before its time? ·
//! [`store`] lists within reach

pub(crate) mod carrying;
pub mod correction;
pub mod entity;
pub(crate) mod ground;
pub mod handing;
pub mod intake;
pub mod keeping;
pub mod life;
pub mod model;
pub mod numbers;
pub mod paper;
pub mod service;
pub mod steps;
pub mod store;

pub use ground::MOST;
