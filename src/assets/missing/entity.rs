//! The tables `asset_losses`, `asset_loss_lists`, `asset_loss_list_lines`, `asset_loss_logs`, `asset_loss_ticks`,
//! `asset_procedures`, `asset_procedure_steps`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_losses`: what this ledger adds to a missing case, under its id.
pub mod loss {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::missing::model::{Degree, FoundHow};
    use crate::kernel::ids::{ApprovalId, MissingCaseId, PersonId, PlaceId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// What is known of a loss.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_losses")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: MissingCaseId,
        /// The unit that had the thing when it was first dealt with.
        pub unit_id: UnitId,
        pub explanation: String,
        pub explained_by: Option<String>,
        pub explained_at: Option<Timestamp>,
        pub confirmed_by: Option<PersonId>,
        pub confirmed_at: Option<Timestamp>,
        pub degree: Option<Degree>,
        pub responsible_id: Option<PersonId>,
        /// What the judgment rests on.
        pub basis: String,
        pub judged_by: Option<PersonId>,
        pub judged_at: Option<Timestamp>,
        pub compensation_fen: Option<Fen>,
        /// The receipt of the compensation.
        pub receipt: String,
        pub approval_id: Option<ApprovalId>,
        /// The minutes of the collective decision.
        pub decision: String,
        /// The number of the approval of the authority that is competent.
        pub approval_number: String,
        pub voucher_number: String,
        pub voucher_on: Option<Date>,
        pub written_off_by: Option<String>,
        pub written_off_at: Option<Timestamp>,
        pub found_how: Option<FoundHow>,
        pub found_by: Option<String>,
        pub found_place_id: Option<PlaceId>,
        pub found_note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_losses", id);
}

/// The table `asset_loss_lists`.
pub mod loss_list {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::{PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// A list of missing things of one year, sent down to a unit (下发).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_loss_lists")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub list_year: i64,
        pub unit_id: UnitId,
        /// The day by which the unit has looked for all of it.
        pub due_on: Date,
        pub note: String,
        pub line_count: i64,
        pub value_fen: Fen,
        pub sent_by: String,
        pub sent_at: Timestamp,
        pub acknowledged_by: Option<PersonId>,
        pub acknowledged_at: Option<Timestamp>,
        pub acknowledgement: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_loss_lists", id);
}

/// The table `asset_loss_list_lines`: append-only.
pub mod loss_list_line {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Fen;
    use crate::kernel::ids::MissingCaseId;

    /// One case of a list; a case is sent once.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_loss_list_lines")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub list_id: Uuid,
        pub line: i64,
        pub case_id: MissingCaseId,
        pub value_fen: Fen,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_loss_list_lines", id);
}

/// The table `asset_loss_logs`: append-only.
pub mod loss_log {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::missing::model::Outcome;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{MissingCaseId, PersonId, PlaceId};

    /// Somebody looked somewhere.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_loss_logs")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub case_id: MissingCaseId,
        pub seq: i64,
        pub searcher_id: Option<PersonId>,
        pub place_id: Option<PlaceId>,
        /// Where, when it is no place of ours, or which part of one.
        pub place: String,
        pub searched_at: Timestamp,
        pub result: Outcome,
        pub note: String,
        pub logged_by: String,
        pub logged_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_loss_logs", id);
}

/// The table `asset_loss_ticks`: append-only; of a step the last one holds.
pub mod loss_tick {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::MissingCaseId;

    /// A step of the procedure done, or its being done taken back.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_loss_ticks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub case_id: MissingCaseId,
        pub seq: i64,
        pub step: String,
        pub done: bool,
        pub note: String,
        pub ticked_by: String,
        pub ticked_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_loss_ticks", id);
}

/// The table `asset_procedures`: append-only.
pub mod procedure {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;

    /// The procedure for missing things, from an instant on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_procedures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: Timestamp,
        pub source: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_procedures", effective_from);
}

/// The table `asset_procedure_steps`: append-only.
pub mod procedure_step {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::missing::model::Part;
    use crate::kernel::Timestamp;

    /// One step of it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_procedure_steps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: Timestamp,
        #[sea_orm(primary_key, auto_increment = false)]
        pub seq: i64,
        pub part: Part,
        pub code: String,
        pub title: String,
        /// It is not ticked without its paper.
        pub needs_paper: bool,
        /// Nothing is written off without it.
        pub required: bool,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_procedure_steps", effective_from, seq);
}
