//! The tables `fuel_cards`, `fuel_card_holdings`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `fuel_cards`.
pub mod card {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Fen;
    use crate::kernel::ids::UnitId;
    use crate::vehicles::cards::model::{CardKind, CardState, Supplier};

    /// A fuel card.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_cards")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub number: String,
        /// As compared; unique.
        pub number_key: String,
        pub kind: CardKind,
        pub supplier: Supplier,
        /// Of a sub-card: its master.
        pub master_id: Option<Uuid>,
        pub unit_id: UnitId,
        pub state: CardState,
        /// Since when it stands so.
        pub state_on: Date,
        pub replaced_by: Option<Uuid>,
        /// The most a fill may cost.
        pub fill_limit_fen: Option<Fen>,
        /// The most a day's fills may cost.
        pub day_limit_fen: Option<Fen>,
        pub note: String,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_cards", id);
}

/// The table `fuel_card_holdings`.
pub mod holding {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::Timestamp;
    use crate::kernel::ids::ItemId;

    /// The days on which a car held a card; both ends count, no end is until now.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "fuel_card_holdings")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub card_id: Uuid,
        pub item_id: ItemId,
        pub from_on: Date,
        pub until_on: Option<Date>,
        pub reason: String,
        pub given_by: String,
        pub given_at: Timestamp,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "fuel_card_holdings", id);
}
