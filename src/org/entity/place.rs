//! The table `places`.

use sea_orm::entity::prelude::*;
use serde::Serialize;

use crate::kernel::ids::{BatchId, PersonId, PlaceId, UnitId};

/// A place where things are kept (存放地点): a room, a cabinet, a shelf.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
#[sea_orm(table_name = "places")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: PlaceId,
    pub code: String,
    pub name: String,
    pub unit_id: UnitId,
    pub keeper_id: Option<PersonId>,
    pub active: bool,
    pub batch_id: Option<BatchId>,
    pub version: i64,
}

impl ActiveModelBehavior for ActiveModel {}

crate::journal::row!(Model, "places", id);
