//! The tables of this room.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

pub use entry::{Column, Entity, Model};

/// The table `journal_entries`: append-only.
pub mod entry {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::{JournalEntryId, UnitId};

    /// One command that was carried out.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_entries")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: JournalEntryId,
        pub at: Timestamp,
        pub actor: String,
        pub co_signer: Option<String>,
        pub unit_id: Option<UnitId>,
        pub action: String,
        pub subject: String,
        pub payload: String,
        /// The hash of the list of touched rows, in hexadecimal.
        pub rows_hash: String,
        /// 0: written before lists were kept; 1: has its list.
        pub format: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_touched`: the rows that an entry touched, append-only.
pub mod touched {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::JournalEntryId;

    /// The list of one entry, as [`crate::journal::touched`] writes it.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_touched")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub entry_id: JournalEntryId,
        pub list: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_pending`: committed, not yet sealed.
pub mod pending {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::JournalEntryId;

    /// An entry that waits; entries are sealed in the order of `seq`.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_pending")]
    pub struct Model {
        #[sea_orm(primary_key)]
        pub seq: i64,
        pub entry_id: JournalEntryId,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_leaves`: append-only.
pub mod leaf {
    use sea_orm::entity::prelude::*;

    use crate::kernel::ids::JournalEntryId;

    /// An entry's place in the tree, from 0.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_leaves")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub idx: i64,
        pub entry_id: JournalEntryId,
        pub hash: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_nodes`: append-only.
pub mod node {
    use sea_orm::entity::prelude::*;

    /// The head of a complete subtree of 2^`level` leaves, the `idx`-th of its level.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_nodes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub level: i64,
        #[sea_orm(primary_key, auto_increment = false)]
        pub idx: i64,
        pub hash: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_checkpoints`: append-only.
pub mod checkpoint {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// A signed head of the tree.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_checkpoints")]
    pub struct Model {
        /// Entries under it.
        #[sea_orm(primary_key, auto_increment = false)]
        pub size: i64,
        pub at: Timestamp,
        pub actor: String,
        pub root: Vec<u8>,
        /// The signed note.
        pub note: String,
        /// Entries under the checkpoint before; 0 for the first.
        pub previous_size: i64,
        /// The hashes that prove it to continue the one before, one after another.
        pub proof: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_lease`: one row.
pub mod lease {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// Who seals, and until when nobody else does.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_lease")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub holder: String,
        pub until: Timestamp,
        /// Grows whenever the lease changes hands.
        pub token: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_founding`: one row, append-only.
pub mod founding {
    use sea_orm::entity::prelude::*;

    use crate::kernel::Timestamp;

    /// What the journal was founded with.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_founding")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub hash: String,
        pub origin: String,
        pub founded_at: Timestamp,
        pub public_key: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}

/// The table `journal_secret`: one row, in no export.
pub mod secret {
    use sea_orm::entity::prelude::*;

    /// What checkpoints are signed with.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
    #[sea_orm(table_name = "journal_secret")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: i64,
        pub seed: Vec<u8>,
    }

    impl ActiveModelBehavior for ActiveModel {}
}
