//! `/api/v1/assets`: the ledger of fixed assets.

pub mod card_views;
pub mod cards;
pub mod case_papers;
pub mod classes;
pub mod keeping;
pub mod loss_bodies;
pub mod loss_lists;
pub mod loss_views;
pub mod losses;
pub mod movement_views;
pub mod movements;
pub mod papers;
pub mod responsible;
pub mod submission_views;
pub mod submissions;
pub mod surpluses;
pub mod three_way;
pub mod three_way_views;

use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// A workbook to save under a plain name.
fn workbook(name: &str, bytes: Vec<u8>) -> Response {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet".to_owned();
    let named = format!("attachment; filename=\"{name}\"");
    ([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response()
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .merge(movements::router())
        .merge(keeping::router())
        .merge(papers::router())
        .merge(submissions::router())
        .merge(three_way::router())
        .merge(losses::router())
        .merge(loss_lists::router())
        .merge(case_papers::router())
        .merge(surpluses::router())
        .merge(cards::router())
        .merge(classes::router())
        .merge(responsible::router())
}
