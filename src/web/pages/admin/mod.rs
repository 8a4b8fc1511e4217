//! Pages that keep the office itself: units, people and places, accounts and rights, rules, the journal, the jobs.

mod accounts;
pub(super) mod board;
mod chains;
mod checkpoints;
mod deeds;
mod jobs;
mod journal;
mod leaving;
mod people;
mod places;
mod rights;
mod rules;
mod said_of;
pub(super) mod shared;
mod tokens;
mod units;
mod webhooks;

use axum::Router;
use axum::routing::{get, post};

use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/units", get(units::tree))
        .route("/units/new", get(units::new).post(units::create))
        .route("/units/{id}", get(units::one))
        .route("/units/{id}/edit", get(units::edit).post(units::change))
        .route("/units/{id}/head", post(units::name_head))
        .route("/units/{id}/close", get(units::before_closing).post(units::close))
        .route("/people", get(people::list))
        .route("/people/new", get(people::new).post(people::create))
        .route("/people/{id}", get(people::one))
        .route("/people/{id}/edit", get(people::edit).post(people::change))
        .route("/people/{id}/close", get(leaving::before).post(leaving::leave))
        .route("/people/{id}/certificate", get(leaving::certificate).post(leaving::link))
        .route("/places", get(places::list))
        .route("/places/new", get(places::new).post(places::create))
        .route("/places/{id}", get(places::one))
        .route("/places/{id}/edit", get(places::edit).post(places::change))
        .route("/places/{id}/close", get(places::before_closing).post(places::close))
        .route("/places/{id}/label", post(places::print))
        .merge(of_rights())
        .merge(of_rules())
        .merge(of_the_record())
}

fn of_rights() -> Router<App> {
    Router::new()
        .route("/accounts", get(accounts::list))
        .route("/accounts/new", get(accounts::new).post(accounts::create))
        .route("/accounts/{id}", get(accounts::one))
        .route("/accounts/{id}/{deed}", get(deeds::before).post(deeds::take))
        .route("/accounts/{id}/grants/new", get(rights::new_grant).post(rights::give))
        .route("/accounts/{id}/tokens/new", get(tokens::new).post(tokens::issue))
        .route("/grants/{id}/end", get(rights::before_end).post(rights::end))
        .route("/roles", get(rights::table))
        .route("/tokens", get(rights::all_tokens))
        .route("/tokens/{id}/revoke", get(tokens::before_end).post(tokens::revoke))
        .route("/account/tokens", get(tokens::mine))
        .route("/account/tokens/{id}/claim", post(tokens::claim))
}

fn of_rules() -> Router<App> {
    Router::new()
        .route("/rules", get(rules::list))
        .route("/rules/{name}", get(rules::one).post(rules::set))
        .route("/chains", get(chains::list))
        .route("/chains/new", get(chains::new).post(chains::define))
        .route("/chains/{kind}", get(chains::one))
        .route("/jobs", get(jobs::list))
        .route("/webhooks", get(webhooks::list))
        .route("/webhooks/new", get(webhooks::new).post(webhooks::create))
        .route("/webhooks/{id}", get(webhooks::one))
        .route("/webhooks/{id}/test", post(webhooks::test))
        .route("/webhooks/{id}/end", get(webhooks::before_end).post(webhooks::end))
}

fn of_the_record() -> Router<App> {
    Router::new()
        .route("/journal", get(journal::list))
        .route("/journal/{id}", get(journal::one))
        .route("/journal/verify", get(checkpoints::before_verify).post(checkpoints::verify))
        .route("/journal/checkpoints", get(checkpoints::list))
        .route("/journal/checkpoints/new", get(checkpoints::before).post(checkpoints::sign))
        .route("/journal/checkpoints/{size}", get(checkpoints::one))
        .route("/journal/checkpoints/{size}/print.pdf", get(checkpoints::print))
        .route("/journal/checkpoints/{size}/note.txt", get(checkpoints::note))
}
