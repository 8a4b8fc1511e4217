//! The API of accounts: who may call what, and what it says to bad input.

use axum::Extension;
use axum::http::StatusCode;
use axum_test::TestServer;
use hufu::access::{Identity, Role};
use hufu::web::{self, App};
use serde_json::{Value, json};

use crate::desk::{Desk, PASSWORD, code, code_of, enrolled};
use crate::support::MINUTE;

pub(crate) fn server(desk: &Desk, me: Option<&Identity>) -> TestServer {
    let router = web::router(App::new(desk.office.db.clone(), desk.office.ctx.clone()));
    TestServer::new(match me {
        Some(me) => router.layer(Extension(me.ctx.clone())).layer(Extension(me.clone())),
        None => router,
    })
}

fn text<'a>(body: &'a Value, field: &str) -> &'a str {
    body[field].as_str().unwrap()
}

#[tokio::test]
async fn every_operation_asks_who_and_whether_they_may() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], Some((Role::CommandCentre, None))).await;
    let (worker, _) = enrolled(&desk.office, "zhang.san").await;
    let id = desk.office.ctx.new_id::<hufu::kernel::ids::AccountId>();
    let account = json!({ "login": "li.si", "person": id });
    let grant = json!({ "account": id, "role": "member" });
    let token = json!({ "name": "x", "account": id, "actions": ["items.read"], "expires_at": 1 });
    let rule = json!({ "name": "sign_in.tries", "value": "5", "source": "通知" });
    let id_number = json!({ "id_number": "11010519491231002X" });
    // Method, path, body, what the system administrator is told (a right that is theirs reaches the service).
    let cases: Vec<(&str, String, Value, u16)> = vec![
        ("GET", "/accounts".to_owned(), Value::Null, 200),
        ("GET", format!("/accounts/{id}"), Value::Null, 404),
        ("GET", format!("/accounts/{id}/grants"), Value::Null, 404),
        ("GET", "/tokens".to_owned(), Value::Null, 200),
        ("GET", "/rules".to_owned(), Value::Null, 200),
        ("POST", "/accounts".to_owned(), account, 404),
        ("POST", format!("/accounts/{id}/close"), json!({}), 404),
        ("POST", format!("/accounts/{id}/reset-password"), json!({}), 404),
        ("POST", format!("/accounts/{id}/reset-second-factor"), json!({}), 403),
        ("POST", format!("/accounts/{id}/order-new-password"), Value::Null, 404),
        ("POST", format!("/accounts/{id}/unlock"), Value::Null, 404),
        ("POST", format!("/people/{id}/close"), json!({}), 404),
        ("POST", format!("/people/{id}/certificate"), id_number, 404),
        ("POST", "/grants".to_owned(), grant, 403),
        ("POST", format!("/grants/{id}/end"), json!({}), 403),
        ("POST", "/tokens".to_owned(), token, 403),
        ("POST", "/rules".to_owned(), rule, 403),
    ];
    let (nobody, working, system) =
        (server(&desk, None), server(&desk, Some(&worker)), server(&desk, Some(&desk.system)));
    for (method, path, body, expected) in &cases {
        for (who, status) in [(&nobody, 401), (&working, 403), (&system, *expected)] {
            let path = format!("/api/v1{path}");
            let request = if *method == "GET" { who.get(&path) } else { who.post(&path) };
            let request = if body.is_null() { request } else { request.json(body) };
            let answer = request.await;
            assert_eq!(answer.status_code().as_u16(), status, "{method} {path}: {}", answer.text());
        }
    }
    for path in ["/me", "/me/sessions", "/me/tokens", "/roles"] {
        assert_eq!(nobody.get(&format!("/api/v1{path}")).await.status_code(), 401, "{path}");
        assert_eq!(working.get(&format!("/api/v1{path}")).await.status_code(), 200, "{path}");
    }
}

#[tokio::test]
async fn an_account_from_its_making_to_its_end() {
    let desk = Desk::open().await;
    let (system, security) = (server(&desk, Some(&desk.system)), server(&desk, Some(&desk.security)));
    let body = json!({ "login": "zhang.san", "person": desk.office.people[0][2] });
    let made = system.post("/api/v1/accounts").json(&body).await;
    assert_eq!(made.status_code(), StatusCode::CREATED);
    let location = made.header("location").to_str().unwrap().to_owned();
    let made: Value = made.json();
    hufu::access::activate(&desk.office.db, &desk.office.ctx, text(&made, "link"), PASSWORD).await.unwrap();
    let again = system.post("/api/v1/accounts").json(&body).await;
    assert_eq!(again.status_code(), StatusCode::CONFLICT);

    desk.later(MINUTE);
    let second =
        json!({ "login": "audadmin", "password": PASSWORD, "second_factor": code_of(&desk.office, "audadmin").await });
    let grant =
        json!({ "account": made["account"], "role": "专职管理员", "unit": desk.office.units[0], "co_signer": second });
    let given = security.post("/api/v1/grants").json(&grant).await;
    assert_eq!(given.status_code(), StatusCode::CREATED, "{}", given.text());
    let shown: Value = system.get(&location).await.json();
    assert_eq!((text(&shown, "state"), text(&shown["grants"][0], "role")), ("active", "asset_manager"));

    let me = desk.come_in("zhang.san").await;
    let mine = server(&desk, Some(&me));
    let who: Value = mine.get("/api/v1/me").await.json();
    assert_eq!(text(&who, "csrf"), me.csrf);
    assert!(who["rights"].as_array().unwrap().iter().any(|right| right["action"] == "items.change"));
    let token = json!({ "name": "扫码枪", "account": made["account"], "actions": ["items.read"], "expires_at": me.ctx.now().0 + 1000 });
    let issued: Value = security.post("/api/v1/tokens").json(&token).await.json();
    let claimed: Value = mine.post(&format!("/api/v1/me/tokens/{}/claim", text(&issued, "id"))).await.json();
    let device = hufu::access::by_token(&desk.office.db, &desk.office.ctx, text(&claimed, "secret"), "").await.unwrap();
    assert_eq!(device.unwrap().account, me.account);
    let enrolment: Value = mine.post("/api/v1/me/second-factor").json(&json!({ "password": PASSWORD })).await.json();
    assert!(text(&enrolment, "url").starts_with("otpauth://totp/Hufu:zhang.san"));
    let wrong = mine.post("/api/v1/me/second-factor/confirm").json(&json!({ "code": "12\u{0}" })).await;
    assert_eq!(wrong.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    let right = code(text(&enrolment, "secret"), me.ctx.now());
    let codes: Value = mine.post("/api/v1/me/second-factor/confirm").json(&json!({ "code": right })).await.json();
    assert_eq!(codes["recovery_codes"].as_array().unwrap().len(), 10);
    let changed = mine.post("/api/v1/me/password").json(&json!({ "old": PASSWORD, "new": "Lanterns-7-up" })).await;
    assert_eq!(changed.status_code(), StatusCode::NO_CONTENT);
    let closed = system.post(&format!("/api/v1/accounts/{}/close", text(&made, "account"))).json(&json!({})).await;
    assert_eq!(closed.status_code(), StatusCode::NO_CONTENT);
    let answer = mine.get("/api/v1/me/sessions").await;
    assert_eq!(answer.json::<Value>(), json!([]), "its sessions are over");
}

#[tokio::test]
async fn a_second_administrator_signs_in_the_request() {
    let desk = Desk::open().await;
    let system = server(&desk, Some(&desk.system));
    let path = format!("/api/v1/accounts/{}/reset-password", desk.security.account);
    assert_eq!(system.post(&path).json(&json!({})).await.status_code(), StatusCode::FORBIDDEN);
    desk.later(MINUTE);
    let second = |login: &str, code: &str| json!({ "co_signer": { "login": login, "password": PASSWORD, "second_factor": code } });
    let wrong = system.post(&path).json(&second("audadmin", "000000")).await;
    assert_eq!(wrong.status_code(), StatusCode::UNPROCESSABLE_ENTITY);
    let oneself = system.post(&path).json(&second("sysadmin", &code_of(&desk.office, "sysadmin").await)).await;
    assert_eq!(oneself.status_code(), StatusCode::FORBIDDEN);
    let signed = system.post(&path).json(&second("audadmin", &code_of(&desk.office, "audadmin").await)).await;
    assert_eq!(signed.status_code(), StatusCode::OK, "{}", signed.text());
    let entry = desk.journal("access.reset_password").await.pop().unwrap();
    assert_eq!(entry.co_signer, desk.audit.person.map(|person| person.to_string()), "the entry names both");
}

#[tokio::test]
async fn bad_input_is_refused_by_field_and_never_breaks_anything() {
    let desk = Desk::open().await;
    let (system, security) = (server(&desk, Some(&desk.system)), server(&desk, Some(&desk.security)));
    let person = desk.office.people[0][3];
    for login in [
        "",
        "a\0b",
        "'; DROP TABLE people; --",
        "<img src=x onerror=alert(1)>",
        "../../etc/passwd",
        &"长".repeat(100_000),
    ] {
        let answer = system.post("/api/v1/accounts").json(&json!({ "login": login, "person": person })).await;
        assert_eq!(answer.status_code(), StatusCode::UNPROCESSABLE_ENTITY, "{}", answer.text());
        assert_eq!(text(&answer.json(), "field"), "login");
    }
    let id = desk.security.account;
    for (path, body) in [
        ("/grants", json!({ "account": id, "role": "king" })),
        ("/grants", json!({ "account": id, "role": "member\u{0}" })),
        ("/grants", json!({ "account": id, "role": "member", "until": i64::MIN })),
        ("/grants", json!({ "account": id, "role": "member", "sneaky": 1 })),
        ("/tokens", json!({ "name": "\u{0}", "account": id, "actions": ["items.read"], "expires_at": i64::MAX })),
        ("/tokens", json!({ "name": "x", "account": id, "actions": ["everything"], "expires_at": 1 })),
        ("/rules", json!({ "name": "\u{0}", "value": "5", "source": "通知" })),
        ("/rules", json!({ "name": "sign_in.tries", "value": "5\u{0}", "source": "通知" })),
        ("/rules", json!({ "name": "sign_in.tries", "value": "5", "source": "通知", "effective_from": i64::MIN })),
    ] {
        let answer = security.post(&format!("/api/v1{path}")).json(&body).await;
        let status = answer.status_code().as_u16();
        assert!(matches!(status, 403 | 404 | 422), "{path} {body}: {status} {}", answer.text());
    }
    for after in ["%00", "%F0%9F%98%80", "zzz", "%27"] {
        let answer = system.get(&format!("/api/v1/accounts?after={after}")).await;
        assert!(answer.status_code().as_u16() < 500, "{after}");
    }
    let page: Value = system.get("/api/v1/accounts?limit=2").await.json();
    let next: Value = system.get(&format!("/api/v1/accounts?limit=2&after={}", text(&page, "next"))).await.json();
    assert_eq!((page["rows"].as_array().unwrap().len(), next["rows"].as_array().unwrap().len()), (2, 1));
    assert!(next.get("next").is_none());
}

/// Whoever shows this device's token.
async fn device(desk: &Desk, owner: &Identity) -> Identity {
    let db = &desk.office.db;
    let new = hufu::access::tokens::NewToken {
        name: "扫码枪".to_owned(),
        account: owner.account,
        actions: vec![hufu::access::Action::AccountsRead],
        expires_at: hufu::kernel::Timestamp(owner.ctx.now().0 + MINUTE),
    };
    let issued = hufu::access::tokens::issue(db, &desk.security.ctx, new).await.unwrap();
    let (_, secret) = hufu::access::tokens::claim(db, owner, issued.id).await.unwrap();
    hufu::access::by_token(db, &desk.office.ctx, &secret, "").await.unwrap().unwrap()
}

#[tokio::test]
async fn a_device_does_nothing_that_only_whoever_is_there_may() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], Some((Role::Inspector, None))).await;
    let owner = desk.come_in("zhang.san").await;
    let (by_device, by_owner) = (server(&desk, Some(&device(&desk, &owner).await)), server(&desk, Some(&owner)));
    let tokens: Value = by_owner.get("/api/v1/me/tokens").await.json();
    let revoke = format!("/api/v1/tokens/{}/revoke", text(&tokens[0], "id"));
    let session = format!("/api/v1/me/sessions/{}/revoke", owner.session.unwrap());
    for (method, path) in
        [("GET", "/api/v1/me/sessions"), ("GET", "/api/v1/me/tokens"), ("POST", &revoke), ("POST", &session)]
    {
        let ask = |who: &TestServer| if method == "GET" { who.get(path) } else { who.post(path) };
        let refused = ask(&by_device).await;
        assert_eq!(refused.status_code(), StatusCode::FORBIDDEN, "{path}: {}", refused.text());
        let done = ask(&by_owner).await;
        assert!(done.status_code().is_success(), "{path}: {}", done.text());
    }
    assert_eq!(by_device.get("/api/v1/accounts").await.status_code(), 200, "what it was given it may");
}

#[tokio::test]
async fn whoever_may_not_act_spends_nobodys_tries() {
    let desk = Desk::open().await;
    desk.member("zhang.san", desk.office.people[0][2], None).await;
    let stranger = server(&desk, Some(&desk.come_in("zhang.san").await));
    let nobody = desk.office.ctx.new_id::<hufu::kernel::ids::AccountId>();
    let signed =
        json!({ "co_signer": { "login": "audadmin", "password": "Wrong-1-guess", "second_factor": "000000" } });
    let mut linked = signed.clone();
    linked["id_number"] = "11010519491231002X".into();
    let account = desk.system.account;
    let paths = |id: String| {
        [
            (format!("/accounts/{id}/close"), 404),
            (format!("/accounts/{id}/reset-password"), 404),
            (format!("/accounts/{id}/reset-second-factor"), 403),
            (format!("/people/{id}/close"), 404),
            (format!("/people/{id}/certificate"), 404),
            (format!("/grants/{id}/end"), 403),
        ]
    };
    let system = server(&desk, Some(&desk.system));
    for (path, _) in paths(account.to_string()) {
        let body = if path.ends_with("certificate") { &linked } else { &signed };
        let answer = stranger.post(&format!("/api/v1{path}")).json(body).await;
        assert_eq!(answer.status_code(), StatusCode::FORBIDDEN, "{path}: {}", answer.text());
    }
    for (path, status) in paths(nobody.to_string()) {
        let body = if path.ends_with("certificate") { &linked } else { &signed };
        let answer = system.post(&format!("/api/v1{path}")).json(body).await;
        assert_eq!(answer.status_code().as_u16(), status, "{path}: {}", answer.text());
    }
    assert!(desk.journal("access.sign_in_failed").await.is_empty(), "nobody's password was tried");

    let path = format!("/api/v1/accounts/{}/reset-password", desk.security.account);
    let (mut answers, mut last) = (Vec::new(), None);
    for _ in 0..40 {
        let answer = system.post(&path).json(&signed).await;
        answers.push(answer.status_code().as_u16());
        last = Some(answer);
    }
    assert!(last.unwrap().header("retry-after").to_str().unwrap().parse::<u64>().unwrap() > 0, "and when to come back");
    assert_eq!((answers[0], answers[39]), (422, 429), "as often as at the door: {answers:?}");
    let entries = desk.journal("access.sign_in_failed").await;
    assert!(entries[0].payload.contains("127.0.0.1"), "and it is known from where: {}", entries[0].payload);
}

#[tokio::test]
async fn what_is_due_first_is_said() {
    let desk = Desk::open().await;
    let account = desk.member("zhang.san", desk.office.people[0][2], Some((Role::Inspector, None))).await;
    let ask = async || {
        let me = desk.come_in("zhang.san").await;
        let mine = server(&desk, Some(&me));
        assert_eq!(mine.get("/api/v1/me").await.status_code(), 200);
        let answer = mine.get("/api/v1/accounts").await;
        (answer.status_code().as_u16(), answer.text())
    };
    hufu::access::accounts::order_new_password(&desk.office.db, &desk.system.ctx, account).await.unwrap();
    let (status, said) = ask().await;
    assert!(status == 403 && said.contains("须先设置新密码"), "{status} {said}");
    desk.member("wang.wu", desk.office.people[1][3], Some((Role::Armourer, None))).await;
    let mine = server(&desk, Some(&desk.come_in("wang.wu").await));
    let answer = mine.get("/api/v1/items").await;
    assert_eq!(answer.status_code(), StatusCode::FORBIDDEN);
    assert!(answer.text().contains("须先绑定动态验证码"), "{}", answer.text());
}

/// A clock that never stands.
struct Ticking(std::sync::atomic::AtomicI64);

impl hufu::kernel::clock::Clock for Ticking {
    fn now(&self) -> hufu::kernel::Timestamp {
        hufu::kernel::Timestamp(self.0.fetch_add(1, std::sync::atomic::Ordering::Relaxed))
    }
}

#[tokio::test]
async fn a_rule_that_begins_at_once_is_in_force() {
    let desk = Desk::open().await;
    let clock = Ticking(desk.office.ctx.now().0.into());
    let random = hufu::kernel::random::Random::seeded(1);
    let me = &desk.security;
    let ticking = hufu::kernel::Ctx::new(me.ctx.actor.clone(), std::sync::Arc::new(clock), std::sync::Arc::new(random));
    let later =
        json!({ "name": "sign_in.tries", "value": "6", "source": "通知", "effective_from": me.ctx.now().0 + MINUTE });
    let at_once = json!({ "name": "sign_in.tries", "value": "7", "source": "通知" });
    let router = web::router(App::new(desk.office.db.clone(), desk.office.ctx.clone()));
    let server = TestServer::new(router.layer(Extension(ticking)));
    for (rule, in_force) in [(later, false), (at_once, true)] {
        let answer = server.post("/api/v1/rules").json(&rule).await;
        assert_eq!(answer.status_code(), StatusCode::CREATED, "{}", answer.text());
        assert_eq!(answer.json::<Value>()["in_force"], in_force, "{}", answer.text());
    }
}

#[tokio::test]
async fn who_tries_one_link_often_keeps_nobody_from_another() {
    let desk = Desk::open().await;
    let whose = desk.office.people[0][2];
    let made = hufu::access::accounts::create(&desk.office.db, &desk.system.ctx, "zhang.san", whose).await.unwrap();
    let router = web::router(App::new(desk.office.db.clone(), desk.office.ctx.clone()));
    let browser = TestServer::builder().save_cookies().build(router);
    let form = browser.get(&made.path()).await.text();
    let csrf = form.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let typed = [("csrf", csrf.as_str()), ("password", PASSWORD), ("again", PASSWORD)];
    let mut statuses = Vec::new();
    while !statuses.contains(&429) && statuses.len() < 100 {
        statuses.push(browser.post("/activate/guess").form(&typed).await.status_code().as_u16());
    }
    assert!(statuses.contains(&429), "{statuses:?}");
    assert_eq!(browser.post(&made.path()).form(&typed).await.status_code().as_u16(), 303);
}
