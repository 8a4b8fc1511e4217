//! The tables of the registry: stores, cabinets, arms, magazines, ammunition, armed officers, numbers.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armouries`.
pub mod armoury {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::kernel::ids::{PersonId, UnitId};

    /// A store (枪库 or 弹药库).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armouries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub number_key: String,
        pub name: String,
        pub kind: StoreKind,
        pub unit_id: UnitId,
        /// Who is in charge of it (负责人).
        pub in_charge_id: Option<PersonId>,
        pub active: bool,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armouries", id);
}

/// The table `gun_cabinets`.
pub mod cabinet {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;

    /// A cabinet (枪柜) with numbered slots.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "gun_cabinets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub armoury_id: Uuid,
        /// Always of guns: the key to its store carries the kind.
        pub store_kind: StoreKind,
        pub number: String,
        pub number_key: String,
        pub slots: i64,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "gun_cabinets", id);
}

/// The table `firearms`: what the ledger knows of a gun beside its item.
pub mod arm {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::{ArmState, Category, Issue, StoreKind};
    use crate::kernel::ids::{ItemId, PersonId};

    /// A gun.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearms")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: ItemId,
        /// 枪支类型, as `92式手枪`.
        pub model: String,
        pub model_key: String,
        pub category: Category,
        /// 枪号
        pub serial: String,
        /// As compared; unique within its model.
        pub serial_key: String,
        /// 枪证号码
        pub certificate: String,
        pub certificate_key: Option<String>,
        /// 痕迹建档: the number of the record; blank when there is none.
        pub ballistic_record: String,
        pub issue: Issue,
        /// Whose it is when it is somebody's own.
        pub dedicated_to: Option<PersonId>,
        pub state: ArmState,
        /// Why, as the fault that was reported.
        pub state_note: String,
        pub armoury_id: Uuid,
        /// Always of guns: the key to its store carries the kind.
        pub store_kind: StoreKind,
        pub cabinet_id: Option<Uuid>,
        pub slot: Option<i64>,
        /// 配发时间
        pub issued_on: Option<Date>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearms", item_id);
}

/// The table `firearm_magazines`.
pub mod magazine {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::{MagazineState, StoreKind};

    /// A magazine (弹匣), told from loose rounds and from guns.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_magazines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub number_key: String,
        /// The model of gun that it fits.
        pub model: String,
        pub model_key: String,
        pub state: MagazineState,
        pub armoury_id: Uuid,
        pub store_kind: StoreKind,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_magazines", id);
}

/// The table `ammunition_lots`.
pub mod lot {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    /// A lot (批次) of one type of round.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "ammunition_lots")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub type_name: String,
        pub type_key: String,
        pub lot: String,
        pub lot_key: String,
        pub made_on: Option<Date>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "ammunition_lots", id);
}

/// The table `ammunition_stock`.
pub mod stock {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;

    /// How many rounds of a lot lie in a store.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "ammunition_stock")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub lot_id: Uuid,
        pub armoury_id: Uuid,
        /// Always of ammunition: the key to its store carries the kind.
        pub store_kind: StoreKind,
        pub rounds: i64,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "ammunition_stock", id);
}

/// The table `ammunition_entries`: append-only.
pub mod entry {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::EntryKind;
    use crate::kernel::Timestamp;

    /// One change of a lot's rounds in a store.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "ammunition_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub stock_id: Uuid,
        pub seq: i64,
        pub kind: EntryKind,
        pub delta: i64,
        /// Rounds after it.
        pub balance: i64,
        /// The paper or draw that it came by.
        pub document: String,
        pub note: String,
        pub entered_by: String,
        pub entered_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "ammunition_entries", id);
}

/// The table `armed_officers`.
pub mod officer {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::PersonId;

    /// An armed officer (配枪民警) and their carry licence (持枪证).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armed_officers")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: PersonId,
        pub licence: String,
        pub licence_key: String,
        pub issuer: String,
        pub issued_on: Date,
        /// The last day on which it holds.
        pub valid_until: Date,
        /// Whether they may be given a gun at all.
        pub active: bool,
        pub note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armed_officers", id);
}

/// The table `armed_officer_results`: append-only.
pub mod result {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::ResultKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// What came of a training or an examination.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armed_officer_results")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: PersonId,
        pub kind: ResultKind,
        pub held_on: Date,
        pub score: Option<i64>,
        pub passed: bool,
        pub note: String,
        pub entered_by: String,
        pub entered_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armed_officer_results", id);
}

/// The table `carry_bans`.
pub mod ban {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// A ban on carrying (禁枪), with its reason.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "carry_bans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub person_id: PersonId,
        pub reason: String,
        /// The last day; nothing: until it is lifted.
        pub until: Option<Date>,
        pub banned_by: String,
        pub banned_at: Timestamp,
        pub lifted_at: Option<Timestamp>,
        pub lifted_by: String,
        pub lift_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "carry_bans", id);
}
