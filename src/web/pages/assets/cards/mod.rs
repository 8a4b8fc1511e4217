//! Pages of cards, of what the book is worth, of classes and of who answers.

mod classes;
mod edit;
mod net;
mod responsible;

use axum::Router;
use axum::routing::{get, post};

use crate::web::App;
use crate::web::api::assets::cards as api;

pub(in crate::web::pages) use edit::{Asset, asset};

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/assets/cards.xlsx", get(api::export))
        .route("/assets/cards/{number}", get(edit::show).post(edit::take))
        .route("/assets/net-values", get(net::show))
        .route("/assets/net-values.xlsx", get(api::workbook))
        .route("/classes", get(classes::list))
        .route("/classes/old", post(classes::map))
        .route("/classes/{code}", get(classes::one).post(classes::set))
        .route("/responsible", get(responsible::show).post(responsible::name))
        .route("/responsible/{id}/end", get(responsible::before_end).post(responsible::end))
}
