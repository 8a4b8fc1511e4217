//! Draw and return (领用、交还) as one guided act at the counter.
//!
//! ```text
//! asked ─(chain: yes)→ approved ─open→ handing ─(3 signed) hand over→ out ─open→ returning ─(3 signed) close→ closed
//!   │ ├─(chain: no)→ refused ↑──cancel──┘                              ↑───cancel────┘
//!   └─ withdraw → withdrawn  (of approved too)
//!
//! act: clear (验枪, five steps in order) → scan the gun → count the rounds → two keepers and a confirmer sign → done
//! ```
//!
//! - A draw needs a valid licence, no ban, training that counts, an approved task, no gun out (枪支管理法 第24—26条; rule 15);
//!   asked at the request, when the act is opened and when the gun is handed over: a ban in between counts.
//! - Two keepers and a confirmer, three people, none the drawer, each present by their own proof (公务用枪（弹）领用审批登记本:
//!   保管人1、保管人2、确认人; rule 16). A signature counts for ten minutes and while its account is open. An emergency draw has
//!   one keeper and a confirmer, and is ratified after.
//! - More than 24 h, cross-area and bulk draws go to the sub-bureau leader (rule 20).
//! - Rounds drawn = returned + fired + damaged + lost, or the act does not close (rule 18). Fired opens the duty of a written
//!   report (rule 21); lost locks the unit's draws and is a finding at once (枪支管理法 第25条).
//! - A power cut between signature and hand-over leaves the act open, with what was done in it: whoever comes next signs
//!   anew and goes on, or cancels with a reason. One gun has one holder and one open act, by partial unique indexes.
//!
//! [`model`] states and steps · [`asking`] ask, withdraw · [`acting`] the act at the counter · [`handing`] hand over, take
//! back · [`losing`] report a loss, lift the lock · [`longer`] more time, asked for before it is over · [`store`] lists

pub mod acting;
pub mod asking;
pub mod entity;
pub(crate) mod ground;
pub mod handing;
pub mod longer;
pub mod losing;
pub mod model;
pub mod store;
