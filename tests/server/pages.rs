//! What every page tells the browser, and what no template may hold.

use hufu::access::Role;

use crate::support::Office;
use crate::visitor::{Visitor, account, owned, stranger, token_of};

const PAGES: [&str; 10] = [
    "/",
    "/sign-in",
    "/setup/x",
    "/activate/x",
    "/account/password",
    "/account/second-factor",
    "/account/sessions",
    "/trust",
    "/api/docs",
    "/nothing-here",
];

#[tokio::test(flavor = "multi_thread")]
async fn every_answer_forbids_what_is_not_ours() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, None).await;
    let visitor = Visitor::sign_in(&office, "zhang.san").await;
    for path in PAGES.into_iter().chain(["/api/v1/openapi.json", "/api/v1/none", "/healthz", "/static/look.css"]) {
        let answer = visitor.server.get(path).await;
        let policy = answer.header("content-security-policy");
        let policy = policy.to_str().unwrap();
        for part in ["default-src 'none'", "script-src 'self'", "frame-ancestors 'none'", "base-uri 'none'"] {
            assert!(policy.contains(part), "{path}: {policy}");
        }
        assert!(!policy.contains("unsafe") && !policy.contains('*'), "{path}: {policy}");
        for (name, value) in [("x-content-type-options", "nosniff"), ("referrer-policy", "same-origin")] {
            assert_eq!(answer.header(name), value, "{path}");
        }
        let kept = answer.header("cache-control");
        let kept = kept.to_str().unwrap();
        assert_eq!(kept == "no-store", !path.starts_with("/static/"), "{path}: {kept}");
        assert!(answer.headers().contains_key("x-request-id"), "{path}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn pages_speak_both_languages_and_remember_which() {
    let office = Office::found().await;
    account(&office, "zhang.san", office.people[0][2], Role::Member, None).await;
    let visitor = Visitor::sign_in(&office, "zhang.san").await;
    for path in PAGES {
        let chinese = visitor.server.get(path).await;
        if chinese.status_code().is_redirection() {
            continue;
        }
        assert!(chinese.text().contains("<html lang=\"zh-CN\">"), "{path}");
    }
    let english = visitor.server.get("/account/sessions?lang=en").await;
    english.assert_text_contains("<html lang=\"en\">");
    // The choice stays.
    for path in PAGES {
        let page = visitor.server.get(path).await;
        if page.status_code().is_redirection() {
            continue;
        }
        assert!(page.text().contains("<html lang=\"en\">"), "{path}");
    }
}

#[test]
fn no_template_holds_a_script_or_a_style() {
    let mut waiting = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/web/templates")];
    let mut seen = 0;
    while let Some(path) = waiting.pop() {
        if path.is_dir() {
            waiting.extend(std::fs::read_dir(&path).unwrap().map(|entry| entry.unwrap().path()));
            continue;
        }
        let html = std::fs::read_to_string(&path).unwrap();
        for forbidden in ["<style", " style=", " onclick", " onload", " onsubmit", " onchange", "javascript:", "|safe"]
        {
            assert!(!html.contains(forbidden), "{} holds {forbidden}", path.display());
        }
        for script in html.split("<script").skip(1) {
            assert!(script.trim_start().starts_with("src="), "{} holds a script", path.display());
        }
        seen += 1;
    }
    assert!(seen > 10, "{seen} templates");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_people_type_is_shown_and_never_run() {
    let office = Office::found().await;
    let server = stranger(&office);
    for nasty in
        ["<script>alert(1)</script>", "\"><img src=x onerror=alert(1)>", "'; DROP TABLE accounts;--", "{{7*7}}"]
    {
        let token = token_of(&server.get("/sign-in").await);
        let typed = [("csrf", token.as_str()), ("login", nasty), ("password", "x"), ("next", nasty)].map(owned);
        let page = server.post("/sign-in").form(&typed).await;
        assert_eq!(page.status_code().as_u16(), 422, "{nasty}");
        let html = page.text();
        assert!(!html.contains("<script>") && !html.contains("<img") && !html.contains("value=\"\">"), "{html}");
    }
    let page = server.get("/%3Cscript%3Ealert(1)%3C/script%3E").await;
    assert!(!page.text().contains("<script>"));
}
