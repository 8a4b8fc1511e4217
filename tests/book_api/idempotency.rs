//! A request that is sent again is carried out once.

use std::sync::Arc;

use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use axum::{Extension, Router};
use axum_test::{TestResponse, TestServer};
use futures_util::{StreamExt as _, stream};
use hufu::access::{Door, Identity, Role, matrix};
use hufu::kernel::Ctx;
use hufu::kernel::ids::{AccountId, TokenId};
use hufu::kernel::rights::Scope;
use hufu::web::idempotency::{KEPT_MS, LEASE_MS, entity};
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};
use tower::ServiceExt as _;

use super::desk::{Desk, get, told};
use super::support::{DAY, MINUTE};
use super::web::holding;

async fn register(server: &TestServer, key: &str, number: &str, desk: &Desk) -> TestResponse {
    let body = json!({ "item_number": number, "name": "柜", "unit_id": desk.office.units[0] });
    server.post("/api/v1/items").add_header("Idempotency-Key", key).json(&body).await
}

#[tokio::test]
async fn the_same_key_gets_the_same_answer_and_no_second_deed() {
    let desk = Desk::open().await;
    let first = register(&desk.clerk, "k1", "A-1", &desk).await;
    let again = register(&desk.clerk, "k1", "A-1", &desk).await;
    assert_eq!((told(&first).0, told(&again).0), (201, 201));
    assert_eq!(first.as_bytes(), again.as_bytes());
    assert_eq!(first.maybe_header("idempotent-replay"), None);
    assert_eq!(again.header("idempotent-replay"), "true");
    for name in ["etag", "location", "content-type"] {
        assert_eq!(first.header(name), again.header(name), "{name}");
    }
    let other = register(&desk.clerk, "k1", "A-2", &desk).await;
    assert_eq!(told(&other), (422, Some("Idempotency-Key".to_owned())));
    let elsewhere = json!({ "code": "c", "name": "n", "unit_id": desk.office.units[0] });
    let elsewhere = desk.clerk.post("/api/v1/places").add_header("Idempotency-Key", "k1").json(&elsewhere).await;
    assert_eq!(told(&elsewhere).0, 422, "the same key for another address");
    // Another's key of the same text is another key.
    assert_eq!(told(&register(&desk.boss, "k1", "A-3", &desk).await).0, 201);
    let all = get(&desk.boss, "/api/v1/items").await.json::<Value>();
    assert_eq!(all["rows"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_refusal_is_kept_but_not_one_for_who_asks() {
    let desk = Desk::open().await;
    desk.stock(&["A-1"]).await;
    let wrong = register(&desk.clerk, "k1", "", &desk).await;
    let again = register(&desk.clerk, "k1", "", &desk).await;
    assert_eq!((told(&wrong).0, told(&again).0), (422, 422));
    assert_eq!(again.header("idempotent-replay"), "true");
    // What the state of the book refuses now, it may take later.
    for _ in 0..2 {
        let refused = register(&desk.clerk, "k4", "A-1", &desk).await;
        assert_eq!((told(&refused).0, refused.maybe_header("idempotent-replay")), (409, None));
    }
    for _ in 0..2 {
        let refused = register(&desk.powerless, "k2", "A-9", &desk).await;
        assert_eq!((told(&refused).0, refused.maybe_header("idempotent-replay")), (403, None));
    }
    assert_eq!(told(&register(&desk.nobody, "k3", "A-9", &desk).await).0, 401);
}

#[tokio::test]
async fn what_creates_does_not_run_without_a_key_and_a_key_must_be_one() {
    let desk = Desk::open().await;
    let body = json!({ "item_number": "A-1", "name": "柜", "unit_id": desk.office.units[0] });
    let keyless = desk.clerk.post("/api/v1/items").json(&body).await;
    assert_eq!(told(&keyless), (422, Some("Idempotency-Key".to_owned())));
    for key in ["".to_owned(), "x".repeat(129), "a b".to_owned(), "é".to_owned()] {
        let refused = desk.clerk.post("/api/v1/items").add_header("Idempotency-Key", key.as_str()).json(&body).await;
        assert_eq!(told(&refused), (422, Some("Idempotency-Key".to_owned())), "{key:?}");
    }
    assert_eq!(told(&register(&desk.clerk, &"x".repeat(128), "A-1", &desk).await).0, 201);
}

#[tokio::test]
async fn sent_at_once_it_is_done_once() {
    let desk = Desk::open().await;
    let all = futures_util::future::join_all((0..12).map(|_| register(&desk.clerk, "k", "A-1", &desk))).await;
    let statuses: Vec<u16> = all.iter().map(|response| told(response).0).collect();
    assert!(statuses.iter().all(|status| [201, 409].contains(status)), "{statuses:?}");
    assert!(statuses.contains(&201));
    let made: hashbrown::HashSet<String> =
        all.iter().filter(|response| told(response).0 == 201).map(TestResponse::text).collect();
    assert_eq!(made.len(), 1, "one answer");
    let history = get(&desk.clerk, "/api/v1/items/A-1/events").await.json::<Value>();
    assert_eq!(history["rows"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn blanks_asked_for_twice_are_printed_once() {
    let desk = Desk::open().await;
    let print = async || {
        let body = json!({ "count": 3 });
        desk.clerk.post("/api/v1/labels/blanks").add_header("Idempotency-Key", "k").json(&body).await
    };
    let (first, again) = (print().await, print().await);
    assert_eq!(first.as_bytes(), again.as_bytes());
    assert_eq!(again.header("content-disposition"), "attachment; filename=\"labels.pdf\"");
    let labels = hufu::items::entity::label::Entity::find().all(desk.office.db.read()).await.unwrap();
    assert_eq!(labels.len(), 3);
}

#[tokio::test]
async fn a_form_sent_again_has_another_boundary_and_is_the_same_form() {
    let desk = Desk::open().await;
    let send = async |boundary: &str, number: &str| {
        let raw = format!(
            "--{boundary}\r\nContent-Disposition: form-data; name=\"kind\"\r\n\r\nassets\r\n--{boundary}\r\n\
             Content-Disposition: form-data; name=\"file\"; filename=\"a.csv\"\r\n\r\n\
             资产编号,资产名称,使用部门\n{number},柜,第0大队\n\r\n--{boundary}--\r\n"
        );
        let request = desk.clerk.post("/api/v1/imports").add_header("Idempotency-Key", "k");
        request.bytes(raw.into_bytes().into()).content_type(&format!("multipart/form-data; boundary={boundary}")).await
    };
    let first = send("one", "A-1").await;
    let again = send("another", "A-1").await;
    assert_eq!((told(&first).0, first.text()), (201, again.text()));
    assert_eq!(again.header("idempotent-replay"), "true");
    assert_eq!(told(&send("one", "A-2").await).0, 422);
}

async fn claimed(desk: &Desk, at_ms: i64) -> entity::Model {
    let row = entity::Entity::find().one(desk.office.db.read()).await.unwrap().unwrap();
    let claimed_at = hufu::kernel::Timestamp(at_ms);
    let lease_until = hufu::kernel::Timestamp(at_ms + LEASE_MS);
    let half_way =
        entity::Model { answered: false, status: None, headers: None, body: None, claimed_at, lease_until, ..row };
    let written = half_way.clone();
    desk.office
        .db
        .write(async |tx| -> Result<(), hufu::db::DbError> {
            written.clone().into_active_model().reset_all().update(tx).await?;
            Ok(())
        })
        .await
        .unwrap();
    half_way
}

#[tokio::test]
async fn killed_half_way_the_key_waits_for_its_lease_and_the_number_is_still_entered_once() {
    let desk = Desk::open().await;
    register(&desk.clerk, "k", "A-1", &desk).await;
    let now = desk.office.ctx.now().0;
    claimed(&desk, now).await;
    desk.office.clock.advance_ms(MINUTE);
    assert_eq!(told(&register(&desk.clerk, "k", "A-1", &desk).await).0, 409, "under way");
    desk.office.clock.advance_ms(LEASE_MS - MINUTE);
    // The deed was done before the process died: its own rule refuses the second.
    assert_eq!(told(&register(&desk.clerk, "k", "A-1", &desk).await).0, 409);
    let all = get(&desk.clerk, "/api/v1/items").await.json::<Value>();
    assert_eq!(all["rows"].as_array().unwrap().len(), 1);
    // A claim of a clock that has since been put back does not hold for ever.
    assert_eq!(told(&register(&desk.clerk, "k2", "A-2", &desk).await).0, 201);
    claimed(&desk, now + DAY).await;
    let after = register(&desk.clerk, "k2", "A-2", &desk).await;
    assert!(after.text().contains("已在账"), "{}", after.text());
}

#[tokio::test]
async fn an_answer_is_kept_for_two_days() {
    let desk = Desk::open().await;
    let first = register(&desk.clerk, "k", "A-1", &desk).await;
    desk.office.clock.advance_ms(KEPT_MS - 1);
    assert_eq!(register(&desk.clerk, "k", "A-1", &desk).await.text(), first.text());
    desk.office.clock.advance_ms(1);
    assert_eq!(told(&register(&desk.clerk, "k", "A-2", &desk).await).0, 201, "the key is free again");
}

fn router(desk: &Desk, ctx: &Ctx) -> Router {
    hufu::web::router(hufu::web::App::new(desk.office.db.clone(), desk.office.ctx.clone()))
        .layer(Extension(ctx.clone()))
}

fn of_token(ctx: &Ctx, token: TokenId) -> Identity {
    Identity {
        ctx: ctx.clone(),
        account: AccountId(sea_orm::prelude::Uuid::nil()),
        login: "device".to_owned(),
        person: ctx.person(),
        session: None,
        door: Door::Token(token),
        csrf: String::new(),
        must: Vec::new(),
        note_seen: false,
    }
}

#[tokio::test]
async fn a_token_does_not_get_its_owners_answer_nor_another_tokens() {
    let desk = Desk::open().await;
    let owner = holding(&desk.office, desk.office.people[0][0], Role::CommandCentre, Some(desk.office.units[0]));
    let narrow = owner.acting_as(owner.actor.clone(), Scope::Rights(Arc::default()));
    assert_eq!(told(&register(&desk.clerk, "k1", "A-1", &desk).await).0, 201);
    let (wide, other) = (desk.office.ctx.new_id(), desk.office.ctx.new_id());
    // In this order: with which rights, by which token, which thing, what comes of it, whether it is a replay.
    for (ctx, token, number, status, replayed) in [
        (&narrow, wide, "A-1", 403, false),
        (&owner, wide, "A-2", 201, false),
        (&owner, wide, "A-2", 201, true),
        (&narrow, other, "A-2", 403, false),
    ] {
        let server = TestServer::new(router(&desk, ctx).layer(Extension(of_token(ctx, token))));
        let said = register(&server, "k1", number, &desk).await;
        assert_eq!((told(&said).0, said.maybe_header("idempotent-replay").is_some()), (status, replayed), "{number}");
    }
}

fn form(path: &str, key: &str, body: Body) -> Request<Body> {
    Request::post(path)
        .header("Idempotency-Key", key)
        .header("Content-Type", "multipart/form-data; boundary=b")
        .body(body)
        .unwrap()
}

#[tokio::test]
async fn a_form_is_refused_before_it_is_read() {
    let desk = Desk::open().await;
    let clerk = holding(&desk.office, desk.office.people[0][0], Role::CommandCentre, Some(desk.office.units[0]));
    let nothing = clerk.acting_as(clerk.actor.clone(), matrix::scope_of(&[]));
    for (ctx, path, expected) in [
        (&nothing, "/api/v1/imports", StatusCode::FORBIDDEN),
        (&nothing, "/api/v1/items", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&clerk, "/api/v1/places", StatusCode::UNSUPPORTED_MEDIA_TYPE),
        (&nothing, "/api/v1/photos/decode", StatusCode::FORBIDDEN),
    ] {
        // Who reads it finds that it breaks off, which is another answer.
        let body = Body::from_stream(stream::once(async { Err::<Bytes, _>(std::io::Error::other("read")) }));
        let said = router(&desk, ctx).oneshot(form(path, "k", body)).await.unwrap();
        assert_eq!(said.status(), expected, "{path}");
    }
}

#[tokio::test]
async fn one_account_sends_one_file_at_a_time() {
    let desk = Desk::open().await;
    for path in ["/api/v1/imports", "/api/v1/photos/decode"] {
        let of = |n: usize| holding(&desk.office, desk.office.people[n][0], Role::CommandCentre, None);
        let (being_read, reads) = tokio::sync::oneshot::channel();
        let first = stream::once(async move {
            being_read.send(()).unwrap();
            Ok::<_, std::io::Error>(Bytes::from_static(b"--b\r\n"))
        });
        let slow = form(path, "slow", Body::from_stream(first.chain(stream::pending())));
        let slow = tokio::spawn(router(&desk, &of(0)).oneshot(slow));
        reads.await.unwrap();
        let whole = async |ctx: &Ctx| {
            router(&desk, ctx).oneshot(form(path, "quick", Body::from("--b--\r\n"))).await.unwrap().status()
        };
        assert_eq!(whole(&of(0)).await, StatusCode::CONFLICT, "{path}");
        assert_eq!(whole(&of(1)).await, StatusCode::UNPROCESSABLE_ENTITY, "{path}: another's seat is another's");
        slow.abort();
        slow.await.unwrap_err();
        assert_eq!(whole(&of(0)).await, StatusCode::UNPROCESSABLE_ENTITY, "{path}: the seat is free again");
    }
}

#[tokio::test]
async fn what_is_said_in_confidence_leaves_no_trace_and_a_mistyped_one_may_be_put_right() {
    let desk = Desk::open().await;
    let system = holding(&desk.office, desk.office.people[0][0], Role::SystemAdministrator, None);
    let server = TestServer::new(router(&desk, &system));
    let person = desk.office.people[1][3];
    let link = async |id_number: &str| {
        let path = format!("/api/v1/people/{person}/certificate");
        server.post(&path).add_header("Idempotency-Key", "k").json(&json!({ "id_number": id_number })).await
    };
    let kept = async || entity::Entity::find().all(desk.office.db.read()).await.unwrap();
    for wrong in ["1", "2"] {
        let refused = told(&link(wrong).await);
        assert!((400..500).contains(&refused.0), "{refused:?}");
        assert_ne!(refused.1.as_deref(), Some("Idempotency-Key"));
        assert!(kept().await.is_empty(), "a refusal is not kept");
    }
    register(&desk.clerk, "k", "A-1", &desk).await;
    let secret = hufu::access::entity::keep::Entity::find_by_id("idempotency_key").one(desk.office.db.read()).await;
    assert!(secret.unwrap().unwrap().value.len() >= 43);
}

#[test]
fn the_document_names_the_header_where_it_is_asked_for() {
    let document = serde_json::to_value(hufu::web::api::router().get_openapi()).unwrap();
    let named = |path: &str| {
        let parameters = document["paths"][path]["post"]["parameters"].as_array().cloned().unwrap_or_default();
        parameters
            .iter()
            .find(|one| one["name"] == "Idempotency-Key")
            .map(|one| one["required"].as_bool().unwrap_or(false))
    };
    for path in hufu::web::idempotency::REQUIRED {
        assert_eq!(named(path), Some(true), "{path}");
    }
    assert_eq!(named("/api/v1/labels/{code}/claim"), Some(false));
}
