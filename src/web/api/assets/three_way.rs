//! `/api/v1/assets/three-way`: book, count and finance ledger held against each other.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::movement_views::ReasonBody;
use super::submission_views::AnsweredView;
use super::three_way_views::{
    CheckWithSums, CompareBody, ExplainDifferencesBody, FinanceBatchView, FinanceReport, ThreeWayCheckView,
    ThreeWayLineView, ThreeWayVerdictName,
};
use crate::access::{Action, permit_somewhere};
use crate::assets::three_way::batches::{self, Parsed};
use crate::assets::three_way::service::{self, Count, Which};
use crate::assets::three_way::sheet::Sheets;
use crate::assets::three_way::store::{self, Wanted};
use crate::documents::ColumnMap;
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::org::Directory;
use crate::web::api::imports::{LIMITS, shown};
use crate::web::api::jobs::after_id;
use crate::web::api::parts::asked;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::settings::{UPLOAD_BYTES, UPLOAD_FORM_BYTES};
use crate::web::{ApiError, App, Caller, uploads};

/// Lists held in memory on their way in.
static HELD: Semaphore = Semaphore::const_new(2);
/// Columns that a form maps at most, and the longest text it has.
const MOST_MAPPED: usize = 50;
const MOST_CHARS: usize = 200;

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(batches, bring)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES));
    OpenApiRouter::new()
        .merge(files)
        .routes(routes!(undo))
        .routes(routes!(compare))
        .routes(routes!(checks))
        .routes(routes!(show))
        .routes(routes!(lines))
        .routes(routes!(explain))
        .routes(routes!(close))
        .routes(routes!(xlsx))
}

/// The finance system's lists, newest first.
#[utoipa::path(get, path = "/assets/three-way/batches", operation_id = "three_way_batches", tag = "assets",
    params(Paging), responses((status = 200, body = Page<FinanceBatchView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn batches(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<FinanceBatchView>>, ApiError> {
    let limit = paging.rows()?;
    let rows = store::batches(app.db().read(), &ctx, after_id(&paging)?, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// The form that brings the finance system's list.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form to the document; the parts are read one by one")]
struct FinanceForm {
    /// The day whose ledger it is; today when absent.
    as_of: Option<NaiveDate>,
    /// `field=Header` or `field=#C`; as often as needed.
    map: Option<Vec<String>>,
    /// The list: CSV, XLSX, XLS, ODS.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// The list of a form, read; and its day.
pub(in crate::web) async fn taken(
    app: &App,
    ctx: &Ctx,
    request: Request,
) -> Result<(Parsed, Option<NaiveDate>), ApiError> {
    permit_somewhere(ctx, Action::ThreeWayRun)?;
    let _held = uploads::seat(app, ctx, "finance", &HELD)?;
    let taking = async { form(Multipart::from_request(request, app).await?).await };
    let (as_of, map, name, bytes) = uploads::in_time(uploads::DEADLINE, taking).await?;
    let map = ColumnMap::parse(&map).map_err(|error| ApiError::invalid("map", error.to_string()))?;
    // Reading takes a core for a while, and holds up nobody's request and nobody's write.
    let parsed = tokio::task::spawn_blocking(move || batches::parse(&name, bytes, &map, &LIMITS));
    Ok((parsed.await.map_err(|_| ApiError::invalid("file", "文件无法读取"))??, as_of))
}

type Sent = (Option<NaiveDate>, Vec<String>, String, Vec<u8>);

async fn form(mut parts: Multipart) -> Result<Sent, ApiError> {
    let (mut as_of, mut map, mut file) = (None, Vec::new(), None);
    while let Some(mut part) = parts.next_field().await? {
        match part.name().unwrap_or_default() {
            "file" => {
                let name = shown(part.file_name().unwrap_or_default());
                let mut bytes = Vec::new();
                while let Some(chunk) = part.chunk().await? {
                    if bytes.len() + chunk.len() > UPLOAD_BYTES {
                        return Err(ApiError::TooLarge);
                    }
                    bytes.extend_from_slice(&chunk);
                }
                file = Some((name, bytes));
            }
            "as_of" => {
                let day = text(part).await?;
                let wrong = |_| ApiError::invalid("as_of", "日期应写成 2026-11-01");
                as_of = if day.trim().is_empty() { None } else { Some(day.trim().parse().map_err(wrong)?) };
            }
            "map" if map.len() >= MOST_MAPPED => return Err(ApiError::invalid("map", "列对应太多")),
            "map" => map.push(text(part).await?),
            _ => {}
        }
    }
    let (name, bytes) =
        file.filter(|(_, bytes)| !bytes.is_empty()).ok_or_else(|| ApiError::invalid("file", "请选择文件"))?;
    Ok((as_of, map.into_iter().filter(|one| !one.trim().is_empty()).collect(), name, bytes))
}

async fn text(mut part: axum::extract::multipart::Field<'_>) -> Result<String, ApiError> {
    let mut bytes = Vec::new();
    while let Some(chunk) = part.chunk().await? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > MOST_CHARS * 4 {
            return Err(ApiError::invalid("map", "文字过长"));
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Brings the finance system's list of a day: its good rows together or not at all, its bad rows told.
#[utoipa::path(post, path = "/assets/three-way/batches", operation_id = "three_way_bring", tag = "assets",
    request_body(content = FinanceForm, content_type = "multipart/form-data"),
    responses((status = 201, body = FinanceReport), Problems), security(("session" = []), ("token" = [])))]
async fn bring(State(app): State<App>, Caller(ctx): Caller, request: Request) -> Result<Response, ApiError> {
    let (parsed, as_of) = taken(&app, &ctx, request).await?;
    let as_of = as_of.unwrap_or_else(|| ctx.now().day());
    let (rejects, notes) = (parsed.rejects.clone(), parsed.notes.clone());
    let row = app.write(move |db| async move { batches::write(&db, &ctx, &parsed, as_of).await }).await?;
    let at = format!("/api/v1/assets/three-way/batches/{}", row.number);
    let report = FinanceReport::of(row, &rejects, notes);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Json(report)).into_response())
}

/// Undoes a list; open checks that rest on it are void.
#[utoipa::path(post, path = "/assets/three-way/batches/{number}/undo", operation_id = "three_way_undo", tag = "assets",
    params(("number" = String, Path, description = "财务数据批次编号")), request_body = ReasonBody,
    responses((status = 200, body = FinanceBatchView), Problems), security(("session" = []), ("token" = [])))]
async fn undo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<FinanceBatchView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { batches::undo(&db, &ctx, &number, version, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Holds a list against the book of its day and the last closed count; an open check of the same list is void.
#[utoipa::path(post, path = "/assets/three-way/batches/{number}/compare", operation_id = "three_way_compare",
    tag = "assets", params(("number" = String, Path, description = "财务数据批次编号")), request_body = CompareBody,
    responses((status = 201, body = ThreeWayCheckView), Problems), security(("session" = []), ("token" = [])))]
async fn compare(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<CompareBody>,
) -> Result<Response, ApiError> {
    let count = match (body.without_count, body.campaign) {
        (true, _) => Count::Without,
        (false, None) => Count::Last,
        (false, Some(campaign)) => Count::Number(campaign),
    };
    let row = app.write(move |db| async move { service::compare(&db, &ctx, &number, &count).await }).await?;
    let at = format!("/api/v1/assets/three-way/{}", row.number);
    let version = row.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, ThreeWayCheckView::from(row)))
        .into_response())
}

/// 三方核对, newest first.
#[utoipa::path(get, path = "/assets/three-way", operation_id = "three_way_list", tag = "assets", params(Paging),
    responses((status = 200, body = Page<ThreeWayCheckView>), Problems), security(("session" = []), ("token" = [])))]
async fn checks(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<ThreeWayCheckView>>, ApiError> {
    let limit = paging.rows()?;
    let rows = store::checks(app.db().read(), &ctx, after_id(&paging)?, limit + 1).await?;
    let page = Page::cut(rows, limit, |row| row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// One check, with the sums of what is within one's reach.
#[utoipa::path(get, path = "/assets/three-way/{number}", operation_id = "three_way_show", tag = "assets",
    params(("number" = String, Path, description = "核对编号")),
    responses((status = 200, body = CheckWithSums), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<CheckWithSums>, ApiError> {
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let sums = store::sums(db, &ctx, &row).await?;
    Ok(Versioned(row.version, CheckWithSums::of(row, &sums)))
}

/// Which lines.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ThreeWayFilter {
    /// Of this verdict only.
    #[param(inline)]
    pub verdict: Option<ThreeWayVerdictName>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// Of this account only.
    #[param(max_length = 200)]
    pub account: Option<String>,
    /// Only differences that nobody explained.
    pub open: Option<bool>,
    /// After this line.
    #[param(minimum = 0)]
    pub after: Option<i64>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
}

/// The things of a check within one's reach.
#[utoipa::path(get, path = "/assets/three-way/{number}/lines", operation_id = "three_way_lines", tag = "assets",
    params(("number" = String, Path, description = "核对编号"), ThreeWayFilter),
    responses((status = 200, body = Page<ThreeWayLineView>), Problems), security(("session" = []), ("token" = [])))]
async fn lines(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(filter): Query<ThreeWayFilter>,
) -> Result<Json<Page<ThreeWayLineView>>, ApiError> {
    let limit = Paging { after: None, limit: filter.limit }.rows()?;
    let wanted = Wanted {
        verdict: filter.verdict.map(Into::into),
        unit: filter.unit_id.map(|unit| Some(UnitId(unit))),
        account: asked("account", filter.account, MOST_CHARS)?,
        differences: false,
        open: filter.open.unwrap_or_default(),
        after: filter.after.unwrap_or(0),
    };
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let rows = store::lines(db, &ctx, &row, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |line| line.line.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(Into::into).collect(), next: page.next }))
}

/// 说明差异: why things differ.
#[utoipa::path(post, path = "/assets/three-way/{number}/explain", operation_id = "three_way_explain", tag = "assets",
    params(("number" = String, Path, description = "核对编号")), request_body = ExplainDifferencesBody,
    responses((status = 200, body = AnsweredView), Problems), security(("session" = []), ("token" = [])))]
async fn explain(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ExplainDifferencesBody>,
) -> Result<Json<AnsweredView>, ApiError> {
    permit_somewhere(&ctx, Action::ThreeWayExplain)?;
    permit_somewhere(&ctx, Action::ThreeWayRead)?;
    let which = match (body.lines, body.verdict) {
        (Some(lines), None) => Which::Lines(lines),
        (None, Some(verdict)) => Which::OpenOf(verdict.into()),
        _ => return Err(ApiError::invalid("lines", "请在 lines 与 verdict 中写明一项")),
    };
    let done = app.write(move |db| async move {
        service::explain(&db, &ctx, &number, &which, body.category.into(), &body.explanation).await
    });
    Ok(Json(AnsweredView { answered: done.await? }))
}

/// 办结核对: every difference is explained.
#[utoipa::path(post, path = "/assets/three-way/{number}/close", operation_id = "three_way_close", tag = "assets",
    params(("number" = String, Path, description = "核对编号")),
    responses((status = 200, body = ThreeWayCheckView), Problems), security(("session" = []), ("token" = [])))]
async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
) -> Result<Versioned<ThreeWayCheckView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { service::close(&db, &ctx, &number, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// The check as a workbook: sums, differences, every thing; of what is within one's reach.
#[utoipa::path(get, path = "/assets/three-way/{number}/report.xlsx", operation_id = "three_way_xlsx", tag = "assets",
    params(("number" = String, Path, description = "核对编号")),
    responses((status = 200, description = "The workbook", body = Vec<u8>,
        content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn xlsx(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let row = store::one(db, &ctx, &number).await?;
    let name = format!("{}.xlsx", row.number);
    let sheets = Sheets {
        sums: store::sums(db, &ctx, &row).await?,
        lines: store::lines(db, &ctx, &row, &Wanted::default(), u64::MAX >> 1).await?,
        names: Directory::load(db).await?,
        row,
    };
    let made = tokio::task::spawn_blocking(move || sheets.bytes()).await;
    Ok(super::workbook(&name, made.map_err(|_| ApiError::Internal)??))
}
