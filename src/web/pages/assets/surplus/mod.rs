//! Surplus things: the list, and one with what may be done with it.

mod list;
mod one;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::assets::surplus::model::{Standing, State};
use crate::web::App;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/surpluses", get(list::show).post(list::open))
        .route("/assets/surpluses/gather", post(list::gather))
        .route("/assets/surpluses/{number}", get(one::show))
        .route("/assets/surpluses/{number}/papers", post(one::add_paper).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/assets/surpluses/{number}/{deed}", post(one::take))
}

fn state_word(frame: &Frame, state: State) -> String {
    frame.either(state.zh(), &spaced(state.as_str())).to_owned()
}

fn state_mark(frame: &Frame, standing: Standing) -> Mark {
    let look = match standing.state {
        State::Open | State::Unbooked => "ask",
        State::Valued | State::Approved | State::Foreign => "warn",
        State::Entered | State::Matched | State::HandedOver => "good",
        State::Dropped => "calm",
    };
    let word = state_word(frame, standing.state);
    let asked = &frame.words.losses.list.asked;
    Mark::new(look, if standing.asked { format!("{word} · {asked}") } else { word })
}
