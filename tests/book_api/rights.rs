//! One table for every operation: 401 for nobody, 403 for who has no role, 404 for another unit's.

use hufu::items::labels::{Printing, Subject, print, print_blanks};
use serde_json::{Value, json};

use super::desk::{Desk, get, send, told};

/// What is asked of whom; the last says whether another unit's command centre is told that there is no such thing.
fn operations(desk: &Desk, blank: &str, label: &str, id: &str) -> Vec<(&'static str, String, Value, bool)> {
    let (unit, person, place) = (desk.office.units[0], desk.office.people[0][2], desk.office.places[0][1]);
    vec![
        ("GET", "/api/v1/items".into(), Value::Null, false),
        ("GET", "/api/v1/items/A-1".into(), Value::Null, true),
        ("GET", format!("/api/v1/items/by-id/{id}"), Value::Null, true),
        ("GET", "/api/v1/items/A-1/events".into(), Value::Null, true),
        ("GET", "/api/v1/items/A-1/label.png".into(), Value::Null, true),
        ("GET", "/api/v1/resolve/A-1".into(), Value::Null, true),
        ("GET", format!("/api/v1/resolve/{label}"), Value::Null, true),
        ("POST", "/api/v1/items".into(), json!({ "item_number": "N-1", "name": "柜", "unit_id": unit }), true),
        ("PATCH", "/api/v1/items/A-1".into(), json!({ "quantity": 2, "reason": "清点" }), true),
        ("GET", "/api/v1/labels/templates".into(), Value::Null, false),
        ("GET", "/api/v1/labels/reprints".into(), Value::Null, false),
        ("GET", format!("/api/v1/labels/{label}"), Value::Null, true),
        ("POST", "/api/v1/labels/print".into(), json!({ "items": ["A-1"] }), true),
        ("POST", "/api/v1/labels/print".into(), json!({ "places": [place] }), true),
        ("POST", "/api/v1/labels/blanks".into(), json!({ "count": 1 }), false),
        ("POST", format!("/api/v1/labels/{blank}/claim"), json!({ "item_number": "A-1" }), true),
        ("POST", format!("/api/v1/labels/{label}/void"), json!({ "reason": "撕毁" }), true),
        ("GET", "/api/v1/units".into(), Value::Null, false),
        ("GET", "/api/v1/units/tree".into(), Value::Null, false),
        ("GET", format!("/api/v1/units/{unit}"), Value::Null, true),
        ("POST", "/api/v1/units".into(), json!({ "code": "N", "name": "新", "parent_id": unit }), true),
        ("PATCH", format!("/api/v1/units/{unit}"), json!({ "kind": "所" }), true),
        ("POST", format!("/api/v1/units/{unit}/close"), Value::Null, true),
        ("GET", "/api/v1/people".into(), Value::Null, false),
        ("GET", format!("/api/v1/people/{person}"), Value::Null, true),
        (
            "POST",
            "/api/v1/people".into(),
            json!({ "name": "某人", "unit_id": unit, "duty": "member", "kind": "officer" }),
            true,
        ),
        ("PATCH", format!("/api/v1/people/{person}"), json!({ "name": "另一人" }), true),
        ("GET", "/api/v1/places".into(), Value::Null, false),
        ("GET", format!("/api/v1/places/{place}"), Value::Null, true),
        ("POST", "/api/v1/places".into(), json!({ "code": "N", "name": "新房间", "unit_id": unit }), true),
        ("PATCH", format!("/api/v1/places/{place}"), json!({ "name": "改名" }), true),
        ("POST", format!("/api/v1/places/{place}/close"), Value::Null, true),
        ("GET", "/api/v1/imports".into(), Value::Null, false),
    ]
}

#[tokio::test]
async fn nobody_the_powerless_and_strangers_are_refused_everywhere_alike() {
    let desk = Desk::open().await;
    let thing = desk.stock(&["A-1"]).await.remove(0);
    let office = &desk.office;
    let subject = Subject::Item(thing.id);
    let label = print(&office.db, &office.ctx, &[subject], "asset-60x40", Printing::Again).await.unwrap()[0];
    let blank = print_blanks(&office.db, &office.ctx, 1, "blank-40x30").await.unwrap()[0];
    let before = journal_entries(&desk).await;
    let table = operations(&desk, blank.as_str(), label.as_str(), &thing.id.to_string());
    for (method, path, body, of_a_unit) in &table {
        let asked = (*method, path.as_str());
        assert_eq!(told(&send(&desk.nobody, asked, body, Some(1)).await).0, 401, "{method} {path} nobody");
        assert_eq!(told(&send(&desk.powerless, asked, body, Some(1)).await).0, 403, "{method} {path} powerless");
        let stranger = told(&send(&desk.stranger, asked, body, Some(1)).await).0;
        if *of_a_unit {
            assert_eq!(stranger, 404, "{method} {path} stranger");
        } else {
            assert!((200..300).contains(&stranger), "{method} {path} stranger {stranger}");
        }
    }
    // Only the stranger's own blanks were printed.
    assert_eq!(journal_entries(&desk).await, before + 1);
    for (method, path, body, _) in &table {
        let clerk = told(&send(&desk.clerk, (method, path), body, Some(1)).await);
        // What was done before it in the table may stand in its way, but never who asks.
        assert!(![401, 403, 404].contains(&clerk.0), "{method} {path} clerk {clerk:?}");
    }
}

async fn journal_entries(desk: &Desk) -> usize {
    use sea_orm::EntityTrait as _;
    hufu::journal::entity::Entity::find().all(desk.office.db.read()).await.unwrap().len()
}

#[tokio::test]
async fn what_is_out_of_scope_is_in_no_list_and_reads_as_what_is_not_there() {
    let desk = Desk::open().await;
    desk.stock(&["A-1", "A-2"]).await;
    desk.office.register(&[desk.office.new_item("B-1", 1)]).await;
    let numbers = |response: axum_test::TestResponse| -> Vec<String> {
        let rows = response.json::<Value>()["rows"].as_array().unwrap().clone();
        rows.iter().map(|row| row["item_number"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(numbers(get(&desk.clerk, "/api/v1/items").await), ["A-1", "A-2"]);
    assert_eq!(numbers(get(&desk.stranger, "/api/v1/items").await), ["B-1"]);
    assert_eq!(numbers(get(&desk.boss, "/api/v1/items").await), ["A-1", "A-2", "B-1"]);
    let other = format!("/api/v1/items?unit_id={}", desk.office.units[1]);
    assert!(numbers(get(&desk.clerk, &other).await).is_empty());
    for path in ["items/B-1", "resolve/B-1", "items/B-1/events"] {
        let there = get(&desk.clerk, &format!("/api/v1/{path}")).await.json::<Value>();
        let not_there = get(&desk.clerk, &format!("/api/v1/{}", path.replace("B-1", "B-9"))).await.json::<Value>();
        let told = there.to_string().replace("B-1", "B-9");
        assert_eq!(told, not_there.to_string(), "{path}");
    }
    let units = get(&desk.clerk, "/api/v1/units").await.json::<Value>();
    assert_eq!(units["rows"].as_array().unwrap().len(), 1);
    let people = get(&desk.clerk, &format!("/api/v1/people?unit_id={}", desk.office.units[1])).await.json::<Value>();
    assert_eq!(people["rows"], json!([]));
}

#[tokio::test]
async fn a_move_takes_the_right_at_both_ends() {
    let desk = Desk::open().await;
    desk.stock(&["A-1"]).await;
    let away = json!({ "unit_id": desk.office.units[1], "reason": "调拨" });
    assert_eq!(told(&send(&desk.clerk, ("PATCH", "/api/v1/items/A-1"), &away, Some(1)).await).0, 404);
    // Nor may what another unit has be named: neither its rooms nor its people.
    for (field, value) in
        [("place_id", json!(desk.office.places[1][0])), ("keeper_id", json!(desk.office.people[1][0]))]
    {
        let named = json!({ field: value, "reason": "调拨" });
        let refused = send(&desk.clerk, ("PATCH", "/api/v1/items/A-1"), &named, Some(1)).await;
        assert_eq!(told(&refused), (422, Some(field.to_owned())));
    }
    let moved = send(&desk.boss, ("PATCH", "/api/v1/items/A-1"), &away, Some(1)).await;
    assert_eq!(told(&moved).0, 200);
    assert_eq!(told(&get(&desk.clerk, "/api/v1/items/A-1").await).0, 404);
}
