//! The table `units`.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::kernel::ids::{BatchId, UnitId};

/// A unit (单位): the command centre, a brigade, a police station.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "units")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: UnitId,
    pub code: String,
    pub name: String,
    pub parent_id: Option<UnitId>,
    /// 派出所, 大队, 中心 …, as the office calls it.
    pub kind: String,
    pub active: bool,
    pub batch_id: Option<BatchId>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

crate::journal::row!(Model, "units", id);
