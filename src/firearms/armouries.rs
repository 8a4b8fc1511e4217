//! Stores and their cabinets enter the ledger. Each is one transaction with its entry.

use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::{armoury, cabinet};
use super::model::StoreKind;
use super::{number, store, words};
use crate::access::{Action, permit, permit_somewhere};
use crate::db::{Db, Tx};
use crate::firearms::ArmsError;
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::ids::{PersonId, UnitId};
use crate::org::{people, units};

/// Cabinets that a store has at most.
const MOST_CABINETS: usize = 100;

/// A store as it is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewArmoury {
    /// 编号
    pub number: String,
    /// 名称
    pub name: String,
    /// Of guns or of ammunition.
    pub kind: StoreKind,
    /// Whose it is.
    pub unit: UnitId,
    /// 负责人
    pub in_charge: Option<PersonId>,
}

/// Enters a store.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, or the number is another's.
pub async fn enter(db: &Db, ctx: &Ctx, new: &NewArmoury) -> Result<armoury::Model, ArmsError> {
    permit(ctx, Action::FirearmsWrite, Some(new.unit))?;
    let (key, name) = (number("number", &new.number, 1, 40)?, words("name", &new.name, "名称")?);
    if name.chars().count() > 100 {
        return Err(ArmsError::field("name", "最多 100 个字"));
    }
    db.write(async |tx| {
        units::open(tx, new.unit, "unit_id").await?;
        if let Some(person) = new.in_charge {
            people::open(tx, person, "in_charge_id").await?;
        }
        if store::armoury_named(tx, &key).await?.is_some() {
            return Err(ArmsError::field("number", format!("编号“{}”已有", new.number.trim())));
        }
        let row = armoury::Model {
            id: ctx.new_id(),
            number: new.number.trim().to_owned(),
            number_key: key.clone(),
            name: name.clone(),
            kind: new.kind,
            unit_id: new.unit,
            in_charge_id: new.in_charge,
            active: true,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "name": row.name, "kind": row.kind });
        record(tx, ctx, "firearms.enter_store", &row, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// Puts a cabinet with so many slots into a store of guns.
///
/// # Errors
/// When it is not theirs to do, the store is none of guns, or the number is another cabinet's.
pub async fn add_cabinet(
    db: &Db,
    ctx: &Ctx,
    armoury: &str,
    cabinet_number: &str,
    slots: i64,
) -> Result<cabinet::Model, ArmsError> {
    permit_somewhere(ctx, Action::FirearmsWrite)?;
    let key = number("cabinet", cabinet_number, 1, 40)?;
    if !(1..=200).contains(&slots) {
        return Err(ArmsError::field("slots", "枪位应为 1 至 200 的整数"));
    }
    db.write(async |tx| {
        let of = of_kind(tx, ctx, armoury, StoreKind::Gun).await?;
        let cabinets = store::cabinets(tx, of.id).await?;
        if cabinets.iter().any(|row| row.number_key == key) {
            return Err(ArmsError::field("cabinet", format!("{} 已有枪柜“{}”", of.name, cabinet_number.trim())));
        }
        if cabinets.len() >= MOST_CABINETS {
            return Err(ArmsError::field("cabinet", format!("一个枪库最多 {MOST_CABINETS} 个枪柜")));
        }
        let row = cabinet::Model {
            id: ctx.new_id(),
            armoury_id: of.id,
            store_kind: of.kind,
            number: cabinet_number.trim().to_owned(),
            number_key: key.clone(),
            slots,
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let payload = json!({ "cabinet": row.number, "slots": slots });
        record(tx, ctx, "firearms.add_cabinet", &of, payload, RowsDigest::new(ctx).with(&row)).await?;
        Ok(row)
    })
    .await
}

/// The store of this number, which must be open, of this kind, and theirs to write in.
pub(crate) async fn of_kind(tx: &Tx, ctx: &Ctx, text: &str, kind: StoreKind) -> Result<armoury::Model, ArmsError> {
    let row = store::armoury(tx, ctx, text).await?;
    permit(ctx, Action::FirearmsWrite, Some(row.unit_id))?;
    usable(&row, kind)?;
    Ok(row)
}

/// A store that is open and of this kind.
pub(crate) fn usable(row: &armoury::Model, kind: StoreKind) -> Result<(), ArmsError> {
    if row.kind != kind {
        let sentence = format!("{} 是{}，枪支、弹药须分库存放，请改选{}", row.name, row.kind.zh(), kind.zh());
        return Err(ArmsError::field("armoury", sentence));
    }
    if row.active { Ok(()) } else { Err(ArmsError::field("armoury", format!("{} 已停用", row.name))) }
}

pub(super) async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &armoury::Model,
    payload: serde_json::Value,
    rows: RowsDigest,
) -> Result<(), ArmsError> {
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
