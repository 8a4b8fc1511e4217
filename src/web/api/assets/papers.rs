//! `/api/v1/assets/…/papers`: what a document must show.

use axum::Json;
use axum::extract::{DefaultBodyLimit, FromRequest as _, Multipart, Request, State};
use axum::http::StatusCode;
use axum::response::Response;
use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::movement_views::ReasonBody;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::assets::AssetError;
use crate::assets::movements::entity::movement;
use crate::assets::movements::{steps, store};
use crate::assets::papers::{self, Subject, paper};
use crate::items::attachments::{MOST_BYTES, NewFile};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::web::api::attachments;
use crate::web::error::Problems;
use crate::web::extract::{Body, Path};
use crate::web::settings::UPLOAD_FORM_BYTES;
use crate::web::{ApiError, App, Caller, uploads};

/// Papers held in memory on their way in.
static HELD: Semaphore = Semaphore::const_new(4);
/// Pictures decoded at once.
static LOOKING: Semaphore = Semaphore::const_new(2);

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(list, add)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES));
    OpenApiRouter::new().merge(files).routes(routes!(show)).routes(routes!(withdraw))
}

/// A form with one file.
#[derive(Debug, ToSchema)]
#[schema(as = papers::PaperForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct PaperForm {
    /// What it proves: contract, invoice, minutes, approval, appraisal, receipt, signed, photo, other.
    step: String,
    /// A picture or document, up to 40 MB; after the step.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// A paper of a document.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PaperView {
    /// Its id.
    pub id: Uuid,
    /// What it proves.
    pub step: String,
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
    /// When it was withdrawn.
    pub withdrawn_at: Option<i64>,
}

impl From<paper::Model> for PaperView {
    fn from(row: paper::Model) -> Self {
        Self {
            id: row.id,
            step: row.step,
            name: row.name,
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: row.sha256,
            uploaded_by: row.uploaded_by,
            uploaded_at: row.uploaded_at.0,
            withdrawn_at: row.withdrawn_at.map(|at| at.0),
        }
    }
}

/// What a paper may prove.
fn step_named(step: &str) -> Result<String, ApiError> {
    match steps::PAPERS.iter().find(|(name, _)| *name == step) {
        Some((name, _)) => Ok((*name).to_owned()),
        None => Err(ApiError::invalid("step", "没有这一类附件")),
    }
}

/// Lets the giver's side, and of a transfer the receiver's, bring and withdraw papers.
fn may_add(ctx: &Ctx, row: &movement::Model) -> Result<(), ApiError> {
    let right = reach(ctx, Action::AssetsMove);
    if row.to_unit_id.is_some_and(|unit| right.covers(Some(unit))) {
        return Ok(());
    }
    Ok(permit(ctx, Action::AssetsMove, Some(row.unit_id))?)
}

/// Takes in the file of a form and adds it to a document.
pub(in crate::web) async fn take_in(
    app: &App,
    ctx: &Ctx,
    number: &str,
    request: Request,
) -> Result<paper::Model, ApiError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let row = store::one(app.db().read(), ctx, number).await?.row;
    may_add(ctx, &row)?;
    let (step, file) = taken(app, ctx, request).await?;
    let subject = Subject { room: steps::ROOM, id: row.id, step: step_named(&step)?, unit: row.unit_id };
    keep(app, ctx, subject, file).await
}

/// Puts a file that was looked at on the shelf and adds it.
pub(in crate::web) async fn keep(
    app: &App,
    ctx: &Ctx,
    subject: Subject,
    file: NewFile,
) -> Result<paper::Model, ApiError> {
    // The content first: a row never names what is not there.
    app.shelf()?.put(&file).await?;
    let ctx = ctx.clone();
    app.write(move |db| async move { db.write(async |tx| papers::attach_in(tx, &ctx, &subject, &file).await).await })
        .await
}

/// The step and the file of a form, looked at. Takes a seat for it before a byte of it is read.
pub(in crate::web) async fn taken(app: &App, ctx: &Ctx, request: Request) -> Result<(String, NewFile), ApiError> {
    let _held = uploads::seat(app, ctx, "paper", &HELD)?;
    let taking = async { parts(Multipart::from_request(request, app).await?).await };
    let (step, name, content) = uploads::in_time(uploads::DEADLINE, taking).await?;
    let looking = LOOKING.acquire().await.map_err(|_| ApiError::Busy)?;
    let looked = tokio::task::spawn_blocking(move || {
        let file = NewFile::look_at(&name, content);
        drop(looking);
        file
    });
    Ok((step, looked.await.map_err(|_| ApiError::Internal)??))
}

async fn parts(mut form: Multipart) -> Result<(String, String, Vec<u8>), ApiError> {
    let mut step = String::new();
    while let Some(mut field) = form.next_field().await? {
        match field.name() {
            Some("step") => {
                while let Some(chunk) = field.chunk().await? {
                    if step.len() + chunk.len() > 60 {
                        return Err(ApiError::invalid("step", "没有这一类附件"));
                    }
                    step.push_str(&String::from_utf8_lossy(&chunk));
                }
            }
            Some("file") => {
                let name = field.file_name().unwrap_or_default().to_owned();
                let mut bytes = Vec::new();
                while let Some(chunk) = field.chunk().await? {
                    if bytes.len() + chunk.len() > MOST_BYTES {
                        return Err(ApiError::TooLarge);
                    }
                    bytes.extend_from_slice(&chunk);
                }
                return Ok((step, name, bytes));
            }
            _ => {}
        }
    }
    Err(ApiError::invalid("file", "没有选择文件"))
}

/// The paper with this id, where the caller may see its document.
async fn seen(app: &App, ctx: &Ctx, id: Uuid) -> Result<paper::Model, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let missing = || AssetError::NotFound("这个附件");
    let row = papers::by_id(app.db().read(), id).await?.ok_or_else(missing)?;
    if row.room == steps::ROOM {
        use sea_orm::EntityTrait as _;
        let document = movement::Entity::find_by_id(row.subject_id).one(app.db().read()).await;
        let document = document.map_err(crate::db::DbError::from)?.ok_or_else(missing)?;
        store::one(app.db().read(), ctx, &document.number).await.map_err(|_| missing())?;
        return Ok(row);
    }
    let covers = |unit: UnitId| reach(ctx, Action::ItemsRead).covers(Some(unit));
    if covers(row.unit_id) { Ok(row) } else { Err(missing().into()) }
}

/// A paper's content as a file to save, or a picture to show.
pub(in crate::web) async fn content(app: &App, ctx: &Ctx, id: Uuid) -> Result<Response, ApiError> {
    let row = seen(app, ctx, id).await?;
    let bytes = app.shelf()?.content(&row.sha256).await?;
    attachments::as_file(&row.name, &row.media_type, bytes, true)
}

/// The papers of a document that stand.
#[utoipa::path(get, path = "/assets/movements/{number}/papers", operation_id = "movements_papers", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")),
    responses((status = 200, body = [PaperView]), Problems), security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<Vec<PaperView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?.row;
    let subject = Subject { room: steps::ROOM, id: row.id, step: String::new(), unit: row.unit_id };
    let papers = papers::of(app.db().read(), &subject).await?;
    Ok(Json(papers.into_iter().map(PaperView::from).collect()))
}

/// Adds a paper to a document. What it is, its content says.
#[utoipa::path(post, path = "/assets/movements/{number}/papers", operation_id = "movements_add_paper", tag = "assets",
    params(("number" = String, Path, description = "变动单编号")),
    request_body(content = PaperForm, content_type = "multipart/form-data"),
    responses((status = 201, body = PaperView), Problems), security(("session" = []), ("token" = [])))]
async fn add(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<PaperView>), ApiError> {
    let row = take_in(&app, &ctx, &number, request).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// What a paper holds; one that was withdrawn can still be read.
#[utoipa::path(get, path = "/assets/papers/{id}", operation_id = "papers_show", tag = "assets", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The file", body = Vec<u8>, content_type = "application/octet-stream"),
        Problems), security(("session" = []), ("token" = [])))]
async fn show(State(app): State<App>, Caller(ctx): Caller, Path(id): Path<Uuid>) -> Result<Response, ApiError> {
    content(&app, &ctx, id).await
}

/// Withdraws a paper. It stays, out of sight, with who withdrew it and why.
#[utoipa::path(post, path = "/assets/papers/{id}/withdraw", operation_id = "papers_withdraw", tag = "assets",
    params(("id" = Uuid, Path)), request_body = ReasonBody,
    responses((status = 200, body = PaperView), Problems), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    Body(body): Body<ReasonBody>,
) -> Result<Json<PaperView>, ApiError> {
    permit_somewhere(&ctx, Action::AssetsMove)?;
    let row = seen(&app, &ctx, id).await?;
    permit(&ctx, Action::AssetsMove, Some(row.unit_id))?;
    let row = app.write(move |db| async move { papers::withdraw(&db, &ctx, id, &body.reason).await }).await?;
    Ok(Json(row.into()))
}
