//! Fuel: statements and what becomes of their records, slips and drums, the check's anomalies, accounts, the numbers that
//! decide.

mod accounts;
mod car;
mod chart;
mod desk;
mod drums;
mod limits;
mod record;
mod slips;
mod statement;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::vehicles::fuel::Severity;
use crate::vehicles::fuel::ledger::model::{StatementState, Verdict};
use crate::web::App;
use crate::web::api;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/vehicles/fuel", get(desk::show))
        .route("/vehicles/fuel/statements", post(desk::take).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/vehicles/fuel/check", post(desk::check))
        .route("/vehicles/fuel/statements/{id}", get(statement::show))
        .route("/vehicles/fuel/statements/{id}/close", post(statement::close))
        .route("/vehicles/fuel/records/{id}", get(record::show))
        .route("/vehicles/fuel/records/{id}/letter.pdf", get(api::fuel::letter))
        .route("/vehicles/fuel/accounts", get(accounts::show))
        .route("/vehicles/fuel/accounts/file", get(api::fuel::accounts::accounts))
        .route("/vehicles/fuel/accounts/{plate}", get(car::show))
        .route("/vehicles/fuel/slips", get(slips::show).post(slips::take))
        .route("/vehicles/fuel/drums", get(slips::show_drums).post(slips::take_drum))
        .route("/vehicles/fuel/drums/ask", post(drums::ask))
        .route("/vehicles/fuel/charging", get(slips::charging))
        .route("/vehicles/fuel/limits", get(limits::show).post(limits::set))
}

/// The page of a car's account.
pub(in crate::web::pages) fn account_of(plate: &str) -> String {
    format!("/vehicles/fuel/accounts/{}", crate::web::pages::vehicles::escaped(plate))
}

fn verdict_mark(frame: &Frame, verdict: Verdict) -> Mark {
    let look = match verdict {
        Verdict::Matched => "good",
        Verdict::NoFuel => "calm",
        Verdict::NotOnOurs => "ask",
        Verdict::AmountDiffers | Verdict::QuantityDiffers => "warn",
        Verdict::Twice => "bad",
    };
    Mark::new(look, frame.either(verdict.zh(), verdict.as_str()).replace('_', " "))
}

fn state_mark(frame: &Frame, state: StatementState) -> Mark {
    let look = if state == StatementState::Closed { "good" } else { "ask" };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

fn severity_mark(frame: &Frame, severity: &str) -> Mark {
    let known = [Severity::High, Severity::Medium, Severity::Low].into_iter().find(|one| one.as_str() == severity);
    let look = match known {
        Some(Severity::High) => "bad",
        Some(Severity::Medium) => "warn",
        _ => "calm",
    };
    Mark::new(look, known.map_or(severity, |one| frame.either(one.zh(), one.as_str())))
}

fn rule_word(frame: &Frame, rule: &str) -> String {
    let known = crate::vehicles::fuel::Rule::ALL.iter().find(|one| one.as_str() == rule);
    known.map_or_else(|| rule.to_owned(), |one| frame.either(one.zh(), &one.as_str().replace('_', " ")).to_owned())
}
