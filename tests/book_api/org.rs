//! Units, people and places.

use serde_json::{Value, json};

use super::desk::{Desk, get, send, told};

#[tokio::test]
async fn entered_changed_and_closed() {
    let desk = Desk::open().await;
    let unit = json!({ "code": "P1", "name": "城东派出所", "kind": "派出所" });
    assert_eq!(told(&send(&desk.clerk, ("POST", "/api/v1/units"), &unit, None).await).0, 404, "a unit under no unit");
    let made = send(&desk.boss, ("POST", "/api/v1/units"), &unit, None).await;
    assert_eq!(told(&made).0, 201);
    assert_eq!(told(&send(&desk.boss, ("POST", "/api/v1/units"), &unit, None).await).0, 409, "the code is taken");
    let at = made.header("location").to_str().unwrap().to_owned();
    let id = made.json::<Value>()["id"].clone();
    let below = json!({ "code": "P1-1", "name": "城东派出所警务室", "parent_id": id });
    let below = send(&desk.boss, ("POST", "/api/v1/units"), &below, None).await.json::<Value>();
    let ring = json!({ "parent_id": below["id"] });
    assert_eq!(told(&send(&desk.boss, ("PATCH", &at), &ring, Some(1)).await), (422, Some("parent_id".to_owned())));
    let renamed = send(&desk.boss, ("PATCH", &at), &json!({ "name": "城东所" }), Some(1)).await;
    assert_eq!(
        (renamed.header("etag"), &renamed.json::<Value>()["kind"]),
        ("\"2\"".parse().unwrap(), &json!("派出所"))
    );
    assert_eq!(told(&send(&desk.boss, ("PATCH", &at), &json!({ "name": "x" }), Some(1)).await).0, 412);

    let tree = get(&desk.boss, "/api/v1/units/tree").await.json::<Value>();
    let shown: Vec<_> = tree["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (row["depth"].clone(), row["unit"]["code"].clone()))
        .collect();
    assert_eq!(shown.last_chunk::<2>().unwrap(), &[(json!(0), json!("P1")), (json!(1), json!("P1-1"))]);

    let close = format!("{at}/close");
    let held = send(&desk.boss, ("POST", &close), &Value::Null, Some(2)).await;
    assert_eq!(told(&held).0, 409);
    assert!(held.json::<Value>()["detail"].as_str().unwrap().contains("城东派出所警务室"));
    let below_close = format!("/api/v1/units/{}/close", below["id"].as_str().unwrap());
    assert_eq!(told(&send(&desk.boss, ("POST", &below_close), &Value::Null, None).await).0, 428);
    assert_eq!(told(&send(&desk.boss, ("POST", &below_close), &Value::Null, Some(1)).await).0, 200);
    assert_eq!(told(&send(&desk.boss, ("POST", &close), &Value::Null, Some(2)).await).0, 200);
    assert_eq!(told(&send(&desk.boss, ("POST", &close), &Value::Null, Some(3)).await).0, 409, "closed already");
    assert_eq!(told(&send(&desk.boss, ("PATCH", &at), &json!({ "name": "y" }), Some(3)).await).0, 409);
    let into_closed = json!({ "item_number": "N", "name": "n", "unit_id": id });
    let refused = send(&desk.boss, ("POST", "/api/v1/items"), &into_closed, None).await;
    assert_eq!(told(&refused), (422, Some("unit_id".to_owned())));
}

#[tokio::test]
async fn what_holds_things_is_not_closed_and_says_which() {
    let desk = Desk::open().await;
    desk.stock(&["A-1", "A-2"]).await;
    for path in [format!("units/{}", desk.office.units[0]), format!("places/{}", desk.office.places[0][0])] {
        let refused = send(&desk.boss, ("POST", &format!("/api/v1/{path}/close")), &Value::Null, Some(1)).await;
        assert_eq!(told(&refused).0, 409, "{path}");
        assert!(refused.json::<Value>()["detail"].as_str().unwrap().contains("A-1、A-2"), "{path}");
    }
    let empty = format!("/api/v1/places/{}/close", desk.office.places[0][1]);
    assert_eq!(told(&send(&desk.clerk, ("POST", &empty), &Value::Null, Some(1)).await).0, 200);
    let change = json!({ "place_id": desk.office.places[0][1], "reason": "x" });
    let refused = send(&desk.clerk, ("PATCH", "/api/v1/items/A-1"), &change, Some(1)).await;
    assert_eq!(told(&refused), (422, Some("place_id".to_owned())));
}

#[tokio::test]
async fn people_and_places() {
    let desk = Desk::open().await;
    let unit = desk.office.units[0];
    let person =
        json!({ "badge_number": "990001", "name": "甲<b>'--", "unit_id": unit, "duty": "member", "kind": "auxiliary" });
    let made = send(&desk.clerk, ("POST", "/api/v1/people"), &person, None).await;
    assert_eq!((told(&made).0, &made.json::<Value>()["name"]), (201, &json!("甲<b>'--")));
    assert_eq!(told(&send(&desk.clerk, ("POST", "/api/v1/people"), &person, None).await).0, 409);
    let at = made.header("location").to_str().unwrap().to_owned();
    let moved = json!({ "unit_id": desk.office.units[1] });
    assert_eq!(told(&send(&desk.clerk, ("PATCH", &at), &moved, Some(1)).await).0, 404, "not theirs to move there");
    assert_eq!(told(&send(&desk.boss, ("PATCH", &at), &moved, Some(1)).await).0, 200);
    assert_eq!(told(&get(&desk.clerk, &at).await).0, 404);
    let cleared = send(&desk.boss, ("PATCH", &at), &json!({ "badge_number": null }), Some(2)).await;
    assert_eq!(cleared.json::<Value>()["badge_number"], Value::Null);

    let place = json!({ "code": "X1", "name": "新库房", "unit_id": unit, "keeper_id": desk.office.people[0][1] });
    let made = send(&desk.clerk, ("POST", "/api/v1/places"), &place, None).await;
    assert_eq!(told(&made).0, 201);
    let at = made.header("location").to_str().unwrap().to_owned();
    let changed = send(&desk.clerk, ("PATCH", &at), &json!({ "keeper_id": null, "name": "旧库房" }), Some(1)).await;
    assert_eq!(
        (&changed.json::<Value>()["keeper_id"], changed.header("etag")),
        (&Value::Null, "\"2\"".parse().unwrap())
    );
    for (path, text, count) in
        [("people", "0000", 4), ("people", "人员0", 4), ("places", "旧库", 1), ("places", "R0", 2), ("people", "_", 0)]
    {
        let found = desk.clerk.get(&format!("/api/v1/{path}")).add_query_param("text", text).await.json::<Value>();
        assert_eq!(found["rows"].as_array().unwrap().len(), count, "{path} {text}");
    }
    for (path, body, field) in [
        ("people", json!({ "name": "\u{0}", "unit_id": unit, "duty": "member", "kind": "officer" }), "name"),
        (
            "people",
            json!({ "name": "x", "badge_number": "", "unit_id": unit, "duty": "member", "kind": "officer" }),
            "badge_number",
        ),
        ("people", json!({ "name": "长".repeat(101), "unit_id": unit, "duty": "member", "kind": "officer" }), "name"),
        ("places", json!({ "code": "\u{0}", "name": "x", "unit_id": unit }), "code"),
        ("places", json!({ "code": "c".repeat(41), "name": "x", "unit_id": unit }), "code"),
        ("places", json!({ "code": "c", "name": "x", "unit_id": unit, "keeper_id": unit }), "keeper_id"),
        ("units", json!({ "code": "c", "name": "\u{0}", "parent_id": unit }), "name"),
        ("units", json!({ "code": "c", "name": "n", "kind": "k".repeat(41), "parent_id": unit }), "kind"),
    ] {
        let refused = send(&desk.clerk, ("POST", &format!("/api/v1/{path}")), &body, None).await;
        assert_eq!(told(&refused), (422, Some(field.to_owned())), "{path} {body}");
    }
}

#[tokio::test]
async fn pages_of_people_units_and_places_walk_every_row_once() {
    let desk = Desk::open().await;
    for (path, all) in [("people", 12), ("units", 3), ("places", 6)] {
        let (mut ids, mut after) = (Vec::new(), String::new());
        loop {
            let asked = desk.boss.get(&format!("/api/v1/{path}")).add_query_param("limit", 2);
            let asked = if after.is_empty() { asked } else { asked.add_query_param("after", &after) };
            let page = asked.await.json::<Value>();
            ids.extend(page["rows"].as_array().unwrap().iter().map(|row| row["id"].to_string()));
            match page["next"].as_str() {
                Some(next) => after = next.to_owned(),
                None => break,
            }
        }
        let once: hashbrown::HashSet<&String> = ids.iter().collect();
        assert_eq!((ids.len(), once.len()), (all, all), "{path}");
    }
}
