//! Repairs as programs read and write them. Times are milliseconds since 1970 UTC, money is fen.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use crate::kernel::Fen;
use crate::vehicles::repairs::entity::{part, repair};
use crate::vehicles::repairs::model::{RepairKind, State as RepairState};
use crate::vehicles::repairs::service::NewPart;
use crate::vehicles::repairs::store::Shown as ShownRepair;
use crate::web::api::jobs::names;

names! {
    /// Why a car goes to a workshop.
    RepairKindName of RepairKind { Repair, Maintenance, Accident, Tyres, Other, }
    /// Where a repair stands.
    RepairStateName of RepairState { Asked, Approved, Entered, Sent, Returned, Refused, Withdrawn, }
}

/// 送修单
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepairView {
    /// Its number.
    pub number: String,
    /// 类别
    pub kind: RepairKindName,
    /// Where it stands.
    pub state: RepairStateName,
    /// The car's item.
    pub item_id: Uuid,
    /// The unit.
    pub unit_id: Uuid,
    /// The workshop.
    pub shop_id: Uuid,
    /// 故障、保养项目
    pub fault: String,
    /// 预算, fen
    pub budget_fen: i64,
    /// What it asked the chain.
    pub approval_id: Option<Uuid>,
    /// 送修时间
    pub sent_at: Option<i64>,
    /// 送修里程
    pub sent_km: Option<i64>,
    /// 取回时间
    pub returned_at: Option<i64>,
    /// 取回里程
    pub returned_km: Option<i64>,
    /// 工时费, fen
    pub labour_fen: Option<i64>,
    /// 费用合计, fen
    pub total_fen: Option<i64>,
    /// 发票号
    pub invoice: String,
    /// 旧件处理
    pub old_parts: String,
    /// 超预算原因
    pub over_reason: String,
    /// 验收人
    pub inspected_by: Option<Uuid>,
    /// Its version, for If-Match.
    pub version: i64,
}

impl From<ShownRepair> for RepairView {
    fn from(shown: ShownRepair) -> Self {
        Self { state: shown.state.into(), ..shown.row.into() }
    }
}

impl From<repair::Model> for RepairView {
    fn from(row: repair::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            item_id: row.item_id.into(),
            unit_id: row.unit_id.into(),
            shop_id: row.shop_id,
            fault: row.fault,
            budget_fen: row.budget_fen.0,
            approval_id: row.approval_id.map(Into::into),
            sent_at: row.sent_at.map(|at| at.0),
            sent_km: row.sent_km,
            returned_at: row.returned_at.map(|at| at.0),
            returned_km: row.returned_km,
            labour_fen: row.labour_fen.map(|money| money.0),
            total_fen: row.total_fen.map(|money| money.0),
            invoice: row.invoice,
            old_parts: row.old_parts,
            over_reason: row.over_reason,
            inspected_by: row.inspected_by.map(Into::into),
            version: row.version,
        }
    }
}

/// A part that was replaced.
#[derive(Debug, Clone, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PartView {
    /// 配件名称
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// 计量单位
    #[serde(default)]
    #[schema(max_length = 20)]
    pub measure_unit: String,
    /// 数量, thousandths
    #[schema(minimum = 1, maximum = 1_000_000_000)]
    pub quantity_milli: i64,
    /// 单价, fen
    #[schema(minimum = 0, maximum = 1_000_000_000)]
    pub unit_price_fen: i64,
}

impl From<part::Model> for PartView {
    fn from(row: part::Model) -> Self {
        Self {
            name: row.name,
            measure_unit: row.measure_unit,
            quantity_milli: row.quantity_milli,
            unit_price_fen: row.unit_price_fen.0,
        }
    }
}

impl From<PartView> for NewPart {
    fn from(of: PartView) -> Self {
        let unit_price = Fen(of.unit_price_fen);
        Self { name: of.name, measure_unit: of.measure_unit, quantity_milli: of.quantity_milli, unit_price }
    }
}

/// A repair with its parts.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RepairWithParts {
    /// The repair.
    #[serde(flatten)]
    pub repair: RepairView,
    /// Its parts, in order.
    pub parts: Vec<PartView>,
}
