//! The chain that a fill of drums or jerrycans goes through: the head of the unit.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, MigrationTrait, OnConflict, Query, SchemaManager};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const KIND: &str = "fuel_drum";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let source = "公务用车加油管理：油桶、散装加油单独审批、单独登记";
        let mut head = Query::insert();
        head.into_table("approval_chains").columns(["kind", "effective_from", "name", "source"]);
        head.values_panic([KIND.into(), 0i64.into(), "油桶加油".into(), source.into()]);
        head.on_conflict(OnConflict::columns(["kind", "effective_from"]).do_nothing().to_owned());
        manager.execute(head).await?;
        let mut step = Query::insert();
        step.into_table("approval_steps").columns(["kind", "effective_from", "from_fen", "step", "role", "level"]);
        step.values_panic([KIND.into(), 0i64.into(), 0i64.into(), 1i64.into(), "unit_head".into(), "own_unit".into()]);
        let key = ["kind", "effective_from", "from_fen", "step"];
        step.on_conflict(OnConflict::columns(key).do_nothing().to_owned());
        manager.execute(step).await
    }

    /// The chain stays: what was decided by it refers to it, and its tables are only added to.
    async fn down(&self, _manager: &SchemaManager) -> Result<(), DbErr> {
        Ok(())
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
