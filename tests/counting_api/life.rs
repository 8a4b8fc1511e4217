//! A campaign over HTTP from opening to closing: what each sees of it, who confirms, who counts again.

use axum::http::Method;
use hufu::access::Role;
use hufu::journal;
use hufu::org::entity::person;
use hufu::org::entity::person::Duty;
use hufu::stocktake::counting::recorder::MOST_SCANS;
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};

use super::stage::{NUMBER, Stage, scans_path, words};
use super::support::{MINUTE, badge, first_day};
use super::web::holding;

#[tokio::test]
async fn a_campaign_from_opening_to_closing() {
    let stage = Stage::open().await;
    stage.office.clock.advance_ms(MINUTE);
    let body = json!({ "number": "2027 春", "baseline_on": first_day() + chrono::Days::new(1),
        "blind": false, "scope": { "units": [stage.office.units[0]], "classes": ["A02"] } });
    let centre = stage.server(stage.centre());
    let opened = centre.post("/api/v1/campaigns").json(&body).await;
    assert_eq!(opened.status_code().as_u16(), 201, "{}", opened.text());
    let location = opened.header("location").to_str().unwrap().to_owned();
    let (status, shown) = stage.get(stage.head(0), &location).await;
    assert_eq!((status, &shown["campaign"]["number"]), (200, &json!("2027 春")));
    assert_eq!(shown["sheets"][0]["expected"], 2);
    // Newest first, a page at a time.
    let (_, first) = stage.get(stage.centre(), "/api/v1/campaigns?limit=1").await;
    assert_eq!(first["rows"][0]["number"], "2027 春");
    let next = format!("/api/v1/campaigns?limit=1&after={}", first["next"].as_str().unwrap());
    let (_, second) = stage.get(stage.centre(), &next).await;
    assert_eq!((second["rows"][0]["number"].as_str(), second.get("next")), (Some(NUMBER), None));
    let (_, theirs) = stage.get(stage.member(1), "/api/v1/campaigns").await;
    assert_eq!(theirs["rows"].as_array().unwrap().len(), 1, "only what counts their unit");

    let scans = [stage.scan("A-0", Some((0, 1))), stage.scan("X-1", Some((0, 0)))];
    stage.send(stage.member(0), &scans).await;
    for unit in [0, 1] {
        stage.submit(unit).await;
        let path = format!("{}/confirm", stage.sheet(unit));
        let (status, said) = stage.post(stage.head(unit), &path, json!({})).await;
        assert_eq!((status, &said["state"]), (200, &json!("confirmed")), "{said}");
    }
    let (status, closed) = stage.post(stage.centre(), &format!("/api/v1/campaigns/{NUMBER}/close"), json!({})).await;
    assert_eq!((status, &closed["campaign"]["state"]), (200, &json!("closed")), "{closed}");
    let verdicts = &closed["total"]["verdicts"];
    assert_eq!(
        (&verdicts["misplaced"], &verdicts["missing"], &verdicts["unregistered"]),
        (&json!(1), &json!(2), &json!(1))
    );
    assert_eq!(closed["total"]["missing_value_fen"], 900_000);

    let differences = format!("/api/v1/campaigns/{NUMBER}/differences");
    let mut seen = Vec::new();
    let mut page = format!("{differences}?limit=1");
    loop {
        let (status, said) = stage.get(stage.centre(), &page).await;
        assert_eq!(status, 200, "{said}");
        for row in said["rows"].as_array().unwrap() {
            seen.push(format!("{} {}", row["item_number"].as_str().unwrap(), row["verdict"].as_str().unwrap()));
        }
        let Some(next) = said["next"].as_str() else { break };
        page = format!("{differences}?limit=1&after={next}");
    }
    assert_eq!(seen, ["A-0 misplaced", "A-1 missing", "A-2 missing", "X-1 unregistered"]);
    let (_, of_unit) = stage.get(stage.head(1), &format!("{differences}?verdict=missing")).await;
    assert_eq!(of_unit["rows"].as_array().unwrap().len(), 1, "a head sees the own unit's");
    assert_eq!(of_unit["rows"][0]["item_number"], "A-2");
    let (_, leads) = stage.get(stage.centre(), &format!("/api/v1/campaigns/{NUMBER}/leads")).await;
    assert_eq!(leads["rows"].as_array().unwrap().len(), 2);

    let (_, cases) = stage.get(stage.centre(), "/api/v1/missing-cases?state=searching&list_year=2026&limit=1").await;
    assert_eq!(cases["rows"].as_array().unwrap().len(), 1);
    let next = format!("/api/v1/missing-cases?after={}", cases["next"].as_str().unwrap());
    assert_eq!(stage.get(stage.centre(), &next).await.1["rows"].as_array().unwrap().len(), 1);
    assert_eq!(stage.get(stage.head(0), "/api/v1/missing-cases").await.1["rows"].as_array().unwrap().len(), 1);
    let list = json!({ "list_year": 2024, "items": [stage.things[0].id, stage.things[1].id] });
    let (status, carried) = stage.post(stage.centre(), "/api/v1/missing-cases", list).await;
    assert_eq!((status, &carried["opened"]), (201, &json!(1)), "{carried}");
}

#[tokio::test]
async fn the_report_is_handed_out_as_far_as_one_sees() {
    let stage = Stage::open().await;
    stage.send(stage.member(0), &[stage.scan("A-0", Some((0, 0)))]).await;
    for unit in [0, 1] {
        stage.submit(unit).await;
    }
    for (name, starts) in [("report.xlsx", &b"PK"[..]), ("report.pdf", &b"%PDF"[..])] {
        let path = format!("/api/v1/campaigns/{NUMBER}/{name}");
        let whole = stage.server(stage.centre()).get(&path).await;
        assert_eq!(whole.status_code().as_u16(), 200);
        assert!(whole.as_bytes().starts_with(starts));
        assert!(whole.header("content-disposition").to_str().unwrap().contains(name));
        let theirs = stage.server(stage.head(1)).get(&path).await;
        assert!(theirs.as_bytes().starts_with(starts));
        assert_ne!(theirs.as_bytes(), whole.as_bytes(), "{name}");
    }
}

#[tokio::test]
async fn a_blind_count_shows_no_counter_what_is_expected() {
    let stage = Stage::open().await;
    let items = format!("{}/items", stage.sheet(0));
    let shows = async |ctx| {
        let (status, said) = stage.get(ctx, &items).await;
        assert_eq!(status, 200, "{said}");
        assert_eq!(said["rows"].as_array().unwrap().len(), 2);
        ["place", "keeper", "quantity"].map(|fact| said["rows"][0].get(fact).is_some())
    };
    for counter in [stage.member(0), stage.manager(0), stage.head(0)] {
        assert_eq!(shows(counter).await, [false; 3]);
    }
    assert_eq!(shows(stage.centre()).await, [true; 3], "who runs the count knows");
    let differences = format!("/api/v1/campaigns/{NUMBER}/differences?verdict=pending");
    let lines = async |ctx| stage.get(ctx, &differences).await.1["rows"].as_array().unwrap().len();
    assert_eq!((lines(stage.manager(0)).await, lines(stage.centre()).await), (0, 3));
    stage.submit(0).await;
    assert_eq!(shows(stage.member(0)).await, [false; 3], "a member never");
    assert_eq!(shows(stage.manager(0)).await, [true; 3], "handed in, it is no secret to who answers for it");
    // A page at a time, by number.
    let (_, first) = stage.get(stage.centre(), &format!("{items}?limit=1")).await;
    assert_eq!(first["rows"][0]["item_number"], "A-0");
    let (_, second) =
        stage.get(stage.centre(), &format!("{items}?limit=1&after={}", first["next"].as_str().unwrap())).await;
    assert_eq!((second["rows"][0]["item_number"].as_str(), second.get("next")), (Some("A-1"), None));
}

#[tokio::test]
async fn progress_is_what_the_verdicts_see() {
    let stage = Stage::open().await;
    let gone = stage.scan("A-1", Some((0, 0)));
    let mut nil = stage.scan("A-0", Some((0, 0)));
    nil["quantity"] = json!(0);
    stage.send(stage.member(0), &[nil, gone.clone(), stage.scan("A-2", Some((0, 0)))]).await;
    let seen = async || {
        let (_, shown) = stage.get(stage.centre(), &format!("/api/v1/campaigns/{NUMBER}")).await;
        [0, 1].map(|unit: usize| shown["sheets"][unit]["seen"].as_i64().unwrap())
    };
    assert_eq!(seen().await, [1, 1]);
    let undo = format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", gone["id"].as_str().unwrap());
    stage.post(stage.member(0), &undo, Value::Null).await;
    assert_eq!(seen().await, [0, 1]);
    let again = json!({ "items": [stage.things[2].id], "reason": "数目不清" });
    assert_eq!(stage.post(stage.centre(), &format!("/api/v1/campaigns/{NUMBER}/recounts"), again).await.0, 201);
    assert_eq!(seen().await, [0, 0]);
}

#[tokio::test]
async fn the_version_one_saw_is_the_version_one_changes() {
    let stage = Stage::open().await;
    let manager = stage.server(stage.manager(0));
    let etag = manager.get(&stage.sheet(0)).await.header("etag").to_str().unwrap().to_owned();
    let submit = format!("{}/submit", stage.sheet(0));
    for (tag, status) in [("\"7\"", 412), ("x", 412), (etag.as_str(), 200)] {
        let said = manager.post(&submit).add_header("if-match", tag).await;
        assert_eq!(said.status_code().as_u16(), status, "{tag}: {}", said.text());
    }
    let head = stage.server(stage.head(0));
    let confirm = format!("{}/confirm", stage.sheet(0));
    let said = head.post(&confirm).add_header("if-match", etag).json(&json!({})).await;
    assert_eq!(said.status_code().as_u16(), 412, "handed in since");
}

#[tokio::test]
async fn a_sheet_is_confirmed_by_the_head_or_with_a_reason_by_the_centre() {
    let stage = Stage::open().await;
    let office = &stage.office;
    stage.send(stage.member(0), &[stage.scan("A-0", Some((0, 1)))]).await;
    stage.send(stage.centre(), &[stage.scan("A-2", Some((1, 0)))]).await;
    for unit in [0, 1] {
        stage.submit(unit).await;
    }
    let confirm = |unit: usize| format!("{}/confirm", stage.sheet(unit));
    let as_head = |person: usize| stage.as_role(0, person, Role::UnitHead);
    let reason = json!({ "reason": "负责人出差，电话核实" });
    for (ctx, body, status) in [
        (stage.manager(0), json!({}), 403),
        (as_head(1), json!({}), 403),
        (as_head(2), json!({}), 403),
        (as_head(3), json!({}), 403),
        (as_head(3), reason.clone(), 403),
        (stage.head(1), json!({}), 404),
        (stage.centre(), json!({}), 422),
        (stage.centre(), reason.clone(), 200),
    ] {
        let (found, said) = stage.post(ctx.clone(), &confirm(0), body.clone()).await;
        assert_eq!(found, status, "{ctx:?} {body}: {said}");
    }
    let (status, said) = stage.post(stage.centre(), &confirm(1), reason.clone()).await;
    assert_eq!(status, 403, "not even the centre its own count: {said}");
    let entries = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq("stocktake.confirm"));
    let entry = entries.one(office.db.read()).await.unwrap().unwrap();
    assert!(entry.payload.contains("电话核实") && entry.unit_id == Some(office.units[0]), "{}", entry.payload);

    // A unit whose head has gone: somebody with the head's rights is not yet its head.
    let gone = office.db.write(async |tx| {
        let to_member = person::Entity::update_many()
            .col_expr(person::Column::Duty, Expr::value(Duty::Member))
            .filter(person::Column::Id.eq(office.people[1][0]));
        to_member.exec(tx).await.map_err(hufu::db::DbError::from)
    });
    gone.await.unwrap();
    assert_eq!(stage.post(stage.as_role(1, 3, Role::UnitHead), &confirm(1), json!({})).await.0, 403);
    let another = holding(office, office.people[2][0], Role::CommandCentre, None);
    assert_eq!(stage.post(another, &confirm(1), reason).await.0, 200);
}

#[tokio::test]
async fn a_recount_is_for_somebody_else() {
    let stage = Stage::open().await;
    let recounts = format!("/api/v1/campaigns/{NUMBER}/recounts");
    let counted = stage.scan("A-0", Some((0, 1)));
    stage.send(stage.member(0), std::slice::from_ref(&counted)).await;
    stage.submit(0).await;
    let of = |assignee: usize| json!({ "items": [stage.things[0].id], "assignee": stage.office.people[0][assignee], "reason": "地点有疑" });
    let (status, said) = stage.post(stage.head(0), &recounts, of(3)).await;
    assert_eq!((status, &said["field"]), (422, &json!("assignee")));
    assert_eq!(stage.post(stage.head(0), &recounts, of(2)).await.0, 201);
    let answers =
        stage.send(stage.member(0), &[counted, stage.scan("A-0", Some((0, 0))), stage.scan("A-1", Some((0, 0)))]).await;
    assert_eq!(words(&answers), ["repeated", "refused counted_before", "recorded"]);
    let second = stage.as_role(0, 2, Role::Member);
    assert_eq!(words(&stage.send(second.clone(), &[stage.scan("A-0", Some((0, 0)))]).await), ["recorded"]);
    // Counted a third time, neither of the two counts it.
    let third = json!({ "items": [stage.things[0].id], "reason": "仍有疑" });
    assert_eq!(stage.post(stage.centre(), &recounts, third).await.0, 201);
    for (ctx, word) in [
        (stage.member(0), "refused counted_before"),
        (second, "refused counted_before"),
        (stage.manager(0), "recorded"),
    ] {
        assert_eq!(words(&stage.send(ctx, &[stage.scan("A-0", Some((0, 0)))]).await), [word]);
    }
    assert_eq!(stage.recorded().await.last().unwrap().counter, badge(0, 1));
}

#[tokio::test]
async fn a_full_batch_is_taken_and_one_more_is_not() {
    let stage = Stage::open().await;
    let scans: Vec<Value> = (0..=MOST_SCANS).map(|n| stage.scan(&format!("X-{n}"), Some((0, 0)))).collect();
    let (status, _) = stage.ask(stage.member(0), Method::POST, &scans_path(), json!({ "scans": scans })).await;
    assert_eq!(status, 422);
    let answers = stage.send(stage.member(0), &scans[1..]).await;
    assert!(answers.iter().all(|answer| answer["answer"] == "recorded"));
    assert_eq!(stage.recorded().await.len(), MOST_SCANS);
}

/// A key belongs to the version it was sent for; a version that does not stand is told anew each time.
#[tokio::test]
async fn a_key_is_of_one_version_and_keeps_no_refusal_that_passes() {
    let stage = Stage::open().await;
    let manager = stage.server(stage.manager(0));
    let submit = format!("{}/submit", stage.sheet(0));
    let send = async |tag: &str| {
        let said = manager.post(&submit).add_header("if-match", tag).add_header("idempotency-key", "one").await;
        said.status_code().as_u16()
    };
    assert_eq!(send("\"9\"").await, 412);
    assert_eq!(send("\"1\"").await, 200, "what was not done left the key free");
    assert_eq!(send("\"1\"").await, 200, "the kept answer");
    assert_eq!(send("\"2\"").await, 422, "another request");
}
