//! What the card says of a thing is put right: name, specification, serial number, brand, measure, day of acquisition,
//! class, value (REPORT 24: 资产信息有误需变更的反馈更正，及时打印粘贴新标签). The number stays: it is the thing.

use sea_orm::prelude::Date;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde::{Deserialize, Serialize};

use super::entity::{item, item_event};
use super::error::ItemError;
use super::model::EventKind;
use super::queueing::queue_reprint;
use super::search;
use super::service::{event_after, update_row};
use crate::db::Tx;
use crate::journal::RowsDigest;
use crate::kernel::text::{fault, key};
use crate::kernel::{Ctx, Fen};

/// What is to read differently; `None` leaves a fact as it is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[expect(missing_docs, reason = "the columns of items")]
pub struct Facts {
    pub name: Option<String>,
    pub specification: Option<String>,
    pub serial_number: Option<String>,
    pub brand: Option<String>,
    pub measure_unit: Option<String>,
    pub acquired_on: Option<Option<Date>>,
    pub class_code: Option<String>,
    pub class_name: Option<String>,
    pub value_fen: Option<Fen>,
}

impl Facts {
    /// The thing as it would read.
    ///
    /// # Errors
    /// When a fact cannot be so.
    pub fn on(&self, before: &item::Model) -> Result<item::Model, ItemError> {
        let mut after = before.clone();
        let to = |column: &mut String, text: &Option<String>, field: &'static str, most: usize| {
            let Some(text) = text else { return Ok(()) };
            if let Some(reason) = fault(text.trim(), most) {
                return Err(ItemError::Field { field, reason });
            }
            text.trim().clone_into(column);
            Ok(())
        };
        to(&mut after.name, &self.name, "name", 200)?;
        to(&mut after.specification, &self.specification, "specification", 200)?;
        to(&mut after.serial_number, &self.serial_number, "serial_number", 200)?;
        to(&mut after.brand, &self.brand, "brand", 200)?;
        to(&mut after.measure_unit, &self.measure_unit, "measure_unit", 20)?;
        to(&mut after.class_code, &self.class_code, "class_code", 64)?;
        to(&mut after.class_name, &self.class_name, "class_name", 200)?;
        after.serial_number = key(&after.serial_number).into_owned();
        after.acquired_on = self.acquired_on.unwrap_or(before.acquired_on);
        after.value_fen = self.value_fen.unwrap_or(before.value_fen);
        if after.value_fen < Fen::ZERO {
            return Err(ItemError::Field { field: "value_fen", reason: "价值不能为负".to_owned() });
        }
        if after.name.is_empty() {
            return Err(ItemError::Field { field: "name", reason: "名称不能为空".to_owned() });
        }
        Ok(after)
    }
}

/// Puts the facts of a thing right in the caller's transaction: the row, its event, the reprint of a label that says
/// otherwise. Asks nobody's right and writes no entry: the caller has asked, and records one entry with `rows`.
///
/// # Errors
/// When the thing is gone, nothing would read differently, a fact cannot be so, or the database refuses.
pub async fn correct(
    tx: &Tx,
    ctx: &Ctx,
    before: &item::Model,
    facts: &Facts,
    reason: &str,
    rows: &mut RowsDigest,
) -> Result<item::Model, ItemError> {
    if before.state.is_gone() {
        return Err(ItemError::Gone(before.item_number.clone()));
    }
    let mut after = facts.on(before)?;
    if after == *before {
        return Err(ItemError::NothingToChange);
    }
    after.version += 1;
    update_row(tx, &after, before.version).await?;
    let event = item_event::Model {
        batch_id: None,
        ..event_after(ctx, &after, EventKind::Changed, ctx.now(), Some(reason.to_owned()))
    };
    rows.add(&after);
    rows.add(&event);
    event.into_active_model().insert(tx).await?;
    search::index(tx, std::slice::from_ref(&after)).await?;
    let on_label = |row: &item::Model| (row.name.clone(), row.specification.clone(), row.acquired_on);
    if on_label(before) != on_label(&after) {
        queue_reprint(tx, ctx, after.id, "标签上的名称、规格或取得日期已更正").await?;
    }
    Ok(after)
}
