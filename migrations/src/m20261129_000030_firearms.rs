//! The ledger of firearms: stores and their cabinets, arms, magazines, ammunition by lot and store, armed officers with
//! their results and bans, numbers.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, Index, MigrationTrait, SchemaManager,
    TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, date, date_null, drop, fk, flag, id, index, int, int_null, table, text, text_null,
    unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// A store is of guns or of ammunition: what is kept there carries the kind with the key, so that no row can put a gun
/// among rounds (枪支管理法 第23条: 枪支、弹药分开存放).
fn stores() -> TableCreateStatement {
    table("armouries")
        .col(id())
        .col(text("number"))
        .col(text("number_key"))
        .col(text("name"))
        .col(text("kind"))
        .col(uuid("unit_id"))
        .col(uuid_null("in_charge_id"))
        .col(flag("active"))
        .col(int("version"))
        .foreign_key(&mut fk("armouries", "unit_id", "units"))
        .foreign_key(&mut fk("armouries", "in_charge_id", "people"))
        .check(check("ck_armouries_number", "length(number_key) BETWEEN 1 AND 40"))
        .check(check("ck_armouries_name", "length(name) BETWEEN 1 AND 100"))
        .check(check("ck_armouries_kind", "kind IN ('gun','ammunition')"))
        .to_owned()
}

/// Points at a store of the kind that the row itself says.
pub(crate) fn in_store(table: &'static str) -> ForeignKeyCreateStatement {
    ForeignKey::create()
        .name(format!("fk_{table}_armoury_id"))
        .from(table, ("armoury_id", "store_kind"))
        .to("armouries", ("id", "kind"))
        .to_owned()
}

fn cabinets() -> TableCreateStatement {
    table("gun_cabinets")
        .col(id())
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(text("number"))
        .col(text("number_key"))
        .col(int("slots"))
        .col(int("version"))
        .foreign_key(&mut in_store("gun_cabinets"))
        .check(check("ck_gun_cabinets_store_kind", "store_kind = 'gun'"))
        .check(check("ck_gun_cabinets_number", "length(number_key) BETWEEN 1 AND 40"))
        .check(check("ck_gun_cabinets_slots", "slots BETWEEN 1 AND 200"))
        .to_owned()
}

fn arms() -> TableCreateStatement {
    table("firearms")
        .col(uuid("item_id"))
        .col(text("model"))
        .col(text("model_key"))
        .col(text("category"))
        .col(text("serial"))
        .col(text("serial_key"))
        .col(text("certificate"))
        .col(text_null("certificate_key"))
        .col(text("ballistic_record"))
        .col(text("issue"))
        .col(uuid_null("dedicated_to"))
        .col(text("state"))
        .col(text("state_note"))
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(uuid_null("cabinet_id"))
        .col(int_null("slot"))
        .col(date_null("issued_on"))
        .col(int("version"))
        .primary_key(Index::create().name("pk_firearms").col("item_id"))
        .foreign_key(&mut fk("firearms", "item_id", "items"))
        .foreign_key(&mut fk("firearms", "dedicated_to", "people"))
        .foreign_key(&mut fk("firearms", "cabinet_id", "gun_cabinets"))
        .foreign_key(&mut in_store("firearms"))
        .check(check("ck_firearms_store_kind", "store_kind = 'gun'"))
        .check(check("ck_firearms_model", "length(model_key) BETWEEN 1 AND 60"))
        .check(check("ck_firearms_serial", "length(serial_key) BETWEEN 4 AND 40"))
        .check(check(
            "ck_firearms_category",
            "category IN ('pistol','revolver','submachine_gun','shotgun','rifle','other')",
        ))
        .check(check("ck_firearms_issue", "issue IN ('shared','dedicated')"))
        .check(check("ck_firearms_dedicated_to", "(issue = 'dedicated') = (dedicated_to IS NOT NULL)"))
        .check(check(
            "ck_firearms_state",
            "state IN ('in_store','out','cleaning_due','cleaning','faulty','lost','scrapped')",
        ))
        .check(check("ck_firearms_slot", "(cabinet_id IS NULL) = (slot IS NULL) AND (slot IS NULL OR slot >= 1)"))
        .to_owned()
}

fn magazines() -> TableCreateStatement {
    table("firearm_magazines")
        .col(id())
        .col(text("number"))
        .col(text("number_key"))
        .col(text("model"))
        .col(text("model_key"))
        .col(text("state"))
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(int("version"))
        .foreign_key(&mut in_store("firearm_magazines"))
        .check(check("ck_firearm_magazines_store_kind", "store_kind = 'gun'"))
        .check(check("ck_firearm_magazines_number", "length(number_key) BETWEEN 1 AND 40"))
        .check(check("ck_firearm_magazines_model", "length(model_key) BETWEEN 1 AND 60"))
        .check(check("ck_firearm_magazines_state", "state IN ('in_store','out','lost')"))
        .to_owned()
}

fn lots() -> TableCreateStatement {
    table("ammunition_lots")
        .col(id())
        .col(text("type_name"))
        .col(text("type_key"))
        .col(text("lot"))
        .col(text("lot_key"))
        .col(date_null("made_on"))
        .col(int("version"))
        .check(check("ck_ammunition_lots_type_name", "length(type_key) BETWEEN 1 AND 60"))
        .check(check("ck_ammunition_lots_lot", "length(lot_key) BETWEEN 1 AND 40"))
        .to_owned()
}

fn stock() -> TableCreateStatement {
    table("ammunition_stock")
        .col(id())
        .col(uuid("lot_id"))
        .col(uuid("armoury_id"))
        .col(text("store_kind"))
        .col(int("rounds"))
        .col(int("version"))
        .foreign_key(&mut fk("ammunition_stock", "lot_id", "ammunition_lots"))
        .foreign_key(&mut in_store("ammunition_stock"))
        .check(check("ck_ammunition_stock_store_kind", "store_kind = 'ammunition'"))
        .check(check("ck_ammunition_stock_rounds", "rounds BETWEEN 0 AND 10000000"))
        .to_owned()
}

/// Every change of a lot's rounds in a store, with what there were after it.
fn entries() -> TableCreateStatement {
    table("ammunition_entries")
        .col(id())
        .col(uuid("stock_id"))
        .col(int("seq"))
        .col(text("kind"))
        .col(int("delta"))
        .col(int("balance"))
        .col(text("document"))
        .col(text("note"))
        .col(text("entered_by"))
        .col(int("entered_at"))
        .foreign_key(&mut fk("ammunition_entries", "stock_id", "ammunition_stock"))
        .check(check("ck_ammunition_entries_seq", "seq >= 1"))
        .check(check("ck_ammunition_entries_kind", "kind IN ('received','drawn','returned','sent','corrected')"))
        .check(check(
            "ck_ammunition_entries_delta",
            "delta <> 0 AND (kind NOT IN ('received','returned') OR delta > 0) AND (kind NOT IN ('drawn','sent') OR delta < 0)",
        ))
        .check(check("ck_ammunition_entries_balance", "balance BETWEEN 0 AND 10000000 AND balance - delta >= 0"))
        .to_owned()
}

fn officers() -> TableCreateStatement {
    table("armed_officers")
        .col(id())
        .col(uuid("person_id"))
        .col(text("licence"))
        .col(text("licence_key"))
        .col(text("issuer"))
        .col(date("issued_on"))
        .col(date("valid_until"))
        .col(flag("active"))
        .col(text("note"))
        .col(int("version"))
        .foreign_key(&mut fk("armed_officers", "person_id", "people"))
        .check(check("ck_armed_officers_licence", "length(licence_key) BETWEEN 1 AND 40"))
        .check(check("ck_armed_officers_valid_until", "valid_until >= issued_on"))
        .to_owned()
}

fn results() -> TableCreateStatement {
    table("armed_officer_results")
        .col(id())
        .col(uuid("person_id"))
        .col(text("kind"))
        .col(date("held_on"))
        .col(int_null("score"))
        .col(flag("passed"))
        .col(text("note"))
        .col(text("entered_by"))
        .col(int("entered_at"))
        .foreign_key(&mut fk("armed_officer_results", "person_id", "people"))
        .check(check("ck_armed_officer_results_kind", "kind IN ('training','exam','live_fire')"))
        .check(check("ck_armed_officer_results_score", "score IS NULL OR score BETWEEN 0 AND 100"))
        .to_owned()
}

fn bans() -> TableCreateStatement {
    table("carry_bans")
        .col(id())
        .col(uuid("person_id"))
        .col(text("reason"))
        .col(date_null("until"))
        .col(text("banned_by"))
        .col(int("banned_at"))
        .col(int_null("lifted_at"))
        .col(text("lifted_by"))
        .col(text("lift_reason"))
        .col(int("version"))
        .foreign_key(&mut fk("carry_bans", "person_id", "people"))
        .check(check("ck_carry_bans_reason", "length(reason) BETWEEN 1 AND 500"))
        .check(check("ck_carry_bans_lifted_at", "(lifted_at IS NULL) = (lift_reason = '')"))
        .to_owned()
}

/// The last number given, by kind and year.
fn counters() -> TableCreateStatement {
    table("firearm_counters")
        .col(text("counted"))
        .col(int("last"))
        .primary_key(Index::create().name("pk_firearm_counters").col("counted"))
        .check(check("ck_firearm_counters_last", "last >= 0"))
        .to_owned()
}

const TABLES: [&str; 11] = [
    "armouries",
    "gun_cabinets",
    "firearms",
    "firearm_magazines",
    "ammunition_lots",
    "ammunition_stock",
    "ammunition_entries",
    "armed_officers",
    "armed_officer_results",
    "carry_bans",
    "firearm_counters",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        // What points at a store needs its kind to be unique with its id, before it points.
        let kinds = vec![
            unique("uq_armouries_number", "armouries", &["number_key"]),
            unique("uq_armouries_kind", "armouries", &["id", "kind"]),
            index("ix_armouries_unit_id", "armouries", &["unit_id"]),
        ];
        create(manager, vec![stores()], kinds).await?;
        let tables = vec![
            cabinets(),
            arms(),
            magazines(),
            lots(),
            stock(),
            entries(),
            officers(),
            results(),
            bans(),
            counters(),
        ];
        let indexes = vec![
            unique("uq_gun_cabinets_number", "gun_cabinets", &["armoury_id", "number_key"]),
            unique("uq_firearms_serial", "firearms", &["model_key", "serial_key"]),
            unique("uq_firearms_certificate", "firearms", &["certificate_key"]),
            unique("uq_firearms_slot", "firearms", &["cabinet_id", "slot"]),
            index("ix_firearms_armoury_id", "firearms", &["armoury_id", "state"]),
            index("ix_firearms_serial_key", "firearms", &["serial_key"]),
            unique("uq_firearm_magazines_number", "firearm_magazines", &["number_key"]),
            index("ix_firearm_magazines_armoury_id", "firearm_magazines", &["armoury_id"]),
            unique("uq_ammunition_lots_lot", "ammunition_lots", &["type_key", "lot_key"]),
            unique("uq_ammunition_stock_lot", "ammunition_stock", &["armoury_id", "lot_id"]),
            unique("uq_ammunition_entries_seq", "ammunition_entries", &["stock_id", "seq"]),
            unique("uq_armed_officers_person_id", "armed_officers", &["person_id"]),
            unique("uq_armed_officers_licence", "armed_officers", &["licence_key"]),
            index("ix_armed_officer_results_person_id", "armed_officer_results", &["person_id", "held_on"]),
            index("ix_carry_bans_person_id", "carry_bans", &["person_id", "lifted_at"]),
        ];
        create(manager, tables, indexes).await?;
        append_only(manager, "ammunition_entries").await?;
        append_only(manager, "armed_officer_results").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &TABLES).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
