//! The table `idempotency_keys`.
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

use sea_orm::entity::prelude::*;

use crate::kernel::Timestamp;

/// A key, and what was answered to it. The journal does not watch over it: it is no business fact, and goes after two
/// days.
#[sea_orm::model]
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency_keys")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub caller: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// Of method, address and body.
    pub fingerprint: String,
    pub answered: bool,
    pub claimed_at: Timestamp,
    pub lease_until: Timestamp,
    pub expires_at: Timestamp,
    pub status: Option<i64>,
    /// As JSON.
    pub headers: Option<String>,
    /// Nothing when it was too long to keep.
    pub body: Option<Vec<u8>>,
}

impl ActiveModelBehavior for ActiveModel {}
