//! The tables `findings`, `finding_events`, `finding_evidence`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `findings`.
pub mod finding {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::findings::model::State;
    use crate::findings::rules::Kind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{FindingId, ItemId, PersonId, UnitId};

    /// Something that must be explained.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "findings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: FindingId,
        /// The room it came from.
        pub origin_room: String,
        /// What it came from, as that room names it: with the kind, unique.
        pub origin_id: String,
        /// Where to look at that.
        pub origin_link: String,
        pub kind: Kind,
        pub unit_id: Option<UnitId>,
        pub item_id: Option<ItemId>,
        pub title: String,
        pub description: String,
        pub state: State,
        pub opened_at: Timestamp,
        pub deadline_at: Timestamp,
        pub owner_id: Option<PersonId>,
        pub explained_by: Option<PersonId>,
        pub verified_by: Option<PersonId>,
        pub closed_at: Option<Timestamp>,
        /// When it was noticed that the deadline had passed.
        pub overdue_at: Option<Timestamp>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "findings", id);
}

/// The table `finding_events`.
pub mod finding_event {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::findings::model::EventKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{FindingId, PersonId};

    /// One step; never changed after.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "finding_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub finding_id: FindingId,
        /// The finding's version after the step.
        pub seq: i64,
        pub at: Timestamp,
        pub actor: String,
        pub kind: EventKind,
        pub note: String,
        pub owner_id: Option<PersonId>,
        pub deadline_at: Option<Timestamp>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "finding_events", id);
}

/// The table `finding_evidence`.
pub mod finding_evidence {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::findings::rules::EvidenceKind;
    use crate::kernel::Timestamp;
    use crate::kernel::ids::FindingId;

    /// One piece of evidence; never changed after.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "finding_evidence")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub finding_id: FindingId,
        pub kind: EvidenceKind,
        pub note: String,
        /// A document's number, or an attachment's address.
        pub reference: Option<String>,
        pub actor: String,
        pub at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "finding_evidence", id);
}
