//! The tables of the three-way check.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_finance_batches`.
pub mod finance_batch {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::{Fen, Timestamp};

    /// The finance system's list of one day, as it was brought in.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_finance_batches")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub as_of: Date,
        pub file_name: String,
        pub file_sha256: String,
        /// The hash while the batch stands: one file stands once.
        pub standing_sha256: Option<String>,
        pub row_count: i64,
        pub reject_count: i64,
        pub value_fen: Fen,
        pub imported_by: String,
        pub imported_at: Timestamp,
        pub undone_by: Option<String>,
        pub undone_at: Option<Timestamp>,
        pub undone_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_finance_batches", id);
}

/// The table `asset_finance_lines`: append-only.
pub mod finance_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Fen;

    /// One row of the list.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_finance_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub batch_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        /// Sheet and row in the file.
        pub place_in_file: String,
        pub item_number: String,
        pub number_key: String,
        pub name: String,
        pub unit_name: String,
        /// 科目.
        pub account: String,
        pub value_fen: Fen,
        pub accumulated_fen: Option<Fen>,
        pub net_fen: Option<Fen>,
        pub booked_on: Option<Date>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_finance_lines", batch_id, line);
}

/// The table `asset_three_way_checks`.
pub mod three_way_check {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::three_way::model::State;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::CampaignId;

    /// Book, count and finance ledger of a day, held against each other.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_three_way_checks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub as_of: Date,
        pub batch_id: Uuid,
        pub campaign_id: Option<CampaignId>,
        pub state: State,
        pub line_count: i64,
        pub difference_count: i64,
        /// Differences that nobody has explained.
        pub open_count: i64,
        pub made_by: String,
        pub made_at: Timestamp,
        pub finished_by: Option<String>,
        pub finished_at: Option<Timestamp>,
        pub finished_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_three_way_checks", id);
}

/// The table `asset_three_way_lines`.
pub mod three_way_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::three_way::model::{Category, Verdict};
    use crate::kernel::ids::{ItemId, PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// One thing as the three have it, and why they differ.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_three_way_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub check_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub item_id: Option<ItemId>,
        pub item_number: String,
        pub name: String,
        pub unit_id: Option<UnitId>,
        pub account: String,
        pub verdict: Verdict,
        /// What else applies, names with commas between.
        pub also: String,
        /// What the count found; blank when it says nothing.
        pub count_verdict: String,
        pub book_fen: Option<Fen>,
        pub finance_fen: Option<Fen>,
        pub book_accumulated_fen: Option<Fen>,
        pub finance_accumulated_fen: Option<Fen>,
        pub finance_rows: i64,
        pub category: Option<Category>,
        pub explanation: String,
        pub explained_by: Option<PersonId>,
        pub explained_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_three_way_lines", check_id, line);
}
