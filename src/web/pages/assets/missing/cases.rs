//! What is missing: counts by year and unit, what was found again, the lists sent down, and the cases.

use std::collections::BTreeMap;

use axum::Form;
use axum::extract::State as Extract;
use axum::response::Response;

use super::{state_mark, states};
use crate::access::{Action, permit_somewhere};
use crate::assets::missing::sending::{self, SendDown};
use crate::assets::missing::store::{self, Case, Tally, Wanted};
use crate::db::order::By;
use crate::kernel::Ctx;
use crate::kernel::ids::{MissingCaseId, UnitId};
use crate::kernel::text::thousands;
use crate::stocktake::entity::missing_case::Column;
use crate::stocktake::model::MissingState;
use crate::web::extract::Query;
use crate::web::pages::admin::board::{Block, Board, Field, Form as Sheet, Step, Table, Td};
use crate::web::pages::admin::shared::{Typed, to};
use crate::web::pages::duties::names::Names;
use crate::web::pages::form::Faults;
use crate::web::pages::items::{at, picks};
use crate::web::pages::parts::{self, Cell, PAGE, SHEET_ROWS, cut, order};
use crate::web::pages::view::Frame;
use crate::web::{ApiError, App, Caller};

const FIELDS: [&str; 4] = ["list_year", "unit", "due_on", "note"];
/// Lists that the page shows.
const MOST_LISTS: u64 = 20;
/// Days that a unit has to search, unless whoever sends the list says otherwise.
const DAYS: u64 = 30;

/// What the list can be sorted by.
const WAYS: [(&str, By<Column>); 4] = [
    ("number", By::Of(Column::ItemId, "items", "number_key")),
    ("name", By::Of(Column::ItemId, "items", "name")),
    ("state", By::Full(Column::State)),
    ("year", By::Full(Column::ListYear)),
];

fn wanted(asked: &Typed) -> Result<Wanted, ApiError> {
    let known = |name: &str| ApiError::invalid(name, format!("筛选条件“{}”无效", asked.get(name)));
    let state = match asked.get("state") {
        "" => None,
        name => Some(MissingState::by_name(name).ok_or_else(|| known("state"))?),
    };
    let list_year = match asked.get("year") {
        "" => None,
        text => Some(text.parse().map_err(|_| known("year"))?),
    };
    Ok(Wanted {
        state,
        list_year,
        unit: asked.id("unit"),
        item: None,
        list: None,
        unsent: asked.get("unsent") == "yes",
        explained: false,
        after: asked.id::<MissingCaseId>("after"),
    })
}

pub(super) async fn show(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    Query(asked): Query<Typed>,
    frame: Frame,
) -> Result<Response, ApiError> {
    page(&app, &ctx, frame, &asked, &Typed::default(), &Faults::default()).await
}

async fn page(
    app: &App,
    ctx: &Ctx,
    frame: Frame,
    asked: &Typed,
    typed: &Typed,
    faults: &Faults,
) -> Result<Response, ApiError> {
    permit_somewhere(ctx, Action::ItemsRead)?;
    let (db, wanted) = (app.db().read(), wanted(asked)?);
    let w = &frame.words.losses.list;
    let sheet = asked.get("as") == "xlsx";
    let order = order(&frame, &WAYS, wanted.after.filter(|_| !sheet).map(Into::into));
    if sheet {
        let rows = match &order {
            Some(order) => store::sorted(db, ctx, &wanted, order, SHEET_ROWS).await?,
            None => store::list(db, ctx, &Wanted { after: None, ..wanted }, SHEET_ROWS).await?,
        };
        return export(app, ctx, &frame, &rows, &w.heading).await;
    }
    let mut rows = match &order {
        Some(order) => store::sorted(db, ctx, &wanted, order, PAGE + 1).await?,
        None => store::list(db, ctx, &wanted, PAGE + 1).await?,
    };
    let next = cut(&mut rows, PAGE, |one| one.case.id.to_string());
    let tallies = store::tallies(db, ctx).await?;
    let names = Names::of(db, [], []).await?;
    let leads = store::leads(db, &rows.iter().map(|one| one.thing.id).collect::<Vec<_>>()).await?;
    let mut table =
        Table::new(&[&w.number, &w.thing, &w.state, &w.unit, &w.year, &format!("#{}", w.value)].map(String::as_str));
    table.rows =
        rows.iter().map(|one| line(&frame, &names, one, leads.get(&one.thing.id).map_or("", String::as_str))).collect();
    (table.next, table.paged, table.sorts) = (next, true, &[(0, "number"), (1, "name"), (2, "state"), (4, "year")]);
    table.empty = ("zoom-question", w.none.clone(), w.none_help.clone(), String::new(), String::new());
    let count = |states: &[MissingState]| {
        let of: i64 = tallies.iter().filter(|one| states.contains(&one.state)).map(|one| one.cases).sum();
        thousands(of.unsigned_abs())
    };
    let title = w.title.replace("{searching}", &count(&[MissingState::Searching]));
    let title = title.replace("{pending}", &count(&[MissingState::Confirmed, MissingState::Approved]));
    let mut blocks = vec![Block { table: Some(table), ..Block::default() }];
    if wanted.after.is_none() {
        if !tallies.is_empty() {
            blocks.insert(0, figures(&frame, &names, &tallies));
        }
        blocks.push(recovered(app, ctx, &frame).await?);
        blocks.push(lists(app, ctx, &frame, &names).await?);
        blocks.push(send_form(ctx, &frame, &names, &tallies, typed, faults));
    }
    let years: Vec<(String, String)> =
        years(&tallies).into_iter().map(|year| (year.to_string(), year.to_string())).collect();
    let filters = vec![
        Field::filter_of(&frame, "state", &w.state, states(&frame)),
        Field::filter_of(&frame, "year", &w.year, years),
        Field::filter_of(&frame, "unit", &w.unit, names.units_within(ctx, Action::ItemsRead)),
        Field::filter_of(&frame, "unsent", &w.sent, vec![("yes".to_owned(), w.unsent.clone())]),
    ];
    let go = |text: &String, href: String, file| Step { text: text.clone(), href, file, ..Step::default() };
    let steps = vec![
        go(&frame.words.common.export, frame.address.with("as", "xlsx"), true),
        go(&w.procedure, "/assets/missing/procedure".to_owned(), false),
        go(&w.surpluses, "/assets/surpluses".to_owned(), false),
    ];
    let said = if asked.get("said") == "sent" { w.said_sent.clone() } else { String::new() };
    let lead = w.lead.clone();
    Ok(Board { lead, said, filters, steps, blocks, ..Board::new(frame, title) }.answer())
}

fn years(tallies: &[Tally]) -> Vec<i64> {
    let mut years: Vec<i64> = tallies.iter().map(|one| one.list_year).collect();
    years.sort_unstable_by(|a, b| b.cmp(a));
    years.dedup();
    years
}

fn line(frame: &Frame, names: &Names, one: &Case, lead: &str) -> Vec<Td> {
    let (thing, mark) = (&one.thing, state_mark(frame, one.standing));
    let lead = if one.case.state.is_open() { lead } else { "" };
    vec![
        Td { class: "mono", ..Td::link(thing.item_number.clone(), format!("/assets/missing/{}", one.case.id)) },
        Td::link(format!("{} {}", thing.name, thing.specification).trim(), at(&thing.item_number)).because(lead),
        Td::mark(mark.look, mark.text),
        names.unit(Some(one.loss.unit_id)).into(),
        one.case.list_year.to_string().into(),
        Td::num(thing.value_fen.to_string(), ""),
    ]
}

/// How many by year and unit, each number with the way to its lines.
fn figures(frame: &Frame, names: &Names, tallies: &[Tally]) -> Block {
    let w = &frame.words.losses.list;
    let mut by: BTreeMap<(i64, UnitId), Vec<&Tally>> = BTreeMap::new();
    for one in tallies {
        by.entry((-one.list_year, one.unit_id)).or_default().push(one);
    }
    let words = states(frame);
    let mut heads = vec![w.year.clone(), w.unit.clone()];
    heads.extend(words.iter().map(|(_, word)| format!("#{word}")));
    heads.push(format!("#{}", w.cases));
    heads.push(format!("#{}", w.value));
    let mut table = Table::new(&heads.iter().map(String::as_str).collect::<Vec<_>>());
    for ((year, unit), of) in by {
        let year = -year;
        let href = |state: &str| format!("/assets/missing?year={year}&unit={unit}&state={state}");
        let mut row = vec![Td::from(w.year_of.replace("{year}", &year.to_string())), names.unit(Some(unit)).into()];
        for (state, _) in &words {
            let many: i64 = of.iter().filter(|one| one.state.as_str() == state).map(|one| one.cases).sum();
            row.push(if many == 0 { Td::num("—", "") } else { Td::num(thousands(many.unsigned_abs()), href(state)) });
        }
        let many: i64 = of.iter().map(|one| one.cases).sum();
        row.push(Td::num(thousands(many.unsigned_abs()), href("")));
        let worth = crate::kernel::Fen(of.iter().map(|one| one.value_fen.0).sum());
        row.push(Td::num(worth.to_string(), ""));
        table.rows.push(row);
    }
    Block { title: w.figures.clone(), notes: vec![w.figures_help.clone()], table: Some(table), ..Block::default() }
}

async fn recovered(app: &App, ctx: &Ctx, frame: &Frame) -> Result<Block, ApiError> {
    let w = &frame.words.losses.list;
    let rows = store::recovered(app.db().read(), ctx).await?;
    let told = |one: &store::Recovered| {
        let text = w.recovered_line.replace("{found}", &one.found_year.to_string());
        let text = text.replace("{list}", &one.list_year.to_string()).replace("{things}", &thousands(one.things));
        text.replace("{counted}", &thousands(one.by_count))
    };
    let notes = if rows.is_empty() { vec![w.recovered_none.clone()] } else { rows.iter().map(told).collect() };
    Ok(Block { title: w.recovered.clone(), notes, ..Block::default() })
}

async fn lists(app: &App, ctx: &Ctx, frame: &Frame, names: &Names) -> Result<Block, ApiError> {
    let (w, p) = (&frame.words.losses.list, &frame.words.losses.list_page);
    let mut table =
        Table::new(&[&p.facts, &w.year, &w.unit, &format!("#{}", p.count), &w.due_on, &w.state].map(String::as_str));
    for row in store::lists(app.db().read(), ctx, None, false, MOST_LISTS).await? {
        let state = match row.acknowledged_at {
            Some(at) => Td::mark("good", w.acknowledged.clone()).because(at.day().to_string()),
            None => Td::mark("ask", w.waits.clone()),
        };
        table.rows.push(vec![
            Td { class: "mono", ..Td::link(row.number.clone(), format!("/assets/missing/lists/{}", row.number)) },
            row.list_year.to_string().into(),
            names.unit(Some(row.unit_id)).into(),
            Td::num(thousands(row.line_count.unsigned_abs()), ""),
            row.due_on.to_string().into(),
            state,
        ]);
    }
    table.empty.1.clone_from(&w.lists_none);
    Ok(Block { title: w.lists.clone(), table: Some(table), ..Block::default() })
}

fn send_form(ctx: &Ctx, frame: &Frame, names: &Names, tallies: &[Tally], typed: &Typed, faults: &Faults) -> Block {
    let w = &frame.words.losses.list;
    let why = if frame.may(Action::LossesSend) { String::new() } else { w.not_centre.clone() };
    let searched: Vec<Tally> = tallies.iter().filter(|one| one.state == MissingState::Searching).cloned().collect();
    let years =
        years(&searched).into_iter().map(|year| (year.to_string(), w.year_of.replace("{year}", &year.to_string())));
    let mut units = names.units_within(ctx, Action::LossesSend);
    units.insert(0, (String::new(), w.send_all.clone()));
    let due = match typed.get("due_on") {
        "" => (ctx.now().day() + chrono::Days::new(DAYS)).to_string(),
        day => day.to_owned(),
    };
    let fields = vec![
        Field::choice("list_year", &w.year, years.collect(), typed.get("list_year"), faults),
        Field::choice("unit", &w.unit, units, typed.get("unit"), faults),
        Field::input("due_on", &w.due_on, "date", &due, faults),
        Field::text("note", &w.note, typed.get("note"), faults),
    ];
    let form = Sheet {
        action: "/assets/missing/send".to_owned(),
        fields: if why.is_empty() { fields } else { Vec::new() },
        submit: w.send_submit.clone(),
        general: faults.general().to_owned(),
        why,
        ..Sheet::default()
    };
    Block { title: w.send.clone(), notes: vec![w.send_help.clone()], form: Some(form), ..Block::default() }
}

pub(super) async fn send(
    Extract(app): Extract<App>,
    Caller(ctx): Caller,
    frame: Frame,
    Form(typed): Form<Typed>,
) -> Result<Response, ApiError> {
    permit_somewhere(&ctx, Action::LossesSend)?;
    let refuse = async |frame: Frame, faults: Faults| page(&app, &ctx, frame, &Typed::default(), &typed, &faults).await;
    let Ok(due_on) = typed.get("due_on").parse() else {
        let faults = Faults::at("due_on", frame.words.admin.shared.bad_day.clone());
        return refuse(frame, faults).await;
    };
    let units = picks::unit(typed.get("unit"))?.into_iter().collect();
    let list_year = typed.get("list_year").parse().unwrap_or_default();
    let new = SendDown { list_year, units, due_on, note: typed.get("note").to_owned() };
    let sender = ctx.clone();
    match app.write(move |db| async move { sending::send_down(&db, &sender, &new).await }).await {
        Ok(_) => Ok(to("/assets/missing", "sent")),
        Err(error) => {
            let faults = picks::refused(error, &FIELDS)?;
            refuse(frame, faults).await
        }
    }
}

/// Cases as a workbook to take away.
pub(super) async fn export(
    app: &App,
    ctx: &Ctx,
    frame: &Frame,
    rows: &[Case],
    name: &str,
) -> Result<Response, ApiError> {
    let (w, p, db) = (&frame.words.losses.list, &frame.words.losses.list_page, app.db().read());
    let things: Vec<_> = rows.iter().map(|one| one.thing.id).collect();
    let leads = store::leads(db, &things).await?;
    let places: Vec<_> = rows.iter().filter_map(|one| one.thing.place_id).collect();
    let people: Vec<_> = rows.iter().filter_map(|one| one.thing.keeper_id).collect();
    let names = crate::org::Directory::load_some(db, &places, &people).await?;
    let o = &frame.words.losses.one;
    let head =
        [&w.number, &w.thing, &w.unit, &o.place, &o.who, &w.year, &w.state, &w.value, &p.lead_col, &o.explanation];
    let head: Vec<String> = head.into_iter().cloned().collect();
    let cells: Vec<Vec<Cell>> = rows
        .iter()
        .map(|one| {
            let thing = &one.thing;
            vec![
                thing.item_number.clone().into(),
                format!("{} {}", thing.name, thing.specification).trim().to_owned().into(),
                names.unit_name(one.loss.unit_id).into(),
                names.place_name(thing.place_id).into(),
                names.person_name(thing.keeper_id).into(),
                one.case.list_year.to_string().into(),
                state_mark(frame, one.standing).text.into(),
                Cell::Money(thing.value_fen),
                leads.get(&thing.id).cloned().unwrap_or_default().into(),
                one.loss.explanation.clone().into(),
            ]
        })
        .collect();
    parts::taken_away_as((&w.heading, name), ctx.now().day(), head, cells).await
}
