//! The list of campaigns.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::{campaign_at, campaign_mark, is_under_way};
use crate::access::{self, Action};
use crate::db::order::By;
use crate::kernel::Timestamp;
use crate::kernel::ids::CampaignId;
use crate::stocktake::entity::campaign;
use crate::stocktake::look;
use crate::web::extract::Query;
use crate::web::pages::parts::{Cell, Mark, PAGE, SHEET_ROWS, cut, order, sheet, sort_choices, workbook};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    r#as: String,
}

/// What the list can be sorted by.
const WAYS: [(&str, By<campaign::Column>); 4] = [
    ("name", By::Full(campaign::Column::Name)),
    ("state", By::Full(campaign::Column::State)),
    ("baseline", By::Full(campaign::Column::BaselineAt)),
    ("window", By::Full(campaign::Column::WindowFrom)),
];

/// A campaign.
#[derive(Debug)]
struct Line {
    number: String,
    name: String,
    href: String,
    state: Mark,
    baseline: String,
    window: String,
    blind: bool,
    handed_in: String,
}

#[derive(Template)]
#[template(path = "stocktake/list.html")]
struct List {
    frame: Frame,
    title: String,
    sorts: Vec<(String, String)>,
    lines: Vec<Line>,
    next: String,
    may_open: bool,
    why_not: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let after = if asked.after.is_empty() { None } else { Some(cursor(&asked.after)?) };
    let order = order(&frame, &WAYS, after.map(|(_, id)| id.into()));
    let (db, whole) = (app.db().read(), asked.r#as == "xlsx");
    let limit = if whole { SHEET_ROWS } else { PAGE };
    let mut rows = match &order {
        Some(order) => look::campaigns_sorted(db, &ctx, order, limit + 1).await?,
        None => look::campaigns(db, &ctx, after, limit + 1).await?,
    };
    let next = cut(&mut rows, limit, |row| format!("{}.{}", row.opened_at.0, row.id));
    let ids: Vec<CampaignId> = rows.iter().map(|row| row.id).collect();
    let handed_in = look::handed_in(db, &ctx, &ids).await?;
    let of = |row: &campaign::Model| handed_in.get(&row.id).copied().unwrap_or_default();
    let lines: Vec<Line> = rows.iter().map(|row| line(&frame, row, of(row))).collect();
    if whole {
        return export(&frame, lines).await;
    }
    let under_way: Vec<&campaign::Model> = rows.iter().filter(|row| is_under_way(row.state)).collect();
    let w = &frame.words.stocktake.list;
    let title = match under_way.as_slice() {
        [] => w.none_now.clone(),
        [one] => {
            let (done, all) = of(one);
            let said = w.one_now.replace("{name}", &one.name);
            said.replace("{done}", &done.to_string()).replace("{all}", &all.to_string())
        }
        several => w.many_now.replace("{count}", &several.len().to_string()),
    };
    let sorts = sort_choices(
        &frame,
        &[("name", &w.name), ("state", &w.state), ("baseline", &w.baseline), ("window", &w.window)],
    );
    let may_open = access::permit_somewhere(&ctx, Action::CampaignsOpen).is_ok();
    let why_not = if may_open { String::new() } else { w.may_not_open.clone() };
    Ok(page(StatusCode::OK, None, &List { title, sorts, lines, next, may_open, why_not, frame }))
}

fn cursor(text: &str) -> Result<(Timestamp, CampaignId), ApiError> {
    let read = text.split_once('.').and_then(|(at, id)| Some((at.parse().ok()?, Uuid::parse_str(id).ok()?)));
    let (at, id): (i64, Uuid) = read.ok_or_else(|| ApiError::invalid("after", "不是上一页给出的位置"))?;
    Ok((Timestamp(at), CampaignId(id)))
}

fn line(frame: &Frame, row: &campaign::Model, (done, all): (u64, u64)) -> Line {
    Line {
        number: row.number.clone(),
        name: row.name.clone(),
        href: campaign_at(&row.number),
        state: campaign_mark(frame, row.state),
        baseline: row.baseline_at.day().to_string(),
        window: format!("{} – {}", row.window_from.day(), row.window_to.day()),
        blind: row.blind,
        handed_in: format!("{done} / {all}"),
    }
}

async fn export(frame: &Frame, lines: Vec<Line>) -> Result<Response, ApiError> {
    let w = &frame.words.stocktake.list;
    let head = [&w.number, &w.name, &w.state, &w.baseline, &w.window, &w.blind, &w.handed_in].map(String::as_str);
    let (yes, no) = (&frame.words.common.yes, &frame.words.common.no);
    let made = tokio::task::spawn_blocking(move || {
        let row = |line: Line| {
            let blind = if line.blind { yes } else { no };
            let text = [line.number, line.name, line.state.text, line.baseline, line.window, blind.clone()];
            text.into_iter().chain([line.handed_in]).map(Cell::Text).collect()
        };
        sheet("campaigns", &head, lines.into_iter().map(row))
    });
    let bytes = made.await.map_err(|_| ApiError::Internal)??;
    Ok(workbook(&format!("{}.xlsx", w.file), bytes))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        List { frame, title, sorts, lines, next, may_open, why_not }
        Line { number, name, href, state, baseline, window, blind, handed_in }
    }
    renders! {
        stocktake_list: List,
    }
}
