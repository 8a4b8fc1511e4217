//! The table `journal_entries`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

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
    pub rows_sha256: String,
}

impl ActiveModelBehavior for ActiveModel {}
