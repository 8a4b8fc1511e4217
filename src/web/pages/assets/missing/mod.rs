//! Missing things: all of them by year and unit, the lists that are sent down, one case with its steps, the procedure.

mod board;
mod cases;
mod deeds;
mod facts;
mod forms;
mod one;
mod papers;
mod procedure;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::assets::missing::model::Standing;
use crate::stocktake::model::MissingState;
use crate::web::App;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/missing", get(cases::show))
        .route("/assets/missing/send", post(cases::send))
        .route("/assets/missing/procedure", get(procedure::show).post(procedure::take))
        .route("/assets/missing/lists/{number}", get(board::show))
        .route("/assets/missing/lists/{number}/list.pdf", get(crate::web::api::assets::loss_lists::print))
        .route("/assets/missing/lists/{number}/acknowledge", post(board::acknowledge))
        .route("/assets/missing/{id}", get(one::show))
        .route("/assets/missing/{id}/form.pdf", get(crate::web::api::assets::losses::form))
        .route("/assets/missing/{id}/papers", post(papers::add_paper).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/assets/missing/{id}/{deed}", post(deeds::take))
}

fn state_word(frame: &Frame, state: MissingState) -> String {
    frame.either(state.zh(), &spaced(state.as_str())).to_owned()
}

fn state_mark(frame: &Frame, standing: Standing) -> Mark {
    let look = match standing.state {
        MissingState::Searching => "bad gone",
        MissingState::Found => "good",
        MissingState::Confirmed if standing.asked => "ask",
        MissingState::Confirmed => "bad",
        MissingState::Approved => "warn",
        MissingState::WrittenOff => "calm",
    };
    let word = state_word(frame, standing.state);
    let asked = &frame.words.losses.list.asked;
    Mark::new(look, if standing.asked { format!("{word} · {asked}") } else { word })
}

fn states(frame: &Frame) -> Vec<(String, String)> {
    MissingState::ALL.iter().map(|state| (state.as_str().to_owned(), state_word(frame, *state))).collect()
}
