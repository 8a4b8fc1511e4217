//! `/api/v1`: labels. Printed for things and places or ahead, claimed, voided; which wait for a reprint.

pub mod views;

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use hufu_labels::code::LabelCode;
use hufu_labels::write::{Format, LabelRecord, Sheet, Template, WriteError};
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;
use uuid::Uuid;

use super::parts::after_id;
use crate::access::{Action, permit, permit_somewhere, reach};
use crate::items::entity::{item, label};
use crate::items::labels::{self, Printing, Subject};
use crate::items::printing::{BuiltinPaper, names, record_of, record_of_place};
use crate::items::{ItemError, store};
use crate::kernel::Ctx;
use crate::kernel::ids::PlaceId;
use crate::org::entity::place;
use crate::org::{OrgError, places, service};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query};
use crate::web::{ApiError, App, Caller};
use views::{Claim, LabelView, Paper, PrintBlanks, PrintLabels, ReprintRow, Templates, Void};

/// The operations.
pub fn router() -> OpenApiRouter<App> {
    OpenApiRouter::new()
        .routes(routes!(templates))
        .routes(routes!(reprints))
        .routes(routes!(print))
        .routes(routes!(print_blanks))
        .routes(routes!(show))
        .routes(routes!(claim))
        .routes(routes!(void))
        .routes(routes!(preview))
}

/// Labels that one request prints at most.
pub(in crate::web) const MOST: usize = 2_000;

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        let said = error.to_string();
        match error {
            WriteError::UnknownTemplate { .. } | WriteError::TooLarge { .. } => Self::invalid("template", said),
            WriteError::UnknownSheet { .. } | WriteError::SheetOnRoll(_) => Self::invalid("sheet", said),
            WriteError::SkipTooFar { .. } | WriteError::SkipWithoutSheet(_) => Self::invalid("skip", said),
            WriteError::BadDpi(_) | WriteError::QrTooCoarse { .. } => Self::invalid("dpi", said),
            WriteError::UnknownFormat(_) | WriteError::Picture(_) => Self::invalid("format", said),
            WriteError::Empty => Self::Invalid { field: None, reason: said },
            other => {
                tracing::error!(error = ?other, "labels could not be written");
                Self::Internal
            }
        }
    }
}

const fn media(format: Format) -> (&'static str, &'static str) {
    match format {
        Format::Pdf => ("application/pdf", "labels.pdf"),
        Format::Png => ("image/png", "labels.png"),
        Format::Svg => ("image/svg+xml", "labels.svg"),
        Format::Zpl => ("application/octet-stream", "labels.zpl"),
        Format::Tspl => ("application/octet-stream", "labels.tspl"),
    }
}

/// Labels as an answer.
pub(in crate::web) fn file(status: StatusCode, format: Format, bytes: Vec<u8>) -> Response {
    let (media, name) = media(format);
    let named = format!("attachment; filename=\"{name}\"");
    (status, [(header::CONTENT_TYPE, media.to_owned()), (header::CONTENT_DISPOSITION, named)], bytes).into_response()
}

/// Runs what takes a core where it holds up nobody else's request.
pub(in crate::web) async fn on_a_core<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, WriteError> + Send + 'static,
) -> Result<T, ApiError> {
    tokio::task::spawn_blocking(work).await.map_err(|_| ApiError::Internal)?.map_err(ApiError::from)
}

/// The paper, looked at before a label is recorded as printed.
pub(in crate::web) async fn checked(paper: Paper, count: usize) -> Result<(BuiltinPaper, Format, String), ApiError> {
    if count == 0 {
        return Err(WriteError::Empty.into());
    }
    if count > MOST {
        return Err(ApiError::Invalid {
            field: None, reason: format!("一次最多打印 {MOST} 张，这里有 {count} 张")
        });
    }
    let format = Format::from(paper.format);
    let template = paper.template.clone();
    let made = on_a_core(move || {
        BuiltinPaper::new(&paper.template, paper.sheet.as_deref(), (paper.skip, paper.dpi), format, count)
    });
    Ok((made.await?, format, template))
}

/// Templates and sheets that are built in.
#[utoipa::path(get, path = "/labels/templates", operation_id = "labels_templates", tag = "labels",
    responses((status = 200, body = Templates), Problems), security(("session" = []), ("token" = [])))]
async fn templates(Caller(ctx): Caller) -> Result<axum::Json<Templates>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    Ok(axum::Json(Templates {
        templates: Template::builtin_names().map(str::to_owned).collect(),
        sheets: Sheet::builtin_names().map(str::to_owned).collect(),
    }))
}

/// Things whose label shows something that is no longer so, in the order in which that was found.
#[utoipa::path(get, path = "/labels/reprints", operation_id = "labels_reprints", tag = "labels", params(Paging),
    responses((status = 200, body = Page<ReprintRow>), Problems), security(("session" = []), ("token" = [])))]
async fn reprints(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(paging): Query<Paging>,
) -> Result<axum::Json<Page<ReprintRow>>, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let limit = paging.rows()?;
    let after = after_id::<Uuid>(paging.after.as_deref())?;
    let among = reach(&ctx, Action::ItemsRead).units();
    let rows = store::reprint_page(app.db().read(), among, after, limit + 1).await?;
    let page = Page::cut(rows, limit, |(waiting, _)| waiting.id.to_string());
    Ok(axum::Json(Page { rows: page.rows.into_iter().map(ReprintRow::from).collect(), next: page.next }))
}

/// The things and places that labels are asked for, in the order asked.
async fn wanted(app: &App, ctx: &Ctx, body: &PrintLabels) -> Result<(Vec<item::Model>, Vec<place::Model>), ApiError> {
    if body.items.len() + body.places.len() > MOST {
        return Err(ApiError::Invalid { field: None, reason: format!("一次最多打印 {MOST} 张") });
    }
    let db = app.db().read();
    let right = reach(ctx, Action::LabelsPrint);
    let mut things = Vec::with_capacity(body.items.len());
    for number in &body.items {
        let thing = store::by_number(db, number).await?.filter(|thing| right.covers(Some(thing.unit_id)));
        things.push(thing.ok_or_else(|| ItemError::NotFound(number.clone()))?);
    }
    if body.reprints {
        let waiting = store::reprint_page(db, right.units(), None, MOST as u64).await?;
        things.extend(waiting.into_iter().map(|(_, thing)| thing));
    }
    let mut rooms = Vec::with_capacity(body.places.len());
    for id in &body.places {
        let room = places::by_id(db, PlaceId(*id)).await?.filter(|room| right.covers(Some(room.unit_id)));
        rooms.push(room.ok_or(OrgError::NotFound("地点"))?);
    }
    Ok((things, rooms))
}

/// Prints labels for things and places and answers the file. Who has no label gets one; `renew` gives new codes, and the
/// old ones are superseded.
#[utoipa::path(post, path = "/labels/print", operation_id = "labels_print", tag = "labels", request_body = PrintLabels,
    responses((status = 201, description = "The labels", content(
        (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/svg+xml"),
        (Vec<u8> = "application/octet-stream"))), Problems), security(("session" = []), ("token" = [])))]
async fn print(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<PrintLabels>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsPrint)?;
    let (things, rooms) = wanted(&app, &ctx, &body).await?;
    let count = things.len() + rooms.len();
    // Whatever is wrong with the paper is said before a label is recorded as printed.
    let (paper, format, template) = checked(body.paper, count).await?;
    let subjects: Vec<Subject> = things.iter().map(|thing| Subject::Item(thing.id)).collect();
    let subjects: Vec<Subject> = subjects.into_iter().chain(rooms.iter().map(|room| Subject::Place(room.id))).collect();
    let printing = if body.renew || body.reprints { Printing::Renew } else { Printing::Again };
    let printed = app
        .write(move |db| async move { labels::print_facts(&db, &ctx, &subjects, &template, printing).await })
        .await?;
    let now = |row: item::Model| printed.things.get(&row.id).cloned().unwrap_or(row);
    let things: Vec<item::Model> = things.into_iter().map(now).collect();
    let now = |row: place::Model| printed.rooms.get(&row.id).cloned().unwrap_or(row);
    let rooms: Vec<place::Model> = rooms.into_iter().map(now).collect();
    let (organisation, directory) = names(app.db().read(), &things, &rooms).await?;
    let (of_things, of_rooms) = printed.codes.split_at(things.len());
    let items = things.iter().zip(of_things).map(|(thing, code)| record_of(&directory, thing, *code));
    let rooms = rooms.iter().zip(of_rooms).map(|(room, code)| record_of_place(&directory, room, *code));
    let records: Vec<LabelRecord> = items.chain(rooms).collect();
    let bytes = on_a_core(move || paper.write(&records, &organisation)).await?;
    Ok(file(StatusCode::CREATED, format, bytes))
}

/// Prints labels ahead, to be claimed by a scan, and answers the file.
#[utoipa::path(post, path = "/labels/blanks", operation_id = "labels_print_blanks", tag = "labels",
    request_body = PrintBlanks,
    responses((status = 201, description = "The labels", content(
        (Vec<u8> = "application/pdf"), (Vec<u8> = "image/png"), (Vec<u8> = "image/svg+xml"),
        (Vec<u8> = "application/octet-stream"))), Problems), security(("session" = []), ("token" = [])))]
async fn print_blanks(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<PrintBlanks>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LabelsPrint)?;
    let count = usize::try_from(body.count).unwrap_or(usize::MAX);
    let (paper, format, template) = checked(body.paper, count).await?;
    let organisation = service::organisation(app.db().read()).await?;
    let codes = app.write(move |db| async move { labels::print_blanks(&db, &ctx, count, &template).await }).await?;
    let records: Vec<LabelRecord> = codes.into_iter().map(LabelRecord::blank).collect();
    let bytes = on_a_core(move || paper.write(&records, &organisation)).await?;
    Ok(file(StatusCode::CREATED, format, bytes))
}

/// The label with this code, where the caller may see what it is stuck on; a blank is anybody's to see.
pub(in crate::web) async fn seen(app: &App, ctx: &Ctx, text: &str) -> Result<(LabelCode, label::Model), ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let unknown = || ApiError::from(ItemError::UnknownLabel(text.to_owned()));
    let code: LabelCode = text.parse().map_err(|_| unknown())?;
    let label = labels::by_code(app.db().read(), text).await?.ok_or_else(unknown)?;
    if let Some(subject) = labels::subject_of(&label)
        && permit(ctx, Action::ItemsRead, labels::unit_of(app.db().read(), subject).await?).is_err()
    {
        return Err(unknown());
    }
    Ok((code, label))
}

/// A label by its code.
#[utoipa::path(get, path = "/labels/{code}", operation_id = "labels_show", tag = "labels",
    params(("code" = String, Path, description = "标签码")),
    responses((status = 200, body = LabelView), Problems), security(("session" = []), ("token" = [])))]
async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
) -> Result<axum::Json<LabelView>, ApiError> {
    Ok(axum::Json(seen(&app, &ctx, &code).await?.1.into()))
}

/// Sticks a blank label on a thing; an older label of it is superseded.
#[utoipa::path(post, path = "/labels/{code}/claim", operation_id = "labels_claim", tag = "labels",
    params(("code" = String, Path, description = "标签码")), request_body = Claim,
    responses((status = 200, body = LabelView), Problems), security(("session" = []), ("token" = [])))]
async fn claim(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    Body(body): Body<Claim>,
) -> Result<axum::Json<LabelView>, ApiError> {
    permit_somewhere(&ctx, Action::LabelsClaim)?;
    let (label_code, _) = seen(&app, &ctx, &code).await?;
    let thing = store::by_number(app.db().read(), &body.item_number).await?;
    if !thing.is_some_and(|thing| reach(&ctx, Action::ItemsRead).covers(Some(thing.unit_id))) {
        return Err(ItemError::NotFound(body.item_number).into());
    }
    let asker = ctx.clone();
    app.write(move |db| async move { labels::claim(&db, &asker, label_code, &body.item_number).await }).await?;
    Ok(axum::Json(seen(&app, &ctx, &code).await?.1.into()))
}

/// Voids a label: torn, or printed for nothing.
#[utoipa::path(post, path = "/labels/{code}/void", operation_id = "labels_void", tag = "labels",
    params(("code" = String, Path, description = "标签码")), request_body = Void,
    responses((status = 200, body = LabelView), Problems), security(("session" = []), ("token" = [])))]
async fn void(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(code): Path<String>,
    Body(body): Body<Void>,
) -> Result<axum::Json<LabelView>, ApiError> {
    permit_somewhere(&ctx, Action::LabelsVoid)?;
    let (label_code, _) = seen(&app, &ctx, &code).await?;
    let asker = ctx.clone();
    app.write(move |db| async move { labels::void(&db, &asker, label_code, &body.reason).await }).await?;
    Ok(axum::Json(seen(&app, &ctx, &code).await?.1.into()))
}

/// How a preview is drawn.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct Preview {
    /// The template; the one that the label was printed on, when not said.
    #[param(max_length = 40)]
    template: Option<String>,
    /// Dots an inch, 150 when not said.
    #[param(minimum = 72, maximum = 600)]
    dpi: Option<u32>,
}

/// The current label of a thing as a picture. Nothing is recorded as printed.
#[utoipa::path(get, path = "/items/{number}/label.png", operation_id = "labels_preview", tag = "labels",
    params(("number" = String, Path, description = "资产编号"), Preview),
    responses((status = 200, description = "The label", body = Vec<u8>, content_type = "image/png"), Problems),
    security(("session" = []), ("token" = [])))]
async fn preview(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Preview>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    let dpi = asked.dpi.unwrap_or(150);
    if !(72..=600).contains(&dpi) {
        return Err(ApiError::invalid("dpi", "分辨率应在 72 至 600 之间"));
    }
    let db = app.db().read();
    let found = store::by_number(db, &number).await?;
    let thing = found.filter(|thing| reach(&ctx, Action::ItemsRead).covers(Some(thing.unit_id)));
    let thing = thing.ok_or_else(|| ItemError::NotFound(number.clone()))?;
    let label = store::current_labels(db, &[thing.id.0]).await?.remove(&thing.id.0);
    let label = label.ok_or_else(|| ApiError::NotFound(format!("“{number}”还没有标签")))?;
    let code: LabelCode = label.code.parse().map_err(|_| ApiError::Internal)?;
    let (organisation, directory) = names(app.db().read(), std::slice::from_ref(&thing), &[]).await?;
    let record = record_of(&directory, &thing, code);
    let printed_on = label.template;
    let bytes = on_a_core(move || {
        // A label may have been printed on a template of a file, which is not here.
        let known = Template::builtin_names().find(|name| *name == printed_on).unwrap_or("asset-60x40");
        let template = asked.template.as_deref().unwrap_or(known);
        let paper = BuiltinPaper::new(template, None, (0, dpi), Format::Png, 1)?;
        paper.write(&[record], &organisation)
    });
    Ok(([(header::CONTENT_TYPE, "image/png")], bytes.await?).into_response())
}
