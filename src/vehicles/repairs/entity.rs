//! The tables `vehicle_repairs`, `vehicle_repair_parts`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `vehicle_repairs`.
pub mod repair {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::{ApprovalId, ItemId, PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};
    use crate::vehicles::repairs::model::{RepairKind, State};

    /// A repair order (送修单).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_repairs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub kind: RepairKind,
        pub state: State,
        pub item_id: ItemId,
        pub unit_id: UnitId,
        pub shop_id: Uuid,
        /// What is wrong, or is to be done.
        pub fault: String,
        pub budget_fen: Fen,
        pub asked_by: String,
        pub asker_id: Option<PersonId>,
        pub asked_at: Timestamp,
        pub approval_id: Option<ApprovalId>,
        pub approved_by: Option<PersonId>,
        /// The car while it is open: one a car.
        pub open_of: Option<Uuid>,
        /// The line of the trip book in which it is entered.
        pub trip_id: Option<Uuid>,
        pub sent_at: Option<Timestamp>,
        pub sent_km: Option<i64>,
        pub returned_at: Option<Timestamp>,
        pub returned_km: Option<i64>,
        pub labour_fen: Option<Fen>,
        /// Parts and labour together.
        pub total_fen: Option<Fen>,
        pub invoice: String,
        /// What became of the old parts.
        pub old_parts: String,
        /// Why it cost more than was approved.
        pub over_reason: String,
        pub inspected_by: Option<PersonId>,
        pub ended_at: Option<Timestamp>,
        pub ended_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_repairs", id);
}

/// The table `vehicle_repair_parts`.
pub mod part {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Fen;

    /// A part that was replaced.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_repair_parts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub repair_id: Uuid,
        pub line: i64,
        pub name: String,
        /// As compared, so that prices of one part are found.
        pub name_key: String,
        pub measure_unit: String,
        /// Thousandths.
        pub quantity_milli: i64,
        pub unit_price_fen: Fen,
        pub amount_fen: Fen,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_repair_parts", id);
}
