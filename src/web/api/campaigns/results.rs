//! What a campaign finds: differences, leads, the report, missing cases.

use std::path::PathBuf;

use axum::Json;
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use uuid::Uuid;

use super::campaign_number;
use super::views::{LeadsView, LineView, MissingView};
use crate::access::{self, Action};
use crate::assets::net_values;
use crate::db::order::{By, Order};
use crate::kernel::Ctx;
use crate::kernel::ids::{ItemId, MissingCaseId, UnitId};
use crate::org;
use crate::stocktake::entity::missing_case;
use crate::stocktake::look::{self, LineKey};
use crate::stocktake::model::MissingState;
use crate::stocktake::outcome::{Outcome, OutcomeLine};
use crate::stocktake::publish::Ledger;
use crate::stocktake::verdict::Verdict;
use crate::stocktake::{StocktakeError, missing, publish};
use crate::web::error::Problems;
use crate::web::extract::{Body, Page, Paging, Path, Query};
use crate::web::{ApiError, App, Caller};

/// Which differences.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct Wanted {
    /// Of this verdict; without one, all that ask something of someone.
    verdict: Option<String>,
    /// Of this unit.
    unit: Option<Uuid>,
    /// `next` of the page before; nothing for the first.
    after: Option<String>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

/// What a campaign has found, worked out aside: with tens of thousands of things that takes a core for a while, which
/// those who answer requests must not miss.
async fn worked_out(app: &App, ctx: Ctx, number: String, with_leads: bool) -> Result<Outcome, ApiError> {
    app.write(async move |db: crate::db::Db| {
        let db = db.read();
        if with_leads {
            look::outcome_with_leads(db, &ctx, &number).await
        } else {
            look::outcome(db, &ctx, &number).await
        }
    })
    .await
}

/// A page of those lines that are `wanted`, in the order of [`LineKey`].
fn page<T>(
    outcome: &Outcome,
    paging: &Paging,
    wanted: impl Fn(&OutcomeLine) -> bool,
    view: impl Fn(&Outcome, &OutcomeLine) -> T,
) -> Result<Page<T>, ApiError> {
    let rows = usize::try_from(paging.rows()?).unwrap_or(usize::MAX);
    let read = |text: &str| LineKey::read(text).ok_or_else(|| ApiError::invalid("after", "不是上一页给出的位置"));
    let after = paging.after.as_deref().map(read).transpose()?;
    let mut lines: Vec<(LineKey, &OutcomeLine)> = outcome
        .lines
        .iter()
        .filter(|line| wanted(line))
        .map(|line| (LineKey::of(line), line))
        .filter(|(key, _)| after.as_ref().is_none_or(|after| key > after))
        .collect();
    lines.sort_by(|a, b| a.0.cmp(&b.0));
    let next = lines.get(rows).and_then(|_| lines.get(rows - 1)).map(|(key, _)| key.written());
    Ok(Page { rows: lines.into_iter().take(rows).map(|(_, line)| view(outcome, line)).collect(), next })
}

/// What does not agree, within reach. Of a blind count, what its sheets still hide is left out.
#[utoipa::path(
    get, path = "/campaigns/{number}/differences", operation_id = "campaigns_list_differences", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), Wanted),
    responses((status = 200, body = Page<LineView>), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn differences(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(wanted): Query<Wanted>,
) -> Result<Json<Page<LineView>>, ApiError> {
    let number = campaign_number(number)?;
    let only: Option<Verdict> =
        wanted.verdict.map(|name| name.parse()).transpose().map_err(
            |error: crate::stocktake::verdict::UnknownVerdict| ApiError::invalid("verdict", error.to_string()),
        )?;
    let unit = wanted.unit.map(UnitId);
    let paging = Paging { after: wanted.after, limit: wanted.limit };
    paging.rows()?;
    let outcome = worked_out(&app, ctx, number, false).await?;
    let is_wanted = |line: &OutcomeLine| {
        only.map_or(line.verdict.needs_attention(), |verdict| line.verdict == verdict)
            && unit.is_none_or(|unit| line.unit == Some(unit))
    };
    Ok(Json(page(&outcome, &paging, is_wanted, LineView::new)?))
}

/// Where to look for what is missing, within reach.
#[utoipa::path(
    get, path = "/campaigns/{number}/leads", operation_id = "campaigns_list_leads", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number"), Paging),
    responses((status = 200, body = Page<LeadsView>), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn leads(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(paging): Query<Paging>,
) -> Result<Json<Page<LeadsView>>, ApiError> {
    paging.rows()?;
    let outcome = worked_out(&app, ctx, campaign_number(number)?, true).await?;
    Ok(Json(page(&outcome, &paging, |line| line.verdict == Verdict::Missing, LeadsView::new)?))
}

/// The report to work with, of the units within reach.
#[utoipa::path(
    get, path = "/campaigns/{number}/report.xlsx", operation_id = "campaigns_report_xlsx", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")),
    responses(
        (status = 200, content_type = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", body = FileBytes),
        Problems
    ),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn workbook(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    report(&app, &ctx, number, kind, "report.xlsx", |outcome, ledger, organisation, ctx| {
        let dir = Scratch::new(ctx).map_err(|error| StocktakeError::Report(error.to_string()))?;
        let path = dir.0.join("report.xlsx");
        publish::workbook(outcome, ledger, organisation, ctx.now(), &path)?;
        std::fs::read(&path).map_err(|error| StocktakeError::Report(error.to_string()))
    })
    .await
}

/// The report to sign, of the units within reach.
#[utoipa::path(
    get, path = "/campaigns/{number}/report.pdf", operation_id = "campaigns_report_pdf", tag = "campaigns",
    params(("number" = String, Path, description = "The campaign's number")),
    responses((status = 200, content_type = "application/pdf", body = FileBytes), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn document(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
) -> Result<Response, ApiError> {
    let make = |outcome: &Outcome, ledger: &Ledger, organisation: &str, ctx: &Ctx| {
        publish::document(outcome, ledger, organisation, ctx.now())
    };
    report(&app, &ctx, number, "application/pdf", "report.pdf", make).await
}

/// A file.
#[derive(ToSchema)]
#[schema(as = campaigns::FileBytes, value_type = String, format = Binary)]
#[expect(dead_code, reason = "describes the bytes, which are written as they are")]
struct FileBytes(Vec<u8>);

/// A folder that goes when it is no longer needed.
pub(in crate::web) struct Scratch(PathBuf);

impl Scratch {
    pub(in crate::web) fn path(&self) -> &std::path::Path {
        &self.0
    }

    pub(in crate::web) fn new(ctx: &Ctx) -> std::io::Result<Self> {
        let path = std::env::temp_dir().join(format!("hufu-{}", ctx.new_id::<Uuid>()));
        let mut builder = std::fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&path)?;
        Ok(Self(path))
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        // What cannot be removed is left to whoever cleans the system's temporary folder.
        let _removed = std::fs::remove_dir_all(&self.0);
    }
}

async fn report(
    app: &App,
    ctx: &Ctx,
    number: String,
    kind: &'static str,
    name: &'static str,
    make: impl FnOnce(&Outcome, &Ledger, &str, &Ctx) -> Result<Vec<u8>, StocktakeError> + Send + 'static,
) -> Result<Response, ApiError> {
    let outcome = worked_out(app, ctx.clone(), campaign_number(number)?, false).await?;
    let organisation = org::service::organisation(app.db().read()).await?;
    let ledger = net_values::for_count(app.db().read(), ctx, &outcome).await?;
    let ctx = ctx.clone();
    let made = tokio::task::spawn_blocking(move || make(&outcome, &ledger, &organisation, &ctx)).await;
    let bytes = made.map_err(|_| ApiError::Internal)??;
    let disposition = format!("attachment; filename=\"{name}\"");
    Ok(([(header::CONTENT_TYPE, kind.to_owned()), (header::CONTENT_DISPOSITION, disposition)], bytes).into_response())
}

/// Which missing cases.
#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub(super) struct WantedCases {
    /// In this state: `searching`, `found`, `confirmed`, `approved`, `written_off`.
    state: Option<String>,
    /// On the list of this year.
    list_year: Option<i64>,
    /// `next` of the page before; nothing for the first.
    after: Option<Uuid>,
    /// Rows wanted, 50 when not said.
    #[param(minimum = 1, maximum = 500)]
    limit: Option<u64>,
}

/// The missing cases of things within reach, oldest first.
#[utoipa::path(
    get, path = "/missing-cases", operation_id = "missing_list", tag = "campaigns", params(WantedCases),
    responses((status = 200, body = Page<MissingView>), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn missing(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(wanted): Query<WantedCases>,
) -> Result<Json<Page<MissingView>>, ApiError> {
    let rows = Paging { after: None, limit: wanted.limit }.rows()?;
    let state = wanted.state.map(|name| serde_json::from_value::<MissingState>(name.into())).transpose();
    let state = state.map_err(|_| ApiError::invalid("state", "没有这样的状态"))?;
    let after = wanted.after.map(|id| MissingCaseId(id).into());
    let order = Order { by: By::Full(missing_case::Column::Id), down: false, after };
    let found = look::missing_cases(app.db().read(), &ctx, (state, wanted.list_year), &order, rows + 1).await?;
    let views = found.into_iter().map(MissingView::from).collect();
    Ok(Json(Page::cut(views, rows, |view: &MissingView| view.id.to_string())))
}

/// An earlier list on paper.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = campaigns::CarryOverBody)]
pub(super) struct CarryOverBody {
    /// The year of the list.
    #[schema(minimum = 1980, maximum = 2200)]
    list_year: i64,
    /// The things on it, by id.
    #[schema(min_items = 1, max_items = 500)]
    items: Vec<Uuid>,
}

/// How many cases were opened.
#[derive(Debug, Serialize, ToSchema)]
#[schema(as = campaigns::CarriedView)]
pub(super) struct CarriedView {
    opened: usize,
}

/// Takes an earlier year's missing list over, so that the next count tells what it recovers. Things with an open case
/// keep it.
#[utoipa::path(
    post, path = "/missing-cases", operation_id = "missing_carry_over", tag = "campaigns", request_body = CarryOverBody,
    responses((status = 201, body = CarriedView), Problems),
    security(("session" = []), ("token" = [])),
)]
pub(super) async fn carry_over(
    State(app): State<App>,
    Caller(ctx): Caller,
    Body(body): Body<CarryOverBody>,
) -> Result<(StatusCode, Json<CarriedView>), ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsClose)?;
    if !(1980..=2200).contains(&body.list_year) {
        return Err(ApiError::invalid("list_year", "年份应在 1980 至 2200 之间"));
    }
    if body.items.is_empty() || body.items.len() > 500 {
        return Err(ApiError::invalid("items", "一次 1 至 500 件"));
    }
    let things: Vec<ItemId> = body.items.into_iter().map(ItemId).collect();
    let work = async move |db: crate::db::Db| missing::carry_over(&db, &ctx, body.list_year, &things).await;
    let opened = app.write(work).await?;
    Ok((StatusCode::CREATED, Json(CarriedView { opened })))
}
