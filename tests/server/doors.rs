//! Who is let in: sessions and their cookies, tries, rates, and where somebody is sent who must do something first.

use std::num::NonZeroU32;

use axum_test::TestServer;
use hufu::access::Role;
use hufu::web::{Proxies, Settings};

use crate::support::{MINUTE, Office};
use crate::visitor::{PASSWORD, Visitor, account, owned, stranger, stranger_at, token_of};

async fn office_with_a_member() -> Office {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, Some(office.units[0])).await;
    office
}

/// Types a login and a password; the status, and where it leads.
async fn try_to_sign_in(server: &TestServer, login: &str, password: &str, next: &str) -> (u16, String) {
    let form = server.get("/sign-in").await;
    let token = token_of(&form);
    let typed = [("csrf", token.as_str()), ("login", login), ("password", password), ("next", next)].map(owned);
    let answer = server.post("/sign-in").form(&typed).await;
    let leads = answer.maybe_header("location").map(|value| value.to_str().unwrap().to_owned());
    (answer.status_code().as_u16(), leads.unwrap_or_default())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_worth_nothing_after_its_owner_left() {
    let office = office_with_a_member().await;
    let visitor = Visitor::sign_in(&office, "zhang.san").await;
    let home = visitor.server.get("/account").await;
    for expected in ["您好，人员02", "zhang.san", "第0大队", "民警"] {
        home.assert_text_contains(expected);
    }
    // Somebody copied the cookie.
    let stolen = format!("hufu={}", visitor.session);
    let thief = stranger(&office);
    assert_eq!(thief.get("/").add_header("cookie", stolen.clone()).await.status_code().as_u16(), 200);
    visitor.server.post("/sign-out").form(&[owned(("csrf", &visitor.csrf))]).await.assert_status_see_other();
    for server in [&thief, &visitor.server] {
        let answer = server.get("/account/sessions").add_header("cookie", stolen.clone()).await;
        assert_eq!(answer.header("location"), "/sign-in?next=/account/sessions");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_can_be_ended_from_elsewhere() {
    let office = office_with_a_member().await;
    let (here, there) = (Visitor::sign_in(&office, "zhang.san").await, Visitor::sign_in(&office, "zhang.san").await);
    let page = here.server.get("/account/sessions").await.text();
    let rows: Vec<&str> = page.split("<tr>").filter(|row| row.contains("/end\"")).collect();
    assert_eq!(rows.len(), 2, "{page}");
    let other = rows.iter().find(|row| !row.contains("当前")).unwrap();
    let end = other.split("action=\"").nth(1).and_then(|rest| rest.split('"').next()).unwrap();
    here.server.post(end).form(&[owned(("csrf", &here.csrf))]).await.assert_status_see_other();
    here.server.get("/").await.assert_status_ok();
    there.server.get("/").await.assert_status_see_other();
    let late = there.server.post("/sign-out").form(&[owned(("csrf", &there.csrf))]).await;
    assert_eq!(late.header("location"), "/sign-in", "a page that stood open leads to the door");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cookie_is_for_us_alone() {
    let office = office_with_a_member().await;
    for (secure, name, flags) in [
        (false, "hufu", vec!["HttpOnly", "SameSite=Strict", "Path=/"]),
        (true, "__Host-hufu", vec!["HttpOnly", "SameSite=Strict", "Path=/", "Secure"]),
    ] {
        let mut server = stranger_at(&office, Settings { secure, ..Settings::default() });
        let form = server.get("/sign-in").await;
        let token = token_of(&form);
        let shown = form.iter_headers_by_name("set-cookie").next().unwrap().to_str().unwrap().to_owned();
        server.clear_cookies();
        let typed = [("csrf", token.as_str()), ("login", "zhang.san"), ("password", PASSWORD)].map(owned);
        let cookie = shown.split(';').next().unwrap().to_owned();
        let answer = server.post("/sign-in").add_header("cookie", cookie).form(&typed).await;
        answer.assert_status_see_other();
        let cookies: Vec<String> =
            answer.iter_headers_by_name("set-cookie").map(|value| value.to_str().unwrap().to_owned()).collect();
        let session = cookies.iter().find(|cookie| cookie.starts_with(&format!("{name}="))).unwrap();
        for flag in flags {
            assert!(session.contains(flag), "{session} lacks {flag}");
        }
        assert!(!session.contains("Domain"), "{session}");
        assert_eq!(session.contains("Secure"), secure, "{session}");
        assert_eq!(answer.headers().contains_key("strict-transport-security"), secure);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_typed_wrong_is_not_told_apart() {
    let office = office_with_a_member().await;
    let server = stranger(&office);
    let mut said = Vec::new();
    for (login, password) in [("zhang.san", "wrong"), ("nobody", "wrong"), ("", ""), ("zhang.san\0", "x")] {
        let token = token_of(&server.get("/sign-in").await);
        let typed = [("csrf", token.as_str()), ("login", login), ("password", password)].map(owned);
        let answer = server.post("/sign-in").form(&typed).await;
        let text = answer.text();
        let fault = text.split("role=\"alert\">").nth(1).and_then(|rest| rest.split('<').next()).unwrap().to_owned();
        assert!(!text.contains(">wrong<") && !text.contains("value=\"wrong\""), "the password is shown again");
        said.push((answer.status_code().as_u16(), fault));
    }
    said.dedup();
    assert_eq!(said, [(422, "用户名、密码或验证码不正确".to_owned())]);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_so_many_tries_the_door_stays_shut() {
    let office = office_with_a_member().await;
    let server = stranger_at(&office, Settings { sign_ins: NonZeroU32::new(3).unwrap(), ..Settings::default() });
    let mut statuses = Vec::new();
    for _ in 0..5 {
        statuses.push(try_to_sign_in(&server, "zhang.san", "wrong", "").await.0);
    }
    assert_eq!(statuses, [422, 422, 422, 429, 429]);
    let token = token_of(&server.get("/sign-in").await);
    let typed = [("csrf", token.as_str()), ("login", "zhang.san"), ("password", PASSWORD)].map(owned);
    let answer = server.post("/sign-in").form(&typed).await;
    assert_eq!(answer.status_code().as_u16(), 429, "the right one is not even looked at");
    assert!(answer.header("retry-after").to_str().unwrap().parse::<u64>().unwrap() > 0);
}

/// So many tries from addresses that each names itself.
async fn tries_from_everywhere(office: &Office, proxies: Proxies) -> Vec<u16> {
    let settings = Settings { sign_ins: NonZeroU32::new(3).unwrap(), proxies, ..Settings::default() };
    let server = stranger_at(office, settings);
    let mut statuses = Vec::new();
    for n in 0..5 {
        let token = token_of(&server.get("/sign-in").await);
        let typed = [("csrf", token.as_str()), ("login", "nobody"), ("password", "wrong")].map(owned);
        let answer = server.post("/sign-in").add_header("x-forwarded-for", format!("203.0.113.{n}")).form(&typed).await;
        statuses.push(answer.status_code().as_u16());
    }
    statuses
}

#[tokio::test(flavor = "multi_thread")]
async fn only_a_proxy_that_is_known_says_who_asks() {
    let office = office_with_a_member().await;
    assert_eq!(tries_from_everywhere(&office, Proxies::default()).await[3..], [429, 429], "nobody is believed");
    let elsewhere = Proxies::read(&["10.0.0.0/8"]).unwrap();
    assert_eq!(tries_from_everywhere(&office, elsewhere).await[3..], [429, 429], "nor who stands elsewhere");
    let here = Proxies::default().and_here();
    assert!(!tries_from_everywhere(&office, here).await.contains(&429), "the proxy tells them apart");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_asks_too_often_waits() {
    let office = office_with_a_member().await;
    let server = stranger_at(&office, Settings { rate: NonZeroU32::new(1), ..Settings::default() });
    let mut last = server.get("/api/v1/none").await;
    // Six may come at once; a slow machine may let one more in.
    for _ in 0..20 {
        last = server.get("/api/v1/none").await;
    }
    assert_eq!(last.status_code().as_u16(), 429);
    assert_eq!(last.json::<serde_json::Value>()["type"], "urn:hufu:too_many");
    server.get("/healthz").await.assert_status_ok();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_led_to_another_site() {
    let office = office_with_a_member().await;
    for (next, expected) in
        [("/account/sessions", "/account/sessions"), ("//evil.example", "/"), ("https://evil.example", "/"), ("", "/")]
    {
        assert_eq!(try_to_sign_in(&stranger(&office), "zhang.san", PASSWORD, next).await, (303, expected.to_owned()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_administrator_enrols_a_second_factor_before_anything_else() {
    let office = Office::found().await;
    account(&office, "li.si", office.people[1][1], Role::SystemAdministrator, None).await;
    let server = stranger(&office);
    let (status, leads) = try_to_sign_in(&server, "li.si", PASSWORD, "/account/sessions").await;
    assert_eq!((status, leads.as_str()), (303, "/account/second-factor"));
    for page in ["/", "/api/docs"] {
        assert_eq!(server.get(page).await.header("location"), "/account/second-factor", "{page}");
    }
    let begun = enrolment_page(&server, PASSWORD).await;
    assert!(begun.contains("<svg class=\"qr\"") && begun.contains("name=\"secret\" value=\""), "{begun}");
    assert!(enrolment_page(&server, "wrong").await.contains("当前密码不正确"));
}

async fn enrolment_page(server: &TestServer, password: &str) -> String {
    let token = token_of(&server.get("/account/second-factor").await);
    let typed = [("csrf", token.as_str()), ("password", password)].map(owned);
    server.post("/account/second-factor").form(&typed).await.text()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_session_that_idled_out_says_so() {
    let office = office_with_a_member().await;
    let visitor = Visitor::sign_in(&office, "zhang.san").await;
    office.clock.advance_ms(24 * 60 * MINUTE);
    visitor.server.get("/").await.assert_status_see_other();
    visitor.server.get("/sign-in").await.assert_text_contains("登录已失效");
}
