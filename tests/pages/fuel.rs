//! The fuel check as pages: a car's account with its drawing, slips from a phone, drums, charging, a list of cars that
//! comes in by a file.

use axum_test::TestServer;
use axum_test::multipart::{MultipartForm, Part};
use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::kernel::{Ctx, Fen, Timestamp};
use hufu::vehicles::cards::model::Supplier;
use hufu::vehicles::fuel::ledger::drums;
use hufu::vehicles::fuel::ledger::entity::slip;
use hufu::vehicles::fuel::ledger::model::NewRecord;
use hufu::vehicles::fuel::ledger::statements::{self, NewStatement};
use hufu::vehicles::fuel::ledger::watch;
use hufu::vehicles::model::Energy;
use hufu::vehicles::service::{Facts, NewVehicle, register};
use sea_orm::EntityTrait as _;
use sea_orm::sea_query::Expr;

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::support::{DAY, Office};

const PLATE: &str = "粤T10001";
const ACCOUNT: &str = "/vehicles/fuel/accounts/%E7%B2%A4T10001";

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

fn driver(office: &Office) -> TestServer {
    browser(office, office.people[0][2], Role::Driver, Some(office.units[0]))
}

/// A car that fills up every fifth day, once far too much; an electric one that is charged.
async fn pumps(office: &Office) {
    let (db, ctx) = (&office.db, &office.ctx);
    let car = |n: usize, facts: Facts| {
        let mut item = office.new_item(&format!("CL-{n}"), 0);
        item.keeper_id = None;
        NewVehicle { item, facts, odometer_km: 20_000 }
    };
    let petrol = Facts { tank_ml: Some(55_000), fuel_grade: "92".to_owned(), ..Facts::of(PLATE) };
    register(db, ctx, &car(1, petrol)).await.unwrap();
    let electric = Facts { energy: Energy::Electric, battery_wh: Some(60_000), ..Facts::of("粤TD10002") };
    register(db, ctx, &car(2, electric)).await.unwrap();
    let begun = ctx.now().0 - 200 * DAY;
    let wobble = [300, -500, 100, 600, -200, -600];
    let mut records: Vec<NewRecord> = (0..38)
        .map(|n: i64| {
            let more = if n == 30 { 14_000 } else { 0 };
            fill(PLATE, "92号汽油", begun + n * 5 * DAY, 32_000 + wobble[usize::try_from(n).unwrap() % 6] + more, n)
        })
        .collect();
    records.extend(
        (0..10).map(|n| NewRecord { line: 100 + n, ..fill("粤TD10002", "充电", begun + n * 19 * DAY, 40_000, n) }),
    );
    bring(office, ctx, records).await;
    let today = ctx.now().day();
    watch::run(db, ctx, today - chrono::Days::new(90), today).await.unwrap();
}

fn fill(plate: &str, grade: &str, at: i64, ml: i64, n: i64) -> NewRecord {
    NewRecord {
        line: n + 2,
        plate: plate.to_owned(),
        at: Timestamp(at),
        timed: true,
        kind_text: "加油".to_owned(),
        grade: grade.to_owned(),
        quantity_ml: Some(ml),
        price_e4: Some(75_000),
        amount_fen: Some(Fen(ml * 3 / 4)),
        station: "小榄站".to_owned(),
        odometer_km: Some(20_000 + 400 * n),
        full_tank: Some(true),
        ..NewRecord::default()
    }
}

async fn bring(office: &Office, ctx: &Ctx, records: Vec<NewRecord>) {
    let new = NewStatement {
        supplier: Supplier::Sinopec,
        file_name: "对账单.xls".to_owned(),
        sha256: "ab".repeat(32),
        records,
        rejected: 0,
        stated_ml: None,
        stated_fen: None,
        keep_map: None,
    };
    statements::bring(&office.db, ctx, &new).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cars_account_is_drawn_and_said_in_a_table() {
    let office = Office::found().await;
    pumps(&office).await;
    let centre = centre(&office);
    assert!(centre.get("/vehicles/fuel/accounts").await.text().contains(ACCOUNT));
    in_both_languages(&centre, ACCOUNT, "粤T10001 单车核算", "Account of 粤T10001").await;
    let page = centre.get(ACCOUNT).await.text();
    assert!(page.contains("role=\"img\" aria-label=\"近一年 37 段油耗的折线图，其中 1 段有异常"), "{page}");
    assert_eq!(page.matches("<circle").count(), 36, "every interval a point");
    assert_eq!(page.matches("class=\"text-danger\"").count(), 1, "what is spoken of has a shape of its own");
    assert!(page.contains("油耗异常偏高") && page.contains("/vehicles/fuel/records/"));
    for part in ["按月", "按年", "平常"] {
        assert!(page.contains(part), "{part}");
    }
    // An electric car has no litres for 100 km, and no drawing of them.
    let electric = centre.get("/vehicles/fuel/accounts/%E7%B2%A4TD10002").await.text();
    assert!(electric.contains("千瓦时/百公里") && !electric.contains("<svg viewBox=\"0 0 900"));
    in_both_languages(&centre, "/vehicles/fuel/charging", "充电记录", "Charging").await;
    assert!(centre.get("/vehicles/fuel/charging").await.text().contains("粤TD10002"));
    let stranger = browser(&office, office.people[1][1], Role::VehicleManager, Some(office.units[1]));
    assert_eq!(status(&stranger.get(ACCOUNT).await), 404, "another unit's");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_fill_is_written_down_from_a_phone_and_a_drum_only_with_its_approval() {
    let office = Office::found().await;
    pumps(&office).await;
    let phone = driver(&office);
    in_both_languages(&phone, "/vehicles/fuel/slips", "加油登记", "Slips").await;
    let from_the_car = phone.get("/cars/%E7%B2%A4T10001").await.text();
    assert!(from_the_car.contains("/vehicles/fuel/slips?car=%E7%B2%A4T10001"), "{from_the_car}");
    let page = phone.get("/vehicles/fuel/slips?car=%E7%B2%A4T10001").await.text();
    assert!(page.contains("value=\"粤T10001\""), "the car is filled in");
    let typed = |quantity: &'static str| {
        [("car", PLATE), ("quantity", quantity), ("amount", "240.5"), ("odometer_km", "35,200"), ("full_tank", "yes")]
    };
    for (quantity, said) in
        [("", "请填写数字"), ("零", "请填写数字"), ("0", "加油量应大于 0"), ("1000000", "不超过 2,000 升")]
    {
        let refused = post(&phone, "/vehicles/fuel/slips", &typed(quantity)).await;
        assert_eq!(status(&refused), 422, "{quantity}");
        assert!(refused.text().contains(said) && refused.text().contains("35,200"), "{quantity}: what was typed stays");
    }
    let tomorrow = [("car", PLATE), ("quantity", "30"), ("at", "2099-01-01T08:00")];
    assert!(post(&phone, "/vehicles/fuel/slips", &tomorrow).await.text().contains("不能晚于现在"));
    let strange = [("car", "粤T99999"), ("quantity", "30")];
    assert!(post(&phone, "/vehicles/fuel/slips", &strange).await.text().contains("没有这辆车"));
    let written = post(&phone, "/vehicles/fuel/slips", &typed("32.06")).await;
    assert_eq!(leads(&written), "/vehicles/fuel/slips?said=written");
    let drum = [("car", PLATE), ("quantity", "20"), ("approval_number", "")];
    let refused = post(&phone, "/vehicles/fuel/drums", &drum).await;
    assert!(status(&refused) == 422 && refused.text().contains("油桶加油须先经审批"));
    let wish =
        |quantity: &'static str, purpose: &'static str| [("car", PLATE), ("quantity", quantity), ("purpose", purpose)];
    for (quantity, purpose, said) in
        [("20", "", "请写明油桶加油的用途"), ("0", "冲锋舟", "加油量应大于 0"), ("x", "冲锋舟", "请填写数字")]
    {
        let refused = post(&phone, "/vehicles/fuel/drums/ask", &wish(quantity, purpose)).await;
        assert!(status(&refused) == 422 && refused.text().contains(said), "{said}: {}", refused.text());
    }
    let asked = post(&phone, "/vehicles/fuel/drums/ask", &wish("20", "冲锋舟")).await;
    assert_eq!(leads(&asked), "/vehicles/fuel/drums?said=asked");
    let permit = drums::list(office.db.read(), &office.ctx, 10).await.unwrap().remove(0);
    assert!(!phone.get("/vehicles/fuel/drums").await.text().contains(&format!("value=\"{}\"", permit.number)));
    let head = browser(&office, office.people[0][0], Role::UnitHead, Some(office.units[0]));
    let waits = head.get(&format!("/approvals/{}", permit.request.id)).await.text();
    assert!(waits.contains("冲锋舟") && waits.contains("/vehicles/fuel/drums"), "{waits}");
    request::Entity::update_many()
        .col_expr(request::Column::State, "approved".into())
        .col_expr(request::Column::FinishedAt, office.ctx.now().0.into())
        .col_expr(request::Column::OpenKey, Expr::value(None::<String>))
        .exec(office.db.read())
        .await
        .unwrap();
    let page = phone.get("/vehicles/fuel/drums").await.text();
    assert!(page.contains(&format!("value=\"{}\"", permit.number)), "what is approved can be chosen: {page}");
    let approved = [("car", PLATE), ("quantity", "20"), ("approval_number", permit.number.as_str())];
    assert_eq!(leads(&post(&phone, "/vehicles/fuel/drums", &approved).await), "/vehicles/fuel/drums?said=written");
    let rows = slip::Entity::find().all(office.db.read()).await.unwrap();
    let of = |container: bool| rows.iter().find(|row| row.container == container).unwrap();
    assert_eq!((rows.len(), of(false).quantity_ml, of(false).odometer_km), (2, 32_060, Some(35_200)));
    assert_eq!((of(true).quantity_ml, of(true).full_tank), (20_000, false));
    in_both_languages(&centre(&office), "/vehicles/fuel/drums", &permit.number, "Drums and jerrycans").await;
    let own = phone.get("/vehicles/fuel/slips").await.text();
    assert!(own.contains("32.06") && !own.contains(&permit.number), "what one wrote down; drums have their own list");
}

#[tokio::test(flavor = "multi_thread")]
async fn cars_come_in_by_a_file_that_is_looked_at_first() {
    let office = Office::found().await;
    let centre = centre(&office);
    in_both_languages(&centre, "/vehicles/import", "导入车辆", "Import cars").await;
    let text = "资产编号,资产名称,使用部门,车牌号\nCL-1,小型轿车,第0大队,粤T10001\nCL-2,小型轿车,第0大队,粤T1\n";
    let send = async |only_look: bool, text: &str| {
        let part = Part::bytes(text.as_bytes().to_vec()).file_name("车辆.csv");
        let form = MultipartForm::new().add_text("csrf", TOKEN).add_part("file", part).add_text("map", "");
        let form = if only_look { form.add_text("only_look", "yes") } else { form };
        centre.post("/vehicles/import").multipart(form).await
    };
    let looked = send(true, text).await.text();
    assert!(looked.contains("可以导入 1 行，1 行不能导入；尚未写入") && looked.contains("粤T1"), "{looked}");
    assert!(!centre.get("/vehicles").await.text().contains("粤T10001"), "nothing was written");
    let brought = send(false, text).await.text();
    assert!(brought.contains("已导入 1 行，1 行没有导入"), "{brought}");
    assert!(centre.get("/vehicles").await.text().contains("粤T10001"));
    let twice = send(false, text).await;
    assert!(twice.text().contains("“CL-1”已在车辆台账"), "{}", twice.text());
    let driver = driver(&office);
    assert_eq!(status(&driver.get("/vehicles/import").await), 403);
}
