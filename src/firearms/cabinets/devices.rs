//! A device is registered, gets another key, is revoked. Its key is shown once.

use sea_orm::{ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _};
use serde_json::json;

use super::entity::{device, device_key};
use super::model::DeviceState;
use super::store;
use crate::access::{Action, permit, permit_somewhere};
use crate::db::saving::save;
use crate::db::{Db, Tx};
use crate::firearms::ArmsError;
use crate::firearms::armouries::usable;
use crate::firearms::model::StoreKind;
use crate::firearms::store as registry;
use crate::firearms::{line, number, words};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::text::key;
use crate::kernel::{Ctx, Timestamp};
use crate::webhooks::entity::webhook_key::Secret;

/// A device as it is registered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewDevice {
    /// The store's number.
    pub armoury: String,
    /// The cabinet's number in it.
    pub cabinet: String,
    /// 终端编号
    pub number: String,
    /// 名称、型号
    pub name: String,
}

/// Registers what speaks for a cabinet; the device and its key, which is shown this once.
///
/// # Errors
/// When it is not theirs to do, there is no such cabinet, it has a device already, or the number is another's.
pub async fn register(db: &Db, ctx: &Ctx, new: &NewDevice) -> Result<(device::Model, String), ArmsError> {
    permit_somewhere(ctx, Action::CabinetsRegister)?;
    let (number_key, name) = (number("number", &new.number, 1, 40)?, line("name", &new.name, 100)?);
    db.write(async |tx| {
        let of = registry::armoury(tx, ctx, &new.armoury).await?;
        permit(ctx, Action::CabinetsRegister, Some(of.unit_id))?;
        usable(&of, StoreKind::Gun)?;
        let wanted = key(&new.cabinet).into_owned();
        let cabinets = registry::cabinets(tx, of.id).await?;
        let Some(cabinet) = cabinets.into_iter().find(|row| row.number_key == wanted) else {
            return Err(ArmsError::field("cabinet", format!("{} 没有枪柜“{}”", of.name, new.cabinet.trim())));
        };
        if store::device_named(tx, &number_key).await?.is_some() {
            return Err(ArmsError::field("number", format!("终端编号“{}”已有", new.number.trim())));
        }
        let active = device::Entity::find()
            .filter(device::Column::CabinetId.eq(cabinet.id))
            .filter(device::Column::State.eq(DeviceState::Active));
        if let Some(other) = active.one(tx).await? {
            let sentence = format!("枪柜 {} 已有终端 {}，请先吊销", cabinet.number, other.number);
            return Err(ArmsError::field("cabinet", sentence));
        }
        let row = device::Model {
            id: ctx.new_id(),
            number: new.number.trim().to_owned(),
            number_key: number_key.clone(),
            name: name.clone(),
            unit_id: of.unit_id,
            armoury_id: of.id,
            cabinet_id: cabinet.id,
            state: DeviceState::Active,
            registered_by: ctx.actor.to_string(),
            registered_at: ctx.now(),
            keyed_at: ctx.now(),
            revoked_at: None,
            revoke_reason: String::new(),
            version: 1,
        };
        row.clone().into_active_model().insert(tx).await?;
        let secret = new_secret(ctx);
        let kept = device_key::Model {
            device_id: row.id,
            secret: Secret(secret.clone()),
            last_seq: 0,
            judged_seq: 0,
            seen_at: Timestamp(0),
        };
        kept.into_active_model().insert(tx).await?;
        let payload = json!({ "store": of.number, "cabinet": cabinet.number });
        record(tx, ctx, "cabinets.register", &row, payload).await?;
        Ok((row, secret))
    })
    .await
}

/// 256 random bits, told from other secrets by their beginning.
fn new_secret(ctx: &Ctx) -> String {
    let words: Vec<String> = (0..4).map(|_| format!("{:016x}", ctx.random())).collect();
    format!("hfgc_{}", words.concat())
}

/// The device of this number that is believed, for whoever may register it.
async fn active(tx: &Tx, ctx: &Ctx, number: &str) -> Result<device::Model, ArmsError> {
    let row = store::device(tx, ctx, number).await?;
    permit(ctx, Action::CabinetsRegister, Some(row.unit_id))?;
    match row.state {
        DeviceState::Active => Ok(row),
        DeviceState::Revoked => Err(ArmsError::Conflict(format!("终端 {} 已吊销，请另行登记", row.number))),
    }
}

/// Gives a device another key, shown this once; with the old one nothing is taken any more.
///
/// # Errors
/// When it is not theirs to do, or the device was revoked.
pub async fn rotate(db: &Db, ctx: &Ctx, number: &str) -> Result<(device::Model, String), ArmsError> {
    permit_somewhere(ctx, Action::CabinetsRegister)?;
    db.write(async |tx| {
        let row = active(tx, ctx, number).await?;
        let row = save!(tx, device, id, Id, device::Model { keyed_at: ctx.now(), ..row });
        let secret = new_secret(ctx);
        device_key::Entity::update_many()
            .col_expr(device_key::Column::Secret, sea_orm::sea_query::Expr::value(secret.clone()))
            .filter(device_key::Column::DeviceId.eq(row.id))
            .exec(tx)
            .await?;
        record(tx, ctx, "cabinets.rotate", &row, json!({})).await?;
        Ok((row, secret))
    })
    .await
}

/// Believes a device no more: its key is forgotten, what it told stays.
///
/// # Errors
/// When it is not theirs to do, no reason is given, or it was revoked.
pub async fn revoke(db: &Db, ctx: &Ctx, number: &str, reason: &str) -> Result<device::Model, ArmsError> {
    permit_somewhere(ctx, Action::CabinetsRegister)?;
    let reason = words("reason", reason, "吊销的原因")?;
    db.write(async |tx| {
        let row = active(tx, ctx, number).await?;
        let (state, revoked_at, revoke_reason) = (DeviceState::Revoked, Some(ctx.now()), reason.clone());
        let row = save!(tx, device, id, Id, device::Model { state, revoked_at, revoke_reason, ..row });
        device_key::Entity::delete_by_id(row.id).exec(tx).await?;
        record(tx, ctx, "cabinets.revoke", &row, json!({ "reason": reason })).await?;
        Ok(row)
    })
    .await
}

async fn record(
    tx: &Tx,
    ctx: &Ctx,
    action: &'static str,
    row: &device::Model,
    payload: serde_json::Value,
) -> Result<(), ArmsError> {
    let rows = RowsDigest::new(ctx).with(row);
    let entry = Entry { action, subject: row.number.clone(), unit: Some(row.unit_id), payload, rows };
    Ok(journal::record(tx, ctx, entry).await?)
}
