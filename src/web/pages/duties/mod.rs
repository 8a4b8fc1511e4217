//! Pages of what must be explained and what must be decided: findings and approvals.

mod approvals;
mod delegations;
mod findings;
pub(in crate::web::pages) mod names;
mod one_approval;
mod one_finding;

use axum::Router;
use axum::routing::{get, post};

use crate::approvals::model::State as Approval;
use crate::findings::model::State;
use crate::web::App;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/findings", get(findings::show))
        .route("/findings/assign", post(findings::assign))
        .route("/findings/{id}", get(one_finding::show))
        .route("/findings/{id}/{step}", post(one_finding::take))
        .route("/approvals", get(approvals::show))
        .route("/approvals/delegations", get(delegations::show).post(delegations::create))
        .route("/approvals/delegations/{id}/revoke", post(delegations::revoke))
        .route("/approvals/{id}", get(one_approval::show))
        .route("/approvals/{id}/{step}", post(one_approval::take))
}

/// How far an approval is.
pub(in crate::web::pages) fn approval_mark(frame: &Frame, state: Approval) -> Mark {
    approvals::state_mark(frame, state)
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

/// Every state, in the order of a finding's life.
const STATES: [State; 5] = [State::Open, State::Assigned, State::Explained, State::Verified, State::Closed];
