//! The tables `armoury_shifts`, `armoury_shift_lines`, `armoury_shift_signatures`, `armoury_visits`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `armoury_shifts`.
pub mod shift {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::shifts::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::UnitId;

    /// A handover of a unit's stores.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_shifts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub unit_id: UnitId,
        pub state: State,
        pub opened_by: String,
        pub opened_at: Timestamp,
        /// Which count holds; 0 before the first.
        pub round: i64,
        pub counted_by: String,
        pub counted_at: Option<Timestamp>,
        pub differences: i64,
        /// What is known of the differences, or why it was cancelled.
        pub note: String,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_shifts", id);
}

/// The table `armoury_shift_lines`: append-only.
pub mod line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::shifts::model::{LineKind, Tally};
    use crate::kernel::ids::ItemId;

    /// A gun or a lot, as one count found it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_shift_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shift_id: Uuid,
        pub round: i64,
        pub line: i64,
        pub kind: LineKind,
        pub item_id: Option<ItemId>,
        pub stock_id: Option<Uuid>,
        /// The gun's number, the lot, or what was read.
        pub name: String,
        pub opening: i64,
        pub came: i64,
        pub went: i64,
        /// 1 for a gun that should be on its shelf.
        pub book: i64,
        pub counted: i64,
        /// Up to which entry of the lot the book was read.
        pub upto_seq: i64,
        pub differs: bool,
    }

    impl Model {
        /// Its numbers.
        #[must_use]
        pub const fn tally(&self) -> Tally {
            Tally { opening: self.opening, came: self.came, went: self.went, book: self.book, counted: self.counted }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_shift_lines", id);
}

/// The table `armoury_shift_signatures`.
pub mod signature {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::shifts::model::Side;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, PersonId};

    /// Somebody's signature to a handover.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_shift_signatures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub shift_id: Uuid,
        pub side: Side,
        pub person_id: PersonId,
        pub account_id: AccountId,
        pub signed_at: Timestamp,
        /// When it stopped counting: another count, or signed anew.
        pub voided_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_shift_signatures", id);
}

/// The table `armoury_visits`.
pub mod visit {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::UnitId;

    /// Somebody who went into a store.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "armoury_visits")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub armoury_id: Uuid,
        pub unit_id: UnitId,
        /// 姓名
        pub visitor: String,
        /// 职务、单位
        pub post: String,
        /// 同行人数
        pub companions: i64,
        /// 事由
        pub reason: String,
        pub entered_at: Timestamp,
        pub left_at: Option<Timestamp>,
        /// 检查情况
        pub findings: String,
        pub entered_by: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "armoury_visits", id);
}
