//! Photos taken along with scans.

use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Response};
use axum::{Json, body::Bytes};
use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::campaign_number;
use super::views::instant;
use crate::access::{Action, permit_somewhere};
use crate::items::attachments::NewFile;
use crate::kernel::Timestamp;
use crate::kernel::ids::ScanId;
use crate::stocktake::counting::photos::{self, NewPhoto};
use crate::stocktake::entity::scan_photo;
use crate::web::api::attachments::as_file;
use crate::web::error::Problems;
use crate::web::extract::{Path, Query};
use crate::web::{ApiError, App, Caller, uploads};

/// A phone makes its photos small before it keeps them.
const MOST_PHOTO: usize = 8 << 20;
/// What stands around the photo in its form.
const AROUND: usize = 64 << 10;
/// Photos held in memory, on their way in or out.
static HELD: Semaphore = Semaphore::const_new(16);
/// Photos decoded at once, to see that they are some.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// The operations.
pub(super) fn router() -> OpenApiRouter<App> {
    let sent = OpenApiRouter::new().routes(routes!(add)).layer(DefaultBodyLimit::max(MOST_PHOTO + AROUND));
    OpenApiRouter::new().merge(sent).routes(routes!(list)).routes(routes!(show))
}

/// A form with one photo.
#[derive(Debug, ToSchema)]
#[schema(as = campaigns::ScanPhotoForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct ScanPhotoForm {
    /// A JPEG, PNG or WebP picture, up to 8 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
}

/// When it was taken.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Made {
    /// By the phone's clock (RFC 3339), however wrong that goes.
    device_at: String,
}

/// A photo of a scan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::ScanPhotoView)]
struct ScanPhotoView {
    id: Uuid,
    scan: Uuid,
    media_type: String,
    bytes: i64,
    sha256: String,
    /// When it was taken, by the phone's clock.
    device_at: DateTime<Utc>,
    /// When it came.
    at: DateTime<Utc>,
}

impl From<scan_photo::Model> for ScanPhotoView {
    fn from(row: scan_photo::Model) -> Self {
        Self {
            id: row.id,
            scan: row.scan_id.0,
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: row.sha256,
            device_at: instant(row.device_at),
            at: instant(row.server_at),
        }
    }
}

/// Photos of a scan.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::ScanPhotoRows)]
struct ScanPhotoRows {
    /// In the order taken.
    rows: Vec<ScanPhotoView>,
}

/// Adds a photo to a scan, under an id (UUID version 7) that the phone made: the same one sent again changes nothing. One's
/// own scan, or any on a sheet that one hands in; also once the sheet is handed in, as long as the count goes on.
#[utoipa::path(
    put, path = "/campaigns/{number}/scans/{scan}/photos/{id}", operation_id = "campaigns_add_photo", tag = "campaigns",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("scan" = Uuid, Path, description = "The scan"),
        ("id" = Uuid, Path, description = "The photo's id, made by the phone"),
        Made
    ),
    request_body(content = ScanPhotoForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ScanPhotoView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn add(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, scan, id)): Path<(String, Uuid, Uuid)>,
    Query(made): Query<Made>,
    request: Request,
) -> Result<Json<ScanPhotoView>, ApiError> {
    let number = campaign_number(number)?;
    permit_somewhere(&ctx, Action::CampaignsCount)?;
    if id.get_version_num() != 7 {
        return Err(ApiError::invalid("id", "照片编号应为 UUID 第 7 版"));
    }
    let device_at = DateTime::parse_from_rfc3339(&made.device_at);
    let device_at =
        device_at.map_err(|_| ApiError::invalid("device_at", "设备时间读不懂，应如 2026-12-31T09:05:07Z"))?;
    // One that must wait is sent again by its phone: no turn an account, as for files.
    let _held = HELD.try_acquire().map_err(|_| ApiError::Busy)?;
    let taking = async { photo(Multipart::from_request(request, &app).await?).await };
    let content = uploads::in_time(uploads::DEADLINE, taking).await?;
    let looking = LOOKING.acquire().await.map_err(|_| ApiError::Busy)?;
    // The permit goes along: who stops waiting does not make room that is not there.
    let looked = tokio::task::spawn_blocking(move || {
        let file = NewFile::look_at("photo.jpg", content.into());
        drop(looking);
        file
    });
    let file = looked.await.map_err(|_| ApiError::Internal)??;
    // The content first: a row never names what is not there.
    app.shelf()?.put(&file).await?;
    let new = NewPhoto { id, scan: ScanId(scan), device_at: Timestamp(device_at.timestamp_millis()), file };
    let row = app.write(move |db| async move { photos::add(&db, &ctx, &number, &new).await }).await?;
    Ok(Json(row.into()))
}

async fn photo(mut form: Multipart) -> Result<Bytes, ApiError> {
    while let Some(field) = form.next_field().await? {
        if field.name() == Some("photo") {
            let content = field.bytes().await?;
            return if content.len() > MOST_PHOTO { Err(ApiError::TooLarge) } else { Ok(content) };
        }
    }
    Err(ApiError::invalid("photo", "没有照片"))
}

/// The photos of a scan that the caller may see: one's own, and of a unit whose count one reads; of a blind count, while it
/// is under way, only one's own.
#[utoipa::path(
    get, path = "/campaigns/{number}/scans/{scan}/photos", operation_id = "campaigns_photos", tag = "campaigns",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("scan" = Uuid, Path, description = "The scan")
    ),
    responses((status = 200, body = ScanPhotoRows), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, scan)): Path<(String, Uuid)>,
) -> Result<Json<ScanPhotoRows>, ApiError> {
    let rows = photos::of_scan(app.db().read(), &ctx, &campaign_number(number)?, ScanId(scan)).await?;
    Ok(Json(ScanPhotoRows { rows: rows.into_iter().map(ScanPhotoView::from).collect() }))
}

/// A photo, as the picture that it is.
#[utoipa::path(
    get, path = "/campaigns/{number}/photos/{id}", operation_id = "campaigns_show_photo", tag = "campaigns",
    params(
        ("number" = String, Path, description = "The campaign's number"),
        ("id" = Uuid, Path, description = "The photo")
    ),
    responses((status = 200, description = "The picture", body = Vec<u8>, content_type = "image/jpeg"), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, Uuid)>,
) -> Result<Response, ApiError> {
    let row = photos::by_id(app.db().read(), &ctx, &campaign_number(number)?, id).await?;
    let _held = HELD.acquire().await.map_err(|_| ApiError::Busy)?;
    let bytes = app.shelf()?.content(&row.sha256).await?;
    let ending = row.media_type.trim_start_matches("image/").replace("jpeg", "jpg");
    Ok((StatusCode::OK, as_file(&format!("{}.{ending}", row.id), &row.media_type, bytes, true)?).into_response())
}
