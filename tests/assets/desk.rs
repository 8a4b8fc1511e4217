//! Cards over the API, and through files: what is exported is read back as it was.

use axum_test::TestServer;
use hufu::assets::card::entity::card;
use hufu::assets::card::service;
use hufu::assets::card::sheet;
use hufu::documents::ColumnMap;
use hufu::imports::{self, Request, What};
use hufu::items::service::NewItem;
use hufu::items::store;
use hufu::kernel::{Ctx, Fen};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};

use super::Office;
use super::web::server;
use super::yard::Yard;

fn desk(yard: &Yard, ctx: Ctx) -> TestServer {
    server(&yard.office, Some(ctx))
}

async fn put(desk: &TestServer, number: &str, version: Option<&str>, body: &Value) -> (u16, Value) {
    let mut request = desk.put(&format!("/api/v1/assets/cards/{number}")).json(body);
    if let Some(version) = version {
        request = request.add_header("if-match", version);
    }
    let answer = request.await;
    (answer.status_code().as_u16(), answer.json())
}

#[tokio::test]
async fn a_card_over_the_api() {
    let yard = Yard::new().await;
    yard.stock(1).await;
    let manager = desk(&yard, yard.manager(0));
    let blank = manager.get("/api/v1/assets/cards/T-0?on=2026-12-31").await;
    assert_eq!(blank.header("etag"), "\"0\"");
    let blank: Value = blank.json();
    assert_eq!((blank["worth"]["standing"].as_str(), blank["version"].as_i64()), (Some("unknown"), Some(0)));
    assert!(blank["gaps"].as_array().unwrap().iter().any(|gap| gap["field"] == "acquisition"));
    let body = json!({
        "card": { "acquisition": "purchase", "booked_on": "2024-02-03", "in_service_on": "2024-02-01",
            "fiscal_fen": 400_000, "non_fiscal_fen": 50_000, "valuation": "original" },
        "item": { "acquired_on": "2024-01-31", "class_code": "2010104" },
        "reason": "按合同填写",
    });
    for (version, status) in [(None, 428), (Some("\"9\""), 412)] {
        assert_eq!(put(&manager, "T-0", version, &body).await.0, status);
    }
    let (status, card) = put(&manager, "T-0", Some("\"0\""), &body).await;
    assert_eq!(status, 200, "{card}");
    assert_eq!(card["item"]["class_code"], "A02010105");
    assert_eq!((card["old_class_code"].as_str(), card["version"].as_i64()), (Some("2010104"), Some(1)));
    let worth: Value = manager.get("/api/v1/assets/cards/T-0?on=2026-12-31").await.json();
    // 4,500.00 over 72 months, 36 of them over.
    assert_eq!(worth["worth"]["accumulated_fen"], 225_000);
    assert_eq!(
        (worth["worth"]["monthly_fen"].as_i64(), worth["worth"]["life_months"].as_i64()),
        (Some(6_250), Some(72))
    );
    let mut wrong = body.clone();
    wrong["card"]["fiscal_fen"] = json!(1);
    let (status, problem) = put(&manager, "T-0", Some("\"1\""), &wrong).await;
    assert_eq!((status, problem["field"].as_str()), (422, Some("fiscal_fen")), "{problem}");
    wrong["item"]["class_code"] = json!("6010000");
    let (status, problem) = put(&manager, "T-0", Some("\"1\""), &wrong).await;
    assert_eq!((status, problem["field"].as_str()), (422, Some("class_code")), "{problem}");
    assert_eq!(put(&desk(&yard, yard.manager(1)), "T-0", Some("\"1\""), &body).await.0, 404);
    assert_eq!(put(&desk(&yard, yard.member(0, 2)), "T-0", Some("\"1\""), &body).await.0, 403);
}

#[tokio::test]
async fn net_values_classes_and_who_answers_over_the_api() {
    let yard = Yard::new().await;
    yard.stock(2).await;
    let centre = desk(&yard, yard.centre());
    let values: Value = centre.get("/api/v1/assets/net-values?on=2030-01-01").await.json();
    assert_eq!((values["whole"]["things"].as_i64(), values["whole"]["unknown"].as_i64()), (Some(2), Some(2)));
    assert_eq!(values["by_class"][0]["code"], "A0201");
    assert_eq!(centre.get("/api/v1/assets/net-values?on=1000-01-01").await.status_code(), 422);
    for path in ["/api/v1/assets/net-values.xlsx", "/api/v1/assets/cards.xlsx"] {
        let file = centre.get(path).await;
        assert_eq!(file.status_code(), 200, "{path}");
        assert!(file.as_bytes().starts_with(b"PK"), "{path}");
    }
    let known: Value = centre.get("/api/v1/assets/classes/resolve?code=2010105").await.json();
    assert_eq!((known["code"].as_str(), known["life_years"].as_i64()), (Some("A02010108"), Some(6)));
    let refused = centre.get("/api/v1/assets/classes/resolve?code=2010601").await;
    assert_eq!(refused.status_code(), 422);
    assert!(refused.text().contains("A02021004"));
    let lacks: Value = centre.get("/api/v1/assets/responsible/vacancies").await.json();
    assert_eq!((lacks[0]["duty"].as_str(), lacks[0]["things"].as_i64()), (Some("supervising_leader"), Some(2)));
    let body = json!({ "unit_id": yard.office.units[0], "duty": "supervising_leader",
        "person_id": yard.office.people[0][2], "reason": "会议纪要〔2026〕1 号" });
    let named = centre.post("/api/v1/assets/responsible").json(&body).await;
    assert_eq!(named.status_code(), 201, "{}", named.text());
    let named: Value = named.json();
    let end = format!("/api/v1/assets/responsible/{}/end", named["id"].as_str().unwrap());
    let ended = centre.post(&end).add_header("if-match", "\"1\"").json(&json!({ "reason": "调离" })).await;
    assert_eq!(ended.status_code(), 200, "{}", ended.text());
    let history: Value = centre.get("/api/v1/assets/responsible").await.json();
    assert!(history[0]["until_on"].is_string());
}

/// The header that the asset system exports, and rows as offices fill them in.
const LEDGER: &str = "资产编号,资产大类,资产分类,资产名称,财务入账日期,会计凭证号,取得日期,价值类型,数量,单价,价值,财政性资金,非财政性资金,\
    取得方式,使用状况,使用部门,管理部门,存放地点,使用人,面积,规格型号,资产分类代码,车牌号,车架号,折旧状态,折旧年限,自定义编号,备注\n\
    ZC-1,设备,台式计算机,台式计算机,2024-02-03,记-7,2024-01-31,原值,1,5999,5999,5000,999,新购,自用,第0大队,第1大队,房间00,人员00,,M720,\
    2010104,,,提折旧,,办-1,一号\n\
    ZC-2,设备,车辆,警车,2024-02-03,记-8,2024-01-31,原值,1,100000,100000,,,新购,自用,第1大队,,房间10,人员10,,某型,A02030501,\
    粤T1234警,LSVAA4182E2123456,提折旧,10,,\n\
    ZC-3,家具,家具,办公桌,,,2020-01-31,原值,1,800,800,,,新购,自用,第0大队,,房间00,,,,6010000,,,提折旧,,,\n\
    ZC-4,设备,打印机,打印机,,,2020-01-31,原值,1,800,800,1,2,新购,自用,第0大队,,房间00,,,,A02021004,,,提折旧,,,\n\
    ZC-5,设备,打印机,打印机,,,2020-01-31,原值,1,800,800,,,捡的,自用,第0大队,,房间00,,,,A02021004,,,提折旧,,,\n\
    ZC-6,,,办公椅,,,2020-01-31,,1,800,800,,,,自用,第0大队,,房间00,,,,A05010301,,,,,,只有备注\n";

async fn bring(office: &Office, path: &std::path::Path) -> imports::Report {
    let what = What::Assets { effective_at: office.ctx.now(), create_missing: false };
    let request = Request { path, map: ColumnMap::default(), dry_run: false, what };
    imports::run(&office.db, &office.ctx, &request).await.unwrap()
}

#[tokio::test]
async fn a_ledger_brings_its_cards_and_what_is_exported_is_read_back() {
    let office = Office::found().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("台账.csv");
    std::fs::write(&path, LEDGER).unwrap();
    let report = bring(&office, &path).await;
    let reasons: Vec<String> =
        report.rejects.iter().map(|reject| format!("{}：{}", reject.column, reject.reason)).collect();
    assert_eq!((report.taken, reasons.len()), (3, 3), "{reasons:?}");
    for (column, sentence) in
        [("资产分类代码", "A0501 家具、A0502 用具"), ("财政性资金", "之和应等于价值"), ("取得方式", "新购、调拨")]
    {
        assert!(
            reasons.iter().any(|said| said.starts_with(column) && said.contains(sentence)),
            "{sentence}: {reasons:?}"
        );
    }
    let db = office.db.read();
    let (computer, card) = service::show(db, &office.ctx, "ZC-1").await.unwrap();
    assert_eq!((computer.class_code.as_str(), card.old_class_code.as_str()), ("A02010105", "2010104"));
    assert_eq!((card.fiscal_fen, card.non_fiscal_fen), (Fen(500_000), Fen(99_900)));
    assert_eq!((card.managing_unit_id, card.custom_number.as_str()), (Some(office.units[1]), "办-1"));
    let (_, car) = service::show(db, &office.ctx, "ZC-2").await.unwrap();
    assert_eq!((car.plate.as_str(), car.life_years, car.fiscal_fen), ("粤T1234警", Some(10), Fen(10_000_000)));
    let (_, chair) = service::show(db, &office.ctx, "ZC-6").await.unwrap();
    assert_eq!(chair.version, 0, "a remark alone makes no card");
    let out = dir.path().join("cards.xlsx");
    sheet::write(db, &office.ctx, &out).await.unwrap();
    let other = Office::found().await;
    let report = bring(&other, &out).await;
    let rejects: Vec<_> = report.rejects.iter().map(|reject| &reject.reason).collect();
    assert_eq!((report.taken, rejects.len()), (3, 0), "{rejects:?}");
    for number in ["ZC-1", "ZC-2"] {
        let (was, before) = service::show(db, &office.ctx, number).await.unwrap();
        let (is, after) = service::show(other.db.read(), &other.ctx, number).await.unwrap();
        let alike = |thing: &hufu::items::entity::item::Model| {
            (
                thing.name.clone(),
                thing.class_code.clone(),
                thing.value_fen,
                thing.acquired_on,
                thing.specification.clone(),
            )
        };
        assert_eq!(alike(&is), alike(&was));
        // Ids are each office's own; today's code of a class is exported, not the old one it came from.
        let same = card::Model {
            item_id: after.item_id,
            managing_unit_id: after.managing_unit_id,
            old_class_code: String::new(),
            usage: after.usage,
            ..before
        };
        assert_eq!(after, same, "{number}");
    }
}

#[tokio::test]
async fn an_undone_ledger_that_comes_back_has_its_cards_again() {
    let office = Office::found().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("台账.csv");
    std::fs::write(&path, LEDGER).unwrap();
    let batch = bring(&office, &path).await.batch.unwrap();
    imports::undo(&office.db, &office.ctx, batch).await.unwrap();
    assert!(store::by_number(office.db.read(), "ZC-1").await.unwrap().is_none());
    bring(&office, &path).await;
    let cards = card::Entity::find().all(office.db.read()).await.unwrap();
    assert_eq!(cards.iter().map(|card| card.version).collect::<Vec<_>>(), [2, 2]);
}

#[tokio::test]
async fn a_class_code_entered_is_read_in_either_edition() {
    let yard = Yard::new().await;
    let manager = desk(&yard, yard.manager(0));
    let body = |number: &str, code: &str| json!({ "item_number": number, "name": "文件柜", "unit_id": yard.office.units[0], "class_code": code });
    for (number, code, is) in
        [("N-1", "6010500", "A050105"), ("N-2", "a02010105", "A02010105"), ("N-3", "自编-1", "自编-1")]
    {
        let key = format!("register-{number}");
        let answer = manager.post("/api/v1/items").add_header("idempotency-key", key).json(&body(number, code)).await;
        assert_eq!(answer.status_code(), 201, "{}", answer.text());
        let thing = store::by_number(yard.office.db.read(), number).await.unwrap().unwrap();
        assert_eq!(thing.class_code, is);
    }
    let answer =
        manager.post("/api/v1/items").add_header("idempotency-key", "register-n-4").json(&body("N-4", "6010000")).await;
    assert_eq!(answer.status_code(), 422);
    assert!(answer.text().contains("A0502"), "{}", answer.text());
    let plain = NewItem { class_code: "2010104".to_owned(), ..yard.office.new_item("N-5", 0) };
    let row = yard.office.register(&[plain]).await.remove(0);
    assert_eq!(row.class_code, "2010104", "the spine knows no classes: its doors read them");
}
