//! The card of a thing: its facts and label, what happened to it, what is open and what may be done now.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use serde::Deserialize;

use super::change::Typed;
use super::{at, files, picks, seen, timeline};
use crate::access::{Action, permit};
use crate::findings::store as findings;
use crate::items::entity::item;
use crate::items::store;
use crate::kernel::Ctx;
use crate::kernel::text::thousands;
use crate::org::Directory;
use crate::web::extract::{Path, Query};
use crate::web::pages::assets::cards::{Asset, asset};
use crate::web::pages::form::{Faults, in_query};
use crate::web::pages::parts::Mark;
use crate::web::pages::stocktake::photos;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// Open findings that are named.
const FINDINGS: u64 = 10;

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Asked {
    after: String,
    said: String,
}

/// What the card says of the thing.
#[derive(Debug)]
struct Facts {
    number: String,
    name: String,
    kind: String,
    specification: String,
    serial: String,
    brand: String,
    class: String,
    unit: String,
    unit_href: String,
    place: String,
    place_href: String,
    keeper: String,
    keeper_href: String,
    quantity: String,
    state: Mark,
    document: String,
    value: String,
    acquired: String,
}

/// The label as it is.
#[derive(Debug)]
struct Label {
    code: String,
    href: String,
    picture: String,
    printed: String,
}

#[derive(Template)]
#[template(path = "items/card.html")]
struct Page {
    frame: Frame,
    title: String,
    said: String,
    here: String,
    facts: Facts,
    label: Option<Label>,
    print: String,
    /// Where a document is begun that moves it.
    move_it: String,
    steps: Vec<timeline::Step>,
    next: String,
    findings: Vec<(String, String, Mark)>,
    photo: String,
    seen: Vec<photos::Photo>,
    files: Vec<files::Kept>,
    typed: Typed,
    faults: Faults,
    picks: picks::Picks,
    states: Vec<(String, String)>,
    /// Why it cannot be changed now; blank when it can.
    cannot: String,
    may_print: bool,
    journal: String,
    /// Its card in the ledger of fixed assets.
    asset: Option<Asset>,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Path(number): Path<String>,
    Query(asked): Query<Asked>,
    frame: Frame,
) -> Result<Response, ApiError> {
    let thing = seen(&app, &ctx, &number).await?;
    let typed = Typed::of(&app, &thing).await?;
    card(&app, &ctx, frame, thing, asked, (typed, Faults::default())).await
}

/// The card, with what was typed into its form.
pub(super) async fn card(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    thing: item::Model,
    asked: Asked,
    (typed, faults): (Typed, Faults),
) -> Result<Response, ApiError> {
    let db = app.db().read();
    let w = &frame.words.items.card;
    let before = if asked.after.is_empty() { Ok(i64::MAX) } else { asked.after.parse() };
    let before = before.map_err(|_| ApiError::NotFound("没有这个地址".to_owned()))?;
    let (steps, next) = timeline::steps(db, &frame, thing.id, before).await?;
    let directory = Directory::load_some(db, &Vec::from_iter(thing.place_id), &Vec::from_iter(thing.keeper_id)).await?;
    let here = at(&thing.item_number);
    let label = store::current_labels(db, &[thing.id.0]).await?.remove(&thing.id.0).map(|label| Label {
        href: format!("/labels/{}", label.code),
        picture: format!("{here}/label.svg"),
        printed: label.printed_at.map(|at| at.day().to_string()).unwrap_or_default(),
        code: label.code,
    });
    let said = match asked.said.as_str() {
        "changed" => w.said_changed.clone(),
        "registered" => w.said_registered.clone(),
        "claimed" => w.said_claimed.clone(),
        "attached" => w.said_attached.clone(),
        "withdrawn" => w.said_withdrawn.clone(),
        _ => String::new(),
    };
    let cannot = if permit(ctx, Action::ItemsChange, Some(thing.unit_id)).is_err() {
        frame.words.items.list.no_change.clone()
    } else if thing.state.is_gone() {
        w.gone.clone()
    } else {
        String::new()
    };
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let files = files::kept(app, &frame, &thing).await?;
    let seen = photos::of_item(app, ctx, &frame, thing.id).await?;
    let photo = files.iter().find(|file| file.is_picture && file.withdrawn.is_empty());
    let journal = format!("/journal?subject={}", in_query(&thing.item_number));
    let place = directory.place_name(thing.place_id);
    let state = picks::state_word(&frame, thing.state);
    let view = Page {
        title: [thing.name.as_str(), state, place]
            .into_iter()
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join(" · "),
        said,
        print: format!("/labels/print?number={}", in_query(&thing.item_number)),
        move_it: format!("/assets/movements/new?number={}", in_query(&thing.item_number)),
        label,
        steps,
        next,
        findings: open_findings(app, ctx, &frame, &thing).await?,
        photo: photo.map(|file| format!("{}?show=yes", file.href)).unwrap_or_default(),
        seen,
        files,
        typed,
        faults,
        picks: picks::Picks::load(app, ctx, "—").await?,
        states: picks::states(&frame, "—").split_off(1),
        cannot,
        may_print: permit(ctx, Action::LabelsPrint, Some(thing.unit_id)).is_ok(),
        journal: if frame.may(Action::JournalRead) { journal } else { String::new() },
        asset: asset(app, ctx, &frame, &thing).await?,
        facts: facts(&frame, &directory, thing),
        here,
        frame,
    };
    Ok(page(status, None, &view))
}

fn facts(frame: &Frame, directory: &Directory, thing: item::Model) -> Facts {
    let class = [thing.class_code.as_str(), &thing.class_name].into_iter().filter(|part| !part.is_empty());
    Facts {
        kind: picks::kind_word(frame, thing.kind).to_owned(),
        class: class.collect::<Vec<_>>().join(" "),
        unit: directory.unit_name(thing.unit_id).to_owned(),
        unit_href: format!("/items?unit={}", thing.unit_id),
        place: directory.place_name(thing.place_id).to_owned(),
        place_href: thing.place_id.map(|id| format!("/items?place={id}")).unwrap_or_default(),
        keeper: directory.person_name(thing.keeper_id).to_owned(),
        keeper_href: thing.keeper_id.map(|id| format!("/items?keeper={id}")).unwrap_or_default(),
        quantity: format!("{} {}", thousands(thing.quantity.0.unsigned_abs()), thing.measure_unit),
        state: picks::state_mark(frame, thing.state),
        document: thing.excused_by.unwrap_or_default(),
        value: thing.value_fen.to_string(),
        acquired: thing.acquired_on.map(|day| day.to_string()).unwrap_or_default(),
        number: thing.item_number,
        name: thing.name,
        specification: thing.specification,
        serial: thing.serial_number,
        brand: thing.brand,
    }
}

async fn open_findings(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    thing: &item::Model,
) -> Result<Vec<(String, String, Mark)>, ApiError> {
    if !frame.may(Action::FindingsRead) {
        return Ok(Vec::new());
    }
    let open = findings::open_of_item(app.db().read(), ctx, thing.id, FINDINGS).await?;
    let now = ctx.now();
    let line = |row: crate::findings::entity::finding::Model| {
        let look = if row.deadline_at < now { "bad" } else { "warn" };
        let state = frame.either(row.state.zh(), crate::web::pages::duties::state_name(row.state)).to_owned();
        (format!("/findings/{}", row.id.0), row.title, Mark::new(look, state))
    };
    Ok(open.into_iter().map(line).collect())
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{renders, samples};

    samples! {
        Page {
            frame, title, said, here, facts, label, print, move_it, steps, next, findings, photo, seen, files, typed,
            faults, picks, states, cannot, may_print, journal, asset,
        }
        Facts {
            number, name, kind, specification, serial, brand, class, unit, unit_href, place, place_href, keeper,
            keeper_href, quantity, state, document, value, acquired,
        }
        Label { code, href, picture, printed }
    }
    renders! {
        items_card: Page,
    }
}
