//! The tables `fuel_statements`, `fuel_transactions`, `fuel_slips`, `fuel_column_maps`, `fuel_anomalies`, `fuel_limits`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `fuel_statements`.
pub mod statement {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::{Fen, Timestamp};
    use crate::vehicles::cards::model::Supplier;
    use crate::vehicles::fuel::ledger::model::StatementState;

    /// A file of the oil company, for a month.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_statements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub supplier: Supplier,
        /// `2026-11`: that of most of its records.
        pub month: String,
        pub file_name: String,
        /// Of the file; unique, so that it comes in once.
        pub sha256: String,
        pub records: i64,
        pub fills: i64,
        /// Of its fills.
        pub quantity_ml: i64,
        pub amount_fen: Fen,
        pub loads_fen: Fen,
        /// Rows that could not be read.
        pub rejected: i64,
        /// What its own line of totals says, where somebody typed it in.
        pub stated_ml: Option<i64>,
        pub stated_fen: Option<Fen>,
        pub state: StatementState,
        pub imported_by: String,
        pub imported_at: Timestamp,
        pub closed_by: String,
        pub closed_at: Option<Timestamp>,
        pub close_note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_statements", id);
}

/// The table `fuel_transactions`.
pub mod transaction {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::{ItemId, UnitId};
    use crate::kernel::{Fen, Timestamp};
    use crate::vehicles::fuel::ledger::model::{RecordKind, Verdict};

    /// A record of a statement.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_transactions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub statement_id: Uuid,
        /// Its row in the file.
        pub line: i64,
        pub serial: String,
        pub card_number: String,
        pub card_id: Option<Uuid>,
        /// As the record has it.
        pub plate: String,
        /// The car it is laid to: the one shown, else the one that held the card.
        pub item_id: Option<ItemId>,
        pub unit_id: Option<UnitId>,
        pub at: Timestamp,
        pub timed: bool,
        pub kind: RecordKind,
        pub grade: String,
        pub quantity_ml: Option<i64>,
        /// Yuan a litre, in ten-thousandths.
        pub price_e4: Option<i64>,
        pub amount_fen: Option<Fen>,
        pub balance_fen: Option<Fen>,
        pub station: String,
        pub odometer_km: Option<i64>,
        pub full_tank: Option<bool>,
        pub container: bool,
        pub note: String,
        pub verdict: Verdict,
        pub slip_id: Option<Uuid>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_transactions", id);
}

/// The table `fuel_slips`.
pub mod slip {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::{ItemId, PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};
    use crate::vehicles::fuel::ledger::model::SlipVerdict;

    /// What a driver wrote down of a fill.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_slips")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub unit_id: UnitId,
        pub at: Timestamp,
        pub driver_id: Option<PersonId>,
        pub quantity_ml: i64,
        pub amount_fen: Option<Fen>,
        pub station: String,
        pub odometer_km: Option<i64>,
        pub full_tank: bool,
        pub container: bool,
        /// Of the approval of a drum's or a jerrycan's fill.
        pub approval_number: String,
        pub note: String,
        pub verdict: SlipVerdict,
        pub entered_by: String,
        pub entered_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_slips", id);
}

/// The table `fuel_column_maps`.
pub mod column_map {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::vehicles::cards::model::Supplier;

    /// Which of a supplier's columns are which fields.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_column_maps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub supplier: Supplier,
        /// `field=Header`, a line each.
        pub entries: String,
        pub set_by: String,
        pub set_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_column_maps", id);
}

/// The table `fuel_anomalies`.
pub mod anomaly {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{FindingId, ItemId, UnitId};

    /// What a rule said of a record, the first time it did.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_anomalies")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub transaction_id: Uuid,
        pub item_id: Option<ItemId>,
        pub unit_id: Option<UnitId>,
        pub rule: String,
        pub severity: String,
        /// In tenths: 10 to 1000.
        pub score: i64,
        pub observed: String,
        pub expected: String,
        pub explanation: String,
        pub finding_id: Option<FindingId>,
        pub found_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_anomalies", id);
}

/// The table `fuel_limits`.
pub mod limit {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::vehicles::fuel::ledger::model::LimitScope;

    /// A number that decides, from a day on. Only grows.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_limits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub knob: String,
        pub scope: LimitScope,
        /// The use or the model it is for; blank for all.
        pub scope_value: String,
        pub value_milli: i64,
        pub effective_from: Date,
        pub source: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_limits", id);
}
