//! Documents by which things move, from the card of a thing to the printed form; what keepers say on their phones.

use axum_test::TestServer;
use axum_test::multipart::{MultipartForm, Part};
use calamine::Reader as _;
use hufu::access::Role;
use hufu::approvals::entity::request;
use hufu::approvals::model::State as Approval;
use hufu::assets::movements::entity::movement;
use hufu::items::model::ItemState;
use hufu::items::store;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};

use super::browser::{TOKEN, browser, in_both_languages, leads, post, status};
use super::support::{Office, badge};

fn manager(office: &Office, unit: usize) -> TestServer {
    browser(office, office.people[unit][1], Role::AssetManager, Some(office.units[unit]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

async fn stock(office: &Office, many: usize) {
    let things: Vec<_> = (0..many).map(|n| office.new_item(&format!("M-{n:03}"), 0)).collect();
    office.register(&things).await;
}

/// The chain says yes, as its own pages and tests tell.
async fn approve(office: &Office, number: &str) {
    let all = movement::Entity::find().all(office.db.read()).await.unwrap();
    let row = all.into_iter().find(|row| row.number == number).unwrap();
    let asked = request::Entity::find_by_id(row.approval_id.unwrap()).one(office.db.read()).await.unwrap().unwrap();
    let finished_at = Some(office.ctx.now());
    let said = request::Model { state: Approval::Approved, open_key: None, finished_at, ..asked };
    said.into_active_model().reset_all().update(office.db.read()).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_transfer_goes_from_the_card_to_the_other_unit() {
    let office = Office::found().await;
    stock(&office, 2).await;
    let giver = manager(&office, 0);
    in_both_languages(&giver, "/assets/movements", "没有这样的变动单", "No such movement").await;
    let card = giver.get("/items/M-000").await.text();
    assert!(card.contains("/assets/movements/new?number=M-000"));
    let chosen = "/assets/movements/new?number=M-000&number=M-001";
    in_both_languages(&giver, chosen, "办理哪一种变动", "Which movement").await;
    let which = giver.get(chosen).await.text();
    assert!(which.contains("kind=transfer&#38;number=M-000&#38;number=M-001"), "{which}");
    let form = "/assets/movements/new?kind=transfer&number=M-000&number=M-001";
    in_both_languages(&giver, form, "办理调拨", "Ask for: transfer").await;
    let unit = office.units[1].to_string();
    let typed = |to: &'static str, reason: &'static str| {
        vec![("kind", "transfer"), ("numbers", "m-000，M-001"), ("to_unit", to), ("reason", reason)]
    };
    let wrong = post(&giver, "/assets/movements/new", &typed("", "换装")).await;
    assert_eq!(status(&wrong), 422);
    assert!(wrong.text().contains("请选择接收单位") && wrong.text().contains("换装"), "what was typed stays");
    let mut right = typed("", "换装");
    right[2].1 = Box::leak(unit.clone().into_boxed_str());
    let to = leads(&post(&giver, "/assets/movements/new", &right).await);
    assert_eq!(to, "/assets/movements/DB-2026-0001?said=asked");
    in_both_languages(&giver, "/assets/movements/DB-2026-0001", "调拨 DB-2026-0001 · 待审批", "transfer DB-2026-0001")
        .await;
    let twice = post(&giver, "/assets/movements/new", &right).await;
    assert_eq!(status(&twice), 422);
    assert!(twice.text().contains("正在办理调拨（DB-2026-0001）"));
    let taker = manager(&office, 1);
    assert!(!taker.get("/").await.text().contains("DB-2026-0001"), "nothing to do before it is approved");
    assert_eq!(status(&manager(&office, 2).get("/assets/movements/DB-2026-0001").await), 404);
    approve(&office, "DB-2026-0001").await;
    let page = taker.get("/assets/movements/DB-2026-0001").await.text();
    assert!(page.contains("已批准") && page.contains("/assets/movements/DB-2026-0001/accept"));
    assert!(taker.get("/").await.text().contains("接收：调拨 DB-2026-0001"));
    let seen = [("version", "1"), ("to_place", "R10"), ("to_keeper", "没有的人")];
    let refused = post(&taker, "/assets/movements/DB-2026-0001/accept", &seen).await;
    assert_eq!(status(&refused), 422, "{}", refused.text());
    let seen = [("version", "1"), ("to_place", "R10"), ("to_keeper", badge(1, 2).leak())];
    let to = leads(&post(&taker, "/assets/movements/DB-2026-0001/accept", &seen).await);
    assert!(to.ends_with("said=accepted"));
    assert!(giver.get("/").await.text().contains("办结：调拨 DB-2026-0001"));
    let stale = post(&giver, "/assets/movements/DB-2026-0001/carry-out", &[("version", "1")]).await;
    assert_eq!(status(&stale), 422);
    let version = movement::Entity::find().one(office.db.read()).await.unwrap().unwrap().version.to_string();
    let to = leads(&post(&giver, "/assets/movements/DB-2026-0001/carry-out", &[("version", &version)]).await);
    assert!(to.ends_with("said=done"));
    let thing = store::by_number(office.db.read(), "M-001").await.unwrap().unwrap();
    assert_eq!((thing.unit_id, thing.keeper_id), (office.units[1], Some(office.people[1][2])));
    let printed = taker.get("/assets/movements/DB-2026-0001/form.pdf").await;
    assert_eq!(printed.header("content-type"), "application/pdf");
    assert!(printed.as_bytes().starts_with(b"%PDF-"));
    let sheet = giver.get("/assets/movements?as=xlsx&kind=transfer&state=done").await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    let range = book.as_mut().unwrap().worksheet_range("资产变动").unwrap();
    assert_eq!((range.height(), range.get((1, 0)).unwrap().to_string().as_str()), (2, "DB-2026-0001"));
    for (query, shown) in [("state=asked", false), ("item=M-001", true), ("item=没有", false), ("mine=yes", true)] {
        assert_eq!(
            giver.get(&format!("/assets/movements?{query}")).await.text().contains("DB-2026-0001"),
            shown,
            "{query}"
        );
    }
    assert_eq!(status(&giver.get("/assets/movements?kind=x").await), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_sees_why() {
    let office = Office::found().await;
    stock(&office, 1).await;
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    for path in ["/assets/movements/new", "/assets/confirmations", "/assets/movements/intake"] {
        assert_eq!(status(&member.get(path).await), 403, "{path}");
    }
    let list = member.get("/assets/movements").await.text();
    assert!(list.contains("disabled title=\"办理资产变动的是专职管理员和指挥中心\""));
    assert_eq!(status(&manager(&office, 0).get("/assets/movements/new?kind=handover").await), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_batch_enters_and_its_papers_hang_on_it() {
    let office = Office::found().await;
    let manager = manager(&office, 0);
    in_both_languages(&manager, "/assets/movements/intake", "采购入库", "Enter a batch").await;
    let unit = office.units[0].to_string();
    let typed = |count: &'static str| {
        [("name", "对讲机"), ("count", count), ("value", "1,200.50"), ("reason", "合同 HT-9"), ("place", "R00")]
    };
    let with_unit = |count| typed(count).into_iter().chain([("unit", unit.as_str())]).collect::<Vec<_>>();
    for wrong in [typed("3").to_vec(), with_unit("x"), with_unit("2001")] {
        assert_eq!(status(&post(&manager, "/assets/movements/intake", &wrong).await), 422);
    }
    let to = leads(&post(&manager, "/assets/movements/intake", &with_unit("3")).await);
    assert_eq!(to, "/assets/movements/RK-2026-0001?said=entered");
    let thing = store::by_number(office.db.read(), "ZC2026000003").await.unwrap().unwrap();
    assert_eq!((thing.value_fen.0, thing.state), (120_050, ItemState::Idle));
    assert!(manager.get("/labels").await.text().contains('3'), "labels wait");
    let send = async |name: &str, bytes: &[u8], step: &str| {
        let form = MultipartForm::new()
            .add_text("csrf", TOKEN)
            .add_text("step", step)
            .add_part("file", Part::bytes(bytes.to_vec()).file_name(name));
        manager.post("/assets/movements/RK-2026-0001/papers").multipart(form).await
    };
    assert!(leads(&send("合同.pdf", b"%PDF-1.7", "contract").await).ends_with("said=paper"));
    assert_eq!(status(&send("合同.pdf", b"%PDF-1.7", "contract").await), 422, "twice the same");
    assert_eq!(status(&send("合同.pdf", b"%PDF-1.6", "nonsense").await), 422);
    assert_eq!(status(&send("x.exe", b"MZ", "other").await), 422);
    let page = manager.get("/assets/movements/RK-2026-0001").await.text();
    let paper = page.split("/assets/papers/").nth(1).unwrap().split('"').next().unwrap().to_owned();
    assert_eq!(manager.get(&format!("/assets/papers/{paper}")).await.as_bytes().as_ref(), b"%PDF-1.7");
    let stranger = browser(&office, office.people[1][1], Role::AssetManager, Some(office.units[1]));
    assert_eq!(status(&stranger.get(&format!("/assets/papers/{paper}")).await), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn keepers_confirm_with_one_tap() {
    let office = Office::found().await;
    stock(&office, 3).await;
    let keeper = browser(&office, office.people[0][0], Role::Member, Some(office.units[0]));
    in_both_languages(&keeper, "/assets/mine", "我保管的资产 · 3 件待确认", "With me · 3 to confirm").await;
    assert_eq!(leads(&post(&keeper, "/assets/mine/M-000", &[("with_me", "yes")]).await), "/assets/mine?said=yes");
    let no = [("with_me", "no"), ("note", "被借走")];
    assert_eq!(leads(&post(&keeper, "/assets/mine/M-001", &no).await), "/assets/mine?said=no");
    assert_eq!(status(&post(&keeper, "/assets/mine/M-002", &[("with_me", "")]).await), 422);
    let mut png = Vec::new();
    image::RgbImage::new(2, 2).write_to(&mut std::io::Cursor::new(&mut png), image::ImageFormat::Png).unwrap();
    let photo = |bytes: Vec<u8>, name: &str| {
        MultipartForm::new().add_text("csrf", TOKEN).add_part("file", Part::bytes(bytes).file_name(name))
    };
    let sent = keeper.post("/assets/mine/M-002/photo").multipart(photo(b"%PDF-1.7".to_vec(), "a.pdf")).await;
    assert_eq!(status(&sent), 422, "a photo is a picture");
    let sent = keeper.post("/assets/mine/M-002/photo").multipart(photo(png, "a.png")).await;
    assert_eq!(leads(&sent), "/assets/mine?said=yes");
    let page = keeper.get("/assets/mine").await.text();
    assert!(page.contains("已全部确认") && page.contains("称不在我处"));
    let other = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    assert_eq!(status(&post(&other, "/assets/mine/M-000", &[("with_me", "yes")]).await), 404);
    in_both_languages(&other, "/assets/mine", "您名下没有固定资产", "You have no fixed assets").await;
    let centre = centre(&office);
    in_both_languages(&centre, "/assets/confirmations", "保管确认 · 0 人", "Confirmations · 0").await;
    assert!(centre.get("/findings").await.text().contains("不在登记的使用人处"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handover_names_both_and_takes_both() {
    let office = Office::found().await;
    stock(&office, 2).await;
    let manager = manager(&office, 0);
    let page = format!("/assets/movements/handover?from={}", badge(0, 0));
    in_both_languages(&manager, &page, "移交人：人员00", "Giver: 人员00").await;
    in_both_languages(&manager, "/assets/movements/handover", "名下没有固定资产", "has no fixed assets").await;
    let from = office.people[0][0].to_string();
    let to = badge(0, 2);
    let typed = [("from", from.as_str()), ("numbers", "M-000"), ("to_keeper", &to), ("reason", "调离")];
    let alone = post(&manager, "/assets/movements/handover", &typed).await;
    assert_eq!(status(&alone), 422);
    assert!(alone.text().contains("须两人到场并各自签署"));
    let none = [("from", from.as_str()), ("to_keeper", to.as_str()), ("reason", "调离")];
    assert_eq!(status(&post(&manager, "/assets/movements/handover", &none).await), 422);
    let leaving = browser(&office, office.people[2][1], Role::SystemAdministrator, None);
    let page = leaving.get(&format!("/people/{from}/close")).await.text();
    assert!(page.contains("资产交接") && page.contains("资产 2 件"));
}
