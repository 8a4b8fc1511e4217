//! `/api/v1`: findings.

use utoipa_axum::router::OpenApiRouter;

use crate::web::App;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
}
