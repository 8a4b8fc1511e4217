//! What becomes of each scan.

use futures_util::future::join_all;
use hufu::access::Role;
use hufu::items::labels::{Printing, Subject, print};
use hufu::journal;
use hufu::kernel::ids::ScanId;
use hufu::stocktake::model::IdentifiedBy;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use serde_json::{Value, json};
use uuid::Uuid;

use super::stage::{NUMBER, Stage, ask, scans_path, words};
use super::support::badge;
use super::web::holding;

#[tokio::test]
async fn an_answer_each_in_order_and_one_bad_scan_stops_no_other() {
    let stage = Stage::open().await;
    let (db, ctx) = (&stage.office.db, &stage.office.ctx);
    let label =
        print(db, ctx, &[Subject::Item(stage.things[1].id)], "asset-60x40", Printing::Again).await.unwrap().remove(0);
    let with = |code: &str, change: Value| {
        let mut scan = stage.scan(code, Some((0, 0)));
        scan.as_object_mut().unwrap().extend(change.as_object().unwrap().clone());
        scan
    };
    let sent = [
        with("a－0 ", json!({ "counter": "别人" })),
        with("A-0", json!({ "quantity": -1 })),
        with("A-0", json!({ "quantity": 1_000_000_001 })),
        with("A-0", json!({ "place": Uuid::nil() })),
        with("A-0", json!({ "place": "仓库" })),
        with("A-0", json!({ "keeper": Uuid::nil() })),
        with("A-0", json!({ "condition": "新" })),
        with("A-0", json!({ "device_at": "昨天" })),
        with("A-0", json!({ "id": "1" })),
        with("A-0", json!({ "id": "9d0c4e9e-3f1b-4d43-8c55-3d4d29a5c4f0" })),
        with("A\u{0}0", json!({})),
        with("A-0", json!({ "note": "长".repeat(2_001) })),
        with(" ", json!({})),
        with(label.as_str(), json!({ "condition": "damaged", "quantity": 0 })),
        with("HF000000000X", json!({ "note": "'; DROP TABLE scans; --<b>" })),
        with(&"码".repeat(3_000), json!({ "serial_number": "sn－1" })),
    ];
    let answers = stage.send(stage.member(0), &sent).await;
    let mut must = vec!["recorded"];
    must.extend(["refused invalid"; 12]);
    must.extend(["recorded"; 3]);
    assert_eq!(words(&answers), must);
    assert!(answers.iter().zip(&sent).all(|(answer, scan)| answer["id"] == scan["id"]));
    assert!(answers.iter().all(|answer| (answer["answer"] == "refused") == answer["reason"].is_string()));
    assert_eq!(answers[0]["item"], json!(stage.things[0].id));
    assert_eq!(answers[13]["identified_by"], "current_label");
    let rows = stage.recorded().await;
    assert_eq!(rows.iter().map(|row| row.seq).collect::<Vec<_>>(), [1, 2, 3, 4]);
    let told: Vec<_> = rows.iter().map(|row| row.identified_by).collect();
    assert_eq!(told[..2], [IdentifiedBy::ItemNumber, IdentifiedBy::CurrentLabel]);
    assert_eq!(told[2..], [IdentifiedBy::Unknown; 2], "what nobody knows is kept");
    assert!(rows.iter().all(|row| row.counter == badge(0, 3)), "whoever is signed in counted, whatever is claimed");
    let entries = journal::entity::Entity::find().filter(journal::entity::Column::Action.eq("stocktake.scan"));
    let entries = entries.all(db.read()).await.unwrap();
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].actor, format!("person:{}", stage.office.people[0][3]));
}

#[tokio::test]
async fn a_scan_by_a_wrong_clock_is_kept_and_said_to_be() {
    let stage = Stage::open().await;
    let now = stage.office.ctx.now().0;
    let at = |ms: i64| chrono::DateTime::from_timestamp_millis(now + ms).unwrap().to_rfc3339();
    let day = 86_400_000;
    let clocks = [(0, false), (day, false), (day + 1, true), (-366 * day, false), (-366 * day - 1, true)];
    let mut sent: Vec<Value> = Vec::new();
    for (ms, _) in clocks {
        let mut scan = stage.scan("A-0", Some((0, 0)));
        scan["device_at"] = json!(at(ms));
        sent.push(scan);
    }
    for word in ["recorded", "repeated"] {
        let answers = stage.send(stage.member(0), &sent).await;
        assert_eq!(words(&answers), [word; 5]);
        for (answer, (ms, off)) in answers.iter().zip(clocks) {
            assert_eq!(answer["warning"] == "clock_off", off, "{ms}: {answer}");
            assert_eq!(answer.get("warning").is_some(), off);
        }
    }
    assert_eq!(stage.recorded().await.len(), 5);
}

#[tokio::test]
async fn the_same_again_is_one_scan_and_another_under_its_id_is_refused() {
    let stage = Stage::open().await;
    let scan = stage.scan("A-0", Some((0, 0)));
    let twice = stage.send(stage.member(0), &[scan.clone(), scan.clone()]).await;
    assert_eq!(words(&twice), ["recorded", "repeated"]);
    assert_eq!(words(&stage.send(stage.member(0), std::slice::from_ref(&scan)).await), ["repeated"]);
    for (key, value) in [
        ("code", json!("A-1")),
        ("quantity", json!(2)),
        ("place", Value::Null),
        ("keeper", json!(stage.office.people[0][0])),
        ("condition", json!("damaged")),
        ("no_label", json!(true)),
        ("name", json!("x")),
        ("serial_number", json!("x")),
        ("note", json!("x")),
        ("device", json!("PDA-2")),
        ("device_at", json!("2026-11-03T01:02:04Z")),
    ] {
        let mut other = scan.clone();
        other[key] = value;
        assert_eq!(words(&stage.send(stage.member(0), &[other]).await), ["refused conflict"], "{key}");
    }
    // By somebody else it is another scan, too.
    assert_eq!(words(&stage.send(stage.manager(0), std::slice::from_ref(&scan)).await), ["refused conflict"]);
    assert_eq!(stage.recorded().await.len(), 1);
    // What was lost is the answer, not the scan: it is told so even when the sheet is handed in by then.
    stage.submit(0).await;
    let late = stage.send(stage.member(0), &[scan, stage.scan("A-1", Some((0, 0)))]).await;
    assert_eq!(words(&late), ["repeated", "refused closed"]);
}

#[tokio::test]
async fn a_sheet_of_another_unit_is_out_of_reach() {
    let stage = Stage::open().await;
    let scans = [
        stage.scan("A-2", Some((1, 0))),
        stage.scan("A-2", None),
        stage.scan("A-0", Some((1, 0))),
        stage.scan("谁也不认识", Some((1, 1))),
        // Found in one's own room it is one's own to tell; so is one's own thing in a room that is not counted.
        stage.scan("A-2", Some((0, 0))),
        stage.scan("A-0", Some((2, 0))),
        // What belongs to no sheet is kept.
        stage.scan("A-3", Some((2, 0))),
        stage.scan("谁也不认识", None),
    ];
    let answers = stage.send(stage.member(0), &scans).await;
    let mut must = vec!["refused out_of_reach"; 4];
    must.extend(["recorded"; 4]);
    assert_eq!(words(&answers), must);
    assert!(answers[0]["reason"].as_str().unwrap().contains("第1大队"), "{}", answers[0]);
    let everywhere = holding(&stage.office, stage.office.people[2][3], Role::Member, None);
    assert_eq!(words(&stage.send(everywhere, &[stage.scan("A-2", Some((1, 0)))]).await), ["recorded"]);
}

#[tokio::test]
async fn a_clock_gone_wrong_is_kept_beside_ours() {
    let stage = Stage::open().await;
    let now = stage.office.ctx.now();
    for (written, millis) in [
        ("1970-01-01T08:00:00+08:00", 0),
        ("2099-12-31T23:59:59.999Z", 4_102_444_799_999),
        ("0000-01-01T00:00:00Z", -62_167_219_200_000),
    ] {
        let mut scan = stage.scan("A-0", Some((0, 0)));
        scan["device_at"] = json!(written);
        assert_eq!(words(&stage.send(stage.member(0), std::slice::from_ref(&scan)).await), ["recorded"], "{written}");
        let row = stage.find(&scan["id"]).await.unwrap();
        assert_eq!((row.device_at.0, row.server_at), (millis, now));
    }
    stage.office.clock.advance_ms(-3 * super::support::MINUTE);
    let answers = stage.send(stage.member(0), &[stage.scan("A-1", Some((0, 0)))]).await;
    assert_eq!(words(&answers), ["recorded"], "our own clock put back");
    assert_eq!(stage.recorded().await.last().unwrap().seq, 4);
}

/// Through one server at once: what is refused as a whole is refused alone.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_batch_refused_as_a_whole_hurts_no_other() {
    let stage = Stage::open().await;
    let keeper = holding(&stage.office, stage.office.people[2][2], Role::SystemAdministrator, None);
    let nobody = holding(&stage.office, stage.office.ctx.new_id(), Role::Member, None);
    let elsewhere = "/api/v1/campaigns/2099/scans".to_owned();
    let asked = [
        (stage.member(0), scans_path(), 200),
        (stage.member(2), scans_path(), 404),
        (stage.member(0), elsewhere, 404),
        (keeper, scans_path(), 403),
        (nobody, scans_path(), 403),
        (stage.member(1), scans_path(), 200),
    ];
    let asked = asked.into_iter().cycle().take(30).enumerate().map(|(n, (ctx, path, must))| {
        let body = json!({ "scans": [stage.scan(&format!("X-{n}"), None)] });
        let stage = &stage;
        async move {
            let (status, said) = stage.post(ctx, &path, body).await;
            assert_eq!(status, must, "{path}: {said}");
        }
    });
    join_all(asked).await;
    assert_eq!(stage.recorded().await.len(), 10);
}

/// Eight phones send overlapping halves of the same scans at once: each is recorded exactly once.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_phones_at_once_record_each_scan_once() {
    let stage = Stage::open().await;
    let scans: Vec<Value> = (0..60).map(|n| stage.scan(&format!("X-{n}"), Some((0, 0)))).collect();
    let server = stage.server(stage.member(0));
    let (server, path) = (&server, &scans_path());
    let phones = (0..8usize).map(|phone| {
        let part: Vec<_> = scans.iter().cycle().skip(phone * 7).take(30).cloned().collect();
        async move { ask(server, axum::http::Method::POST, path, json!({ "scans": part })).await }
    });
    let said = join_all(phones).await;
    let mut recorded: Vec<String> = Vec::new();
    for (status, said) in said {
        assert_eq!(status, 200, "{said}");
        for answer in said["answers"].as_array().unwrap() {
            match answer["answer"].as_str().unwrap() {
                "recorded" => recorded.push(answer["id"].as_str().unwrap().to_owned()),
                other => assert_eq!(other, "repeated"),
            }
        }
    }
    let count = recorded.len();
    recorded.sort();
    recorded.dedup();
    assert_eq!(recorded.len(), count, "told twice that it was recorded");
    let rows = stage.recorded().await;
    assert_eq!(rows.len(), count);
    assert!(rows.iter().all(|row| recorded.contains(&row.id.to_string())));
    assert_eq!(
        rows.iter().map(|row| row.seq).collect::<Vec<_>>(),
        (1..=i64::try_from(count).unwrap()).collect::<Vec<_>>()
    );
}

/// While phones send, the sheet is handed in, through another door to the same book: every scan stands in the book from
/// before, or was refused.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn handing_in_while_phones_send_loses_nothing() {
    let stage = Stage::open().await;
    let server = stage.server(stage.member(0));
    let other_door = super::web::server(&stage.office, Some(stage.manager(0)));
    let sending = async {
        let mut told = Vec::new();
        for _ in 0..12 {
            let phones: Vec<_> = (0..3)
                .map(|n| json!({ "scans": [stage.scan(&format!("Y-{n}"), Some((0, 0))), stage.scan("Z", Some((0, 1)))] }))
                .map(|body| async { ask(&server, axum::http::Method::POST, &scans_path(), body).await })
                .collect();
            told.extend(join_all(phones).await);
        }
        told
    };
    let handing_in = async {
        while stage.recorded().await.len() < 12 {
            tokio::task::yield_now().await;
        }
        let path = format!("{}/submit", stage.sheet(0));
        ask(&other_door, axum::http::Method::POST, &path, Value::Null).await
    };
    let (told, (submitted, said)) = tokio::join!(sending, handing_in);
    assert_eq!(submitted, 200, "{said}");
    let mut seen = [0, 0];
    for (status, said) in told {
        assert_eq!(status, 200, "{said}");
        for answer in said["answers"].as_array().unwrap() {
            let recorded = answer["answer"] == "recorded";
            assert!(recorded || answer["code"] == "closed", "{answer}");
            assert_eq!(stage.find(&answer["id"]).await.is_some(), recorded, "{answer}");
            seen[usize::from(recorded)] += 1;
        }
    }
    assert!(seen[1] >= 12, "{seen:?}");
    let late = stage.send(stage.member(0), &[stage.scan("Y", Some((0, 0)))]).await;
    assert_eq!(words(&late), ["refused closed"]);
}

#[tokio::test]
async fn one_undoes_ones_own_and_who_hands_in_any() {
    let stage = Stage::open().await;
    let scans: Vec<Value> = (0..3).map(|n| stage.scan(&format!("X-{n}"), Some((0, 0)))).collect();
    stage.send(stage.member(0), &scans).await;
    let path = |n: usize| format!("/api/v1/campaigns/{NUMBER}/scans/{}/undo", scans[n]["id"].as_str().unwrap());
    let comrade = stage.as_role(0, 2, Role::Member);
    for (ctx, n, status) in [
        (comrade, 0, 404),
        (stage.manager(1), 0, 404),
        (stage.member(0), 0, 201),
        (stage.manager(0), 1, 201),
        (stage.manager(0), 1, 409),
    ] {
        let (found, said) = stage.post(ctx, &path(n), Value::Null).await;
        assert_eq!(found, status, "{said}");
    }
    let rows = stage.recorded().await;
    let negations: Vec<_> = rows.iter().filter_map(|row| Some((row.negates?, row.counter.clone()))).collect();
    let id = |n: usize| ScanId(scans[n]["id"].as_str().unwrap().parse().unwrap());
    assert_eq!(negations, [(id(0), badge(0, 3)), (id(1), badge(0, 1))]);
    // The undoing is not to be undone, nor scanned again under its id.
    let undoing = rows.last().unwrap().id;
    let again = format!("/api/v1/campaigns/{NUMBER}/scans/{undoing}/undo");
    assert_eq!(stage.post(stage.manager(0), &again, Value::Null).await.0, 404);
    let mut same = scans[1].clone();
    same["id"] = json!(undoing);
    assert_eq!(words(&stage.send(stage.member(0), &[same]).await), ["refused conflict"]);
    stage.submit(0).await;
    assert_eq!(stage.post(stage.member(0), &path(2), Value::Null).await.0, 409);
}
