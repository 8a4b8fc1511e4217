//! The year's figures: a submission that is computed, the finance ledger held against the book.

use hufu::assets::submissions::model::Kind;
use hufu::assets::submissions::service::{self as submissions, New};
use hufu::assets::three_way::batches;
use hufu::assets::three_way::service::{self as three_way, Count};
use hufu::documents::{ColumnMap, Limits};

use super::year::Year;

impl Year {
    pub(crate) async fn reports(&self) {
        let (db, as_of) = (&self.office.db, self.ctx.now().day());
        let new = New { kind: Kind::Annual, unit: None, as_of, campaign: String::new() };
        submissions::begin(db, &self.ctx, &new).await.unwrap();
        let list = "资产编号,原值\nX-1,4500\n".as_bytes().to_vec();
        let parsed = batches::parse("财务.csv", list, &ColumnMap::default(), &Limits::default()).unwrap();
        let batch = batches::write(db, &self.ctx, &parsed, as_of).await.unwrap();
        three_way::compare(db, &self.ctx, &batch.number, &Count::Last).await.unwrap();
    }
}
