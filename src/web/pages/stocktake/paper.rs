//! A sheet on paper: the list to count by, with columns left blank and no code that a scanner could take for the thing;
//! and the sheet that is signed.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::differences::{Shown, Wanted};
use super::sheet::find;
use super::{board, campaign_at, number_of, sheet_mark, verdict_mark};
use crate::kernel::text::thousands;
use crate::org;
use crate::stocktake::entity::sheet;
use crate::stocktake::look::{self, Expected};
use crate::stocktake::standing::Sight;
use crate::stocktake::verdict::Verdict;
use crate::web::extract::{Path, Query};
use crate::web::pages::parts::{Cell, Mark, SHEET_ROWS, cut, sheet as workbook_of, workbook};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// So many things are printed at a time: some sixty sheets of paper.
const PRINTED: u64 = 1_500;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    r#as: String,
}

/// A thing to be counted.
#[derive(Debug)]
struct Row {
    number: String,
    name: String,
    specification: String,
    place: String,
}

#[derive(Template)]
#[template(path = "stocktake/paper.html")]
struct Blank {
    frame: Frame,
    title: String,
    organisation: String,
    at: String,
    head: Vec<String>,
    rows: Vec<Row>,
    with_place: bool,
    next: String,
}

pub(super) async fn blank(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, String)>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let sight = Sight::of(app.db(), &ctx, &number_of(number)?).await?;
    let of = find(&sight, &id)?.clone();
    let whole = asked.r#as == "xlsx";
    if asked.after.contains('\0') {
        return Err(ApiError::invalid("after", "不是上一页给出的位置"));
    }
    let limit = if whole { SHEET_ROWS } else { PRINTED };
    let after = Some(asked.after.as_str()).filter(|after| !after.is_empty() && !whole);
    let mut found = look::expected(app.db().read(), &of, after, limit + 1).await?;
    let next = cut(&mut found, limit, |row| row.number_key.clone());
    if whole {
        return export(&frame, &sight, &of, found).await;
    }
    let (w, names) = (&frame.words.stocktake.paper, sight.names());
    let with_place = !sight.hides(of.unit_id);
    let mut rows: Vec<Row> = found
        .into_iter()
        .map(|row| Row {
            number: row.item_number,
            name: row.name,
            specification: row.specification,
            place: if with_place { names.place_name(row.place_id).to_owned() } else { String::new() },
        })
        .collect();
    // Whoever walks from room to room reads the list in that order; within a room by number, as it was read.
    rows.sort_by(|a, b| a.place.cmp(&b.place));
    let campaign = sight.campaign();
    let title = w.title.replace("{name}", &campaign.name).replace("{unit}", names.unit_name(of.unit_id));
    let head = [
        w.baseline.replace("{day}", &campaign.baseline_at.day().to_string()),
        w.window
            .replace("{from}", &campaign.window_from.day().to_string())
            .replace("{to}", &campaign.window_to.day().to_string()),
    ];
    let organisation = org::service::organisation(app.db().read()).await?;
    let at = format!("{}/sheets/{}", campaign_at(&campaign.number), of.id);
    let shown = Blank { title, organisation, at, head: head.to_vec(), rows, with_place, next, frame };
    Ok(page(StatusCode::OK, None, &shown))
}

/// The same as a workbook: filled in, it is brought in as a count. Nothing of the book's is in a column that could be
/// taken for what was counted.
async fn export(frame: &Frame, sight: &Sight, of: &sheet::Model, found: Vec<Expected>) -> Result<Response, ApiError> {
    let w = &frame.words.stocktake.paper;
    let unit = sight.names().unit_name(of.unit_id);
    let name = w.file.replace("{name}", &sight.campaign().name).replace("{unit}", unit);
    let zh = frame.language.is_chinese();
    let made = tokio::task::spawn_blocking(move || {
        let head: [&str; 10] = if zh {
            [
                "资产编号",
                "资产名称",
                "规格型号",
                "实盘数量",
                "盘点地点",
                "实际使用人",
                "完好情况",
                "盘点人",
                "盘点时间",
                "备注",
            ]
        } else {
            [
                "item_number",
                "name",
                "specification",
                "quantity",
                "place",
                "keeper",
                "condition",
                "counter",
                "counted_at",
                "note",
            ]
        };
        let row = |row: Expected| [row.item_number, row.name, row.specification].map(Cell::Text).to_vec();
        workbook_of("count", &head, found.into_iter().map(row))
    });
    let bytes = made.await.map_err(|_| ApiError::Internal)??;
    Ok(workbook(&format!("{name}.xlsx"), bytes))
}

#[derive(Template)]
#[template(path = "stocktake/sign.html")]
struct Sign {
    frame: Frame,
    title: String,
    organisation: String,
    at: String,
    state: Mark,
    head: Vec<String>,
    counted: String,
    tally: Vec<(Mark, String)>,
    missing_value: String,
    lines: Vec<Shown>,
    more: String,
    open: bool,
}

pub(super) async fn sign(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path((number, id)): Path<(String, String)>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let sight = Sight::of(app.db(), &ctx, &number_of(number)?).await?;
    let of = find(&sight, &id)?;
    let (w, names) = (&frame.words.stocktake.paper, sight.names());
    // What a blind count hides, or what is not for them, is not put on paper for them either.
    let Some(tally) = sight.tally(Some(of.unit_id)) else {
        return Err(ApiError::Forbidden(w.not_yet.clone()));
    };
    let (lines, rest) = differing(&frame, &sight, of);
    let campaign = sight.campaign();
    let there = Verdict::ALL.into_iter().filter(|verdict| tally.of(*verdict) > 0);
    let title = w.sign_title.replace("{name}", &campaign.name).replace("{unit}", names.unit_name(of.unit_id));
    let mut head = vec![w.baseline.replace("{day}", &campaign.baseline_at.day().to_string())];
    if let Some(at) = of.submitted_at {
        let by = names.person_name(of.submitted_by);
        head.push(frame.words.stocktake.sheet.submitted_at.replace("{at}", &at.to_string()).replace("{by}", by));
    }
    let shown = Sign {
        title,
        organisation: org::service::organisation(app.db().read()).await?,
        at: format!("{}/sheets/{}", campaign_at(&campaign.number), of.id),
        state: sheet_mark(&frame, of.state),
        head,
        counted: board::counted(&tally),
        tally: there.map(|verdict| (verdict_mark(&frame, verdict), thousands(tally.of(verdict)))).collect(),
        missing_value: tally.missing_value.to_string(),
        lines,
        more: if rest == 0 { String::new() } else { w.more.replace("{count}", &thousands(rest)) },
        open: of.state == crate::stocktake::model::SheetState::Open,
        frame,
    };
    Ok(page(StatusCode::OK, None, &shown))
}

/// What is not plainly there, as much of it as is printed, and how many lines are left.
fn differing(frame: &Frame, sight: &Sight, of: &sheet::Model) -> (Vec<Shown>, u64) {
    let wanted = Wanted::of_unit(of.unit_id, None, String::new());
    let most = usize::try_from(PRINTED).unwrap_or(usize::MAX);
    let mut differing = wanted.lines(sight).filter(|line| line.verdict != Verdict::Matched);
    let lines = differing.by_ref().take(most).map(|line| Shown::new(frame, sight.names(), line)).collect();
    (lines, u64::try_from(differing.count()).unwrap_or(u64::MAX))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Blank { frame, title, organisation, at, head, rows, with_place, next }
        Row { number, name, specification, place }
        Sign { frame, title, organisation, at, state, head, counted, tally, missing_value, lines, more, open }
    }
    renders! {
        stocktake_paper: Blank,
        stocktake_sign: Sign,
    }
}
