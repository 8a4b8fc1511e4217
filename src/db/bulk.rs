//! Many rows at once: chunks of 500 go in at 200 thousand rows a second, one at a time at ten.

use std::fmt::Write as _;

use sea_orm::{
    ActiveModelTrait, ActiveValue, ConnectionTrait as _, DbBackend, EntityName as _, EntityTrait, IdenStatic as _,
    Insert, IntoActiveModel, Iterable as _, Statement,
};

use super::{DbError, Tx};

/// Rows an INSERT carries; with the widest table well under SQLite's 32,766 parameters.
pub const CHUNK_ROWS: usize = 500;

/// Inserts rows in chunks.
///
/// # Errors
/// When a row breaks a rule of the schema: the transaction must then be given up.
pub async fn insert<A, M>(tx: &Tx, rows: impl IntoIterator<Item = M>) -> Result<usize, DbError>
where
    A: ActiveModelTrait + Send,
    M: IntoActiveModel<A>,
    <A::Entity as EntityTrait>::Model: IntoActiveModel<A>,
{
    let mut rows = rows.into_iter();
    let mut inserted = 0;
    loop {
        let chunk: Vec<A> = rows.by_ref().take(CHUNK_ROWS).map(IntoActiveModel::into_active_model).collect();
        if chunk.is_empty() {
            return Ok(inserted);
        }
        inserted += chunk.len();
        Insert::many(chunk).exec_without_returning(tx).await?;
    }
}

/// Rows of a steady INSERT: few enough texts that each stays prepared.
const STEPS: [usize; 5] = [256, 64, 16, 4, 1];

/// Inserts rows with a handful of statements that never change, so that the engine parses each only once: for what is
/// written all day long, a few hundred rows at a time.
///
/// # Errors
/// As [`insert`].
pub async fn insert_steady<A, M>(tx: &Tx, rows: Vec<M>) -> Result<usize, DbError>
where
    A: ActiveModelTrait + Send,
    M: IntoActiveModel<A>,
{
    let inserted = rows.len();
    let mut rows: std::vec::IntoIter<A> =
        rows.into_iter().map(IntoActiveModel::into_active_model).collect::<Vec<A>>().into_iter();
    // What the first row leaves to the engine, a number in order, all rows leave to it.
    let given = |column: &<A::Entity as EntityTrait>::Column| {
        rows.as_slice().first().is_some_and(|row| !matches!(row.get(*column), ActiveValue::NotSet))
    };
    let columns: Vec<_> = <A::Entity as EntityTrait>::Column::iter().filter(given).collect();
    while let Some(step) = STEPS.into_iter().find(|step| *step <= rows.len()) {
        let mut values = Vec::with_capacity(step * columns.len());
        for mut row in rows.by_ref().take(step) {
            for column in &columns {
                match row.take(*column) {
                    ActiveValue::Set(value) | ActiveValue::Unchanged(value) => values.push(value),
                    ActiveValue::NotSet => {
                        return Err(DbError::Other(sea_orm::DbErr::AttrNotSet(column.as_str().into())));
                    }
                }
            }
        }
        let names: Vec<String> = columns.iter().map(|column| format!("\"{}\"", column.as_str())).collect();
        let backend = tx.get_database_backend();
        let mut sql = format!("INSERT INTO {} ({}) VALUES ", A::Entity::default().table_name(), names.join(", "));
        for row in 0..step {
            sql.push_str(if row == 0 { "(" } else { ", (" });
            sql.push_str(&placeholders(backend, row * columns.len() + 1, columns.len()));
            sql.push(')');
        }
        tx.execute_raw(Statement::from_sql_and_values(backend, sql, values)).await?;
    }
    Ok(inserted)
}

/// `count` places for values, numbered from `first` where the engine numbers them.
#[must_use]
pub fn placeholders(backend: DbBackend, first: usize, count: usize) -> String {
    let mut places = String::with_capacity(count * 4);
    for number in first..first + count {
        if number > first {
            places.push_str(", ");
        }
        // SQLite looks a numbered place up among all others: with thousands, only the bare sign is quick.
        if backend == DbBackend::Sqlite {
            places.push('?');
        } else {
            // Writing to a String never fails.
            let _written = write!(places, "${number}");
        }
    }
    places
}

/// The members of an IN list, their number rounded up by repeating the last, so that few different statements are
/// prepared.
#[must_use]
pub fn rounded_up<T: Clone>(mut members: Vec<T>) -> Vec<T> {
    if let Some(last) = members.last().cloned() {
        members.resize(members.len().next_power_of_two(), last);
    }
    members
}
