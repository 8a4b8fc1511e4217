//! A car on a phone: its label leads to one button after the other; the month on the command centre's board; repairs.

use axum_test::TestServer;
use hufu::access::Role;
use hufu::approvals::service::{self as approvals, Verdict};
use hufu::approvals::{Holders, Posts};
use hufu::db::DbError;
use hufu::items::labels::{self, Printing, Subject};
use hufu::kernel::ids::{PersonId, UnitId};
use hufu::kernel::rights::Scope;
use hufu::kernel::{Actor, Timestamp};
use hufu::vehicles::drivers::{self, Licence};
use hufu::vehicles::model::LicenceClass;
use hufu::vehicles::service::{Facts, NewVehicle, register};
use hufu::vehicles::store::Car;
use hufu::vehicles::trips::entity::trip;
use sea_orm::{ConnectionTrait, EntityTrait as _};

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::{DAY, Office};

const PLATE: &str = "粤T10001";
const PHONE: &str = "/cars/%E7%B2%A4T10001";
const PAGE: &str = "/vehicles/%E7%B2%A4T10001";

fn driver(office: &Office) -> TestServer {
    browser(office, office.people[0][2], Role::Driver, Some(office.units[0]))
}

fn manager(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][1], Role::VehicleManager, Some(office.units[unit]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

async fn park(office: &Office) -> Car {
    let mut item = office.new_item("CL-1", 0);
    item.keeper_id = None;
    let new = NewVehicle { item, facts: Facts::of(PLATE), odometer_km: 10_000 };
    let car = register(&office.db, &office.ctx, &new).await.unwrap();
    for n in 1..3 {
        let licence = Licence {
            person: office.people[0][n],
            class: LicenceClass::C1,
            valid_from: None,
            valid_until: None,
            active: true,
            note: String::new(),
        };
        drivers::set(&office.db, &office.ctx, &licence, None).await.unwrap();
    }
    car
}

/// The head of the unit, and nobody else, holds the post that the chain names.
struct TheHead(PersonId, UnitId);

impl Posts for TheHead {
    async fn read<C: ConnectionTrait>(&self, _db: &C, _at: Timestamp) -> Result<Holders, DbError> {
        let mut holders = Holders::default();
        holders.add(self.0, Role::UnitHead, Some(self.1));
        Ok(holders)
    }
}

/// The head of the unit says yes.
async fn approve(office: &Office) {
    let row = trip::Entity::find().one(office.db.read()).await.unwrap().unwrap();
    let head = TheHead(office.people[0][0], office.units[0]);
    let ctx = office.ctx.acting_as(Actor::Person(head.0), Scope::Everything);
    let verdict = Verdict { step: 1, approved: true, reason: String::new() };
    approvals::decide(&office.db, &ctx, &head, row.approval_id.unwrap(), &verdict).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_label_of_a_car_leads_to_its_next_step() {
    let office = Office::found().await;
    let car = park(&office).await;
    let of = [Subject::Item(car.item.id)];
    let printed = labels::print(&office.db, &office.ctx, &of, "asset-60x40", Printing::Again);
    let code = printed.await.unwrap()[0].to_string();
    let phone = driver(&office);
    for sought in [code.as_str(), "CL-1", "%E7%B2%A4T10001"] {
        assert_eq!(leads(&phone.get(&format!("/find?q={sought}")).await), PHONE, "{sought}");
    }
    in_both_languages(&phone, PHONE, "申请用车", "Ask for this car").await;
    let empty = post(&phone, &format!("{PHONE}/ask"), &[("purpose", "走访"), ("destination", "")]).await;
    assert_eq!(status(&empty), 422);
    assert!(empty.text().contains("请写明目的地") && empty.text().contains("走访"), "what was typed stays");
    let asked = post(&phone, &format!("{PHONE}/ask"), &[("purpose", "走访"), ("destination", "东片")]).await;
    assert_eq!(leads(&asked), format!("{PHONE}?said=asked"));
    assert!(phone.get(PHONE).await.text().contains("已申请，等待审批"));
    let early = post(&phone, &format!("{PHONE}/depart"), &[("trip", "YC-2026-0001"), ("km", "10000")]).await;
    assert!(early.text().contains("批准后方可出车"));
    approve(&office).await;
    let page = phone.get(PHONE).await.text();
    assert!(page.contains("已批准") && page.contains("value=\"10000\""), "the odometer is filled in");
    assert!(phone.get("/").await.text().contains("已批准，可以出车"));
    let left = post(&phone, &format!("{PHONE}/depart"), &[("trip", "YC-2026-0001"), ("km", "10,000")]).await;
    assert_eq!(leads(&left), format!("{PHONE}?said=out"));
    assert!(phone.get("/").await.text().contains("还车："));
    let short = post(&phone, &format!("{PHONE}/return"), &[("trip", "YC-2026-0001"), ("km", "9999")]).await;
    assert_eq!(status(&short), 422);
    assert!(short.text().contains("少于出车里程"));
    let back = post(&phone, &format!("{PHONE}/return"), &[("trip", "YC-2026-0001"), ("km", "10031")]).await;
    assert_eq!(leads(&back), format!("{PHONE}?said=back&km=31"));
    in_both_languages(&phone, PAGE, "累计 10,031 公里", "10,031 km in all").await;
    let book = phone.get(&format!("{PAGE}/book.pdf?year=2026")).await;
    assert!(book.as_bytes().starts_with(b"%PDF-"));
    assert_eq!(status(&manager(&office, 1).get(PHONE).await), 404, "another unit's car is not there");
    let urgent = [("purpose", "接警"), ("destination", "车站"), ("km", "10031")];
    assert_eq!(leads(&post(&phone, &format!("{PHONE}/urgent"), &urgent).await), format!("{PHONE}?said=out"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_month_goes_from_the_unit_to_the_command_centre() {
    let office = Office::found().await;
    park(&office).await;
    let (phone, keeper, centre) = (driver(&office), manager(&office, 0), centre(&office));
    post(&phone, &format!("{PHONE}/ask"), &[("purpose", "走访"), ("destination", "东片")]).await;
    approve(&office).await;
    post(&phone, &format!("{PHONE}/depart"), &[("trip", "YC-2026-0001"), ("km", "10000")]).await;
    post(&phone, &format!("{PHONE}/return"), &[("trip", "YC-2026-0001"), ("km", "10031")]).await;
    assert!(keeper.get("/").await.text().contains("核对出车记录 1 次"));
    in_both_languages(&keeper, "/vehicles/trips/YC-2026-0001", "待核对", "returned").await;
    in_both_languages(&keeper, "/vehicles/trips", "出车记录 1", "Trips: 1").await;
    in_both_languages(&keeper, "/vehicles/calendar?month=2026-11", "1 次 31 公里", "1 trips, 31 km").await;
    office.clock.advance_ms(32 * DAY);
    let unit = office.units[0];
    let month = format!("/vehicles/months/2026-11/{unit}");
    assert!(keeper.get("/").await.text().contains("报送上月出车记录（2026-11）"));
    in_both_languages(&centre, "/vehicles/months/2026-11", "已报 0/1", "handed in 0 of 1").await;
    let early = post(&keeper, &format!("{month}/submit"), &[("note", "")]).await;
    assert!(early.text().contains("未还车或未核对"));
    assert_eq!(leads(&post(&keeper, &format!("{month}/check"), &[]).await), format!("{month}?said=checked"));
    assert_eq!(leads(&post(&keeper, &format!("{month}/submit"), &[]).await), format!("{month}?said=submitted"));
    assert!(centre.get("/").await.text().contains("检查出车记录：2026-11 已报 1/1"));
    let version = trip::Entity::find().one(office.db.read()).await.unwrap().unwrap().version.to_string();
    let asked = [("version", version.as_str()), ("question", "去了哪里？")];
    let to = leads(&post(&centre, "/vehicles/trips/YC-2026-0001/question", &asked).await);
    assert_eq!(to, "/vehicles/trips/YC-2026-0001?said=done");
    assert!(post(&centre, &format!("{month}/accept"), &[]).await.text().contains("等待单位说明"));
    let version = trip::Entity::find().one(office.db.read()).await.unwrap().unwrap().version.to_string();
    let said = [("version", version.as_str()), ("explanation", "东片两个社区")];
    post(&keeper, "/vehicles/trips/YC-2026-0001/explain", &said).await;
    assert_eq!(leads(&post(&centre, &format!("{month}/accept"), &[]).await), format!("{month}?said=accepted"));
    in_both_languages(&centre, &month, "已归档", "accepted").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_ledgers_pages_speak_both_languages_and_say_who_may() {
    let office = Office::found().await;
    park(&office).await;
    let (keeper, centre) = (manager(&office, 0), centre(&office));
    for (path, zh, en) in [
        ("/vehicles", "公务用车 1 辆", "Official vehicles: 1"),
        ("/vehicles/new", "登记车辆", "Enter a vehicle"),
        ("/vehicles/drivers", "驾驶员 2 人", "Drivers: 2"),
        ("/vehicles/cards", "加油卡 0 张", "Fuel cards: 0"),
        ("/vehicles/cards/new", "登记油卡", "Enter a card"),
        ("/vehicles/shops", "定点维修厂 0 家", "Workshops: 0"),
        ("/vehicles/repairs", "车辆维修 0", "Repairs: 0"),
        ("/vehicles/repairs/prices", "同一配件", "The same part"),
    ] {
        in_both_languages(&centre, path, zh, en).await;
    }
    in_both_languages(&keeper, &format!("{PAGE}/change"), "变更信息", "Change facts").await;
    in_both_languages(&keeper, "/vehicles/repairs/new", "申请维修", "Ask for a repair").await;
    let shop = [("name", "诚信汽修"), ("contact", ""), ("phone", ""), ("address", ""), ("contract_until", "")];
    assert_eq!(leads(&post(&centre, "/vehicles/shops", &shop).await), "/vehicles/shops?said=created");
    let repair = [("car", PLATE), ("kind", "repair"), ("fault", "异响"), ("budget", "800"), ("shop", "诚信汽修")];
    let to = leads(&post(&keeper, "/vehicles/repairs/new", &repair).await);
    assert_eq!(to, "/vehicles/repairs/WX-2026-0001?said=done");
    in_both_languages(&keeper, "/vehicles/repairs/WX-2026-0001", "待审批", "asked").await;
    let early = post(&keeper, "/vehicles/repairs/WX-2026-0001/send", &[("version", "1"), ("km", "10000")]).await;
    assert!(early.text().contains("须经单位领导审批同意"), "{}", early.text());
    let sheet = centre.get("/vehicles/repairs/collect?month=2026-11").await;
    assert!(sheet.as_bytes().starts_with(b"PK"), "a workbook");
    assert_eq!(status(&driver(&office).get("/vehicles/new").await), 403);
    assert_eq!(status(&centre.get("/vehicles/months/2026-13").await), 404);
}
