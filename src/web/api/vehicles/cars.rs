//! Cars, drivers, workshops, readings of odometers.

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use chrono::NaiveDate;
use serde::Deserialize;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::views::{DriverView, LicenceClassName, ReadingView, ShopView, VehicleFacts, VehicleView};
use crate::access::{Action, permit_somewhere, reach};
use crate::items::model::{ItemKind, ItemState};
use crate::items::service::NewItem;
use crate::kernel::ids::{PersonId, UnitId};
use crate::kernel::{Fen, Quantity};
use crate::org::people;
use crate::vehicles::drivers::{self, Licence};
use crate::vehicles::readings::{self, NewReading};
use crate::vehicles::service::{self, NewVehicle};
use crate::vehicles::shops::service::{self as shops, Shop};
use crate::vehicles::shops::store as all_shops;
use crate::vehicles::store::{self, Wanted};
use crate::web::api::jobs::word;
use crate::web::api::parts::StateName;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Page, Paging, Path, Query, Versioned};
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(list, register))
        .routes(routes!(drivers_list, driver_set))
        .routes(routes!(shops_list, shop_create))
        .routes(routes!(shop_change))
        .routes(routes!(show, change))
        .routes(routes!(readings_list, read))
}

/// Which cars.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct VehicleFilter {
    /// Of this unit only.
    pub unit_id: Option<Uuid>,
    /// In this state only; without it, those on the book.
    #[param(inline)]
    pub state: Option<StateName>,
    /// Whose plate, number or name has this.
    #[param(min_length = 1, max_length = 60)]
    pub text: Option<String>,
    /// Only those of which insurance or inspection lapses by this day.
    pub due_by: Option<NaiveDate>,
}

/// 公务用车, by plate.
#[utoipa::path(get, path = "/vehicles", operation_id = "vehicles_list", tag = "vehicles",
    params(VehicleFilter, Paging), responses((status = 200, body = Page<VehicleView>), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<VehicleFilter>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<VehicleView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let limit = paging.rows()?;
    let wanted = Wanted {
        unit: filter.unit_id.map(UnitId),
        state: filter.state.map(Into::into),
        text: word("text", filter.text)?.unwrap_or_default(),
        due_by: filter.due_by,
        after: word("after", paging.after)?,
    };
    let rows = store::list(app.db().read(), &ctx, &wanted, limit + 1).await?;
    let page = Page::cut(rows, limit, |car| car.vehicle.plate_key.clone());
    Ok(Json(Page { rows: page.rows.into_iter().map(VehicleView::from).collect(), next: page.next }))
}

/// A car as it enters.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RegisterBody {
    /// 资产编号; one that the book has already is taken over, and its card stays as it is.
    #[schema(min_length = 1, max_length = 64)]
    pub item_number: String,
    /// 名称
    #[schema(min_length = 1, max_length = 200)]
    pub name: String,
    /// 规格型号
    #[serde(default)]
    #[schema(max_length = 200)]
    pub specification: String,
    /// 品牌
    #[serde(default)]
    #[schema(max_length = 200)]
    pub brand: String,
    /// 使用单位
    pub unit_id: Uuid,
    /// 原值, fen
    #[serde(default)]
    #[schema(minimum = 0)]
    pub value_fen: i64,
    /// 取得日期
    pub acquired_on: Option<NaiveDate>,
    /// What the ledger is to know.
    pub facts: VehicleFacts,
    /// What its odometer shows.
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub odometer_km: i64,
}

/// Enters a car.
#[utoipa::path(post, path = "/vehicles", operation_id = "vehicles_register", tag = "vehicles",
    request_body = RegisterBody, responses((status = 201, body = VehicleView), Problems),
    security(("session" = []), ("token" = [])))]
async fn register(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<RegisterBody>,
) -> Result<Response, ApiError> {
    let item = NewItem {
        kind: ItemKind::Vehicle,
        item_number: body.item_number,
        name: body.name,
        specification: body.specification,
        serial_number: body.facts.vin.clone(),
        class_code: String::new(),
        class_name: "车辆".to_owned(),
        brand: body.brand,
        measure_unit: "辆".to_owned(),
        unit_id: UnitId(body.unit_id),
        place_id: None,
        keeper_id: None,
        quantity: Quantity::ONE,
        state: ItemState::InUse,
        excused_by: None,
        value_fen: Fen(body.value_fen),
        acquired_on: body.acquired_on,
    };
    let new = NewVehicle { item, facts: body.facts.into(), odometer_km: body.odometer_km };
    let car = app.write(move |db| async move { service::register(&db, &ctx, &new).await }).await?;
    let at = format!("/api/v1/vehicles/{}", car.item.id);
    let version = car.vehicle.version;
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Versioned(version, VehicleView::from(car))).into_response())
}

/// One car, by plate, item number or label.
#[utoipa::path(get, path = "/vehicles/{plate}", operation_id = "vehicles_show", tag = "vehicles",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码")),
    responses((status = 200, body = VehicleView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
) -> Result<Versioned<VehicleView>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let car = store::car(app.db().read(), &ctx, &plate).await?;
    Ok(Versioned(car.vehicle.version, car.into()))
}

/// What is to be known of a car, and why it changes.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = vehicles::ChangeBody)]
pub struct ChangeBody {
    /// All of it.
    pub facts: VehicleFacts,
    /// 原因
    #[schema(min_length = 1, max_length = 500)]
    pub reason: String,
}

/// Changes what the ledger knows of a car; a renewed date settles its reminder.
#[utoipa::path(put, path = "/vehicles/{plate}", operation_id = "vehicles_change", tag = "vehicles",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码")), request_body = ChangeBody,
    responses((status = 200, body = VehicleView), Problems), security(("session" = []), ("token" = [])))]
async fn change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<ChangeBody>,
) -> Result<Versioned<VehicleView>, ApiError> {
    let (version, facts) = (seen.map(|seen| seen.0), body.facts.into());
    let done =
        app.write(move |db| async move { service::change(&db, &ctx, &plate, version, &facts, &body.reason).await });
    let car = done.await?;
    Ok(Versioned(car.vehicle.version, car.into()))
}

/// 驾驶员: licences of people within reach.
#[utoipa::path(get, path = "/vehicles/drivers", operation_id = "drivers_list", tag = "vehicles",
    responses((status = 200, body = [DriverView]), Problems), security(("session" = []), ("token" = [])))]
async fn drivers_list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<DriverView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let (db, seen) = (app.db().read(), reach(&ctx, Action::VehiclesRead));
    let mut rows = Vec::new();
    for row in store::drivers(db).await? {
        if people::by_id(db, row.person_id).await?.is_some_and(|person| seen.covers(Some(person.unit_id))) {
            rows.push(row.into());
        }
    }
    Ok(Json(rows))
}

/// A licence as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LicenceBody {
    /// Whose.
    pub person_id: Uuid,
    /// 准驾车型
    pub licence_class: LicenceClassName,
    /// 有效期起
    pub valid_from: Option<NaiveDate>,
    /// 有效期止; nothing is 长期.
    pub valid_until: Option<NaiveDate>,
    /// Whether they may drive.
    pub active: bool,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// Enters somebody's licence, or what has changed of it.
#[utoipa::path(put, path = "/vehicles/drivers", operation_id = "drivers_set", tag = "vehicles",
    request_body = LicenceBody, responses((status = 200, body = DriverView), Problems),
    security(("session" = []), ("token" = [])))]
async fn driver_set(
    State(app): State<App>,
    Caller(ctx): Caller,
    seen: Option<IfMatch>,
    Body(body): Body<LicenceBody>,
) -> Result<Versioned<DriverView>, ApiError> {
    let new = Licence {
        person: PersonId(body.person_id),
        class: body.licence_class.into(),
        valid_from: body.valid_from,
        valid_until: body.valid_until,
        active: body.active,
        note: body.note,
    };
    let version = seen.map(|seen| seen.0);
    let row = app.write(move |db| async move { drivers::set(&db, &ctx, &new, version).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 定点维修厂, by name.
#[utoipa::path(get, path = "/vehicles/shops", operation_id = "shops_list", tag = "vehicles",
    responses((status = 200, body = [ShopView]), Problems), security(("session" = []), ("token" = [])))]
async fn shops_list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<ShopView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let rows = all_shops::list(app.db().read()).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A workshop as it is entered or changed.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ShopBody {
    /// 名称
    #[schema(min_length = 1, max_length = 100)]
    pub name: String,
    /// 联系人
    #[serde(default)]
    #[schema(max_length = 60)]
    pub contact: String,
    /// 电话
    #[serde(default)]
    #[schema(max_length = 60)]
    pub phone: String,
    /// 地址
    #[serde(default)]
    #[schema(max_length = 200)]
    pub address: String,
    /// 合同到期
    pub contract_until: Option<NaiveDate>,
    /// Whether cars may be sent there.
    pub active: bool,
}

impl From<ShopBody> for Shop {
    fn from(body: ShopBody) -> Self {
        Self {
            name: body.name,
            contact: body.contact,
            phone: body.phone,
            address: body.address,
            contract_until: body.contract_until,
            active: body.active,
        }
    }
}

/// Enters a workshop.
#[utoipa::path(post, path = "/vehicles/shops", operation_id = "shops_create", tag = "vehicles",
    request_body = ShopBody, responses((status = 201, body = ShopView), Problems),
    security(("session" = []), ("token" = [])))]
async fn shop_create(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<ShopBody>,
) -> Result<Response, ApiError> {
    let new = body.into();
    let row = app.write(move |db| async move { shops::set(&db, &ctx, None, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, ShopView::from(row))).into_response())
}

/// Changes a workshop.
#[utoipa::path(put, path = "/vehicles/shops/{id}", operation_id = "shops_change", tag = "vehicles",
    params(("id" = Uuid, Path, description = "维修厂")), request_body = ShopBody,
    responses((status = 200, body = ShopView), Problems), security(("session" = []), ("token" = [])))]
async fn shop_change(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    seen: IfMatch,
    Body(body): Body<ShopBody>,
) -> Result<Versioned<ShopView>, ApiError> {
    let new = body.into();
    let row = app.write(move |db| async move { shops::set(&db, &ctx, Some((id, seen.0)), &new).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// What a car's odometer showed, newest first.
#[utoipa::path(get, path = "/vehicles/{plate}/readings", operation_id = "readings_list", tag = "vehicles",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码")),
    responses((status = 200, body = [ReadingView]), Problems), security(("session" = []), ("token" = [])))]
async fn readings_list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
) -> Result<Json<Vec<ReadingView>>, ApiError> {
    permit_somewhere(&ctx, Action::VehiclesRead)?;
    let car = store::car(app.db().read(), &ctx, &plate).await?;
    let rows = store::readings(app.db().read(), car.item.id, 500).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A reading as it is entered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadingBody {
    /// The day at whose end it was read.
    pub read_on: NaiveDate,
    /// What it shows.
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub odometer_km: i64,
    /// What the old one showed, when it was replaced that day.
    #[schema(minimum = 0, maximum = 9_999_999)]
    pub old_km: Option<i64>,
    /// 备注
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
}

/// Enters a reading, or puts that of the day right.
#[utoipa::path(post, path = "/vehicles/{plate}/readings", operation_id = "readings_enter", tag = "vehicles",
    params(("plate" = String, Path, description = "车牌号、资产编号或标签码")), request_body = ReadingBody,
    responses((status = 201, body = ReadingView), Problems), security(("session" = []), ("token" = [])))]
async fn read(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(plate): Path<String>,
    Body(body): Body<ReadingBody>,
) -> Result<Response, ApiError> {
    let new = NewReading {
        car: plate,
        read_on: body.read_on,
        odometer_km: body.odometer_km,
        old_km: body.old_km,
        note: body.note,
    };
    let row = app.write(move |db| async move { readings::enter(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(ReadingView::from(row))).into_response())
}
