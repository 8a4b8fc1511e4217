//! What people open in a browser.

use axum::Router;

use super::App;

/// The pages.
pub fn router() -> Router<App> {
    Router::new()
}
