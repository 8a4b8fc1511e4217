//! Many things at once: moved, handed over, put into another state, in one transaction; what was refused is told with
//! the reason.

use askama::Template;
use axum::Form;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{at, picks};
use crate::access::{Action, Forbidden, permit_somewhere, reach};
use crate::items::model::ItemState;
use crate::items::service::{self, Change};
use crate::items::{ItemError, store};
use crate::kernel::Ctx;
use crate::kernel::text::key;
use crate::org::Directory;
use crate::web::extract::Query;
use crate::web::pages::form::{Faults, own_page};
use crate::web::pages::parts::Mark;
use crate::web::pages::view::{Frame, show as page};
use crate::web::{ApiError, App, Caller};

/// Things that are changed at once at most.
const MOST: usize = 500;
const FIELDS: [&str; 5] = ["unit", "place", "keeper", "state", "reason"];

/// What is done to all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Deed {
    Move,
    HandOver,
    State,
}

impl Deed {
    fn named(name: &str) -> Result<Self, ApiError> {
        match name {
            "move" => Ok(Self::Move),
            "keeper" => Ok(Self::HandOver),
            "state" => Ok(Self::State),
            _ => Err(ApiError::NotFound("没有这个页面".to_owned())),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Move => "move",
            Self::HandOver => "keeper",
            Self::State => "state",
        }
    }
}

/// What was asked or typed.
#[derive(Debug, Default)]
struct Typed {
    deed: String,
    numbers: Vec<String>,
    back: String,
    unit: String,
    place: String,
    keeper: String,
    state: String,
    reason: String,
}

impl Typed {
    fn of(pairs: Vec<(String, String)>) -> Result<Self, ApiError> {
        let mut typed = Self { back: "/items".to_owned(), ..Self::default() };
        let mut known = hashbrown::HashSet::new();
        for (name, value) in pairs {
            match name.as_str() {
                "do" => typed.deed = value,
                "number" if known.insert(key(&value).into_owned()) => typed.numbers.push(value),
                "back" => typed.back = own_page(&value).to_owned(),
                "unit" => typed.unit = value,
                "place" => typed.place = value,
                "keeper" => typed.keeper = value,
                "state" => typed.state = value,
                "reason" => typed.reason = value,
                _ => {}
            }
        }
        if typed.numbers.len() > MOST {
            return Err(ApiError::Invalid { field: None, reason: format!("一次最多办理 {MOST} 件") });
        }
        Ok(typed)
    }
}

/// A thing that was chosen.
#[derive(Debug)]
struct Row {
    href: String,
    number: String,
    name: String,
    unit: String,
    place: String,
    keeper: String,
    state: Mark,
}

#[derive(Template)]
#[template(path = "items/many.html")]
struct Page {
    frame: Frame,
    title: String,
    deed: Deed,
    typed: Typed,
    faults: Faults,
    picks: picks::Picks,
    states: Vec<(String, String)>,
    rows: Vec<Row>,
}

#[derive(Template)]
#[template(path = "items/many_done.html")]
struct Done {
    frame: Frame,
    title: String,
    done: usize,
    /// Number, where it is, and why not.
    refused: Vec<(String, String, String)>,
    back: String,
}

pub(super) async fn show(
    State(app): State<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Vec<(String, String)>>,
    frame: Frame,
) -> Result<Response, ApiError> {
    form(&app, &ctx, frame, Typed::of(asked)?, Faults::default()).await
}

async fn form(app: &App, ctx: &Ctx, frame: Frame, typed: Typed, faults: Faults) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsChange)?;
    let deed = Deed::named(&typed.deed)?;
    let (db, right) = (app.db().read(), reach(ctx, Action::ItemsRead));
    let mut found = store::by_numbers(db, &typed.numbers).await?;
    let chosen = typed.numbers.iter().filter_map(|number| found.remove(key(number).as_ref()));
    let chosen: Vec<_> = chosen.filter(|thing| right.covers(Some(thing.unit_id))).collect();
    let places: Vec<_> = chosen.iter().filter_map(|thing| thing.place_id).collect();
    let people: Vec<_> = chosen.iter().filter_map(|thing| thing.keeper_id).collect();
    let directory = Directory::load_some(db, &places, &people).await?;
    let w = &frame.words.items.many;
    let words = match deed {
        Deed::Move => &w.title_move,
        Deed::HandOver => &w.title_keeper,
        Deed::State => &w.title_state,
    };
    let rows: Vec<Row> = chosen
        .into_iter()
        .map(|thing| Row {
            href: at(&thing.item_number),
            unit: directory.unit_name(thing.unit_id).to_owned(),
            place: directory.place_name(thing.place_id).to_owned(),
            keeper: directory.person_name(thing.keeper_id).to_owned(),
            state: picks::state_mark(&frame, thing.state),
            number: thing.item_number,
            name: thing.name,
        })
        .collect();
    let status = if faults == Faults::default() { StatusCode::OK } else { StatusCode::UNPROCESSABLE_ENTITY };
    let view = Page {
        title: words.replace("{count}", &rows.len().to_string()),
        deed,
        picks: picks::Picks::load(app, ctx, &w.same_unit).await?,
        states: picks::states(&frame, &w.choose),
        typed,
        faults,
        rows,
        frame,
    };
    Ok(page(status, None, &view))
}

pub(super) async fn take(
    State(app): State<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(pairs): Form<Vec<(String, String)>>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::ItemsChange)?;
    let typed = Typed::of(pairs)?;
    let change = match change(&app, &ctx, &frame, &typed).await? {
        Ok(change) => change,
        Err(faults) => return form(&app, &ctx, frame, typed, faults).await,
    };
    let (asker, numbers, reason) = (ctx.clone(), typed.numbers.clone(), typed.reason.trim().to_owned());
    let outcome =
        app.write(move |db| async move { service::change_many(&db, &asker, &numbers, &change, &reason).await }).await;
    let outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return form(&app, &ctx, frame, typed, picks::refused(error, &FIELDS)?).await,
    };
    // Wrong for every one of them: it is the form that is wrong.
    if let ([], Some((_, ItemError::Field { field, reason }))) = (outcome.done.as_slice(), outcome.refused.first()) {
        let faults = picks::refused(ApiError::invalid(field, reason.clone()), &FIELDS)?;
        return form(&app, &ctx, frame, typed, faults).await;
    }
    let w = &frame.words.items.many;
    let title = if outcome.refused.is_empty() { &w.all_done } else { &w.some_done };
    let title = title.replace("{done}", &outcome.done.len().to_string());
    let view = Done {
        title: title.replace("{refused}", &outcome.refused.len().to_string()),
        done: outcome.done.len(),
        refused: outcome
            .refused
            .into_iter()
            .map(|(number, why)| (at(&number), number.clone(), said(&number, why)))
            .collect(),
        back: typed.back,
        frame: frame.once(),
    };
    Ok(page(StatusCode::OK, None, &view))
}

/// Why a thing was left as it was; one that is out of sight is not there.
fn said(number: &str, why: ItemError) -> String {
    match why {
        ItemError::Forbidden(Forbidden::OutOfScope) => ItemError::NotFound(number.to_owned()).to_string(),
        why => why.to_string(),
    }
}

/// What is to become different.
async fn change(app: &App, ctx: &Ctx, frame: &Frame, typed: &Typed) -> Result<Result<Change, Faults>, ApiError> {
    let w = &frame.words.items.many;
    let mut change = Change::default();
    if typed.numbers.is_empty() {
        return Ok(Err(Faults::at("", w.none_chosen.clone())));
    }
    match Deed::named(&typed.deed)? {
        Deed::Move => {
            change.unit = picks::unit(&typed.unit)?;
            match picks::place(app, ctx, frame, &typed.place).await? {
                Ok(Some(place)) => change.place = Some(Some(place.id)),
                Ok(None) if change.unit.is_none() => return Ok(Err(Faults::at("place", w.place_missing.clone()))),
                Ok(None) => {}
                Err(text) => return Ok(Err(Faults::at("place", text))),
            }
        }
        Deed::HandOver => match picks::person(app, ctx, frame, &typed.keeper).await? {
            Ok(Some(person)) => change.keeper = Some(Some(person.id)),
            Ok(None) => return Ok(Err(Faults::at("keeper", w.keeper_missing.clone()))),
            Err(text) => return Ok(Err(Faults::at("keeper", text))),
        },
        Deed::State => match typed.state.parse::<ItemState>() {
            Ok(state) => change.state = Some(state),
            Err(_) => return Ok(Err(Faults::at("state", w.state_missing.clone()))),
        },
    }
    if typed.reason.trim().is_empty() {
        return Ok(Err(Faults::at("reason", w.reason_missing.clone())));
    }
    Ok(Ok(change))
}

#[cfg(test)]
mod samples {
    use super::*;
    use crate::web::pages::samples::{Fill, Sample, renders, samples};

    impl Sample for Deed {
        fn sample(fill: &mut Fill) -> Self {
            [Self::Move, Self::HandOver, Self::State][fill.turn() % 3]
        }
    }

    samples! {
        Page { frame, title, deed, typed, faults, picks, states, rows }
        Typed { deed, numbers, back, unit, place, keeper, state, reason }
        Row { href, number, name, unit, place, keeper, state }
        Done { frame, title, done, refused, back }
    }
    renders! {
        items_many: Page,
        items_many_done: Done,
    }
}
