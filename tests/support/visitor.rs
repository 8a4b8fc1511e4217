//! Visitors who sign in as people do: with a browser, a form and a cookie.

use axum_test::{TestResponse, TestServer};
use hufu::access::grants::{self, NewGrant};
use hufu::access::{self, Role, accounts};
use hufu::kernel::ids::{PersonId, UnitId};
use hufu::web::{self, App, Settings};

use super::support::Office;

/// What every account of the tests is opened with.
pub(crate) const PASSWORD: &str = "Tally-of-the-tiger-7";

/// Somebody with a browser of their own.
pub(crate) struct Visitor {
    /// The browser: it keeps its cookies.
    pub(crate) server: TestServer,
    /// What its forms carry.
    pub(crate) csrf: String,
    /// The value of the cookie that names the session.
    pub(crate) session: String,
}

/// An account that is open, with a role over a unit; over everything when no unit is given.
pub(crate) async fn account(office: &Office, login: &str, person: PersonId, role: Role, unit: Option<UnitId>) {
    let invited = accounts::create(&office.db, &office.ctx, login, person).await.unwrap();
    access::activate(&office.db, &office.ctx, &invited.link, PASSWORD).await.unwrap();
    let new = NewGrant { account: invited.account.id, role, unit, from: None, until: None };
    grants::give(&office.db, &office.ctx, new).await.unwrap();
}

/// A browser that nobody signed in with yet.
pub(crate) fn stranger(office: &Office) -> TestServer {
    stranger_at(office, Settings::default())
}

/// The same, at a server that was told something.
pub(crate) fn stranger_at(office: &Office, settings: Settings) -> TestServer {
    let router = web::router(App::with(office.db.clone(), office.ctx.clone(), settings));
    TestServer::builder().save_cookies().build(router)
}

impl Visitor {
    /// Signs in with a login and the password of the tests.
    pub(crate) async fn sign_in(office: &Office, login: &str) -> Self {
        let server = stranger(office);
        let form = server.get("/sign-in").await;
        let typed = [("csrf", token_of(&form).as_str()), ("login", login), ("password", PASSWORD)].map(owned);
        let entered = server.post("/sign-in").form(&typed).await;
        entered.assert_status_see_other();
        let session = entered.cookie("hufu").value().to_owned();
        let csrf = token_of(&server.get("/account/password").await);
        Self { server, csrf, session }
    }
}

/// The token in a page's form.
pub(crate) fn token_of(page: &TestResponse) -> String {
    let html = page.text();
    let rest = html.split("name=\"csrf\" value=\"").nth(1).unwrap_or_else(|| panic!("no form in {html}"));
    rest.split('"').next().unwrap().to_owned()
}

pub(crate) fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
