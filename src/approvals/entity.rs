//! The tables `approval_chains`, `approval_steps`, `approval_requests`, `approval_decisions`, `approval_delegations`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `approval_chains`: append-only.
pub mod chain {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;

    /// What is asked for one kind of thing, from a day on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval_chains")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: Timestamp,
        pub effective_until: Option<Timestamp>,
        pub name: String,
        pub source: String,
        /// Hours within which what was used first is to be ratified; `None`: it may not be used first.
        pub ratify_within_h: Option<i64>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "approval_chains", kind, effective_from);
}

/// The table `approval_steps`: append-only.
pub mod chain_step {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::access::Role;
    use crate::approvals::model::Level;
    use crate::kernel::{Fen, Timestamp};

    /// One step of a chain, for amounts from `from_fen` on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval_steps")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub kind: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub effective_from: Timestamp,
        #[sea_orm(primary_key, auto_increment = false)]
        pub from_fen: Fen,
        #[sea_orm(primary_key, auto_increment = false)]
        pub step: i64,
        pub role: Role,
        pub level: Level,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "approval_steps", kind, effective_from, from_fen, step);
}

/// The table `approval_requests`.
pub mod request {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::approvals::model::State;
    use crate::kernel::ids::{ApprovalId, PersonId, UnitId};
    use crate::kernel::{Fen, Timestamp};

    /// Somebody asks for something.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval_requests")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ApprovalId,
        pub kind: String,
        /// The day of the chain it was made under.
        pub chain_from: Timestamp,
        pub subject_room: String,
        pub subject_id: String,
        /// Kind and subject while it is open: one open request for one thing.
        pub open_key: Option<String>,
        pub unit_id: UnitId,
        pub amount_fen: Fen,
        pub requested_by: PersonId,
        pub reason: String,
        /// JSON, as the room that asks reads it.
        pub payload: String,
        /// The steps as they were when it was made, JSON.
        pub steps: String,
        pub state: State,
        /// The step it waits for, from 1; once ended, the last that was decided.
        pub step: i64,
        pub requested_at: Timestamp,
        pub used_at: Option<Timestamp>,
        pub ratify_by: Option<Timestamp>,
        /// When it was noticed that it had not been ratified.
        pub flagged_at: Option<Timestamp>,
        pub finished_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "approval_requests", id);
}

/// The table `approval_decisions`: append-only.
pub mod decision {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::access::Role;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ApprovalId, PersonId, UnitId};

    /// One step decided.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval_decisions")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub request_id: ApprovalId,
        pub step: i64,
        pub approved: bool,
        pub decided_by: PersonId,
        /// Who delegated it.
        pub on_behalf_of: Option<PersonId>,
        /// The role it was decided in.
        pub role: Role,
        /// The unit over which that role is held.
        pub post_unit_id: Option<UnitId>,
        /// Whether in the stead of the role or level that the chain names.
        pub substituted: bool,
        pub reason: String,
        pub decided_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "approval_decisions", id);
}

/// The table `approval_delegations`.
pub mod delegation {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::PersonId;

    /// Somebody decides in another's name for a time.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "approval_delegations")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub from_person: PersonId,
        pub to_person: PersonId,
        pub valid_from: Timestamp,
        /// The first instant it is no more.
        pub valid_until: Timestamp,
        pub reason: String,
        pub created_at: Timestamp,
        pub revoked_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "approval_delegations", id);
}
