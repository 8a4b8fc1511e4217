//! Cards, net values, classes and who answers, as pages.

use axum_test::TestServer;
use hufu::access::Role;
use hufu::assets::card::entity::card;
use sea_orm::EntityTrait as _;

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::{Office, badge};

fn manager(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][1], Role::AssetManager, Some(office.units[unit]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_is_filled_in_from_the_page_of_its_thing() {
    let office = Office::found().await;
    office.register(&[office.new_item("C-1", 0)]).await;
    let manager = manager(&office, 0);
    in_both_languages(&manager, "/items/C-1", "填写卡片", "Fill in the card").await;
    assert!(manager.get("/items/C-1").await.text().contains("/assets/cards/C-1"));
    in_both_languages(&manager, "/assets/cards/C-1", "资产卡片 C-1", "Asset card C-1").await;
    let typed = |acquisition: &'static str, acquired: &'static str| {
        vec![
            ("version", "0"),
            ("name", "台式计算机"),
            ("specification", "QH-M650"),
            ("measure_unit", "台"),
            ("class_code", "A02010105"),
            ("value", "4,500.00"),
            ("acquired_on", acquired),
            ("form", "general"),
            ("acquisition", acquisition),
            ("valuation", "original"),
            ("fiscal_fen", "4000"),
            ("non_fiscal_fen", "500"),
            ("booking", "booked"),
            ("booked_on", "2024-02-03"),
            ("depreciation", "depreciating"),
            ("in_service_on", "2024-02-01"),
            ("from_construction", "否"),
            ("reason", "按合同填写"),
        ]
    };
    let wrong = post(&manager, "/assets/cards/C-1", &typed("", "2024-01-31")).await;
    assert_eq!(status(&wrong), 422);
    assert!(wrong.text().contains("请填写取得方式") && wrong.text().contains("按合同填写"), "what was typed stays");
    let wrong = post(&manager, "/assets/cards/C-1", &typed("purchase", "一月")).await;
    assert_eq!(status(&wrong), 422);
    let to = leads(&post(&manager, "/assets/cards/C-1", &typed("purchase", "2024-01-31")).await);
    assert_eq!(to, "/assets/cards/C-1?said=saved");
    let cards = card::Entity::find().all(office.db.read()).await.unwrap();
    assert_eq!((cards.len(), cards[0].version), (1, 1));
    let page = manager.get("/items/C-1").await.text();
    assert!(page.contains("更正卡片") && page.contains("净值（元）") && page.contains("新购"));
    // Another unit's manager sees nothing of it; a member reads and has no form.
    let stranger = browser(&office, office.people[1][1], Role::AssetManager, Some(office.units[1]));
    assert_eq!(status(&stranger.get("/assets/cards/C-1").await), 404);
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    let page = member.get("/assets/cards/C-1").await.text();
    assert!(page.contains("新购") && !page.contains("name=\"fiscal_fen\""));
}

#[tokio::test(flavor = "multi_thread")]
async fn net_values_by_class_and_unit() {
    let office = Office::found().await;
    let centre = centre(&office);
    let empty = "/assets/net-values";
    in_both_languages(&centre, empty, "这一天账上没有资产", "Nothing was in the book").await;
    office.register(&[office.new_item("C-1", 0), office.new_item("C-2", 1)]).await;
    let page = "/assets/net-values?on=2030-12-31";
    in_both_languages(&centre, page, "2030-12-31 资产净值 9,000.00 元", "Net values of 2030-12-31").await;
    let text = centre.get(page).await.text();
    assert!(text.contains("A0201 信息化设备") && text.contains("第1大队"));
    assert!(text.contains("/assets/net-values.xlsx?on=2030-12-31"));
    assert_eq!(status(&centre.get("/assets/net-values.xlsx?on=2030-12-31").await), 200);
    assert_eq!(status(&centre.get("/assets/cards.xlsx").await), 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn classes_are_set_by_the_security_administrator() {
    let office = Office::found().await;
    let security = browser(&office, office.people[2][2], Role::SecurityAdministrator, None);
    in_both_languages(&security, "/classes", "财会〔2017〕4号", "Asset classes and useful lives").await;
    in_both_languages(&security, "/classes/A0201", "A0201 信息化设备", "Set a class").await;
    let set = |life: &'static str| {
        let fields = [("code", "A0201"), ("structure", ""), ("name", "信息化设备"), ("rule", "years")];
        fields
            .into_iter()
            .chain([("life_years", life), ("effective_from", ""), ("source", "市财政局通知")])
            .collect::<Vec<_>>()
    };
    assert_eq!(status(&post(&security, "/classes/A0201", &set("五")).await), 422);
    assert_eq!(leads(&post(&security, "/classes/A0201", &set("5")).await), "/classes/A0201?said=saved");
    let map = [("old_code", "6010000"), ("codes", "A0501，A0503"), ("map_source", "本局对照")];
    assert_eq!(leads(&post(&security, "/classes/old", &map).await), "/classes?said=saved");
    let page = manager(&office, 0).get("/classes").await.text();
    assert!(page.contains("A0503 装具") && !page.contains("name=\"codes\""), "read by all, set by one");
    assert_eq!(status(&post(&manager(&office, 0), "/classes/A0201", &set("5")).await), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_answers_is_named_on_a_page() {
    let office = Office::found().await;
    office.register(&[office.new_item("C-1", 0)]).await;
    let centre = centre(&office);
    in_both_languages(&centre, "/responsible", "未明确责任人的单位", "Units without one").await;
    let unit = office.units[0].to_string();
    let name = |person: &'static str, reason: &'static str| {
        [
            ("unit", unit.clone().leak() as &str),
            ("duty", "supervising_leader"),
            ("person", person),
            ("from_on", ""),
            ("reason", reason),
        ]
    };
    let wrong = post(&centre, "/responsible", &name("没有的人", "纪要")).await;
    assert_eq!(status(&wrong), 422);
    let wrong = post(&centre, "/responsible", &name(badge(0, 2).leak(), "")).await;
    assert_eq!(status(&wrong), 422, "{}", wrong.text());
    assert_eq!(
        leads(&post(&centre, "/responsible", &name(badge(0, 2).leak(), "纪要")).await),
        "/responsible?said=saved"
    );
    let page = centre.get("/responsible").await.text();
    assert!(page.contains("有资产的单位都已明确责任人") && page.contains("/end"));
    let end = page.split("href=\"").find(|part| part.starts_with("/responsible/")).unwrap();
    let end = end.split('"').next().unwrap();
    in_both_languages(&centre, end, "结束任职", "End:").await;
    let said = [("version", "1"), ("until_on", ""), ("reason", "调离")];
    assert_eq!(leads(&post(&centre, end, &said).await), "/responsible?said=saved");
    assert!(centre.get("/responsible").await.text().contains("未明确责任人的单位"));
    let page = manager(&office, 0).get("/responsible").await.text();
    assert!(!page.contains("name=\"person\""));
}
