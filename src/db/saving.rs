//! How a row with a version is written back.

/// Writes a row back as its next version, when nobody has meanwhile; the row as it then is.
macro_rules! save {
    ($tx:expr, $entity:ident, $id:ident, $column:ident, $row:expr) => {{
        use sea_orm::{
            ActiveModelTrait as _, ActiveValue::Unchanged, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
            QueryFilter as _,
        };
        let row = $row;
        let read = row.version;
        let after = $entity::Model { version: read + 1, ..row };
        let mut active = after.clone().into_active_model().reset_all();
        active.$id = Unchanged(after.$id);
        let updated = $entity::Entity::update_many()
            .set(active)
            .filter($entity::Column::$column.eq(after.$id))
            .filter($entity::Column::Version.eq(read))
            .exec($tx)
            .await?;
        if updated.rows_affected != 1 {
            Err(crate::db::DbError::Stale)?;
        }
        after
    }};
}

pub(crate) use save;
