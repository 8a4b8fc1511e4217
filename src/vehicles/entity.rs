//! The tables `vehicles`, `vehicle_drivers`, `vehicle_readings`, `vehicle_counters`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `vehicles`: what the ledger knows of a car beside its item.
pub mod vehicle {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;
    use crate::vehicles::model::{Energy, Papers, Quota, UseKind};

    /// A car.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicles")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: ItemId,
        pub plate: String,
        /// As compared: half-width, upper case, without blanks and dots; unique.
        pub plate_key: String,
        pub vin: String,
        /// The chassis number where there is one; unique.
        pub vin_key: Option<String>,
        pub engine_number: String,
        pub quota: Quota,
        pub use_kind: UseKind,
        pub energy: Energy,
        pub seats: Option<i64>,
        /// Displacement, millilitres.
        pub displacement_ml: Option<i64>,
        /// What the tank holds, millilitres.
        pub tank_ml: Option<i64>,
        /// What the battery holds, watt-hours.
        pub battery_wh: Option<i64>,
        /// `92`, `95`, `0`, `-10` …; blank when unknown or electric.
        pub fuel_grade: String,
        /// Rated consumption, millilitres in 100 km.
        pub rated_ml_100km: Option<i64>,
        /// Rated consumption, watt-hours in 100 km.
        pub rated_wh_100km: Option<i64>,
        pub has_licence: bool,
        pub registered_on: Option<Date>,
        pub compulsory_until: Option<Date>,
        pub commercial_until: Option<Date>,
        pub inspected_until: Option<Date>,
        /// What the odometer showed at the last return, or when it was entered or replaced.
        pub odometer_km: i64,
        /// When; nothing while nobody knows.
        pub odometer_at: Option<Timestamp>,
        pub version: i64,
    }

    impl Model {
        /// The dates by which something must be renewed.
        #[must_use]
        pub const fn papers(&self) -> Papers {
            Papers {
                compulsory_until: self.compulsory_until,
                commercial_until: self.commercial_until,
                inspected_until: self.inspected_until,
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicles", item_id);
}

/// The table `vehicle_drivers`.
pub mod driver {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::PersonId;
    use crate::vehicles::model::LicenceClass;

    /// Somebody's licence to drive.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_drivers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        /// One licence a person.
        pub person_id: PersonId,
        pub licence_class: LicenceClass,
        pub valid_from: Option<Date>,
        /// The last day; nothing is without end (长期).
        pub valid_until: Option<Date>,
        /// Whether they may drive the sub-bureau's cars.
        pub active: bool,
        pub note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_drivers", id);
}

/// The table `vehicle_readings`.
pub mod reading {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// What an odometer showed at the end of a day.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_readings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub read_on: Date,
        pub odometer_km: i64,
        /// What the old odometer showed when it was replaced by one that shows `odometer_km`.
        pub old_km: Option<i64>,
        pub note: String,
        pub read_by: String,
        pub recorded_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_readings", id);
}
