//! Vehicles: what the ledger knows of a car beside its item; who may drive; fuel cards and which car held which on any
//! day; workshops; readings of odometers.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, ForeignKey, ForeignKeyCreateStatement, MigrationTrait, Query, SchemaManager,
    TableCreateStatement,
};
use sea_orm_migration::sea_orm::{ConnectionTrait as _, DbBackend};

use crate::helpers::{
    check, create, date_null, drop, fk, flag, id, index, int, int_null, table, text, text_null, unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

fn day(name: &'static str) -> ColumnDef {
    ColumnDef::new(name).date().not_null().to_owned()
}

/// A vehicle is known by its item.
pub(crate) fn of_vehicle(table: &'static str) -> ForeignKeyCreateStatement {
    let name = format!("fk_{table}_item_id");
    ForeignKey::create().name(name).from(table, "item_id").to("vehicles", "item_id").to_owned()
}

fn vehicles() -> TableCreateStatement {
    table("vehicles")
        .col(ColumnDef::new("item_id").uuid().not_null().primary_key().to_owned())
        .col(text("plate"))
        .col(text("plate_key"))
        .col(text("vin"))
        .col(text_null("vin_key"))
        .col(text("engine_number"))
        .col(text("quota"))
        .col(text("use_kind"))
        .col(text("energy"))
        .col(int_null("seats"))
        .col(int_null("displacement_ml"))
        .col(int_null("tank_ml"))
        .col(int_null("battery_wh"))
        .col(text("fuel_grade"))
        .col(int_null("rated_ml_100km"))
        .col(int_null("rated_wh_100km"))
        .col(flag("has_licence"))
        .col(date_null("registered_on"))
        .col(date_null("compulsory_until"))
        .col(date_null("commercial_until"))
        .col(date_null("inspected_until"))
        .col(int("odometer_km"))
        .col(int_null("odometer_at"))
        .col(int("version"))
        .foreign_key(&mut fk("vehicles", "item_id", "items"))
        .check(check("ck_vehicles_plate", "length(plate) BETWEEN 1 AND 12"))
        .check(check("ck_vehicles_vin", "length(vin) IN (0, 17)"))
        .check(check("ck_vehicles_quota", "quota IN ('in_quota','off_quota','unset')"))
        .check(check(
            "ck_vehicles_use_kind",
            "use_kind IN ('confidential','emergency','enforcement','special_purpose','other')",
        ))
        .check(check("ck_vehicles_energy", "energy IN ('petrol','diesel','electric','hybrid')"))
        .check(check("ck_vehicles_seats", "seats IS NULL OR seats BETWEEN 1 AND 100"))
        .check(check("ck_vehicles_displacement_ml", "displacement_ml IS NULL OR displacement_ml BETWEEN 1 AND 30000"))
        .check(check("ck_vehicles_tank_ml", "tank_ml IS NULL OR tank_ml BETWEEN 1 AND 2000000"))
        .check(check("ck_vehicles_battery_wh", "battery_wh IS NULL OR battery_wh BETWEEN 1 AND 2000000"))
        .check(check("ck_vehicles_rated_ml_100km", "rated_ml_100km IS NULL OR rated_ml_100km BETWEEN 1 AND 200000"))
        .check(check("ck_vehicles_rated_wh_100km", "rated_wh_100km IS NULL OR rated_wh_100km BETWEEN 1 AND 500000"))
        .check(check("ck_vehicles_fuel_grade", "energy <> 'electric' OR (fuel_grade = '' AND tank_ml IS NULL)"))
        .check(check("ck_vehicles_odometer_km", "odometer_km BETWEEN 0 AND 9999999"))
        .to_owned()
}

fn drivers() -> TableCreateStatement {
    table("vehicle_drivers")
        .col(id())
        .col(uuid("person_id"))
        .col(text("licence_class"))
        .col(date_null("valid_from"))
        .col(date_null("valid_until"))
        .col(flag("active"))
        .col(text("note"))
        .col(int("version"))
        .foreign_key(&mut fk("vehicle_drivers", "person_id", "people"))
        .check(check(
            "ck_vehicle_drivers_licence_class",
            "licence_class IN ('a1','a2','a3','b1','b2','c1','c2','c5','d','e','f')",
        ))
        .check(check(
            "ck_vehicle_drivers_valid_until",
            "valid_from IS NULL OR valid_until IS NULL OR valid_until >= valid_from",
        ))
        .to_owned()
}

fn cards() -> TableCreateStatement {
    table("fuel_cards")
        .col(id())
        .col(text("number"))
        .col(text("number_key"))
        .col(text("kind"))
        .col(text("supplier"))
        .col(uuid_null("master_id"))
        .col(uuid("unit_id"))
        .col(text("state"))
        .col(day("state_on"))
        .col(uuid_null("replaced_by"))
        .col(int_null("fill_limit_fen"))
        .col(int_null("day_limit_fen"))
        .col(text("note"))
        .col(int("version"))
        .foreign_key(&mut fk("fuel_cards", "master_id", "fuel_cards"))
        .foreign_key(&mut fk("fuel_cards", "replaced_by", "fuel_cards"))
        .foreign_key(&mut fk("fuel_cards", "unit_id", "units"))
        .check(check("ck_fuel_cards_number", "length(number) BETWEEN 4 AND 32"))
        .check(check("ck_fuel_cards_kind", "kind IN ('master','sub')"))
        .check(check("ck_fuel_cards_supplier", "supplier IN ('sinopec','petrochina','other')"))
        .check(check("ck_fuel_cards_master_id", "kind = 'sub' OR master_id IS NULL"))
        .check(check("ck_fuel_cards_state", "state IN ('in_use','lost','stopped','replaced')"))
        .check(check("ck_fuel_cards_replaced_by", "(state = 'replaced') = (replaced_by IS NOT NULL)"))
        .check(check("ck_fuel_cards_fill_limit_fen", "fill_limit_fen IS NULL OR fill_limit_fen > 0"))
        .check(check("ck_fuel_cards_day_limit_fen", "day_limit_fen IS NULL OR day_limit_fen > 0"))
        .to_owned()
}

/// Both days count. That no two of a card, nor two of a car, overlap, a trigger sees to.
fn holdings() -> TableCreateStatement {
    table("fuel_card_holdings")
        .col(id())
        .col(uuid("card_id"))
        .col(uuid("item_id"))
        .col(day("from_on"))
        .col(date_null("until_on"))
        .col(text("reason"))
        .col(text("given_by"))
        .col(int("given_at"))
        .col(int("version"))
        .foreign_key(&mut fk("fuel_card_holdings", "card_id", "fuel_cards"))
        .foreign_key(&mut of_vehicle("fuel_card_holdings"))
        .check(check("ck_fuel_card_holdings_until_on", "until_on IS NULL OR until_on >= from_on"))
        .to_owned()
}

fn shops() -> TableCreateStatement {
    table("vehicle_shops")
        .col(id())
        .col(text("name"))
        .col(text("name_key"))
        .col(text("contact"))
        .col(text("phone"))
        .col(text("address"))
        .col(date_null("contract_until"))
        .col(flag("active"))
        .col(int("version"))
        .check(check("ck_vehicle_shops_name", "length(name) BETWEEN 1 AND 100"))
        .to_owned()
}

/// `old_km`: what the odometer showed that was taken out, where it was replaced by one that shows `odometer_km`.
fn readings() -> TableCreateStatement {
    table("vehicle_readings")
        .col(id())
        .col(uuid("item_id"))
        .col(day("read_on"))
        .col(int("odometer_km"))
        .col(int_null("old_km"))
        .col(text("note"))
        .col(text("read_by"))
        .col(int("recorded_at"))
        .col(int("version"))
        .foreign_key(&mut of_vehicle("vehicle_readings"))
        .check(check("ck_vehicle_readings_odometer_km", "odometer_km BETWEEN 0 AND 9999999"))
        .check(check("ck_vehicle_readings_old_km", "old_km IS NULL OR old_km BETWEEN 0 AND 9999999"))
        .to_owned()
}

/// What an office begins with and the security administrator sets anew.
const RULES: &[(&str, &str, &str)] = &[
    (
        "vehicles.remind_days",
        "30",
        "公务用车管理规定：行驶证、保险、检验到期前办理；机动车交通事故责任强制保险条例 第2条、道路交通安全法 第13条",
    ),
    ("vehicles.submit_by_day", "10", "公务用车管理规定：每月10日前将上月出车记录报送指挥中心检查存档"),
    ("vehicles.gap_tolerance_km", "0", "公务用车管理规定：如实登记每一次公务出车记录，出车里程与上次还车里程一致"),
];

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

/// One card a car and one car a card on any day. Refused under a name of the schema, as a CHECK is.
async fn no_overlaps(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let db = manager.get_connection();
    let overlap = "EXISTS (SELECT 1 FROM fuel_card_holdings h WHERE h.id <> NEW.id \
                   AND (h.card_id = NEW.card_id OR h.item_id = NEW.item_id) \
                   AND (NEW.until_on IS NULL OR h.from_on <= NEW.until_on) \
                   AND (h.until_on IS NULL OR NEW.from_on <= h.until_on))";
    if manager.get_database_backend() == DbBackend::Sqlite {
        for verb in ["INSERT", "UPDATE"] {
            db.execute_unprepared(&format!(
                "CREATE TRIGGER no_overlap_fuel_card_holdings_{verb} BEFORE {verb} ON fuel_card_holdings WHEN {overlap} \
                 BEGIN SELECT RAISE(ABORT, 'CHECK constraint failed: ck_fuel_card_holdings_from_on'); END"
            ))
            .await?;
        }
        return Ok(());
    }
    db.execute_unprepared(&format!(
        "CREATE OR REPLACE FUNCTION no_overlap_fuel_card_holdings() RETURNS trigger LANGUAGE plpgsql AS \
         $$ BEGIN IF {overlap} THEN RAISE EXCEPTION 'holdings overlap' USING ERRCODE = 'check_violation', \
         CONSTRAINT = 'ck_fuel_card_holdings_from_on', TABLE = 'fuel_card_holdings'; END IF; RETURN NEW; END $$"
    ))
    .await?;
    db.execute_unprepared(
        "CREATE TRIGGER no_overlap_fuel_card_holdings BEFORE INSERT OR UPDATE ON fuel_card_holdings \
         FOR EACH ROW EXECUTE FUNCTION no_overlap_fuel_card_holdings()",
    )
    .await?;
    Ok(())
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![vehicles(), drivers(), cards(), holdings(), shops(), readings()];
        let indexes = vec![
            unique("uq_vehicles_plate", "vehicles", &["plate_key"]),
            unique("uq_vehicles_vin", "vehicles", &["vin_key"]),
            unique("uq_vehicle_drivers_person_id", "vehicle_drivers", &["person_id"]),
            unique("uq_fuel_cards_number", "fuel_cards", &["number_key"]),
            index("ix_fuel_cards_unit_id", "fuel_cards", &["unit_id"]),
            index("ix_fuel_cards_master_id", "fuel_cards", &["master_id"]),
            index("ix_fuel_card_holdings_card_id", "fuel_card_holdings", &["card_id", "from_on"]),
            index("ix_fuel_card_holdings_item_id", "fuel_card_holdings", &["item_id", "from_on"]),
            unique("uq_vehicle_shops_name", "vehicle_shops", &["name_key"]),
            unique("uq_vehicle_readings_read_on", "vehicle_readings", &["item_id", "read_on"]),
        ];
        create(manager, tables, indexes).await?;
        no_overlaps(manager).await?;
        seed(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(
            manager,
            &["vehicles", "vehicle_drivers", "fuel_cards", "fuel_card_holdings", "vehicle_shops", "vehicle_readings"],
        )
        .await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
