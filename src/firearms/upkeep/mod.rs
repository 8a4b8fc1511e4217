//! Upkeep of guns (擦拭保养), as a paper.
//!
//! ```text
//! asked ─approve→ due ─start (2 cleaners)→ cleaning ─cleaned→ returning ─put back (2 finishers)→ done
//!   └─refuse→ refused        asked, due ─cancel→ cancelled
//!
//! its guns: in_store, cleaning_due ─approve→ cleaning_due ─start→ cleaning ─put back→ in_store, or faulty with the fault
//! ```
//!
//! - The fields and states are those of the 枪支擦拭保养登记本: 原因, 申请人, 审批人, 擦拭人1/2, 完成人1/2, 枪支数; 待审批 → 待保养/不通过 →
//!   保养中 → 待入柜 → 完成/取消.
//! - Nobody approves what they asked for. Two people take the guns to the cleaning, two put them back (双人双锁), each present by
//!   their own proof; the two of one act are different people, and one may clean and put back.
//! - A gun is in one open paper. From the approval on it cannot be drawn; a fault that is found takes it out of the paper, to be
//!   mended.
//!
//! [`model`] states · [`service`] the steps · [`store`] lists

pub mod entity;
pub mod model;
pub mod service;
pub mod store;
