//! A browser of somebody who signed in, with the token that its forms carry.

use axum::Extension;
use axum_test::{TestResponse, TestServer};
use hufu::access::{Door, Identity, Role};
use hufu::kernel::ids::{PersonId, UnitId};
use hufu::web::{self, App, Settings};

use super::support::Office;
use super::web::holding;

/// What the forms of these browsers carry.
pub(crate) const TOKEN: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

/// The browser of a person who holds a role over a unit; over everything when no unit is given.
pub(crate) fn browser(office: &Office, person: PersonId, role: Role, unit: Option<UnitId>) -> TestServer {
    let ctx = holding(office, person, role, unit);
    let who = Identity {
        ctx: ctx.clone(),
        account: ctx.new_id(),
        login: "li.si".to_owned(),
        person: Some(person),
        session: None,
        door: Door::Certificate,
        csrf: TOKEN.to_owned(),
        must: Vec::new(),
        note_seen: false,
    };
    let settings = Settings { data_dir: office.dir.path().to_owned(), ..Settings::default() };
    let router = web::router(App::with(office.db.clone(), office.ctx.clone(), settings));
    let mut server = TestServer::new(router.layer(Extension(ctx)).layer(Extension(who)));
    server.add_header("cookie", format!("hufu-form={TOKEN}"));
    server
}

/// Sends a form as its page would.
pub(crate) async fn post(server: &TestServer, path: &str, fields: &[(&str, &str)]) -> TestResponse {
    let all: Vec<(&str, &str)> = [("csrf", TOKEN)].into_iter().chain(fields.iter().copied()).collect();
    server.post(path).form(&all).await
}

/// The status, as a number.
pub(crate) fn status(answer: &TestResponse) -> u16 {
    answer.status_code().as_u16()
}

/// Where an answer leads.
pub(crate) fn leads(answer: &TestResponse) -> String {
    assert_eq!(status(answer), 303, "{}", answer.text());
    answer.header("location").to_str().unwrap().to_owned()
}

/// The page asks for nothing from elsewhere, has both languages whole, and says which it speaks.
pub(crate) async fn in_both_languages(server: &TestServer, path: &str, chinese: &str, english: &str) {
    let joint = if path.contains('?') { '&' } else { '?' };
    for (language, code, text) in [("zh", "zh-CN", chinese), ("en", "en", english)] {
        let page = server.get(&format!("{path}{joint}lang={language}")).await;
        assert_eq!(status(&page), 200, "{path} {language}: {}", page.text());
        let html = page.text();
        assert!(html.contains(&format!("<html lang=\"{code}\">")), "{path} {language}");
        assert!(html.contains(text), "{path} {language}: no {text:?} in {html}");
        assert!(!html.contains(" style=") && !html.contains(" onclick=") && !html.contains("<script>"), "{path}");
    }
}
