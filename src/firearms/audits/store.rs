//! Audits within reach. They take any connection and decide nothing.

use sea_orm::prelude::Uuid;
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait, EntityTrait as _, QueryFilter as _, QueryOrder as _, QuerySelect as _,
};

use super::entity::{audit, line};
use crate::access::{Action, reach};
use crate::db::DbError;
use crate::firearms::ArmsError;
use crate::kernel::Ctx;

fn visible(ctx: &Ctx) -> Condition {
    let all = Condition::all();
    match reach(ctx, Action::FirearmsRead).units() {
        Some(units) => all.add(audit::Column::UnitId.is_in(units)),
        None => all,
    }
}

/// Audits that `ctx` may see, newest first.
///
/// # Errors
/// When the database cannot be read.
pub async fn list(db: &impl ConnectionTrait, ctx: &Ctx, limit: u64) -> Result<Vec<audit::Model>, DbError> {
    let all = audit::Entity::find().filter(visible(ctx));
    Ok(all.order_by_desc(audit::Column::Id).limit(limit).all(db).await?)
}

/// The audit of this number that `ctx` may see.
///
/// # Errors
/// [`ArmsError::NotFound`] when there is none, or it is out of scope.
pub async fn one(db: &impl ConnectionTrait, ctx: &Ctx, number: &str) -> Result<audit::Model, ArmsError> {
    let missing = ArmsError::NotFound("这次抽查");
    if number.contains('\0') {
        return Err(missing);
    }
    let key = crate::kernel::text::key(number).into_owned();
    let of_number = audit::Column::Number.eq(key);
    audit::Entity::find().filter(visible(ctx)).filter(of_number).one(db).await?.ok_or(missing)
}

/// The lines of an audit in the order in which they were drawn.
///
/// # Errors
/// When the database cannot be read.
pub async fn lines(db: &impl ConnectionTrait, of: Uuid) -> Result<Vec<line::Model>, DbError> {
    let rows = line::Entity::find().filter(line::Column::AuditId.eq(of));
    Ok(rows.order_by_asc(line::Column::Line).all(db).await?)
}
