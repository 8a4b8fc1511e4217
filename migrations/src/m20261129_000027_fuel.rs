//! Fuel: statements of the oil companies and their records, the drivers' own slips, what the check found, the numbers
//! that decide.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    append_only, check, create, drop, fk, flag, id, index, int, int_null, table, text, unique, uuid, uuid_null,
};
use crate::m20261129_000025_vehicles::of_vehicle;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn flag_null(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).boolean().null().to_owned()
}

fn statements() -> TableCreateStatement {
    table("fuel_statements")
        .col(id())
        .col(text("supplier"))
        .col(text("month"))
        .col(text("file_name"))
        .col(text("sha256"))
        .col(int("records"))
        .col(int("fills"))
        .col(int("quantity_ml"))
        .col(int("amount_fen"))
        .col(int("loads_fen"))
        .col(int("rejected"))
        .col(int_null("stated_ml"))
        .col(int_null("stated_fen"))
        .col(text("state"))
        .col(text("imported_by"))
        .col(int("imported_at"))
        .col(text("closed_by"))
        .col(int_null("closed_at"))
        .col(text("close_note"))
        .col(int("version"))
        .check(check("ck_fuel_statements_supplier", "supplier IN ('sinopec','petrochina','other')"))
        .check(check("ck_fuel_statements_month", "length(month) = 7"))
        .check(check("ck_fuel_statements_state", "state IN ('open','closed')"))
        .check(check("ck_fuel_statements_closed_at", "(state = 'closed') = (closed_at IS NOT NULL)"))
        .check(check("ck_fuel_statements_records", "records >= 0 AND fills BETWEEN 0 AND records"))
        .to_owned()
}

fn slips() -> TableCreateStatement {
    table("fuel_slips")
        .col(id())
        .col(uuid("item_id"))
        .col(uuid("unit_id"))
        .col(int("at"))
        .col(uuid_null("driver_id"))
        .col(int("quantity_ml"))
        .col(int_null("amount_fen"))
        .col(text("station"))
        .col(int_null("odometer_km"))
        .col(flag("full_tank"))
        .col(flag("container"))
        .col(text("approval_number"))
        .col(text("note"))
        .col(text("verdict"))
        .col(text("entered_by"))
        .col(int("entered_at"))
        .col(int("version"))
        .foreign_key(&mut of_vehicle("fuel_slips"))
        .foreign_key(&mut fk("fuel_slips", "unit_id", "units"))
        .foreign_key(&mut fk("fuel_slips", "driver_id", "people"))
        .check(check("ck_fuel_slips_quantity_ml", "quantity_ml BETWEEN 1 AND 2000000"))
        .check(check("ck_fuel_slips_amount_fen", "amount_fen IS NULL OR amount_fen BETWEEN 1 AND 10000000"))
        .check(check("ck_fuel_slips_odometer_km", "odometer_km IS NULL OR odometer_km BETWEEN 0 AND 9999999"))
        .check(check("ck_fuel_slips_approval_number", "NOT container OR approval_number <> ''"))
        .check(check(
            "ck_fuel_slips_verdict",
            "verdict IN ('unpaired','matched','amount_differs','quantity_differs','not_on_theirs')",
        ))
        .to_owned()
}

fn transactions() -> TableCreateStatement {
    table("fuel_transactions")
        .col(id())
        .col(uuid("statement_id"))
        .col(int("line"))
        .col(text("serial"))
        .col(text("card_number"))
        .col(uuid_null("card_id"))
        .col(text("plate"))
        .col(uuid_null("item_id"))
        .col(uuid_null("unit_id"))
        .col(int("at"))
        .col(flag("timed"))
        .col(text("kind"))
        .col(text("grade"))
        .col(int_null("quantity_ml"))
        .col(int_null("price_e4"))
        .col(int_null("amount_fen"))
        .col(int_null("balance_fen"))
        .col(text("station"))
        .col(int_null("odometer_km"))
        .col(flag_null("full_tank"))
        .col(flag("container"))
        .col(text("note"))
        .col(text("verdict"))
        .col(uuid_null("slip_id"))
        .col(int("version"))
        .foreign_key(&mut fk("fuel_transactions", "statement_id", "fuel_statements"))
        .foreign_key(&mut fk("fuel_transactions", "card_id", "fuel_cards"))
        .foreign_key(&mut of_vehicle("fuel_transactions"))
        .foreign_key(&mut fk("fuel_transactions", "unit_id", "units"))
        .foreign_key(&mut fk("fuel_transactions", "slip_id", "fuel_slips"))
        .check(check("ck_fuel_transactions_kind", "kind IN ('fill','load','other')"))
        .check(check(
            "ck_fuel_transactions_verdict",
            "verdict IN ('no_fuel','not_on_ours','matched','amount_differs','quantity_differs','twice')",
        ))
        .check(check("ck_fuel_transactions_no_fuel", "(kind = 'fill') = (verdict <> 'no_fuel')"))
        .check(check(
            "ck_fuel_transactions_slip_id",
            "(verdict IN ('matched','amount_differs','quantity_differs')) = (slip_id IS NOT NULL)",
        ))
        .to_owned()
}

fn column_maps() -> TableCreateStatement {
    table("fuel_column_maps")
        .col(id())
        .col(text("supplier"))
        .col(text("entries"))
        .col(text("set_by"))
        .col(int("set_at"))
        .col(int("version"))
        .check(check("ck_fuel_column_maps_supplier", "supplier IN ('sinopec','petrochina','other')"))
        .to_owned()
}

fn anomalies() -> TableCreateStatement {
    table("fuel_anomalies")
        .col(id())
        .col(uuid("transaction_id"))
        .col(uuid_null("item_id"))
        .col(uuid_null("unit_id"))
        .col(text("rule"))
        .col(text("severity"))
        .col(int("score"))
        .col(text("observed"))
        .col(text("expected"))
        .col(text("explanation"))
        .col(uuid_null("finding_id"))
        .col(int("found_at"))
        .col(int("version"))
        .foreign_key(&mut fk("fuel_anomalies", "transaction_id", "fuel_transactions"))
        .foreign_key(&mut of_vehicle("fuel_anomalies"))
        .foreign_key(&mut fk("fuel_anomalies", "unit_id", "units"))
        .foreign_key(&mut fk("fuel_anomalies", "finding_id", "findings"))
        .check(check("ck_fuel_anomalies_severity", "severity IN ('low','medium','high')"))
        .check(check("ck_fuel_anomalies_score", "score BETWEEN 10 AND 1000"))
        .to_owned()
}

/// A later row of the same knob and scope holds from its day on; none is changed.
fn limits() -> TableCreateStatement {
    table("fuel_limits")
        .col(id())
        .col(text("knob"))
        .col(text("scope"))
        .col(text("scope_value"))
        .col(int("value_milli"))
        .col(ColumnDef::new("effective_from").date().not_null().to_owned())
        .col(text("source"))
        .col(text("set_by"))
        .col(int("set_at"))
        .check(check("ck_fuel_limits_scope", "scope IN ('all','use','model')"))
        .check(check("ck_fuel_limits_scope_value", "(scope = 'all') = (scope_value = '')"))
        .check(check("ck_fuel_limits_source", "length(source) BETWEEN 1 AND 500"))
        .to_owned()
}

/// What an office begins with and the security administrator sets anew.
const RULES: &[(&str, &str, &str)] =
    &[("fuel.video_days", "30", "加油站监控录像的一般保存期限；以合同约定为准，逾期录像可能被覆盖")];

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    let columns = ["name", "version", "value", "effective_from", "source", "set_by", "set_at"];
    insert.into_table("dated_rules").columns(columns);
    for (name, value, source) in RULES {
        insert.values_panic([
            (*name).into(),
            1i64.into(),
            (*value).into(),
            0i64.into(),
            (*source).into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![statements(), slips(), transactions(), column_maps(), anomalies(), limits()];
        let indexes = vec![
            unique("uq_fuel_statements_sha256", "fuel_statements", &["sha256"]),
            index("ix_fuel_statements_month", "fuel_statements", &["month", "state"]),
            index("ix_fuel_slips_item_id", "fuel_slips", &["item_id", "at"]),
            index("ix_fuel_slips_unit_id", "fuel_slips", &["unit_id", "at"]),
            unique("uq_fuel_transactions_line", "fuel_transactions", &["statement_id", "line"]),
            unique("uq_fuel_transactions_slip_id", "fuel_transactions", &["slip_id"]),
            index("ix_fuel_transactions_item_id", "fuel_transactions", &["item_id", "at"]),
            index("ix_fuel_transactions_at", "fuel_transactions", &["at"]),
            index("ix_fuel_transactions_card_number", "fuel_transactions", &["card_number", "at"]),
            unique("uq_fuel_column_maps_supplier", "fuel_column_maps", &["supplier"]),
            unique("uq_fuel_anomalies_rule", "fuel_anomalies", &["transaction_id", "rule"]),
            index("ix_fuel_anomalies_item_id", "fuel_anomalies", &["item_id", "found_at"]),
            index("ix_fuel_anomalies_finding_id", "fuel_anomalies", &["finding_id"]),
            unique("uq_fuel_limits_effective_from", "fuel_limits", &["knob", "scope", "scope_value", "effective_from"]),
        ];
        create(manager, tables, indexes).await?;
        append_only(manager, "fuel_limits").await?;
        seed(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &[
                "fuel_statements",
                "fuel_slips",
                "fuel_transactions",
                "fuel_column_maps",
                "fuel_anomalies",
                "fuel_limits",
            ],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
