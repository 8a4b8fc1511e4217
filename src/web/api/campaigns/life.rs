//! Campaigns from opening to closing.

use axum::Json;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use uuid::Uuid;

use super::views::{CampaignDetail, CampaignView, ClosedView, SheetView};
use super::{campaign_number, sentence};
use crate::access::Action;
use crate::items::model::ItemKind;
use crate::kernel::Timestamp;
use crate::kernel::ids::{CampaignId, ItemId, PersonId, PlaceId, UnitId};
use crate::org::Directory;
use crate::stocktake::StocktakeError;
use crate::stocktake::campaign::{self, Opening};
use crate::stocktake::look;
use crate::stocktake::outcome::Outcome;
use crate::stocktake::recounting;
use crate::stocktake::scope::Scope;
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The campaigns within reach, newest first.
#[utoipa::path(
    get, path = "/campaigns", operation_id = "campaigns_list", tag = "campaigns", params(Paging),
    responses((status = 200, body = Page<CampaignView>), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn list(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CampaignView>>, ApiError> {
    let rows = paging.rows()?;
    let after = paging.after.as_deref().map(cursor).transpose()?;
    let found = look::campaigns(app.db().read(), &ctx, after, rows + 1).await?;
    let views = found.iter().map(CampaignView::from).collect();
    Ok(Json(Page::cut(views, rows, |view: &CampaignView| format!("{}.{}", view.opened_at.timestamp_millis(), view.id))))
}

fn cursor(text: &str) -> Result<(Timestamp, CampaignId), ApiError> {
    let read = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, id.parse().ok()?)));
    let (at, id): (i64, Uuid) = read.ok_or_else(|| ApiError::invalid("after", "不是上一页给出的位置"))?;
    Ok((Timestamp(at), CampaignId(id)))
}

/// What a campaign is opened with.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = campaigns::OpenBody)]
pub(super) struct OpenBody {
    /// Short and unique, as `2026-YE`.
    #[schema(min_length = 1, max_length = 40)]
    number: String,
    /// As people say it; the number when not given.
    #[schema(max_length = 200)]
    name: Option<String>,
    /// 盘点基准日
    baseline_on: NaiveDate,
    /// The first day of counting; the baseline when not given.
    from: Option<NaiveDate>,
    /// The last day of counting; thirty days later when not given.
    to: Option<NaiveDate>,
    /// 盲盘
    #[serde(default)]
    blind: bool,
    /// What is counted; everything when not given.
    #[serde(default)]
    scope: ScopeBody,
}

/// What a campaign counts; an empty list leaves that side open.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = campaigns::ScopeBody)]
pub(super) struct ScopeBody {
    /// Units.
    #[schema(max_items = 500)]
    units: Vec<Uuid>,
    /// Places.
    #[schema(max_items = 500)]
    places: Vec<Uuid>,
    /// `fixed_asset`, `vehicle`, `firearm`, `ammunition`, `case_property`.
    #[schema(max_items = 20)]
    kinds: Vec<String>,
    /// Class codes, by their beginning.
    #[schema(max_items = 500)]
    classes: Vec<String>,
}

impl OpenBody {
    fn opening(self, directory: &Directory) -> Result<Opening, ApiError> {
        let name = self.name.filter(|name| !name.trim().is_empty());
        let from = self.from.unwrap_or(self.baseline_on);
        let to = self.to.or_else(|| from.checked_add_days(chrono::Days::new(30))).unwrap_or(from);
        Ok(Opening {
            name: name.unwrap_or_else(|| self.number.clone()),
            number: self.number,
            baseline_on: self.baseline_on,
            from,
            to,
            blind: self.blind,
            scope: self.scope.scope(directory)?,
        })
    }
}

impl ScopeBody {
    fn scope(self, directory: &Directory) -> Result<Scope, ApiError> {
        let most = [self.units.len(), self.places.len(), self.classes.len(), self.kinds.len()];
        if most.into_iter().any(|count| count > 500) {
            return Err(ApiError::invalid("scope", "每项最多 500 个"));
        }
        let units: Vec<UnitId> = self.units.into_iter().map(UnitId).collect();
        if units.iter().any(|unit| directory.unit(*unit).is_none()) {
            return Err(ApiError::invalid("scope.units", "有未登记的单位"));
        }
        let places: Vec<PlaceId> = self.places.into_iter().map(PlaceId).collect();
        if places.iter().any(|place| directory.place(*place).is_none()) {
            return Err(ApiError::invalid("scope.places", "有未登记的地点"));
        }
        let kinds = self.kinds.into_iter().map(|kind| serde_json::from_value::<ItemKind>(kind.into()));
        let kinds = kinds.collect::<Result<_, _>>().map_err(|_| ApiError::invalid("scope.kinds", "不是资产的种类"))?;
        let classes = self.classes.iter().map(|class| sentence("scope.classes", class, 40));
        Ok(Scope { units, places, kinds, classes: classes.collect::<Result<_, _>>()? })
    }
}

/// Opens a campaign: fixes its scope and what is expected, rebuilt from the book's events as of the baseline.
#[utoipa::path(
    post, path = "/campaigns", operation_id = "campaigns_open", tag = "campaigns", request_body = OpenBody,
    responses((status = 201, body = CampaignView, headers(("Location" = String))), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn open(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Body(body): Body<OpenBody>,
) -> Result<Response, ApiError> {
    crate::access::permit_somewhere(&ctx, Action::CampaignsOpen)?;
    let directory = Directory::load(app.db().read()).await?;
    let opening = body.opening(&directory)?;
    let opened = app.write(async move |db| campaign::open(&db, &ctx, &opening).await).await?;
    let location = format!("/api/v1/campaigns/{}", percent(&opened.number));
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(CampaignView::from(&opened))).into_response())
}

/// A number as an address writes it.
fn percent(number: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~');
    number.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

/// A campaign, and how far each unit within reach is.
#[utoipa::path(
    get, path = "/campaigns/{number}", operation_id = "campaigns_show", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")),
    responses((status = 200, body = CampaignDetail), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn show(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<CampaignDetail>, ApiError> {
    let db = app.db().read();
    let (row, mut sheets) = look::campaign(db, &ctx, &campaign_number(number)?, Action::CampaignsRead).await?;
    let directory = Directory::load(db).await?;
    let progress = look::progress(db, row.id).await?;
    sheets.sort_by_key(|sheet| directory.unit(sheet.unit_id).map(|unit| unit.code.clone()));
    let of = |sheet: &crate::stocktake::entity::sheet::Model| progress.get(&sheet.id).copied().unwrap_or_default();
    let sheets = sheets.iter().map(|sheet| SheetView::new(sheet, of(sheet), &directory)).collect();
    Ok(Versioned(row.version, CampaignDetail { campaign: CampaignView::from(&row), sheets }))
}

/// Which things are counted again.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = campaigns::RecountBody)]
pub(super) struct RecountBody {
    /// The things, by id.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<Uuid>,
    /// Who counts them: nobody who counted one of them before.
    assignee: Option<Uuid>,
    /// Why.
    #[schema(min_length = 1, max_length = 500)]
    reason: String,
}

/// How many things are counted again.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::RecountView)]
pub(super) struct RecountView {
    items: usize,
}

/// Opens a recount: earlier scans of these things are kept but speak no more, and their sheets open again.
#[utoipa::path(
    post, path = "/campaigns/{number}/recounts", operation_id = "campaigns_recount", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")), request_body = RecountBody,
    responses((status = 201, body = RecountView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn recount(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<RecountBody>,
) -> Result<(StatusCode, Json<RecountView>), ApiError> {
    let number = campaign_number(number)?;
    let db = app.db().read();
    look::campaign(db, &ctx, &number, Action::CampaignsRecount).await?;
    let things: Vec<ItemId> = body.items.into_iter().map(ItemId).collect();
    let (assignee, reason) = (body.assignee.map(PersonId), body.reason);
    let work = async move |db: crate::db::Db| recounting::open(&db, &ctx, &number, &things, assignee, &reason).await;
    let items = app.write(work).await?;
    Ok((StatusCode::CREATED, Json(RecountView { items })))
}

/// How a campaign is closed.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
#[schema(as = campaigns::CloseBody)]
pub(super) struct CloseBody {
    /// Why it ends although sheets are not confirmed.
    #[schema(max_length = 500)]
    leave_open: Option<String>,
}

/// Ends a campaign: freezes its lines, opens a case for each missing thing, closes the cases of what was found.
#[utoipa::path(
    post, path = "/campaigns/{number}/close", operation_id = "campaigns_close", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")), request_body = CloseBody,
    responses((status = 200, body = ClosedView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn close(
    app: axum::extract::State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CloseBody>,
) -> Result<Json<ClosedView>, ApiError> {
    let number = campaign_number(number)?;
    look::campaign(app.db().read(), &ctx, &number, Action::CampaignsClose).await?;
    let reason = body.leave_open.as_deref().map(|text| sentence("leave_open", text, 500)).transpose()?;
    let work = async move |db: crate::db::Db| campaign::close(&db, &ctx, &number, reason.as_deref()).await;
    let outcome: Outcome = app.write::<Outcome, StocktakeError, _, _>(work).await?;
    let total = (&outcome.tallies().1).into();
    Ok(Json(ClosedView { campaign: CampaignView::from(&outcome.campaign), total }))
}
