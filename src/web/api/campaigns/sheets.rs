//! A unit's sheet: what it expects, handing it in, confirming it.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{ExpectedView, SheetView};
use super::{campaign_number, sentence};
use crate::access::Action;
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::Directory;
use crate::stocktake::{campaign, look};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The sheet of a unit.
#[utoipa::path(
    get, path = "/campaigns/{number}/sheets/{unit}", operation_id = "campaigns_show_sheet", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), ("unit" = Uuid, Path, description = "The unit")),
    responses((status = 200, body = SheetView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
) -> Result<Versioned<SheetView>, ApiError> {
    view(&app, &ctx, &campaign_number(number)?, UnitId(unit)).await
}

async fn view(app: &App, ctx: &Ctx, number: &str, unit: UnitId) -> Result<Versioned<SheetView>, ApiError> {
    let db = app.db().read();
    let (campaign, sheet) = look::sheet(db, ctx, number, unit, Action::CampaignsRead).await?;
    let progress = look::progress(db, campaign.id).await?.get(&sheet.id).copied().unwrap_or_default();
    let directory = Directory::load(db).await?;
    Ok(Versioned(sheet.version, SheetView::new(&sheet, progress, &directory)))
}

/// What a sheet expects, by number. In a blind count without place, keeper and quantity.
#[utoipa::path(
    get, path = "/campaigns/{number}/sheets/{unit}/items", operation_id = "campaigns_list_expected", tag = "campaigns",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("unit" = Uuid, Path, description = "The unit"),
        Paging
    ),
    responses((status = 200, body = Page<ExpectedView>), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn expected(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ExpectedView>>, ApiError> {
    let rows = paging.rows()?;
    if paging.after.as_deref().is_some_and(|after| after.contains('\0')) {
        return Err(ApiError::invalid("after", "不是上一页给出的位置"));
    }
    let db = app.db().read();
    let (campaign, sheet) =
        look::sheet(db, &ctx, &campaign_number(number)?, UnitId(unit), Action::CampaignsRead).await?;
    let sees_book = look::sees_book(&ctx, &campaign, sheet.state, sheet.unit_id);
    let directory = Directory::load(db).await?;
    let found = look::expected(db, &sheet, paging.after.as_deref(), rows + 1).await?;
    let views = found.into_iter().map(|row| ExpectedView::new(row, &directory, sees_book)).collect();
    Ok(Json(Page::cut(views, rows, |view: &ExpectedView| view.key.clone())))
}

/// Hands the sheet in: what nobody saw is missing from now on. With If-Match, only in the version named.
#[utoipa::path(
    post, path = "/campaigns/{number}/sheets/{unit}/submit", operation_id = "campaigns_submit", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), ("unit" = Uuid, Path, description = "The unit")),
    responses((status = 200, body = SheetView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn submit(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    version: Option<IfMatch>,
) -> Result<Versioned<SheetView>, ApiError> {
    let (number, unit) = (campaign_number(number)?, UnitId(unit));
    let (_, sheet) = look::sheet(app.db().read(), &ctx, &number, unit, Action::CampaignsSubmit).await?;
    version.map_or(Ok(()), |version| version.check(sheet.version))?;
    let (by, of) = (ctx.clone(), number.clone());
    let seen = version.map(|version| version.0);
    let work = async move |db: crate::db::Db| campaign::submit_version(&db, &by, &of, unit, None, seen).await;
    app.write(work).await.map_err(|error| mismatch(error, version))?;
    view(&app, &ctx, &number, unit).await
}

/// Whoever named a version is told that it is another one.
fn mismatch(error: ApiError, version: Option<IfMatch>) -> ApiError {
    match error {
        ApiError::Stale if version.is_some() => ApiError::VersionMismatch,
        other => other,
    }
}

/// How a sheet is confirmed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = campaigns::ConfirmBody)]
pub(super) struct ConfirmBody {
    /// Why the command centre confirms in the head's stead.
    #[schema(max_length = 500)]
    reason: Option<String>,
}

/// The head of the unit confirms the sheet; with a reason, the command centre in their stead. Nobody confirms what they
/// counted, handed in, or keep. With If-Match, only in the version named.
#[utoipa::path(
    post, path = "/campaigns/{number}/sheets/{unit}/confirm", operation_id = "campaigns_confirm", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), ("unit" = Uuid, Path, description = "The unit")),
    request_body = ConfirmBody,
    responses((status = 200, body = SheetView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn confirm(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, unit)): Path<(String, Uuid)>,
    version: Option<IfMatch>,
    Body(body): Body<ConfirmBody>,
) -> Result<Versioned<SheetView>, ApiError> {
    let (number, unit) = (campaign_number(number)?, UnitId(unit));
    let reason = body.reason.as_deref().map(|text| sentence("reason", text, 500)).transpose()?;
    let reason = reason.filter(|reason| !reason.is_empty());
    let centre = crate::access::permit_somewhere(&ctx, Action::CampaignsClose).is_ok();
    let as_whom = match (centre, &reason) {
        (true, Some(_)) => Action::CampaignsClose,
        (true, None) if crate::access::permit_somewhere(&ctx, Action::CampaignsConfirm).is_err() => {
            return Err(ApiError::invalid("reason", "指挥中心代为确认，请写明理由"));
        }
        _ => Action::CampaignsConfirm,
    };
    let (_, sheet) = look::sheet(app.db().read(), &ctx, &number, unit, as_whom).await?;
    version.map_or(Ok(()), |version| version.check(sheet.version))?;
    let Some(person) = ctx.person() else {
        return Err(ApiError::Forbidden("须以本人账号确认".to_owned()));
    };
    let (by, of) = (ctx.clone(), number.clone());
    let seen = version.map(|version| version.0);
    let work = async move |db: crate::db::Db| {
        campaign::confirm_version(&db, &by, &of, unit, person, reason.as_deref(), seen).await
    };
    app.write(work).await.map_err(|error| mismatch(error, version))?;
    view(&app, &ctx, &number, unit).await
}
