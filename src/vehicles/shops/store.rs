//! Workshops. They belong to no unit: whoever may see cars may see them.

use sea_orm::prelude::Uuid;
use sea_orm::{ColumnTrait as _, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _};

use super::entity::shop;
use crate::db::DbError;
use crate::kernel::text::key;

/// All of them, by name; a sub-bureau has a handful.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait) -> Result<Vec<shop::Model>, DbError> {
    Ok(shop::Entity::find().order_by_asc(shop::Column::NameKey).all(db).await?)
}

/// The workshop with this id.
///
/// # Errors
/// When the database cannot be read.
pub async fn by_id(db: &impl ConnectionTrait, id: Uuid) -> Result<Option<shop::Model>, DbError> {
    Ok(shop::Entity::find_by_id(id).one(db).await?)
}

/// The workshop of this name.
///
/// # Errors
/// When the database cannot be read.
pub async fn named(db: &impl ConnectionTrait, name: &str) -> Result<Option<shop::Model>, DbError> {
    if name.contains('\0') {
        return Ok(None);
    }
    Ok(shop::Entity::find().filter(shop::Column::NameKey.eq(key(name).as_ref())).one(db).await?)
}
