//! The tables of this room: items, their events, the labels issued for them, and what finds them.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `items`: the book as it stands.
pub mod item {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::items::model::{ItemKind, ItemState};
    use crate::kernel::ids::{BatchId, ItemId, PersonId, PlaceId, UnitId};
    use crate::kernel::{Fen, Quantity};

    /// A thing with a number.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "items")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ItemId,
        pub kind: ItemKind,
        pub item_number: String,
        /// The number as compared: half-width, upper case, no blanks; unique.
        pub number_key: String,
        pub name: String,
        pub specification: String,
        pub serial_number: String,
        pub class_code: String,
        pub class_name: String,
        pub brand: String,
        pub measure_unit: String,
        pub unit_id: UnitId,
        pub place_id: Option<PlaceId>,
        pub keeper_id: Option<PersonId>,
        pub quantity: Quantity,
        pub state: ItemState,
        pub excused_by: Option<String>,
        pub value_fen: Fen,
        pub acquired_on: Option<Date>,
        pub batch_id: Option<BatchId>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "items", id);
}

/// The table `item_events`: the book on any past day.
pub mod item_event {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::items::model::{EventKind, ItemState};
    use crate::kernel::ids::{BatchId, ItemEventId, ItemId, PersonId, PlaceId, UnitId};
    use crate::kernel::{Quantity, Timestamp};

    /// What a thing was from `effective_at` on: unit, place, keeper, quantity and state after the event.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "item_events")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: ItemEventId,
        pub item_id: ItemId,
        pub seq: i64,
        pub kind: EventKind,
        pub effective_at: Timestamp,
        pub recorded_at: Timestamp,
        pub actor: String,
        pub unit_id: UnitId,
        pub place_id: Option<PlaceId>,
        pub keeper_id: Option<PersonId>,
        pub quantity: Quantity,
        pub state: ItemState,
        pub excused_by: Option<String>,
        pub reason: Option<String>,
        pub batch_id: Option<BatchId>,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "item_events", id);
}

/// The table `labels`.
pub mod label {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::items::model::{LabelState, SubjectKind};
    use crate::kernel::Timestamp;
    use crate::kernel::ids::{ItemId, PlaceId};

    /// A label that was made: its code never stands for anything else.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "labels")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        pub subject_kind: Option<SubjectKind>,
        pub item_id: Option<ItemId>,
        pub place_id: Option<PlaceId>,
        /// The subject's id while this is its current label: one current label a subject.
        pub current_of: Option<Uuid>,
        pub generation: i64,
        pub template: String,
        pub state: LabelState,
        pub issued_at: Timestamp,
        pub issued_by: String,
        pub printed_at: Option<Timestamp>,
        pub print_count: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "labels", code);
}

/// The table `attachments`: what files a thing has.
pub mod attachment {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A document or photo of a thing; what it holds lies on the shelf under its hash.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "attachments")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub name: String,
        pub media_type: String,
        pub bytes: i64,
        pub sha256: String,
        pub uploaded_by: String,
        pub uploaded_at: Timestamp,
        pub withdrawn_at: Option<Timestamp>,
        pub withdrawn_by: Option<String>,
        pub withdrawn_reason: Option<String>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "attachments", id);
}

/// The table `label_reprints`: things whose label shows something that is no longer so. A queue: its rows come and go,
/// and follow from entries that the journal has; it is not watched.
pub mod label_reprint {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// A reprint that waits.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "label_reprints")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub reason: String,
        pub queued_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `item_words`: each name and specification that any thing has, once. Derived from `items`; a word that no
/// thing has any more finds nothing and does no harm.
pub mod item_word {
    use sea_orm::entity::prelude::*;

    /// A distinct word of a field.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "item_words")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub field: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub word: String,
        /// The word as compared: half-width, upper case, no blanks.
        pub word_key: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `item_tails`: numbers and serial numbers from the back. Derived from `items`.
pub mod item_tail {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::ItemId;

    /// A thing's number and serial number, last character first.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "item_tails")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: ItemId,
        pub number_tail: String,
        pub serial_tail: String,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
