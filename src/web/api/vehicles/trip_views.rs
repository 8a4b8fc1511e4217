//! Trips and months as programs read and write them. Times are milliseconds since 1970 UTC.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::ids::PersonId;
use crate::vehicles::trips::entity::{submission, trip};
use crate::vehicles::trips::model::{State, SubmissionState, TripKind};
use crate::vehicles::trips::service::Departure;
use crate::vehicles::trips::store::{MonthOf, Shown};
use crate::web::api::jobs::names;

names! {
    /// Why a car leaves.
    TripKindName of TripKind { Duty, Repair, }
    /// Where a trip stands.
    TripStateName of State {
        Asked, Approved, Refused, Withdrawn, Out, Returned, Checked, Submitted, Questioned, Explained, Accepted,
    }
    /// Where a month that was handed in stands.
    TripSubmissionStateName of SubmissionState { Submitted, Questioned, Explained, Accepted, }
}

/// 出车记录
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TripView {
    /// Its number.
    pub number: String,
    /// Why the car leaves.
    pub kind: TripKindName,
    /// Where it stands, with what its chain has said since.
    pub state: TripStateName,
    /// The car's item.
    pub item_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// Out first, ratified after.
    pub urgent: bool,
    /// 用车事由
    pub purpose: String,
    /// 目的地
    pub destination: String,
    /// 随车人员
    pub passengers: String,
    /// When it was asked for.
    pub asked_at: i64,
    /// Who asked.
    pub asker_id: Option<Uuid>,
    /// What it asked the chain.
    pub approval_id: Option<Uuid>,
    /// Who said yes.
    pub approved_by: Option<Uuid>,
    /// 驾驶员
    pub driver_id: Option<Uuid>,
    /// The month of its departure.
    pub month: Option<String>,
    /// 出车时间
    pub departed_at: Option<i64>,
    /// 出车前里程
    pub departed_km: Option<i64>,
    /// What the odometer showed more than at the return before.
    pub gap_km: Option<i64>,
    /// 还车时间
    pub returned_at: Option<i64>,
    /// 还车里程
    pub returned_km: Option<i64>,
    /// Who checked it.
    pub checked_by: Option<Uuid>,
    /// What the command centre asked.
    pub question: String,
    /// What the unit said.
    pub explanation: String,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<Shown> for TripView {
    fn from(shown: Shown) -> Self {
        Self { state: shown.state.into(), ..shown.row.into() }
    }
}

impl From<trip::Model> for TripView {
    fn from(row: trip::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            item_id: row.item_id.into(),
            unit_id: row.unit_id.into(),
            urgent: row.urgent,
            purpose: row.purpose,
            destination: row.destination,
            passengers: row.passengers,
            asked_at: row.asked_at.0,
            asker_id: row.asker_id.map(Into::into),
            approval_id: row.approval_id.map(Into::into),
            approved_by: row.approved_by.map(Into::into),
            driver_id: row.driver_id.map(Into::into),
            month: row.month,
            departed_at: row.departed_at.map(|at| at.0),
            departed_km: row.departed_km,
            gap_km: row.gap_km,
            returned_at: row.returned_at.map(|at| at.0),
            returned_km: row.returned_km,
            checked_by: row.checked_by.map(Into::into),
            question: row.question,
            explanation: row.explanation,
            version: row.version,
        }
    }
}

/// What is written down when a car leaves.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartureBody {
    /// 出车前里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub km: i64,
    /// 驾驶员; whoever asks when absent.
    pub driver_id: Option<Uuid>,
    /// When, if not now.
    pub at: Option<i64>,
}

impl From<DepartureBody> for Departure {
    fn from(body: DepartureBody) -> Self {
        Self { km: body.km, driver: body.driver_id.map(PersonId), at: body.at.map(crate::kernel::Timestamp) }
    }
}

/// A unit's month.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct MonthView {
    /// Whose.
    pub unit_id: Uuid,
    /// Trips that departed in it.
    pub trips: i64,
    /// How far they went, km.
    pub km: i64,
    /// Still out or not checked.
    pub unchecked: i64,
    /// That did not go on from the return before.
    pub gaps: i64,
    /// Out before a yes.
    pub urgent: i64,
    /// What was handed in.
    pub submission: Option<TripSubmissionView>,
}

impl From<MonthOf> for MonthView {
    fn from(of: MonthOf) -> Self {
        Self {
            unit_id: of.unit.into(),
            trips: of.count.trips,
            km: of.count.km,
            unchecked: of.count.unchecked,
            gaps: of.count.gaps,
            urgent: of.count.urgent,
            submission: of.submission.map(Into::into),
        }
    }
}

/// A month that was handed in.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TripSubmissionView {
    /// Whose.
    pub unit_id: Uuid,
    /// `2026-10`
    pub month: String,
    /// Where it stands.
    pub state: TripSubmissionStateName,
    /// 次数
    pub trip_count: i64,
    /// 公里
    pub km: i64,
    /// After the day by which it was due.
    pub late: bool,
    /// 备注
    pub note: String,
    /// When it was handed in.
    pub submitted_at: i64,
    /// When it was accepted.
    pub accepted_at: Option<i64>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<submission::Model> for TripSubmissionView {
    fn from(row: submission::Model) -> Self {
        Self {
            unit_id: row.unit_id.into(),
            month: row.month,
            state: row.state.into(),
            trip_count: row.trip_count,
            km: row.km,
            late: row.late,
            note: row.note,
            submitted_at: row.submitted_at.0,
            accepted_at: row.accepted_at.map(|at| at.0),
            version: row.version,
        }
    }
}
