//! Gun cabinets: what they report, and the devices that speak for them.

use axum::Json;
use axum::body::Bytes;
use axum::extract::State;
use axum::extract::rejection::BytesRejection;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::cabinets::devices::{self, NewDevice};
use crate::firearms::cabinets::entity::{device, event};
use crate::firearms::cabinets::model::{DeviceState, EventKind};
use crate::firearms::cabinets::reporting::{self, NewEvent, Taken};
use crate::firearms::cabinets::store;
use crate::firearms::store as registry;
use crate::kernel::rights::Scope;
use crate::kernel::{Actor, Timestamp};
use crate::web::api::jobs::{after_id, names};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query};
use crate::web::{ApiError, App, Caller};
use crate::webhooks::signature;

/// The header that names the device.
const DEVICE: &str = "Hufu-Device";
/// A report is smaller.
const REPORT_BYTES: usize = 256 * 1024;

names! {
    /// Whether a device is believed.
    CabinetDeviceStateName of DeviceState { Active, Revoked, }
    /// What a cabinet tells.
    CabinetEventKindName of EventKind {
        DoorOpened, DoorClosed, DoorHeldOpen, LockChanged, GunTaken, GunPutBack, Temperature, PowerLost, PowerBack,
    }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(report))
        .routes(routes!(list, register))
        .routes(routes!(rotate))
        .routes(routes!(revoke))
        .routes(routes!(events))
}

/// An event, as a cabinet tells it.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CabinetEventBody {
    /// As the device counts: 1, 2, 3 … without gaps.
    #[schema(minimum = 1)]
    pub seq: i64,
    /// What.
    pub kind: CabinetEventKindName,
    /// 枪位: of a gun taken or put back, of nothing else.
    #[schema(minimum = 1, maximum = 200)]
    pub slot: Option<i64>,
    /// The badge or card that was shown; blank when none was.
    #[serde(default)]
    #[schema(max_length = 40)]
    pub badge: String,
    /// What the device says besides: a temperature, which lock.
    #[serde(default)]
    #[schema(max_length = 200)]
    pub note: String,
    /// By the device's clock: milliseconds since 1970 in UTC.
    pub happened_at: i64,
}

impl From<CabinetEventBody> for NewEvent {
    fn from(told: CabinetEventBody) -> Self {
        let CabinetEventBody { seq, kind, slot, badge, note, happened_at } = told;
        Self { seq, kind: kind.into(), slot, badge, note, happened_at: Timestamp(happened_at) }
    }
}

/// What a cabinet reports. No events: it is there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CabinetReportBody {
    /// In any order.
    #[schema(max_items = 500)]
    pub events: Vec<CabinetEventBody>,
}

/// What became of a report.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CabinetReceipt {
    /// Events that were new.
    pub new: usize,
    /// Events that had come before: sent again, they change nothing.
    pub known: usize,
    /// The highest number that came.
    pub last_seq: i64,
}

impl From<Taken> for CabinetReceipt {
    fn from(Taken { new, known, last_seq }: Taken) -> Self {
        Self { new, known, last_seq }
    }
}

/// 枪柜上报: signed by the device over the time and the raw body (Hufu-Signature); sent again, it changes nothing.
#[utoipa::path(post, path = "/firearms/cabinet-events", operation_id = "cabinets_report", tag = "firearms",
    params(("Hufu-Device" = String, Header, description = "终端编号"),
        ("Hufu-Signature" = String, Header, description = "t=秒,v1=HMAC-SHA256 的十六进制")),
    request_body = CabinetReportBody, responses((status = 200, body = CabinetReceipt), Problems),
    security(("device" = [])))]
async fn report(
    State(app): State<App>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Result<Json<CabinetReceipt>, ApiError> {
    let body = body.map_err(|error| match error.status() {
        StatusCode::PAYLOAD_TOO_LARGE => ApiError::TooLarge,
        _ => ApiError::Unreadable("请求没有收全".to_owned()),
    })?;
    if body.len() > REPORT_BYTES {
        return Err(ApiError::TooLarge);
    }
    let text = |name: &str| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let ctx = app.base().acting_as(Actor::System, Scope::Everything);
    let of = reporting::authentic(app.db(), &ctx, text(DEVICE), text(signature::HEADER), &body).await?;
    let of = of.ok_or(ApiError::NotSignedIn)?;
    let told: CabinetReportBody =
        serde_json::from_slice(&body).map_err(|error| ApiError::Unreadable(format!("上报内容无法读懂（{error}）")))?;
    let told: Vec<NewEvent> = told.events.into_iter().map(Into::into).collect();
    let taken = app.write(move |db| async move { reporting::take(&db, &ctx, &of, &told).await }).await?;
    Ok(Json(taken.into()))
}

/// What speaks for a cabinet.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CabinetDeviceView {
    /// 终端编号
    pub number: String,
    /// 名称、型号
    pub name: String,
    /// 单位
    pub unit_id: Uuid,
    /// The store.
    pub store_id: Uuid,
    /// The cabinet.
    pub cabinet_id: Uuid,
    /// Whether it is believed.
    pub state: CabinetDeviceStateName,
    /// When it was registered.
    pub registered_at: i64,
    /// Since when its key holds.
    pub keyed_at: i64,
    /// When it was revoked.
    pub revoked_at: Option<i64>,
    /// Why.
    pub revoke_reason: String,
}

impl From<device::Model> for CabinetDeviceView {
    fn from(row: device::Model) -> Self {
        Self {
            number: row.number,
            name: row.name,
            unit_id: row.unit_id.0,
            store_id: row.armoury_id,
            cabinet_id: row.cabinet_id,
            state: row.state.into(),
            registered_at: row.registered_at.0,
            keyed_at: row.keyed_at.0,
            revoked_at: row.revoked_at.map(|at| at.0),
            revoke_reason: row.revoke_reason,
        }
    }
}

/// A device with its key, which is shown this once.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CabinetDeviceWithKey {
    /// The device.
    pub device: CabinetDeviceView,
    /// 密钥: it signs with these characters as they stand.
    pub secret: String,
}

impl From<(device::Model, String)> for CabinetDeviceWithKey {
    fn from((row, secret): (device::Model, String)) -> Self {
        Self { device: row.into(), secret }
    }
}

/// 枪柜终端, by number.
#[utoipa::path(get, path = "/firearms/cabinet-devices", operation_id = "cabinets_list", tag = "firearms",
    responses((status = 200, body = [CabinetDeviceView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<Vec<CabinetDeviceView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let rows = store::devices(app.db().read(), &ctx, None).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// A device as it is registered.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CabinetDeviceBody {
    /// 枪库编号
    #[schema(min_length = 1, max_length = 40)]
    pub store: String,
    /// 枪柜编号
    #[schema(min_length = 1, max_length = 40)]
    pub cabinet: String,
    /// 终端编号
    #[schema(min_length = 1, max_length = 40)]
    pub number: String,
    /// 名称、型号
    #[serde(default)]
    #[schema(max_length = 100)]
    pub name: String,
}

/// 登记枪柜终端: its key is in this answer and nowhere after.
#[utoipa::path(post, path = "/firearms/cabinet-devices", operation_id = "cabinets_register", tag = "firearms",
    request_body = CabinetDeviceBody, responses((status = 201, body = CabinetDeviceWithKey), Problems),
    security(("session" = [])))]
async fn register(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CabinetDeviceBody>,
) -> Result<Response, ApiError> {
    let CabinetDeviceBody { store, cabinet, number, name } = body;
    let new = NewDevice { armoury: store, cabinet, number, name };
    let made = app.write(move |db| async move { devices::register(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Json(CabinetDeviceWithKey::from(made))).into_response())
}

/// 更换密钥: with the old one nothing is taken any more.
#[utoipa::path(post, path = "/firearms/cabinet-devices/{number}/rotate", operation_id = "cabinets_rotate",
    tag = "firearms", params(("number" = String, Path, description = "终端编号")),
    responses((status = 200, body = CabinetDeviceWithKey), Problems), security(("session" = [])))]
async fn rotate(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<CabinetDeviceWithKey>, ApiError> {
    let made = app.write(move |db| async move { devices::rotate(&db, &ctx, &number).await }).await?;
    Ok(Json(made.into()))
}

/// 吊销
#[utoipa::path(post, path = "/firearms/cabinet-devices/{number}/revoke", operation_id = "cabinets_revoke",
    tag = "firearms", params(("number" = String, Path, description = "终端编号")), request_body = ReasonBody,
    responses((status = 200, body = CabinetDeviceView), Problems), security(("session" = [])))]
async fn revoke(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<CabinetDeviceView>, ApiError> {
    let row = app.write(move |db| async move { devices::revoke(&db, &ctx, &number, &body.reason).await }).await?;
    Ok(Json(row.into()))
}

/// What a cabinet told.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CabinetEventView {
    /// Its id.
    pub id: Uuid,
    /// The device.
    pub device_id: Uuid,
    /// As the device counts.
    pub seq: i64,
    /// What.
    pub kind: CabinetEventKindName,
    /// 枪位
    pub slot: Option<i64>,
    /// The gun that the book has there.
    pub item_id: Option<Uuid>,
    /// The badge or card that was shown.
    pub badge: String,
    /// Whose it is.
    pub person_id: Option<Uuid>,
    /// What the device says besides.
    pub note: String,
    /// By the device's clock.
    pub happened_at: i64,
    /// By ours.
    pub received_at: i64,
    /// Whether it still waits to be held against the book.
    pub waiting: bool,
}

/// 枪柜记录, the last first.
#[utoipa::path(get, path = "/firearms/stores/{number}/cabinet-events", operation_id = "cabinets_events",
    tag = "firearms", params(("number" = String, Path, description = "枪库编号"), Paging),
    responses((status = 200, body = Page<CabinetEventView>), Problems), security(("session" = []), ("token" = [])))]
async fn events(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<CabinetEventView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let (db, limit) = (app.db().read(), paging.rows()?);
    let of = registry::armoury(db, &ctx, &number).await?;
    let rows = store::events(db, of.id, after_id(&paging)?, limit + 1).await?;
    let waiting = store::still_waiting(db, &rows).await?;
    let view = |row: event::Model| CabinetEventView {
        waiting: waiting.contains(&row.id),
        id: row.id,
        device_id: row.device_id,
        seq: row.seq,
        kind: row.kind.into(),
        slot: row.slot,
        item_id: row.item_id.map(|id| id.0),
        badge: row.badge,
        person_id: row.person_id.map(|id| id.0),
        note: row.note,
        happened_at: row.happened_at.0,
        received_at: row.received_at.0,
    };
    let rows = rows.into_iter().map(view).collect();
    Ok(Json(Page::cut(rows, limit, |row: &CabinetEventView| row.id.to_string())))
}
