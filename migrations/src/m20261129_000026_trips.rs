//! Trips of vehicles, their monthly submissions, repairs with their parts, the numbers of both.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    DbErr, DeriveMigrationName, Index, MigrationTrait, SchemaManager, TableCreateStatement,
};

use crate::helpers::{
    check, create, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid, uuid_null,
};
use crate::m20261129_000025_vehicles::of_vehicle;

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// The last number given, by kind and year.
fn counters() -> TableCreateStatement {
    table("vehicle_counters")
        .col(text("counted"))
        .col(int("last"))
        .primary_key(Index::create().name("pk_vehicle_counters").col("counted"))
        .check(check("ck_vehicle_counters_last", "last >= 0"))
        .to_owned()
}

fn submissions() -> TableCreateStatement {
    table("vehicle_submissions")
        .col(id())
        .col(uuid("unit_id"))
        .col(text("month"))
        .col(text("state"))
        .col(int("trip_count"))
        .col(int("km"))
        .col(flag("late"))
        .col(text("note"))
        .col(text("submitted_by"))
        .col(uuid_null("submitter_id"))
        .col(int("submitted_at"))
        .col(uuid_null("accepted_by"))
        .col(int_null("accepted_at"))
        .col(int("version"))
        .foreign_key(&mut fk("vehicle_submissions", "unit_id", "units"))
        .foreign_key(&mut fk("vehicle_submissions", "submitter_id", "people"))
        .foreign_key(&mut fk("vehicle_submissions", "accepted_by", "people"))
        .check(check("ck_vehicle_submissions_month", "length(month) = 7"))
        .check(check("ck_vehicle_submissions_state", "state IN ('submitted','questioned','explained','accepted')"))
        .check(check("ck_vehicle_submissions_accepted_at", "(state = 'accepted') = (accepted_at IS NOT NULL)"))
        .check(check("ck_vehicle_submissions_trip_count", "trip_count >= 0 AND km >= 0"))
        .to_owned()
}

fn repairs() -> TableCreateStatement {
    table("vehicle_repairs")
        .col(id())
        .col(text("number"))
        .col(text("kind"))
        .col(text("state"))
        .col(uuid("item_id"))
        .col(uuid("unit_id"))
        .col(uuid("shop_id"))
        .col(text("fault"))
        .col(int("budget_fen"))
        .col(text("asked_by"))
        .col(uuid_null("asker_id"))
        .col(int("asked_at"))
        .col(uuid_null("approval_id"))
        .col(uuid_null("approved_by"))
        .col(uuid_null("open_of"))
        .col(uuid_null("trip_id"))
        .col(int_null("sent_at"))
        .col(int_null("sent_km"))
        .col(int_null("returned_at"))
        .col(int_null("returned_km"))
        .col(int_null("labour_fen"))
        .col(int_null("total_fen"))
        .col(text("invoice"))
        .col(text("old_parts"))
        .col(text("over_reason"))
        .col(uuid_null("inspected_by"))
        .col(int_null("ended_at"))
        .col(text("ended_reason"))
        .col(int("version"))
        .foreign_key(&mut of_vehicle("vehicle_repairs"))
        .foreign_key(&mut fk("vehicle_repairs", "unit_id", "units"))
        .foreign_key(&mut fk("vehicle_repairs", "shop_id", "vehicle_shops"))
        .foreign_key(&mut fk("vehicle_repairs", "asker_id", "people"))
        .foreign_key(&mut fk("vehicle_repairs", "approval_id", "approval_requests"))
        .foreign_key(&mut fk("vehicle_repairs", "approved_by", "people"))
        .foreign_key(&mut fk("vehicle_repairs", "inspected_by", "people"))
        .check(check("ck_vehicle_repairs_kind", "kind IN ('repair','maintenance','accident','tyres','other')"))
        .check(check(
            "ck_vehicle_repairs_state",
            "state IN ('asked','approved','entered','sent','returned','refused','withdrawn')",
        ))
        .check(check(
            "ck_vehicle_repairs_open_of",
            "(state IN ('asked','approved','entered','sent')) = (open_of IS NOT NULL)",
        ))
        .check(check("ck_vehicle_repairs_open_item", "open_of IS NULL OR open_of = item_id"))
        .check(check(
            "ck_vehicle_repairs_approved_by",
            "state IN ('asked','refused','withdrawn') OR approved_by IS NOT NULL",
        ))
        .check(check("ck_vehicle_repairs_trip_id", "state NOT IN ('entered','sent','returned') OR trip_id IS NOT NULL"))
        .check(check("ck_vehicle_repairs_sent_at", "(state IN ('sent','returned')) = (sent_at IS NOT NULL)"))
        .check(check("ck_vehicle_repairs_sent_km", "(sent_at IS NULL) = (sent_km IS NULL)"))
        .check(check("ck_vehicle_repairs_returned_at", "(state = 'returned') = (returned_at IS NOT NULL)"))
        .check(check(
            "ck_vehicle_repairs_returned_km",
            "(returned_at IS NULL AND returned_km IS NULL) OR (returned_at >= sent_at AND returned_km >= sent_km)",
        ))
        .check(check("ck_vehicle_repairs_total_fen", "(returned_at IS NULL) = (total_fen IS NULL)"))
        .check(check("ck_vehicle_repairs_inspected_by", "returned_at IS NULL OR inspected_by IS NOT NULL"))
        .check(check("ck_vehicle_repairs_invoice", "returned_at IS NULL OR total_fen = 0 OR invoice <> ''"))
        .check(check(
            "ck_vehicle_repairs_over_reason",
            "total_fen IS NULL OR total_fen <= budget_fen OR over_reason <> ''",
        ))
        .check(check("ck_vehicle_repairs_budget_fen", "budget_fen >= 0"))
        .check(check("ck_vehicle_repairs_labour_fen", "labour_fen IS NULL OR labour_fen BETWEEN 0 AND total_fen"))
        .check(check(
            "ck_vehicle_repairs_ended_at",
            "(state IN ('returned','refused','withdrawn')) = (ended_at IS NOT NULL)",
        ))
        .to_owned()
}

fn parts() -> TableCreateStatement {
    table("vehicle_repair_parts")
        .col(id())
        .col(uuid("repair_id"))
        .col(int("line"))
        .col(text("name"))
        .col(text("name_key"))
        .col(text("measure_unit"))
        .col(int("quantity_milli"))
        .col(int("unit_price_fen"))
        .col(int("amount_fen"))
        .foreign_key(&mut fk("vehicle_repair_parts", "repair_id", "vehicle_repairs"))
        .check(check("ck_vehicle_repair_parts_line", "line BETWEEN 1 AND 200"))
        .check(check("ck_vehicle_repair_parts_name", "length(name) BETWEEN 1 AND 100"))
        .check(check("ck_vehicle_repair_parts_quantity_milli", "quantity_milli BETWEEN 1 AND 1000000000"))
        .check(check("ck_vehicle_repair_parts_unit_price_fen", "unit_price_fen BETWEEN 0 AND 10000000000"))
        .check(check("ck_vehicle_repair_parts_amount_fen", "amount_fen >= 0"))
        .to_owned()
}

fn trips() -> TableCreateStatement {
    table("vehicle_trips")
        .col(id())
        .col(text("number"))
        .col(text("kind"))
        .col(text("state"))
        .col(uuid("item_id"))
        .col(uuid("unit_id"))
        .col(flag("urgent"))
        .col(text("purpose"))
        .col(text("destination"))
        .col(text("passengers"))
        .col(int_null("planned_from"))
        .col(int_null("planned_until"))
        .col(text("asked_by"))
        .col(uuid_null("asker_id"))
        .col(int("asked_at"))
        .col(uuid_null("approval_id"))
        .col(uuid_null("approved_by"))
        .col(uuid_null("repair_id"))
        .col(uuid_null("driver_id"))
        .col(uuid_null("open_car"))
        .col(uuid_null("open_driver"))
        .col(text_null("month"))
        .col(int_null("departed_at"))
        .col(int_null("departed_km"))
        .col(int_null("gap_km"))
        .col(int_null("returned_at"))
        .col(int_null("returned_km"))
        .col(uuid_null("checked_by"))
        .col(int_null("checked_at"))
        .col(text("check_note"))
        .col(uuid_null("submission_id"))
        .col(text("question"))
        .col(uuid_null("questioned_by"))
        .col(int_null("questioned_at"))
        .col(text("explanation"))
        .col(uuid_null("explained_by"))
        .col(int_null("explained_at"))
        .col(int_null("ended_at"))
        .col(text("ended_reason"))
        .col(int("version"))
        .foreign_key(&mut of_vehicle("vehicle_trips"))
        .foreign_key(&mut fk("vehicle_trips", "unit_id", "units"))
        .foreign_key(&mut fk("vehicle_trips", "asker_id", "people"))
        .foreign_key(&mut fk("vehicle_trips", "approval_id", "approval_requests"))
        .foreign_key(&mut fk("vehicle_trips", "approved_by", "people"))
        .foreign_key(&mut fk("vehicle_trips", "repair_id", "vehicle_repairs"))
        .foreign_key(&mut fk("vehicle_trips", "driver_id", "people"))
        .foreign_key(&mut fk("vehicle_trips", "checked_by", "people"))
        .foreign_key(&mut fk("vehicle_trips", "submission_id", "vehicle_submissions"))
        .foreign_key(&mut fk("vehicle_trips", "questioned_by", "people"))
        .foreign_key(&mut fk("vehicle_trips", "explained_by", "people"))
        .check(check("ck_vehicle_trips_kind", "kind IN ('duty','repair')"))
        .check(check(
            "ck_vehicle_trips_state",
            "state IN ('asked','approved','refused','withdrawn','out','returned','checked','submitted','questioned',\
             'explained','accepted')",
        ))
        .check(check("ck_vehicle_trips_open_car", "(state = 'out') = (open_car IS NOT NULL)"))
        .check(check("ck_vehicle_trips_open_item", "open_car IS NULL OR open_car = item_id"))
        .check(check(
            "ck_vehicle_trips_open_driver",
            "(state = 'out' AND kind = 'duty') = (open_driver IS NOT NULL)",
        ))
        .check(check("ck_vehicle_trips_open_person", "open_driver IS NULL OR open_driver = driver_id"))
        .check(check(
            "ck_vehicle_trips_departed_at",
            "(state IN ('asked','approved','refused','withdrawn')) = (departed_at IS NULL)",
        ))
        .check(check(
            "ck_vehicle_trips_departed_km",
            "(departed_at IS NULL) = (departed_km IS NULL) AND (departed_at IS NULL) = (month IS NULL)",
        ))
        .check(check("ck_vehicle_trips_driver_id", "departed_at IS NULL OR driver_id IS NOT NULL"))
        .check(check(
            "ck_vehicle_trips_approved_by",
            "(departed_at IS NULL AND state <> 'approved') OR urgent OR approved_by IS NOT NULL",
        ))
        .check(check(
            "ck_vehicle_trips_returned_at",
            "(state IN ('returned','checked','submitted','questioned','explained','accepted')) = (returned_at IS NOT NULL)",
        ))
        .check(check(
            "ck_vehicle_trips_returned_km",
            "(returned_at IS NULL AND returned_km IS NULL) OR (returned_at >= departed_at AND returned_km >= departed_km)",
        ))
        .check(check(
            "ck_vehicle_trips_km",
            "(departed_km IS NULL OR departed_km BETWEEN 0 AND 9999999) AND (returned_km IS NULL OR returned_km <= 9999999)",
        ))
        .check(check(
            "ck_vehicle_trips_checked_at",
            "(state IN ('checked','submitted','questioned','explained','accepted')) = (checked_at IS NOT NULL)",
        ))
        .check(check(
            "ck_vehicle_trips_submission_id",
            "(state IN ('submitted','questioned','explained','accepted')) = (submission_id IS NOT NULL)",
        ))
        .check(check("ck_vehicle_trips_question", "state NOT IN ('questioned','explained') OR question <> ''"))
        .check(check("ck_vehicle_trips_explanation", "state <> 'explained' OR explanation <> ''"))
        .check(check("ck_vehicle_trips_month", "month IS NULL OR length(month) = 7"))
        .check(check("ck_vehicle_trips_purpose", "length(purpose) BETWEEN 1 AND 500"))
        .check(check("ck_vehicle_trips_repair_id", "(kind = 'repair') = (repair_id IS NOT NULL)"))
        .to_owned()
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![counters(), submissions(), repairs(), parts(), trips()];
        let indexes = vec![
            unique("uq_vehicle_submissions_month", "vehicle_submissions", &["unit_id", "month"]),
            index("ix_vehicle_submissions_month", "vehicle_submissions", &["month", "state"]),
            unique("uq_vehicle_repairs_number", "vehicle_repairs", &["number"]),
            unique("uq_vehicle_repairs_open_of", "vehicle_repairs", &["open_of"]),
            index("ix_vehicle_repairs_item_id", "vehicle_repairs", &["item_id", "id"]),
            index("ix_vehicle_repairs_unit_id", "vehicle_repairs", &["unit_id", "id"]),
            index("ix_vehicle_repairs_returned_at", "vehicle_repairs", &["returned_at"]),
            unique("uq_vehicle_repair_parts_line", "vehicle_repair_parts", &["repair_id", "line"]),
            index("ix_vehicle_repair_parts_name_key", "vehicle_repair_parts", &["name_key"]),
            unique("uq_vehicle_trips_number", "vehicle_trips", &["number"]),
            unique("uq_vehicle_trips_open_car", "vehicle_trips", &["open_car"]),
            unique("uq_vehicle_trips_open_driver", "vehicle_trips", &["open_driver"]),
            index("ix_vehicle_trips_item_id", "vehicle_trips", &["item_id", "departed_at"]),
            index("ix_vehicle_trips_month", "vehicle_trips", &["unit_id", "month"]),
            index("ix_vehicle_trips_unit_id", "vehicle_trips", &["unit_id", "id"]),
            index("ix_vehicle_trips_state", "vehicle_trips", &["state", "unit_id"]),
            index("ix_vehicle_trips_submission_id", "vehicle_trips", &["submission_id"]),
            index("ix_vehicle_trips_driver_id", "vehicle_trips", &["driver_id", "departed_at"]),
            index("ix_vehicle_trips_asker_id", "vehicle_trips", &["asker_id", "state"]),
        ];
        create(manager, tables, indexes).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &["vehicle_counters", "vehicle_submissions", "vehicle_repairs", "vehicle_repair_parts", "vehicle_trips"],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
