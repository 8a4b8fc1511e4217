//! The table `asset_responsible`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_responsible`.
pub mod responsible {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};
    use crate::org::entity::person::Duty;

    /// Who answers for a unit's assets, from a day on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_responsible")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: UnitId,
        pub duty: Duty,
        pub person_id: PersonId,
        pub from_on: Date,
        /// The day it ended; nothing while it lasts.
        pub until_on: Option<Date>,
        /// The unit while it lasts: one of a kind a unit.
        pub current_of: Option<UnitId>,
        pub reason: String,
        pub set_by: String,
        pub set_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_responsible", id);
}
