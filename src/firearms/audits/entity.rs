//! The tables `armoury_audits`, `armoury_audit_seeds`, `armoury_audit_lines`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armoury_audits`.
pub mod audit {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::audits::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{PersonId, UnitId};

    /// An audit of an armoury by sample.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_audits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub armoury_id: Uuid,
        pub unit_id: UnitId,
        pub in_charge_id: Option<PersonId>,
        /// 抽查人
        pub counter_id: PersonId,
        pub state: State,
        /// Percent.
        pub confidence: i64,
        /// Percent.
        pub margin: i64,
        /// By which function the seed is hashed: `sha256` or `sm3`.
        pub hash: String,
        /// The hash of the seed, made known before it is drawn.
        pub commitment: String,
        /// The seed, once it is drawn with; else blank.
        pub seed: String,
        pub opened_at: Timestamp,
        pub drawn_at: Option<Timestamp>,
        /// What was drawn from the book, a key a line: numbers of guns, lots.
        pub population: String,
        /// What was drawn from the shelves, a key a line: cabinet and slot.
        pub places: String,
        pub lines: i64,
        pub differences: i64,
        /// Why it was cancelled, or what is to be said of it.
        pub note: String,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_audits", id);
}

/// The table `armoury_audit_seeds`: append-only, and of no export: what it holds is made known when it is drawn with.
pub mod seed {
    use sea_orm::entity::prelude::*;

    /// The seed of an audit.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_audit_seeds")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub seed: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `armoury_audit_lines`.
pub mod line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::audits::model::{LineKind, Outcome};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A gun, a lot or a place that was drawn, or what was found besides.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_audit_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub audit_id: Uuid,
        pub line: i64,
        pub kind: LineKind,
        pub item_id: Option<ItemId>,
        pub stock_id: Option<Uuid>,
        pub cabinet_id: Option<Uuid>,
        pub slot: Option<i64>,
        /// The key it was drawn by, or what was read.
        pub name: String,
        pub outcome: Outcome,
        /// What the book said at the moment of the answer.
        pub book: String,
        pub seen: String,
        pub differs: bool,
        pub answered_by: String,
        pub answered_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_audit_lines", id);
}
