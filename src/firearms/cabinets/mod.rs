//! What gun cabinets report (智能枪柜), held against the book.
//!
//! ```text
//! device  active ─ revoke → revoked          (rotate: a new key, the old one is worth nothing from then on)
//! event   reported → waits `firearms.cabinet_minutes` → fits the book | an alarm
//! ```
//!
//! - Each device signs each report with a key of its own, HMAC-SHA256 over the time and the raw body; a report that is not
//!   signed, or by a key that was revoked, or at another time than now ±5 minutes, is refused whole.
//! - A device counts its events. The same number twice is the same event, sent again, and changes nothing; with another
//!   content it is refused. A number that never came is a finding (枪柜记录缺失).
//! - An event may be told of late, after the line was down, never before it happened; both times are kept.
//! - A gun taken while no act at the counter has it is an alarm (非法领枪), so is a door opened while nobody has business
//!   there; a gun handed over on paper that its cabinet says never left is one too, and the same of a return. The clocks
//!   of both may differ by so many minutes, and the paper may be a moment later than the hand.
//! - A door held open, a lock changed, heat, a power cut are alarms by themselves (超时未关、温度异常、供电异常).
//! - Whoever keeps a store does not register what watches it: the public-order brigade does.
//!
//! [`model`] words and rules · [`devices`] register, rotate, revoke · [`reporting`] a report comes in · [`judging`] held
//! against the book · [`store`] lists

pub mod devices;
pub mod entity;
pub mod judging;
pub mod model;
pub mod reporting;
pub mod store;
