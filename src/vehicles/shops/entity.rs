//! The table `vehicle_shops`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `vehicle_shops`.
pub mod shop {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    /// A workshop.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "vehicle_shops")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub name: String,
        /// As compared; unique.
        pub name_key: String,
        pub contact: String,
        pub phone: String,
        pub address: String,
        pub contract_until: Option<Date>,
        pub active: bool,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "vehicle_shops", id);
}
