//! The tables `asset_cards`, `asset_depreciation_bases`.
#![expect(missing_docs, reason = "columns are named by the glossary and ruled by the migration")]
#![expect(
    clippy::disallowed_methods,
    reason = "the derived save() of dense entities begins a transaction; nobody calls it"
)]

/// The table `asset_cards`.
pub mod card {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::assets::card::kinds::{
        Acquisition, Booking, Depreciation, Form, Purchase, Purpose, Quota, Structure, Usage, Valuation, VehicleUse,
    };
    use crate::kernel::Fen;
    use crate::kernel::ids::{ItemId, UnitId};

    /// The card of a thing.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_cards")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub item_id: ItemId,
        pub form: Form,
        pub purchase_organisation: Option<Purchase>,
        pub budget_project: String,
        pub acquisition: Option<Acquisition>,
        pub manufacturer: String,
        pub supplier: String,
        pub contract_number: String,
        pub invoice_number: String,
        pub warranty_until: Option<Date>,
        /// As in the book; here for the rule that the two parts make it up.
        pub value_fen: Fen,
        pub fiscal_fen: Fen,
        pub non_fiscal_fen: Fen,
        pub booking: Booking,
        pub booked_on: Option<Date>,
        pub voucher: String,
        pub valuation: Valuation,
        pub account_subject: String,
        pub usage: Option<Usage>,
        pub in_service_on: Option<Date>,
        pub managing_unit_id: Option<UnitId>,
        pub purpose: Option<Purpose>,
        pub depreciation: Depreciation,
        /// Its own life; nothing: its class's.
        pub life_years: Option<i64>,
        pub repair_cost_fen: Fen,
        pub from_construction: bool,
        pub custom_number: String,
        pub old_class_code: String,
        pub remark: String,
        /// Hundredths of a square metre.
        pub area_centi: Option<i64>,
        pub location: String,
        pub structure: Option<Structure>,
        pub title_certificate: String,
        pub material: String,
        pub vin: String,
        pub plate: String,
        pub origin: String,
        pub displacement_ml: Option<i64>,
        pub engine_number: String,
        pub has_licence: Option<bool>,
        pub quota: Option<Quota>,
        pub mileage_km: Option<i64>,
        pub vehicle_use: Option<VehicleUse>,
        pub licence_holder: String,
        pub registered_on: Option<Date>,
        pub seats: Option<i64>,
        pub version: i64,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_cards", item_id);
}

/// The table `asset_depreciation_bases`: on what a thing is depreciated from a month on. A row without a month is an
/// error put right: it holds from the beginning, and what was written before it does not.
pub mod base {
    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    use crate::kernel::ids::ItemId;
    use crate::kernel::{Fen, Timestamp};

    /// One base.
    #[sea_orm::model]
    #[derive(Clone, Debug, PartialEq, Eq, Serialize, DeriveEntityModel)]
    #[sea_orm(table_name = "asset_depreciation_bases")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub item_id: ItemId,
        pub seq: i64,
        pub from_on: Option<Date>,
        pub value_fen: Fen,
        pub life_years: Option<i64>,
        pub reason: String,
        pub set_by: String,
        pub set_at: Timestamp,
    }

    impl ActiveModelBehavior for ActiveModel {}
    crate::journal::row!(Model, "asset_depreciation_bases", id);
}
