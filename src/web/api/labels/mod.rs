//! `/api/v1`: labels.

use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
