//! `/api/v1/assets/missing/{id}/papers` and `/api/v1/assets/surpluses/{number}/papers`: what a case must show.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::StatusCode;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::papers::{PaperView, keep, taken};
use crate::access::{Action, permit, permit_somewhere};
use crate::assets::missing::procedure::{self, papers_of};
use crate::assets::missing::store as cases;
use crate::assets::papers::{self, Subject, paper};
use crate::assets::surplus::{service as surplus, store as surpluses};
use crate::kernel::Ctx;
use crate::kernel::ids::MissingCaseId;
use crate::web::error::Problems;
use crate::web::extract::Path;
use crate::web::settings::UPLOAD_FORM_BYTES;
use crate::web::{ApiError, App, Caller};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let missing = OpenApiRouter::new().routes(routes!(of_case, add_to_case));
    let surplus = OpenApiRouter::new().routes(routes!(of_surplus, add_to_surplus));
    missing.merge(surplus).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES))
}

/// A form with one file.
#[derive(Debug, ToSchema)]
#[schema(as = papers::CasePaperForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct CasePaperForm {
    /// What it proves: of a missing case the code of a step, `log:` and the id of a search, or `other`; of a surplus
    /// photo, appraisal, replacement, identification, approval, handover, other.
    step: String,
    /// A picture or document, up to 40 MB; after the step.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes in the file of a form and adds it to a missing case.
pub(in crate::web) async fn take_for_case(
    app: &App,
    ctx: &Ctx,
    id: Uuid,
    request: Request,
) -> Result<paper::Model, ApiError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let db = app.db().read();
    let one = cases::one(db, ctx, MissingCaseId(id)).await?;
    permit(ctx, Action::AssetsMove, Some(one.loss.unit_id))?;
    let (step, file) = taken(app, ctx, request).await?;
    let known = match step.strip_prefix("log:") {
        Some(log) => cases::logs(db, one.case.id).await?.iter().any(|row| row.id.to_string() == log),
        None => {
            let steps = procedure::of_case(db, &one.case).await?;
            step == "other" || steps.iter().any(|one| one.step.code == step)
        }
    };
    if !known {
        return Err(ApiError::invalid("step", "没有这个流程事项或查找记录"));
    }
    keep(app, ctx, papers_of(&one, &step), file).await
}

/// Takes in the file of a form and adds it to a surplus thing.
pub(in crate::web) async fn take_for_surplus(
    app: &App,
    ctx: &Ctx,
    number: &str,
    request: Request,
) -> Result<paper::Model, ApiError> {
    permit_somewhere(ctx, Action::AssetsMove)?;
    let row = surpluses::one(app.db().read(), ctx, number).await?.row;
    permit(ctx, Action::AssetsMove, Some(row.unit_id))?;
    let (step, file) = taken(app, ctx, request).await?;
    if !surplus::PAPERS.iter().any(|(name, _)| *name == step) {
        return Err(ApiError::invalid("step", "没有这一类附件"));
    }
    keep(app, ctx, Subject { room: surplus::ROOM, id: row.id, step, unit: row.unit_id }, file).await
}

/// The papers of a missing case that stand.
#[utoipa::path(get, path = "/assets/missing/{id}/papers", operation_id = "losses_papers", tag = "assets",
    params(("id" = Uuid, Path)), responses((status = 200, body = [PaperView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn of_case(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Json<Vec<PaperView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let one = cases::one(app.db().read(), &ctx, MissingCaseId(id)).await?;
    let kept = papers::of(app.db().read(), &papers_of(&one, "")).await?;
    Ok(Json(kept.into_iter().map(PaperView::from).collect()))
}

/// Adds a paper to a step or a search of a missing case.
#[utoipa::path(post, path = "/assets/missing/{id}/papers", operation_id = "losses_add_paper", tag = "assets",
    params(("id" = Uuid, Path)), request_body(content = CasePaperForm, content_type = "multipart/form-data"),
    responses((status = 201, body = PaperView), Problems), security(("session" = []), ("token" = [])))]
async fn add_to_case(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
    request: Request,
) -> Result<(StatusCode, Json<PaperView>), ApiError> {
    let row = take_for_case(&app, &ctx, id, request).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// The papers of a surplus thing that stand.
#[utoipa::path(get, path = "/assets/surpluses/{number}/papers", operation_id = "surplus_papers", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")),
    responses((status = 200, body = [PaperView]), Problems), security(("session" = []), ("token" = [])))]
async fn of_surplus(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Json<Vec<PaperView>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let row = surpluses::one(app.db().read(), &ctx, &number).await?.row;
    let subject = Subject { room: surplus::ROOM, id: row.id, step: String::new(), unit: row.unit_id };
    let kept = papers::of(app.db().read(), &subject).await?;
    Ok(Json(kept.into_iter().map(PaperView::from).collect()))
}

/// Adds a paper to a surplus thing.
#[utoipa::path(post, path = "/assets/surpluses/{number}/papers", operation_id = "surplus_add_paper", tag = "assets",
    params(("number" = String, Path, description = "盘盈编号")),
    request_body(content = CasePaperForm, content_type = "multipart/form-data"),
    responses((status = 201, body = PaperView), Problems), security(("session" = []), ("token" = [])))]
async fn add_to_surplus(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<PaperView>), ApiError> {
    let row = take_for_surplus(&app, &ctx, &number, request).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}
