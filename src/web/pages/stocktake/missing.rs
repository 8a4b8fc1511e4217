//! Missing cases: what nobody found, since which year, and what became of it.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use chrono::Datelike as _;
use serde::Deserialize;
use uuid::Uuid;

use super::{campaign_at, card, number_of};
use crate::access::{self, Action};
use crate::db::order::{By, Order};
use crate::kernel::Ctx;
use crate::kernel::ids::{CampaignId, MissingCaseId};
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::stocktake::entity::missing_case;
use crate::stocktake::look::{self, CaseOfThing};
use crate::stocktake::model::MissingState;
use crate::web::extract::{Path, Query};
use crate::web::pages::parts::{Cell, Mark, PAGE, SHEET_ROWS, cut, order, sheet, sort_choices, workbook};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

const STATES: [MissingState; 5] = [
    MissingState::Searching,
    MissingState::Found,
    MissingState::Confirmed,
    MissingState::Approved,
    MissingState::WrittenOff,
];

/// What the list can be sorted by.
const WAYS: [(&str, By<missing_case::Column>); 3] = [
    ("name", By::Of(missing_case::Column::ItemId, "items", "name")),
    ("state", By::Full(missing_case::Column::State)),
    ("year", By::Full(missing_case::Column::ListYear)),
];

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    year: String,
    after: String,
    r#as: String,
}

/// In which state, of which year's list, after which case.
type Wanted = (Option<MissingState>, Option<i64>, Option<MissingCaseId>);

impl Asked {
    fn wanted(&self) -> Result<Wanted, ApiError> {
        let unknown = |text: &str| ApiError::NotFound(format!("筛选条件“{text}”无效"));
        let state = match self.state.as_str() {
            "" => None,
            name => {
                let found = STATES.into_iter().find(|state| state_name(*state) == name);
                Some(found.ok_or_else(|| unknown(name))?)
            }
        };
        let year = match self.year.trim() {
            "" => None,
            text => Some(text.parse().map_err(|_| unknown(text))?),
        };
        let after = match self.after.as_str() {
            "" => None,
            id => Some(MissingCaseId(Uuid::parse_str(id).map_err(|_| unknown(id))?)),
        };
        Ok((state, year, after))
    }
}

const fn state_name(state: MissingState) -> &'static str {
    match state {
        MissingState::Searching => "searching",
        MissingState::Found => "found",
        MissingState::Confirmed => "confirmed",
        MissingState::Approved => "approved",
        MissingState::WrittenOff => "written_off",
    }
}

fn state_mark(frame: &Frame, state: MissingState) -> Mark {
    let w = &frame.words.stocktake.missing;
    let (look, word) = match state {
        MissingState::Searching => ("bad gone", &w.searching),
        MissingState::Found => ("good", &w.found),
        MissingState::Confirmed => ("bad", &w.confirmed),
        MissingState::Approved => ("warn", &w.approved),
        MissingState::WrittenOff => ("calm", &w.written_off),
    };
    Mark::new(look, word.clone())
}

/// A case.
#[derive(Debug)]
struct Line {
    number: String,
    name: String,
    href: String,
    unit: String,
    state: Mark,
    year: String,
    years: String,
    from: String,
    finding: String,
}

#[derive(Template)]
#[template(path = "stocktake/missing.html")]
struct Cases {
    frame: Frame,
    title: String,
    at: String,
    asked: Asked,
    states: Vec<(String, String)>,
    sorts: Vec<(String, String)>,
    lines: Vec<Line>,
    next: String,
    under_way: bool,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    access::permit_somewhere(&ctx, Action::CampaignsReport)?;
    let db = app.db().read();
    let (campaign, _) = look::campaign(db, &ctx, &number_of(number)?, Action::CampaignsReport).await?;
    let (state, year, after) = asked.wanted()?;
    let whole = asked.r#as == "xlsx";
    let limit = if whole { SHEET_ROWS } else { PAGE };
    let after = after.filter(|_| !whole);
    let after = after.map(MissingCaseId::into);
    let oldest_first = || Order { by: By::Full(missing_case::Column::Id), down: false, after: after.clone() };
    let order = order(&frame, &WAYS, after.clone()).unwrap_or_else(oldest_first);
    let mut rows = look::missing_cases(db, &ctx, (state, year), &order, limit + 1).await?;
    let next = cut(&mut rows, limit, |(case, _)| case.id.to_string());
    let ids: Vec<MissingCaseId> = rows.iter().map(|(case, _)| case.id).collect();
    let findings = look::findings_of(db, &ids).await?;
    let directory = Directory::load_some(db, &[], &[]).await?;
    let lines: Vec<Line> = rows
        .iter()
        .map(|row| {
            let finding = findings.get(&row.0.id).map(|id| format!("/findings/{}", id.0)).unwrap_or_default();
            line(&frame, &ctx, &directory, campaign.id, row, finding)
        })
        .collect();
    let w = &frame.words.stocktake.missing;
    if whole {
        return export(&frame, &campaign.name, lines).await;
    }
    let open = look::open_cases(db, &ctx).await?;
    let title = w.title.replace("{name}", &campaign.name).replace("{count}", &thousands(open));
    let states = STATES.map(|state| (state_name(state).to_owned(), state_mark(&frame, state).text)).to_vec();
    let sorts = sort_choices(&frame, &[("name", &w.thing), ("state", &w.state), ("year", &w.year)]);
    let (at, under_way) = (campaign_at(&campaign.number), super::is_under_way(campaign.state));
    Ok(page(StatusCode::OK, None, &Cases { title, at, asked, states, sorts, lines, next, under_way, frame }))
}

fn line(
    frame: &Frame,
    ctx: &Ctx,
    directory: &Directory,
    campaign: CampaignId,
    (case, thing): &CaseOfThing,
    finding: String,
) -> Line {
    let w = &frame.words.stocktake.missing;
    let this_year = i64::from(ctx.now().day().year());
    // Whoever looks at a list of this year sees the first year; what was found is missing no more.
    let until = case.found_at.map_or(this_year, |at| i64::from(at.day().year()));
    let years = (until - case.list_year).max(0) + 1;
    let from = match (case.campaign_id, case.found_in) {
        (_, Some(found)) if found == campaign => w.recovered_here.clone(),
        (Some(opened), _) if opened == campaign => w.opened_here.clone(),
        _ => w.carried_over.replace("{year}", &case.list_year.to_string()),
    };
    Line {
        number: thing.item_number.clone(),
        name: thing.name.clone(),
        href: card(&thing.item_number),
        unit: directory.unit_name(thing.unit_id).to_owned(),
        state: state_mark(frame, case.state),
        year: case.list_year.to_string(),
        years: w.years.replace("{n}", &years.to_string()),
        from,
        finding,
    }
}

async fn export(frame: &Frame, name: &str, lines: Vec<Line>) -> Result<Response, ApiError> {
    let w = &frame.words.stocktake.missing;
    let head = [&w.number, &w.thing, &w.unit, &w.state, &w.year, &w.years_missing, &w.from].map(String::as_str);
    let made = tokio::task::spawn_blocking(move || {
        let row = |line: Line| {
            let cells = [line.number, line.name, line.unit, line.state.text, line.year, line.years, line.from];
            cells.into_iter().map(Cell::Text).collect()
        };
        sheet("missing", &head, lines.into_iter().map(row))
    });
    let bytes = made.await.map_err(|_| ApiError::Internal)??;
    Ok(workbook(&format!("{name} {}.xlsx", w.file), bytes))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Cases { frame, title, at, asked, states, sorts, lines, next, under_way }
        Asked { state, year, after, r#as }
        Line { number, name, href, unit, state, year, years, from, finding }
    }
    renders! {
        stocktake_missing: Cases,
    }
}
