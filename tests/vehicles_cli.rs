//! `hufu vehicles`: the trip, the card and the repair from the request to the end, at the machine.

#[expect(dead_code, reason = "each test binary uses its part of the office")]
mod cli;

use cli::Office;
use hufu::access::{self, accounts};
use hufu::db::Db;
use hufu::kernel::Ctx;
use hufu::org::Directory;

const CARS: &str = "资产编号,资产名称,使用部门,车牌号,累计行驶里程\n\
    CL001,小型轿车,治安大队,粤T10001,20000\nCL002,小型轿车,裕安派出所,粤T10002,30000\n";

/// An office with two cars, a driver, and the head of the driver's unit with an account that may decide.
fn office() -> Office {
    let office = Office::founded();
    office.import("vehicles", "cars.csv", CARS, &[]).code(0);
    office.run(&["vehicles", "license", "002", "--class", "C1"]).code(0).says("C1");
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(head(office.database().url()));
    office.run(&["accounts", "grant", "zhangsan", "unit_head", "--unit", "治安大队"]).code(0);
    office
}

/// The head's account, with a password of their own: who never opened it decides nothing.
async fn head(url: &str) {
    let db = Db::open(url).await.expect("the database");
    let ctx = Ctx::local("test").expect("randomness");
    let whose = Directory::load(db.read()).await.expect("the directory").find_person("001", None).expect("a person");
    let invited = accounts::create(&db, &ctx, "zhangsan", whose).await.expect("an account");
    access::activate(&db, &ctx, &invited.link, "Correct-Horse-7-Staple").await.expect("activated");
    db.close().await;
}

/// The number that a deed with `--json` answers with.
fn number(office: &Office, args: &[&str]) -> String {
    let said = office.run(&[&["vehicles"], args, &["--json"]].concat());
    said.code(0).json()["number"].as_str().unwrap_or_else(|| panic!("{said:?}")).to_owned()
}

#[test]
fn a_trip_is_asked_for_decided_driven_and_closed() {
    let office = office();
    let cars = |args: &[&str]| office.run(&[&["vehicles"], args].concat());
    cars(&["license", "002", "--class", "Z9"]).refused("准驾车型");
    cars(&["ask", "粤T99999", "--purpose", "巡逻", "--to", "城区", "--by", "002"]).refused("车");
    let trip = number(&office, &["ask", "粤T10001", "--purpose", "巡逻", "--to", "城区", "--by", "002"]);
    cars(&["depart", &trip, "--km", "20001", "--by", "002"]).refused("批准后方可出车");
    cars(&["decide", &trip, "--by", "002"]).refused("");
    cars(&["decide", "YC-1999-0001", "--by", "001"]).refused("没有");
    cars(&["decide", &trip, "--by", "001"]).code(0).says("已批准");
    cars(&["decide", &trip, "--by", "001"]).refused("");
    cars(&["depart", &trip, "--km", "20010", "--by", "002"]).code(0).says("在外");
    cars(&["depart", &trip, "--km", "20010", "--by", "002"]).refused("");
    cars(&["return", &trip, "--km", "20009", "--by", "002"]).refused("里程");
    cars(&["return", &trip, "--km", "20055", "--by", "002"]).code(0).says("45 公里");
    let refused = number(&office, &["ask", "粤T10001", "--purpose", "私事", "--to", "外市", "--by", "002"]);
    cars(&["decide", &refused, "--refuse", "--reason", "与公务无关", "--by", "001"]).code(0).says("未获批准");
    cars(&["depart", &refused, "--km", "20060", "--by", "002"]).refused("");
    // What the dial shows more than at the last return is told at once.
    let next = number(&office, &["ask", "粤T10001", "--purpose", "巡逻", "--to", "城区", "--by", "002"]);
    cars(&["decide", &next, "--by", "001"]).code(0);
    cars(&["depart", &next, "--km", "20070", "--by", "002"]).code(0).says("相差 +15 公里");
}

#[test]
fn a_card_follows_one_car_at_a_time() {
    let office = office();
    let cards = |args: &[&str]| office.run(&[&["vehicles", "card"], args].concat());
    let enter = ["--unit", "治安大队", "--supplier", "sinopec"];
    cards(&["enter", "100011", "--unit", "治安大队", "--supplier", "某油", "--master", "self"]).refused("发卡单位");
    cards(&[&["enter", "100011"][..], &enter, &["--master", "self"]].concat()).code(0).says("已登记 100011");
    cards(&[&["enter", "100012"][..], &enter, &["--master", "100011"]].concat()).code(0);
    cards(&[&["enter", "100012"][..], &enter, &["--master", "100011"]].concat()).refused("已登记");
    cards(&["give", "100012", "粤T10001"]).code(0).says("配给 粤T10001");
    cards(&["give", "100012", "粤T10002"]).refused("");
    cards(&["take-back", "100012"]).code(0).says("已收回");
    cards(&["turn", "100012", "x", "--reason", "x"]).refused("lost");
    cards(&["turn", "100012", "lost", "--reason", "执勤中遗失"]).code(0).says("挂失");
    cards(&["give", "100012", "粤T10001"]).refused("");
}

#[test]
fn a_drum_is_asked_for_before_it_is_filled() {
    let office = office();
    let wish = ["drum", "粤T10001", "--purpose", "冲锋舟", "--by", "002"];
    office.run(&[&["vehicles"], &wish[..], &["--litres", "多"]].concat()).refused("");
    office.run(&[&["vehicles"], &wish[..], &["--litres", "0"]].concat()).refused("加油量应大于 0");
    let permit = number(&office, &[&wish[..], &["--litres", "40"]].concat());
    let now = Ctx::local("test").expect("randomness").now();
    let at = now.shanghai().format("%Y-%m-%d %H:%M:%S").to_string();
    let slip = ["fuel", "slip", "粤T10001", "--litres", "20", "--amount", "150", "--container", &permit, "--at"];
    office.run(&[&slip[..], &[&at]].concat()).refused("不能据此加油");
    office.run(&["vehicles", "decide", &permit, "--by", "001"]).code(0).says("已批准");
    office.run(&[&slip[..], &["2026-01-01 08:00"]].concat()).refused("之后才批准");
}

#[test]
fn a_repair_is_decided_entered_in_the_book_and_paid() {
    let office = office();
    let repair = |args: &[&str]| office.run(&[&["vehicles", "repair"], args].concat());
    let ask = ["repair", "ask", "粤T10001", "--fault", "制动异响", "--budget", "800", "--by", "002"];
    office.run(&[&["vehicles"], &ask[..], &["--shop", "城南汽修厂"]].concat()).refused("城南汽修厂");
    office.run(&["vehicles", "shop", "城南汽修厂", "--until", "2099-12-31"]).code(0).says("已登记 城南汽修厂");
    let order = number(&office, &[&ask[..], &["--shop", "城南汽修厂"]].concat());
    repair(&["enter", &order, "--by", "002"]).refused("");
    office.run(&["vehicles", "decide", &order, "--by", "001"]).code(0).says("已批准");
    repair(&["send", &order, "--km", "20005", "--by", "002"]).refused("");
    repair(&["enter", &order, "--by", "002"]).code(0);
    repair(&["send", &order, "--km", "20005", "--by", "002"]).code(0).says("在修");
    let back = ["return", &order, "--km", "20008", "--labour", "120", "--invoice", "0012", "--by", "002"];
    repair(&[&back[..], &["--part", "前制动片"]].concat()).refused("前制动片");
    repair(&[&back[..], &["--part", "前制动片,2,片,180", "--old-parts", "交回"]].concat()).code(0).says("480.00 元");
    office.run(&["vehicles", "prices", "前制动片"]).code(0).says("180.00");
}
