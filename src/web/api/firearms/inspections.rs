//! Inspections of armouries: the day's remote ones, the checklist, photos, signatures, the printed form.

use axum::extract::{DefaultBodyLimit, Request, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use axum::{Extension, Json};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::draws::ReasonBody;
use crate::access::{Action, permit_somewhere};
use crate::firearms::entity::armoury;
use crate::firearms::inspections::entity::{inspection, photo};
use crate::firearms::inspections::model::{Kind, Outcome, State as Stands};
use crate::firearms::inspections::paper::Paper;
use crate::firearms::inspections::service::{self, Answers, NewInspection, asked};
use crate::firearms::inspections::store::{self, Wanted};
use crate::firearms::inspections::{checklist, photos};
use crate::firearms::{ArmsError, store as registry};
use crate::kernel::Ctx;
use crate::web::api::accounts::CoSignature;
use crate::web::api::assets::papers::taken;
use crate::web::api::attachments;
use crate::web::api::jobs::names;
use crate::web::error::Problems;
use crate::web::extract::{Body, IfMatch, Path, Query, Versioned};
use crate::web::layers::Visit;
use crate::web::settings::UPLOAD_FORM_BYTES;
use crate::web::{ApiError, App, Caller};

/// Rows of a list.
const MOST: u64 = 200;

names! {
    /// How an armoury is inspected.
    InspectionKindName of Kind { Daily, OnSite, Special, }
    /// Where an inspection stands.
    InspectionStateName of Stands { Open, Signed, Cancelled, }
    /// What a check came to.
    OutcomeName of Outcome { Pass, Fail, NotApplicable, }
}

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    let files = OpenApiRouter::new().routes(routes!(add_photo)).layer(DefaultBodyLimit::max(UPLOAD_FORM_BYTES));
    OpenApiRouter::new()
        .routes(routes!(list, open))
        .routes(routes!(today))
        .routes(routes!(sign))
        .routes(routes!(show))
        .routes(routes!(answer))
        .routes(routes!(cancel))
        .routes(routes!(form))
        .merge(files)
        .routes(routes!(show_photo))
}

/// An inspection.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionView {
    /// 检查表编号
    pub number: String,
    /// How.
    pub kind: InspectionKindName,
    /// Where it stands.
    pub state: InspectionStateName,
    /// 枪弹库
    pub armoury_id: Uuid,
    /// 被检单位
    pub unit_id: Uuid,
    /// 检查日期
    pub day: String,
    /// Of a special inspection: which.
    pub occasion: String,
    /// By which list of checks.
    pub checklist: i64,
    /// 检查人员
    pub inspector_id: Uuid,
    /// 检查单位
    pub inspecting_unit_id: Uuid,
    /// 负责人
    pub in_charge_id: Option<Uuid>,
    /// 存在问题
    pub problems: String,
    /// 上报单位
    pub reported_to: String,
    /// How many checks failed.
    pub failed: i64,
    /// When it was signed.
    pub signed_at: Option<i64>,
    /// Why it was cancelled.
    pub cancelled_reason: String,
}

impl From<inspection::Model> for InspectionView {
    fn from(row: inspection::Model) -> Self {
        Self {
            number: row.number,
            kind: row.kind.into(),
            state: row.state.into(),
            armoury_id: row.armoury_id,
            unit_id: row.unit_id.0,
            day: row.day.to_string(),
            occasion: row.occasion,
            checklist: row.checklist,
            inspector_id: row.inspector_id.0,
            inspecting_unit_id: row.inspecting_unit_id.0,
            in_charge_id: row.in_charge_id.map(|id| id.0),
            problems: row.problems,
            reported_to: row.reported_to,
            failed: row.failed,
            signed_at: row.signed_at.map(|at| at.0),
            cancelled_reason: row.cancelled_reason,
        }
    }
}

/// A check of a paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct CheckView {
    /// Its code.
    pub code: &'static str,
    /// What it belongs to.
    pub area: &'static str,
    /// What is looked at.
    pub text: &'static str,
    /// What it came to; nothing yet when nobody has said.
    pub outcome: Option<OutcomeName>,
    /// Why.
    pub remark: String,
}

/// A photo of a paper.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionPhotoView {
    /// Its id.
    pub id: Uuid,
    /// Of which check; blank: of the whole.
    pub code: String,
    /// What it is called.
    pub name: String,
    /// What its content is.
    pub media_type: String,
    /// How large it is.
    pub bytes: i64,
    /// SHA-256 of its content.
    pub sha256: String,
    /// When it was brought.
    pub uploaded_at: i64,
}

impl From<photo::Model> for InspectionPhotoView {
    fn from(row: photo::Model) -> Self {
        Self {
            id: row.id,
            code: row.code,
            name: row.name,
            media_type: row.media_type,
            bytes: row.bytes,
            sha256: row.sha256,
            uploaded_at: row.uploaded_at.0,
        }
    }
}

/// An inspection with its checks and photos.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct InspectionWithChecks {
    /// The inspection.
    pub inspection: InspectionView,
    /// The checks in the order of the form.
    pub checks: Vec<CheckView>,
    /// The photos.
    pub photos: Vec<InspectionPhotoView>,
}

/// Which inspections.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct InspectionFilter {
    /// Of this kind only.
    #[param(inline)]
    pub kind: Option<InspectionKindName>,
    /// In this state only.
    #[param(inline)]
    pub state: Option<InspectionStateName>,
}

/// 检查记录, newest first.
#[utoipa::path(get, path = "/firearms/inspections", operation_id = "inspections_list", tag = "firearms",
    params(InspectionFilter), responses((status = 200, body = [InspectionView]), Problems),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(filter): Query<InspectionFilter>,
) -> Result<Json<Vec<InspectionView>>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let wanted = Wanted { kind: filter.kind.map(Into::into), state: filter.state.map(Into::into), ..Wanted::default() };
    let rows = store::list(app.db().read(), &ctx, &wanted, MOST).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// What to inspect.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OpenInspectionBody {
    /// 枪弹库编号
    #[schema(min_length = 1, max_length = 40)]
    pub armoury: String,
    /// How.
    pub kind: InspectionKindName,
    /// Of a special inspection: which.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub occasion: String,
}

/// 开始检查
#[utoipa::path(post, path = "/firearms/inspections", operation_id = "inspections_open", tag = "firearms",
    request_body = OpenInspectionBody, responses((status = 201, body = InspectionView), Problems),
    security(("session" = [])))]
async fn open(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<OpenInspectionBody>,
) -> Result<Response, ApiError> {
    let new = NewInspection { armoury: body.armoury, kind: body.kind.into(), occasion: body.occasion };
    let row = app.write(move |db| async move { service::open(&db, &ctx, &new).await }).await?;
    Ok((StatusCode::CREATED, Versioned(row.version, InspectionView::from(row))).into_response())
}

/// An armoury and its remote inspection of today.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayLine {
    /// 枪弹库编号
    pub armoury: String,
    /// 单位
    pub unit_id: Uuid,
    /// The paper; nothing yet when nobody has begun.
    pub inspection: Option<InspectionView>,
}

/// Today's remote inspections.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct DayView {
    /// Which day.
    pub day: String,
    /// From when on what is missing is told.
    pub by: i64,
    /// How many are signed.
    pub done: usize,
    /// Each armoury that is in use.
    pub armouries: Vec<DayLine>,
}

/// 今天的网上检查: done and missing.
#[utoipa::path(get, path = "/firearms/inspections/today", operation_id = "inspections_today", tag = "firearms",
    responses((status = 200, body = DayView), Problems), security(("session" = []), ("token" = [])))]
async fn today(State(app): State<App>, Caller(ctx): Caller) -> Result<Json<DayView>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let day = service::today(app.db().read(), &ctx).await?;
    let done = day.done();
    let line = |(of, paper): (armoury::Model, Option<inspection::Model>)| DayLine {
        armoury: of.number,
        unit_id: of.unit_id.0,
        inspection: paper.map(Into::into),
    };
    let armouries = day.armouries.into_iter().map(line).collect();
    Ok(Json(DayView { day: day.day.to_string(), by: day.by.0, done, armouries }))
}

async fn with_checks(app: &App, ctx: &Ctx, number: &str) -> Result<Versioned<InspectionWithChecks>, ApiError> {
    let db = app.db().read();
    let row = store::one(db, ctx, number).await?;
    let of = registry::armoury_by_id(db, row.armoury_id).await?.ok_or(ArmsError::NotFound("这个枪弹库"))?;
    let mut results = store::results(db, row.id).await?;
    let check = |check: &'static checklist::Check| {
        let result = results.remove(check.code);
        CheckView {
            code: check.code,
            area: check.area,
            text: check.text,
            outcome: result.as_ref().map(|one| one.outcome.into()),
            remark: result.map(|one| one.remark).unwrap_or_default(),
        }
    };
    let checks = asked(&row, &of).into_iter().map(check).collect();
    let photos = store::photos(db, row.id).await?.into_iter().map(Into::into).collect();
    Ok(Versioned(row.version, InspectionWithChecks { inspection: row.into(), checks, photos }))
}

/// One inspection with its checks and photos.
#[utoipa::path(get, path = "/firearms/inspections/{number}", operation_id = "inspections_show", tag = "firearms",
    params(("number" = String, Path, description = "检查表编号")),
    responses((status = 200, body = InspectionWithChecks), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Versioned<InspectionWithChecks>, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    with_checks(&app, &ctx, &number).await
}

/// What a check came to.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CheckAnswer {
    /// Which check.
    #[schema(min_length = 1, max_length = 40)]
    pub code: String,
    /// What it came to.
    pub outcome: OutcomeName,
    /// Why; asked of one that did not pass.
    #[serde(default)]
    #[schema(max_length = 500)]
    pub remark: String,
}

/// What the checks came to, as far as it is known.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AnswersBody {
    /// The checks.
    #[schema(max_items = 100)]
    pub checks: Vec<CheckAnswer>,
    /// 存在问题
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub problems: Option<String>,
    /// 上报单位
    #[serde(default)]
    #[schema(max_length = 2000)]
    pub reported_to: Option<String>,
}

/// 填写检查表
#[utoipa::path(post, path = "/firearms/inspections/{number}/answers", operation_id = "inspections_answer",
    tag = "firearms", params(("number" = String, Path, description = "检查表编号")), request_body = AnswersBody,
    responses((status = 200, body = InspectionView), Problems), security(("session" = [])))]
async fn answer(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    seen: Option<IfMatch>,
    Body(body): Body<AnswersBody>,
) -> Result<Versioned<InspectionView>, ApiError> {
    let version = seen.map(|seen| seen.0);
    let checks = body.checks.into_iter().map(|one| (one.code, one.outcome.into(), one.remark)).collect();
    let answers = Answers { checks, problems: body.problems, reported_to: body.reported_to };
    let row = app.write(move |db| async move { service::answer(&db, &ctx, &number, version, &answers).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// Which papers are signed, with the proof that the inspector is there.
#[derive(Debug, Clone, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SignInspectionsBody {
    /// 检查表编号: all of them are signed, or none.
    #[schema(min_items = 1, max_items = 500)]
    pub numbers: Vec<String>,
    /// Their own login, password and code.
    pub signer: CoSignature,
}

/// 签字: every failed check becomes a finding.
#[utoipa::path(post, path = "/firearms/inspections/sign", operation_id = "inspections_sign", tag = "firearms",
    request_body = SignInspectionsBody, responses((status = 200, body = [InspectionView]), Problems),
    security(("session" = [])))]
async fn sign(
    State(app): State<App>,
    Extension(visit): Extension<Visit>,
    Caller(ctx): Caller,
    Body(body): Body<SignInspectionsBody>,
) -> Result<Json<Vec<InspectionView>>, ApiError> {
    permit_somewhere(&ctx, Action::InspectionsRun)?;
    let signer = body.signer.prove(&app, &visit, &ctx).await?;
    let rows = app.write(move |db| async move { service::sign(&db, &signer, &body.numbers).await }).await?;
    Ok(Json(rows.into_iter().map(Into::into).collect()))
}

/// 取消检查
#[utoipa::path(post, path = "/firearms/inspections/{number}/cancel", operation_id = "inspections_cancel",
    tag = "firearms", params(("number" = String, Path, description = "检查表编号")), request_body = ReasonBody,
    responses((status = 200, body = InspectionView), Problems), security(("session" = [])))]
async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Body(body): Body<ReasonBody>,
) -> Result<Versioned<InspectionView>, ApiError> {
    let row = app.write(move |db| async move { service::cancel(&db, &ctx, &number, &body.reason).await }).await?;
    Ok(Versioned(row.version, row.into()))
}

/// 安全检查对照检查表 as it is printed.
#[utoipa::path(get, path = "/firearms/inspections/{number}/form.pdf", operation_id = "inspections_form",
    tag = "firearms", params(("number" = String, Path, description = "检查表编号")),
    responses((status = 200, description = "The form", body = Vec<u8>, content_type = "application/pdf"), Problems),
    security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn form(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let row = store::one(app.db().read(), &ctx, &number).await?;
    let name = format!("{}.pdf", row.number);
    let paper = Paper::read(app.db().read(), row, ctx.now()).await?;
    let made = tokio::task::spawn_blocking(move || paper.bytes()).await;
    as_pdf(&name, made.map_err(|_| ApiError::Internal)??)
}

/// A PDF to be looked at.
pub(super) fn as_pdf(name: &str, bytes: Vec<u8>) -> Result<Response, ApiError> {
    let kind = (header::CONTENT_TYPE, "application/pdf".to_owned());
    let named = (header::CONTENT_DISPOSITION, format!("inline; filename=\"{name}\""));
    Ok(([kind, named], bytes).into_response())
}

/// A form with one photo.
#[derive(Debug, ToSchema)]
#[schema(as = inspections::PhotoForm)]
#[expect(dead_code, reason = "describes the form, which is read as a stream")]
struct PhotoForm {
    /// Of which check; left out: of the whole.
    step: Option<String>,
    /// A picture, up to 40 MB; after the step.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Takes in the photo of a form and adds it to a paper.
pub(in crate::web) async fn take_in(
    app: &App,
    ctx: &Ctx,
    number: &str,
    request: Request,
) -> Result<photo::Model, ApiError> {
    permit_somewhere(ctx, Action::InspectionsRun)?;
    let row = store::one(app.db().read(), ctx, number).await?;
    crate::access::permit(ctx, Action::InspectionsRun, Some(row.unit_id))?;
    let (code, file) = taken(app, ctx, request).await?;
    // The content first: a row never names what is not there.
    app.shelf()?.put(&file).await?;
    let (ctx, number) = (ctx.clone(), row.number);
    app.write(move |db| async move { photos::add(&db, &ctx, &number, &code, &file).await }).await
}

/// Adds a photo to an open paper.
#[utoipa::path(post, path = "/firearms/inspections/{number}/photos", operation_id = "inspections_add_photo",
    tag = "firearms", params(("number" = String, Path, description = "检查表编号")),
    request_body(content = PhotoForm, content_type = "multipart/form-data"),
    responses((status = 201, body = InspectionPhotoView), Problems), security(("session" = [])))]
async fn add_photo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    request: Request,
) -> Result<(StatusCode, Json<InspectionPhotoView>), ApiError> {
    let row = take_in(&app, &ctx, &number, request).await?;
    Ok((StatusCode::CREATED, Json(row.into())))
}

/// What a photo holds, held against its hash.
#[utoipa::path(get, path = "/firearms/inspection-photos/{id}", operation_id = "inspections_show_photo",
    tag = "firearms", params(("id" = Uuid, Path)),
    responses((status = 200, description = "The photo", body = Vec<u8>, content_type = "application/octet-stream"),
        Problems), security(("session" = []), ("token" = [])))]
pub(in crate::web) async fn show_photo(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(id): Path<Uuid>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::FirearmsRead)?;
    let row = store::photo(app.db().read(), &ctx, id).await?;
    let bytes = app.shelf()?.content(&row.sha256).await?;
    attachments::as_file(&row.name, &row.media_type, bytes, true)
}
