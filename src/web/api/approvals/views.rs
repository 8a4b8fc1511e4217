//! What the operations on approvals take and give.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::super::jobs::names;
use crate::access::Role;
use crate::approvals::chains::{Chain, Tier};
use crate::approvals::entity::decision;
use crate::approvals::model::{Level, State as RequestState, Step};
use crate::approvals::store::{self, Shown};

names! {
    /// Where a request stands.
    RequestStateName of RequestState { Waiting, Approved, Refused, Withdrawn, Used, Ratified, NotRatified, }
    /// Where in the tree of units a step is decided.
    LevelName of Level { OwnUnit, Parent, SubBureau, }
}

/// A role that may decide.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
#[expect(missing_docs, reason = "as in the glossary")]
pub enum DecidingRole {
    AssetManager,
    VehicleManager,
    DutyLeader,
    UnitHead,
    CommandCentre,
    PublicOrder,
    Legal,
    BureauLeader,
}

impl From<DecidingRole> for Role {
    fn from(role: DecidingRole) -> Self {
        match role {
            DecidingRole::AssetManager => Self::AssetManager,
            DecidingRole::VehicleManager => Self::VehicleManager,
            DecidingRole::DutyLeader => Self::DutyLeader,
            DecidingRole::UnitHead => Self::UnitHead,
            DecidingRole::CommandCentre => Self::CommandCentre,
            DecidingRole::PublicOrder => Self::PublicOrder,
            DecidingRole::Legal => Self::Legal,
            DecidingRole::BureauLeader => Self::BureauLeader,
        }
    }
}

/// One step as a chain lays it down.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewStep {
    /// Who decides.
    pub role: DecidingRole,
    /// Where.
    pub level: LevelName,
}

/// The steps for amounts from `from_fen` on.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewTier {
    /// The least amount, in fen; the first tier begins at 0.
    #[schema(minimum = 0)]
    pub from_fen: i64,
    /// In order.
    #[schema(min_items = 1, max_items = 10)]
    pub steps: Vec<NewStep>,
}

/// A chain as it is laid down.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewChainBody {
    /// What for.
    #[schema(min_length = 1, max_length = 60, pattern = "^[a-z0-9_]+$")]
    pub kind: String,
    /// As people say it.
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// The law or order it rests on.
    #[schema(min_length = 1, max_length = 500)]
    pub source: String,
    /// From when, not before now: milliseconds since 1970 in UTC.
    pub effective_from: i64,
    /// Until when, where it ends.
    pub effective_until: Option<i64>,
    /// Hours within which what was used first is to be ratified; not said, it may not be used first.
    #[schema(minimum = 1, maximum = 720)]
    pub ratify_within_h: Option<i64>,
    /// By amount, ascending.
    #[schema(min_items = 1, max_items = 10)]
    pub tiers: Vec<NewTier>,
}

/// One step.
#[derive(Debug, Serialize, ToSchema)]
pub struct StepView {
    /// Who decides.
    pub role: String,
    /// As people say it.
    pub role_name: String,
    /// Where.
    pub level: LevelName,
}

/// The steps for amounts from `from_fen` on.
#[derive(Debug, Serialize, ToSchema)]
pub struct TierView {
    /// The least amount, in fen.
    pub from_fen: i64,
    /// In order.
    pub steps: Vec<StepView>,
}

/// A chain.
#[derive(Debug, Serialize, ToSchema)]
pub struct ChainView {
    /// What for.
    pub kind: String,
    /// As people say it.
    pub name: String,
    /// The law or order it rests on.
    pub source: String,
    /// From when: milliseconds since 1970 in UTC, as all times here.
    pub effective_from: i64,
    /// Until when.
    pub effective_until: Option<i64>,
    /// Hours within which what was used first is to be ratified.
    pub ratify_within_h: Option<i64>,
    /// By amount.
    pub tiers: Vec<TierView>,
}

impl From<Step> for StepView {
    fn from(step: Step) -> Self {
        let role = step.role;
        Self { role: role.name().to_owned(), role_name: role.zh().to_owned(), level: step.level.into() }
    }
}

impl From<Chain> for ChainView {
    fn from(chain: Chain) -> Self {
        let tier = |tier: Tier| TierView {
            from_fen: tier.from.0,
            steps: tier.steps.into_iter().map(StepView::from).collect(),
        };
        Self {
            kind: chain.head.kind,
            name: chain.head.name,
            source: chain.head.source,
            effective_from: chain.head.effective_from.0,
            effective_until: chain.head.effective_until.map(|at| at.0),
            ratify_within_h: chain.head.ratify_within_h,
            tiers: chain.tiers.into_iter().map(tier).collect(),
        }
    }
}

/// A request as it is made.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewRequestBody {
    /// What kind of thing is asked for: which chain.
    #[schema(min_length = 1, max_length = 60)]
    pub kind: String,
    /// The room whose thing it is.
    #[schema(min_length = 1, max_length = 60)]
    pub subject_room: String,
    /// The thing, as that room names it.
    #[schema(min_length = 1, max_length = 200)]
    pub subject_id: String,
    /// The unit that asks.
    pub unit_id: Uuid,
    /// What it is worth in fen, where that matters.
    #[serde(default)]
    #[schema(minimum = 0)]
    pub amount_fen: i64,
    /// Why.
    #[schema(min_length = 1, max_length = 2000)]
    pub reason: String,
    /// What the room needs to know later.
    #[serde(default)]
    #[schema(value_type = Object)]
    pub payload: serde_json::Map<String, serde_json::Value>,
    /// Whether it cannot wait: done first, ratified after.
    #[serde(default)]
    pub urgent: bool,
}

/// What was decided on one step.
#[derive(Debug, Serialize, ToSchema)]
pub struct DecisionView {
    /// Which step, from 1.
    pub step: i64,
    /// Yes or no.
    pub approved: bool,
    /// By whom.
    pub decided_by: Uuid,
    /// In whose name, where it was delegated.
    pub on_behalf_of: Option<Uuid>,
    /// In what role.
    pub role: String,
    /// Over which unit that role is held; none for everything.
    pub post_unit_id: Option<Uuid>,
    /// Whether in the stead of the role or level that the chain names.
    pub substituted: bool,
    /// Why.
    pub reason: String,
    /// When.
    pub decided_at: i64,
}

/// A request.
#[derive(Debug, Serialize, ToSchema)]
pub struct RequestView {
    /// Its id.
    pub id: Uuid,
    /// What kind.
    pub kind: String,
    /// The room whose thing it is.
    pub subject_room: String,
    /// The thing.
    pub subject_id: String,
    /// The unit that asks.
    pub unit_id: Uuid,
    /// What it is worth in fen.
    pub amount_fen: i64,
    /// Who asked.
    pub requested_by: Uuid,
    /// Why.
    pub reason: String,
    /// What the room needs to know later.
    #[schema(value_type = Object)]
    pub payload: serde_json::Value,
    /// The steps as they were when it was made.
    pub steps: Vec<StepView>,
    /// Where it stands.
    pub state: RequestStateName,
    /// The step it waits for, from 1; once ended, the last that was decided.
    pub step: i64,
    /// When it was made.
    pub requested_at: i64,
    /// When it was used first.
    pub used_at: Option<i64>,
    /// Until when that is to be ratified.
    pub ratify_by: Option<i64>,
    /// When it was noticed that it had not been.
    pub flagged_at: Option<i64>,
    /// When it ended.
    pub finished_at: Option<i64>,
    /// What was decided, first to last.
    pub decisions: Vec<DecisionView>,
    /// Who may decide the step it waits for.
    pub deciders: Vec<Uuid>,
    /// Whether whoever asks is one of them, themselves or by delegation.
    pub for_me: bool,
    /// Its version.
    pub version: i64,
}

impl From<decision::Model> for DecisionView {
    fn from(row: decision::Model) -> Self {
        Self {
            step: row.step,
            approved: row.approved,
            decided_by: row.decided_by.0,
            on_behalf_of: row.on_behalf_of.map(|id| id.0),
            role: row.role.name().to_owned(),
            post_unit_id: row.post_unit_id.map(|id| id.0),
            substituted: row.substituted,
            reason: row.reason,
            decided_at: row.decided_at.0,
        }
    }
}

impl From<Shown> for RequestView {
    fn from(shown: Shown) -> Self {
        let steps = store::steps_of(&shown.row).into_iter().map(StepView::from).collect();
        let row = shown.row;
        Self {
            id: row.id.0,
            kind: row.kind,
            subject_room: row.subject_room,
            subject_id: row.subject_id,
            unit_id: row.unit_id.0,
            amount_fen: row.amount_fen.0,
            requested_by: row.requested_by.0,
            reason: row.reason,
            payload: serde_json::from_str(&row.payload).unwrap_or_default(),
            steps,
            state: row.state.into(),
            step: row.step,
            requested_at: row.requested_at.0,
            used_at: row.used_at.map(|at| at.0),
            ratify_by: row.ratify_by.map(|at| at.0),
            flagged_at: row.flagged_at.map(|at| at.0),
            finished_at: row.finished_at.map(|at| at.0),
            decisions: shown.decisions.into_iter().map(DecisionView::from).collect(),
            deciders: shown.deciders.into_iter().map(|id| id.0).collect(),
            for_me: shown.for_me,
            version: row.version,
        }
    }
}
