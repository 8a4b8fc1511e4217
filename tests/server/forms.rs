//! Forms that somebody else makes a browser send.

use hufu::access::Role;

use crate::support::Office;
use crate::visitor::{PASSWORD, Visitor, account, owned, stranger, token_of};

#[tokio::test(flavor = "multi_thread")]
async fn a_form_without_the_token_of_its_page_does_nothing() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, Some(office.units[0])).await;
    let (visitor, other) = (Visitor::sign_in(&office, "zhang.san").await, Visitor::sign_in(&office, "zhang.san").await);
    let before = token_of(&stranger(&office).get("/sign-in").await);
    for (token, headers, why) in [
        (None, vec![], "no token"),
        (Some(""), vec![], "a blank one"),
        (Some("0000000000000000"), vec![], "an invented one"),
        (Some(before.as_str()), vec![], "a stranger's"),
        (Some(other.csrf.as_str()), vec![], "that of another session of the same person"),
        (Some(visitor.csrf.as_str()), vec![("origin", "https://evil.example")], "from another site"),
        (Some(visitor.csrf.as_str()), vec![("origin", "null")], "from nowhere"),
        (Some(visitor.csrf.as_str()), vec![("sec-fetch-site", "cross-site")], "from another site, as browsers say it"),
    ] {
        let fields: Vec<(String, String)> = token.iter().map(|token| owned(("csrf", *token))).collect();
        let mut request = visitor.server.post("/sign-out").form(&fields);
        for (name, value) in headers {
            request = request.add_header(name, value);
        }
        let answer = request.await;
        assert_eq!(answer.status_code().as_u16(), 403, "{why}");
        answer.assert_text_contains("没有权限");
        assert_eq!(visitor.server.get("/").await.status_code().as_u16(), 200, "{why}: still signed in");
    }
    let meant = visitor.server.post("/sign-out").add_header("x-csrf-token", visitor.csrf.clone()).await;
    assert_eq!(meant.status_code().as_u16(), 303, "the header will do in place of the field");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stranger_too_must_have_seen_the_form() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, None).await;
    let server = stranger(&office);
    let token = token_of(&server.get("/sign-in").await);
    for (token, cookie) in [
        (Some(token.clone()), Some("hufu-form=".to_owned() + &"0".repeat(64))),
        (None, None),
        (Some(String::new()), Some("hufu-form=".to_owned())),
        (Some("x".to_owned()), Some("hufu-form=x".to_owned())),
    ] {
        let fresh = stranger(&office);
        let mut typed = vec![owned(("login", "zhang.san")), owned(("password", PASSWORD))];
        typed.extend(token.map(|token| owned(("csrf", &token))));
        let mut request = fresh.post("/sign-in").form(&typed);
        if let Some(cookie) = cookie {
            request = request.add_header("cookie", cookie);
        }
        assert_eq!(request.await.status_code().as_u16(), 403);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_call_by_cookie_needs_the_token_too_and_one_by_an_unknown_bearer_gets_nowhere() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, None).await;
    let visitor = Visitor::sign_in(&office, "zhang.san").await;
    let plain = visitor.server.post("/api/v1/nothing").await;
    assert_eq!(plain.status_code().as_u16(), 403, "before anything is looked at");
    assert_eq!(plain.json::<serde_json::Value>()["type"], "urn:hufu:forbidden");
    let with = visitor.server.post("/api/v1/nothing").add_header("x-csrf-token", visitor.csrf.clone()).await;
    assert_eq!(with.status_code().as_u16(), 404);
    let bearer = visitor.server.get("/api/v1/nothing").add_header("authorization", "Bearer invented").await;
    assert_eq!(bearer.status_code().as_u16(), 401, "the cookie does not help a wrong token");
    assert!(bearer.headers().contains_key("www-authenticate"));
}
