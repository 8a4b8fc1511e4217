//! `/api/v1`: photos in, the codes found out.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest, Multipart, Request, State};
use hufu_labels::read::{self, Found, Limits, ReadError};
use sea_orm::ConnectionTrait;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{self, Action};
use crate::items::labels::{self, Resolved, Subject};
use crate::items::store as items;
use crate::kernel::Ctx;
use crate::org::Directory;
use crate::web::error::Problems;
use crate::web::settings::{UPLOAD_BYTES, UPLOAD_FORM_BYTES};
use crate::web::uploads;
use crate::web::{ApiError, App, Caller};

/// Pixels, and memory that decoding takes: the largest phone cameras have 108 million.
const LIMITS: Limits = Limits { max_pixels: 120_000_000, max_bytes: 256 << 20 };

/// Photos read at once, whatever the number of servers in this process: reading one takes a core for a second.
static READING: Semaphore = Semaphore::const_new(2);
/// Photos held in memory, read or waiting.
static HELD: Semaphore = Semaphore::const_new(8);

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new().routes(routes!(decode)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES))
}

/// A form with one photo; what the file is called is of no account.
#[derive(Debug, ToSchema)]
#[schema(as = photos::PhotoForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct PhotoForm {
    /// JPEG or PNG, up to 40 MB.
    #[schema(value_type = String, format = Binary)]
    photo: Vec<u8>,
}

/// What a photo shows.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = photos::PhotoView)]
struct PhotoView {
    /// Every code found, each text once, from top to bottom.
    codes: Vec<CodeView>,
}

/// A code in a photo.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = photos::CodeView)]
struct CodeView {
    /// What the symbol says.
    text: String,
    /// The label code, when it is one of ours and its check character holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    code: Option<String>,
    /// The corners in pixels, x before y: top left, top right, bottom right, bottom left.
    corners: Vec<Vec<f32>>,
    /// What it stands for, when that is within reach.
    #[serde(skip_serializing_if = "Option::is_none")]
    subject: Option<SubjectView>,
}

/// What a code stands for.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = photos::SubjectView)]
struct SubjectView {
    /// `item` or `place`.
    kind: &'static str,
    id: Uuid,
    /// The item's number or the place's code.
    number: String,
    name: String,
    /// Whether an older label was read: right thing, wrong paper.
    superseded: bool,
}

/// Reads the codes in a photo.
#[utoipa::path(
    post, path = "/photos/decode", operation_id = "photos_decode", tag = "photos",
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses((status = 200, body = PhotoView), Problems),
    security(("session" = []), ("token" = [])),
)]
async fn decode(State(app): State<App>, Caller(ctx): Caller, request: Request) -> Result<Json<PhotoView>, ApiError> {
    access::permit_somewhere(&ctx, Action::PhotosDecode)?;
    // Before the photo is taken in: what must wait too long is not worth the memory.
    let _held = uploads::seat(&app, &ctx, "photo", &HELD)?;
    let taking = async { photo(Multipart::from_request(request, &app).await?).await };
    let photo = uploads::in_time(uploads::DEADLINE, taking).await?;
    let reading = READING.acquire().await.map_err(|_| ApiError::Busy)?;
    // The permit goes along: who stops waiting does not make room that is not there.
    let read = tokio::task::spawn_blocking(move || {
        let found = read::decode_photo(&photo, &LIMITS);
        drop(reading);
        found
    });
    let found = read.await.map_err(|_| ApiError::Internal)??;
    let mut codes = Vec::with_capacity(found.len());
    for code in found {
        codes.push(view(app.db().read(), &ctx, code).await?);
    }
    Ok(Json(PhotoView { codes }))
}

async fn photo(mut form: Multipart) -> Result<Vec<u8>, ApiError> {
    while let Some(mut field) = form.next_field().await? {
        if field.name() != Some("photo") {
            continue;
        }
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await? {
            if bytes.len() + chunk.len() > UPLOAD_BYTES {
                return Err(ApiError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok(bytes);
    }
    Err(ApiError::invalid("photo", "没有照片"))
}

async fn view(db: &impl ConnectionTrait, ctx: &Ctx, found: Found) -> Result<CodeView, ApiError> {
    let subject = if found.text.contains('\0') { None } else { subject(db, ctx, &found.text).await? };
    Ok(CodeView {
        text: found.text,
        code: found.code.map(|code| code.to_string()),
        corners: found.corners.iter().map(|(x, y)| vec![*x, *y]).collect(),
        subject,
    })
}

async fn subject(db: &impl ConnectionTrait, ctx: &Ctx, text: &str) -> Result<Option<SubjectView>, ApiError> {
    let resolved = labels::resolve(db, text).await.map_err(|error| {
        tracing::error!(error = ?error, "a code could not be looked up");
        ApiError::Internal
    })?;
    let superseded = matches!(resolved, Resolved::Superseded(_));
    Ok(match resolved {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) | Resolved::Number(id) => {
            let reach = access::reach(ctx, Action::ItemsRead);
            items::by_id(db, id).await?.filter(|thing| reach.covers(Some(thing.unit_id))).map(|thing| SubjectView {
                kind: "item",
                id: thing.id.0,
                number: thing.item_number,
                name: thing.name,
                superseded,
            })
        }
        Resolved::Current(Subject::Place(id)) | Resolved::Superseded(Subject::Place(id)) => {
            let reach = access::reach(ctx, Action::OrgRead);
            let directory = Directory::load_some(db, &[id], &[]).await?;
            directory.place(id).filter(|place| reach.covers(Some(place.unit_id))).map(|place| SubjectView {
                kind: "place",
                id: place.id.0,
                number: place.code.clone(),
                name: place.name.clone(),
                superseded,
            })
        }
        Resolved::Blank | Resolved::Void | Resolved::Unknown => None,
    })
}

impl From<ReadError> for ApiError {
    fn from(error: ReadError) -> Self {
        Self::invalid("photo", error.to_string())
    }
}
