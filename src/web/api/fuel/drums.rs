//! Drums and jerrycans: asked for before they are filled.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::told;
use crate::access::{Action, permit_somewhere};
use crate::vehicles::fuel::ledger::drums::{self, NewDrum, Permit};
use crate::web::api::approvals::RequestStateName;
use crate::web::error::Problems;
use crate::web::extract::Body;
use crate::web::{ApiError, App, Caller};

/// The most rows that one answer has.
const ROWS: u64 = 500;

/// A fill of drums or jerrycans as it is asked for.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DrumBody {
    /// Plate, number or label of the car that fetches it.
    #[schema(min_length = 1, max_length = 60)]
    pub car: String,
    /// At most how much, millilitres.
    #[schema(minimum = 1, maximum = 2_000_000)]
    pub quantity_ml: i64,
    /// What for.
    #[schema(min_length = 1, max_length = 200)]
    pub purpose: String,
}

/// What was asked for, and how much of it is filled.
#[derive(Debug, Serialize, ToSchema)]
pub struct DrumView {
    /// The number that slips name.
    pub number: String,
    /// The approval.
    pub approval_id: Uuid,
    /// Whether its chain has said yes.
    pub approved: bool,
    /// The state of the approval.
    pub state: RequestStateName,
    /// The plate.
    pub plate: String,
    /// What for.
    pub purpose: String,
    /// At most how much, millilitres.
    pub quantity_ml: i64,
    /// How much the slips say, millilitres.
    pub filled_ml: i64,
}

impl From<Permit> for DrumView {
    fn from(permit: Permit) -> Self {
        Self {
            approved: permit.is_approved(),
            approval_id: permit.request.id.0,
            state: permit.request.state.into(),
            number: permit.number,
            plate: permit.plate,
            purpose: permit.purpose,
            quantity_ml: permit.quantity_ml,
            filled_ml: permit.filled_ml,
        }
    }
}

/// What was asked for, newest first.
#[utoipa::path(get, path = "/fuel/drums", operation_id = "fuel_list_drums", tag = "fuel",
    responses((status = 200, body = Vec<DrumView>), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<DrumView>>, ApiError> {
    permit_somewhere(&ctx, Action::FuelRead)?;
    let rows = drums::list(app.db().read(), &ctx, ROWS).await?;
    Ok(Json(rows.into_iter().map(DrumView::from).collect()))
}

/// 油桶加油申请: the chain decides; the number stands on the slips.
#[utoipa::path(post, path = "/fuel/drums", operation_id = "fuel_ask_drum", tag = "fuel", request_body = DrumBody,
    responses((status = 201, body = DrumView), Problems), security(("session" = []), ("token" = [])))]
pub(super) async fn ask(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<DrumBody>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FuelLog)?;
    let new = NewDrum { car: body.car, quantity_ml: body.quantity_ml, purpose: body.purpose };
    let done = app.write_or(move |db| async move { drums::ask(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(DrumView::from(done.map_err(told)?))).into_response())
}
