//! The table `settings`: what the office calls itself, and the like.

use sea_orm::entity::prelude::*;
use serde::Serialize;

/// A setting that belongs to the data, not to the machine.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "settings")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub name: String,
    pub value: String,
}

impl ActiveModelBehavior for ActiveModel {}

crate::journal::row!(Model, "settings", name);
