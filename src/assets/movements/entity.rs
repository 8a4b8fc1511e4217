//! The tables `asset_movements`, `asset_movement_lines`, `asset_confirmations`, `asset_counters`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_movements`.
pub mod movement {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::movements::model::{Disposal, Kind, State};
    use crate::kernel::ids::{ApprovalId, PersonId, PlaceId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// A document by which things move.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_movements")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub kind: Kind,
        pub state: State,
        /// The unit that has the things when it is asked for.
        pub unit_id: UnitId,
        pub to_unit_id: Option<UnitId>,
        pub to_place_id: Option<PlaceId>,
        pub to_keeper_id: Option<PersonId>,
        /// Who else: the borrower, the workshop, the supplier, the receiver of what is disposed of.
        pub counterparty: String,
        /// The day by which what was lent or sent to repair is to be back.
        pub due_on: Option<Date>,
        pub disposal: Option<Disposal>,
        pub reason: String,
        /// Why a thing is scrapped before the end of its useful life.
        pub early_reason: String,
        /// What was noticed when it was asked for, and did not stop it.
        pub notes: String,
        pub line_count: i64,
        pub value_fen: Fen,
        pub asked_by: String,
        pub asker_id: Option<PersonId>,
        pub asked_at: Timestamp,
        pub approval_id: Option<ApprovalId>,
        pub accepted_by: Option<PersonId>,
        pub accepted_at: Option<Timestamp>,
        pub finished_by: Option<String>,
        /// Who signed beside whoever finished it.
        pub second_id: Option<PersonId>,
        pub finished_at: Option<Timestamp>,
        pub finished_reason: String,
        /// The minutes of the collective decision.
        pub decision: String,
        /// The number of the approval of the authority that is competent.
        pub approval_number: String,
        pub proceeds_fen: Option<Fen>,
        /// The receipt of non-tax revenue.
        pub receipt: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_movements", id);
}

/// The table `asset_movement_lines`.
pub mod movement_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::items::model::ItemState;
    use crate::kernel::ids::{ItemId, PersonId, PlaceId, UnitId};
    use crate::kernel::{Fen, Quantity, Timestamp};

    /// One thing of a document: what it was when asked for, what it became.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_movement_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub movement_id: Uuid,
        pub line: i64,
        pub item_id: ItemId,
        /// The thing's id while the document is open: one open document a thing.
        pub open_of: Option<Uuid>,
        pub value_fen: Fen,
        pub from_unit_id: UnitId,
        pub from_place_id: Option<PlaceId>,
        pub from_keeper_id: Option<PersonId>,
        pub from_quantity: Quantity,
        pub from_state: ItemState,
        pub to_unit_id: Option<UnitId>,
        pub to_place_id: Option<PlaceId>,
        pub to_keeper_id: Option<PersonId>,
        pub to_quantity: Option<Quantity>,
        pub to_state: Option<ItemState>,
        /// The facts that were corrected, JSON: before and after.
        pub facts: Option<String>,
        /// The line that this one answers: of a return, the loan.
        pub answers_id: Option<Uuid>,
        /// When a loan or repair came back.
        pub answered_at: Option<Timestamp>,
        /// The count that expects the thing, when there is one.
        pub count_note: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_movement_lines", id);
}

/// The table `asset_confirmations`: append-only.
pub mod confirmation {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ItemId, PersonId, UnitId};

    /// What a keeper said of a thing: that it is with them, or not.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_confirmations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub person_id: PersonId,
        pub unit_id: UnitId,
        pub with_me: bool,
        pub note: String,
        pub said_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_confirmations", id);
}
