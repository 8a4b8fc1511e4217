//! Units, people and places as programs see them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::ids::{PersonId, UnitId};
use crate::org::entity::{person, place, unit};
use crate::org::people::{NewPerson, PersonChange};
use crate::org::places::{NewPlace, PlaceChange};
use crate::org::units::{NewUnit, UnitChange};
use crate::web::api::parts::{DutyName, PersonKindName, present};

/// A unit.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UnitView {
    /// Its id.
    pub id: Uuid,
    /// 单位代码
    pub code: String,
    /// 单位名称
    pub name: String,
    /// The unit above it.
    pub parent_id: Option<Uuid>,
    /// 派出所, 大队, 中心 …
    pub kind: String,
    /// Whether it is open.
    pub active: bool,
    /// Its version, as `If-Match` names it.
    pub version: i64,
}

impl From<unit::Model> for UnitView {
    fn from(row: unit::Model) -> Self {
        Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            parent_id: row.parent_id.map(Into::into),
            kind: row.kind,
            active: row.active,
            version: row.version,
        }
    }
}

/// A unit in the tree.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TreeRow {
    /// How many units are above it that the caller may see.
    #[schema(minimum = 0)]
    pub depth: usize,
    /// The unit.
    pub unit: UnitView,
}

/// The units that the caller may see, each after the one above it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Tree {
    /// From the top down, those of one unit by code.
    pub rows: Vec<TreeRow>,
}

/// A unit to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in UnitView")]
pub struct CreateUnit {
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub parent_id: Option<Uuid>,
    #[serde(default)]
    #[schema(max_length = 40)]
    pub kind: String,
}

impl From<CreateUnit> for NewUnit {
    fn from(body: CreateUnit) -> Self {
        Self { code: body.code, name: body.name, parent: body.parent_id.map(UnitId), kind: body.kind }
    }
}

/// What of a unit is to become different; absent stays, `null` empties.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in UnitView")]
pub struct ChangeUnit {
    #[schema(min_length = 1, max_length = 40)]
    pub code: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub parent_id: Option<Option<Uuid>>,
    #[schema(max_length = 40)]
    pub kind: Option<String>,
}

impl From<ChangeUnit> for UnitChange {
    fn from(body: ChangeUnit) -> Self {
        Self {
            code: body.code,
            name: body.name,
            parent: body.parent_id.map(|parent| parent.map(UnitId)),
            kind: body.kind,
        }
    }
}

/// A person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PersonView {
    /// Their id.
    pub id: Uuid,
    /// 警号
    pub badge_number: Option<String>,
    /// 姓名
    pub name: String,
    /// Their unit.
    pub unit_id: Uuid,
    /// 职责
    pub duty: DutyName,
    /// 人员类别
    pub kind: PersonKindName,
    /// Whether they are with us.
    pub active: bool,
    /// Their version, as `If-Match` names it.
    pub version: i64,
}

impl From<person::Model> for PersonView {
    fn from(row: person::Model) -> Self {
        Self {
            id: row.id.into(),
            badge_number: row.badge_number,
            name: row.name,
            unit_id: row.unit_id.into(),
            duty: row.duty.into(),
            kind: row.kind.into(),
            active: row.active,
            version: row.version,
        }
    }
}

/// A person to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in PersonView")]
pub struct CreatePerson {
    #[schema(min_length = 1, max_length = 20)]
    pub badge_number: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub unit_id: Uuid,
    pub duty: DutyName,
    pub kind: PersonKindName,
}

impl From<CreatePerson> for NewPerson {
    fn from(body: CreatePerson) -> Self {
        Self {
            badge_number: body.badge_number,
            name: body.name,
            unit: UnitId(body.unit_id),
            duty: body.duty.into(),
            kind: body.kind.into(),
        }
    }
}

/// What of a person is to become different; absent stays, `null` empties.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in PersonView")]
pub struct ChangePerson {
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, min_length = 1, max_length = 20)]
    pub badge_number: Option<Option<String>>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    pub unit_id: Option<Uuid>,
    pub duty: Option<DutyName>,
    pub kind: Option<PersonKindName>,
}

impl From<ChangePerson> for PersonChange {
    fn from(body: ChangePerson) -> Self {
        Self {
            badge_number: body.badge_number,
            name: body.name,
            unit: body.unit_id.map(UnitId),
            duty: body.duty.map(Into::into),
            kind: body.kind.map(Into::into),
        }
    }
}

/// A place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PlaceView {
    /// Its id.
    pub id: Uuid,
    /// 地点代码
    pub code: String,
    /// 地点名称
    pub name: String,
    /// The unit it belongs to.
    pub unit_id: Uuid,
    /// Who answers for it.
    pub keeper_id: Option<Uuid>,
    /// Whether it is open.
    pub active: bool,
    /// Its version, as `If-Match` names it.
    pub version: i64,
}

impl From<place::Model> for PlaceView {
    fn from(row: place::Model) -> Self {
        Self {
            id: row.id.into(),
            code: row.code,
            name: row.name,
            unit_id: row.unit_id.into(),
            keeper_id: row.keeper_id.map(Into::into),
            active: row.active,
            version: row.version,
        }
    }
}

/// A place to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in PlaceView")]
pub struct CreatePlace {
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    pub unit_id: Uuid,
    pub keeper_id: Option<Uuid>,
}

impl From<CreatePlace> for NewPlace {
    fn from(body: CreatePlace) -> Self {
        Self { code: body.code, name: body.name, unit: UnitId(body.unit_id), keeper: body.keeper_id.map(PersonId) }
    }
}

/// What of a place is to become different; absent stays, `null` empties.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in PlaceView")]
pub struct ChangePlace {
    #[schema(min_length = 1, max_length = 40)]
    pub code: Option<String>,
    #[schema(min_length = 1, max_length = 100)]
    pub name: Option<String>,
    pub unit_id: Option<Uuid>,
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub keeper_id: Option<Option<Uuid>>,
}

impl From<ChangePlace> for PlaceChange {
    fn from(body: ChangePlace) -> Self {
        Self {
            code: body.code,
            name: body.name,
            unit: body.unit_id.map(UnitId),
            keeper: body.keeper_id.map(|keeper| keeper.map(PersonId)),
        }
    }
}
