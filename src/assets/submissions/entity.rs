//! The tables of submissions.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_submissions`.
pub mod submission {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::submissions::model::{Kind, State};
    use crate::kernel::ids::{CampaignId, PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// What is reported upward, with its sums and who looked at it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_submissions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub kind: Kind,
        pub title: String,
        /// Whose things, with the units below it; `None`: the whole sub-bureau's.
        pub unit_id: Option<UnitId>,
        /// 填报基准日.
        pub as_of: Date,
        pub campaign_id: Option<CampaignId>,
        pub state: State,
        /// What it reports, of whom, for which day, while it is open: one open submission of each.
        pub open_of: Option<String>,
        /// Which computation of its lines counts.
        pub edition: i64,
        pub line_count: i64,
        pub error_count: i64,
        pub warning_count: i64,
        pub value_fen: Fen,
        /// [`super::super::figures::Figures`] as JSON.
        pub figures: String,
        /// SHA-256 over the lines of the edition.
        pub lines_hash: String,
        pub begun_by: String,
        pub begun_at: Timestamp,
        pub computed_at: Timestamp,
        pub prepared_by: Option<PersonId>,
        pub prepared_at: Option<Timestamp>,
        pub reviewed_by: Option<PersonId>,
        pub reviewed_at: Option<Timestamp>,
        pub approved_by: Option<PersonId>,
        pub approved_at: Option<Timestamp>,
        pub submitted_by: Option<PersonId>,
        pub submitted_at: Option<Timestamp>,
        /// To whom it went, and under which number they took it.
        pub sent_to: String,
        pub receipt: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_submissions", id);
}

/// The table `asset_submission_lines`: append-only.
pub mod submission_line {
    use sea_orm::entity::prelude::*;
    use serde::{Deserialize, Serialize};

    use crate::items::model::ItemState;
    use crate::kernel::ids::{ItemId, UnitId};
    use crate::kernel::{Fen, Quantity};

    /// One thing as it was reported.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_submission_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub edition: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub line: i64,
        pub item_id: Option<ItemId>,
        pub item_number: String,
        pub name: String,
        pub specification: String,
        pub serial_number: String,
        pub class_code: String,
        pub unit_id: Option<UnitId>,
        pub unit_name: String,
        pub place: String,
        pub keeper: String,
        pub quantity: Quantity,
        pub state: ItemState,
        pub value_fen: Fen,
        /// Of what has a card with depreciation.
        pub accumulated_fen: Option<Fen>,
        pub net_fen: Option<Fen>,
        pub acquired_on: Option<Date>,
        pub booked_on: Option<Date>,
        /// Of a stocktake report: what the count found.
        pub verdict: String,
        pub counted_quantity: Option<Quantity>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_submission_lines", submission_id, edition, line);
}

/// The table `asset_submission_messages`.
pub mod submission_message {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::submissions::model::Severity;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// What the filling standard says of a line, and why a warning was let pass.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_submission_messages")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub edition: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub message: i64,
        pub line: i64,
        pub item_number: String,
        pub field: String,
        pub rule: String,
        pub severity: Severity,
        pub words: String,
        pub acknowledged_by: Option<PersonId>,
        pub acknowledged_at: Option<Timestamp>,
        pub acknowledged_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_submission_messages", submission_id, edition, message);
}

/// The table `asset_submission_steps`: append-only.
pub mod submission_step {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::submissions::model::{Deed, State};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// Who did what to it, when.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_submission_steps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub submission_id: Uuid,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i64,
        pub deed: Deed,
        pub state: State,
        pub edition: i64,
        pub actor: String,
        pub person_id: Option<PersonId>,
        pub at: Timestamp,
        pub note: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_submission_steps", submission_id, step);
}
