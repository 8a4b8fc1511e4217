//! Workshops are entered and changed, by whoever may write cars everywhere: the command centre. One transaction, one
//! entry.

use chrono::NaiveDate;
use sea_orm::prelude::Uuid;
use sea_orm::{ActiveModelTrait as _, IntoActiveModel as _};
use serde_json::json;

use super::entity::shop;
use super::store;
use crate::access::{Action, permit};
use crate::db::saving::save;
use crate::db::{Db, DbError};
use crate::journal::{self, Entry, RowsDigest};
use crate::kernel::Ctx;
use crate::kernel::text::key;
use crate::vehicles::VehicleError;
use crate::vehicles::service::{line, words};

/// A workshop as it is entered or changed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shop {
    /// 名称
    pub name: String,
    /// 联系人
    pub contact: String,
    /// 电话
    pub phone: String,
    /// 地址
    pub address: String,
    /// 合同到期
    pub contract_until: Option<NaiveDate>,
    /// Whether cars may be sent there.
    pub active: bool,
}

/// Enters a workshop, or changes the one with `id` at `version`.
///
/// # Errors
/// When it is not theirs to do, a field is wrong, the name is another's, or somebody changed it first.
pub async fn set(db: &Db, ctx: &Ctx, id: Option<(Uuid, i64)>, new: &Shop) -> Result<shop::Model, VehicleError> {
    // A workshop is every unit's.
    permit(ctx, Action::VehiclesWrite, None)?;
    let name = words("name", &new.name, "维修厂名称")?;
    if name.chars().count() > 100 {
        return Err(VehicleError::field("name", "名称最多 100 个字"));
    }
    let (contact, phone) = (line("contact", &new.contact, 60)?, line("phone", &new.phone, 60)?);
    let address = line("address", &new.address, 200)?;
    db.write(async |tx| {
        if let Some(other) = store::named(tx, &name).await?
            && id.is_none_or(|(id, _)| id != other.id)
        {
            return Err(VehicleError::field("name", format!("维修厂“{name}”已登记")));
        }
        let row = shop::Model {
            id: ctx.new_id(),
            name_key: key(&name).into_owned(),
            name: name.clone(),
            contact: contact.clone(),
            phone: phone.clone(),
            address: address.clone(),
            contract_until: new.contract_until,
            active: new.active,
            version: 1,
        };
        let row = match id {
            None => {
                row.clone().into_active_model().insert(tx).await?;
                row
            }
            Some((id, version)) => {
                let before = store::by_id(tx, id).await?.ok_or(VehicleError::NotFound("这家维修厂"))?;
                if before.version != version {
                    return Err(DbError::Stale.into());
                }
                save!(tx, shop, id, Id, shop::Model { id, version, ..row })
            }
        };
        let payload = json!({ "contract_until": row.contract_until, "active": row.active });
        let rows = RowsDigest::new(ctx).with(&row);
        let entry = Entry { action: "vehicles.set_shop", subject: row.name.clone(), unit: None, payload, rows };
        journal::record(tx, ctx, entry).await?;
        Ok(row)
    })
    .await
}
