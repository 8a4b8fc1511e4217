//! `/api/v1/assets/cards`: cards of fixed assets, and what they are worth.

use std::path::{Path, PathBuf};

use axum::Json;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::card_views::{CardBody, CardView, WorthView};
use crate::access::{Action, permit_somewhere};
use crate::assets::card::entity::card;
use crate::assets::card::{service, sheet as cards};
use crate::assets::classes;
use crate::assets::net_values::reckon::reckon;
use crate::assets::net_values::{self, NetValues, Sum, sheet};
use crate::items::entity::item;
use crate::kernel::Ctx;
use crate::web::api::campaigns::Scratch;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path as At, Query, Versioned};
use crate::web::{ApiError, App, Caller};

const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(show, put))
        .routes(routes!(export))
        .routes(routes!(totals))
        .routes(routes!(workbook))
}

/// On which day.
#[derive(Debug, Clone, Copy, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct OnDay {
    /// The day; today when absent.
    pub on: Option<NaiveDate>,
}

impl OnDay {
    /// The day, within what can be reckoned.
    pub(in crate::web) fn day(self, ctx: &Ctx) -> Result<NaiveDate, ApiError> {
        let day = self.on.unwrap_or_else(|| ctx.now().day());
        let possible = NaiveDate::from_ymd_opt(1900, 1, 1)..=NaiveDate::from_ymd_opt(2200, 12, 31);
        if possible.contains(&Some(day)) {
            return Ok(day);
        }
        Err(ApiError::invalid("on", "日期应在 1900-01-01 至 2200-12-31 之间"))
    }
}

pub(in crate::web) async fn worth(
    app: &App,
    thing: &item::Model,
    card: &card::Model,
    on: NaiveDate,
) -> Result<WorthView, ApiError> {
    let db = app.db();
    let (all, bases) = (classes::service::current(db).await?, service::bases_of(db.read(), thing.id).await?);
    Ok(WorthView::new(on, &reckon(&all, thing, card, &bases, on)))
}

async fn view(
    app: &App,
    thing: item::Model,
    card: card::Model,
    on: NaiveDate,
) -> Result<Versioned<CardView>, ApiError> {
    let worth = worth(app, &thing, &card, on).await?;
    Ok(Versioned(card.version, CardView::new(thing, card, worth)))
}

/// 资产卡片: of one that nobody has filled in, what is known of the thing, at version 0.
#[utoipa::path(get, path = "/assets/cards/{number}", operation_id = "cards_show", tag = "assets",
    params(("number" = String, Path, description = "资产编号"), OnDay),
    responses((status = 200, body = CardView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    At(number): At<String>,
    Query(asked): Query<OnDay>,
) -> Result<Versioned<CardView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let on = asked.day(&ctx)?;
    let (thing, card) = service::show(app.db().read(), &ctx, &number).await?;
    view(&app, thing, card, on).await
}

/// Writes a card, whole; with it what the book says of the thing.
#[utoipa::path(put, path = "/assets/cards/{number}", operation_id = "cards_set", tag = "assets",
    params(("number" = String, Path, description = "资产编号"),
        ("If-Match" = String, Header, description = "所改的版本，如 \"7\"；没有填过的卡片为 \"0\"")),
    request_body = CardBody,
    responses((status = 200, body = CardView), Problems), security(("session" = []), ("token" = [])))]
async fn put(
    State(app): State<App>,
    Caller(ctx): Caller,
    At(number): At<String>,
    if_match: IfMatch,
    Body(body): Body<CardBody>,
) -> Result<Versioned<CardView>, ApiError> {
    permit_somewhere(&ctx, Action::AssetsCard)?;
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let today = ctx.now().day();
    let (_, before) = service::show(app.db().read(), &ctx, &number).await?;
    if_match.check(before.version)?;
    let edit = body.on(before);
    let written = app.write(move |db| async move { service::set(&db, &ctx, &number, Some(if_match.0), &edit).await });
    let (thing, card) = written.await?;
    view(&app, thing, card, today).await
}

/// A folder of its own for a file that is made.
fn scratch(ctx: &Ctx) -> Result<(Scratch, PathBuf), ApiError> {
    let dir = Scratch::new(ctx).map_err(|_| ApiError::Internal)?;
    let path = dir.path().join("file.xlsx");
    Ok((dir, path))
}

/// The file that was made, as an answer.
async fn file(path: &Path, name: &str) -> Result<Response, ApiError> {
    let bytes = tokio::fs::read(path).await.map_err(|_| ApiError::Internal)?;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, XLSX.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

/// The cards of all things within reach, in the order of the asset system's export.
#[utoipa::path(get, path = "/assets/cards.xlsx", operation_id = "cards_export", tag = "assets",
    responses((status = 200, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn export(State(app): State<App>, Caller(ctx): Caller) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let (_dir, path) = scratch(&ctx)?;
    cards::write(app.db().read(), &ctx, &path).await?;
    file(&path, "cards.xlsx").await
}

/// Things added up.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct WorthSumView {
    /// How many.
    pub things: u64,
    /// 原值, fen.
    pub value_fen: i64,
    /// 累计折旧, fen.
    pub accumulated_fen: i64,
    /// 净值, fen.
    pub net_fen: i64,
    /// Of them: 已完成折旧.
    pub finished: u64,
    /// Of them: 不提折旧.
    pub not_depreciated: u64,
    /// Of them: 年限或取得日期不明; they count with their whole value.
    pub unknown: u64,
}

impl From<Sum> for WorthSumView {
    fn from(sum: Sum) -> Self {
        Self {
            things: sum.things,
            value_fen: sum.value.0,
            accumulated_fen: sum.accumulated.0,
            net_fen: sum.net().0,
            finished: sum.finished,
            not_depreciated: sum.not_depreciated,
            unknown: sum.unknown,
        }
    }
}

/// The things of a class.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ClassWorthView {
    /// 资产大类; blank for things without a class.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Its things.
    pub sum: WorthSumView,
}

/// The things of a unit.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct UnitWorthView {
    /// 使用部门
    pub unit_id: Uuid,
    /// Its things.
    pub sum: WorthSumView,
}

/// 资产净值
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NetValuesView {
    /// The day.
    pub on: NaiveDate,
    /// All within reach.
    pub whole: WorthSumView,
    /// By class.
    pub by_class: Vec<ClassWorthView>,
    /// By unit, in the order of ids.
    pub by_unit: Vec<UnitWorthView>,
}

impl From<NetValues> for NetValuesView {
    fn from(values: NetValues) -> Self {
        let class = |of: net_values::OfClass| ClassWorthView { code: of.code, name: of.name, sum: of.sum.into() };
        Self {
            on: values.on,
            whole: values.whole.into(),
            by_class: values.by_class.into_iter().map(class).collect(),
            by_unit: values
                .by_unit
                .into_iter()
                .map(|(unit, sum)| UnitWorthView { unit_id: unit.0, sum: sum.into() })
                .collect(),
        }
    }
}

/// Net values of all things within reach on a day, by class and unit.
#[utoipa::path(get, path = "/assets/net-values", operation_id = "net_values_show", tag = "assets", params(OnDay),
    responses((status = 200, body = NetValuesView), Problems), security(("session" = []), ("token" = [])))]
async fn totals(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<OnDay>,
) -> Result<Json<NetValuesView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let on = asked.day(&ctx)?;
    Ok(Json(net_values::totals(app.db().read(), &ctx, on).await?.into()))
}

/// The same as a workbook, with a line a thing.
#[utoipa::path(get, path = "/assets/net-values.xlsx", operation_id = "net_values_export", tag = "assets", params(OnDay),
    responses((status = 200, body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn workbook(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<OnDay>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let on = asked.day(&ctx)?;
    let (_dir, path) = scratch(&ctx)?;
    sheet::write(app.db().read(), &ctx, on, &path).await?;
    file(&path, &format!("net-values-{on}.xlsx")).await
}
