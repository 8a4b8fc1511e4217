//! Who answers for a unit's fixed assets (资产管理责任人): its head (单位主要负责人, the first to answer), a leader who
//! supervises (管理领导) and a manager who keeps the cards (专职管理员), each since a day, until a day
//! (REPORT 24: 明确单位主要责任人为资产管理第一责任人，各单位明确管理领导和专职管理员).
//!
//! ```text
//! named ─ (another is named, or it ends) → was
//! ```
//!
//! At most one of each kind a unit, by a constraint. Who came with the list of people and never was named here counts as
//! named, since an unknown day. A unit that has things and lacks one, or whose one has left, is a finding ([`vacancy`]); to
//! name somebody settles it. What a person answers for stands on the person too, where the count reads it: both are written
//! together.
//!
//! [`entity`] the table · [`service`] naming and ending · [`vacancy`] the job

pub mod entity;
pub mod service;
pub mod vacancy;

use crate::org::entity::person::Duty;

/// The kinds there are, the first to answer first.
pub const DUTIES: [Duty; 3] = [Duty::Head, Duty::SupervisingLeader, Duty::AssetManager];

/// A kind as people say it.
#[must_use]
pub const fn zh(duty: Duty) -> &'static str {
    match duty {
        Duty::Head => "单位主要负责人",
        Duty::SupervisingLeader => "管理领导",
        Duty::AssetManager => "专职管理员",
        Duty::Member => "成员",
    }
}

/// A kind as the database and the API write it.
#[must_use]
pub const fn name(duty: Duty) -> &'static str {
    match duty {
        Duty::Head => "head",
        Duty::SupervisingLeader => "supervising_leader",
        Duty::AssetManager => "asset_manager",
        Duty::Member => "member",
    }
}
