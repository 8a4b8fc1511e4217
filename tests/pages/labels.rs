//! Choosing, previewing and printing labels; the queue, the log, blanks, claiming, voiding.

use axum_test::TestServer;
use hufu::access::Role;
use hufu::items::entity::label;
use hufu::items::labels;
use hufu::items::model::LabelState;
use hufu::items::service::{Change, change};
use hufu::items::store;
use sea_orm::EntityTrait as _;

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::Office;

fn manager(office: &Office) -> TestServer {
    browser(office, office.people[0][1], Role::AssetManager, Some(office.units[0]))
}

async fn stock(office: &Office) {
    office.register(&[office.new_item("A-1", 0), office.new_item("A-2", 0), office.new_item("B-1", 1)]).await;
}

async fn all(office: &Office) -> Vec<label::Model> {
    label::Entity::find().all(office.db.read()).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_a_choice_to_paper() {
    let office = Office::found().await;
    stock(&office).await;
    let manager = manager(&office);
    in_both_languages(&manager, "/labels", "按编号打印", "By number").await;
    in_both_languages(&manager, "/labels/print?number=A-1&number=A-2", "打印 2 张标签", "Print 2 labels").await;
    let typed = manager.get("/labels/print?numbers=A-1%0D%0Aa-2%EF%BC%8CB-1%20nope").await.text();
    assert!(typed.contains("打印 2 张标签") && typed.contains("B-1、nope"), "{typed}");
    let found = manager.get("/labels/print?search=yes&place=R00&unlabelled=yes").await.text();
    assert!(found.contains("打印 2 张标签"), "{found}");
    assert!(manager.get("/labels/print?room=x").await.text().contains("没有可打印的"));
    let room = format!("/labels/print?room={}&room={}", office.places[0][0], office.places[1][0]);
    assert!(manager.get(&room).await.text().contains("打印 1 张标签"), "another unit's place is not theirs");
    let list = manager.get("/places").await.text();
    let link = list.split("href=\"/labels/print?").nth(1).unwrap().split('"').next().unwrap();
    let rooms = manager.get(&format!("/labels/print?{}", link.replace("&#38;", "&"))).await.text();
    let count = link.matches("room=").count();
    assert!(count > 1 && rooms.contains(&format!("打印 {count} 张标签")), "{count}: the labels of a page of places");
    for query in
        ["sheet=a9", "skip=x", "sheet=a4-3x8&skip=24", "skip=1", "template=../../etc/passwd", "sheet=a4-3x8&format=zpl"]
    {
        let page = manager.get(&format!("/labels/print?number=A-1&{query}")).await;
        assert_eq!(status(&page), 422, "{query}");
        assert!(!page.text().contains("preview.svg") && page.text().contains("disabled"), "{query}");
        let field = |pair: &'static str| pair.split_once('=').unwrap();
        let fields: Vec<_> = query.split('&').map(field).chain([("number", "A-1")]).collect();
        assert_eq!(status(&post(&manager, "/labels/print", &fields).await), 422, "{query}");
    }
    let page = manager.get("/labels/print?number=A-1&template=asset-50x30&sheet=a4-3x8&skip=5").await.text();
    let preview = page.split("src=\"/labels/preview.svg?").nth(1).unwrap().split('"').next().unwrap();
    let preview = preview.replace("&#38;", "&");
    let picture = manager.get(&format!("/labels/preview.svg?{preview}")).await;
    assert_eq!((status(&picture), picture.content_type()), (200, "image/svg+xml".to_owned()));
    assert!(all(&office).await.is_empty(), "to look is not to print");
    let fields =
        [("number", "A-1"), ("number", "A-2"), ("sheet", "a4-3x8"), ("template", "asset-50x30"), ("skip", "5")];
    let file = post(&manager, "/labels/print", &fields).await;
    assert_eq!((status(&file), file.content_type()), (200, "application/pdf".to_owned()));
    assert!(file.as_bytes().starts_with(b"%PDF"));
    let rows = all(&office).await;
    assert_eq!(rows.iter().filter(|row| row.state == LabelState::Current && row.print_count == 1).count(), 2);
    post(&manager, "/labels/print", &[("number", "A-1")]).await;
    assert_eq!(all(&office).await.len(), 2, "the same code once more");
    post(&manager, "/labels/print", &[("number", "A-1"), ("renew", "yes")]).await;
    assert_eq!(all(&office).await.len(), 3);
    in_both_languages(&manager, "/labels/log", "打印记录", "Print log").await;
    let log = manager.get("/labels/log").await.text();
    assert!(log.contains("已换新") && log.contains("A-2 台式计算机") && log.contains("人员01"), "{log}");
    let elsewhere = browser(&office, office.people[1][1], Role::AssetManager, Some(office.units[1]));
    assert!(!elsewhere.get("/labels/log").await.text().contains("A-2"));
    assert_eq!(status(&post(&elsewhere, "/labels/print", &[("number", "A-1")]).await), 422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_no_longer_tells_the_truth_is_printed_anew() {
    let office = Office::found().await;
    stock(&office).await;
    let manager = manager(&office);
    in_both_languages(&manager, "/labels/queue", "没有要重打的标签", "Nothing waits").await;
    post(&manager, "/labels/print", &[("number", "A-1"), ("number", "A-2")]).await;
    let old = all(&office).await;
    let moved = Change { place: Some(Some(office.places[0][1])), ..Change::default() };
    change(&office.db, &office.ctx, "A-1", &moved, "搬").await.unwrap();
    in_both_languages(&manager, "/labels/queue", "重打标签 · 1 张", "Reprint · 1 labels").await;
    assert!(manager.get("/labels").await.text().contains("标签 · 1 张要重打"));
    let page = manager.get("/labels/print?queue=yes&renew=yes").await.text();
    assert!(page.contains("打印 1 张标签") && page.contains("checked"), "{page}");
    assert_eq!(status(&post(&manager, "/labels/print", &[("queue", "yes")]).await), 200);
    assert!(store::reprint_queue(office.db.read()).await.unwrap().is_empty());
    let gone = old.iter().filter(|row| row.state == LabelState::Current).count();
    let now = all(&office).await;
    assert_eq!((gone, now.len()), (2, 3));
    assert_eq!(now.iter().filter(|row| row.state == LabelState::Superseded).count(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn blanks_are_claimed_and_torn_labels_voided() {
    let office = Office::found().await;
    stock(&office).await;
    let manager = manager(&office);
    for count in ["0", "", "x", "-1", "99999"] {
        let page = post(&manager, "/labels/blanks", &[("count", count), ("template", "blank-40x30")]).await;
        assert_eq!(status(&page), 422, "{count}");
    }
    let file = post(&manager, "/labels/blanks", &[("count", "2"), ("template", "blank-40x30")]).await;
    assert_eq!((status(&file), all(&office).await.len()), (200, 2));
    let codes: Vec<String> = all(&office).await.into_iter().map(|row| row.code).collect();
    assert_eq!(leads(&manager.get(&format!("/find?q={}", codes[0])).await), format!("/labels/claim?code={}", codes[0]));
    assert_eq!(
        leads(&manager.get(&format!("/labels/find?code={}", codes[0].to_lowercase())).await),
        format!("/labels/{}", codes[0])
    );
    in_both_languages(&manager, &format!("/labels/{}", codes[0]), "标签 · 空白", "Label · blank").await;
    in_both_languages(&manager, &format!("/labels/claim?code={}", codes[0]), "认领空白标签", "Claim a blank").await;
    let claim = async |code: &str, number: &str| {
        post(&manager, "/labels/claim", &[("code", code), ("item_number", number)]).await
    };
    for (code, number, said) in
        [("HF", "A-1", "不是完整的标签码"), (codes[0].as_str(), "nope", "没有编号"), (&codes[0], "B-1", "没有编号")]
    {
        let page = claim(code, number).await;
        assert_eq!(status(&page), 422, "{code} {number}");
        assert!(page.text().contains(said) && page.text().contains(number), "{}", page.text());
    }
    assert_eq!(leads(&claim(&codes[0], "a-1").await), "/items/A-1?said=claimed");
    let twice = claim(&codes[0], "A-2").await;
    assert_eq!(status(&twice), 422);
    assert!(twice.text().contains("不是空白标签"));
    let path = format!("/labels/{}/void", codes[0]);
    assert_eq!(status(&post(&manager, &path, &[("reason", " ")]).await), 422);
    assert_eq!(leads(&post(&manager, &path, &[("reason", "撕坏")]).await), format!("/labels/{}?said=void", codes[0]));
    assert_eq!(labels::by_code(office.db.read(), &codes[0]).await.unwrap().unwrap().state, LabelState::Void);
    let elsewhere = browser(&office, office.people[1][1], Role::AssetManager, Some(office.units[1]));
    assert_eq!(status(&elsewhere.get(&format!("/labels/{}", codes[0])).await), 404);
    assert_eq!(status(&elsewhere.get("/labels/nonsense").await), 404);
}
