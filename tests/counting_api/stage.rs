//! A blind campaign of the first two units, and those who work in it.

use axum::Extension;
use axum::http::Method;
use axum_test::TestServer;
use hufu::access::Role;
use hufu::items::entity::item;
use hufu::kernel::Ctx;
use hufu::kernel::ids::ScanId;
use hufu::stocktake::campaign::{self, Opening};
use hufu::stocktake::entity::scan;
use hufu::stocktake::scope::Scope;
use hufu::web::{self as site, App, Settings};
use sea_orm::EntityTrait as _;
use serde_json::{Value, json};
use uuid::Uuid;

use super::Office;
use super::support::DAY;
use super::web::holding;

/// The campaign's number.
pub(crate) const NUMBER: &str = "2026-YE";

/// `A-0`, `A-1` of unit 0 and `A-2` of unit 1 are expected; `A-3` of unit 2 is in no campaign.
pub(crate) struct Stage {
    pub(crate) office: Office,
    pub(crate) things: Vec<item::Model>,
    app: App,
}

impl Stage {
    pub(crate) async fn open() -> Self {
        Self::of(true).await
    }

    /// The same, whether counters are kept from seeing the book or not.
    pub(crate) async fn of(blind: bool) -> Self {
        let office = Office::found().await;
        let new: Vec<_> =
            [0, 0, 1, 2].iter().enumerate().map(|(n, unit)| office.new_item(&format!("A-{n}"), *unit)).collect();
        let things = office.register(&new).await;
        office.clock.advance_ms(2 * DAY);
        let today = office.ctx.now().day();
        let opening = Opening {
            number: NUMBER.to_owned(),
            name: "年终盘点".to_owned(),
            baseline_on: today - chrono::Days::new(1),
            from: today,
            to: today + chrono::Days::new(9),
            blind,
            scope: Scope { units: office.units[..2].to_vec(), ..Scope::default() },
        };
        campaign::open(&office.db, &office.ctx, &opening).await.unwrap();
        let settings = Settings { data_dir: office.dir.path().to_owned(), ..Settings::default() };
        let app = App::with(office.db.clone(), office.ctx.clone(), settings);
        Self { office, things, app }
    }

    /// A person of a unit in a role over that unit.
    pub(crate) fn as_role(&self, unit: usize, person: usize, role: Role) -> Ctx {
        holding(&self.office, self.office.people[unit][person], role, Some(self.office.units[unit]))
    }

    pub(crate) fn member(&self, unit: usize) -> Ctx {
        self.as_role(unit, 3, Role::Member)
    }

    pub(crate) fn manager(&self, unit: usize) -> Ctx {
        self.as_role(unit, 1, Role::AssetManager)
    }

    pub(crate) fn head(&self, unit: usize) -> Ctx {
        self.as_role(unit, 0, Role::UnitHead)
    }

    /// The command centre, over everything: a person of unit 2.
    pub(crate) fn centre(&self) -> Ctx {
        holding(&self.office, self.office.people[2][1], Role::CommandCentre, None)
    }

    /// The one server, as somebody sees it.
    pub(crate) fn server(&self, ctx: Ctx) -> TestServer {
        TestServer::new(site::router(self.app.clone()).layer(Extension(ctx)))
    }

    /// Asks something of the server; the status and what it says.
    pub(crate) async fn ask(&self, ctx: Ctx, method: Method, path: &str, body: Value) -> (u16, Value) {
        ask(&self.server(ctx), method, path, body).await
    }

    pub(crate) async fn get(&self, ctx: Ctx, path: &str) -> (u16, Value) {
        self.ask(ctx, Method::GET, path, Value::Null).await
    }

    pub(crate) async fn post(&self, ctx: Ctx, path: &str, body: Value) -> (u16, Value) {
        self.ask(ctx, Method::POST, path, body).await
    }

    /// Sends scans; the answers.
    pub(crate) async fn send(&self, ctx: Ctx, scans: &[Value]) -> Vec<Value> {
        let (status, said) = self.post(ctx, &scans_path(), json!({ "scans": scans })).await;
        assert_eq!(status, 200, "{said}");
        said["answers"].as_array().unwrap().clone()
    }

    /// A scan of a code in a unit's room.
    pub(crate) fn scan(&self, code: &str, room: Option<(usize, usize)>) -> Value {
        let place = room.map(|(unit, n)| self.office.places[unit][n].0);
        json!({ "id": self.office.ctx.new_id::<Uuid>(), "code": code, "place": place, "device": "PDA-1",
            "device_at": "2026-11-03T01:02:03Z" })
    }

    /// The path of a unit's sheet.
    pub(crate) fn sheet(&self, unit: usize) -> String {
        format!("/api/v1/campaigns/{NUMBER}/sheets/{}", self.office.units[unit])
    }

    /// Hands a unit's sheet in.
    pub(crate) async fn submit(&self, unit: usize) {
        let (status, said) = self.post(self.manager(unit), &format!("{}/submit", self.sheet(unit)), Value::Null).await;
        assert_eq!(status, 200, "{said}");
    }

    /// Every scan in the book, in the order received.
    pub(crate) async fn recorded(&self) -> Vec<scan::Model> {
        let mut rows = scan::Entity::find().all(self.office.db.read()).await.unwrap();
        rows.sort_by_key(|row| row.seq);
        rows
    }

    /// The scan of this id, if it is in the book.
    pub(crate) async fn find(&self, id: &Value) -> Option<scan::Model> {
        let id = ScanId(id.as_str().unwrap().parse().unwrap());
        scan::Entity::find_by_id(id).one(self.office.db.read()).await.unwrap()
    }
}

/// Where scans go.
pub(crate) fn scans_path() -> String {
    format!("/api/v1/campaigns/{NUMBER}/scans")
}

/// Asks something; the status and what is said. No problem may be other than a problem.
pub(crate) async fn ask(server: &TestServer, method: Method, path: &str, body: Value) -> (u16, Value) {
    let request = server.method(method, path);
    let response = if body.is_null() { request.await } else { request.json(&body).await };
    let status = response.status_code().as_u16();
    if status >= 400 {
        assert_eq!(response.header("content-type"), "application/problem+json", "{status} {}", response.text());
    }
    let said = serde_json::from_slice(response.as_bytes()).unwrap_or(Value::Null);
    (status, said)
}

/// What the answers are, one word each.
pub(crate) fn words(answers: &[Value]) -> Vec<String> {
    let code = |answer: &Value| answer.get("code").and_then(Value::as_str).map(|code| format!(" {code}"));
    let word = |answer: &Value| answer["answer"].as_str().unwrap().to_owned() + &code(answer).unwrap_or_default();
    answers.iter().map(word).collect()
}
