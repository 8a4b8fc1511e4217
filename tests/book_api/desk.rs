//! The office's server as several visitors see it.

use std::sync::atomic::{AtomicU64, Ordering};

use axum_test::{TestResponse, TestServer};
use hufu::access::Role;
use hufu::items::entity::item;
use hufu::kernel::Actor;
use serde_json::Value;

use super::Office;
use super::web::{holding, server};

/// The command centre over everything, over the first unit, over the second; nobody; somebody without a role.
pub(crate) struct Desk {
    pub(crate) office: Office,
    pub(crate) boss: TestServer,
    pub(crate) clerk: TestServer,
    pub(crate) stranger: TestServer,
    pub(crate) nobody: TestServer,
    pub(crate) powerless: TestServer,
}

static KEYS: AtomicU64 = AtomicU64::new(0);

/// A key that no request had before.
pub(crate) fn new_key() -> String {
    format!("key-{}", KEYS.fetch_add(1, Ordering::Relaxed))
}

/// Sends a request with a key of its own; `version` goes into If-Match.
pub(crate) async fn send(
    server: &TestServer,
    (method, path): (&str, &str),
    body: &Value,
    version: Option<i64>,
) -> TestResponse {
    let mut request = server.method(method.parse().unwrap(), path);
    if method == "POST" {
        request = request.add_header("Idempotency-Key", new_key());
    }
    if let Some(version) = version {
        request = request.add_header("If-Match", format!("\"{version}\""));
    }
    if !body.is_null() {
        request = request.json(body);
    }
    request.await
}

pub(crate) async fn get(server: &TestServer, path: &str) -> TestResponse {
    server.get(path).await
}

/// The status, and the field that a problem names.
pub(crate) fn told(response: &TestResponse) -> (u16, Option<String>) {
    let field = || response.json::<Value>()["field"].as_str().map(str::to_owned);
    let status = response.status_code().as_u16();
    (status, if status >= 400 { field() } else { None })
}

impl Desk {
    pub(crate) async fn open() -> Self {
        let office = Office::found().await;
        let of = |n: usize, unit| holding(&office, office.people[n][0], Role::CommandCentre, unit);
        let nothing = office.ctx.acting_as(Actor::Person(office.people[2][3]), hufu::access::matrix::scope_of(&[]));
        let (boss, clerk) = (of(2, None), of(0, Some(office.units[0])));
        let stranger = of(1, Some(office.units[1]));
        Self {
            boss: server(&office, Some(boss)),
            clerk: server(&office, Some(clerk)),
            stranger: server(&office, Some(stranger)),
            nobody: server(&office, None),
            powerless: server(&office, Some(nothing)),
            office,
        }
    }

    /// Things of the first unit.
    pub(crate) async fn stock(&self, numbers: &[&str]) -> Vec<item::Model> {
        let things: Vec<_> = numbers.iter().map(|number| self.office.new_item(number, 0)).collect();
        self.office.register(&things).await
    }
}
