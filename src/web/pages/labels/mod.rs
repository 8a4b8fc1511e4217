//! Pages of labels: choosing things and paper, the preview, printing; the log, the queue, blanks, one label.

mod choice;
mod log;
mod one;
mod picture;
mod print;
mod start;

use axum::Router;
use axum::routing::{get, post};

use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/labels", get(start::show))
        .route("/labels/find", get(start::find))
        .route("/labels/print", get(print::show).post(print::take))
        .route("/labels/preview.svg", get(picture::preview))
        .route("/labels/blanks", post(start::take_blanks))
        .route("/labels/queue", get(log::queue))
        .route("/labels/log", get(log::printed))
        .route("/labels/claim", get(one::show_claim).post(one::take_claim))
        .route("/labels/{code}", get(one::show))
        .route("/labels/{code}/void", post(one::take_void))
        .route("/items/{number}/label.svg", get(picture::of_item))
}
