//! The list of findings: how many of each kind stand where, which ones, and many given to somebody at once.

use askama::Template;
use axum::extract::State as Extract;
use axum::http::{StatusCode, Uri};
use axum::response::{IntoResponse as _, Redirect, Response};
use hashbrown::HashMap;
use serde::Deserialize;

use super::names::{Names, count, end_of, spaced, suggested, whom};
use super::{STATES, state_name};
use crate::access::Action;
use crate::db::order::By;
use crate::findings::entity::finding;
use crate::findings::model::State;
use crate::findings::service::{self, Target};
use crate::findings::store::{self, Count, Wanted};
use crate::findings::{FindingError, Kind};
use crate::items::store as items;
use crate::kernel::ids::{FindingId, ItemId, PersonId, UnitId};
use crate::kernel::{Ctx, Timestamp};
use crate::web::extract::Query;
use crate::web::pages::address::Address;
use crate::web::pages::form::{Faults, explained, in_query, own_page};
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS, cut, order, sort_choices};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};
use uuid::Uuid;

/// So many findings can be given out at once.
const MOST_AT_ONCE: usize = 200;
/// So many refusals are told.
const TOLD: usize = 5;

/// What the address asks for.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    state: String,
    kind: String,
    unit: String,
    mine: String,
    overdue: String,
    sort: String,
    after: String,
    r#as: String,
    said: String,
}

impl Asked {
    fn wanted(&self, ctx: &Ctx) -> Result<Wanted, ApiError> {
        let known = |name: &str, text: &str| ApiError::invalid(name, format!("筛选条件“{text}”无效"));
        let id = |name: &str, text: &str| match text {
            "" => Ok(None),
            text => Uuid::parse_str(text).map(Some).map_err(|_| known(name, text)),
        };
        let state = match self.state.as_str() {
            "" => None,
            text => {
                let found = STATES.into_iter().find(|state| state_name(*state) == text);
                Some(found.ok_or_else(|| known("state", text))?)
            }
        };
        let kind = match self.kind.as_str() {
            "" => None,
            text => Some(Kind::by_name(text).ok_or_else(|| known("kind", text))?),
        };
        // Whoever is no person of ours owns nothing: a nobody's findings are none.
        let nobody = PersonId(Uuid::nil());
        Ok(Wanted {
            unit: id("unit", &self.unit)?.map(UnitId),
            state,
            kind,
            owner: (self.mine == "yes").then(|| ctx.person().unwrap_or(nobody)),
            overdue: (self.overdue == "yes").then_some(true),
            before: id("after", &self.after)?.map(FindingId),
        })
    }
}

/// What the list can be sorted by.
const WAYS: [(&str, By<finding::Column>); 6] = [
    ("what", By::Full(finding::Column::Title)),
    ("kind", By::Full(finding::Column::Kind)),
    ("state", By::Full(finding::Column::State)),
    ("unit", By::Of(finding::Column::UnitId, "units", "name")),
    ("owner", By::Of(finding::Column::OwnerId, "people", "name")),
    ("deadline", By::Full(finding::Column::DeadlineAt)),
];

/// A line of the list.
#[derive(Debug)]
struct Line {
    id: String,
    title: String,
    kind: String,
    state: Mark,
    unit: String,
    owner: String,
    deadline: Mark,
    item: String,
    assignable: bool,
}

/// A kind, and how many of it stand where, each with the way to them.
#[derive(Debug)]
struct KindLine {
    kind: String,
    href: String,
    cells: Vec<(String, String)>,
    late: (String, String),
}

/// What was typed to give many out at once.
#[derive(Debug, Default)]
struct Bulk {
    owner: String,
    deadline: String,
    ids: Vec<String>,
    faults: Faults,
}

#[derive(Template)]
#[template(path = "duties/findings.html")]
struct List {
    frame: Frame,
    title: String,
    said: String,
    states: Vec<(String, String)>,
    state_heads: Vec<String>,
    kinds: Vec<(String, String)>,
    units: Vec<(String, String)>,
    asked: Asked,
    table: Vec<KindLine>,
    /// Nothing was asked for: the counts say where to look.
    overview: bool,
    sorts: Vec<(String, String)>,
    lines: Vec<Line>,
    next: String,
    people: Vec<(String, String)>,
    may_assign: bool,
    why_not: String,
    bulk: Bulk,
    back: String,
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    if asked.r#as == "xlsx" {
        return export(&app, &ctx, &asked, &frame).await;
    }
    list(&app, &ctx, asked, frame, Bulk::default()).await
}

async fn list(app: &App, ctx: &Ctx, asked: Asked, frame: Frame, bulk: Bulk) -> Result<Response, ApiError> {
    let db = app.db().read();
    let wanted = asked.wanted(ctx)?;
    let narrowed = Wanted { state: None, kind: None, overdue: None, before: None, ..wanted.clone() };
    let counts = store::counts(db, ctx, &narrowed).await?;
    let mut rows = match order(&frame, &WAYS, wanted.before.map(Into::into)) {
        Some(order) => store::sorted(db, ctx, &wanted, &order, PAGE + 1).await?,
        None => store::list(db, ctx, &wanted, PAGE + 1).await?,
    };
    let next = cut(&mut rows, PAGE, |row| row.id.to_string());
    let names = Names::of(db, rows.iter().filter_map(|row| row.owner_id), []).await?;
    let numbers = numbers(app, &rows).await?;
    let may_assign = frame.may(Action::FindingsAssign);
    let people = match may_assign {
        true => suggested(db, rows.iter().filter_map(|row| row.unit_id)).await?,
        false => Vec::new(),
    };
    let w = &frame.words.duties.list;
    let many = |which: fn(&Count) -> i64| count(counts.iter().map(which).sum());
    let open = many(|count| if count.state == State::Closed { 0 } else { count.findings });
    let title = w.heading.replace("{open}", &open).replace("{late}", &many(|count| count.overdue));
    let many = asked.said.strip_prefix("assigned-").filter(|many| many.bytes().all(|byte| byte.is_ascii_digit()));
    let said = many.map(|many| w.assigned.replace("{many}", many)).unwrap_or_default();
    let status = if bulk.faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let shown = List {
        title,
        said,
        states: STATES.map(|state| (state_name(state).to_owned(), state_word(&frame, state))).to_vec(),
        state_heads: STATES.map(|state| state_word(&frame, state)).to_vec(),
        kinds: Kind::ALL.iter().map(|kind| (kind.as_str().to_owned(), kind_word(&frame, *kind))).collect(),
        units: names.units_within(ctx, Action::FindingsRead),
        table: table(&frame, &asked, &counts),
        overview: wanted == Wanted::default() && asked.sort.is_empty(),
        sorts: sort_choices(
            &frame,
            &[("what", &w.what), ("kind", &w.kind), ("state", &w.state), ("unit", &w.unit), ("deadline", &w.deadline)],
        ),
        lines: rows.iter().map(|row| line(&frame, ctx, &names, &numbers, row)).collect(),
        next,
        people,
        may_assign,
        why_not: if may_assign { String::new() } else { w.may_not_assign.clone() },
        bulk,
        back: frame.address.written(),
        asked,
        frame,
    };
    Ok(page(status, None, &shown))
}

/// The numbers of the things that findings are about.
pub(super) async fn numbers(app: &App, rows: &[finding::Model]) -> Result<HashMap<ItemId, String>, ApiError> {
    let ids: Vec<ItemId> = rows.iter().filter_map(|row| row.item_id).collect();
    let found = items::by_ids(app.db().read(), &ids).await?;
    Ok(found.into_iter().map(|(id, row)| (id, row.item_number)).collect())
}

/// A thing's card.
pub(super) fn card(number: &str) -> String {
    format!("/items/{}", in_query(number).replace('/', "%2F"))
}

pub(super) fn state_word(frame: &Frame, state: State) -> String {
    frame.either(state.zh(), state_name(state)).to_owned()
}

pub(super) fn state_mark(frame: &Frame, state: State) -> Mark {
    let look = match state {
        State::Open => "ask",
        State::Assigned => "warn",
        State::Explained | State::Verified => "calm",
        State::Closed => "good",
    };
    Mark::new(look, state_word(frame, state))
}

pub(super) fn kind_word(frame: &Frame, kind: Kind) -> String {
    frame.either(kind.zh(), &spaced(kind.as_str())).to_owned()
}

/// A deadline: past, or when.
pub(super) fn deadline(frame: &Frame, row: &finding::Model, now: Timestamp) -> Mark {
    let day = row.deadline_at.day().to_string();
    if row.state != State::Closed && row.deadline_at < now {
        return Mark::new("bad", format!("{day} {}", frame.words.duties.list.late));
    }
    Mark::new("plain", day)
}

fn line(frame: &Frame, ctx: &Ctx, names: &Names, numbers: &HashMap<ItemId, String>, row: &finding::Model) -> Line {
    Line {
        id: row.id.to_string(),
        title: row.title.clone(),
        kind: kind_word(frame, row.kind),
        state: state_mark(frame, row.state),
        unit: names.unit(row.unit_id),
        owner: names.person(row.owner_id),
        deadline: deadline(frame, row, ctx.now()),
        item: row.item_id.and_then(|id| numbers.get(&id)).cloned().unwrap_or_default(),
        assignable: matches!(row.state, State::Open | State::Assigned),
    }
}

/// The same list, of one kind or state or late only.
fn to(asked: &Asked, state: &str, kind: &str, overdue: &str) -> String {
    let pairs = [("state", state), ("kind", kind), ("unit", &asked.unit), ("mine", &asked.mine), ("overdue", overdue)];
    let said: Vec<String> = pairs
        .iter()
        .filter(|(_, value)| !value.is_empty())
        .map(|(name, value)| format!("{name}={}", in_query(value)))
        .collect();
    if said.is_empty() { "/findings".to_owned() } else { format!("/findings?{}", said.join("&")) }
}

/// Kinds by state: every number leads to its lines.
fn table(frame: &Frame, asked: &Asked, counts: &[Count]) -> Vec<KindLine> {
    let sum = |kind: Kind, state: Option<State>, which: fn(&Count) -> i64| -> i64 {
        let of = counts.iter().filter(|one| one.kind == kind && state.is_none_or(|state| state == one.state));
        of.map(which).sum()
    };
    let shown = |number: i64, href: String| if number == 0 { (String::new(), href) } else { (count(number), href) };
    Kind::ALL
        .iter()
        .filter(|kind| counts.iter().any(|count| count.kind == **kind))
        .map(|kind| KindLine {
            kind: kind_word(frame, *kind),
            href: to(asked, "", kind.as_str(), ""),
            cells: STATES
                .iter()
                .map(|state| {
                    let number = sum(*kind, Some(*state), |count| count.findings);
                    shown(number, to(asked, state_name(*state), kind.as_str(), ""))
                })
                .collect(),
            late: shown(sum(*kind, None, |count| count.overdue), to(asked, "", kind.as_str(), "yes")),
        })
        .collect()
}

async fn export(app: &App, ctx: &Ctx, asked: &Asked, frame: &Frame) -> Result<Response, ApiError> {
    let db = app.db().read();
    let wanted = Wanted { before: None, ..asked.wanted(ctx)? };
    let rows = match order(frame, &WAYS, None) {
        Some(order) => store::sorted(db, ctx, &wanted, &order, SHEET_ROWS).await?,
        None => store::list(db, ctx, &wanted, SHEET_ROWS).await?,
    };
    let names = Names::of(db, rows.iter().filter_map(|row| row.owner_id), []).await?;
    let numbers = numbers(app, &rows).await?;
    let w = &frame.words.duties.list;
    let head: Vec<String> =
        [&w.what, &w.kind, &w.state, &w.unit, &w.owner, &w.item, &w.opened, &w.deadline, &w.description]
            .map(Clone::clone)
            .to_vec();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|row| {
            let item = row.item_id.and_then(|id| numbers.get(&id)).cloned().unwrap_or_default();
            [
                row.title.clone(),
                kind_word(frame, row.kind),
                state_word(frame, row.state),
                names.unit(row.unit_id),
                names.person(row.owner_id),
                item,
                row.opened_at.to_string(),
                row.deadline_at.day().to_string(),
                row.description.clone(),
            ]
            .map(Cell::Text)
            .to_vec()
        })
        .collect();
    parts::taken_away(&w.title, ctx.now().day(), head, cells).await
}

/// Gives all that are ticked to one person.
pub(super) async fn assign(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    mut frame: Frame,
    axum::Form(typed): axum::Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    crate::access::permit_somewhere(&ctx, Action::FindingsAssign)?;
    let of = |name: &str| typed.iter().find(|(at, _)| at == name).map_or(String::new(), |(_, value)| value.clone());
    let ids: Vec<String> = typed.iter().filter(|(name, _)| name == "id").map(|(_, value)| value.clone()).collect();
    let bulk = Bulk { owner: of("owner_id"), deadline: of("deadline_at"), ids, faults: Faults::default() };
    let back: Uri = own_page(&of("back")).parse().unwrap_or_default();
    let back = if back.path() == "/findings" { back } else { Uri::from_static("/findings") };
    match give(&app, &ctx, &frame, &bulk).await.map_err(explained) {
        Ok(many) => {
            let list = Address::of(&back).anew();
            let joint = if list.contains('?') { '&' } else { '?' };
            Ok(Redirect::to(&format!("{list}{joint}said=assigned-{many}")).into_response())
        }
        Err(Err(error)) => Err(error),
        Err(Ok((field, reason))) => {
            let faults = Faults::refused(field.as_deref(), reason, &["owner_id", "deadline_at"]);
            let asked = serde_urlencoded::from_str(back.query().unwrap_or_default()).unwrap_or_default();
            frame.address = Address::of(&back);
            list(&app, &ctx, asked, frame, Bulk { faults, ..bulk }).await
        }
    }
}

/// Each in a transaction of its own: one that cannot be given out keeps none of the others back.
async fn give(app: &App, ctx: &Ctx, frame: &Frame, bulk: &Bulk) -> Result<usize, ApiError> {
    let ids: Vec<FindingId> =
        bulk.ids.iter().filter_map(|id| Uuid::parse_str(id).ok()).map(FindingId).take(MOST_AT_ONCE).collect();
    if ids.is_empty() {
        return Err(ApiError::Conflict(frame.words.common.none_selected.clone()));
    }
    let owner = whom(app.db().read(), "owner_id", &bulk.owner, None).await?;
    let deadline = end_of("deadline_at", &bulk.deadline)?;
    let (ctx, many) = (ctx.clone(), ids.len());
    let refused: Vec<FindingError> = app
        .write(move |db| async move {
            let mut refused = Vec::new();
            for id in ids {
                let target = Target { id, version: None };
                match service::assign(&db, &ctx, target, owner, deadline).await {
                    Ok(_) => {}
                    // The day or the person is wrong for every one of them.
                    Err(error @ (FindingError::Deadline | FindingError::NoSuchPerson(_) | FindingError::Db(_))) => {
                        return Err(error);
                    }
                    Err(error) => refused.push(error),
                }
            }
            Ok::<_, FindingError>(refused)
        })
        .await?;
    if refused.is_empty() {
        return Ok(many);
    }
    let mut told: Vec<String> = refused.iter().take(TOLD).map(ToString::to_string).collect();
    told.dedup();
    let words = frame.words.duties.list.partly_assigned.replace("{many}", &(many - refused.len()).to_string());
    Err(ApiError::Conflict(format!("{}{}", words.replace("{refused}", &refused.len().to_string()), told.join("；"))))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        List {
            frame, title, said, states, state_heads, kinds, units, asked, table, overview, sorts, lines, next, people,
            may_assign, why_not, bulk, back,
        }
        Asked { state, kind, unit, mine, overdue, sort, after, r#as, said }
        KindLine { kind, href, cells, late }
        Line { id, title, kind, state, unit, owner, deadline, item, assignable }
        Bulk { owner, deadline, ids, faults }
    }
    renders! {
        duties_findings: List,
    }
}
