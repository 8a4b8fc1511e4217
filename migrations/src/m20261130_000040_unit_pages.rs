//! A page of a unit's things is read off its index alone: whether a thing has left the book stands in it, so that the rows
//! between, scattered over the whole table, are not looked at.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager};

use crate::helpers::index;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

const NAME: &str = "ix_items_unit_id";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &["unit_id", "number_key", "state"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        replace(manager, &["unit_id", "number_key"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}

async fn replace(manager: &SchemaManager<'_>, columns: &[&'static str]) -> Result<(), DbErr> {
    manager.drop_index(Index::drop().name(NAME).table("items").to_owned()).await?;
    manager.create_index(index(NAME, "items", columns)).await
}
