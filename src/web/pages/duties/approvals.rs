//! Requests: those that wait for whoever looks, their own, all within reach.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::StatusCode;
use axum::response::Response;
use hashbrown::HashMap;
use serde::Deserialize;
use uuid::Uuid;

use super::names::{Names, spaced};
use crate::access::Action;
use crate::approvals::Granted;
use crate::approvals::chains;
use crate::approvals::entity::request::Column;
use crate::approvals::model::State;
use crate::approvals::store::{self, Shown, Wanted, steps_of};
use crate::db::order::By;
use crate::kernel::ids::{ApprovalId, UnitId};
use crate::kernel::{Ctx, Fen, Timestamp};
use crate::web::extract::Query;
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS, cut, order, sort_choices};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// Every state, with its name in an address.
const STATES: [(State, &str); 7] = [
    (State::Waiting, "waiting"),
    (State::Approved, "approved"),
    (State::Refused, "refused"),
    (State::Withdrawn, "withdrawn"),
    (State::Used, "used"),
    (State::Ratified, "ratified"),
    (State::NotRatified, "not_ratified"),
];

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    view: String,
    state: String,
    kind: String,
    unit: String,
    after: String,
    r#as: String,
}

impl Asked {
    fn wanted(&self) -> Result<Wanted, ApiError> {
        let known = |name: &str, text: &str| ApiError::invalid(name, format!("筛选条件“{text}”无效"));
        let id = |name: &str, text: &str| match text {
            "" => Ok(None),
            text => Uuid::parse_str(text).map(Some).map_err(|_| known(name, text)),
        };
        let state = match self.state.as_str() {
            "" => None,
            text => {
                let found = STATES.iter().find(|(_, name)| *name == text).map(|(state, _)| *state);
                Some(found.ok_or_else(|| known("state", text))?)
            }
        };
        if self.kind.chars().count() > 60 || self.kind.contains('\0') {
            return Err(known("kind", "…"));
        }
        if !["", "waiting", "mine", "all"].contains(&self.view.as_str()) {
            return Err(known("view", &self.view));
        }
        Ok(Wanted {
            mine: self.view == "mine",
            for_me: matches!(self.view.as_str(), "" | "waiting"),
            state,
            kind: Some(self.kind.clone()).filter(|kind| !kind.is_empty()),
            unit: id("unit", &self.unit)?.map(UnitId),
            before: id("after", &self.after)?.map(ApprovalId),
        })
    }
}

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 6] = [
    ("kind", By::Full(Column::Kind)),
    ("unit", By::Of(Column::UnitId, "units", "name")),
    ("by", By::Of(Column::RequestedBy, "people", "name")),
    ("amount", By::Full(Column::AmountFen)),
    ("asked", By::Full(Column::RequestedAt)),
    ("state", By::Full(Column::State)),
];

/// A line of the list.
#[derive(Debug)]
struct Line {
    id: String,
    reason: String,
    kind: String,
    unit: String,
    requester: String,
    amount: String,
    asked_at: String,
    state: Mark,
    urgent: Option<Mark>,
    step: String,
}

#[derive(Template)]
#[template(path = "duties/approvals.html")]
struct List {
    frame: Frame,
    title: String,
    views: Vec<(String, String, bool)>,
    states: Vec<(String, String)>,
    kinds: Vec<(String, String)>,
    units: Vec<(String, String)>,
    asked: Asked,
    waiting: bool,
    sorts: Vec<(String, String)>,
    lines: Vec<Line>,
    next: String,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    crate::access::permit_somewhere(&ctx, Action::ApprovalsRead)?;
    if asked.r#as == "xlsx" {
        return export(&app, &ctx, &asked, &frame).await;
    }
    let db = app.db().read();
    let wanted = asked.wanted()?;
    let mut rows = match order(&frame, &WAYS, wanted.before.map(Into::into)) {
        Some(order) => store::sorted(db, &ctx, &Granted, &wanted, order, PAGE + 1).await?,
        None => store::list(db, &ctx, &Granted, &wanted, PAGE + 1).await?,
    };
    let many = if rows.len() > 50 { format!("{PAGE}+") } else { rows.len().to_string() };
    let next = cut(&mut rows, PAGE, |one| one.row.id.to_string());
    let names = Names::of(db, rows.iter().map(|one| one.row.requested_by), []).await?;
    let kinds = kinds(&app, &ctx).await?;
    let w = &frame.words.duties.approvals;
    let (title, view) = match asked.view.as_str() {
        "mine" => (w.heading_mine.clone(), "mine"),
        "all" => (w.heading_all.clone(), "all"),
        _ => (w.heading_waiting.replace("{count}", &many), "waiting"),
    };
    let tabs = [("waiting", &w.waiting), ("mine", &w.mine), ("all", &w.all)];
    let tab = |(name, text): (&str, &String)| (format!("/approvals?view={name}"), text.clone(), name == view);
    let mut sorted: Vec<(String, String)> = kinds.iter().map(|(kind, name)| (kind.clone(), name.clone())).collect();
    sorted.sort();
    let shown = List {
        title,
        views: tabs.map(tab).to_vec(),
        states: STATES.iter().map(|(state, name)| ((*name).to_owned(), state_word(&frame, *state))).collect(),
        kinds: sorted,
        units: names.units_within(&ctx, Action::ApprovalsRead),
        waiting: view == "waiting",
        sorts: sort_choices(
            &frame,
            &[("kind", &w.kind), ("unit", &w.unit), ("by", &w.requester), ("amount", &w.amount), ("state", &w.state)],
        ),
        lines: rows.iter().map(|one| line(&frame, &ctx, &names, &kinds, one)).collect(),
        next,
        asked,
        frame,
    };
    Ok(page(StatusCode::OK, None, &shown))
}

/// What each kind is called, by the last chain laid down for it.
pub(super) async fn kinds(app: &App, ctx: &Ctx) -> Result<HashMap<String, String>, ApiError> {
    // Whoever decides by a post alone may see the request, and not every chain.
    if crate::access::permit_somewhere(ctx, Action::ApprovalsRead).is_err() {
        return Ok(HashMap::new());
    }
    let chains = chains::all(app.db().read(), ctx).await?;
    Ok(chains.into_iter().map(|chain| (chain.head.kind, chain.head.name)).collect())
}

pub(super) fn state_word(frame: &Frame, state: State) -> String {
    let name = STATES.iter().find(|(one, _)| *one == state).map_or("", |(_, name)| name);
    frame.either(state.zh(), &spaced(name)).to_owned()
}

pub(super) fn state_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Waiting => "ask",
        State::Approved | State::Ratified => "good",
        State::Refused | State::NotRatified => "bad",
        State::Withdrawn => "calm",
        State::Used => "warn",
    };
    Mark::new(look, state_word(frame, state))
}

/// What was used before it was approved, and until when that is to be made good.
pub(super) fn urgent(frame: &Frame, one: &Shown, now: Timestamp) -> Option<Mark> {
    let (w, by) = (&frame.words.duties.approvals, one.row.ratify_by?);
    if one.row.state != State::Used {
        return Some(Mark::new("calm", w.urgent.clone()));
    }
    let (look, words) = if by < now { ("bad", &w.ratify_late) } else { ("warn", &w.ratify_by) };
    Some(Mark::new(look, words.replace("{when}", &by.to_string())))
}

pub(super) fn amount(fen: Fen) -> String {
    if fen == Fen::ZERO { String::new() } else { format!("{fen} 元") }
}

fn line(frame: &Frame, ctx: &Ctx, names: &Names, kinds: &HashMap<String, String>, one: &Shown) -> Line {
    let row = &one.row;
    Line {
        id: row.id.to_string(),
        reason: row.reason.clone(),
        kind: kinds.get(&row.kind).unwrap_or(&row.kind).clone(),
        unit: names.unit(Some(row.unit_id)),
        requester: names.person(Some(row.requested_by)),
        amount: amount(row.amount_fen),
        asked_at: row.requested_at.to_string(),
        state: state_mark(frame, row.state),
        urgent: urgent(frame, one, ctx.now()),
        step: format!("{}/{}", row.step, steps_of(row).len()),
    }
}

async fn export(app: &App, ctx: &Ctx, asked: &Asked, frame: &Frame) -> Result<Response, ApiError> {
    let db = app.db().read();
    let wanted = Wanted { before: None, ..asked.wanted()? };
    let rows = match order(frame, &WAYS, None) {
        Some(order) => store::sorted(db, ctx, &Granted, &wanted, order, SHEET_ROWS).await?,
        None => store::list(db, ctx, &Granted, &wanted, SHEET_ROWS).await?,
    };
    let names = Names::of(db, rows.iter().map(|one| one.row.requested_by), []).await?;
    let kinds = kinds(app, ctx).await?;
    let w = &frame.words.duties.approvals;
    let head = [&w.kind, &w.what, &w.unit, &w.requester, &w.amount, &w.asked_at, &w.state, &w.step].map(Clone::clone);
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|one| {
            let fen = one.row.amount_fen;
            let line = line(frame, ctx, &names, &kinds, one);
            let text = [line.kind, line.reason, line.unit, line.requester].map(Cell::Text);
            let rest = [line.asked_at, line.state.text, line.step].map(Cell::Text);
            text.into_iter().chain([Cell::Money(fen)]).chain(rest).collect()
        })
        .collect();
    parts::taken_away(&w.title, ctx.now().day(), head.to_vec(), cells).await
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        List { frame, title, views, states, kinds, units, asked, waiting, sorts, lines, next }
        Asked { view, state, kind, unit, after, r#as }
        Line { id, reason, kind, unit, requester, amount, asked_at, state, urgent, step }
    }
    renders! {
        duties_approvals: List,
    }
}
