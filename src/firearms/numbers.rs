//! Numbers without gaps, by kind and year: `LQ-2026-0001` of a draw, `JB-2026-0001` of a handover. The last number given
//! is a row, written in the transaction that uses the next: what is rolled back takes its number back.

use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, QueryFilter as _, sea_query::Expr,
};

use super::entity::counter;
use crate::db::{DbError, Tx};

/// Takes the next `many` numbers of a kind and year, and returns the first.
pub(super) async fn take(tx: &Tx, counted: &str, many: i64) -> Result<i64, DbError> {
    let Some(row) = counter::Entity::find_by_id(counted).one(tx).await? else {
        let row = counter::Model { counted: counted.to_owned(), last: many };
        row.into_active_model().insert(tx).await?;
        return Ok(1);
    };
    let moved = counter::Entity::update_many()
        .col_expr(counter::Column::Last, Expr::value(row.last + many))
        .filter(counter::Column::Counted.eq(counted))
        .filter(counter::Column::Last.eq(row.last))
        .exec(tx)
        .await?;
    if moved.rows_affected == 1 { Ok(row.last + 1) } else { Err(DbError::Stale) }
}

/// The next number of a kind in the year of a day.
pub(super) async fn next(tx: &Tx, prefix: &str, day: chrono::NaiveDate) -> Result<String, DbError> {
    let counted = format!("{prefix}-{}", day.format("%Y"));
    let next = take(tx, &counted, 1).await?;
    Ok(format!("{counted}-{next:04}"))
}
