//! Missing things (盘亏): what becomes of a case after a count has opened it.
//!
//! ```text
//! searching ─(explained; by another than the keeper)→ confirmed ─(responsibility; chain: yes)→ approved → written_off
//!     │  ↑──────────(the search goes on)──────────────────┘ ↺ chain: no            │
//!     └────────────────── found, by search or by a later count ────────────────────┘
//! ```
//!
//! - A case is the stocktake's ([`crate::stocktake::missing`]); what this ledger adds stands beside it under the same id.
//! - The lists of a year are sent down to the units (下发), which acknowledge them; a case is sent once (REPORT 25).
//! - A thing stays on the book, as pending, until its case is written off (行政事业性国有资产管理条例 第38、39条); what is
//!   found links back to its case and its list year.
//! - The head of the unit or the centre confirms, never the keeper or whoever explained. Whoever is to answer does not
//!   judge. The chain `shortage_write_off` decides by amount.
//! - Written off only with the minutes of the collective decision, the approval, the accounting voucher, and every
//!   required step of the procedure's checklist (3 parts, 19 steps, dated data); a step that needs its paper is not
//!   ticked without one (第19、35条).
//! - A thing that turns up after that comes back as a surplus ([`crate::assets::surplus`]) with a link.
//!
//! [`model`] steps and where they lead · [`sending`] lists sent down · [`service`] search, explanation, found ·
//! [`steps`] confirmed, judged, asked, written off · [`procedure`] the checklist · [`paper`] printed forms · [`store`]
//! cases within reach

pub mod entity;
pub mod model;
pub mod paper;
pub mod procedure;
pub mod sending;
pub mod service;
pub mod steps;
pub mod store;
