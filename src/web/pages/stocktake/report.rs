//! The report: how many of what in each unit, the files to work with and to sign, and the end of the campaign.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{campaign_at, campaign_mark, is_under_way, number_of, segment, sentence, verdict_mark};
use crate::access::{self, Action};
use crate::kernel::Ctx;
use crate::kernel::ids::UnitId;
use crate::kernel::text::thousands;
use crate::stocktake::line::Tally;
use crate::stocktake::look;
use crate::stocktake::model::SheetState;
use crate::stocktake::outcome::Outcome;
use crate::stocktake::standing::{Sight, seen};
use crate::stocktake::verdict::Verdict;
use crate::stocktake::{StocktakeError, campaign, opening};
use crate::web::extract::{Path, Query};
use crate::web::pages::form::{Faults, explained};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// A unit, or all: each number with the way to its lines.
#[derive(Debug)]
struct Row {
    unit: String,
    href: String,
    cells: Vec<(String, String)>,
    sum: bool,
}

#[derive(Template)]
#[template(path = "stocktake/report.html")]
struct Report {
    frame: Frame,
    title: String,
    said: String,
    at: String,
    files: String,
    state: Mark,
    facts: String,
    heads: Vec<String>,
    rows: Vec<Row>,
    hidden: bool,
    may_close: bool,
    why_not: String,
    unconfirmed: String,
    reason: String,
    cancel_reason: String,
    faults: Faults,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    said: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    whole(&app, &ctx, &number_of(number)?, frame, &asked.said, Typed::default(), Faults::default()).await
}

async fn whole(
    app: &App,
    ctx: &Ctx,
    number: &str,
    frame: Frame,
    said: &str,
    typed: Typed,
    faults: Faults,
) -> Result<Response, ApiError> {
    access::permit_somewhere(ctx, Action::CampaignsReport)?;
    let sight = Sight::of(app.db(), ctx, number).await?;
    let (campaign, w) = (sight.campaign(), &frame.words.stocktake.report);
    let total = sight.total();
    let title = w
        .title
        .replace("{name}", &campaign.name)
        .replace("{counted}", &super::of(seen(&total), total.expected))
        .replace("{missing}", &thousands(total.missing))
        .replace("{value}", &total.missing_value.to_string());
    let columns: Vec<Verdict> = Verdict::ALL.into_iter().filter(|verdict| is_column(*verdict, &total)).collect();
    let heads = [&w.expected, &w.counted].into_iter().cloned();
    let heads: Vec<String> =
        heads.chain(columns.iter().map(|it| verdict_mark(&frame, *it).text)).chain([w.missing_value.clone()]).collect();
    let unconfirmed: Vec<&str> = sight
        .sheets()
        .filter(|sheet| sheet.state != SheetState::Confirmed)
        .map(|sheet| sight.names().unit_name(sheet.unit_id))
        .collect();
    let under_way = is_under_way(campaign.state);
    let close_all =
        sight.sheets().all(|sheet| access::permit(ctx, Action::CampaignsClose, Some(sheet.unit_id)).is_ok());
    let may_close = under_way && close_all && access::permit_somewhere(ctx, Action::CampaignsClose).is_ok();
    let shown = Report {
        title,
        said: if said == "closed" { w.said_closed.clone() } else { String::new() },
        at: campaign_at(&campaign.number),
        files: format!("/api/v1/campaigns/{}", segment(&campaign.number)),
        state: campaign_mark(&frame, campaign.state),
        facts: frame
            .words
            .stocktake
            .board
            .facts
            .replace("{baseline}", &campaign.baseline_at.day().to_string())
            .replace("{from}", &campaign.window_from.day().to_string())
            .replace("{to}", &campaign.window_to.day().to_string()),
        rows: rows(&frame, &sight, &columns, &total),
        heads,
        hidden: sight.hides_some(),
        may_close,
        why_not: match (may_close, under_way) {
            (true, _) => String::new(),
            (false, true) => w.may_not_close.clone(),
            (false, false) => w.over.clone(),
        },
        unconfirmed: if unconfirmed.is_empty() {
            String::new()
        } else {
            let units = unconfirmed.join(frame.either("、", ", "));
            w.unconfirmed.replace("{count}", &unconfirmed.len().to_string()).replace("{units}", &units)
        },
        reason: typed.leave_open,
        cancel_reason: typed.reason,
        faults,
        frame,
    };
    let status = if shown.faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    Ok(page(status, None, &shown))
}

/// What is nowhere needs no column; what the report is about has one always.
fn is_column(verdict: Verdict, total: &Tally) -> bool {
    total.of(verdict) > 0 || matches!(verdict, Verdict::Matched | Verdict::Missing | Verdict::Pending)
}

fn rows(frame: &Frame, sight: &Sight, columns: &[Verdict], total: &Tally) -> Vec<Row> {
    let (at, names) = (campaign_at(&sight.campaign().number), sight.names());
    let code =
        |unit: Option<UnitId>| unit.and_then(|id| names.unit(id)).map_or("\u{10ffff}", |unit| unit.code.as_str());
    let mut units: Vec<(Option<UnitId>, Tally)> = sight.tallied().collect();
    let bare = sight.sheets().map(|sheet| Some(sheet.unit_id)).filter(|unit| sight.shows(*unit));
    let there: hashbrown::HashSet<Option<UnitId>> = units.iter().map(|(unit, _)| *unit).collect();
    units.extend(bare.filter(|unit| !there.contains(unit)).map(|unit| (unit, Tally::default())));
    units.sort_by(|a, b| code(a.0).cmp(code(b.0)));
    let w = &frame.words.stocktake.report;
    let row = |unit: Option<UnitId>, tally: &Tally, sum: bool| {
        let of_unit = unit.map(|unit| format!("&unit={unit}")).unwrap_or_default();
        // What belongs to no unit has no filter of its own.
        let lines = |verdict: &str| match (unit, sum) {
            (None, false) => String::new(),
            _ => format!("{at}/differences?verdict={verdict}{of_unit}"),
        };
        let mut cells = vec![(thousands(tally.expected), lines("all")), (thousands(seen(tally)), lines("all"))];
        cells.extend(columns.iter().map(|verdict| (thousands(tally.of(*verdict)), lines(verdict.as_str()))));
        cells.push((tally.missing_value.to_string(), lines("missing")));
        let name = match (unit, sum) {
            (_, true) => w.total.clone(),
            (Some(unit), _) => names.unit_name(unit).to_owned(),
            (None, _) => w.no_unit.clone(),
        };
        Row { unit: name, href: lines("all"), cells, sum }
    };
    let mut rows: Vec<Row> = units.iter().map(|(unit, tally)| row(*unit, tally, false)).collect();
    rows.push(row(None, total, true));
    rows
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Typed {
    leave_open: String,
    reason: String,
}

pub(super) async fn close(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let number = number_of(number)?;
    look::campaign(app.db().read(), &ctx, &number, Action::CampaignsClose).await?;
    let reason = match sentence(&frame, &typed.leave_open, 500) {
        Ok(reason) => Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
        Err(text) => {
            return whole(&app, &ctx, &number, frame, "", typed, Faults::at("leave_open", text)).await;
        }
    };
    let (by, of) = (ctx.clone(), number.clone());
    let work = async move |db: crate::db::Db| campaign::close(&db, &by, &of, reason.as_deref()).await;
    let done: Result<Outcome, StocktakeError> = app.write_or(work).await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("{}/report?said=closed", campaign_at(&number))).into_response()),
        Err(StocktakeError::Refused(crate::stocktake::model::Refusal::SheetsOpen(..))) => {
            let text = frame.words.stocktake.report.reason_needed.clone();
            whole(&app, &ctx, &number, frame, "", typed, Faults::at("leave_open", text)).await
        }
        Err(error) => {
            let (_, text) = explained(error.into())?;
            whole(&app, &ctx, &number, frame, "", typed, Faults::at("", text)).await
        }
    }
}

pub(super) async fn cancel(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    let number = number_of(number)?;
    look::campaign(app.db().read(), &ctx, &number, Action::CampaignsClose).await?;
    let w = &frame.words.stocktake.report;
    let reason = match sentence(&frame, &typed.reason, 500) {
        Ok("") => Err(w.cancel_reason_needed.clone()),
        Ok(reason) => Ok(reason.to_owned()),
        Err(text) => Err(text),
    };
    let reason = match reason {
        Ok(reason) => reason,
        Err(text) => return whole(&app, &ctx, &number, frame, "", typed, Faults::at("reason", text)).await,
    };
    let (by, of) = (ctx.clone(), number.clone());
    let done = app.write_or(async move |db| opening::cancel(&db, &by, &of, &reason).await).await?;
    match done {
        Ok(_) => Ok(Redirect::to(&format!("{}?said=cancelled", campaign_at(&number))).into_response()),
        Err(error) => {
            let (_, text) = explained(error.into())?;
            whole(&app, &ctx, &number, frame, "", typed, Faults::at("", text)).await
        }
    }
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Report {
            frame, title, said, at, files, state, facts, heads, rows, hidden, may_close, why_not, unconfirmed, reason,
            cancel_reason, faults,
        }
        Row { unit, href, cells, sum }
    }
    renders! {
        stocktake_report: Report,
    }
}
