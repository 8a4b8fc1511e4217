//! The list of things, the card of one, entering one, changing one or many.

use axum_test::TestServer;
use calamine::Reader as _;
use hufu::access::Role;
use hufu::items::labels::{self, Printing, Subject};
use hufu::items::model::ItemState;
use hufu::items::store;

use super::browser::{browser, in_both_languages, leads, post, status};
use super::support::{Office, badge};

fn manager(office: &Office) -> TestServer {
    browser(office, office.people[0][1], Role::AssetManager, Some(office.units[0]))
}

fn centre(office: &Office) -> TestServer {
    browser(office, office.people[2][1], Role::CommandCentre, None)
}

async fn stock(office: &Office, count: usize, unit: usize) {
    let things: Vec<_> = (0..count).map(|n| office.new_item(&format!("U{unit}-{n:03}"), unit)).collect();
    office.register(&things).await;
}

fn ticks(html: &str) -> usize {
    html.matches("name=\"number\"").count()
}

#[tokio::test(flavor = "multi_thread")]
async fn the_list_counts_filters_goes_on_and_is_taken_away() {
    let office = Office::found().await;
    let centre = centre(&office);
    in_both_languages(&centre, "/items", "还没有资产", "No items yet").await;
    stock(&office, 60, 0).await;
    stock(&office, 2, 1).await;
    let mut nasty = office.new_item("X-1", 2);
    nasty.name = format!("<script>alert(1)</script>{}", "很长的名称".repeat(30));
    nasty.state = ItemState::Idle;
    office.register(&[nasty]).await;
    in_both_languages(&centre, "/items", "资产 · 63 件", "Items · 63 items").await;
    let page = centre.get("/items").await.text();
    assert_eq!(ticks(&page), 50);
    let next = page.split("rel=\"next\" href=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let rest = centre.get(&next).await.text();
    assert_eq!(ticks(&rest), 13);
    assert!(rest.contains("&#60;script&#62;alert(1)") && !rest.contains("<script>alert"));
    for (query, count) in [
        (format!("unit={}", office.units[1]), 2),
        (format!("place={}", office.places[1][0]), 2),
        ("place=R10".to_owned(), 2),
        ("place=房间10".to_owned(), 2),
        (format!("keeper={}", badge(1, 0)), 2),
        ("keeper=人员10".to_owned(), 2),
        ("state=idle".to_owned(), 1),
        ("q=U1-001".to_owned(), 1),
        ("q=很长的".to_owned(), 1),
        ("q=nothing-like-it".to_owned(), 0),
        ("kind=firearm".to_owned(), 0),
    ] {
        let page = centre.get(&format!("/items?{query}")).await;
        assert_eq!((status(&page), ticks(&page.text())), (200, count), "{query}");
    }
    for query in ["place=没有的地方", "keeper=没有的人", "q=%00", "place=房间"] {
        let page = centre.get(&format!("/items?{query}")).await;
        assert_eq!((status(&page), ticks(&page.text())), (422, 0), "{query}");
    }
    assert_eq!(status(&centre.get("/items?unit=x").await), 404);
    let sheet = centre.get("/items?as=xlsx&place=R00").await;
    let mut book = calamine::open_workbook_from_rs::<calamine::Xlsx<_>, _>(std::io::Cursor::new(sheet.into_bytes()));
    let range = book.as_mut().unwrap().worksheet_range("资产").unwrap();
    assert_eq!(range.height(), 61, "every page of it, and the head");
    assert_eq!(range.get((1, 0)).unwrap().to_string(), "U0-000");
    assert_eq!(range.get((1, 9)).unwrap().to_string(), "4500");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_sees_and_does_what() {
    let office = Office::found().await;
    stock(&office, 1, 0).await;
    stock(&office, 1, 1).await;
    let manager = manager(&office);
    let page = manager.get("/items").await.text();
    assert!(page.contains("U0-000") && !page.contains("U1-000"), "{page}");
    assert_eq!(ticks(&manager.get(&format!("/items?unit={}", office.units[1])).await.text()), 0);
    for path in ["/items/U1-000", "/items/nothing", "/items/U1-000/label.svg"] {
        assert_eq!(status(&manager.get(path).await), 404, "{path}");
    }
    assert_eq!(status(&post(&manager, "/items/U1-000/change", &[("reason", "x")]).await), 404);
    let member = browser(&office, office.people[0][2], Role::Member, Some(office.units[0]));
    let page = member.get("/items").await.text();
    assert!(page.contains("U0-000") && page.contains("变更由专职管理员或指挥中心办理"), "{page}");
    assert!(!page.contains("value=\"move\""));
    let card = member.get("/items/U0-000").await.text();
    assert!(!card.contains("/items/U0-000/change"), "{card}");
    for path in ["/items/new", "/items/many?do=move&number=U0-000", "/labels", "/labels/print?number=U0-000"] {
        assert_eq!(status(&member.get(path).await), 403, "{path}");
    }
    for path in ["/items/U0-000/change", "/items/many", "/items/new"] {
        assert_eq!(status(&post(&member, path, &[("reason", "x"), ("do", "move")]).await), 403, "{path}");
    }
    let administrator = browser(&office, office.people[0][3], Role::SystemAdministrator, None);
    assert_eq!(status(&administrator.get("/items").await), 403);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scan_leads_to_the_thing() {
    let office = Office::found().await;
    let things = office.register(&[office.new_item("A/1", 0)]).await;
    let subject = [Subject::Item(things[0].id)];
    let codes = labels::print(&office.db, &office.ctx, &subject, "asset-60x40", Printing::Again).await.unwrap();
    let centre = centre(&office);
    for path in [format!("/items?q={}", codes[0]), format!("/find?q={}", codes[0])] {
        assert_eq!(leads(&centre.get(&path).await), "/items/A%2F1", "{path}");
    }
    let card = centre.get("/items/A%2F1").await;
    assert_eq!(status(&card), 200);
    assert!(card.text().contains(codes[0].as_str()));
    let picture = centre.get("/items/A%2F1/label.svg").await;
    assert_eq!((status(&picture), picture.content_type()), (200, "image/svg+xml".to_owned()));
    assert!(picture.text().contains("<svg"));
    // Of another unit's thing not even that it is there is told.
    let elsewhere = browser(&office, office.people[2][1], Role::AssetManager, Some(office.units[2]));
    let page = elsewhere.get(&format!("/items?q={}", codes[0])).await;
    assert_eq!((status(&page), ticks(&page.text())), (200, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn one_thing_is_changed_and_tells_of_it() {
    let office = Office::found().await;
    stock(&office, 1, 0).await;
    let manager = manager(&office);
    in_both_languages(&manager, "/items/U0-000", "台式计算机 · 在用 · 房间00", "History").await;
    let id = office.units[0].to_string();
    let as_it_stands = [
        ("version", "1"),
        ("unit", id.as_str()),
        ("place", "R00"),
        ("keeper", "00000"),
        ("quantity", "1"),
        ("state", "in_use"),
        ("excused_by", ""),
    ];
    let send = async |changed: &[(&'static str, &'static str)]| {
        let mut fields: Vec<(&str, &str)> =
            as_it_stands.iter().filter(|(name, _)| changed.iter().all(|(other, _)| other != name)).copied().collect();
        fields.extend(changed.iter().copied());
        post(&manager, "/items/U0-000/change", &fields).await
    };
    for (changed, said) in [
        (&[("reason", "清点")][..], "没有要变更的内容"),
        (&[("place", "R01")], "请写明原因"),
        (&[("place", "月球"), ("reason", "搬")], "没有“月球”这个地点"),
        (&[("place", "R10"), ("reason", "搬")], "不在您的管辖范围内"),
        (&[("quantity", "两"), ("reason", "搬")], "两"),
        (&[("state", "disposed"), ("reason", "报废")], "没有"),
    ] {
        let page = send(changed).await;
        assert_eq!(status(&page), 422, "{changed:?}");
        assert!(page.text().contains(said), "{changed:?}: {}", page.text());
        assert!(changed.iter().all(|(_, typed)| page.text().contains(typed)), "{changed:?} is kept");
    }
    let moved = send(&[("place", "房间01"), ("keeper", "人员02"), ("reason", "办公室调整")]).await;
    assert_eq!(leads(&moved), "/items/U0-000?said=changed");
    let card = manager.get("/items/U0-000?said=changed").await.text();
    for said in ["存放地点：房间00 → <b>房间01</b>", "使用人：人员00 → <b>人员02</b>", "办公室调整", "人员01", "已变更"]
    {
        assert!(card.contains(said), "{said}: {card}");
    }
    // Whoever had the page open since before is told that it is out of date.
    let late = send(&[("place", "R00"), ("reason", "搬回")]).await;
    assert_eq!(status(&late), 422);
    assert!(late.text().contains("他人"), "{}", late.text());
}

#[tokio::test(flavor = "multi_thread")]
async fn many_are_changed_and_those_that_cannot_be_are_told_of() {
    let office = Office::found().await;
    stock(&office, 3, 0).await;
    stock(&office, 1, 1).await;
    let mut gone = office.new_item("G-1", 0);
    gone.state = ItemState::Disposed;
    office.register(&[gone]).await;
    let manager = manager(&office);
    in_both_languages(
        &manager,
        "/items/many?do=move&number=U0-000&number=u0-000&number=U0-001&number=U1-000",
        "移动 2 件资产",
        "Move 2 items",
    )
    .await;
    let some = [
        ("do", "move"),
        ("number", "U0-000"),
        ("number", "U0-001"),
        ("number", "G-1"),
        ("number", "U1-000"),
        ("number", "nope"),
    ];
    let send = async |fields: &[(&'static str, &'static str)]| {
        post(&manager, "/items/many", &[&some[..], fields].concat()).await
    };
    for (fields, said) in [
        (&[("reason", "搬")][..], "请写移到哪个地点"),
        (&[("place", "R01")], "请写明原因"),
        (&[("place", "月球"), ("reason", "搬")], "没有“月球”这个地点"),
    ] {
        let page = send(fields).await;
        assert_eq!(status(&page), 422, "{fields:?}");
        assert!(page.text().contains(said) && page.text().contains("value=\"U0-001\""), "{}", page.text());
    }
    let done = send(&[("place", "R01"), ("reason", "办公室调整"), ("back", "//evil.example")]).await;
    let html = done.text();
    assert_eq!(status(&done), 200);
    assert!(html.contains("已办 2 件，未办 3 件") && !html.contains("evil"), "{html}");
    assert!(html.contains("“G-1”已不在账") && html.contains("没有编号或标签码为“U1-000”的物品"), "{html}");
    let rows = store::by_numbers(office.db.read(), &["U0-000", "U0-001", "U0-002", "G-1", "U1-000"].map(str::to_owned))
        .await
        .unwrap();
    let at = |number: &str| rows[number].place_id.unwrap();
    assert_eq!((at("U0-000"), at("U0-001")), (office.places[0][1], office.places[0][1]));
    assert_eq!(
        (at("U0-002"), at("G-1"), at("U1-000")),
        (office.places[0][0], office.places[0][0], office.places[1][0])
    );
    let again = send(&[("place", "R01"), ("reason", "办公室调整")]).await;
    assert!(again.text().contains("已办 0 件，未办 5 件") && again.text().contains("没有要变更的内容"));
    let handed = post(
        &manager,
        "/items/many",
        &[("do", "keeper"), ("number", "U0-002"), ("keeper", "人员03"), ("reason", "换人")],
    )
    .await;
    assert!(handed.text().contains("已办 1 件"), "{}", handed.text());
    let stored = post(
        &manager,
        "/items/many",
        &[("do", "state"), ("number", "U0-002"), ("state", "idle"), ("reason", "不用了")],
    )
    .await;
    assert!(stored.text().contains("已办 1 件"), "{}", stored.text());
    let row = &store::by_numbers(office.db.read(), &["U0-002".to_owned()]).await.unwrap()["U0-002"];
    assert_eq!((row.keeper_id, row.state, row.version), (Some(office.people[0][3]), ItemState::Idle, 3));
    assert_eq!(status(&post(&manager, "/items/many", &[("do", "burn"), ("number", "U0-000")]).await), 404);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_thing_is_entered_by_hand() {
    let office = Office::found().await;
    stock(&office, 1, 0).await;
    let manager = manager(&office);
    in_both_languages(&manager, "/items/new", "登记资产", "Register an item").await;
    let unit = office.units[0].to_string();
    let whole = [
        ("item_number", "N-1"),
        ("name", "碎纸机"),
        ("unit", unit.as_str()),
        ("place", "R00"),
        ("keeper", "人员02"),
        ("quantity", "1台"),
        ("value", "1,234.50"),
        ("acquired_on", "2026-11-02"),
        ("state", "in_use"),
        ("class_code", "A02021301"),
    ];
    let send = async |changed: (&'static str, &'static str)| {
        let fields: Vec<(&str, &str)> =
            whole.iter().map(|pair| if pair.0 == changed.0 { changed } else { *pair }).collect();
        post(&manager, "/items/new", &fields).await
    };
    for (changed, said) in [
        (("item_number", ""), "编号不能为空"),
        (("item_number", "u0-000"), "已在账"),
        (("name", " "), "名称不能为空"),
        (("unit", ""), "请选择使用部门"),
        (("quantity", "半台"), "半台"),
        (("value", "-3"), "价值不能为负"),
        (("acquired_on", "2026-13-40"), "日期应写成"),
    ] {
        let page = send(changed).await;
        assert_eq!(status(&page), 422, "{changed:?}");
        assert!(page.text().contains(said) && page.text().contains("A02021301"), "{changed:?}: {}", page.text());
    }
    assert_eq!(leads(&send(("brand", "")).await), "/items/N-1?said=registered");
    let card = manager.get("/items/N-1?said=registered").await.text();
    for said in ["1,234.50 元", "A02021301 碎纸机", "2026-11-02", "人员02", "下一步：打印标签"] {
        assert!(card.contains(said), "{said}: {card}");
    }
}
