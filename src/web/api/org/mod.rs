//! `/api/v1`: units, people and places. A person is closed by `accounts`, after handing over.

mod people;
mod places;
mod units;
pub mod views;

use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Action, reach};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::OrgError;
use crate::web::extract::Paging;
use crate::web::{ApiError, App};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(units::list, units::create))
        .routes(routes!(units::tree))
        .routes(routes!(units::show, units::change))
        .routes(routes!(units::close))
        .routes(routes!(people::list, people::create))
        .routes(routes!(people::show, people::change))
        .routes(routes!(places::list, places::create))
        .routes(routes!(places::show, places::change))
        .routes(routes!(places::close))
}

impl From<OrgError> for ApiError {
    fn from(error: OrgError) -> Self {
        let said = error.to_string();
        match error {
            OrgError::NotFound(_) => Self::NotFound(said),
            OrgError::Closed(_) => Self::Conflict(said),
            OrgError::Field { field, .. } => Self::invalid(field, said),
            OrgError::NothingToChange => Self::Invalid { field: None, reason: said },
            OrgError::Forbidden(error) => error.into(),
            OrgError::Db(error) => error.into(),
        }
    }
}

/// Which people or places.
#[derive(Debug, Clone, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// In the name, the badge number or the code.
    #[param(max_length = 100)]
    text: Option<String>,
    /// Of this unit.
    unit_id: Option<Uuid>,
    /// Only open ones, or only closed ones.
    active: Option<bool>,
    /// `next` of the page before; nothing for the first.
    #[param(max_length = 200)]
    after: Option<String>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

impl Wanted {
    fn rows(&self) -> Result<u64, ApiError> {
        Paging { after: None, limit: self.limit }.rows()
    }

    /// The units to look in; `None`: in all.
    fn among(&self, ctx: &Ctx) -> Option<Vec<UnitId>> {
        let reach = reach(ctx, Action::OrgRead);
        match self.unit_id.map(UnitId) {
            Some(unit) if reach.covers(Some(unit)) => Some(vec![unit]),
            Some(_) => Some(Vec::new()),
            None => reach.units(),
        }
    }
}
