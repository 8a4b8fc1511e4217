//! `/api/v1`: documents and photos of things, brought, read and withdrawn.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::{Deserialize, Serialize};
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use crate::access::{Action, permit_somewhere, reach};
use crate::items::attachments::{self, MOST_BYTES, NewFile, ShelfError, attachment};
use crate::items::entity::item;
use crate::items::{ItemError, store};
use crate::kernel::Ctx;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::settings::UPLOAD_FORM_BYTES;
use crate::web::{ApiError, App, Caller, uploads};

/// Files held in memory, on their way in or out.
static HELD: Semaphore = Semaphore::const_new(8);
/// Pictures decoded at once: one takes a core for a second.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(list, add)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES));
    OpenApiRouter::new().merge(files).routes(routes!(show)).routes(routes!(withdraw))
}

/// A form with one file.
#[derive(Debug, ToSchema)]
#[schema(as = attachments::AttachmentForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct AttachmentForm {
    /// A picture (JPEG, PNG, WebP) or document (PDF, OFD, Word, Excel, WPS, text, ZIP), up to 40 MB.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A file of a thing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AttachmentView {
    /// Its id.
    pub id: Uuid,
    /// The thing.
    pub item_id: Uuid,
    /// What it is called.
    pub name: String,
    /// What its content is.
    pub media_type: String,
    /// How large it is.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// Who brought it.
    pub uploaded_by: String,
    /// When, in milliseconds since 1970 UTC.
    pub uploaded_at: i64,
    /// When it was withdrawn, in milliseconds since 1970 UTC.
    pub withdrawn_at: Option<i64>,
    /// Why.
    pub withdrawn_reason: Option<String>,
}

impl From<attachment::Model> for AttachmentView {
    fn from(row: attachment::Model) -> Self {
        Self {
            id: row.id,
            item_id: row.item_id.into(),
            name: row.name,
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: row.sha256,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at.0,
            withdrawn_at: row.withdrawn_at.map(|at| at.0),
            withdrawn_reason: row.withdrawn_reason,
        }
    }
}

/// The files of a thing.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = attachments::AttachmentRows)]
struct AttachmentRows {
    /// Newest first; those withdrawn among them.
    rows: Vec<AttachmentView>,
}

/// Why a file is withdrawn.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = attachments::Withdraw)]
struct Withdraw {
    /// 原因
    #[schema(min_length = 1, max_length = 200)]
    reason: String,
}

impl From<ShelfError> for ApiError {
    fn from(error: ShelfError) -> Self {
        tracing::error!(%error, "an attachment could not be kept or read");
        Self::Internal
    }
}

/// The thing with this number, where the caller may see it.
async fn thing(app: &App, ctx: &Ctx, number: &str) -> Result<item::Model, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let found = store::by_number(app.db().read(), number).await?;
    let seen = found.filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    seen.ok_or_else(|| ItemError::NotFound(number.to_owned()).into())
}

/// The file with this id, where the caller may see its thing.
pub(in crate::web) async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<(attachment::Model, item::Model), ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let row = attachments::by_id(app.db().read(), id).await?.ok_or(ItemError::NoAttachment)?;
    let thing = store::by_id(app.db().read(), row.item_id).await?;
    let thing = thing.filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    Ok((row, thing.ok_or(ItemError::NoAttachment)?))
}

/// Takes in the file of a form and adds it to a thing.
pub(in crate::web) async fn take_in(
    app: &App,
    ctx: &Ctx,
    number: &str,
    request: Request,
) -> Result<attachment::Model, ApiError> {
    permit_somewhere(ctx, Action::ItemsChange)?;
    let thing = thing(app, ctx, number).await?;
    crate::access::permit(ctx, Action::ItemsChange, Some(thing.unit_id))?;
    // Before the file is taken in: what must wait too long is not worth the memory.
    let _held = uploads::seat(app, ctx, "attachment", &HELD)?;
    let taking = async { file(Multipart::from_request(request, app).await?).await };
    let (name, content) = uploads::in_time(uploads::DEADLINE, taking).await?;
    let looking = LOOKING.acquire().await.map_err(|_| ApiError::Busy)?;
    // The permit goes along: who stops waiting does not make room that is not there.
    let looked = tokio::task::spawn_blocking(move || {
        let file = NewFile::look_at(&name, content);
        drop(looking);
        file
    });
    let file = looked.await.map_err(|_| ApiError::Internal)??;
    // The content first: a row never names what is not there.
    app.shelf()?.put(&file).await?;
    let ctx = ctx.clone();
    app.write(move |db| async move { attachments::add(&db, &ctx, &thing.item_number, &file).await }).await
}

async fn file(mut form: Multipart) -> Result<(String, Vec<u8>), ApiError> {
    while let Some(mut field) = form.next_field().await? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let mut bytes = Vec::new();
        while let Some(chunk) = field.chunk().await? {
            if bytes.len() + chunk.len() > MOST_BYTES {
                return Err(ApiError::TooLarge);
            }
            bytes.extend_from_slice(&chunk);
        }
        return Ok((name, bytes));
    }
    Err(ApiError::invalid("file", "没有选择文件"))
}

/// What a file holds, to be saved; a picture may be shown in its place.
pub(in crate::web) async fn content(app: &App, row: &attachment::Model, in_place: bool) -> Result<Response, ApiError> {
    let _held = HELD.acquire().await.map_err(|_| ApiError::Busy)?;
    let bytes = app.shelf()?.get(row).await?;
    as_file(&row.name, &row.media_type, bytes, in_place && attachments::is_picture(row))
}

/// Bytes as a file to be saved under a name; in place, what a browser may show is shown.
pub(in crate::web) fn as_file(
    name: &str,
    media_type: &str,
    bytes: Vec<u8>,
    in_place: bool,
) -> Result<Response, ApiError> {
    let is_picture = matches!(media_type, "image/jpeg" | "image/png" | "image/webp");
    let how = if in_place && is_picture { "inline" } else { "attachment" };
    let name: String = name
        .bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' => char::from(byte).to_string(),
            other => format!("%{other:02X}"),
        })
        .collect();
    let kind = HeaderValue::from_str(media_type).map_err(|_| ApiError::Internal)?;
    let named = HeaderValue::from_str(&format!("{how}; filename*=UTF-8''{name}")).map_err(|_| ApiError::Internal)?;
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, named)], bytes).into_response())
}

/// The files of a thing.
#[utoipa::path(get, path = "/items/{number}/attachments", operation_id = "attachments_list", tag = "attachments",
    params(("number" = String, Path, description = "资产编号")),
    responses((status = 200, body = AttachmentRows), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<AttachmentRows>, ApiError> {
    let thing = thing(&app, &ctx, &number).await?;
    let rows = attachments::of_item(app.db().read(), thing.id).await?;
    Ok(Json(AttachmentRows { rows: rows.into_iter().map(AttachmentView::from).collect() }))
}

/// Adds a file to a thing. What it is, its content says.
#[utoipa::path(post, path = "/items/{number}/attachments", operation_id = "attachments_add", tag = "attachments",
    params(("number" = String, Path, description = "资产编号")),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, body = AttachmentView), Problems), security(("session" = []), ("token" = [])))]
async fn add(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    request: Request,
) -> Result<Response, ApiError> {
    let row = take_in(&app, &ctx, &number, request).await?;
    let at = format!("/api/v1/attachments/{}", row.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, at)], Json(AttachmentView::from(row))).into_response())
}

/// What a file holds. One that was withdrawn can still be read: somebody may have to say why.
#[utoipa::path(get, path = "/attachments/{id}", operation_id = "attachments_show", tag = "attachments",
    params(("id" = Uuid, Path)),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        Problems), security(("session" = []), ("token" = [])))]
async fn show(State(app): State<App>, Caller(ctx): Caller, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    let (row, _) = seen(&app, &ctx, id).await?;
    content(&app, &row, false).await
}

/// Withdraws a file. It stays, out of sight, with who withdrew it and why.
#[utoipa::path(post, path = "/attachments/{id}/withdraw", operation_id = "attachments_withdraw", tag = "attachments",
    params(("id" = Uuid, Path)), request_body = Withdraw,
    responses((status = 200, body = AttachmentView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<Withdraw>,
) -> Result<Json<AttachmentView>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsChange)?;
    seen(&app, &ctx, id).await?;
    let row = app.write(move |db| async move { attachments::withdraw(&db, &ctx, id, &body.reason).await }).await?;
    Ok(Json(row.into()))
}
