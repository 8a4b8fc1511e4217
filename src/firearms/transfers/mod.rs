//! How guns and rounds come to a store and go from it: transfers between stores, guns handed up to be destroyed, rounds fired
//! in training; and the register of every change (枪支变更情况、弹药变更情况).
//!
//! ```text
//! transfer  planned ─send (2 of the one store)→ on_the_way ─receive (2 of the other)→ arrived
//!              └─cancel→ cancelled                  └─short or wrong→ differing ─receive the rest→ arrived
//! training  out (2 keepers) ─back (2 keepers): back + fired = out→ closed
//! ```
//!
//! - Guns and rounds are never in one transfer (枪支管理法 第30、31条: 运输枪支须有许可，枪、弹分开运输): both stores and every line are
//!   of one kind, by the keys that carry it.
//! - What is on the way is in neither store: a gun is 不在库 with the transfer as its reason, rounds are out of the one lot and
//!   not in the other. A short or wrong arrival is a finding, and the transfer does not close until the rest has come.
//! - A gun that is scrapped goes to the province with its certificate (枪支管理法 第27条), once.
//! - Rounds of a training go out by lot, and what does not come back was fired; the cases are kept and counted
//!   (公通字〔1999〕74号 第24条: 耗弹登记).
//! - Every change of a gun or lot that is none of a draw is a line of the register that is never changed.
//!
//! [`model`] states · [`service`] transfers, `receiving` what arrived · [`scrapping`] · [`training`] · [`changes`] the register · [`store`] lists

pub mod changes;
pub mod entity;
pub mod model;
mod receiving;
pub mod scrapping;
pub mod service;
pub mod store;
pub mod training;
