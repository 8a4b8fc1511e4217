//! The tables `vehicle_trips`, `vehicle_submissions`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `vehicle_trips`.
pub mod trip {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ApprovalId, ItemId, PersonId, UnitId};
    use crate::vehicles::trips::model::{State, TripKind};

    /// A line of a car's book.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_trips")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub kind: TripKind,
        pub state: State,
        pub item_id: ItemId,
        /// The unit that had the car when it was asked for.
        pub unit_id: UnitId,
        /// It could not wait: out first, ratified after.
        pub urgent: bool,
        pub purpose: String,
        pub destination: String,
        pub passengers: String,
        pub planned_from: Option<Timestamp>,
        pub planned_until: Option<Timestamp>,
        pub asked_by: String,
        pub asker_id: Option<PersonId>,
        pub asked_at: Timestamp,
        pub approval_id: Option<ApprovalId>,
        /// Who said yes, as the book has it.
        pub approved_by: Option<PersonId>,
        /// Of a drive to the workshop: the repair.
        pub repair_id: Option<Uuid>,
        pub driver_id: Option<PersonId>,
        /// The car while it is out: one open trip a car.
        pub open_car: Option<Uuid>,
        /// The driver while they are out: one open trip a driver.
        pub open_driver: Option<Uuid>,
        /// The month of its departure, `2026-11`.
        pub month: Option<String>,
        pub departed_at: Option<Timestamp>,
        pub departed_km: Option<i64>,
        /// What the odometer showed more at departure than at the return before it.
        pub gap_km: Option<i64>,
        pub returned_at: Option<Timestamp>,
        pub returned_km: Option<i64>,
        pub checked_by: Option<PersonId>,
        pub checked_at: Option<Timestamp>,
        pub check_note: String,
        pub submission_id: Option<Uuid>,
        pub question: String,
        pub questioned_by: Option<PersonId>,
        pub questioned_at: Option<Timestamp>,
        pub explanation: String,
        pub explained_by: Option<PersonId>,
        pub explained_at: Option<Timestamp>,
        pub ended_at: Option<Timestamp>,
        pub ended_reason: String,
        pub version: i64,
    }

    impl Model {
        /// How far it went; nothing while it is out.
        #[must_use]
        pub fn km(&self) -> Option<i64> {
            Some(self.returned_km? - self.departed_km?)
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_trips", id);
}

/// The table `vehicle_submissions`.
pub mod submission {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};
    use crate::vehicles::trips::model::SubmissionState;

    /// A unit's book of a month, handed in.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_submissions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: UnitId,
        /// `2026-10`; one a unit and month.
        pub month: String,
        pub state: SubmissionState,
        pub trip_count: i64,
        pub km: i64,
        /// After the day by which it was due.
        pub late: bool,
        pub note: String,
        pub submitted_by: String,
        pub submitter_id: Option<PersonId>,
        pub submitted_at: Timestamp,
        pub accepted_by: Option<PersonId>,
        pub accepted_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_submissions", id);
}
