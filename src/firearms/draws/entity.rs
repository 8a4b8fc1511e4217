//! The tables of draws: `firearm_draws`, `firearm_acts`, `firearm_act_steps`, `firearm_signatures`, `firearm_holdings`,
//! `firearm_magazine_holdings`, `firearm_locks`, `firearm_extensions`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `firearm_draws`.
pub mod draw {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::{Purpose, Rounds, State};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ApprovalId, ItemId, PersonId, UnitId};

    /// A draw (领枪单).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_draws")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        pub state: State,
        pub unit_id: UnitId,
        pub armoury_id: Uuid,
        pub drawer_id: PersonId,
        pub purpose: Purpose,
        pub task: String,
        pub urgent: bool,
        pub cross_area: bool,
        pub bulk: bool,
        /// 枪支类型, as compared.
        pub model_key: String,
        pub rounds_asked: i64,
        pub magazines_asked: i64,
        pub asked_at: Timestamp,
        pub planned_from: Timestamp,
        /// 初次预计归还
        pub first_due_at: Timestamp,
        /// 预计归还
        pub due_at: Timestamp,
        pub approval_id: ApprovalId,
        pub item_id: Option<ItemId>,
        pub stock_id: Option<Uuid>,
        pub rounds_out: i64,
        pub out_at: Option<Timestamp>,
        pub rounds_back: i64,
        pub rounds_fired: i64,
        pub rounds_damaged: i64,
        pub rounds_lost: i64,
        pub gun_lost: bool,
        pub loss_reported_at: Option<Timestamp>,
        pub returned_at: Option<Timestamp>,
        pub ended_reason: String,
        pub version: i64,
    }

    impl Model {
        /// What became of its rounds.
        #[must_use]
        pub const fn rounds(&self) -> Rounds {
            Rounds {
                back: self.rounds_back,
                fired: self.rounds_fired,
                damaged: self.rounds_damaged,
                lost: self.rounds_lost,
            }
        }
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_draws", id);
}

/// The table `firearm_acts`.
pub mod act {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::{ActKind, ActState};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// An act at the counter.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_acts")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub draw_id: Uuid,
        pub kind: ActKind,
        pub state: ActState,
        /// The gun; reserved while the act is open. None of a return after the gun was lost.
        pub item_id: Option<ItemId>,
        pub opened_by: String,
        pub opened_at: Timestamp,
        /// Steps of the clearance check that were done.
        pub cleared: i64,
        pub scanned_at: Option<Timestamp>,
        pub counted_at: Option<Timestamp>,
        pub stock_id: Option<Uuid>,
        /// Handed out, or handed back.
        pub rounds: i64,
        pub fired: i64,
        pub damaged: i64,
        pub lost: i64,
        /// Numbers of the magazines that go or come, a space between.
        pub magazines: String,
        pub ended_at: Option<Timestamp>,
        pub ended_by: String,
        pub ended_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_acts", id);
}

/// The table `firearm_act_steps`: append-only.
pub mod step {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::Clearance;
    use crate::kernel::Timestamp;

    /// One step of a clearance check (验枪).
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_act_steps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub act_id: Uuid,
        pub seq: i64,
        pub step: Clearance,
        pub done_by: String,
        pub done_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_act_steps", id);
}

/// The table `firearm_signatures`.
pub mod signature {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::Part;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{AccountId, PersonId};

    /// Somebody's signature to an act.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_signatures")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub act_id: Uuid,
        pub part: Part,
        pub person_id: PersonId,
        pub account_id: AccountId,
        /// Of whom they are none.
        pub drawer_id: PersonId,
        pub signed_at: Timestamp,
        /// When it stopped counting: too old, its account closed, or what it stood for was changed.
        pub voided_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_signatures", id);
}

/// The table `firearm_holdings`.
pub mod holding {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::HoldingEnd;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ItemId, PersonId};

    /// Who held a gun, from when until when.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_holdings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub person_id: PersonId,
        pub draw_id: Uuid,
        pub since: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub ended_as: Option<HoldingEnd>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_holdings", id);
}

/// The table `firearm_magazine_holdings`.
pub mod magazine_holding {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::HoldingEnd;
    use crate::kernel::Timestamp;

    /// A magazine that went with a draw.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_magazine_holdings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub magazine_id: Uuid,
        pub draw_id: Uuid,
        pub since: Timestamp,
        pub ended_at: Option<Timestamp>,
        pub ended_as: Option<HoldingEnd>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_magazine_holdings", id);
}

/// The table `firearm_locks`.
pub mod lock {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::UnitId;

    /// A unit that may draw nothing until a loss is cleared up.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_locks")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub unit_id: UnitId,
        pub draw_id: Uuid,
        pub reason: String,
        pub locked_at: Timestamp,
        pub lifted_at: Option<Timestamp>,
        pub lifted_by: String,
        pub lift_reason: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_locks", id);
}

/// The table `firearm_extensions`.
pub mod extension {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::firearms::draws::model::LongerState;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::ApprovalId;

    /// A wish for more time.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "firearm_extensions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub draw_id: Uuid,
        pub state: LongerState,
        pub until: Timestamp,
        pub reason: String,
        pub approval_id: ApprovalId,
        pub asked_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "firearm_extensions", id);
}
