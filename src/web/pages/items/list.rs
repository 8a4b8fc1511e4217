//! The list of things: found by number, name, serial number or a scanned code, filtered, taken away, chosen many at once.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{at, picks};
use crate::access::{Action, permit_somewhere, reach};
use crate::items::labels::{self, Resolved, Subject};
use crate::items::model::ItemState;
use crate::items::ordered::{self, Order};
use crate::items::search::{self, Listed, Search};
use crate::items::store;
use crate::kernel::Ctx;
use crate::kernel::text::{fault, thousands};
use crate::web::extract::Query;
use crate::web::pages::form::Faults;
use crate::web::pages::parts::{self, Cell, Mark, PAGE, SHEET_ROWS};
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// The title counts no further.
const COUNTED: u64 = 1_000;
/// Rows read at a time for a file.
const STEP: u64 = 2_000;
const MOST_CHARS: usize = 200;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(in crate::web::pages) struct Asked {
    pub(in crate::web::pages) q: String,
    pub(in crate::web::pages) unit: String,
    pub(in crate::web::pages) place: String,
    pub(in crate::web::pages) keeper: String,
    pub(in crate::web::pages) kind: String,
    pub(in crate::web::pages) state: String,
    sort: String,
    after: String,
    r#as: String,
    said: String,
}

/// A line of the list.
#[derive(Debug)]
struct Row {
    href: String,
    number: String,
    name: String,
    specification: String,
    serial: String,
    unit: String,
    unit_href: String,
    place: String,
    place_href: String,
    keeper: String,
    keeper_href: String,
    quantity: String,
    state: Mark,
    value: String,
    has_label: bool,
}

#[derive(Template)]
#[template(path = "items/list.html")]
struct Page {
    frame: Frame,
    title: String,
    said: String,
    faults: Faults,
    asked: Asked,
    picks: picks::Picks,
    kinds: Vec<(String, String)>,
    states: Vec<(String, String)>,
    rows: Vec<Row>,
    next: String,
    filtered: bool,
    may_register: bool,
    may_change: bool,
    may_print: bool,
    export: String,
    sorts: Vec<(String, String)>,
    order: &'static str,
}

/// What is looked for, with the words for it.
pub(in crate::web::pages) struct Wanted {
    pub(in crate::web::pages) search: Search,
    pub(in crate::web::pages) words: Vec<String>,
    pub(in crate::web::pages) faults: Faults,
}

/// What the filters ask for. Place and keeper are shown afterwards as one would type them.
pub(in crate::web::pages) async fn wanted(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    asked: &mut Asked,
) -> Result<Wanted, ApiError> {
    let mut search = Search { among: reach(ctx, Action::ItemsRead).units(), ..Search::default() };
    let mut words = Vec::new();
    let mut faults = Faults::default();
    search.unit = picks::unit(&asked.unit)?;
    if let Some(id) = search.unit {
        let unit = crate::org::units::by_id(app.db().read(), id).await?;
        let seen = unit.filter(|unit| reach(ctx, Action::OrgRead).covers(Some(unit.id)));
        words.extend(seen.map(|unit| unit.name));
    }
    match picks::place(app, ctx, frame, &asked.place).await? {
        Ok(Some(place)) => {
            search.place = Some(place.id);
            asked.place = place.code;
            words.push(place.name);
        }
        Ok(None) => {}
        Err(text) => faults = Faults::at("place", text),
    }
    match picks::person(app, ctx, frame, &asked.keeper).await? {
        Ok(Some(person)) => {
            search.keeper = Some(person.id);
            asked.keeper = picks::typed_person(&person);
            words.push(person.name);
        }
        Ok(None) => {}
        Err(text) => faults = Faults::at("keeper", text),
    }
    if let Some((_, kind)) = picks::KINDS.iter().find(|(name, _)| *name == asked.kind) {
        search.kind = Some(*kind);
        words.push(picks::kind_word(frame, *kind).to_owned());
    }
    if let Ok(state) = asked.state.parse::<ItemState>() {
        search.state = Some(state);
        words.push(picks::state_word(frame, state).to_owned());
    }
    match fault(asked.q.trim(), MOST_CHARS).or_else(|| fault(&asked.after, MOST_CHARS)) {
        Some(reason) => faults = Faults::at("q", reason),
        None if !asked.q.trim().is_empty() => {
            search.text = Some(asked.q.trim().to_owned());
            words.push(format!("“{}”", asked.q.trim()));
        }
        None => {}
    }
    Ok(Wanted { search, words, faults })
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(mut asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsRead)?;
    if let Some(number) = scanned(&app, &ctx, asked.q.trim()).await? {
        return Ok(Redirect::to(&at(&number)).into_response());
    }
    let mut wanted = wanted(&app, &ctx, &frame, &mut asked).await?;
    let refused = wanted.faults != Faults::default();
    if asked.r#as == "xlsx" && !refused {
        return export(&app, &frame, wanted.search).await;
    }
    let db = app.db().read();
    let counted = if refused { 0 } else { search::count(db, &wanted.search, COUNTED + 1).await? };
    let order = Order::named(&asked.sort);
    wanted.search.after = Some(asked.after.clone()).filter(|after| !after.is_empty());
    let mut found = match order {
        _ if refused => Vec::new(),
        Order::Number => search::list(db, &wanted.search, PAGE + 1).await?,
        order => ordered::list(db, &wanted.search, order, &asked.after, PAGE + 1).await?,
    };
    let next = parts::cut(&mut found, PAGE, |row| order.cursor(row));
    let w = &frame.words.items.list;
    let title = title(&frame, &wanted.words, counted);
    let said = if asked.said == "changed" { w.changed.clone() } else { String::new() };
    let status = if refused { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK };
    let view = Page {
        title,
        said,
        faults: wanted.faults,
        picks: picks::Picks::load(&app, &ctx, &frame.words.common.any).await?,
        kinds: picks::kinds(&frame, &frame.words.common.any),
        states: picks::states(&frame, &w.in_book),
        rows: found.into_iter().map(|row| line(&frame, row)).collect(),
        next,
        filtered: !wanted.words.is_empty() || refused,
        may_register: frame.may(Action::ItemsRegister),
        may_change: frame.may(Action::ItemsChange),
        may_print: frame.may(Action::LabelsPrint),
        export: frame.address.with("as", "xlsx"),
        sorts: sorts(&frame),
        order: order.name(),
        asked,
        frame,
    };
    Ok(page(status, None, &view))
}

/// The number of the thing whose label was scanned into the search field.
async fn scanned(app: &App, ctx: &Ctx, text: &str) -> Result<Option<String>, ApiError> {
    if text.parse::<hufu_labels::code::LabelCode>().is_err() {
        return Ok(None);
    }
    let db = app.db().read();
    Ok(match labels::resolve(db, text).await? {
        Resolved::Current(Subject::Item(id)) | Resolved::Superseded(Subject::Item(id)) => store::by_id(db, id)
            .await?
            .filter(|thing| reach(ctx, Action::ItemsRead).covers(Some(thing.unit_id)))
            .map(|thing| thing.item_number),
        _ => None,
    })
}

fn sorts(frame: &Frame) -> Vec<(String, String)> {
    let w = &frame.words.items.list;
    let words = [&w.number, &w.name, &w.by_value, &w.by_newest];
    Order::ALL.iter().zip(words).map(|((name, _), text)| ((*name).to_owned(), text.clone())).collect()
}

fn title(frame: &Frame, words: &[String], counted: u64) -> String {
    let w = &frame.words.items.list;
    let many = if counted > COUNTED {
        w.more_than.replace("{count}", &thousands(COUNTED))
    } else {
        w.things.replace("{count}", &thousands(counted))
    };
    let mut parts = if words.is_empty() { vec![w.title.clone()] } else { words.to_vec() };
    parts.push(many);
    parts.join(" · ")
}

fn line(frame: &Frame, row: Listed) -> Row {
    Row {
        href: at(&row.item_number),
        unit_href: format!("/items?unit={}", row.unit_id),
        place_href: row.place_id.map(|id| format!("/items?place={id}")).unwrap_or_default(),
        keeper_href: row.keeper_id.map(|id| format!("/items?keeper={id}")).unwrap_or_default(),
        number: row.item_number,
        name: row.name,
        specification: row.specification,
        serial: row.serial_number,
        unit: row.unit,
        place: row.place.unwrap_or_default(),
        keeper: row.keeper.unwrap_or_default(),
        quantity: thousands(row.quantity.0.unsigned_abs()),
        state: picks::state_mark(frame, row.state),
        value: row.value_fen.to_string(),
        has_label: row.label.is_some(),
    }
}

/// All that is found, as a workbook.
async fn export(app: &App, frame: &Frame, mut search: Search) -> Result<Response, ApiError> {
    let mut rows: Vec<Listed> = Vec::new();
    loop {
        let some = search::list(app.db().read(), &search, STEP).await?;
        let full = some.len() as u64 == STEP;
        search.after = some.last().map(|row| row.number_key.clone());
        rows.extend(some);
        if !full || rows.len() as u64 >= SHEET_ROWS {
            break;
        }
    }
    let w = &frame.words.items.list;
    let head = [
        &w.number,
        &w.name,
        &w.specification,
        &w.serial,
        &w.unit,
        &w.place,
        &w.keeper,
        &w.quantity,
        &w.state,
        &w.value_yuan,
        &w.acquired,
        &w.label,
    ];
    let (head, name) = (head.map(Clone::clone), w.title.clone());
    let states: Vec<&'static str> = rows.iter().map(|row| picks::state_word(frame, row.state)).collect();
    let file = format!("{name}.xlsx");
    let bytes = tokio::task::spawn_blocking(move || {
        let head: Vec<&str> = head.iter().map(String::as_str).collect();
        parts::sheet(&name, &head, rows.into_iter().zip(states).map(|(row, state)| cells(row, state)))
    });
    Ok(parts::workbook(&file, bytes.await.map_err(|_| ApiError::Internal)??))
}

fn cells(row: Listed, state: &'static str) -> Vec<Cell> {
    #[expect(clippy::cast_precision_loss, reason = "a quantity is at most a thousand million")]
    let quantity = row.quantity.0 as f64;
    vec![
        row.item_number.into(),
        row.name.into(),
        row.specification.into(),
        row.serial_number.into(),
        row.unit.into(),
        row.place.unwrap_or_default().into(),
        row.keeper.unwrap_or_default().into(),
        Cell::Number(quantity),
        state.into(),
        Cell::Money(row.value_fen),
        row.acquired_on.map(|day| day.to_string()).unwrap_or_default().into(),
        row.label.unwrap_or_default().into(),
    ]
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page {
            frame, title, said, faults, asked, picks, kinds, states, rows, next, filtered, may_register, may_change,
            may_print, export, sorts, order,
        }
        Asked { q, unit, place, keeper, kind, state, sort, after, r#as, said }
        Row {
            href, number, name, specification, serial, unit, unit_href, place, place_href, keeper, keeper_href,
            quantity, state, value, has_label,
        }
    }
    renders! {
        items_list: Page,
    }
}
