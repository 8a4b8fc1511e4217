//! Fixed assets: the classes of GB/T 14885-2022 with their lives, the codes of the old edition, the cards, and the
//! changes by which depreciation goes on otherwise.

use sea_orm_migration::async_trait;
use sea_orm_migration::prelude::{
    ColumnDef, DbErr, DeriveMigrationName, Index, MigrationTrait, Query, SchemaManager, TableCreateStatement,
};
use sea_orm_migration::sea_orm::prelude::Date;

use crate::helpers::{
    append_only, check, create, date, date_null, drop, fk, flag, id, index, int, int_null, table, text, text_null,
    unique, uuid, uuid_null,
};

#[derive(DeriveMigrationName)]
pub(crate) struct Migration;

/// What a class is called and how long its things are used, from a day on; a row is never changed.
fn classes() -> TableCreateStatement {
    table("asset_classes")
        .col(text("code"))
        .col(text("structure"))
        .col(int("version"))
        .col(text("name"))
        .col(text("rule"))
        .col(int_null("life_years"))
        .col(date("effective_from"))
        .col(text("source"))
        .col(text("set_by"))
        .col(int("set_at"))
        .primary_key(Index::create().name("pk_asset_classes").col("code").col("structure").col("version"))
        .check(check("ck_asset_classes_code", "length(code) IN (3, 5, 7, 9)"))
        .check(check("ck_asset_classes_structure", "structure IN ('','concrete','brick','simple')"))
        .check(check("ck_asset_classes_name", "length(name) BETWEEN 1 AND 100"))
        .check(check("ck_asset_classes_rule", "rule IN ('inherit','years','none')"))
        .check(check("ck_asset_classes_life_years", "(rule = 'years') = (life_years IS NOT NULL)"))
        .check(check("ck_asset_classes_life_years_range", "life_years IS NULL OR life_years BETWEEN 1 AND 100"))
        .check(check("ck_asset_classes_source", "source <> ''"))
        .to_owned()
}

/// Which codes of today a code of the old edition may stand for; more than one is for a person to choose.
fn old_codes() -> TableCreateStatement {
    table("asset_class_codes")
        .col(text("old_code"))
        .col(int("version"))
        .col(text("codes"))
        .col(text("source"))
        .col(text("set_by"))
        .col(int("set_at"))
        .primary_key(Index::create().name("pk_asset_class_codes").col("old_code").col("version"))
        .check(check("ck_asset_class_codes_old_code", "length(old_code) = 7"))
        .check(check("ck_asset_class_codes_source", "source <> ''"))
        .to_owned()
}

fn cards() -> TableCreateStatement {
    let mut table = table("asset_cards");
    table
        .col(ColumnDef::new("item_id").uuid().not_null().primary_key())
        .col(text("form"))
        .col(text_null("purchase_organisation"))
        .col(text("budget_project"))
        .col(text_null("acquisition"))
        .col(text("manufacturer"))
        .col(text("supplier"))
        .col(text("contract_number"))
        .col(text("invoice_number"))
        .col(date_null("warranty_until"))
        .col(int("value_fen"))
        .col(int("fiscal_fen"))
        .col(int("non_fiscal_fen"))
        .col(text("booking"))
        .col(date_null("booked_on"))
        .col(text("voucher"))
        .col(text("valuation"))
        .col(text("account_subject"))
        .col(text_null("usage"))
        .col(date_null("in_service_on"))
        .col(uuid_null("managing_unit_id"))
        .col(text_null("purpose"))
        .col(text("depreciation"))
        .col(int_null("life_years"))
        .col(int("repair_cost_fen"))
        .col(flag("from_construction"))
        .col(text("custom_number"))
        .col(text("old_class_code"))
        .col(text("remark"))
        .col(int_null("area_centi"))
        .col(text("location"))
        .col(text_null("structure"))
        .col(text("title_certificate"))
        .col(text("material"))
        .col(text("vin"))
        .col(text("plate"))
        .col(text("origin"))
        .col(int_null("displacement_ml"))
        .col(text("engine_number"))
        .col(ColumnDef::new("has_licence").boolean().null())
        .col(text_null("quota"))
        .col(int_null("mileage_km"))
        .col(text_null("vehicle_use"))
        .col(text("licence_holder"))
        .col(date_null("registered_on"))
        .col(int_null("seats"))
        .col(int("version"));
    table.foreign_key(&mut fk("asset_cards", "item_id", "items")).foreign_key(&mut fk(
        "asset_cards",
        "managing_unit_id",
        "units",
    ));
    rules_of_cards(table)
}

fn rules_of_cards(mut table: TableCreateStatement) -> TableCreateStatement {
    for (name, sql) in [
        (
            "ck_asset_cards_form",
            "form IN ('general','special','vehicle','building','structure','furniture','land','other')",
        ),
        (
            "ck_asset_cards_purchase_organisation",
            "purchase_organisation IS NULL OR purchase_organisation IN ('central','department','dispersed','other')",
        ),
        (
            "ck_asset_cards_acquisition",
            "acquisition IS NULL OR acquisition IN \
             ('purchase','transfer','donation','self_built','exchange','surplus','other')",
        ),
        ("ck_asset_cards_booking", "booking IN ('booked','unbooked')"),
        ("ck_asset_cards_valuation", "valuation IN ('original','estimated','appraised','replacement','nominal')"),
        (
            "ck_asset_cards_usage",
            "usage IS NULL OR usage IN ('own_use','idle','rented','lent','pending_disposal','other')",
        ),
        (
            "ck_asset_cards_purpose",
            "purpose IS NULL OR purpose IN ('office','enforcement','window','special','training','other')",
        ),
        ("ck_asset_cards_depreciation", "depreciation IN ('depreciating','not_depreciated','finished')"),
        ("ck_asset_cards_quota", "quota IS NULL OR quota IN ('in_quota','out_of_quota','unset')"),
        (
            "ck_asset_cards_vehicle_use",
            "vehicle_use IS NULL OR vehicle_use IN ('confidential','emergency','enforcement','special','other')",
        ),
        ("ck_asset_cards_structure", "structure IS NULL OR structure IN ('concrete','brick','simple')"),
        ("ck_asset_cards_fiscal_fen", "fiscal_fen + non_fiscal_fen = value_fen"),
        ("ck_asset_cards_non_fiscal_fen", "fiscal_fen >= 0 AND non_fiscal_fen >= 0"),
        ("ck_asset_cards_booked_on", "booking = 'booked' OR (booked_on IS NULL AND voucher = '')"),
        ("ck_asset_cards_valuation_nominal", "valuation <> 'nominal' OR depreciation = 'not_depreciated'"),
        ("ck_asset_cards_depreciation_land", "form <> 'land' OR depreciation = 'not_depreciated'"),
        ("ck_asset_cards_life_years", "life_years IS NULL OR life_years BETWEEN 1 AND 100"),
        ("ck_asset_cards_repair_cost_fen", "repair_cost_fen >= 0"),
        ("ck_asset_cards_area_centi", "area_centi IS NULL OR area_centi > 0"),
        (
            "ck_asset_cards_vin",
            "form = 'vehicle' OR (vin = '' AND plate = '' AND quota IS NULL AND vehicle_use IS NULL \
             AND seats IS NULL AND registered_on IS NULL AND mileage_km IS NULL AND has_licence IS NULL)",
        ),
        ("ck_asset_cards_structure_form", "structure IS NULL OR form = 'building'"),
        ("ck_asset_cards_seats", "seats IS NULL OR seats BETWEEN 1 AND 100"),
        ("ck_asset_cards_mileage_km", "mileage_km IS NULL OR mileage_km >= 0"),
        ("ck_asset_cards_displacement_ml", "displacement_ml IS NULL OR displacement_ml >= 0"),
    ] {
        table.check(check(name, sql));
    }
    table
}

/// From which month on a thing is depreciated on another value or for another life; a row is never changed.
fn bases() -> TableCreateStatement {
    table("asset_depreciation_bases")
        .col(id())
        .col(uuid("item_id"))
        .col(int("seq"))
        .col(date_null("from_on"))
        .col(int("value_fen"))
        .col(int_null("life_years"))
        .col(text("reason"))
        .col(text("set_by"))
        .col(int("set_at"))
        .foreign_key(&mut fk("asset_depreciation_bases", "item_id", "items"))
        .check(check("ck_asset_depreciation_bases_value_fen", "value_fen >= 0"))
        .check(check("ck_asset_depreciation_bases_life_years", "life_years IS NULL OR life_years BETWEEN 1 AND 100"))
        .to_owned()
}

const STANDARD: &str = "GB/T 14885-2022 固定资产等资产基础分类与代码";
const LIVES: &str = "财会〔2017〕4号 《政府会计准则第3号——固定资产》应用指南 附表";
const NOT: &str = "《政府会计准则第3号——固定资产》 第16条：不计提折旧的资产";
/// The lives bind from this day on; for what is older the earliest row holds.
const LIVES_FROM: (i32, u32, u32) = (2017, 1, 1);

/// Code, structure of a building, name, years (`Some(0)`: not depreciated; `None`: as the class above).
#[rustfmt::skip]
const CLASSES: &[(&str, &str, &str, Option<i64>)] = &[
    ("A01", "", "房屋和构筑物", None),
    ("A0101", "", "房屋", Some(50)),
    ("A0101", "concrete", "房屋（钢结构、钢筋混凝土结构）", Some(50)),
    ("A0101", "brick", "房屋（砖混结构、砖木结构）", Some(30)),
    ("A0101", "simple", "简易房、房屋附属设施", Some(8)),
    ("A0102", "", "构筑物", Some(8)),
    ("A02", "", "设备", Some(10)),
    ("A0201", "", "信息化设备", Some(6)),
    ("A020101", "", "计算机", None),
    ("A02010104", "", "服务器", None),
    ("A02010105", "", "台式计算机", None),
    ("A02010108", "", "便携式计算机", None),
    ("A0202", "", "办公设备", Some(6)),
    ("A02021003", "", "A4 黑白打印机", None),
    ("A02021004", "", "A4 彩色打印机", None),
    ("A02021301", "", "碎纸机", None),
    ("A0203", "", "车辆", Some(8)),
    ("A0204", "", "图书档案设备", Some(5)),
    ("A0205", "", "机械设备", Some(10)),
    ("A0206", "", "电气设备", Some(5)),
    ("A02061804", "", "空调机", None),
    ("A0207", "", "雷达、无线电和卫星导航设备", Some(10)),
    ("A0208", "", "通信设备", Some(5)),
    ("A0209", "", "广播、电视、电影设备", Some(5)),
    ("A02091001", "", "电视机", None),
    ("A0210", "", "仪器仪表", Some(5)),
    ("A0211", "", "电子和通信测量仪器", Some(5)),
    ("A0212", "", "计量标准器具及量具、衡器", Some(5)),
    ("A0234", "", "安全生产设备", Some(10)),
    ("A0237", "", "政法、消防、检测设备（公安专用设备）", Some(3)),
    ("A03", "", "文物和陈列品", Some(0)),
    ("A04", "", "图书和档案", Some(0)),
    ("A05", "", "家具和用具", None),
    ("A0501", "", "家具", Some(15)),
    ("A050103", "", "椅凳类", None),
    ("A05010301", "", "办公椅", None),
    ("A050105", "", "柜类", None),
    ("A05010502", "", "文件柜", None),
    ("A0502", "", "用具", Some(5)),
    ("A0503", "", "装具", Some(5)),
    ("A06", "", "特种动植物", Some(0)),
    ("A07", "", "物资", Some(0)),
    ("A08", "", "无形资产（含土地使用权）", Some(0)),
];

/// A code of GB/T 14885-2010, and what it may be today. The nearest above it that is listed stands for what is not.
#[rustfmt::skip]
const OLD_CODES: &[(&str, &str)] = &[
    ("1000000", "A0101,A0102"),
    ("1010000", "A08"),
    ("1020000", "A0101"),
    ("1030000", "A0102"),
    ("2000000", "A0201,A0202,A0203,A0204,A0205,A0206,A0207,A0208,A0209,A0210,A0211,A0212"),
    ("2010000", "A0201"),
    ("2010100", "A020101"),
    ("2010103", "A02010104"),
    ("2010104", "A02010105"),
    ("2010105", "A02010108"),
    ("2010601", "A02021003,A02021004"),
    ("2020000", "A0202"),
    ("2021101", "A02021301"),
    ("2030000", "A0203"),
    ("2040000", "A0204"),
    ("2100000", "A0205"),
    ("2200000", "A0206"),
    ("2300000", "A0207"),
    ("2310000", "A0208"),
    ("2320000", "A0209"),
    ("2400000", "A0210"),
    ("2410000", "A0211"),
    ("2420000", "A0212"),
    ("3240000", "A0234"),
    ("3270000", "A0237"),
    ("4000000", "A03"),
    ("5000000", "A04"),
    ("6010000", "A0501,A0502"),
    ("6010300", "A050103"),
    ("6010500", "A050105"),
    ("6020000", "A0503"),
    ("6030000", "A06"),
    ("6040000", "A06"),
];

async fn seed(manager: &SchemaManager<'_>) -> Result<(), DbErr> {
    let mut insert = Query::insert();
    insert.into_table("asset_classes").columns([
        "code",
        "structure",
        "version",
        "name",
        "rule",
        "life_years",
        "effective_from",
        "source",
        "set_by",
        "set_at",
    ]);
    let (year, month, day) = LIVES_FROM;
    let from = Date::from_ymd_opt(year, month, day).ok_or_else(|| DbErr::Custom("no such day".to_owned()))?;
    for (code, structure, name, years) in CLASSES {
        let (rule, source) = match years {
            None => ("inherit", STANDARD),
            Some(0) => ("none", NOT),
            Some(_) => ("years", LIVES),
        };
        insert.values_panic([
            (*code).into(),
            (*structure).into(),
            1i64.into(),
            (*name).into(),
            rule.into(),
            years.filter(|years| *years > 0).into(),
            from.into(),
            source.into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await?;
    let mut insert = Query::insert();
    insert.into_table("asset_class_codes").columns(["old_code", "version", "codes", "source", "set_by", "set_at"]);
    for (old, codes) in OLD_CODES {
        insert.values_panic([
            (*old).into(),
            1i64.into(),
            (*codes).into(),
            "GB/T 14885-2010、GB/T 14885-2022 对照".into(),
            "system".into(),
            0i64.into(),
        ]);
    }
    manager.execute(insert).await
}

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let tables = vec![classes(), old_codes(), cards(), bases()];
        let indexes = vec![
            unique("uq_asset_depreciation_bases_seq", "asset_depreciation_bases", &["item_id", "seq"]),
            index("ix_asset_cards_plate", "asset_cards", &["plate"]),
        ];
        create(manager, tables, indexes).await?;
        for table in ["asset_classes", "asset_class_codes", "asset_depreciation_bases"] {
            append_only(manager, table).await?;
        }
        seed(manager).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        drop(manager, &["asset_classes", "asset_class_codes", "asset_cards", "asset_depreciation_bases"]).await
    }

    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
