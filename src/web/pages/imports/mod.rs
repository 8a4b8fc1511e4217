//! Pages of imports: what came in, and the wizard that brings a file in, step by step: upload, columns, preview, commit.
//!
//! ```text
//! /imports/new → /imports/new/{id} (columns) → …/preview → …/commit → /imports/{batch}
//! ```

mod batch;
mod columns;
mod list;
mod preview;
mod upload;
mod waiting;
mod work;

use axum::Router;
use axum::routing::{get, post};

use crate::documents::schema::Schema;
use crate::documents::tables::{ASSETS, COUNTS, PEOPLE, PLACES, UNITS};
use crate::imports::BatchKind;
use crate::web::App;

/// The pages.
pub(super) fn router() -> Router<App> {
    Router::new()
        .route("/imports", get(list::show))
        .route("/imports/new", get(upload::show).post(upload::take))
        .route("/imports/new/{id}", get(columns::show).post(columns::take))
        .route("/imports/new/{id}/preview", get(preview::show))
        .route("/imports/new/{id}/progress", get(preview::progress))
        .route("/imports/new/{id}/rejects.csv", get(preview::rejects))
        .route("/imports/new/{id}/commit", post(preview::commit))
        .route("/imports/new/{id}/discard", post(preview::discard))
        .route("/imports/{id}", get(batch::show))
        .route("/imports/{id}/rejects.csv", get(batch::rejects))
        .route("/imports/{id}/undo", post(batch::undo))
}

/// Every kind, in the order in which an office brings its files in.
const KINDS: [BatchKind; 5] =
    [BatchKind::Units, BatchKind::People, BatchKind::Places, BatchKind::Assets, BatchKind::Counts];

/// A kind as a form names it.
const fn kind_name(kind: BatchKind) -> &'static str {
    match kind {
        BatchKind::Units => "units",
        BatchKind::People => "people",
        BatchKind::Places => "places",
        BatchKind::Assets => "assets",
        BatchKind::Counts => "counts",
    }
}

fn kind_of(name: &str) -> Option<BatchKind> {
    KINDS.into_iter().find(|kind| kind_name(*kind) == name)
}

/// The columns that files of a kind have.
const fn schema(kind: BatchKind) -> &'static Schema {
    match kind {
        BatchKind::Units => UNITS,
        BatchKind::People => PEOPLE,
        BatchKind::Places => PLACES,
        BatchKind::Assets => ASSETS,
        BatchKind::Counts => COUNTS,
    }
}
