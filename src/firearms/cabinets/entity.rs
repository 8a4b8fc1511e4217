//! The tables `cabinet_devices`, `cabinet_device_keys`, `cabinet_events`, `cabinet_events_waiting`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `cabinet_devices`.
pub mod device {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::cabinets::model::DeviceState;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::UnitId;

    /// What speaks for a cabinet.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "cabinet_devices")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub number_key: String,
        pub name: String,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        pub cabinet_id: Uuid,
        pub state: DeviceState,
        pub registered_by: String,
        pub registered_at: Timestamp,
        /// Since when its key holds.
        pub keyed_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub revoke_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "cabinet_devices", id);
}

/// The table `cabinet_device_keys`: what a device signs with, and how far it has come. Never exported.
pub mod device_key {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;
    use crate::webhooks::entity::webhook_key::Secret;

    /// A device's key; gone once it is revoked.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cabinet_device_keys")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub device_id: Uuid,
        pub secret: Secret,
        /// The highest number that came.
        pub last_seq: i64,
        /// Up to which number what is missing was told.
        pub judged_seq: i64,
        /// When it last reported.
        pub seen_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `cabinet_events`: append-only.
pub mod event {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::cabinets::model::EventKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ItemId, PersonId, UnitId};

    /// What a cabinet told.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "cabinet_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub device_id: Uuid,
        /// As the device counts.
        pub seq: i64,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        pub cabinet_id: Uuid,
        pub kind: EventKind,
        pub slot: Option<i64>,
        /// The gun that the book has in that slot.
        pub item_id: Option<ItemId>,
        /// The badge or card that was shown, as told; blank when none was.
        pub badge: String,
        /// Whose it is, when it is one of ours.
        pub person_id: Option<PersonId>,
        pub note: String,
        /// By the device's clock.
        pub happened_at: Timestamp,
        /// When the device sent it, by its clock.
        pub sent_at: Timestamp,
        /// By ours.
        pub received_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "cabinet_events", id);
}

/// The table `cabinet_events_waiting`: what is not held against the book yet.
pub mod waiting {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// An event, and when it is looked at.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "cabinet_events_waiting")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub event_id: Uuid,
        pub judge_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
