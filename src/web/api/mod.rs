//! `/api/v1`: everything the program does, for programs. One file a room.

pub mod accounts;
pub mod approvals;
pub mod assets;
pub mod attachments;
pub mod campaigns;
pub mod certificates;
pub mod findings;
pub mod firearms;
pub mod fuel;
pub mod imports;
pub mod items;
pub mod jobs;
pub mod journal;
pub mod labels;
mod ledger;
pub mod org;
pub mod parts;
pub mod photos;
pub mod vehicles;
pub mod webhooks;

use utoipa_axum::router::OpenApiRouter;

use super::App;

/// Every operation, and the document that describes it.
pub fn router() -> OpenApiRouter<App> {
    let mut all = OpenApiRouter::new().nest(
        "/api/v1",
        OpenApiRouter::new()
            .merge(accounts::router())
            .merge(approvals::router())
            .merge(assets::router())
            .merge(attachments::router())
            .merge(campaigns::router())
            .merge(findings::router())
            .merge(fuel::router())
            .merge(imports::router())
            .merge(items::router())
            .merge(jobs::router())
            .merge(journal::router())
            .merge(labels::router())
            .merge(org::router())
            .merge(photos::router())
            .merge(vehicles::router())
            .merge(firearms::router())
            .merge(certificates::router())
            .merge(webhooks::router()),
    );
    super::idempotency::describe(all.get_openapi_mut());
    all
}
