//! The tables `firearm_upkeeps`, `firearm_upkeep_lines`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `firearm_upkeeps`.
pub mod upkeep {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::model::StoreKind;
    use crate::firearms::upkeep::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// A paper (保养单).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_upkeeps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: State,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        /// Always of guns: the key to its store carries the kind.
        pub store_kind: StoreKind,
        /// 原因
        pub reason: String,
        /// 申请人
        pub applicant_id: PersonId,
        pub asked_at: Timestamp,
        /// 审批人
        pub approver_id: Option<PersonId>,
        pub decided_at: Option<Timestamp>,
        pub opinion: String,
        /// 擦拭人1
        pub cleaner1_id: Option<PersonId>,
        /// 擦拭人2
        pub cleaner2_id: Option<PersonId>,
        pub started_at: Option<Timestamp>,
        pub cleaned_at: Option<Timestamp>,
        /// 完成人1
        pub finisher1_id: Option<PersonId>,
        /// 完成人2
        pub finisher2_id: Option<PersonId>,
        pub ended_at: Option<Timestamp>,
        pub ended_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_upkeeps", id);
}

/// The table `firearm_upkeep_lines`.
pub mod line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::upkeep::model::Outcome;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A gun in a paper.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_upkeep_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub upkeep_id: Uuid,
        pub line: i64,
        pub item_id: ItemId,
        /// Whether it waited for its cleaning before it was approved, as a gun that was fired does.
        pub was_due: bool,
        pub outcome: Outcome,
        /// The fault that was found.
        pub note: String,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_upkeep_lines", id);
}
