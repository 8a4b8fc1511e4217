//! Things as programs see them.

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::items::entity::{item, item_event, label};
use crate::items::model::{ItemKind, ItemState};
use crate::items::search::Listed;
use crate::items::service::{Change, NewItem};
use crate::kernel::ids::{PersonId, PlaceId, UnitId};
use crate::kernel::{Fen, Quantity};
use crate::org::Directory;
use crate::web::api::org::views::PlaceView;
use crate::web::api::parts::{EventName, KindName, StateName, present};

/// A unit, place or person that something points at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Named {
    /// Its id.
    pub id: Uuid,
    /// What it is called.
    pub name: String,
}

impl Named {
    fn of(id: impl Into<Uuid>, name: impl Into<String>) -> Self {
        Self { id: id.into(), name: name.into() }
    }
}

/// A thing as a list shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemRow {
    /// Its id.
    pub id: Uuid,
    /// Which ledger it belongs to.
    pub kind: KindName,
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 序列号
    pub serial_number: String,
    /// 使用部门
    pub unit: Named,
    /// 存放地点
    pub place: Option<Named>,
    /// 使用人
    pub keeper: Option<Named>,
    /// 数量
    pub quantity: i64,
    /// 使用状况
    pub state: StateName,
    /// 价值（分）
    pub value_fen: i64,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// The code of its current label.
    pub label: Option<String>,
    /// Its version, as `If-Match` names it.
    pub version: i64,
}

impl From<Listed> for ItemRow {
    fn from(row: Listed) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind.into(),
            item_number: row.item_number,
            name: row.name,
            specification: row.specification,
            serial_number: row.serial_number,
            unit: Named::of(row.unit_id, row.unit),
            place: row.place_id.map(|id| Named::of(id, row.place.unwrap_or_default())),
            keeper: row.keeper_id.map(|id| Named::of(id, row.keeper.unwrap_or_default())),
            quantity: row.quantity.0,
            state: row.state.into(),
            value_fen: row.value_fen.0,
            acquired_on: row.acquired_on,
            label: row.label,
            version: row.version,
        }
    }
}

/// A thing's card.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ItemView {
    /// Its id.
    pub id: Uuid,
    /// Which ledger it belongs to.
    pub kind: KindName,
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// 规格型号
    pub specification: String,
    /// 序列号
    pub serial_number: String,
    /// 分类代码
    pub class_code: String,
    /// 分类名称
    pub class_name: String,
    /// 品牌
    pub brand: String,
    /// 计量单位
    pub measure_unit: String,
    /// 使用部门
    pub unit: Named,
    /// 存放地点
    pub place: Option<Named>,
    /// 使用人
    pub keeper: Option<Named>,
    /// 数量
    pub quantity: i64,
    /// 使用状况
    pub state: StateName,
    /// 不在依据
    pub excused_by: Option<String>,
    /// 价值（分）
    pub value_fen: i64,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// The code of its current label.
    pub label: Option<String>,
    /// Its version, as `If-Match` names it.
    pub version: i64,
}

impl ItemView {
    /// A thing with the names of what it points at.
    #[must_use]
    pub fn new(row: item::Model, directory: &Directory, label: Option<label::Model>) -> Self {
        Self {
            id: row.id.into(),
            kind: row.kind.into(),
            unit: Named::of(row.unit_id, directory.unit_name(row.unit_id)),
            place: row.place_id.map(|id| Named::of(id, directory.place_name(Some(id)))),
            keeper: row.keeper_id.map(|id| Named::of(id, directory.person_name(Some(id)))),
            item_number: row.item_number,
            name: row.name,
            specification: row.specification,
            serial_number: row.serial_number,
            class_code: row.class_code,
            class_name: row.class_name,
            brand: row.brand,
            measure_unit: row.measure_unit,
            quantity: row.quantity.0,
            state: row.state.into(),
            excused_by: row.excused_by,
            value_fen: row.value_fen.0,
            acquired_on: row.acquired_on,
            label: label.map(|label| label.code),
            version: row.version,
        }
    }
}

const fn one() -> i64 {
    1
}

/// A fixed asset to be entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[expect(missing_docs, reason = "as in ItemView")]
pub struct RegisterItem {
    /// 资产编号; no two alike, however they are spelt
    #[schema(min_length = 1, max_length = 64)]
    pub item_number: String,
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub specification: String,
    /// 序列号; kept in upper case without blanks
    #[serde(default)]
    #[schema(max_length = 200)]
    pub serial_number: String,
    #[serde(default)]
    #[schema(max_length = 64)]
    pub class_code: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub class_name: String,
    #[serde(default)]
    #[schema(max_length = 200)]
    pub brand: String,
    #[serde(default)]
    #[schema(max_length = 20)]
    pub measure_unit: String,
    pub unit_id: Uuid,
    pub place_id: Option<Uuid>,
    pub keeper_id: Option<Uuid>,
    #[serde(default = "one")]
    #[schema(minimum = 0, maximum = 1_000_000_000i64)]
    pub quantity: i64,
    pub state: Option<StateName>,
    #[schema(max_length = 200)]
    pub excused_by: Option<String>,
    #[serde(default)]
    #[schema(minimum = 0)]
    pub value_fen: i64,
    pub acquired_on: Option<NaiveDate>,
}

impl From<RegisterItem> for NewItem {
    fn from(body: RegisterItem) -> Self {
        Self {
            kind: ItemKind::FixedAsset,
            item_number: body.item_number,
            name: body.name,
            specification: body.specification,
            serial_number: body.serial_number,
            class_code: body.class_code,
            class_name: body.class_name,
            brand: body.brand,
            measure_unit: body.measure_unit,
            unit_id: UnitId(body.unit_id),
            place_id: body.place_id.map(PlaceId),
            keeper_id: body.keeper_id.map(PersonId),
            quantity: Quantity(body.quantity),
            state: body.state.map_or(ItemState::InUse, Into::into),
            excused_by: body.excused_by.filter(|text| !text.is_empty()),
            value_fen: Fen(body.value_fen),
            acquired_on: body.acquired_on,
        }
    }
}

/// What is to become different. A field that is absent stays as it is; `null` empties it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ChangeItem {
    /// The unit that uses it.
    pub unit_id: Option<Uuid>,
    /// Where it is kept.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub place_id: Option<Option<Uuid>>,
    /// Who answers for it.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<Uuid>)]
    pub keeper_id: Option<Option<Uuid>>,
    /// How many.
    #[schema(minimum = 0, maximum = 1_000_000_000i64)]
    pub quantity: Option<i64>,
    /// Its state.
    pub state: Option<StateName>,
    /// The open document that explains its absence.
    #[serde(default, deserialize_with = "present")]
    #[schema(value_type = Option<String>, max_length = 200)]
    pub excused_by: Option<Option<String>>,
    /// Why.
    #[schema(min_length = 1, max_length = 200)]
    pub reason: String,
}

impl ChangeItem {
    /// The change, and its reason.
    #[must_use]
    pub fn into_change(self) -> (Change, String) {
        let change = Change {
            unit: self.unit_id.map(UnitId),
            place: self.place_id.map(|place| place.map(PlaceId)),
            keeper: self.keeper_id.map(|keeper| keeper.map(PersonId)),
            quantity: self.quantity.map(Quantity),
            state: self.state.map(Into::into),
            excused_by: self.excused_by.map(|text| text.filter(|text| !text.trim().is_empty())),
        };
        (change, self.reason)
    }
}

/// What a thing was from a moment on.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EventView {
    /// Its number in the thing's life, from 1.
    pub seq: i64,
    /// What it did.
    pub kind: EventName,
    /// From when on, in milliseconds since 1970 UTC.
    pub effective_at: i64,
    /// When it was written down, in milliseconds since 1970 UTC.
    pub recorded_at: i64,
    /// Who.
    pub actor: String,
    /// The unit after it.
    pub unit_id: Uuid,
    /// The place after it.
    pub place_id: Option<Uuid>,
    /// The keeper after it.
    pub keeper_id: Option<Uuid>,
    /// How many after it.
    pub quantity: i64,
    /// The state after it.
    pub state: StateName,
    /// The document that explains its absence after it.
    pub excused_by: Option<String>,
    /// Why.
    pub reason: Option<String>,
}

impl From<item_event::Model> for EventView {
    fn from(event: item_event::Model) -> Self {
        Self {
            seq: event.seq,
            kind: event.kind.into(),
            effective_at: event.effective_at.0,
            recorded_at: event.recorded_at.0,
            actor: event.actor,
            unit_id: event.unit_id.into(),
            place_id: event.place_id.map(Into::into),
            keeper_id: event.keeper_id.map(Into::into),
            quantity: event.quantity.0,
            state: event.state.into(),
            excused_by: event.excused_by,
            reason: event.reason,
        }
    }
}

/// How a text stands for something.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Meaning {
    /// 现用标签
    Current,
    /// 已换新的旧标签
    Superseded,
    /// 资产编号
    Number,
    /// 空白标签
    Blank,
    /// 作废标签
    Void,
}

/// What a scanned or typed text stands for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ResolvedView {
    /// How.
    pub state: Meaning,
    /// What to tell whoever scanned it.
    pub warning: Option<String>,
    /// The thing.
    pub item: Option<ItemView>,
    /// The place.
    pub place: Option<PlaceView>,
}

impl ResolvedView {
    /// A text that stands for something in this way.
    #[must_use]
    pub fn new(state: Meaning) -> Self {
        let warning = match state {
            Meaning::Current | Meaning::Number => None,
            Meaning::Superseded => Some("这是已换新的旧标签，请换贴新标签".to_owned()),
            Meaning::Blank => Some("空白标签，尚未认领".to_owned()),
            Meaning::Void => Some("标签已作废".to_owned()),
        };
        Self { state, warning, item: None, place: None }
    }
}
