//! What a phone is given, and what it tells.

use axum::http::Method;
use hufu::access::Role;
use hufu::items::labels::{Printing, Subject, print};
use hufu::journal;
use hufu::stocktake::recounting;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{NUMBER, Stage};
use super::support::MINUTE;

async fn label(stage: &Stage, subject: Subject) -> String {
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    print(db, ctx, &[subject], "asset-60x40", Printing::Renew).await.unwrap().remove(0).to_string()
}

fn rows(said: &Value) -> Vec<Value> {
    said["rows"].as_array().unwrap_or_else(|| panic!("{said}")).clone()
}

fn texts(values: &[Value], name: &str) -> Vec<String> {
    values.iter().map(|value| value[name].as_str().unwrap_or_default().to_owned()).collect()
}

#[tokio::test]
async fn everybody_sees_the_sheets_they_may_count_on_their_own_first() {
    let stage = Stage::of(false).await;
    let sheets = async |ctx| {
        let (status, said) = stage.get(ctx, "/api/v1/phone/sheets").await;
        assert_eq!(status, 200, "{said}");
        said["sheets"].as_array().unwrap().clone()
    };
    let member = sheets(stage.member(1)).await;
    assert_eq!(member.len(), 1);
    assert_eq!(member[0]["unit"]["id"], json!(stage.office.units[1]));
    assert_eq!((&member[0]["own"], &member[0]["expected"], &member[0]["seen"]), (&json!(true), &json!(1), &json!(0)));
    assert_eq!(sheets(stage.member(2)).await.len(), 0, "unit 2 is in no campaign");
    assert_eq!(sheets(stage.centre()).await.len(), 2);
    stage.submit(1).await;
    assert_eq!(sheets(stage.member(1)).await.len(), 0, "what is handed in waits for nobody");
    let reader = stage.as_role(0, 2, Role::Inspector);
    assert_eq!(stage.get(reader, "/api/v1/phone/sheets").await.0, 403);
}

#[tokio::test]
async fn the_ground_has_ones_own_places_by_name_and_of_others_only_that_they_are_places() {
    let stage = Stage::open().await;
    let own = label(&stage, Subject::Place(stage.office.places[0][0])).await;
    let others = label(&stage, Subject::Place(stage.office.places[1][1])).await;
    let (status, said) = stage.get(stage.member(0), &format!("{}/ground", stage.sheet(0))).await;
    assert_eq!(status, 200, "also of a blind count: {said}");
    let places = said["places"].as_array().unwrap();
    assert_eq!(places.len(), 2);
    assert!(places.iter().any(|place| place["labels"] == json!([own])));
    assert_eq!(said["other_places"], json!([others]));
    assert!(!said.to_string().contains(&stage.office.places[1][1].to_string()));
    assert_eq!(said["people"].as_array().unwrap().len(), 4);
    assert_eq!((&said["blind"], &said["state"]), (&json!(true), &json!("open")));
    assert_eq!(stage.get(stage.member(0), &format!("{}/ground", stage.sheet(1))).await.0, 404);
}

#[tokio::test]
async fn the_book_has_places_labels_and_what_is_gone_page_by_page() {
    let stage = Stage::of(false).await;
    let old = label(&stage, Subject::Item(stage.things[0].id)).await;
    let current = label(&stage, Subject::Item(stage.things[0].id)).await;
    let path = format!("{}/book", stage.sheet(0));
    let (status, said) = stage.get(stage.member(0), &format!("{path}?limit=1")).await;
    assert_eq!(status, 200, "{said}");
    let first = &rows(&said)[0];
    assert_eq!((&first["number"], &first["quantity"], &first["expected"]), (&json!("A-0"), &json!(1), &json!(true)));
    assert_eq!((&first["labels"], &first["old_labels"]), (&json!([current]), &json!([old])));
    assert_eq!(first["item"], json!(stage.things[0].id));
    assert!(first["place"]["name"].is_string() && first["keeper"].is_object() | first["keeper"].is_null());
    let (_, rest) = stage.get(stage.member(0), &format!("{path}?after={}", said["next"].as_str().unwrap())).await;
    assert_eq!(texts(&rows(&rest), "number"), ["A-1"]);
    assert!(rest["next"].is_null());
    assert_eq!(stage.get(stage.member(1), &path).await.0, 404, "another unit's book is not there");
    assert_eq!(stage.get(stage.member(0), &format!("{path}?after=%00")).await.0, 422);
    assert_eq!(stage.get(stage.member(0), &format!("{path}?limit=501")).await.0, 422);
}

#[tokio::test]
async fn a_blind_count_gives_nobody_a_book_and_to_each_their_own_scans() {
    let stage = Stage::open().await;
    for ctx in [stage.member(0), stage.manager(0), stage.centre()] {
        let (status, said) = stage.get(ctx, &format!("{}/book", stage.sheet(0))).await;
        assert_eq!(status, 403, "{said}");
        assert!(!said.to_string().contains("A-0"));
    }
    let sheets = stage.get(stage.member(0), "/api/v1/phone/sheets").await.1;
    assert!(sheets["sheets"][0]["expected"].is_null() && sheets["sheets"][0]["seen"].is_null(), "{sheets}");
    stage.send(stage.member(0), &[stage.scan("A-0", Some((0, 0)))]).await;
    stage.send(stage.manager(0), &[stage.scan("A-1", Some((0, 1)))]).await;
    let path = format!("{}/scans", stage.sheet(0));
    assert_eq!(texts(&rows(&stage.get(stage.member(0), &path).await.1), "code"), ["A-0"]);
    assert_eq!(texts(&rows(&stage.get(stage.manager(0), &path).await.1), "code"), ["A-1"]);
    assert!(rows(&stage.get(stage.centre(), &path).await.1).is_empty(), "who did not count saw nothing");
}

#[tokio::test]
async fn two_phones_on_a_sheet_hear_of_each_other() {
    let stage = Stage::of(false).await;
    let path = format!("{}/scans", stage.sheet(0));
    let one = stage.scan("A-0", Some((0, 0)));
    stage.send(stage.member(0), std::slice::from_ref(&one)).await;
    stage.send(stage.member(1), &[stage.scan("A-2", Some((1, 0)))]).await;
    let heard = rows(&stage.get(stage.manager(0), &path).await.1);
    assert_eq!(texts(&heard, "code"), ["A-0"], "the other sheet's scans are not this one's");
    assert_eq!((&heard[0]["mine"], &heard[0]["spent"]), (&json!(false), &json!(false)));
    assert_eq!((&heard[0]["id"], &heard[0]["place"]), (&one["id"], &json!(stage.office.places[0][0])));
    let seq = heard[0]["seq"].as_i64().unwrap();
    assert!(rows(&stage.get(stage.manager(0), &format!("{path}?after={seq}")).await.1).is_empty());
    let undo = format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", one["id"].as_str().unwrap());
    assert_eq!(stage.post(stage.member(0), &undo, Value::Null).await.0, 201);
    let news = rows(&stage.get(stage.manager(0), &format!("{path}?after={seq}")).await.1);
    assert_eq!(news[0]["negates"], one["id"]);
    assert_eq!(stage.get(stage.member(1), &path).await.0, 404);
    for after in ["x", "1.5", "%00"] {
        assert_eq!(stage.get(stage.manager(0), &format!("{path}?after={after}")).await.0, 422, "{after}");
    }
}

#[tokio::test]
async fn a_scan_of_what_is_counted_again_speaks_no_more_and_phones_hear_of_it() {
    let stage = Stage::of(false).await;
    stage.send(stage.member(0), &[stage.scan("A-0", Some((0, 0)))]).await;
    let beat = async || {
        let body = json!({ "device": "phone-1" });
        stage.ask(stage.manager(0), Method::PUT, &format!("{}/at-work", stage.sheet(0)), body).await.1
    };
    let before = beat().await;
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    recounting::open(db, ctx, NUMBER, &[stage.things[0].id], None, "两次不一致").await.unwrap();
    let after = beat().await;
    assert_eq!(before["recounts"].as_u64().unwrap() + 1, after["recounts"].as_u64().unwrap());
    let heard = rows(&stage.get(stage.manager(0), &format!("{}/scans", stage.sheet(0))).await.1);
    assert_eq!(heard[0]["spent"], true);
}

#[tokio::test]
async fn who_counts_where_is_told_for_a_minute_and_nobody_is_refused() {
    let stage = Stage::open().await;
    let path = format!("{}/at-work", stage.sheet(0));
    let beat = async |ctx, device: &str, place: Option<(usize, usize)>| {
        let place = place.map(|(unit, n)| stage.office.places[unit][n].0);
        stage.ask(ctx, Method::PUT, &path, json!({ "device": device, "place": place })).await
    };
    let (status, alone) = beat(stage.member(0), "phone-1", Some((0, 0))).await;
    assert_eq!((status, &alone["others"]), (200, &json!([])), "{alone}");
    stage.office.clock.advance_ms(5_000);
    let (_, second) = beat(stage.manager(0), "phone-2", Some((0, 0))).await;
    let others = second["others"].as_array().unwrap();
    assert_eq!(others.len(), 1);
    assert_eq!((&others[0]["device"], &others[0]["seconds"]), (&json!("phone-1"), &json!(5)));
    assert_eq!(others[0]["place"]["id"], json!(stage.office.places[0][0]));
    assert_eq!(others[0]["person"]["id"], json!(stage.office.people[0][3]));
    let (_, moved) = beat(stage.member(0), "phone-1", None).await;
    assert_eq!(moved["others"][0]["device"], "phone-2", "the same phone again is one phone");
    stage.office.clock.advance_ms(MINUTE + 1);
    let (_, later) = beat(stage.manager(0), "phone-2", None).await;
    assert_eq!(later["others"], json!([]), "who is not heard of has gone");
    assert_eq!((&later["state"], &later["campaign_state"]), (&json!("open"), &json!("counting")));

    assert_eq!(beat(stage.member(1), "phone-3", None).await.0, 404);
    assert_eq!(beat(stage.as_role(0, 2, Role::Inspector), "phone-3", None).await.0, 403);
    for device in ["", "  ", "a\u{0}b", &"长".repeat(65)] {
        assert_eq!(beat(stage.member(0), device, None).await.0, 422, "{device:?}");
    }
    let nowhere = json!({ "device": "phone-1", "place": Uuid::nil() });
    assert_eq!(stage.ask(stage.member(0), Method::PUT, &path, nowhere).await.0, 422);
}

#[tokio::test]
async fn phones_that_speak_up_at_once_are_all_heard() {
    let stage = Stage::open().await;
    let path = format!("{}/at-work", stage.sheet(0));
    let beats = (0..20).map(|n| {
        let body = json!({ "device": format!("phone-{}", n % 10) });
        stage.ask(stage.member(0), Method::PUT, &path, body)
    });
    for (status, said) in futures_util::future::join_all(beats).await {
        assert_eq!(status, 200, "{said}");
    }
    let (_, said) = stage.ask(stage.member(0), Method::PUT, &path, json!({ "device": "phone-x" })).await;
    assert_eq!(said["others"].as_array().unwrap().len(), 10);
}

#[tokio::test]
async fn what_is_given_up_is_in_the_journal_and_nowhere_else() {
    let stage = Stage::open().await;
    let path = format!("/api/v1/campaigns/{NUMBER}/scans/give-up");
    let scan = |reason: &str| {
        json!({ "id": stage.office.ctx.new_id::<Uuid>(), "code": "A-9", "device_at": "2026-11-03T01:02:03Z",
            "place": stage.office.places[0][0], "reason": reason })
    };
    let (status, said) =
        stage.post(stage.member(0), &path, json!({ "device": "phone-1", "scans": [scan("盘点表已提交")] })).await;
    assert_eq!(status, 204, "{said}");
    let entries = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq("stocktake.give_up"));
    let entries = entries.all(stage.office.db.read()).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].actor, format!("person:{}", stage.office.people[0][3]));
    assert!(entries[0].payload.to_string().contains("盘点表已提交") && entries[0].payload.to_string().contains("A-9"));
    assert!(stage.recorded().await.is_empty());

    for body in [
        json!({ "device": "phone-1", "scans": [] }),
        json!({ "device": "phone-1", "scans": [scan(" ")] }),
        json!({ "device": "", "scans": [scan("x")] }),
        json!({ "device": "phone-1", "scans": vec![scan("x"); 51] }),
        json!({ "device": "phone-1", "scans": [scan(&"长".repeat(501))] }),
    ] {
        assert_eq!(stage.post(stage.member(0), &path, body).await.0, 422);
    }
    let out = stage.post(stage.member(2), &path, json!({ "device": "p", "scans": [scan("x")] })).await;
    assert_eq!(out.0, 404, "a campaign out of reach is not there");
}

#[tokio::test]
async fn me_says_who_and_gives_no_token_to_whoever_needs_none() {
    let stage = Stage::open().await;
    let (status, said) = stage.get(stage.member(0), "/api/v1/phone/me").await;
    assert_eq!(status, 200, "{said}");
    assert_eq!(said["person"]["id"], json!(stage.office.people[0][3]));
    assert_eq!(said["unit"]["id"], json!(stage.office.units[0]));
    assert_eq!((&said["csrf"], &said["language"]), (&json!(""), &json!("zh")));
}
