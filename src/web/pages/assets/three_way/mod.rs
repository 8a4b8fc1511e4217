//! Book, count and finance ledger held against each other: lists that came in, checks, one check with what differs.

mod list;
mod one;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::routing::{get, post};

use crate::assets::three_way::model::{Category, State, Verdict};
use crate::web::App;
use crate::web::api::assets::three_way as api;
use crate::web::pages::duties::names::spaced;
use crate::web::pages::parts::Mark;
use crate::web::pages::view::Frame;
use crate::web::settings::UPLOAD_BYTES;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/three-way", get(list::show).post(list::bring).layer(DefaultBodyLimit::max(UPLOAD_BYTES)))
        .route("/assets/three-way/compare", post(list::compare))
        .route("/assets/three-way/undo", post(list::undo))
        .route("/assets/three-way/{number}", get(one::show))
        .route("/assets/three-way/{number}/report.xlsx", get(api::xlsx))
        .route("/assets/three-way/{number}/{deed}", post(one::take))
}

fn verdict_word(frame: &Frame, verdict: Verdict) -> String {
    frame.either(verdict.zh(), &spaced(verdict.as_str())).to_owned()
}

fn verdict_mark(frame: &Frame, verdict: Verdict) -> Mark {
    let look = match verdict {
        Verdict::Agreed => "good",
        Verdict::NotCounted => "calm",
        Verdict::ValueDiffers | Verdict::DepreciationDiffers | Verdict::CountDiffers => "warn",
        _ => "bad",
    };
    Mark::new(look, verdict_word(frame, verdict))
}

fn category_word(frame: &Frame, category: Category) -> String {
    frame.either(category.zh(), &spaced(category.as_str())).to_owned()
}

fn state_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Open => "ask",
        State::Closed => "good",
        State::Void => "calm",
    };
    Mark::new(look, frame.either(state.zh(), state.as_str()))
}
