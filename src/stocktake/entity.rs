//! The tables of this room.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `campaigns`.
pub mod campaign {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::CampaignId;
    use crate::stocktake::model::CampaignState;

    /// A stocktake (盘点).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "campaigns")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: CampaignId,
        pub number: String,
        pub name: String,
        pub state: CampaignState,
        pub baseline_at: Timestamp,
        pub window_from: Timestamp,
        pub window_to: Timestamp,
        pub blind: bool,
        /// A [`crate::stocktake::scope::Scope`] as JSON.
        pub scope: String,
        pub opened_at: Timestamp,
        pub closed_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "campaigns", id);
}

/// The table `sheets`.
pub mod sheet {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{CampaignId, PersonId, SheetId, UnitId};
    use crate::stocktake::model::SheetState;

    /// One unit's sheet (盘点表).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "sheets")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: SheetId,
        pub campaign_id: CampaignId,
        pub unit_id: UnitId,
        pub state: SheetState,
        pub submitted_at: Option<Timestamp>,
        pub submitted_by: Option<PersonId>,
        pub confirmed_at: Option<Timestamp>,
        pub confirmed_by: Option<PersonId>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "sheets", id);
}

/// The table `expected_items`.
pub mod expected_item {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::items::model::ItemState;
    use crate::kernel::Quantity;
    use crate::kernel::ids::{CampaignId, ItemId, PersonId, PlaceId, SheetId};

    /// A thing of the scope, as the book had it at the baseline.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "expected_items")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub campaign_id: CampaignId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: ItemId,
        pub sheet_id: SheetId,
        pub place_id: Option<PlaceId>,
        pub keeper_id: Option<PersonId>,
        pub quantity: Quantity,
        pub state: ItemState,
        pub excused_by: Option<String>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "expected_items", campaign_id, item_id);
}

/// The table `scans`: append-only.
pub mod scan {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::{BatchId, CampaignId, ItemId, PersonId, PlaceId, ScanId, SheetId};
    use crate::kernel::{Quantity, Timestamp};
    use crate::stocktake::model::{Condition, IdentifiedBy};

    /// One scan, or the undoing of one.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "scans")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ScanId,
        pub campaign_id: CampaignId,
        pub sheet_id: Option<SheetId>,
        /// The order in which the book received it, from 1 in each campaign.
        pub seq: i64,
        pub code_read: String,
        pub item_id: Option<ItemId>,
        pub identified_by: IdentifiedBy,
        pub place_id: Option<PlaceId>,
        pub keeper_id: Option<PersonId>,
        pub quantity: Quantity,
        pub condition: Condition,
        /// The counter says that it bears no label.
        pub no_label: bool,
        pub name: String,
        pub serial_number: String,
        pub note: String,
        pub counter: String,
        pub device: String,
        pub device_at: Timestamp,
        pub server_at: Timestamp,
        pub negates: Option<ScanId>,
        pub batch_id: Option<BatchId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "scans", id);
}

/// The table `scan_photos`: append-only.
pub mod scan_photo {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{CampaignId, ItemId, ScanId};

    /// A photo taken along with a scan.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "scan_photos")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub scan_id: ScanId,
        pub campaign_id: CampaignId,
        pub item_id: Option<ItemId>,
        pub media_type: String,
        pub bytes: i64,
        pub sha256: String,
        pub device_at: Timestamp,
        pub sent_by: String,
        pub server_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "scan_photos", id);
}

/// The table `scan_counters`: the last `seq` handed out in each campaign.
pub mod scan_counter {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::CampaignId;

    /// The last number handed out.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "scan_counters")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub campaign_id: CampaignId,
        pub last_seq: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `recounts`: from then on only later scans of the thing speak.
pub mod recount {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{CampaignId, ItemId, PersonId};

    /// A recount that was opened.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "recounts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub campaign_id: CampaignId,
        pub item_id: ItemId,
        /// Scans up to this `seq` are kept, but speak no more.
        pub after_seq: i64,
        pub reason: String,
        pub assignee_id: Option<PersonId>,
        pub opened_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "recounts", id);
}

/// The table `verdict_lines`: what a closed campaign found, frozen.
pub mod verdict_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Fen;
    use crate::kernel::Quantity;
    use crate::kernel::ids::{CampaignId, ItemId, PersonId, PlaceId, ScanId, UnitId};

    /// One line.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "verdict_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub campaign_id: CampaignId,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub item_id: Option<ItemId>,
        pub scan_id: Option<ScanId>,
        pub unit_id: Option<UnitId>,
        pub expected: bool,
        pub verdict: String,
        pub flags: String,
        pub book_place_id: Option<PlaceId>,
        pub counted_place_id: Option<PlaceId>,
        pub book_keeper_id: Option<PersonId>,
        pub counted_keeper_id: Option<PersonId>,
        pub book_quantity: Option<Quantity>,
        pub counted_quantity: Option<Quantity>,
        pub value_fen: Fen,
        pub lead: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "verdict_lines", campaign_id, line);
}

/// The table `missing_cases`.
pub mod missing_case {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{CampaignId, ItemId, MissingCaseId};
    use crate::stocktake::model::MissingState;

    /// A thing nobody found (盘亏事项), until it is found or written off.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "missing_cases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MissingCaseId,
        pub item_id: ItemId,
        /// The thing's id while the case is open: one open case a thing.
        pub open_of: Option<Uuid>,
        /// The campaign that opened it; none when it came from an earlier list on paper.
        pub campaign_id: Option<CampaignId>,
        pub list_year: i64,
        pub state: MissingState,
        pub opened_at: Timestamp,
        pub found_at: Option<Timestamp>,
        pub found_in: Option<CampaignId>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "missing_cases", id);
}
