//! Beyond how many kilometres a figure of a trip is a slip of the hand: a rule that an office sets anew.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Expr, ExprTrait as _, MigrationTrait, Query, SchemaManager,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NAME: &str = "vehicles.most_km";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut insert = Query::insert();
        let columns = ["name", "version", "value", "effective_from", "source", "set_by", "set_at"];
        insert.into_table("dated_rules").columns(columns).values_panic([
            NAME.into(),
            1i64.into(),
            "3000".into(),
            0i64.into(),
            "里程填写核对：一次出车、两次出车之间超过此数的，先核对再填".into(),
            "system".into(),
            0i64.into(),
        ]);
        manager.execute(insert).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut delete = Query::delete();
        delete.from_table("dated_rules").and_where(Expr::col("name").eq(NAME));
        manager.execute(delete).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
