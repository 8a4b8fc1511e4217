//! Trips: ask, depart, return, check, correct, question, explain; the printed book of a car.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::Datelike as _;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::trip_views::{DepartureBody, TripStateName, TripView};
use crate::access::{Action, permit_somewhere};
use crate::kernel::Timestamp;
use crate::kernel::ids::{PersonId, UnitId};
use crate::vehicles::store as cars;
use crate::vehicles::trips::entity::trip;
use crate::vehicles::trips::model::month_begins;
use crate::vehicles::trips::months::{self, Figures};
use crate::vehicles::trips::paper::Book;
use crate::vehicles::trips::service::{self, Back, NewTrip};
use crate::vehicles::trips::store::{self, Wanted};
use crate::web::api::jobs::{after_id, word};
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, ask))
        .routes(routes!(depart_at_once))
        .routes(routes!(show))
        .routes(routes!(depart))
        .routes(routes!(give_back))
        .routes(routes!(withdraw))
        .routes(routes!(check))
        .routes(routes!(correct))
        .routes(routes!(question))
        .routes(routes!(explain))
        .routes(routes!(book_file))
}

/// Which trips.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct TripFilter {
    /// In this state only.
    #[param(inline)]
    pub state: Option<TripStateName>,
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// Of this car only: plate, item number or label.
    #[param(min_length = 1, max_length = 60)]
    pub car: Option<String>,
    /// Of this driver only.
    pub driver_id: Option<Uuid>,
    /// Of departures in this month only.
    #[param(min_length = 7, max_length = 7)]
    pub month: Option<String>,
    /// Only one's own.
    pub mine: Option<bool>,
    /// Only urgent ones.
    pub urgent: Option<bool>,
    /// Only those that do not go on from the return before.
    pub gaps: Option<bool>,
}

/// 出车记录, newest first.
#[utoipa::path(get, path = "/vehicles/trips", operation_id = "trips_list", tag = "vehicles",
    params(TripFilter, Paging), responses((status = 200, body = Page<TripView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<TripFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<TripView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (limit, db) = (paging.rows()?, app.db().read());
    let car = match word("car", filter.car)? {
        None => None,
        Some(text) => match cars::car(db, &ctx, &text).await {
            Ok(car) => Some(car.item.id),
            Err(crate::vehicles::VehicleError::NotFound(_)) => return Ok(Json(Page { rows: Vec::new(), next: None })),
            Err(error) => return Err(error.into()),
        },
    };
    if let Some(month) = filter.month.as_deref().filter(|month| month_begins(month).is_none()) {
        return Err(ApiError::invalid("month", format!("月份“{month}”应如 2026-10")));
    }
    let wanted = Wanted {
        state: filter.state.map(Into::into),
        unit: filter.unit_id.map(UnitId),
        car,
        driver: filter.driver_id.map(PersonId),
        month: filter.month,
        mine: filter.mine.unwrap_or_default(),
        urgent: filter.urgent.unwrap_or_default(),
        gaps: filter.gaps.unwrap_or_default(),
        before: after_id(&paging)?,
    };
    let rows = store::list(db, &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |one| one.row.id.to_string());
    Ok(Json(Page { rows: page.rows.into_iter().map(TripView::from).collect(), next: page.next }))
}

/// A trip as it is asked for.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TripBody {
    /// 车牌号、资产编号或标签码
    #[schema(min_length = 1, max_length = 64)]
    pub car: String,
    /// 用车事由
    #[schema(min_length = 1, max_length = 500)]
    pub purpose: String,
    /// 目的地
    #[schema(min_length = 1, max_length = 500)]
    pub destination: String,
    /// 随车人员
    #[serde(default)]
    #[schema(max_length = 200)]
    pub passengers: String,
    /// 驾驶员
    pub driver_id: Option<Uuid>,
    /// From when it is wanted.
    pub planned_from: Option<i64>,
    /// Until when.
    pub planned_until: Option<i64>,
}

impl From<TripBody> for NewTrip {
    fn from(body: TripBody) -> Self {
        Self {
            car: body.car,
            purpose: body.purpose,
            destination: body.destination,
            passengers: body.passengers,
            driver: body.driver_id.map(PersonId),
            planned_from: body.planned_from.map(Timestamp),
            planned_until: body.planned_until.map(Timestamp),
        }
    }
}

fn created(row: trip::Model) -> Response {
    let at = format!("/api/v1/vehicles/trips/{}", row.number);
    let version = row.version;
    (StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, TripView::from(row))).into_response()
}

/// 申请用车
#[utoipa::path(post, path = "/vehicles/trips", operation_id = "trips_ask", tag = "vehicles",
    request_body = TripBody, responses((status = 201, body = TripView), Problems),
    security(("session" = []), ("token" = [])))]
async fn ask(State(app): State<App>, Caller(ctx): Caller, Body(body): Body<TripBody>) -> Result<Response, ApiError> {
    let new = body.into();
    Ok(created(app.write(move |db| async move { service::ask(&db, &ctx, &new).await }).await?))
}

/// A trip that cannot wait.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UrgentBody {
    /// What is asked for.
    pub trip: TripBody,
    /// How it leaves.
    pub departure: DepartureBody,
}

/// 紧急出车: out at once, ratified after.
#[utoipa::path(post, path = "/vehicles/trips/urgent", operation_id = "trips_depart_at_once", tag = "vehicles",
    request_body = UrgentBody, responses((status = 201, body = TripView), Problems),
    security(("session" = []), ("token" = [])))]
async fn depart_at_once(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<UrgentBody>,
) -> Result<Response, ApiError> {
    let (new, departure) = (body.trip.into(), body.departure.into());
    let done = app.write(move |db| async move { service::depart_at_once(&db, &ctx, &new, &departure).await });
    Ok(created(done.await?))
}

/// One trip.
#[utoipa::path(get, path = "/vehicles/trips/{number}", operation_id = "trips_show", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")),
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<TripView>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let shown = store::one(app.db().read(), &ctx, &number).await?;
    Ok(Versioned(shown.row.version, shown.into()))
}

/// How an approved trip leaves.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct DepartBody {
    /// What is written down.
    pub departure: DepartureBody,
    /// Why one that nobody decided yet cannot wait; it is ratified after.
    #[schema(min_length = 1, max_length = 500)]
    pub urgent_reason: Option<String>,
}

/// 出车
#[utoipa::path(post, path = "/vehicles/trips/{number}/depart", operation_id = "trips_depart", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = DepartBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn depart(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<DepartBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let (version, departure) = (seen.map(|seen| seen.0), body.departure.into());
    let done = app.write(move |db| async move {
        service::depart(&db, &ctx, &number, version, &departure, body.urgent_reason.as_deref()).await
    });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// How a car comes back.
#[derive(Debug, Clone, Copy, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = vehicles::BackBody)]
pub struct BackBody {
    /// 还车里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub km: i64,
    /// When, if not now.
    pub at: Option<i64>,
}

/// 还车
#[utoipa::path(post, path = "/vehicles/trips/{number}/return", operation_id = "trips_return", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = BackBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn give_back(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<BackBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let (version, back) = (seen.map(|seen| seen.0), Back { km: body.km, at: body.at.map(Timestamp) });
    let row = app.write(move |db| async move { service::return_(&db, &ctx, &number, version, &back).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// What is said of a trip.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = vehicles::TextBody)]
pub struct TextBody {
    /// 原因、问题或说明
    #[schema(min_length = 1, max_length = 500)]
    pub text: String,
}

/// 撤回
#[utoipa::path(post, path = "/vehicles/trips/{number}/withdraw", operation_id = "trips_withdraw", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = TextBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TextBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { service::withdraw(&db, &ctx, &number, version, &body.text).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// What the manager notes.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = vehicles::NoteBody)]
pub struct NoteBody {
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// 核对
#[utoipa::path(post, path = "/vehicles/trips/{number}/check", operation_id = "trips_check", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = NoteBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn check(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<NoteBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { months::check(&db, &ctx, &number, version, &body.note).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// What was written wrong.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct FiguresBody {
    /// 出车里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub departed_km: Option<i64>,
    /// 还车里程
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub returned_km: Option<i64>,
    /// 还车时间
    pub returned_at: Option<i64>,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// 更正里程, before the month is handed in.
#[utoipa::path(post, path = "/vehicles/trips/{number}/correct", operation_id = "trips_correct", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = FiguresBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn correct(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<FiguresBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let figures = Figures {
        departed_km: body.departed_km,
        returned_km: body.returned_km,
        returned_at: body.returned_at.map(Timestamp),
    };
    let version = seen.map(|seen| seen.0);
    let done =
        app.write(move |db| async move { months::correct(&db, &ctx, &number, version, &figures, &body.reason).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 要求说明, by the command centre.
#[utoipa::path(post, path = "/vehicles/trips/{number}/question", operation_id = "trips_question", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = TextBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn question(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TextBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { months::question(&db, &ctx, &number, version, &body.text).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// 说明情况, by the unit.
#[utoipa::path(post, path = "/vehicles/trips/{number}/explain", operation_id = "trips_explain", tag = "vehicles",
    params(("number" = String, Path, description = "出车记录编号")), request_body = TextBody,
    responses((status = 200, body = TripView), Problems), security(("session" = []), ("token" = [])))]
async fn explain(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<TextBody>,
) -> Result<Versioned<TripView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let done = app.write(move |db| async move { months::explain(&db, &ctx, &number, version, &body.text).await });
    let row = done.await?;
    Ok(Versioned(row.version, row.into()))
}

/// Which year.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct BookYear {
    /// This year when not said.
    #[param(minimum = 2000, maximum = 2100)]
    pub year: Option<i32>,
}

/// 公务用车情况记录表: the book of a car of a year, to be bound.
#[utoipa::path(get, path = "/vehicles/{plate}/book.pdf", operation_id = "trips_book", tag = "vehicles",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码"), BookYear),
    responses((status = 200, description = "The book", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn book_file(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    Query(asked): Query<BookYear>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let year = asked.year.unwrap_or_else(|| ctx.now().day().year());
    if !(2000..=2100).contains(&year) {
        return Err(ApiError::invalid("year", "年份应为 2000 至 2100"));
    }
    let car = cars::car(app.db().read(), &ctx, &plate).await?;
    let name = format!("公务用车情况记录表-{}-{year}.pdf", car.vehicle.plate);
    let book = Book::read(app.db().read(), car, year, ctx.now()).await?;
    let made = tokio::task::spawn_blocking(move || book.bytes()).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    let named = format!("inline; filename*=UTF-8''{}", crate::web::pages::encoded(&name));
    let kind = (header::CONTENT_TYPE, "application/pdf".to_owned());
    Ok(([kind, (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}
