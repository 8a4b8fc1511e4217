//! The tables `asset_classes`, `asset_class_codes`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_classes`.
pub mod class {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::classes::catalogue::RuleKind;
    use crate::kernel::Timestamp;

    /// What a class is called, and how long its things are used, from a day on.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_classes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub code: String,
        /// Of buildings: of which structure; blank for all.
        #[sea_orm(primary_key, auto_increment = false)]
        pub structure: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        pub name: String,
        pub rule: RuleKind,
        pub life_years: Option<i64>,
        pub effective_from: Date,
        /// The standard or order it rests on.
        pub source: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_classes", code, structure, version);
}

/// The table `asset_class_codes`.
pub mod old_code {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;

    /// What a code of GB/T 14885-2010 may be today.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_class_codes")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub old_code: String,
        #[sea_orm(primary_key, auto_increment = false)]
        pub version: i64,
        /// Codes of today with commas between; none: no longer mapped.
        pub codes: String,
        pub source: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_class_codes", old_code, version);
}
