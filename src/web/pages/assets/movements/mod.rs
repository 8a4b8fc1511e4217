//! Documents by which fixed assets move: the list, one, and the forms that begin them; what keepers say.

mod ask;
mod confirmed;
mod hand;
mod intake;
mod list;
mod mine;
mod one;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::assets::movements::model::{Disposal, Kind, State};
use crate::web::App;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/movements", get(list::show))
        .route("/assets/movements/new", get(ask::show).post(ask::take))
        .route("/assets/movements/intake", get(intake::show).post(intake::take))
        .route("/assets/movements/handover", get(hand::show).post(hand::take))
        .route("/assets/movements/{number}", get(one::show))
        .route("/assets/movements/{number}/form.pdf", get(crate::web::api::assets::movements::form))
        .route("/assets/movements/{number}/papers", post(one::add_paper).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/assets/movements/{number}/{deed}", post(one::take))
        .route("/assets/papers/{id}", get(one::paper))
        .route("/assets/mine", get(mine::show))
        .route("/assets/mine/{number}", post(mine::take))
        .route("/assets/mine/{number}/photo", post(mine::photo).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/assets/confirmations", get(confirmed::show))
}

fn kind_word(frame: &Frame, kind: Kind) -> String {
    frame.either(kind.zh(), &spaced(kind.as_str())).to_owned()
}

fn state_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Asked => "ask",
        State::Approved | State::Accepted => "warn",
        State::Done => "good",
        State::Refused | State::Declined => "bad",
        State::Withdrawn => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}

fn disposals(frame: &Frame) -> Vec<(String, String)> {
    let ways = Disposal::ALL.iter().filter(|way| **way != Disposal::Scrapping);
    let words = ways.map(|way| (way.as_str().to_owned(), frame.either(way.zh(), &spaced(way.as_str())).to_owned()));
    std::iter::once((String::new(), "—".to_owned())).chain(words).collect()
}
