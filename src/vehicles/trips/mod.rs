//! Trips (出车记录): the book of each car, from request to the command centre's check; one book a car (一车一本).
//!
//! ```text
//! asked ─(chain: yes)→ approved ─depart→ out ─return→ returned ─check→ checked ─submit→ submitted ─accept→ accepted
//!   │ ├─(chain: no)→ refused                                                  ├─question→ questioned ─explain→ explained
//!   │ ├─ withdraw → withdrawn (approved too)                                  └──────────────────────────question, accept
//!   └─ urgent → out: ratified within the hours of its chain
//! ```
//!
//! - 各单位使用公务车必须提前向单位领导提出申请，经领导同意后登记事由、时间、目的地、出车前里程、驾驶员、审批管理员；还车登记时间、里程 (REPORT 50).
//! - One open trip a car, one a driver: constraints. Odometer and time never fall within a trip.
//! - What the odometer shows at departure unlike the last return is a finding, not a refusal: somebody drove.
//! - The unit's vehicle manager checks each; who drove does not check it. The month is handed in by the 10th, trips or
//!   none; the command centre accepts it or asks for an explanation (每月10日前将上月出车记录报送指挥中心检查存档).
//!
//! [`model`] states and steps · [`service`] ask, depart · `driving` out and back · [`months`] check, hand in, review · [`past`] paper books
//! entered afterwards · [`paper`] the printed book · [`store`] lists within reach

mod driving;
pub mod entity;
pub mod model;
pub mod months;
pub mod paper;
pub mod past;
pub mod service;
pub mod store;
