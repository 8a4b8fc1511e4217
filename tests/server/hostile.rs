//! Bodies that are too large, too deep or no bodies at all; handlers that fail or never end.

use axum::Router;
use axum::routing::{get, post};
use axum_test::TestServer;
use hufu::web::extract::Body;
use hufu::web::settings::{BODY_BYTES, Patience};
use hufu::web::{App, Settings, layers};

use crate::support::Office;

/// A server with rooms that misbehave, behind the layers of the real one.
async fn server(settings: Settings) -> (Office, TestServer) {
    let office = Office::found().await;
    let app = App::with(office.db.clone(), office.ctx.clone(), settings);
    let rooms = Router::new()
        .route("/api/v1/echo", post(async |Body(value): Body<serde_json::Value>| axum::Json(value)))
        .route("/api/v1/panic", get(panics))
        .route("/panic", get(panics))
        .route("/api/v1/never", get(std::future::pending::<()>));
    let router = layers::around(&app, Router::new(), rooms).with_state(app);
    (office, TestServer::new(router))
}

async fn panics() {
    panic!("on purpose: a test");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_is_a_problem_and_never_a_fault_of_ours() {
    let (_office, server) = server(Settings::default()).await;
    let deep = |many: usize| "[".repeat(many) + &"]".repeat(many);
    for (body, status, why) in [
        (deep(10), 200, "a little deep"),
        (deep(100_000), 400, "far too deep"),
        ("{\"a\":".repeat(50_000), 400, "deep and never closed"),
        (String::new(), 400, "nothing"),
        ("{".to_owned(), 400, "cut off"),
        ("\"\\ud800\"".to_owned(), 400, "half a surrogate pair"),
        ("1e400".to_owned(), 400, "too large a number"),
        ("\u{feff}{}".to_owned(), 400, "a mark before it"),
        (format!("\"{}\"", "x".repeat(BODY_BYTES - 2)), 200, "as much as is taken"),
        (format!("\"{}\"", "x".repeat(BODY_BYTES - 1)), 413, "one more"),
    ] {
        let answer = server.post("/api/v1/echo").text(body).content_type("application/json").await;
        assert_eq!(answer.status_code().as_u16(), status, "{why}");
        if status >= 400 {
            assert_eq!(answer.header("content-type"), "application/problem+json", "{why}");
            assert_eq!(answer.json::<serde_json::Value>()["status"], status, "{why}");
        }
    }
    let answer = server.post("/api/v1/echo").text("{}").await;
    assert_eq!(answer.status_code().as_u16(), 415, "not said to be JSON");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_path_or_a_method_that_is_none_is_a_problem() {
    let (_office, server) = server(Settings::default()).await;
    for (answer, status, kind) in [
        (server.get("/api/v1/none").await, 404, "urn:hufu:not_found"),
        (server.get("/api").await, 404, "urn:hufu:not_found"),
        (server.get("/api/v1/echo").await, 405, "urn:hufu:method_not_allowed"),
        (server.get("/api/v1/panic").await, 500, "urn:hufu:internal"),
    ] {
        assert_eq!(answer.status_code().as_u16(), status);
        assert_eq!(answer.json::<serde_json::Value>()["type"], kind);
        assert_eq!(answer.headers().contains_key("allow"), status == 405);
    }
    let page = server.get("/panic").await;
    assert_eq!(page.status_code().as_u16(), 500);
    let html = page.text();
    assert!(html.contains("系统出错了") && !html.contains("on purpose"), "{html}");
    let id = page.header("x-request-id");
    assert!(html.contains(id.to_str().unwrap()), "the page names the request");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_handler_that_never_ends_is_ended() {
    let patience = Patience { request: std::time::Duration::from_millis(50), ..Patience::default() };
    let (_office, server) = server(Settings { patience, ..Settings::default() }).await;
    let answer = server.get("/api/v1/never").await;
    assert_eq!(answer.status_code().as_u16(), 408);
    assert_eq!(answer.json::<serde_json::Value>()["type"], "urn:hufu:too_slow");
}
