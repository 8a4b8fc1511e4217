//! `/api/v1/assets/mine`: what somebody has, and their word that it is with them.

use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::assets::movements::keeping::{self, Kept, Tally};
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(mine)).routes(routes!(say)).routes(routes!(tallies))
}

/// A thing that whoever asks has.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KeptView {
    /// 资产编号
    pub item_number: String,
    /// 资产名称
    pub name: String,
    /// Whether they said that it is with them; nothing when they have not said, or too long ago.
    pub with_me: Option<bool>,
    /// When they said so, in milliseconds since 1970 UTC.
    pub said_at: Option<i64>,
}

impl From<Kept> for KeptView {
    fn from(kept: Kept) -> Self {
        Self {
            item_number: kept.thing.item_number,
            name: kept.thing.name,
            with_me: kept.said.as_ref().map(|said| said.with_me),
            said_at: kept.said.map(|said| said.said_at.0),
        }
    }
}

/// The things that whoever asks has, those they said nothing of first.
#[utoipa::path(get, path = "/assets/mine", operation_id = "keeping_mine", tag = "assets",
    responses((status = 200, body = [KeptView]), Problems), security(("session" = []), ("token" = [])))]
async fn mine(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<KeptView>>, ApiError> {
    let kept = keeping::mine(app.db().read(), &ctx).await?;
    Ok(Json(kept.into_iter().map(KeptView::from).collect()))
}

/// A keeper's word.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct WordBody {
    /// Whether it is with them.
    pub with_me: bool,
    /// What they add.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub note: String,
}

/// Says of a thing in one's own keeping whether it is with one; a no is a finding.
#[utoipa::path(post, path = "/assets/mine/{number}", operation_id = "keeping_say", tag = "assets",
    params(("number" = String, Path, description = "资产编号")), request_body = WordBody,
    responses((status = 204), Problems), security(("session" = []), ("token" = [])))]
async fn say(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<WordBody>,
) -> Result<StatusCode, ApiError> {
    let said = app.write(move |db| async move { keeping::say(&db, &ctx, &number, body.with_me, &body.note).await });
    said.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// What somebody said of their things.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TallyView {
    /// Who.
    pub person_id: Uuid,
    /// Whose things.
    pub unit_id: Uuid,
    /// How many they have.
    pub kept: usize,
    /// Of how many they said that they are with them.
    pub with_them: usize,
    /// Of how many that they are not.
    pub not_with_them: usize,
}

impl From<Tally> for TallyView {
    fn from(tally: Tally) -> Self {
        Self {
            person_id: tally.person.into(),
            unit_id: tally.unit.into(),
            kept: tally.kept,
            with_them: tally.with_them,
            not_with_them: tally.not_with_them,
        }
    }
}

/// Of everybody within reach who has things: what they said of them, those who said least first.
#[utoipa::path(get, path = "/assets/confirmations", operation_id = "keeping_tallies", tag = "assets",
    responses((status = 200, body = [TallyView]), Problems), security(("session" = []), ("token" = [])))]
async fn tallies(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<TallyView>>, ApiError> {
    let tallies = keeping::tallies(app.db().read(), &ctx).await?;
    Ok(Json(tallies.into_iter().map(TallyView::from).collect()))
}
