//! Pages of what must be explained and what must be decided: findings and approvals.

use axum::Router;

use crate::findings::model::State;
use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
}

/// A finding's state as an address names it.
pub(super) const fn state_name(state: State) -> &'static str {
    match state {
        State::Open => "open",
        State::Assigned => "assigned",
        State::Explained => "explained",
        State::Verified => "verified",
        State::Closed => "closed",
    }
}
