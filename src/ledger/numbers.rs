//! Numbers without gaps, by kind and year: `DB-2026-0001` of a transfer, `YC-2026-0001` of a trip. The last number given is
//! a row of the ledger's own table, written in the transaction that uses the next: what is rolled back takes its number
//! back.

use sea_orm::ConnectionTrait as _;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};

use crate::db::{DbError, Tx};

/// The table in which a ledger counts.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Counters(pub(crate) &'static str);

impl Counters {
    /// Takes the next `many` numbers of what is counted, and returns the first.
    pub(crate) async fn take(self, tx: &Tx, counted: &str, many: i64) -> Result<i64, DbError> {
        let of_it = || Expr::col("counted").eq(counted);
        let read = Query::select().column("last").from(self.0).and_where(of_it()).to_owned();
        let Some(row) = tx.query_one(&read).await? else {
            let first = Query::insert()
                .into_table(self.0)
                .columns(["counted", "last"])
                .values_panic([counted.into(), many.into()])
                .to_owned();
            tx.execute(&first).await?;
            return Ok(1);
        };
        let last: i64 = row.try_get("", "last")?;
        let write = Query::update()
            .table(self.0)
            .value("last", last + many)
            .and_where(of_it())
            .and_where(Expr::col("last").eq(last))
            .to_owned();
        if tx.execute(&write).await?.rows_affected() == 1 { Ok(last + 1) } else { Err(DbError::Stale) }
    }

    /// The next number of a kind in the year of a day.
    pub(crate) async fn next(self, tx: &Tx, prefix: &str, day: chrono::NaiveDate) -> Result<String, DbError> {
        let counted = format!("{prefix}-{}", day.format("%Y"));
        let next = self.take(tx, &counted, 1).await?;
        Ok(format!("{counted}-{next:04}"))
    }
}
