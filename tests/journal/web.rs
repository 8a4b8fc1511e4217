//! The journal over HTTP: who may see what, and proofs that hold.

use std::collections::HashSet;
use std::path::PathBuf;

use axum::Extension;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use hufu::access::Role;
use hufu::items::labels;
use hufu::items::service::{Change, change};
use hufu::journal::entity::entry;
use hufu::journal::verify::verify;
use hufu::kernel::Quantity;
use hufu::kernel::hash::HashKind;
use hufu::web::{self, App};
use sea_orm::{ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _};
use serde_json::Value;
use tower::ServiceExt as _;

use super::visitors::{holding, server};
use super::year::Year;

#[tokio::test(flavor = "multi_thread")]
async fn an_auditor_reads_proves_signs_and_exports() {
    let year = Year::begin(HashKind::Sha256).await;
    let (office, person) = (&year.office, year.office.people[0][0]);
    for n in 2..7 {
        let more = Change { quantity: Some(Quantity(n)), ..Change::default() };
        change(&office.db, &year.ctx, "A-0", &more, "清点").await.unwrap();
        office.clock.advance_ms(1000);
    }
    change(&office.db, &year.ctx, "A-2", &Change { quantity: Some(Quantity(9)), ..Change::default() }, "清点")
        .await
        .unwrap();
    let auditor = server(office, Some(holding(office, person, Role::AuditAdministrator, None)));
    auditor.get("/api/v1/journal/checkpoints/newest").await.assert_status(StatusCode::NOT_FOUND);
    let page: Value = auditor.get("/api/v1/journal/entries?action=items.&limit=4").await.json();
    assert_eq!(page["rows"].as_array().unwrap().len(), 4);
    let next = page["next"].as_str().unwrap();
    let rest: Value = auditor.get(&format!("/api/v1/journal/entries?action=items.&after={next}")).await.json();
    assert_eq!(rest["rows"].as_array().unwrap().len(), 2);
    assert!(rest.get("next").is_none());
    let of = async |query: &str| {
        let page: Value = auditor.get(&format!("/api/v1/journal/entries?{query}")).await.json();
        page["rows"].as_array().map_or(usize::MAX, Vec::len)
    };
    let all = of("").await;
    assert_eq!((of("subject=A-2").await, of("action=items").await, of("actor=local:test").await), (1, 0, all));
    assert_eq!((of(&format!("unit={}", office.units[1])).await, of("to=0").await, of("from=0").await), (1, 0, all));
    let signed = auditor.post("/api/v1/journal/checkpoints").await;
    signed.assert_status(StatusCode::CREATED);
    let signed: Value = signed.json();
    let newest: Value = auditor.get("/api/v1/journal/checkpoints/newest").await.json();
    assert_eq!(signed, newest);
    let id = page["rows"][0]["id"].as_str().unwrap();
    let shown: Value = auditor.get(&format!("/api/v1/journal/entries/{id}")).await.json();
    assert_eq!((&shown["fits"], &shown["touched_count"]), (&true.into(), &2.into()));
    assert_eq!(shown["touched"][0]["table"], "item_events");
    let again: Value = auditor.post("/api/v1/journal/checkpoints").await.json();
    assert_eq!(again["previous_size"], signed["size"]);
    let query = format!("from={}&to={}", signed["size"], again["size"]);
    let proof: Value = auditor.get(&format!("/api/v1/journal/consistency?{query}")).await.json();
    assert_eq!(proof["proof"].as_array().unwrap().len(), again["proof"].as_array().unwrap().len());
    // Another test of this process may be at it: one export at a time.
    let exported = loop {
        let exported = auditor.get("/api/v1/journal/export").await;
        if exported.status_code() != StatusCode::CONFLICT {
            break exported;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    };
    exported.assert_status(StatusCode::OK);
    let (file, note) = (year.file("down.hufu"), year.file("down.note"));
    std::fs::write(&file, exported.as_bytes()).unwrap();
    std::fs::write(&note, newest["note"].as_str().unwrap()).unwrap();
    let report = verify(&file, &[note]).unwrap();
    assert!(report.fits && report.anchored.is_some(), "{:#?}", report.faults);
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_else_does() {
    let year = Year::begin(HashKind::Sha256).await;
    let (office, person) = (&year.office, year.office.people[0][0]);
    change(&office.db, &year.ctx, "A-0", &Change { quantity: Some(Quantity(3)), ..Change::default() }, "清点")
        .await
        .unwrap();
    change(&office.db, &year.ctx, "A-2", &Change { quantity: Some(Quantity(3)), ..Change::default() }, "清点")
        .await
        .unwrap();
    labels::print_blanks(&office.db, &year.ctx, 1, "asset-60x40").await.unwrap();
    let paths = [
        "/api/v1/journal/entries",
        "/api/v1/journal/checkpoints",
        "/api/v1/journal/checkpoints/newest",
        "/api/v1/journal/consistency?from=1",
        "/api/v1/journal/export",
        "/api/v1/journal/entries/018f0000-0000-7000-8000-000000000001",
    ];
    let nobody = server(office, None);
    let member = server(office, Some(holding(office, person, Role::CommandCentre, None)));
    for path in paths {
        nobody.get(path).await.assert_status(StatusCode::UNAUTHORIZED);
        member.get(path).await.assert_status(StatusCode::FORBIDDEN);
    }
    nobody.post("/api/v1/journal/checkpoints").await.assert_status(StatusCode::UNAUTHORIZED);
    member.post("/api/v1/journal/checkpoints").await.assert_status(StatusCode::FORBIDDEN);
    // An inspector of one unit sees that unit's entries, and nothing that belongs to none.
    let inspector = server(office, Some(holding(office, person, Role::Inspector, Some(office.units[0]))));
    let page: Value = inspector.get("/api/v1/journal/entries").await.json();
    let subjects: Vec<&str> =
        page["rows"].as_array().unwrap().iter().map(|row| row["subject"].as_str().unwrap()).collect();
    assert_eq!(subjects, ["A-0"]);
    let other: Value = inspector.get(&format!("/api/v1/journal/entries?unit={}", office.units[1])).await.json();
    assert!(other["rows"].as_array().unwrap().is_empty());
    let all: Value = server(office, Some(holding(office, person, Role::Inspector, None)))
        .get("/api/v1/journal/entries?subject=A-2")
        .await
        .json();
    let theirs = format!("/api/v1/journal/entries/{}", all["rows"][0]["id"].as_str().unwrap());
    inspector.get(&theirs).await.assert_status(StatusCode::NOT_FOUND);
    inspector.get("/api/v1/journal/checkpoints").await.assert_status(StatusCode::NOT_FOUND);
    inspector.get("/api/v1/journal/export").await.assert_status(StatusCode::NOT_FOUND);
    inspector.post("/api/v1/journal/checkpoints").await.assert_status(StatusCode::FORBIDDEN);
    let auditor = server(office, Some(holding(office, person, Role::AuditAdministrator, None)));
    for (path, status) in [
        ("/api/v1/journal/entries?limit=0", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/entries?subject=%00", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/entries?after=x", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/entries/x", StatusCode::NOT_FOUND),
        ("/api/v1/journal/entries/018f0000-0000-7000-8000-000000000001", StatusCode::NOT_FOUND),
        ("/api/v1/journal/consistency?from=0", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/consistency?from=18446744073709551615", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/consistency?from=1&to=9999999999", StatusCode::UNPROCESSABLE_ENTITY),
        ("/api/v1/journal/consistency", StatusCode::UNPROCESSABLE_ENTITY),
    ] {
        auditor.get(path).await.assert_status(status);
    }
}

/// Exports that lie about where the server keeps what it is about to send.
fn lying_about() -> HashSet<PathBuf> {
    let entries = std::fs::read_dir(std::env::temp_dir()).unwrap().filter_map(|entry| Some(entry.ok()?.path()));
    let whole = |path: &PathBuf| path.extension().is_some_and(|ending| ending == "hufu");
    entries.filter(|path| whole(path) || path.join("journal.hufu").exists()).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_leaves_leaves_no_export_behind() {
    let before = lying_about();
    let year = Year::begin(HashKind::Sha256).await;
    let auditor = holding(&year.office, year.office.people[0][0], Role::AuditAdministrator, None);
    let app = App::new(year.office.db.clone(), year.office.ctx.clone());
    let router = web::router(app).layer(Extension(auditor));
    let ask = || Request::get("/api/v1/journal/export").body(Body::empty()).unwrap();
    let exports = async || {
        let entries = entry::Entity::find().filter(entry::Column::Action.eq("journal.export"));
        entries.count(year.office.db.read()).await.unwrap()
    };
    let mut asking = Box::pin(router.clone().oneshot(ask()));
    while exports().await == 0 {
        // Once begun, the deed goes on without whoever asked. A quick one has answered by now: the
        // answer is left unread, which is leaving too.
        if futures_util::poll!(&mut asking).is_ready() {
            break;
        }
        tokio::task::yield_now().await;
    }
    drop(asking);
    // One at a time: while the first is being written the second is refused.
    loop {
        match router.clone().oneshot(ask()).await.unwrap().status() {
            StatusCode::CONFLICT => tokio::task::yield_now().await,
            status => break assert_eq!(status, StatusCode::OK),
        }
    }
    let left: Vec<_> = lying_about().difference(&before).cloned().collect();
    assert!(left.is_empty(), "{left:?}");
}
