//! Repairs and upkeep (送修、保养): asked for with a budget and a workshop, approved, entered in the car's trip book, sent,
//! returned with parts, hours and invoice; the cost is the car's.
//!
//! ```text
//! asked ─(chain: yes)→ approved ─enter→ entered ─send→ sent ─return→ returned
//!   │ ├─(chain: no)→ refused   └────────┴─ withdraw → withdrawn
//!   └─ by whoever asked → withdrawn
//! ```
//!
//! - 维修、保养须经单位领导审批同意，并在出车记录台账登记后方可前往 (REPORT 50; rule 14 of DOMAIN 6): `send` is refused before `enter`,
//!   `enter` before approval.
//! - One open repair a car, by a constraint. While it is sent the car's book state is in repair.
//! - Parts and labour make the total; more than the budget needs a reason. Prices of one part are compared across
//!   workshops and cars ([`collect`]).
//!
//! [`model`] states and steps · [`service`] ask, enter, send, return · `bill` parts and hours ·
//! [`collect`] the month's data and the prices ·
//! [`sheet`] its workbook · [`store`] lists within reach

mod bill;
pub mod collect;
pub mod entity;
pub mod model;
pub mod service;
pub mod sheet;
pub mod store;
