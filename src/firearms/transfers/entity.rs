//! The tables `armoury_changes`, `armoury_transfers`, `armoury_transfer_lines`, `firearm_scrappings`, `training_firings`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armoury_changes`: append-only.
pub mod change {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::firearms::transfers::model::Reason;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A line of 枪支变更情况 or 弹药变更情况.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_changes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub armoury_id: Uuid,
        pub store_kind: StoreKind,
        pub reason: Reason,
        pub item_id: Option<ItemId>,
        pub stock_id: Option<Uuid>,
        /// By how many; a gun is one.
        pub quantity: i64,
        pub document: String,
        pub note: String,
        pub entered_by: String,
        pub entered_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_changes", id);
}

/// The table `armoury_transfers`.
pub mod transfer {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::firearms::transfers::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// A transfer (枪弹调拨单).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_transfers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: State,
        /// Of guns or of ammunition, as both its stores are.
        pub store_kind: StoreKind,
        pub from_id: Uuid,
        pub to_id: Uuid,
        pub from_unit_id: UnitId,
        pub to_unit_id: UnitId,
        /// 调拨依据、运输许可
        pub document: String,
        pub reason: String,
        pub asked_by: String,
        pub asked_at: Timestamp,
        pub sent1_id: Option<PersonId>,
        pub sent2_id: Option<PersonId>,
        pub sent_at: Option<Timestamp>,
        /// Who received last.
        pub received1_id: Option<PersonId>,
        pub received2_id: Option<PersonId>,
        pub received_at: Option<Timestamp>,
        /// What was short or wrong when it arrived last, or why it was cancelled.
        pub note: String,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_transfers", id);
}

/// The table `armoury_transfer_lines`.
pub mod line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A gun, or the rounds of a lot, in a transfer.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_transfer_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub transfer_id: Uuid,
        pub store_kind: StoreKind,
        pub line: i64,
        pub item_id: Option<ItemId>,
        /// The lot in the store that it goes from.
        pub stock_id: Option<Uuid>,
        pub quantity: i64,
        pub arrived: i64,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_transfer_lines", id);
}

/// The table `firearm_scrappings`: append-only.
pub mod scrapping {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ItemId, PersonId, UnitId};

    /// A gun handed up to be destroyed (报废枪支上交).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_scrappings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        /// Always of guns.
        pub store_kind: StoreKind,
        pub item_id: ItemId,
        /// The certificate that went with it.
        pub certificate: String,
        /// 接收单位
        pub receiver: String,
        pub receiver_person: String,
        pub document: String,
        pub reason: String,
        pub handed1_id: PersonId,
        pub handed2_id: PersonId,
        pub handed_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_scrappings", id);
}

/// The table `training_firings`.
pub mod training {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::firearms::transfers::model::Firing;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// Rounds for a training (训练射击).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "training_firings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: Firing,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        /// Always of ammunition.
        pub store_kind: StoreKind,
        pub stock_id: Uuid,
        pub rounds_out: i64,
        pub rounds_back: i64,
        pub fired: i64,
        /// 弹壳
        pub cases_kept: i64,
        /// 带队人
        pub leader_id: PersonId,
        /// 参训人员
        pub participants: String,
        pub place: String,
        pub document: String,
        pub out_at: Timestamp,
        pub out1_id: PersonId,
        pub out2_id: PersonId,
        pub back1_id: Option<PersonId>,
        pub back2_id: Option<PersonId>,
        pub ended_at: Option<Timestamp>,
        pub note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "training_firings", id);
}
