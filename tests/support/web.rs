//! The server of the office, and visitors with the rights of a role.

use axum::Extension;
use axum_test::TestServer;
use hufu::access::{Role, matrix};
use hufu::kernel::ids::{PersonId, UnitId};
use hufu::kernel::rights::Reach;
use hufu::kernel::{Actor, Ctx};
use hufu::web::{self, App};

use super::Office;

/// The context of a person who holds a role over one unit; over everything when no unit is given.
pub(crate) fn holding(office: &Office, person: PersonId, role: Role, unit: Option<UnitId>) -> Ctx {
    let reach = unit.map_or(Reach::Everywhere, |unit| Reach::Units(std::sync::Arc::new([unit].into_iter().collect())));
    office.ctx.acting_as(Actor::Person(person), matrix::scope_of(&[(role, reach)]))
}

/// The office's server as whoever `ctx` is sees it; `None`: nobody signed in.
pub(crate) fn server(office: &Office, ctx: Option<Ctx>) -> TestServer {
    let router = web::router(App::new(office.db.clone(), office.ctx.clone()));
    TestServer::new(match ctx {
        Some(ctx) => router.layer(Extension(ctx)),
        None => router,
    })
}
