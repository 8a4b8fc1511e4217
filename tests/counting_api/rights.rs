//! Each operation asked by nobody, by somebody who may not, from out of reach, in the wrong state, with the wrong words.

use axum::http::Method;
use hufu::access::Role;
use hufu::db::DbError;
use hufu::org::entity::person;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{NUMBER, Stage, ask, scans_path};
use super::web::{holding, server};

/// Every operation on the campaign, with a body that reads.
fn operations(stage: &Stage) -> Vec<(Method, String, Value)> {
    let campaign = format!("/api/v1/campaigns/{NUMBER}");
    let sheet = stage.sheet(0);
    let scan = Uuid::nil();
    let recount = json!({ "items": [stage.things[0].id], "reason": "数目不清" });
    vec![
        (Method::GET, campaign.clone(), Value::Null),
        (Method::GET, sheet.clone(), Value::Null),
        (Method::GET, format!("{sheet}/items"), Value::Null),
        (Method::POST, format!("{sheet}/submit"), Value::Null),
        (Method::POST, format!("{sheet}/confirm"), json!({ "reason": "负责人出差" })),
        (Method::POST, scans_path(), json!({ "scans": [stage.scan("A-0", None)] })),
        (Method::POST, format!("{campaign}/scans/{scan}/undo"), Value::Null),
        (Method::POST, format!("{campaign}/recounts"), recount),
        (Method::GET, format!("{campaign}/differences"), Value::Null),
        (Method::GET, format!("{campaign}/leads"), Value::Null),
        (Method::GET, format!("{campaign}/report.xlsx"), Value::Null),
        (Method::GET, format!("{campaign}/report.pdf"), Value::Null),
        (Method::POST, format!("{campaign}/close"), json!({ "leave_open": "演练" })),
    ]
}

fn opening(stage: &Stage, number: &str) -> Value {
    json!({ "number": number, "baseline_on": "2026-11-02", "scope": { "units": [stage.office.units[0]] } })
}

#[tokio::test]
async fn nobody_gets_nothing() {
    let stage = Stage::open().await;
    let nobody = server(&stage.office, None);
    let mut all = operations(&stage);
    all.push((Method::GET, "/api/v1/campaigns".to_owned(), Value::Null));
    all.push((Method::POST, "/api/v1/campaigns".to_owned(), opening(&stage, "T")));
    all.push((Method::GET, "/api/v1/missing-cases".to_owned(), Value::Null));
    all.push((Method::POST, "/api/v1/missing-cases".to_owned(), json!({ "list_year": 2025, "items": [] })));
    all.push((Method::POST, "/api/v1/photos/decode".to_owned(), json!({})));
    for (method, path, body) in all {
        let (status, said) = ask(&nobody, method.clone(), &path, body).await;
        assert_eq!(status, 401, "{method} {path}: {said}");
    }
    assert!(stage.recorded().await.is_empty());
}

#[tokio::test]
async fn who_keeps_the_machines_does_not_count() {
    let stage = Stage::open().await;
    let keeper = holding(&stage.office, stage.office.people[2][2], Role::SystemAdministrator, None);
    let mut all = operations(&stage);
    all.push((Method::GET, "/api/v1/campaigns".to_owned(), Value::Null));
    all.push((Method::POST, "/api/v1/campaigns".to_owned(), opening(&stage, "T")));
    all.push((Method::GET, "/api/v1/missing-cases".to_owned(), Value::Null));
    let list = json!({ "list_year": 2025, "items": [stage.things[0].id] });
    all.push((Method::POST, "/api/v1/missing-cases".to_owned(), list));
    all.push((Method::POST, "/api/v1/photos/decode".to_owned(), json!({})));
    for (method, path, body) in all {
        let (status, said) = stage.ask(keeper.clone(), method.clone(), &path, body).await;
        assert_eq!(status, 403, "{method} {path}: {said}");
    }
}

/// A member counts and looks; no more.
#[tokio::test]
async fn a_member_counts_and_does_not_run_the_count() {
    let stage = Stage::open().await;
    let may = ["GET campaign", "GET sheet", "GET items", "POST scans", "POST undo"];
    for (method, path, body) in operations(&stage) {
        let (status, said) = stage.ask(stage.member(0), method.clone(), &path, body).await;
        let last = path.rsplit('/').next().unwrap();
        let name = match last {
            NUMBER => "campaign",
            last if last.len() == 36 => "sheet",
            last => last,
        };
        let name = format!("{method} {name}");
        assert_eq!(status == 403, !may.contains(&name.as_str()), "{name}: {status} {said}");
    }
}

#[tokio::test]
async fn what_is_out_of_reach_is_not_there() {
    let stage = Stage::open().await;
    let office = &stage.office;
    let elsewhere = holding(office, office.people[2][1], Role::CommandCentre, Some(office.units[2]));
    for (method, path, body) in operations(&stage) {
        let (status, said) = stage.ask(elsewhere.clone(), method.clone(), &path, body.clone()).await;
        assert_eq!(status, 404, "{method} {path}: {said}");
        // A campaign that there is not reads the same.
        let none = path.replace(NUMBER, "2099");
        let (status, said) = stage.ask(stage.centre(), method.clone(), &none, body).await;
        assert_eq!(status, 404, "{method} {none}: {said}");
    }
    let (status, said) = stage.get(elsewhere.clone(), "/api/v1/campaigns").await;
    assert_eq!((status, &said["rows"]), (200, &json!([])));
    let (status, _) = stage.post(elsewhere.clone(), "/api/v1/campaigns", opening(&stage, "T")).await;
    assert_eq!(status, 404);
    let list = json!({ "list_year": 2025, "items": [stage.things[0].id] });
    let (status, said) = stage.post(elsewhere, "/api/v1/missing-cases", list).await;
    assert_eq!((status, &said["field"]), (422, &json!("items")));
    // Within reach of the campaign, the sheet of another unit is not there either.
    for (method, path, body) in
        [(Method::GET, "", Value::Null), (Method::GET, "/items", Value::Null), (Method::POST, "/submit", Value::Null)]
    {
        let (status, _) = stage.ask(stage.manager(0), method, &format!("{}{path}", stage.sheet(1)), body).await;
        assert_eq!(status, 404);
    }
    let other = json!({ "items": [stage.things[2].id], "reason": "数目不清" });
    let (status, said) = stage.post(stage.head(0), &format!("/api/v1/campaigns/{NUMBER}/recounts"), other).await;
    assert_eq!((status, &said["field"]), (422, &json!("items")));
}

#[tokio::test]
async fn wrong_words_name_their_field() {
    let stage = Stage::open().await;
    let campaign = format!("/api/v1/campaigns/{NUMBER}");
    let open = |change: Value| {
        let mut body = opening(&stage, "T");
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        ("/api/v1/campaigns".to_owned(), body)
    };
    let recount = |change: Value| {
        let mut body = json!({ "items": [stage.things[0].id], "reason": "数目不清" });
        body.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        (format!("{campaign}/recounts"), body)
    };
    let many = vec![json!(Uuid::nil()); 501];
    for ((path, body), field) in [
        (open(json!({ "number": "" })), json!("number")),
        (open(json!({ "number": "a/b" })), json!("number")),
        (open(json!({ "number": "x".repeat(41) })), json!("number")),
        (open(json!({ "number": "a\u{0}" })), json!("number")),
        (open(json!({ "name": "\u{0}" })), json!("name")),
        (open(json!({ "baseline_on": "0001-01-01" })), json!("baseline_on")),
        (open(json!({ "baseline_on": "2026-02-30" })), json!("baseline_on")),
        (open(json!({ "from": "2026-12-02", "to": "2026-12-01" })), json!("to")),
        (open(json!({ "scope": { "units": [Uuid::nil()] } })), json!("scope.units")),
        (open(json!({ "scope": { "places": [Uuid::nil()] } })), json!("scope.places")),
        (open(json!({ "scope": { "kinds": ["飞船"] } })), json!("scope.kinds")),
        (open(json!({ "scope": { "classes": ["没有这一类"] } })), json!("scope")),
        (open(json!({ "unknown": 1 })), json!("unknown")),
        (recount(json!({ "items": [] })), json!("items")),
        (recount(json!({ "items": many })), json!("items")),
        (recount(json!({ "items": [Uuid::nil()] })), json!("items")),
        (recount(json!({ "reason": " " })), json!("reason")),
        (recount(json!({ "assignee": Uuid::nil() })), json!("assignee")),
        ((scans_path(), json!({ "scans": [] })), json!("scans")),
        ((scans_path(), json!({ "scans": vec![stage.scan("A-0", None); 501] })), json!("scans")),
        ((scans_path(), json!({ "scans": "all" })), json!("scans")),
        ((scans_path(), json!({ "scans": [{ "id": 1 }] })), json!("scans[0].id")),
        (("/api/v1/missing-cases".to_owned(), json!({ "list_year": 1, "items": [Uuid::nil()] })), json!("list_year")),
        (("/api/v1/missing-cases".to_owned(), json!({ "list_year": 2025, "items": [] })), json!("items")),
        ((format!("{}/confirm", stage.sheet(0)), json!({ "reason": "\u{7}" })), json!("reason")),
        ((format!("{}/confirm", stage.sheet(0)), json!({})), json!("reason")),
    ] {
        let (status, said) = stage.post(stage.centre(), &path, body.clone()).await;
        assert_eq!((status, &said["field"]), (422, &field), "{path} {body}: {said}");
    }
    for (path, field) in [
        ("/api/v1/campaigns?after=x", "after"),
        ("/api/v1/campaigns?limit=0", "limit"),
        ("/api/v1/missing-cases?limit=501", "limit"),
        ("/api/v1/missing-cases?state=lost", "state"),
        (&format!("{campaign}/differences?verdict=lost"), "verdict"),
        (&format!("{campaign}/differences?after=2"), "after"),
        (&format!("{campaign}/differences?after=盘"), "after"),
        (&format!("{campaign}/leads?limit=0"), "limit"),
        (&format!("{}/items?after=%00", stage.sheet(0)), "after"),
    ] {
        let (status, said) = stage.get(stage.centre(), path).await;
        assert_eq!((status, &said["field"]), (422, &json!(field)), "{path}: {said}");
    }
    for path in
        ["/api/v1/campaigns/%00", &format!("/api/v1/campaigns/{}", "9".repeat(500)), &format!("{campaign}/sheets/x")]
    {
        assert_eq!(stage.get(stage.centre(), path).await.0, 404, "{path}");
    }
}

#[tokio::test]
async fn a_body_that_is_no_body_is_refused() {
    let stage = Stage::open().await;
    let counter = stage.server(stage.member(0));
    let deep = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let unpaired = r#"{"scans":[{"id":"x","device_at":"x","code":"\ud800"}]}"#;
    for (body, status) in [("{", 400), (deep.as_str(), 422), (unpaired, 400)] {
        let said = counter.post(&scans_path()).bytes(body.to_owned().into()).content_type("application/json").await;
        assert_eq!(said.status_code().as_u16(), status, "{}", said.text());
    }
    let said = counter.post(&scans_path()).text("x").await;
    assert_eq!(said.status_code().as_u16(), 415);
    let huge = json!({ "scans": [{ "id": "x", "device_at": "x", "note": "长".repeat(2_000_000) }] });
    assert_eq!(stage.post(stage.member(0), &scans_path(), huge).await.0, 413);
    assert!(stage.recorded().await.is_empty());
}

#[tokio::test]
async fn a_wrong_state_is_a_conflict() {
    let stage = Stage::open().await;
    let campaign = format!("/api/v1/campaigns/{NUMBER}");
    let recount = json!({ "items": [stage.things[0].id], "reason": "数目不清" });
    let conflict = async |ctx: hufu::kernel::Ctx, path: &str, body: Value| {
        let (status, said) = stage.post(ctx, path, body).await;
        assert_eq!(status, 409, "{path}: {said}");
    };
    conflict(stage.centre(), "/api/v1/campaigns", opening(&stage, NUMBER)).await;
    conflict(stage.centre(), &format!("{campaign}/close"), json!({})).await;
    conflict(stage.head(0), &format!("{}/confirm", stage.sheet(0)), json!({})).await;
    let scan = stage.scan("A-0", Some((0, 0)));
    stage.send(stage.member(0), std::slice::from_ref(&scan)).await;
    let undo = format!("{campaign}/scans/{}/undo", scan["id"].as_str().unwrap());
    assert_eq!(stage.post(stage.member(0), &undo, Value::Null).await.0, 201);
    conflict(stage.member(0), &undo, Value::Null).await;
    stage.submit(0).await;
    conflict(stage.manager(0), &format!("{}/submit", stage.sheet(0)), Value::Null).await;
    let (status, _) = stage.post(stage.centre(), &format!("{campaign}/close"), json!({ "leave_open": "演练" })).await;
    assert_eq!(status, 200);
    conflict(stage.centre(), &format!("{campaign}/close"), json!({ "leave_open": "演练" })).await;
    conflict(stage.member(0), &scans_path(), json!({ "scans": [stage.scan("A-1", None)] })).await;
    conflict(stage.centre(), &format!("{campaign}/recounts"), recount).await;
    conflict(stage.manager(1), &format!("{}/submit", stage.sheet(1)), Value::Null).await;
    conflict(stage.member(0), &undo, Value::Null).await;
}

/// A name that two bear does not say who counted; whoever left a unit's count has no say over it.
#[tokio::test]
async fn a_namesakes_scan_is_not_ones_own() {
    let stage = Stage::open().await;
    let scan = stage.scan("A-0", Some((0, 0)));
    let [_, _, namesake, counter] = stage.office.people[0];
    for id in [namesake, counter] {
        let row = person::Entity::find_by_id(id).one(stage.office.db.read()).await.unwrap().unwrap();
        let row = person::Model { name: "张伟".to_owned(), badge_number: None, version: row.version + 1, ..row };
        let write = || row.clone().into_active_model().reset_all();
        stage.office.db.write(async |tx| write().update(tx).await.map_err(DbError::from)).await.unwrap();
    }
    stage.send(stage.member(0), std::slice::from_ref(&scan)).await;
    let undo = format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", scan["id"].as_str().unwrap());
    let other = stage.as_role(0, 2, Role::Member);
    assert_eq!(stage.post(other, &undo, Value::Null).await.0, 404);
    assert_eq!(stage.post(stage.manager(0), &undo, Value::Null).await.0, 201, "whoever hands the sheet in settles it");

    let scan = stage.scan("A-2", Some((1, 0)));
    stage.send(stage.member(1), std::slice::from_ref(&scan)).await;
    let undo = format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", scan["id"].as_str().unwrap());
    let moved = holding(&stage.office, stage.office.people[1][3], Role::Member, Some(stage.office.units[0]));
    assert_eq!(stage.post(moved, &undo, Value::Null).await.0, 404);
    assert_eq!(stage.post(stage.member(1), &undo, Value::Null).await.0, 201);
}
