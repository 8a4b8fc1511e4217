//! What a repair cost: its parts, its hours, and what comes with the invoice.

use super::entity::{part, repair};
use crate::kernel::ids::PersonId;
use crate::kernel::text::key;
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::vehicles::VehicleError;
use crate::vehicles::service::line;

/// The most that a repair, or a part of it, may cost: what is more is a slip of the hand.
pub(super) const MOST_FEN: i64 = 1_000_000_000;
/// Parts that a repair has at most.
pub const MOST_PARTS: usize = 200;

/// A part that was replaced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewPart {
    /// 配件名称
    pub name: String,
    /// 计量单位
    pub measure_unit: String,
    /// 数量, thousandths
    pub quantity_milli: i64,
    /// 单价
    pub unit_price: Fen,
}

impl NewPart {
    /// What it costs, to the fen, half up.
    #[must_use]
    pub fn amount(&self) -> Option<Fen> {
        let product = i128::from(self.quantity_milli) * i128::from(self.unit_price.0);
        i64::try_from((product + 500).div_euclid(1_000)).ok().map(Fen)
    }

    fn checked(&self, at: usize) -> Result<(), VehicleError> {
        let wrong = |reason: &str| Err(VehicleError::field("parts", format!("第 {at} 项配件：{reason}")));
        if self.name.trim().is_empty() || self.name.trim().chars().count() > 100 {
            return wrong("请写明名称（最多 100 个字）");
        }
        if crate::kernel::text::fault(&self.name, 200).is_some() || line("parts", &self.measure_unit, 20).is_err() {
            return wrong("名称或单位含有不能保存的内容");
        }
        if !(1..=1_000_000_000).contains(&self.quantity_milli) {
            return wrong("数量应大于零");
        }
        if !(0..=MOST_FEN).contains(&self.unit_price.0) {
            return wrong("单价不能为负");
        }
        Ok(())
    }
}

/// How a car comes back from the workshop.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Return {
    /// What the odometer shows.
    pub km: i64,
    /// When, if not now.
    pub at: Option<Timestamp>,
    /// 更换配件
    pub parts: Vec<NewPart>,
    /// 工时费
    pub labour: Fen,
    /// 发票号
    pub invoice: String,
    /// 旧件处理
    pub old_parts: String,
    /// Why it cost more than was approved.
    pub over_reason: String,
    /// 验收人; whoever writes it down when nobody is named.
    pub inspected_by: Option<PersonId>,
}

impl Return {
    /// Parts and labour together.
    ///
    /// # Errors
    /// The first part that cannot be, or a sum that is too large.
    pub fn total(&self) -> Result<Fen, VehicleError> {
        if self.parts.len() > MOST_PARTS {
            return Err(VehicleError::field("parts", format!("配件最多 {MOST_PARTS} 项")));
        }
        if !(0..=MOST_FEN).contains(&self.labour.0) {
            return Err(VehicleError::field("labour", "工时费不能为负"));
        }
        let large = || VehicleError::field("parts", "费用合计过大，请核对");
        let mut total = self.labour;
        for (at, part) in (1..).zip(&self.parts) {
            part.checked(at)?;
            total = total.checked_add(part.amount().ok_or_else(large)?).ok_or_else(large)?;
        }
        if total.0 > MOST_FEN { Err(large()) } else { Ok(total) }
    }
}

pub(super) fn parts(ctx: &Ctx, row: &repair::Model, new: &[NewPart]) -> Vec<part::Model> {
    let of = |(n, part): (i64, &NewPart)| part::Model {
        id: ctx.new_id(),
        repair_id: row.id,
        line: n,
        name: part.name.trim().to_owned(),
        name_key: key(&part.name).into_owned(),
        measure_unit: part.measure_unit.trim().to_owned(),
        quantity_milli: part.quantity_milli,
        unit_price_fen: part.unit_price,
        amount_fen: part.amount().unwrap_or(Fen::ZERO),
    };
    (1i64..).zip(new).map(of).collect()
}
