//! The table `asset_surpluses`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_surpluses`.
pub mod surplus {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::surplus::model::{Basis, State};
    use crate::kernel::ids::{ApprovalId, CampaignId, ItemId, MissingCaseId, PlaceId, UnitId};
    use crate::kernel::{Fen, Quantity, Timestamp};

    /// A thing that was found, and is in no book.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_surpluses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: State,
        /// Where it was found.
        pub unit_id: UnitId,
        pub place_id: Option<PlaceId>,
        /// The count that found it, and its line there.
        pub campaign_id: Option<CampaignId>,
        pub line: Option<i64>,
        pub code_read: String,
        pub name: String,
        pub specification: String,
        pub serial_number: String,
        pub class_code: String,
        pub measure_unit: String,
        pub quantity: Quantity,
        pub note: String,
        /// Which missing thing it may be, as the count saw it.
        pub lead: String,
        pub opened_by: String,
        pub opened_at: Timestamp,
        pub identified_note: String,
        pub identified_by: Option<String>,
        pub identified_at: Option<Timestamp>,
        /// The thing it turned out to be, or became.
        pub item_id: Option<ItemId>,
        /// The missing case that it ends, or of which it comes back.
        pub case_id: Option<MissingCaseId>,
        pub basis: Option<Basis>,
        pub value_fen: Option<Fen>,
        pub value_source: String,
        pub valued_by: Option<String>,
        pub valued_at: Option<Timestamp>,
        pub approval_id: Option<ApprovalId>,
        pub ended_note: String,
        pub ended_by: Option<String>,
        pub ended_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_surpluses", id);
}
