//! Registering, showing, changing, history, pages.

use hufu::access::Role;
use serde_json::{Value, json};

use super::desk::{Desk, get, send, told};
use super::web::{holding, server};

#[tokio::test]
async fn registered_shown_changed_and_told() {
    let desk = Desk::open().await;
    let (unit, place, keeper) = (desk.office.units[0], desk.office.places[0][0], desk.office.people[0][1]);
    let body = json!({
        "item_number": "XL/2026 甲-1", "name": "台式计算机", "specification": "QH-M650", "serial_number": "5cg 1234",
        "unit_id": unit, "place_id": place, "keeper_id": keeper, "value_fen": 450_000, "acquired_on": "2026-10-01",
    });
    let made = send(&desk.clerk, ("POST", "/api/v1/items"), &body, None).await;
    assert_eq!(told(&made).0, 201);
    assert_eq!(made.header("etag"), "\"1\"");
    let card = made.json::<Value>();
    assert_eq!((&card["item_number"], &card["serial_number"]), (&json!("XL/2026 甲-1"), &json!("5CG1234")));
    assert_eq!(card["unit"], json!({ "id": unit, "name": "第0大队" }));
    assert_eq!((&card["quantity"], &card["state"], &card["label"]), (&json!(1), &json!("in_use"), &Value::Null));
    let by_id = get(&desk.clerk, made.header("location").to_str().unwrap()).await;
    assert_eq!(by_id.json::<Value>(), card);
    let address = "/api/v1/items/xl%2F2026%E7%94%B2-1";
    assert_eq!(get(&desk.clerk, address).await.json::<Value>(), card);

    let change = json!({ "state": "idle", "keeper_id": null, "reason": "交回" });
    let changed = send(&desk.clerk, ("PATCH", address), &change, Some(1)).await;
    assert_eq!((told(&changed).0, changed.header("etag")), (200, "\"2\"".parse().unwrap()));
    let card = changed.json::<Value>();
    assert_eq!((&card["state"], &card["keeper"], &card["place"]["id"]), (&json!("idle"), &Value::Null, &json!(place)));
    assert_eq!(told(&send(&desk.clerk, ("PATCH", address), &change, Some(1)).await).0, 412);
    assert_eq!(told(&send(&desk.clerk, ("PATCH", address), &change, None).await).0, 428);
    let again = send(&desk.clerk, ("PATCH", address), &change, Some(2)).await;
    assert_eq!(told(&again), (422, None), "nothing would change");

    let first = get(&desk.clerk, &format!("{address}/events?limit=1")).await.json::<Value>();
    assert_eq!((&first["rows"][0]["kind"], &first["next"]), (&json!("registered"), &json!("1")));
    let rest = get(&desk.clerk, &format!("{address}/events?after=1")).await.json::<Value>();
    assert_eq!((&rest["rows"][0]["reason"], &rest["next"]), (&json!("交回"), &Value::Null));
}

#[tokio::test]
async fn what_is_wrong_is_told_with_its_field() {
    let desk = Desk::open().await;
    desk.stock(&["A-1"]).await;
    let good = json!({ "item_number": "N-1", "name": "柜", "unit_id": desk.office.units[0] });
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        body
    };
    let nul = "a\0b";
    for (field, value, status) in [
        ("item_number", json!(""), 422),
        ("item_number", json!(" 　"), 422),
        ("item_number", json!("9".repeat(65)), 422),
        ("item_number", json!("a-1"), 409),
        ("name", json!(" "), 422),
        ("name", json!("长".repeat(201)), 422),
        ("name", json!(nul), 422),
        ("specification", json!(nul), 422),
        ("serial_number", json!(nul), 422),
        ("class_code", json!(nul), 422),
        ("brand", json!("\u{1}"), 422),
        ("measure_unit", json!("很".repeat(21)), 422),
        ("excused_by", json!(nul), 422),
        ("quantity", json!(-1), 422),
        ("quantity", json!(1_000_000_001_i64), 422),
        ("value_fen", json!(-1), 422),
        ("state", json!("withdrawn"), 422),
        ("unit_id", json!("018f0000-0000-7000-8000-000000000000"), 422),
        ("place_id", json!("018f0000-0000-7000-8000-000000000000"), 422),
        ("keeper_id", json!("018f0000-0000-7000-8000-000000000000"), 422),
    ] {
        let refused = send(&desk.boss, ("POST", "/api/v1/items"), &with(field, value.clone()), None).await;
        let named = (status == 422).then(|| field.to_owned());
        assert_eq!(told(&refused), (status, named), "{field} {value}");
    }
    for (field, value) in
        [("quantity", json!(1.5)), ("unit_id", json!("x")), ("state", json!("flying")), ("more", json!(1))]
    {
        let refused = send(&desk.boss, ("POST", "/api/v1/items"), &with(field, value), None).await;
        assert_eq!(told(&refused).0, 422, "{field}");
    }
    for (body, field) in [
        (json!({ "quantity": 2, "reason": " " }), "reason"),
        (json!({ "quantity": 2, "reason": nul }), "reason"),
        (json!({ "excused_by": nul, "reason": "x" }), "excused_by"),
        (json!({ "state": "withdrawn", "reason": "x" }), "state"),
    ] {
        let refused = send(&desk.boss, ("PATCH", "/api/v1/items/A-1"), &body, Some(1)).await;
        assert_eq!(told(&refused), (422, Some(field.to_owned())), "{body}");
    }
    for query in
        ["text=%00", "number=%00", "serial_number=%00", "after=%00", "limit=0", "limit=501", "kind=x", "sort=name"]
    {
        assert_eq!(told(&get(&desk.boss, &format!("/api/v1/items?{query}")).await).0, 422, "{query}");
    }
    for path in ["items/%00", "items/%00/events", "resolve/%00", "items/by-id/x", "items/%00/label.png"] {
        assert_eq!(told(&get(&desk.boss, &format!("/api/v1/{path}")).await).0, 404, "{path}");
    }
    assert_eq!(get(&desk.boss, "/api/v1/items").await.json::<Value>()["rows"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn what_is_typed_comes_back_as_typed() {
    let desk = Desk::open().await;
    let nasty = [
        "'; DROP TABLE items; --",
        "<script>alert(1)</script>",
        "%_\\",
        "{{7*7}}",
        "=cmd|' /C calc'!A0",
        "😀\u{202e}x",
    ];
    for (n, text) in nasty.iter().enumerate() {
        let body = json!({
            "item_number": format!("N-{n}"), "name": text, "specification": text, "class_code": text, "class_name": text,
            "brand": text, "measure_unit": text.chars().take(20).collect::<String>(), "excused_by": text,
            "unit_id": desk.office.units[0],
        });
        let made = send(&desk.clerk, ("POST", "/api/v1/items"), &body, None).await;
        assert_eq!(told(&made).0, 201, "{text}");
        let card = get(&desk.clerk, &format!("/api/v1/items/N-{n}")).await.json::<Value>();
        for field in ["name", "specification", "class_code", "class_name", "brand", "measure_unit", "excused_by"] {
            assert_eq!(card[field], body[field], "{field}");
        }
        let found = desk.clerk.get("/api/v1/items").add_query_param("text", text).await.json::<Value>();
        assert_eq!(found["rows"].as_array().unwrap().len(), 1, "{text}");
    }
    // A wildcard of LIKE stands for itself.
    let found = desk.clerk.get("/api/v1/items").add_query_param("text", "%").await.json::<Value>();
    assert_eq!(found["rows"].as_array().unwrap().len(), 1);
    let number = "N-' OR 1=1 --";
    let body = json!({ "item_number": number, "name": "x", "unit_id": desk.office.units[0] });
    assert_eq!(told(&send(&desk.clerk, ("POST", "/api/v1/items"), &body, None).await).0, 201);
    let card = get(&desk.clerk, "/api/v1/items/N-'%20OR%201=1%20--").await.json::<Value>();
    assert_eq!(card["item_number"], json!(number));
}

#[tokio::test]
async fn pages_walk_every_row_once_while_rows_come_in() {
    let desk = Desk::open().await;
    let numbers: Vec<String> = (0..57).map(|n| format!("A-{:03}", n * 2)).collect();
    desk.stock(&numbers.iter().map(String::as_str).collect::<Vec<_>>()).await;
    for (who, server) in [("boss", &desk.boss), ("clerk", &desk.clerk)] {
        let (mut walked, mut after, mut pages) = (Vec::new(), String::new(), 0);
        loop {
            let page = server.get("/api/v1/items").add_query_param("limit", 10).add_query_param("after", &after);
            let page = page.await.json::<Value>();
            let rows = page["rows"].as_array().unwrap();
            walked.extend(rows.iter().map(|row| row["item_number"].as_str().unwrap().to_owned()));
            pages += 1;
            // One comes in before the place we are at, and one far behind it.
            let now = walked.len();
            let early = format!("A-{now:03}{who}{pages}");
            desk.stock(&[&early, &format!("Z-{early}")]).await;
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let mut once = walked.clone();
        once.dedup();
        assert_eq!(once, walked, "no row twice");
        assert!(walked.is_sorted());
        let all: hashbrown::HashSet<&String> = walked.iter().collect();
        assert!(numbers.iter().all(|number| all.contains(number)), "every row that was there");
    }
}

/// As good as gone: whoever keeps the things does not alone leave none of them on the book.
#[tokio::test]
async fn none_of_it_left_asks_the_right_to_write_off() {
    let desk = Desk::open().await;
    desk.stock(&["Q-1"]).await;
    let keeper = holding(&desk.office, desk.office.people[0][1], Role::AssetManager, Some(desk.office.units[0]));
    let keeper = server(&desk.office, Some(keeper));
    let none = json!({ "quantity": 0, "reason": "找不到" });
    assert_eq!(told(&send(&keeper, ("PATCH", "/api/v1/items/Q-1"), &none, Some(1)).await).0, 403);
    let two = json!({ "quantity": 2, "reason": "补记" });
    assert_eq!(told(&send(&keeper, ("PATCH", "/api/v1/items/Q-1"), &two, Some(1)).await).0, 200);
    assert_eq!(told(&send(&desk.boss, ("PATCH", "/api/v1/items/Q-1"), &none, Some(2)).await).0, 200);
}
