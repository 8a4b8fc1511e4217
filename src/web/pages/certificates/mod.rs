//! Pages of digital certificates: the cabinet, one certificate, the daily check, the morning report, questions asked.

mod list;
mod one;
mod rounds;

use axum::Router;
use axum::routing::{get, post};

use crate::certificates::model::State;
use crate::web::App;
use crate::web::pages::form::in_query;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/certificates", get(list::show).post(list::take))
        .route("/certificates/kept/{number}", get(one::show))
        .route("/certificates/kept/{number}/{deed}", post(one::take))
        .route("/certificates/checks", get(rounds::checks).post(rounds::take_check))
        .route("/certificates/checks/{id}", get(rounds::check))
        .route("/certificates/morning", get(rounds::morning))
        .route("/certificates/quizzes", get(rounds::quizzes).post(rounds::take_quiz))
}

fn at(number: &str) -> String {
    format!("/certificates/kept/{}", in_query(number).replace('/', "%2F"))
}

fn mark(frame: &Frame, state: State, late: bool) -> Mark {
    if late {
        return Mark::new("bad", frame.words.certificates.list.late.clone());
    }
    let look = match state {
        State::Kept => "good",
        State::Out => "warn",
        State::Lost => "bad",
        State::Closed => "gone",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}
