//! The tables `armoury_inspections`, `armoury_inspection_results`, `armoury_inspection_photos`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armoury_inspections`.
pub mod inspection {
    use chrono::NaiveDate;
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::inspections::model::{Kind, State};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, PersonId, UnitId};

    /// An inspection of an armoury (安全检查对照检查表).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_inspections")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub kind: Kind,
        pub armoury_id: Uuid,
        /// 被检单位
        pub unit_id: UnitId,
        /// 检查日期
        pub day: NaiveDate,
        /// Of a special inspection: which.
        pub occasion: String,
        /// By which list of checks.
        pub checklist: i64,
        /// 检查人员
        pub inspector_id: PersonId,
        /// 检查单位
        pub inspecting_unit_id: UnitId,
        /// 负责人: in charge of the armoury on that day.
        pub in_charge_id: Option<PersonId>,
        pub state: State,
        pub opened_at: Timestamp,
        /// 存在问题
        pub problems: String,
        /// 上报单位
        pub reported_to: String,
        /// How many checks failed.
        pub failed: i64,
        /// With which account it was signed.
        pub account_id: Option<AccountId>,
        pub signed_at: Option<Timestamp>,
        pub cancelled_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_inspections", id);
}

/// The table `armoury_inspection_results`.
pub mod result {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::inspections::model::Outcome;
    use crate::kernel::Timestamp;

    /// What a check came to.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_inspection_results")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub inspection_id: Uuid,
        pub code: String,
        pub outcome: Outcome,
        pub remark: String,
        pub entered_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_inspection_results", id);
}

/// The table `armoury_inspection_photos`: append-only.
pub mod photo {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;

    /// A photo of an inspection; what it holds lies on the shelf under its hash.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_inspection_photos")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub inspection_id: Uuid,
        /// Of which check; blank: of the whole.
        pub code: String,
        pub name: String,
        pub media_type: String,
        pub bytes: i64,
        pub sha256: String,
        pub uploaded_by: String,
        pub uploaded_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_inspection_photos", id);
}
